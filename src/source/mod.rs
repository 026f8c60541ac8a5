//! Reading: bytes of a file to rows of raw cells, with everything odd about the file said aloud.
//!
//! First stage of a run: `read` knows containers, encodings, delimiters, preambles and footers, and
//! nothing of what a column means (that is [`crate::schema`]). Cells are never altered here, so that
//! what is written back is what was read; rows that do not fit become rejects, not errors.

mod archive;
mod cells;
mod columns;
#[cfg(feature = "excel")]
mod compound;
pub mod connection;
mod csv;
mod database;
mod dialect;
mod directory;
mod encoding;
#[cfg(feature = "excel")]
mod excel;
pub mod fingerprint;
pub mod git;
pub(crate) mod header;
mod jsonl;
mod ldif;
pub(crate) mod limit;
pub mod original;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
mod record_reader;
pub mod server;
mod snapshot;
pub(crate) mod sqlite;
mod vcard;
mod whole;

use crate::error::{Error, Result};
use crate::record::{Column, Container, SourceInfo};
use crate::schema::preset;
use connection::Connection;
use database::{read_database, read_database_bytes, read_server, rendered_name};
use limit::{Limits, too_large};
use original::{Original, Span};
use server::Server;
use std::borrow::Cow;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use snapshot::Snapshot;

/// What an input is given as: a database may hold a table of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// Leads.
    #[default]
    Leads,
    /// Activities.
    Activities,
}

/// An input to read: a path with what the user said about it.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Source {
    /// File; `-` is standard input. For a database on a server its name.
    #[serde(skip)]
    pub path: PathBuf,
    /// The server, when it is no file.
    #[serde(skip)]
    pub server: Option<Server>,
    /// The content is what was once read from a server, one JSON object a row.
    #[serde(skip_serializing_if = "is_false")]
    pub rendered: bool,
    /// Which sheet of a workbook; which table, view or query of a database.
    pub table: Option<String>,
    /// Source name (`--source NAME=FILE`).
    pub name: Option<String>,
    /// Preset to read it as, instead of the one its headers fit.
    pub preset: Option<String>,
    /// Encoding, instead of the detected one.
    pub encoding: Option<String>,
    /// Field delimiter, instead of the detected one.
    pub delimiter: Option<u8>,
    /// Whether the file has a header row, instead of finding out.
    pub header: Option<bool>,
    /// Keep rows with too few or too many fields.
    pub flexible: bool,
    /// Share of rejects beyond which the caller refuses the input: then only as many are kept as
    /// its lines allow, and the others are counted ([`SourceInfo::rejected`]).
    #[serde(skip)]
    pub reject_rate: Option<f64>,
    /// The bytes, when they are not to be read from `path`: an earlier run's, say.
    #[serde(skip)]
    pub content: Option<Arc<Vec<u8>>>,
    /// Nothing of it is to be proven or undone later: its bytes are not hashed, and no place in them
    /// is noted.
    #[serde(skip)]
    pub unproven: bool,
}

impl Source {
    /// An input of which everything is detected.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }

    /// An input as it is given on a command line: a file, `FILE#TABLE`, `sqlite://FILE?leads=TABLE`
    /// or `postgres://USER@HOST/DATABASE?leads=TABLE`.
    ///
    /// # Errors
    /// [`Error::Usage`] for a URL that is not understood.
    pub fn parse(given: &Path, purpose: Purpose) -> Result<Self> {
        let Connection { path, leads, activities, server } = Connection::parse(given)?;
        let table = match purpose {
            Purpose::Leads => leads,
            Purpose::Activities => activities,
        };
        Ok(Self { path, table, server, ..Self::default() })
    }

    /// File name without folders; for a table on a server that of what the journal keeps of it.
    pub fn file_name(&self) -> String {
        if let Some(server) = &self.server {
            return rendered_name(server, self.table.as_deref());
        }
        if self.is_stdin() {
            return "stdin".into();
        }
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        name.to_string_lossy().into_owned()
    }

    fn is_stdin(&self) -> bool {
        self.path.as_os_str() == "-"
    }

    /// `--source` name, else the preset, else the file stem.
    fn source_name(&self, preset: Option<&str>) -> String {
        let file = match &self.server {
            Some(server) => server.name() + ".",
            None => self.file_name(),
        };
        let stem = file.strip_suffix(".gz").unwrap_or(&file);
        let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
        let stem = if stem.is_empty() { &file } else { stem };
        self.name.clone().unwrap_or_else(|| preset.unwrap_or(stem).to_string())
    }
}

/// A row that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Reject {
    /// 1-based line where the row begins.
    pub line: u32,
    /// Why.
    pub reason: String,
    /// The row as it stands in the file.
    pub raw: String,
}

/// One input as it was read.
#[derive(Debug, Clone, Default)]
pub struct RawTable {
    /// What is known of the input.
    pub info: SourceInfo,
    /// Columns in file order.
    pub columns: Vec<Column>,
    /// Number of records.
    pub row_count: usize,
    /// 1-based line where each record begins.
    pub lines: Vec<u32>,
    /// Rows that were not read: all, unless [`Source::reject_rate`] was given and is exceeded.
    pub rejects: Vec<Reject>,
    /// The bytes it was read from, to be found again.
    pub original: Original,
}

/// Reads an input.
///
/// ```no_run
/// let table = leadmend::source::read(&leadmend::source::Source::new("leads.csv"))?;
/// println!("{} records, {}", table.row_count, table.info.encoding);
/// # Ok::<(), leadmend::error::Error>(())
/// ```
pub fn read(source: &Source) -> Result<RawTable> {
    read_in(source, &Snapshot::default())
}

/// Reads an input; what comes from one database is read in one snapshot of it.
///
/// # Errors
/// As [`read`].
pub fn read_in(source: &Source, snapshot: &Snapshot) -> Result<RawTable> {
    let given = source.content.is_some();
    if let (Some(server), false) = (&source.server, given) {
        return read_server(source, server, snapshot, &Limits::USUAL);
    }
    if !given && !source.is_stdin() && sqlite::is_database(&source.path) {
        return read_database(source, &source.path, snapshot, &Limits::USUAL);
    }
    let mut bytes = Vec::new();
    let read = match &source.content {
        Some(content) => Ok(content.as_ref().clone()),
        None if source.is_stdin() => std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes),
        None => whole::read(&source.path),
    };
    let bytes = read.map_err(|cause| Error::Read { file: source.file_name(), cause })?;
    if source.unproven {
        return read_within(source, bytes.into(), &Limits::USUAL);
    }
    // The hash of the whole is one thread's work: the rows are read beside it.
    let (mut original, table) = rayon::join(
        || Original::of(source, &bytes),
        || read_within(source, Cow::Borrowed(&bytes), &Limits::USUAL),
    );
    let mut table = table?;
    table.info.bytes = original.bytes;
    table.info.sha256 = fingerprint::hex(&original.sha256);
    original.spans = std::mem::take(&mut table.original.spans);
    table.original = original;
    Ok(table)
}

/// Reads an input that is in memory; `source` names it.
pub fn read_bytes(source: &Source, bytes: Vec<u8>) -> Result<RawTable> {
    let (length, sha256) = (bytes.len() as u64, fingerprint::sha256_hex(&bytes));
    let mut table = read_within(source, bytes.into(), &Limits::USUAL)?;
    table.info.bytes = length;
    table.info.sha256 = sha256;
    Ok(table)
}

fn read_within(source: &Source, bytes: Cow<[u8]>, limits: &Limits) -> Result<RawTable> {
    let file = source.file_name();
    if bytes.is_empty() {
        return Err(Error::Empty { file });
    }
    let mut notes = Vec::new();
    let compressed = bytes.starts_with(&[0x1f, 0x8b]);
    let bytes = encoding::expand(&file, bytes, limits, &mut notes)?;
    if bytes.starts_with(sqlite::MAGIC) {
        return read_database_bytes(source, &file, &bytes, limits);
    }
    let container = container(&file, &bytes);
    if container == Container::Parquet {
        let fingerprint = fingerprint_of(source, &bytes);
        let mut table = read_parquet(source, &file, bytes.into_owned(), notes, limits)?;
        table.info.fingerprint = fingerprint;
        return Ok(table);
    }
    let mut table = match container {
        Container::Excel => read_excel(source, &file, &bytes, notes, limits),
        _ => read_text(source, &file, &bytes, notes, limits),
    }?;
    if compressed {
        // They are places in what was expanded, not in the file.
        table.original.spans = Vec::new();
    }
    // After reading: what is refused need not be hashed.
    table.info.fingerprint = fingerprint_of(source, &bytes);
    Ok(table)
}

fn fingerprint_of(source: &Source, bytes: &[u8]) -> String {
    if source.unproven { String::new() } else { fingerprint::of_bytes(bytes) }
}

/// The container of a file that is no text, by its first bytes; for text, which is looked at once
/// it is decoded, [`Container::Delimited`].
fn container(file: &str, bytes: &[u8]) -> Container {
    const OLD_EXCEL: &[u8] = b"\xd0\xcf\x11\xe0";
    match bytes {
        b if b.starts_with(b"PK\x03\x04") || b.starts_with(OLD_EXCEL) => Container::Excel,
        b if b.starts_with(b"PAR1") && !has_ending(file, &["csv", "txt", "tsv"]) => {
            Container::Parquet
        }
        _ => Container::Delimited,
    }
}

fn has_ending(file: &str, endings: &[&str]) -> bool {
    let file = file.strip_suffix(".gz").unwrap_or(file);
    let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
    endings.iter().any(|known| ending.eq_ignore_ascii_case(known))
}

/// Text of whatever kind: cards, entries, objects, or rows with delimiters.
fn read_text(
    source: &Source,
    file: &str,
    bytes: &[u8],
    mut notes: Vec<String>,
    limits: &Limits,
) -> Result<RawTable> {
    let decoded = encoding::decode(file, bytes, source.encoding.as_deref())?;
    notes.extend(decoded.notes);
    let changed = matches!(decoded.text, Cow::Owned(_));
    let text: &str = &decoded.text;
    let shape = Shape { encoding: decoded.encoding, bom: decoded.bom, ..Shape::default() };
    if let Some(table) = source.table.as_ref().filter(|_| !source.rendered) {
        return Err(Error::usage(
            format!("{file} holds one table, so #{table} names nothing"),
            format!("give {file} alone"),
        ));
    }
    type Parse = fn(&str, &Limits) -> Option<Rows>;
    let of_lines = if source.rendered { Container::Postgres } else { Container::JsonLines };
    let kind: Option<(Container, Parse)> = match text {
        _ if vcard::is_vcard(text) => Some((Container::Vcard, vcard::parse)),
        _ if ldif::is_ldif(text) => Some((Container::Ldif, ldif::parse)),
        _ if jsonl::is_jsonl(text) => Some((of_lines, jsonl::parse)),
        _ => None,
    };
    if let Some((container, parse)) = kind {
        let mut rows = parse(text, limits).ok_or_else(|| too_large(file))?;
        notes.append(&mut rows.notes);
        rows.spans = original::in_file(bytes, text, changed, decoded.encoding, rows.spans);
        return finish(source, file, Shape { container, ..shape }, rows, notes, limits);
    }
    refuse_json_list(file, text)?;
    let delimiter = source.delimiter.unwrap_or_else(|| dialect::detect(text, limits));
    let (mut rows, more) = read_delimited(source, file, text, delimiter, limits)?;
    notes.extend(more);
    if !source.unproven {
        rows.spans = original::in_file(bytes, text, changed, decoded.encoding, rows.spans);
    }
    finish(source, file, Shape { delimiter: Some(delimiter), ..shape }, rows, notes, limits)
}

/// Rows with delimiters, and what was odd about them.
fn read_delimited(
    source: &Source,
    file: &str,
    text: &str,
    delimiter: u8,
    limits: &Limits,
) -> Result<(Rows, Vec<String>)> {
    let mut notes = Vec::new();
    let rows = dialect::sample(text, delimiter, limits);
    if rows.is_empty() && text.lines().any(|line| line.len() > limits.line) {
        return Err(Error::Format {
            file: file.into(),
            line: None,
            what: format!("has no row in lines of up to {} bytes: it is no table", limits.line),
            remedy: "check that it is a text export with one record a line".into(),
        });
    }
    let layout = header::find(text, delimiter, &rows, source.header, limits)
        .ok_or_else(|| Error::Empty { file: file.into() })?;
    limits.check_columns(file, layout.headers.len())?;
    let prose = match layout.header_line {
        None => header::is_prose(&rows),
        // A sentence may pass for a header.
        Some(_) => header::is_note(&rows),
    };
    if source.header.is_none() && prose {
        return Err(Error::Format {
            file: file.into(),
            line: None,
            what: "reads like prose, not like a table".into(),
            remedy: "give a table with one record a line".into(),
        });
    }
    let end = header::footer_start(text, delimiter, layout.body, layout.headers.len());
    if end < text.len() {
        let lines = text[end..].lines().filter(|line| !line.trim().is_empty()).count();
        notes.push(format!("dropped {lines} lines below the table (report footer)"));
    }
    let usual = csv::Rules::new(delimiter, source.flexible, limits);
    let rules = csv::Rules { reject_rate: source.reject_rate, ..usual };
    let parsed = csv::parse(&text[..end], &layout, &rules).ok_or_else(|| too_large(file))?;
    if parsed.lines.is_empty() && parsed.rejects.is_empty() {
        let line = layout.header_line.unwrap_or(layout.body_line);
        return Err(Error::NoRecords { file: file.into(), line });
    }
    notes.extend(layout.notes);
    notes.extend(count_note(parsed.blank, "rows without any value skipped"));
    notes.extend(count_note(parsed.stray, "rows with an unclosed quote kept as they stand"));
    notes.extend(count_note(parsed.padded, "short rows filled up with empty cells"));
    notes.extend(count_note(parsed.trimmed, "rows with surplus empty fields cut"));
    let (columns, lines, rejects) = (parsed.columns, parsed.lines, parsed.rejects);
    let (spans, dropped) = (parsed.spans, parsed.dropped);
    Ok((Rows { columns, lines, rejects, dropped, spans, ..Rows::default() }, notes))
}

#[cfg(feature = "excel")]
fn read_excel(
    source: &Source,
    file: &str,
    bytes: &[u8],
    mut notes: Vec<String>,
    limits: &Limits,
) -> Result<RawTable> {
    let parsed = excel::read(source, file, bytes, limits)?;
    notes.extend(parsed.notes);
    let table = Some(parsed.sheet);
    let shape = Shape { container: Container::Excel, table, ..Shape::default() };
    finish(source, file, shape, parsed.rows, notes, limits)
}

#[cfg(not(feature = "excel"))]
fn read_excel(
    _source: &Source,
    file: &str,
    bytes: &[u8],
    _notes: Vec<String>,
    limits: &Limits,
) -> Result<RawTable> {
    if bytes.starts_with(b"PK") && !has_ending(file, &["xlsx", "xlsm", "xlsb", "ods"]) {
        archive::check(file, bytes, limits)?;
    }
    Err(without_feature(file, "a workbook (or another zip file)", "excel", "CSV UTF-8"))
}

#[cfg(feature = "parquet")]
fn read_parquet(
    source: &Source,
    file: &str,
    bytes: Vec<u8>,
    notes: Vec<String>,
    limits: &Limits,
) -> Result<RawTable> {
    let parsed = parquet::read(file, bytes, limits)?;
    if parsed.lines.is_empty() {
        return Err(Error::NoRecords { file: file.into(), line: 1 });
    }
    let rows = Rows { columns: parsed.columns, lines: parsed.lines, ..Rows::default() };
    let shape = Shape { container: Container::Parquet, ..Shape::default() };
    finish(source, file, shape, rows, notes, limits)
}

#[cfg(not(feature = "parquet"))]
fn read_parquet(
    _source: &Source,
    file: &str,
    _bytes: Vec<u8>,
    _notes: Vec<String>,
    _limits: &Limits,
) -> Result<RawTable> {
    Err(without_feature(file, "a Parquet file", "parquet", "CSV"))
}

/// The refusal of a container that this build does not read.
#[cfg(not(all(feature = "excel", feature = "parquet", feature = "postgres")))]
fn without_feature(file: &str, what: &str, feature: &str, instead: &str) -> Error {
    Error::Format {
        file: file.into(),
        line: None,
        what: format!("is {what}, which this build does not read"),
        remedy: format!(
            "save the table as {instead}, or install with `cargo install --locked --path . \
             --features {feature}`"
        ),
    }
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// How the bytes of a file were read.
struct Shape {
    container: Container,
    /// Sheet or table.
    table: Option<String>,
    encoding: &'static str,
    bom: bool,
    delimiter: Option<u8>,
}

impl Default for Shape {
    fn default() -> Self {
        let container = Container::Delimited;
        Self { container, table: None, encoding: "UTF-8", bom: false, delimiter: None }
    }
}

/// What a reader found, whatever the container.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// In the order of the file, or the usual one.
    pub columns: Vec<Column>,
    /// Line of each record.
    pub lines: Vec<u32>,
    /// What is no record.
    pub rejects: Vec<Reject>,
    /// Rejects that were only counted.
    pub dropped: u64,
    /// Where each record stands in the text; empty where that cannot be told.
    pub spans: Vec<Span>,
    /// Sentences for the user.
    pub notes: Vec<String>,
}

/// Puts the table together, with its preset and its name.
fn finish(
    source: &Source,
    file: &str,
    shape: Shape,
    rows: Rows,
    notes: Vec<String>,
    limits: &Limits,
) -> Result<RawTable> {
    limits.check_columns(file, rows.columns.len())?;
    if rows.lines.is_empty() && rows.rejects.is_empty() {
        return Err(Error::Empty { file: file.into() });
    }
    let headers: Vec<String> = rows.columns.iter().map(|c| c.header.clone()).collect();
    let preset = preset::choose(source.preset.as_deref(), &headers)?;
    let preset = preset.map(|preset| preset.name.clone());
    let info = SourceInfo {
        name: source.source_name(preset.as_deref()),
        file: file.into(),
        preset,
        container: shape.container,
        table: shape.table,
        encoding: shape.encoding.into(),
        delimiter: shape.delimiter.map(char::from),
        bom: shape.bom,
        records: rows.lines.len() as u64,
        rejected: rows.rejects.len() as u64 + rows.dropped,
        fingerprint: String::new(),
        notes,
        ..SourceInfo::default()
    };
    Ok(RawTable {
        info,
        row_count: rows.lines.len(),
        columns: rows.columns,
        lines: rows.lines,
        rejects: rows.rejects,
        original: Original { spans: rows.spans, ..Original::default() },
    })
}

/// A JSON document is one value, and reading it whole is not what a table reader does.
fn refuse_json_list(file: &str, text: &str) -> Result<()> {
    let start = text.trim_start();
    let list = start.strip_prefix('[').is_some_and(|rest| rest.trim_start().starts_with('{'));
    let object = start.strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with('"'));
    if !list && !object {
        return Ok(());
    }
    Err(Error::Format {
        file: file.into(),
        line: Some(1),
        what: "is one JSON document, not one object a line".into(),
        remedy: "convert it to JSON Lines, for example with jq -c '.[]'".into(),
    })
}

fn count_note(count: u64, what: &str) -> Option<String> {
    (count > 0).then(|| format!("{count} {what}"))
}

#[cfg(test)]
mod tests;
