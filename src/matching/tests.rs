//! Oracles of the matching model: answers known beforehand, from a simulation or from a pencil.

use super::decide::{Decider, Verdict};
use super::em;
use super::evidence::{Evidence, PatternCount};
use super::frequency::Frequencies;
use super::joint::posterior;
use super::model::{Calibration, ComparisonModel, FORMAT, LevelModel, MatchingModel, all_pairs};
use crate::compare::Pair;
use crate::compare::feature::{Entity, Features, Row};
use crate::compare::level::{ComparisonSpec, LevelRule, LevelSpec, at, place, with_level};

/// splitmix64, so that the simulated pairs are the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A count around the expected one: Poisson by its normal approximation, or one or none.
    fn count(&mut self, expected: f64) -> u64 {
        if expected < 5.0 {
            return (expected + self.next()).floor() as u64;
        }
        let normal = (0..12).map(|_| self.next()).sum::<f64>() - 6.0;
        (expected + normal * expected.sqrt()).round() as u64
    }
}

/// True level shares of the simulation: same, related, unrelated, per comparison.
const TRUTH: [[[f64; 3]; 3]; 6] = [
    [[0.80, 0.15, 0.05], [0.02, 0.08, 0.90], [0.0005, 0.0045, 0.995]],
    [[0.70, 0.10, 0.20], [0.15, 0.05, 0.80], [0.0001, 0.0009, 0.999]],
    [[0.60, 0.10, 0.30], [0.55, 0.10, 0.35], [0.0002, 0.0098, 0.99]],
    [[0.75, 0.10, 0.15], [0.85, 0.05, 0.10], [0.002, 0.008, 0.99]],
    [[0.50, 0.30, 0.20], [0.45, 0.35, 0.20], [0.005, 0.025, 0.97]],
    [[0.60, 0.20, 0.20], [0.06, 0.22, 0.72], [0.030, 0.170, 0.80]],
];
const RECORDS: usize = 20_000;
const SAME: f64 = 8_000.0;
const RELATED: f64 = 20_000.0;
/// Chance that a comparison has nothing to compare, in every class.
const MISSING: f64 = 0.1;

/// Priors that are wrong on purpose and weigh next to nothing.
fn weak_specs() -> Vec<ComparisonSpec> {
    let level = |label, same, related, unrelated| LevelSpec {
        label,
        same,
        related,
        unrelated,
        rule: LevelRule::Free,
    };
    let mut specs: Vec<ComparisonSpec> = (0..TRUTH.len())
        .map(|c| ComparisonSpec {
            name: format!("comparison {c}"),
            levels: vec![
                level("agrees", 0.5, 0.5, 0.02),
                level("alike", 0.3, 0.2, 0.05),
                level("differs", 0.2, 0.3, 0.93),
            ],
            same_strength: 5.0,
            related_strength: 5.0,
        })
        .collect();
    // Which class is "related" must be said somewhere: another name, a shared channel.
    specs[0].levels = vec![
        level("agrees", 0.5, 0.1, 0.02),
        level("alike", 0.3, 0.1, 0.05),
        level("differs", 0.2, 0.8, 0.93),
    ];
    specs
}

/// Counts of all patterns drawn from [`TRUTH`]: per class and pattern the expected number of pairs
/// with its Poisson noise. With `blocked`, only pairs that agree somewhere are candidates, and a
/// thousandth of the rest is the random sample, as in a real run; else all pairs are candidates.
fn simulate(blocked: bool) -> Evidence {
    let mut random = Random(7);
    let all = all_pairs(RECORDS);
    let sizes = [SAME, RELATED, all - SAME - RELATED];
    let (mut candidates, mut others) = (Vec::new(), Vec::new());
    for code in 0..4usize.pow(TRUTH.len() as u32) {
        let levels: Vec<usize> = (0..TRUTH.len()).map(|c| code >> (2 * c) & 3).collect();
        let mut pairs = 0;
        for (class, size) in sizes.iter().enumerate() {
            let share = |(c, &level): (usize, &usize)| match level {
                0 => MISSING,
                l => (1.0 - MISSING) * TRUTH[c][class][l - 1],
            };
            pairs += random.count(size * levels.iter().enumerate().map(share).product::<f64>());
        }
        let pattern =
            levels.iter().enumerate().fold(0, |p, (c, &level)| with_level(p, c, level as u8));
        if levels.contains(&1) || !blocked {
            candidates.push(PatternCount { pattern, pairs });
        } else {
            others.push(PatternCount { pattern, pairs: random.count(pairs as f64 / 1000.0) });
        }
    }
    Evidence { candidates, others, all_pairs: all, chances: Vec::new() }
}

fn features(entity: Entity, records: usize) -> Features {
    Features { entity, rows: vec![Row::default(); records], ..Features::default() }
}

/// Largest distance of the fitted level shares from the truth: m, r, u.
fn distance(model: &MatchingModel) -> [f64; 3] {
    let mut worst = [0.0f64; 3];
    for (truth, fitted) in TRUTH.iter().zip(&model.comparisons) {
        for (l, level) in fitted.levels.iter().enumerate() {
            let got = [level.same_prob, level.related_prob, level.unrelated_prob];
            for class in 0..3 {
                let off = (got[class] - truth[class][l]).abs();
                worst[class] = worst[class].max(off);
            }
        }
    }
    worst
}

#[test]
fn em_recovers_what_was_simulated() {
    let f = features(Entity::Organization, RECORDS);
    // Tolerance of the class sizes, then of m, r and u. Blocking hides the pairs that agree nowhere
    // (one related pair in eight here), so what is left looks a little more alike than it is.
    let cases = [(false, 0.03, [0.02, 0.015, 0.0002]), (true, 0.15, [0.03, 0.08, 0.002])];
    for (blocked, size, levels) in cases {
        let evidence = simulate(blocked);
        let model = em::fit(&f, &weak_specs(), &evidence);
        let same = model.same_share * evidence.all_pairs / SAME;
        let related = model.related_share * evidence.all_pairs / RELATED;
        let off = distance(&model);
        assert!((same - 1.0).abs() <= size && (related - 1.0).abs() <= size, "{same} {related}");
        assert!(off.iter().zip(levels).all(|(x, y)| *x <= y), "blocked {blocked}: {off:?}");
    }
}

#[test]
fn fitted_shares_are_distributions_and_rules_hold() {
    let mut specs = weak_specs();
    specs[1].levels[2].rule = LevelRule::Capped(0.25);
    specs[2].levels[1] = LevelSpec { rule: LevelRule::Ratio(0.03), ..specs[2].levels[1].clone() };
    let model = em::fit(&features(Entity::Organization, RECORDS), &specs, &simulate(true));
    for (c, (spec, fitted)) in specs.iter().zip(&model.comparisons).enumerate() {
        let mut sums = [0.0; 3];
        for (rule, level) in spec.levels.iter().zip(&fitted.levels) {
            let shares = [level.same_prob, level.related_prob, level.unrelated_prob];
            assert!(shares.iter().all(|&p| p > 0.0 && p <= 1.0), "comparison {c}: {level:?}");
            if let LevelRule::Ratio(ratio) = rule.rule {
                assert!((level.same_prob / level.unrelated_prob - ratio).abs() < 1e-12);
                assert_eq!(level.related_prob, level.unrelated_prob);
            } else {
                sums.iter_mut().zip(shares).for_each(|(sum, p)| *sum += p);
            }
        }
        assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-9), "comparison {c}: {sums:?}");
    }
    // Simulated at .20; the cap is a quarter of the prior of .20.
    assert!(model.comparisons[1].levels[2].same_prob <= 0.05 + 1e-12);
}

#[test]
fn without_evidence_the_priors_stand() {
    let (f, specs) = (features(Entity::Organization, 12), weak_specs());
    let none = Evidence {
        candidates: Vec::new(),
        others: Vec::new(),
        all_pairs: 66.0,
        chances: Vec::new(),
    };
    let (prior, fitted) = (MatchingModel::prior(&f, &specs), em::fit(&f, &specs, &none));
    for (p, q) in prior.comparisons.iter().zip(&fitted.comparisons) {
        for (x, y) in p.levels.iter().zip(&q.levels) {
            assert!((x.same_prob - y.same_prob).abs() < 1e-12);
            assert!((x.related_prob - y.related_prob).abs() < 1e-12);
            assert!((x.unrelated_prob - y.unrelated_prob).abs() < 1e-12);
        }
    }
}

/// Two levels each for name, e-mail and phone, with round numbers.
fn worked_model() -> MatchingModel {
    let comparison =
        |name: &str, agrees: [f64; 3], differs: [f64; 3]| {
            let level = |label: &str, [same_prob, related_prob, unrelated_prob]: [f64; 3]| {
                LevelModel { label: label.into(), same_prob, related_prob, unrelated_prob }
            };
            ComparisonModel {
                name: name.into(),
                levels: vec![level("agrees", agrees), level("differs", differs)],
            }
        };
    MatchingModel {
        format: FORMAT,
        entity: Entity::Person,
        records: 2,
        same_share: 0.001,
        related_share: 0.004,
        given_agreement_prob: 0.004,
        family_agreement_prob: 0.001,
        comparisons: vec![
            comparison("name", [0.9, 0.05, 0.01], [0.1, 0.95, 0.99]),
            comparison("email", [0.8, 0.4, 0.001], [0.2, 0.6, 0.999]),
            comparison("phone", [0.7, 0.7, 0.4], [0.3, 0.3, 0.6]),
        ],
        calibration: Calibration { slope: 0.5, intercept: 1.0 },
        namesakes: None,
        merge_at: 0.85,
        review_at: 0.5,
    }
}

#[test]
fn weights_and_posteriors_equal_a_hand_worked_example() {
    let (f, model) = (features(Entity::Person, 2), worked_model());
    let decider = Decider::new(&f, &model);
    let pair = Pair { a: 0, b: 1 };
    let near = |got: f64, by_hand: f64, what: &str| {
        assert!((got - by_hand).abs() < 1e-9, "{what}: {got} instead of {by_hand}");
    };
    // Name and e-mail agree, phones differ:
    // log2(.9 / .01) + log2(.8 / .001) + log2(.3 / .6) = log2 90 + log2 800 - 1.
    let pattern = 0x211;
    let joint = decider.joint(pair, pattern);
    let bits = (joint[0] - joint[2]) / std::f64::consts::LN_2;
    let prior_bits = -9.958_552_715_431_011; // log2(.001 / .995)
    near(bits - prior_bits, 6.491_853_096_329_675 + 9.643_856_189_774_724 - 1.0, "match weight");
    // same      .001 x .9  x .8   x .3 = .000216
    // related   .004 x .05 x .4   x .3 = .000024
    // unrelated .995 x .01 x .001 x .6 = .00000597       all three: .00024597
    let [same, related, unrelated] = posterior(joint);
    near(same, 21_600.0 / 24_597.0, "same");
    near(related, 2_400.0 / 24_597.0, "related");
    near(unrelated, 597.0 / 24_597.0, "unrelated");
    let decision = decider.decide(pair, pattern);
    assert_eq!(decision.verdict, Verdict::Merge, ".878 is over .85");
    // The log-odds ln(21600 / 2997) are cut to multiples of 1/4096.
    assert!((decision.log_odds - 1.975_081_526).abs() <= 0.5 / 4096.0 + 1e-7);
    near(
        model.calibration.prob(decision.log_odds),
        1.0 / (1.0 + (-(0.5 * decision.log_odds + 1.0)).exp()),
        "calibrated",
    );
    // The name contradicts, e-mail and phone agree: a household.
    // same .001 x .1 x .8 x .7 = 56e-6; related .004 x .95 x .4 x .7 = 1064e-6;
    // unrelated .995 x .99 x .001 x .4 = 394.02e-6; all 1514.02e-6.
    let [same, related, unrelated] = posterior(decider.joint(pair, 0x112));
    near(same, 56.0 / 1514.02, "same");
    near(related, 1064.0 / 1514.02, "related");
    near(unrelated, 394.02 / 1514.02, "unrelated");
    assert_eq!(decider.decide(pair, 0x112).verdict, Verdict::Related);
    // Nothing can be compared: the class shares remain.
    let [same, related, unrelated] = posterior(decider.joint(pair, 0));
    near(same, 0.001, "same");
    near(related, 0.004, "related");
    near(unrelated, 0.995, "unrelated");
    assert_eq!(decider.decide(pair, 0).verdict, Verdict::Distinct);
}

#[test]
fn term_frequency_equals_a_hand_worked_example() {
    let mut f = features(Entity::Person, 102);
    // City 1 on two records, city 2 on a hundred. Average agreement (2 x 1 + 100 x 99) / (102 x 101).
    f.city_records = vec![0, 2, 100];
    for (i, row) in f.rows.iter_mut().enumerate() {
        row.city = if i < 2 { 1 } else { 2 };
    }
    let frequencies = Frequencies::of(&f, &worked_model());
    let pattern = with_level(0, at::PLACE, place::CITY);
    let common = frequencies.adjust(&f, Pair { a: 2, b: 3 }, pattern);
    // log2((9902 / 10302) / (99 / 102)) = log2(1010004 / 1019898)
    assert!((common.city - (1_010_004.0f64 / 1_019_898.0).log2()).abs() < 1e-9, "{common:?}");
    let rare = frequencies.adjust(&f, Pair { a: 0, b: 1 }, pattern);
    // log2(.96117 x 102) would be 6.6: at most five bits are given.
    assert_eq!(rare.city, 5.0);
    assert_eq!(rare.total(), 5.0);
    let elsewhere = with_level(0, at::PLACE, place::DIFFERENT);
    assert_eq!(frequencies.adjust(&f, Pair { a: 0, b: 1 }, elsewhere).total(), 0.0);
}
