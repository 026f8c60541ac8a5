//! Which cell every column of a merged lead shows, and why.
//!
//! For each person and column: the record whose raw cell is written, and the rule that chose it.
//! Validity comes first, then recency, then completeness. Columns of an address come from one record
//! (`block`); e-mails and phones are kept all (`multi`); lists are united. Why choices and not
//! values: a choice names its record, so every value can be traced and every loser found. Only what
//! no record holds as it stands (a united list, a sum, an address moved into a free column) is an
//! override. Persons of one record cost nothing.

use super::policy::{BlankFill, FieldRule, Take};
use super::survivor::Evidence;
use crate::cluster::Clusters;
use crate::record::{RecordId, Table, ValueId};
use rayon::prelude::*;

mod block;
mod chosen;
mod job;
mod multi;
mod pick;

pub use chosen::Chosen;

/// What a column holds, as far as merging cares.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum FieldClass {
    /// One value on its own.
    #[default]
    Plain,
    /// Part of the block of this number (an address): its columns come from one record.
    Block(u8),
    /// Part of the name: its columns come from one record as well, but blanks are filled.
    Name,
    /// An e-mail address; the first such column is the primary one.
    Email,
    /// A phone number; the first such column is the primary one.
    Phone,
    /// When the record was created: the earliest.
    Created,
    /// Where the lead came from at first: that of the record created first.
    FirstTouch,
    /// The last activity: the latest.
    LastActivity,
    /// The employer; titles follow it.
    Company,
    /// A job title: never one of another employer than the lead shows.
    Title,
    /// Added by an earlier run: written anew, so it counts for nothing.
    EarlierRun,
    /// A list of items with this separator: united.
    List(String),
    /// A state of consent: the one that permits least.
    Consent,
}

/// A column as merging sees it; one for each column of the table.
#[derive(Debug, Clone, Default)]
pub struct Field<'a> {
    /// What it holds.
    pub class: FieldClass,
    /// How it is merged; dates, first touch, lists and consent have rules of their own.
    pub rule: FieldRule,
    /// Per distinct raw value: 2 valid, 1 unknown, 0 invalid or a placeholder. Empty: all unknown.
    pub quality: &'a [u8],
    /// Per distinct raw value: equal for values that mean the same. All e-mail columns share one
    /// numbering, all phone columns another. Empty: raw values are compared.
    pub key: &'a [u32],
    /// Per distinct raw value: a number, time or rank for `max`, `min` and `most-restrictive`;
    /// `i64::MIN` for none. Empty: numbers are read from the text.
    pub measure: &'a [i64],
}

/// A value that is not the chosen record's own cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// The cell of another column.
    Cell {
        /// The column it comes from.
        column: u32,
        /// The record it comes from.
        record: RecordId,
    },
    /// A computed text.
    Text(String),
}

/// A cell that differs from the chosen record's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// Person.
    pub person: u32,
    /// Column.
    pub column: u32,
    /// What to write.
    pub value: Value,
}

/// An e-mail or phone that found no column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extra {
    /// Person.
    pub person: u32,
    /// The column that holds it in its record.
    pub column: u32,
    /// Its record.
    pub record: RecordId,
}

/// The merged leads, as choices.
#[derive(Debug, Clone, Default)]
pub struct MergedFields {
    /// The surviving record, per person.
    pub survivor: Vec<RecordId>,
    /// Cells that differ from the chosen record's, by person and column.
    overrides: Vec<Override>,
    /// Per person: whether there are any; a bit each, so that most are told without a search.
    overridden: Vec<u64>,
    /// E-mails and phones that found no column, by person.
    pub extra: Vec<Extra>,
    /// Disputed cells of `take = "review"` as (person, column), by person.
    pub review: Vec<(u32, u32)>,
    columns: usize,
    /// Per person: place in `choice` and `chosen`; `u32::MAX` for a record alone.
    slot: Vec<u32>,
    /// Per slot and column.
    choice: Vec<RecordId>,
    chosen: Vec<Chosen>,
}

impl MergedFields {
    /// The record whose cell a column shows (see [`MergedFields::override_of`] for the exceptions).
    pub fn choice(&self, column: usize, person: u32) -> RecordId {
        match self.slot[person as usize] {
            u32::MAX => self.survivor[person as usize],
            slot => self.choice[slot as usize * self.columns + column],
        }
    }

    /// Why.
    pub fn chosen(&self, column: usize, person: u32) -> Chosen {
        match self.slot[person as usize] {
            u32::MAX => Chosen::OnlyRecord,
            slot => self.chosen[slot as usize * self.columns + column],
        }
    }

    /// Cells that differ from the chosen record's, by person and column.
    pub fn overrides(&self) -> &[Override] {
        &self.overrides
    }

    /// Takes the overrides out, to be changed and put back.
    pub(crate) fn take_overrides(&mut self) -> Vec<Override> {
        self.overridden.clear();
        std::mem::take(&mut self.overrides)
    }

    /// Puts overrides in, in any order.
    pub(crate) fn put_overrides(&mut self, mut overrides: Vec<Override>) {
        overrides.sort_by_key(|o| (o.person, o.column));
        self.overridden = vec![0; self.slot.len().div_ceil(64)];
        for o in &overrides {
            if let Some(word) = self.overridden.get_mut(o.person as usize / 64) {
                *word |= 1 << (o.person % 64);
            }
        }
        self.overrides = overrides;
    }

    /// The value written instead of the chosen record's cell, when there is one.
    pub fn override_of(&self, column: usize, person: u32) -> Option<&Value> {
        let word = self.overridden.get(person as usize / 64)?;
        if word >> (person % 64) & 1 == 0 {
            return None;
        }
        let at = |o: &Override| (o.person, o.column as usize).cmp(&(person, column));
        self.overrides.binary_search_by(at).ok().map(|i| &self.overrides[i].value)
    }

    /// The text a column shows.
    pub fn text<'a>(&'a self, table: &'a Table, column: usize, person: u32) -> &'a str {
        match self.override_of(column, person) {
            None => table.columns[column].get(self.choice(column, person)),
            Some(Value::Cell { column, record }) => table.columns[*column as usize].get(*record),
            Some(Value::Text(text)) => text,
        }
    }
}

/// Filled, usable cells per record: what "most complete" counts.
pub fn count_filled(table: &Table, fields: &[Field]) -> Vec<u16> {
    let mut filled = vec![0u16; table.len()];
    filled.par_chunks_mut(1 << 14).enumerate().for_each(|(chunk, filled)| {
        let first = chunk << 14;
        for (column, field) in table.columns.iter().zip(fields) {
            if field.class == FieldClass::EarlierRun {
                continue;
            }
            let ids = &column.ids[first..first + filled.len()];
            for (count, id) in filled.iter_mut().zip(ids) {
                *count = count.saturating_add(u16::from(field.rank(*id) > 1));
            }
        }
    });
    filled
}

/// Chooses every cell of every person; `fields` has an entry for each column of the table.
pub fn merge_fields(
    clusters: &Clusters,
    evidence: &Evidence,
    survivor: Vec<RecordId>,
    fields: &[Field],
) -> MergedFields {
    let columns = fields.len().min(evidence.table.columns.len());
    let merged: Vec<u32> =
        (0..clusters.len() as u32).filter(|&p| clusters.members(p).len() > 1).collect();
    let mut slot = vec![u32::MAX; clusters.len()];
    for (i, &person) in merged.iter().enumerate() {
        slot[person as usize] = i as u32;
    }
    let mut choice = vec![RecordId(0); merged.len() * columns];
    let mut chosen = vec![Chosen::default(); merged.len() * columns];
    let merge = Merge::new(evidence, fields, columns);
    let size = 256;
    let parts: Vec<Leftover> = merged
        .par_chunks(size)
        .zip(choice.par_chunks_mut((size * columns).max(1)))
        .zip(chosen.par_chunks_mut((size * columns).max(1)))
        .map(|((persons, choice), chosen)| {
            let mut left = Leftover::default();
            let rows = choice.chunks_mut(columns).zip(chosen.chunks_mut(columns));
            for (&person, (choice, chosen)) in persons.iter().zip(rows) {
                let members = clusters.members(person);
                let survivor = survivor[person as usize];
                let lead = Lead { person, members, survivor, choice, chosen };
                merge.person(lead, &mut left);
            }
            left
        })
        .collect();
    let mut all = MergedFields { survivor, columns, slot, choice, chosen, ..Default::default() };
    let mut overrides = Vec::new();
    for part in parts {
        overrides.extend(part.overrides);
        all.extra.extend(part.extra);
        all.review.extend(part.review);
    }
    all.put_overrides(overrides);
    all
}

/// What a worker found beyond plain choices.
#[derive(Debug, Default)]
struct Leftover {
    overrides: Vec<Override>,
    extra: Vec<Extra>,
    review: Vec<(u32, u32)>,
}

/// A person being merged.
struct Lead<'a> {
    person: u32,
    members: &'a [RecordId],
    survivor: RecordId,
    choice: &'a mut [RecordId],
    chosen: &'a mut [Chosen],
}

impl Lead<'_> {
    fn set(&mut self, column: usize, (record, chosen): (RecordId, Chosen)) {
        self.choice[column] = record;
        self.chosen[column] = chosen;
    }
}

/// Everything choosing reads.
struct Merge<'a> {
    evidence: &'a Evidence<'a>,
    fields: &'a [Field<'a>],
    /// Columns merged one by one.
    single: Vec<usize>,
    blocks: Vec<Vec<usize>>,
    name: Vec<usize>,
    emails: Vec<usize>,
    phones: Vec<usize>,
    companies: Vec<usize>,
    titles: Vec<usize>,
}

impl<'a> Merge<'a> {
    fn new(evidence: &'a Evidence<'a>, fields: &'a [Field<'a>], columns: usize) -> Self {
        let mut merge = Self {
            evidence,
            fields,
            single: Vec::new(),
            blocks: Vec::new(),
            name: Vec::new(),
            emails: Vec::new(),
            phones: Vec::new(),
            companies: Vec::new(),
            titles: Vec::new(),
        };
        let mut blocks: std::collections::BTreeMap<u8, Vec<usize>> = Default::default();
        for (c, field) in fields[..columns].iter().enumerate() {
            match field.class {
                FieldClass::Block(block) => blocks.entry(block).or_default().push(c),
                FieldClass::Name => merge.name.push(c),
                FieldClass::Email => merge.emails.push(c),
                FieldClass::Phone => merge.phones.push(c),
                FieldClass::Title => merge.titles.push(c),
                FieldClass::Company => {
                    merge.companies.push(c);
                    merge.single.push(c);
                }
                _ => merge.single.push(c),
            }
        }
        merge.blocks = blocks.into_values().collect();
        merge
    }

    fn person(&self, mut lead: Lead, left: &mut Leftover) {
        for &column in &self.single {
            self.single(column, &mut lead, left);
        }
        self.titles(&mut lead, left);
        for columns in &self.blocks {
            self.block(columns, &mut lead, left);
        }
        self.block(&self.name, &mut lead, left);
        self.fill(&self.name, &mut lead);
        self.multi(&self.emails, &mut lead, left);
        self.multi(&self.phones, &mut lead, left);
    }

    fn id(&self, column: usize, record: RecordId) -> ValueId {
        self.evidence.table.columns[column].ids[record.index()]
    }

    /// 0 blank, 1 invalid, 2 unknown, 3 valid.
    fn rank(&self, column: usize, record: RecordId) -> u8 {
        self.fields[column].rank(self.id(column, record))
    }

    fn key(&self, column: usize, record: RecordId) -> u32 {
        self.fields[column].key_of(self.id(column, record))
    }

    fn text(&self, column: usize, record: RecordId) -> &str {
        self.evidence.table.columns[column].get(record)
    }

    /// Recency, then completeness; the survivor and canonical order settle the rest.
    fn freshness(&self, record: RecordId, survivor: RecordId) -> impl Ord + use<> {
        (
            self.evidence.recency(record),
            self.evidence.filled(record),
            record == survivor,
            std::cmp::Reverse(record),
        )
    }
}

impl Field<'_> {
    fn rank(&self, id: ValueId) -> u8 {
        match id {
            ValueId::MISSING => 0,
            id => self.quality.get(id.index()).map_or(2, |q| q.min(&2) + 1),
        }
    }

    fn key_of(&self, id: ValueId) -> u32 {
        self.key.get(id.index()).copied().unwrap_or(id.0)
    }

    fn fills(&self) -> bool {
        self.rule.take != Take::Survivor || self.rule.blank_fill == BlankFill::Yes
    }
}

#[cfg(test)]
mod tests;
