//! `leadmend clean INPUT...`: the main job.

use super::failure::{Mistakes, Verdict};
use super::progress::Progress;
use super::{decisions, interrupt, known, settings, suppression};
use crate::cli::{CleanArgs, FolderArgs, RunArgs};
use anyhow::Result;
use leadmend::config::{self, Config};
use leadmend::error::Error;
use leadmend::journal::plan;
use leadmend::matching::model::{FORMAT, MatchingModel, READABLE};
use leadmend::memory::Work;
use leadmend::merge::policy::Policy;
use leadmend::pipeline::{self, Job, Outcome};
use leadmend::report::folder::{self, OutputFolder};
use leadmend::report::format::TableFormat;
use leadmend::report::{self, Style, Summary};
use leadmend::score::model::NeverWeaker;
use leadmend::source::connection::Connection;
use leadmend::source::{Purpose, Source};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// Runs the command.
pub fn run(args: &CleanArgs) -> Result<()> {
    let mut mistakes = Mistakes::default();
    // Before anything reads: the threads of a pool are set once.
    settings::use_threads(&args.run.read, &mut mistakes);
    let kind = if args.normalize_only { Work::Read } else { Work::Clean };
    let mut job = job(&args.inputs, &args.run, kind, &mut mistakes);
    let saved = args.load_matching.as_ref();
    job.matching = saved.and_then(|path| mistakes.take(read_matching(path)));
    let known = known::source(args, &job, &mut mistakes);
    mistakes.check()?;
    let output = interrupt::watch(|| prepare(args, &job).map(Some))?;
    let read = &args.run.read;
    let talk = Talk { quiet: read.quiet, json: read.json, as_of: read.as_of.is_some() };
    if args.normalize_only {
        return normalize_only(&job, output, &talk);
    }
    if let Some(source) = known {
        return known::carry_out(&job, &source, output, &talk, args.only_new);
    }
    let write = if args.dry_run { Write::Plan } else { Write::Result };
    work(&job, output, &talk, write, args.save_matching.as_deref())
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Write {
    Result,
    Plan,
}

/// How much is said.
#[derive(Debug, Clone, Copy)]
pub struct Talk {
    /// Nothing but errors.
    pub quiet: bool,
    /// The summary as JSON.
    pub json: bool,
    /// The date was given: it need not be repeated.
    pub as_of: bool,
}

/// Does a job and writes the result.
pub fn carry_out(job: &Job, output: Option<OutputFolder>, talk: &Talk) -> Result<()> {
    work(job, output, talk, Write::Result, None)
}

fn work(
    job: &Job,
    output: Option<OutputFolder>,
    talk: &Talk,
    write: Write,
    save: Option<&Path>,
) -> Result<()> {
    let progress = Progress::start(talk.quiet || talk.json);
    let outcome = pipeline::run(job, &|stage| progress.stage(stage))?;
    if let Some(path) = save {
        save_matching(path, &outcome.matched.model)?;
    }
    let mut summary = report::summary(&outcome);
    if let Some(output) = output {
        progress.say("Writing");
        match write {
            Write::Result => {
                report::write(&outcome, &output)?;
                report::certify(&outcome, job, &output)?;
            }
            Write::Plan => plan::write(&outcome, &output)?,
        }
        interrupt::begin_publishing();
        let folder = output.publish()?.display().to_string();
        interrupt::published(&folder);
        summary.folder = Some(folder);
    }
    drop(progress);
    tell(&summary, outcome.unknown_decisions, talk)?;
    if let (Write::Plan, Some(folder), false) = (write, &summary.folder, talk.quiet || talk.json) {
        super::say(&format!("This is a plan; carry it out with: leadmend apply {folder}\n"))?;
    }
    let verdict = judge(&outcome);
    // The process ends here: handing back millions of values one by one would only take time.
    std::mem::forget(outcome);
    verdict
}

/// Repairs the cells and merges nothing.
fn normalize_only(job: &Job, output: Option<OutputFolder>, talk: &Talk) -> Result<()> {
    let progress = Progress::start(talk.quiet || talk.json);
    let leads = pipeline::normalize(job, &|stage| progress.stage(stage))?;
    let mut folder = String::new();
    if let Some(output) = output {
        progress.say("Writing");
        report::normalized::write(&leads, &output)?;
        interrupt::begin_publishing();
        folder = output.publish()?.display().to_string();
        interrupt::published(&folder);
    }
    drop(progress);
    if talk.quiet {
        return Ok(());
    }
    if talk.json {
        let said = serde_json::json!({
            "records": leads.table.len(),
            "repairs": leads.repairs.counts,
            "rejects": leads.rejects.len(),
            "folder": folder,
        });
        return Ok(super::say(&(serde_json::to_string_pretty(&said)? + "\n"))?);
    }
    Ok(super::say(&report::normalized::summary(&leads, &folder))?)
}

/// The verdict of models that do not accept a lead below its best record.
pub(super) fn judge(outcome: &Outcome) -> Result<()> {
    let both = outcome.models.iter().zip(&outcome.scored.models);
    let failed =
        both.filter(|(m, s)| m.merge.never_weaker == NeverWeaker::Fail && !s.drops.is_empty());
    let sentences: Vec<String> = failed
        .map(|(model, scores)| {
            let leads = match scores.drops.len() {
                1 => "1 lead is".to_string(),
                n => format!("{n} leads are"),
            };
            format!(
                "{leads} worth less than the best record, which model {} does not accept \
                 (never_weaker = \"fail\"); the causes are in drops.csv",
                model.name
            )
        })
        .collect();
    if sentences.is_empty() { Ok(()) } else { Err(Verdict(sentences).into()) }
}

/// Prints what was found.
pub(super) fn tell(summary: &Summary, unknown_decisions: usize, talk: &Talk) -> Result<()> {
    if talk.quiet {
        return Ok(());
    }
    if talk.json {
        return Ok(super::say(&(serde_json::to_string_pretty(summary)? + "\n"))?);
    }
    let mut text = summary.to_text(Style { color: use_color() });
    if !talk.as_of {
        // What was not asked for is said, so that the run can be repeated.
        text += &format!("As of {} (repeat it with --as-of)\n", summary.as_of);
    }
    if unknown_decisions > 0 {
        text +=
            &format!("{unknown_decisions} rows of --decisions name records that are not here\n");
    }
    Ok(super::say(&text)?)
}

/// Color only for people, and only when they did not decline it (no-color.org).
pub(super) fn use_color() -> bool {
    let declined = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|t| t == "dumb");
    std::io::stdout().is_terminal() && !declined && !dumb
}

/// What the flags mean.
pub(super) fn job(inputs: &[PathBuf], args: &RunArgs, work: Work, mistakes: &mut Mistakes) -> Job {
    let mut config = settings::config(&args.read, mistakes);
    thresholds(args, &mut config, mistakes);
    config.repair = settings::repair(&args.repair, mistakes);
    let activities = activity_sources(inputs, args, mistakes);
    let inputs = settings::sources(inputs, &args.read, &config, mistakes);
    settings::check_files(inputs.iter().chain(&activities), mistakes);
    let all: Vec<&Source> = inputs.iter().chain(&activities).collect();
    settings::check_named(&args.read, &all, mistakes);
    settings::fits(&args.read, work, &inputs, &activities, mistakes);
    if let Some(wanted) = &args.format {
        config.format = mistakes.take(TableFormat::by_name(wanted));
    }
    let named: Vec<PathBuf> = if args.model.is_empty() {
        config.model.iter().map(PathBuf::from).collect()
    } else {
        args.model.clone()
    };
    let models = super::model::read_all(&named, mistakes);
    if !config.as_of_given {
        config.as_of = models.iter().find_map(|m| m.as_of).unwrap_or(config.as_of);
    }
    let mut decided = Vec::new();
    for path in &args.decisions {
        decided.extend(mistakes.take(decisions::read(path)).into_iter().flatten());
    }
    if let Some(word) = &args.policy {
        match config::word("--policy", word, Policy::WORDS) {
            Ok(policy) => config.merge.policy = Some(policy),
            Err(what) => mistakes.usage(what, "give a product's name"),
        }
    }
    let suppression =
        suppression::lists(&args.suppress, args.key_file.as_deref(), &config, mistakes);
    Job {
        config,
        inputs,
        activities,
        models,
        decisions: decided,
        suppression,
        key: settings::journal_key(),
        lean: work == Work::Clean,
        ..Job::default()
    }
}

/// The activity inputs: files, and the tables that a `sqlite://` input names beside its leads.
fn activity_sources(inputs: &[PathBuf], args: &RunArgs, mistakes: &mut Mistakes) -> Vec<Source> {
    let mut sources = settings::activities(&args.activities, &args.read, mistakes);
    for given in inputs.iter().filter(|given| Connection::is_url(given)) {
        // A mistake in the URL was told when it was read as an input of leads.
        let named = Source::parse(given, Purpose::Activities).ok();
        sources.extend(named.filter(|source| source.table.is_some()));
    }
    sources
}

fn thresholds(args: &RunArgs, config: &mut Config, mistakes: &mut Mistakes) {
    let merge_at = settings::share("--merge-at", args.merge_at.as_deref(), "0.7", mistakes);
    let review_at = settings::share("--review-at", args.review_at.as_deref(), "0.5", mistakes);
    config.merge_at = merge_at.unwrap_or(config.merge_at);
    config.review_at = review_at.unwrap_or(config.review_at);
    let budget = args.max_wrong_merges.as_deref();
    let budget = settings::share("--max-wrong-merges", budget, "1/1000", mistakes);
    config.max_wrong_merges = budget.or(config.max_wrong_merges);
    let given = merge_at.is_some() || review_at.is_some();
    if given && config.review_at > config.merge_at {
        mistakes.usage(
            format!("review starts at {}, above merging at {}", config.review_at, config.merge_at),
            format!("give --review-at {} or less", config.merge_at),
        );
    }
}

/// Reads a matching model that an earlier run saved.
fn read_matching(path: &Path) -> Result<MatchingModel, Error> {
    let text = std::fs::read_to_string(path).map_err(|cause| settings::unreadable(path, &cause))?;
    let wrong = |what: String| Error::Config {
        file: settings::name_of(path),
        mistakes: vec![what],
        remedy: "give the matching.json of a run, or save one with --save-matching".into(),
    };
    let model: MatchingModel = serde_json::from_str(&text).map_err(|e| {
        // What serde says repeats the value it stumbled over.
        wrong(format!("line {} column {}: is no matching model", e.line(), e.column()))
    })?;
    if !READABLE.contains(&model.format) {
        let what =
            format!("format {} is not known; this version reads up to {FORMAT}", model.format);
        return Err(wrong(what));
    }
    Ok(model)
}

/// Saves the matching model where the user asked for it.
fn save_matching(path: &Path, model: &MatchingModel) -> Result<(), Error> {
    let failed = |cause| Error::Write { file: settings::name_of(path), cause };
    let text = serde_json::to_string_pretty(model).map_err(|e| failed(e.into()))?;
    std::fs::write(path, text + "\n").map_err(failed)
}

/// Prepares the output before the work, so that a bad path costs no minute.
fn prepare(args: &CleanArgs, job: &Job) -> Result<OutputFolder, Error> {
    let folder = &args.run.folder;
    let goal = match (&folder.output, args.dry_run) {
        (None, true) => folder::default_plan_path(&job.inputs[0].path),
        _ => goal(folder, job),
    };
    OutputFolder::prepare(&goal, folder.force)
}

/// The folder a run writes to.
pub(super) fn goal(args: &FolderArgs, job: &Job) -> PathBuf {
    args.output.clone().unwrap_or_else(|| folder::default_path(&job.inputs[0].path))
}
