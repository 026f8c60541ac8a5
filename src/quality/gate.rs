//! The whole of a check: what the checks find, what the rule file makes of it, and the verdict.
//!
//! `check` and `audit` both go through here, so that a rule means the same in either.

use super::catalog::{self, CHECKS, Needs};
use super::finding::Checked;
use super::mask::Reveal;
use super::rules::Rules;
use super::selection::Selection;
use super::settle::{FailOn, finding, verdict};
use super::{Collector, Material, Raw, examine};
use crate::error::Result;

/// The check that is never left out: a column read as something else makes the others worthless.
const ALWAYS: &str = "wrong-column";

/// What is asked of the checks.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Checks that run.
    pub selection: &'a Selection,
    /// The rule file.
    pub rules: &'a Rules,
    /// Its name, for messages.
    pub rules_name: &'a str,
    /// The user gave a scoring model: stored scores need not follow the built-in one.
    pub with_model: bool,
    /// How values are shown.
    pub reveal: Reveal,
    /// Examples kept of a finding.
    pub max_samples: usize,
    /// From which severity on the data fails.
    pub fail_on: FailOn,
}

/// Checks what was read. `compare` adds what only shows beside earlier data, and says how that went.
///
/// # Errors
/// [`crate::error::Error::Config`] for rules that name what is not there.
pub fn check(
    material: &Material,
    asked: &Asked,
    compare: impl FnOnce(&Material, &mut Collector) -> Vec<String>,
) -> Result<Checked> {
    let Asked { rules, rules_name, max_samples, .. } = *asked;
    let mut selection = asked.selection.clone();
    let unscored = CHECKS.iter().filter(|c| c.needs == Needs::Model && !asked.with_model);
    selection.skip.extend(unscored.map(|c| c.id.to_string()));
    let ignored = rules.ignored(material, rules_name)?;
    let material = &Material { ignored: &ignored, ..*material };
    // Rules may leave single records out: then all places are needed to say how many are left.
    let places = if rules.needs_all_places() { usize::MAX } else { max_samples };
    let mut out = Collector::new(places);
    out.found = examine(*material, &selection, places);
    let mut notes = compare(material, &mut out);
    let wanted = |check: &str| check == ALWAYS || selection.has(check);
    out.found.retain(|raw| wanted(raw.check));
    let make = |raw: &Raw, severity| finding(material, raw, severity, asked.reveal);
    let mut ruled = rules.settle(material, &out.found, max_samples, rules_name, &make)?;
    ruled.findings.retain(|found| match catalog::find(&found.check) {
        Some(check) => wanted(check.id),
        // Conditions of the rule file cannot be named on the command line.
        None => selection.only.is_empty(),
    });
    notes.extend(ruled.notes);
    let verdict = verdict(&ruled.findings, asked.fail_on);
    let records = material.table.len() as u64;
    Ok(Checked { verdict, records, findings: ruled.findings, notes })
}
