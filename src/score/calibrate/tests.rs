//! Known weights come back from simulated outcomes; small samples are refused; the suggestion is the
//! model with other numbers.

use super::*;
use crate::score::model::parse;
use crate::score::tests::world::{Record, clock, facts, record};
use proptest::prelude::*;

/// A stream of numbers from 0 to 1, always the same for a seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        // splitmix64 (Steele, Lea & Flood 2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[test]
fn newton_recovers_known_weights() {
    let truth = [-1.5, 1.2, -0.8, 0.4];
    let (mut random, count) = (Random(7), 20_000);
    let (mut rows, mut won) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let row = [
            f64::from(u8::from(random.next() < 0.3)),
            f64::from(u8::from(random.next() < 0.5)),
            (random.next() * 5.0).floor(),
        ];
        let sum: f64 = truth[0] + row.iter().zip(&truth[1..]).map(|(x, w)| x * w).sum::<f64>();
        won.push(random.next() < logistic(sum));
        rows.extend(row);
    }
    let fit = newton::fit(&rows, 3, &won, 1.0).unwrap();
    assert!((fit.intercept - truth[0]).abs() < 0.12, "{fit:?}");
    for j in 0..3 {
        let miss = (fit.weights[j] - truth[j + 1]).abs();
        assert!(miss < 3.0 * fit.error(j) && fit.error(j) < 0.06, "{j}: {fit:?}");
    }
    assert!(fit.rounds < 12, "Newton's method is quick: {}", fit.rounds);
    let harder = newton::fit(&rows, 3, &won, 1e5).unwrap();
    assert!(harder.weights[0].abs() < fit.weights[0].abs() / 5.0, "a ridge holds weights back");
}

/// By hand: one yes/no column, a = 30 of 40 won with it, 20 of 60 without. Without a ridge the weight
/// is the log of the odds ratio, its error the root of the sum of reciprocals (Woolf 1955).
#[test]
fn two_by_two_equals_the_formula() {
    let mut rows = vec![1.0; 40];
    rows.extend([0.0; 60]);
    let won: Vec<bool> = (0..100).map(|i| if i < 40 { i < 30 } else { i < 60 }).collect();
    let fit = newton::fit(&rows, 1, &won, 0.0).unwrap();
    let (a, b, c, d) = (30.0_f64, 10.0_f64, 20.0_f64, 40.0_f64);
    assert!((fit.weights[0] - (a * d / (b * c)).ln()).abs() < 1e-9);
    let error = (1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d).sqrt();
    assert!((fit.error(0) - error).abs() < 1e-9);
    assert!((fit.intercept - (c / d).ln()).abs() < 1e-9);
}

#[test]
fn perfect_separation_and_equal_columns_have_an_answer() {
    let rows: Vec<f64> =
        (0..40).flat_map(|i| [f64::from(i / 20), f64::from(i / 20), 1.0]).collect();
    let won: Vec<bool> = (0..40).map(|i| i >= 20).collect();
    let fit = newton::fit(&rows, 3, &won, 1.0).unwrap();
    assert!(fit.weights.iter().all(|w| w.is_finite()));
    assert!((fit.weights[0] - fit.weights[1]).abs() < 1e-6, "twins share: {fit:?}");
    assert_eq!(newton::fit(&rows, 3, &won, f64::NAN), None);
    assert_eq!(newton::fit(&[f64::NAN], 1, &[true], 1.0), None);
    assert_eq!(newton::fit(&[], 0, &[], 1.0), None);
}

proptest! {
    #[test]
    fn no_numbers_make_the_solver_panic(
        rows in prop::collection::vec(prop_oneof![-1e3..1e3, Just(0.0), Just(1.0), Just(f64::INFINITY)], 0..60),
        width in 0usize..4,
        ridge in prop_oneof![0.0..10.0, Just(0.0), Just(-1.0)],
    ) {
        let count = rows.len().checked_div(width).unwrap_or(rows.len());
        let won: Vec<bool> = (0..count).map(|i| i % 2 == 0).collect();
        let used = &rows[..count * width];
        if let Some(fit) = newton::fit(used, width, &won, ridge) {
            prop_assert!(fit.intercept.is_finite() && fit.weights.iter().all(|w| w.is_finite()));
        }
    }
}

const MODEL: &str = r#"
# Our model; keep this line.
[[component]]
id = "score"
[[rule]]
id = "mexico"     # right
if = { field = "country", is = "MX" }
add = 20
[[rule]]
id = "student"
if = { field = "title", is = "student" }
subtract = 20     # right
[[rule]]
id = "clicks"
on = "email.click"
add = 10          # right
[[rule]]
id = "forms"
on = "form.submit"
add = 90          # far too much: deserves 10
times = "once"
[[rule]]
id = "color"
if = { field = "color", is = "blue" }
add = 30          # makes no difference
[[rule]]
id = "never"
if = { field = "country", is = "AQ" }
add = 5
[[rule]]
id = "half"
if = { field = "country", is = "MX" }
scale = 0.5
[[band]]
id = "hot"
min = 40
[[band]]
id = "cold"
below = 40
"#;

/// Leads whose chance is 1/20 log-odds a point of the *right* weights.
fn world(count: usize) -> (Vec<Record>, Vec<Option<bool>>) {
    let mut random = Random(11);
    let (mut records, mut won) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let mut lead = record("2026-01-01");
        let mut points = -20.0;
        if random.next() < 0.4 {
            lead = lead.text("country", "MX");
            points += 20.0;
        }
        if random.next() < 0.3 {
            lead = lead.text("title", "student");
            points -= 20.0;
        }
        let clicks = (random.next() * 4.0) as i64;
        if clicks > 0 {
            lead = lead.events("email.click", clicks, "2026-02-01");
            points += 10.0 * clicks as f64;
        }
        if random.next() < 0.5 {
            lead = lead.events("form.submit", 1, "2026-03-01");
            points += 10.0;
        }
        if random.next() < 0.5 {
            lead = lead.text("color", "blue");
        }
        records.push(lead);
        won.push(Some(random.next() < logistic(points / 20.0)));
    }
    (records, won)
}

fn run(count: usize, options: Options) -> (ScoringModel, Result<Calibration, Refusal>) {
    let model = parse(MODEL, "m.toml").unwrap();
    let (records, won) = world(count);
    let alone: Vec<Vec<usize>> = (0..count).map(|i| vec![i]).collect();
    let facts = facts(&records, &alone);
    let scores =
        crate::score::leads(std::slice::from_ref(&model), &facts, clock()).models.remove(0);
    let key: Vec<u64> =
        (0..count as u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 7).collect();
    let result = calibrate(&model, &scores, &won, &key, options);
    (model, result)
}

#[test]
fn right_weights_are_confirmed_and_wrong_ones_corrected() {
    let (model, result) = run(4_000, Options::default());
    let found = result.unwrap();
    let of = |id: &str| found.rules.iter().find(|r| r.rule == id).unwrap();
    for (id, says) in [
        ("mexico", "confirmed"),
        ("student", "confirmed"),
        ("clicks", "confirmed"),
        ("forms", "deserves less"),
        ("color", "makes no difference"),
    ] {
        assert_eq!(of(id).says, says, "{:#?}", of(id));
    }
    assert!((of("forms").suggested_points - 10.0).abs() < 5.0, "{:#?}", of("forms"));
    assert!((found.points_per_log_odds - 20.0).abs() < 4.0);
    assert_eq!((of("mexico").suggested_points, of("student").suggested_points), (20.0, -20.0));
    let left: Vec<(&str, &str)> = found.left_out.iter().map(|l| (l.rule.as_str(), l.why)).collect();
    assert_eq!(left, [("never", "fires for none of these leads"), ("half", "does not add points")]);
    assert!(found.ranking_fitted > found.ranking_now + 0.05, "{found:#?}");
    assert!(found.tenths[0].lift > 1.3 && found.tenths[9].lift < 0.7, "{:#?}", found.tenths);
    for tenth in &found.tenths {
        assert!((tenth.expected - tenth.observed).abs() < 0.08, "reliable: {tenth:?}");
    }
    assert_eq!(found.bands.iter().map(|b| b.leads).sum::<usize>(), 4_000);

    let text = suggest(MODEL, &model, &found).unwrap();
    assert!(
        text.starts_with("# Points suggested") && text.contains("# Our model; keep this line.")
    );
    let suggested = parse(&text, "m.toml").unwrap();
    assert_eq!(suggested.rules[0].effect, model.rules[0].effect);
    assert_eq!(suggested.rules[1].effect, model.rules[1].effect);
    assert_ne!(suggested.rules[3].effect, model.rules[3].effect);
    assert_eq!(suggested.bands.len(), 2);
    assert_eq!(suggest("[[rule]]\nid = \"other\"\n", &model, &found), None);
}

#[test]
fn few_outcomes_are_refused_with_the_reason() {
    let (_, result) = run(60, Options::default());
    let refusal = result.unwrap_err();
    assert!(matches!(refusal, Refusal::TooFew { rules: 5, needed: 50, .. }), "{refusal:?}");
    assert!(refusal.to_string().contains("5 rules need 50 of each"), "{refusal}");
    assert!(run(60, Options { events_per_rule: 1, ..Options::default() }).1.is_ok());
    let (model, _) = run(5, Options::default());
    let none = ModelScores::default();
    assert_eq!(calibrate(&model, &none, &[], &[], Options::default()), Err(Refusal::NoOutcomes));
}

#[test]
fn one_sided_outcomes_are_refused() {
    let model = parse(MODEL, "m.toml").unwrap();
    let (records, _) = world(50);
    let alone: Vec<Vec<usize>> = (0..50).map(|i| vec![i]).collect();
    let facts = facts(&records, &alone);
    let scores =
        crate::score::leads(std::slice::from_ref(&model), &facts, clock()).models.remove(0);
    for won in [true, false] {
        let outcome = vec![Some(won); 50];
        let refusal = calibrate(&model, &scores, &outcome, &[], Options::default()).unwrap_err();
        assert_eq!(refusal, Refusal::OneSided { won, leads: 50 });
    }
}

#[test]
fn a_rule_that_turns_round_changes_its_key() {
    let text = "[[component]]\nid = \"s\"\n[[rule]]\nid = \"a\"\nif = { field = \"x\", is = 1 }\nsubtract = 5 # c\n";
    let model = parse(text, "m").unwrap();
    let fit = |points: f64| RuleFit {
        index: 0,
        rule: "a".into(),
        title: "a".into(),
        leads: 1,
        share_won: 0.0,
        log_odds: 0.0,
        log_odds_interval: [0.0; 2],
        points: -5.0,
        fitted_points: points,
        fitted_interval: [0.0; 2],
        suggested_points: points,
        says: "",
    };
    for (points, line) in
        [(7.0, "add = 7 # c"), (-7.0, "subtract = 7 # c"), (-5.0, "subtract = 5 # c")]
    {
        let calibration = Calibration {
            model: "m".into(),
            leads: 2,
            won: 1,
            excluded: 0,
            points_per_log_odds: 1.0,
            rules: vec![fit(points)],
            left_out: Vec::new(),
            ranking_now: 0.5,
            ranking_fitted: 0.5,
            bands: Vec::new(),
            tenths: Vec::new(),
        };
        let suggested = suggest(text, &model, &calibration).unwrap();
        assert!(suggested.contains(line), "{suggested}");
        assert!(parse(&suggested, "m").is_ok());
    }
}
