//! SARIF 2.1.0, as code scanning reads it: a rule per check, a result per record or finding.
//!
//! Limits of the reader: above 25,000 results a run is refused, above 5,000 they are dropped by a
//! choice we would not make. So at most 5,000 are written, and what is left out is counted.

use super::entry::{self, Entry};
use super::escape::{ascii_marks, thousands, uri, visible};
use super::{Context, NO_KEY};
use crate::quality::catalog;
use crate::quality::finding::{Checked, Finding, Severity};
use serde_json::{Value, json};

/// Results written at most.
pub const MOST_RESULTS: usize = 5_000;

/// Writes the findings as a SARIF log of one run.
pub fn write(checked: &Checked, context: &Context) -> String {
    let (entries, unlisted) = entry::entries(checked, context, MOST_RESULTS);
    let mut ids: Vec<&str> = checked.findings.iter().map(|f| f.check.as_str()).collect();
    ids.extend(context.ran.iter().map(String::as_str));
    ids.sort_unstable();
    ids.dedup();
    let rules: Vec<Value> = ids.iter().map(|id| rule(id, checked)).collect();
    let results: Vec<Value> = entries.iter().map(|entry| result(entry, &ids, context)).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "leadmend",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": notifications(checked, context, unlisted),
            }],
            "results": results,
        }],
    });
    ascii_marks(&format!("{log:#}\n"))
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

fn rule(id: &str, checked: &Checked) -> Value {
    let info = catalog::find(id);
    let fires = info.map_or("A condition of the rule file holds", |check| check.fires);
    let remedy = info.map_or("see the rule", |check| check.remedy);
    let found: Vec<&Finding> = checked.findings.iter().filter(|f| f.check == id).collect();
    // The gravest finding comes first.
    let severity = found.first().map(|f| f.severity).or(info.map(|check| check.severity));
    let help = match found.iter().map(|f| f.count).sum::<u64>() {
        0 => remedy.to_string(),
        total => format!("{remedy}. Found {} times.", thousands(total)),
    };
    json!({
        "id": id,
        "shortDescription": { "text": sentence_case(fires) },
        "help": { "text": sentence_case(&help) },
        "defaultConfiguration": { "level": level(severity.unwrap_or(Severity::Warning)) },
        "properties": { "tags": ["data-quality"] },
    })
}

fn sentence_case(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn result(entry: &Entry, ids: &[&str], context: &Context) -> Value {
    let finding = entry.finding;
    let (text, line) = (entry.text(), entry.line());
    let rule = ids.iter().position(|id| *id == finding.check);
    json!({
        "ruleId": finding.check,
        "ruleIndex": rule,
        "level": level(finding.severity),
        "message": { "text": text },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(context.path_of(&finding.file)) },
            "region": { "startLine": line },
        }}],
        "partialFingerprints": {
            // The name that code scanning looks at, and ours.
            "primaryLocationLineHash": format!("{}:1", &entry.fingerprint[..16]),
            "leadmendFinding/v1": entry.fingerprint,
        },
    })
}

fn notifications(checked: &Checked, context: &Context, unlisted: usize) -> Vec<Value> {
    let mut said: Vec<String> = checked.notes.iter().map(|note| visible(note)).collect();
    if context.key.is_none() && !checked.findings.is_empty() {
        said.push(NO_KEY.to_string());
    }
    if unlisted > 0 {
        let count = thousands(unlisted as u64);
        said.push(format!("{count} findings are not listed: a log holds no more."));
    }
    said.into_iter().map(|text| json!({ "level": "note", "message": { "text": text } })).collect()
}
