//! One table of several inputs.
//!
//! The first input's columns lead; columns of the others fill them where the header or the role is
//! the same, else they are appended. A single input is moved, not copied: its dictionaries are the
//! largest thing in memory.

use super::header::key;
use super::role::Role;
use super::{ColumnSchema, Kind, Schema};
use crate::record::{Column, Dictionary, DictionaryBuilder, RecordId, Table, ValueId};
use crate::source::RawTable;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

/// The schema of a united table.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct UnitedSchema {
    /// What the rows are (of the first input).
    pub kind: Kind,
    /// One per column of the table.
    pub columns: Vec<ColumnSchema>,
    /// The schemas of the inputs, in order.
    pub inputs: Vec<Schema>,
    /// For each input, the table column each of its columns went to.
    pub placed: Vec<Vec<usize>>,
    /// The table column that holds the record ids, when there is one.
    pub id_column: Option<usize>,
}

impl UnitedSchema {
    /// Index of the first column of a role.
    pub fn first(&self, role: Role) -> Option<usize> {
        self.all(role).next()
    }

    /// Indexes of all columns of a role.
    pub fn all(&self, role: Role) -> impl Iterator<Item = usize> {
        self.columns.iter().enumerate().filter(move |(_, c)| c.role == role).map(|(i, _)| i)
    }
}

/// Of which records the digest is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digests {
    /// Of all.
    All,
    /// Of those whose id repeats: only they need it to be put in order. The others have 0.
    OfRepeated,
}

/// Makes one table of all inputs. At most 65,535 inputs and 4 billion records; what exceeds a
/// dictionary's 4 GiB is `None`.
pub fn unite(inputs: Vec<(RawTable, Schema)>) -> Option<(Table, UnitedSchema)> {
    unite_with(inputs, Digests::All)
}

/// As [`unite`], with the digests that are wanted.
pub fn unite_with(
    inputs: Vec<(RawTable, Schema)>,
    wanted: Digests,
) -> Option<(Table, UnitedSchema)> {
    let (raws, schemas): (Vec<RawTable>, Vec<Schema>) = inputs.into_iter().unzip();
    let records: usize = raws.iter().map(|raw| raw.row_count).sum();
    u32::try_from(records).ok()?;
    u16::try_from(raws.len()).ok()?;
    let (placed, columns) = place(&raws, &schemas);
    let mut table = Table {
        sources: raws.iter().map(|raw| raw.info.clone()).collect(),
        source: raws.iter().zip(0u16..).flat_map(|(raw, i)| vec![i; raw.row_count]).collect(),
        row: raws.iter().flat_map(|raw| 1..=raw.row_count as u32).collect(),
        line: raws.iter().flat_map(|raw| raw.lines.iter().copied()).collect(),
        ..Table::default()
    };
    let id_columns: Vec<Option<usize>> = schemas.iter().map(|s| s.first(Role::RecordId)).collect();
    table.id = id_column(&raws, &id_columns)?;
    let repeats = match wanted {
        Digests::All => Vec::new(),
        Digests::OfRepeated => repeats(&table.id),
    };
    let mut first = 0;
    for raw in &raws {
        let wanted = |record: u32| repeats.is_empty() || repeats[first + record as usize];
        let own = digests(&raw.columns, raw.row_count, wanted);
        table.digest.extend(own);
        first += raw.row_count;
    }
    table.columns = if raws.len() == 1 {
        raws.into_iter().flat_map(|raw| raw.columns).collect()
    } else {
        join(raws, &placed, &columns)?
    };
    table.occurrence = occurrences(&table);
    let kind = schemas.first().map_or(Kind::People, |s| s.kind);
    let id_column = columns.iter().position(|c| c.role == Role::RecordId);
    Some((table, UnitedSchema { kind, columns, inputs: schemas, placed, id_column }))
}

/// Whether two columns of different inputs may be one.
type Same = fn(&ColumnSchema, &ColumnSchema) -> bool;

/// Where each input column goes, and the columns of the table.
fn place(raws: &[RawTable], schemas: &[Schema]) -> (Vec<Vec<usize>>, Vec<ColumnSchema>) {
    let mut columns: Vec<ColumnSchema> = schemas.first().map_or(vec![], |s| s.columns.clone());
    let mut placed = vec![(0..columns.len()).collect::<Vec<usize>>()];
    for (raw, schema) in raws.iter().zip(schemas).skip(1) {
        let mut at: Vec<Option<usize>> = vec![None; schema.columns.len()];
        let free = |at: &[Option<usize>], i: usize| !at.contains(&Some(i));
        // The same header with the same role first, then the same role and slot, then the role.
        let same_header = |a: &ColumnSchema, b: &ColumnSchema| {
            a.role == b.role && key(&a.header) == key(&b.header)
        };
        let same_slot = |a: &ColumnSchema, b: &ColumnSchema| a.role == b.role && a.slot == b.slot;
        let same_role = |a: &ColumnSchema, b: &ColumnSchema| a.role == b.role;
        let passes: [Same; 3] = [same_header, same_slot, same_role];
        for (pass, same) in passes.iter().enumerate() {
            for (i, column) in schema.columns.iter().enumerate() {
                if at[i].is_some() || (pass > 0 && !fills_by_role(column.role)) {
                    continue;
                }
                let open: Vec<usize> = (0..columns.len())
                    .filter(|&j| free(&at, j) && same(column, &columns[j]))
                    .collect();
                let rivals = (0..at.len())
                    .filter(|&k| at[k].is_none() && same(column, &schema.columns[k]))
                    .count();
                // By role only where it is one to one: else a second address would be taken for
                // the first by accident of order.
                if pass == 0 && !open.is_empty() || open.len() == 1 && rivals == 1 {
                    at[i] = open.first().copied();
                }
            }
        }
        let mut targets = Vec::with_capacity(at.len());
        for (i, target) in at.into_iter().enumerate() {
            targets.push(target.unwrap_or_else(|| {
                let mut column = schema.columns[i].clone();
                column.header = free_header(&column.header, &raw.info.name, &columns);
                columns.push(column);
                columns.len() - 1
            }));
        }
        placed.push(targets);
    }
    (placed, columns)
}

/// Roles whose columns mean the same whatever their header.
fn fills_by_role(role: Role) -> bool {
    !matches!(role, Role::Generic | Role::Ignored | Role::FreeText | Role::ExternalId)
        && !matches!(role, Role::Consent(_))
}

/// The header, prefixed by the source where another column has it.
fn free_header(header: &str, source: &str, columns: &[ColumnSchema]) -> String {
    let taken = |name: &str| columns.iter().any(|c| c.header == name);
    if !taken(header) {
        return header.to_string();
    }
    let prefixed = format!("{source}.{header}");
    let numbered = (2..).map(|n| format!("{prefixed}.{n}"));
    std::iter::once(prefixed.clone()).chain(numbered).find(|n| !taken(n)).unwrap_or(prefixed)
}

/// Joins the columns of all inputs.
fn join(
    raws: Vec<RawTable>,
    placed: &[Vec<usize>],
    columns: &[ColumnSchema],
) -> Option<Vec<Column>> {
    let counts: Vec<usize> = raws.iter().map(|raw| raw.row_count).collect();
    let mut parts: Vec<Vec<Option<Column>>> =
        columns.iter().map(|_| counts.iter().map(|_| None).collect()).collect();
    for (input, (raw, targets)) in raws.into_iter().zip(placed).enumerate() {
        for (column, &target) in raw.columns.into_iter().zip(targets) {
            parts[target][input] = Some(column);
        }
    }
    parts
        .into_par_iter()
        .zip(columns)
        .map(|(part, column)| join_column(part, &counts, &column.header))
        .collect()
}

fn join_column(part: Vec<Option<Column>>, counts: &[usize], header: &str) -> Option<Column> {
    let mut ids = Vec::with_capacity(counts.iter().sum());
    let mut builder: Option<DictionaryBuilder> = None;
    for (column, &count) in part.into_iter().zip(counts) {
        let Some(column) = column else {
            ids.resize(ids.len() + count, ValueId::MISSING);
            continue;
        };
        match &mut builder {
            None => {
                ids.extend_from_slice(&column.ids);
                builder = Some(DictionaryBuilder::resume(column.dictionary));
            }
            Some(builder) => {
                let values = column.dictionary.iter().map(|value| builder.intern(value));
                let map: Vec<ValueId> = values.collect::<Option<_>>()?;
                ids.extend(column.ids.iter().map(|id| map[id.index()]));
            }
        }
    }
    let dictionary = builder.map_or_else(Dictionary::default, DictionaryBuilder::finish);
    Some(Column { header: header.to_string(), dictionary, ids })
}

/// Record ids over all inputs; the row number where an input has no id column, or an empty cell.
fn id_column(raws: &[RawTable], id_columns: &[Option<usize>]) -> Option<Column> {
    if let ([raw], [Some(at)]) = (raws, id_columns)
        && raw.columns[*at].ids.iter().all(|id| !id.is_missing())
    {
        return Some(raw.columns[*at].clone());
    }
    let mut builder = DictionaryBuilder::default();
    let mut ids = Vec::new();
    for (raw, at) in raws.iter().zip(id_columns) {
        let Some(column) = at.map(|at| &raw.columns[at]) else {
            for row in 1..=raw.row_count {
                ids.push(builder.intern(&row.to_string())?);
            }
            continue;
        };
        let values = column.dictionary.iter().map(|value| builder.intern(value));
        let map: Vec<ValueId> = values.collect::<Option<_>>()?;
        for (row, id) in column.ids.iter().enumerate() {
            ids.push(match map[id.index()] {
                id if id.is_missing() => builder.intern(&format!("row-{}", row + 1))?,
                id => id,
            });
        }
    }
    let header = raws.first().zip(id_columns.first().copied().flatten());
    let header = header.map_or_else(|| "row".into(), |(raw, at)| raw.columns[at].header.clone());
    Some(Column { header, dictionary: builder.finish(), ids })
}

/// Per record, whether its id repeats, in whatever source.
fn repeats(id: &Column) -> Vec<bool> {
    let mut counts = vec![0u32; id.dictionary.len()];
    id.ids.iter().for_each(|value| counts[value.index()] += 1);
    id.ids.iter().map(|value| counts[value.index()] > 1).collect()
}

/// Rank of each record among those of its source and id, by digest.
fn occurrences(table: &Table) -> Vec<u32> {
    let mut occurrence = vec![1u32; table.len()];
    if table.sources.len() == 1 && table.id.dictionary.len() == table.len() + 1 {
        // As many distinct ids as records: none repeats.
        return occurrence;
    }
    let mut order: Vec<RecordId> = table.records().collect();
    let group = |r: RecordId| (table.source[r.index()], table.id.ids[r.index()]);
    order.par_sort_unstable_by_key(|&r| (group(r), table.digest[r.index()], r));
    let mut rank = 1;
    for pair in order.windows(2) {
        rank = if group(pair[0]) == group(pair[1]) { rank + 1 } else { 1 };
        occurrence[pair[1].index()] = rank;
    }
    occurrence
}

/// First eight bytes, big-endian, of the SHA-256 over the filled cells of a record: each as header,
/// zero byte, value, zero byte, in byte order of the headers. Neither column order nor empty columns
/// matter; no cell holds a zero byte.
pub fn record_digest<'a>(cells: impl IntoIterator<Item = (&'a str, &'a str)>) -> u64 {
    let mut cells: Vec<(&str, &str)> = cells.into_iter().filter(|(_, v)| !v.is_empty()).collect();
    cells.sort_unstable();
    let mut message = Vec::new();
    for (header, value) in cells {
        add_cell(&mut message, header, value);
    }
    digest_of(&message)
}

fn add_cell(message: &mut Vec<u8>, header: &str, value: &str) {
    message.extend_from_slice(header.as_bytes());
    message.push(0);
    message.extend_from_slice(value.as_bytes());
    message.push(0);
}

fn digest_of(message: &[u8]) -> u64 {
    let hash = Sha256::digest(message);
    hash.iter().take(8).fold(0, |sum, &byte| sum << 8 | u64::from(byte))
}

/// The digests of the records of an input, as far as they are wanted.
fn digests(columns: &[Column], records: usize, wanted: impl Fn(u32) -> bool + Sync) -> Vec<u64> {
    let mut sorted: Vec<&Column> = columns.iter().collect();
    sorted.sort_by(|a, b| a.header.cmp(&b.header));
    // Columns of one header must go by value, as in `record_digest`.
    let repeated = sorted.windows(2).any(|pair| pair[0].header == pair[1].header);
    (0..records as u32)
        .into_par_iter()
        .with_min_len(1024)
        .map_init(Vec::new, |message, record| {
            if !wanted(record) {
                return 0;
            }
            let record = RecordId(record);
            let cells = sorted.iter().map(|column| (column.header.as_str(), column.get(record)));
            if repeated {
                return record_digest(cells);
            }
            message.clear();
            for (header, value) in cells.filter(|(_, value)| !value.is_empty()) {
                add_cell(message, header, value);
            }
            digest_of(message)
        })
        .collect()
}
