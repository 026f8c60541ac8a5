//! Delimited text to columns of value ids, in parallel.
//!
//! The text is cut into chunks at line ends; each chunk is read by one thread into dictionaries of
//! its own, and columns are then joined in chunk order, so that ids are by first appearance
//! whatever the number of threads. A line end can stand inside a quoted cell: chunks begin where
//! the quotes before are even, and a chunk is used only when the one before ended exactly at its
//! start. So the result is that of a sequential reader even when quotes lie.

use super::Reject;
use super::header::Layout;
use super::limit::{Limits, MAX_RAW};
use super::original::Span;
use super::record_reader::RecordReader;
use crate::record::{Column, DictionaryBuilder, ValueId};
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Chunks of this size keep a thread's dictionaries near its cache.
const CHUNK: usize = 8 << 20;

/// How to read the rows.
pub(crate) struct Rules {
    /// Field delimiter.
    pub delimiter: u8,
    /// Keep rows with too few or too many fields.
    pub flexible: bool,
    /// Nominal chunk size; tests make it small.
    pub chunk: usize,
    /// How long a line may be.
    pub limits: Limits,
    /// Share of rejects beyond which the caller refuses the file: their rows need not be kept.
    pub reject_rate: Option<f64>,
}

impl Rules {
    /// The usual rules for a delimiter.
    pub fn new(delimiter: u8, flexible: bool, limits: &Limits) -> Self {
        Self { delimiter, flexible, chunk: CHUNK, limits: *limits, reject_rate: None }
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
    let sizes = Sizes::of(layout.headers.len());
    let read = |budget: &Budget| {
        let mut chunks: Vec<Chunk> = starts
            .par_iter()
            .enumerate()
            .map(|(i, &(at, line))| {
                let later = &offsets[i + 1..];
                Chunk::read(bytes, (at, line), later, layout, rules, (budget, &sizes))
            })
            .collect::<Option<_>>()?;
        keep_proven(&mut chunks);
        join(chunks, layout)
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

/// How large the chunks before were: what is made at its final size need not grow. The result does
/// not depend on it.
struct Sizes {
    rows: AtomicUsize,
    /// Per column: distinct values and their bytes.
    columns: Vec<(AtomicUsize, AtomicUsize)>,
}

impl Sizes {
    fn of(width: usize) -> Self {
        let columns = (0..width).map(|_| Default::default()).collect();
        Self { rows: AtomicUsize::new(0), columns }
    }

    fn learn(&self, chunk: &Chunk) {
        self.rows.fetch_max(chunk.parsed.lines.len(), Ordering::Relaxed);
        for ((values, bytes), builder) in self.columns.iter().zip(&chunk.builders) {
            values.fetch_max(builder.dictionary().len(), Ordering::Relaxed);
            bytes.fetch_max(builder.text_len(), Ordering::Relaxed);
        }
    }

    fn builders(&self) -> Vec<DictionaryBuilder> {
        let sized = |(values, bytes): &(AtomicUsize, AtomicUsize)| {
            let mut builder = DictionaryBuilder::default();
            if let values @ 1.. = values.load(Ordering::Relaxed) {
                // A little more, since chunks differ.
                builder.reserve(values + values / 16, bytes.load(Ordering::Relaxed) * 17 / 16);
            }
            builder
        };
        self.columns.iter().map(sized).collect()
    }

    fn ids(&self) -> Vec<Vec<ValueId>> {
        let rows = self.rows.load(Ordering::Relaxed);
        self.columns.iter().map(|_| Vec::with_capacity(rows + rows / 16)).collect()
    }
}

/// Rows whose cells are looked up column by column: one dictionary at a time stays in the cache.
const BLOCK: usize = 256;

/// Cells that were read and are not looked up yet, row by row.
#[derive(Default)]
struct Block {
    text: Vec<u8>,
    /// Where each cell ends in `text`; it begins where the one before ends.
    ends: Vec<u32>,
    rows: usize,
}

impl Block {
    fn cell(&self, row: usize, column: usize, width: usize) -> &[u8] {
        let at = row * width + column;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start as usize..self.ends[at] as usize]
    }
}

/// What one thread read.
struct Chunk {
    builders: Vec<DictionaryBuilder>,
    ids: Vec<Vec<ValueId>>,
    block: Block,
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
        (budget, sizes): (&Budget, &Sizes),
    ) -> Option<Self> {
        let width = layout.headers.len();
        let mut reader = RecordReader::new(bytes, rules.delimiter, at, line).within(&rules.limits);
        let mut chunk = Self {
            builders: sizes.builders(),
            ids: sizes.ids(),
            block: Block::default(),
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
                chunk.look_up()?;
                sizes.learn(&chunk);
                return Some(chunk);
            }
            if !reader.read() {
                chunk.look_up()?;
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
        let mut joined = None;
        if len > width {
            if (width..len).all(|i| row.get(i).trim_ascii().is_empty()) {
                self.parsed.trimmed += 1;
            } else if rules.flexible {
                let rest: Vec<&[u8]> = (width - 1..len).map(|i| row.get(i)).collect();
                joined = Some(rest.join(&rules.delimiter));
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
        for i in 0..width {
            let cell = match &joined {
                Some(joined) if i + 1 == width => joined.as_slice(),
                _ if i < len => row.get(i),
                _ => &[],
            };
            let cell = if i == 0 { strip_bom(cell) } else { cell };
            self.block.text.extend_from_slice(cell);
            self.block.ends.push(u32::try_from(self.block.text.len()).ok()?);
        }
        self.block.rows += 1;
        if self.block.rows == BLOCK || self.block.text.len() > CHUNK {
            self.look_up()?;
        }
        Some(())
    }

    /// Gives the cells of the block their ids.
    fn look_up(&mut self) -> Option<()> {
        let (block, width) = (&mut self.block, self.builders.len());
        for (column, (builder, ids)) in self.builders.iter_mut().zip(&mut self.ids).enumerate() {
            builder.intern_all((0..block.rows).map(|row| block.cell(row, column, width)), ids)?;
        }
        block.text.clear();
        block.ends.clear();
        block.rows = 0;
        Some(())
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

fn strip_bom(cell: &[u8]) -> &[u8] {
    cell.strip_prefix("\u{feff}".as_bytes()).unwrap_or(cell)
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

/// Joins the chunks column by column.
fn join(mut chunks: Vec<Chunk>, layout: &Layout) -> Option<Parsed> {
    let records: usize = chunks.iter().map(|c| c.parsed.lines.len()).sum();
    u32::try_from(records).ok().filter(|&n| n < u32::MAX)?;
    let width = layout.headers.len();
    // Turned round: for each column its part of every chunk.
    let mut parts: Vec<Vec<(DictionaryBuilder, Vec<ValueId>)>> =
        (0..width).map(|_| Vec::with_capacity(chunks.len())).collect();
    for chunk in &mut chunks {
        let builders = std::mem::take(&mut chunk.builders);
        let ids = std::mem::take(&mut chunk.ids);
        for (part, pair) in parts.iter_mut().zip(builders.into_iter().zip(ids)) {
            part.push(pair);
        }
    }
    let columns: Vec<Column> = parts
        .into_par_iter()
        .zip(&layout.headers)
        .with_max_len(1)
        .map(|(part, header)| join_column(part, header, records))
        .collect::<Option<_>>()?;
    let mut all = Parsed { columns, ..Parsed::default() };
    all.lines.reserve_exact(records);
    all.spans.reserve_exact(records);
    for chunk in chunks {
        all.lines.extend_from_slice(&chunk.parsed.lines);
        all.spans.extend_from_slice(&chunk.parsed.spans);
        all.rejects.extend(chunk.parsed.rejects);
        all.dropped += chunk.parsed.dropped;
        all.blank += chunk.parsed.blank;
        all.stray += chunk.parsed.stray;
        all.padded += chunk.parsed.padded;
        all.trimmed += chunk.parsed.trimmed;
    }
    Some(all)
}

fn join_column(
    parts: Vec<(DictionaryBuilder, Vec<ValueId>)>,
    header: &str,
    records: usize,
) -> Option<Column> {
    let mut parts = parts.into_iter();
    let (mut builder, mut ids) = parts.next().unwrap_or_default();
    ids.reserve_exact(records - ids.len());
    let rest = parts.as_slice().iter().map(|(other, _)| other);
    let (further, bytes) = rest.fold((0, 0), |(count, bytes), other| {
        (count + other.dictionary().len(), bytes + other.text_len())
    });
    for (at, (other, other_ids)) in parts.enumerate() {
        let before = builder.dictionary().len();
        let map = builder.absorb(&other)?;
        // Where hardly any value of the second part was known, hardly any of the others will be.
        if at == 0 && (builder.dictionary().len() - before) * 4 > other.dictionary().len() * 3 {
            let known = builder.text_len();
            builder.reserve(before + further, known + bytes);
        }
        ids.extend(other_ids.iter().map(|id| map[id.index()]));
    }
    Some(Column { header: header.to_string(), dictionary: builder.finish(), ids })
}
