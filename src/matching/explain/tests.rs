//! The waterfall against the decision it explains, on the records of a small file.

use super::*;
use crate::config::Config;
use crate::pipeline::{self, Job};
use crate::record::RecordId;
use crate::source::Source;

const LEADS: &str = "id,first name,last name,email,phone,company,city\n\
    1,Ana,Lopez Garcia,ana.lopez@aguila.example,+52 33 1234 5678,Seguridad Aguila,Guadalajara\n\
    2,Ana,Lopez Garcia,ana.lopez@aguila.example,,Seguridad Aguila S.A.,\n\
    3,Luis,Lopez Garcia,,+52 33 1234 5678,Seguridad Aguila,Guadalajara\n\
    4,Marta,Ruiz,info@norte.example,+52 81 8000 0044,Norte,Monterrey\n\
    5,Pedro,Sanz,info@norte.example,+52 81 8000 0044,Norte,Monterrey\n\
    6,Eva,Gil,info@norte.example,+52 81 8000 0044,Norte,Monterrey\n\
    7,,,,,,\n\
    8,Olaf,Berg,olaf@berg.example,+47 22 12 34 56,Berg AS,Oslo\n";

fn outcome() -> pipeline::Outcome {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("leads.csv");
    std::fs::write(&path, LEADS).unwrap();
    let config = Config { as_of: 1_782_777_600_000_000, ..Config::default() };
    let job = Job { config, inputs: vec![Source::new(path)], ..Job::default() };
    pipeline::run(&job, &|_| ()).unwrap()
}

#[test]
fn the_steps_add_up_to_the_weight_the_pair_was_decided_on() {
    let outcome = outcome();
    let (f, model) = (&outcome.records.features, &outcome.matched.model);
    assert!(fits(f, model));
    let decider = Decider::new(f, model);
    let n = f.len() as u32;
    for pair in (0..n).flat_map(|a| (a + 1..n).map(move |b| Pair { a, b })) {
        let w = waterfall(f, model, pair);
        let decided = decider.decide(pair, compare::pattern(f, pair));
        assert_eq!(w.verdict, decided.verdict, "{pair:?}");
        assert_eq!(w.total_bits, decided.log_odds / LN_2, "{pair:?}");
        let sum: f64 = w.steps.iter().map(|s| s.bits).sum();
        assert!((sum - w.total_bits).abs() < 1e-9, "{pair:?}: {sum} is not {}", w.total_bits);
        let classes = w.classes.same + w.classes.related + w.classes.unrelated;
        assert!((classes - 1.0).abs() < 1e-9);
        assert!((w.classes.same - w.match_prob).abs() < 1e-3, "{pair:?}");
    }
}

#[test]
fn being_related_only_ever_takes_bits_off() {
    let outcome = outcome();
    let (f, model) = (&outcome.records.features, &outcome.matched.model);
    for pair in (1..f.len() as u32).map(|b| Pair { a: 0, b }) {
        let w = waterfall(f, model, pair);
        let step = w.steps.last().unwrap();
        // Half a quantum of rounding apart.
        assert!(step.kind == StepKind::Related && step.bits < 1e-3, "{pair:?}: {}", step.bits);
    }
}

#[test]
fn a_flip_turns_the_verdict_and_nothing_smaller_does() {
    let outcome = outcome();
    let (f, model) = (&outcome.records.features, &outcome.matched.model);
    let (mut merged, mut apart) = (0, 0);
    let n = f.len() as u32;
    for pair in (0..n).flat_map(|a| (a + 1..n).map(move |b| Pair { a, b })) {
        let w = waterfall(f, model, pair);
        let Some(flip) = w.flip else { continue };
        assert_ne!(flip.from, flip.to);
        if w.verdict == Verdict::Merge {
            merged += 1;
            assert!(flip.verdict != Verdict::Merge && flip.bits < 0.0, "{pair:?}");
        } else {
            apart += 1;
            assert!(flip.verdict == Verdict::Merge && flip.bits > 0.0, "{pair:?}");
        }
    }
    assert!(merged > 0 && apart > 0, "{merged} merged pairs and {apart} others have a flip");
}

#[test]
fn what_proves_little_says_why() {
    let outcome = outcome();
    let (f, model) = (&outcome.records.features, &outcome.matched.model);
    let record = |id: &str| outcome.table.records().find(|r| outcome.table.id.get(*r) == id);
    let pair = |a: &str, b: &str| {
        let (RecordId(a), RecordId(b)) = (record(a).unwrap(), record(b).unwrap());
        Pair::new(a, b)
    };
    let w = waterfall(f, model, pair("4", "5"));
    let notes: Vec<&str> = w.steps.iter().filter_map(|s| s.note.as_deref()).collect();
    assert!(notes.iter().any(|n| n.contains("the phone sits on 3 different names")), "{notes:?}");
    assert!(notes.iter().any(|n| n.contains("read by several people")), "{notes:?}");
    let empty = waterfall(f, model, pair("1", "7"));
    assert!(empty.steps.iter().skip(1).all(|s| s.kind != StepKind::Comparison));
}

#[test]
fn a_model_of_other_columns_or_with_impossible_numbers_does_not_fit() {
    let outcome = outcome();
    let (f, model) = (&outcome.records.features, &outcome.matched.model);
    let mut shorter = model.clone();
    shorter.comparisons.pop();
    assert!(!fits(f, &shorter));
    let mut broken = model.clone();
    broken.comparisons[0].levels[0].unrelated_prob = 0.0;
    assert!(!fits(f, &broken));
    broken.comparisons[0].levels[0].unrelated_prob = f64::NAN;
    assert!(!fits(f, &broken));
    let mut broken = model.clone();
    if let Some(namesakes) = &mut broken.namesakes {
        namesakes.levels[1].pop();
    }
    assert!(model.namesakes.is_some() && !fits(f, &broken));
    broken.namesakes = None;
    assert!(fits(f, &broken), "models of the first format know no namesakes");
}
