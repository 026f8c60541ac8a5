//! Reading a journal back: the inputs as they were, whose each row is, and how persons came about.
//!
//! The chain is checked line by line, so that what is read is what was written. Rows of forgotten
//! persons are tombstones: they are counted and otherwise left out.

use super::line::{Chain, Line, Link};
use super::setup::{FileRole, Setup};
use super::{FILE, FORMAT, decisions, hex};
use crate::error::{Error, Result};
use crate::pipeline::UserDecision;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

/// A journal as it was read.
#[derive(Debug)]
pub struct Journal {
    /// What the run was told.
    pub setup: Setup,
    /// What people had decided.
    pub decisions: Vec<UserDecision>,
    /// The inputs' bytes, in the order of `setup.files`.
    pub contents: Vec<Arc<Vec<u8>>>,
    /// Per file: whether it is as it was, byte for byte; else rows of forgotten persons are missing.
    pub whole: Vec<bool>,
    /// The lead records that are still there, file by file, in the order of their rows.
    pub records: Vec<RecordEntry>,
    /// The merges.
    pub steps: Vec<MergeStep>,
    /// Lines that were forgotten.
    pub forgotten: u64,
}

/// A lead record of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordEntry {
    /// Index of its file.
    pub file: usize,
    /// Its row within what is left of the file, from 1.
    pub row: u32,
    /// What the run calls it.
    pub label: String,
    /// Its source.
    pub source: String,
    /// From 1; above 1 where the id repeats.
    pub occurrence: u32,
    /// Whose it is.
    pub person_id: String,
}

/// Two groups of records became one.
#[derive(Debug, Clone, Deserialize)]
pub struct MergeStep {
    /// The person.
    pub person_id: String,
    /// From 1, within the person.
    pub step: u32,
    /// The record that stands for the group that went on.
    pub winner: String,
    /// The record that stands for the group that was merged into it.
    pub loser: String,
    /// Pairs of records across the two groups, with their probability.
    #[serde(default)]
    pub links: Vec<(String, String, f64)>,
}

#[derive(Deserialize)]
struct Piece<'a> {
    file: usize,
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
    #[serde(borrow)]
    base64: Option<Cow<'a, str>>,
    #[serde(default)]
    record: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    occurrence: u32,
    #[serde(default)]
    person_id: String,
}

#[derive(Deserialize)]
struct Policy {
    decisions: String,
}

impl Journal {
    /// Reads the journal of a run's folder.
    ///
    /// # Errors
    /// [`Error::Read`] when there is none, [`Error::Format`] when it is damaged.
    pub fn read(folder: &Path) -> Result<Self> {
        let failed = |cause| Error::Read { file: FILE.into(), cause };
        let text = std::fs::read_to_string(folder.join(FILE)).map_err(failed)?;
        parse(&text)
    }
}

/// Reads the text of a journal.
pub(crate) fn parse(text: &str) -> Result<Journal> {
    let mut reader = Reader::default();
    for (at, line) in text.lines().enumerate() {
        let damaged = |what: &str| damaged(Some(at as u32 + 1), what);
        let line = Line::parse(line).ok_or_else(|| damaged("is no line of a journal"))?;
        reader.chain.add(line.kind, &line.digest());
        if line.n != at as u64 || reader.chain.0 != line.chain {
            return Err(damaged("does not fit the lines before it: the journal was changed"));
        }
        match line.link {
            Link::Payload { payload, .. } => {
                reader.take(line.kind, payload).ok_or_else(|| damaged("cannot be understood"))?;
            }
            Link::Tombstone { .. } => reader.forgotten += 1,
        }
    }
    reader.end()
}

fn damaged(line: Option<u32>, what: &str) -> Error {
    let remedy = "restore the folder from a copy, or run `leadmend clean` again";
    Error::Format { file: FILE.into(), line, what: what.into(), remedy: remedy.into() }
}

#[derive(Default)]
struct Reader {
    chain: Chain,
    setup: Option<Setup>,
    decisions: Vec<UserDecision>,
    contents: Vec<Vec<u8>>,
    rows: Vec<u32>,
    records: Vec<RecordEntry>,
    steps: Vec<MergeStep>,
    forgotten: u64,
}

impl Reader {
    fn take(&mut self, kind: &str, payload: &str) -> Option<()> {
        match kind {
            "run" => {
                // After forgetting the line that counts stands at the end.
                let setup: Setup = serde_json::from_str(payload).ok()?;
                self.make_room(setup.files.len());
                self.setup = Some(setup);
            }
            "policy" => {
                let policy: Policy = serde_json::from_str(payload).ok()?;
                self.decisions = decisions::from_csv(&policy.decisions)?;
            }
            "bytes" | "activity" => self.piece(payload, false)?,
            "record" => self.piece(payload, true)?,
            "merge" => self.steps.push(serde_json::from_str(payload).ok()?),
            // A later version may say more.
            _ => {}
        }
        Some(())
    }

    fn make_room(&mut self, files: usize) {
        let files = files.max(self.contents.len());
        self.contents.resize(files, Vec::new());
        self.rows.resize(files, 0);
    }

    fn piece(&mut self, payload: &str, record: bool) -> Option<()> {
        let piece: Piece = serde_json::from_str(payload).ok()?;
        // As many files as there are sources at most.
        self.make_room(usize::from(u16::try_from(piece.file).ok()?) + 1);
        let content = self.contents.get_mut(piece.file)?;
        match (&piece.text, &piece.base64) {
            (Some(text), _) => content.extend_from_slice(text.as_bytes()),
            (None, Some(coded)) => content.extend(STANDARD.decode(coded.as_bytes()).ok()?),
            (None, None) => return None,
        }
        if record {
            let row = self.rows.get_mut(piece.file)?;
            *row += 1;
            self.records.push(RecordEntry {
                file: piece.file,
                row: *row,
                label: piece.record,
                source: piece.source,
                occurrence: piece.occurrence,
                person_id: piece.person_id,
            });
        }
        Some(())
    }

    fn end(self) -> Result<Journal> {
        let setup = self.setup.ok_or_else(|| damaged(None, "does not say what the run was"))?;
        if setup.format != FORMAT {
            let what = format!("has format {}; this version reads {FORMAT}", setup.format);
            return Err(damaged(None, &what));
        }
        let as_it_was = |(bytes, entry): (&Vec<u8>, &super::setup::FileEntry)| {
            bytes.len() as u64 == entry.bytes && hex(&Sha256::digest(bytes)) == entry.sha256
        };
        let whole: Vec<bool> = self.contents.iter().zip(&setup.files).map(as_it_was).collect();
        if self.forgotten == 0 && whole.contains(&false) {
            return Err(damaged(None, "ends too early: the inputs in it are not whole"));
        }
        let contents = self.contents.into_iter().map(Arc::new).collect();
        Ok(Journal {
            setup,
            decisions: self.decisions,
            contents,
            whole,
            records: self.records,
            steps: self.steps,
            forgotten: self.forgotten,
        })
    }
}

impl Journal {
    /// Index of the source of a record: lead files are the first sources.
    pub(crate) fn source_of(&self, record: &RecordEntry) -> u16 {
        let leads = self.setup.files[..record.file].iter().filter(|f| f.role == FileRole::Leads);
        leads.count() as u16
    }
}
