//! Scores that are stored in the data against those of the model.

use crate::pipeline::Outcome;
use crate::quality::census::{Census, sentence};
use crate::quality::{Collector, Hits};
use crate::record::RecordId;
use crate::schema::Role;

/// Scores differ from here on, in thousandths: stored ones are often rounded to a point.
const DIFFERENT: i64 = 1000;

/// Runs the group.
pub(super) fn check(census: &Census, out: &mut Collector) {
    let Some(outcome) = census.material.outcome else { return };
    weaker(outcome, out);
    let Some(column) = census.material.schema.first(Role::Score) else { return };
    let cells = &census.material.table.columns[column];
    let stored: Vec<Option<i64>> = cells.dictionary.iter().map(thousandths).collect();
    drift(census, outcome, (column, &stored), out);
    let range =
        outcome.models.first().and_then(|m| m.components.get(m.primary)).and_then(|c| c.range);
    if let Some((min, max)) = range {
        let outside =
            |score: i64| min.is_some_and(|min| score < min) || max.is_some_and(|max| score > max);
        let hits = census.hits(column, |v| stored[v].is_some_and(outside));
        out.take("score-out-of-range", Some(column), hits, sentence("score-out-of-range"));
    }
    out.take("score-missing", Some(column), census.empty(column), sentence("score-missing"));
}

/// Leads that are worth less than their best record.
fn weaker(outcome: &Outcome, out: &mut Collector) {
    let Some(scores) = outcome.scored.models.first() else { return };
    let mut records: Vec<RecordId> = scores.drops.iter().map(|drop| drop.best_record).collect();
    records.sort_unstable();
    let count = records.len() as u64;
    records.truncate(out.max_samples);
    let of = outcome.matched.clusters.len() as u64;
    let hits = Hits { count, of, records };
    out.take("score-weaker-than-part", None, hits, sentence("score-weaker-than-part"));
}

/// Stored scores of records that stand alone, against the model's. Records that belong together are
/// not compared: what they are worth apart is no longer anybody's score.
fn drift(
    census: &Census,
    outcome: &Outcome,
    (column, stored): (usize, &[Option<i64>]),
    out: &mut Collector,
) {
    let Some(scores) = outcome.scored.models.first() else { return };
    let cells = &census.material.table.columns[column].ids;
    let clusters = &outcome.matched.clusters;
    let both = |r: usize| -> Option<(i64, i64)> {
        let person = clusters.person_of[r];
        if clusters.members(person).len() > 1 {
            return None;
        }
        Some((stored[cells[r].index()]?, scores.score_of(person as usize)?))
    };
    let of = (0..cells.len()).filter(|&r| both(r).is_some()).count() as u64;
    let differs =
        |r: usize| both(r).is_some_and(|(old, new)| old.abs_diff(new) >= DIFFERENT as u64);
    let hits = census.hits_of_records(of, differs);
    out.take("score-drift", Some(column), hits, sentence("score-drift"));
}

/// A stored score in thousandths.
fn thousandths(text: &str) -> Option<i64> {
    let number: f64 = text.trim().replace(',', ".").parse().ok()?;
    let thousandths = (number * 1000.0).round();
    (thousandths.abs() < 1e15).then_some(thousandths as i64)
}

#[cfg(test)]
mod tests {
    use super::thousandths;

    #[test]
    fn stored_scores_are_numbers() {
        let cases = [
            ("90", Some(90_000)),
            (" 4,5 ", Some(4_500)),
            ("", None),
            ("hot", None),
            ("1e300", None),
        ];
        for (text, score) in cases {
            assert_eq!(thousandths(text), score, "{text}");
        }
    }
}
