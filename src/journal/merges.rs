//! The merges of a run as steps: two groups of records become one, strongest link first.
//!
//! A step names all links between its two groups, not only the one that was taken: who wants to take
//! one record out of a person needs to know what holds the others together without it.

use crate::cluster::Clusters;
use crate::matching::decide::{Decision, Verdict};
use crate::pipeline::Outcome;
use crate::record::RecordId;
use rayon::prelude::*;

/// Two groups of one person become one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    /// The person.
    pub person: u32,
    /// From 1, within the person.
    pub step: u32,
    /// The record that stands for the group that goes on.
    pub winner: RecordId,
    /// The record that stands for the group that is merged into it.
    pub loser: RecordId,
    /// Pairs across the two groups that are one person, strongest first: the first one was taken.
    pub links: Vec<Held>,
}

/// A pair that holds two records together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Held {
    /// The records.
    pub pair: (RecordId, RecordId),
    /// Index of the decision; `None`: known or decided to be one person.
    pub decision: Option<u32>,
    /// Natural log-odds of "same person"; infinite where it is known.
    pub log_odds: f64,
}

/// The steps of all persons, by person.
pub(crate) fn steps(outcome: &Outcome) -> Vec<Step> {
    let clusters = &outcome.matched.clusters;
    let held = by_person(outcome);
    let merged: Vec<u32> =
        (0..clusters.len() as u32).filter(|&p| clusters.members(p).len() > 1).collect();
    merged
        .into_par_iter()
        .flat_map_iter(|person| {
            let start = held.partition_point(|(p, _)| *p < person);
            let own = held[start..].iter().take_while(|(p, _)| *p == person);
            let links: Vec<Held> = own.map(|&(_, held)| held).collect();
            join(person, clusters, outcome.fields.survivor[person as usize], &links)
        })
        .collect()
}

/// Everything that holds two records of one person together, by person, strongest first.
fn by_person(outcome: &Outcome) -> Vec<(u32, Held)> {
    let matched = &outcome.matched;
    let one = |a: u32, b: u32| {
        let person = matched.clusters.person_of[a as usize];
        (person == matched.clusters.person_of[b as usize]).then_some(person)
    };
    let known = matched.constraints.same.iter().filter_map(|pair| {
        let held = Held {
            pair: (RecordId(pair.a), RecordId(pair.b)),
            decision: None,
            log_odds: f64::INFINITY,
        };
        Some((one(pair.a, pair.b)?, held))
    });
    let merging = |&(_, d): &(usize, &Decision)| d.verdict == Verdict::Merge;
    let found = matched.decisions.iter().enumerate().filter(merging).filter_map(|(i, d)| {
        let held = Held {
            pair: (RecordId(d.pair.a), RecordId(d.pair.b)),
            decision: Some(i as u32),
            log_odds: d.log_odds,
        };
        Some((one(d.pair.a, d.pair.b)?, held))
    });
    let mut all: Vec<(u32, Held)> = known.chain(found).collect();
    // The sort is stable: what is equally strong stays in the order of the pairs.
    all.par_sort_by(|(p, x), (q, y)| {
        p.cmp(q).then(y.log_odds.total_cmp(&x.log_odds)).then(x.pair.cmp(&y.pair))
    });
    all
}

/// Joins the records of one person along its links; what no link joins (persons that were given,
/// not found) is joined to the first.
fn join(person: u32, clusters: &Clusters, survivor: RecordId, links: &[Held]) -> Vec<Step> {
    let members = clusters.members(person);
    let mut groups = Groups::new(members, survivor);
    let mut steps: Vec<Step> = Vec::new();
    let place = |record: RecordId| members.binary_search(&record).ok();
    let places: Vec<(usize, usize, Held)> = links
        .iter()
        .filter_map(|held| Some((place(held.pair.0)?, place(held.pair.1)?, *held)))
        .collect();
    let given = (1..members.len()).map(|member| (0, member));
    for (a, b) in places.iter().map(|&(a, b, _)| (a, b)).chain(given) {
        if let Some((winner, loser)) = groups.join(a, b, steps.len() as u32) {
            let step = steps.len() as u32 + 1;
            steps.push(Step { person, step, winner, loser, links: Vec::new() });
        }
    }
    for (a, b, held) in places {
        if let Some(step) = steps.get_mut(groups.joined_at(a, b) as usize) {
            step.links.push(held);
        }
    }
    steps
}

/// Union-find that remembers when: the smaller group hangs below the larger, paths stay as they
/// are, and so the step at which two members came together is the latest on the way between them.
struct Groups {
    survivor: RecordId,
    parent: Vec<usize>,
    /// Step at which a member was hung below its parent; a root never was.
    time: Vec<u32>,
    size: Vec<u32>,
    /// The record that stands for the group of a root.
    head: Vec<RecordId>,
}

impl Groups {
    fn new(members: &[RecordId], survivor: RecordId) -> Self {
        let count = members.len();
        Self {
            survivor,
            parent: (0..count).collect(),
            time: vec![u32::MAX; count],
            size: vec![1; count],
            head: members.to_vec(),
        }
    }

    fn root(&self, mut member: usize) -> usize {
        while self.parent[member] != member {
            member = self.parent[member];
        }
        member
    }

    /// Joins two groups: who stands for both, and who did for the other. `None`: they are one.
    fn join(&mut self, a: usize, b: usize, time: u32) -> Option<(RecordId, RecordId)> {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return None;
        }
        let (p, q) = (self.head[a].min(self.head[b]), self.head[a].max(self.head[b]));
        let (winner, loser) = if q == self.survivor { (q, p) } else { (p, q) };
        let (above, below) = if self.size[a] < self.size[b] { (b, a) } else { (a, b) };
        self.parent[below] = above;
        self.time[below] = time;
        self.size[above] += self.size[below];
        self.head[above] = winner;
        Some((winner, loser))
    }

    /// The step at which two members of one group came together.
    fn joined_at(&self, mut a: usize, mut b: usize) -> u32 {
        let mut last = 0;
        while a != b {
            let lower = if self.time[a] < self.time[b] { &mut a } else { &mut b };
            last = last.max(self.time[*lower]);
            *lower = self.parent[*lower];
            if last == u32::MAX {
                break;
            }
        }
        last
    }
}
