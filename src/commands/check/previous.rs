//! `--previous`: the job that reads the data as it was.

use crate::cli::CheckArgs;
use crate::commands::failure::Mistakes;
use crate::commands::settings;
use leadmend::error::Error;
use leadmend::pipeline::Job;
use leadmend::schema::SchemaOverrides;
use leadmend::source::git::GitFile;
use leadmend::source::{self, Source};
use std::path::Path;
use std::sync::Arc;

/// The job of now, with the data of before. Activities are left out: those of before are not known.
pub(super) fn job(args: &CheckArgs, now: &Job, mistakes: &mut Mistakes) -> Option<Job> {
    let given = args.previous.as_deref()?;
    let first = now.inputs.first().cloned().unwrap_or_default();
    let plain = Source { content: None, name: None, ..first };
    let source = match GitFile::parse(given) {
        Some(parsed) => {
            let file = mistakes.take(parsed)?;
            let bytes = mistakes.take(file.read(Path::new(".")))?;
            Source { path: file.name().into(), content: Some(Arc::new(bytes)), ..plain }
        }
        None => {
            let source = Source { path: given.into(), ..plain };
            if source.path.as_os_str() == "-" {
                mistakes.usage("--previous cannot be standard input", "give a file");
                return None;
            }
            // The same file may be given as input: then nothing has changed.
            settings::check_files(std::iter::once(&source), mistakes);
            source
        }
    };
    let mut config = now.config.clone();
    if has_overrides(&config.columns) {
        let columns = headers(&source).map(|headers| only(&config.columns, &headers));
        config.columns = mistakes.take(columns)?;
    }
    Some(Job { config, inputs: vec![source], activities: Vec::new(), ..now.clone() })
}

fn has_overrides(columns: &SchemaOverrides) -> bool {
    !columns.roles.is_empty() || !columns.ignore.is_empty() || columns.id_column.is_some()
}

fn headers(source: &Source) -> Result<Vec<String>, Error> {
    // A file that is not there is a mistake already, told once.
    match source::read(source) {
        Ok(raw) => Ok(raw.columns.into_iter().map(|column| column.header).collect()),
        Err(Error::Read { .. }) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// What was said about columns, as far as they were there before: one that is new is a finding, not
/// a wrong command line.
fn only(columns: &SchemaOverrides, headers: &[String]) -> SchemaOverrides {
    let has = |header: &String| headers.iter().any(|h| h.eq_ignore_ascii_case(header));
    let mut kept = columns.clone();
    kept.roles.retain(|(_, header)| has(header));
    kept.ignore.retain(has);
    kept.id_column = kept.id_column.filter(has);
    kept
}
