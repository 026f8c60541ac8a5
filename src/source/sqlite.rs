//! SQLite: a table, a view or the result of a query to rows.
//!
//! The database is opened for reading only and read in one transaction, so that a program that
//! writes meanwhile cannot tear the table. A database in WAL mode that nobody has open is read as
//! immutable, because SQLite would otherwise put two files beside it.

use super::columns::ColumnsBuilder;
use super::limit::{Limits, too_large};
use crate::error::{Error, Result};
use crate::record::Column;
use rusqlite::types::ValueRef;
use rusqlite::{Connection as Database, OpenFlags};
use std::io::Read;
use std::path::Path;

/// What every SQLite file begins with.
pub(crate) const MAGIC: &[u8] = b"SQLite format 3\0";
/// Milliseconds to wait for a program that is writing.
pub(crate) const PATIENCE: u64 = 5_000;

/// What was read.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// One per column of the table.
    pub columns: Vec<Column>,
    /// Number of each row, from 1.
    pub lines: Vec<u32>,
    /// The table that was read; none for a query.
    pub table: Option<String>,
    /// Rows of it that an earlier run flagged as merged into others.
    pub left_out: u64,
}

/// The column by which `audit --apply --losers flag` marks rows that went into another one; they
/// are no leads any more.
pub(crate) const MERGED_INTO: &str = "leadmend_merged_into";
/// What the names of our own tables begin with.
// Only PostgreSQL asks by name; SQLite asks in SQL.
#[cfg_attr(not(feature = "postgres"), allow(dead_code))]
pub(crate) const OURS: &str = "leadmend_";

/// Whether a file on disk is a database.
pub(crate) fn is_database(path: &Path) -> bool {
    let mut head = [0; MAGIC.len()];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head == MAGIC
}

/// Reads a table of an open database; `file` names it in messages.
pub(crate) fn read(
    database: &Database,
    file: &str,
    wanted: Option<&str>,
    limits: &Limits,
) -> Result<Parsed> {
    let refused = |cause: rusqlite::Error| refused(file, &cause);
    let selection = select(database, file, wanted)?;
    let Selection { sql, table, left_out } = selection;
    let mut statement = database.prepare(&sql).map_err(refused)?;
    if !statement.readonly() || statement.parameter_count() > 0 {
        return Err(Error::usage(
            format!("{file}: the query does more than read"),
            "give a plain SELECT",
        ));
    }
    limits.check_columns(file, statement.column_count())?;
    let mut builder = ColumnsBuilder::default();
    for name in statement.column_names() {
        builder.add_column(name);
    }
    let mut rows = statement.query([]).map_err(refused)?;
    let mut text = String::new();
    while let Some(row) = rows.next().map_err(refused)? {
        for at in 0..builder.width() {
            let value = row.get_ref(at).map_err(refused)?;
            text.clear();
            push_text(value, &mut text);
            builder.put(at, &text).ok_or_else(|| too_large(file))?;
        }
        let number = u32::try_from(builder.len() + 1).ok().filter(|&n| n < u32::MAX);
        builder.end_record(number.ok_or_else(|| too_large(file))?);
    }
    let (columns, lines) = builder.finish();
    Ok(Parsed { columns, lines, table, left_out })
}

/// What is read of a database.
#[derive(Debug)]
pub(crate) struct Selection {
    /// The statement.
    pub sql: String,
    /// The table; none for a query.
    pub table: Option<String>,
    /// Rows of the table that the statement leaves out.
    pub left_out: u64,
}

/// The statement that reads a table or query: of a table all rows that no earlier run flagged, and
/// all columns but the flag.
pub(crate) fn select(database: &Database, file: &str, wanted: Option<&str>) -> Result<Selection> {
    if let Some(query) = wanted.map(str::trim).filter(|text| is_query(text)) {
        return Ok(Selection { sql: query.to_string(), table: None, left_out: 0 });
    }
    let refused = |cause: rusqlite::Error| refused(file, &cause);
    let table = choose(database, file, wanted.map(str::trim))?;
    let name = quoted(&table);
    let columns = visible_columns(database, &table).map_err(refused)?;
    let is_flag = |column: &&String| column.eq_ignore_ascii_case(MERGED_INTO);
    let Some(flag) = columns.iter().find(is_flag).map(|flag| quoted(flag)) else {
        return Ok(Selection {
            sql: format!("SELECT * FROM {name}"),
            table: Some(table),
            left_out: 0,
        });
    };
    let kept: Vec<String> =
        columns.iter().filter(|column| !is_flag(column)).map(|column| quoted(column)).collect();
    let count = format!("SELECT count(*) FROM {name} WHERE {flag} IS NOT NULL");
    let left_out: i64 = database.query_row(&count, [], |row| row.get(0)).map_err(refused)?;
    let sql = format!("SELECT {} FROM {name} WHERE {flag} IS NULL", kept.join(", "));
    Ok(Selection { sql, table: Some(table), left_out: left_out.max(0) as u64 })
}

/// The columns that `SELECT *` gives.
fn visible_columns(database: &Database, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = database
        .prepare("SELECT name FROM pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid")?;
    let rows = statement.query_map([table], |row| row.get(0))?;
    rows.collect()
}

/// A name as SQL writes it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Opens a database file for reading, in a transaction: one snapshot.
pub(crate) fn open_snapshot(path: &Path, file: &str) -> Result<Database> {
    let opened = open(path).and_then(|database| {
        database.execute_batch("BEGIN")?;
        Ok(database)
    });
    opened.map_err(|cause| refused(file, &cause))
}

fn open(path: &Path) -> rusqlite::Result<Database> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = if rests(path) {
        let name = path.to_string_lossy();
        let escaped = name.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
        // A relative name must not look like the authority of a URL.
        let uri = format!("file:{escaped}?immutable=1");
        Database::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI)?
    } else {
        Database::open_with_flags(path, flags)?
    };
    database.busy_timeout(std::time::Duration::from_millis(PATIENCE))?;
    Ok(database)
}

/// A database in WAL mode (bytes 18 and 19 are 2) without a log beside it: nobody has it open.
fn rests(path: &Path) -> bool {
    let mut head = [0; 20];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
    let beside = |ending: &str| {
        let mut name = path.as_os_str().to_os_string();
        name.push(ending);
        std::fs::metadata(name).is_ok()
    };
    read.is_ok()
        && (head[18] == 2 || head[19] == 2)
        && !beside("-wal")
        && !beside("-shm")
        && path.to_str().is_some_and(|name| !name.starts_with("//"))
}

/// Whether a table is named by a query.
pub(crate) fn is_query(text: &str) -> bool {
    let word = text.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("");
    word.len() < text.len()
        && (word.eq_ignore_ascii_case("select") || word.eq_ignore_ascii_case("with"))
}

/// The table that is meant: named, or the only one.
pub(crate) fn choose(database: &Database, file: &str, wanted: Option<&str>) -> Result<String> {
    let sql = "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') \
               AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
               AND name NOT LIKE 'leadmend\\_%' ESCAPE '\\' ORDER BY name";
    let listed = || -> rusqlite::Result<Vec<(String, String)>> {
        let mut statement = database.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect()
    };
    let listed = listed().map_err(|cause| refused(file, &cause))?;
    let names: Vec<&str> = listed.iter().map(|(name, _)| name.as_str()).collect();
    let example = names.first().copied().unwrap_or("TABLE");
    let remedy = format!("name one of {} as {file}#{example}", list(&names));
    if let Some(wanted) = wanted {
        let found = names.iter().find(|name| **name == wanted);
        let found = found.or_else(|| names.iter().find(|name| name.eq_ignore_ascii_case(wanted)));
        return found
            .map(|name| name.to_string())
            .ok_or_else(|| Error::usage(format!("{file}: there is no table {wanted:?}"), remedy));
    }
    let mut tables = listed.iter().filter(|(_, kind)| kind == "table").map(|(name, _)| name);
    match (tables.next(), tables.next(), names.as_slice()) {
        (Some(only), None, _) => Ok(only.clone()),
        (None, _, [only]) => Ok(only.to_string()),
        (None, _, []) => Err(Error::Empty { file: file.into() }),
        _ => Err(Error::usage(format!("{file} holds {} tables", names.len()), remedy)),
    }
}

/// Names for a message; a database can have thousands.
fn list(names: &[&str]) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<&str> = names.iter().take(SHOWN).copied().collect();
    let more = if names.len() > SHOWN { ", ..." } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// Appends a value as it is read into a cell.
pub(crate) fn push_text(value: ValueRef, text: &mut String) {
    use std::fmt::Write as _;
    match value {
        ValueRef::Null => {}
        ValueRef::Integer(number) => {
            // Writing to a String cannot fail.
            let _ = write!(text, "{number}");
        }
        ValueRef::Real(number) => {
            let _ = write!(text, "{number}");
        }
        ValueRef::Text(bytes) => text.push_str(&String::from_utf8_lossy(bytes)),
        ValueRef::Blob(bytes) => match std::str::from_utf8(bytes) {
            Ok(plain) => text.push_str(plain),
            Err(_) => {
                use base64::Engine;
                text.push_str(&base64::engine::general_purpose::STANDARD.encode(bytes));
            }
        },
    }
}

/// SQLite's reason, which names tables and columns but never a cell.
fn refused(file: &str, cause: &rusqlite::Error) -> Error {
    use rusqlite::ErrorCode::{CannotOpen, DatabaseBusy, DatabaseLocked, ReadOnly};
    let remedy = match cause.sqlite_error_code() {
        Some(DatabaseBusy | DatabaseLocked) => "another program is writing to it; try again",
        Some(CannotOpen | ReadOnly) => {
            "a program left it in the middle of a change; open it there once, then try again"
        }
        _ => "check the table or query, and that the database is whole (PRAGMA integrity_check)",
    };
    Error::Format {
        file: file.into(),
        line: None,
        what: format!("the database cannot be read ({cause})"),
        remedy: remedy.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RecordId;
    use proptest::prelude::*;

    fn database(sql: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("crm ?#%.db");
        Database::open(&path).unwrap().execute_batch(sql).unwrap();
        (dir, path)
    }

    fn read_it(path: &Path, wanted: Option<&str>) -> Result<Parsed> {
        read(&open_snapshot(path, "crm.db")?, "crm.db", wanted, &Limits::USUAL)
    }

    const ONE: &str = "CREATE TABLE leads (id INTEGER, name TEXT, score REAL, raw BLOB);
        INSERT INTO leads VALUES (7, 'Ana', 1.0, x'416e61'), (8, NULL, 2.5, x'ff00');";

    #[test]
    fn the_only_table_needs_no_name() {
        let (_dir, path) = database(ONE);
        assert!(is_database(&path));
        let parsed = read_it(&path, None).unwrap();
        let row = |r| parsed.columns.iter().map(|c| c.get(RecordId(r))).collect::<Vec<_>>();
        assert_eq!(row(0), ["7", "Ana", "1", "Ana"]);
        assert_eq!(row(1), ["8", "", "2.5", "/wA="]);
        assert_eq!((parsed.table.as_deref(), parsed.lines), (Some("leads"), vec![1, 2]));
    }

    #[test]
    fn one_of_several_is_named_or_the_error_lists_them() {
        let sql =
            format!("{ONE} CREATE TABLE events (x); CREATE VIEW good AS SELECT id FROM leads;");
        let (_dir, path) = database(&sql);
        let error = read_it(&path, None).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("events, good, leads"), "{error}");
        let unknown = read_it(&path, Some("lead")).unwrap_err().to_string();
        assert!(unknown.contains("no table \"lead\"") && unknown.contains("leads"), "{unknown}");
        assert_eq!(read_it(&path, Some("LEADS")).unwrap().lines.len(), 2);
        assert_eq!(read_it(&path, Some("good")).unwrap().columns.len(), 1);
        let query = read_it(&path, Some("SELECT name FROM leads WHERE id > 7")).unwrap();
        assert_eq!((query.lines.len(), query.table), (1, None));
        for wrong in [
            "SELECT nothing FROM leads",
            "SELECT 1; DROP TABLE leads",
            "WITH a AS (SELECT 1) DELETE FROM leads",
        ] {
            assert!(read_it(&path, Some(wrong)).is_err(), "{wrong}");
        }
        assert_eq!(read_it(&path, Some("leads")).unwrap().lines.len(), 2, "nothing was deleted");
    }

    #[test]
    fn a_database_at_rest_is_not_touched_and_a_busy_one_is_read_whole() {
        let (dir, path) = database(&format!("PRAGMA journal_mode = WAL; {ONE}"));
        let before = std::fs::read(&path).unwrap();
        let names = || {
            let entries = std::fs::read_dir(dir.path()).unwrap();
            entries.map(|e| e.unwrap().file_name()).collect::<Vec<_>>()
        };
        assert_eq!(names().len(), 1);
        assert_eq!(read_it(&path, None).unwrap().lines.len(), 2);
        assert_eq!((std::fs::read(&path).unwrap(), names().len()), (before, 1));
        let open = Database::open(&path).unwrap();
        open.execute_batch("INSERT INTO leads VALUES (9, 'Bo', 0, NULL)").unwrap();
        assert_eq!(read_it(&path, None).unwrap().lines.len(), 3, "the log counts");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(tail in prop::collection::vec(any::<u8>(), 0..600), at in 16usize..4000, byte: u8) {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("any.db");
            std::fs::write(&path, [MAGIC, &tail].concat()).unwrap();
            let _ = read_it(&path, None);
            let (_dir, good) = database(ONE);
            let mut bytes = std::fs::read(&good).unwrap();
            bytes[at] = byte;
            std::fs::write(&path, bytes).unwrap();
            let _ = read_it(&path, None);
        }
    }
}
