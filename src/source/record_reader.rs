//! One record after another from delimited text, with the place each begins.
//!
//! A record's fields depend on its start alone, never on what was read before: that is what lets
//! the parallel reader begin anywhere and prove afterwards that it began right. Lines without a
//! quote are split directly; all others go through `csv_core`, the state machine of the `csv` crate.

use super::limit::Limits;
use super::original::Span;
use memchr::{memchr, memchr_iter, memchr2};

/// A quoted record longer than this was opened by a stray quote.
const MAX_QUOTED: usize = 4 << 20;

/// A cursor over delimited text. After [`read`](Self::read) it shows one record.
pub(crate) struct RecordReader<'t> {
    text: &'t [u8],
    delimiter: u8,
    /// Offset of the next byte to look at.
    at: usize,
    /// 1-based line at `at`.
    line: u32,
    /// Offset and line where the current record begins.
    start: usize,
    start_line: u32,
    /// The quote that opens a field of this record is never closed.
    unclosed: bool,
    /// The line of this record is longer than `longest`: it has no fields.
    too_long: bool,
    longest: usize,
    core: csv_core::Reader,
    /// Unquoted text of a record that had quotes.
    scratch: Vec<u8>,
    /// End of each field: in `scratch` when `quoted`, else in `text`.
    ends: Vec<usize>,
    len: usize,
    quoted: bool,
}

impl<'t> RecordReader<'t> {
    /// A cursor at byte `at`, which is on line `line`.
    pub fn new(text: &'t [u8], delimiter: u8, at: usize, line: u32) -> Self {
        Self {
            text,
            delimiter,
            at,
            line,
            start: at,
            start_line: line,
            unclosed: false,
            too_long: false,
            longest: Limits::USUAL.line,
            core: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            scratch: Vec::new(),
            ends: Vec::new(),
            len: 0,
            quoted: false,
        }
    }

    /// Under other limits.
    pub fn within(self, limits: &Limits) -> Self {
        Self { longest: limits.line, ..self }
    }

    /// Passes empty lines; the offset where the next record begins.
    pub fn next_start(&mut self) -> usize {
        while let Some(&byte @ (b'\n' | b'\r')) = self.text.get(self.at) {
            self.line += u32::from(byte == b'\n');
            self.at += 1;
        }
        self.at
    }

    /// Line at the cursor; after [`next_start`](Self::next_start) that of the next record.
    pub fn next_line(&self) -> u32 {
        self.line
    }

    /// Reads the next record; false at the end.
    pub fn read(&mut self) -> bool {
        self.start = self.next_start();
        self.start_line = self.line;
        self.unclosed = false;
        let rest = &self.text[self.start..];
        if rest.is_empty() {
            self.len = 0;
            return false;
        }
        // Old files end lines with a carriage return alone.
        let line_len = memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let line = &rest[..line_len];
        self.too_long = line_len > self.longest;
        if self.too_long {
            // Not even cut into fields: a line of gigabytes may hold as many.
            self.quoted = false;
            self.ends.clear();
            self.len = 0;
            self.at = self.start + line_len;
        } else if memchr(b'"', line).is_none() {
            self.split_plain(line.len());
            self.at = self.start + line_len;
        } else {
            self.split_quoted(line_len, line.len());
        }
        true
    }

    /// Number of fields.
    pub fn len(&self) -> usize {
        self.len
    }

    /// A field. Must be below [`len`](Self::len).
    pub fn get(&self, field: usize) -> &[u8] {
        let end = self.ends[field];
        if self.quoted {
            let start = if field == 0 { 0 } else { self.ends[field - 1] };
            &self.scratch[start..end]
        } else {
            let start = if field == 0 { self.start } else { self.ends[field - 1] + 1 };
            &self.text[start..end]
        }
    }

    /// Where each field ends in the text, when they stand there as they read: without quotes.
    pub fn offsets(&self) -> Option<&[usize]> {
        (!self.quoted).then_some(&self.ends[..self.len])
    }

    /// What stands between two fields.
    pub fn delimiter(&self) -> char {
        char::from(self.delimiter)
    }

    /// All fields.
    pub fn fields(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len).map(|field| self.get(field))
    }

    /// Line the record begins on.
    pub fn start_line(&self) -> u32 {
        self.start_line
    }

    /// Offset the record begins at.
    pub fn start(&self) -> usize {
        self.start
    }

    /// Where the record stands in the text, with its line end.
    pub fn span(&self) -> Span {
        let mut end = self.at;
        if !self.text[self.start..end].ends_with(b"\n") {
            // After a quoted record the carriage return may have been consumed already.
            let returned = self.text[self.start..end].ends_with(b"\r");
            end += usize::from(!returned && self.text.get(end) == Some(&b'\r'));
            end += usize::from(self.text.get(end) == Some(&b'\n'));
        }
        Span { start: self.start as u64, len: (end - self.start) as u64 }
    }

    /// The record as it stands in the text, without its line end.
    pub fn raw(&self) -> &'t [u8] {
        let raw = &self.text[self.start..self.at];
        let raw = raw.strip_suffix(b"\n").unwrap_or(raw);
        raw.strip_suffix(b"\r").unwrap_or(raw)
    }

    /// Whether a quote opens a field of this record and is never closed; the record then is its
    /// first line alone, quotes and all.
    pub fn unclosed(&self) -> bool {
        self.unclosed
    }

    /// Whether the record's line is longer than allowed; it then has no fields.
    pub fn too_long(&self) -> bool {
        self.too_long
    }

    /// Whether a quoted field of `raw` is followed by anything but a delimiter or a line end.
    fn closes_badly(&self, raw: &[u8]) -> bool {
        let mut at = 0;
        loop {
            if raw.get(at) == Some(&b'"') {
                at += 1;
                while let Some(quote) = memchr(b'"', &raw[at..]) {
                    at += quote + 1;
                    if raw.get(at) != Some(&b'"') {
                        break;
                    }
                    at += 1;
                }
                match raw.get(at) {
                    None | Some(b'\n' | b'\r') => return false,
                    Some(&byte) if byte != self.delimiter => return true,
                    Some(_) => {}
                }
            } else {
                match raw[at..].iter().position(|&b| b == self.delimiter || b == b'\n') {
                    Some(end) if raw[at + end] == self.delimiter => at += end,
                    _ => return false,
                }
            }
            at += 1;
        }
    }

    fn split_plain(&mut self, len: usize) {
        self.quoted = false;
        self.ends.clear();
        let line = &self.text[self.start..self.start + len];
        self.ends.extend(memchr_iter(self.delimiter, line).map(|end| self.start + end));
        self.ends.push(self.start + len);
        self.len = self.ends.len();
    }

    fn split_quoted(&mut self, line_len: usize, trimmed_len: usize) {
        use csv_core::ReadRecordResult::{End, InputEmpty, OutputEndsFull, OutputFull, Record};
        self.quoted = true;
        self.core.reset();
        let limit = self.text.len().min(self.start + MAX_QUOTED);
        let (mut input, mut out, mut ends) = (self.start, 0, 0);
        if self.scratch.is_empty() {
            self.scratch.resize(4096, 0);
        }
        self.ends.resize(self.ends.capacity().max(64), 0);
        let mut flushed = false;
        loop {
            // At the end a line break tells an open quote, which swallows it, from a closed one.
            let bytes = if flushed { &b"\n"[..] } else { &self.text[input..limit] };
            let (result, read, written, ended) =
                self.core.read_record(bytes, &mut self.scratch[out..], &mut self.ends[ends..]);
            if !flushed {
                input += read;
            }
            out += written;
            ends += ended;
            match result {
                OutputFull => self.scratch.resize(self.scratch.len() * 2, 0),
                OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                InputEmpty if !flushed && limit == self.text.len() => flushed = true,
                InputEmpty => break self.unclosed = true,
                Record | End => break,
            }
        }
        // A quote that closes in the middle of a cell lines below was never meant to close this one.
        let consumed = &self.text[self.start..input];
        let lines = memchr_iter(b'\n', consumed).count();
        let within = lines > usize::from(consumed.ends_with(b"\n"));
        if !self.unclosed && within && self.closes_badly(consumed) {
            self.unclosed = true;
        }
        if self.unclosed {
            self.split_plain(trimmed_len);
            self.at = self.start + line_len;
            return;
        }
        self.len = ends;
        self.ends.truncate(ends);
        self.line += lines as u32;
        self.at = input;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_all(text: &[u8]) -> Vec<Vec<Vec<u8>>> {
        let mut reader = RecordReader::new(text, b',', 0, 1);
        let mut all = Vec::new();
        while reader.read() {
            all.push(reader.fields().map(<[u8]>::to_vec).collect());
        }
        all
    }

    #[test]
    fn lines_are_physical_and_unclosed_quotes_stay_on_theirs() {
        let text = b"a,b\r\n\n\"x\ny\",2\r\nz,\"open\nlast,1";
        let mut reader = RecordReader::new(text, b',', 0, 1);
        let mut seen = Vec::new();
        while reader.read() {
            seen.push((reader.start_line(), reader.len(), reader.unclosed(), reader.raw().len()));
        }
        assert_eq!(seen, [(1, 2, false, 3), (3, 2, false, 7), (5, 2, true, 7), (6, 2, false, 6)]);
    }

    proptest! {
        /// Where every quote is closed we read exactly what the csv crate reads.
        #[test]
        fn equals_the_csv_crate(
            rows in prop::collection::vec(prop::collection::vec("[a-c,\"\n\r é]{0,6}", 1..5), 0..12),
            crlf in any::<bool>(),
        ) {
            let end = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
            let mut writer =
                csv::WriterBuilder::new().flexible(true).terminator(end).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let text = writer.into_inner().unwrap();
            let mut reader =
                csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(&text[..]);
            let expected: Vec<Vec<Vec<u8>>> = reader
                .byte_records()
                .map(|r| r.unwrap().iter().map(<[u8]>::to_vec).collect())
                .collect();
            prop_assert_eq!(read_all(&text), expected);
        }

        #[test]
        fn never_panics_and_always_ends(text in prop::collection::vec(
            prop::sample::select(b"ab,\"\n\r\xff".to_vec()), 0..200)) {
            read_all(&text);
        }
    }
}
