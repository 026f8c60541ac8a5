//! From what the checks found to findings and a verdict.
//!
//! Here the catalog's weights and limits are put on. Why apart from the checks: a check says what is
//! there; what is acceptable is the user's, and rule files change it without touching a check.

use super::catalog;
use super::finding::{Checked, Finding, Severity, Verdict};
use super::mask::Reveal;
use super::{Material, Raw};

/// From which severity on the data fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FailOn {
    /// Errors.
    #[default]
    Error,
    /// Errors and warnings.
    Warning,
    /// Nothing fails.
    Never,
}

impl FailOn {
    /// Whether a finding of this severity fails.
    pub fn fails(self, severity: Severity) -> bool {
        match self {
            Self::Error => severity >= Severity::Error,
            Self::Warning => severity >= Severity::Warning,
            Self::Never => false,
        }
    }
}

/// Findings of what was found, gravest first.
pub fn settle(material: &Material, found: &[Raw], reveal: Reveal, fail_on: FailOn) -> Checked {
    let mut findings: Vec<Finding> =
        found.iter().map(|raw| finding(material, raw, severity(raw), reveal)).collect();
    findings.sort_by(Finding::order);
    let verdict = verdict(&findings, fail_on);
    Checked { verdict, records: material.table.len() as u64, findings, notes: Vec::new() }
}

/// Whether findings pass.
pub fn verdict(findings: &[Finding], fail_on: FailOn) -> Verdict {
    let failed = findings.iter().any(|finding| fail_on.fails(finding.severity));
    if failed { Verdict::Fail } else { Verdict::Pass }
}

/// The weight of what was found by the catalog alone: a suspicion, and what stays within the
/// check's limit, is information.
pub fn severity(raw: &Raw) -> Severity {
    let Some(check) = catalog::find(raw.check) else { return Severity::Info };
    let within = check.max_rate > 0.0 && rate(raw) <= check.max_rate;
    if raw.uncertain || within { Severity::Info } else { check.severity }
}

/// Share of what could have been at fault.
pub fn rate(raw: &Raw) -> f64 {
    if raw.hits.of == 0 { 0.0 } else { raw.hits.count as f64 / raw.hits.of as f64 }
}

/// One finding, of a severity that was decided on.
pub fn finding(material: &Material, raw: &Raw, severity: Severity, reveal: Reveal) -> Finding {
    let mut samples = raw.samples.clone();
    samples.extend(raw.hits.records.iter().map(|&r| material.sample(r, raw.column, reveal)));
    Finding {
        check: raw.check.to_string(),
        severity,
        column: raw.column.map(|column| material.table.columns[column].header.clone()),
        file: raw.file.clone().unwrap_or_else(|| file_of(material, raw)),
        count: raw.hits.count,
        of: raw.hits.of,
        rate: (rate(raw) * 10_000.0).trunc() / 10_000.0,
        message: raw.message.clone(),
        samples,
    }
}

/// The one input that has the column, or the one input there is; the first where there are several.
fn file_of(material: &Material, raw: &Raw) -> String {
    let mut having = material
        .schema
        .placed
        .iter()
        .enumerate()
        .filter(|(_, placed)| raw.column.is_none_or(|column| placed.contains(&column)));
    let input = having.next().map_or(0, |(input, _)| input);
    material.table.sources.get(input).map_or_else(String::new, |source| source.file.clone())
}
