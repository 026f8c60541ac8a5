//! Markdown, for comments on a change and for the summary of a CI step.
//!
//! Whatever Markdown or HTML would make something of is written as a character reference, which
//! shows as the character and means nothing.

use super::entry;
use super::escape::{thousands, visible};
use crate::quality::finding::{Checked, Finding, Severity, Verdict};
use std::fmt::Write;

/// Bytes of a step summary: the page takes 1 MiB, of which we leave others a part.
pub const SUMMARY_BYTES: usize = 900 * 1024;
/// No limit.
pub const NO_LIMIT: usize = usize::MAX;
/// Places that are listed of each finding.
const PLACES: usize = 10;
/// Room for what is said at the end about what was cut.
const END: usize = 200;

/// Writes the findings in at most `most` bytes (not below a page of text).
pub fn write(checked: &Checked, most: usize) -> String {
    let mut text = heading(checked);
    for note in &checked.notes {
        let _ = writeln!(text, "- {}", inline(note));
    }
    if !checked.notes.is_empty() {
        text.push('\n');
    }
    if checked.findings.is_empty() {
        return text;
    }
    text.push_str("| severity | check | column | found | what |\n|---|---|---|--:|---|\n");
    let room = most.saturating_sub(END);
    if !add(&mut text, checked, room, row) {
        return text;
    }
    text.push('\n');
    add(&mut text, checked, room, places);
    text
}

/// Adds a piece per finding while there is room; false when something had to be left out.
fn add(text: &mut String, checked: &Checked, room: usize, piece: fn(&Finding) -> String) -> bool {
    for (at, finding) in checked.findings.iter().enumerate() {
        let piece = piece(finding);
        if text.len() + piece.len() > room {
            let left = thousands((checked.findings.len() - at) as u64);
            let _ = write!(text, "\n{left} more findings are left out here: the page is full.\n");
            return false;
        }
        text.push_str(&piece);
    }
    true
}

fn heading(checked: &Checked) -> String {
    let count = |severity| checked.findings.iter().filter(|f| f.severity == severity).count();
    let verdict = match checked.verdict {
        Verdict::Pass => "passed",
        Verdict::Fail => "failed",
    };
    format!(
        "## leadmend check: {verdict}\n\n{} records, {}, {}, {} of information.\n\n",
        thousands(checked.records),
        plural(count(Severity::Error), "error"),
        plural(count(Severity::Warning), "warning"),
        plural(count(Severity::Info), "finding"),
    )
}

fn plural(count: usize, word: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{} {word}{s}", thousands(count as u64))
}

fn row(finding: &Finding) -> String {
    format!(
        "| {} | {} | {} | {} | {} |\n",
        finding.severity.word(),
        inline(&finding.check),
        inline(finding.column.as_deref().unwrap_or("")),
        entry::counts(finding),
        inline(&finding.message),
    )
}

fn places(finding: &Finding) -> String {
    if finding.samples.is_empty() {
        return String::new();
    }
    let column = finding.column.as_deref().map_or(String::new(), |c| format!(" in {}", inline(c)));
    let mut text = format!(
        "<details><summary>{}{column}: {}</summary>\n\n",
        inline(&finding.check),
        inline(&finding.file)
    );
    for sample in finding.samples.iter().take(PLACES) {
        let _ = writeln!(text, "- {}", inline(&entry::place(sample)));
    }
    let listed = finding.samples.len().min(PLACES) as u64;
    if finding.count > listed {
        let _ = writeln!(text, "- and {} more", thousands(finding.count - listed));
    }
    text.push_str("\n</details>\n\n");
    text
}

/// Text that means nothing to Markdown or HTML.
pub fn inline(text: &str) -> String {
    let shown = visible(text);
    let mut out = String::with_capacity(shown.len() + 16);
    for c in shown.chars() {
        let after_www = c == '.' && out.to_ascii_lowercase().ends_with("www");
        if after_www || "&<>\"'`*_[]!|\\#~@/${}=+".contains(c) {
            let _ = write!(out, "&#{};", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}
