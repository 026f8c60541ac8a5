//! A baseline: what was found once and accepted, so that a gate fails only on what is new.
//!
//! A TOML file that is committed beside the rules. It holds counts and, under a key, digests of the
//! records; no value and no line, since a row added at the top changes every line and nothing else.
//! It may only shrink, unless that is asked for: a gate that accepts whatever comes is none.

use super::finding::{Checked, Finding, Severity};
use super::output::escape::thousands;
use crate::error::{Error, Result};
use crate::merge::suppress::Key;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Digits of a record's digest: enough to tell a file's records apart.
const DIGITS: usize = 16;

/// What was accepted, by check and column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// Of this file's format: 1.
    pub format: u32,
    /// The version that wrote it.
    pub leadmend: String,
    /// Tells which key the digests were made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What was accepted: `email-invalid: E-mail`, or `duplicate-rate` where there is no column.
    #[serde(default)]
    pub counts: BTreeMap<String, Accepted>,
}

/// What was accepted of one check and column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// Places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Of how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// Share, where the check is about a share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Digests of the records, where a key was given and all of them were told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<String>,
}

/// What holding findings against a baseline gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Held {
    /// Entries that name more than there is: mended, or gone.
    pub stale: usize,
    /// Findings that were accepted.
    pub accepted: usize,
}

/// Checks that are about a share: their places grow with the file.
fn is_share(check: &str) -> bool {
    check.ends_with("-rate") || ["stale", "score-drift", "row-count-change"].contains(&check)
}

/// Only what can fail is recorded.
fn counts(finding: &Finding) -> bool {
    finding.severity > Severity::Info
}

fn name(finding: &Finding) -> String {
    match &finding.column {
        Some(column) => format!("{}: {column}", finding.check),
        None => finding.check.clone(),
    }
}

impl Default for Baseline {
    fn default() -> Self {
        let leadmend = env!("CARGO_PKG_VERSION").to_string();
        Self { format: 1, leadmend, key: None, counts: BTreeMap::new() }
    }
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// [`Error::Config`] for what is none, or is of a later format.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let wrong = |what: String| Error::Config {
            file: file.to_string(),
            mistakes: vec![what],
            remedy: "have it written anew: leadmend check ... --baseline FILE --update-baseline \
                     --allow-growth"
                .into(),
        };
        let read = toml::from_str::<Self>(text).map_err(|error| {
            let before = &text.as_bytes()[..error.span().map_or(0, |s| s.start).min(text.len())];
            let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
            wrong(format!("line {line}: {}", error.message()))
        })?;
        if read.format != 1 {
            return Err(wrong("format must be 1; this version knows no other".into()));
        }
        Ok(read)
    }

    /// The file's text.
    pub fn text(&self) -> String {
        // Numbers, strings and tables of them: always to be written.
        let body = toml::to_string(self).unwrap_or_default();
        format!(
            "# What leadmend check accepts: counts and keyed digests, no personal data.\n{body}"
        )
    }

    /// A baseline of all that can fail.
    pub fn of(checked: &Checked, key: Option<&Key>) -> Self {
        let mut baseline = Self { key: key.map(Key::fingerprint), ..Self::default() };
        for finding in checked.findings.iter().filter(|finding| counts(finding)) {
            let entry = baseline.counts.entry(name(finding)).or_default();
            if is_share(&finding.check) {
                entry.rate = Some(entry.rate.map_or(finding.rate, |rate| rate.max(finding.rate)));
                continue;
            }
            // Files of one column are counted together: which of them a row is in may change.
            let first = entry.rows.is_none();
            let whole = first || !entry.records.is_empty();
            entry.rows = Some(entry.rows.unwrap_or(0) + finding.count);
            entry.of = Some(entry.of.unwrap_or(0) + finding.of);
            match digests(finding, key).filter(|_| whole) {
                Some(digests) => entry.records.extend(digests),
                None => entry.records.clear(),
            }
            entry.records.sort_unstable();
        }
        baseline
    }

    /// Takes accepted findings out and tells about them; what exceeds the baseline stays. The
    /// verdict is the caller's to make anew.
    pub fn hold(&self, checked: &mut Checked, key: Option<&Key>, file: &str) -> Held {
        let now = Self::of(checked, key);
        let mut held = Held::default();
        let same_key = self.key.is_some() && self.key == now.key;
        let mut accepted: BTreeSet<&str> = BTreeSet::new();
        let mut new: BTreeMap<&str, u64> = BTreeMap::new();
        for (name, found) in &now.counts {
            let Some(known) = self.counts.get(name) else { continue };
            match exceeds(known, found, same_key) {
                0 => _ = accepted.insert(name),
                more => _ = new.insert(name, more),
            }
        }
        checked.findings.retain_mut(|finding| {
            let name = name(finding);
            if !counts(finding) {
                return true;
            }
            if let Some(more) = new.get(name.as_str()) {
                let more =
                    if *more == u64::MAX { "a higher share".into() } else { thousands(*more) };
                finding.message = format!("{}; {more} beyond the baseline", finding.message);
            }
            let take = accepted.contains(name.as_str());
            held.accepted += usize::from(take);
            !take
        });
        held.stale = self
            .counts
            .iter()
            .filter(|(name, known)| now.counts.get(*name).is_none_or(|found| fewer(known, found)))
            .count();
        if held.accepted > 0 {
            let (count, is) = number(held.accepted, "finding is", "findings are");
            checked.notes.push(format!("{count} {is} accepted by {file}."));
        }
        if held.stale > 0 {
            let (count, look) =
                number(held.stale, "recorded finding looks", "recorded findings look");
            checked.notes.push(format!(
                "{count} {look} fixed: have them taken out of {file} with --update-baseline."
            ));
        }
        if self.key.is_some() && !same_key {
            checked.notes.push(format!(
                "{file} was made with a key that is not given here: counts are compared, not records."
            ));
        }
        held
    }

    /// The baseline after these findings: never more than before, unless growth is allowed.
    pub fn updated(&self, checked: &Checked, key: Option<&Key>, growth: bool) -> Self {
        let now = Self::of(checked, key);
        if growth {
            return now;
        }
        let mut next = Self { key: now.key.clone(), ..Self::default() };
        let same_key = self.key.is_some() && self.key == now.key;
        for (name, known) in &self.counts {
            let Some(found) = now.counts.get(name) else { continue };
            let mut entry = known.clone();
            // What is as it was stays as it is written: a file that is committed should not flutter.
            let changed = fewer(known, found) || self.key != now.key;
            if exceeds(known, found, same_key) == 0 {
                entry = if changed { found.clone() } else { entry };
            } else if !same_key {
                entry.records.clear();
            }
            next.counts.insert(name.clone(), entry);
        }
        next
    }
}

fn number(count: usize, one: &'static str, many: &'static str) -> (String, &'static str) {
    (thousands(count as u64), if count == 1 { one } else { many })
}

/// How many places go beyond what is known; the largest number for a share that does.
fn exceeds(known: &Accepted, found: &Accepted, same_key: bool) -> u64 {
    if let Some(rate) = found.rate {
        // Rates are cut to four digits when they are written.
        return if rate > known.rate.unwrap_or(0.0) + 1e-9 { u64::MAX } else { 0 };
    }
    let more = found.rows.unwrap_or(0).saturating_sub(known.rows.unwrap_or(0));
    if same_key && !known.records.is_empty() && !found.records.is_empty() {
        let known: BTreeSet<&String> = known.records.iter().collect();
        let new = found.records.iter().filter(|record| !known.contains(record)).count() as u64;
        return more.max(new);
    }
    more
}

fn fewer(known: &Accepted, found: &Accepted) -> bool {
    found.rows.unwrap_or(0) < known.rows.unwrap_or(0)
        || found.rate.unwrap_or(0.0) + 1e-9 < known.rate.unwrap_or(0.0)
}

/// Digests of a finding's records under the key, when all of them are known.
fn digests(finding: &Finding, key: Option<&Key>) -> Option<Vec<String>> {
    let key = key?;
    if finding.samples.len() as u64 != finding.count
        || finding.samples.iter().any(|sample| sample.record.is_empty())
    {
        return None;
    }
    let digest = |record: &str| {
        let column = finding.column.as_deref().unwrap_or("");
        let message = format!("leadmend-baseline-1\0{}\0{column}\0{record}", finding.check);
        key.hash(&message).chars().take(DIGITS).collect()
    };
    Some(finding.samples.iter().map(|sample| digest(&sample.record)).collect())
}

#[cfg(test)]
mod tests;
