//! `leadmend undo DIR -o NEW`: the inputs back, a person split, or a record taken out.

use super::progress::Progress;
use super::{interrupt, settings};
use crate::cli::UndoArgs;
use anyhow::Result;
use leadmend::journal::Journal;
use leadmend::journal::undo::{self, Undo};
use leadmend::pipeline;
use leadmend::report::folder::OutputFolder;
use leadmend::report::{self, Style};

/// Runs the command.
pub fn run(args: &UndoArgs) -> Result<()> {
    let output = interrupt::watch(|| OutputFolder::prepare(&args.output, args.force).map(Some))?;
    let Some(output) = output else { return Ok(()) };
    let journal = Journal::read(&args.run)?;
    let persons = args.person.iter().cloned().map(Undo::Person);
    let wanted: Vec<Undo> = persons.chain(args.record.iter().cloned().map(Undo::Record)).collect();
    let mut said = if wanted.is_empty() {
        whole(&journal, &output)?
    } else {
        part(&journal, &wanted, &output, args.quiet)?
    };
    interrupt::begin_publishing();
    let folder = output.publish()?.display().to_string();
    interrupt::published(&folder);
    said += &format!("Written to {folder}\n");
    if args.quiet { Ok(()) } else { Ok(super::say(&said)?) }
}

/// The inputs as they were.
fn whole(journal: &Journal, output: &OutputFolder) -> Result<String> {
    let restored = undo::restore(journal, output)?;
    let mut said = String::new();
    for (name, whole) in &restored.files {
        said += &match whole {
            true => format!("{name}: as it was, byte for byte\n"),
            false => format!("{name}: without the rows of forgotten persons\n"),
        };
    }
    if journal.forgotten > 0 {
        said += &format!("{} lines of the journal were forgotten and skipped\n", journal.forgotten);
    }
    Ok(said)
}

/// The run once more, with the persons as they are to be.
fn part(journal: &Journal, wanted: &[Undo], output: &OutputFolder, quiet: bool) -> Result<String> {
    let mut plan = undo::plan(journal, wanted)?;
    plan.job.key = settings::journal_key();
    let progress = Progress::start(quiet);
    let outcome = pipeline::run(&plan.job, &|stage| progress.stage(stage))?;
    progress.say("Writing");
    report::write(&outcome, output)?;
    report::certify(&outcome, &plan.job, output)?;
    drop(progress);
    let summary = report::summary(&outcome).to_text(Style { color: false });
    std::mem::forget(outcome);
    Ok(format!("{}\n\n{summary}", plan.said.join("\n")))
}
