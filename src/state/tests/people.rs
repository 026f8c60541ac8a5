//! The same person, the same id: hand-worked cases and random ones.

use super::dir;
use crate::pipeline::{self, Job, Outcome, UserDecision};
use crate::record::RecordId;
use crate::source::Source;
use crate::state::lineage::Event;
use crate::state::{FILE, Memory, Mode, State, keep};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tempfile::TempDir;

/// A state and the audits made with it.
struct World(TempDir);

impl World {
    fn new() -> Self {
        Self(dir())
    }

    fn run(&self, files: &[(&str, String)], decisions: &[(&str, &str, bool)]) -> (State, Outcome) {
        let state = State::open(&self.0.path().join(FILE), Mode::Write).unwrap();
        let inputs = files.iter().map(|(name, csv)| Source {
            content: Some(Arc::new(csv.clone().into_bytes())),
            ..Source::new(format!("{name}.csv"))
        });
        let decisions = decisions.iter().map(|(left, right, same)| UserDecision {
            left: left.to_string(),
            right: right.to_string(),
            same: *same,
        });
        let job = Job {
            inputs: inputs.collect(),
            decisions: decisions.collect(),
            memory: Some(Arc::new(Memory::load(&state).unwrap())),
            ..Job::default()
        };
        (state, pipeline::run(&job, &|_| ()).unwrap())
    }

    fn audit(&self, files: &[(&str, String)], decisions: &[(&str, &str, bool)]) -> People {
        let (state, outcome) = self.run(files, decisions);
        keep(&state, &outcome, "{}").unwrap();
        state.commit().unwrap();
        People::of(&outcome)
    }

    fn one(&self, csv: &str, decisions: &[(&str, &str, bool)]) -> People {
        self.audit(&[("crm", csv.to_string())], decisions)
    }
}

#[derive(Debug, Clone, PartialEq)]
struct People {
    /// Person id by e-mail: every record of these tests has its own.
    id: BTreeMap<String, String>,
    /// What happened, in terms of ids.
    steps: Vec<(String, Event, String)>,
    gone: usize,
}

impl People {
    fn of(outcome: &Outcome) -> Self {
        let emails = outcome.schema.first(crate::schema::Role::Email).unwrap();
        let email = |r: RecordId| outcome.table.columns[emails].get(r).to_string();
        let person = |r: RecordId| outcome.matched.clusters.person_of[r.index()];
        let records = outcome.table.records();
        let id: BTreeMap<String, String> =
            records.map(|r| (email(r), outcome.person_ids.get(person(r)).to_string())).collect();
        let persons = outcome.matched.clusters.len() as u32;
        let different: BTreeSet<&str> = (0..persons).map(|p| outcome.person_ids.get(p)).collect();
        assert_eq!(different.len(), persons as usize, "two persons have one id");
        let past = outcome.past.as_ref().unwrap();
        let steps = past.ids_changed();
        Self {
            id,
            steps: steps.iter().map(|s| (s.0.to_string(), s.1, s.2.to_string())).collect(),
            gone: past.lineage.gone.len(),
        }
    }

    fn of_email(&self, name: &str) -> &str {
        &self.id[&format!("{name}@x.example")]
    }
}

/// People who have nothing in common; their ids are their places.
fn people(names: &[&str]) -> String {
    let mut csv = String::from("id,name,email,city\n");
    for name in names {
        csv.push_str(&row(name));
    }
    csv
}

fn row(name: &str) -> String {
    let place = NAMES.iter().position(|n| n == &name).unwrap();
    format!("{},{} {},{name}@x.example,{}\n", place + 1, FIRST[place], LAST[place], CITY[place])
}

const NAMES: [&str; 8] = ["ana", "bo", "cem", "dia", "eva", "fay", "gus", "hal"];
const FIRST: [&str; 8] = ["Ana", "Bo", "Cem", "Diana", "Evelyn", "Fay", "Gustav", "Hal"];
const LAST: [&str; 8] =
    ["Lopez", "Zhang", "Yildiz", "Novak", "Okafor", "Quist", "Ummels", "Ivanov"];
const CITY: [&str; 8] = ["Lima", "Oslo", "Izmir", "Brno", "Lagos", "Umea", "Venlo", "Perm"];

fn step(person: &str, event: Event, other: &str) -> (String, Event, String) {
    (person.to_string(), event, other.to_string())
}

#[test]
fn nothing_changes_and_no_id_does() {
    let world = World::new();
    let csv = people(&NAMES);
    let first = world.one(&csv, &[]);
    assert!(first.steps.is_empty());
    assert_eq!(world.one(&csv, &[]), first);
}

#[test]
fn ids_survive_what_is_not_about_people() {
    let plain = people(&NAMES);
    let lines: Vec<&str> = plain.lines().collect();
    let (head, rows) = (lines[0], &lines[1..]);
    let shuffled =
        format!("{head}\n{}\n", rows.iter().rev().copied().collect::<Vec<_>>().join("\n"));
    let wider = rows.iter().enumerate().map(|(i, r)| format!("{r},{i},{}", CITY[7 - i]));
    let wider = format!("{head},shoe,company\n{}\n", wider.collect::<Vec<_>>().join("\n"));
    let moved = rows.iter().map(|row| {
        let cells: Vec<&str> = row.split(',').collect();
        format!("{},{},{},{}", cells[3], cells[2], cells[1], cells[0])
    });
    let moved = format!("city,email,name,id\n{}\n", moved.collect::<Vec<_>>().join("\n"));
    let renumbered = rows.iter().rev().enumerate().map(|(i, row)| {
        let (_, rest) = row.split_once(',').unwrap();
        format!("{},{rest}", i + 1)
    });
    let renumbered = format!("{head}\n{}\n", renumbered.collect::<Vec<_>>().join("\n"));
    let without = rows.iter().rev().map(|row| row.split_once(',').unwrap().1);
    let without = format!("name,email,city\n{}\n", without.collect::<Vec<_>>().join("\n"));
    let changed = plain.replace("Lima", "Cusco").replace("Oslo,", "Bergen,");
    let cases = [
        ("crm", shuffled, "rows in another order"),
        ("crm", wider.clone(), "columns of new meaning"),
        ("crm", moved, "columns moved"),
        ("export-2026-06", plain.clone(), "another export, another name"),
        ("export-2026-06", wider, "another name and new columns"),
        ("export-2026-06", changed.clone(), "another name, and cells that changed"),
        ("crm", renumbered.clone(), "rows counted anew"),
        ("export-2026-06", renumbered, "another name, and rows counted anew"),
        ("list", without, "no ids any more, another order and name"),
        ("crm", changed, "cells that changed"),
    ];
    for (name, csv, why) in cases {
        let world = World::new();
        let first = world.one(&plain, &[]);
        let second = world.audit(&[(name, csv)], &[]);
        assert_eq!(second.id, first.id, "{why}");
        assert!(second.steps.is_empty(), "{why}: {:?}", second.steps);
        assert_eq!(world.one(&plain, &[]).id, first.id, "{why}, and back");
    }
}

#[test]
fn a_renamed_export_in_which_somebody_has_a_new_address() {
    let world = World::new();
    let csv = people(&NAMES);
    let first = world.one(&csv, &[]);
    let married = csv.replace("Ana Lopez,ana@x.example", "Ana Smith,ana.smith@y.example");
    assert_ne!(married, csv);
    let second = world.audit(&[("export-2026-06", married)], &[]);
    assert_eq!(second.id["ana.smith@y.example"], first.of_email("ana"), "her record has its id");
    assert_eq!(second.of_email("bo"), first.of_email("bo"));
}

#[test]
fn a_list_without_ids_keeps_its_people() {
    let list = |names: &[&str]| {
        let rows: String =
            names.iter().map(|n| row(n).split_once(',').unwrap().1.to_string()).collect();
        format!("name,email,city\n{rows}")
    };
    let world = World::new();
    let first = world.one(&list(&NAMES), &[]);
    let some = ["hal", "cem", "eva"];
    let second = world.one(&list(&some), &[]);
    for name in some {
        assert_eq!(second.of_email(name), first.of_email(name), "{name}");
    }
    assert_eq!(second.gone, 5);
    let moved = list(&NAMES).replace("Perm", "Omsk");
    let third = world.one(&moved, &[]);
    assert_eq!(third.id, first.id, "Hal moved; the others are back");
    let back = third.steps.iter().filter(|s| s.1 == Event::Revived && s.2.is_empty());
    assert_eq!(back.count(), 5);
}

#[test]
fn merged_then_split_then_merged_the_other_way() {
    let world = World::new();
    let csv = people(&NAMES);
    let first = world.one(&csv, &[]);
    let (ana, bo) = (first.of_email("ana"), first.of_email("bo"));
    let second = world.one(&csv, &[("1", "2", true)]);
    assert_eq!(second.of_email("ana"), ana, "of equals the one with the earlier record");
    assert_eq!(second.of_email("bo"), ana, "one person");
    assert_eq!(second.steps, [step(bo, Event::Merged, ana)]);
    let third = world.one(&csv, &[]);
    assert_eq!((third.id, third.steps.len()), (second.id.clone(), 0), "decided for good");
    let fourth = world.one(&csv, &[("2", "1", false)]);
    assert_eq!(fourth.id, first.id, "both have what they had");
    assert_eq!(fourth.steps, [step(bo, Event::Revived, ana)]);
    let fifth = world.one(&csv, &[]);
    assert_eq!((fifth.id, fifth.steps.len()), (fourth.id, 0));
}

#[test]
fn a_merge_taken_back_leaves_everybody_with_the_id_they_had() {
    let world = World::new();
    let csv = people(&["ana", "bo", "cem"]);
    let first = world.one(&csv, &[("2", "3", true)]);
    let second = world.one(&csv, &[("1", "2", true), ("1", "3", true)]);
    assert_eq!(second.of_email("ana"), first.of_email("bo"), "two records against one");
    let third = world.one(&csv, &[("1", "2", false), ("1", "3", false)]);
    assert_eq!(third.id, first.id, "although Ana's record is the earliest of the three");
}

#[test]
fn most_records_decide_and_the_older_id_of_equals() {
    let world = World::new();
    let first = world.one(&people(&["ana", "cem", "dia", "eva"]), &[("3", "4", true)]);
    let pair = first.of_email("cem").to_string();
    assert_eq!(first.of_email("dia"), pair);
    // Fay is new at the second audit, and so is her id.
    let csv = people(&["ana", "cem", "dia", "eva", "fay"]);
    let second = world.one(&csv, &[]);
    let third = world.one(&csv, &[("1", "3", true), ("5", "6", true)]);
    let ana = second.of_email("ana").to_string();
    assert_eq!(third.of_email("ana"), pair, "two records against one");
    assert_eq!(third.of_email("fay"), second.of_email("eva"), "the older id of equals");
    let merged = [
        step(&ana, Event::Merged, &pair),
        step(second.of_email("fay"), Event::Merged, second.of_email("eva")),
    ];
    assert_eq!(third.steps.iter().collect::<BTreeSet<_>>(), merged.iter().collect());
}

#[test]
fn a_split_gives_the_id_to_the_earliest_record() {
    let world = World::new();
    let csv = people(&["ana", "bo", "cem"]);
    let together = [("1", "2", true), ("2", "3", true), ("1", "3", true)];
    let first = world.one(&csv, &together);
    let id = first.of_email("ana").to_string();
    assert!(first.id.values().all(|other| *other == id));
    let apart = [("1", "2", false), ("1", "3", false)];
    let second = world.one(&csv, &apart);
    assert_eq!(second.of_email("ana"), id, "the earliest record alone, against two");
    let new = second.of_email("bo").to_string();
    assert_eq!(second.of_email("cem"), new);
    assert_ne!(new, id);
    assert_eq!(second.steps, [step(&new, Event::Split, &id)]);
}

#[test]
fn records_that_move_and_a_person_that_comes_back() {
    let world = World::new();
    let csv = people(&["ana", "bo", "cem", "dia"]);
    let first = world.one(&csv, &[("1", "2", true), ("3", "4", true)]);
    let (left, right) = (first.of_email("ana").to_string(), first.of_email("cem").to_string());
    let second = world
        .one(&csv, &[("1", "2", false), ("2", "3", true), ("2", "4", true), ("1", "3", false)]);
    assert_eq!(second.of_email("ana"), left);
    assert_eq!(second.of_email("bo"), right, "Bo went over");
    assert_eq!(second.steps, [step(&right, Event::Moved, &left)]);
    let third = world.one(&people(&["bo", "cem", "dia"]), &[]);
    assert_eq!((third.gone, third.steps.len()), (1, 0), "Ana is gone");
    let fourth = world.one(&csv, &[]);
    assert_eq!(fourth.of_email("ana"), left);
    assert_eq!(fourth.steps, [step(&left, Event::Revived, "")]);
}

#[test]
fn decisions_follow_a_renamed_source_and_the_last_word_counts() {
    let world = World::new();
    let csv = people(&["ana", "bo", "cem"]);
    let first = world.one(&csv, &[("crm:1", "crm:2", true)]);
    let renamed = world.audit(&[("other", csv.clone())], &[]);
    assert_eq!(renamed.id, first.id, "under the new name");
    let apart = world.audit(&[("other", csv.clone())], &[("other:2", "other:1", false)]);
    assert_ne!(apart.of_email("ana"), apart.of_email("bo"));
    let later = world.one(&csv, &[]);
    assert_eq!(later.id, apart.id, "and back under the old one");
}

#[test]
fn two_sources_with_the_same_ids_are_not_mixed_up() {
    let world = World::new();
    let (crm, web) = (people(&NAMES[..4]), people(&NAMES[4..]));
    let web: String = web.replace("\n5,", "\n1,").replace("\n6,", "\n2,");
    let both = [("crm", crm.clone()), ("web", web.clone())];
    let first = world.audit(&both, &[]);
    let turned = [("web", web), ("crm", crm)];
    let second = world.audit(&turned, &[]);
    assert_eq!(second.id, first.id);
    assert!(second.steps.is_empty());
}

#[test]
fn an_audit_that_is_not_committed_was_never_made() {
    let world = World::new();
    let csv = people(&NAMES);
    let first = world.one(&csv, &[]);
    let (state, outcome) = world.run(&[("crm", csv.clone())], &[("1", "2", true)]);
    keep(&state, &outcome, "{}").unwrap();
    drop(state);
    let second = world.one(&csv, &[]);
    assert_eq!(second, first);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Subsets come and go, in any order of rows, and are merged and parted at random: no id is ever
    /// had by two, and who was alone all the time keeps the one id.
    #[test]
    fn nobody_alone_ever_changes_the_id(
        audits in prop::collection::vec(
            (prop::sample::subsequence(NAMES.to_vec(), 1..=8).prop_shuffle(),
             prop::collection::vec((1u32..=6, 1u32..=6, any::<bool>()), 0..3)),
            2..6,
        ),
    ) {
        let world = World::new();
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        let mut all: BTreeSet<String> = BTreeSet::new();
        for (names, decided) in &audits {
            let decided: Vec<(String, String, bool)> = decided
                .iter()
                .filter(|(a, b, _)| a != b)
                .map(|(a, b, same)| (a.to_string(), b.to_string(), *same))
                .collect();
            let decided: Vec<(&str, &str, bool)> =
                decided.iter().map(|(a, b, s)| (a.as_str(), b.as_str(), *s)).collect();
            let people = world.one(&people(names), &decided);
            // Gus and Hal are never decided on.
            for name in ["gus", "hal"] {
                let Some(id) = people.id.get(&format!("{name}@x.example")) else { continue };
                let before = seen.entry(name.to_string()).or_insert_with(|| id.clone());
                prop_assert_eq!(before, id);
            }
            for (person, event, other) in &people.steps {
                prop_assert!(*event == Event::Split || all.contains(person), "{} is new", person);
                prop_assert!(other.is_empty() || all.contains(other) || people.id.values().any(|i| i == other));
                prop_assert_ne!(person, other);
            }
            all.extend(people.id.values().cloned());
        }
    }

    /// What was merged resolves to somebody who is there, as long as records are.
    #[test]
    fn an_old_id_leads_somewhere(
        decided in prop::collection::vec((1u32..=8, 1u32..=8, any::<bool>()), 1..8),
    ) {
        let world = World::new();
        let csv = people(&NAMES);
        let first = world.one(&csv, &[]);
        let mut now = first.clone();
        for (a, b, same) in decided.iter().filter(|(a, b, _)| a != b) {
            let (a, b) = (a.to_string(), b.to_string());
            now = world.one(&csv, &[(&a, &b, *same)]);
        }
        let state = State::open(&world.0.path().join(FILE), Mode::Read).unwrap();
        let memory = Memory::load(&state).unwrap();
        for id in first.id.values() {
            let found = memory.resolve(id).map(str::to_string);
            prop_assert!(found.is_some_and(|found| now.id.values().any(|other| *other == found)));
        }
    }
}
