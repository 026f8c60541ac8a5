//! `leadmend score INPUT... --model M`: scores of records, none of them merged.

use super::failure::Mistakes;
use super::progress::Progress;
use super::settings;
use crate::cli::{ReadArgs, ScoreArgs};
use anyhow::Result;
use leadmend::error::Error;
use leadmend::memory::Work;
use leadmend::pipeline::Job;
use leadmend::pipeline::alone::{self, Alone};
use leadmend::report::alone as report;
use leadmend::score::model::ScoringModel;
use leadmend::source::Source;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Where results go.
struct Outputs {
    /// Scores; none: standard output.
    scores: Option<PathBuf>,
    ledger: Option<PathBuf>,
    /// A folder to make first.
    folder: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &ScoreArgs) -> Result<()> {
    let mut mistakes = Mistakes::default();
    settings::use_threads(&args.read, &mut mistakes);
    let models = super::model::read_all(&args.model, &mut mistakes);
    let job = job(&args.inputs, &args.activities, models, &args.read, &mut mistakes);
    let outputs = outputs(args, &mut mistakes);
    mistakes.check()?;
    if let Some(folder) = &outputs.folder {
        std::fs::create_dir_all(folder).map_err(|cause| failed(folder, cause))?;
    }
    let progress = Progress::start(args.read.quiet || args.read.json);
    let scored = alone::run(&job, &|stage| progress.stage(stage))?;
    progress.say("Writing");
    if let Some(path) = &outputs.scores {
        write(path, |out| report::write_scores(&scored, out))?;
    }
    if let Some(path) = &outputs.ledger {
        write(path, |out| report::write_ledger(&scored, out))?;
    }
    drop(progress);
    tell(&scored, &outputs, args)?;
    // The process ends here: handing back millions of values one by one would only take time.
    std::mem::forget(scored);
    Ok(())
}

fn tell(scored: &Alone, outputs: &Outputs, args: &ScoreArgs) -> Result<()> {
    if args.read.json {
        let summary = report::summary(scored);
        return Ok(super::say(&(serde_json::to_string_pretty(&summary)? + "\n"))?);
    }
    if outputs.scores.is_none() {
        let mut out = BufWriter::new(io::stdout());
        return Ok(report::write_scores(scored, &mut out).and_then(|()| out.flush())?);
    }
    if args.read.quiet {
        return Ok(());
    }
    let mut text = report::summary(scored).to_text();
    if let Some(path) = &outputs.scores {
        text += &format!("\nScores are in {}\n", path.display());
    }
    if let Some(path) = &outputs.ledger {
        text += &format!("What they are made of is in {}\n", path.display());
    }
    Ok(super::say(&text)?)
}

/// What flags of the commands that score without merging mean.
pub fn job(
    inputs: &[PathBuf],
    activities: &[PathBuf],
    models: Vec<ScoringModel>,
    read: &ReadArgs,
    mistakes: &mut Mistakes,
) -> Job {
    let mut config = settings::config(read, mistakes);
    let inputs = settings::sources(inputs, read, &config, mistakes);
    let flexible = read.flexible;
    let activities: Vec<Source> =
        activities.iter().map(|path| Source { flexible, ..Source::new(path) }).collect();
    settings::check_files(inputs.iter().chain(&activities), mistakes);
    settings::fits(read, Work::Read, &inputs, &activities, mistakes);
    if !config.as_of_given {
        config.as_of = models.iter().find_map(|m| m.as_of).unwrap_or(config.as_of);
    }
    Job { config, inputs, activities, models, ..Job::default() }
}

/// Where results go; files that are there already are a mistake, before any work is done.
fn outputs(args: &ScoreArgs, mistakes: &mut Mistakes) -> Outputs {
    let mut outputs = Outputs { scores: None, ledger: args.ledger.clone(), folder: None };
    if let Some(path) = args.output.as_deref().filter(|path| path.as_os_str() != "-") {
        let ends_open = path.to_string_lossy().ends_with(['/', '\\']);
        if ends_open || path.is_dir() || path.extension().is_none() {
            outputs.scores = Some(path.join("scores.csv"));
            outputs.ledger = outputs.ledger.or_else(|| Some(path.join("ledger.csv")));
            outputs.folder = Some(path.to_path_buf());
        } else {
            outputs.scores = Some(path.to_path_buf());
        }
    }
    for path in outputs.scores.iter().chain(&outputs.ledger) {
        refuse_existing(path, args.force, mistakes);
        let is_input = |input: &PathBuf| same_file(input, path);
        if args.inputs.iter().chain(&args.activities).chain(&args.model).any(is_input) {
            mistakes.usage(
                format!("{} is an input", settings::name_of(path)),
                "inputs are never changed; choose another name with -o",
            );
        }
    }
    if outputs.scores.is_some() && outputs.scores == outputs.ledger {
        mistakes.usage("-o and --ledger name one file", "give each its own");
    }
    outputs
}

/// Notes an output that would overwrite something.
pub fn refuse_existing(path: &Path, force: bool, mistakes: &mut Mistakes) {
    if !force && path.exists() {
        mistakes.take::<()>(Err(Error::Output {
            file: settings::name_of(path),
            what: "is there already".into(),
            remedy: "give --force to replace it, or another name with -o".into(),
        }));
    }
}

fn same_file(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// Writes a file whole or not at all: beside its place first, then moved there.
pub fn write(
    path: &Path,
    fill: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> Result<(), Error> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let failed = |cause| failed(path, cause);
    let file = tempfile::Builder::new().prefix(".leadmend-").tempfile_in(parent).map_err(failed)?;
    let mut out = BufWriter::new(file);
    fill(&mut out).and_then(|()| out.flush()).map_err(failed)?;
    let file = out.into_inner().map_err(|e| failed(e.into_error()))?;
    file.persist(path).map_err(|e| failed(e.error))?;
    Ok(())
}

fn failed(path: &Path, cause: io::Error) -> Error {
    Error::Write { file: settings::name_of(path), cause }
}
