//! Delimited text, written fast: lines into byte buffers, in parallel, joined in order.
//!
//! Every file of the output folder but the JSON ones and the rejects is written through here. Why not the `csv`
//! writer itself: a million leads of thirty columns are built by all cores at once, each cell copied
//! once from the dictionary into its line. Quoting is that of the `csv` crate (only where needed),
//! and a property test holds the two against each other.

use super::folder::OutputFolder;
use crate::error::{Error, Result};
use crate::record::{SourceInfo, Table};
use rayon::prelude::*;
use std::io::Write;
use std::ops::Range;
use std::sync::Arc;

/// How a file is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Format {
    /// Field delimiter.
    pub delimiter: u8,
    /// Whether the file begins with a byte order mark.
    pub bom: bool,
}

/// Comma and no byte order mark: all files that do not follow the input.
pub(crate) const COMMA: Format = Format { delimiter: b',', bom: false };

impl Format {
    /// The format of the first input.
    pub fn of_input(table: &Table) -> Self {
        table.sources.first().map_or(COMMA, Self::of_source)
    }

    /// The format of an input.
    pub fn of_source(first: &SourceInfo) -> Self {
        let delimiter = first.delimiter.and_then(|d| u8::try_from(d).ok());
        let usable = |d: &u8| d.is_ascii() && !matches!(d, b'"' | b'\r' | b'\n');
        Self { delimiter: delimiter.filter(usable).unwrap_or(b','), bom: first.bom }
    }
}

/// How cells become bytes.
#[derive(Debug)]
enum Style {
    /// Fields between delimiters.
    Delimited,
    /// Members of JSON objects, by their `"name":`.
    Json(Arc<[String]>),
    /// The text of the cells and where each ends.
    // Made by the Parquet writer alone.
    #[cfg_attr(not(feature = "parquet"), allow(dead_code))]
    Cells(Vec<usize>),
}

/// The cells of some rows, one after another.
#[cfg(feature = "parquet")]
pub(crate) struct Cells {
    /// Their text.
    pub text: Vec<u8>,
    /// Where each ends.
    pub ends: Vec<usize>,
}

/// Lines in the making.
#[derive(Debug)]
pub(crate) struct Lines {
    bytes: Vec<u8>,
    style: Style,
    delimiter: u8,
    /// Where the line at hand begins.
    start: usize,
    /// Its cells so far.
    cells: usize,
    /// Room for a cell that is put together from pieces.
    scratch: String,
}

impl Lines {
    /// Lines of a format, without its byte order mark.
    pub fn new(format: Format) -> Self {
        Self::of_style(Style::Delimited, format.delimiter)
    }

    /// Lines of JSON objects, given the `"name":` of every member.
    pub fn json(keys: Arc<[String]>) -> Self {
        Self::of_style(Style::Json(keys), b',')
    }

    /// Cells for a columnar file.
    #[cfg(feature = "parquet")]
    pub fn cells() -> Self {
        Self::of_style(Style::Cells(Vec::new()), b',')
    }

    fn of_style(style: Style, delimiter: u8) -> Self {
        let (bytes, scratch) = (Vec::new(), String::new());
        Self { bytes, style, delimiter, start: 0, cells: 0, scratch }
    }

    /// What was gathered for a columnar file.
    #[cfg(feature = "parquet")]
    pub fn into_cells(self) -> Cells {
        let ends = match self.style {
            Style::Cells(ends) => ends,
            Style::Delimited | Style::Json(_) => Vec::new(),
        };
        Cells { text: self.bytes, ends }
    }

    /// The start of a file: byte order mark and header.
    pub fn head<'a>(format: Format, headers: impl IntoIterator<Item = &'a str>) -> Self {
        let mut lines = Self::new(format);
        if format.bom {
            lines.bytes.extend_from_slice("\u{feff}".as_bytes());
            lines.start = lines.bytes.len();
        }
        for header in headers {
            lines.cell(header);
        }
        lines.end();
        lines
    }

    /// Adds a cell.
    pub fn cell(&mut self, text: &str) {
        self.separate();
        match &mut self.style {
            Style::Delimited => push_quoted(&mut self.bytes, text.as_bytes(), self.delimiter),
            Style::Json(_) => push_json(&mut self.bytes, text),
            Style::Cells(ends) => {
                self.bytes.extend_from_slice(text.as_bytes());
                ends.push(self.bytes.len());
            }
        }
    }

    /// Adds a cell that is known to need no quotes.
    pub fn plain(&mut self, text: &str) {
        if !matches!(self.style, Style::Delimited) {
            return self.cell(text);
        }
        self.separate();
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Adds a cell that is true or false.
    pub fn flag(&mut self, value: bool) {
        self.separate();
        self.bytes.extend_from_slice(if value { b"true" } else { b"false" });
        self.ended();
    }

    /// Adds a cell that is put together from pieces.
    pub fn joined(&mut self, fill: impl FnOnce(&mut String)) {
        let mut text = std::mem::take(&mut self.scratch);
        text.clear();
        fill(&mut text);
        self.cell(&text);
        self.scratch = text;
    }

    /// Adds a cell for a spreadsheet: what a spreadsheet would take for a formula gets a `'` in
    /// front.
    pub fn guarded(&mut self, text: &str) {
        if is_formula(text) {
            self.joined(|cell| {
                cell.push('\'');
                cell.push_str(text);
            });
        } else {
            self.cell(text);
        }
    }

    /// Adds a whole number.
    pub fn number(&mut self, number: u64) {
        self.separate();
        push_number(&mut self.bytes, number);
        self.ended();
    }

    /// Adds points, given in thousandths.
    pub fn points(&mut self, thousandths: i64) {
        self.separate();
        push_points(&mut self.bytes, thousandths);
        self.ended();
    }

    /// Adds an empty cell.
    pub fn empty(&mut self) {
        self.separate();
        if matches!(self.style, Style::Json(_)) {
            self.bytes.extend_from_slice(b"null");
        }
        self.ended();
    }

    /// Ends the line.
    pub fn end(&mut self) {
        match self.style {
            Style::Cells(_) => return self.cells = 0,
            Style::Json(_) if self.cells == 0 => self.bytes.extend_from_slice(b"{}"),
            Style::Json(_) => self.bytes.push(b'}'),
            Style::Delimited if self.cells == 1 && self.bytes.len() == self.start => {
                // One empty cell would be a blank line, which readers skip.
                self.bytes.extend_from_slice(b"\"\"");
            }
            Style::Delimited => {}
        }
        self.bytes.push(b'\n');
        self.start = self.bytes.len();
        self.cells = 0;
    }

    fn separate(&mut self) {
        match &self.style {
            Style::Delimited if self.cells > 0 => self.bytes.push(self.delimiter),
            Style::Delimited | Style::Cells(_) => {}
            Style::Json(keys) => {
                self.bytes.push(if self.cells == 0 { b'{' } else { b',' });
                self.bytes
                    .extend_from_slice(keys.get(self.cells).map_or("\"\":", |key| key).as_bytes());
            }
        }
        self.cells += 1;
    }

    /// Notes the end of a cell where that is what is kept.
    fn ended(&mut self) {
        if let Style::Cells(ends) = &mut self.style {
            ends.push(self.bytes.len());
        }
    }
}

/// Text as a JSON string; nothing is `null`, as it was read.
fn push_json(bytes: &mut Vec<u8>, text: &str) {
    if text.is_empty() {
        bytes.extend_from_slice(b"null");
        return;
    }
    let start = bytes.len();
    if serde_json::to_writer(&mut *bytes, text).is_err() {
        // Text can always be written; were it not, nothing half would stay.
        bytes.truncate(start);
        bytes.extend_from_slice(b"null");
    }
}

/// Whether a cell needs quotes.
pub(crate) fn needs_quotes(text: &[u8], delimiter: u8) -> bool {
    // Without a way out, so that the loop becomes vector instructions.
    text.iter().fold(false, |found, &b| {
        found | (b == delimiter) | (b == b'"') | (b == b'\n') | (b == b'\r')
    })
}

fn push_quoted(bytes: &mut Vec<u8>, text: &[u8], delimiter: u8) {
    if !needs_quotes(text, delimiter) {
        bytes.extend_from_slice(text);
        return;
    }
    bytes.push(b'"');
    for piece in text.split_inclusive(|&b| b == b'"') {
        bytes.extend_from_slice(piece);
        if piece.last() == Some(&b'"') {
            bytes.push(b'"');
        }
    }
    bytes.push(b'"');
}

fn push_number(bytes: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    bytes.extend_from_slice(&digits[at..]);
}

fn push_points(bytes: &mut Vec<u8>, thousandths: i64) {
    if thousandths < 0 {
        bytes.push(b'-');
    }
    let value = thousandths.unsigned_abs();
    push_number(bytes, value / 1000);
    let mut rest = value % 1000;
    if rest > 0 {
        bytes.push(b'.');
        let mut unit = 100;
        while rest > 0 {
            bytes.push(b'0' + (rest / unit) as u8);
            rest %= unit;
            unit /= 10;
        }
    }
}

/// Whether a spreadsheet would take the text for a formula; numbers and phone numbers are none.
fn is_formula(text: &str) -> bool {
    match text.as_bytes().first() {
        Some(b'=' | b'@' | b'\t' | b'\r') => true,
        Some(b'+' | b'-') => {
            let digits = text[1..].bytes().any(|b| b.is_ascii_digit());
            let like_phone = |b: u8| b.is_ascii_digit() || b" ()./".contains(&b) || b == b'-';
            !digits || !text[1..].bytes().all(like_phone)
        }
        _ => false,
    }
}

/// Rows a worker builds at a time.
const CHUNK: usize = 2048;

/// Writes a file: its head, then the lines `fill` makes of the rows `0..count`.
pub(crate) fn write_rows(
    folder: &OutputFolder,
    name: &str,
    format: Format,
    head: Lines,
    count: usize,
    fill: impl Fn(Range<usize>, &mut Lines) + Sync,
) -> Result<()> {
    write_lines(folder, name, head, || Lines::new(format), count, fill)
}

/// As [`write_rows`], for lines of any style.
pub(crate) fn write_lines(
    folder: &OutputFolder,
    name: &str,
    head: Lines,
    new: impl Fn() -> Lines + Sync,
    count: usize,
    fill: impl Fn(Range<usize>, &mut Lines) + Sync,
) -> Result<()> {
    let mut file = folder.create(name)?;
    write_to(&mut file, head, new, count, fill)
        .map_err(|cause| Error::Write { file: name.to_string(), cause })
}

/// As [`write_lines`], to anything that can be written to.
pub(crate) fn write_to(
    file: &mut (dyn Write + Send),
    head: Lines,
    new: impl Fn() -> Lines + Sync,
    count: usize,
    fill: impl Fn(Range<usize>, &mut Lines) + Sync,
) -> std::io::Result<()> {
    file.write_all(&head.bytes)?;
    let write = |parts: Vec<Lines>| parts.iter().try_for_each(|part| file.write_all(&part.bytes));
    write_waves(count, new, fill, write)?;
    file.flush()
}

/// Fills lines in parallel and hands them on in order, in parts of [`CHUNK`] rows.
pub(crate) fn write_waves(
    count: usize,
    new: impl Fn() -> Lines + Sync,
    fill: impl Fn(Range<usize>, &mut Lines) + Sync,
    mut write: impl FnMut(Vec<Lines>) -> std::io::Result<()> + Send,
) -> std::io::Result<()> {
    let wave = CHUNK * 8 * rayon::current_num_threads();
    let build = |from: usize| -> Vec<Lines> {
        let end = count.min(from + wave);
        (from..end)
            .step_by(CHUNK)
            .collect::<Vec<_>>()
            .into_par_iter()
            .map(|start| {
                let mut lines = new();
                fill(start..end.min(start + CHUNK), &mut lines);
                lines
            })
            .collect()
    };
    let mut ready = Vec::new();
    let mut from = 0;
    // One wave is written while the next is built.
    while from < count {
        let (written, next) = rayon::join(|| write(ready), || build(from));
        written?;
        ready = next;
        from += wave;
    }
    write(ready)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::quantity::format_points;
    use proptest::prelude::*;

    fn with_csv_crate(rows: &[Vec<String>], delimiter: u8) -> Vec<u8> {
        let mut writer =
            csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(Vec::new());
        for row in rows {
            writer.write_record(row).unwrap();
        }
        writer.into_inner().unwrap()
    }

    proptest! {
        #[test]
        fn quotes_as_the_csv_crate_does(
            rows in prop::collection::vec(
                prop::collection::vec("[a\u{e9}\u{1F600}\"',;|\t\r\n =+-]{0,12}", 1..5), 0..6,
            ),
            delimiter in prop::sample::select(b",;\t|".to_vec()),
        ) {
            let mut lines = Lines::new(Format { delimiter, bom: false });
            for row in &rows {
                for (i, cell) in row.iter().enumerate() {
                    // Both ways in must agree.
                    if i % 2 == 0 { lines.cell(cell) } else { lines.joined(|text| text.push_str(cell)) }
                }
                lines.end();
            }
            prop_assert_eq!(lines.bytes, with_csv_crate(&rows, delimiter));
        }

        #[test]
        fn points_as_people_write_them(points in prop_oneof![any::<i64>(), -200_000i64..200_000]) {
            let mut bytes = Vec::new();
            push_points(&mut bytes, points);
            prop_assert_eq!(String::from_utf8(bytes).unwrap(), format_points(points));
        }
    }

    #[test]
    fn json_lines_and_cells_hold_what_was_added() {
        let fill = |lines: &mut Lines| {
            lines.cell("a \"b\"\n");
            lines.empty();
            lines.points(1_500);
            lines.flag(true);
            lines.plain("p");
            lines.end();
        };
        let keys: Vec<String> =
            ["a", "b", "c", "d", "e"].iter().map(|k| format!("\"{k}\":")).collect();
        let mut json = Lines::json(keys.into());
        fill(&mut json);
        let expected = "{\"a\":\"a \\\"b\\\"\\n\",\"b\":null,\"c\":1.5,\"d\":true,\"e\":\"p\"}\n";
        assert_eq!(String::from_utf8(json.bytes).unwrap(), expected);
        #[cfg(feature = "parquet")]
        {
            let mut cells = Lines::cells();
            fill(&mut cells);
            let cells = cells.into_cells();
            assert_eq!(cells.ends, [6, 6, 9, 13, 14]);
            assert_eq!(cells.text, b"a \"b\"\n1.5truep");
        }
    }

    #[test]
    fn formulas_are_guarded_and_numbers_are_not() {
        let cases = [
            ("=1+1", true, "formula"),
            ("@SUM(A1)", true, "old formula"),
            ("\t=1", true, "tab"),
            ("\r=1", true, "carriage return"),
            ("+cmd|' /C calc'!A0", true, "command"),
            ("-2+3+cmd()", true, "command after a sum"),
            ("+", true, "no number"),
            ("+52 33 1234 5678", false, "phone"),
            ("+44 (0)20 7946-0018", false, "phone with brackets"),
            ("-12.5", false, "number"),
            ("Ana", false, "text"),
            ("", false, "nothing"),
        ];
        for (text, expected, why) in cases {
            assert_eq!(is_formula(text), expected, "{why}");
        }
    }

    #[test]
    fn rows_stay_in_order_for_any_number_of_threads() {
        let write = |threads: usize| {
            let dir = tempfile::tempdir().unwrap();
            let folder = OutputFolder::prepare(&dir.path().join("out"), false).unwrap();
            let head = Lines::head(Format { bom: true, ..COMMA }, ["n"]);
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let fill = |rows: Range<usize>, lines: &mut Lines| {
                for row in rows {
                    lines.number(row as u64);
                    lines.end();
                }
            };
            pool.install(|| write_rows(&folder, "n.csv", COMMA, head, 100_000, fill)).unwrap();
            std::fs::read_to_string(folder.staging().join("n.csv")).unwrap()
        };
        let one = write(1);
        assert!(one.starts_with("\u{feff}n\n0\n1\n"));
        assert!(one.ends_with("\n99999\n"));
        assert_eq!(one.lines().count(), 100_001);
        assert_eq!(one, write(2));
    }
}
