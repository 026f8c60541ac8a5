//! What people and programs read of a run: the files of the output folder and the summary.
//!
//! Last stage. Every file is a function from the [`Outcome`] to bytes and knows nothing of the
//! others; what is not there (no activities, no scoring model) has no file. Rows are in canonical
//! order (persons by their first record), so that the same input in any row order and on any number
//! of threads gives the same bytes, but for the `row` columns.

mod actions;
mod activities;
pub mod alone;
mod certificate;
mod consent;
mod crosswalk;
mod digest;
mod fact;
pub mod folder;
pub mod format;
pub mod html;
pub(crate) mod json;
pub(crate) mod label;
pub mod leads;
mod ledger;
mod lineage;
mod merge_plan;
pub mod moves;
pub mod normalized;
#[cfg(feature = "parquet")]
mod parquet;
pub(crate) mod reason;
mod related;
pub mod review;
mod review_fields;
pub(crate) mod scores;
pub mod summary;
mod table;
pub mod verdicts;

pub use actions::{ActionCounts, ListCount};
pub use certificate::certify;
pub(crate) use digest::Digest;
pub use json::Refusals;
pub use label::record_label;
pub use summary::{Style, Summary, count, summary};

use crate::error::Result;
use crate::journal::{self, decisions};
use crate::pipeline::Outcome;
use folder::OutputFolder;

/// Writes every file of a run into the folder; publishing it is the caller's.
///
/// # Errors
/// [`crate::error::Error::Write`].
pub fn write(outcome: &Outcome, folder: &OutputFolder) -> Result<()> {
    let reasons = reason::Reasons::new(&outcome.matched.model);
    // Worked out before anything runs side by side: who waits for it must not be who works on it.
    outcome.digest();
    // The journal is a chain, which one thread makes link by link: the other files beside it.
    let (journal, files) = rayon::join(
        || journal::write(outcome, folder, &reasons),
        || write_files(outcome, folder, &reasons),
    );
    files?;
    journal.map(|_| ())
}

/// Every file but the journal.
fn write_files(outcome: &Outcome, folder: &OutputFolder, reasons: &reason::Reasons) -> Result<()> {
    leads::write(outcome, folder)?;
    if !outcome.activities.table.sources.is_empty() {
        activities::write(outcome, folder)?;
        activities::write_map(outcome, folder)?;
    }
    crosswalk::write(outcome, folder, reasons)?;
    consent::write(outcome, folder)?;
    review::write(outcome, folder, reasons)?;
    if !outcome.fields.review.is_empty() {
        review_fields::write(outcome, folder)?;
    }
    related::write(outcome, folder)?;
    related::write_rejects(outcome, folder)?;
    if !outcome.models.is_empty() {
        scores::write(outcome, folder)?;
        scores::write_hidden(outcome, folder)?;
        ledger::write(outcome, folder)?;
        ledger::write_drops(outcome, folder)?;
        actions::write(outcome, folder)?;
    }
    merge_plan::write(outcome, folder)?;
    json::write_matching(outcome, folder)?;
    decisions::write(&outcome.job.decisions, folder)?;
    lineage::write(outcome, folder)?;
    json::write(outcome, folder)?;
    html::write(outcome, folder)?;
    Ok(())
}

/// Writes what a plan shows: who would be one person, and what waits for a decision.
///
/// # Errors
/// [`crate::error::Error::Write`].
pub(crate) fn write_plan(outcome: &Outcome, folder: &OutputFolder) -> Result<()> {
    let reasons = reason::Reasons::new(&outcome.matched.model);
    crosswalk::write(outcome, folder, &reasons)?;
    review::write(outcome, folder, &reasons)
}

#[cfg(test)]
mod tests;
