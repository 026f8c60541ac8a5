//! What becomes of every new row.

use crate::compare::Pair;
use crate::matching::decide::{Decision, Verdict};
use crate::pipeline::Outcome;
use crate::record::RecordId;
use serde::Serialize;

/// What a new row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum VerdictKind {
    /// Nobody known: the person begins here.
    New,
    /// Somebody known, or somebody who came earlier in the same import.
    Duplicate,
    /// Perhaps somebody known: a human decides.
    Review,
}

impl VerdictKind {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Duplicate => "duplicate",
            Self::Review => "review",
        }
    }
}

/// The verdict on one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowVerdict {
    /// The row.
    pub record: RecordId,
    /// What it is.
    pub kind: VerdictKind,
    /// Its person in the run.
    pub person: u32,
    /// The record that decides it: a known one where there is one.
    pub other: Option<RecordId>,
    /// The log-odds of the two; none where others connect them.
    pub log_odds: Option<f64>,
}

/// Verdicts in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct VerdictCounts {
    /// Rows that begin a new person.
    pub new: usize,
    /// Rows of a known person.
    pub known: usize,
    /// Rows of a person who came earlier in the import.
    pub repeated: usize,
    /// Rows that wait for a decision.
    pub review: usize,
}

impl VerdictCounts {
    /// Counts verdicts; known are the records of the first inputs.
    pub fn of(verdicts: &[RowVerdict], outcome: &Outcome, known_inputs: usize) -> Self {
        let mut counts = Self::default();
        for v in verdicts {
            let slot = match v.kind {
                VerdictKind::New => &mut counts.new,
                VerdictKind::Review => &mut counts.review,
                VerdictKind::Duplicate if holds_known(outcome, v.person, known_inputs) => {
                    &mut counts.known
                }
                VerdictKind::Duplicate => &mut counts.repeated,
            };
            *slot += 1;
        }
        counts
    }
}

/// Whether a record of a person was known before.
pub(crate) fn holds_known(outcome: &Outcome, person: u32, known_inputs: usize) -> bool {
    // Known records come first in canonical order.
    let first = outcome.matched.clusters.members(person)[0];
    usize::from(outcome.table.source[first.index()]) < known_inputs
}

/// The strongest decisions of a row.
#[derive(Clone, Copy, Default)]
struct Best<'a> {
    known: Option<&'a Decision>,
    new: Option<&'a Decision>,
    waiting: Option<&'a Decision>,
}

/// The verdicts on all new rows: those of the inputs after the known ones.
pub(super) fn of_rows(outcome: &Outcome, known_inputs: usize) -> Vec<RowVerdict> {
    let (table, clusters) = (&outcome.table, &outcome.matched.clusters);
    let is_known = |r: u32| usize::from(table.source[r as usize]) < known_inputs;
    let mut best = vec![Best::default(); table.len()];
    for decision in &outcome.matched.decisions {
        let Pair { a, b } = decision.pair;
        let one = clusters.person_of[a as usize] == clusters.person_of[b as usize];
        let linking = matches!(decision.verdict, Verdict::Merge | Verdict::Review);
        if !linking || outcome.matched.constraints.different.contains(&decision.pair) {
            continue;
        }
        for (own, other) in [(a, b), (b, a)] {
            let best = &mut best[own as usize];
            let slot = match (one, is_known(other)) {
                (true, true) => &mut best.known,
                (true, false) => &mut best.new,
                (false, _) => &mut best.waiting,
            };
            if slot.is_none_or(|before| decision.log_odds > before.log_odds) {
                *slot = Some(decision);
            }
        }
    }
    let rows = (0..table.len() as u32).filter(|&r| !is_known(r));
    rows.map(|r| verdict(outcome, known_inputs, &best, r)).collect()
}

fn verdict(outcome: &Outcome, known_inputs: usize, best: &[Best], row: u32) -> RowVerdict {
    let clusters = &outcome.matched.clusters;
    let person = clusters.person_of[row as usize];
    let members = clusters.members(person);
    let own = &best[row as usize];
    let other_of = |d: &Decision| RecordId(if d.pair.a == row { d.pair.b } else { d.pair.a });
    let told = |kind, decision: Option<&Decision>, else_other| RowVerdict {
        record: RecordId(row),
        kind,
        person,
        other: decision.map(other_of).or(else_other),
        log_odds: decision.map(|d| d.log_odds),
    };
    let first = members[0];
    if holds_known(outcome, person, known_inputs) {
        return told(VerdictKind::Duplicate, own.known, Some(first));
    }
    if first != RecordId(row) {
        return told(VerdictKind::Duplicate, own.new, Some(first));
    }
    // What any of its rows waits for, the whole new person waits for.
    let waiting = members.iter().filter_map(|m| best[m.index()].waiting.map(|d| (m, d)));
    match waiting.max_by(|x, y| x.1.log_odds.total_cmp(&y.1.log_odds).then(y.0.cmp(x.0))) {
        Some((member, d)) => RowVerdict {
            other: Some(RecordId(if d.pair.a == member.0 { d.pair.b } else { d.pair.a })),
            log_odds: Some(d.log_odds),
            ..told(VerdictKind::Review, None, None)
        },
        None => told(VerdictKind::New, None, None),
    }
}
