//! `leadmend clean NEW --known SRC`: new rows against known records.

use super::clean::Talk;
use super::failure::Mistakes;
use super::progress::Progress;
use super::{clean, interrupt, settings};
use crate::cli::CleanArgs;
use anyhow::Result;
use leadmend::known::{self, Import, KnownSource, VerdictCounts};
use leadmend::memory::Work;
use leadmend::merge::history::Status;
use leadmend::pipeline::Job;
use leadmend::report::folder::OutputFolder;
use leadmend::report::verdicts::{self, OnlyNew};
use leadmend::report::{self, Style};
use std::path::Path;

/// Where the known records are, when they are asked for.
pub fn source(args: &CleanArgs, job: &Job, mistakes: &mut Mistakes) -> Option<KnownSource> {
    let given = args.known.as_ref()?;
    if leadmend::state::is_state(given) {
        if args.run.has_threshold() {
            mistakes.usage(
                "a state decides by the thresholds it was made with",
                "leave --merge-at, --review-at and --max-wrong-merges out, or make the state anew",
            );
        }
        return Some(KnownSource::State(given.clone()));
    }
    let read = &args.run.read;
    let (inputs, activities) = settings::known_sources(given, read, &job.config, mistakes);
    settings::check_files(inputs.iter(), mistakes);
    // They are learned on and kept as a state would be.
    settings::fits(read, Work::Audit, &inputs, &activities, mistakes);
    if let Some(same) = inputs.iter().find(|known| job.inputs.iter().any(|new| is_same(known, new)))
    {
        let what = format!("{} is given as known and as new", same.file_name());
        mistakes.usage(what, "give each input once");
    }
    // What the user says of columns may be about the new rows alone.
    let mut config = job.config.clone();
    let columns = &mut config.columns;
    columns.known = std::mem::take(&mut columns.roles);
    columns.id_column = None;
    columns.ignore.clear();
    let activities = job.activities.iter().cloned().chain(activities).collect();
    let learned = Job { config, inputs, activities, ..job.clone() };
    Some(KnownSource::Inputs(Box::new(learned)))
}

fn is_same(known: &leadmend::source::Source, new: &leadmend::source::Source) -> bool {
    let place = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    place(&known.path) == place(&new.path) && known.table == new.table
}

/// Does the job and writes the result.
pub fn carry_out(
    job: &Job,
    source: &KnownSource,
    output: Option<OutputFolder>,
    talk: &Talk,
    only_new: bool,
) -> Result<()> {
    let progress = Progress::start(talk.quiet || talk.json);
    let import = known::run(job, source, &|stage| progress.stage(stage))?;
    let mut summary = report::summary(&import.outcome);
    let mut loaded = None;
    if let Some(output) = output {
        progress.say("Writing");
        report::write(&import.outcome, &output)?;
        verdicts::write(&import, &output)?;
        if only_new {
            loaded = Some(verdicts::write_only_new(&import, &output)?);
        }
        report::certify(&import.outcome, &import.job, &output)?;
        interrupt::begin_publishing();
        let folder = output.publish()?.display().to_string();
        interrupt::published(&folder);
        summary.folder = Some(folder);
    }
    drop(progress);
    let counts = VerdictCounts::of(&import.verdicts, &import.outcome, import.known_inputs);
    if talk.json {
        let mut said = serde_json::to_value(&summary)?;
        said["import"] = serde_json::json!({
            "new_rows": import.verdicts.len(),
            "known_records": import.known_records,
            "verdicts": counts,
            "only_new": loaded,
        });
        super::say(&(serde_json::to_string_pretty(&said)? + "\n"))?;
    } else if !talk.quiet {
        let style = Style { color: clean::use_color() };
        super::say(&(tell(&import, &counts, loaded.as_ref()) + &summary.to_text(style)))?;
    }
    let verdict = clean::judge(&import.outcome);
    std::mem::forget(import);
    verdict
}

fn count(n: usize, one: &str, many: &str) -> String {
    report::count(n, one, many)
}

/// What the verdicts are and what to do about them.
fn tell(import: &Import, counts: &VerdictCounts, loaded: Option<&OnlyNew>) -> String {
    let rows = count(import.verdicts.len(), "new row", "new rows");
    let known = count(import.known_records as usize, "known record", "known records");
    let mut lines = vec![format!("{rows} against {known} (verdicts.csv says it row by row):")];
    let mut line = |n: usize, one: &str, many: &str, what: &str| {
        if n > 0 {
            lines.push(format!("  {} {what}", count(n, one, many)));
        }
    };
    line(counts.new, "is new", "are new", "(nobody known is like them: safe to load)");
    let what = "of known people (leads.csv has each person with what the rows add)";
    line(counts.known, "is a duplicate", "are duplicates", what);
    let what = "of another row of this import (load the person once)";
    line(counts.repeated, "is a duplicate", "are duplicates", what);
    let what = "(perhaps somebody known: decide in review.csv, then run again with --decisions)";
    line(counts.review, "waits for review", "wait for review", what);
    if import.outcome.history.count(Status::Orphan) > 0 {
        let what =
            "Activities of known people whom this import does not touch count as orphans here";
        lines.push(what.into());
    }
    if let Some(loaded) = loaded {
        lines.push(format!("To load: {} in new.csv", count(loaded.persons, "person", "persons")));
        if loaded.waiting > 0 {
            lines.push(format!("  left out until decided: {}", loaded.waiting));
        }
        if loaded.refused > 0 {
            let what = "refuse contact, and the file has no column to say so";
            lines.push(format!("  left out: {} who {what}", loaded.refused));
        }
    }
    lines.join("\n") + "\n\n"
}
