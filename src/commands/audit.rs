//! `leadmend audit SRC`: clean and check with a memory.
//!
//! The state is locked first and committed last. In between it is only read: whatever fails before
//! the output folder stands leaves the state as it was.

use super::clean::{self, Talk};
use super::failure::{Mistakes, Verdict as Failed};
use super::progress::Progress;
use super::settings::{name_of, unreadable};
use super::{interrupt, settings};
use crate::cli::AuditArgs;
use anyhow::Result;
use leadmend::error::Error;
use leadmend::memory::Work;
use leadmend::pipeline::{self, Job, Outcome};
use leadmend::profile;
use leadmend::quality::finding::{Checked, Severity, Verdict};
use leadmend::quality::gate;
use leadmend::quality::mask::Reveal;
use leadmend::quality::rules::{self, Rules};
use leadmend::quality::selection::Selection;
use leadmend::quality::settle::FailOn;
use leadmend::report::folder::OutputFolder;
use leadmend::report::{self};
use leadmend::state::{self, Memory, Mode, State, audit, drift, frozen};
use leadmend::writeback::{self, Applied};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Examples kept of a finding.
const PLACES: usize = 100;

/// Runs the command.
pub fn run(args: &AuditArgs) -> Result<()> {
    let mut mistakes = Mistakes::default();
    settings::use_threads(&args.run.read, &mut mistakes);
    let mut job = clean::job(&args.inputs, &args.run, Work::Audit, &mut mistakes);
    let asked = Asked::of(args, &mut mistakes);
    if args.apply {
        mistakes.take(writeback::check_sources(&job.inputs, &job.activities));
    }
    mistakes.check()?;
    let goal = clean::goal(&args.run.folder, &job);
    let place = args.state.clone().unwrap_or_else(|| goal.with_file_name(state::FILE));
    check_place(&place, &goal, &job)?;
    // The state before the folder: of two audits at once the second is told so at once.
    let (state, memory) = open(args, &place)?;
    if let Some(state) = state.as_ref().filter(|state| state.is_new()) {
        let mut journal = state.path().as_os_str().to_os_string();
        journal.push("-journal");
        interrupt::unfinished(state.path());
        interrupt::unfinished(Path::new(&journal));
    }
    let output = interrupt::watch(|| match args.dry_run {
        true => Ok(None),
        false => OutputFolder::prepare(&goal, args.run.folder.force).map(Some),
    })?;
    job.memory = Some(Arc::new(memory));
    if let Some(state) = state.as_ref().filter(|_| !args.relearn) {
        job.frozen = frozen::frozen(state)?;
    }
    job.freeze = job.frozen.is_none();
    check_thresholds(args, &job)?;
    work(args, &job, &asked, state, output)
}

/// The state, and what it knows. A dry run reads what is there, and begins anew where nothing is.
fn open(args: &AuditArgs, place: &Path) -> Result<(Option<State>, Memory)> {
    if args.dry_run && !place.exists() {
        return Ok((None, Memory::default()));
    }
    let state = State::open(place, if args.dry_run { Mode::Read } else { Mode::Write })?;
    let memory = Memory::load(&state)?;
    Ok((Some(state), memory))
}

fn work(
    args: &AuditArgs,
    job: &Job,
    asked: &Asked,
    state: Option<State>,
    output: Option<OutputFolder>,
) -> Result<()> {
    let read = &args.run.read;
    let talk = Talk { quiet: read.quiet, json: read.json, as_of: read.as_of.is_some() };
    let progress = Progress::start(talk.quiet || talk.json);
    let mut outcome = pipeline::run(job, &|stage| progress.stage(stage))?;
    progress.say("Checking");
    let checked = check(&outcome, asked)?;
    let hygiene = profile::hygiene_of(&outcome);
    let relearned = args.relearn && outcome.past.as_ref().is_some_and(|past| !past.is_first());
    outcome.audit = audit::audit(&outcome, &checked, hygiene, relearned);
    let mut summary = report::summary(&outcome);
    if let (Some(output), Some(state)) = (output, state) {
        progress.say("Writing");
        report::write(&outcome, &output)?;
        report::certify(&outcome, job, &output)?;
        keep(&state, &outcome)?;
        interrupt::begin_publishing();
        let folder = output.publish()?.display().to_string();
        // Only now: an output that failed leaves the state as it was.
        state.commit()?;
        interrupt::published(&folder);
        summary.folder = Some(folder);
    }
    // Last of all: what was found stands, whether or not the database takes it.
    let applied = write_back(args, &outcome, &progress);
    if let Ok(applied) = &applied {
        summary.applied.clone_from(applied);
    }
    drop(progress);
    clean::tell(&summary, outcome.unknown_decisions, &talk)?;
    if relearned && !talk.quiet && !talk.json {
        tell_ids(&outcome)?;
    }
    applied?;
    let judged = judge(&checked, &outcome);
    // The process ends here: handing back millions of values one by one would only take time.
    std::mem::forget(outcome);
    judged
}

/// Writes the merges back where that was asked for.
fn write_back(
    args: &AuditArgs,
    outcome: &Outcome,
    progress: &Progress,
) -> Result<Option<Applied>, Error> {
    if !args.apply {
        return Ok(None);
    }
    progress.say("Writing back");
    let losers = args.losers.map_or_else(writeback::Losers::default, Into::into);
    writeback::apply(outcome, losers, &writeback::run_id(outcome)).map(Some)
}

/// Writes the audit into the state; nothing is kept before the commit.
fn keep(state: &State, outcome: &Outcome) -> Result<()> {
    let numbers = outcome.audit.as_ref().map(|audit| serde_json::to_string(&audit.numbers));
    state::keep(state, outcome, &numbers.transpose()?.unwrap_or_default())?;
    Ok(())
}

/// A frozen matching decides by the thresholds it was frozen with: others would split people.
fn check_thresholds(args: &AuditArgs, job: &Job) -> Result<(), Error> {
    match &job.frozen {
        Some(frozen) if args.run.has_threshold() => Err(Error::usage(
            format!(
                "the state's matching merges at {} and reviews at {}",
                frozen.model.merge_at, frozen.model.review_at
            ),
            "leave --merge-at, --review-at and --max-wrong-merges out, or give --relearn, too",
        )),
        _ => Ok(()),
    }
}

/// Ids that learning anew changed, as far as a screen holds them.
fn tell_ids(outcome: &Outcome) -> Result<()> {
    let Some(past) = &outcome.past else { return Ok(()) };
    Ok(super::say(&past.changed_ids_text(20))?)
}

/// What the checks are told.
struct Asked {
    selection: Selection,
    with_model: bool,
    rules: Rules,
    rules_name: String,
    fail_on: FailOn,
}

impl Asked {
    fn of(args: &AuditArgs, mistakes: &mut Mistakes) -> Self {
        let rules = args.rules.as_deref().map(|path| {
            let text = std::fs::read_to_string(path).map_err(|cause| unreadable(path, &cause));
            let parsed = text.and_then(|text| rules::parse(&text, &name_of(path)));
            mistakes.take(parsed).unwrap_or_default()
        });
        Self {
            selection: settings::selection(&args.only, &args.skip, mistakes),
            with_model: !args.run.model.is_empty(),
            rules: rules.unwrap_or_default(),
            rules_name: args.rules.as_deref().map_or_else(|| "the rule file".into(), name_of),
            fail_on: args.fail_on.into(),
        }
    }
}

/// Checks the run, and what changed since the audit before.
fn check(outcome: &Outcome, asked: &Asked) -> Result<Checked, Error> {
    let all = gate::Asked {
        selection: &asked.selection,
        rules: &asked.rules,
        rules_name: &asked.rules_name,
        with_model: asked.with_model,
        reveal: Reveal::Masked,
        max_samples: PLACES,
        fail_on: asked.fail_on,
    };
    gate::check(&outcome.material(), &all, |_, out| {
        drift::drift(outcome, &asked.rules, out);
        Vec::new()
    })
}

/// A state is no input, and lies where replacing the output folder does not take it away.
fn check_place(place: &Path, goal: &Path, job: &Job) -> Result<(), Error> {
    let mut inputs = job.inputs.iter().chain(&job.activities);
    if inputs.any(|source| whole(&source.path) == whole(place)) {
        return Err(Error::usage(
            format!("--state {} is an input", name_of(place)),
            "inputs are never changed; choose another name",
        ));
    }
    if whole(place).starts_with(whole(goal)) {
        return Err(Error::usage(
            "--state lies in the output folder, which the next audit replaces",
            "put it beside the folder",
        ));
    }
    Ok(())
}

/// A path from the root on, links followed as far as it is there.
fn whole(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let there = path.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)));
    match there.as_ref().and_then(|(above, real)| Some((real, path.strip_prefix(above).ok()?))) {
        // Joining nothing would add a slash.
        Some((real, rest)) if rest.as_os_str().is_empty() => real.clone(),
        Some((real, rest)) => real.join(rest),
        None => path,
    }
}

/// A verdict is told by the exit code and, on stderr, in a sentence.
fn judge(checked: &Checked, outcome: &Outcome) -> Result<()> {
    let mut sentences = Vec::new();
    if checked.verdict == Verdict::Fail {
        let told = |severity, word: &str| match checked
            .findings
            .iter()
            .filter(|f| f.severity == severity)
            .count()
        {
            1 => format!("1 {word}"),
            n => format!("{n} {word}s"),
        };
        let (errors, warnings) =
            (told(Severity::Error, "error"), told(Severity::Warning, "warning"));
        sentences.push(format!("the data does not pass: {errors}, {warnings}"));
    }
    if let Err(error) = clean::judge(outcome) {
        match error.downcast::<Failed>() {
            Ok(failed) => sentences.extend(failed.0),
            Err(error) => return Err(error),
        }
    }
    if sentences.is_empty() { Ok(()) } else { Err(Failed(sentences).into()) }
}
