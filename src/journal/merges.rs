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
    held.par_chunk_by(|x, y| x.0 == y.0)
        .flat_map_iter(|of_one| {
            let person = of_one[0].0;
            let links: Vec<Held> = of_one.iter().map(|&(_, held)| held).collect();
            join(person, clusters, outcome.fields.survivor[person as usize], links)
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

/// Joins the records of one person along its links.
fn join(person: u32, clusters: &Clusters, survivor: RecordId, links: Vec<Held>) -> Vec<Step> {
    let members = clusters.members(person);
    let place = |record: RecordId| members.binary_search(&record).ok();
    // The step that made each group of a member; groups are named by their smallest member.
    let mut group: Vec<usize> = (0..members.len()).collect();
    let mut head: Vec<RecordId> = members.to_vec();
    let mut steps: Vec<Step> = Vec::new();
    // Per pair of links, the step that first had both ends in one group.
    let mut within: Vec<(usize, usize, Held)> = Vec::new();
    for held in links {
        let (Some(a), Some(b)) = (place(held.pair.0), place(held.pair.1)) else { continue };
        within.push((a, b, held));
    }
    let mut sides: Vec<(Vec<bool>, Vec<bool>)> = Vec::new();
    for &(a, b, _) in &within {
        let (x, y) = (group[a], group[b]);
        if x == y {
            continue;
        }
        let side = |g: usize| group.iter().map(|&of| of == g).collect::<Vec<bool>>();
        sides.push((side(x), side(y)));
        let (p, q) = (head[x], head[y]);
        let (winner, loser) =
            if q == survivor || (p != survivor && q < p) { (q, p) } else { (p, q) };
        let step = steps.len() as u32 + 1;
        steps.push(Step { person, step, winner, loser, links: Vec::new() });
        let (keep, lose) = (x.min(y), x.max(y));
        group.iter_mut().filter(|of| **of == lose).for_each(|of| *of = keep);
        head[keep] = winner;
    }
    for (a, b, held) in within {
        let across = |(x, y): &(Vec<bool>, Vec<bool>)| (x[a] && y[b]) || (x[b] && y[a]);
        if let Some(at) = sides.iter().position(across) {
            steps[at].links.push(held);
        }
    }
    steps
}
