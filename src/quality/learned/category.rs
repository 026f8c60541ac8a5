//! Columns of few values: slips of the pen, and values that came up late.

use crate::normalize::text::fold;
use crate::quality::census::{Census, sentence};
use crate::quality::checks::is_time_role;
use crate::quality::{Collector, Hits};
use crate::record::RecordId;
use crate::schema::Role;

/// A column has few values up to here.
const VALUES: usize = 60;
/// Rows from which on values can be called frequent.
const ROWS: u64 = 300;
/// How many times as frequent the value is that was meant.
const TIMES: u32 = 50;

/// Learns the values of a column.
pub(super) fn check(census: &Census, column: usize, out: &mut Collector) {
    let role = census.role(column);
    let free = matches!(role, Role::FreeText | Role::RecordId | Role::Score) || is_time_role(role);
    let counts = &census.counts[column];
    let present: Vec<usize> = (1..counts.len()).filter(|&v| counts[v] > 0).collect();
    if free || census.filled[column] < ROWS || present.len() > VALUES || present.len() < 2 {
        return;
    }
    slips(census, column, &present, out);
    late(census, column, &present, out);
}

/// Rare values that are one slip away from a frequent one, or that are alone beside a few frequent
/// ones.
fn slips(census: &Census, column: usize, present: &[usize], out: &mut Collector) {
    let counts = &census.counts[column];
    let folded: Vec<String> = present.iter().map(|&v| fold(census.text(column, v))).collect();
    let letters = |text: &str| text.bytes().filter(u8::is_ascii_alphabetic).count();
    let frequent = |a: usize, b: usize| {
        counts[present[a]] >= TIMES && counts[present[b]] <= counts[present[a]] / TIMES
    };
    let least = present.iter().map(|&v| counts[v]).filter(|&c| c >= TIMES).min().unwrap_or(0);
    let many = present.iter().filter(|&&v| counts[v] >= TIMES).count();
    let mut rare = vec![false; counts.len()];
    for b in 0..present.len() {
        let slip = (0..present.len()).filter(|&a| frequent(a, b)).any(|a| {
            let (x, y) = (&folded[a], &folded[b]);
            // Words with a digit differ by it: "Plan 1" is no slip of "Plan 2".
            x == y
                || (letters(x) >= 4 && letters(x) == x.len() && letters(y) == y.len()
                    || letters(x) >= 6 && !x.bytes().chain(y.bytes()).any(|b| b.is_ascii_digit()))
                    && strsim::osa_distance(x, y) <= 1
        });
        // In a closed list every value is frequent; a single row with another one stands out.
        let alone = (2..=10).contains(&many)
            && counts[present[b]] == 1
            && u64::from(least) * 20 >= census.filled[column]
            && present.len() - many <= 3
            && least >= 200;
        rare[present[b]] = slip || alone;
    }
    let hits = census.hits(column, |v| rare[v]);
    out.take("rare-value", Some(column), hits, sentence("rare-value"));
}

/// Rows of a value from which on it is no chance that all of them are in the last tenth: one in a
/// hundred million.
const LATE: u32 = 8;

/// Values that only the last records have, in the order of record ids, which is that of the file
/// where there are none.
fn late(census: &Census, column: usize, present: &[usize], out: &mut Collector) {
    let table = census.material.table;
    if table.sources.len() > 1 || census.filled[column] < ROWS * 3 {
        return;
    }
    let ids = &table.columns[column].ids;
    let from = ids.len() - ids.len() / 10;
    let mut early = vec![false; census.counts[column].len()];
    ids[..from].iter().for_each(|value| early[value.index()] = true);
    let words = |v: usize| census.text(column, v).bytes().any(|b| b.is_ascii_alphabetic());
    let new: Vec<bool> = (0..early.len())
        .map(|v| !early[v] && census.counts[column][v] >= LATE && words(v))
        .collect();
    if !present.iter().any(|&v| new[v]) {
        return;
    }
    let hits: Hits = census.hits(column, |v| new[v]);
    debug_assert!(hits.records.iter().all(|r: &RecordId| r.index() >= from));
    out.take("new-category", Some(column), hits, sentence("new-category"));
}
