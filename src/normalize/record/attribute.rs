//! Birth dates, time stamps, identifiers and columns without a role of their own.

use super::{Builder, QUALITY_BAD, QUALITY_GOOD};
use crate::compare::feature::{Generic, NONE, pack_date};
use crate::normalize::date::{self, ColumnOrder, DateOrder, Reading};
use crate::normalize::text;
use crate::record::{Dictionary, DictionaryBuilder, ValueId};
use crate::schema::{Role, Schema};
use rayon::prelude::*;

/// Time not known.
pub const NO_TIME: i64 = i64::MIN;

impl Builder<'_> {
    /// Reads birth dates, whole or in parts.
    pub(super) fn read_births(&mut self) {
        for column in self.columns_of(&[Role::BirthDate]) {
            let dictionary = &self.table.columns[column].dictionary;
            let header = &self.table.columns[column].header;
            let given = self.given.and_then(|given| super::Reading::of(&given.births, header));
            let order = given.unwrap_or_else(|| order_of(dictionary, self.inputs.first()));
            self.reading.births.push((header.clone(), order));
            let dictionary = &self.table.columns[column].dictionary;
            let parsed: Vec<u32> = (0..dictionary.len() as u32)
                .into_par_iter()
                .with_min_len(1024)
                .map(|v| {
                    date::birth(dictionary.get(ValueId(v)), order)
                        .value
                        .map_or(0, |b| pack_date(b.year.unwrap_or(0), b.month, b.day))
                })
                .collect();
            self.quality[column] = Some(
                parsed.iter().map(|&b| if b != 0 { QUALITY_GOOD } else { QUALITY_BAD }).collect(),
            );
            let values = &self.table.columns[column].ids;
            for (row, value) in self.features.rows.iter_mut().zip(values) {
                if row.birth == 0 {
                    row.birth = parsed[value.index()];
                }
            }
        }
        let part = |role: Role| self.columns_of(&[role]).into_iter().next();
        let parts = [part(Role::BirthYear), part(Role::BirthMonth), part(Role::BirthDay)];
        if parts[0].is_none() && parts[1].is_none() {
            return;
        }
        for record in 0..self.table.len() {
            if self.features.rows[record].birth != 0 {
                continue;
            }
            let number = |column: Option<usize>| -> u16 {
                column
                    .map(|c| &self.table.columns[c])
                    .and_then(|c| c.dictionary.get(c.ids[record]).trim().parse().ok())
                    .unwrap_or(0)
            };
            let (year, month, day) = (number(parts[0]), number(parts[1]), number(parts[2]));
            if month <= 12 && day <= 31 && (year == 0 || year > 1000) {
                self.features.rows[record].birth = pack_date(year, month as u8, day as u8);
            }
        }
    }

    /// Reads the time columns of a role; the first filled one counts.
    pub(super) fn read_times(&mut self, role: Role) -> Vec<i64> {
        let mut times = vec![NO_TIME; self.table.len()];
        for column in self.columns_of(&[role]) {
            let parsed = self.parse_times(column);
            let known = |v: usize| parsed.iter().any(|source| source[v] != NO_TIME);
            self.quality[column] = Some(
                (0..self.table.columns[column].dictionary.len())
                    .map(|v| if known(v) { QUALITY_GOOD } else { QUALITY_BAD })
                    .collect(),
            );
            // Sources that read a cell in another order of day and month are rare; the first one that
            // can read it stands for all where only the value is at hand.
            let first = |v: usize| parsed.iter().map(|s| s[v]).find(|&t| t != NO_TIME);
            self.times[column] = (0..self.table.columns[column].dictionary.len())
                .map(|v| first(v).unwrap_or(NO_TIME))
                .collect();
            let values = &self.table.columns[column].ids;
            for ((time, value), &source) in times.iter_mut().zip(values).zip(&self.table.source) {
                if *time == NO_TIME {
                    let of_source = parsed.get(source as usize).unwrap_or(&parsed[0]);
                    *time = of_source[value.index()];
                }
            }
        }
        times
    }

    /// Times of a column per value id, read in the order of day and month that each source's own
    /// cells decide: two exports in one run need not agree.
    fn parse_times(&self, column: usize) -> Vec<Vec<i64>> {
        let column = &self.table.columns[column];
        if self.inputs.len() == 1 {
            let reading = Reading {
                order: order_of(&column.dictionary, self.inputs.first()),
                ..Reading::default()
            };
            return vec![parse_all(&column.dictionary, reading, |_| true)];
        }
        (0..self.inputs.len())
            .map(|source| {
                let mut used = vec![false; column.dictionary.len()];
                for (value, _) in column
                    .ids
                    .iter()
                    .zip(&self.table.source)
                    .filter(|(_, s)| **s as usize == source)
                {
                    used[value.index()] = true;
                }
                let own = (0..used.len()).filter(|&v| used[v]);
                let cells = own.map(|v| column.dictionary.get(ValueId(v as u32)));
                let order = with_default(ColumnOrder::decide(cells).order, self.inputs.get(source));
                let reading = Reading { order, ..Reading::default() };
                parse_all(&column.dictionary, reading, |v| used[v])
            })
            .collect()
    }

    /// Reads identifiers of other systems, and columns that tell records apart without a role.
    pub(super) fn read_generics(&mut self) {
        for column in self.columns_of(&[Role::ExternalId, Role::Generic]) {
            let external = self.roles[column] == Role::ExternalId;
            let source = &self.table.columns[column];
            let folded: Vec<String> = (0..source.dictionary.len() as u32)
                .into_par_iter()
                .with_min_len(512)
                .map(|v| fold_value(source.dictionary.get(ValueId(v)), external))
                .collect();
            let mut values = DictionaryBuilder::default();
            let of_value: Vec<u32> =
                folded.iter().map(|v| values.intern(v).map_or(NONE, |id| id.0)).collect();
            let values = values.finish();
            let ids: Vec<u32> = source.ids.iter().map(|v| of_value[v.index()]).collect();
            let mut records = vec![0; values.len()];
            for &id in &ids {
                records[id as usize] += 1;
            }
            records[0] = 0;
            self.features.generics.push(Generic {
                header: source.header.clone(),
                external,
                ids,
                values,
                records,
            });
        }
    }
}

fn fold_value(value: &str, external: bool) -> String {
    if value.is_empty() || text::is_null_word(value) {
        return String::new();
    }
    // Identifiers are opaque and case-sensitive.
    if external { value.trim().to_string() } else { text::fold(value) }
}

/// The order of day and month that the cells decide, else the product's.
fn order_of(dictionary: &Dictionary, input: Option<&Schema>) -> DateOrder {
    with_default(ColumnOrder::decide(dictionary.iter()).order, input)
}

fn with_default(decided: DateOrder, input: Option<&Schema>) -> DateOrder {
    input.map_or(decided, |input| crate::normalize::activity::with_product(decided, input))
}

fn parse_all(
    dictionary: &Dictionary,
    reading: Reading,
    used: impl Fn(usize) -> bool + Sync,
) -> Vec<i64> {
    (0..dictionary.len())
        .into_par_iter()
        .with_min_len(1024)
        .map(|v| {
            if !used(v) {
                return NO_TIME;
            }
            let read = date::parse(dictionary.get(ValueId(v as u32)), reading);
            read.value.map_or(NO_TIME, |t| t.micros)
        })
        .collect()
}
