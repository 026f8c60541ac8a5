//! Delimited text to columns of value ids, in parallel.
//!
//! The text is cut into chunks at line ends; each chunk is cut into cells by one thread, and each
//! column is then put together by one thread from all chunks in their order, so that ids are by
//! first appearance whatever the number of threads. A line end can stand inside a quoted cell: chunks begin where
//! the quotes before are even, and a chunk is used only when the one before ended exactly at its
//! start. So the result is that of a sequential reader even when quotes lie.

use super::Reject;
use super::cells::{Cells, FAR, build_columns};
use super::header::Layout;
use super::limit::{Limits, MAX_RAW};
use super::original::Span;
use super::record_reader::RecordReader;
use crate::record::Column;
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Chunks of this size are many to share out and few to join.
const CHUNK: usize = 8 << 20;

/// How to read the rows.
pub(crate) struct Rules {
    /// Field delimiter.
    pub delimiter: u8,
    /// Keep rows with too few or too many fields.
    pub flexible: bool,
    /// Nominal chunk size; tests make it small.
    pub chunk: usize,
    /// How far offsets count before they begin anew; tests make it small.
    pub far: usize,
    /// How long a line may be.
    pub limits: Limits,
    /// Share of rejects beyond which the caller refuses the file: their rows need not be kept.
    pub reject_rate: Option<f64>,
}

impl Rules {
    /// The usual rules for a delimiter.
    pub fn new(delimiter: u8, flexible: bool, limits: &Limits) -> Self {
        Self { delimiter, flexible, chunk: CHUNK, far: FAR, limits: *limits, reject_rate: None }
    }
}

/// Everything read from the rows.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// One per header.
    pub columns: Vec<Column>,
    /// Line where each record begins.
    pub lines: Vec<u32>,
    /// Where each record stands in the text.
    pub spans: Vec<Span>,
    /// Rows that did not fit.
    pub rejects: Vec<Reject>,
    /// Further rows that did not fit, of a file that has too many of them.
    pub dropped: u64,
    /// Rows without any value.
    pub blank: u64,
    /// Rows with an unclosed quote that fit as they stand.
    pub stray: u64,
    /// Rows filled up with empty cells at the end.
    pub padded: u64,
    /// Rows whose surplus empty fields were dropped.
    pub trimmed: u64,
}

/// Reads the rows of `text` (which ends at the footer). `None` when a dictionary or the record
/// count overflows.
pub(crate) fn parse(text: &str, layout: &Layout, rules: &Rules) -> Option<Parsed> {
    let bytes = text.as_bytes();
    let starts = chunk_starts(bytes, layout.body, layout.body_line, rules);
    let offsets: Vec<usize> = starts.iter().map(|&(at, _)| at).collect();
    let read = |budget: &Budget| {
        let mut chunks: Vec<Chunk> = starts
            .par_iter()
            .enumerate()
            .map(|(i, &(at, line))| {
                let later = &offsets[i + 1..];
                Chunk::read(bytes, (at, line), later, layout, rules, budget)
            })
            .collect::<Option<_>>()?;
        keep_proven(&mut chunks);
        join(chunks, text, layout)
    };
    let Some(rate) = rules.reject_rate else { return read(&Budget::unlimited()) };
    let parsed = read(&Budget::of(&bytes[layout.body..], rate))?;
    let rejected = parsed.dropped + parsed.rejects.len() as u64;
    let rows = rejected + parsed.lines.len() as u64;
    if parsed.dropped > 0 && rejected as f64 <= rate * rows as f64 {
        // Chunks begun inside a quoted cell spent the budget on what are no rows at all.
        return read(&Budget::unlimited());
    }
    Some(parsed)
}

/// How many rejects are kept before the file is beyond hope: more than its lines allow, whatever
/// the rest of them holds. A row of a table of another shape takes four times its size in memory.
struct Budget {
    most: usize,
    spent: AtomicUsize,
}

impl Budget {
    fn unlimited() -> Self {
        Self { most: usize::MAX, spent: AtomicUsize::new(0) }
    }

    fn of(body: &[u8], rate: f64) -> Self {
        let ends = |piece: &[u8]| count(b'\n', piece) + count(b'\r', piece);
        let lines = body.par_chunks(CHUNK).map(ends).sum::<usize>() + 1;
        Self { most: (rate * lines as f64) as usize + 1, spent: AtomicUsize::new(0) }
    }

    fn take(&self) -> bool {
        self.spent.fetch_add(1, Ordering::Relaxed) < self.most
    }
}

/// Offsets and lines at which chunks begin: the first at the body, the others after a line end
/// with an even number of quotes before it.
fn chunk_starts(bytes: &[u8], body: usize, line: u32, rules: &Rules) -> Vec<(usize, u32)> {
    let pieces: Vec<(usize, &[u8])> = bytes[body..]
        .chunks(rules.chunk.max(1))
        .enumerate()
        .map(|(i, piece)| (body + i * rules.chunk.max(1), piece))
        .collect();
    let counts: Vec<(usize, usize)> =
        pieces.par_iter().map(|(_, piece)| (count(b'"', piece), count(b'\n', piece))).collect();
    let mut starts = vec![(body, line)];
    let (mut quotes, mut lines) = (0usize, 0usize);
    for (i, &(at, piece)) in pieces.iter().enumerate() {
        if i > 0
            && let Some((offset, line_ends)) = even_line_end(piece, quotes)
        {
            starts.push((at + offset, line + (lines + line_ends) as u32));
        }
        quotes += counts[i].0;
        lines += counts[i].1;
    }
    starts
}

fn count(byte: u8, bytes: &[u8]) -> usize {
    memchr::memchr_iter(byte, bytes).count()
}

/// Just after the first line end with an even number of quotes before it, and how many line ends
/// were passed.
fn even_line_end(piece: &[u8], mut quotes: usize) -> Option<(usize, usize)> {
    for (passed, end) in memchr::memchr_iter(b'\n', piece).enumerate() {
        let from = if passed == 0 { 0 } else { memchr::memrchr(b'\n', &piece[..end])? + 1 };
        quotes += count(b'"', &piece[from..end]);
        if quotes.is_multiple_of(2) && end + 1 < piece.len() {
            return Some((end + 1, passed + 1));
        }
    }
    None
}

/// What one thread read.
struct Chunk {
    /// One after the other; more than one only where offsets grow too large for one.
    cells: Vec<Cells>,
    parsed: Parsed,
    /// Where it began, and where it stopped: the start of a later chunk or the end.
    start: usize,
    stop: usize,
}

impl Chunk {
    /// Reads from `at` until a record begins at one of `later`.
    fn read(
        bytes: &[u8],
        (at, line): (usize, u32),
        later: &[usize],
        layout: &Layout,
        rules: &Rules,
        budget: &Budget,
    ) -> Option<Self> {
        let width = layout.headers.len();
        let mut reader = RecordReader::new(bytes, rules.delimiter, at, line).within(&rules.limits);
        let mut chunk = Self {
            cells: vec![Cells::at(at)],
            parsed: Parsed::default(),
            start: at,
            stop: bytes.len(),
        };
        let mut later = later.iter().copied().peekable();
        loop {
            let next = reader.next_start();
            while later.peek().is_some_and(|&start| start < next) {
                later.next();
            }
            if later.peek() == Some(&next) {
                chunk.stop = next;
                return Some(chunk);
            }
            if !reader.read() {
                return Some(chunk);
            }
            chunk.add(&reader, width, layout.pad_from, rules, budget)?;
        }
    }

    fn add(
        &mut self,
        row: &RecordReader,
        width: usize,
        pad_from: usize,
        rules: &Rules,
        budget: &Budget,
    ) -> Option<()> {
        let len = row.len();
        if row.too_long() {
            self.reject(row, budget, || format!("longer than {} bytes", rules.limits.line));
            return Some(());
        }
        if row.fields().all(|f| f.trim_ascii().is_empty()) {
            self.parsed.blank += 1;
            return Some(());
        }
        if row.unclosed() {
            if len != width {
                self.reject(row, budget, || "a quote is opened and never closed".into());
                return Some(());
            }
            self.parsed.stray += 1;
        }
        let mut joined = false;
        if len > width {
            if (width..len).all(|i| row.get(i).trim_ascii().is_empty()) {
                self.parsed.trimmed += 1;
            } else if rules.flexible {
                joined = true;
            } else {
                let why = || format!("{len} fields, header has {width} (unquoted delimiter?)");
                self.reject(row, budget, why);
                return Some(());
            }
        } else if len < width {
            if !rules.flexible && len < pad_from {
                let why = || format!("{len} fields, header has {width} (unquoted line break?)");
                self.reject(row, budget, why);
                return Some(());
            }
            self.parsed.padded += 1;
        }
        self.parsed.lines.push(row.start_line());
        self.parsed.spans.push(row.span());
        if self.cells.last().is_none_or(|cells| cells.is_full(row.start(), rules.far)) {
            self.cells.push(Cells::at(row.start()));
        }
        self.cells.last_mut()?.add(row, width, joined)
    }

    fn reject(&mut self, row: &RecordReader, budget: &Budget, reason: impl FnOnce() -> String) {
        // The first of a chunk is always kept: the refusal of the file names the first of all.
        if !budget.take() && !self.parsed.rejects.is_empty() {
            self.parsed.dropped += 1;
            return;
        }
        let reason = reason();
        let raw = row.raw();
        let raw = String::from_utf8_lossy(&raw[..raw.len().min(MAX_RAW)]).into_owned();
        self.parsed.rejects.push(Reject { line: row.start_line(), reason, raw });
    }
}

/// Follows the chunks from the first: each names the one that truly comes next; those begun inside
/// a quoted cell are never named.
fn keep_proven(chunks: &mut Vec<Chunk>) {
    let mut next = chunks.first().map_or(0, |chunk| chunk.start);
    chunks.retain(|chunk| {
        let proven = chunk.start == next;
        if proven {
            next = chunk.stop;
        }
        proven
    });
}

/// Joins the chunks: their rows one after the other, their cells column by column.
fn join(chunks: Vec<Chunk>, text: &str, layout: &Layout) -> Option<Parsed> {
    let records: usize = chunks.iter().map(|c| c.parsed.lines.len()).sum();
    u32::try_from(records).ok().filter(|&n| n < u32::MAX)?;
    let mut all = Parsed::default();
    all.lines.reserve_exact(records);
    all.spans.reserve_exact(records);
    let mut cells = Vec::new();
    for chunk in chunks {
        all.lines.extend_from_slice(&chunk.parsed.lines);
        all.spans.extend_from_slice(&chunk.parsed.spans);
        all.rejects.extend(chunk.parsed.rejects);
        all.dropped += chunk.parsed.dropped;
        all.blank += chunk.parsed.blank;
        all.stray += chunk.parsed.stray;
        all.padded += chunk.parsed.padded;
        all.trimmed += chunk.parsed.trimmed;
        cells.extend(chunk.cells);
    }
    all.columns = build_columns(&cells, text, layout, records)?;
    Some(all)
}
