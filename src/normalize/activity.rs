//! Activities: rows of event files as kinds, objects and times.
//!
//! Reads what `source` and `schema` found in the activity inputs. The raw cells stay in one table,
//! since every activity is written out again; what matching them into events needs is integers.

use super::date::{self, ColumnOrder, DateOrder, Precision, Reading};
use crate::merge::history::{Activities, NO_TIME, ORPHAN};
use crate::record::{Column, DictionaryBuilder, Table, ValueId};
use crate::schema::{Role, Schema, UnitedSchema, preset};
use crate::score::kind;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// All activities of a run.
#[derive(Debug, Default)]
pub struct ActivityLog {
    /// The rows as they were read, all inputs united, in canonical order.
    pub table: Table,
    /// What their columns mean.
    pub schema: UnitedSchema,
    /// The rows as integers; `record` is filled by binding.
    pub activities: Activities,
    /// Names of the kinds (`email.open`, `other:...`), by kind id.
    pub kinds: Vec<String>,
    /// Names of the objects, by object id; index 0 is none.
    pub objects: Vec<String>,
    /// Points added by the row, in thousandths, where a column says so.
    pub delta: Option<Vec<i64>>,
}

impl ActivityLog {
    /// Number of activities.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The columns that name the lead, best first.
    pub fn lead_columns(&self) -> Vec<usize> {
        self.schema.all(Role::LeadRef).collect()
    }
}

/// Reads the united rows of all activity inputs.
pub fn read(table: Table, schema: UnitedSchema) -> ActivityLog {
    let count = table.len();
    let (kind, kinds) = read_kinds(&table, &schema);
    let (object, objects) = read_objects(&table, &schema);
    let (at, date_only) = read_times(&table, &schema);
    let event_id = match schema.first(Role::ActivityId) {
        Some(column) => table.columns[column].ids.clone(),
        None => vec![ValueId::MISSING; count],
    };
    let delta = schema.first(Role::ActivityDelta).map(|c| read_deltas(&table.columns[c]));
    let activities = Activities {
        source: table.source.clone(),
        row: table.row.clone(),
        event_id,
        kind,
        object,
        at,
        date_only,
        record: vec![ORPHAN; count],
        digest: table.digest.clone(),
    };
    ActivityLog { table, schema, activities, kinds, objects, delta }
}

/// The canonical kind of every row: by the product's numbers, else by name.
fn read_kinds(table: &Table, schema: &UnitedSchema) -> (Vec<u16>, Vec<String>) {
    let mut ids: FxHashMap<String, u16> = FxHashMap::default();
    let mut kinds: Vec<String> = Vec::new();
    let mut intern = |name: String| -> u16 {
        *ids.entry(name).or_insert_with_key(|name| {
            // More kinds than 65,535 are no kinds; what is beyond shares the last.
            if kinds.len() < usize::from(u16::MAX) {
                kinds.push(name.clone());
            }
            (kinds.len() - 1) as u16
        })
    };
    let kind_of_file: Vec<Option<&str>> =
        schema.inputs.iter().map(|input| input.file_kind.as_deref()).collect();
    let kind_of_file = |source: u16| kind_of_file.get(source as usize).copied().flatten();
    let Some(column) = schema.first(Role::ActivityKind) else {
        let of_source = |source| kind_of_file(source).unwrap_or("other:activity").to_string();
        let of_row = table.source.iter().map(|&source| intern(of_source(source))).collect();
        return (of_row, kinds);
    };
    let column = &table.columns[column];
    let mut known: FxHashMap<(u16, ValueId), u16> = FxHashMap::default();
    let of_row = table
        .source
        .iter()
        .zip(&column.ids)
        .map(|(&source, &value)| {
            *known.entry((source, value)).or_insert_with(|| {
                let text = column.dictionary.get(value).trim();
                if let Some(kind) = kind_of_file(source).filter(|_| text.is_empty()) {
                    return intern(kind.to_string());
                }
                let product = schema.inputs.get(source as usize).and_then(|s| s.product.as_deref());
                let number = product.zip(text.parse().ok());
                let named = number.and_then(|(p, n)| kind::canonical_number(p, n));
                intern(named.map_or_else(|| kind::canonical(text), str::to_string))
            })
        })
        .collect();
    (of_row, kinds)
}

/// What each row is about; several object columns are joined.
fn read_objects(table: &Table, schema: &UnitedSchema) -> (Vec<u32>, Vec<String>) {
    let columns: Vec<&Column> =
        schema.all(Role::ActivityObject).map(|c| &table.columns[c]).collect();
    let mut names = DictionaryBuilder::default();
    let of_row = match columns.as_slice() {
        [] => vec![0; table.len()],
        [only] => {
            let clean: Vec<u32> = only
                .dictionary
                .iter()
                .map(|v| {
                    let empty = super::text::is_null_word(v);
                    if empty { 0 } else { names.intern(v.trim()).map_or(0, |id| id.0) }
                })
                .collect();
            only.ids.iter().map(|v| clean[v.index()]).collect()
        }
        several => (0..table.len())
            .map(|row| {
                let cells = several.iter().map(|c| c.dictionary.get(c.ids[row]).trim());
                let filled: Vec<&str> = cells.filter(|c| !super::text::is_null_word(c)).collect();
                names.intern(&filled.join(" | ")).map_or(0, |id| id.0)
            })
            .collect(),
    };
    let names = names.finish();
    (of_row, names.iter().map(str::to_string).collect())
}

/// Times of all rows, read in the order of day and month that each input's cells decide.
fn read_times(table: &Table, schema: &UnitedSchema) -> (Vec<i64>, Vec<bool>) {
    let Some(column) = schema.first(Role::ActivityTime) else {
        return (vec![NO_TIME; table.len()], vec![false; table.len()]);
    };
    let column = &table.columns[column];
    let cells: Vec<Vec<(i64, bool)>> = schema
        .inputs
        .iter()
        .enumerate()
        .map(|(source, input)| read_column_times(column, &table.source, source, input))
        .collect();
    let cell = |row: usize| cells[table.source[row] as usize][column.ids[row].index()];
    (0..table.len()).into_par_iter().with_min_len(4096).map(cell).unzip()
}

fn read_column_times(
    column: &Column,
    sources: &[u16],
    source: usize,
    input: &Schema,
) -> Vec<(i64, bool)> {
    let mut used = vec![false; column.dictionary.len()];
    for (value, _) in column.ids.iter().zip(sources).filter(|(_, s)| **s as usize == source) {
        used[value.index()] = true;
    }
    let texts =
        (0..used.len()).filter(|&v| used[v]).map(|v| column.dictionary.get(ValueId(v as u32)));
    let decided = ColumnOrder::decide(texts).order;
    let reading = Reading { order: with_product(decided, input), ..Reading::default() };
    (0..used.len())
        .into_par_iter()
        .with_min_len(1024)
        .map(|v| {
            if !used[v] {
                return (NO_TIME, false);
            }
            let read = date::parse(column.dictionary.get(ValueId(v as u32)), reading).value;
            read.map_or((NO_TIME, false), |t| (t.micros, t.precision == Precision::Date))
        })
        .collect()
}

/// The order the cells decide, else the one the product writes.
pub(crate) fn with_product(decided: DateOrder, input: &Schema) -> DateOrder {
    match (decided, input.date_order) {
        (DateOrder::Ambiguous, preset::DateOrder::Ymd) => DateOrder::YearFirst,
        (DateOrder::Ambiguous, preset::DateOrder::Dmy) => DateOrder::DayFirst,
        (DateOrder::Ambiguous, preset::DateOrder::Mdy) => DateOrder::MonthFirst,
        (decided, _) => decided,
    }
}

/// Points in thousandths; what is no number adds nothing.
fn read_deltas(column: &Column) -> Vec<i64> {
    let points: Vec<i64> = column
        .dictionary
        .iter()
        .map(|v| crate::score::quantity::parse_decimal(v.trim(), 3).unwrap_or(0))
        .collect();
    column.ids.iter().map(|v| points[v.index()]).collect()
}
