//! One value that determines another: a postcode its region, an article its group.
//!
//! Only codes are believed to determine anything. Why: names repeat by chance (there is a London in
//! Ontario), codes were made not to.

use super::rule;
use crate::normalize::text::is_null_word;
use crate::quality::Collector;
use crate::quality::census::{Census, at_least};
use crate::schema::Role;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// Rows of a code from which on its usual companion is known.
const GROUP: u32 = 8;
/// Rows in such groups that are needed.
const ROWS: u64 = 200;
/// Values of a determined column at most.
const VALUES: usize = 2_000;
/// Rows a pair of columns is tried on before all are counted.
const TRIED: usize = 20_000;

/// Learns which columns determine which.
pub(in crate::quality) fn check(census: &Census, out: &mut Collector) {
    let rows = census.material.table.len();
    let codes: Vec<usize> = (0..census.counts.len()).filter(|&c| is_code(census, c)).collect();
    let others: Vec<usize> =
        (0..census.counts.len()).filter(|&c| is_determined(census, c)).collect();
    let keys: FxHashMap<usize, Vec<u32>> =
        others.iter().chain(&codes).map(|&c| (c, meanings(census, c))).collect();
    let pairs: Vec<(usize, usize)> = codes
        .iter()
        .flat_map(|&x| others.iter().map(move |&y| (x, y)))
        .filter(|(x, y)| x != y)
        .collect();
    let found: Vec<Option<(usize, usize, Vec<bool>)>> = pairs
        .into_par_iter()
        .map(|(x, y)| {
            let learned = learn(census, (x, &keys[&x]), (y, &keys[&y]), rows)?;
            Some((x, y, learned))
        })
        .collect();
    // A value is told once, with the first column that contradicts it.
    let mut told: Vec<usize> = Vec::new();
    for (x, y, wrong) in found.into_iter().flatten() {
        if !told.contains(&y) {
            told.push(y);
            let hits = census.hits_of_records(census.filled[y], |r| wrong[r]);
            let header = &census.material.table.columns[x].header;
            let message = format!(
                "contradicts \u{ab}{header}\u{bb}, which nearly always goes with another value; \
                 one of the two is wrong"
            );
            out.take("dependency", Some(y), hits, message);
        }
    }
}

fn is_code(census: &Census, column: usize) -> bool {
    use Role::{Category, ExternalId, Generic, Postcode};
    if !matches!(census.role(column), Category | ExternalId | Generic | Postcode) {
        return false;
    }
    let counts = &census.counts[column];
    let present = || (1..counts.len()).filter(|&v| counts[v] > 0);
    let distinct = present().count() as u64;
    let coded = present().filter(|&v| {
        let text = census.text(column, v);
        text.len() >= 2 && text.len() <= 24 && text.bytes().any(|b| b.is_ascii_digit())
    });
    distinct >= 5
        && distinct * u64::from(GROUP) <= census.filled[column] * 2
        && at_least(coded.count() as u64, distinct) >= 0.5
}

fn is_determined(census: &Census, column: usize) -> bool {
    use Role::{Category, City, Country, Generic, Industry, Region};
    if !matches!(census.role(column), Category | City | Country | Generic | Industry | Region) {
        return false;
    }
    let counts = &census.counts[column];
    let present = || counts.iter().skip(1).filter(|&&c| c > 0);
    let largest = present().max().copied().unwrap_or(0);
    // A column of nearly one value goes with everything.
    (2..=VALUES).contains(&present().count())
        && u64::from(largest) * 10 <= census.filled[column] * 9
}

/// Equal for values that mean the same; 0 for none.
fn meanings(census: &Census, column: usize) -> Vec<u32> {
    let keys = &census.material.records.keys[column];
    (0..census.counts[column].len())
        .map(|v| match keys.get(v) {
            _ if v == 0 || is_null_word(census.text(column, v)) => 0,
            Some(&key) if key != 0 => key,
            // Codes and words without a meaning of their own stand for themselves.
            _ => v as u32 | 1 << 30,
        })
        .collect()
}

/// The rows that contradict, when a column determines another.
fn learn(
    census: &Census,
    (x, x_key): (usize, &[u32]),
    (y, y_key): (usize, &[u32]),
    rows: usize,
) -> Option<Vec<bool>> {
    let (xs, ys) = (&census.material.table.columns[x].ids, &census.material.table.columns[y].ids);
    let pair = |r: usize| -> Option<(u32, u32)> {
        let (a, b) = (x_key[xs[r].index()], y_key[ys[r].index()]);
        (a != 0 && b != 0).then_some((a, b))
    };
    // Rows are tried by what is in them, so that their order has no say.
    let every = (rows / TRIED).max(1) as u64;
    if every > 1 {
        let tried = Groups::of(
            (0..rows).filter(|&r| census.marks[r].is_multiple_of(every)).filter_map(pair),
        );
        if tried.rows < ROWS || at_least(tried.usual, tried.rows) < 0.9 {
            return None;
        }
    }
    let groups = Groups::of((0..rows).filter_map(pair));
    if groups.rows < ROWS || !rule::holds(groups.usual, groups.rows - groups.usual) {
        return None;
    }
    Some((0..rows).map(|r| pair(r).is_some_and(|(a, b)| groups.contradicts(a, b))).collect())
}

/// What goes with each code.
struct Groups {
    /// Per code: its most frequent companion, its rows with it, all its rows.
    of_code: FxHashMap<u32, (u32, u32, u32)>,
    rows: u64,
    usual: u64,
}

impl Groups {
    fn of(pairs: impl Iterator<Item = (u32, u32)>) -> Self {
        let mut counts: FxHashMap<(u32, u32), u32> = FxHashMap::default();
        pairs.for_each(|pair| *counts.entry(pair).or_default() += 1);
        let mut of_code: FxHashMap<u32, (u32, u32, u32)> = FxHashMap::default();
        for ((code, other), count) in counts {
            let group = of_code.entry(code).or_default();
            group.2 += count;
            // Of a tie neither is usual; which is kept has no say then.
            if count > group.1 {
                (group.0, group.1) = (other, count);
            }
        }
        let large = || of_code.values().filter(|g| g.2 >= GROUP);
        let rows = large().map(|g| u64::from(g.2)).sum();
        let usual = large().map(|g| u64::from(g.1)).sum();
        Self { of_code, rows, usual }
    }

    fn contradicts(&self, code: u32, other: u32) -> bool {
        self.of_code.get(&code).is_some_and(|&(usual, with, all)| {
            all >= GROUP && with * 10 >= all * 8 && usual != other
        })
    }
}
