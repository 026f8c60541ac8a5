//! `leadmend check INPUT...`: what is wrong with the data, and whether it passes.

mod gate;
mod previous;
mod reports;

use super::failure::{Mistakes, Verdict as Failed};
use super::progress::Progress;
use super::settings;
use crate::cli::{self, CheckArgs};
use anyhow::Result;
use gate::Gate;
use leadmend::error::Error;
use leadmend::memory::Work;
use leadmend::pipeline::survey::{self, Depth, Survey};
use leadmend::pipeline::{self, Job, Outcome};
use leadmend::quality::catalog::{self, CHECKS, CheckInfo, Needs};
use leadmend::quality::finding::{Checked, Severity, Verdict};
use leadmend::quality::mask::Reveal;
use leadmend::quality::selection::{self, Selection};
use leadmend::quality::settle::{FailOn, verdict};
use leadmend::quality::{self, Material, text};
use leadmend::report::html::Page;
use leadmend::source::Source;
use reports::Reports;

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
    let mut asked = Asked::of(args, &mut mistakes);
    let mut job = job(args, &mut mistakes);
    let gate = Gate::read(args, &mut mistakes);
    let reports = Reports::of(args, &job, &mut mistakes);
    asked.page = reports.want_page();
    let before = previous::job(args, &job, &mut mistakes);
    mistakes.check()?;
    gate.set(&mut job);
    let progress = Progress::start(args.read.quiet || reports.is_for_programs());
    let (mut checked, page) = work(&job, before.as_ref(), &asked, &gate, &progress)?;
    drop(progress);
    let stale = gate.hold(&mut checked)?;
    checked.verdict = verdict(&checked.findings, asked.fail_on);
    if stale.is_some() {
        checked.verdict = Verdict::Fail;
    }
    let ran = asked.ran(&gate, args);
    reports.write(&checked, asked.fail_on, &ran, gate.key.as_ref(), page.as_ref())?;
    judge(&checked, asked.fail_on, stale)
}

/// What is to be found and how it is told.
struct Asked {
    selection: Selection,
    with_model: bool,
    reveal: Reveal,
    fail_on: FailOn,
    max_samples: usize,
    /// A page is made of what was read.
    page: bool,
}

impl Asked {
    fn of(args: &CheckArgs, mistakes: &mut Mistakes) -> Self {
        let selection = settings::selection(&args.only, &args.skip, mistakes);
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
            fail_on: args.fail_on.into(),
            max_samples: args.max_findings,
            page: false,
        }
    }

    /// Ids of the checks that could speak, in the catalog's order, and those of the rule file.
    fn ran(&self, gate: &Gate, args: &CheckArgs) -> Vec<String> {
        let runs = |check: &&CheckInfo| {
            let given = match check.needs {
                Needs::Records => !matches!(check.id, "not-null" | "custom" | "wrong-column"),
                Needs::Matching => self.selection.needs_persons(self.with_model),
                Needs::Activities => !args.activities.is_empty(),
                Needs::Model => self.with_model,
                Needs::Previous => args.previous.is_some(),
                Needs::Suppression => !args.suppress.is_empty(),
                // Spoken of only where they found something.
                Needs::Rule => false,
            };
            given && self.selection.has(check.id) && !gate.rules.is_off(check.id)
        };
        let own = gate
            .rules
            .rules
            .iter()
            .filter(|rule| !rule.off && (rule.condition.is_some() || rule.id == "not-null"));
        let checks = CHECKS.iter().filter(runs).map(|check| check.id.to_string());
        checks.chain(own.map(|rule| rule.id.clone())).collect()
    }
}

/// CI services set the variable; what they log is read by many and kept for long.
fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|ci| !ci.is_empty() && ci != "false" && ci != "0")
}

/// Data that was read as far as the checks need it.
enum Read {
    Run(Box<Outcome>),
    Survey(Box<Survey>),
}

impl Read {
    fn material(&self) -> Material<'_> {
        match self {
            Self::Run(outcome) => outcome.material(),
            Self::Survey(survey) => survey.material(),
        }
    }
}

fn read(job: &Job, asked: &Asked, depth: Depth, progress: &Progress) -> Result<Read> {
    if asked.selection.needs_persons(asked.with_model) {
        return Ok(Read::Run(Box::new(pipeline::run(job, &|stage| progress.stage(stage))?)));
    }
    Ok(Read::Survey(Box::new(survey::run(job, depth, &|stage| progress.stage(stage))?)))
}

/// Reads as much as the checks need, and checks.
fn work(
    job: &Job,
    before: Option<&Job>,
    asked: &Asked,
    gate: &Gate,
    progress: &Progress,
) -> Result<(Checked, Option<Page>)> {
    let depth = match () {
        () if gate.rules.asks_facts() || asked.page => Depth::Whole,
        () if before.is_some() => Depth::Followed,
        () => Depth::Checks,
    };
    let earlier = before.map(|job| read(job, asked, depth, progress)).transpose()?;
    let data = read(job, asked, depth, progress)?;
    progress.say("Checking");
    let before = earlier.as_ref().map(Read::material);
    let checked = check(&data.material(), before.as_ref(), asked, gate);
    let page = asked.page.then(|| Page::of_material(&data.material()));
    // The process ends soon: handing back millions of values one by one would only take time.
    std::mem::forget((data, earlier));
    Ok((checked?, page))
}

fn check(
    material: &Material,
    before: Option<&Material>,
    asked: &Asked,
    gate: &Gate,
) -> Result<Checked, Error> {
    let name = gate.rules_name();
    let all = quality::gate::Asked {
        selection: &asked.selection,
        rules: &gate.rules,
        rules_name: &name,
        with_model: asked.with_model,
        reveal: asked.reveal,
        max_samples: asked.max_samples,
        fail_on: asked.fail_on,
    };
    quality::gate::check(material, &all, |material, out| match before {
        Some(before) => {
            quality::previous::compare(material, before, &gate.rules, asked.with_model, out)
        }
        None => Vec::new(),
    })
}

/// What the flags mean.
fn job(args: &CheckArgs, mistakes: &mut Mistakes) -> Job {
    let mut config = settings::config(&args.read, mistakes);
    let inputs = settings::sources(&args.inputs, &args.read, &config, mistakes);
    let flexible = args.read.flexible;
    let activities: Vec<Source> =
        args.activities.iter().map(|path| Source { flexible, ..Source::new(path) }).collect();
    settings::check_files(inputs.iter().chain(&activities), mistakes);
    settings::fits(&args.read, Work::Check, &inputs, &activities, mistakes);
    let named: Vec<_> = args.model.iter().cloned().collect();
    let models = super::model::read_all(&named, mistakes);
    if !config.as_of_given {
        config.as_of = models.iter().find_map(|m| m.as_of).unwrap_or(config.as_of);
    }
    if args.read.max_reject_rate.is_none() && args.read.config.is_none() {
        // Rows that cannot be read are a finding here, and no reason to find nothing else.
        config.max_reject_rate = 1.0;
    }
    let key_file = args.key_file.as_deref();
    let suppression = super::suppression::lists(&args.suppress, key_file, &config, mistakes);
    Job { config, inputs, activities, models, suppression, ..Job::default() }
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

/// A verdict is told by the exit code and, on stderr, in a sentence.
fn judge(checked: &Checked, fail_on: FailOn, stale: Option<String>) -> Result<()> {
    if checked.verdict == Verdict::Pass {
        return Ok(());
    }
    let count = |severity| checked.findings.iter().filter(|f| f.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let failed = verdict(&checked.findings, fail_on) == Verdict::Fail;
    let sentence = format!("the data does not pass: {errors} errors, {warnings} warnings");
    Err(Failed(failed.then_some(sentence).into_iter().chain(stale).collect()).into())
}
