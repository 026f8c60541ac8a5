//! JSON Lines: a `finding` a line, `note`s, and one `summary` at the end, for programs that stream.

use super::escape::ascii_marks;
use crate::quality::finding::{Checked, Finding, Verdict};
use serde::Serialize;

/// A line of the output.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Line<'a> {
    Finding(&'a Finding),
    Note { text: &'a str },
    Summary { verdict: Verdict, records: u64, findings: usize },
}

/// Writes the findings.
pub fn write(checked: &Checked) -> String {
    let findings = checked.findings.iter().map(Line::Finding);
    let notes = checked.notes.iter().map(|text| Line::Note { text });
    let summary = Line::Summary {
        verdict: checked.verdict,
        records: checked.records,
        findings: checked.findings.len(),
    };
    let mut out = String::new();
    for line in findings.chain(notes).chain([summary]) {
        // Strings, numbers and lists of them: always to be written; a rate that is no number is null.
        if let Ok(json) = serde_json::to_string(&line) {
            out.push_str(&ascii_marks(&json));
            out.push('\n');
        }
    }
    out
}
