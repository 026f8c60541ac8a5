//! An audit in a few lines, for the terminal.

use super::audit::{Audit, Point, day};
use crate::quality::finding::Verdict;
use crate::report::summary::{count, group};

/// Findings that are told.
const FINDINGS: usize = 5;

impl Audit {
    /// Adds what the audit found to the lines of a summary.
    pub(crate) fn tell(&self, lines: &mut Vec<String>) {
        let numbers = &self.numbers;
        let verdict = if numbers.passed { Verdict::Pass } else { Verdict::Fail };
        let verdict = verdict.words(numbers.errors as usize);
        let errors = count(numbers.errors as usize, "error", "errors");
        let warnings = count(numbers.warnings as usize, "warning", "warnings");
        let hygiene = numbers.hygiene;
        lines.push(format!("{errors}, {warnings}: {verdict}; hygiene {hygiene:.1} of 100"));
        for finding in self.findings.iter().take(FINDINGS) {
            let column = match &finding.column {
                Some(column) => format!(" in «{}»", crate::report::summary::printable(column)),
                None => String::new(),
            };
            let (word, check) = (finding.severity.word(), &finding.check);
            lines.push(format!("  {word} {check}{column}: {}", group(finding.count as usize)));
        }
        if self.findings.len() > FINDINGS {
            let more = count(self.findings.len() - FINDINGS, "more finding", "more findings");
            lines.push(format!("  and {more} in report.html"));
        }
        if let Some(before) = &self.previous {
            lines.push(self.changes(before));
        }
        self.tell_trend(lines);
    }

    fn changes(&self, before: &str) -> String {
        let changes = &self.numbers.changes;
        let parts = [
            (changes.records_new, "record new", "records new"),
            (changes.records_gone, "record gone", "records gone"),
            (changes.records_changed, "record changed", "records changed"),
            (changes.people_new, "person new", "people new"),
            (changes.people_gone, "person gone", "people gone"),
            (changes.merged, "id merged", "ids merged"),
            (changes.split, "id split off", "ids split off"),
            (changes.moved, "id took records of others", "ids took records of others"),
            (changes.revived, "id back", "ids back"),
            (changes.rose, "lead up a band", "leads up a band"),
            (changes.fell, "lead down a band", "leads down a band"),
        ];
        let told: Vec<String> = parts
            .iter()
            .filter(|(number, ..)| *number > 0)
            .map(|(number, one, many)| count(*number as usize, one, many))
            .collect();
        let told = if told.is_empty() { "nothing changed".to_string() } else { told.join(", ") };
        format!("Since {}: {told}", day(before))
    }

    fn tell_trend(&self, lines: &mut Vec<String>) {
        let [first, .., last] = self.trend.as_slice() else { return };
        let span = |number: fn(&Point) -> String| format!("{} -> {}", number(first), number(last));
        lines.push(format!(
            "Trend over {}: people {}, duplicates {}, hygiene {}",
            count(self.trend.len(), "audit", "audits"),
            span(|p| group(p.people as usize)),
            span(|p| format!("{:.1} %", p.duplicate_rate * 100.0)),
            span(|p| format!("{:.1}", p.hygiene)),
        ));
    }
}
