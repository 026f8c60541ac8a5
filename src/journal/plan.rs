//! A plan: what a run would do, written down so that exactly this can be carried out later.
//!
//! `clean --dry-run` writes a folder with `plan.json`, `crosswalk.csv`, `review.csv` and
//! `summary.txt`, and no lead. `apply` reads the inputs again, refuses when one has changed, and
//! runs with the persons of the plan's crosswalk, whatever a new matching would say.

use super::hex;
use super::setup::Setup;
use crate::error::{Error, Result};
use crate::pipeline::{Job, Outcome, Prescribed, UserDecision};
use crate::report::folder::{GENERATOR, OutputFolder, PLAN_FILE};
use crate::report::{self, Style};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const CROSSWALK: &str = "crosswalk.csv";
const REMEDY: &str = "make a new plan with `leadmend clean --dry-run`";

/// A plan as it stands in its folder.
#[derive(Debug, Serialize, Deserialize)]
pub struct Plan {
    generator: String,
    /// What the run was told.
    pub setup: Setup,
    decisions: Vec<UserDecision>,
    /// Where the inputs are, seen from the folder that holds the plan's; no folder: beside it.
    inputs: Vec<String>,
    /// SHA-256 of the crosswalk: the persons are part of the plan.
    crosswalk: String,
}

/// Writes a plan folder; publishing it is the caller's.
///
/// # Errors
/// [`Error::Write`].
pub fn write(outcome: &Outcome, folder: &OutputFolder) -> Result<()> {
    report::write_plan(outcome, folder)?;
    let failed = |cause| Error::Write { file: PLAN_FILE.into(), cause };
    let crosswalk = std::fs::read(folder.staging().join(CROSSWALK)).map_err(failed)?;
    let beside = folder.staging().parent().unwrap_or(Path::new(""));
    let job = &outcome.job;
    let plan = Plan {
        generator: GENERATOR.into(),
        setup: Setup::of(outcome),
        decisions: job.decisions.clone(),
        inputs: job.inputs.iter().chain(&job.activities).map(|s| place(&s.path, beside)).collect(),
        crosswalk: hex(&Sha256::digest(&crosswalk)),
    };
    let put = |name: &str, text: String| {
        let mut file = folder.create(name)?;
        file.write_all(text.as_bytes()).and_then(|()| file.flush()).map_err(failed)
    };
    let text = serde_json::to_string_pretty(&plan).map_err(|e| failed(e.into()))?;
    put("summary.txt", report::summary(outcome).to_text(Style { color: false }))?;
    put(PLAN_FILE, text + "\n")
}

/// A path as seen from a folder when it is below, else its name: no absolute path is written.
fn place(path: &Path, folder: &Path) -> String {
    let (whole, root) = (path.canonicalize(), folder.canonicalize());
    let below = match (&whole, &root) {
        (Ok(whole), Ok(root)) => whole.strip_prefix(root).ok(),
        _ => None,
    };
    let name = path.file_name().map(Path::new);
    below.or(name).unwrap_or(Path::new("stdin")).to_string_lossy().into_owned()
}

/// Reads a plan and makes it a job; `given` are the inputs where they are not found. Also the first
/// input's path.
///
/// # Errors
/// [`Error::Changed`] when an input or the plan itself is not what it was.
pub fn read(folder: &Path, given: &[PathBuf]) -> Result<(Job, PathBuf)> {
    let failed = |file: &str| {
        let file = file.to_string();
        move |cause| Error::Read { file, cause }
    };
    let text = std::fs::read_to_string(folder.join(PLAN_FILE)).map_err(failed(PLAN_FILE))?;
    let plan: Plan = serde_json::from_str(&text).map_err(|e| Error::Format {
        file: PLAN_FILE.into(),
        line: Some(e.line() as u32),
        what: "is not a plan of this version".into(),
        remedy: REMEDY.into(),
    })?;
    let crosswalk = std::fs::read(folder.join(CROSSWALK)).map_err(failed(CROSSWALK))?;
    if hex(&Sha256::digest(&crosswalk)) != plan.crosswalk {
        let what = "has changed since the plan was made".into();
        let remedy = "decide in review.csv and give it as --decisions to a new plan";
        return Err(Error::Changed { file: CROSSWALK.into(), what, remedy });
    }
    let (mut contents, mut paths) = (Vec::new(), Vec::new());
    for (entry, place) in plan.setup.files.iter().zip(&plan.inputs) {
        let path = find(folder, place, &entry.file, given, plan.setup.files.len());
        if !path.exists() {
            let what = "is not where it was when the plan was made".into();
            let remedy = "say where it is with --input FILE";
            return Err(Error::Changed { file: entry.file.clone(), what, remedy });
        }
        let bytes = std::fs::read(&path).map_err(failed(&entry.file))?;
        if hex(&Sha256::digest(&bytes)) != entry.sha256 {
            let what = format!(
                "has changed since the plan was made ({} bytes then, {} now)",
                entry.bytes,
                bytes.len()
            );
            return Err(Error::Changed { file: entry.file.clone(), what, remedy: REMEDY });
        }
        contents.push(Arc::new(bytes));
        paths.push(path);
    }
    let mut job = plan.setup.job(contents, plan.decisions)?;
    job.prescribed = Some(persons(&crosswalk, &plan.setup)?);
    Ok((job, paths.into_iter().next().unwrap_or_default()))
}

fn find(folder: &Path, place: &str, file: &str, given: &[PathBuf], files: usize) -> PathBuf {
    let named =
        |path: &&PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy() == file);
    if let Some(path) = given.iter().find(named).or(given.first().filter(|_| files == 1)) {
        return path.clone();
    }
    // A folder called `.` or `..` has no parent to speak of until it is followed.
    let whole = match folder.file_name() {
        Some(_) => folder.to_path_buf(),
        None => folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf()),
    };
    let beside = whole.parent().unwrap_or(Path::new("")).join(place);
    let here = PathBuf::from(file);
    if !beside.is_file() && here.is_file() { here } else { beside }
}

/// The persons of a crosswalk.
fn persons(crosswalk: &[u8], setup: &Setup) -> Result<Prescribed> {
    #[derive(Deserialize)]
    struct Row {
        source: String,
        row: u32,
        person_id: String,
    }
    let damaged = || Error::Format {
        file: CROSSWALK.into(),
        line: None,
        what: "does not fit the plan".into(),
        remedy: REMEDY.into(),
    };
    let mut prescribed = Prescribed::default();
    let mut labels: rustc_hash::FxHashMap<String, u32> = Default::default();
    for row in csv::Reader::from_reader(crosswalk).deserialize::<Row>() {
        let row = row.map_err(|_| damaged())?;
        let source = setup.files.iter().position(|f| f.source == row.source).ok_or_else(damaged)?;
        let next = labels.len() as u32;
        let label = *labels.entry(row.person_id).or_insert(next);
        prescribed.person.insert((source as u16, row.row), label);
    }
    Ok(prescribed)
}
