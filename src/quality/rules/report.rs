//! From what the checks found, and a rule file, to findings.

use super::apply::{LeftOut, weigh, weight};
use super::{Rule, Rules, custom};
use crate::error::Result;
use crate::quality::catalog;
use crate::quality::finding::{Finding, Severity};
use crate::quality::output::escape::thousands;
use crate::quality::{Hits, Material, Raw};
use crate::record::RecordId;
use crate::score::condition::{Condition, FieldTest, Test, Truth};
use crate::score::model::Place;

/// How a finding of records is made: shown values are masked there, and nowhere else.
pub type Make<'a> = &'a dyn Fn(&Raw, Severity) -> Finding;

/// Findings by a rule file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ruled {
    /// The findings, gravest first.
    pub findings: Vec<Finding>,
    /// What was left out and why, and suppressions that ended.
    pub notes: Vec<String>,
    /// Names of the file's own conditions.
    pub own: Vec<String>,
}

impl Rules {
    /// Makes findings of what was found (with all places, where [`Rules::needs_all_places`]), and
    /// adds those of the file's own conditions. Keeps `keep` places of each.
    ///
    /// # Errors
    /// Conditions on fields that the input does not have.
    pub fn settle(
        &self,
        material: &Material,
        found: &[Raw],
        keep: usize,
        file: &str,
        make: Make,
    ) -> Result<Ruled> {
        let conditions = self.conditions(material, file)?;
        let asked: Vec<&Condition> = conditions.iter().map(|(_, condition)| condition).collect();
        let known = match asked.is_empty() {
            true => None,
            false => Some(custom::gather(material, &asked)?),
        };
        let decide = |condition| known.as_ref().map(|known| known.decide(condition));
        let is_true = |truths: Option<Vec<Truth>>| -> Vec<bool> {
            truths.into_iter().flatten().map(|truth| truth == Truth::True).collect()
        };
        let ignoring = conditions.iter().find(|(rule, _)| rule.is_none());
        let ignored = match ignoring {
            Some((_, condition)) if material.ignored.is_empty() => is_true(decide(condition)),
            _ => material.ignored.to_vec(),
        };
        let mut notes = Vec::new();
        let count = ignored.iter().filter(|&&i| i).count() as u64;
        if ignoring.is_some() {
            let rows = if count == 1 { "row is" } else { "rows are" };
            notes.push(format!("{} {rows} left out by ignore_rows.", thousands(count)));
        }
        let mut left_out = LeftOut::new(self, material.table, ignored, material.as_of);
        let mut findings = Vec::new();
        let mut settle = |raw: &Raw| {
            let mut raw = raw.clone();
            left_out.take_out(material, raw.check, raw.column, &mut raw.hits, keep);
            raw.samples.truncate(keep);
            if raw.hits.count > 0
                && let Some(severity) = weigh(self, material, &raw)
            {
                findings.push(make(&raw, severity));
            }
        };
        found.iter().filter(|raw| !self.is_off(raw.check)).for_each(&mut settle);
        self.asked(material).iter().for_each(&mut settle);
        let mut own = Vec::new();
        for (rule, condition) in &conditions {
            let Some(rule) = rule else { continue };
            let holds = is_true(decide(condition));
            let mut hits = Hits { of: holds.len() as u64, ..Hits::default() };
            hits.records = places(&holds);
            hits.count = hits.records.len() as u64;
            left_out.take_out(material, &rule.id, None, &mut hits, keep);
            own.push(rule.id.clone());
            findings.extend(self.finding_of_own(rule, hits, make));
        }
        findings.sort_by(Finding::order);
        self.tell_suppressions(&mut notes, left_out.count, material.as_of, file);
        Ok(Ruled { findings, notes, own })
    }

    /// Which rows are left out, for checks that look at several rows at once; empty where none is.
    ///
    /// # Errors
    /// A condition on fields that the input does not have.
    pub fn ignored(&self, material: &Material, file: &str) -> Result<Vec<bool>> {
        let Some(condition) = &self.ignore_rows else { return Ok(Vec::new()) };
        let condition = custom::resolve(condition, material.schema)
            .map_err(|mistakes| custom::unknown_fields(file, mistakes))?;
        let known = custom::gather(material, &[&condition])?;
        let truths = known.decide(&condition).into_iter();
        Ok(truths.map(|truth| truth == Truth::True).collect())
    }

    /// The file's conditions in the input's names; without a rule: the rows that are ignored.
    fn conditions(
        &self,
        material: &Material,
        file: &str,
    ) -> Result<Vec<(Option<&Rule>, Condition)>> {
        let ignoring = self.ignore_rows.iter().map(|condition| (None, condition));
        let rules = self.rules.iter().filter(|rule| !rule.off);
        let own = rules.filter_map(|rule| Some((Some(rule), rule.asks()?)));
        let ignoring = ignoring.map(|(rule, condition): (_, &Condition)| (rule, condition.clone()));
        let (mut resolved, mut mistakes) = (Vec::new(), Vec::new());
        for (rule, condition) in ignoring.chain(own) {
            match custom::resolve(&condition, material.schema) {
                Ok(condition) => resolved.push((rule, condition)),
                Err(more) => mistakes.extend(more),
            }
        }
        if mistakes.is_empty() { Ok(resolved) } else { Err(custom::unknown_fields(file, mistakes)) }
    }

    fn finding_of_own(&self, rule: &Rule, hits: Hits, make: Make) -> Option<Finding> {
        let check = catalog::find(&rule.id);
        let usual = check.map_or(Severity::Warning, |check| check.severity);
        let severity = weight(self, rule, usual, &hits, false, || Some(usual))?;
        if hits.count == 0 {
            return None;
        }
        let known = check.map(|check| format!("{}; {}", check.fires, check.remedy));
        let message = rule.message.clone().or(known);
        let message = message.unwrap_or_else(|| "the rule's condition holds".into());
        let raw = Raw { hits, message, ..Raw::of("custom") };
        // A condition of one's own goes by its own name.
        Some(Finding { check: rule.id.clone(), ..make(&raw, severity) })
    }

    /// What suppressions did, and which have ended.
    fn tell_suppressions(&self, notes: &mut Vec<String>, count: u64, as_of: i64, file: &str) {
        if count > 0 {
            let verb =
                if count == 1 { "finding of a record is" } else { "findings of records are" };
            notes.push(format!("{} {verb} suppressed by {file}.", thousands(count)));
        }
        for ended in self.suppressed.iter().filter(|s| s.until.is_some_and(|end| as_of >= end)) {
            // The record's id is not repeated: some are names.
            notes.push(format!(
                "{file} line {}: this suppression has ended; mend the record, or set another day.",
                ended.line
            ));
        }
    }
}

impl Rule {
    /// The condition of the rule; `consent-missing` has one of ours.
    fn asks(&self) -> Option<Condition> {
        if self.id != "consent-missing" {
            return self.condition.clone();
        }
        let test = |field: &str, known| {
            let place = Place { line: self.line, column: 1 };
            Condition::Field(FieldTest { field: field.into(), test: Test::Known(known), place })
        };
        Some(Condition::All(vec![test("email", true), test("consent.email", false)]))
    }
}

fn places(holds: &[bool]) -> Vec<RecordId> {
    (0u32..).zip(holds).filter(|(_, holds)| **holds).map(|(record, _)| RecordId(record)).collect()
}
