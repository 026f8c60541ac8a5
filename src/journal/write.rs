//! Writing the journal: the originals piece by piece, then the merges.
//!
//! Payloads, salts and digests are made in parallel; only the chain itself, one short hash a line,
//! is sequential. One input file is in memory at a time.

use super::line::{Block, Chain, Salts, Tail, push_number};
use super::merges::{self, Step};
use super::setup::{FileRole, Setup};
use super::{FILE, hex};
use crate::error::{Error, Result};
use crate::merge::history::ORPHAN;
use crate::pipeline::Outcome;
use crate::record::{RecordId, Table};
use crate::report::folder::OutputFolder;
use crate::report::label::Labels;
use crate::report::reason::Reasons;
use crate::source::Source;
use crate::source::original::{Original, Span};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rayon::prelude::*;
use serde::Serialize;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::Range;

/// Bytes of an input that one line holds at most, unless a single row is longer.
const PIECE: u64 = 1 << 20;
/// Lines a worker makes at a time.
const CHUNK: usize = 1024;
/// No row.
const NO_ROW: u32 = u32::MAX;

/// Writes `journal.jsonl`.
pub(crate) fn write(outcome: &Outcome, folder: &OutputFolder, reasons: &Reasons) -> Result<Tail> {
    let job = &outcome.job;
    let inputs: Vec<(&Source, &Original)> =
        job.inputs.iter().chain(&job.activities).zip(&outcome.originals).collect();
    let salts = salts(job.key.as_deref(), &inputs)?;
    let mut writer =
        Writer { file: folder.create(FILE)?, salts, lines: 0, chain: Chain::default() };
    writer.one("run", &Setup::of(outcome))?;
    writer.one("policy", &policy(outcome))?;
    for (index, (source, original)) in inputs.into_iter().enumerate() {
        let file = FileLines::new(outcome, index, original);
        let mut again = original.open_again(source)?;
        let load = |pieces: Range<usize>| again.take(file.length(pieces));
        writer.many(file.pieces.len(), load, |i, n, bytes, block, salts| {
            file.line(i, n, bytes, block, salts);
        })?;
        again.end()?;
    }
    let steps = merges::steps(outcome);
    let labels = Labels::new(&outcome.table);
    writer.many(
        steps.len(),
        |_| Ok(()),
        |i, n, _, block, salts| {
            block
                .add(n, "merge", salts, |out| push_step(outcome, &labels, reasons, &steps[i], out));
        },
    )?;
    writer.end()
}

/// The salts of this run.
fn salts(key: Option<&[u8]>, inputs: &[(&Source, &Original)]) -> Result<Salts> {
    let salts = match key {
        Some(key) => Salts::of_key(key),
        None => Salts::of_secrets(inputs.iter().map(|(_, file)| file.secret)),
    };
    salts.ok_or_else(|| Error::usage("LEADMEND_KEY cannot be a key", "give a shorter text"))
}

/// The lines so far.
struct Writer {
    file: BufWriter<File>,
    salts: Salts,
    lines: u64,
    chain: Chain,
}

impl Writer {
    fn one(&mut self, kind: &'static str, payload: &impl Serialize) -> Result<()> {
        let text = serde_json::to_vec(payload).map_err(|e| failed(e.into()))?;
        let mut block = Block::default();
        block.add(self.lines, kind, &self.salts, |out| out.extend_from_slice(&text));
        self.lines += 1;
        self.file.write_all(block.seal(&mut self.chain)).map_err(failed)
    }

    /// Writes `count` lines; `load` gets what a wave of them is made from, `fill` adds line `i`,
    /// whose number is given.
    fn many<T: Sync>(
        &mut self,
        count: usize,
        mut load: impl FnMut(Range<usize>) -> Result<T> + Send,
        fill: impl Fn(usize, u64, &(usize, T), &mut Block, &Salts) + Sync,
    ) -> Result<()> {
        let Self { file, salts, lines, chain } = self;
        let first = *lines;
        let wave = CHUNK * 8 * rayon::current_num_threads();
        let mut build = |from: usize| -> Result<Vec<Block>> {
            let end = count.min(from + wave);
            let loaded = (from, load(from..end)?);
            let starts: Vec<usize> = (from..end).step_by(CHUNK).collect();
            let block = |start: usize| {
                let mut block = Block::default();
                for i in start..end.min(start + CHUNK) {
                    fill(i, first + i as u64, &loaded, &mut block, salts);
                }
                block
            };
            Ok(starts.into_par_iter().map(block).collect())
        };
        let mut ready: Vec<Block> = Vec::new();
        let mut from = 0;
        while from < count || !ready.is_empty() {
            // One wave is sealed and written while the next is built.
            let mut put = || -> std::io::Result<()> {
                ready.iter_mut().try_for_each(|block| file.write_all(block.seal(chain)))
            };
            let (written, next) = rayon::join(&mut put, || build(from.min(count)));
            written.map_err(failed)?;
            ready = next?;
            from += wave;
        }
        *lines += count as u64;
        Ok(())
    }

    fn end(mut self) -> Result<Tail> {
        self.file.flush().map_err(failed)?;
        Ok(Tail { lines: self.lines, chain: hex(&self.chain.0) })
    }
}

fn failed(cause: std::io::Error) -> Error {
    Error::Write { file: FILE.into(), cause }
}

/// What was decided or known beforehand, as the text of files.
#[derive(Serialize)]
struct Policy {
    /// What people decided.
    decisions: String,
    /// Records that were one person from the start: decided, or merged before by the product.
    known: String,
}

fn policy(outcome: &Outcome) -> Policy {
    let labels = Labels::new(&outcome.table);
    let label = |record: u32| {
        let mut text = String::new();
        labels.push(RecordId(record), &mut text);
        text
    };
    let decided = &outcome.job.decisions;
    let known = outcome.matched.constraints.same.iter();
    let known: Vec<_> = known.map(|pair| (label(pair.a), label(pair.b), true)).collect();
    Policy {
        decisions: super::decisions::to_csv(
            decided.iter().map(|d| (d.left.as_str(), d.right.as_str(), d.same)),
        ),
        known: super::decisions::to_csv(known.iter().map(|(l, r, s)| (l.as_str(), r.as_str(), *s))),
    }
}

/// A piece of a file: the bytes of one row, or others.
#[derive(Debug, Clone, Copy)]
struct Piece {
    span: Span,
    /// Index of the row, or [`NO_ROW`].
    row: u32,
}

/// The lines of one file.
struct FileLines<'a> {
    outcome: &'a Outcome,
    /// Index of the file among all.
    index: usize,
    role: FileRole,
    /// Index among the files of its role.
    source: usize,
    pieces: Vec<Piece>,
    /// Per row: its record (or activity) in the table.
    record_of_row: Vec<u32>,
    labels: Labels<'a>,
}

impl<'a> FileLines<'a> {
    fn new(outcome: &'a Outcome, index: usize, original: &Original) -> Self {
        let leads = outcome.job.inputs.len();
        let (role, source, table) = match index.checked_sub(leads) {
            None => (FileRole::Leads, index, &outcome.table),
            Some(source) => (FileRole::Activities, source, &outcome.activities.table),
        };
        let record_of_row = rows_of(table, source);
        Self {
            outcome,
            index,
            role,
            source,
            pieces: cut(original.bytes, &original.spans, record_of_row.len()),
            record_of_row,
            labels: Labels::new(&outcome.table),
        }
    }

    /// Bytes of pieces, which follow one another without a gap.
    fn length(&self, pieces: Range<usize>) -> u64 {
        self.pieces[pieces].iter().map(|piece| piece.span.len).sum()
    }

    /// Line `i`; `loaded` is the bytes from a certain piece on.
    fn line(&self, i: usize, n: u64, loaded: &(usize, Vec<u8>), block: &mut Block, salts: &Salts) {
        let (piece, from) = (self.pieces[i], self.pieces[loaded.0].span.start);
        let start = (piece.span.start - from) as usize;
        let bytes = &loaded.1[start..start + piece.span.len as usize];
        let kind = match (piece.row, self.role) {
            (NO_ROW, _) => "bytes",
            (_, FileRole::Leads) => "record",
            (_, FileRole::Activities) => "activity",
        };
        block.add(n, kind, salts, |out| {
            out.extend_from_slice(b"{\"file\":");
            push_number(self.index as u64, out);
            push_bytes(bytes, out);
            if piece.row != NO_ROW {
                self.push_row(piece.row, out);
            }
            out.push(b'}');
        });
    }

    fn push_row(&self, row: u32, out: &mut Vec<u8>) {
        let record = self.record_of_row[row as usize];
        let (outcome, at) = (self.outcome, record as usize);
        let of_lead = |record: u32| {
            let person = outcome.matched.clusters.person_of.get(record as usize)?;
            Some(outcome.person_ids.get(*person))
        };
        let person = match self.role {
            FileRole::Leads => {
                let mut label = String::new();
                self.labels.push(RecordId(record), &mut label);
                push_text("record", &label, out);
                push_text("source", &outcome.table.sources[self.source].name, out);
                of_lead(record)
            }
            FileRole::Activities => {
                push_text("source", &outcome.activities.table.sources[self.source].name, out);
                match outcome.activities.activities.record[at] {
                    ORPHAN => None,
                    lead => of_lead(lead),
                }
            }
        };
        out.extend_from_slice(b",\"row\":");
        push_number(u64::from(row) + 1, out);
        if self.role == FileRole::Leads {
            out.extend_from_slice(b",\"occurrence\":");
            push_number(outcome.table.occurrence[at].into(), out);
        }
        push_text("person_id", person.unwrap_or_default(), out);
    }
}

/// Per row of a source: its place in the table.
fn rows_of(table: &Table, source: usize) -> Vec<u32> {
    let of_source = |r: &RecordId| usize::from(table.source[r.index()]) == source;
    let records: Vec<RecordId> = table.records().filter(of_source).collect();
    let mut at = vec![0; records.len()];
    for record in records {
        if let Some(slot) = at.get_mut((table.row[record.index()] as usize).wrapping_sub(1)) {
            *slot = record.0;
        }
    }
    at
}

/// Cuts a file: a piece for every row, and what lies between in pieces of at most [`PIECE`]. A file
/// that cannot be cut at its rows has an empty piece for each row at its end.
fn cut(len: u64, spans: &[Span], rows: usize) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(spans.len().max(rows) + 2);
    let mut at = 0;
    let fill = |pieces: &mut Vec<Piece>, range: Range<u64>| {
        for start in range.clone().step_by(PIECE as usize) {
            let len = PIECE.min(range.end - start);
            pieces.push(Piece { span: Span { start, len }, row: NO_ROW });
        }
    };
    if spans.len() == rows {
        for (span, row) in spans.iter().zip(0u32..) {
            fill(&mut pieces, at..span.start);
            pieces.push(Piece { span: *span, row });
            at = span.end();
        }
    }
    fill(&mut pieces, at..len);
    if spans.len() != rows {
        let end = Span { start: len, len: 0 };
        pieces.extend((0..rows as u32).map(|row| Piece { span: end, row }));
    }
    pieces
}

fn push_step(
    outcome: &Outcome,
    labels: &Labels,
    reasons: &Reasons,
    step: &Step,
    out: &mut Vec<u8>,
) {
    let label = |record: RecordId| {
        let mut text = String::new();
        labels.push(record, &mut text);
        text
    };
    let prob = |log_odds: f64| match log_odds.is_infinite() {
        true => 1.0,
        false => outcome.matched.model.calibration.prob(log_odds),
    };
    out.extend_from_slice(b"{\"person_id\":");
    push_json(outcome.person_ids.get(step.person), out);
    out.extend_from_slice(b",\"step\":");
    push_number(step.step.into(), out);
    push_text("winner", &label(step.winner), out);
    push_text("loser", &label(step.loser), out);
    let mut text = String::new();
    if let Some(taken) = step.links.first() {
        if taken.log_odds.is_finite() {
            text += &format!(",\"log_odds\":{:.6}", taken.log_odds);
        } else {
            text += ",\"log_odds\":null";
        }
        text += &format!(",\"probability\":{:.4}", prob(taken.log_odds));
        out.extend_from_slice(text.as_bytes());
        text.clear();
        match taken.decision {
            Some(decision) => {
                let pair = outcome.matched.decisions[decision as usize].pair;
                let pattern = crate::compare::pattern(&outcome.records.features, pair);
                reasons.push(pattern, &mut text);
            }
            None => text.push_str("known to be the same person"),
        }
        push_text("reason", &text, out);
    } else {
        out.extend_from_slice(b",\"log_odds\":null,\"probability\":1.0000");
        push_text("reason", "given, not found", out);
    }
    out.extend_from_slice(b",\"links\":[");
    for (i, held) in step.links.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        out.push(b'[');
        push_json(&label(held.pair.0), out);
        out.push(b',');
        push_json(&label(held.pair.1), out);
        out.extend_from_slice(format!(",{:.4}]", prob(held.log_odds)).as_bytes());
    }
    out.extend_from_slice(b"]}");
}

/// Appends the bytes of a piece: as text when they are UTF-8, else in base64.
fn push_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => push_text("text", text, out),
        Err(_) => push_text("base64", &STANDARD.encode(bytes), out),
    }
}

fn push_text(key: &str, text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\":");
    push_json(text, out);
}

fn push_json(text: &str, out: &mut Vec<u8>) {
    // Writing text to a vector cannot fail.
    let _ = serde_json::to_writer(out, text);
}
