//! `review_fields.csv`: cells whose records disagree and whose rule is `take = "review"`.
//!
//! One row for each record that has a value of its own, so that whoever decides sees all of them;
//! `shown` marks what the lead shows meanwhile. Absent when nothing is disputed.

use super::folder::OutputFolder;
use super::label::Labels;
use super::table::{COMMA, Lines, write_rows};
use crate::error::Result;
use crate::pipeline::Outcome;

/// Writes the file.
pub(crate) fn write(outcome: &Outcome, folder: &OutputFolder) -> Result<()> {
    let (table, fields) = (&outcome.table, &outcome.fields);
    let labels = Labels::new(table);
    let headers = ["person_id", "column", "record_id", "value", "shown"];
    let head = Lines::head(COMMA, headers);
    let disputed = &fields.review;
    write_rows(folder, "review_fields.csv", COMMA, head, disputed.len(), |rows, lines| {
        for &(person, column) in &disputed[rows] {
            let cells = &table.columns[column as usize];
            let shown = fields.choice(column as usize, person);
            for &record in outcome.matched.clusters.members(person) {
                let value = cells.get(record);
                if value.is_empty() {
                    continue;
                }
                lines.plain(outcome.person_ids.get(person));
                lines.guarded(&cells.header);
                lines.joined(|text| labels.push(record, text));
                lines.guarded(value);
                lines.plain(if record == shown { "true" } else { "false" });
                lines.end();
            }
        }
    })
}
