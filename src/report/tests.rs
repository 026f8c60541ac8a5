//! Whole runs on small inputs: what stands in the files.

use super::folder::OutputFolder;
use super::*;
use crate::config::Config;
use crate::pipeline::{Job, run};
use crate::score::model::parse;
use crate::source::Source;
use std::collections::BTreeMap;
use std::fs;

const MODEL: &str = include_str!("../../fixtures/ana/scoring.toml");

const ANA: &str = "\
Id,First Name,Last Name,Email,Phone,City,Country,Email Opt Out
1,Ana,López,ana.lopez@acme.mx,+52 33 1234 5678,Guadalajara,Mexico,false
2,Ana,Lopez,ana.lopez@acme.mx,,,,true
3,John,Smith,john.smith@example.com,,\"Leeds, \"\"UK\"\"\",United Kingdom,false
";

const OPENED: &str = "\
Activity Id,Lead Id,Type,Object,Date
a1,2,Opened Email,Mexico campaign,2026-05-01T10:00:00Z
a2,1,Opened Email,Mexico campaign,2026-05-01T10:00:01Z
a3,9,Opened Email,Mexico campaign,2026-05-02T10:00:00Z
";

/// Runs over inputs given as (file name, content) and reads the folder back.
fn run_all(
    inputs: &[(&str, &str)],
    activities: &[(&str, &str)],
) -> (Outcome, BTreeMap<String, String>) {
    let dir = tempfile::tempdir().unwrap();
    let sources = |files: &[(&str, &str)]| -> Vec<Source> {
        let write = |(name, text): &(&str, &str)| {
            fs::write(dir.path().join(name), text).unwrap();
            Source::new(dir.path().join(name))
        };
        files.iter().map(write).collect()
    };
    let job = Job {
        config: Config { as_of: 1_782_777_600_000_000, ..Config::default() },
        inputs: sources(inputs),
        activities: sources(activities),
        models: vec![parse(MODEL, "scoring.toml").unwrap()],
    };
    let outcome = run(&job, &|_| {}).unwrap();
    let files = written(&outcome, dir.path());
    (outcome, files)
}

fn written(outcome: &Outcome, dir: &std::path::Path) -> BTreeMap<String, String> {
    let folder = OutputFolder::prepare(&dir.join("out"), false).unwrap();
    write(outcome, &folder).unwrap();
    fs::read_dir(folder.staging())
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(|row| row.unwrap()).collect()
}

#[test]
fn show() {
    let (outcome, files) = run_all(&[("leads.csv", ANA)], &[("opens.csv", OPENED)]);
    for (name, text) in &files {
        println!("=== {name}\n{text}");
    }
    let mut summary = summary(&outcome);
    summary.folder = Some("leads-leadmend".into());
    println!("{}", summary.to_text(Style::default()));
}
