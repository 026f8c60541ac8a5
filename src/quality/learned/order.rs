//! The order of two columns: created before updated, net below gross, learned from the rows.

use super::rule;
use crate::merge::history::NO_TIME;
use crate::normalize::date::{self, ColumnOrder};
use crate::quality::Collector;
use crate::quality::census::{Census, at_least};
use crate::quality::checks::is_time_role;
use crate::schema::Role;
use rayon::prelude::*;

/// Columns of times that are compared at most; more would be a table of measurements.
const COLUMNS: usize = 12;
/// Share of rows in which the two must differ for their order to say something.
const APART: f64 = 0.3;

/// Learns which of two times comes first.
pub(super) fn check(census: &Census, out: &mut Collector) {
    let columns: Vec<(usize, Vec<i64>)> = (0..census.counts.len())
        .into_par_iter()
        .filter_map(|column| times(census, column).map(|times| (column, times)))
        .collect();
    let columns = &columns[..columns.len().min(COLUMNS)];
    for (a, first) in columns {
        for (b, second) in columns.iter().filter(|(b, _)| b != a) {
            // This pair has a check of its own.
            if (census.role(*a), census.role(*b)) != (Role::Created, Role::LastActivity) {
                pair(census, (*a, first), (*b, second), out);
            }
        }
    }
}

/// The times of a column per value, where nearly all of its values are times.
fn times(census: &Census, column: usize) -> Option<Vec<i64>> {
    let known = &census.material.records.times[column];
    if !known.is_empty() {
        return Some(known.clone());
    }
    let role = census.role(column);
    let filled = census.filled[column];
    if !matches!(role, Role::Generic | Role::Ignored | Role::Category) || filled < 100 {
        return None;
    }
    let counts = &census.counts[column];
    let present = || (1..counts.len()).filter(|&v| counts[v] > 0);
    let looks = |text: &str| {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let marks = text.bytes().filter(|b| matches!(b, b'-' | b'/' | b'.' | b':')).count();
        digits >= 6 && marks >= 2 && text.len() <= 40
    };
    let (dated, seen) = census
        .some_cells(column)
        .fold((0, 0), |(dated, seen), text| (dated + usize::from(looks(text)), seen + 1));
    if dated * 10 < seen * 9 {
        return None;
    }
    let order = ColumnOrder::decide(present().map(|v| census.text(column, v))).order;
    let read: Vec<i64> = (0..counts.len())
        .into_par_iter()
        .with_min_len(1024)
        .map(|v| date::parse(census.text(column, v), order).value.map_or(NO_TIME, |t| t.micros))
        .collect();
    let dated: u64 = present().filter(|&v| read[v] != NO_TIME).map(|v| u64::from(counts[v])).sum();
    (at_least(dated, filled) >= rule::NEARLY_ALL).then_some(read)
}

fn pair(
    census: &Census,
    (a, first): (usize, &[i64]),
    (b, second): (usize, &[i64]),
    out: &mut Collector,
) {
    debug_assert!(!is_time_role(Role::Generic));
    let (x, y) = (&census.material.table.columns[a].ids, &census.material.table.columns[b].ids);
    let (mut before, mut same, mut after) = (0u64, 0u64, 0u64);
    for (x, y) in x.iter().zip(y) {
        let (left, right) = (first[x.index()], second[y.index()]);
        if left == NO_TIME || right == NO_TIME || x.is_missing() || y.is_missing() {
            continue;
        }
        match left.cmp(&right) {
            std::cmp::Ordering::Less => before += 1,
            std::cmp::Ordering::Equal => same += 1,
            std::cmp::Ordering::Greater => after += 1,
        }
    }
    let all = before + same + after;
    if !rule::holds(before + same, after) || (before as f64) < APART * all as f64 {
        return;
    }
    let hits = census.hits_of_records(all, |r| {
        let (left, right) = (first[x[r].index()], second[y[r].index()]);
        left != NO_TIME
            && right != NO_TIME
            && !x[r].is_missing()
            && !y[r].is_missing()
            && left > right
    });
    let header = &census.material.table.columns[a].header;
    let message =
        format!("before \u{ab}{header}\u{bb}, which nearly always comes first; check both");
    out.take("order-of-columns", Some(b), hits, message);
}
