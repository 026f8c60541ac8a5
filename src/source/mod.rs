//! Reading: bytes of a file to rows of raw cells, with everything odd about the file said aloud.
//!
//! First stage of a run: `read` knows containers, encodings, delimiters, preambles and footers, and
//! nothing of what a column means (that is [`crate::schema`]). Cells are never altered here, so that
//! what is written back is what was read; rows that do not fit become rejects, not errors.

mod csv;
mod dialect;
mod encoding;
pub mod fingerprint;
pub(crate) mod header;
mod jsonl;
pub mod original;
mod record_reader;

use crate::error::{Error, Result};
use crate::record::{Column, SourceInfo};
use crate::schema::preset;
use original::{Original, Span};
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

/// An input to read: a path with what the user said about it.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Source {
    /// File; `-` is standard input.
    #[serde(skip)]
    pub path: PathBuf,
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
    /// The bytes, when they are not to be read from `path`: an earlier run's, say.
    #[serde(skip)]
    pub content: Option<Arc<Vec<u8>>>,
}

impl Source {
    /// An input of which everything is detected.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }

    /// File name without folders.
    pub fn file_name(&self) -> String {
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
        let file = self.file_name();
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
    /// Rows that were not read.
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
    let mut bytes = Vec::new();
    let read = match &source.content {
        Some(content) => Ok(content.as_ref().clone()),
        None if source.is_stdin() => std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes),
        None => std::fs::read(&source.path),
    };
    let bytes = read.map_err(|cause| Error::Read { file: source.file_name(), cause })?;
    let mut original = Original::of(source, &bytes);
    let mut table = read_bytes(source, bytes)?;
    original.spans = std::mem::take(&mut table.original.spans);
    table.original = original;
    Ok(table)
}

/// Reads an input that is in memory; `source` names it.
pub fn read_bytes(source: &Source, bytes: Vec<u8>) -> Result<RawTable> {
    let (length, sha256) = (bytes.len() as u64, fingerprint::sha256_hex(&bytes));
    let mut table = read_content(source, bytes)?;
    table.info.bytes = length;
    table.info.sha256 = sha256;
    Ok(table)
}

fn read_content(source: &Source, bytes: Vec<u8>) -> Result<RawTable> {
    let file = source.file_name();
    if bytes.is_empty() {
        return Err(Error::Empty { file });
    }
    let mut notes = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let expanded = encoding::expand(&file, bytes, &mut notes)?;
        let mut table = read_plain(source, &file, &expanded, notes)?;
        table.info.fingerprint = fingerprint::of_bytes(&expanded);
        // They are places in what was expanded, not in the file.
        table.original.spans = Vec::new();
        return Ok(table);
    }
    let mut table = read_plain(source, &file, &bytes, notes)?;
    table.info.fingerprint = fingerprint::of_bytes(&bytes);
    Ok(table)
}

fn read_plain(
    source: &Source,
    file: &str,
    bytes: &[u8],
    mut notes: Vec<String>,
) -> Result<RawTable> {
    let decoded = encoding::decode(file, bytes, source.encoding.as_deref())?;
    notes.extend(decoded.notes);
    let text: &str = &decoded.text;
    let shape = Shape { encoding: decoded.encoding, bom: decoded.bom, delimiter: None };
    if jsonl::is_jsonl(text) {
        let parsed = jsonl::parse(text).ok_or_else(|| too_large(file))?;
        let spans = original::in_file(bytes, &decoded.text, decoded.encoding, parsed.spans);
        let (columns, lines, rejects) = (parsed.columns, parsed.lines, parsed.rejects);
        return finish(source, file, shape, Rows { columns, lines, rejects, spans }, notes);
    }
    refuse_json_list(file, text)?;
    let delimiter = source.delimiter.unwrap_or_else(|| dialect::detect(text));
    let rows = dialect::sample(text, delimiter);
    let layout = header::find(text, delimiter, &rows, source.header)
        .ok_or_else(|| Error::Empty { file: file.into() })?;
    let end = header::footer_start(text, delimiter, layout.body, layout.headers.len());
    if end < text.len() {
        let lines = text[end..].lines().filter(|line| !line.trim().is_empty()).count();
        notes.push(format!("dropped {lines} lines below the table (report footer)"));
    }
    let rules = csv::Rules::new(delimiter, source.flexible);
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
    let spans = original::in_file(bytes, &decoded.text, decoded.encoding, parsed.spans);
    let (columns, lines, rejects) = (parsed.columns, parsed.lines, parsed.rejects);
    let rows = Rows { columns, lines, rejects, spans };
    finish(source, file, Shape { delimiter: Some(delimiter), ..shape }, rows, notes)
}

/// How the bytes of a file were read.
struct Shape {
    encoding: &'static str,
    bom: bool,
    delimiter: Option<u8>,
}

/// Rows of whatever container.
struct Rows {
    columns: Vec<Column>,
    lines: Vec<u32>,
    rejects: Vec<Reject>,
    spans: Vec<Span>,
}

/// Puts the table together, with its preset and its name.
fn finish(
    source: &Source,
    file: &str,
    shape: Shape,
    rows: Rows,
    notes: Vec<String>,
) -> Result<RawTable> {
    let headers: Vec<String> = rows.columns.iter().map(|c| c.header.clone()).collect();
    let preset = preset::choose(source.preset.as_deref(), &headers)?;
    let preset = preset.map(|preset| preset.name.clone());
    let info = SourceInfo {
        name: source.source_name(preset.as_deref()),
        file: file.into(),
        preset,
        encoding: shape.encoding.into(),
        delimiter: shape.delimiter.map(char::from),
        bom: shape.bom,
        records: rows.lines.len() as u64,
        rejected: rows.rejects.len() as u64,
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

fn too_large(file: &str) -> Error {
    Error::TooLarge {
        file: file.into(),
        what: "more than 4 GiB of distinct text in a column, or 4 billion records".into(),
    }
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
