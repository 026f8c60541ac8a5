//! A frozen model stays what it was, and what it says of records does not depend on others.

use super::*;
use crate::matching::frozen::bytes::Unreadable;
use crate::pipeline::{self, Job, Outcome};
use crate::source::Source;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A row of a little database: indexes into the lists below, so that rows agree often.
pub(crate) type Row = [u8; 7];

const GIVEN: [&str; 6] = ["Ana", "Anna", "Robert", "Bob", "J", ""];
const FAMILY: [&str; 5] = ["López", "Lopes", "Smith", "Featherstone", ""];
const LOCAL: [&str; 7] = ["ana.lopez", "alopez", "bob", "info", "familia.lopez", "r.smith7", ""];
const DOMAIN: [&str; 4] = ["acme.com", "gmail.com", "rapidline.io", "acme.co"];
const PHONE: [&str; 5] =
    ["+1 212 555 0101", "+1 212 555 0102", "212-555-0101", "+44 20 7946 0018", ""];
const COMPANY: [&str; 4] = ["Acme Inc", "Rapid Line", "ACME", ""];
const CITY: [&str; 3] = ["London", "New York", ""];

fn pick<'a>(list: &[&'a str], at: u8) -> &'a str {
    list[usize::from(at) % list.len()]
}

/// The rows as a CSV; ids are the rows' numbers, whatever subset is written in whatever order.
pub(crate) fn csv(rows: &[Row], which: &[usize]) -> Vec<u8> {
    let mut text = String::from("Lead Id,First Name,Last Name,Email,Phone,Company,City\n");
    for &i in which {
        let [given, family, local, domain, phone, company, city] = rows[i];
        let local = pick(&LOCAL, local);
        let email = if local.is_empty() {
            String::new()
        } else {
            format!("{local}@{}", pick(&DOMAIN, domain))
        };
        text += &format!(
            "L{i},{},{},{email},{},{},{}\n",
            pick(&GIVEN, given),
            pick(&FAMILY, family),
            pick(&PHONE, phone),
            pick(&COMPANY, company),
            pick(&CITY, city)
        );
    }
    text.into_bytes()
}

pub(crate) fn job(rows: &[Row], which: &[usize]) -> Job {
    let content = Some(Arc::new(csv(rows, which)));
    Job { inputs: vec![Source { content, ..Source::new("crm.csv") }], ..Job::default() }
}

fn run(job: &Job) -> Outcome {
    pipeline::run(job, &|_| ()).unwrap()
}

/// Who is one person, by record id.
pub(crate) fn persons(outcome: &Outcome) -> BTreeSet<BTreeSet<String>> {
    let clusters = &outcome.matched.clusters;
    let id = |r: &crate::record::RecordId| outcome.table.id.get(*r).to_string();
    (0..clusters.len() as u32).map(|p| clusters.members(p).iter().map(id).collect()).collect()
}

pub(crate) fn row() -> impl Strategy<Value = Row> {
    // Two bases and a few changes each: duplicates, households, shared mailboxes, bridges.
    let free = prop::array::uniform7(0u8..8);
    let base = prop_oneof![
        Just([0, 0, 0, 0, 0, 0, 0]),
        Just([2, 2, 5, 1, 1, 1, 1]),
        Just([0, 0, 4, 1, 3, 3, 0]),
        Just([3, 2, 3, 0, 0, 0, 2]),
    ];
    (base, free, prop::array::uniform7(0u8..4)).prop_map(|(base, free, change)| {
        std::array::from_fn(|i| if change[i] == 0 { free[i] } else { base[i] })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_decision_depends_on_its_two_records_alone(
        rows in prop::collection::vec(row(), 12..50),
        known in 8usize..40,
        left in prop::collection::vec(any::<bool>(), 50),
    ) {
        let all: Vec<usize> = (0..rows.len()).collect();
        let known = known.min(rows.len());
        let learned = run(&job(&rows, &all[..known]));
        let frozen = Frozen::of(&learned.records, &learned.matched.model);
        prop_assert_eq!(&Frozen::from_bytes(&frozen.to_bytes()).unwrap(), &frozen);
        let whole = run(&Job { frozen: Some(frozen.clone()), ..job(&rows, &all) });
        let backwards: Vec<usize> = all.iter().rev().copied().collect();
        let turned = run(&Job { frozen: Some(frozen.clone()), ..job(&rows, &backwards) });
        prop_assert_eq!(persons(&whole), persons(&turned));

        let some: Vec<usize> = all.iter().copied().filter(|&i| left[i]).collect();
        prop_assume!(!some.is_empty());
        let part = run(&Job { frozen: Some(frozen), ..job(&rows, &some) });
        let named = |outcome: &Outcome| -> BTreeSet<(String, String, u8, i64)> {
            let id = |r: u32| outcome.table.id.get(crate::record::RecordId(r)).to_string();
            outcome.matched.decisions.iter().map(|d| {
                let (a, b) = (id(d.pair.a), id(d.pair.b));
                let odds = (d.log_odds * 4096.0) as i64;
                (a.clone().min(b.clone()), a.max(b), d.verdict as u8, odds)
            }).collect()
        };
        let inside: BTreeSet<String> = some.iter().map(|i| format!("L{i}")).collect();
        // Copies are told by one of them, and which one that is depends on who is there: compared
        // is what is said of records that have no copy.
        let lone = |outcome: &Outcome| -> BTreeSet<String> {
            let f = &outcome.records.features;
            (0..f.len()).filter(|&r| (0..f.len()).all(|s| s == r || !agree(f, r as u32, s as u32)))
                .map(|r| outcome.table.id.get(crate::record::RecordId(r as u32)).to_string())
                .collect()
        };
        let lone = lone(&whole);
        let of = |all: BTreeSet<(String, String, u8, i64)>| -> BTreeSet<_> {
            let here = |id: &String| inside.contains(id) && lone.contains(id);
            all.into_iter().filter(|(a, b, ..)| here(a) && here(b)).collect()
        };
        prop_assert_eq!(of(named(&whole)), of(named(&part)));
    }

    #[test]
    fn no_bytes_make_it_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0usize..4000) {
        let _ = Frozen::from_bytes(&bytes);
        let rows = [[0; 7], [0, 0, 1, 0, 0, 0, 0], [2, 2, 5, 1, 1, 1, 1]];
        let learned = run(&job(&rows, &[0, 1, 2]));
        let good = Frozen::of(&learned.records, &learned.matched.model).to_bytes();
        let _ = Frozen::from_bytes(&good[..cut.min(good.len())]);
        bytes.splice(0..0, good[..cut.min(good.len())].iter().copied());
        let _ = Frozen::from_bytes(&bytes);
    }
}

#[test]
fn the_first_frozen_run_says_what_learning_said() {
    let rows: Vec<Row> = vec![
        [0, 0, 0, 0, 0, 0, 0],
        [1, 0, 0, 0, 2, 2, 0],
        [2, 2, 5, 1, 1, 1, 1],
        [3, 2, 5, 1, 1, 1, 2],
        [0, 0, 4, 1, 3, 3, 0],
    ];
    let all = [0, 1, 2, 3, 4];
    let learned = run(&job(&rows, &all));
    let frozen = run(&Job { freeze: true, ..job(&rows, &all) });
    assert_eq!(persons(&learned), persons(&frozen));
    assert!(frozen.matched.frozen.is_some() && learned.matched.frozen.is_none());
}

#[test]
fn bytes_of_another_version_or_of_nothing_are_refused() {
    let rows = [[0; 7], [2, 2, 5, 1, 1, 1, 1]];
    let learned = run(&job(&rows, &[0, 1]));
    let mut bytes = Frozen::of(&learned.records, &learned.matched.model).to_bytes();
    assert_eq!(Frozen::from_bytes(&bytes[..bytes.len() - 1]), Err(Unreadable::Damaged));
    assert_eq!(Frozen::from_bytes(b"something else"), Err(Unreadable::Damaged));
    bytes[8] = 9;
    assert_eq!(Frozen::from_bytes(&bytes), Err(Unreadable::Version(9)));
    // The first version knew no namesakes; nothing else differs.
    let mut old = Frozen::of(&learned.records, &learned.matched.model);
    assert!(old.model.namesakes.take().is_some());
    let mut bytes = old.to_bytes();
    bytes[8] = 1;
    assert_eq!(Frozen::from_bytes(&bytes), Ok(old));
}

#[test]
fn a_model_of_people_is_not_used_for_organizations() {
    let rows = [[0; 7], [2, 2, 5, 1, 1, 1, 1]];
    let learned = run(&job(&rows, &[0, 1]));
    let frozen = Some(Frozen::of(&learned.records, &learned.matched.model));
    let venues =
        b"id,name,address,city\n1,Blue Door Cafe,1 High St,London\n2,Old Mill,2 Low St,Leeds\n";
    let content = Some(Arc::new(venues.to_vec()));
    let source = Source { content, ..Source::new("venues.csv") };
    let columns = crate::schema::SchemaOverrides {
        roles: vec![(crate::schema::Role::Company, "name".into())],
        ..Default::default()
    };
    let config = crate::config::Config { columns, ..Default::default() };
    let job = Job { frozen, config, inputs: vec![source], ..Job::default() };
    let error = pipeline::run(&job, &|_| ()).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert!(error.to_string().contains("it is a state of people"), "{error}");
}

#[test]
fn hundreds_of_copies_are_one_person_and_change_nobody_else() {
    let mut rows: Vec<Row> = vec![[0; 7], [2, 2, 5, 1, 1, 1, 1], [1, 0, 0, 0, 2, 2, 0]];
    let learned = run(&job(&rows, &[0, 1, 2]));
    let frozen = Some(Frozen::of(&learned.records, &learned.matched.model));
    rows.resize(300, [0; 7]);
    let all: Vec<usize> = (0..rows.len()).collect();
    let outcome = run(&Job { frozen, ..job(&rows, &all) });
    let found = persons(&outcome);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(outcome.matched.clusters.probability.iter().all(|&p| p > 0.85));
}
