//! What several files tell of a run, worked out once.
//!
//! The summary, `report.json`, `report.html` and the lists all say who waits for a decision, whom the
//! duplicates had hidden and who is on which list. Each answer is a pass over all people or pairs, so
//! it is kept with the [`Outcome`] from the first time it is asked for.

use super::actions::Plan;
use crate::matching::decide::{Decision, Verdict};
use crate::pipeline::Outcome;
use crate::score::ModelScores;
use crate::score::model::ScoringModel;

/// The answers.
#[derive(Debug)]
pub(crate) struct Digest {
    /// The pairs that wait for a decision, the likeliest first.
    pub waiting: Vec<Decision>,
    /// Per model: the leads that duplicates had hidden, the highest score first.
    pub hidden: Vec<Vec<u32>>,
    /// Who is on which list.
    pub plan: Plan,
    /// Links that hold two records in one person.
    pub links: usize,
    /// Links that may join two people, as the calibrated probabilities have it; two decimals.
    pub expected_wrong: f64,
    /// Pairs of one person that blocking likely missed; two decimals.
    pub missed: f64,
}

impl Digest {
    /// Works it out.
    pub fn of(outcome: &Outcome) -> Self {
        let both = outcome.models.iter().zip(&outcome.scored.models);
        let matched = &outcome.matched;
        let wrong: f64 =
            links(outcome).map(|d| 1.0 - matched.model.calibration.prob(d.log_odds)).sum();
        Self {
            waiting: waiting(outcome),
            hidden: both.map(|(model, scores)| hidden(model, scores)).collect(),
            plan: Plan::new(outcome),
            links: links(outcome).count(),
            expected_wrong: hundredths(wrong),
            missed: hundredths(matched.missed),
        }
    }
}

/// Links that hold two records in one person.
pub(super) fn links(outcome: &Outcome) -> impl Iterator<Item = &Decision> {
    let person = |record: u32| outcome.matched.clusters.person_of[record as usize];
    let joins =
        move |d: &&Decision| d.verdict == Verdict::Merge && person(d.pair.a) == person(d.pair.b);
    outcome.matched.decisions.iter().filter(joins)
}

fn hundredths(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

fn waiting(outcome: &Outcome) -> Vec<Decision> {
    let person = |record: u32| outcome.matched.clusters.person_of[record as usize];
    let decided = &outcome.matched.constraints.different;
    let mut waiting: Vec<Decision> = outcome
        .matched
        .decisions
        .iter()
        .filter(|d| matches!(d.verdict, Verdict::Review | Verdict::Merge))
        .filter(|d| person(d.pair.a) != person(d.pair.b))
        // What was decided does not wait any more.
        .filter(|d| !decided.contains(&d.pair))
        .copied()
        .collect();
    waiting.sort_by(|x, y| y.log_odds.total_cmp(&x.log_odds).then(x.pair.cmp(&y.pair)));
    waiting
}

fn hidden(model: &ScoringModel, scores: &ModelScores) -> Vec<u32> {
    let mut hidden: Vec<u32> =
        (0..scores.len() as u32).filter(|&p| scores.band_rose(p as usize, model)).collect();
    // Stable: equal scores stay in the order of persons.
    hidden.sort_by_key(|&p| std::cmp::Reverse(scores.score[p as usize]));
    hidden
}
