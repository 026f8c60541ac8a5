//! What an audit says beside the run and the check: what changed since the last one, and the trend
//! over all of them.
//!
//! Every audit leaves its numbers in the state, and nothing else of the data: no later audit can
//! compare cells, but columns, shares, findings, people and bands are enough to see a database rot.
//! Audits are called by the date they were made for, because the clock has no place in a result.

use super::drift::{band_moves, last, model_digest};
use super::lineage::Event;
use super::past::Past;
use crate::pipeline::Outcome;
use crate::quality::finding::{Checked, Finding, Severity, Verdict};
use crate::quality::previous::shape::Shape;
use crate::report::json::show_instant;
use crate::report::scores::band_id;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The numbers of an audit, as the state keeps them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Numbers {
    /// Records.
    pub records: u64,
    /// People they are.
    pub people: u64,
    /// Records beyond the first of each person, as a share of all.
    pub duplicate_rate: f64,
    /// Hygiene of the leads, 0 to 100.
    pub hygiene: f64,
    /// Whether the data passed the checks.
    pub passed: bool,
    /// Findings that are errors.
    pub errors: u64,
    /// Findings that are warnings.
    pub warnings: u64,
    /// Leads in a better band than any of their records.
    pub hidden: u64,
    /// Findings.
    pub findings: Vec<FindingCount>,
    /// SHA-256 of the scoring model, in hexadecimal: bands of another model are not compared.
    pub model: String,
    /// People by band of the first model, the lowest first.
    pub bands: Vec<BandCount>,
    /// What changed since the audit before.
    pub changes: Changes,
    /// The matching was learned anew.
    pub relearned: bool,
    /// Columns and how they are filled.
    pub shape: Shape,
}

/// How often a check fired in a column.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct FindingCount {
    /// Id of the check.
    pub check: String,
    /// Header of the column.
    pub column: Option<String>,
    /// How often.
    pub count: u64,
}

/// People of a band.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BandCount {
    /// Id of the band; empty for none.
    pub band: String,
    /// People in it.
    pub people: u64,
}

/// What changed between two audits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Changes {
    /// Records that were not there before.
    pub records_new: u64,
    /// Records that are not there any more.
    pub records_gone: u64,
    /// Records that say something else.
    pub records_changed: u64,
    /// People that were never there before.
    pub people_new: u64,
    /// People none of whose records is there any more.
    pub people_gone: u64,
    /// Ids that went into others.
    pub merged: u64,
    /// Ids that parted from others.
    pub split: u64,
    /// Ids that took records of others.
    pub moved: u64,
    /// Ids that are back.
    pub revived: u64,
    /// People in another band than before.
    pub band_moves: Vec<BandMove>,
    /// Of them into a higher one.
    pub rose: u64,
    /// Of them into a lower one.
    pub fell: u64,
}

/// People that went from one band to another.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct BandMove {
    /// Id of the band before; empty for none.
    pub from: String,
    /// Id of the band now; empty for none.
    pub to: String,
    /// People.
    pub people: u64,
}

/// An audit, as reports tell it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Audit {
    /// Which audit of this state it is, from 1.
    pub number: i64,
    /// The date of the audit before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// Its numbers.
    pub numbers: Numbers,
    /// Findings of the checks, gravest first, without examples.
    pub findings: Vec<Finding>,
    /// Sentences on how the checking went.
    pub notes: Vec<String>,
    /// Findings that were fewer or more before.
    pub finding_changes: Vec<FindingChange>,
    /// All audits, this one last.
    pub trend: Vec<Point>,
    /// Ids of people that changed.
    pub ids_changed: usize,
}

/// A check that fires more or less often than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingChange {
    /// Id of the check.
    pub check: String,
    /// Header of the column.
    pub column: Option<String>,
    /// How often before.
    pub before: u64,
    /// How often now.
    pub now: u64,
}

/// An audit as a point of the trend.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Point {
    /// The date of the audit.
    pub as_of: String,
    /// Records.
    pub records: u64,
    /// People.
    pub people: u64,
    /// Share of records that are duplicates.
    pub duplicate_rate: f64,
    /// Hygiene, 0 to 100.
    pub hygiene: f64,
    /// Errors.
    pub errors: u64,
    /// Warnings.
    pub warnings: u64,
    /// Leads that rose into another band since the audit before.
    pub rose: u64,
    /// Leads that fell into another band.
    pub fell: u64,
    /// The matching was learned anew.
    pub relearned: bool,
}

/// Puts an audit together. `None` for a run without a past.
pub fn audit(outcome: &Outcome, checked: &Checked, hygiene: f64, relearned: bool) -> Option<Audit> {
    let past = outcome.past.as_ref()?;
    let before = last(past);
    let numbers = numbers(outcome, past, before.as_ref(), checked, hygiene, relearned);
    let mut trend: Vec<Point> =
        past.memory.audits.iter().map(|a| point_of(a.as_of, &a.numbers)).collect();
    trend.push(point(outcome.as_of, &numbers));
    let bare = |finding: &Finding| Finding { samples: Vec::new(), ..finding.clone() };
    Some(Audit {
        number: past.memory.next_audit(),
        previous: past.memory.audits.last().map(|audit| show_instant(audit.as_of)),
        findings: checked.findings.iter().map(bare).collect(),
        notes: notes(past, checked),
        finding_changes: before.as_ref().map_or_else(Vec::new, |b| changed_findings(b, &numbers)),
        ids_changed: past.lineage.steps.len(),
        numbers,
        trend,
    })
}

fn notes(past: &Past, checked: &Checked) -> Vec<String> {
    let renumbered = past.recognized.renumbered.iter().map(|source| {
        format!(
            "The ids of {source} were given anew since the last audit: its records were known again \
             by what they say."
        )
    });
    checked.notes.iter().cloned().chain(renumbered).collect()
}

fn numbers(
    outcome: &Outcome,
    past: &Past,
    before: Option<&Numbers>,
    checked: &Checked,
    hygiene: f64,
    relearned: bool,
) -> Numbers {
    let (records, people) = (outcome.table.len() as u64, outcome.matched.clusters.len() as u64);
    let count = |severity| checked.findings.iter().filter(|f| f.severity == severity).count();
    let model = model_digest(outcome);
    let same_model = before.is_some_and(|before| before.model == model);
    Numbers {
        records,
        people,
        duplicate_rate: rate(records - people, records),
        hygiene,
        passed: checked.verdict == Verdict::Pass,
        errors: count(Severity::Error) as u64,
        warnings: count(Severity::Warning) as u64,
        hidden: outcome.digest().hidden.first().map_or(0, |hidden| hidden.len() as u64),
        findings: count_findings(checked),
        model,
        bands: bands(outcome),
        changes: before.map_or_else(Changes::default, |_| changes(outcome, past, same_model)),
        relearned,
        shape: Shape::of(&outcome.table, &outcome.schema),
    }
}

/// A share with four decimals; 0 of nothing.
fn rate(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64 * 10_000.0).round() / 10_000.0 }
}

fn count_findings(checked: &Checked) -> Vec<FindingCount> {
    let mut counts: BTreeMap<(String, Option<String>), u64> = BTreeMap::new();
    for finding in &checked.findings {
        *counts.entry((finding.check.clone(), finding.column.clone())).or_default() +=
            finding.count;
    }
    let count = |((check, column), count)| FindingCount { check, column, count };
    counts.into_iter().map(count).collect()
}

fn bands(outcome: &Outcome) -> Vec<BandCount> {
    let both = outcome.models.first().zip(outcome.scored.models.first());
    let Some((model, scores)) = both else { return Vec::new() };
    let own = model.bands.iter().filter(|band| band.of == model.primary);
    let mut bands: Vec<BandCount> =
        own.map(|band| BandCount { band: band.id.clone(), people: 0 }).collect();
    bands.push(BandCount::default());
    for (person, &band) in scores.band.iter().enumerate() {
        let id = band_id(model, band);
        let slot = bands.iter_mut().find(|b| b.band == id);
        if let Some(slot) = slot.filter(|_| scores.excluded[person].is_none()) {
            slot.people += 1;
        }
    }
    bands
}

fn changes(outcome: &Outcome, past: &Past, same_model: bool) -> Changes {
    let (memory, recognized) = (&past.memory, &past.recognized);
    let mut here = vec![false; memory.records.len()];
    let (mut new, mut changed) = (0, 0);
    for (record, &row) in recognized.row.iter().enumerate() {
        match memory.records.get(row as usize) {
            Some(old) => {
                here[row as usize] = true;
                changed += u64::from(old.content != recognized.signatures.content[record]);
            }
            None => new += 1,
        }
    }
    let gone = memory.records.iter().zip(&here).filter(|(row, here)| !**here && row.gone == 0);
    let lineage = &past.lineage;
    let parted = lineage.steps.iter().filter(|step| step.event == Event::Split);
    let split = parted.map(|step| step.person).collect::<BTreeSet<_>>().len() as u64;
    let mut moves: BTreeMap<(String, String), u64> = BTreeMap::new();
    let (mut rose, mut fell) = (0, 0);
    if same_model {
        let rank = |id: &str| {
            let model = outcome.models.first();
            model.and_then(|m| m.bands.iter().find(|b| b.id == id)).map(|band| band.min)
        };
        for (_, from, to) in band_moves(outcome, past) {
            *moves.entry((from.to_string(), to.to_string())).or_default() += 1;
            let up = rank(to) > rank(from);
            rose += u64::from(up);
            fell += u64::from(!up);
        }
    }
    Changes {
        records_new: new,
        records_gone: gone.count() as u64,
        records_changed: changed,
        people_new: (lineage.new.len() as u64).saturating_sub(split),
        people_gone: lineage.gone.len() as u64,
        merged: lineage.count(Event::Merged) as u64,
        split,
        moved: lineage.count(Event::Moved) as u64,
        revived: lineage.count(Event::Revived) as u64,
        band_moves: moves
            .into_iter()
            .map(|((from, to), people)| BandMove { from, to, people })
            .collect(),
        rose,
        fell,
    }
}

fn changed_findings(before: &Numbers, now: &Numbers) -> Vec<FindingChange> {
    let mut both: BTreeMap<(&str, Option<&str>), (u64, u64)> = BTreeMap::new();
    for old in &before.findings {
        both.entry((&old.check, old.column.as_deref())).or_default().0 += old.count;
    }
    for new in &now.findings {
        both.entry((&new.check, new.column.as_deref())).or_default().1 += new.count;
    }
    let changed = both.into_iter().filter(|(_, (before, now))| before != now);
    changed
        .map(|((check, column), (before, now))| FindingChange {
            check: check.into(),
            column: column.map(str::to_string),
            before,
            now,
        })
        .collect()
}

fn point_of(as_of: i64, numbers: &str) -> Point {
    // Numbers of an early form say what they can.
    point(as_of, &serde_json::from_str(numbers).unwrap_or_default())
}

fn point(as_of: i64, numbers: &Numbers) -> Point {
    Point {
        as_of: show_instant(as_of),
        records: numbers.records,
        people: numbers.people,
        duplicate_rate: numbers.duplicate_rate,
        hygiene: numbers.hygiene,
        errors: numbers.errors,
        warnings: numbers.warnings,
        rose: numbers.changes.rose,
        fell: numbers.changes.fell,
        relearned: numbers.relearned,
    }
}

/// The day of an instant; all of it where it is not midnight, because a day may have several audits.
pub(crate) fn day(instant: &str) -> &str {
    instant.strip_suffix("T00:00:00Z").unwrap_or(instant)
}
