//! Matching by a model that no longer learns: what two records are depends on them alone.
//!
//! A run that learns looks at all its records: one row more shifts an average, fills a block, makes a
//! mailbox shared, and other people change. For people who must stay the same over years the model
//! is frozen together with the counts it was learned on. Then a pair is found, compared and decided
//! by the two records and the frozen numbers, and persons follow from the set of records, whatever
//! the order they came in and however many imports they came by.
//!
//! Three things make that so. Counts come from the [`Snapshot`] by hashes of the values' texts.
//! Candidate pairs come from frozen block sizes (`blocking::frozen`). And records that agree in
//! everything matching reads are one node, when such records are one person at all: the thousandth
//! copy of a row changes nothing.

mod bytes;
mod snapshot;
#[cfg(test)]
pub(crate) mod tests;

pub use snapshot::Snapshot;

use super::decide::{Decider, Decision, Verdict};
use super::model::MatchingModel;
use crate::blocking::ids::Stable;
use crate::blocking::{Candidates, block::PassReport, frozen as blocks};
use crate::cluster::Clusters;
use crate::cluster::resolve::{self, Constraints};
use crate::compare::feature::{Entity, Features};
use crate::compare::{self, Pair};
use crate::normalize::record::Records;
use crate::record::{Table, fnv};
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// A matching model with the counts it was learned on.
#[derive(Debug, Clone, PartialEq)]
pub struct Frozen {
    /// The model, with its thresholds.
    pub model: MatchingModel,
    /// The counts; shared, because a job is copied often.
    pub snapshot: Arc<Snapshot>,
}

/// Features under frozen counts, with what their values are called in every run.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The features.
    pub features: Features,
    /// Hashes of their values.
    pub ids: Stable,
}

/// What a frozen model says of a set of records.
#[derive(Debug)]
pub struct Verdicts {
    /// The candidate pairs.
    pub candidates: Candidates,
    /// Pairs that are not plainly distinct.
    pub decisions: Vec<Decision>,
    /// The persons.
    pub clusters: Clusters,
}

/// An order of the records that no other record changes; equal ones have the same id.
pub fn stable_order(table: &Table) -> Vec<u64> {
    let hash = |r| {
        let id = fnv(table.id.get(r)).rotate_left(7);
        id ^ u64::from(table.occurrence[r.index()]).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    };
    table.records().map(hash).collect()
}

impl Frozen {
    /// Freezes a model with the counts of the records it was learned on.
    pub fn of(records: &Records, model: &MatchingModel) -> Self {
        let features = snapshot::canonical(records);
        let ids = Stable::of(&features);
        let mut snapshot = Snapshot::of(&features, &ids, records.reading.clone());
        let mut prepared = Prepared { features, ids };
        snapshot.apply(&mut prepared.features, &prepared.ids);
        // What nodes are does not depend on the blocks.
        let frozen = Self { model: model.clone(), snapshot: Arc::default() };
        let order = vec![0; prepared.features.len()];
        let nodes = frozen.nodes(prepared, &order, &FxHashSet::default());
        snapshot.blocks = blocks::measure(&nodes.features, &nodes.ids);
        Self { snapshot: Arc::new(snapshot), ..frozen }
    }

    /// True when the model was learned on records that describe the same.
    pub fn fits(&self, described: Entity) -> bool {
        described == self.model.entity
    }

    /// The records under the frozen counts.
    pub fn prepare(&self, records: &Records) -> Prepared {
        let mut features = snapshot::canonical(records);
        self.snapshot.align(&mut features);
        self.count(features)
    }

    /// Features whose mailboxes and columns are those of the model, under its counts.
    pub(crate) fn count(&self, mut features: Features) -> Prepared {
        let ids = Stable::of(&features);
        self.snapshot.apply(&mut features, &ids);
        Prepared { features, ids }
    }

    /// Who is who. `order` is as of [`stable_order`].
    pub fn decide(&self, records: &Records, order: &[u64], constraints: &Constraints) -> Verdicts {
        let apart = constraints.different.iter().flat_map(|p| [p.a, p.b]).collect();
        let nodes = self.nodes(self.prepare(records), order, &apart);
        let found = blocks::candidates(&nodes.features, &nodes.ids, &self.snapshot.blocks);
        let patterns = compare::patterns(&nodes.features, &found.pairs);
        let decider = Decider::new(&nodes.features, &self.model);
        let decisions = decider.decide_all(&found.pairs, &patterns);
        let clusters = resolve::resolve(&decider, &decisions, &nodes.constraints(constraints));
        nodes.spread(found, decisions, &clusters, &self.model)
    }

    /// The pairs with at least one asking record that merge or wait for review: with whom the asking
    /// ones have to do. Pairs of the others are not compared.
    pub fn links(
        &self,
        prepared: Prepared,
        order: &[u64],
        constraints: &Constraints,
        is_asking: impl Fn(u32) -> bool,
    ) -> Vec<Pair> {
        let apart = constraints.different.iter().flat_map(|p| [p.a, p.b]).collect();
        let nodes = self.nodes(prepared, order, &apart);
        let mut asking = vec![false; nodes.first.len()];
        for (record, &node) in (0..).zip(&nodes.of_record) {
            asking[node as usize] |= is_asking(record);
        }
        let blocks = &self.snapshot.blocks;
        let pairs = blocks::candidates_of(&nodes.features, &nodes.ids, blocks, &asking);
        let patterns = compare::patterns(&nodes.features, &pairs);
        let decided = Decider::new(&nodes.features, &self.model).decide_all(&pairs, &patterns);
        let linking = |d: &&Decision| matches!(d.verdict, Verdict::Merge | Verdict::Review);
        let first = |node: u32| nodes.first[node as usize];
        let links = decided.iter().filter(linking).map(|d| d.pair);
        let links = links.map(|p| Pair::new(first(p.a), first(p.b)));
        links.chain(nodes.copies.iter().map(|c| Pair::new(first(c.node), c.record))).collect()
    }

    fn nodes(&self, prepared: Prepared, order: &[u64], apart: &FxHashSet<u32>) -> Nodes {
        let Prepared { features, ids } = prepared;
        let mut ranked: Vec<(u64, u64, u32)> = (0..features.len())
            .into_par_iter()
            .with_min_len(4096)
            .map(|r| (ids.record(&features, r), order[r], r as u32))
            .collect();
        ranked.par_sort_unstable();
        let decider = Decider::new(&features, &self.model);
        let mut first: Vec<u32> = Vec::with_capacity(ranked.len());
        let mut of_record = vec![0u32; ranked.len()];
        let mut copies: Vec<Copy> = Vec::new();
        for group in ranked.chunk_by(|x, y| x.0 == y.0) {
            let head = group[0].2;
            let own = (group.len() > 1).then(|| decider.compare(Pair { a: head, b: head }));
            let own =
                own.filter(|&log_odds| 1.0 / (1.0 + (-log_odds).exp()) >= self.model.merge_at);
            let mut node = None;
            for &(_, _, record) in group {
                let joins =
                    own.filter(|_| !apart.contains(&record) && agree(&features, head, record));
                of_record[record as usize] = match (node, joins) {
                    (Some(node), Some(log_odds)) => {
                        copies.push(Copy { node, record, log_odds });
                        node
                    }
                    (_, joins) => {
                        first.push(record);
                        let own = first.len() as u32 - 1;
                        node = node.or(joins.map(|_| own));
                        own
                    }
                };
            }
        }
        Nodes { features: pick(features, &first), ids, first, of_record, copies }
    }
}

/// A record that says the same as the first of its node.
struct Copy {
    node: u32,
    record: u32,
    log_odds: f64,
}

/// Distinct records in an order of their own, so that ties break the same way in every run.
struct Nodes {
    features: Features,
    ids: Stable,
    first: Vec<u32>,
    of_record: Vec<u32>,
    copies: Vec<Copy>,
}

impl Nodes {
    fn constraints(&self, of_records: &Constraints) -> Constraints {
        let node = |record: u32| self.of_record[record as usize];
        let map = |pairs: &[Pair]| -> Vec<Pair> {
            let both = pairs.iter().map(|p| (node(p.a), node(p.b))).filter(|(a, b)| a != b);
            let mut pairs: Vec<Pair> = both.map(|(a, b)| Pair::new(a, b)).collect();
            pairs.sort_unstable();
            pairs
        };
        Constraints { same: map(&of_records.same), different: map(&of_records.different) }
    }

    /// From nodes back to records.
    fn spread(
        &self,
        found: Candidates,
        decisions: Vec<Decision>,
        nodes: &Clusters,
        model: &MatchingModel,
    ) -> Verdicts {
        let pair = |p: Pair| Pair::new(self.first[p.a as usize], self.first[p.b as usize]);
        let copy_pair = |c: &Copy| Pair::new(self.first[c.node as usize], c.record);
        let mut all: Vec<(Pair, u32)> =
            found.pairs.iter().zip(&found.passes).map(|(&p, &mask)| (pair(p), mask)).collect();
        // Counted as found by two passes: nobody need estimate how many copies were missed.
        all.extend(self.copies.iter().map(|c| (copy_pair(c), 3)));
        all.par_sort_unstable();
        let mut decided: Vec<Decision> = decisions
            .into_iter()
            .map(|d| Decision { pair: pair(d.pair), ..d })
            .chain(self.copies.iter().map(|c| Decision {
                pair: copy_pair(c),
                verdict: Verdict::Merge,
                log_odds: c.log_odds,
            }))
            .collect();
        decided.par_sort_unstable_by_key(|d| d.pair);
        let labels: Vec<u32> =
            self.of_record.iter().map(|&n| nodes.person_of[n as usize]).collect();
        let mut clusters = Clusters::from_labels(&labels);
        for (slot, &node) in clusters.probability.iter_mut().zip(&self.of_record) {
            *slot = nodes.probability[node as usize];
        }
        for copy in &self.copies {
            let prob = model.calibration.prob(copy.log_odds) as f32;
            let alone = nodes.members(nodes.person_of[copy.node as usize]).len() == 1;
            for record in [copy.record, self.first[copy.node as usize]] {
                let slot = &mut clusters.probability[record as usize];
                *slot = if alone { prob } else { slot.max(prob) };
            }
        }
        let mut report = found.report;
        let copies = self.copies.len() as u64;
        report.push(PassReport {
            pass: "equal records",
            pairs: copies,
            only_here: copies,
            ..PassReport::default()
        });
        let (pairs, passes) = all.into_iter().unzip();
        Verdicts { candidates: Candidates { pairs, passes, report }, decisions: decided, clusters }
    }
}

/// True when two records hold the same values: equal hashes are not yet equal records.
fn agree(f: &Features, a: u32, b: u32) -> bool {
    let (a, b) = (a as usize, b as usize);
    f.rows[a] == f.rows[b]
        && f.emails_of(a).eq(f.emails_of(b))
        && f.phones_of(a).eq(f.phones_of(b))
        && f.generics.iter().all(|g| g.ids[a] == g.ids[b])
}

/// The features of some of the records, in their order.
fn pick(mut f: Features, records: &[u32]) -> Features {
    let mut at = vec![u32::MAX; f.len()];
    for (node, &record) in (0..).zip(records) {
        at[record as usize] = node;
    }
    f.rows = records.iter().map(|&r| f.rows[r as usize]).collect();
    for g in &mut f.generics {
        g.ids = records.iter().map(|&r| g.ids[r as usize]).collect();
    }
    for more in [&mut f.more_emails, &mut f.more_phones] {
        let kept = more.iter().map(|&(r, v)| (at[r as usize], v)).filter(|m| m.0 != u32::MAX);
        let mut kept: Vec<(u32, u32)> = kept.collect();
        // Stable: a record's further values keep their order.
        kept.sort_by_key(|m| m.0);
        *more = kept;
    }
    f
}
