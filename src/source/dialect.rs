//! Which delimiter a file uses: the one that cuts its first records into equally many fields.
//!
//! Why consistency and not the most frequent sign: commas stand in company names and decimal
//! numbers of semicolon files, but never equally often in every row.

use super::limit::Limits;
use super::record_reader::RecordReader;

/// Delimiters looked for, the more usual first (a tie goes to it).
const CANDIDATES: [u8; 4] = *b",;\t|";
/// Records looked at.
const SAMPLE_RECORDS: usize = 120;
/// Bytes looked at.
const SAMPLE_BYTES: usize = 1 << 20;

/// A record of the sample.
#[derive(Debug, Clone)]
pub(crate) struct SampleRow {
    /// Offset where it begins.
    pub start: usize,
    /// Line it begins on.
    pub line: u32,
    /// Its fields.
    pub fields: Vec<String>,
}

impl SampleRow {
    /// Fields that are not blank.
    pub fn filled(&self) -> usize {
        self.fields.iter().filter(|f| !f.trim().is_empty()).count()
    }
}

/// The first records of a text under a delimiter; rows without any value, and those longer than a
/// line may be, are left out.
pub(crate) fn sample(text: &str, delimiter: u8, limits: &Limits) -> Vec<SampleRow> {
    let mut reader = RecordReader::new(head(text).as_bytes(), delimiter, 0, 1).within(limits);
    let mut rows = Vec::new();
    while rows.len() < SAMPLE_RECORDS && reader.read() {
        // One field beyond what a table may have is enough to refuse it.
        let fields = reader
            .fields()
            .take(limits.columns + 1)
            .map(|f| String::from_utf8_lossy(f).trim_start_matches('\u{feff}').to_string())
            .collect();
        let row = SampleRow { start: reader.start(), line: reader.start_line(), fields };
        if row.filled() > 0 {
            rows.push(row);
        }
    }
    rows
}

/// The delimiter of a text: declared by Excel's `sep=` line, else found.
pub(crate) fn detect(text: &str, limits: &Limits) -> u8 {
    if let Some(declared) = declared(text) {
        return declared;
    }
    let mut best = (CANDIDATES[0], 0.0);
    for delimiter in CANDIDATES {
        let score = consistency(&sample(text, delimiter, limits));
        if score > best.1 + 1e-9 {
            best = (delimiter, score);
        }
    }
    best.0
}

/// The delimiter of a leading `sep=;` line, which Excel writes and reads.
pub(crate) fn declared(text: &str) -> Option<u8> {
    let line = text.lines().next()?.trim_matches('"');
    match *line.strip_prefix("sep=")?.as_bytes() {
        [delimiter] if delimiter.is_ascii_punctuation() || delimiter == b'\t' => Some(delimiter),
        _ => None,
    }
}

/// The most frequent field count of at least two, and how many rows have it.
pub(crate) fn usual_width(rows: &[SampleRow]) -> (usize, usize) {
    let mut widths: Vec<usize> = rows.iter().map(|r| r.fields.len()).filter(|&w| w > 1).collect();
    widths.sort_unstable();
    let runs = widths.chunk_by(|a, b| a == b).map(|run| (run[0], run.len()));
    runs.max_by_key(|&(width, count)| (count, width)).unwrap_or((1, 0))
}

fn consistency(rows: &[SampleRow]) -> f64 {
    let (width, count) = usual_width(rows);
    if count == 0 {
        return 0.0;
    }
    count as f64 / rows.len() as f64 * (1.0 + (width as f64).ln())
}

/// The start of a text, cut after a line end so that no record is cut.
fn head(text: &str) -> &str {
    if text.len() <= SAMPLE_BYTES {
        return text;
    }
    match memchr::memrchr(b'\n', &text.as_bytes()[..SAMPLE_BYTES]) {
        Some(at) => &text[..=at],
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters_are_found() {
        let cases = [
            ("a,b\n1,2\n", b',', "comma"),
            ("a;b;c\n\"x, y\";1,5;2,5\nz;3,5;4,5\n", b';', "decimal commas"),
            ("a\tb\n1,2\t3,4\n", b'\t', "tab"),
            ("a|b|c\n1|2|3\n", b'|', "bar"),
            ("sep=;\na;b\n", b';', "declared"),
            ("mail\na@b.example\n", b',', "a single column"),
            ("Notes:\n\"a, b, c. d\"\n\nx;y\n1;2\n3;4\n", b';', "preamble"),
            ("a,b\n1;2;3,x\n1;2,y\n", b',', "semicolons inside"),
        ];
        for (text, expected, why) in cases {
            assert_eq!(detect(text, &Limits::USUAL), expected, "{why}");
        }
    }
}
