//! `leadmend undo DIR -o NEW`: the inputs back, a person split, or a record taken out; and
//! `leadmend undo --db URL`: what `audit --apply` wrote, taken back in the database.

use super::progress::Progress;
use super::{interrupt, settings};
use crate::cli::UndoArgs;
use anyhow::Result;
use leadmend::journal::Journal;
use leadmend::journal::undo::{self, Undo};
use leadmend::pipeline;
use leadmend::report::folder::OutputFolder;
use leadmend::report::{self, Style};
use leadmend::source::connection::Connection;
use leadmend::writeback::{self, Entry};
use std::path::Path;

/// Runs the command.
pub fn run(args: &UndoArgs) -> Result<()> {
    if let Some(url) = &args.db {
        return in_database(url, args);
    }
    // The command line asks for both where there is no --db.
    let (Some(folder), Some(goal)) = (&args.folder, &args.output) else { return Ok(()) };
    let output = interrupt::watch(|| OutputFolder::prepare(goal, args.force).map(Some))?;
    let Some(output) = output else { return Ok(()) };
    let journal = Journal::read(folder)?;
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

/// Lists the runs of a database, or undoes one.
fn in_database(url: &Path, args: &UndoArgs) -> Result<()> {
    let connection = Connection::parse(url)?;
    let Some(run) = &args.run else {
        let runs = writeback::runs(&connection)?;
        if args.json {
            return Ok(super::say(&(serde_json::to_string_pretty(&runs)? + "\n"))?);
        }
        return Ok(super::say(&list(&runs))?);
    };
    let undone = writeback::undo(&connection, run)?;
    if args.json {
        return Ok(super::say(&(serde_json::to_string_pretty(&undone)? + "\n"))?);
    }
    if args.quiet {
        return Ok(());
    }
    let rows = |n: u64| if n == 1 { "1 row".to_string() } else { format!("{n} rows") };
    let (restored, inserted) = (rows(undone.restored), rows(undone.inserted));
    Ok(super::say(&format!("Run {run} is undone: {restored} as before, {inserted} there again\n"))?)
}

/// Runs as lines, the last one first: it is the one to undo first.
fn list(runs: &[Entry]) -> String {
    if runs.is_empty() {
        return "No run of leadmend is written in this database\n".into();
    }
    let line = |entry: &Entry| {
        let (applied, leads) = (&entry.applied, &entry.leads.table);
        format!(
            "{}  {}  {}: {} leads merged, {} updated, {} activities moved, {} repeated\n",
            applied.run,
            entry.applied_at.get(..19).unwrap_or(&entry.applied_at),
            leads,
            applied.merged_leads,
            applied.updated_leads,
            applied.moved_activities,
            applied.duplicate_activities
        )
    };
    runs.iter().rev().map(line).collect::<String>()
        + "Undo one with --run ID; of several that met the same rows the first line comes first\n"
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
