//! Pairs of audits and imports: decided by the counts of a state, and told by them.
//!
//! A run's folder holds no counts of values, because hashes of addresses would confirm guesses; it
//! names the frozen matching that decided, which is in the state.

use super::run_folder::{RunFolder, damaged};
use crate::cli::ExplainArgs;
use crate::commands::settings::name_of;
use leadmend::compare::feature::Features;
use leadmend::error::Result as Checked;
use leadmend::journal::Journal;
use leadmend::matching::frozen::Frozen;
use leadmend::matching::model::MatchingModel;
use leadmend::pipeline::{self, Job};
use leadmend::record::Table;
use leadmend::schema::UnitedSchema;
use leadmend::state::{self, Mode, State};
use std::path::PathBuf;

/// What a run decided under a frozen matching, under that matching. The records are those of the
/// journal: known records of an import are in no file.
pub(super) fn read(
    folder: &RunFolder,
    args: &ExplainArgs,
    name: &str,
) -> Checked<(Table, UnitedSchema, Features, MatchingModel)> {
    let frozen = find_frozen(folder, args, name)?;
    let journal = Journal::read(&folder.path)?;
    let job = journal.setup.job(journal.contents, Vec::new())?;
    let job = Job { frozen: Some(frozen.clone()), ..job };
    let (table, schema, records) = pipeline::read(&job)?;
    let features = frozen.prepare(&records).features;
    Ok((table, schema, features, frozen.model))
}

/// The frozen matching of that name: in the state that is given, or in one where audits keep it.
fn find_frozen(folder: &RunFolder, args: &ExplainArgs, name: &str) -> Checked<Frozen> {
    let given: Vec<PathBuf> = match &args.state {
        Some(path) => vec![path.clone()],
        None => [folder.path.with_file_name(state::FILE), PathBuf::from(state::FILE)]
            .into_iter()
            .filter(|path| path.is_file())
            .collect(),
    };
    for path in &given {
        let found = state::frozen::frozen(&State::open(path, Mode::Read)?)?;
        if let Some(found) = found.filter(|found| found.name() == name) {
            return Ok(found);
        }
    }
    Err(match given.first() {
        None => damaged(
            state::FILE,
            "the run was decided by the counts of a state, which is neither beside its folder nor here",
            "give it with --state FILE; a run against known records of a file or database keeps none: \
             audit these and give the state as --known",
        ),
        Some(path) => damaged(
            &name_of(path),
            "is not the state that decided this run, or has learned anew since",
            "give the state as it was with --state FILE, or repeat the run",
        ),
    })
}
