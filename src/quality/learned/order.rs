//! The order of two columns: created before updated, net below gross, learned from the rows.

use super::{number, rule};
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

/// Learns which of two times comes first, and which of two amounts is smaller.
pub(in crate::quality) fn check(census: &Census, out: &mut Collector) {
    let columns = |values: fn(&Census, usize) -> Option<Vec<i64>>| -> Vec<(usize, Vec<i64>)> {
        let all = (0..census.counts.len()).into_par_iter();
        let mut columns: Vec<_> =
            all.filter_map(|c| values(census, c).map(|values| (c, values))).collect();
        columns.truncate(COLUMNS);
        columns
    };
    let times = columns(times);
    each_pair(&times, |a, b| {
        // This pair has a check of its own.
        if (census.role(a.0), census.role(b.0)) != (Role::Created, Role::LastActivity) {
            pair(census, a, b, comes_first, out);
        }
    });
    let amounts = columns(amounts);
    each_pair(&amounts, |a, b| {
        if is_part(census, a, b) {
            pair(census, a, b, is_smaller, out);
        }
    });
}

fn comes_first(header: &str) -> String {
    format!("before \u{ab}{header}\u{bb}, which nearly always comes first; check both")
}

fn is_smaller(header: &str) -> String {
    format!("less than \u{ab}{header}\u{bb}, which is nearly always smaller; check both")
}

/// A column with a number for each of its values.
type Read<'a> = (usize, &'a [i64]);

fn each_pair(columns: &[(usize, Vec<i64>)], mut look: impl FnMut(Read, Read)) {
    for (a, first) in columns {
        for (b, second) in columns.iter().filter(|(b, _)| b != a) {
            look((*a, first), (*b, second));
        }
    }
}

/// The amounts of a column per value, in thousandths, where nearly all of its values are amounts of
/// many sizes: those of one size are counts or years.
fn amounts(census: &Census, column: usize) -> Option<Vec<i64>> {
    let (role, filled) = (census.role(column), census.filled[column]);
    if !matches!(role, Role::Generic | Role::Category | Role::Revenue) || filled < 100 {
        return None;
    }
    let (numeric, seen) = census.some_cells(column).fold((0, 0), |(numeric, seen), text| {
        (numeric + usize::from(number::number(text).is_some()), seen + 1)
    });
    if numeric * 10 < seen * 9 {
        return None;
    }
    let counts = &census.counts[column];
    let thousandths = |text: &str| {
        let amount = number::number(text).map(|n| (n * 1000.0).round());
        amount.filter(|n| (0.0..1e15).contains(n)).map_or(NO_TIME, |n| n as i64)
    };
    let read: Vec<i64> = (0..counts.len())
        .into_par_iter()
        .with_min_len(1024)
        .map(|v| thousandths(census.text(column, v)))
        .collect();
    let mut known: Vec<(i64, u64)> = (1..counts.len())
        .filter(|&v| read[v] != NO_TIME && counts[v] > 0)
        .map(|v| (read[v], u64::from(counts[v])))
        .collect();
    known.sort_unstable();
    let rows: u64 = known.iter().map(|k| k.1).sum();
    let at = |share: u64| {
        let mut passed = 0;
        let found = known.iter().find(|(_, count)| {
            passed += count;
            passed * 100 > rows * share
        });
        found.map_or(0, |k| k.0)
    };
    let spread = at(90) >= at(10).max(1).saturating_mul(SIZES);
    (spread && at_least(rows, filled) >= rule::NEARLY_ALL).then_some(read)
}

/// How many times as large the large amounts of a column are as the small ones.
const SIZES: i64 = 5;
/// How many times as large the whole may be as its part.
const WHOLE: i64 = 3;

/// Whether the second amount is nearly always of the size of the first: only then their order says
/// something. A discount is below a price by nature, and no price is wrong for it.
fn is_part(census: &Census, (a, first): Read, (b, second): Read) -> bool {
    let columns = &census.material.table.columns;
    let pairs = columns[a].ids.iter().zip(&columns[b].ids);
    let (mut near, mut all) = (0u64, 0u64);
    for (x, y) in pairs.filter(|(x, y)| !x.is_missing() && !y.is_missing()) {
        let (left, right) = (first[x.index()], second[y.index()]);
        if left != NO_TIME && right != NO_TIME {
            all += 1;
            near += u64::from(
                left <= right.saturating_mul(WHOLE) && right <= left.saturating_mul(WHOLE),
            );
        }
    }
    at_least(near, all) >= 0.9
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
    (a, first): Read,
    (b, second): Read,
    say: fn(&str) -> String,
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
    let message = say(header);
    out.take("order-of-columns", Some(b), hits, message);
}
