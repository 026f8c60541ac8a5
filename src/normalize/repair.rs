//! Repairing: what a cell should look like when it is written, decided once per distinct value.
//!
//! Stands between normalizing and writing. Matching never sees it: features come from the raw
//! values. What is repaired is only what is certain, and every repaired value is read back before it
//! counts: it must mean, to the same normalizer and for the same country, what the raw one meant.
//! Why the form of a column is by default the one most of its values have: a database has its
//! habits, and a tool that rewrites every phone of it is no repair.

mod country;
mod date;
mod email;
mod name;
mod phone;
mod policy;
mod postcode;
mod rule;
mod spelling;
#[cfg(test)]
mod tests;
mod text;

pub use country::CountryForm;
pub use date::DateForm;
pub use phone::PhoneForm;
pub use policy::{RepairLevel, RepairPolicy};
pub use postcode::PostcodeForm;

use super::record::Records;
use crate::merge::field::{MergedFields, Value};
use crate::record::{Column, RecordId, Table, ValueId};
use crate::schema::UnitedSchema;
use rayon::prelude::*;
use rule::{Habits, Rule};
use std::collections::BTreeMap;

/// The kinds of repair, in the order in which reports count them.
pub const KINDS: [&str; 10] = [
    "white-space",
    "invisible-characters",
    "mojibake",
    "email-case",
    "phone-form",
    "country-form",
    "date-form",
    "postcode-form",
    "name-case",
    "majority-spelling",
];

/// Which kinds of repair a value took: one bit per entry of [`KINDS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kinds(u16);

impl Kinds {
    /// The kind of this name alone; none when there is no such kind.
    fn of(name: &str) -> Self {
        KINDS.iter().position(|kind| *kind == name).map_or(Self(0), |at| Self(1 << at))
    }

    fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The names of the kinds.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        KINDS.into_iter().enumerate().filter(move |(i, _)| self.0 >> i & 1 == 1).map(|(_, k)| k)
    }
}

/// A repaired value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// What is written.
    pub text: String,
    /// What was done.
    pub kinds: Kinds,
}

/// How many cells were repaired.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct RepairCounts {
    /// Cells that are written otherwise than they were read.
    pub cells: u64,
    /// Repairs by kind; a cell may take several.
    pub kinds: BTreeMap<&'static str, u64>,
}

impl RepairCounts {
    fn add(&mut self, kinds: Kinds, cells: u64) {
        self.cells += cells;
        for kind in kinds.names() {
            *self.kinds.entry(kind).or_default() += cells;
        }
    }

    fn join(mut self, other: Self) -> Self {
        self.cells += other.cells;
        for (kind, count) in other.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
        self
    }
}

/// The repairs of one column.
#[derive(Debug, Default)]
pub struct ColumnRepairs {
    /// Per value id: place in `fixed` plus one, 0 for a value that stays; empty when all stay.
    index: Vec<u32>,
    fixed: Vec<Fixed>,
    rule: Rule,
}

impl ColumnRepairs {
    /// The repaired form of a value; `None` when it stays as it is.
    #[inline]
    pub fn get(&self, value: ValueId) -> Option<&Fixed> {
        match self.index.get(value.index()) {
            None | Some(0) => None,
            Some(&at) => self.fixed.get(at as usize - 1),
        }
    }

    /// Whether no value of the column is repaired.
    pub fn is_empty(&self) -> bool {
        self.fixed.is_empty()
    }

    /// The form the column is written in, where it has one: `e164`, `%d/%m/%Y`, `alpha2`.
    pub fn form(&self) -> Option<String> {
        self.rule.form()
    }
}

/// The repairs of a table.
#[derive(Debug, Default)]
pub struct Repairs {
    columns: Vec<ColumnRepairs>,
    /// Cells repaired in what is written, as [`Repairs::count_leads`] or
    /// [`Repairs::count_records`] counted them.
    pub counts: RepairCounts,
}

/// Decides the repairs of all columns.
pub fn repairs(
    table: &Table,
    schema: &UnitedSchema,
    records: &Records,
    policy: &RepairPolicy,
) -> Repairs {
    if policy.level == RepairLevel::None {
        return Repairs::default();
    }
    let columns = (0..table.columns.len())
        .into_par_iter()
        .map(|c| {
            let habits = Habits::new(table, schema, records, c);
            repair_column(&table.columns[c], &habits, policy)
        })
        .collect();
    Repairs { columns, counts: RepairCounts::default() }
}

/// Decides the repairs of one column.
fn repair_column(column: &Column, habits: &Habits, policy: &RepairPolicy) -> ColumnRepairs {
    let rule = Rule::decide(habits, policy);
    if rule.is_nothing() {
        return ColumnRepairs::default();
    }
    let contexts = habits.contexts(&rule);
    let values: Vec<(u32, Fixed)> = (0..column.dictionary.len() as u32)
        .into_par_iter()
        .with_min_len(2048)
        .filter_map(|v| Some((v, rule.fix(column.dictionary.get(ValueId(v)), contexts.of(v))?)))
        .collect();
    let values = rule.review(habits, values);
    let mut repairs = ColumnRepairs { rule, ..ColumnRepairs::default() };
    if !values.is_empty() {
        repairs.index = vec![0; column.dictionary.len()];
        for (value, fixed) in values {
            repairs.fixed.push(fixed);
            repairs.index[value as usize] = repairs.fixed.len() as u32;
        }
    }
    repairs
}

impl Repairs {
    /// The repairs of a column; `None` when no value of it is repaired.
    pub fn column(&self, column: usize) -> Option<&ColumnRepairs> {
        self.columns.get(column).filter(|c| !c.is_empty())
    }

    /// The form a column is written in, where it has one.
    pub fn form(&self, column: usize) -> Option<String> {
        self.columns.get(column)?.form()
    }

    /// The repaired form of a cell that moved to another column: in that column's form.
    pub fn moved(&self, to: usize, raw: &str, country: u16) -> Option<Fixed> {
        self.columns.get(to)?.rule.fix(raw, &[country])
    }

    /// The repaired form of what a merged lead shows, where it differs. `override_of` is the
    /// exception to the chosen record's cell, if there is one.
    pub fn shown(
        &self,
        table: &Table,
        records: &Records,
        column: usize,
        chosen: RecordId,
        exception: Option<&Value>,
    ) -> Option<std::borrow::Cow<'_, Fixed>> {
        use std::borrow::Cow::{Borrowed, Owned};
        match exception {
            None => {
                self.column(column)?.get(table.columns[column].ids[chosen.index()]).map(Borrowed)
            }
            Some(Value::Cell { column: from, record }) if *from as usize == column => {
                self.column(column)?.get(table.columns[column].ids[record.index()]).map(Borrowed)
            }
            Some(Value::Cell { column: from, record }) => {
                let raw = table.columns[*from as usize].get(*record);
                let country = records.features.rows[record.index()].country;
                self.moved(column, raw, country).map(Owned)
            }
            // United lists and sums are made of several cells, consent states by the consent stage.
            Some(Value::Text(_)) => None,
        }
    }

    /// Counts the repaired cells of merged leads.
    pub fn count_leads(
        &mut self,
        table: &Table,
        records: &Records,
        fields: &MergedFields,
        persons: usize,
    ) {
        let mut exceptions: Vec<Vec<usize>> = vec![Vec::new(); self.columns.len()];
        for (at, exception) in fields.overrides().iter().enumerate() {
            if let Some(own) = exceptions.get_mut(exception.column as usize) {
                own.push(at);
            }
        }
        let repairs = &*self;
        let counts = (0..self.columns.len()).into_par_iter().map(|column| {
            let mut counts = RepairCounts::default();
            let mut own = exceptions[column].iter().map(|&at| &fields.overrides()[at]).peekable();
            if repairs.columns[column].is_empty() && own.peek().is_none() {
                return counts;
            }
            for person in 0..persons as u32 {
                let exception = own.next_if(|o| o.person == person).map(|o| &o.value);
                let chosen = fields.choice(column, person);
                if let Some(fixed) = repairs.shown(table, records, column, chosen, exception) {
                    counts.add(fixed.kinds, 1);
                }
            }
            counts
        });
        let counts = counts.reduce(RepairCounts::default, RepairCounts::join);
        self.counts = counts;
    }

    /// Counts the repaired cells of all records.
    pub fn count_records(&mut self, table: &Table) {
        self.counts = (0..self.columns.len())
            .into_par_iter()
            .map(|column| self.count_column(table, column))
            .reduce(RepairCounts::default, RepairCounts::join);
    }

    /// Counts the repaired cells of one column over all records.
    pub fn count_column(&self, table: &Table, column: usize) -> RepairCounts {
        let mut counts = RepairCounts::default();
        if let Some(repairs) = self.column(column) {
            let mut cells = vec![0u64; repairs.fixed.len() + 1];
            for value in &table.columns[column].ids {
                cells[repairs.index[value.index()] as usize] += 1;
            }
            for (fixed, &cells) in repairs.fixed.iter().zip(&cells[1..]) {
                if cells > 0 {
                    counts.add(fixed.kinds, cells);
                }
            }
        }
        counts
    }
}
