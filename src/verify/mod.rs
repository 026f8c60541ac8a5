//! Checking a finished run without the code that made it.
//!
//! Stands after everything: reads the folder of a run and the inputs it was made from, and refuses
//! what is not so. Nothing of `merge`, `cluster`, `matching` or `report` is used: what those modules
//! get wrong, code that asks them would call right. Shared with the run are reading (`source`,
//! `schema`), the meaning of single values (`normalize`), and the engine that applies a scoring model
//! to facts (`score`); the facts themselves are gathered anew here.
//!
//! | point | what must hold | where |
//! |---|---|---|
//! | 1 | every record is in one person, every person has one lead | `people` |
//! | 2 | every activity is kept once, or names its kept one, or is an orphan | `history` |
//! | 3 | who refused is not contacted | `consent` |
//! | 4 | every cell of a lead comes from its records | `value`, `repaired` |
//! | 5 | every score is the model's, and adds up | `score`, `fact` |
//! | 1, 3, 5 | lists, hidden leads and merge plans say the same | `derived` |
//! | 6 | the journal gives the inputs back and leads to these persons | `journal` |

pub mod certificate;
mod consent;
mod derived;
mod fact;
mod history;
mod input;
mod journal;
mod people;
mod repaired;
mod score;
mod sheet;
mod value;

use crate::error::{Error, Result};
use certificate::{Certificate, Run};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What is to be checked.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Folder of the run.
    pub folder: PathBuf,
    /// The run's input files, where they are not beside its folder or in its journal.
    pub inputs: Vec<PathBuf>,
    /// Leave the hashes of the output files out: what they say is checked all the same.
    pub ignore_hashes: bool,
}

/// Something that is not so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Refusal {
    /// The point of the contract, 1 to 6; 0 for the files themselves.
    pub point: u8,
    /// File of the folder, or of the input.
    pub file: String,
    /// The record, person or row concerned; empty for the file as a whole. Never a name or address.
    pub record: String,
    /// What is wrong.
    pub what: String,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.file)?;
        if !self.record.is_empty() {
            write!(f, " {}", self.record)?;
        }
        write!(f, ": {}", self.what)
    }
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Nothing was refused.
    pub ok: bool,
    /// Where the inputs came from: `journal` or `files`.
    pub inputs_from: String,
    /// Records checked.
    pub records: usize,
    /// Persons checked.
    pub persons: usize,
    /// Activities checked.
    pub activities: usize,
    /// Scores computed again.
    pub scores: usize,
    /// What could not be checked, and why.
    pub unchecked: Vec<String>,
    /// Everything that was refused, by point, file and record.
    pub refusals: Vec<Refusal>,
}

/// Refusals in the making.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    refusals: Vec<Refusal>,
    unchecked: Vec<String>,
}

impl Findings {
    fn refuse(
        &mut self,
        point: u8,
        file: &str,
        record: impl Into<String>,
        what: impl Into<String>,
    ) {
        let (record, what) = (hide(&record.into()), what.into());
        self.refusals.push(Refusal { point, file: file.into(), record, what });
    }

    fn is_clean(&self) -> bool {
        self.refusals.is_empty()
    }
}

/// Ids that are e-mail addresses are not repeated.
fn hide(id: &str) -> String {
    match id.contains('@') {
        true => "(a record whose id is an address)".into(),
        false => id.chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
    }
}

/// Checks a run.
///
/// # Errors
/// A folder that is none of ours, and inputs that cannot be found or read; what is found to be
/// wrong is in the verdict.
pub fn verify(request: &Request) -> Result<Verdict> {
    let certificate = read_certificate(&request.folder)?;
    let mut findings = Findings::default();
    if !request.ignore_hashes {
        check_hashes(&request.folder, &certificate, &mut findings)?;
    }
    let mut verdict = Verdict::default();
    match &certificate.run {
        Some(run) => check_run(request, &certificate, run, &mut verdict, &mut findings)?,
        None => findings.unchecked.push("the folder holds no merge; its files are checked".into()),
    }
    let mut refusals = findings.refusals;
    refusals.sort();
    refusals.dedup();
    verdict.ok = refusals.is_empty();
    verdict.refusals = refusals;
    verdict.unchecked = findings.unchecked;
    Ok(verdict)
}

fn check_run(
    request: &Request,
    certificate: &Certificate,
    run: &Run,
    verdict: &mut Verdict,
    findings: &mut Findings,
) -> Result<()> {
    let folder = &request.folder;
    let journal = journal::read(folder, certificate, findings);
    // After an erasure the certificate knows the inputs' hashes no more.
    let is_withdrawn = run.inputs.iter().any(|input| input.sha256.is_empty());
    let is_erased = journal.as_ref().is_some_and(journal::Journal::is_erased_in_part);
    if is_withdrawn || is_erased && request.inputs.is_empty() {
        let how = if is_withdrawn { "withdrawn with a receipt" } else { "erased in part" };
        let why = format!("the inputs were {how}: points 1 to 5 need them whole");
        findings.unchecked.push(why);
        return Ok(());
    }
    let (evidence, from) = input::gather(request, run, journal.as_ref(), findings)?;
    verdict.inputs_from = from.into();
    let Some(evidence) = evidence else { return Ok(()) };
    verdict.records = evidence.table.len();
    let Some(people) = people::check(folder, &evidence, findings) else { return Ok(()) };
    verdict.persons = people.len();
    if !findings.is_clean() && people.is_broken {
        let why = "crosswalk.csv does not say whose each record is, so the rest cannot be checked";
        findings.unchecked.push(why.into());
        return Ok(());
    }
    if let Some(journal) = &journal {
        journal::check_people(journal, &evidence, &people, findings);
    }
    let history = history::check(folder, run, &evidence, &people, findings);
    verdict.activities = evidence.log.len();
    let consent = consent::check(folder, run, &evidence, &people, &history, findings);
    value::check(&evidence, &people, findings);
    verdict.scores = score::check(folder, run, &evidence, &people, &history, &consent, findings);
    derived::check(folder, &evidence, &people, findings);
    check_counts(run, &evidence, &people, &history, findings);
    Ok(())
}

fn check_counts(
    run: &Run,
    evidence: &input::Evidence,
    people: &people::People,
    history: &history::History,
    findings: &mut Findings,
) {
    let count = |status| history.status.iter().filter(|&&s| s == status).count() as u64;
    let counts = &run.counts;
    let all = [
        ("records", counts.records, evidence.table.len() as u64),
        ("persons", counts.persons, people.len() as u64),
        ("activities", counts.activities, evidence.log.len() as u64),
        ("kept activities", counts.kept, count(history::Status::Kept)),
        ("duplicate activities", counts.duplicates, count(history::Status::Duplicate)),
        ("orphan activities", counts.orphans, count(history::Status::Orphan)),
        ("rejects", counts.rejects, evidence.rejects),
    ];
    for (name, said, found) in all {
        if said != found {
            let what = format!("says {said} {name}, and there are {found}");
            findings.refuse(0, certificate::FILE, "", what);
        }
    }
}

fn read_certificate(folder: &Path) -> Result<Certificate> {
    let name = name_of(folder);
    let wrong = |what: &str| Error::Format {
        file: name.clone(),
        line: None,
        what: what.into(),
        remedy: "give the output folder of a run".into(),
    };
    let text = std::fs::read_to_string(folder.join(certificate::FILE))
        .map_err(|_| wrong("holds no certificate.json that can be read"))?;
    let certificate: Certificate =
        serde_json::from_str(&text).map_err(|_| wrong("certificate.json is damaged"))?;
    match certificate.generator == certificate::GENERATOR {
        true if certificate.format == certificate::FORMAT => Ok(certificate),
        true => Err(wrong("certificate.json has a format this version does not know")),
        false => Err(wrong("certificate.json is not leadmend's")),
    }
}

fn check_hashes(folder: &Path, certificate: &Certificate, findings: &mut Findings) -> Result<()> {
    let found = certificate::outputs(folder)
        .map_err(|cause| Error::Read { file: name_of(folder), cause })?;
    for output in &certificate.outputs {
        match found.iter().find(|f| f.file == output.file) {
            None => findings.refuse(0, &output.file, "", "is missing"),
            Some(f) if f != output => {
                findings.refuse(0, &output.file, "", "is not what the run wrote (SHA-256 differs)");
            }
            Some(_) => {}
        }
    }
    for extra in found.iter().filter(|f| !certificate.outputs.iter().any(|o| o.file == f.file)) {
        findings.refuse(0, &extra.file, "", "was not written by the run");
    }
    Ok(())
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
