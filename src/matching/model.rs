//! The matching model: what each comparison level says about a pair.
//!
//! Fellegi & Sunter (1969) with three latent classes instead of two: *same* person, *related*
//! (household, colleagues, shared mailbox or switchboard) and *unrelated*. With only match and
//! non-match, a household's shared phone, street and family name outweigh its two given names;
//! with a class of their own, related pairs explain themselves and stay out of the matches.

use super::namesake::Namesakes;
use crate::compare::feature::{Entity, Features};
use crate::compare::level::{ComparisonSpec, LevelRule};
use serde::{Deserialize, Serialize};

/// Version of the file format of `matching.json`.
pub const FORMAT: u32 = 2;
/// Versions that can be read: the first one knew no namesakes.
pub const READABLE: std::ops::RangeInclusive<u32> = 1..=FORMAT;
/// Posterior probability from which a pair is merged.
pub const MERGE_AT: f64 = 0.7;
/// Posterior probability from which a pair is put up for review.
pub const REVIEW_AT: f64 = 0.5;

/// Pairs of one person expected per record before any is seen.
pub const SAME_PER_RECORD: f64 = 0.1;

/// Probabilities of one level in each class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelModel {
    /// What the level means.
    pub label: String,
    /// Share of the level among pairs of the same person (the m probability).
    pub same_prob: f64,
    /// Share among related pairs.
    pub related_prob: f64,
    /// Share among unrelated pairs (the u probability).
    pub unrelated_prob: f64,
}

/// One comparison of the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonModel {
    /// Name of the comparison; for generic columns the header.
    pub name: String,
    /// Levels from 1 on.
    pub levels: Vec<LevelModel>,
}

/// Turns the model's log-odds into a probability that means what it says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Factor on the natural log-odds.
    pub slope: f64,
    /// Added to the natural log-odds.
    pub intercept: f64,
}

impl Default for Calibration {
    /// Very nearly the posterior itself. What comparisons have in common (firm and name, firm and
    /// title, firm and switchboard) is in the model; a rest of dependence is taken off.
    fn default() -> Self {
        Self { slope: 0.95, intercept: 0.0 }
    }
}

impl Calibration {
    /// For organizations, where one address and number often holds several: careful, since there is
    /// little to fit it on.
    pub const ORGANIZATIONS: Self = Self { slope: 0.8, intercept: -2.5 };

    /// The calibrated probability.
    pub fn prob(self, log_odds: f64) -> f64 {
        1.0 / (1.0 + (-(self.slope * log_odds + self.intercept)).exp())
    }
}

/// A fitted model; `matching.json` is this, and `--load-matching` reads it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchingModel {
    /// Version of the format.
    pub format: u32,
    /// People or organizations.
    pub entity: Entity,
    /// Records it was fitted on.
    pub records: u64,
    /// Share of same-person pairs among all pairs of records.
    pub same_share: f64,
    /// Share of related pairs among all pairs of records.
    pub related_share: f64,
    /// Chance that two records agree on the given name.
    pub given_agreement_prob: f64,
    /// Chance that two records agree on the family name.
    pub family_agreement_prob: f64,
    /// The comparisons in pattern order.
    pub comparisons: Vec<ComparisonModel>,
    /// Namesakes in one firm, a part of the related pairs; none for organizations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namesakes: Option<Namesakes>,
    /// Calibration of the printed probability.
    pub calibration: Calibration,
    /// Posterior from which pairs merge.
    pub merge_at: f64,
    /// Posterior from which pairs are reviewed.
    pub review_at: f64,
}

impl MatchingModel {
    /// The model before any data was seen.
    pub fn prior(f: &Features, specs: &[ComparisonSpec]) -> Self {
        let records = f.len() as f64;
        let pairs = all_pairs(f.len());
        let (given, family) = name_agreement(f);
        Self {
            format: FORMAT,
            entity: f.entity,
            records: f.len() as u64,
            same_share: (SAME_PER_RECORD * records / pairs).min(0.3),
            related_share: (0.2 * records / pairs).min(0.3),
            given_agreement_prob: given,
            family_agreement_prob: family,
            comparisons: specs.iter().map(prior_comparison).collect(),
            namesakes: Namesakes::prior(f.entity, specs, records, pairs),
            calibration: match f.entity {
                Entity::Person => Calibration::default(),
                Entity::Organization => Calibration::ORGANIZATIONS,
            },
            merge_at: MERGE_AT,
            review_at: REVIEW_AT,
        }
    }
}

/// Number of pairs among so many records, at least 1.
pub fn all_pairs(records: usize) -> f64 {
    let n = records as f64;
    (n * (n - 1.0) / 2.0).max(1.0)
}

fn prior_comparison(spec: &ComparisonSpec) -> ComparisonModel {
    let free = |pick: fn(&crate::compare::level::LevelSpec) -> f64| -> f64 {
        spec.levels.iter().filter(|l| !matches!(l.rule, LevelRule::Ratio(_))).map(pick).sum()
    };
    let (same, related, unrelated) = (free(|l| l.same), free(|l| l.related), free(|l| l.unrelated));
    let levels = spec
        .levels
        .iter()
        .map(|l| {
            let (same_prob, related_prob, unrelated_prob) = match l.rule {
                LevelRule::Ratio(ratio) => (ratio * l.unrelated, l.unrelated, l.unrelated),
                _ => (l.same / same, l.related / related, l.unrelated / unrelated),
            };
            LevelModel { label: l.label.to_string(), same_prob, related_prob, unrelated_prob }
        })
        .collect();
    ComparisonModel { name: spec.name.clone(), levels }
}

/// Chance that two records agree on given and on family name, from the dictionaries: the sum of
/// c (c - 1) over N (N - 1). Small files lean on what is usual in Western contact data.
pub(super) fn name_agreement(f: &Features) -> (f64, f64) {
    /// Weight of the usual values, in pairs.
    const STRENGTH: f64 = 20_000.0;
    const USUAL_GIVEN: f64 = 0.004;
    const USUAL_FAMILY: f64 = 0.001;
    let named = |count: fn(&crate::compare::feature::Token) -> u32, usual: f64| {
        let (mut agreeing, mut records) = (0.0, 0.0);
        for token in &f.tokens {
            let c = f64::from(count(token));
            agreeing += c * (c - 1.0).max(0.0);
            records += c;
        }
        let pairs = records * (records - 1.0f64).max(0.0);
        (agreeing + STRENGTH * usual) / (pairs + STRENGTH)
    };
    (named(|t| t.given_records, USUAL_GIVEN), named(|t| t.family_records, USUAL_FAMILY))
}
