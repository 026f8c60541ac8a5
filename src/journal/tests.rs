//! Merging loses nothing and can be taken back: on random persons, in any order.

use super::read::{Journal, parse};
use super::undo::{Undo, plan};
use super::{Salts, hex, unhex};
use crate::merge::history::Status;
use crate::pipeline::{self, Job, Outcome, Prescribed};
use crate::report::folder::OutputFolder;
use crate::report::label::Labels;
use crate::report::reason::Reasons;
use crate::source::Source;
use proptest::prelude::*;
use std::sync::Arc;

/// A lead: its person, and whether its address was opted out.
type Lead = (u32, bool);

fn content(name: &str, text: String) -> Source {
    Source { content: Some(Arc::new(text.into_bytes())), ..Source::new(name) }
}

/// A job over random leads and activities, with the persons given.
fn job(leads: &[Lead], events: &[usize]) -> Job {
    let mut rows = String::from("id,first name,last name,email,unsubscribed\n");
    for (i, (_, out)) in leads.iter().enumerate() {
        rows += &format!("{i},Ana{i},Ruiz{i},a{i}@firm{i}.example,{out}\n");
    }
    let mut log = String::from("event_id,lead_id,event_type,occurred_at\n");
    for (i, lead) in events.iter().enumerate() {
        log += &format!("e{i},{lead},email_open,2026-05-{:02}T10:00:00Z\n", i % 28 + 1);
    }
    let mut prescribed = Prescribed::default();
    for (row, (person, _)) in (1u32..).zip(leads) {
        prescribed.person.insert((0, row), *person);
    }
    Job {
        inputs: vec![content("leads.csv", rows)],
        activities: vec![content("activities.csv", log)],
        prescribed: Some(prescribed),
        ..Job::default()
    }
}

fn run(job: &Job) -> Outcome {
    pipeline::run(job, &|_| ()).unwrap()
}

/// The journal of a run, read back.
fn journal(outcome: &Outcome) -> Journal {
    let dir = tempfile::tempdir().unwrap();
    let folder = OutputFolder::prepare(&dir.path().join("out"), false).unwrap();
    let reasons = Reasons::new(&outcome.matched.model);
    let tail = super::write(outcome, &folder, &reasons).unwrap();
    let text = std::fs::read_to_string(folder.staging().join(super::FILE)).unwrap();
    assert_eq!(tail.lines, text.lines().count() as u64);
    assert!(text.trim_end().ends_with(&format!("\"chain\":\"{}\"}}", tail.chain)));
    parse(&text).unwrap()
}

/// Everything a run says of each record's person: records, activities, consent, score.
fn persons(outcome: &Outcome) -> Vec<String> {
    let clusters = &outcome.matched.clusters;
    let labels = Labels::new(&outcome.table);
    (0..clusters.len() as u32)
        .map(|person| {
            let p = person as usize;
            let mut text = String::new();
            for &record in clusters.members(person) {
                labels.push(record, &mut text);
                text.push(' ');
            }
            let events = outcome.history.start[p + 1] - outcome.history.start[p];
            let score = outcome.scored.models[0].score[p];
            let may = outcome.consent.email[p].state.is_refusal();
            format!("{text}{} {events} {score} {may}", outcome.person_ids.get(person))
        })
        .collect()
}

/// Takes records out one after the other; the run that is left.
fn unwind(first: &Outcome, order: &[usize]) -> Outcome {
    let mut now = run(&first.job);
    for record in order {
        let person = now.matched.clusters.person_of[*record];
        if now.matched.clusters.members(person).len() > 1 {
            let next = plan(&journal(&now), &[Undo::Record(record.to_string())]).unwrap();
            now = run(&next.job);
        }
    }
    now
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn merging_loses_nothing_and_undoing_gives_it_back(
        leads in prop::collection::vec((0u32..4, any::<bool>()), 2..9),
        events in prop::collection::vec(0usize..10, 1..12),
        seed in any::<prop::sample::Index>(),
    ) {
        let merged = run(&job(&leads, &events));
        let clusters = &merged.matched.clusters;
        // Records, activities and opt-outs are conserved.
        prop_assert_eq!(clusters.members.len(), leads.len());
        let history = &merged.history;
        let all = [Status::Kept, Status::Duplicate, Status::Orphan].map(|s| history.count(s));
        prop_assert_eq!(all.iter().sum::<usize>(), events.len());
        prop_assert_eq!(all[2], events.iter().filter(|&&e| e >= leads.len()).count());
        for (record, (_, out)) in leads.iter().enumerate() {
            let person = clusters.person_of[record] as usize;
            prop_assert!(!out || merged.consent.email[person].state.is_refusal());
        }
        // The inputs come back byte for byte.
        let read = journal(&merged);
        let sources = merged.job.inputs.iter().chain(&merged.job.activities);
        for (content, source) in read.contents.iter().zip(sources) {
            prop_assert_eq!(Some(content), source.content.as_ref());
        }
        prop_assert_eq!(read.steps.len(), leads.len() - clusters.len());
        // Splitting every person, or taking out every record in any order, is never having merged.
        let apart: Vec<Lead> = (0u32..).zip(&leads).map(|(i, (_, out))| (i, *out)).collect();
        let never = persons(&run(&job(&apart, &events)));
        let ids = (0..clusters.len() as u32).filter(|&p| clusters.members(p).len() > 1);
        let all: Vec<Undo> =
            ids.map(|p| Undo::Person(merged.person_ids.get(p).to_string())).collect();
        prop_assert_eq!(&persons(&run(&plan(&read, &all).unwrap().job)), &never);
        let mut order: Vec<usize> = (0..leads.len()).collect();
        order.rotate_left(seed.index(leads.len()));
        prop_assert_eq!(&persons(&unwind(&merged, &order)), &never);
        order.reverse();
        prop_assert_eq!(&persons(&unwind(&merged, &order)), &never);
    }

    #[test]
    fn reading_never_panics(text in "\\PC{0,80}", at in any::<prop::sample::Index>()) {
        let _ = parse(&text);
        let whole = r#"{"n":0,"kind":"run","salt":"00","payload":{},"chain":"00"}"#;
        let mut cut = whole.to_string();
        cut.truncate(at.index(whole.len()));
        let _ = parse(&(cut + &text));
    }

    #[test]
    fn hexadecimal_there_and_back(bytes in any::<[u8; 16]>()) {
        prop_assert_eq!(unhex::<16>(&hex(&bytes)), Some(bytes));
    }
}

#[test]
fn forgotten_lines_keep_the_chain_and_are_skipped() {
    let merged = run(&job(&[(0, false), (0, true), (1, false)], &[0, 2]));
    let dir = tempfile::tempdir().unwrap();
    let folder = OutputFolder::prepare(&dir.path().join("out"), false).unwrap();
    super::write(&merged, &folder, &Reasons::new(&merged.matched.model)).unwrap();
    let text = std::fs::read_to_string(folder.staging().join(super::FILE)).unwrap();
    let forget = |line: &str| {
        let parsed = super::Line::parse(line).unwrap();
        if parsed.kind != "record" || !line.contains("\"record\":\"2\"") {
            return line.to_string();
        }
        format!(
            "{{\"n\":{},\"kind\":\"record\",\"digest\":\"{}\",\"tombstone\":\"r_1\",\"chain\":\"{}\"}}",
            parsed.n,
            hex(&parsed.digest()),
            hex(&parsed.chain)
        )
    };
    let lines: Vec<String> = text.lines().map(forget).collect();
    let read = parse(&lines.join("\n")).unwrap();
    assert_eq!((read.forgotten, read.whole.clone()), (1, vec![false, true]));
    assert_eq!(read.records.len(), 2);
    let next = plan(&read, &[Undo::Person("1".into())]).unwrap();
    assert!(next.said.iter().any(|s| s.contains("Forgotten persons stay forgotten")));
    assert_eq!(run(&next.job).matched.clusters.len(), 2);
}

#[test]
fn salts_are_of_the_key_and_the_line() {
    let of = |key: &[u8], n| Salts::of_key(key).unwrap().of_line(n);
    assert_eq!(of(b"a", 1), of(b"a", 1));
    assert_ne!(of(b"a", 1), of(b"a", 2));
    assert_ne!(of(b"a", 1), of(b"b", 1));
}
