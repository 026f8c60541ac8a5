//! The one table in memory: columns of value ids over dictionaries of distinct values.
//!
//! Everything between reading and writing works on the integers of this file; strings come back
//! only when a row is written or a decision explained. Why columns: a lead file repeats itself
//! (companies, cities, titles, sources), so a distinct value is normalized once, and comparing two
//! cells is comparing two numbers.

use rustc_hash::FxHashMap;
use std::hash::{BuildHasher, Hasher};

/// Index of a record (an input row) in a [`Table`]; not stable over runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub u32);

/// Index of a distinct value in a [`Dictionary`]. `ValueId(0)` is always the empty (missing) value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ValueId(pub u32);

impl RecordId {
    /// The id as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl ValueId {
    /// The missing value.
    pub const MISSING: ValueId = ValueId(0);

    /// The id as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// True for the missing value.
    pub fn is_missing(self) -> bool {
        self.0 == 0
    }
}

/// Distinct strings in one arena; id 0 is the empty string.
///
/// Limits: 4 GiB of distinct text and 2^32 - 1 values a dictionary.
#[derive(Debug, Clone)]
pub struct Dictionary {
    text: String,
    /// End offset of each value; value `i` is `text[ends[i-1]..ends[i]]`.
    ends: Vec<u32>,
}

impl Default for Dictionary {
    fn default() -> Self {
        Self { text: String::new(), ends: vec![0] }
    }
}

impl Dictionary {
    /// Number of values, the missing one included.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True when only the missing value is there.
    pub fn is_empty(&self) -> bool {
        self.ends.len() == 1
    }

    /// The text of a value.
    pub fn get(&self, id: ValueId) -> &str {
        let i = id.index();
        let start = if i == 0 { 0 } else { self.ends[i - 1] as usize };
        &self.text[start..self.ends[i] as usize]
    }

    /// All values in id order, the missing one first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|i| self.get(ValueId(i as u32)))
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * 4
    }

    fn push(&mut self, value: &str) -> Option<ValueId> {
        let end = u32::try_from(self.text.len() + value.len()).ok()?;
        let id = u32::try_from(self.ends.len()).ok()?;
        self.text.push_str(value);
        self.ends.push(end);
        Some(ValueId(id))
    }
}

/// Builds a [`Dictionary`]: hashes a value to the ids that may hold it, compares, appends.
///
/// The map holds 64-bit hashes, not strings, so that a value is stored once.
#[derive(Debug, Default)]
pub struct DictionaryBuilder {
    dictionary: Dictionary,
    first: FxHashMap<u64, u32>,
    /// Ids beyond the first for a hash that collided (empty in practice).
    collided: FxHashMap<u64, Vec<u32>>,
}

impl DictionaryBuilder {
    /// The id of `value`, appended when new. `None` when the dictionary is full (4 GiB of text).
    pub fn intern(&mut self, value: &str) -> Option<ValueId> {
        if value.is_empty() {
            return Some(ValueId::MISSING);
        }
        let hash = hash_bytes(value.as_bytes());
        match self.first.get(&hash) {
            None => {
                let id = self.dictionary.push(value)?;
                self.first.insert(hash, id.0);
                Some(id)
            }
            Some(&id) if self.dictionary.get(ValueId(id)) == value => Some(ValueId(id)),
            Some(_) => {
                let others = self.collided.entry(hash).or_default();
                if let Some(&id) =
                    others.iter().find(|&&id| self.dictionary.get(ValueId(id)) == value)
                {
                    return Some(ValueId(id));
                }
                let id = self.dictionary.push(value)?;
                others.push(id.0);
                Some(id)
            }
        }
    }

    /// The id of `value` when it is known.
    pub fn find(&self, value: &str) -> Option<ValueId> {
        if value.is_empty() {
            return Some(ValueId::MISSING);
        }
        let hash = hash_bytes(value.as_bytes());
        let is = |id: u32| self.dictionary.get(ValueId(id)) == value;
        self.first
            .get(&hash)
            .copied()
            .filter(|&id| is(id))
            .or_else(|| self.collided.get(&hash)?.iter().copied().find(|&id| is(id)))
            .map(ValueId)
    }

    /// The dictionary so far.
    pub fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// Ends building.
    pub fn finish(mut self) -> Dictionary {
        self.dictionary.text.shrink_to_fit();
        self.dictionary.ends.shrink_to_fit();
        self.dictionary
    }
}

/// Process-internal hash of bytes: never written out, so it need not be a specified one.
fn hash_bytes(bytes: &[u8]) -> u64 {
    let mut hasher = rustc_hash::FxBuildHasher.build_hasher();
    hasher.write(bytes);
    hasher.finish()
}

/// One column: a header as it was spelled, the distinct values, and a value id per record.
#[derive(Debug, Clone, Default)]
pub struct Column {
    /// The header as the input spells it (without BOM and surrounding white space).
    pub header: String,
    /// Distinct raw values.
    pub dictionary: Dictionary,
    /// Value id per record.
    pub ids: Vec<ValueId>,
}

impl Column {
    /// The raw value of a record.
    pub fn get(&self, record: RecordId) -> &str {
        self.dictionary.get(self.ids[record.index()])
    }
}

/// What is known of one input file or table.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct SourceInfo {
    /// `--source` name, else the preset, else the file stem.
    pub name: String,
    /// File name without folders: an absolute path never enters an output.
    pub file: String,
    /// Product preset the headers fit, when one does.
    pub preset: Option<String>,
    /// Encoding the bytes were read as, e.g. `UTF-8`, `windows-1252`.
    pub encoding: String,
    /// Field delimiter of a delimited file, e.g. `,`.
    pub delimiter: Option<char>,
    /// Whether the file began with a byte order mark.
    pub bom: bool,
    /// Records read (rejects not counted).
    pub records: u64,
    /// Rows rejected.
    pub rejected: u64,
    /// Lowercase hex SHA-256 of the file's bytes.
    pub sha256: String,
    /// Sentences for the user: preamble skipped, footer dropped, encoding guessed, ...
    pub notes: Vec<String>,
}

/// All lead records of a run, whatever number of inputs they came from.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// One entry per input.
    pub sources: Vec<SourceInfo>,
    /// Columns over all records; a source without the column holds the missing value.
    pub columns: Vec<Column>,
    /// Index into `sources`, per record.
    pub source: Vec<u16>,
    /// 1-based data row within its source, per record.
    pub row: Vec<u32>,
    /// Record ids as given; row numbers as text where the source has no id column.
    pub id: Column,
    /// Rank of the record among those of the same source and id, from 1: by content, so that row
    /// order does not matter.
    pub occurrence: Vec<u32>,
    /// First 64 bits of the SHA-256 of the record's raw cells (see `record_digest` in ARCHITECTURE.md):
    /// the order-free tie-break of every later stage.
    pub digest: Vec<u64>,
}

impl Table {
    /// Number of records.
    pub fn len(&self) -> usize {
        self.source.len()
    }

    /// True when there is no record.
    pub fn is_empty(&self) -> bool {
        self.source.is_empty()
    }

    /// The key of a record.
    pub fn key(&self, record: RecordId) -> RecordKey<'_> {
        RecordKey {
            source: &self.sources[self.source[record.index()] as usize].name,
            id: self.id.get(record),
            occurrence: self.occurrence[record.index()],
        }
    }

    /// All record ids in input order.
    pub fn records(&self) -> impl Iterator<Item = RecordId> + use<> {
        (0..self.len() as u32).map(RecordId)
    }
}

/// What names a record for good: (source name, record id, occurrence).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct RecordKey<'a> {
    /// Source name.
    pub source: &'a str,
    /// Record id as the source spells it.
    pub id: &'a str,
    /// From 1; above 1 only where the id repeats in the source.
    pub occurrence: u32,
}

impl std::fmt::Display for RecordKey<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.occurrence > 1 {
            write!(f, "{}:{}#{}", self.source, self.id, self.occurrence)
        } else {
            write!(f, "{}:{}", self.source, self.id)
        }
    }
}
