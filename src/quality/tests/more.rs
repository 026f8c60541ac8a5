//! Checks that need more than rows of one file: damaged bytes, merge trails, matching, a scoring model,
//! a suppression list, rows that are left out.

use super::{AT, HEADER, clean, counts, csv, found, job, small};
use crate::merge::suppress::Suppression;
use crate::pipeline::{self, Job, Outcome};
use crate::quality::rules::{self, Rules};
use crate::quality::selection::Selection;
use crate::quality::{Material, Raw, examine};
use crate::score::model;

fn run(job: &Job) -> Outcome {
    pipeline::run(job, &|_| ()).unwrap()
}

fn of(outcome: &Outcome) -> Vec<Raw> {
    examine(outcome.material(), &Selection::default(), 1 << 20)
}

#[test]
fn bytes_of_another_encoding_are_found() {
    let mut rows = clean();
    rows[1..8].iter_mut().for_each(|row| row[1] = "Jos\u{e9}".into());
    rows[8][1] = "Zo\u{eb}".into();
    let clean = csv(&HEADER, &rows);
    assert!(counts(&found(&job(clean.clone())), "encoding").is_empty(), "UTF-8 throughout");
    // One line of another program among them.
    let at = clean.windows(2).position(|pair| pair == "\u{eb}".as_bytes()).unwrap();
    let mixed = [&clean[..at], b"\xeb", &clean[at + 2..]].concat();
    assert_eq!(counts(&found(&job(mixed)), "encoding"), [1]);
}

#[test]
fn an_undone_merge_is_found() {
    let header = ["Lead ID", "Email", "Merged IDs"];
    let rows: [&[&str]; 4] = [
        &["L1", "ana@acorn.example", "L2;L9"],
        &["L2", "bea@acorn.example", ""],
        &["L3", "cleo@acorn.example", ""],
        &["L4", "dora@acorn.example", "L4"],
    ];
    let mut job = small(&header, &rows);
    job.config.columns.roles.push(("merged-ids".parse().unwrap(), "Merged IDs".into()));
    let all = found(&job);
    let undone: Vec<_> = all.iter().filter(|raw| raw.check == "known-merge-undone").collect();
    let [undone] = &undone[..] else { panic!("{all:?}") };
    // L9 is gone, as it should be, and nobody was merged into himself.
    assert_eq!((undone.hits.count, undone.hits.records[0].index()), (1, 1));
}

/// Records that stay apart, pairs that are one person, and pairs that may be.
fn doubtful() -> Job {
    let mut rows = clean();
    for at in AT {
        let mut twin = rows[at].clone();
        twin[0] = format!("L2{at:05}");
        rows.push(twin);
    }
    job(csv(&HEADER, &rows))
}

#[test]
fn pairs_that_wait_for_a_decision_are_found() {
    let mut job = doubtful();
    // Whatever is surely one person now waits.
    job.config.merge_at = 1.0;
    job.config.review_at = 0.5;
    let outcome = run(&job);
    let all = of(&outcome);
    let waiting: Vec<_> = all.iter().filter(|raw| raw.check == "duplicate-review").collect();
    let [waiting] = &waiting[..] else { panic!("{all:?}") };
    assert!(waiting.hits.count >= 3 && waiting.hits.of >= waiting.hits.count);
    let places: Vec<&str> = waiting.samples.iter().map(|s| s.record.as_str()).collect();
    for at in AT {
        let pair = format!("leads:L{} leads:L2{at:05}", 100_000 + at);
        assert!(places.contains(&pair.as_str()), "{pair} in {places:?}");
    }
    let certain = run(&doubtful());
    assert!(counts(&of(&certain), "duplicate-review").is_empty(), "nothing is in doubt");
}

#[test]
fn a_lead_below_its_best_part_is_found() {
    // Merged, what one record knows takes the points of the other away.
    let header = ["Lead ID", "First Name", "Last Name", "Email", "Country", "Segment"];
    let rows: [&[&str]; 3] = [
        &["1", "Xochitl", "Quetzal", "xochitl@zephyr.example", "Mexico", ""],
        &["2", "Xochitl", "Quetzal", "xochitl@zephyr.example", "", "student"],
        &["3", "Barnaby", "Wimple", "wimple@quarry.example", "Mexico", "buyer"],
    ];
    let mut job = small(&header, &rows);
    let text = "format = 1\nname = \"m\"\n[[component]]\nid = \"fit\"\nkind = \"points\"\n\
                [[rule]]\nid = \"mx\"\ncomponent = \"fit\"\n\
                if = { field = \"country\", is = \"MX\" }\nadd = 10\n\
                [[rule]]\nid = \"student\"\ncomponent = \"fit\"\n\
                if = { field = \"Segment\", is = \"student\" }\nadd = -5\n";
    job.models = vec![model::parse(text, "m.toml").unwrap()];
    let outcome = run(&job);
    assert_eq!(outcome.matched.clusters.len(), 2);
    assert_eq!(counts(&of(&outcome), "score-weaker-than-part"), [1]);
}

#[test]
fn suppressed_records_are_found_unless_they_say_so_themselves() {
    let header = ["Lead ID", "Email", "Phone", "Email Opt Out", "Do Not Contact"];
    let rows: [&[&str]; 6] = [
        &["1", "ana@acorn.example", "", "", ""],
        &["2", "bea@acorn.example", "", "", ""],
        &["3", "ANA+news@acorn.example", "", "true", ""],
        &["4", "", "+1 312 555 0143", "", ""],
        &["5", "cleo@acorn.example", "+1 312 555 0143", "", "true"],
        // Mail is refused, the phone is not.
        &["6", "ana@acorn.example", "+1 312 555 0199", "true", ""],
    ];
    let mut job = small(&header, &rows);
    for (role, header) in [
        ("consent:email:opt-out", "Email Opt Out"),
        ("consent:any:do-not-contact", "Do Not Contact"),
    ] {
        job.config.columns.roles.push((role.parse().unwrap(), header.into()));
    }
    assert!(counts(&found(&job), "suppressed-present").is_empty(), "without a list");
    job.suppression = Suppression::new(None);
    job.suppression.add("ana@acorn.example\n+13125550143\n", "suppress.txt").unwrap();
    let all = found(&job);
    let raw = all.iter().find(|raw| raw.check == "suppressed-present").unwrap();
    let at: Vec<usize> = raw.hits.records.iter().map(|r| r.index()).collect();
    assert_eq!((at, raw.hits.of), (vec![0, 3, 5], 6));
    let outcome = run(&job);
    assert_eq!(counts(&of(&outcome), "suppressed-present"), [3], "the whole run finds the same");
}

#[test]
fn the_order_of_two_amounts_is_learned_and_that_of_unlike_ones_is_not() {
    let header = ["Lead ID", "Net", "Gross", "Age"];
    let rows = |wrong: bool| {
        let mut rows: Vec<Vec<String>> = (0..600usize)
            .map(|i| {
                let net = 20 + super::spread(i, 1) % 5_000;
                let gross = net + net / 5;
                let age = 18 + super::spread(i, 2) % 50;
                vec![format!("{}", 1000 + i), net.to_string(), gross.to_string(), age.to_string()]
            })
            .collect();
        if wrong {
            for at in [100, 300] {
                rows[at].swap(1, 2);
            }
        }
        rows
    };
    assert!(counts(&found(&job(csv(&header, &rows(false)))), "order-of-columns").is_empty());
    let all = found(&job(csv(&header, &rows(true))));
    let order: Vec<_> = all.iter().filter(|raw| raw.check == "order-of-columns").collect();
    let [order] = &order[..] else { panic!("{all:?}") };
    assert_eq!((order.column, order.hits.count), (Some(2), 2));
    assert!(order.message.contains("less than \u{ab}Net\u{bb}"), "{}", order.message);
}

fn with_rules(outcome: &Outcome, text: &str) -> Vec<Raw> {
    let rules: Rules = rules::parse(text, "check.toml").unwrap();
    let material = outcome.material();
    let ignored = rules.ignored(&material, "check.toml").unwrap();
    let material = Material { ignored: &ignored, ..material };
    examine(material, &Selection::default(), 1 << 20)
}

#[test]
fn rows_that_are_left_out_are_in_no_pair_and_no_rate() {
    let header = ["Lead ID", "First Name", "Last Name", "Email", "Lead Source"];
    let rows: [&[&str]; 5] = [
        &["1", "Xochitl", "Quetzal", "xochitl@zephyr.example", "seed"],
        &["2", "Xochitl", "Quetzal", "xochitl@zephyr.example", "web"],
        &["3", "Xochitl", "Quetzal", "xochitl@zephyr.example", "web"],
        &["4", "Barnaby", "Wimple", "wimple@quarry.example", "seed"],
        &["5", "Barnaby", "Wimple", "wimple@quarry.example", "web"],
    ];
    let outcome = run(&small(&header, &rows));
    assert_eq!(outcome.matched.clusters.len(), 2);
    let all = of(&outcome);
    assert_eq!([counts(&all, "duplicate-rate"), counts(&all, "duplicate-email")], [[3], [3]]);
    let text = "format = 1\n[defaults]\nignore_rows = { field = \"lead_source\", is = \"seed\" }\n";
    let left = with_rules(&outcome, text);
    assert_eq!([counts(&left, "duplicate-rate"), counts(&left, "duplicate-email")], [[1], [1]]);
    let third = left.iter().find(|raw| raw.check == "duplicate-rate").unwrap();
    assert_eq!(third.hits.records[0].index(), 2, "the second of those that count");
}
