//! Evidence: what learning reads of a file.
//!
//! Counts of patterns instead of pairs, so that learning costs the same for any number of pairs, and a
//! sample of the pairs that no blocking key found, since those are what "unrelated" looks like.

use super::model::{all_pairs, name_agreement};
use crate::blocking::Candidates;
use crate::compare::feature::{Entity, Features, NONE};
use crate::compare::level::{at, name, place};
use crate::compare::place::HOME_NAMES;
use crate::compare::{self, Pair};
use rayon::prelude::*;

/// Random pairs outside the candidates that tell how unrelated records compare.
const RANDOM_PAIRS: usize = 200_000;

/// A pattern with the number of pairs that show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PatternCount {
    /// The pattern.
    pub pattern: u64,
    /// Pairs.
    pub pairs: u64,
}

/// Sorted distinct patterns with their counts.
pub fn count_patterns(patterns: &[u64]) -> Vec<PatternCount> {
    let mut sorted = patterns.to_vec();
    sorted.par_sort_unstable();
    sorted
        .chunk_by(|a, b| a == b)
        .map(|group| PatternCount { pattern: group[0], pairs: group.len() as u64 })
        .collect()
}

/// What EM reads: candidate patterns, a sample of the other pairs, and how many pairs there are.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Patterns of the candidate pairs.
    pub candidates: Vec<PatternCount>,
    /// Patterns of a random sample of the other pairs.
    pub others: Vec<PatternCount>,
    /// All pairs of records.
    pub all_pairs: f64,
    /// What the dictionaries know of levels too rare for the sample.
    pub chances: Vec<Chance>,
}

/// The chance that two records at random reach a level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chance {
    /// The comparison.
    pub comparison: usize,
    /// Its level.
    pub level: u8,
    /// The chance.
    pub prob: f64,
}

impl Evidence {
    /// Gathers the evidence of a run.
    pub fn gather(f: &Features, candidates: &Candidates, patterns: &[u64]) -> Self {
        Self {
            candidates: count_patterns(patterns),
            others: count_patterns(&sample_others(f, candidates)),
            all_pairs: all_pairs(f.len()),
            chances: if all_pairs(f.len()) > RANDOM_PAIRS as f64 { chances(f) } else { Vec::new() },
        }
    }
}

/// Levels that no blocking key looks for and that a sample of a large file misses: an unseen level
/// would be taken for impossible among unrelated pairs, and prove identity to whoever shows it.
fn chances(f: &Features) -> Vec<Chance> {
    if f.entity != Entity::Person || f.len() < 2 {
        return Vec::new();
    }
    let pairs = 2.0 * all_pairs(f.len());
    // Other people at an address of many.
    let shared = f.streets.iter().filter(|s| s.number != NONE && s.names > HOME_NAMES);
    let office: f64 = shared.map(|s| f64::from(s.names) * (f64::from(s.names) - 1.0)).sum();
    // A family name that agrees while a given name is missing.
    let named = f.rows.iter().filter(|row| row.name != NONE).map(|row| &f.names[row.name as usize]);
    let (mut all, mut lone) = (0.0f64, 0.0);
    for name in named {
        all += 1.0;
        lone += f64::from(u8::from(name.given_count == 0));
    }
    let lone = lone / all.max(1.0);
    let family = name_agreement(f).1;
    vec![
        Chance { comparison: at::PLACE, level: place::OFFICE, prob: office / pairs },
        Chance {
            comparison: at::NAME,
            level: name::FAMILY_ONLY,
            prob: family * (1.0 - (1.0 - lone).powi(2)),
        },
    ]
}

/// Patterns of random pairs outside the candidates; of all of them in a small file.
fn sample_others(f: &Features, candidates: &Candidates) -> Vec<u64> {
    let n = f.len() as u64;
    if n < 2 {
        return Vec::new();
    }
    let all = n * (n - 1) / 2;
    let drawn: Vec<Pair> = if all <= RANDOM_PAIRS as u64 {
        (0..n as u32).flat_map(|a| (a + 1..n as u32).map(move |b| Pair { a, b })).collect()
    } else {
        (0..RANDOM_PAIRS as u64)
            .map(|i| {
                let x = mix(2 * i) % n;
                let y = (x + 1 + mix(2 * i + 1) % (n - 1)) % n;
                Pair::new(x as u32, y as u32)
            })
            .collect()
    };
    drawn
        .into_par_iter()
        .with_min_len(1024)
        .filter(|&pair| !candidates.contains(pair) && !is_copy(f, pair))
        .map(|pair| compare::pattern(f, pair))
        .collect()
}

/// True for two copies of one person's record. Blocking pairs only neighbors among hundreds of copies;
/// the pairs it leaves out are not unrelated, and must not teach that agreeing proves nothing.
fn is_copy(f: &Features, pair: Pair) -> bool {
    let (x, y) = (&f.rows[pair.a as usize], &f.rows[pair.b as usize]);
    x.name != NONE && (x.email[0] != NONE || x.phone[0] != NONE) && x == y
}

/// splitmix64: a specified generator, so that every run draws the same pairs.
fn mix(index: u64) -> u64 {
    let mut z = index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
