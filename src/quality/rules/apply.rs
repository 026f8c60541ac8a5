//! Putting rules on what was found: rows that are left out, and weights.

use super::{Rule, Rules, Suppressed};
use crate::quality::catalog;
use crate::quality::finding::Severity;
use crate::quality::{Hits, Material, Raw};
use crate::record::{RecordId, Table};
use rustc_hash::FxHashMap;

/// The records that findings leave out.
#[derive(Debug, Default)]
pub(super) struct LeftOut<'r> {
    /// Rows that are ignored altogether; empty where none is.
    pub(super) ignored: Vec<bool>,
    /// Suppressions that hold, by the record they name.
    suppressed: FxHashMap<RecordId, Vec<&'r Suppressed>>,
    /// How many findings of records were left out by suppressions.
    pub(super) count: u64,
}

impl<'r> LeftOut<'r> {
    pub(super) fn new(rules: &'r Rules, table: &Table, ignored: Vec<bool>, as_of: i64) -> Self {
        let mut left_out = Self { ignored, ..Self::default() };
        let holding: Vec<&Suppressed> =
            rules.suppressed.iter().filter(|s| s.until.is_none_or(|end| as_of < end)).collect();
        if holding.is_empty() {
            return left_out;
        }
        let by_label: FxHashMap<&str, &Suppressed> =
            holding.iter().map(|s| (s.record.as_str(), *s)).collect();
        for record in table.records() {
            let key = table.key(record);
            let labels = [key.id.to_string(), key.to_string()];
            let found: Vec<&Suppressed> =
                labels.iter().filter_map(|label| by_label.get(label.as_str()).copied()).collect();
            if !found.is_empty() {
                left_out.suppressed.insert(record, found);
            }
        }
        left_out
    }

    fn is_empty(&self) -> bool {
        self.ignored.is_empty() && self.suppressed.is_empty()
    }

    fn is_suppressed(&self, record: RecordId, check: &str) -> bool {
        self.suppressed.get(&record).is_some_and(|all| {
            all.iter().any(|s| s.checks.is_empty() || s.checks.iter().any(|id| id == check))
        })
    }

    /// Takes records out of hits that name them all.
    pub(super) fn take_out(
        &mut self,
        material: &Material,
        check: &str,
        column: Option<usize>,
        hits: &mut Hits,
        keep: usize,
    ) {
        // Findings that do not name their records (pairs, files) are about more than one of them.
        if self.is_empty() || hits.records.len() as u64 != hits.count {
            hits.records.truncate(keep);
            return;
        }
        let mut suppressed = 0;
        let ignored = std::mem::take(&mut self.ignored);
        let is_ignored = |record: RecordId| ignored.get(record.index()).is_some_and(|&i| i);
        hits.records.retain(|&record| {
            let known = !is_ignored(record) && self.is_suppressed(record, check);
            suppressed += u64::from(known);
            !is_ignored(record) && !known
        });
        hits.count = hits.records.len() as u64;
        let could = |record: RecordId| {
            column.is_none_or(|c| !material.table.columns[c].ids[record.index()].is_missing())
        };
        let fewer = material.table.records().filter(|&r| is_ignored(r) && could(r)).count() as u64;
        hits.of = hits.of.saturating_sub(fewer).max(hits.count);
        hits.records.truncate(keep);
        self.ignored = ignored;
        self.count += suppressed;
    }
}

/// The weight of a finding; `None` where it does not count.
pub(super) fn weigh(rules: &Rules, material: &Material, raw: &Raw) -> Option<Severity> {
    let check = catalog::find(raw.check)?;
    let column = raw.column.and_then(|column| material.schema.columns.get(column));
    let is_column = |field: &str| {
        column.is_some_and(|c| {
            c.header.eq_ignore_ascii_case(field) || c.role.to_string() == field.replace('_', "-")
        })
    };
    let rate = share(&raw.hits);
    match rules.rule(raw.check, is_column) {
        None => rules.extends.weigh(check, rate, raw.uncertain),
        Some(rule) => weight(rules, rule, check.severity, &raw.hits, raw.uncertain, || {
            rules.extends.weigh(check, rate, raw.uncertain)
        }),
    }
}

/// The weight that a rule gives. Without a limit of its own the preset's holds.
pub(super) fn weight(
    rules: &Rules,
    rule: &Rule,
    usual: Severity,
    hits: &Hits,
    uncertain: bool,
    preset: impl Fn() -> Option<Severity>,
) -> Option<Severity> {
    if rule.off {
        return None;
    }
    let holds = |limit: &Option<super::Limit>| limit.is_some_and(|l| l.holds(hits.count, hits.of));
    let given = rule.severity.or(rules.severity);
    let limited = rule.max_rate.is_some() || rule.max_rows.is_some();
    let conditional = rule.warn_if.is_some() || rule.error_if.is_some();
    let rate = share(hits);
    let above = rule.max_rate.is_some_and(|max| rate > max)
        || rule.max_rows.is_some_and(|max| hits.count > max);
    if uncertain && !limited && !conditional {
        return preset();
    }
    if holds(&rule.error_if) {
        return Some(Severity::Error);
    }
    if above {
        return Some(given.unwrap_or(usual));
    }
    if holds(&rule.warn_if) {
        return Some(Severity::Warning);
    }
    if limited || conditional {
        return Some(Severity::Info);
    }
    match (given, preset()) {
        // Within the check's usual limit it stays information, whatever its weight above it.
        (Some(_), Some(Severity::Info)) if usual > Severity::Info => Some(Severity::Info),
        (Some(given), _) => Some(given),
        (None, preset) => preset,
    }
}

/// Share of what could have been at fault.
pub(super) fn share(hits: &Hits) -> f64 {
    if hits.of == 0 { 0.0 } else { hits.count as f64 / hits.of as f64 }
}
