//! The tables of a state, and how older ones become today's.
//!
//! Every version has one step that makes it of the version before; a new file takes all of them, so
//! that what is made and what is migrated cannot differ. Numbers stand for sources, persons and
//! records: a lead's id is written once.

use rusqlite::{Connection, OptionalExtension, params};

/// "LmSt": by it a database is known as a state (`PRAGMA application_id`).
pub(super) const APPLICATION: i64 = 0x4c6d_5374;

/// The version this leadmend writes.
pub const VERSION: i64 = 2;

/// Version 0: the state of leadmend 0.1 before it was released.
///
/// | table | a row is |
/// |---|---|
/// | `audit` | an audit: its date and its numbers, as JSON |
/// | `source` | a name under which records came |
/// | `person` | an id that was given once; `into_person`: whom it was merged into; `gone`: since which audit nobody has it |
/// | `record` | a record that was seen once (its row and occurrence 0 where the source has no ids), what it says as a digest, and whose it is |
/// | `lineage` | what happened to a person: merged, split, revived |
/// | `decision` | what people decided about two records |
const FIRST: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE audit (
  no INTEGER PRIMARY KEY, as_of INTEGER NOT NULL, leadmend TEXT NOT NULL, numbers TEXT NOT NULL);
CREATE TABLE source (no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE person (
  no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, since INTEGER NOT NULL,
  into_person INTEGER, gone INTEGER);
CREATE TABLE record (
  no INTEGER PRIMARY KEY, source INTEGER NOT NULL, id TEXT NOT NULL, occurrence INTEGER NOT NULL,
  content INTEGER NOT NULL, person INTEGER NOT NULL, gone INTEGER);
CREATE TABLE lineage (
  no INTEGER PRIMARY KEY, audit INTEGER NOT NULL, event TEXT NOT NULL, person INTEGER NOT NULL,
  other INTEGER);
CREATE TABLE decision (
  no INTEGER PRIMARY KEY, left_label TEXT NOT NULL, right_label TEXT NOT NULL,
  same INTEGER NOT NULL, audit INTEGER NOT NULL);
";

/// Version 1: scores and bands to compare the next audit with; roles that entered a digest; what a
/// record's person was before; records of decisions by number, since a source may be renamed; the
/// frozen matching.
const SECOND: &str = "
ALTER TABLE source ADD COLUMN roles TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN score INTEGER;
ALTER TABLE person ADD COLUMN band TEXT;
ALTER TABLE record ADD COLUMN core INTEGER NOT NULL DEFAULT 0;
ALTER TABLE decision ADD COLUMN left_record INTEGER;
ALTER TABLE decision ADD COLUMN right_record INTEGER;
CREATE TABLE former (
  record INTEGER NOT NULL, person INTEGER NOT NULL, PRIMARY KEY (record, person)) WITHOUT ROWID;
CREATE TABLE frozen (part TEXT PRIMARY KEY, audit INTEGER NOT NULL, bytes BLOB NOT NULL) WITHOUT ROWID;
";

/// Version 2: known records as matching reads them (filled by the next audit; until then they are read
/// from their cells), and receipts of whom the state forgot, as JSON.
const THIRD: &str = "
CREATE TABLE known_meaning (bucket INTEGER PRIMARY KEY, entries BLOB NOT NULL);
CREATE TABLE receipt (no INTEGER PRIMARY KEY, text TEXT NOT NULL);
";

/// The step that makes each version, by version.
const STEPS: [&[&str]; VERSION as usize + 1] =
    [&[FIRST], &[SECOND, super::known::TABLES], &[THIRD]];

/// Makes all tables in an empty database.
pub(super) fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "application_id", APPLICATION)?;
    take(connection, &STEPS)
}

/// Takes the steps from a version to today's.
pub(super) fn migrate(connection: &Connection, version: i64) -> rusqlite::Result<()> {
    let done = usize::try_from(version + 1).unwrap_or(0).min(STEPS.len());
    take(connection, &STEPS[done..])
}

fn take(connection: &Connection, steps: &[&[&str]]) -> rusqlite::Result<()> {
    for sql in steps.iter().flat_map(|step| step.iter()) {
        connection.execute_batch(sql)?;
    }
    let sql = "INSERT OR REPLACE INTO meta (key, value) VALUES ('schema_version', ?1)";
    connection.execute(sql, params![VERSION]).map(|_| ())
}

/// The version of a state.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    let sql = "SELECT value FROM meta WHERE key = 'schema_version'";
    let version: Option<i64> = connection.query_row(sql, [], |row| row.get(0)).optional()?;
    // A state always says its version.
    version.filter(|&v| v >= 0).ok_or(rusqlite::Error::QueryReturnedNoRows)
}
