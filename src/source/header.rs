//! Where the table begins and ends inside a file: preamble, header row, footer.
//!
//! Exports for people carry sentences above and totals below the table; read as rows they become
//! leads. The header is found by what it says, because a headerless file has data there.

use super::dialect::{SampleRow, usual_width};
use super::limit::Limits;
use super::record_reader::RecordReader;
use crate::schema::header::is_known;

/// Rows among which the header is looked for.
const HEADER_ROWS: usize = 20;

/// The shape of the table in a file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Layout {
    /// Header cells, or `column_1`, ... where the file has none.
    pub headers: Vec<String>,
    /// Line of the header, when there is one.
    pub header_line: Option<u32>,
    /// Offset of the first data record.
    pub body: usize,
    /// Line of the first data record.
    pub body_line: u32,
    /// Rows with at least this many fields miss only columns that are mostly empty.
    pub pad_from: usize,
    /// Sentences for the user.
    pub notes: Vec<String>,
}

/// Finds the header row. `wanted`: the user says that there is one, or that there is none.
pub(crate) fn find(
    text: &str,
    delimiter: u8,
    rows: &[SampleRow],
    wanted: Option<bool>,
    limits: &Limits,
) -> Option<Layout> {
    let skip = usize::from(super::dialect::declared(text).is_some());
    let rows = rows.get(skip..).filter(|rows| !rows.is_empty())?;
    let (usual, _) = usual_width(rows);
    let mut notes = Vec::new();
    let header = match wanted {
        Some(false) => None,
        Some(true) => Some(best_header(rows, usual).unwrap_or(0)),
        None => best_header(rows, usual),
    };
    let (mut headers, body, body_line, after) = match header {
        Some(at) => {
            let mut reader =
                RecordReader::new(text.as_bytes(), delimiter, rows[at].start, rows[at].line)
                    .within(limits);
            reader.read();
            let body = reader.next_start();
            if wanted.is_none() && !speaks(&rows[at]) {
                notes.push(format!(
                    "line {} is taken for the header, though few of its names are known",
                    rows[at].line
                ));
            }
            let trimmed = rows[at].fields.iter().map(|h| h.trim().to_string()).collect();
            (trimmed, body, reader.next_line(), &rows[at + 1..])
        }
        None => {
            // From the very first row: what does not fit becomes a reject, never silently lost.
            let at = 0;
            let names = (1..=usual).map(|i| format!("column_{i}")).collect();
            notes.push("no header row found: columns are named column_1, column_2, ...".into());
            (names, rows[at].start, rows[at].line, &rows[at..])
        }
    };
    let first_line = header.map_or(body_line, |at| rows[at].line);
    if first_line > 1 && rows[0].line < first_line {
        notes.push(format!("skipped {} lines above the table", first_line - 1));
    }
    add_row_names(&mut headers, after, &mut notes);
    let pad_from = pad_from(headers.len(), after);
    let header_line = header.map(|at| rows[at].line);
    Some(Layout { headers, header_line, body, body_line, pad_from, notes })
}

/// The first row that reads like a header: by known names, else by having no data in it.
fn best_header(rows: &[SampleRow], usual: usize) -> Option<usize> {
    let head = &rows[..rows.len().min(HEADER_ROWS)];
    let wide = |row: &SampleRow| {
        row.fields.len() * 2 >= usual && row.filled() * 2 >= row.fields.len().min(usual)
    };
    let by_name = head.iter().position(|row| wide(row) && speaks(row));
    by_name.or_else(|| {
        // Only the first wide row can be an unknown header: the rows after it are data.
        let at = head.iter().position(wide)?;
        let below = &rows[at + 1..];
        (!holds_data(&rows[at]) && distinct(&rows[at]) && !repeats(&rows[at], below)).then_some(at)
    })
}

/// Enough cells are names of columns, and few are data.
fn speaks(row: &SampleRow) -> bool {
    let filled = row.fields.iter().filter(|f| !f.trim().is_empty());
    let known = filled.clone().filter(|f| is_known(f)).count();
    let data = filled.filter(|f| is_data(f)).count();
    let enough = if row.fields.len() == 1 { 1 } else { 2 };
    let share = known * 10 >= row.filled() * 3 && data * 5 <= row.filled();
    known >= enough && (share || (known >= 5 && data == 0 && distinct(row)))
}

fn holds_data(row: &SampleRow) -> bool {
    row.fields.iter().any(|f| is_data(f))
}

fn distinct(row: &SampleRow) -> bool {
    let mut names: Vec<String> =
        row.fields.iter().map(|f| f.trim().to_lowercase()).filter(|f| !f.is_empty()).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    names.len() == all
}

/// A cell of the row comes again below it in its column: values do, headers do not.
fn repeats(row: &SampleRow, below: &[SampleRow]) -> bool {
    row.fields.iter().enumerate().any(|(i, cell)| {
        !cell.trim().is_empty() && below.iter().any(|other| other.fields.get(i) == Some(cell))
    })
}

/// A cell no header would be: a number, a date, an address of mail or web, a sentence.
fn is_data(cell: &str) -> bool {
    let cell = cell.trim();
    if cell.is_empty() {
        return false;
    }
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    let letters = cell.chars().filter(|c| c.is_alphabetic()).count();
    (digits > 0 && letters * 2 <= digits)
        || (cell.contains('@') && cell.contains('.'))
        || cell.contains("://")
        || cell.chars().count() > 100
}

/// Lines of words: hardly any is cut into fields, most are sentences, and none holds an address.
pub(crate) fn is_prose(rows: &[SampleRow]) -> bool {
    let sentence = |row: &&SampleRow| {
        row.fields.iter().map(|f| f.split_whitespace().count()).sum::<usize>() >= 4
    };
    let single = rows.iter().filter(|row| row.fields.len() == 1).count();
    let address = rows.iter().flat_map(|row| &row.fields).any(|f| f.contains('@'));
    !address
        && single * 2 >= rows.len()
        && (rows.iter().filter(sentence).count() * 3 >= rows.len() * 2 || is_note(rows))
}

/// A sentence and a list below it, as in a note that lies beside the files it names.
pub(crate) fn is_note(rows: &[SampleRow]) -> bool {
    let words = |row: &SampleRow| row.fields[0].split_whitespace().count();
    let Some((first, below)) = rows.split_first() else { return false };
    rows.iter().all(|row| row.fields.len() == 1)
        && words(first) >= 8
        && below.iter().all(|row| words(row) * 2 <= words(first))
}

/// R writes a file whose rows have one field more than its header: a leading row name.
fn add_row_names(headers: &mut Vec<String>, rows: &[SampleRow], notes: &mut Vec<String>) {
    let longer = rows.iter().filter(|row| {
        row.fields.len() == headers.len() + 1
            && row.fields.last().is_some_and(|f| !f.trim().is_empty())
    });
    if rows.len() >= 3 && longer.count() * 10 >= rows.len() * 9 {
        headers.insert(0, "row_name".into());
        notes.push("rows have one field more than the header: a leading row name".into());
    }
}

/// The column from which on most cells are empty.
fn pad_from(width: usize, rows: &[SampleRow]) -> usize {
    let full: Vec<&SampleRow> = rows.iter().filter(|r| r.fields.len() == width).collect();
    if full.is_empty() {
        let usual = usual_width(rows).0;
        return if usual > 1 { usual.min(width) } else { width };
    }
    let mostly_empty = |column: &usize| {
        let empty = full.iter().filter(|r| r.fields[*column].trim().is_empty()).count();
        empty * 2 >= full.len()
    };
    let padded = (0..width).rev().take_while(mostly_empty).count();
    (width - padded).max(width.min(2))
}

/// Offset where the footer begins: the last lines that hold one field each, when one of them is
/// known to end a report. Otherwise the end of the text.
pub(crate) fn footer_start(text: &str, delimiter: u8, body: usize, width: usize) -> usize {
    const MAX_LINES: usize = 15;
    const MAX_LINE: usize = 300;
    let (mut end, mut found, mut start) = (text.len(), false, text.len());
    if width < 2 {
        return end;
    }
    for _ in 0..MAX_LINES {
        let Some(rest) = text.get(body..end).map(|t| t.trim_end_matches(['\n', '\r'])) else {
            break;
        };
        let line_start = body + memchr::memrchr(b'\n', rest.as_bytes()).map_or(0, |at| at + 1);
        let line = &text[line_start..body + rest.len()];
        if line.is_empty() || line.len() > MAX_LINE {
            break;
        }
        let mut reader = RecordReader::new(line.as_bytes(), delimiter, 0, 1);
        reader.read();
        let filled: Vec<&[u8]> = reader.fields().filter(|f| !f.trim_ascii().is_empty()).collect();
        if filled.len() > 1 || reader.unclosed() {
            break;
        }
        if let Some(cell) = filled.first() {
            found |= ends_report(&String::from_utf8_lossy(cell));
        }
        start = line_start;
        end = line_start;
    }
    // An odd number of quotes: the lines are the rest of a quoted cell, not a footer.
    let quotes = memchr::memchr_iter(b'"', &text.as_bytes()[start..]).count();
    if found && quotes.is_multiple_of(2) { start } else { text.len() }
}

fn ends_report(cell: &str) -> bool {
    let cell = cell.trim().to_lowercase();
    let total =
        cell.strip_prefix("total").is_some_and(|rest| !rest.starts_with(char::is_alphabetic));
    total
        || ["grand total", "copyright", "confidential information", "generated by", "gesamtsumme"]
            .iter()
            .any(|start| cell.starts_with(start))
}
