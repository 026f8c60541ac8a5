//! `related.csv` and `rejects.csv`: who is connected without being one, and what was not read.

use super::folder::OutputFolder;
use super::label::Labels;
use super::table::{COMMA, Lines, write_rows};
use crate::cluster::relation::RelationKind;
use crate::error::Result;
use crate::pipeline::Outcome;

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

/// Writes `rejects.csv`: the rows that could not be read, as they stand in their files.
pub(crate) fn write_rejects(outcome: &Outcome, folder: &OutputFolder) -> Result<()> {
    let rejects = &outcome.rejects;
    let head = Lines::head(COMMA, ["source", "line", "reason", "raw"]);
    write_rows(folder, "rejects.csv", COMMA, head, rejects.len(), |rows, lines| {
        for (source, reject) in &rejects[rows] {
            lines.cell(source);
            lines.number(reject.line.into());
            lines.cell(&reject.reason);
            lines.cell(&reject.raw);
            lines.end();
        }
    })
}
