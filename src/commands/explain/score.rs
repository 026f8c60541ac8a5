//! Why a lead has its score: the ledger of one person, told from the tables of a run.

use super::plain;
use super::run_folder::{Crossing, ModelReport, RunFolder};
use crate::cli::ExplainArgs;
use anyhow::Result;
use leadmend::error::Result as Checked;
use leadmend::schema::Role;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A row of a table, by header.
type Row = BTreeMap<String, String>;

/// A lead explained.
#[derive(Debug, Serialize)]
pub(super) struct Explained {
    pub(super) person_id: String,
    pub(super) name: String,
    pub(super) records: Vec<Member>,
    pub(super) may_email: String,
    pub(super) may_phone: String,
    pub(super) consent_reason: String,
    /// What the run would have done with the lead.
    pub(super) action: String,
    pub(super) scores: Vec<Scored>,
}

/// A record of the lead.
#[derive(Debug, Serialize)]
pub(super) struct Member {
    pub(super) record: String,
    pub(super) survives: bool,
    pub(super) probability: f64,
    pub(super) reason: String,
}

/// What one model says.
#[derive(Debug, Serialize)]
pub(super) struct Scored {
    pub(super) model: String,
    pub(super) score: String,
    pub(super) band: String,
    pub(super) action: String,
    /// How the action reaches a lead: `phone`, `email`, `other`; empty when it is not known.
    pub(super) channel: String,
    pub(super) best_part: String,
    pub(super) best_part_band: String,
    pub(super) sum_of_parts: String,
    pub(super) change: String,
    pub(super) reason: String,
    pub(super) ledger: Vec<Line>,
    pub(super) drops: Vec<Cause>,
}

/// A line of the ledger.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub(super) component: String,
    pub(super) rule: String,
    /// What people call the rule.
    pub(super) title: String,
    /// Whether the line is one of the score, and not of another component.
    pub(super) in_score: bool,
    pub(super) fact: String,
    pub(super) record: String,
    pub(super) points: String,
}

/// Why the lead is below its best part.
#[derive(Debug, Serialize)]
pub(super) struct Cause {
    pub(super) cause: String,
    /// Whether it is the score that is below its best part, and not another component.
    pub(super) in_score: bool,
    pub(super) rule: String,
    pub(super) title: String,
    pub(super) fact: String,
    pub(super) points: String,
}

/// Explains the score of the lead that the first name calls.
pub fn explain(folder: &RunFolder, args: &ExplainArgs) -> Result<()> {
    let crossings = folder.look_up(&args.left)?;
    let explained = gather(folder, &crossings)?;
    let text = match (args.json, args.plain) {
        (true, _) => serde_json::to_string_pretty(&explained)? + "\n",
        (_, true) => plain::text(&explained),
        _ => full(&explained),
    };
    super::show(&text)
}

fn gather(folder: &RunFolder, crossings: &[Crossing]) -> Checked<Explained> {
    let person_id = crossings.first().map(|c| c.person_id.clone()).unwrap_or_default();
    let of_person = |file: &str| folder.rows(file, b',', "person_id", &person_id);
    let (ledger, drops) = (of_person("ledger.csv")?, of_person("drops.csv")?);
    let lead = folder.lead(&person_id)?;
    let scores = of_person("scores.csv")?;
    Ok(Explained {
        name: name_of_lead(folder, &lead),
        records: crossings.iter().map(member).collect(),
        may_email: cell(&lead, "leadmend_may_email"),
        may_phone: cell(&lead, "leadmend_may_phone"),
        consent_reason: cell(&lead, "leadmend_consent_reason"),
        scores: scores.iter().map(|row| scored(folder, row, &ledger, &drops)).collect(),
        action: cell(&lead, "leadmend_action"),
        person_id,
    })
}

fn cell(row: &Row, header: &str) -> String {
    // On one line.
    let cell = row.get(header).map_or("", String::as_str);
    cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn member(crossing: &Crossing) -> Member {
    let survives = crossing.is_record(&crossing.surviving_id);
    Member {
        record: crossing.label.clone(),
        survives,
        probability: crossing.probability,
        reason: crossing.reason.clone(),
    }
}

/// The name in the lead's own columns, else its e-mail, else nothing.
fn name_of_lead(folder: &RunFolder, lead: &Row) -> String {
    let of = |roles: &[Role]| -> String {
        let cells = roles.iter().flat_map(|role| {
            let role = role.to_string();
            let columns = folder.report.columns.iter().filter(move |c| c.role == role);
            columns.take(1).map(|c| cell(lead, &c.header))
        });
        cells.filter(|c| !c.is_empty()).collect::<Vec<_>>().join(" ")
    };
    let choices = [
        of(&[Role::FullName]),
        of(&[Role::GivenName, Role::FamilyName]),
        of(&[Role::Company]),
        of(&[Role::Email]),
    ];
    choices.into_iter().find(|name| !name.trim().is_empty()).unwrap_or_default()
}

fn scored(folder: &RunFolder, row: &Row, ledger: &[Row], drops: &[Row]) -> Scored {
    let model = cell(row, "model");
    let unknown = ModelReport::default();
    let words = folder.report.scores.iter().find(|s| s.model == model).unwrap_or(&unknown);
    let of_model = |r: &&Row| cell(r, "model") == model;
    Scored {
        ledger: ledger
            .iter()
            .filter(of_model)
            .map(|line| Line {
                component: cell(line, "component"),
                rule: cell(line, "rule"),
                title: words.title(&cell(line, "rule")),
                in_score: words.in_score(&cell(line, "component")),
                fact: cell(line, "fact"),
                record: cell(line, "record_id"),
                points: cell(line, "points"),
            })
            .collect(),
        drops: drops
            .iter()
            .filter(of_model)
            .map(|cause| Cause {
                cause: cell(cause, "cause"),
                in_score: words.primary.as_ref().is_none_or(|p| *p == cell(cause, "component")),
                rule: cell(cause, "rule"),
                title: words.title(&cell(cause, "rule")),
                fact: cell(cause, "fact"),
                points: cell(cause, "points"),
            })
            .collect(),
        score: cell(row, "score"),
        band: cell(row, "band"),
        action: cell(row, "action"),
        channel: words
            .bands
            .iter()
            .find(|b| b.band == cell(row, "band"))
            .map_or_else(String::new, |b| b.channel.clone()),
        best_part: cell(row, "best_part"),
        best_part_band: cell(row, "best_part_band"),
        sum_of_parts: cell(row, "sum_of_parts"),
        change: cell(row, "change"),
        reason: cell(row, "reason"),
        model,
    }
}

/// What a lead is called in a sentence.
pub(super) fn called(e: &Explained) -> &str {
    if e.name.is_empty() { &e.person_id } else { &e.name }
}

/// What the band asks for: its action, else its name.
pub(super) fn what_to_do(s: &Scored) -> String {
    match (s.action.as_str(), s.band.as_str()) {
        ("", "") => "no action".into(),
        ("", band) => format!("band {band}"),
        (action, _) => action.into(),
    }
}

pub(super) fn yes_or_no(cell: &str) -> &str {
    match cell {
        "true" => "yes",
        "false" => "no",
        other => other,
    }
}

pub(super) fn signed(points: &str) -> String {
    if points.starts_with(['-', '+']) { points.into() } else { format!("+{points}") }
}

pub(super) fn count(number: usize) -> String {
    if number == 1 { "1 record".into() } else { format!("{number} records") }
}

fn full(e: &Explained) -> String {
    let mut text = format!("{} ({}, {})\n", called(e), e.person_id, count(e.records.len()));
    for s in &e.scores {
        push_score(s, e.records.len(), &mut text);
    }
    if e.scores.is_empty() {
        text += "The run gave no scores.\n";
    }
    text += "\nRecords\n";
    for r in &e.records {
        let mark = if r.survives { "survives" } else { "" };
        let prob = if e.records.len() == 1 {
            "alone".to_string()
        } else {
            format!("{:.1} %", r.probability * 100.0)
        };
        let line = format!("  {:<16} {mark:<8} {prob:>7}  {}", r.record, r.reason);
        text += line.trim_end();
        text.push('\n');
    }
    if !e.may_email.is_empty() || !e.may_phone.is_empty() {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "\nMay be e-mailed: {}; may be phoned: {}. {}",
            yes_or_no(&e.may_email),
            yes_or_no(&e.may_phone),
            e.consent_reason
        );
    }
    text
}

fn push_score(s: &Scored, records: usize, text: &mut String) {
    // Writing to a String cannot fail, here and below.
    if s.score.is_empty() {
        let _ = writeln!(text, "\nModel {}: not scored, {}", s.model, s.reason);
        return;
    }
    let band = if s.band.is_empty() { "no band" } else { &s.band };
    let action = if s.action.is_empty() { "no action" } else { &s.action };
    let _ = writeln!(text, "\nModel {}: {} points, band {band}, {action}", s.model, s.score);
    let mut component = "";
    let wide = |get: fn(&Line) -> &String, most: usize| {
        s.ledger.iter().map(|l| get(l).chars().count()).max().unwrap_or(0).min(most)
    };
    let (rule, fact) = (wide(|l| &l.rule, 24), wide(|l| &l.fact, 48));
    for line in &s.ledger {
        if line.component != component {
            component = &line.component;
            let _ = writeln!(text, "  {component}");
        }
        let record = match line.record.as_str() {
            "" => String::new(),
            record => format!("record {record}"),
        };
        let points = signed(&line.points);
        let line = format!("  {points:>8}  {:<rule$}  {:<fact$}  {record}", line.rule, line.fact);
        text.push_str(line.trim_end());
        text.push('\n');
    }
    if s.ledger.is_empty() {
        text.push_str("  no rule gives points\n");
    }
    if records > 1 {
        let band = if s.best_part_band.is_empty() { "no band" } else { &s.best_part_band };
        let _ = write!(
            text,
            "  Best record alone {} ({band}), all records added up {}, change {}",
            s.best_part,
            s.sum_of_parts,
            signed(&s.change)
        );
        let reason = if s.reason.is_empty() { String::new() } else { format!(": {}", s.reason) };
        let _ = writeln!(text, "{reason}");
    }
    if s.drops.iter().any(|d| d.in_score) {
        text.push_str("  Below its best record because\n");
        for d in s.drops.iter().filter(|d| d.in_score) {
            let _ =
                writeln!(text, "  {:>8}  {} {} ({})", signed(&d.points), d.rule, d.cause, d.fact);
        }
    }
}
