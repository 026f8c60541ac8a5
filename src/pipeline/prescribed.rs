//! Persons that are given instead of found: undoing a merge, carrying out a plan.

use super::Matched;
use crate::cluster::Clusters;
use crate::cluster::relation;
use crate::compare::feature::Features;
use crate::error::{Error, Result};
use crate::matching::decide::Verdict;
use crate::merge::person_id::PersonIds;
use crate::record::Table;
use rustc_hash::{FxHashMap, FxHashSet};

/// Who is who, said beforehand.
#[derive(Debug, Clone, Default)]
pub struct Prescribed {
    /// Person by source index and row; equal number, same person.
    pub person: FxHashMap<(u16, u32), u32>,
    /// Ids that persons had, by that number; who has none is named anew.
    pub ids: FxHashMap<u32, String>,
}

impl Prescribed {
    /// The persons under the ids they had. A part of a person that is named as the whole was keeps
    /// that name; no id is given twice.
    pub(super) fn name(&self, table: &Table, clusters: &Clusters, fresh: PersonIds) -> PersonIds {
        if self.ids.is_empty() {
            return fresh;
        }
        let had = |person: u32| {
            let record = clusters.members(person)[0].index();
            let label = self.person.get(&(table.source[record], table.row[record]))?;
            self.ids.get(label).map(String::as_str)
        };
        let known: FxHashSet<&str> = self.ids.values().map(String::as_str).collect();
        // Whose own name is an id that was there is that person, or the part that it is named after.
        let named: FxHashSet<&str> = (0..clusters.len() as u32)
            .map(|person| fresh.get(person))
            .filter(|id| known.contains(id))
            .collect();
        let id = |person: u32| match (fresh.get(person), had(person)) {
            (own, _) if named.contains(own) => own.to_string(),
            (_, Some(had)) if !named.contains(had) => had.to_string(),
            (own, _) => own.to_string(),
        };
        let ids: Vec<String> = (0..clusters.len() as u32).map(id).collect();
        fresh.renamed(|person| &ids[person as usize])
    }
}

/// Replaces the persons that matching found. Who has the same records as before keeps the
/// probabilities of the run; the others have that of the strongest link they still hold.
pub(super) fn prescribe(
    matched: &mut Matched,
    prescribed: &Prescribed,
    table: &Table,
    features: &Features,
) -> Result<()> {
    let mut first: FxHashMap<u32, u32> = FxHashMap::default();
    let mut labels = Vec::with_capacity(table.len());
    for record in table.records() {
        let key = (table.source[record.index()], table.row[record.index()]);
        let person = prescribed.person.get(&key).ok_or_else(|| Error::Changed {
            file: table.sources[usize::from(key.0)].file.clone(),
            what: "is read into other rows than in the run".into(),
            remedy: "use the version of leadmend that made the run",
        })?;
        labels.push(*first.entry(*person).or_insert(record.0));
    }
    let mut clusters = Clusters::from_labels(&labels);
    probabilities(matched, &mut clusters);
    matched.relations = relation::find(features, &clusters);
    matched.clusters = clusters;
    Ok(())
}

fn probabilities(matched: &Matched, clusters: &mut Clusters) {
    let before = &matched.clusters;
    let mut strongest = vec![f32::NEG_INFINITY; clusters.person_of.len()];
    let one = |a: u32, b: u32| clusters.person_of[a as usize] == clusters.person_of[b as usize];
    let known = matched.constraints.same.iter().map(|&pair| (pair, f64::INFINITY));
    let merging = matched.decisions.iter().filter(|d| d.verdict == Verdict::Merge);
    for (pair, log_odds) in known.chain(merging.map(|d| (d.pair, d.log_odds))) {
        if one(pair.a, pair.b) {
            for record in [pair.a, pair.b] {
                let slot = &mut strongest[record as usize];
                *slot = slot.max(log_odds as f32);
            }
        }
    }
    for person in 0..clusters.len() as u32 {
        let members = clusters.members(person);
        let as_before = before.members(before.person_of[members[0].index()]) == members;
        for record in members.iter().map(|r| r.index()).collect::<Vec<_>>() {
            let log_odds = strongest[record];
            clusters.probability[record] = if as_before {
                before.probability[record]
            } else if log_odds.is_finite() {
                matched.model.calibration.prob(f64::from(log_odds)) as f32
            } else {
                1.0
            };
        }
    }
}
