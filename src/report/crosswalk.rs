//! `crosswalk.csv`: which person each record went to, and why.

use super::folder::OutputFolder;
use super::label::Labels;
use super::reason::{Links, Reasons, push_link};
use super::table::{COMMA, Lines, write_rows};
use crate::error::Result;
use crate::pipeline::Outcome;
use crate::record::RecordId;
use std::fmt::Write;

/// Writes the file.
pub(crate) fn write(outcome: &Outcome, folder: &OutputFolder, reasons: &Reasons) -> Result<()> {
    let (table, clusters) = (&outcome.table, &outcome.matched.clusters);
    let (links, labels) = (Links::new(outcome), Labels::new(table));
    let headers =
        ["record_id", "source", "row", "person_id", "surviving_id", "probability", "reason"];
    let head = Lines::head(COMMA, headers);
    write_rows(folder, "crosswalk.csv", COMMA, head, table.len(), |rows, lines| {
        for i in rows {
            let person = clusters.person_of[i];
            lines.cell(table.id.get(RecordId(i as u32)));
            lines.cell(&table.sources[table.source[i] as usize].name);
            lines.number(table.row[i].into());
            lines.plain(outcome.person_ids.get(person));
            lines.joined(|text| labels.push(outcome.fields.survivor[person as usize], text));
            lines.joined(|text| push_prob(f64::from(clusters.probability[i]), text));
            lines.joined(|text| push_link(outcome, &links, reasons, i, text));
            lines.end();
        }
    })
}

/// Appends a probability with four decimals.
pub(crate) fn push_prob(prob: f64, text: &mut String) {
    if prob == 1.0 {
        return text.push_str("1.0000");
    }
    // Writing to a String cannot fail.
    let _ = write!(text, "{prob:.4}");
}
