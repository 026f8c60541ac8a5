//! What a check found, gravest first.

use super::headline::Figure;
use super::shown::{masked_name, shown};
use super::view::{Block, Cell, Section, Table, text};
use crate::quality::finding::{Checked, Finding, Severity};
use crate::report::summary::count;

/// Samples of a finding that are shown, and findings.
const SAMPLES: usize = 3;
const FINDINGS: usize = 150;
/// Letters of an example.
const EXAMPLE: usize = 24;

/// The check in numbers.
pub(super) fn figures(checked: &Checked) -> Vec<Figure> {
    let number = |severity| checked.findings.iter().filter(|f| f.severity == severity).count();
    vec![
        Figure::new(number(Severity::Error), "error", "errors"),
        Figure::new(number(Severity::Warning), "warning", "warnings"),
        Figure::new(number(Severity::Info), "piece of information", "pieces of information"),
    ]
}

/// The section.
pub(super) fn section(checked: &Checked) -> Section {
    let said = format!(
        "{} in {}: {}.",
        count(checked.findings.len(), "finding", "findings"),
        count(checked.records as usize, "record", "records"),
        checked.verdict_words()
    );
    let mut blocks = vec![text(said)];
    blocks.extend(checked.notes.iter().map(|note| text(shown(note))));
    let head =
        ["Weight", "Check", "Column", "#Count", "#Share", "What, and what to do", "Examples"];
    // A page that stays beside the data it was made from (an audit's) has no examples.
    let examples = checked.findings.iter().any(|finding| !finding.samples.is_empty());
    let width = head.len() - usize::from(!examples);
    let mut table = Table::new("Findings, the gravest first", &head[..width]);
    for finding in &checked.findings {
        let mut cells = cells(finding);
        cells.truncate(width);
        table.row(cells);
    }
    table.cut(FINDINGS, "");
    if !table.rows.is_empty() {
        blocks.push(Block::Table(table));
    }
    Section::new("findings", "What the check found", blocks)
}

/// As much of an example as leaves room for the sentence beside it.
fn short(sample: &str) -> String {
    match sample.char_indices().nth(EXAMPLE) {
        Some((at, _)) => format!("{}...", sample[..at].trim_end_matches('.')),
        None => sample.to_string(),
    }
}

fn cells(finding: &Finding) -> Vec<Cell> {
    // Samples are masked where they are made; a caller who reveals them does so knowingly, but a
    // page is passed on: it masks again, which a mask survives.
    let samples = finding.samples.iter().take(SAMPLES).map(|s| masked_name(&s.value));
    let samples: Vec<String> = samples.filter(|s| !s.is_empty()).map(|s| short(&s)).collect();
    vec![
        finding.severity.word().into(),
        finding.check.as_str().into(),
        finding.column.as_deref().unwrap_or("").into(),
        finding.count.into(),
        Cell::share(finding.count as usize, finding.of as usize),
        finding.message.as_str().into(),
        samples.join("; ").into(),
    ]
}
