//! The tables of an output folder, read as text.
//!
//! Only what is checked is read, and a table that cannot be read is a refusal, not a crash.

use super::Findings;
use crate::record::RecordId;
use crate::source::{self, RawTable, Source};
use std::collections::BTreeMap;
use std::path::Path;

/// A table with named columns.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub file: String,
    pub headers: Vec<String>,
    pub rows: Vec<csv::StringRecord>,
    places: BTreeMap<String, usize>,
}

impl Sheet {
    /// Reads a file of the folder. Missing, damaged or without one of the `needed` columns, it is
    /// refused.
    pub fn read(
        folder: &Path,
        file: &str,
        delimiter: u8,
        needed: &[&str],
        findings: &mut Findings,
    ) -> Option<Self> {
        let bytes = match std::fs::read(folder.join(file)) {
            Ok(bytes) => bytes,
            Err(_) => {
                findings.refuse(0, file, "", "is missing or cannot be read");
                return None;
            }
        };
        let rows = read_delimited(file, &bytes, delimiter, findings)?;
        Self::of_rows(file, rows, needed, findings)
    }

    /// Reads the table called `stem` in whatever format the run wrote it.
    pub fn read_table(
        folder: &Path,
        stem: &str,
        delimiter: u8,
        needed: &[&str],
        findings: &mut Findings,
    ) -> Option<Self> {
        for ending in ["jsonl", "parquet"] {
            let file = format!("{stem}.{ending}");
            let path = folder.join(&file);
            if !path.exists() {
                continue;
            }
            let preset = Some("none".to_string());
            let source = Source { preset, header: Some(true), ..Source::new(path) };
            return match source::read(&source) {
                Ok(table) if table.rejects.is_empty() => {
                    Self::of_rows(&file, rows_of(&table), needed, findings)
                }
                Ok(_) => {
                    findings.refuse(0, &file, "", "has rows that are no rows of a table");
                    None
                }
                // What it says names no content; where this build cannot read the format, the remedy.
                Err(error) => {
                    findings.refuse(0, &file, "", format!("cannot be read: {error}"));
                    None
                }
            };
        }
        Self::read(folder, &format!("{stem}.csv"), delimiter, needed, findings)
    }

    fn of_rows(
        file: &str,
        mut rows: Vec<csv::StringRecord>,
        needed: &[&str],
        findings: &mut Findings,
    ) -> Option<Self> {
        if rows.is_empty() {
            findings.refuse(0, file, "", "is empty");
            return None;
        }
        let headers: Vec<String> = rows.remove(0).iter().map(str::to_string).collect();
        let mut places = BTreeMap::new();
        for (i, header) in headers.iter().enumerate() {
            places.entry(header.clone()).or_insert(i);
        }
        // The columns a run adds stand last, whatever the input calls its own.
        for name in needed {
            let Some(at) = headers.iter().rposition(|h| h == name) else {
                findings.refuse(0, file, "", format!("has no column {name}"));
                return None;
            };
            places.insert((*name).to_string(), at);
        }
        Some(Self { file: file.into(), headers, rows, places })
    }

    /// A cell; empty when there is no such column.
    pub fn cell(&self, row: usize, column: &str) -> &str {
        self.places.get(column).and_then(|&c| self.rows[row].get(c)).unwrap_or("")
    }

    /// A cell by the number of its column.
    pub fn at(&self, row: usize, column: usize) -> &str {
        self.rows[row].get(column).unwrap_or("")
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }
}

/// Points as thousandths; `None` for what is not a number of at most three decimals.
pub(super) fn points(text: &str) -> Option<i64> {
    crate::score::quantity::parse_decimal(text, 3).ok()
}

fn read_delimited(
    file: &str,
    bytes: &[u8],
    delimiter: u8,
    findings: &mut Findings,
) -> Option<Vec<csv::StringRecord>> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf".as_slice()).unwrap_or(bytes);
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(text);
    let mut rows = Vec::new();
    for (i, row) in reader.records().enumerate() {
        match row {
            Ok(row) => rows.push(row),
            Err(_) => {
                let what = format!("row {i} is damaged: not UTF-8, or fields too many or few");
                findings.refuse(0, file, "", what);
                return None;
            }
        }
    }
    Some(rows)
}

/// A table that was read as an input is, its header first.
fn rows_of(table: &RawTable) -> Vec<csv::StringRecord> {
    let header = table.columns.iter().map(|c| c.header.as_str()).collect();
    let row = |r: u32| table.columns.iter().map(|c| c.get(RecordId(r))).collect();
    std::iter::once(header).chain((0..table.row_count as u32).map(row)).collect()
}
