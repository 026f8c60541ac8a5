//! Commands of a GitHub Actions log: each becomes an annotation on the change.
//!
//! A step shows ten errors, ten warnings and ten notices and drops the rest without a word. So there
//! is one annotation per check, and the tenth of a severity names all others.

use super::Context;
use super::entry;
use super::escape::visible;
use crate::quality::finding::{Checked, Finding, Severity};
use std::fmt::Write;

/// Annotations of one severity that a step shows.
pub const MOST: usize = 10;
/// Check ids that the last annotation names.
const NAMED: usize = 30;

/// Writes the findings as commands.
pub fn write(checked: &Checked, context: &Context) -> String {
    let mut out = String::new();
    for (severity, command) in
        [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "notice")]
    {
        let checks = by_check(checked, severity);
        let shown = if checks.len() > MOST { MOST - 1 } else { checks.len() };
        for found in &checks[..shown] {
            out.push_str(&annotation(command, found, context));
        }
        if checks.len() > shown {
            out.push_str(&rest(command, &checks[shown..]));
        }
    }
    out
}

/// The findings of one severity, those of one check together.
fn by_check(checked: &Checked, severity: Severity) -> Vec<Vec<&Finding>> {
    let mut checks: Vec<Vec<&Finding>> = Vec::new();
    for finding in checked.findings.iter().filter(|f| f.severity == severity) {
        match checks.iter_mut().find(|group| group[0].check == finding.check) {
            Some(group) => group.push(finding),
            None => checks.push(vec![finding]),
        }
    }
    checks
}

fn annotation(command: &str, found: &[&Finding], context: &Context) -> String {
    // Groups are never empty.
    let Some(first) = found.first() else { return String::new() };
    let sentences: Vec<String> = found.iter().map(|finding| entry::sentence(finding)).collect();
    format!(
        "::{command} file={},line={},title={}::{}\n",
        property(context.path_of(&first.file)),
        entry::first_line(first),
        property(&first.check),
        data(&sentences.join("\n")),
    )
}

fn rest(command: &str, checks: &[Vec<&Finding>]) -> String {
    let mut names: Vec<&str> = checks.iter().map(|group| group[0].check.as_str()).collect();
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    let mut text = format!("{} more checks found something: ", checks.len());
    text.push_str(&names.join(", "));
    if more > 0 {
        let _ = write!(text, " and {more} more");
    }
    format!("::{command} title=more checks::{}\n", data(&text))
}

/// The text of a command: a line break would end it.
fn data(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(visible_long).collect();
    lines.join("\n").replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// As [`visible`], for text that was made so before and is longer.
fn visible_long(text: &str) -> String {
    text.chars().filter(|c| !super::escape::is_hidden(*c)).collect()
}

/// A property of a command: a colon or comma would end it.
fn property(text: &str) -> String {
    data(&visible(text)).replace(':', "%3A").replace(',', "%2C")
}
