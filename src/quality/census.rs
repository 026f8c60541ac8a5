//! The census: how often every value of every column occurs, counted once for all checks.
//!
//! Checks judge distinct values; the census turns judged values into rows. Only where a value is at
//! fault are the rows looked at, and only until enough samples are found.

use super::{Hits, Material};
use crate::record::{Column, Dictionary, RecordId, ValueId, fnv};
use crate::schema::Role;
use rayon::prelude::*;

/// The material with counts.
pub(super) struct Census<'a> {
    /// What is counted.
    pub(super) material: Material<'a>,
    /// Samples kept of each finding.
    pub(super) max_samples: usize,
    /// Per column and value id: records that hold it.
    pub(super) counts: Vec<Vec<u32>>,
    /// Per column: records whose cell is filled.
    pub(super) filled: Vec<u64>,
    /// Per record a number drawn from what is in it: samples taken by it do not depend on the order
    /// of rows.
    pub(super) marks: Vec<u64>,
    /// The records of the smallest marks.
    some: Vec<usize>,
}

/// Records that a check looks at to see whether a column is worth looking at.
const SOME: usize = 1024;

impl<'a> Census<'a> {
    /// Counts.
    pub(super) fn of(material: Material<'a>, max_samples: usize) -> Self {
        let counts: Vec<Vec<u32>> = material
            .table
            .columns
            .par_iter()
            .map(|column| {
                let mut counts = vec![0u32; column.dictionary.len()];
                column.ids.iter().for_each(|value| counts[value.index()] += 1);
                counts
            })
            .collect();
        let records = material.table.len() as u64;
        let filled =
            counts.iter().map(|c| records - u64::from(c.first().copied().unwrap_or(0))).collect();
        let marks = marks(&material);
        Self { material, max_samples, counts, filled, some: some(&marks), marks }
    }

    /// Number of records.
    pub(super) fn records(&self) -> u64 {
        self.material.table.len() as u64
    }

    /// Filled cells of a column, of some records.
    pub(super) fn some_cells(&self, column: usize) -> impl Iterator<Item = &'a str> {
        self.some.iter().map(move |&r| self.cell(column, r)).filter(|cell| !cell.is_empty())
    }

    /// The meaning of a column.
    pub(super) fn role(&self, column: usize) -> Role {
        self.material.schema.columns[column].role
    }

    /// The columns of any of the roles, in order of the table.
    pub(super) fn columns_of(&self, roles: &[Role]) -> Vec<usize> {
        (0..self.counts.len()).filter(|&c| roles.contains(&self.role(c))).collect()
    }

    /// The text of a value.
    pub(super) fn text(&self, column: usize, value: usize) -> &'a str {
        self.material.table.columns[column].dictionary.get(ValueId(value as u32))
    }

    /// A record's cell.
    pub(super) fn cell(&self, column: usize, record: usize) -> &'a str {
        let column = &self.material.table.columns[column];
        column.dictionary.get(column.ids[record])
    }

    /// A test of all values of a column that occur, side by side; the missing value never passes.
    pub(super) fn judge(&self, column: usize, test: impl Fn(&str) -> bool + Sync) -> Vec<bool> {
        let counts = &self.counts[column];
        (0..counts.len())
            .into_par_iter()
            .with_min_len(1024)
            .map(|v| v != 0 && counts[v] != 0 && test(self.text(column, v)))
            .collect()
    }

    /// The records whose value is at fault, of those filled.
    pub(super) fn hits(&self, column: usize, at_fault: impl Fn(usize) -> bool) -> Hits {
        let counts = &self.counts[column];
        let count = (1..counts.len()).filter(|&v| at_fault(v)).map(|v| u64::from(counts[v])).sum();
        let mut hits = Hits { count, of: self.filled[column], records: Vec::new() };
        if count == 0 {
            return hits;
        }
        let wanted = self.max_samples.min(usize::try_from(count).unwrap_or(usize::MAX));
        let ids = &self.material.table.columns[column].ids;
        for (record, value) in (0u32..).zip(ids) {
            if hits.records.len() >= wanted {
                break;
            }
            if !value.is_missing() && at_fault(value.index()) {
                hits.records.push(RecordId(record));
            }
        }
        hits
    }

    /// The records that pass a test, of `of`; the test runs on all cores.
    pub(super) fn hits_of_records(&self, of: u64, test: impl Fn(usize) -> bool + Sync) -> Hits {
        const PIECE: usize = 1 << 14;
        let records = self.material.table.len();
        let pieces: Vec<(u64, Vec<RecordId>)> = (0..records.div_ceil(PIECE))
            .into_par_iter()
            .map(|piece| {
                let (mut count, mut first) = (0, Vec::new());
                for record in piece * PIECE..((piece + 1) * PIECE).min(records) {
                    if test(record) {
                        count += 1;
                        if first.len() < self.max_samples {
                            first.push(RecordId(record as u32));
                        }
                    }
                }
                (count, first)
            })
            .collect();
        let mut hits = Hits { count: 0, of, records: Vec::new() };
        for (count, first) in pieces {
            hits.count += count;
            hits.records.extend(first);
        }
        hits.records.truncate(self.max_samples);
        hits
    }

    /// The records whose cell is empty, of all.
    pub(super) fn empty(&self, column: usize) -> Hits {
        let ids = &self.material.table.columns[column].ids;
        self.hits_of_records(self.records(), |r| ids[r].is_missing())
    }
}

/// The marks of all records: of their ids where they have some, else of all their cells. The digest
/// would do, but costs more than the checks that ask for a sample.
fn marks(material: &Material) -> Vec<u64> {
    let table = material.table;
    let of_dictionary = |dictionary: &Dictionary, seed: u64| -> Vec<u64> {
        (0..dictionary.len() as u32)
            .into_par_iter()
            .with_min_len(4096)
            .map(|v| match v {
                0 => 0,
                v => mixed(seed ^ fnv(dictionary.get(ValueId(v)))),
            })
            .collect()
    };
    let inputs = &material.schema.inputs;
    if !inputs.is_empty() && inputs.iter().all(|input| input.has(Role::RecordId)) {
        let of_value = of_dictionary(&table.id.dictionary, 0);
        return table.id.ids.iter().map(|value| of_value[value.index()]).collect();
    }
    let of_column = |column: &Column| of_dictionary(&column.dictionary, fnv(&column.header));
    let of_value: Vec<Vec<u64>> = table.columns.par_iter().map(of_column).collect();
    let cells = || table.columns.iter().zip(&of_value);
    (0..table.len())
        .into_par_iter()
        .with_min_len(4096)
        .map(|r| cells().fold(0u64, |sum, (c, of)| sum.wrapping_add(of[c.ids[r].index()])))
        .collect()
}

/// A number whose low bits depend on all bits of another (the finalizer of SplitMix64).
fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// The records of the smallest marks.
fn some(marks: &[u64]) -> Vec<usize> {
    let mut records: Vec<usize> = (0..marks.len()).collect();
    if records.len() > SOME {
        records.select_nth_unstable_by_key(SOME, |&r| (marks[r], r));
        records.truncate(SOME);
    }
    records
}

/// The sentence of a check as the catalog has it.
pub(super) fn sentence(check: &str) -> String {
    super::catalog::find(check).map_or_else(String::new, |c| format!("{}; {}", c.fires, c.remedy))
}

/// Lower end of the 95 % interval of a share (Wilson 1927): what the share is at least, however few
/// rows it was seen on.
pub(super) fn at_least(count: u64, of: u64) -> f64 {
    if of == 0 {
        return 0.0;
    }
    const Z: f64 = 1.96;
    let (n, p) = (of as f64, count as f64 / of as f64);
    let middle = p + Z * Z / (2.0 * n);
    let spread = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    ((middle - spread) / (1.0 + Z * Z / n)).max(0.0)
}
