//! Decisions: from a pattern and term frequencies to a verdict with a probability.

use super::frequency::Frequencies;
use super::joint::{Logs, posterior};
use super::model::MatchingModel;
use crate::compare::feature::Features;
use crate::compare::{self, Pair};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// What becomes of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// One person.
    Merge,
    /// Perhaps one person: a human decides.
    Review,
    /// Different, but connected: household, colleagues, a shared mailbox.
    Related,
    /// Different.
    Distinct,
}

/// A decided pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    /// The records.
    pub pair: Pair,
    /// What is decided.
    pub verdict: Verdict,
    /// Natural log-odds of "same person", quantised.
    pub log_odds: f64,
}

/// Scores pairs under a fitted model.
pub struct Decider<'a> {
    /// The features the pairs point into.
    pub features: &'a Features,
    /// The model.
    pub model: &'a MatchingModel,
    /// Averages for term frequency.
    pub frequencies: Frequencies,
    pub(super) logs: Logs,
}

/// Log-odds are cut to multiples of this before anything is decided on them, so that the order of
/// additions can never tip a decision.
const QUANTUM: f64 = 1.0 / 4096.0;

impl<'a> Decider<'a> {
    /// Prepares a model for deciding.
    pub fn new(features: &'a Features, model: &'a MatchingModel) -> Self {
        Self {
            features,
            model,
            frequencies: Frequencies::of(features, model),
            logs: Logs::of(model),
        }
    }

    /// Log joint probabilities of the classes for a pair, term frequency included.
    pub fn joint(&self, pair: Pair, pattern: u64) -> [f64; 3] {
        self.with_frequency(self.logs.joint(pattern), pair, pattern)
    }

    fn with_frequency(&self, mut joint: [f64; 3], pair: Pair, pattern: u64) -> [f64; 3] {
        let bits = self.frequencies.adjust(self.features, pair, pattern).total();
        joint[2] -= bits * std::f64::consts::LN_2;
        joint
    }

    /// Quantised log-odds of "same person".
    pub fn log_odds(&self, pair: Pair, pattern: u64) -> f64 {
        odds_of(self.joint(pair, pattern))
    }

    /// Log-odds of any two records.
    pub fn compare(&self, pair: Pair) -> f64 {
        self.log_odds(pair, compare::pattern(self.features, pair))
    }

    /// The verdict on a pair.
    pub fn decide(&self, pair: Pair, pattern: u64) -> Decision {
        self.verdict(pair, self.joint(pair, pattern))
    }

    pub(super) fn verdict(&self, pair: Pair, joint: [f64; 3]) -> Decision {
        let log_odds = odds_of(joint);
        let prob = 1.0 / (1.0 + (-log_odds).exp());
        let [_, related, unrelated] = posterior(joint);
        let verdict = if prob >= self.model.merge_at {
            Verdict::Merge
        } else if prob >= self.model.review_at {
            Verdict::Review
        } else if related > unrelated {
            Verdict::Related
        } else {
            Verdict::Distinct
        };
        Decision { pair, verdict, log_odds }
    }

    /// The joint probabilities of a pattern, and whether term frequency can make a pair that has it
    /// anything but distinct.
    fn outlook(&self, pattern: u64) -> ([f64; 3], bool) {
        let joint = self.logs.joint(pattern);
        let most = Frequencies::most_bits(pattern) * std::f64::consts::LN_2;
        let rarest = [joint[0], joint[1], joint[2] - most];
        let review = (self.model.review_at / (1.0 - self.model.review_at)).ln();
        let apart = odds_of(rarest) < review - QUANTUM && rarest[1] < rarest[2] - QUANTUM;
        (joint, !apart)
    }

    /// Verdicts on all candidate pairs that are not plainly distinct, in the order of the pairs.
    pub fn decide_all(&self, pairs: &[Pair], patterns: &[u64]) -> Vec<Decision> {
        let distinct: FxHashSet<u64> = patterns
            .par_chunks(1 << 16)
            .map(|chunk| chunk.iter().copied().collect::<FxHashSet<u64>>())
            .reduce(FxHashSet::default, |mut all, some| {
                all.extend(some);
                all
            });
        let joints: FxHashMap<u64, ([f64; 3], bool)> =
            distinct.into_iter().map(|p| (p, self.outlook(p))).collect();
        pairs
            .par_iter()
            .zip(patterns)
            .with_min_len(4096)
            .filter_map(|(&pair, &pattern)| {
                let (joint, open) = joints.get(&pattern)?;
                // Most patterns are distinct whatever their values: those are never looked up.
                if !open {
                    return None;
                }
                let decision = self.verdict(pair, self.with_frequency(*joint, pair, pattern));
                (decision.verdict != Verdict::Distinct).then_some(decision)
            })
            .collect()
    }
}

/// Quantised log-odds of the first class against the others.
fn odds_of(joint: [f64; 3]) -> f64 {
    let high = joint[1].max(joint[2]);
    let rest = high + ((joint[1] - high).exp() + (joint[2] - high).exp()).ln();
    ((joint[0] - rest) / QUANTUM).round() * QUANTUM
}
