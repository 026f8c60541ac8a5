//! The same input gives the same bytes, whatever the threads, the repetition or the row order.

use super::workdir::{Workdir, csv, leads, snapshot};
use std::collections::BTreeMap;

const PERSONS: usize = 600;

fn activities() -> String {
    let mut text = String::from("event_id,lead_id,event_type,occurred_at\n");
    for i in 0..PERSONS {
        let lead = if i % 2 == 0 { i } else { PERSONS + i / 3 * 3 };
        let day = i % 27 + 1;
        text += &format!("e{i},{lead},email_open,2026-05-{day:02}T10:00:00Z\n");
    }
    text
}

fn work() -> Workdir {
    let work = Workdir::with("leads.csv", csv(&leads(PERSONS)));
    work.write("activities.csv", activities());
    work
}

fn clean(work: &Workdir, rest: &str) -> BTreeMap<String, Vec<u8>> {
    work.succeeds(&format!(
        "clean leads.csv --activities activities.csv --as-of 2026-06-30 --quiet -o out --force {rest}"
    ));
    let files = snapshot(&work.path("out")).into_iter();
    files
        .filter_map(|(path, bytes)| {
            Some((path.file_name()?.to_string_lossy().into_owned(), bytes?))
        })
        .collect()
}

#[test]
fn one_thread_two_threads_and_a_second_run() {
    let work = work();
    let one = clean(&work, "--threads 1");
    assert!(one.len() > 8, "all files: {:?}", one.keys());
    assert!(one["crosswalk.csv"].iter().filter(|&&b| b == b'\n').count() > PERSONS);
    for rest in ["--threads 2", "--threads 2", "--threads 0"] {
        let again = clean(&work, rest);
        assert_eq!(again.keys().collect::<Vec<_>>(), one.keys().collect::<Vec<_>>());
        for (name, bytes) in &again {
            assert!(*bytes == one[name], "{rest}: {name} differs");
        }
    }
}

/// A table without the columns that follow the input's row order.
fn without_rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let headers = reader.headers().unwrap().clone();
    let kept = |i: &usize| !matches!(&headers[*i], "row" | "kept_row");
    let columns: Vec<usize> = (0..headers.len()).filter(kept).collect();
    let row = |r: csv::StringRecord| columns.iter().map(|&c| r[c].to_string()).collect();
    std::iter::once(row(headers.clone())).chain(reader.records().map(|r| row(r.unwrap()))).collect()
}

#[test]
fn shuffled_rows_change_nothing_but_row_numbers() {
    let work = work();
    let first = clean(&work, "");
    let mut rows = leads(PERSONS);
    let count = rows.len();
    for i in 0..count {
        rows.swap(i, (i * 7919 + 13) % count);
    }
    work.write("leads.csv", csv(&rows));
    let mut events: Vec<String> = activities().lines().skip(1).map(String::from).collect();
    events.reverse();
    let header = "event_id,lead_id,event_type,occurred_at\n";
    work.write("activities.csv", format!("{header}{}\n", events.join("\n")));
    let second = clean(&work, "");
    for (name, bytes) in &first {
        // The journal holds the inputs as they are, row after row.
        if name == "journal.jsonl" {
            continue;
        }
        if name == "crosswalk.csv" || name == "activity_map.csv" {
            assert!(without_rows(bytes) == without_rows(&second[name]), "{name} differs");
        } else if name != "certificate.json" {
            // The certificate names the hashes of the very files that were read.
            assert!(*bytes == second[name], "{name} differs");
        }
    }
}
