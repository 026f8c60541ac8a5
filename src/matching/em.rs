//! Expectation-maximization on pattern counts.
//!
//! The full space of record pairs is what the class shares refer to; pairs that no blocking key
//! found enter as unrelated, with the distribution of a random sample. That is what lets one
//! threshold hold from a dozen records to millions: the share of same-person pairs then falls as
//! 1/N by itself. Priors (Dirichlet, in pairs) keep small and thin files steady.

use super::evidence::{Evidence, PatternCount};
use super::joint::{Logs, posterior};
use super::model::{MatchingModel, SAME_PER_RECORD};
use crate::compare::feature::{Entity, Features};
use crate::compare::level::{ComparisonSpec, LEVELS, LevelRule, at, level_of, name};
use rayon::prelude::*;

/// Iterations; the figures do not move after about fifteen.
const ITERATIONS: usize = 25;
/// Weight of the unrelated prior, in pairs.
const UNRELATED_STRENGTH: f64 = 1_000.0;
/// Weight of the unrelated prior of the name levels, in expected pairs of the level: random pairs
/// never show two namesakes, so the dictionaries say how often they meet, until the data can.
const NAME_EXPECTED: f64 = 10.0;
/// Namesakes expected per record beyond what the dictionaries say: given and family names do not meet
/// by chance alone, since families hand them on. Matters in small files, where chance gives none.
const NAMESAKES_PER_RECORD: f64 = 0.003;
/// No level is rarer among unrelated pairs than this.
const UNRELATED_FLOOR: f64 = 1e-9;
/// Weight of the prior of pairs per record, in records: in a file of a few rows, some rows of one person
/// would make every second pair a same one, and a mere namesake certain.
const SAME_RECORDS: f64 = 25.0;
/// Related pairs expected per record of organizations before any is seen: a file with few of them
/// must not conclude that there are none, or a hotel and its restaurant are one for want of another
/// explanation. (For people the name anchor does this; a prior share only costs recall there.)
const RELATED_PER_RECORD: f64 = 0.01;
/// Share of the same-person class from which contradicting names show that it is another class.
const MUCH_CONTRADICTION: f64 = 0.3;

/// Expected pairs per comparison and level, for each class.
#[derive(Clone)]
struct Sums {
    same: Vec<[f64; LEVELS]>,
    related: Vec<[f64; LEVELS]>,
    unrelated: Vec<[f64; LEVELS]>,
    namesakes: Vec<[f64; LEVELS]>,
    total_same: f64,
    total_related: f64,
    total_namesakes: f64,
}

impl Sums {
    fn new(comparisons: usize) -> Self {
        let zero = vec![[0.0; LEVELS]; comparisons];
        Self {
            same: zero.clone(),
            related: zero.clone(),
            unrelated: zero.clone(),
            namesakes: zero,
            total_same: 0.0,
            total_related: 0.0,
            total_namesakes: 0.0,
        }
    }

    fn add(&mut self, other: &Self) {
        let join = |a: &mut Vec<[f64; LEVELS]>, b: &Vec<[f64; LEVELS]>| {
            for (x, y) in a.iter_mut().zip(b) {
                for (p, q) in x.iter_mut().zip(y) {
                    *p += q;
                }
            }
        };
        join(&mut self.same, &other.same);
        join(&mut self.related, &other.related);
        join(&mut self.unrelated, &other.unrelated);
        join(&mut self.namesakes, &other.namesakes);
        self.total_same += other.total_same;
        self.total_related += other.total_related;
        self.total_namesakes += other.total_namesakes;
    }
}

/// Fits the model to the evidence, from its priors.
pub fn fit(f: &Features, specs: &[ComparisonSpec], evidence: &Evidence) -> MatchingModel {
    fit_from(MatchingModel::prior(f, specs), specs, evidence)
}

/// Fits from another starting point than the priors: class shares, level shares, and the agreement
/// of names that the dictionaries give (0 leaves the unrelated name levels to the data).
pub fn fit_from(
    mut model: MatchingModel,
    specs: &[ComparisonSpec],
    evidence: &Evidence,
) -> MatchingModel {
    let outside = outside_sums(specs.len(), evidence);
    let name_means = name_means(&model);
    for _ in 0..ITERATIONS {
        let mut sums = expectation(&Logs::of(&model), specs.len(), &evidence.candidates);
        for (x, y) in sums.unrelated.iter_mut().zip(&outside) {
            for (p, q) in x.iter_mut().zip(y) {
                *p += q;
            }
        }
        maximize(&mut model, specs, &sums, &name_means, evidence.all_pairs);
    }
    model
}

/// Pairs outside the candidates, per comparison and level, all taken as unrelated.
fn outside_sums(comparisons: usize, evidence: &Evidence) -> Vec<[f64; LEVELS]> {
    let candidates: f64 = evidence.candidates.iter().map(|p| p.pairs as f64).sum();
    let sampled: f64 = evidence.others.iter().map(|p| p.pairs as f64).sum();
    let scale =
        if sampled > 0.0 { (evidence.all_pairs - candidates).max(0.0) / sampled } else { 0.0 };
    let mut sums = vec![[0.0; LEVELS]; comparisons];
    for other in &evidence.others {
        for (c, slots) in sums.iter_mut().enumerate() {
            slots[level_of(other.pattern, c) as usize] += other.pairs as f64 * scale;
        }
    }
    for chance in &evidence.chances {
        if let Some(slots) = sums.get_mut(chance.comparison) {
            let slot = &mut slots[usize::from(chance.level)];
            *slot = slot.max(chance.prob * sampled * scale);
        }
    }
    sums
}

/// E step. Chunks are of fixed size and joined in order, so that the sums do not depend on threads.
fn expectation(logs: &Logs, comparisons: usize, patterns: &[PatternCount]) -> Sums {
    let parts: Vec<Sums> = patterns
        .par_chunks(4096)
        .map(|chunk| {
            let mut sums = Sums::new(comparisons);
            for p in chunk {
                let pairs = p.pairs as f64;
                let [same, related, unrelated] =
                    posterior(logs.joint(p.pattern)).map(|x| x * pairs);
                // Of the related ones, those that are namesakes rather than anything else.
                let namesakes = logs.namesake(p.pattern).map_or(0.0, |namesake| {
                    related / (1.0 + (logs.classes(p.pattern)[1] - namesake).exp())
                });
                let related = related - namesakes;
                sums.total_same += same;
                sums.total_related += related;
                sums.total_namesakes += namesakes;
                for c in 0..comparisons {
                    let level = level_of(p.pattern, c) as usize;
                    sums.same[c][level] += same;
                    sums.namesakes[c][level] += namesakes;
                    sums.related[c][level] += related;
                    sums.unrelated[c][level] += unrelated;
                }
            }
            sums
        })
        .collect();
    let mut all = Sums::new(comparisons);
    for part in &parts {
        all.add(part);
    }
    all
}

fn maximize(
    model: &mut MatchingModel,
    specs: &[ComparisonSpec],
    sums: &Sums,
    name_means: &[f64; LEVELS],
    all_pairs: f64,
) {
    let surplus = match model.entity {
        Entity::Person => contradicting_surplus(&specs[at::NAME], &sums.same[at::NAME]),
        Entity::Organization => 0.0,
    };
    let records = model.records as f64;
    let pairs_per_record = (sums.total_same - surplus + 1.0 + SAME_RECORDS * SAME_PER_RECORD)
        / (records + SAME_RECORDS);
    model.same_share = (pairs_per_record * records / all_pairs).min(0.4);
    let expected = match model.entity {
        Entity::Organization => RELATED_PER_RECORD * model.records as f64,
        Entity::Person => 0.0,
    };
    model.related_share = ((sums.total_related + surplus + expected + 1.0) / all_pairs).min(0.4);
    for (c, spec) in specs.iter().enumerate() {
        let same = estimate(spec, &sums.same[c], spec.same_strength, |l| l.same);
        let same = cap_contradictions(spec, same);
        let related = estimate(spec, &sums.related[c], spec.related_strength, |l| l.related);
        let means =
            if c == at::NAME && model.entity == Entity::Person { Some(name_means) } else { None };
        let unrelated = estimate_unrelated(spec, &sums.unrelated[c], means);
        for (l, level) in model.comparisons[c].levels.iter_mut().enumerate() {
            if let LevelRule::Ratio(_) = spec.levels[l].rule {
                continue;
            }
            level.same_prob = same[l];
            level.related_prob = related[l];
            level.unrelated_prob = unrelated[l];
        }
    }
    if let Some(mut namesakes) = model.namesakes.take() {
        let total = sums.total_namesakes;
        namesakes.maximize(specs, &sums.namesakes, total, all_pairs, model);
        model.namesakes = Some(namesakes);
    }
}

fn is_free(rule: LevelRule) -> bool {
    !matches!(rule, LevelRule::Ratio(_))
}

/// Posterior mean of the level shares under a Dirichlet prior; fixed-ratio levels are left out.
fn estimate(
    spec: &ComparisonSpec,
    sums: &[f64; LEVELS],
    strength: f64,
    prior: fn(&crate::compare::level::LevelSpec) -> f64,
) -> Vec<f64> {
    let free = || spec.levels.iter().enumerate().filter(|(_, l)| is_free(l.rule));
    let prior_total: f64 = free().map(|(_, l)| prior(l)).sum();
    let seen: f64 = free().map(|(i, _)| sums[i + 1]).sum();
    spec.levels
        .iter()
        .enumerate()
        .map(|(i, l)| (sums[i + 1] + strength * prior(l) / prior_total) / (seen + strength))
        .collect()
}

/// Keeps contradicting levels rare among same persons; the surplus goes to full agreement.
fn cap_contradictions(spec: &ComparisonSpec, mut same: Vec<f64>) -> Vec<f64> {
    let total: f64 = spec.levels.iter().filter(|l| is_free(l.rule)).map(|l| l.same).sum();
    for i in 1..same.len() {
        if let LevelRule::Capped(times) = spec.levels[i].rule {
            let limit = times * spec.levels[i].same / total;
            if same[i] > limit {
                same[0] += same[i] - limit;
                same[i] = limit;
            }
        }
    }
    same
}

/// Pairs taken for one person although their names contradict, beyond what the cap allows, where they
/// make up much of the class: they are related. Without this, a file of couples with shared e-mail and
/// phone and no duplicates would take couples for what one person looks like. Fewer of them stay:
/// in badly mistyped files an identifier may outweigh a name.
fn contradicting_surplus(spec: &ComparisonSpec, sums: &[f64; LEVELS]) -> f64 {
    let free = || spec.levels.iter().enumerate().filter(|(_, l)| is_free(l.rule));
    let prior_total: f64 = free().map(|(_, l)| l.same).sum();
    let seen: f64 = free().map(|(i, _)| sums[i + 1]).sum();
    let surplus: f64 = free()
        .map(|(i, l)| match l.rule {
            LevelRule::Capped(times) => {
                (sums[i + 1] - times * l.same / prior_total * seen).max(0.0)
            }
            _ => 0.0,
        })
        .sum();
    if surplus > MUCH_CONTRADICTION * seen { surplus } else { 0.0 }
}

/// Means of the unrelated name levels from the dictionaries; 0 where they say nothing.
fn name_means(model: &MatchingModel) -> [f64; LEVELS] {
    let (given, family) = (model.given_agreement_prob, model.family_agreement_prob);
    let both = 2.0 * given * family + 2.0 * NAMESAKES_PER_RECORD / (model.records as f64).max(1.0);
    let mut means = [0.0; LEVELS];
    let shares = [
        (name::EXACT, both),
        (name::NICKNAME, 0.3 * both),
        (name::INITIAL, 0.5 * both),
        (name::SWAPPED, 0.1 * both),
        (name::TYPO, both),
        (name::PARTIAL, 0.3 * both),
        (name::MIXED, 0.5 * both),
        (name::OTHER_GENERATION, 0.01 * both),
        (name::ONE_GENERATION, 0.02 * both),
        (name::OTHER_GIVEN, 0.7 * family),
        (name::OTHER_FAMILY, 0.9 * given),
    ];
    for (level, mean) in shares {
        means[level as usize] = mean;
    }
    means
}

fn estimate_unrelated(
    spec: &ComparisonSpec,
    sums: &[f64; LEVELS],
    means: Option<&[f64; LEVELS]>,
) -> Vec<f64> {
    let free = || spec.levels.iter().enumerate().filter(|(_, l)| is_free(l.rule));
    let seen: f64 = free().map(|(i, _)| sums[i + 1]).sum();
    let mut unrelated: Vec<f64> = spec
        .levels
        .iter()
        .enumerate()
        .map(|(i, l)| {
            let mean = means.map_or(0.0, |m| m[i + 1]);
            let share = if mean > 0.0 {
                (sums[i + 1] + NAME_EXPECTED) / (seen + NAME_EXPECTED / mean)
            } else {
                (sums[i + 1] + UNRELATED_STRENGTH * l.unrelated) / (seen + UNRELATED_STRENGTH)
            };
            share.max(UNRELATED_FLOOR)
        })
        .collect();
    let total: f64 = free().map(|(i, _)| unrelated[i]).sum();
    for share in &mut unrelated {
        *share /= total;
    }
    unrelated
}
