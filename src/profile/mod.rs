//! How good the data is, column by column: filled, valid, distinct, in which formats, and what
//! repairing would change.
//!
//! Beside the run, not part of it: nothing is matched or merged. `profile` prints it, checks and
//! reports read the same numbers, so that a file has one hygiene score wherever it is shown.

pub mod judge;
pub mod shape;
mod text;

use crate::normalize::record::Records;
use crate::normalize::repair::{RepairCounts, Repairs};
use crate::pipeline::{NormalizedLeads, Outcome};
use crate::quality::mask::{Reveal, mask};
use crate::record::{SourceInfo, Table, ValueId};
use crate::schema::{Role, UnitedSchema};
use judge::{Judge, Judgement, Validity};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;

/// Version of the format of the JSON.
pub const FORMAT: u32 = 1;
/// Formats and values that are told of a column.
const SHOWN: usize = 5;

/// The formula of the scores, as reports print it.
pub const FORMULA: &str = "field: 100 x (0.4 completeness + 0.4 validity + 0.2 consistency), \
    where completeness is filled cells / records, validity is valid cells / filled cells (a \
    doubtful cell counts half), consistency is filled cells that need no repair / filled cells. \
    File: the mean of its fields with a known role; e-mail, phone, name and company count three \
    times";

/// The profile of a file, or of several that are read together.
#[derive(Debug, Clone, Serialize)]
pub struct Profile {
    /// Version of this format.
    pub format: u32,
    /// Records read.
    pub records: usize,
    /// Rows that could not be read.
    pub rejects: usize,
    /// What was read.
    pub sources: Vec<SourceInfo>,
    /// Hygiene of the whole, 0 to 100.
    pub hygiene: f64,
    /// How hygiene is computed.
    pub formula: &'static str,
    /// Cells that repairing would change.
    pub repairs: RepairCounts,
    /// The columns in their order.
    pub columns: Vec<ColumnProfile>,
}

/// The profile of a column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnProfile {
    /// Its header.
    pub header: String,
    /// What it means.
    pub role: Role,
    /// Why we think so.
    pub why: String,
    /// Cells with a value; words that mean empty (`n/a`) are none.
    pub filled: u64,
    /// Share of records with a value.
    pub completeness: f64,
    /// Distinct values.
    pub distinct: u64,
    /// Share of filled cells whose value no other record has.
    pub uniqueness: f64,
    /// Valid, doubtful and invalid cells; absent for columns whose values have no form of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validity: Option<ValidityCounts>,
    /// The commonest formats: letters as `A` and `a`, digits as `9`.
    pub formats: Vec<Share>,
    /// The commonest values, masked where they may be a person's.
    pub top: Vec<Share>,
    /// The form the column is written in when repaired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// Cells that repairing would change.
    pub repairs: RepairCounts,
    /// Hygiene of the column, 0 to 100; absent for columns without a known role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hygiene: Option<f64>,
}

/// How the filled cells of a column fare.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ValidityCounts {
    /// Usable as what they should be.
    pub valid: u64,
    /// Perhaps usable.
    pub doubtful: u64,
    /// Not usable.
    pub invalid: u64,
    /// Why, with the number of cells.
    pub reasons: BTreeMap<&'static str, u64>,
}

/// A format or value with the cells that have it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Share {
    /// The format or value.
    pub text: String,
    /// Cells.
    pub cells: u64,
    /// Share of the filled cells.
    pub share: f64,
}

/// What a profile looks at.
#[derive(Debug, Clone, Copy)]
pub struct Leads<'a> {
    /// The records.
    pub table: &'a Table,
    /// What the columns mean.
    pub schema: &'a UnitedSchema,
    /// The records normalized.
    pub records: &'a Records,
    /// How cells would be repaired.
    pub repairs: &'a Repairs,
}

impl<'a> From<&'a NormalizedLeads> for Leads<'a> {
    fn from(leads: &'a NormalizedLeads) -> Self {
        let NormalizedLeads { table, schema, records, repairs, .. } = leads;
        Self { table, schema, records, repairs }
    }
}

/// Hygiene of the leads of a whole run, 0 to 100.
pub fn hygiene_of(outcome: &Outcome) -> f64 {
    let Outcome { table, schema, records, repairs, .. } = outcome;
    file_hygiene(&columns(&Leads { table, schema, records, repairs }, Reveal::None))
}

fn columns(leads: &Leads<'_>, reveal: Reveal) -> Vec<ColumnProfile> {
    let columns = (0..leads.table.columns.len()).into_par_iter();
    columns.map(|column| profile_column(leads, column, reveal)).collect()
}

/// Profiles leads that were read and normalized.
pub fn profile(leads: &NormalizedLeads, reveal: Reveal) -> Profile {
    let columns = columns(&Leads::from(leads), reveal);
    Profile {
        format: FORMAT,
        records: leads.table.len(),
        rejects: leads.rejects.len(),
        sources: leads.table.sources.clone(),
        hygiene: file_hygiene(&columns),
        formula: FORMULA,
        repairs: leads.repairs.counts.clone(),
        columns,
    }
}

/// Profiles one column.
pub fn profile_column(leads: &Leads<'_>, column: usize, reveal: Reveal) -> ColumnProfile {
    let (table, schema) = (leads.table, &leads.schema.columns[column]);
    let cells = &table.columns[column];
    let mut counts = vec![0u64; cells.dictionary.len()];
    for id in &cells.ids {
        counts[id.index()] += 1;
    }
    let judge = Judge::new(leads, column);
    let judgements: Vec<Judgement> = (0..counts.len() as u32)
        .into_par_iter()
        .with_min_len(512)
        .map(|v| judge.judge(cells.dictionary.get(ValueId(v)), v))
        .collect();
    let held = || (1..counts.len()).filter(|&v| counts[v] > 0);
    let filled_values: Vec<usize> =
        held().filter(|&v| judgements[v].validity != Validity::Missing).collect();
    let filled: u64 = filled_values.iter().map(|&v| counts[v]).sum();
    let mut validity = ValidityCounts::default();
    let mut formats: BTreeMap<String, u64> = BTreeMap::new();
    for &v in &filled_values {
        let count = match judgements[v].validity {
            Validity::Valid => &mut validity.valid,
            Validity::Doubtful => &mut validity.doubtful,
            _ => &mut validity.invalid,
        };
        *count += counts[v];
        if !judgements[v].reason.is_empty() {
            *validity.reasons.entry(judgements[v].reason).or_default() += counts[v];
        }
        let format = shape::shape(cells.dictionary.get(ValueId(v as u32)));
        *formats.entry(format).or_default() += counts[v];
    }
    let personal = is_personal(schema.role);
    let shown = |v: usize| match (cells.dictionary.get(ValueId(v as u32)), reveal) {
        (text, Reveal::Masked) if personal => mask(text),
        (_, Reveal::None) if personal => String::new(),
        (text, _) => text.to_string(),
    };
    let mut values: Vec<usize> = filled_values.clone();
    let text = |v: usize| cells.dictionary.get(ValueId(v as u32));
    // By content among equals: value ids depend on the order of rows.
    values.sort_by(|&a, &b| (counts[b], text(a)).cmp(&(counts[a], text(b))));
    let repairs = leads.repairs.count_column(table, column);
    let assessed = judge.assesses();
    let single = filled_values.iter().filter(|&&v| counts[v] == 1).count() as u64;
    ColumnProfile {
        header: cells.header.clone(),
        role: schema.role,
        why: schema.why.clone(),
        filled,
        completeness: ratio(filled, table.len() as u64),
        distinct: filled_values.len() as u64,
        uniqueness: ratio(single, filled),
        hygiene: has_role(schema.role)
            .then(|| hygiene(filled, table.len() as u64, &validity, repairs.cells)),
        validity: assessed.then_some(validity),
        formats: most(formats.into_iter().collect(), filled),
        top: most(values.iter().take(SHOWN).map(|&v| (shown(v), counts[v])).collect(), filled),
        form: leads.repairs.form(column),
        repairs,
    }
}

/// The largest first; equals by text.
fn most(mut all: Vec<(String, u64)>, filled: u64) -> Vec<Share> {
    all.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
    let share = |(text, cells)| Share { text, cells, share: ratio(cells, filled) };
    all.into_iter().take(SHOWN).map(share).collect()
}

/// A share with four decimals; 0 of nothing.
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64 * 10_000.0).round() / 10_000.0 }
}

/// See [`FORMULA`]; one decimal.
fn hygiene(filled: u64, records: u64, validity: &ValidityCounts, repaired: u64) -> f64 {
    if filled == 0 || records == 0 {
        return 0.0;
    }
    let share = |part: f64, whole: u64| part / whole as f64;
    let valid = validity.valid as f64 + validity.doubtful as f64 / 2.0;
    let score = 0.4 * share(filled as f64, records)
        + 0.4 * share(valid, filled)
        + 0.2 * share(filled.saturating_sub(repaired) as f64, filled);
    (score * 1000.0).round() / 10.0
}

fn file_hygiene(columns: &[ColumnProfile]) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for column in columns {
        if let Some(hygiene) = column.hygiene {
            let weight = if is_contact(column.role) { 3.0 } else { 1.0 };
            sum += hygiene * weight;
            weights += weight;
        }
    }
    if weights == 0.0 { 0.0 } else { (sum / weights * 10.0).round() / 10.0 }
}

fn has_role(role: Role) -> bool {
    !matches!(role, Role::Generic | Role::Ignored | Role::FreeText | Role::Consent(_))
}

fn is_contact(role: Role) -> bool {
    use Role::{Company, Email, FamilyName, FullName, GivenName, Mobile, Phone};
    matches!(role, Email | Phone | Mobile | GivenName | FamilyName | FullName | Company)
}

/// Roles whose values may tell who somebody is; columns without a role may hold anything.
fn is_personal(role: Role) -> bool {
    use Role::{
        Category, City, Company, Country, Created, Department, Employees, Grade, Industry,
        LastActivity, LeadSource, NamePrefix, Region, Revenue, Score, Stage, Title, Updated,
        Website,
    };
    !matches!(
        role,
        Company
            | Title
            | Department
            | City
            | Region
            | Country
            | LeadSource
            | Stage
            | Industry
            | Category
            | Employees
            | Revenue
            | Score
            | Grade
            | NamePrefix
            | Website
            | Created
            | Updated
            | LastActivity
            | Role::Consent(_)
    )
}

#[cfg(test)]
mod tests;
