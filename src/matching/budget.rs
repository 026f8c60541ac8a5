//! A budget of wrong merges, and what blocking likely missed.

use super::decide::{Decision, Verdict};
use super::model::MatchingModel;
use crate::blocking::Candidates;

/// Chooses the merge threshold so that the expected share of wrong pairs among the merged ones is at
/// most `budget`, and gives the verdicts anew. Review keeps its threshold, unless merging goes below.
pub fn hold(budget: f64, model: &mut MatchingModel, decisions: &mut [Decision]) {
    let mut likely: Vec<f64> = decisions.iter().map(|d| d.log_odds).filter(|&l| l >= 0.0).collect();
    likely.sort_by(|x, y| y.total_cmp(x));
    let (mut wrong, mut threshold) = (0.0, f64::INFINITY);
    for (count, &log_odds) in (1..).zip(&likely) {
        wrong += 1.0 - model.calibration.prob(log_odds);
        if wrong <= budget * f64::from(count) {
            threshold = log_odds;
        }
    }
    // A pair of exactly the threshold merges; with none in the budget, no pair does.
    model.merge_at = 1.0 / (1.0 + (-threshold).exp());
    model.review_at = model.review_at.min(model.merge_at);
    let review = (model.review_at / (1.0 - model.review_at)).ln();
    for decision in decisions.iter_mut().filter(|d| d.log_odds >= review) {
        let merge = decision.log_odds >= threshold;
        decision.verdict = if merge { Verdict::Merge } else { Verdict::Review };
    }
}

/// Wrong pairs to be expected among the merge verdicts.
pub fn expected_wrong(model: &MatchingModel, decisions: &[Decision]) -> f64 {
    let merged = decisions.iter().filter(|d| d.verdict == Verdict::Merge);
    merged.map(|d| 1.0 - model.calibration.prob(d.log_odds)).sum()
}

/// Pairs of one person that no blocking key found, estimated from how often the passes agree
/// (capture-recapture; Chao 1987: those found once, squared, over twice those found twice).
pub fn estimate_missed(candidates: &Candidates, decisions: &[Decision]) -> f64 {
    if candidates.report.len() < 2 {
        return 0.0;
    }
    let (mut once, mut twice) = (0.0, 0.0);
    for decision in decisions.iter().filter(|d| d.verdict == Verdict::Merge) {
        let found = candidates.pairs.binary_search(&decision.pair).map(|i| candidates.passes[i]);
        match found.map(u32::count_ones) {
            Ok(1) => once += 1.0,
            Ok(2) => twice += 1.0,
            _ => {}
        }
    }
    once * once / (2.0 * f64::max(twice, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Pair;
    use crate::compare::feature::Features;

    fn decided(log_odds: &[f64]) -> Vec<Decision> {
        let decision = |(i, &log_odds): (usize, &f64)| Decision {
            pair: Pair { a: 0, b: i as u32 + 1 },
            verdict: Verdict::Merge,
            log_odds,
        };
        log_odds.iter().enumerate().map(decision).collect()
    }

    #[test]
    fn the_budget_is_held_and_used() {
        let mut model = MatchingModel::prior(&Features::default(), &[]);
        let mut decisions = decided(&[12.0, 11.0, 9.0, 6.0, 4.0, 3.0, 2.0, 1.0]);
        for budget in [0.3, 0.05, 0.01, 0.001] {
            hold(budget, &mut model, &mut decisions);
            let merged = decisions.iter().filter(|d| d.verdict == Verdict::Merge).count();
            let wrong = expected_wrong(&model, &decisions);
            assert!(merged > 0, "{budget} allows the surest pair");
            assert!(wrong <= budget * merged as f64, "{budget}: {wrong} of {merged}");
        }
        hold(0.0, &mut model, &mut decisions);
        assert!(decisions.iter().all(|d| d.verdict == Verdict::Review));
    }
}
