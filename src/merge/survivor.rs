//! Which record of a person survives: its id is the merged lead's, its values break ties.
//!
//! A record already in the database always survives over an import, whatever the rule: its id is
//! the one other systems hold. Every rule ends in the same ties: most complete, most active, oldest,
//! canonical order. Why `most-complete` by default: fields are chosen one by one anyway, so the
//! survivor decides little but the columns nobody understands, and those belong together.

use super::policy::SurvivorRule;
use crate::cluster::Clusters;
use crate::record::{RecordId, Table};
use rayon::prelude::*;
use std::cmp::Reverse;

/// What is known of the records as wholes.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The records.
    pub table: &'a Table,
    /// Microseconds, per record; `i64::MIN` unknown. Empty: unknown for all.
    pub created: &'a [i64],
    /// Microseconds, per record; `i64::MIN` unknown. Empty: unknown for all.
    pub updated: &'a [i64],
    /// Filled, usable cells per record ([`super::field::count_filled`]). Empty: not counted.
    pub filled: &'a [u16],
    /// Activities per record. Empty: none.
    pub activities: &'a [u32],
    /// Per source: its records are already in the database. Empty: none.
    pub known: &'a [bool],
}

impl Evidence<'_> {
    /// When the record was last known to be true: updated, else created, else `i64::MIN`.
    pub fn recency(&self, record: RecordId) -> i64 {
        let at = |times: &[i64]| times.get(record.index()).copied().unwrap_or(i64::MIN);
        match at(self.updated) {
            i64::MIN => at(self.created),
            updated => updated,
        }
    }

    /// Orders by when the record came to be: created, else updated, unknown last.
    pub(super) fn age(&self, record: RecordId) -> impl Ord + use<> {
        match self.created_first(record) {
            (true, _) => {
                let recency = self.recency(record);
                (recency == i64::MIN, recency)
            }
            known => known,
        }
    }

    /// Filled, usable cells.
    pub fn filled(&self, record: RecordId) -> u16 {
        self.filled.get(record.index()).copied().unwrap_or(0)
    }

    fn created_first(&self, record: RecordId) -> (bool, i64) {
        let created = self.created.get(record.index()).copied().unwrap_or(i64::MIN);
        (created == i64::MIN, created)
    }

    fn activities(&self, record: RecordId) -> u32 {
        self.activities.get(record.index()).copied().unwrap_or(0)
    }

    fn is_known(&self, record: RecordId) -> bool {
        let source = self.table.source[record.index()] as usize;
        self.known.get(source).copied().unwrap_or(false)
    }
}

/// The surviving record of every person.
pub fn choose_survivors(
    clusters: &Clusters,
    evidence: &Evidence,
    rule: SurvivorRule,
    source_order: &[String],
) -> Vec<RecordId> {
    let rank = rank_sources(evidence.table, rule, source_order);
    (0..clusters.len() as u32)
        .into_par_iter()
        .with_min_len(4096)
        .map(|person| match clusters.members(person) {
            [only] => *only,
            members => choose(members, evidence, rule, &rank),
        })
        .collect()
}

/// Position of every source in the order asked for; those not named come last.
fn rank_sources(table: &Table, rule: SurvivorRule, source_order: &[String]) -> Vec<usize> {
    let place = |(i, source): (usize, &crate::record::SourceInfo)| match rule {
        SurvivorRule::ListedOrder => source_order
            .iter()
            .position(|name| *name == source.name || Some(name) == source.preset.as_ref())
            .unwrap_or(source_order.len()),
        _ => i,
    };
    table.sources.iter().enumerate().map(place).collect()
}

fn choose(
    members: &[RecordId],
    evidence: &Evidence,
    rule: SurvivorRule,
    rank: &[usize],
) -> RecordId {
    let by_rule = |record: RecordId| -> (bool, i64) {
        match rule {
            SurvivorRule::Primary | SurvivorRule::ListedOrder => {
                (false, rank[evidence.table.source[record.index()] as usize] as i64)
            }
            SurvivorRule::Oldest => evidence.created_first(record),
            // An unknown time is the oldest; MIN has no negative.
            SurvivorRule::Newest => (false, evidence.recency(record).saturating_neg()),
            SurvivorRule::MostComplete => (false, 0),
            SurvivorRule::MostActive => (false, -i64::from(evidence.activities(record))),
        }
    };
    let key = |record: &RecordId| {
        (
            !evidence.is_known(*record),
            by_rule(*record),
            Reverse(evidence.filled(*record)),
            Reverse(evidence.activities(*record)),
            evidence.created_first(*record),
            *record,
        )
    };
    // A person has at least one record.
    members.iter().copied().min_by_key(key).unwrap_or(RecordId(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::sample::table;
    use crate::record::SourceInfo;

    #[test]
    fn every_rule_and_its_ties() {
        let mut t = table("crm", &["id"], &[&["1"], &["2"], &["3"], &["4"]]);
        t.sources.push(SourceInfo {
            name: "fair".into(),
            preset: Some("hubspot".into()),
            ..SourceInfo::default()
        });
        t.source = vec![0, 0, 1, 1];
        let all = Evidence {
            table: &t,
            created: &[40, i64::MIN, 10, 10],
            updated: &[50, 90, i64::MIN, 60],
            filled: &[5, 7, 7, 2],
            activities: &[1, 0, 3, 9],
            known: &[],
        };
        let known = Evidence { known: &[false, true], ..all };
        let blind = Evidence { created: &[], updated: &[], filled: &[], activities: &[], ..all };
        let listed = &["hubspot".to_string(), "crm".to_string()][..];
        use SurvivorRule::*;
        let cases = [
            (&all, Primary, 1, "first source, then the most complete"),
            (&all, Oldest, 2, "created first, then the most complete"),
            (&all, Newest, 1, "updated last"),
            (&all, MostComplete, 2, "seven cells twice: the more active"),
            (&all, MostActive, 3, "nine activities"),
            (&all, ListedOrder, 2, "a product's name stands for its sources"),
            (&known, Newest, 3, "a known record survives over an import"),
            (&known, Primary, 2, "whatever the rule"),
            (&blind, MostComplete, 0, "nothing known: canonical order"),
            (&blind, Newest, 0, "nothing known: canonical order"),
        ];
        for (evidence, rule, expected, why) in cases {
            let clusters = Clusters::from_labels(&[0, 0, 0, 0]);
            let got = choose_survivors(&clusters, evidence, rule, listed);
            assert_eq!(got, [RecordId(expected)], "{rule:?}: {why}");
        }
        let alone = Clusters::from_labels(&[0, 1, 2, 3]);
        let got = choose_survivors(&alone, &all, Primary, listed);
        assert_eq!(got, [0, 1, 2, 3].map(RecordId), "a record alone survives");
    }
}
