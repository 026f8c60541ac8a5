//! `related.csv` and `rejects.csv`: who is connected without being one, and what was not read.

use super::folder::OutputFolder;
use super::label::Labels;
use super::table::{COMMA, Lines, write_rows};
use crate::cluster::relation::RelationKind;
use crate::error::{Error, Result};
use crate::pipeline::Outcome;
use crate::source::Reject;

/// Writes `related.csv`: one row per record of the persons in a relation.
pub(crate) fn write(outcome: &Outcome, folder: &OutputFolder) -> Result<()> {
    let relations = &outcome.matched.relations;
    let labels = Labels::new(&outcome.table);
    let numbers = number(relations.iter().map(|r| r.kind));
    let head = Lines::head(COMMA, ["group_id", "kind", "record_id", "reason"]);
    write_rows(folder, "related.csv", COMMA, head, relations.len(), |rows, lines| {
        for i in rows {
            let relation = &relations[i];
            let kind = relation.kind.as_str();
            let group = format!("{kind}-{}", numbers[i]);
            let reason: Vec<&str> = relation.shared.iter().map(|s| s.as_str()).collect();
            let reason = reason.join("; ");
            let persons = relation.persons.iter();
            for &record in persons.flat_map(|&p| outcome.matched.clusters.members(p)) {
                lines.cell(&group);
                lines.cell(kind);
                lines.joined(|text| labels.push(record, text));
                lines.cell(&reason);
                lines.end();
            }
        }
    })
}

/// The number of each relation among those of its kind, from 1.
fn number(kinds: impl Iterator<Item = RelationKind>) -> Vec<u32> {
    let mut counts = [0u32; 3];
    kinds
        .map(|kind| {
            counts[kind as usize] += 1;
            counts[kind as usize]
        })
        .collect()
}

/// Writes `rejects.csv`: the rows that could not be read, as they stand in their files. Few rows of
/// any content at all: the `csv` crate's own writer.
pub(crate) fn write_rejects(outcome: &Outcome, folder: &OutputFolder) -> Result<()> {
    write_reject_rows(&outcome.rejects, folder)
}

/// The rejects of any reading.
pub(super) fn write_reject_rows(rejects: &[(String, Reject)], folder: &OutputFolder) -> Result<()> {
    const FILE: &str = "rejects.csv";
    let mut writer = csv::Writer::from_writer(folder.create(FILE)?);
    let rows = rejects.iter().map(|(source, reject)| {
        [source.as_str(), &reject.line.to_string(), &reject.reason, &reject.raw].map(String::from)
    });
    let head = ["source", "line", "reason", "raw"].map(String::from);
    for row in std::iter::once(head).chain(rows) {
        writer.write_record(&row).map_err(|e| failed(FILE, e.into()))?;
    }
    writer.flush().map_err(|e| failed(FILE, e))
}

fn failed(file: &str, cause: std::io::Error) -> Error {
    Error::Write { file: file.to_string(), cause }
}
