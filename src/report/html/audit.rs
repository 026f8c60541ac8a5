//! An audit among the ones before it: what changed, and the trend.

use super::finding;
use super::headline::Figure;
use super::svg;
use super::view::{Block, Cell, Chart, Section, Table, text};
use crate::quality::finding::{Checked, Verdict};
use crate::report::summary::{count, group};
use crate::state::audit::{Audit, Point, day};

/// Audits of the trend that are shown, the latest ones.
const POINTS: usize = 26;
/// Bars of a picture.
const BARS: usize = 12;
/// Checks and moves that are listed.
const LISTED: usize = 40;

/// The audit in numbers.
pub(super) fn figures(audit: &Audit) -> Vec<Figure> {
    finding::figures(&checked(audit))
}

/// What changed, where there was an audit before, and the trend.
pub(super) fn over_time(audit: &Audit) -> impl Iterator<Item = Section> {
    changes(audit).into_iter().chain(std::iter::once(trend(audit)))
}

/// What the checks found.
pub(super) fn findings(audit: &Audit) -> Section {
    finding::section(&checked(audit))
}

fn checked(audit: &Audit) -> Checked {
    let verdict = if audit.numbers.passed { Verdict::Pass } else { Verdict::Fail };
    let (records, findings) = (audit.numbers.records, audit.findings.clone());
    Checked { verdict, records, findings, notes: audit.notes.clone() }
}

fn changes(audit: &Audit) -> Option<Section> {
    let before = audit.previous.as_ref()?;
    let changes = &audit.numbers.changes;
    let mut blocks = vec![text(format!("Compared with the audit of {}.", day(before)))];
    let mut table = Table::new("Records and people", &["What", "#How many"]);
    for (what, number) in [
        ("records that are new", changes.records_new),
        ("records that are gone", changes.records_gone),
        ("records that say something else", changes.records_changed),
        ("people who are new", changes.people_new),
        ("people who are gone", changes.people_gone),
        ("ids that were merged into others", changes.merged),
        ("ids that parted from others", changes.split),
        ("ids that took records of others", changes.moved),
        ("ids that are back", changes.revived),
    ] {
        table.row(vec![what.into(), number.into()]);
    }
    blocks.push(Block::Table(table));
    if audit.ids_changed > 0 {
        let changed = count(audit.ids_changed, "change of ids is", "changes of ids are");
        blocks.push(text(format!("{changed} in lineage.csv. All other people kept their id.")));
    } else {
        blocks.push(text("Everybody who was there kept their id."));
    }
    if !changes.band_moves.is_empty() {
        let (rose, fell) = (group(changes.rose as usize), group(changes.fell as usize));
        let caption = format!("Leads in another band: {rose} up, {fell} down");
        let mut table = Table::new(caption, &["Band before", "Band now", "#People"]);
        for step in &changes.band_moves {
            table.row(vec![band(&step.from), band(&step.to), step.people.into()]);
        }
        table.cut(LISTED, "report.json");
        blocks.push(Block::Table(table));
    }
    if !audit.finding_changes.is_empty() {
        let head = ["Check", "Column", "#Before", "#Now"];
        let mut table = Table::new("Findings that changed", &head);
        for change in &audit.finding_changes {
            let column = change.column.as_deref().unwrap_or("");
            let check = change.check.as_str().into();
            table.row(vec![check, column.into(), change.before.into(), change.now.into()]);
        }
        table.cut(LISTED, "report.json");
        blocks.push(Block::Table(table));
    }
    Some(Section::new("drift", "What changed since the last audit", blocks))
}

fn band(id: &str) -> Cell {
    if id.is_empty() { "no band".into() } else { id.into() }
}

fn trend(audit: &Audit) -> Section {
    let first = audit.trend.len().saturating_sub(POINTS);
    let points = &audit.trend[first..];
    let mut table = Table::new(
        "All audits",
        &[
            "As of",
            "#Records",
            "#People",
            "#Duplicates",
            "#Hygiene",
            "#Errors",
            "#Warnings",
            "#Bands up",
            "#Bands down",
        ],
    );
    for point in points {
        let learned = if point.relearned { " (learned anew)" } else { "" };
        table.row(vec![
            format!("{}{learned}", day(&point.as_of)).into(),
            point.records.into(),
            point.people.into(),
            Cell::share(duplicates(point), point.records as usize),
            format!("{:.1}", point.hygiene).into(),
            point.errors.into(),
            point.warnings.into(),
            point.rose.into(),
            point.fell.into(),
        ]);
    }
    table.of_total(audit.trend.len(), POINTS, "report.json");
    let said = match audit.number {
        1 => "This is the first audit of this state; the next one has something to compare with."
            .to_string(),
        n => format!("This is audit number {n} of this state."),
    };
    let mut blocks = vec![text(said)];
    if points.len() > 1 {
        let shown = &points[points.len().saturating_sub(BARS)..];
        blocks.push(chart("people-trend", "People at each audit", shown, |p| p.people as usize));
        blocks.push(chart("duplicate-trend", "Duplicates at each audit", shown, duplicates));
    }
    blocks.push(Block::Table(table));
    Section::new("trend", "Trend", blocks)
}

fn duplicates(point: &Point) -> usize {
    point.records.saturating_sub(point.people) as usize
}

fn chart(id: &str, title: &str, points: &[Point], number: impl Fn(&Point) -> usize) -> Block {
    let rows: Vec<(String, usize)> =
        points.iter().map(|point| (day(&point.as_of).to_string(), number(point))).collect();
    let about = match (rows.first(), rows.last()) {
        (Some(first), Some(last)) => {
            format!("From {} ({}) to {} ({}).", group(first.1), first.0, group(last.1), last.0)
        }
        _ => String::new(),
    };
    let mut table = Table::new(title, &["As of", "#How many"]);
    for (day, number) in &rows {
        table.row(vec![day.as_str().into(), (*number).into()]);
    }
    let svg = svg::bars(id, title, &about, &rows);
    Block::Chart(Chart { title: title.into(), about, svg, table })
}
