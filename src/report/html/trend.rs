//! How the data changed from one audit to the next.
//!
//! For pages of a database that is audited again and again; the history is the caller's. Bars of the
//! last audits, oldest first, with all their numbers in the table behind.

use super::svg;
use super::view::{Block, Cell, Chart, Section, Table, text};
use crate::report::json::show_instant;
use crate::report::summary::count;

/// Audits that are shown: a year of monthly ones.
const SHOWN: usize = 12;

/// What one audit found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrendPoint {
    /// When, microseconds since 1970-01-01T00:00:00Z.
    pub at: i64,
    /// Records in the database.
    pub records: u64,
    /// Persons they are.
    pub persons: u64,
    /// Errors that its checks found.
    pub errors: u64,
    /// Warnings.
    pub warnings: u64,
}

/// The section; none before the second audit.
pub(super) fn section(points: &[TrendPoint]) -> Option<Section> {
    let points = &points[points.len().saturating_sub(SHOWN)..];
    let (first, last) = (points.first()?, points.last().filter(|_| points.len() > 1)?);
    let duplicates = |p: &TrendPoint| p.records.saturating_sub(p.persons);
    let (before, now) = (duplicates(first), duplicates(last));
    let moved = match now.cmp(&before) {
        std::cmp::Ordering::Less => "fewer than",
        std::cmp::Ordering::Equal => "as many as",
        std::cmp::Ordering::Greater => "more than",
    };
    let said = format!(
        "{} in the last audit: {moved} the {} of {}.",
        count(now as usize, "duplicate record", "duplicate records"),
        crate::report::summary::group(before as usize),
        day(first)
    );
    let chart = |id: &str, title: &str, about: &str, number: &dyn Fn(&TrendPoint) -> u64| {
        let rows: Vec<(String, usize)> =
            points.iter().map(|p| (day(p), number(p) as usize)).collect();
        let svg = svg::bars(id, title, about, &rows);
        Block::Chart(Chart { title: title.into(), about: about.into(), svg, table: table(points) })
    };
    let blocks = vec![
        text(said),
        chart(
            "trend-duplicates",
            "Duplicate records by audit",
            "Records beyond the first of each person, the oldest audit first.",
            &duplicates,
        ),
        chart(
            "trend-errors",
            "Errors by audit",
            "Findings of the gravest kind, the oldest audit first.",
            &|p| p.errors,
        ),
    ];
    Some(Section::new("trend", "How it changed", blocks))
}

fn day(point: &TrendPoint) -> String {
    let instant = show_instant(point.at);
    instant.split('T').next().unwrap_or_default().to_string()
}

fn table(points: &[TrendPoint]) -> Table {
    let head = ["Audit", "#Records", "#People", "#Duplicates", "#Errors", "#Warnings"];
    let mut table = Table::new("Audits, the oldest first", &head);
    for p in points {
        let cells: [Cell; 6] = [
            day(p).into(),
            p.records.into(),
            p.persons.into(),
            p.records.saturating_sub(p.persons).into(),
            p.errors.into(),
            p.warnings.into(),
        ];
        table.row(cells.into());
    }
    table
}
