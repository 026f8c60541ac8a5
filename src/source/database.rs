//! Tables of databases, on disk and on servers, as inputs.
//!
//! Between [`super::read_in`] and the readers of SQLite and PostgreSQL: what they read becomes a table
//! like that of a file, with what is odd about it said aloud.

use super::limit::Limits;
use super::server::Server;
use super::snapshot::Snapshot;
use super::{RawTable, Rows, Shape, Source, count_note, fingerprint, finish, sqlite};
use crate::error::{Error, Result};
use crate::record::Container;
use std::io::Write;
use std::path::Path;

#[cfg(not(feature = "postgres"))]
use super::without_feature;
#[cfg(feature = "postgres")]
use super::{original::Original, postgres};

/// A table of a database on a server.
#[cfg(feature = "postgres")]
pub(super) fn read_server(
    source: &Source,
    server: &Server,
    snapshot: &Snapshot,
    limits: &Limits,
) -> Result<RawTable> {
    let file = source.file_name();
    let parsed = snapshot
        .with_server(server, |session| postgres::read(session, source.table.as_deref(), limits))?;
    if parsed.lines.is_empty() && parsed.rejects.is_empty() {
        return Err(no_rows(&server.name()));
    }
    let fingerprint = fingerprint::of_columns(&parsed.columns, parsed.lines.len());
    let notes = notes_of_table(source, parsed.table.as_deref(), parsed.left_out);
    let (columns, lines, rejects) = (parsed.columns, parsed.lines, parsed.rejects);
    let rows = Rows { columns, lines, rejects, spans: parsed.spans, ..Rows::default() };
    let table = parsed.table.or_else(|| source.table.clone());
    let shape = Shape { container: Container::Postgres, table, ..Shape::default() };
    let mut table = finish(source, &file, shape, rows, notes, limits)?;
    let spans = std::mem::take(&mut table.original.spans);
    table.original = Original { spans, ..parsed.rendering.original() };
    table.info.bytes = table.original.bytes;
    table.info.sha256 = fingerprint::hex(&table.original.sha256);
    table.info.fingerprint = fingerprint;
    Ok(table)
}

#[cfg(not(feature = "postgres"))]
pub(super) fn read_server(
    _source: &Source,
    server: &Server,
    _snapshot: &Snapshot,
    _limits: &Limits,
) -> Result<RawTable> {
    Err(without_feature(&server.name(), "a PostgreSQL database", "postgres", "CSV"))
}

/// A table without rows.
#[cfg(feature = "postgres")]
fn no_rows(database: &str) -> Error {
    Error::Format {
        file: database.into(),
        line: None,
        what: "the table or query has no row".into(),
        remedy: "name the table that holds the leads (leads=TABLE)".into(),
    }
}

/// What is odd about how a table was read.
fn notes_of_table(source: &Source, table: Option<&str>, left_out: u64) -> Vec<String> {
    let only = table.filter(|_| source.table.is_none());
    let only = only.map(|table| format!("read table {table:?}, the only one"));
    let out = count_note(left_out, "rows left out that an earlier run merged into others");
    only.into_iter().chain(out).collect()
}

/// What the journal keeps of a table on a server is called so.
pub(super) fn rendered_name(server: &Server, table: Option<&str>) -> String {
    let is_name = |table: &&str| !table.contains(|c: char| c.is_whitespace());
    let table = table.map(|table| Some(table).filter(is_name).unwrap_or("query"));
    let plain = |c: char| if c.is_control() || "/\\:\"".contains(c) { '_' } else { c };
    let table = table.map(|table| table.chars().map(plain).collect::<String>() + ".");
    format!("{}.{}jsonl", server.name(), table.unwrap_or_default())
}

/// A table of a database on disk.
pub(super) fn read_database(
    source: &Source,
    path: &Path,
    snapshot: &Snapshot,
    limits: &Limits,
) -> Result<RawTable> {
    let file = source.file_name();
    let parsed = snapshot.with_file(path, &file, |database| {
        sqlite::read(database, &file, source.table.as_deref(), limits)
    })?;
    if parsed.lines.is_empty() {
        return Err(Error::Empty { file });
    }
    let fingerprint = fingerprint::of_columns(&parsed.columns, parsed.lines.len());
    let notes = notes_of_table(source, parsed.table.as_deref(), parsed.left_out);
    let rows = Rows { columns: parsed.columns, lines: parsed.lines, ..Rows::default() };
    let table = source.table.clone().filter(|_| parsed.table.is_none()).or(parsed.table);
    let shape = Shape { container: Container::Sqlite, table, ..Shape::default() };
    let mut table = finish(source, &file, shape, rows, notes, limits)?;
    table.info.fingerprint = fingerprint;
    Ok(table)
}

/// A database that came compressed or through a pipe: SQLite reads files.
pub(super) fn read_database_bytes(
    source: &Source,
    file: &str,
    bytes: &[u8],
    limits: &Limits,
) -> Result<RawTable> {
    let copy = || -> std::io::Result<tempfile::NamedTempFile> {
        let mut copy = tempfile::NamedTempFile::new()?;
        copy.write_all(bytes)?;
        copy.flush()?;
        Ok(copy)
    };
    let copy = copy().map_err(|cause| Error::Read { file: file.into(), cause })?;
    read_database(source, copy.path(), &Snapshot::default(), limits)
}
