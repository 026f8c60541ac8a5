//! The summary a run ends with: what was found, in words a marketer understands.

use super::actions::ActionCounts;
use super::json::{Refusals, band_fell, refusals};
use super::label::Contact;
use super::scores::{action, band_id};
use crate::cluster::relation::RelationKind;
use crate::merge::consent::Scope;
use crate::merge::history::Status;
use crate::normalize::repair::RepairCounts;
use crate::pipeline::Outcome;
use crate::score::band::find_band;
use crate::score::model::{NeverWeaker, ScoringModel};
use crate::score::quantity::format_points;
use crate::score::{ModelScores, NO_BAND};
use crate::state::audit::Audit;
use crate::writeback::Applied;
use serde::Serialize;

/// Strongest hidden leads that are told.
const HIDDEN: usize = 5;
/// Notes on an input that are told.
const NOTES: usize = 3;
/// Inputs that are told.
const INPUTS: usize = 4;

/// A run in short.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Lead records read.
    pub records: usize,
    /// People they are.
    pub people: usize,
    /// What was read, lead inputs before activity inputs.
    pub inputs: Vec<Input>,
    /// Activities, when there were any.
    pub activities: Option<ActivityCount>,
    /// What scoring by the first model found.
    pub scores: Option<ScoreSummary>,
    /// Whom to phone and whom to mail, where the model says what to do.
    pub actions: Option<ActionCounts>,
    /// Pairs that wait for a decision.
    pub review_pairs: usize,
    /// Merged pairs that may join two people, as the calibrated probabilities have it.
    pub expected_wrong_merges: f64,
    /// Pairs of one person that were likely never compared, as far as the blocking passes can tell.
    pub estimated_missed_pairs: f64,
    /// Pairs that were merged by a link.
    pub merge_links: usize,
    /// Households found.
    pub households: usize,
    /// Shared mailboxes found.
    pub shared_mailboxes: usize,
    /// Switchboards found.
    pub switchboards: usize,
    /// People who may not be contacted.
    pub refusals: Refusals,
    /// Cells whose members disagree and whose rule is `review`.
    pub disputed_cells: usize,
    /// The product whose merge rules were used.
    pub policy: Option<&'static str>,
    /// Whose refusals count for a person.
    pub consent_scope: Scope,
    /// Rows that could not be read.
    pub rejects: usize,
    /// Cells repaired in the leads.
    pub repairs: RepairCounts,
    /// What an audit adds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<Audit>,
    /// The clock of the run.
    pub as_of: String,
    /// Where the files are; set by the caller.
    pub folder: Option<String>,
    /// What was written back to the database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applied: Option<Applied>,
}

/// An input in short.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Input {
    /// File name.
    pub file: String,
    /// Rows read.
    pub rows: u64,
    /// What it was read as.
    pub read_as: String,
    /// What was odd about it.
    pub notes: Vec<String>,
}

/// Activities in short.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ActivityCount {
    /// Events kept for known leads.
    pub kept: usize,
    /// Rows that repeat one of them.
    pub duplicates: usize,
    /// Rows whose lead is unknown.
    pub orphans: usize,
}

/// Scores in short.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ScoreSummary {
    /// Name of the model.
    pub model: String,
    /// Leads in a better band than any of their records.
    pub rose: usize,
    /// Leads in a worse band than their best record.
    pub fell: usize,
    /// Leads below their best record.
    pub weaker: usize,
    /// Those keep the score of their best record.
    pub floored: bool,
    /// The strongest leads that duplicates had hidden.
    pub hidden: Vec<HiddenLead>,
}

/// A lead that duplicates had hidden.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct HiddenLead {
    /// Its name, else its e-mail, else its id.
    pub name: String,
    /// Records it was split over.
    pub records: usize,
    /// Its score.
    pub score: String,
    /// What to do now: the action of its band, else the band.
    pub action: String,
    /// Score of its best record.
    pub best_part: String,
    /// What that called for.
    pub best_action: String,
    /// With two records: score of the other and what that called for.
    pub other: Option<(String, String)>,
}

/// How the text is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Style {
    /// Use colors.
    pub color: bool,
}

impl Style {
    fn strong(self, text: &str) -> String {
        if self.color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_string() }
    }

    fn good(self, text: &str) -> String {
        if self.color { format!("\u{1b}[32m{text}\u{1b}[0m") } else { text.to_string() }
    }

    fn weak(self, text: &str) -> String {
        if self.color { format!("\u{1b}[2m{text}\u{1b}[0m") } else { text.to_string() }
    }
}

/// Sums a run up.
pub fn summary(outcome: &Outcome) -> Summary {
    let count =
        |kind: RelationKind| outcome.matched.relations.iter().filter(|r| r.kind == kind).count();
    let (log, digest) = (&outcome.activities, outcome.digest());
    let activities = (!log.table.sources.is_empty()).then(|| ActivityCount {
        kept: outcome.history.count(Status::Kept),
        duplicates: outcome.history.count(Status::Duplicate),
        orphans: outcome.history.count(Status::Orphan),
    });
    let first = outcome.models.first().zip(outcome.scored.models.first());
    let mut inputs = read_inputs(&outcome.table, &outcome.schema);
    inputs.extend(read_inputs(&log.table, &log.schema));
    Summary {
        records: outcome.table.len(),
        people: outcome.matched.clusters.len(),
        inputs,
        activities,
        scores: first.map(|(model, scores)| sum_scores(outcome, model, scores)),
        actions: digest.plan.counts(outcome),
        review_pairs: digest.waiting.len(),
        expected_wrong_merges: digest.expected_wrong,
        estimated_missed_pairs: digest.missed,
        merge_links: digest.links,
        households: count(RelationKind::Household),
        shared_mailboxes: count(RelationKind::SharedMailbox),
        switchboards: count(RelationKind::Switchboard),
        refusals: refusals(outcome),
        disputed_cells: outcome.fields.review.len(),
        policy: outcome.rules.policy.map(|p| p.title()),
        consent_scope: outcome.consent_policy.scope,
        rejects: outcome.rejects.len(),
        repairs: outcome.repairs.counts.clone(),
        audit: outcome.audit.clone(),
        as_of: super::json::show_instant(outcome.as_of),
        folder: None,
        applied: None,
    }
}

fn read_inputs(table: &crate::record::Table, schema: &crate::schema::UnitedSchema) -> Vec<Input> {
    let read_as = |i: usize| schema.inputs.get(i).and_then(|s| s.read_as.clone());
    let inputs = table.sources.iter().enumerate().map(|(i, source)| Input {
        file: printable(&source.file),
        rows: source.records,
        read_as: read_as(i).unwrap_or_default(),
        notes: source.notes.iter().map(|note| printable(note)).collect(),
    });
    inputs.collect()
}

fn sum_scores(outcome: &Outcome, model: &ScoringModel, scores: &ModelScores) -> ScoreSummary {
    let risen = outcome.digest().hidden.first().map_or(&[][..], |risen| risen);
    let contact = Contact::new(&outcome.schema);
    ScoreSummary {
        model: model.name.clone(),
        rose: risen.len(),
        fell: (0..scores.len()).filter(|&p| band_fell(scores, p, model)).count(),
        weaker: scores.drops.len(),
        floored: model.merge.never_weaker == NeverWeaker::Floor,
        hidden: risen
            .iter()
            .take(HIDDEN)
            .map(|&p| hidden_lead(outcome, model, scores, &contact, p))
            .collect(),
    }
}

fn hidden_lead(
    outcome: &Outcome,
    model: &ScoringModel,
    scores: &ModelScores,
    contact: &Contact,
    person: u32,
) -> HiddenLead {
    let p = person as usize;
    let name = match contact.of_lead(&outcome.table, &outcome.fields, person) {
        name if name.is_empty() => outcome.person_ids.get(person).to_string(),
        name => printable(&name),
    };
    let records = outcome.matched.clusters.members(person).len();
    let other = scores.sum_of_parts[p].saturating_sub(scores.best_part[p]);
    let other_band = find_band(&model.bands, model.primary, other).map_or(NO_BAND, |b| b as u16);
    HiddenLead {
        name,
        records,
        score: format_points(scores.score[p]),
        action: what_to_do(model, scores.band[p]),
        best_part: format_points(scores.best_part[p]),
        best_action: what_to_do(model, scores.best_part_band[p]),
        other: (records == 2).then(|| (format_points(other), what_to_do(model, other_band))),
    }
}

fn what_to_do(model: &ScoringModel, band: u16) -> String {
    let word = match action(model, band) {
        "" => band_id(model, band),
        action => action,
    };
    if word.is_empty() { "no action".into() } else { word.to_string() }
}

impl Summary {
    /// The summary as text, at most some 25 lines.
    pub fn to_text(&self, style: Style) -> String {
        let mut lines = vec![self.headline(style)];
        self.tell_inputs(style, &mut lines);
        self.tell_activities(&mut lines);
        self.tell_scores(style, &mut lines);
        if let Some(actions) = &self.actions {
            actions.tell(&mut lines);
        }
        self.tell_findings(&mut lines);
        if let Some(audit) = &self.audit {
            audit.tell(&mut lines);
        }
        if let Some(folder) = &self.folder {
            lines.push(format!("Everything is in {}", style.strong(folder)));
        }
        if let Some(applied) = &self.applied {
            lines.extend(applied.sentences());
        }
        lines.join("\n") + "\n"
    }

    fn headline(&self, style: Style) -> String {
        let people = if self.people == 1 { "person" } else { "people" };
        let records = count(self.records, "record", "records");
        let merged = self.records - self.people;
        let end = match merged {
            0 => "no duplicates".to_string(),
            _ => count(merged, "duplicate", "duplicates") + " merged",
        };
        let found = format!("{records} -> {} {people}", group(self.people));
        format!("{} ({end})", style.strong(&found))
    }

    fn tell_inputs(&self, style: Style, lines: &mut Vec<String>) {
        for input in self.inputs.iter().take(INPUTS) {
            let rows = count(input.rows as usize, "row", "rows");
            let read_as = match input.read_as.as_str() {
                "" => String::new(),
                read_as => format!(", read as {read_as}"),
            };
            lines.push(style.weak(&format!("  {}: {rows}{read_as}", input.file)));
        }
        let more = self.inputs.len().saturating_sub(INPUTS);
        if more > 0 {
            lines.push(style.weak(&format!("  and {}", count(more, "more input", "more inputs"))));
        }
        let notes = self.inputs.iter().flat_map(|i| i.notes.iter().map(move |n| (&i.file, n)));
        let told: Vec<String> = notes.map(|(file, note)| format!("  {file}: {note}")).collect();
        lines.extend(told.iter().take(NOTES).map(|note| style.weak(note)));
        if told.len() > NOTES {
            let more = count(told.len() - NOTES, "more note", "more notes");
            lines.push(style.weak(&format!("  and {more} in report.json")));
        }
    }

    fn tell_activities(&self, lines: &mut Vec<String>) {
        let Some(a) = self.activities else { return };
        let rows = a.kept + a.duplicates + a.orphans;
        let (rows, events) =
            (count(rows, "activity row", "activity rows"), count(a.kept, "event", "events"));
        let mut line = format!("{rows} -> {events}");
        if a.duplicates > 0 {
            line += &format!(" ({} counted twice before)", group(a.duplicates));
        }
        if a.orphans > 0 {
            let name = if a.orphans == 1 { "names a lead" } else { "name leads" };
            line += &format!("; {} {name} not in the input", count(a.orphans, "row", "rows"));
        }
        lines.push(line);
    }

    fn tell_scores(&self, style: Style, lines: &mut Vec<String>) {
        let Some(scores) = &self.scores else { return };
        let changed = scores.rose + scores.fell;
        if changed == 0 {
            lines.push("No lead changes band".into());
        } else {
            let verb = if changed == 1 { "changes" } else { "change" };
            let leads = count(changed, "lead", "leads");
            let (rose, fell) = (group(scores.rose), group(scores.fell));
            lines.push(format!("{leads} {verb} band: {rose} up, {fell} down"));
        }
        for lead in &scores.hidden {
            lines.push(format!("  {}", lead.to_text(style)));
        }
        let more = scores.rose - scores.hidden.len();
        if more > 0 {
            lines.push(style.weak(&format!("  and {} in hidden.csv", group(more) + " more")));
        }
        if scores.weaker > 0 {
            let leads = count(scores.weaker, "lead is", "leads are");
            let kept = if scores.floored { ", whose score is kept" } else { "" };
            lines.push(format!("{leads} worth less than their best record{kept}: see drops.csv"));
        }
    }

    fn tell_findings(&self, lines: &mut Vec<String>) {
        if self.expected_wrong_merges >= 1.0 {
            lines.push(format!(
                "About {} of {} merged pairs may be two people (--max-wrong-merges sets a limit)",
                group(self.expected_wrong_merges.round() as usize),
                group(self.merge_links)
            ));
        }
        if self.estimated_missed_pairs >= 0.5 {
            let missed = self.estimated_missed_pairs.round() as usize;
            lines.push(format!(
                "At least about {} of one person likely missed: they share too little to be compared",
                count(missed, "pair", "pairs")
            ));
        }
        if self.review_pairs > 0 {
            let wait = if self.review_pairs == 1 { "waits" } else { "wait" };
            let pairs = count(self.review_pairs, "pair", "pairs");
            lines.push(format!("{pairs} {wait} for your decision in review.csv"));
        }
        let found: Vec<String> = [
            (self.households, "household", "households"),
            (self.shared_mailboxes, "shared mailbox", "shared mailboxes"),
            (self.switchboards, "switchboard", "switchboards"),
        ]
        .into_iter()
        .filter(|(n, ..)| *n > 0)
        .map(|(n, one, many)| count(n, one, many))
        .collect();
        if !found.is_empty() {
            lines.push(format!("Not merged, but related: {} (related.csv)", found.join(", ")));
        }
        lines.extend(tell_repairs(&self.repairs));
        if let Some(line) = self.refusals.to_text() {
            lines.push(line);
        }
        if self.refusals.suppressed > 0 {
            let people = count(self.refusals.suppressed, "person is", "people are");
            lines.push(format!("{people} on the suppression list"));
        }
        if self.disputed_cells > 0 {
            let cells = count(self.disputed_cells, "cell waits", "cells wait");
            lines.push(format!("{cells} for your decision in review_fields.csv"));
        }
        if let Some(product) = self.policy {
            let consent = match self.consent_scope {
                Scope::Person => "; consent stays as strict as ours",
                Scope::Address => "",
            };
            lines.push(format!("Fields were merged by {product}'s rules{consent}"));
        }
        if self.consent_scope == Scope::Address {
            let scope = "[consent] scope = \"address\"";
            lines.push(format!("A refusal counts for its address alone ({scope})"));
        }
        if self.rejects > 0 {
            lines.push(format!(
                "{} could not be read: see rejects.csv",
                count(self.rejects, "row", "rows")
            ));
        }
    }
}

/// `1,204 cells repaired: 800 white space, 404 phone form`; the most frequent kinds first.
pub(crate) fn tell_repairs(repairs: &RepairCounts) -> Option<String> {
    let mut kinds: Vec<(&str, u64)> = repairs.kinds.iter().map(|(k, n)| (*k, *n)).collect();
    kinds.sort_by_key(|&(kind, count)| (std::cmp::Reverse(count), kind));
    let of = |(kind, cells): &(&str, u64)| {
        let kind =
            if *kind == "email-case" { "e-mail case".into() } else { kind.replace('-', " ") };
        format!("{} {kind}", group(*cells as usize))
    };
    let kinds: Vec<String> = kinds.iter().map(of).collect();
    let cells = count(repairs.cells as usize, "cell", "cells");
    (repairs.cells > 0).then(|| format!("{cells} repaired: {}", kinds.join(", ")))
}

impl HiddenLead {
    fn to_text(&self, style: Style) -> String {
        let name = style.strong(&self.name);
        let now = style.good(&format!("{} -> {}", self.score, self.action));
        let (best, best_action) = (&self.best_part, &self.best_action);
        match &self.other {
            Some((other, action)) => format!(
                "{name}: {best} ({best_action}) and {other} ({action}) were one person: {now}"
            ),
            None => {
                let records = self.records;
                format!(
                    "{name}: {records} records, the best at {best} ({best_action}), were one person: {now}"
                )
            }
        }
    }
}

impl Refusals {
    fn to_text(self) -> Option<String> {
        let parts: Vec<String> =
            [(self.email, "by e-mail"), (self.phone, "by phone"), (self.objected, "at all")]
                .into_iter()
                .filter(|(n, _)| *n > 0)
                .map(|(n, how)| format!("{} {how}", group(n)))
                .collect();
        let parts = parts.join(", ");
        (!parts.is_empty()).then(|| format!("Not to be contacted: {parts}; every opt-out is kept"))
    }
}

/// A text of the input as a terminal may show it: no control characters, no escape sequences, no
/// marks that turn the direction of writing.
pub(crate) fn printable(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|&c| !c.is_control() && !turns(c)).collect()
}

/// A number with its noun.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", group(number), if number == 1 { one } else { many })
}

/// A number with commas between thousands.
pub(crate) fn group(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead(name: &str, records: usize, other: Option<(&str, &str)>) -> HiddenLead {
        HiddenLead {
            name: name.into(),
            records,
            score: "100".into(),
            action: "phone call".into(),
            best_part: "90".into(),
            best_action: "send an offer".into(),
            other: other.map(|(score, action)| (score.into(), action.into())),
        }
    }

    #[test]
    fn a_large_run_in_words() {
        let summary = Summary {
            records: 20_000,
            people: 15_240,
            inputs: vec![Input {
                file: "crm.csv".into(),
                rows: 20_000,
                read_as: "HubSpot contacts export (17 of 18 columns known)".into(),
                notes: vec!["read as windows-1252".into()],
            }],
            activities: Some(ActivityCount { kept: 61_000, duplicates: 2_400, orphans: 12 }),
            scores: Some(ScoreSummary {
                model: "mexico".into(),
                rose: 31,
                fell: 6,
                weaker: 9,
                floored: false,
                hidden: vec![
                    lead("Ana López", 2, Some(("10", "newsletter"))),
                    lead("Bob Young", 3, None),
                ],
            }),
            actions: None,
            review_pairs: 212,
            expected_wrong_merges: 0.4,
            estimated_missed_pairs: 1_044.3,
            merge_links: 5,
            households: 1_318,
            shared_mailboxes: 1,
            switchboards: 0,
            refusals: Refusals { email: 812, phone: 0, objected: 3, suppressed: 0 },
            disputed_cells: 0,
            policy: None,
            rejects: 4,
            repairs: RepairCounts {
                cells: 1_200,
                kinds: [("white-space", 400), ("email-case", 1_000)].into(),
            },
            as_of: "2026-06-30T00:00:00Z".into(),
            folder: Some("crm-leadmend".into()),
            applied: None,
            ..Summary::default()
        };
        let expected = "\
20,000 records -> 15,240 people (4,760 duplicates merged)
  crm.csv: 20,000 rows, read as HubSpot contacts export (17 of 18 columns known)
  crm.csv: read as windows-1252
63,412 activity rows -> 61,000 events (2,400 counted twice before); 12 rows name leads not in the input
37 leads change band: 31 up, 6 down
  Ana López: 90 (send an offer) and 10 (newsletter) were one person: 100 -> phone call
  Bob Young: 3 records, the best at 90 (send an offer), were one person: 100 -> phone call
  and 29 more in hidden.csv
9 leads are worth less than their best record: see drops.csv
At least about 1,044 pairs of one person likely missed: they share too little to be compared
212 pairs wait for your decision in review.csv
Not merged, but related: 1,318 households, 1 shared mailbox (related.csv)
1,200 cells repaired: 1,000 e-mail case, 400 white space
Not to be contacted: 812 by e-mail, 3 at all; every opt-out is kept
4 rows could not be read: see rejects.csv
Everything is in crm-leadmend
";
        assert_eq!(summary.to_text(Style::default()), expected);
        let colored = summary.to_text(Style { color: true });
        assert!(colored.contains("\u{1b}[32m100 -> phone call\u{1b}[0m"));
        assert_eq!(colored.lines().count(), expected.lines().count());
    }

    #[test]
    fn nothing_to_do_is_said_too() {
        let scores = Some(ScoreSummary { model: "m".into(), ..ScoreSummary::default() });
        let summary = Summary { records: 1, people: 1, scores, ..Summary::default() };
        assert_eq!(
            summary.to_text(Style::default()),
            "1 record -> 1 person (no duplicates)\nNo lead changes band\n"
        );
    }

    #[test]
    fn hostile_names_do_not_reach_the_terminal() {
        assert_eq!(printable("Ana\u{1b}[2J\r\n\u{202e}López"), "Ana[2JLópez");
    }
}
