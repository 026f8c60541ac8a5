//! Rows of PostgreSQL as text: as cells, and as the lines the journal keeps.
//!
//! A line is a JSON object with every column in order, values as text and NULL as `null`. Read as
//! JSON Lines it gives the same table again (a test holds the two against each other).

use super::Selected;
use crate::error::{Error, Result};
use crate::source::original::{Original, Span};
use ::postgres::types::{Kind, Type};
use base64::Engine;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::Arc;

/// How the values of a column become cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell {
    /// As the server writes them.
    Plain,
    /// `true` and `false`.
    Bool,
    /// Text where the bytes are text, else base64.
    Bytes,
    /// Without the blanks that only fill the column up.
    Padded,
    /// ISO 8601: `2026-06-30T12:00:00`.
    Time,
    /// ISO 8601 in UTC: `2026-06-30T12:00:00Z`.
    TimeUtc,
    /// Lists and rows: JSON.
    Nested,
}

impl Cell {
    /// How values of a type become cells.
    pub fn of(of: &Type) -> Self {
        match *of {
            Type::BOOL => Self::Bool,
            Type::BYTEA => Self::Bytes,
            Type::BPCHAR => Self::Padded,
            Type::TIMESTAMP => Self::Time,
            Type::TIMESTAMPTZ => Self::TimeUtc,
            _ => match of.kind() {
                Kind::Array(_) | Kind::Composite(_) => Self::Nested,
                Kind::Domain(inner) => Self::of(inner),
                _ => Self::Plain,
            },
        }
    }

    /// Whether values have a collation, which differs from server to server.
    pub fn is_text(self, of: &Type) -> bool {
        [Type::TEXT, Type::VARCHAR, Type::BPCHAR].contains(of)
    }

    /// What is selected of a column.
    pub fn expression(self, column: &str) -> String {
        if self == Self::Nested { format!("to_json({column})") } else { column.to_string() }
    }

    /// Turns what the server wrote into the cell.
    fn finish(self, text: &mut String) {
        match self {
            Self::Plain | Self::Nested => {}
            Self::Bool => *text = if text == "t" { "true" } else { "false" }.into(),
            Self::Padded => text.truncate(text.trim_end_matches(' ').len()),
            Self::Bytes => *text = from_hex(text),
            Self::Time | Self::TimeUtc => {
                // `infinity` and years before Christ stay as they are.
                if text.as_bytes().get(10) == Some(&b' ') && !text.ends_with("BC") {
                    text.replace_range(10..11, "T");
                    if text.ends_with("+00") {
                        text.truncate(text.len() - 3);
                        text.push('Z');
                    }
                }
            }
        }
    }
}

/// `\x416e61` as text or, where that is none, base64.
fn from_hex(text: &str) -> String {
    let digits = text.strip_prefix("\\x").unwrap_or(text).as_bytes();
    let digit = |c: u8| char::from(c).to_digit(16).unwrap_or(0) as u8;
    let bytes: Vec<u8> =
        digits.chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect();
    String::from_utf8(bytes)
        .unwrap_or_else(|e| base64::engine::general_purpose::STANDARD.encode(e.into_bytes()))
}

/// A row; its room is used again.
#[derive(Debug, Default)]
pub(crate) struct Row {
    cells: Vec<String>,
    filled: Vec<bool>,
    unescaped: Vec<u8>,
}

impl Row {
    /// Reads a line of `COPY` in its text form. `None` when it does not fit the columns.
    pub(super) fn read(&mut self, line: &[u8], columns: &[Selected]) -> Option<()> {
        self.cells.resize(columns.len(), String::new());
        self.filled.resize(columns.len(), false);
        let mut count = 0;
        if !columns.is_empty() {
            for field in line.split(|&b| b == b'\t') {
                let column = columns.get(count)?;
                self.filled[count] = field != b"\\N";
                self.unescape(field, count);
                if self.filled[count] {
                    column.cell.finish(&mut self.cells[count]);
                }
                count += 1;
            }
        }
        (count == columns.len()).then_some(())
    }

    fn unescape(&mut self, field: &[u8], at: usize) {
        let cell = &mut self.cells[at];
        cell.clear();
        if !self.filled[at] {
            return;
        }
        let mut plain = field;
        if field.contains(&b'\\') {
            self.unescaped.clear();
            let mut bytes = field.iter();
            while let Some(&byte) = bytes.next() {
                let byte = match (byte, bytes.as_slice().first()) {
                    (b'\\', Some(&escaped)) => {
                        bytes.next();
                        match escaped {
                            b'b' => 8,
                            b't' => b'\t',
                            b'n' => b'\n',
                            b'v' => 11,
                            b'f' => 12,
                            b'r' => b'\r',
                            other => other,
                        }
                    }
                    _ => byte,
                };
                self.unescaped.push(byte);
            }
            plain = &self.unescaped;
        }
        cell.push_str(&String::from_utf8_lossy(plain));
    }

    /// The cells; none for NULL.
    pub fn cells(&self) -> impl Iterator<Item = Option<&str>> {
        self.cells.iter().zip(&self.filled).map(|(cell, filled)| filled.then_some(cell.as_str()))
    }
}

/// The rows written down, in a file that has no name and goes with the process.
pub(crate) struct Rendering {
    /// `"header":` of every column.
    keys: Vec<String>,
    file: BufWriter<File>,
    hash: Sha256,
    bytes: u64,
    line: Vec<u8>,
}

impl Rendering {
    pub(super) fn new<'a>(headers: impl Iterator<Item = &'a str>, name: &str) -> Result<Self> {
        let keys = headers.map(|header| {
            let mut key = String::new();
            push_json(header, &mut key);
            key + ":"
        });
        let keys = keys.collect();
        let file = tempfile::tempfile().map_err(|cause| failed(name, cause))?;
        let (file, hash) = (BufWriter::new(file), Sha256::new());
        Ok(Self { keys, file, hash, bytes: 0, line: Vec::new() })
    }

    /// Appends a row; where it stands.
    pub(super) fn push(&mut self, row: &Row, name: &str) -> Result<Span> {
        let mut text = String::from_utf8(std::mem::take(&mut self.line)).unwrap_or_default();
        text.clear();
        text.push('{');
        for (i, (key, cell)) in self.keys.iter().zip(row.cells()).enumerate() {
            text.push_str(if i > 0 { "," } else { "" });
            text.push_str(key);
            match cell {
                Some(cell) => push_json(cell, &mut text),
                None => text.push_str("null"),
            }
        }
        text.push_str("}\n");
        self.hash.update(text.as_bytes());
        self.file.write_all(text.as_bytes()).map_err(|cause| failed(name, cause))?;
        let span = Span { start: self.bytes, len: text.len() as u64 };
        self.bytes += span.len;
        self.line = text.into_bytes();
        Ok(span)
    }

    /// The beginning of the last row.
    pub(super) fn last(&self, most: usize) -> String {
        let text = std::str::from_utf8(&self.line).unwrap_or("").trim_end_matches('\n');
        text[..text.floor_char_boundary(most)].to_string()
    }

    pub(super) fn finish(&mut self, name: &str) -> Result<()> {
        self.file.flush().map_err(|cause| failed(name, cause))
    }

    /// The SHA-256 of the rows.
    pub fn sha256(&self) -> [u8; 32] {
        self.hash.clone().finalize().into()
    }

    /// The bytes for the journal.
    pub fn original(self) -> Original {
        let (sha256, secret) = Original::hashes(self.hash.clone());
        // Flushed before: taking the writer apart cannot fail on what it still holds.
        let spilled = self.file.into_inner().ok().map(Arc::new);
        Original { bytes: self.bytes, sha256, secret, spilled, ..Original::default() }
    }
}

fn failed(name: &str, cause: std::io::Error) -> Error {
    let what = format!("its rows could not be put aside ({cause})");
    let remedy = "free space in the folder for temporary files (TMPDIR)".into();
    Error::Format { file: name.into(), line: None, what, remedy }
}

fn push_json(text: &str, out: &mut String) {
    // Text can always be written as JSON; were it not, the cell would be empty, never broken.
    out.push_str(&serde_json::to_string(text).unwrap_or_else(|_| "\"\"".into()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RecordId;
    use crate::source::columns::ColumnsBuilder;
    use crate::source::jsonl;
    use crate::source::limit::Limits;
    use proptest::prelude::*;

    fn columns(cells: &[Cell]) -> Vec<Selected> {
        let named = |(i, &cell): (usize, &Cell)| Selected { header: format!("c{i}"), cell };
        cells.iter().enumerate().map(named).collect()
    }

    #[test]
    fn values_become_cells() {
        let cases: [(&str, Cell, Option<&str>); 15] = [
            ("Ana", Cell::Plain, Some("Ana")),
            ("\\N", Cell::Plain, None),
            ("", Cell::Plain, Some("")),
            ("a\\tb\\nc\\\\d", Cell::Plain, Some("a\tb\nc\\d")),
            ("\\\\N", Cell::Plain, Some("\\N")),
            ("t", Cell::Bool, Some("true")),
            ("f", Cell::Bool, Some("false")),
            ("\\\\x416e61", Cell::Bytes, Some("Ana")),
            ("\\\\xff00", Cell::Bytes, Some("/wA=")),
            ("ab   ", Cell::Padded, Some("ab")),
            ("2026-06-30 12:00:00.5+00", Cell::TimeUtc, Some("2026-06-30T12:00:00.5Z")),
            ("2026-06-30 12:00:00", Cell::Time, Some("2026-06-30T12:00:00")),
            ("infinity", Cell::TimeUtc, Some("infinity")),
            ("0044-03-15 12:00:00 BC", Cell::Time, Some("0044-03-15 12:00:00 BC")),
            ("[\"a\"]", Cell::Nested, Some("[\"a\"]")),
        ];
        for (given, cell, expected) in cases {
            let mut row = Row::default();
            row.read(given.as_bytes(), &columns(&[cell])).unwrap();
            assert_eq!(row.cells().next().unwrap(), expected, "{given}");
        }
        assert!(Row::default().read(b"a\tb", &columns(&[Cell::Plain])).is_none());
        assert!(Row::default().read(b"a", &columns(&[Cell::Plain; 2])).is_none());
    }

    proptest! {
        #[test]
        fn the_rendering_gives_the_same_table_again(
            rows in prop::collection::vec(prop::collection::vec(prop::option::of("[a\"\\\\\n\r\té,{}0]{0,6}"), 3), 1..6),
        ) {
            let columns = columns(&[Cell::Plain; 3]);
            let headers = ["id", "a \"b\"", "x.y"];
            let mut rendering = Rendering::new(headers.into_iter(), "crm").unwrap();
            let mut builder = ColumnsBuilder::default();
            headers.iter().for_each(|header| { builder.add_column(header); });
            for (number, cells) in (1..).zip(&rows) {
                let escape = |text: &String| text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t");
                let fields: Vec<String> = cells.iter().map(|c| c.as_ref().map_or("\\N".into(), escape)).collect();
                let mut row = Row::default();
                row.read(fields.join("\t").as_bytes(), &columns).unwrap();
                rendering.push(&row, "crm").unwrap();
                for (at, cell) in row.cells().enumerate() {
                    prop_assert_eq!(cell, cells[at].as_deref());
                    builder.put(at, cell.unwrap_or("")).unwrap();
                }
                builder.end_record(number);
            }
            rendering.finish("crm").unwrap();
            let original = rendering.original();
            let mut file = original.open_again(&crate::source::Source::default()).unwrap();
            let text = String::from_utf8(file.take(original.bytes).unwrap()).unwrap();
            prop_assert!(file.end().is_ok());
            let again = jsonl::parse(&text, &Limits::USUAL).unwrap();
            let (columns, lines) = builder.finish();
            prop_assert_eq!(&again.lines, &lines);
            for (one, other) in columns.iter().zip(&again.columns) {
                prop_assert_eq!(&one.header, &other.header);
                for record in 0..rows.len() as u32 {
                    prop_assert_eq!(one.get(RecordId(record)), other.get(RecordId(record)));
                }
            }
        }

        #[test]
        fn no_line_makes_it_panic(line in prop::collection::vec(any::<u8>(), 0..40)) {
            for cell in [Cell::Plain, Cell::Bytes, Cell::TimeUtc, Cell::Padded, Cell::Bool] {
                let _ = Row::default().read(&line, &columns(&[cell, Cell::Plain]));
            }
        }
    }
}
