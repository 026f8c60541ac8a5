//! `certificate.json`: what a run read, what it wrote, and how to read it again.
//!
//! Written last into a folder that is then moved into place whole. It holds hashes and counts and no
//! personal data. Why the models are in it as text: a score can only be proven by computing it again,
//! and the file of a model may have changed since.

use crate::normalize::repair::{RepairLevel, RepairPolicy};
use crate::source::fingerprint::sha256_of_file;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Name of the file.
pub const FILE: &str = "certificate.json";
/// The maker.
pub const GENERATOR: &str = "leadmend";
/// Version of the format.
pub const FORMAT: u32 = 1;

/// The certificate of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    /// Version of the format.
    pub format: u32,
    /// The maker.
    pub generator: String,
    /// Version of the program.
    pub leadmend: String,
    /// The run, when the folder is the result of one that merges.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Run>,
    /// Where the journal ends, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journal: Option<JournalEnd>,
    /// Every other file of the folder, by name.
    pub outputs: Vec<Output>,
}

impl Default for Certificate {
    fn default() -> Self {
        Self {
            format: FORMAT,
            generator: GENERATOR.into(),
            leadmend: env!("CARGO_PKG_VERSION").into(),
            run: None,
            journal: None,
            outputs: Vec::new(),
        }
    }
}

/// What a run was made from and what came out of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The clock of the run, RFC 3339.
    pub as_of: String,
    /// The files that were read, in order.
    pub inputs: Vec<Input>,
    /// What decides how they were read and judged.
    pub settings: Settings,
    /// The scoring models, in order.
    pub models: Vec<Model>,
    /// What came out.
    pub counts: Counts,
}

/// A file that was read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// `leads` or `activities`.
    pub role: String,
    /// Source name.
    pub source: String,
    /// File name without folders.
    pub file: String,
    /// Length; 0 when it was withdrawn.
    #[serde(default, deserialize_with = "or_default")]
    pub bytes: u64,
    /// SHA-256 of its bytes; empty when it was withdrawn, since a person was erased from the run.
    #[serde(default, deserialize_with = "or_default")]
    pub sha256: String,
    /// Data rows read.
    pub rows: u64,
    /// What the user said about reading it.
    #[serde(default, skip_serializing_if = "Reading::is_default")]
    pub reading: Reading,
}

/// A value that may be null.
fn or_default<'de, D: serde::Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// How a file is read, where that was not found out from the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// Preset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// Encoding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Delimiter, as a byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<u8>,
    /// Whether the first row is a header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// Rows of odd length are kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flexible: bool,
    /// Table or query of a database file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
}

impl Reading {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The settings that the checks depend on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// `--column`: role and header.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<(String, String)>,
    /// `--ignore-column`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignore_columns: Vec<String>,
    /// `--id-column`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_column: Option<String>,
    /// `--preset`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// Whether someone of unknown consent may be contacted.
    pub contact_unknown: bool,
    /// Whether a refusal counts for its address alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub consent_by_address: bool,
    /// How much was repaired in the cells that are written; nothing where it is not said.
    #[serde(default = "no_repair")]
    pub repair: RepairPolicy,
}

fn no_repair() -> RepairPolicy {
    RepairPolicy { level: RepairLevel::None, ..RepairPolicy::default() }
}

/// A scoring model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// SHA-256 of its text.
    pub sha256: String,
    /// Its text.
    pub text: String,
}

/// What came out of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Lead records.
    pub records: u64,
    /// Persons.
    pub persons: u64,
    /// Activities read.
    pub activities: u64,
    /// Activities kept.
    pub kept: u64,
    /// Activities that are the same event as a kept one.
    pub duplicates: u64,
    /// Activities of unknown leads.
    pub orphans: u64,
    /// Rows that could not be read.
    pub rejects: u64,
    /// Persons who may be contacted neither by e-mail nor by phone because of a refusal.
    pub suppressed: u64,
}

/// The last line of the journal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEnd {
    /// Lines.
    pub lines: u64,
    /// The last line's chain.
    pub chain: String,
}

/// A file that was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Path inside the folder, with `/`.
    pub file: String,
    /// Length.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// Hashes every file of a folder but the certificate, sorted by name.
///
/// # Errors
/// A file that cannot be read.
pub fn outputs(folder: &Path) -> io::Result<Vec<Output>> {
    let mut outputs: Vec<Output> = files(folder)?
        .into_par_iter()
        .map(|(file, path)| {
            let (bytes, sha256) = sha256_of_file(&path)?;
            Ok(Output { file, bytes, sha256 })
        })
        .collect::<io::Result<_>>()?;
    outputs.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(outputs)
}

/// Every file below a folder but the certificate, with its name as the certificate has it.
fn files(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), folder.to_path_buf())];
    while let Some((prefix, folder)) = open.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                open.push((format!("{name}/"), entry.path()));
            } else if name != FILE {
                found.push((name, entry.path()));
            }
        }
    }
    Ok(found)
}

/// Number and chain of the journal's last line; `None` without a journal.
///
/// # Errors
/// A journal that cannot be read.
pub fn journal_end(folder: &Path) -> io::Result<Option<JournalEnd>> {
    use io::{Read, Seek};
    let mut file = match fs::File::open(folder.join("journal.jsonl")) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // The last line alone, however long the journal is: from further and further back.
    let length = file.metadata()?.len();
    let mut reach = 1u64 << 16;
    loop {
        let from = length.saturating_sub(reach);
        file.seek(io::SeekFrom::Start(from))?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail)?;
        let text = tail.strip_suffix(b"\n").unwrap_or(&tail);
        match memchr::memrchr(b'\n', text) {
            Some(at) => return Ok(end_of(&text[at + 1..])),
            None if from == 0 => return Ok(end_of(text)),
            None => reach *= 4,
        }
    }
}

fn end_of(line: &[u8]) -> Option<JournalEnd> {
    let line: serde_json::Value = serde_json::from_slice(line).ok()?;
    let chain = line.get("chain")?.as_str()?.to_string();
    Some(JournalEnd { lines: line.get("n")?.as_u64()? + 1, chain })
}
