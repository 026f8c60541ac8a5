//! `lineage.csv`: ids of people that changed since the audit before.
//!
//! What a CRM that stores person ids must follow. Only audits have a past, so only they have the file.

use super::folder::OutputFolder;
use super::table::{COMMA, Lines, write_rows};
use crate::error::Result;
use crate::pipeline::Outcome;

/// Writes the file; none without a past.
pub(super) fn write(outcome: &Outcome, folder: &OutputFolder) -> Result<()> {
    let Some(past) = &outcome.past else { return Ok(()) };
    let head = Lines::head(COMMA, ["person_id", "event", "other_id", "records"]);
    let steps = past.ids_changed();
    write_rows(folder, "lineage.csv", COMMA, head, steps.len(), |rows, lines| {
        for (person, event, other, records) in &steps[rows] {
            for cell in [*person, event.word(), *other] {
                lines.cell(cell);
            }
            lines.number(u64::from(*records));
            lines.end();
        }
    })
}
