//! What changed between two audits, hand-worked.

use super::dir;
use crate::pipeline::{self, Job, Outcome};
use crate::profile;
use crate::quality::Collector;
use crate::quality::mask::Reveal;
use crate::quality::rules::Rules;
use crate::quality::settle::{FailOn, settle};
use crate::score::parse::parse;
use crate::source::Source;
use crate::state::audit::{Audit, BandMove, audit};
use crate::state::drift::drift;
use crate::state::{FILE, Memory, Mode, State, keep};
use std::path::Path;
use std::sync::Arc;

const MODEL: &str = "[[component]]\nid = \"s\"\n[[rule]]\nid = \"mx\"\n\
                     if = { field = \"country\", is = \"MX\" }\nadd = 50\n\
                     [[band]]\nid = \"hot\"\nmin = 50\n";

/// An audit for a day of June; what drift found, and the audit.
fn audited(place: &Path, day: i64, csv: &str, model: &str) -> (Vec<(String, u64, u64)>, Audit) {
    let state = State::open(&place.join(FILE), Mode::Write).unwrap();
    let content = Some(Arc::new(csv.as_bytes().to_vec()));
    let mut job = Job {
        inputs: vec![Source { content, ..Source::new("crm.csv") }],
        models: vec![parse(model, "m.toml").unwrap()],
        memory: Some(Arc::new(Memory::load(&state).unwrap())),
        ..Job::default()
    };
    job.config.as_of = (20_605 + day) * 86_400_000_000;
    let outcome: Outcome = pipeline::run(&job, &|_| ()).unwrap();
    let mut out = Collector::new(10);
    drift(&outcome, &Rules::default(), &mut out);
    let found = out.found.iter().map(|raw| (raw.check.into(), raw.hits.count, raw.hits.of));
    let found = found.collect();
    let checked = settle(&outcome.material(), &out.found, Reveal::Masked, FailOn::Error);
    let hygiene = profile::hygiene_of(&outcome);
    let audit = audit(&outcome, &checked, hygiene, false).unwrap();
    keep(&state, &outcome, &serde_json::to_string(&audit.numbers).unwrap()).unwrap();
    state.commit().unwrap();
    (found, audit)
}

/// Thirty people who have nothing to do with each other.
fn csv(country: &str, extra: &[&str]) -> String {
    let mut csv = String::from("id,name,email,country\n");
    for i in 0..30u8 {
        let (a, b) = (char::from(b'a' + i % 26), char::from(b'a' + i / 26));
        let land = if i < 3 { country } else { "DE" };
        csv += &format!("{i},{a}ana{b} {b}or{a}ez{a},{a}{b}{i}@firm{i}.example,{land}\n");
    }
    csv + &extra.concat()
}

#[test]
fn the_first_audit_has_nothing_to_compare_with() {
    let dir = dir();
    let (found, audit) = audited(dir.path(), 1, &csv("MX", &[]), MODEL);
    assert!(found.is_empty());
    assert_eq!((audit.number, audit.previous.clone(), audit.trend.len()), (1, None, 1));
    assert_eq!(audit.numbers.changes, Default::default());
    let bands: Vec<(&str, u64)> =
        audit.numbers.bands.iter().map(|b| (b.band.as_str(), b.people)).collect();
    assert_eq!(bands, [("hot", 3), ("", 27)]);
}

#[test]
fn nothing_new_is_found_in_the_same_data() {
    let dir = dir();
    audited(dir.path(), 1, &csv("MX", &[]), MODEL);
    let (found, audit) = audited(dir.path(), 8, &csv("MX", &[]), MODEL);
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(audit.numbers.changes, Default::default());
    assert_eq!(audit.previous.as_deref(), Some("2026-06-02T00:00:00Z"));
    assert_eq!((audit.number, audit.trend.len(), audit.ids_changed), (2, 2, 0));
}

#[test]
fn doubles_bands_and_columns_that_changed() {
    let dir = dir();
    audited(dir.path(), 1, &csv("MX", &[]), MODEL);
    // Three leave Mexico; the first person comes a second time; there is a new column.
    let twice = "90,aanaa aorazea,aa0@firm0.example,DE\n";
    let changed = csv("DE", &[twice]).replace("country\n", "country,tier\n");
    let changed = changed.replace(",DE\n", ",DE,x\n");
    let (found, audit) = audited(dir.path(), 8, &changed, MODEL);
    let found: Vec<(&str, u64, u64)> = found.iter().map(|f| (f.0.as_str(), f.1, f.2)).collect();
    let expected = [("schema-drift", 1, 4), ("duplicate-new", 1, 31), ("score-drift", 3, 30)];
    assert_eq!(found, expected);
    let changes = &audit.numbers.changes;
    assert_eq!((changes.records_new, changes.records_gone, changes.records_changed), (1, 0, 3));
    assert_eq!((changes.people_new, changes.people_gone), (0, 0), "the double is somebody known");
    let step = BandMove { from: "hot".into(), to: String::new(), people: 3 };
    assert_eq!((changes.band_moves.as_slice(), changes.rose, changes.fell), (&[step][..], 0, 3));
    let told: Vec<(&str, u64, u64)> =
        audit.finding_changes.iter().map(|c| (c.check.as_str(), c.before, c.now)).collect();
    assert_eq!(told, [("duplicate-new", 0, 1), ("schema-drift", 0, 1), ("score-drift", 0, 3)]);
    assert!(audit.findings.iter().all(|finding| finding.samples.is_empty()));
    let people: Vec<u64> = audit.trend.iter().map(|point| point.people).collect();
    assert_eq!(people, [30, 30]);
}

#[test]
fn bands_of_another_model_are_not_compared() {
    let dir = dir();
    audited(dir.path(), 1, &csv("MX", &[]), MODEL);
    let other = MODEL.replace("add = 50", "add = 40");
    let (found, audit) = audited(dir.path(), 8, &csv("MX", &[]), &other);
    assert!(found.is_empty(), "{found:?}");
    assert!(audit.numbers.changes.band_moves.is_empty());
    let (found, _) = audited(dir.path(), 15, &csv("DE", &[]), &other);
    assert!(found.is_empty(), "40 points were no band before, too: {found:?}");
}

#[test]
fn many_rows_more_or_fewer_are_noticed() {
    let dir = dir();
    audited(dir.path(), 1, &csv("MX", &[]), MODEL);
    let all = csv("MX", &[]);
    let half = all.lines().take(16).collect::<Vec<_>>().join("\n");
    let (found, audit) = audited(dir.path(), 8, &half, MODEL);
    assert_eq!(found[0].0, "row-count-change");
    assert_eq!(audit.numbers.changes.people_gone, 15);
    let (_, audit) = audited(dir.path(), 15, &all, MODEL);
    assert_eq!((audit.numbers.changes.revived, audit.numbers.changes.people_new), (15, 0));
    assert_eq!(audit.numbers.changes.records_new, 0, "they were seen before");
}

#[test]
fn an_audit_reads_what_an_early_version_left() {
    let dir = dir();
    let place = dir.path().join(FILE);
    rusqlite::Connection::open(&place).unwrap().execute_batch(super::VERSION_0).unwrap();
    let csv = "id,name,email\n1,Ana Ruiz,ana@x.example\n2,Bo Li,bo@y.example\n3,Cem Ak,cem@z.example\n\
               4,Dia No,dia@w.example\n";
    let (found, audit) = audited(dir.path(), 20, csv, MODEL);
    assert!(found.iter().all(|f| f.0 == "duplicate-new"), "no columns to compare with: {found:?}");
    let people: Vec<u64> = audit.trend.iter().map(|point| point.people).collect();
    assert_eq!((audit.number, people), (3, vec![4, 3, audit.numbers.people]));
    let state = State::open(&place, Mode::Read).unwrap();
    let sql = "SELECT p.id FROM record r JOIN person p ON p.no = r.person ORDER BY r.no";
    let mut statement = state.connection().prepare(sql).unwrap();
    let ids: Vec<String> =
        statement.query_map([], |r| r.get(0)).unwrap().map(|r| r.unwrap()).collect();
    assert_eq!(ids[0], "p_00000000000000ab", "its ids are kept");
    assert_eq!(&ids[2..], ["p_00000000000000ef", "p_00000000000000gh"], "and its decision holds");
}
