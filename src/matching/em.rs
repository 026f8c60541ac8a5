//! Expectation-maximization on pattern counts.
//!
//! The full space of record pairs is what the class shares refer to; pairs that no blocking key
//! found enter as unrelated, with the distribution of a random sample. That is what lets one
//! threshold hold from a dozen records to millions: the share of same-person pairs then falls as
//! 1/N by itself. Priors (Dirichlet, in pairs) keep small and thin files steady.

use super::model::{MatchingModel, SAME_PER_RECORD, all_pairs};
use super::namesake;
use crate::blocking::Candidates;
use crate::compare::feature::{Entity, Features, NONE};
use crate::compare::level::{ComparisonSpec, LevelRule, at, level_of, name};
use crate::compare::{self, Pair};
use rayon::prelude::*;

/// Iterations; the figures do not move after about fifteen.
const ITERATIONS: usize = 25;
/// Random pairs outside the candidates that tell how unrelated records compare.
const RANDOM_PAIRS: usize = 200_000;
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
/// Levels a comparison may have.
const LEVELS: usize = 16;

/// A pattern with the number of pairs that show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PatternCount {
    /// The pattern.
    pub pattern: u64,
    /// Pairs.
    pub pairs: u64,
}

/// Sorted distinct patterns with their counts.
pub fn count_patterns(patterns: &[u64]) -> Vec<PatternCount> {
    let mut sorted = patterns.to_vec();
    sorted.par_sort_unstable();
    sorted
        .chunk_by(|a, b| a == b)
        .map(|group| PatternCount { pattern: group[0], pairs: group.len() as u64 })
        .collect()
}

/// What EM reads: candidate patterns, a sample of the other pairs, and how many pairs there are.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Patterns of the candidate pairs.
    pub candidates: Vec<PatternCount>,
    /// Patterns of a random sample of the other pairs.
    pub others: Vec<PatternCount>,
    /// All pairs of records.
    pub all_pairs: f64,
}

impl Evidence {
    /// Gathers the evidence of a run.
    pub fn gather(f: &Features, candidates: &Candidates, patterns: &[u64]) -> Self {
        Self {
            candidates: count_patterns(patterns),
            others: count_patterns(&sample_others(f, candidates)),
            all_pairs: all_pairs(f.len()),
        }
    }
}

/// Patterns of random pairs outside the candidates; of all of them in a small file.
fn sample_others(f: &Features, candidates: &Candidates) -> Vec<u64> {
    let n = f.len() as u64;
    if n < 2 {
        return Vec::new();
    }
    let all = n * (n - 1) / 2;
    let drawn: Vec<Pair> = if all <= RANDOM_PAIRS as u64 {
        (0..n as u32).flat_map(|a| (a + 1..n as u32).map(move |b| Pair { a, b })).collect()
    } else {
        (0..RANDOM_PAIRS as u64)
            .map(|i| {
                let x = mix(2 * i) % n;
                let y = (x + 1 + mix(2 * i + 1) % (n - 1)) % n;
                Pair::new(x as u32, y as u32)
            })
            .collect()
    };
    drawn
        .into_par_iter()
        .with_min_len(1024)
        .filter(|&pair| !candidates.contains(pair) && !is_copy(f, pair))
        .map(|pair| compare::pattern(f, pair))
        .collect()
}

/// True for two copies of one person's record. Blocking pairs only neighbors among hundreds of copies;
/// the pairs it leaves out are not unrelated, and must not teach that agreeing proves nothing.
fn is_copy(f: &Features, pair: Pair) -> bool {
    let (x, y) = (&f.rows[pair.a as usize], &f.rows[pair.b as usize]);
    x.name != NONE && (x.email[0] != NONE || x.phone[0] != NONE) && x == y
}

/// splitmix64: a specified generator, so that every run draws the same pairs.
fn mix(index: u64) -> u64 {
    let mut z = index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

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

/// Natural logarithms of a model's probabilities, by comparison and level.
pub struct Logs {
    /// Share of the classes: same, related, unrelated.
    pub class: [f64; 3],
    /// Per comparison and level: same, related, unrelated; zero for level 0.
    pub level: Vec<[[f64; 3]; LEVELS]>,
    /// Of namesakes in one firm: share, and per comparison and level.
    namesakes: Option<(f64, Vec<[f64; LEVELS]>)>,
}

impl Logs {
    /// The logarithms of a model.
    pub fn of(model: &MatchingModel) -> Self {
        let unrelated = (1.0 - model.same_share - model.related_share).max(1e-12);
        let level = model
            .comparisons
            .iter()
            .map(|c| {
                let mut logs = [[0.0; 3]; LEVELS];
                for (slot, l) in logs[1..].iter_mut().zip(&c.levels) {
                    *slot = [l.same_prob.ln(), l.related_prob.ln(), l.unrelated_prob.ln()];
                }
                logs
            })
            .collect();
        let namesakes = model.namesakes.as_ref().map(|n| {
            let logs = n.levels.iter().map(|levels| {
                let mut logs = [0.0; LEVELS];
                for (slot, share) in logs[1..].iter_mut().zip(levels) {
                    *slot = share.ln();
                }
                logs
            });
            (n.share.ln(), logs.collect())
        });
        let class = [model.same_share.ln(), model.related_share.ln(), unrelated.ln()];
        Self { class, level, namesakes }
    }

    /// Log joint probability of class and pattern, for each class; namesakes in one firm count
    /// among the related.
    pub fn joint(&self, pattern: u64) -> [f64; 3] {
        let [same, related, unrelated] = self.classes(pattern);
        match self.namesake(pattern) {
            None => [same, related, unrelated],
            Some(namesake) => {
                let high = related.max(namesake);
                let sum = (related - high).exp() + (namesake - high).exp();
                [same, high + sum.ln(), unrelated]
            }
        }
    }

    /// Log joint probability of the pattern and being namesakes, where that is asked.
    fn namesake(&self, pattern: u64) -> Option<f64> {
        let (share, levels) = self.namesakes.as_ref()?;
        namesake::are_asked(pattern).then(|| {
            let of = |(c, logs): (usize, &[f64; LEVELS])| logs[level_of(pattern, c) as usize];
            share + levels.iter().enumerate().map(of).sum::<f64>()
        })
    }

    /// Log joint probabilities of the three classes, namesakes left out.
    fn classes(&self, pattern: u64) -> [f64; 3] {
        let mut joint = self.class;
        for (c, logs) in self.level.iter().enumerate() {
            let log = &logs[level_of(pattern, c) as usize];
            joint[0] += log[0];
            joint[1] += log[1];
            joint[2] += log[2];
        }
        joint
    }
}

/// Posterior probabilities of the classes from their log joint probabilities.
pub fn posterior(joint: [f64; 3]) -> [f64; 3] {
    let max = joint[0].max(joint[1]).max(joint[2]);
    let e = joint.map(|x| (x - max).exp());
    let sum = e[0] + e[1] + e[2];
    e.map(|x| x / sum)
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
