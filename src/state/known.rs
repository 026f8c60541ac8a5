//! The known records of a state: what it takes to compare new rows with them, and no more.
//!
//! Beside who was who, a state keeps of every record the cells that can be rebuilt into an input, the
//! keys it is filed under, and its party: the records that links of any strength enough to merge
//! connect it with. Under a frozen model persons follow from parties alone, so that a new row needs
//! the records that share a key with it, their parties, and nothing else.
//!
//! Everything is written anew by every audit, in the audit's transaction.

pub(super) mod forget;
pub(super) mod meaning;
mod pack;
mod rebuild;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub use rebuild::{Form, KnownInput};
pub(crate) use store::fill;

use crate::blocking::frozen::{self as blocks, Blocks};
use crate::blocking::key::{REFINEMENTS, refinement};
use crate::error::Result;
use crate::matching::frozen::{Frozen, Prepared};
use crate::pipeline::UserDecision;
use crate::state::State;
use pack::Seconds;
use rusqlite::{Connection, OptionalExtension};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// The tables.
///
/// | table | a row is |
/// |---|---|
/// | `known_source` | how the cells of a source's records are read, as JSON |
/// | `known_record` | a record (numbered as in `record`): cells, party, whom it refuses |
/// | `known_party` | records that links connect |
/// | `known_keys` | a bucket of blocking keys with the records filed under them |
/// | `known_refusal` | an address with a record that holds it and refuses contact |
/// | `known_meaning` | a bucket of records as matching reads them (since version 2) |
pub(super) const TABLES: &str = "
CREATE TABLE known_source (source INTEGER PRIMARY KEY, form TEXT NOT NULL);
CREATE TABLE known_record (
  no INTEGER PRIMARY KEY, source INTEGER NOT NULL, party INTEGER, refused TEXT,
  cells BLOB NOT NULL);
CREATE TABLE known_party (party INTEGER PRIMARY KEY, records BLOB NOT NULL);
CREATE TABLE known_keys (bucket INTEGER PRIMARY KEY, entries BLOB NOT NULL);
CREATE TABLE known_refusal (
  address INTEGER NOT NULL, record INTEGER NOT NULL, PRIMARY KEY (address, record)) WITHOUT ROWID;
";

/// Name of the frozen model in the table of frozen parts.
pub(crate) const MATCHING: &str = "matching";
/// Name of the number of bits that name a bucket, in `meta`.
const BITS: &str = "known_bits";
/// Name of the number of known records, in `meta` (since version 2).
const COUNT: &str = "known_records";

/// Which columns of the records are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Those of a known role: what matching, scoring and consent read.
    Roles,
    /// All of them.
    All,
}

/// What a row asks the known records for.
#[derive(Debug, Default)]
pub struct Question {
    /// Keys, each with the second keys of the rows that have it.
    keys: FxHashMap<u64, Vec<Seconds>>,
    /// E-mail addresses and phone numbers.
    addresses: FxHashSet<u64>,
}

impl Question {
    /// Asks for every record of the features.
    pub fn of(prepared: &Prepared, blocks: &Blocks) -> Self {
        Self::of_records(prepared, blocks, 0..prepared.features.len())
    }

    /// Asks for some of the records.
    pub fn of_records(
        prepared: &Prepared,
        blocks: &Blocks,
        records: impl Iterator<Item = usize>,
    ) -> Self {
        let mut question = Self::default();
        for r in records {
            let seconds = seconds(prepared, r);
            for key in keys(prepared, blocks, r) {
                question.keys.entry(key).or_default().push(seconds);
            }
            question.addresses.extend(addresses(prepared, r));
        }
        question
    }

    /// Asks only for refusals at the addresses of some of the records.
    pub fn of_addresses(prepared: &Prepared, records: impl Iterator<Item = usize>) -> Self {
        let addresses = records.flat_map(|r| addresses(prepared, r)).collect();
        Self { addresses, ..Self::default() }
    }

    /// Asks what another question asks, too.
    pub fn add_addresses(&mut self, other: Self) {
        self.addresses.extend(other.addresses);
    }
}

/// The keys a record is filed under.
fn keys(prepared: &Prepared, blocks: &Blocks, record: usize) -> Vec<u64> {
    blocks::keys(&prepared.features, &prepared.ids, blocks, record)
}

/// The second keys of a record in 16 bits each.
fn seconds(prepared: &Prepared, record: usize) -> Seconds {
    const { assert!(REFINEMENTS == 10) };
    std::array::from_fn(|i| match refinement(&prepared.features, &prepared.ids, record, i) {
        0 => 0,
        hash => ((hash >> 48) as u16).max(1),
    })
}

/// Hashes of a record's addresses and numbers.
fn addresses(prepared: &Prepared, record: usize) -> Vec<u64> {
    use crate::blocking::ids::Ids;
    let (f, ids) = (&prepared.features, &prepared.ids);
    let emails = f.emails_of(record).map(|e| ids.email(e));
    let phones = f.phones_of(record).map(|p| phone_hash(f.phones[p as usize].number));
    emails.chain(phones).collect()
}

/// Numbers and addresses are one list: they must not fall together.
fn phone_hash(number: u64) -> u64 {
    number ^ 0x7068_6f6e_6500
}

/// The known records of a state, open for reading.
#[derive(Debug)]
pub struct Known<'a> {
    connection: &'a Connection,
    frozen: Frozen,
    bits: u32,
    state: &'a State,
}

impl<'a> Known<'a> {
    /// Opens the known records of a state.
    ///
    /// # Errors
    /// [`crate::error::Error::Format`] for a state that has none or is damaged.
    pub fn open(state: &'a State) -> Result<Self> {
        let connection = state.connection();
        let sql = "SELECT bytes FROM frozen WHERE part = ?1";
        let bytes: Option<Vec<u8>> = connection
            .query_row(sql, [MATCHING], |row| row.get(0))
            .optional()
            .map_err(|cause| state.failed(&cause))?;
        let sql = "SELECT value FROM meta WHERE key = ?1";
        let bits: Option<i64> = connection
            .query_row(sql, [BITS], |row| row.get(0))
            .optional()
            .map_err(|cause| state.failed(&cause))?;
        let (Some(bytes), Some(bits)) = (bytes, bits) else {
            return Err(state.refused("holds no known records", "run leadmend audit again with it"));
        };
        let frozen = Frozen::from_bytes(&bytes).map_err(|why| {
            let what = format!("its matching model {why}");
            state.refused(&what, "run leadmend audit --relearn with it")
        })?;
        let bits = u32::try_from(bits).unwrap_or(0).min(40);
        Ok(Self { connection, frozen, bits, state })
    }

    /// The model that decided about them.
    pub fn frozen(&self) -> &Frozen {
        &self.frozen
    }

    fn failed(&self, cause: &rusqlite::Error) -> crate::error::Error {
        self.state.failed(cause)
    }

    /// How the cells of each source are read.
    ///
    /// # Errors
    /// [`crate::error::Error::Format`] for a state that is damaged.
    pub fn forms(&self) -> Result<Vec<Form>> {
        let read = || -> rusqlite::Result<Vec<Form>> {
            let sql = "SELECT form FROM known_source ORDER BY source";
            let mut statement = self.connection.prepare_cached(sql)?;
            let forms = statement.query_map([], |row| row.get::<_, String>(0))?;
            forms.map(|form| Ok(serde_json::from_str(&form?).unwrap_or_default())).collect()
        };
        read().map_err(|cause| self.failed(&cause))
    }

    /// What people decided about pairs of these records.
    ///
    /// # Errors
    /// [`crate::error::Error::Format`] for a state that is damaged.
    pub fn decisions(&self, records: &BTreeSet<i64>) -> Result<Vec<UserDecision>> {
        Ok(self.decided(records)?.into_iter().map(|(decision, _)| decision).collect())
    }

    /// What people decided about pairs of these records, with the records' numbers.
    ///
    /// # Errors
    /// [`crate::error::Error::Format`] for a state that is damaged.
    pub fn decided(&self, records: &BTreeSet<i64>) -> Result<Vec<(UserDecision, [i64; 2])>> {
        let read = || -> rusqlite::Result<Vec<(UserDecision, [i64; 2])>> {
            let sql = "SELECT left_label, right_label, same, left_record, right_record
                       FROM decision ORDER BY no";
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = statement.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let (Some(left), Some(right)) = (row.get(3)?, row.get(4)?) else { continue };
                let sides = [left, right];
                if sides.iter().all(|no| records.contains(no)) {
                    let (left, right, same) = (row.get(0)?, row.get(1)?, row.get(2)?);
                    found.push((UserDecision { left, right, same }, sides));
                }
            }
            Ok(found)
        };
        read().map_err(|cause| self.failed(&cause))
    }

    /// How many there are.
    ///
    /// # Errors
    /// [`crate::error::Error::Format`] for a state that is damaged.
    pub fn count(&self) -> Result<u64> {
        // Counting reads every page of the largest table: once, when they are written.
        let sql = "SELECT coalesce((SELECT value FROM meta WHERE key = ?1),
                                   (SELECT count(*) FROM known_record))";
        let counted: rusqlite::Result<i64> =
            self.connection.query_row(sql, [COUNT], |row| row.get(0));
        counted.map(|n| n.max(0) as u64).map_err(|cause| self.failed(&cause))
    }

    /// The records that a question may concern: those that share a key.
    ///
    /// # Errors
    /// [`crate::error::Error::Format`] for a state that is damaged.
    pub fn candidates(&self, question: &Question) -> Result<BTreeSet<i64>> {
        if self.frozen.snapshot.blocks.whole && self.count()? <= blocks::WHOLE as u64 {
            let all: rusqlite::Result<BTreeSet<i64>> = (|| {
                let mut statement = self.connection.prepare("SELECT no FROM known_record")?;
                statement.query_map([], |row| row.get(0))?.collect()
            })();
            return all.map_err(|cause| self.failed(&cause));
        }
        let mut found = FxHashSet::default();
        self.filed(question, &mut found).map_err(|cause| self.failed(&cause))?;
        Ok(found.into_iter().collect())
    }

    /// The records that refuse contact at one of the question's addresses, with their parties.
    ///
    /// # Errors
    /// [`crate::error::Error::Format`] for a state that is damaged.
    pub fn refusing(&self, question: &Question) -> Result<BTreeSet<i64>> {
        let mut found = FxHashSet::default();
        let mut read = || -> rusqlite::Result<()> {
            let sql = "SELECT record FROM known_refusal WHERE address = ?1";
            let mut statement = self.connection.prepare_cached(sql)?;
            for &address in &question.addresses {
                for record in statement.query_map([address as i64], |row| row.get(0))? {
                    found.insert(record?);
                }
            }
            Ok(())
        };
        read().map_err(|cause| self.failed(&cause))?;
        self.with_parties(found.into_iter().collect())
    }

    fn filed(&self, question: &Question, found: &mut FxHashSet<i64>) -> rusqlite::Result<()> {
        // In order of the buckets, so that each is read once and pages follow each other.
        let mut keys: Vec<(i64, u64)> =
            question.keys.keys().map(|&key| (pack::bucket_of(key, self.bits), key)).collect();
        keys.sort_unstable();
        let sql = "SELECT entries FROM known_keys WHERE bucket = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        for of_bucket in keys.chunk_by(|x, y| x.0 == y.0) {
            let mut rows = statement.query([of_bucket[0].0])?;
            if let Some(row) = rows.next()? {
                let bytes = row.get_ref(0)?.as_blob()?;
                for (_, key) in of_bucket {
                    pack::find(bytes, *key, &question.keys[key], found);
                }
            }
        }
        Ok(())
    }

    /// The records with all that links connect them with.
    ///
    /// # Errors
    /// [`crate::error::Error::Format`] for a state that is damaged.
    pub fn with_parties(&self, mut all: BTreeSet<i64>) -> Result<BTreeSet<i64>> {
        let mut read = || -> rusqlite::Result<()> {
            let mut parties = BTreeSet::new();
            let sql = "SELECT party FROM known_record WHERE no = ?1 AND party IS NOT NULL";
            let mut of_record = self.connection.prepare_cached(sql)?;
            for record in &all {
                parties.extend(
                    of_record.query_row([record], |row| row.get(0)).optional()? as Option<i64>
                );
            }
            let sql = "SELECT records FROM known_party WHERE party = ?1";
            let mut members = self.connection.prepare_cached(sql)?;
            for party in parties {
                let mut rows = members.query([party])?;
                if let Some(row) = rows.next()? {
                    all.extend(pack::ascending(row.get_ref(0)?.as_blob()?));
                }
            }
            Ok(())
        };
        read().map_err(|cause| self.failed(&cause))?;
        Ok(all)
    }
}
