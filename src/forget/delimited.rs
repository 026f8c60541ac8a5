//! Rows of delimited files: found by their ids, dropped, the others kept byte for byte.

use super::json::ERASED;
use super::person::Person;
use super::values::Values;
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// An edited file.
pub(super) struct Edit {
    pub bytes: Vec<u8>,
    pub dropped: usize,
}

/// One row: its bytes and its cells.
pub(super) struct Row<'a> {
    pub bytes: &'a [u8],
    pub cells: Vec<String>,
}

/// Headers that hold a person id.
const PERSON: [&str; 2] = ["person_id", "leadmend_person_id"];

/// The delimiter of a file: whatever its header holds most of; ours have many columns.
pub(super) fn delimiter_of(bytes: &[u8]) -> u8 {
    let line = bytes.split(|&b| b == b'\n').next().unwrap_or_default();
    let count = |d: u8| line.iter().filter(|&&b| b == d).count();
    let mut best = b',';
    for d in [b';', b'\t', b'|', b'^', b'~', b':'] {
        if count(d) > count(best) {
            best = d;
        }
    }
    best
}

/// The rows of a file, the header first; any bytes at all give rows.
pub(super) fn rows(bytes: &[u8], delimiter: u8) -> Vec<Row<'_>> {
    let mut reader: Reader = ReaderBuilder::new().delimiter(delimiter).build();
    let start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let (mut at, mut from) = (start, start);
    let mut found = Vec::new();
    let (mut text, mut ends) = (vec![0u8; 4096], vec![0usize; 64]);
    let (mut written, mut ended) = (0, 0);
    loop {
        let (result, read, wrote, fields) =
            reader.read_record(&bytes[at..], &mut text[written..], &mut ends[ended..]);
        at += read;
        written += wrote;
        ended += fields;
        match result {
            ReadRecordResult::InputEmpty => {}
            ReadRecordResult::OutputFull => text.resize(text.len() * 2, 0),
            ReadRecordResult::OutputEndsFull => ends.resize(ends.len() * 2, 0),
            ReadRecordResult::Record => {
                // A line break of two bytes is read with the next row; it belongs to this one.
                while bytes.get(at).is_some_and(|&b| b == b'\n' && bytes[at - 1] == b'\r') {
                    at += 1;
                }
                let mut cells = Vec::with_capacity(ended);
                let mut begin = 0;
                for &end in &ends[..ended] {
                    cells.push(String::from_utf8_lossy(&text[begin..end]).into_owned());
                    begin = end;
                }
                found.push(Row { bytes: &bytes[from..at], cells });
                (from, written, ended) = (at, 0, 0);
            }
            ReadRecordResult::End => return found,
        }
    }
}

/// Where the ids of a file's rows are.
pub(super) struct Ids {
    person: Option<usize>,
    records: Vec<usize>,
}

impl Ids {
    pub fn of(header: &[String]) -> Self {
        let name = |h: &String| h.trim().to_ascii_lowercase();
        let is_record = |h: &String| {
            matches!(
                name(h).as_str(),
                "record_id" | "left_id" | "right_id" | "surviving_id" | "survivor_id" | "merged_id"
            )
        };
        let person = header.iter().position(|h| PERSON.contains(&name(h).as_str()));
        let records = (0..header.len()).filter(|&c| is_record(&header[c])).collect();
        Self { person, records }
    }

    /// Whether a row is the person's. A person id settles it; ids of records may stand for others
    /// in another source.
    pub fn is_of(&self, person: &Person, cells: &[String]) -> bool {
        if let Some(id) = self.person.and_then(|c| cells.get(c)).filter(|id| !id.is_empty()) {
            return *id == person.id;
        }
        let cell = |&c: &usize| cells.get(c).map_or("", |cell| cell.trim_start_matches('\''));
        self.records.iter().any(|c| person.labels.contains(cell(c)))
    }
}

/// Drops the person's rows and erases what other rows repeat of the person. `kept` says, where it is
/// known beforehand, which data rows stay.
pub(super) fn erase(bytes: &[u8], person: &Person, values: &Values, kept: Option<&[bool]>) -> Edit {
    let delimiter = delimiter_of(bytes);
    let rows = rows(bytes, delimiter);
    let Some(header) = rows.first() else { return Edit { bytes: bytes.to_vec(), dropped: 0 } };
    let ids = Ids::of(&header.cells);
    let raw = header.cells.iter().position(|h| h == "raw");
    let mut out = Vec::with_capacity(bytes.len());
    if bytes.starts_with(b"\xef\xbb\xbf") {
        out.extend_from_slice(&bytes[..3]);
    }
    out.extend_from_slice(header.bytes);
    let mut dropped = 0;
    for (i, row) in rows.iter().skip(1).enumerate() {
        let known = kept.and_then(|kept| kept.get(i));
        let mentions = || row.cells.iter().any(|cell| values.is_in(cell));
        let drop = match known {
            Some(keep) => !keep,
            None => {
                ids.is_of(person, &row.cells)
                    || raw.and_then(|c| row.cells.get(c)).is_some_and(|cell| values.is_in(cell))
            }
        };
        if drop {
            dropped += 1;
        } else if mentions() {
            push_erased(row, values, delimiter, &mut out);
        } else {
            out.extend_from_slice(row.bytes);
        }
    }
    Edit { bytes: out, dropped }
}

fn push_erased(row: &Row, values: &Values, delimiter: u8, out: &mut Vec<u8>) {
    for (i, cell) in row.cells.iter().enumerate() {
        if i > 0 {
            out.push(delimiter);
        }
        let cell = values.erase(cell, ERASED);
        let quoted = cell.bytes().any(|b| b == delimiter || matches!(b, b'"' | b'\r' | b'\n'));
        if quoted {
            out.push(b'"');
            out.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
            out.push(b'"');
        } else {
            out.extend_from_slice(cell.as_bytes());
        }
    }
    out.push(b'\n');
}
