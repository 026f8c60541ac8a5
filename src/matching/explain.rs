//! Why two records match or not: the evidence for a pair, one step after the other.
//!
//! Reads a fitted model and computes nothing anew: the steps add up to exactly the weight the pair
//! was decided on. A waterfall has two sides, the model three classes (same, related, unrelated), so
//! the steps weigh *same* against *unrelated* and one last step takes off what a household or a
//! shared office explains as well.

use super::decide::{Decider, Verdict};
use super::frequency::Adjustment;
use super::joint::posterior;
use super::model::MatchingModel;
use crate::compare::feature::{Entity, FLAG_PLACEHOLDER, Features, NONE};
use crate::compare::level::{at, email, level_of, name, phone, place, with_level};
use crate::compare::{self, Pair};
use serde::Serialize;
use std::f64::consts::LN_2;

/// The evidence for and against two records being one person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Waterfall {
    /// The steps in order; their bits add up to `total_bits`.
    pub steps: Vec<Step>,
    /// Log2 odds of "same person", as decided.
    pub total_bits: f64,
    /// Probabilities of the three classes.
    pub classes: Classes,
    /// Probability of "same person" that the verdict is taken on.
    pub match_prob: f64,
    /// The probability after calibration, as `crosswalk.csv` and `review.csv` have it.
    pub calibrated_prob: f64,
    /// Merging starts here.
    pub merge_at: f64,
    /// Review starts here.
    pub review_at: f64,
    /// What is decided on the pair alone.
    pub verdict: Verdict,
    /// The smallest change of one comparison that would turn the verdict.
    pub flip: Option<Flip>,
}

/// One step of a waterfall.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// Where the bits come from.
    pub kind: StepKind,
    /// `name`, `email`, ... for comparisons and their frequencies.
    pub name: String,
    /// What was found.
    pub label: String,
    /// Bits for (positive) or against (negative) "same person".
    pub bits: f64,
    /// Why it weighs so much or so little.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Where the bits of a step come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// How rare a same pair is among all pairs of records.
    Prior,
    /// A comparison of two values.
    Comparison,
    /// A comparison that cannot be made: a value is missing.
    Missing,
    /// How rare or common the value agreed on is.
    Frequency,
    /// What being related explains as well.
    Related,
}

/// Probabilities of the classes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Classes {
    /// One person.
    pub same: f64,
    /// Household, colleagues, a shared mailbox.
    pub related: f64,
    /// Nothing to do with each other.
    pub unrelated: f64,
}

/// A change of one comparison that turns the verdict.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Flip {
    /// The comparison.
    pub name: String,
    /// What it says now; empty when it is missing.
    pub from: String,
    /// What it would have to say; empty for a missing value.
    pub to: String,
    /// Bits the change is worth.
    pub bits: f64,
    /// The verdict it leads to.
    pub verdict: Verdict,
}

/// True when the model was made for such features and can be computed with.
pub fn fits(features: &Features, model: &MatchingModel) -> bool {
    let specs = compare::specs(features);
    let positive = |p: f64| p > 0.0 && p <= 1.0;
    specs.len() == model.comparisons.len()
        && features.entity == model.entity
        && positive(model.same_share)
        && positive(model.related_share)
        && specs.iter().zip(&model.comparisons).all(|(spec, c)| {
            spec.name == c.name
                && spec.levels.len() == c.levels.len()
                && c.levels.iter().all(|l| {
                    positive(l.same_prob) && positive(l.related_prob) && positive(l.unrelated_prob)
                })
        })
        && model.namesakes.as_ref().is_none_or(|n| n.fits(&specs))
}

/// Takes a decision apart. The model must fit the features, see [`fits`].
pub fn waterfall(features: &Features, model: &MatchingModel, pair: Pair) -> Waterfall {
    let decider = Decider::new(features, model);
    let pattern = compare::pattern(features, pair);
    let decision = decider.decide(pair, pattern);
    let [same, related, unrelated] = posterior(decider.joint(pair, pattern));
    let mut steps = vec![prior(model)];
    for index in 0..model.comparisons.len() {
        steps.push(comparison(features, model, pair, index, level_of(pattern, index)));
    }
    let adjustment = decider.frequencies.adjust(features, pair, pattern);
    steps.extend(frequency_steps(features, pair, adjustment));
    let total_bits = decision.log_odds / LN_2;
    let against_unrelated: f64 = steps.iter().map(|s| s.bits).sum();
    steps.push(Step {
        kind: StepKind::Related,
        name: "related".into(),
        label: "what a household, a shared mailbox or a namesake in the firm explains as well"
            .into(),
        bits: total_bits - against_unrelated,
        note: None,
    });
    Waterfall {
        steps,
        total_bits,
        classes: Classes { same, related, unrelated },
        match_prob: 1.0 / (1.0 + (-decision.log_odds).exp()),
        calibrated_prob: model.calibration.prob(decision.log_odds),
        merge_at: model.merge_at,
        review_at: model.review_at,
        verdict: decision.verdict,
        flip: smallest_flip(&decider, pair, pattern),
    }
}

fn prior(model: &MatchingModel) -> Step {
    let unrelated = (1.0 - model.same_share - model.related_share).max(1e-12);
    let one_in = (1.0 / model.same_share).round();
    Step {
        kind: StepKind::Prior,
        name: "prior".into(),
        label: format!("of two records drawn at random, 1 pair in {one_in} is one person"),
        bits: (model.same_share / unrelated).log2(),
        note: None,
    }
}

fn comparison(f: &Features, model: &MatchingModel, pair: Pair, index: usize, level: u8) -> Step {
    let comparison = &model.comparisons[index];
    let name = comparison.name.clone();
    match comparison.levels.get((level as usize).wrapping_sub(1)) {
        None => Step {
            kind: StepKind::Missing,
            name,
            label: "missing on a side, or counted with another comparison".into(),
            bits: 0.0,
            note: None,
        },
        Some(l) => Step {
            kind: StepKind::Comparison,
            name,
            label: l.label.clone(),
            bits: (l.same_prob / l.unrelated_prob).log2(),
            note: note(f, pair, index, level),
        },
    }
}

/// What makes an agreement weak, in words.
fn note(f: &Features, pair: Pair, index: usize, level: u8) -> Option<String> {
    let (a, b) = (pair.a as usize, pair.b as usize);
    match (index, level) {
        (at::NAME, name::DIFFERENT) if f.entity == Entity::Person => {
            let hidden = (f.rows[a].flags | f.rows[b].flags) & FLAG_PLACEHOLDER != 0;
            hidden.then(|| "a placeholder such as \"Test\" is nobody's name".into())
        }
        (at::EMAIL, email::SHARED) => {
            let shared = f.emails_of(a).find(|e| f.emails_of(b).any(|o| o == *e))?;
            let email = &f.emails[shared as usize];
            Some(if email.role {
                "a mailbox of a function (info@, sales@) is read by several people".into()
            } else {
                proves_little("the address", email.names)
            })
        }
        (at::PHONE, phone::SHARED | phone::SWITCHBOARD) => {
            let common = f.phones_of(a).filter(|p| {
                let tail = f.phones[*p as usize].tail;
                f.phones_of(b).any(|o| o == *p || f.phones[o as usize].tail == tail)
            });
            let names = common.map(|p| f.phones[p as usize].names).max()?;
            Some(proves_little("the phone", names))
        }
        (at::PLACE, place::OFFICE) => {
            let names = |r: usize| f.streets[f.rows[r].street as usize].names;
            Some(proves_little("the address", names(a).max(names(b))))
        }
        _ => None,
    }
}

fn proves_little(what: &str, names: u32) -> String {
    format!("{what} sits on {names} different names, so it proves little")
}

fn frequency_steps(f: &Features, pair: Pair, adjustment: Adjustment) -> Vec<Step> {
    let (x, y) = (&f.rows[pair.a as usize], &f.rows[pair.b as usize]);
    let family = |name: u32| f.tokens[f.names[name as usize].family_joined as usize].family_records;
    let on_records = |records: u32, what: &str| match records {
        0 | 1 => None,
        n => Some(format!("{n} records have this {what}")),
    };
    let family_note = (x.name != NONE && y.name != NONE && !f.tokens.is_empty())
        .then(|| on_records(family(x.name).max(family(y.name)), "family name"));
    let company = |id: u32| f.companies.get(id as usize).map_or(0, |c| c.records);
    let city = f.city_records.get(x.city as usize).copied().unwrap_or(0);
    let parts = [
        ("name", adjustment.name, family_note.flatten()),
        (
            "company",
            adjustment.company,
            on_records(company(x.company).max(company(y.company)), "company"),
        ),
        ("place", adjustment.city, on_records(city, "city")),
        ("other columns", adjustment.generic, None),
    ];
    parts
        .into_iter()
        .filter(|(_, bits, _)| *bits != 0.0)
        .map(|(name, bits, note)| Step {
            kind: StepKind::Frequency,
            name: name.into(),
            label: if bits < 0.0 { "a frequent value" } else { "a rare value" }.into(),
            bits,
            note,
        })
        .collect()
}

/// The change of one comparison, worth the fewest bits, that turns merging into not merging or the
/// other way round.
fn smallest_flip(decider: &Decider, pair: Pair, pattern: u64) -> Option<Flip> {
    let model = decider.model;
    let now = decider.decide(pair, pattern);
    let label = |index: usize, level: u8| match level {
        0 => String::new(),
        level => model.comparisons[index].levels[level as usize - 1].label.clone(),
    };
    let mut best: Option<Flip> = None;
    for (index, comparison) in model.comparisons.iter().enumerate() {
        let from = level_of(pattern, index);
        let without = pattern & !(15 << (4 * index));
        // What is only imagined agrees on a value of average rarity.
        let bits = decider.frequencies.adjust(decider.features, pair, without).total();
        for to in (0..=comparison.levels.len() as u8).filter(|&to| to != from) {
            let mut joint = decider.logs.joint(with_level(without, index, to));
            joint[2] -= bits * LN_2;
            let then = decider.verdict(pair, joint);
            let turned = (then.verdict == Verdict::Merge) != (now.verdict == Verdict::Merge);
            let bits = (then.log_odds - now.log_odds) / LN_2;
            if turned && best.as_ref().is_none_or(|b| bits.abs() < b.bits.abs()) {
                best = Some(Flip {
                    name: comparison.name.clone(),
                    from: label(index, from),
                    to: label(index, to),
                    bits,
                    verdict: then.verdict,
                });
            }
        }
    }
    best
}

#[cfg(test)]
mod tests;
