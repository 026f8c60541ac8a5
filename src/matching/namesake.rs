//! Namesakes in one firm: two people whose name and company agree for a reason.
//!
//! Fathers and sons, or two who happen to be called the same among hundreds of colleagues. To the
//! *unrelated* such a pair is a coincidence of two rare agreements, far rarer than it is in life, and
//! to the *related* it is one that ought to share a channel; so each missing or contradicting
//! channel pushes it to *same*. As a part of the related class with level shares of its own (names as
//! one person's, channels and titles as two people's) its size is learned from the file. It is asked
//! only about pairs that are seen to share the company; files without one have no use for it.

use super::model::MatchingModel;
use crate::compare::feature::Entity;
use crate::compare::level::{ComparisonSpec, LEVELS, LevelRule, at, company, level_of};
use serde::{Deserialize, Serialize};

/// Such pairs expected per record before any is seen, and the records this weighs as much as.
const PER_RECORD: f64 = 0.004;
const RECORDS: f64 = 500.0;
/// Weight of the prior of the level shares, in pairs.
const STRENGTH: f64 = 200.0;

/// Prior shares of the levels where two people tell more than `related` pairs do: those were found by
/// the channel they share.
const EMAIL: [f64; 10] = [0.01, 0.03, 0.001, 0.005, 0.005, 0.15, 0.20, 0.43, 0.04, 0.13];
const PHONE: [f64; 7] = [0.04, 0.06, 0.14, 0.001, 0.08, 0.62, 0.06];

/// What is known of namesakes in one firm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Namesakes {
    /// Their share among all pairs of records; a part of the related share.
    pub share: f64,
    /// Share of each level from 1 on, per comparison.
    pub levels: Vec<Vec<f64>>,
}

/// True when a pattern says that two records share the company.
pub fn are_asked(pattern: u64) -> bool {
    matches!(level_of(pattern, at::COMPANY), company::SAME | company::NEAR)
}

impl Namesakes {
    /// Before any data was seen; none where the comparisons are not those of people.
    pub fn prior(
        entity: Entity,
        specs: &[ComparisonSpec],
        records: f64,
        all_pairs: f64,
    ) -> Option<Self> {
        let lengths = [(at::EMAIL, EMAIL.len()), (at::PHONE, PHONE.len()), (at::COMPANY, 3)];
        let fits = |&(index, length): &(usize, usize)| {
            specs.get(index).is_some_and(|s: &ComparisonSpec| s.levels.len() == length)
        };
        if entity != Entity::Person || !lengths.iter().all(fits) {
            return None;
        }
        let levels = specs.iter().enumerate().map(|(index, spec)| means(index, spec)).collect();
        Some(Self { share: (PER_RECORD * records / all_pairs).min(0.1), levels })
    }

    /// True when there is a share for every level of the comparisons, and none that cannot be computed
    /// with.
    pub fn fits(&self, specs: &[ComparisonSpec]) -> bool {
        let positive = |p: &f64| *p > 0.0 && *p <= 1.0;
        let lengths = specs.iter().map(|s| s.levels.len());
        positive(&self.share)
            && lengths.eq(self.levels.iter().map(Vec::len))
            && self.levels.iter().flatten().all(positive)
    }

    /// M step: the levels follow the pairs taken for namesakes (`sums`, from level 0 on), the name
    /// follows one person's and the company that of related pairs.
    pub fn maximize(
        &mut self,
        specs: &[ComparisonSpec],
        sums: &[[f64; LEVELS]],
        total: f64,
        all_pairs: f64,
        model: &MatchingModel,
    ) {
        let records = model.records as f64;
        let per_record = (total + PER_RECORD * RECORDS) / (records + RECORDS);
        self.share = (per_record * records / all_pairs).min(0.1);
        for (index, spec) in specs.iter().enumerate() {
            let fitted = &model.comparisons[index].levels;
            match index {
                at::NAME => self.levels[index] = fitted.iter().map(|l| l.same_prob).collect(),
                at::COMPANY | at::PLACE => {
                    self.levels[index] = fitted.iter().map(|l| l.related_prob).collect();
                }
                _ => self.estimate(index, spec, &sums[index], model),
            }
        }
    }

    fn estimate(
        &mut self,
        index: usize,
        spec: &ComparisonSpec,
        sums: &[f64; LEVELS],
        model: &MatchingModel,
    ) {
        let prior = means(index, spec);
        let free = |i: usize| !matches!(spec.levels[i].rule, LevelRule::Ratio(_));
        let seen: f64 = sums[1..].iter().sum();
        let whole: f64 = prior.iter().sum();
        for (i, slot) in self.levels[index].iter_mut().enumerate() {
            *slot = if free(i) {
                (sums[i + 1] + STRENGTH * prior[i] / whole) / (seen + STRENGTH)
            } else {
                model.comparisons[index].levels[i].unrelated_prob
            };
        }
    }
}

/// Prior means of a comparison's levels; levels of a fixed ratio are as with unrelated pairs.
fn means(index: usize, spec: &ComparisonSpec) -> Vec<f64> {
    let mean = |(i, l): (usize, &crate::compare::level::LevelSpec)| match (index, l.rule) {
        (at::EMAIL, _) => EMAIL[i],
        (_, LevelRule::Ratio(_)) => l.unrelated,
        (at::NAME, _) => l.same,
        (at::PHONE, _) => PHONE[i],
        _ => l.related,
    };
    spec.levels.iter().enumerate().map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare;
    use crate::compare::feature::{Features, Row};
    use crate::compare::level::{email, name, phone, three, with_level};
    use crate::matching::em;
    use crate::matching::evidence::{Evidence, PatternCount};
    use crate::matching::joint::{Logs, posterior};

    const RECORDS: usize = 20_000;

    fn pattern(name: u8, email: u8, phone: u8, company: u8, title: u8) -> u64 {
        let levels = [name, email, phone, company, 0, title];
        levels.iter().enumerate().fold(0, |p, (i, &level)| with_level(p, i, level))
    }

    /// A file of 20,000 with people in two records each, namesakes in one firm whose phones and titles
    /// differ, and colleagues.
    fn fitted(namesakes: u64) -> (MatchingModel, f64) {
        let f = Features { rows: vec![Row::default(); RECORDS], ..Features::default() };
        let specs = compare::specs(&f);
        let count = |pattern, pairs| PatternCount { pattern, pairs };
        let (same, none) = (company::SAME, 0);
        let mut candidates = vec![
            count(pattern(name::EXACT, email::SAME, phone::SAME, same, three::SAME), 3_000),
            count(pattern(name::EXACT, email::FREE_AND_WORK, none, same, three::SAME), 2_000),
            count(
                pattern(name::EXACT, email::FREE_AND_WORK, phone::DIFFERENT, same, three::SAME),
                900,
            ),
            count(pattern(name::TYPO, email::SAME, phone::DIFFERENT, same, three::SAME), 600),
            count(pattern(name::DIFFERENT, none, phone::SWITCHBOARD, same, none), 20_000),
            count(UNSURE, namesakes),
        ];
        candidates.sort_unstable();
        let others = vec![count(pattern(name::DIFFERENT, email::TWO_WORK, 6, 3, none), 100_000)];
        let all_pairs = crate::matching::model::all_pairs(RECORDS);
        let evidence = Evidence { candidates, others, all_pairs, chances: Vec::new() };
        (em::fit(&f, &specs, &evidence), all_pairs)
    }

    /// Same name, a private and a work e-mail, different phones, same firm, different titles.
    const UNSURE: u64 = 0x30_1681;

    #[test]
    fn their_number_is_learned_from_the_file() {
        let prob = |namesakes| {
            let (model, all_pairs) = fitted(namesakes);
            let share = model.namesakes.as_ref().map_or(0.0, |n| n.share * all_pairs);
            let [same, related, _] = posterior(Logs::of(&model).joint(UNSURE));
            (share, same, related)
        };
        let (few, same_of_few, _) = prob(5);
        let (many, same_of_many, related) = prob(300);
        assert!(few < 100.0 && (200.0..450.0).contains(&many), "{few} and {many} namesakes");
        assert!(same_of_many < 0.2 && same_of_few > same_of_many, "{same_of_few} {same_of_many}");
        assert!(related > 0.7, "they count among the related: {related}");
    }

    #[test]
    fn only_pairs_that_share_the_company_are_asked() {
        let (model, _) = fitted(300);
        let without = MatchingModel { namesakes: None, ..model.clone() };
        for company in [0, company::DIFFERENT] {
            let p = pattern(name::EXACT, email::FREE_AND_WORK, phone::DIFFERENT, company, 0);
            assert_eq!(Logs::of(&model).joint(p), Logs::of(&without).joint(p));
        }
        let asked = pattern(name::EXACT, 0, phone::DIFFERENT, company::SAME, 0);
        assert!(Logs::of(&model).joint(asked)[1] > Logs::of(&without).joint(asked)[1]);
    }

    #[test]
    fn organizations_have_none() {
        let f = Features { entity: Entity::Organization, ..Features::default() };
        assert!(MatchingModel::prior(&f, &compare::specs(&f)).namesakes.is_none());
    }
}
