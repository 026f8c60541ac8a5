//! The one table in memory: columns of value ids over dictionaries of distinct values.
//!
//! Everything between reading and writing works on the integers of this file; strings come back
//! only when a row is written or a decision explained. Why columns: a lead file repeats itself
//! (companies, cities, titles, sources), so a distinct value is normalized once, and comparing two
//! cells is comparing two numbers.

use std::hash::{BuildHasher, Hasher};

mod order;

pub use order::natural_order;

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
    /// An empty one with room for what another holds.
    fn with_capacity(other: &Self) -> Self {
        let mut ends = Vec::with_capacity(other.ends.len());
        ends.push(0);
        Self { text: String::with_capacity(other.text.len()), ends }
    }

    /// Number of values, the missing one included.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True when only the missing value is there.
    pub fn is_empty(&self) -> bool {
        self.ends.len() == 1
    }

    /// The text of a value.
    #[inline]
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

    /// Adds a text without asking whether it is there already.
    pub(crate) fn add(&mut self, value: &str) -> Option<ValueId> {
        self.push(value)
    }

    fn push(&mut self, value: &str) -> Option<ValueId> {
        let end = u32::try_from(self.text.len() + value.len()).ok()?;
        let id = u32::try_from(self.ends.len()).ok()?;
        self.text.push_str(value);
        self.ends.push(end);
        Some(ValueId(id))
    }
}

/// Values that are looked up side by side.
const BATCH: usize = 32;

/// Builds a [`Dictionary`]: hashes a value to the ids that may hold it, compares, appends.
///
/// An open-addressing table of `(32-bit hash, id)` pairs: eight bytes a slot, a value's text is
/// stored once, and growing never hashes a text again.
#[derive(Debug, Default)]
pub struct DictionaryBuilder {
    dictionary: Dictionary,
    /// `hash << 32 | id`, 0 where free (id 0 is never stored); length 0 or a power of two.
    slots: Vec<u64>,
}

impl DictionaryBuilder {
    /// A builder with room for `count` distinct values.
    pub fn with_capacity(count: usize) -> Self {
        let mut builder = Self::default();
        builder.resize(count);
        builder
    }

    /// Goes on with a finished dictionary; its ids stay.
    pub fn resume(dictionary: Dictionary) -> Self {
        let mut builder = Self { dictionary, slots: Vec::new() };
        builder.resize(builder.dictionary.len());
        for id in 1..builder.dictionary.len() as u32 {
            let hash = hash_bytes(builder.dictionary.get(ValueId(id)).as_bytes());
            builder.insert_slot(u64::from(hash) << 32 | u64::from(id));
        }
        builder
    }

    /// The id of `value`, appended when new. `None` when the dictionary is full (4 GiB of text).
    pub fn intern(&mut self, value: &str) -> Option<ValueId> {
        if value.is_empty() {
            return Some(ValueId::MISSING);
        }
        self.intern_hashed(value, hash_bytes(value.as_bytes()))
    }

    /// As [`intern`](Self::intern) for many values; their ids are appended to `ids`.
    pub fn intern_all<'a>(
        &mut self,
        values: impl IntoIterator<Item = &'a str>,
        ids: &mut Vec<ValueId>,
    ) -> Option<()> {
        let mut values = values.into_iter();
        loop {
            let before = ids.len();
            self.intern_batch(values.by_ref().take(BATCH), ids)?;
            if ids.len() == before {
                return Some(());
            }
        }
    }

    /// Interns at most [`BATCH`] values. A large table is not in the cache: their slots are fetched
    /// side by side before any of them is compared.
    #[inline]
    fn intern_batch<'a>(
        &mut self,
        values: impl Iterator<Item = &'a str>,
        ids: &mut Vec<ValueId>,
    ) -> Option<()> {
        self.make_room(BATCH);
        let mut batch = [("", 0u32, 0u64); BATCH];
        let mut count = 0;
        let mask = self.slots.len() - 1;
        for (place, value) in batch.iter_mut().zip(values) {
            let hash = hash_bytes(value.as_bytes());
            *place = (value, hash, self.slots[hash as usize & mask]);
            count += 1;
        }
        for &(value, hash, slot) in &batch[..count] {
            let known = ValueId(slot as u32);
            ids.push(if value.is_empty() {
                ValueId::MISSING
            } else if slot != 0
                && (slot >> 32) as u32 == hash
                && self.dictionary.get(known) == value
            {
                known
            } else {
                self.intern_hashed(value, hash)?
            });
        }
        Some(())
    }

    /// The id of `value` when it is known.
    pub fn find(&self, value: &str) -> Option<ValueId> {
        if value.is_empty() {
            return Some(ValueId::MISSING);
        }
        if self.slots.is_empty() {
            return None;
        }
        self.probe(value, hash_bytes(value.as_bytes())).ok().map(ValueId)
    }

    /// The dictionary so far.
    pub fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// Makes room for so many values in all, of so many bytes together.
    pub fn reserve(&mut self, count: usize, bytes: usize) {
        self.resize(count);
        let known = &mut self.dictionary;
        known.ends.reserve(count.saturating_sub(known.ends.len()));
        known.text.reserve(bytes.saturating_sub(known.text.len()));
    }

    /// Bytes of all values together.
    pub fn text_len(&self) -> usize {
        self.dictionary.text.len()
    }

    /// Ends building.
    pub fn finish(mut self) -> Dictionary {
        self.dictionary.text.shrink_to_fit();
        self.dictionary.ends.shrink_to_fit();
        self.dictionary
    }

    #[inline]
    fn intern_hashed(&mut self, value: &str, hash: u32) -> Option<ValueId> {
        self.make_room(1);
        match self.probe(value, hash) {
            Ok(id) => Some(ValueId(id)),
            Err(free) => {
                let id = self.dictionary.push(value)?;
                self.slots[free] = u64::from(hash) << 32 | u64::from(id.0);
                Some(id)
            }
        }
    }

    /// The id that holds `value`, or the slot where it belongs. Needs a non-empty table.
    #[inline]
    fn probe(&self, value: &str, hash: u32) -> std::result::Result<u32, usize> {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot == 0 {
                return Err(at);
            }
            let id = slot as u32;
            if (slot >> 32) as u32 == hash && self.dictionary.get(ValueId(id)) == value {
                return Ok(id);
            }
            at = (at + 1) & mask;
        }
    }

    /// Makes room for so many more values: at most three quarters are full, so that a free slot
    /// always ends a probe.
    #[inline]
    fn make_room(&mut self, more: usize) {
        if (self.dictionary.len() + more) * 4 > self.slots.len() * 3 {
            self.resize((self.dictionary.len() + more) * 2);
        }
    }

    /// Makes room for `count` values.
    fn resize(&mut self, count: usize) {
        let size = (count.max(8) * 2).next_power_of_two();
        if size <= self.slots.len() {
            return;
        }
        let before = std::mem::replace(&mut self.slots, vec![0; size]);
        before.into_iter().filter(|&slot| slot != 0).for_each(|slot| self.insert_slot(slot));
    }

    fn insert_slot(&mut self, slot: u64) {
        let mask = self.slots.len() - 1;
        let mut at = (slot >> 32) as usize & mask;
        while self.slots[at] != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = slot;
    }
}

/// FNV-1a: a specified hash, for samples and signatures that must be the same on every machine.
pub(crate) fn fnv(text: &str) -> u64 {
    fnv_bytes(text.bytes())
}

/// As [`fnv`], for bytes that need not stand side by side.
pub(crate) fn fnv_bytes(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Process-internal hash of bytes: never written out, so it need not be a specified one.
#[inline]
fn hash_bytes(bytes: &[u8]) -> u32 {
    let mut hasher = rustc_hash::FxBuildHasher.build_hasher();
    hasher.write(bytes);
    let hash = hasher.finish();
    (hash ^ hash >> 32) as u32
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

/// What holds the rows of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Container {
    /// Lines of fields with delimiters.
    #[default]
    Delimited,
    /// One JSON object a line.
    JsonLines,
    /// Address cards.
    Vcard,
    /// Entries of a directory.
    Ldif,
    /// A sheet of a workbook.
    Excel,
    /// A Parquet file.
    Parquet,
    /// A table of a SQLite database.
    Sqlite,
    /// A table of a PostgreSQL database.
    Postgres,
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
    /// What holds the rows.
    pub container: Container,
    /// Sheet of a workbook; table or query of a database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
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
    /// What the content is, whatever the order of its rows (see `source::fingerprint`).
    pub fingerprint: String,
    /// Length of the file. Like its hash it belongs into the certificate and not into
    /// `report.json`, which must not depend on the order of rows.
    #[serde(skip)]
    pub bytes: u64,
    /// SHA-256 of the file as it is stored, in hexadecimal.
    #[serde(skip)]
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
    /// 1-based line of its file where the record begins, per record.
    pub line: Vec<u32>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_by_first_appearance_and_missing_is_zero() {
        let mut builder = DictionaryBuilder::default();
        assert_eq!(builder.find("x"), None, "an empty table knows nothing");
        let ids: Vec<u32> =
            ["b", "", "a", "b", "a"].iter().map(|v| builder.intern(v).unwrap().0).collect();
        assert_eq!(ids, [1, 0, 2, 1, 2]);
        assert_eq!(builder.find("a"), Some(ValueId(2)));
        assert_eq!(builder.finish().iter().collect::<Vec<_>>(), ["", "b", "a"]);
    }

    #[test]
    fn growing_and_resuming_keep_every_id_and_many_at_once_are_one_by_one() {
        let values: Vec<String> = (0..5000).map(|i| format!("value {}", i % 3000)).collect();
        let mut whole = DictionaryBuilder::default();
        let ids: Vec<ValueId> = values.iter().map(|v| whole.intern(v).unwrap()).collect();
        let (mut together, mut batch) = (DictionaryBuilder::default(), Vec::new());
        together.intern_all(values.iter().map(String::as_str), &mut batch).unwrap();
        assert_eq!(ids, batch);
        let (left, right) = values.split_at(2000);
        let mut first = DictionaryBuilder::with_capacity(10);
        let mut joined: Vec<ValueId> = left.iter().map(|v| first.intern(v).unwrap()).collect();
        let mut resumed = DictionaryBuilder::resume(first.finish());
        joined.extend(right.iter().map(|v| resumed.intern(v).unwrap()));
        assert_eq!(ids, joined);
        assert!(values.iter().zip(&ids).all(|(v, id)| resumed.find(v) == Some(*id)));
    }
}
