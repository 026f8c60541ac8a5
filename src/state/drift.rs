//! What changed since the audit before, as findings of the checks that compare.
//!
//! `check --previous` has the data of before and looks at it; an audit has numbers and who was whose.
//! Both end in the same findings.

use super::audit::Numbers;
use super::memory::NONE;
use super::past::Past;
use crate::pipeline::Outcome;
use crate::quality::previous::shape::{self, Shape};
use crate::quality::rules::Rules;
use crate::quality::{Collector, Hits};
use crate::record::RecordId;
use crate::report::scores::band_id;
use crate::source::fingerprint::sha256_hex;

/// What a check of the change finds: columns, rows, duplicates and bands against the audit before.
pub fn drift(outcome: &Outcome, rules: &Rules, out: &mut Collector) {
    let Some((past, before)) = outcome.past.as_ref().and_then(|past| Some((past, last(past)?)))
    else {
        return;
    };
    let now = Shape::of(&outcome.table, &outcome.schema);
    if !before.shape.columns.is_empty() {
        shape::compare(&now, &before.shape, rules, out);
    }
    let message = "records that are duplicates now and were not before; look at the import that \
                   brought them";
    let found = hits(new_duplicates(outcome, past), outcome.table.len(), out.max_samples);
    out.take("duplicate-new", None, found, message.into());
    if before.model == model_digest(outcome) {
        let records: Vec<RecordId> =
            band_moves(outcome, past).map(|(person, ..)| first(outcome, person)).collect();
        let message = "leads that are in another band than at the last audit; find out which facts \
                       or rules changed";
        let found = hits(records, outcome.matched.clusters.len(), out.max_samples);
        out.take("score-drift", None, found, message.into());
    }
}

fn hits(mut records: Vec<RecordId>, of: usize, keep: usize) -> Hits {
    records.sort_unstable();
    let count = records.len() as u64;
    records.truncate(keep);
    Hits { count, of: of as u64, records }
}

fn first(outcome: &Outcome, person: usize) -> RecordId {
    outcome.matched.clusters.members(person as u32).first().copied().unwrap_or(RecordId(0))
}

/// The numbers of the audit before; none before the first one, or of a form nobody knows.
pub(super) fn last(past: &Past) -> Option<Numbers> {
    past.memory.audits.last().and_then(|audit| serde_json::from_str(&audit.numbers).ok())
}

/// Records that are of one person now and were of two, or were not there.
fn new_duplicates(outcome: &Outcome, past: &Past) -> Vec<RecordId> {
    let (clusters, rows) = (&outcome.matched.clusters, &past.recognized.row);
    let mut records = Vec::new();
    for person in (0..clusters.len() as u32).filter(|&p| clusters.members(p).len() > 1) {
        let members = clusters.members(person);
        let before = |record: &RecordId| {
            let row = past.memory.records.get(rows[record.index()] as usize)?;
            (row.gone == 0).then_some(row.person)
        };
        let mut seen: Vec<u32> = Vec::new();
        let mut new = Vec::new();
        for record in members {
            match before(record) {
                Some(person) if seen.contains(&person) => {}
                Some(person) => {
                    if !seen.is_empty() {
                        new.push(*record);
                    }
                    seen.push(person);
                }
                None => new.push(*record),
            }
        }
        // Were none of them there before, one of them is the person and the others are its doubles.
        let doubles = if seen.is_empty() { 1.. } else { 0.. };
        records.extend_from_slice(&new[doubles]);
    }
    records
}

/// Persons in another band than at the last audit: person, band before, band now.
pub(super) fn band_moves<'a>(
    outcome: &'a Outcome,
    past: &'a Past,
) -> impl Iterator<Item = (usize, &'a str, &'a str)> + 'a {
    let both = outcome.models.first().zip(outcome.scored.models.first());
    both.into_iter().flat_map(move |(model, scores)| {
        past.lineage.person.iter().enumerate().filter_map(move |(person, &at)| {
            let before = past.memory.persons.get(at as usize)?;
            let was_there = before.into == NONE && before.gone == 0 && before.score.is_some();
            if !was_there || scores.excluded[person].is_some() {
                return None;
            }
            let now = band_id(model, scores.band[person]);
            let before = before.band.as_deref().unwrap_or("");
            (before != now).then_some((person, before, now))
        })
    })
}

pub(super) fn model_digest(outcome: &Outcome) -> String {
    outcome.models.first().map_or_else(String::new, |model| sha256_hex(model.text.as_bytes()))
}
