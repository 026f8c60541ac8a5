//! What earlier audits knew, read from the state once, before the work.
//!
//! Plain rows without a database behind them: the pipeline asks them many times and from many
//! threads. Rows point to each other by index here and by number in the file.

use super::State;
use crate::error::Result;
use crate::pipeline::UserDecision;
use rusqlite::{Connection, Row};
use rustc_hash::FxHashMap;

/// No row.
pub(crate) const NONE: u32 = u32::MAX;

/// Everything an audit needs of the ones before it.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// Names under which records came.
    pub(crate) sources: Vec<SourceRow>,
    /// Ids that were ever given, the oldest first.
    pub(crate) persons: Vec<PersonRow>,
    /// Records that were ever seen, the earliest first.
    pub(crate) records: Vec<RecordRow>,
    /// Text of the records' ids.
    ids: String,
    /// By index of a record: persons it once belonged to.
    pub(crate) former: FxHashMap<u32, Vec<u32>>,
    /// What people decided.
    pub(crate) decisions: Vec<DecisionRow>,
    /// The audits, in order.
    pub(crate) audits: Vec<AuditRow>,
}

#[derive(Debug, Clone)]
pub(crate) struct SourceRow {
    pub no: i64,
    pub name: String,
    /// Roles that entered the contents of its records.
    pub roles: String,
}

#[derive(Debug, Clone)]
pub(crate) struct PersonRow {
    pub no: i64,
    pub id: String,
    /// The audit that gave the id.
    pub since: i64,
    /// Index of the person it went into, or [`NONE`].
    pub into: u32,
    /// The audit that found none of its records, or 0.
    pub gone: i64,
    pub score: Option<i64>,
    pub band: Option<String>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct RecordRow {
    pub no: i64,
    pub source: u32,
    /// Where its id stands in the text.
    id: (u32, u32),
    /// From 1 among records of one source and id; 0 where the source has no ids.
    pub occurrence: u32,
    pub content: u64,
    pub core: u64,
    pub person: u32,
    /// The audit that did not find it any more, or 0.
    pub gone: i64,
}

#[derive(Debug, Clone)]
pub(crate) struct DecisionRow {
    pub decision: UserDecision,
    /// Indexes of the records, or [`NONE`].
    pub records: (u32, u32),
}

#[derive(Debug, Clone)]
pub(crate) struct AuditRow {
    pub no: i64,
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub as_of: i64,
    /// Its numbers, as JSON.
    pub numbers: String,
}

impl Memory {
    /// Reads what a state holds.
    ///
    /// # Errors
    /// [`crate::error::Error::Format`] for a state that is damaged.
    pub fn load(state: &State) -> Result<Self> {
        let mut memory = Self::default();
        memory.read(state.connection()).map_err(|cause| state.failed(&cause))?;
        Ok(memory)
    }

    fn read(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        self.audits =
            rows(connection, "SELECT no, as_of, numbers FROM audit ORDER BY no", |row| {
                Ok(AuditRow { no: row.get(0)?, as_of: row.get(1)?, numbers: row.get(2)? })
            })?;
        self.sources = rows(connection, "SELECT no, name, roles FROM source ORDER BY no", |row| {
            Ok(SourceRow { no: row.get(0)?, name: row.get(1)?, roles: row.get(2)? })
        })?;
        let of_source = index(self.sources.iter().map(|s| s.no));
        let of_person = self.read_persons(connection)?;
        let of_record = self.read_records(connection, &of_source, &of_person)?;
        let former: Vec<(u32, u32)> =
            rows(connection, "SELECT record, person FROM former ORDER BY record, person", |row| {
                Ok((found(&of_record, row.get(0)?)?, found(&of_person, row.get(1)?)?))
            })?;
        for (record, person) in former {
            self.former.entry(record).or_default().push(person);
        }
        let sql = "SELECT left_label, right_label, same, left_record, right_record
                   FROM decision ORDER BY no";
        self.decisions = rows(connection, sql, |row| {
            let record =
                |no: Option<i64>| no.and_then(|no| of_record.get(&no).copied()).unwrap_or(NONE);
            let decision =
                UserDecision { left: row.get(0)?, right: row.get(1)?, same: row.get(2)? };
            let records = (record(row.get(3)?), record(row.get(4)?));
            Ok(DecisionRow { decision, records })
        })?;
        Ok(())
    }

    fn read_persons(&mut self, connection: &Connection) -> rusqlite::Result<FxHashMap<i64, u32>> {
        let sql = "SELECT no, id, since, into_person, gone, score, band FROM person ORDER BY no";
        let mut into: Vec<Option<i64>> = Vec::new();
        self.persons = rows(connection, sql, |row| {
            into.push(row.get(3)?);
            Ok(PersonRow {
                no: row.get(0)?,
                id: row.get(1)?,
                since: row.get(2)?,
                into: NONE,
                gone: row.get::<_, Option<i64>>(4)?.unwrap_or(0),
                score: row.get(5)?,
                band: row.get(6)?,
            })
        })?;
        let of_person = index(self.persons.iter().map(|p| p.no));
        for (person, into) in self.persons.iter_mut().zip(into) {
            if let Some(into) = into {
                person.into = found(&of_person, into)?;
            }
        }
        Ok(of_person)
    }

    fn read_records(
        &mut self,
        connection: &Connection,
        of_source: &FxHashMap<i64, u32>,
        of_person: &FxHashMap<i64, u32>,
    ) -> rusqlite::Result<FxHashMap<i64, u32>> {
        let sql = "SELECT no, source, id, occurrence, content, core, person, gone
                   FROM record ORDER BY no";
        let mut statement = connection.prepare(sql)?;
        let mut found_rows = statement.query([])?;
        while let Some(row) = found_rows.next()? {
            let id = row.get_ref(2)?.as_str()?;
            let start = self.ids.len();
            self.ids.push_str(id);
            let end = u32::try_from(self.ids.len()).map_err(|_| damaged())?;
            self.records.push(RecordRow {
                no: row.get(0)?,
                source: found(of_source, row.get(1)?)?,
                id: (start as u32, end),
                occurrence: row.get(3)?,
                content: row.get::<_, i64>(4)? as u64,
                core: row.get::<_, i64>(5)? as u64,
                person: found(of_person, row.get(6)?)?,
                gone: row.get::<_, Option<i64>>(7)?.unwrap_or(0),
            });
        }
        Ok(index(self.records.iter().map(|r| r.no)))
    }

    /// What a record was called: its id, or its row where the source has no ids.
    pub(crate) fn label(&self, record: &RecordRow) -> &str {
        &self.ids[record.id.0 as usize..record.id.1 as usize]
    }

    /// The id of a record, as its source gave it; empty where the source has none.
    pub(crate) fn id(&self, record: &RecordRow) -> &str {
        if record.occurrence == 0 { "" } else { self.label(record) }
    }

    /// The id that a person of any audit has today: an id that was merged leads to the one it went
    /// into. None for an id that was never given.
    pub fn resolve(&self, id: &str) -> Option<&str> {
        let mut at = self.persons.iter().position(|person| person.id == id)?;
        // A chain of merges ends, since no id goes into itself; a damaged one ends here.
        for _ in 0..self.persons.len() {
            match self.persons[at].into {
                NONE => break,
                next => at = next as usize,
            }
        }
        Some(&self.persons[at].id)
    }

    /// True before the first audit.
    pub fn is_empty(&self) -> bool {
        self.audits.is_empty()
    }

    /// The number of the audit that is being made.
    pub(crate) fn next_audit(&self) -> i64 {
        self.audits.last().map_or(1, |audit| audit.no + 1)
    }
}

fn rows<T>(
    connection: &Connection,
    sql: &str,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection.prepare(sql)?.query_map([], read)?.collect()
}

fn index(numbers: impl Iterator<Item = i64>) -> FxHashMap<i64, u32> {
    numbers.zip(0u32..).collect()
}

/// A row that others point to and that is not there.
fn found(index: &FxHashMap<i64, u32>, no: i64) -> rusqlite::Result<u32> {
    index.get(&no).copied().ok_or_else(damaged)
}

fn damaged() -> rusqlite::Error {
    rusqlite::Error::QueryReturnedNoRows
}
