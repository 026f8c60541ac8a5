//! Columns and rows against those of before.

use super::{FEWEST_ROWS, take};
use crate::quality::output::escape::{percent, thousands, visible};
use crate::quality::rules::Rules;
use crate::quality::{Collector, Hits};
use crate::record::{Column, Table};
use crate::schema::{Role, UnitedSchema};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Share of rows more or fewer that is noticed.
const ROWS: f64 = 0.2;
/// Points of a column's filled share that are noticed.
const FILLED: f64 = 0.05;
/// Points of the share of numbers, dates or addresses in a column that are noticed.
const KIND: f64 = 0.2;
/// Headers that a message names.
const NAMED: usize = 10;

/// Columns and rows of data, as numbers: all that later data is compared with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shape {
    /// Records.
    pub rows: u64,
    /// The columns, in order.
    pub columns: Vec<ColumnShape>,
}

/// A column as numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ColumnShape {
    /// Its header.
    pub header: String,
    /// What it means.
    pub role: String,
    /// Cells with a value.
    pub filled: u64,
    /// Cells with numbers, dates, addresses and text.
    pub kinds: [u64; 4],
}

impl Shape {
    /// The shape of data.
    pub fn of(table: &Table, schema: &UnitedSchema) -> Self {
        let both = table.columns.par_iter().zip(&schema.columns);
        let columns = both.map(|(column, meaning)| {
            let kinds = count_kinds(column);
            let (header, role) = (meaning.header.clone(), meaning.role.to_string());
            ColumnShape { header, role, filled: kinds.iter().sum(), kinds }
        });
        Self { rows: table.len() as u64, columns: columns.collect() }
    }
}

/// Compares columns, their kinds, how much of them is filled, and the number of rows.
pub fn compare(now: &Shape, before: &Shape, rules: &Rules, out: &mut Collector) {
    columns(now, before, out);
    rows(now, before, rules.threshold("row-count-change", ROWS), out);
    let filled = rules.threshold("null-rate-change", FILLED);
    for (at, column) in now.columns.iter().enumerate() {
        let earlier = before.columns.iter().find(|c| c.header == column.header);
        let few = now.rows.min(before.rows) < FEWEST_ROWS;
        if let Some(earlier) = earlier.filter(|_| !few) {
            let rates = (share(column.filled, now.rows), share(earlier.filled, before.rows));
            null_rate(at, rates, now.rows, filled, out);
            kinds(at, column, earlier, out);
        }
    }
}

fn share(part: u64, of: u64) -> f64 {
    part as f64 / of.max(1) as f64
}

fn columns(now: &Shape, before: &Shape, out: &mut Collector) {
    let only = |a: &Shape, b: &Shape| -> Vec<(String, String)> {
        let has = |header: &str| b.columns.iter().any(|column| column.header == header);
        let columns = a.columns.iter().filter(|c| !has(&c.header));
        columns.map(|c| (c.header.clone(), c.role.clone())).collect()
    };
    let (mut gone, mut new) = (only(before, now), only(now, before));
    let mut renamed = Vec::new();
    gone.retain(|(old, role)| {
        let plain = [Role::Generic, Role::Ignored, Role::FreeText].map(|role| role.to_string());
        let place = new.iter().position(|(_, other)| other == role && !plain.contains(role));
        let Some(place) = place else { return true };
        renamed.push(format!("{} is now {}", quoted(old), quoted(&new.remove(place).0)));
        false
    });
    let of = before.columns.len() as u64;
    let mut tell = |what: &str, names: Vec<String>| {
        let list = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = names.len().saturating_sub(NAMED);
        let and = if more > 0 { format!(" and {more} more") } else { String::new() };
        let message = format!("{what}: {list}{and}; agree on the columns with the sender");
        take(out, "schema-drift", names.len() as u64, of.max(names.len() as u64), message);
    };
    let headers = |list: Vec<(String, String)>| list.iter().map(|(h, _)| quoted(h)).collect();
    tell("columns are gone", headers(gone));
    tell("columns have another name", renamed);
    tell("columns are new", headers(new));
}

fn quoted(header: &str) -> String {
    format!("«{}»", visible(header))
}

fn rows(now: &Shape, before: &Shape, least: f64, out: &mut Collector) {
    let (count, earlier) = (now.rows, before.rows);
    let (change, of) = (count.abs_diff(earlier), earlier.max(1));
    let rate = change as f64 / of as f64;
    if rate > least {
        let word = if count > earlier { "more" } else { "fewer" };
        let message = format!(
            "{} rows, {} before: {} {word}; find out whether the export was complete",
            thousands(count),
            thousands(earlier),
            percent(rate),
        );
        take(out, "row-count-change", change, of, message);
    }
}

fn null_rate(at: usize, (share, earlier): (f64, f64), of: u64, least: f64, out: &mut Collector) {
    let change = (share - earlier).abs();
    if change > least {
        let hits = Hits { count: (change * of as f64).round() as u64, of, records: Vec::new() };
        let message = format!(
            "filled in {} of the rows, {} before; find out what changed at the source",
            percent(share),
            percent(earlier),
        );
        out.take("null-rate-change", Some(at), hits, message);
    }
}

/// What a cell looks like, roughly: enough to see that a column holds something else than before.
const KINDS: [&str; 4] = ["numbers", "dates", "addresses", "text"];

fn kind(cell: &str) -> usize {
    let cell = cell.trim();
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    let marks = cell.bytes().filter(|b| b"-/.:T Z+".contains(b)).count();
    let plain = digits + marks == cell.len() && digits > 0;
    let groups = cell.split(['-', '/', '.']).filter(|part| !part.is_empty()).count();
    if plain && groups >= 3 && (6..=14).contains(&digits.min(14)) {
        1
    } else if plain || cell.strip_prefix(['-', '$', '€']).is_some_and(|n| n.parse::<f64>().is_ok())
    {
        0
    } else if cell.contains('@') {
        2
    } else {
        3
    }
}

fn count_kinds(column: &Column) -> [u64; 4] {
    let kinds: Vec<usize> = column.dictionary.iter().map(kind).collect();
    let mut counts = [0; 4];
    for id in column.ids.iter().filter(|id| !id.is_missing()) {
        counts[kinds[id.index()]] += 1;
    }
    counts
}

fn shares(column: &ColumnShape) -> Option<[f64; 4]> {
    let sum: u64 = column.kinds.iter().sum();
    (sum >= FEWEST_ROWS).then(|| column.kinds.map(|count| count as f64 / sum as f64))
}

fn kinds(at: usize, now: &ColumnShape, before: &ColumnShape, out: &mut Collector) {
    let (Some(share), Some(earlier)) = (shares(now), shares(before)) else { return };
    let change = |k: &usize| (share[*k] - earlier[*k]).abs();
    let most = (0..KINDS.len()).max_by(|a, b| change(a).total_cmp(&change(b)).then(b.cmp(a)));
    let Some(most) = most.filter(|k| change(k) > KIND) else { return };
    let of = now.filled;
    let count = ((change(&most) * of as f64).round() as u64).max(1);
    let message = format!(
        "{} of the filled cells are {}, {} before; agree on the column with the sender",
        percent(share[most]),
        KINDS[most],
        percent(earlier[most]),
    );
    out.take("schema-drift", Some(at), Hits { count, of, records: Vec::new() }, message);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_of_a_kind() {
        let cases = [
            ("12", 0),
            ("-12.5", 0),
            ("+52 33 1234 5678", 0),
            ("2026-06-30", 1),
            ("30.6.2026", 1),
            ("2026-06-30T10:00:00Z", 1),
            ("a@x.example", 2),
            ("12 Main Street", 3),
            ("-", 3),
            ("", 3),
        ];
        for (cell, expected) in cases {
            assert_eq!(kind(cell), expected, "{cell}");
        }
    }
}
