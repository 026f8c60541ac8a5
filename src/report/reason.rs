//! Why two records are, or may be, one person: the levels of a pair in words.

use crate::compare;
use crate::compare::level::{at, level_of};
use crate::matching::decide::Verdict;
use crate::matching::model::MatchingModel;
use crate::pipeline::Outcome;
use rayon::prelude::*;

/// No link.
const NO_LINK: u32 = u32::MAX;
/// Reasons for that are told.
const TOLD_FOR: usize = 3;
/// Reasons against that are told.
const TOLD_AGAINST: usize = 2;
/// Times as usual among the same person as among others, for a reason.
const FOR_RATIO: f64 = 2.0;
/// Times as usual among related persons as among the same, for a reason against.
const AGAINST_RELATED: f64 = 4.0;

/// What a level says.
#[derive(Debug, Clone)]
struct Said {
    label: String,
    /// Natural logarithm of how much it speaks for the same person.
    weight: f64,
    against: bool,
}

/// The levels of a model in words.
#[derive(Debug)]
pub(crate) struct Reasons {
    comparisons: Vec<Vec<Said>>,
}

impl Reasons {
    /// Reads a model.
    pub fn new(model: &MatchingModel) -> Self {
        let comparisons = model.comparisons.iter().enumerate().map(|(index, comparison)| {
            let levels = comparison.levels.iter().map(|level| {
                let weight = (level.same_prob / level.unrelated_prob.max(1e-12)).max(1e-12).ln();
                let against = level.same_prob * AGAINST_RELATED < level.related_prob
                    || level.same_prob * FOR_RATIO < level.unrelated_prob;
                let label = match index {
                    at::GENERIC.. => format!("{} in {}", level.label, comparison.name),
                    _ => level.label.clone(),
                };
                Said { label, weight, against }
            });
            levels.collect()
        });
        Self { comparisons: comparisons.collect() }
    }

    /// Appends what a pattern says: `same name; same e-mail; but different phones`.
    pub fn push(&self, pattern: u64, text: &mut String) {
        let mut said: [Option<&Said>; at::LIMIT] = [None; at::LIMIT];
        for (index, levels) in self.comparisons.iter().enumerate().take(at::LIMIT) {
            let level = usize::from(level_of(pattern, index));
            said[index] = level.checked_sub(1).and_then(|l| levels.get(l));
        }
        // Stable, so that equal weights keep the order of the comparisons.
        said.sort_by(|a, b| weight(*b).total_cmp(&weight(*a)));
        let start = text.len();
        let told = said.iter().flatten().filter(|s| !s.against && s.weight > FOR_RATIO.ln());
        for one in told.take(TOLD_FOR) {
            separate(text, start, "; ");
            text.push_str(&one.label);
        }
        let mut link = "; but ";
        for one in said.iter().rev().flatten().filter(|s| s.against).take(TOLD_AGAINST) {
            separate(text, start, link);
            text.push_str(&one.label);
            link = ", ";
        }
    }
}

fn separate(text: &mut String, start: usize, by: &str) {
    if text.len() > start {
        text.push_str(by);
    }
}

fn weight(said: Option<&Said>) -> f64 {
    said.map_or(f64::NEG_INFINITY, |s| s.weight)
}

/// The strongest link of every record to its person, as patterns.
#[derive(Debug)]
pub(crate) struct Links {
    /// Per record: index into `patterns`, or [`NO_LINK`].
    of_record: Vec<u32>,
    /// One per pair that is the strongest of a record: mostly of both its records.
    patterns: Vec<u64>,
}

impl Links {
    /// Finds them.
    pub fn new(outcome: &Outcome) -> Self {
        let decisions = &outcome.matched.decisions;
        let mut of_record = strongest(outcome);
        let mut used: Vec<u32> = of_record.iter().copied().filter(|&d| d != NO_LINK).collect();
        used.par_sort_unstable();
        used.dedup();
        let features = &outcome.records.features;
        let pattern = |&d: &u32| compare::pattern(features, decisions[d as usize].pair);
        let patterns = used.par_iter().with_min_len(1024).map(pattern).collect();
        of_record.par_iter_mut().filter(|d| **d != NO_LINK).for_each(|decision| {
            *decision = used.partition_point(|d| d < decision) as u32;
        });
        Self { of_record, patterns }
    }

    fn of(&self, record: usize) -> Option<u64> {
        self.patterns.get(self.of_record[record] as usize).copied()
    }
}

/// Per record: the decision that holds it in its person most firmly, or [`NO_LINK`].
fn strongest(outcome: &Outcome) -> Vec<u32> {
    let (clusters, decisions) = (&outcome.matched.clusters, &outcome.matched.decisions);
    let mut best = vec![NO_LINK; outcome.table.len()];
    let linking = decisions.iter().enumerate().filter(|(_, d)| {
        let person = |record: u32| clusters.person_of[record as usize];
        d.verdict == Verdict::Merge && person(d.pair.a) == person(d.pair.b)
    });
    for (index, decision) in linking {
        for record in [decision.pair.a, decision.pair.b] {
            let slot = &mut best[record as usize];
            // The pairs ascend: of equally strong links the first stays.
            let other = decisions.get(*slot as usize);
            if other.is_none_or(|other| decision.log_odds > other.log_odds) {
                *slot = index as u32;
            }
        }
    }
    best
}

/// Appends why a record is in its person.
pub(crate) fn push_link(
    outcome: &Outcome,
    links: &Links,
    reasons: &Reasons,
    record: usize,
    text: &mut String,
) {
    let person = outcome.matched.clusters.person_of[record];
    if outcome.matched.clusters.members(person).len() == 1 {
        return text.push_str("only record");
    }
    match links.of(record) {
        Some(pattern) => reasons.push(pattern, text),
        None => text.push_str("known to be the same person"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::level::with_level;
    use crate::matching::model::{ComparisonModel, LevelModel};

    fn level(label: &str, same: f64, related: f64, unrelated: f64) -> LevelModel {
        let label = label.to_string();
        LevelModel { label, same_prob: same, related_prob: related, unrelated_prob: unrelated }
    }

    #[test]
    fn the_strongest_is_told_first_and_contradictions_last() {
        let comparison = |name: &str, levels| ComparisonModel { name: name.into(), levels };
        let features = crate::compare::feature::Features::default();
        let mut model = MatchingModel::prior(&features, &[]);
        model.comparisons = vec![
            comparison(
                "name",
                vec![
                    level("same name", 0.6, 0.01, 1e-5),
                    level("other given name", 0.01, 0.2, 1e-3),
                ],
            ),
            comparison("email", vec![level("same e-mail", 0.5, 0.03, 1e-8)]),
            comparison("phone", vec![level("different phones", 0.3, 0.2, 0.95)]),
        ];
        let reasons = Reasons::new(&model);
        let cases: [(&[(usize, u8)], &str); 4] = [
            (&[(0, 1), (1, 1)], "same e-mail; same name"),
            (&[(0, 1), (2, 1)], "same name; but different phones"),
            (&[(0, 2), (1, 1), (2, 1)], "same e-mail; but different phones, other given name"),
            (&[], ""),
        ];
        for (levels, expected) in cases {
            let pattern = levels.iter().fold(0, |p, &(index, level)| with_level(p, index, level));
            let mut text = String::new();
            reasons.push(pattern, &mut text);
            assert_eq!(text, expected);
        }
    }
}
