//! What checks find is the same whether all was worked out or only what they look at.

use super::{AS_OF, FAULTS, HEADER, clean, csv, job};
use crate::pipeline::Job;
use crate::pipeline::survey::{self, Depth};
use crate::quality::examine;
use crate::quality::mask::Reveal;
use crate::quality::selection::Selection;
use crate::quality::settle::{FailOn, settle};
use crate::source::Source;
use proptest::prelude::*;
use std::path::{Path, PathBuf};

/// The findings as they are written; nothing where the input cannot be read.
fn told(job: &Job, depth: Depth) -> Option<String> {
    let survey = survey::run(job, depth, &|_| ()).ok()?;
    let material = survey.material();
    let found = examine(material, &Selection::default(), 7);
    let checked = settle(&material, &found, Reveal::Full, FailOn::Error);
    Some(serde_json::to_string_pretty(&checked).unwrap())
}

fn assert_same(job: &Job, why: &str) -> bool {
    let whole = told(job, Depth::Whole);
    for depth in [Depth::Checks, Depth::Followed] {
        assert_eq!(told(job, depth), whole, "{why}");
    }
    whole.is_some()
}

#[test]
fn planted_faults_are_told_alike() {
    let mut rows = clean();
    for (i, fault) in FAULTS.iter().enumerate() {
        (fault.plant)(&mut rows, 20 + i * 19);
    }
    let planted = job(csv(&HEADER, &rows));
    assert!(assert_same(&planted, "planted"));
    assert!(told(&planted, Depth::Checks).unwrap().matches("\"check\"").count() > 30);
}

#[test]
fn fixtures_are_told_alike() {
    let mut read = 0;
    for folder in ["ana", "ugly", "containers", "scoring"] {
        for path in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder)) {
            let mut job = Job { inputs: vec![Source::new(&path)], ..Job::default() };
            job.config.as_of = AS_OF;
            job.config.max_reject_rate = 1.0;
            read += usize::from(assert_same(&job, &path.display().to_string()));
        }
    }
    assert!(read > 10, "{read} files");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut all: Vec<PathBuf> = paths
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .filter(|path| {
            let ending = path.extension().and_then(|e| e.to_str()).unwrap_or("");
            matches!(ending, "csv" | "tsv" | "txt" | "jsonl" | "vcf" | "ldif" | "gz")
        })
        .collect();
    all.sort();
    all
}

/// Columns of every kind that is worked out for checks in a way of its own, and what they may hold.
const COLUMNS: [(&str, &[&str]); 14] = [
    ("Lead ID", &["1", "2", "10", "a-7", "00Q5f00000AbCdE", "00Q5f00000AbCdEEAV", ""]),
    (
        "First Name",
        &["Ana", "ANA", "nora", "Nora M.", "Dr. Ana", "Jos\u{e9}", "Test", "", "Maria Jose", "J"],
    ),
    (
        "Last Name",
        &["Lopez", "LOPEZ", "Miller", "Test", "de la Cruz", "", "Garcia Jr", "n/a", "O'Neil"],
    ),
    ("Middle Name", &["", "", "B.", "Lee"]),
    (
        "Email",
        &[
            "ana.lopez@acme.example",
            "ANA.LOPEZ@acme.example",
            "nora@gmail.com",
            "no.ra@gmail.com",
            "nora@googlemail.com",
            "info@acme.example",
            "robert.garcia@acme.example",
            "a@x.example; nora@gmail.com",
            "test@test.com",
            "x@gmial.com",
            "x@mailinator.com",
            "none",
            "ana@@acme.example",
            "",
        ],
    ),
    ("Secondary Email", &["", "nora@gmail.com", "info@acme.example"]),
    (
        "Phone",
        &[
            "+1 312 555 0143",
            "(312) 555-0143",
            "3125550143",
            "+52 33 1234 5678",
            "33 1234 5678",
            "5555555555",
            "5.5E+10",
            "call me",
            "312-555-0143 / 312-555-0144",
            "00 49 30 901820",
            "",
        ],
    ),
    ("Mobile", &["+1 312 555 0143", "0151 23456789", "", "12345"]),
    (
        "Company",
        &["Acme", "ACME Inc.", "Bluebird Foods", "GmbH", "test", "n/a", "c/o Acme", "Acme.com", ""],
    ),
    ("Website", &["acme.example", "https://www.bluebird.example/x", "none", ""]),
    ("Job Title", &["CEO", "VP Sales", "-", "xxx", ""]),
    ("Street", &["Calle Morelos 4688", "12 Main St", "?", "n/a", ""]),
    ("Country", &["US", "Mexico", "Germany", "Atlantis", ""]),
    ("Created At", &["2025-01-05", "03/04/2025", "2025-02-30", "2031-01-01", ""]),
];

fn tables() -> impl Strategy<Value = (Vec<&'static str>, Vec<Vec<String>>)> {
    let some = prop::sample::subsequence((0..COLUMNS.len()).collect::<Vec<_>>(), 3..COLUMNS.len());
    (some, 1usize..40).prop_flat_map(|(columns, count)| {
        let header = columns.iter().map(|&c| COLUMNS[c].0).collect::<Vec<_>>();
        let row: Vec<_> = columns
            .iter()
            .map(|&c| prop::sample::select(COLUMNS[c].1).prop_map(str::to_string))
            .collect();
        (Just(header), prop::collection::vec(row, count))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_table_is_told_alike((header, rows) in tables()) {
        let job = job(csv(&header, &rows));
        let whole = told(&job, Depth::Whole);
        prop_assert_eq!(told(&job, Depth::Checks), whole.clone());
        prop_assert_eq!(told(&job, Depth::Followed), whole);
    }
}
