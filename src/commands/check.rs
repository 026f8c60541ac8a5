//! `leadmend check INPUT...`: what is wrong with the data, and whether it passes.

use super::failure::{Mistakes, Verdict as Failed};
use super::progress::Progress;
use super::settings;
use crate::cli::{self, CheckArgs};
use anyhow::Result;
use leadmend::pipeline::{self, Job, survey};
use leadmend::quality::catalog::{self, CHECKS, Needs};
use leadmend::quality::finding::{Checked, Severity, Verdict};
use leadmend::quality::mask::Reveal;
use leadmend::quality::selection::{self, Selection};
use leadmend::quality::settle::{FailOn, settle};
use leadmend::quality::{Material, examine, text};
use leadmend::source::Source;

/// Runs the command.
pub fn run(args: &CheckArgs) -> Result<()> {
    if args.list_checks {
        return Ok(super::say(&text::list())?);
    }
    if let Some(id) = &args.explain {
        return explain(id);
    }
    let mut mistakes = Mistakes::default();
    settings::use_threads(&args.read, &mut mistakes);
    let asked = Asked::of(args, &mut mistakes);
    let job = job(args, &mut mistakes);
    mistakes.check()?;
    let progress = Progress::start(args.read.quiet || args.read.json);
    let checked = work(&job, &asked, &progress)?;
    drop(progress);
    tell(&checked, args)?;
    judge(&checked)
}

/// What is to be found and how it is told.
struct Asked {
    selection: Selection,
    with_model: bool,
    reveal: Reveal,
    fail_on: FailOn,
    max_samples: usize,
}

impl Asked {
    fn of(args: &CheckArgs, mistakes: &mut Mistakes) -> Self {
        let selection = Selection { only: args.only.clone(), skip: args.skip.clone() };
        if let Some((word, near)) = selection.unknown() {
            let remedy = format!("the nearest is {near}; --list-checks names all");
            mistakes.usage(format!("{word} is no check"), remedy);
        }
        if args.reveal == cli::Reveal::Full && is_ci() && !args.i_know {
            mistakes.usage(
                "--reveal full would write personal data into a CI log",
                "leave it out, or add --i-know",
            );
        }
        Self {
            selection,
            with_model: args.model.is_some(),
            reveal: args.reveal.into(),
            fail_on: match args.fail_on {
                cli::FailOn::Error => FailOn::Error,
                cli::FailOn::Warning => FailOn::Warning,
                cli::FailOn::Never => FailOn::Never,
            },
            max_samples: args.max_findings,
        }
    }
}

/// CI services set the variable; what they log is read by many and kept for long.
fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|ci| !ci.is_empty() && ci != "false" && ci != "0")
}

/// Reads as much as the checks need, and checks.
fn work(job: &Job, asked: &Asked, progress: &Progress) -> Result<Checked> {
    if asked.selection.needs_persons(asked.with_model) {
        let outcome = pipeline::run(job, &|stage| progress.stage(stage))?;
        progress.say("Checking");
        let checked = check(&outcome.material(), asked);
        // The process ends soon: handing back millions of values one by one would only take time.
        std::mem::forget(outcome);
        return Ok(checked);
    }
    let survey = survey::run(job, &|stage| progress.stage(stage))?;
    progress.say("Checking");
    let checked = check(&survey.material(), asked);
    std::mem::forget(survey);
    Ok(checked)
}

fn check(material: &Material, asked: &Asked) -> Checked {
    // Without a model the run scores by the built-in one, which stored scores need not follow.
    let mut selection = asked.selection.clone();
    let unscored = CHECKS.iter().filter(|c| c.needs == Needs::Model && !asked.with_model);
    selection.skip.extend(unscored.map(|c| c.id.to_string()));
    let found = examine(*material, &selection, asked.max_samples);
    settle(material, &found, asked.reveal, asked.fail_on)
}

/// What the flags mean.
fn job(args: &CheckArgs, mistakes: &mut Mistakes) -> Job {
    let mut config = settings::config(&args.read, mistakes);
    let inputs = settings::sources(&args.inputs, &args.read, &config, mistakes);
    let flexible = args.read.flexible;
    let activities: Vec<Source> =
        args.activities.iter().map(|path| Source { flexible, ..Source::new(path) }).collect();
    settings::check_files(inputs.iter().chain(&activities), mistakes);
    let named: Vec<_> = args.model.iter().cloned().collect();
    let models = super::model::read_all(&named, mistakes);
    if !config.as_of_given {
        config.as_of = models.iter().find_map(|m| m.as_of).unwrap_or(config.as_of);
    }
    if args.read.max_reject_rate.is_none() && args.read.config.is_none() {
        // Rows that cannot be read are a finding here, and no reason to find nothing else.
        config.max_reject_rate = 1.0;
    }
    Job { config, inputs, activities, models, ..Job::default() }
}

fn explain(id: &str) -> Result<()> {
    match catalog::find(id) {
        Some(check) => Ok(super::say(&text::explain(check))?),
        None => {
            let mut mistakes = Mistakes::default();
            let remedy = format!("the nearest is {}", selection::nearest(id));
            mistakes.usage(format!("{id} is no check"), remedy);
            mistakes.check()
        }
    }
}

fn tell(checked: &Checked, args: &CheckArgs) -> Result<()> {
    if args.read.json {
        return Ok(super::say(&(serde_json::to_string_pretty(checked)? + "\n"))?);
    }
    if args.read.quiet && checked.verdict == Verdict::Pass {
        return Ok(());
    }
    Ok(super::say(&text::report(checked))?)
}

/// A verdict is told by the exit code and, on stderr, in a sentence.
fn judge(checked: &Checked) -> Result<()> {
    if checked.verdict == Verdict::Pass {
        return Ok(());
    }
    let count = |severity| checked.findings.iter().filter(|f| f.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let sentence = format!("the data does not pass: {errors} errors, {warnings} warnings");
    Err(Failed(vec![sentence]).into())
}
