//! How well a score tells won leads from lost ones: ranking, lift and reliability.

use super::super::leads::ModelScores;
use super::super::model::ScoringModel;
use super::sample::Sample;
use super::{NORMAL_95, rounded};
use crate::score::NO_BAND;
use serde::Serialize;

/// What became of the leads of a band.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BandResult {
    /// Id; empty for no band.
    pub band: String,
    /// Leads in it.
    pub leads: usize,
    /// Won ones.
    pub won: usize,
    /// Share won.
    pub share: f64,
    /// Share won against that of all leads.
    pub lift: f64,
}

/// What became of a tenth of the leads.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tenth {
    /// Which, 1 is the most promising.
    pub tenth: usize,
    /// Leads in it.
    pub leads: usize,
    /// Won ones.
    pub won: usize,
    /// Share that the fitted weights expect.
    pub expected: f64,
    /// Share won.
    pub observed: f64,
    /// 95 % interval of the share (Wilson 1927).
    pub interval: [f64; 2],
    /// Share won against that of all leads.
    pub lift: f64,
}

/// The chance that a won lead stands above a lost one; equals count half (area under the ROC curve).
pub(super) fn ranking(value: &[f64], won: &[bool]) -> f64 {
    let mut order: Vec<usize> = (0..value.len()).collect();
    order.sort_by(|&x, &y| value[x].total_cmp(&value[y]));
    let wins = won.iter().filter(|w| **w).count() as f64;
    let losses = won.len() as f64 - wins;
    let (mut below, mut above, mut at) = (0.0, 0.0, 0);
    while at < order.len() {
        let mut end = at;
        let (mut w, mut l) = (0.0, 0.0);
        while end < order.len() && value[order[end]] == value[order[at]] {
            if won[order[end]] {
                w += 1.0
            } else {
                l += 1.0
            }
            end += 1;
        }
        above += w * (below + l / 2.0);
        below += l;
        at = end;
    }
    if wins * losses > 0.0 { above / (wins * losses) } else { 0.5 }
}

/// Won leads per band, in the order of the model; leads without a band last.
pub(super) fn bands(
    model: &ScoringModel,
    scores: &ModelScores,
    sample: &Sample,
) -> Vec<BandResult> {
    let base = sample.won_count() as f64 / sample.persons.len().max(1) as f64;
    let of_primary = (0..model.bands.len()).filter(|&b| model.bands[b].of == model.primary);
    let numbers = of_primary.map(|b| b as u16).chain([NO_BAND]);
    let results = numbers.map(|number| {
        let inside = || {
            let all = sample.persons.iter().zip(&sample.won);
            all.filter(move |(p, _)| scores.band[**p] == number)
        };
        let (leads, won) = (inside().count(), inside().filter(|(_, won)| **won).count());
        let share = won as f64 / leads.max(1) as f64;
        let band = model.bands.get(number as usize).map_or(String::new(), |b| b.id.clone());
        BandResult { band, leads, won, share: rounded(share), lift: rounded(share / base) }
    });
    results.filter(|result| result.leads > 0 || !result.band.is_empty()).collect()
}

/// Leads by tenths of their chance. Leads with the same chance stay together, so that no order among
/// equals can matter.
pub(super) fn tenths(chance: &[f64], won: &[bool]) -> Vec<Tenth> {
    let count = chance.len();
    let base = won.iter().filter(|w| **w).count() as f64 / count.max(1) as f64;
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&x, &y| chance[y].total_cmp(&chance[x]));
    let mut tenths = Vec::new();
    let mut at = 0;
    for tenth in 1..=10 {
        let mut end = (count * tenth / 10).max(at);
        while end > at && end < count && chance[order[end]] == chance[order[end - 1]] {
            end += 1;
        }
        if end == at {
            continue;
        }
        let inside = &order[at..end];
        let leads = inside.len();
        let wins = inside.iter().filter(|&&i| won[i]).count();
        let observed = wins as f64 / leads as f64;
        tenths.push(Tenth {
            tenth,
            leads,
            won: wins,
            expected: rounded(inside.iter().map(|&i| chance[i]).sum::<f64>() / leads as f64),
            observed: rounded(observed),
            interval: wilson(wins as f64, leads as f64).map(rounded),
            lift: rounded(observed / base),
        });
        at = end;
    }
    tenths
}

/// The interval of a share.
fn wilson(won: f64, leads: f64) -> [f64; 2] {
    let (z2, share) = (NORMAL_95 * NORMAL_95, won / leads);
    let middle = share + z2 / (2.0 * leads);
    let wide = NORMAL_95 * (share * (1.0 - share) / leads + z2 / (4.0 * leads * leads)).sqrt();
    let all = 1.0 + z2 / leads;
    [((middle - wide) / all).max(0.0), ((middle + wide) / all).min(1.0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranking_counts_pairs_in_the_right_order() {
        for (value, won, expected, why) in [
            (vec![1.0, 2.0, 3.0, 4.0], vec![false, false, true, true], 1.0, "all right"),
            (vec![4.0, 3.0, 2.0, 1.0], vec![false, false, true, true], 0.0, "all wrong"),
            (vec![1.0, 1.0, 1.0, 1.0], vec![false, true, false, true], 0.5, "all equal"),
            (vec![1.0, 2.0, 2.0], vec![false, true, false], 0.75, "one pair equal"),
            (vec![1.0], vec![true], 0.5, "nothing to compare"),
        ] {
            assert!((ranking(&value, &won) - expected).abs() < 1e-12, "{why}");
        }
    }

    #[test]
    fn tenths_hold_every_lead_once_and_equals_together() {
        let chance: Vec<f64> = (0..100).map(|i| f64::from(i / 7) / 20.0).collect();
        let won: Vec<bool> = (0..100).map(|i| i % 3 == 0).collect();
        let tenths = tenths(&chance, &won);
        assert_eq!(tenths.iter().map(|t| t.leads).sum::<usize>(), 100);
        assert_eq!(tenths.iter().map(|t| t.won).sum::<usize>(), 34);
        assert!(tenths.windows(2).all(|w| w[0].expected > w[1].expected));
        assert!(tenths.iter().all(|t| t.interval[0] <= t.observed && t.observed <= t.interval[1]));
    }

    #[test]
    fn the_interval_is_wilsons() {
        let [low, high] = wilson(10.0, 40.0);
        assert!((low - 0.1419).abs() < 1e-3 && (high - 0.4019).abs() < 1e-3, "{low} {high}");
        assert_eq!(wilson(0.0, 5.0)[0], 0.0);
    }
}
