//! Workbooks (.xlsx, .xlsb, .xls, .ods): a sheet written out as delimited text, then read like it.
//!
//! A sheet has the troubles of a CSV export: titles above the header, totals below the table, empty
//! rows. So it goes through the same reader, and lines are the sheet's rows. Dates become ISO 8601,
//! numbers lose the `.0` that a spreadsheet never shows. Panics of the library become errors.

use super::limit::Limits;
use super::{Rows, Source, archive, compound, read_delimited};
use crate::error::{Error, Result};
use calamine::open_workbook_auto_from_rs;
use calamine::{Cell, Data, DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Sheets};
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What was read.
pub(crate) struct Parsed {
    /// The rows.
    pub rows: Rows,
    /// The sheet.
    pub sheet: String,
    /// Sentences for the user.
    pub notes: Vec<String>,
}

/// Text a sheet may make: one long value can stand in millions of cells.
const MOST_TEXT: usize = 2 << 30;
/// Cells added to rows that are shorter than the widest; beyond, rows stay as they are.
const MOST_PADDING: usize = 64 << 20;

/// Reads the sheet that is wanted, or the first one with a table.
pub(crate) fn read(source: &Source, file: &str, bytes: &[u8], limits: &Limits) -> Result<Parsed> {
    if bytes.starts_with(b"PK") {
        archive::check(file, bytes, limits)?;
    } else if compound::has_endless_chain(bytes) {
        return Err(damaged(file, "the workbook is damaged (a chain of sectors has no end)"));
    }
    let read = catch_unwind(AssertUnwindSafe(|| read_workbook(source, file, bytes, limits)));
    read.unwrap_or_else(|_| Err(damaged(file, "the workbook is damaged")))
}

fn damaged(file: &str, what: &str) -> Error {
    Error::Format {
        file: file.into(),
        line: None,
        what: what.into(),
        remedy: "open it in a spreadsheet and save the sheet as CSV UTF-8".into(),
    }
}

fn read_workbook(source: &Source, file: &str, bytes: &[u8], limits: &Limits) -> Result<Parsed> {
    let no_workbook = |_| Error::Format {
        file: file.into(),
        line: None,
        what: "is no workbook that can be read (a zip of other files, encrypted or damaged)".into(),
        remedy: "unzip it and give the files inside, or save the sheet as CSV UTF-8".into(),
    };
    let mut workbook = open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(no_workbook)?;
    let sheets = workbook.sheets_metadata().to_vec();
    let tables = sheets.iter().filter(|s| s.typ == SheetType::WorkSheet);
    let names: Vec<&str> = tables.clone().map(|s| s.name.as_str()).collect();
    if let Some(wanted) = source.table.as_deref() {
        let name = names.iter().find(|name| **name == wanted);
        let name = name.or_else(|| names.iter().find(|name| name.eq_ignore_ascii_case(wanted)));
        let name = name.ok_or_else(|| {
            let remedy = format!("the sheets are {}", names.join(", "));
            Error::usage(format!("{file}: there is no sheet {wanted:?}"), remedy)
        })?;
        let grid = Grid::of(&mut workbook, name, file, limits)?;
        return grid.read(source, file, name, limits);
    }
    let visible = tables.filter(|s| s.visible == SheetVisible::Visible);
    for sheet in visible {
        let grid = Grid::of(&mut workbook, &sheet.name, file, limits)?;
        // A title alone is no table.
        if grid.rows.len() < 2 {
            continue;
        }
        let mut parsed = grid.read(source, file, &sheet.name, limits)?;
        if names.len() > 1 {
            let others: Vec<&str> = names.iter().filter(|n| **n != sheet.name).copied().collect();
            parsed.notes.insert(
                0,
                format!(
                    "read sheet {:?}; others: {} (choose with {file}#SHEET)",
                    sheet.name,
                    others.join(", ")
                ),
            );
        }
        return Ok(parsed);
    }
    Err(Error::Empty { file: file.into() })
}

/// The filled rows of a sheet.
#[derive(Default)]
struct Grid {
    /// Cells of all rows as delimited text.
    text: String,
    /// Per row: its number in the sheet, the end of its text, its cells.
    rows: Vec<(u32, usize, usize)>,
    /// The row at hand, counted from 0, where cells come one by one.
    row: u32,
    /// Cells of the row at hand.
    cells: usize,
    filled: bool,
}

impl Grid {
    fn of(
        workbook: &mut Sheets<Cursor<&[u8]>>,
        name: &str,
        file: &str,
        limits: &Limits,
    ) -> Result<Self> {
        let mut grid = Self::default();
        let failed = |what: String| damaged(file, &format!("the sheet cannot be read ({what})"));
        // Cell by cell where the library can: a sheet of two far corners would fill the memory as
        // a whole.
        // Two readers of one shape and no trait in common.
        macro_rules! put_cells {
            ($workbook:expr) => {{
                let mut cells =
                    $workbook.worksheet_cells_reader(name).map_err(|e| failed(e.to_string()))?;
                while let Some(cell) = cells.next_cell().map_err(|e| failed(e.to_string()))? {
                    grid.put_cell(&cell, file, limits)?;
                }
                grid.end_row(grid.row);
                return Ok(grid);
            }};
        }
        match workbook {
            Sheets::Xlsx(workbook) => put_cells!(workbook),
            Sheets::Xlsb(workbook) => put_cells!(workbook),
            _ => {}
        }
        let range = workbook.worksheet_range(name).map_err(|e| failed(e.to_string()))?;
        let (top, left) = range.start().unwrap_or_default();
        for (cells, row) in range.rows().zip(top..) {
            for (value, column) in cells.iter().zip(left..) {
                if *value != Data::Empty {
                    grid.put(column, &to_text(value), file, limits)?;
                }
            }
            grid.end_row(row);
        }
        Ok(grid)
    }

    /// Adds a cell that comes alone; its row may be a new one.
    fn put_cell(&mut self, cell: &Cell<DataRef>, file: &str, limits: &Limits) -> Result<()> {
        let (row, column) = cell.get_position();
        if row != self.row {
            self.end_row(self.row);
            self.row = row;
        }
        match cell.get_value() {
            DataRef::Empty => Ok(()),
            DataRef::SharedString(text) => self.put(column, text, file, limits),
            DataRef::String(text) => self.put(column, text, file, limits),
            other => self.put(column, &to_text(&Data::from(other.clone())), file, limits),
        }
    }

    fn put(&mut self, column: u32, text: &str, file: &str, limits: &Limits) -> Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let column = column as usize;
        limits.check_columns(file, column + 1)?;
        if self.text.len() + text.len() > MOST_TEXT {
            return Err(Error::TooLarge {
                file: file.into(),
                what: "a sheet of more than 2 GiB".into(),
            });
        }
        if column < self.cells {
            // A cell that comes twice, or out of order: the first one counts.
            return Ok(());
        }
        while self.cells <= column {
            if self.cells > 0 {
                self.text.push(',');
            }
            self.cells += 1;
        }
        self.filled |= !text.trim().is_empty();
        let clean = text.replace('\0', "\u{fffd}");
        if clean.contains([',', '"', '\n', '\r']) {
            self.text.push('"');
            self.text.push_str(&clean.replace('"', "\"\""));
            self.text.push('"');
        } else {
            self.text.push_str(&clean);
        }
        Ok(())
    }

    /// Ends a row; `row` counts from 0.
    fn end_row(&mut self, row: u32) {
        let start = self.rows.last().map_or(0, |(_, end, _)| *end);
        if self.filled {
            self.rows.push((row.saturating_add(1), self.text.len(), self.cells));
        } else {
            self.text.truncate(start);
        }
        self.cells = 0;
        self.filled = false;
    }

    /// The sheet as delimited text with a line for each of its rows, and the row each line shows.
    fn to_text(&self) -> (String, Vec<(u32, u32)>) {
        const MOST_GAP: u32 = 1 << 21;
        let widest = self.rows.iter().map(|(_, _, cells)| *cells).max().unwrap_or(0);
        let padding: usize = self.rows.iter().map(|(_, _, cells)| widest - cells).sum();
        let pad = padding <= MOST_PADDING;
        let mut text = String::with_capacity(
            self.text.len() + self.rows.len() + if pad { padding } else { 0 },
        );
        let mut lines = Vec::with_capacity(self.rows.len());
        let (mut start, mut line) = (0, 1u32);
        for &(row, end, cells) in &self.rows {
            while line < row.min(MOST_GAP) {
                text.push('\n');
                line += 1;
            }
            lines.push((line, row));
            let cut = &self.text[start..end];
            text.push_str(cut);
            if pad {
                (cells..widest).for_each(|_| text.push(','));
            }
            text.push('\n');
            line += 1 + memchr::memchr_iter(b'\n', cut.as_bytes()).count() as u32;
            start = end;
        }
        (text, lines)
    }

    fn read(&self, source: &Source, file: &str, sheet: &str, limits: &Limits) -> Result<Parsed> {
        if self.rows.is_empty() {
            return Err(Error::Empty { file: file.into() });
        }
        let (text, lines) = self.to_text();
        let (mut rows, notes) = read_delimited(source, file, &text, b',', limits)?;
        let row_of = |line: u32| match lines.binary_search_by_key(&line, |(line, _)| *line) {
            Ok(at) => lines[at].1,
            Err(at) => at.checked_sub(1).map_or(line, |at| lines[at].1),
        };
        rows.lines.iter_mut().for_each(|line| *line = row_of(*line));
        rows.rejects.iter_mut().for_each(|reject| reject.line = row_of(reject.line));
        Ok(Parsed { rows, sheet: sheet.to_string(), notes })
    }
}

/// A cell as a CSV export in a fixed locale would write it.
fn to_text(value: &Data) -> String {
    match value {
        Data::Empty => String::new(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number_text(*number),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Bool(value) => value.to_string(),
        Data::DateTime(value) => date_text(value),
        Data::Error(error) => error.to_string(),
    }
}

/// Whole numbers without a fraction: phone numbers and ids are digits.
fn number_text(number: f64) -> String {
    // Up to here every whole number is exact.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        format!("{}", number as i64)
    } else {
        number.to_string()
    }
}

fn date_text(value: &ExcelDateTime) -> String {
    if value.is_duration() || !(0.0..2_958_466.0).contains(&value.as_f64()) {
        return number_text(value.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = value.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (value.as_f64() < 1.0, hour, minute, second) {
        (true, ..) => format!("{hour:02}:{minute:02}:{second:02}"),
        (false, 0, 0, 0) => date,
        _ => format!("{date}T{hour:02}:{minute:02}:{second:02}"),
    }
}

#[cfg(test)]
mod tests;
