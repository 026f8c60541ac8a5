//! GitLab's code quality report: an array of entries with description, name, fingerprint, severity
//! and place. Entries of one fingerprint are shown once, so no two are alike.

use super::Context;
use super::entry;
use super::escape::{ascii_marks, visible};
use crate::quality::finding::{Checked, Severity};
use serde_json::{Value, json};

/// Entries written at most: the page of a merge request takes no more.
pub const MOST_ENTRIES: usize = 5_000;

/// Writes the findings.
pub fn write(checked: &Checked, context: &Context) -> String {
    let (entries, _) = entry::entries(checked, context, MOST_ENTRIES);
    let all: Vec<Value> = entries
        .iter()
        .map(|entry| {
            let finding = entry.finding;
            json!({
                "description": entry.text(),
                // Named so that no other tool's entries are taken for ours.
                "check_name": format!("leadmend/{}", finding.check),
                "fingerprint": entry.fingerprint,
                "severity": severity(finding.severity),
                "location": {
                    "path": visible(context.path_of(&finding.file)),
                    "lines": { "begin": entry.line() },
                },
            })
        })
        .collect();
    ascii_marks(&format!("{:#}\n", Value::Array(all)))
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "minor",
        Severity::Error => "critical",
    }
}
