//! `leads.csv` (or `.jsonl`, `.parquet`): one row per person, the original columns first, then what we found out.

use super::folder::OutputFolder;
use super::format::write_table;
use super::label::Labels;
use super::table::{Format, Lines, needs_quotes};
use crate::error::Result;
use crate::merge::field::Value;
use crate::pipeline::Outcome;
use crate::record::ValueId;
use crate::schema::earlier::is_earlier;
use crate::score::NO_BAND;
use rayon::prelude::*;
use std::ops::Range;

pub use crate::schema::earlier::ADDED;

/// Writes the file.
pub(crate) fn write(outcome: &Outcome, folder: &OutputFolder) -> Result<()> {
    let writer = Writer::new(outcome);
    let original = writer.columns.iter().map(|&c| outcome.table.columns[c].header.as_str());
    let headers: Vec<&str> = original.chain(ADDED).collect();
    let count = outcome.matched.clusters.len();
    write_table(outcome, folder, "leads", &headers, count, |persons, lines| {
        writer.write(persons, lines);
    })
}

pub(super) struct Writer<'a> {
    outcome: &'a Outcome,
    /// The original columns. Those of an earlier run of ours are written anew, not twice.
    columns: Vec<usize>,
    /// Per table column: no value of it needs quotes.
    plain: Vec<bool>,
    labels: Labels<'a>,
}

impl<'a> Writer<'a> {
    fn new(outcome: &'a Outcome) -> Self {
        let columns = &outcome.table.columns;
        let ours = |c: &usize| is_earlier(&columns[*c].header);
        let columns = (0..columns.len()).filter(|c| !ours(c)).collect();
        Self::of_columns(outcome, columns, Format::of_input(&outcome.table).delimiter)
    }

    /// A writer of some columns.
    pub(super) fn of_columns(outcome: &'a Outcome, columns: Vec<usize>, delimiter: u8) -> Self {
        let table = &outcome.table;
        let plain = table
            .columns
            .par_iter()
            .map(|column| !column.dictionary.iter().any(|v| needs_quotes(v.as_bytes(), delimiter)))
            .collect();
        Self { outcome, columns, plain, labels: Labels::new(table) }
    }

    /// The columns alone of one person.
    pub(super) fn write_row(&self, person: u32, lines: &mut Lines) {
        let overrides = self.outcome.fields.overrides();
        let start = overrides.partition_point(|o| o.person < person);
        let end = start + overrides[start..].iter().take_while(|o| o.person == person).count();
        self.write_cells(person, start..end, lines);
        lines.end();
    }

    fn write(&self, persons: Range<usize>, lines: &mut Lines) {
        let overrides = self.outcome.fields.overrides();
        // Overrides are in order of persons and columns: walked along, not searched for each cell.
        let mut next = overrides.partition_point(|o| (o.person as usize) < persons.start);
        for person in persons {
            let end =
                next + overrides[next..].iter().take_while(|o| o.person as usize == person).count();
            self.write_cells(person as u32, next..end, lines);
            next = end;
            self.write_added(person, lines);
            lines.end();
        }
    }

    fn write_cells(&self, person: u32, overrides: Range<usize>, lines: &mut Lines) {
        let (table, fields) = (&self.outcome.table, &self.outcome.fields);
        let overrides = &fields.overrides()[overrides];
        let (records, repairs) = (&self.outcome.records, &self.outcome.repairs);
        for &c in &self.columns {
            let column = &table.columns[c];
            let exception = overrides.iter().find(|o| o.column as usize == c).map(|o| &o.value);
            let chosen = fields.choice(c, person);
            if let Some(fixed) = repairs.shown(table, records, c, chosen, exception) {
                lines.cell(&fixed.text);
                continue;
            }
            match exception {
                None => {
                    let id = column.ids[chosen.index()];
                    match (id, self.plain[c]) {
                        (ValueId::MISSING, _) => lines.empty(),
                        (id, true) => lines.plain(column.dictionary.get(id)),
                        (id, false) => lines.cell(column.dictionary.get(id)),
                    }
                }
                Some(Value::Cell { column, record }) => {
                    lines.cell(table.columns[*column as usize].get(*record));
                }
                Some(Value::Text(text)) => lines.cell(text),
            }
        }
    }

    fn write_added(&self, person: usize, lines: &mut Lines) {
        let outcome = self.outcome;
        lines.plain(outcome.person_ids.get(person as u32));
        self.write_score(person, lines);
        let consent = &outcome.consent;
        match (consent.email.get(person), consent.phone.get(person)) {
            (Some(email), Some(phone)) => {
                lines.flag(email.may);
                lines.flag(phone.may);
                lines.joined(|text| {
                    for part in ["email: ", email.reason(), "; phone: ", phone.reason()] {
                        text.push_str(part);
                    }
                    let flag = if email.flag().is_empty() { phone.flag() } else { email.flag() };
                    if !flag.is_empty() {
                        text.push_str("; ");
                        text.push_str(flag);
                    }
                });
            }
            _ => (0..3).for_each(|_| lines.empty()),
        }
        lines.joined(|text| {
            for (i, &record) in outcome.matched.clusters.members(person as u32).iter().enumerate() {
                text.push_str(if i > 0 { "; " } else { "" });
                self.labels.push(record, text);
            }
        });
    }

    fn write_score(&self, person: usize, lines: &mut Lines) {
        let outcome = self.outcome;
        let first = outcome.models.first().zip(outcome.scored.models.first());
        let Some((model, scores)) = first.filter(|(_, scores)| person < scores.len()) else {
            return (0..3).for_each(|_| lines.empty());
        };
        match scores.score_of(person) {
            Some(score) => lines.points(score),
            None => lines.empty(),
        }
        let band = match scores.band[person] {
            NO_BAND => None,
            band => model.bands.get(band as usize),
        };
        lines.cell(band.map_or("", |b| &b.id));
        lines.cell(band.and_then(|b| b.action.as_deref()).unwrap_or(""));
    }
}
