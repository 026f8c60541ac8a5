//! `activities.csv` and `activity_map.csv`: every event once, under the lead that survived.

use super::folder::OutputFolder;
use super::format::write_table;
use super::label::Labels;
use super::table::{COMMA, Lines, write_rows};
use crate::error::Result;
use crate::merge::history::{ORPHAN, Status};
use crate::pipeline::Outcome;
use crate::record::RecordId;
use crate::schema::Role;
use rayon::prelude::*;

/// Writes `activities.csv`: the kept activities by person and time, then the orphans as they were.
pub(crate) fn write(outcome: &Outcome, folder: &OutputFolder) -> Result<()> {
    let (log, history) = (&outcome.activities, &outcome.history);
    let headers: Vec<&str> = log.table.columns.iter().map(|c| c.header.as_str()).collect();
    let mut order = canonical_order(outcome);
    order.retain(|&i| history.status[i as usize] != Status::Duplicate);
    let references = References::new(outcome);
    write_table(outcome, folder, "activities", &headers, order.len(), |rows, lines| {
        let mut reference = String::new();
        for &activity in &order[rows] {
            let place = references.of(RecordId(activity), &mut reference);
            for (c, column) in log.table.columns.iter().enumerate() {
                let cell = column.get(RecordId(activity));
                match place {
                    Some((first, original))
                        if c == first || references.repeats(c, cell, original) =>
                    {
                        lines.cell(&reference);
                    }
                    _ => lines.cell(cell),
                }
            }
            lines.end();
        }
    })
}

/// All activities: by person and time, then the orphans by source, time and content. Never by row:
/// a file of events rarely has ids that order it.
fn canonical_order(outcome: &Outcome) -> Vec<u32> {
    let (a, history) = (&outcome.activities.activities, &outcome.history);
    let mut orphans: Vec<u32> =
        (0..a.len() as u32).filter(|&i| history.status[i as usize] == Status::Orphan).collect();
    orphans.par_sort_unstable_by_key(|&i| {
        let i = i as usize;
        (a.source[i], a.at[i], a.digest[i], a.row[i])
    });
    let mut order = Vec::with_capacity(a.len());
    order.extend_from_slice(&history.order);
    order.append(&mut orphans);
    order
}

/// Writes `activity_map.csv`: what became of every row.
pub(crate) fn write_map(outcome: &Outcome, folder: &OutputFolder) -> Result<()> {
    let (log, history) = (&outcome.activities, &outcome.history);
    let headers = ["source", "row", "activity_id", "status", "kept_row", "person_id", "reason"];
    let head = Lines::head(COMMA, headers);
    let id = log.schema.first(Role::ActivityId).map(|c| &log.table.columns[c]);
    let order = canonical_order(outcome);
    write_rows(folder, "activity_map.csv", COMMA, head, order.len(), |rows, lines| {
        for &activity in &order[rows] {
            let i = activity as usize;
            let source = log.table.source[i];
            lines.cell(&log.table.sources[source as usize].name);
            lines.number(log.table.row[i].into());
            lines.cell(id.map_or("", |column| column.get(RecordId(activity))));
            let (status, kept) = (history.status[i], history.kept[i] as usize);
            match status {
                Status::Kept => lines.plain("kept"),
                Status::Duplicate => lines.plain("duplicate"),
                Status::Orphan => lines.plain("orphan"),
            }
            match status {
                Status::Orphan => lines.empty(),
                _ if log.table.source[kept] == source => lines.number(log.table.row[kept].into()),
                _ => lines.joined(|text| {
                    let of = &log.table.sources[log.table.source[kept] as usize].name;
                    text.push_str(&format!("{of}:{}", log.table.row[kept]));
                }),
            }
            let person = match log.activities.record[i] {
                ORPHAN => None,
                record => outcome.matched.clusters.person_of.get(record as usize),
            };
            lines.plain(person.map_or("", |&p| outcome.person_ids.get(p)));
            lines.plain(history.reason[i].code());
            lines.end();
        }
    })
}

/// How activities come to name the lead that survived.
struct References<'a> {
    outcome: &'a Outcome,
    /// Columns that name the lead, best first.
    columns: Vec<usize>,
    labels: Labels<'a>,
    /// Surviving leads per id value: a plain id must name one lead only.
    holders: Vec<u32>,
    /// The e-mail column of the leads.
    email: Option<usize>,
}

impl<'a> References<'a> {
    fn new(outcome: &'a Outcome) -> Self {
        let table = &outcome.table;
        let mut holders = vec![0; table.id.dictionary.len()];
        for survivor in &outcome.fields.survivor {
            holders[table.id.ids[survivor.index()].index()] += 1;
        }
        Self {
            outcome,
            columns: outcome.activities.lead_columns(),
            labels: Labels::new(table),
            holders,
            email: outcome.schema.first(Role::Email),
        }
    }

    /// The column to rewrite with its original value; what to write instead goes to `reference`.
    /// `None` for an orphan.
    fn of(&self, activity: RecordId, reference: &mut String) -> Option<(usize, &'a str)> {
        let log = &self.outcome.activities;
        let record = match log.activities.record[activity.index()] {
            ORPHAN => return None,
            record => RecordId(record),
        };
        let person = *self.outcome.matched.clusters.person_of.get(record.index())?;
        let filled = |&&c: &&usize| !log.table.columns[c].ids[activity.index()].is_missing();
        let filled = self.columns.iter().find(filled);
        let column = *filled.or(self.columns.first())?;
        let cell = log.table.columns[column].get(activity);
        reference.clear();
        if cell.contains('@') && cell != self.outcome.table.id.get(record) {
            self.push_email(person, reference);
            // A lead that lost its e-mail to a merge does not exist; without a column all stays.
            if reference.is_empty() {
                reference.push_str(cell);
            }
        } else {
            self.push_id(person, reference);
        }
        Some((column, cell))
    }

    /// The e-mail `leads.csv` shows, repaired as it is there.
    fn push_email(&self, person: u32, reference: &mut String) {
        let Some(column) = self.email else { return };
        let Outcome { table, fields, records, repairs, .. } = self.outcome;
        let (chosen, exception) =
            (fields.choice(column, person), fields.override_of(column, person));
        match repairs.shown(table, records, column, chosen, exception) {
            Some(fixed) => reference.push_str(&fixed.text),
            None => reference.push_str(fields.text(table, column, person)),
        }
    }

    /// The id `leads.csv` shows; `source:id` where leads of several sources share it.
    fn push_id(&self, person: u32, reference: &mut String) {
        let (table, fields) = (&self.outcome.table, &self.outcome.fields);
        let survivor = fields.survivor[person as usize];
        if self.holders[table.id.ids[survivor.index()].index()] > 1 {
            return self.labels.push(survivor, reference);
        }
        let shown = self.outcome.schema.id_column.map_or("", |c| fields.text(table, c, person));
        reference.push_str(if shown.is_empty() { table.id.get(survivor) } else { shown });
    }

    /// True for a further reference column that says the same as the first.
    fn repeats(&self, column: usize, cell: &str, original: &str) -> bool {
        cell == original && !cell.is_empty() && self.columns.contains(&column)
    }
}
