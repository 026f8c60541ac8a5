//! Blocking: which pairs are worth comparing.
//!
//! Stands between normalizing and comparison. The union of many typed keys finds nearly all true
//! pairs at a few pairs per record; every pair is kept once, and the report says what each pass
//! gave, which blocks were too large and how many true pairs are likely missed.

pub mod block;
pub mod frozen;
pub mod ids;
pub mod key;
pub(crate) mod shared;

use crate::compare::Pair;
use crate::compare::feature::Features;
use block::{Encoded, PassReport, decode, run_pass, stripes};
use rayon::prelude::*;

/// The candidate pairs, sorted, each once.
#[derive(Debug, Clone, Default)]
pub struct Candidates {
    /// The pairs in ascending order.
    pub pairs: Vec<Pair>,
    /// Per pair, the passes that found it, as bits.
    pub passes: Vec<u32>,
    /// What each pass did.
    pub report: Vec<PassReport>,
}

impl Candidates {
    /// True when the pair is among the candidates.
    pub fn contains(&self, pair: Pair) -> bool {
        self.pairs.binary_search(&pair).is_ok()
    }
}

/// Pairs up to which a file with few e-mails and phones is compared whole: a moment's work, and keys
/// would miss what typos in several fields hide.
const EXHAUSTIVE_PAIRS: u64 = 2_000_000;

/// All candidate pairs of the features.
pub fn candidates(f: &Features) -> Candidates {
    let n = f.len() as u64;
    if n > 1 && n * (n - 1) / 2 <= EXHAUSTIVE_PAIRS && key::is_thin(f) {
        return all_pairs(n as u32);
    }
    let passes = key::passes(f, key::is_thin(f));
    let mut raw: Vec<Encoded> = vec![Vec::new(); stripes(f.len())];
    let report: Vec<PassReport> =
        passes.iter().enumerate().map(|(index, pass)| run_pass(f, pass, index, &mut raw)).collect();
    gather(raw, report)
}

/// Every pair once, with the passes that found it.
fn gather(raw: Vec<Encoded>, mut report: Vec<PassReport>) -> Candidates {
    let mut result = Candidates::default();
    for (stripe, mut codes) in raw.into_iter().enumerate() {
        codes.par_sort_unstable();
        for group in codes.chunk_by(|x, y| decode(stripe, *x).0 == decode(stripe, *y).0) {
            let mut mask = 0u32;
            for &code in group {
                mask |= 1 << decode(stripe, code).1;
            }
            result.pairs.push(decode(stripe, group[0]).0);
            result.passes.push(mask);
            count(&mut report, mask);
        }
    }
    result.report = report;
    result
}

/// Every pair of a small file.
pub(super) fn all_pairs(n: u32) -> Candidates {
    let pairs: Vec<Pair> = (0..n).flat_map(|a| (a + 1..n).map(move |b| Pair { a, b })).collect();
    let found = pairs.len() as u64;
    let report = PassReport {
        pass: "all pairs",
        blocks: 1,
        largest_block: n,
        pairs: found,
        only_here: found,
        ..PassReport::default()
    };
    Candidates { passes: vec![1; pairs.len()], pairs, report: vec![report] }
}

fn count(report: &mut [PassReport], mask: u32) {
    let only = mask.count_ones() == 1;
    let mut rest = mask;
    while rest != 0 {
        let pass = &mut report[rest.trailing_zeros() as usize];
        pass.pairs += 1;
        pass.only_here += u64::from(only);
        rest &= rest - 1;
    }
}
