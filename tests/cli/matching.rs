//! Decisions of people, saved models, and a budget of wrong merges.

use super::workdir::{Workdir, csv, leads};
use std::collections::BTreeMap;

const PERSONS: usize = 200;

/// Person of each record, by record id.
fn persons(work: &Workdir) -> BTreeMap<String, String> {
    let mut reader = csv::Reader::from_path(work.path("out/crosswalk.csv")).unwrap();
    let rows = reader.deserialize::<BTreeMap<String, String>>();
    rows.map(|r| r.unwrap()).map(|r| (r["record_id"].clone(), r["person_id"].clone())).collect()
}

fn work() -> Workdir {
    Workdir::with("leads.csv", csv(&leads(PERSONS)))
}

fn clean(work: &Workdir, rest: &str) -> String {
    work.succeeds(&format!("clean leads.csv --as-of 2026-06-30 -o out --force {rest}"))
}

/// Two records of one person, and two of different persons, as the model sees it.
fn pairs(found: &BTreeMap<String, String>) -> ([String; 2], [String; 2]) {
    let mut by_person: BTreeMap<&String, Vec<&String>> = BTreeMap::new();
    for (record, person) in found {
        by_person.entry(person).or_default().push(record);
    }
    let merged = by_person.values().find(|r| r.len() > 1).unwrap();
    let mut alone = by_person.values().filter(|r| r.len() == 1);
    let (a, b) = (alone.next().unwrap()[0], alone.next().unwrap()[0]);
    ([merged[0].clone(), merged[1].clone()], [a.clone(), b.clone()])
}

#[test]
fn decisions_hold_whatever_the_model_says() {
    let work = work();
    clean(&work, "");
    let before = persons(&work);
    let ([a, b], [c, d]) = pairs(&before);
    work.write(
        "decided.csv",
        format!(
            "left_id,right_id,probability,decision\n{a},{b},0.99,different\n{c},{d},0.01,same\n\
                 {a},{c},0.5,\nnobody,{d},0.5,same\n"
        ),
    );
    let said = clean(&work, "--decisions decided.csv");
    assert!(said.contains("1 rows of --decisions name records that are not here"), "{said}");
    let after = persons(&work);
    assert_ne!(after[&a], after[&b], "decided to be different");
    assert_eq!(after[&c], after[&d], "decided to be the same");
    // An edit elsewhere in the file leaves them alone.
    let mut rows = leads(PERSONS);
    rows.reverse();
    work.write("leads.csv", csv(&rows));
    clean(&work, "--decisions decided.csv");
    assert_eq!(persons(&work), after);
}

#[test]
fn a_decision_that_is_neither_is_named_with_its_line() {
    let work = work();
    work.write("decided.csv", "left_id,right_id,decision\n1,2,same\n3,4,maybe\n");
    let said = work.fails(2, "clean leads.csv --decisions decided.csv");
    assert!(said.contains("decided.csv") && said.contains("line 3"), "{said}");
}

#[test]
fn a_saved_model_matches_as_the_run_that_saved_it() {
    let work = work();
    clean(&work, "--save-matching model.json");
    let before = persons(&work);
    assert_eq!(work.read("model.json"), work.read("out/matching.json"));
    clean(&work, "--load-matching model.json");
    assert_eq!(persons(&work), before);
    work.write("other.csv", "id,name\n1,Ana\n2,Bob\n");
    let mut old: serde_json::Value = serde_json::from_str(&work.read("model.json")).unwrap();
    old["format"] = 1.into();
    assert!(old.as_object_mut().unwrap().remove("namesakes").is_some());
    work.write("old.json", old.to_string());
    clean(&work, "--load-matching old.json");
    work.write("model.json", work.read("model.json").replace("\"format\": 2", "\"format\": 99"));
    let said = work.fails(2, "clean leads.csv --load-matching model.json");
    assert!(said.contains("format 99"), "{said}");
}

#[test]
fn a_budget_of_wrong_merges_merges_less() {
    let work = work();
    clean(&work, "");
    let people = |work: &Workdir| {
        persons(work).into_values().collect::<std::collections::BTreeSet<_>>().len()
    };
    let usual = people(&work);
    clean(&work, "--max-wrong-merges 1/1000000");
    assert!(people(&work) >= usual);
    clean(&work, "--max-wrong-merges 0");
    assert_eq!(people(&work), persons(&work).len(), "no pair is beyond doubt");
}
