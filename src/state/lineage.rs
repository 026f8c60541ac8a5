//! Who keeps which id.
//!
//! A person takes the id that most of its records had, the older one of several; the id that was in
//! the same number of records but goes nowhere else is noted as merged into it. Where two persons
//! want one id, the one with the earliest of its records keeps it, and the other takes what else its
//! records were called, now or once, or a new id. This is a stable matching (Gale and Shapley 1962):
//! persons propose in the order of their wishes, ids prefer the earliest record, and the result does
//! not depend on the order of proposing.

use super::memory::{Memory, NONE};
use super::recognize::Recognized;
use crate::cluster::Clusters;
use crate::merge::person_id::PersonIds;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use std::cmp::Reverse;

/// What happened to an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// All its records that are there belong to the other person now.
    Merged,
    /// New: its records belonged to the other person, which is still there.
    Split,
    /// Records of the other person, which is still there, came to this one, which was there, too.
    Moved,
    /// Merged or gone before, and back; the other is the person it had been merged into.
    Revived,
}

impl Event {
    /// The word for it, as the state and `lineage.csv` have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Merged => "merged",
            Self::Split => "split",
            Self::Moved => "moved",
            Self::Revived => "revived",
        }
    }
}

/// A line of the lineage: a person and another one, as indexes into `Lineage::id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// What happened.
    pub event: Event,
    /// To whom.
    pub person: u32,
    /// With whom, or `NONE`.
    pub other: u32,
    /// Records that changed their person by it.
    pub records: u32,
}

/// The persons of a run among those of all time.
#[derive(Debug, Clone, Default)]
pub struct Lineage {
    /// Per person of the run: its index among those of all time, the new ones last.
    pub(crate) person: Vec<u32>,
    /// Ids of the new persons.
    pub(crate) new: Vec<String>,
    /// Persons none of whose records are there any more, and were.
    pub(crate) gone: Vec<u32>,
    /// What happened, sorted.
    pub steps: Vec<Step>,
}

impl Lineage {
    /// The id of a person by its index among those of all time.
    pub(crate) fn id<'a>(&'a self, memory: &'a Memory, person: u32) -> &'a str {
        let known = memory.persons.len();
        match memory.persons.get(person as usize) {
            Some(person) => &person.id,
            None => self.new.get(person as usize - known).map_or("", String::as_str),
        }
    }

    /// Number of steps of a kind.
    pub fn count(&self, event: Event) -> usize {
        self.steps.iter().filter(|step| step.event == event).count()
    }
}

/// A wish of a person for an id.
#[derive(Debug, Clone, Copy)]
struct Claim {
    id: u32,
    /// False for what its records were called once and are not now.
    current: bool,
    votes: u32,
    /// The earliest of its records that have, or had, the id.
    earliest: Earliest,
}

/// Who always had the id before who joined it; then created first (a known date before none), then
/// seen first. So a merge that is taken back leaves both with the ids they had.
type Earliest = (bool, Reverse<bool>, i64, i64);

/// Gives every person its id. `fresh` are the ids they would have without a past; `created` holds
/// microseconds per record, `i64::MIN` where unknown, or nothing.
pub(crate) fn name(
    memory: &Memory,
    recognized: &Recognized,
    clusters: &Clusters,
    fresh: &PersonIds,
    created: &[i64],
) -> Lineage {
    let naming = Naming { memory, recognized, clusters, created };
    let claims = naming.claims();
    let mut person = settle(memory.persons.len(), &claims);
    let new = new_ids(memory, fresh, &mut person);
    let mut lineage = Lineage { person, new, ..Lineage::default() };
    naming.tell(&claims, &mut lineage);
    lineage
}

/// The claims of all persons, each person's in the order of its wishes.
struct Claims {
    all: Vec<Claim>,
    /// Where each person's begin; one more than there are persons.
    start: Vec<usize>,
}

impl Claims {
    fn of(&self, person: usize) -> &[Claim] {
        &self.all[self.start[person]..self.start[person + 1]]
    }
}

struct Naming<'a> {
    memory: &'a Memory,
    recognized: &'a Recognized,
    clusters: &'a Clusters,
    created: &'a [i64],
}

impl Naming<'_> {
    fn claims(&self) -> Claims {
        let mut claims = Claims { all: Vec::new(), start: vec![0] };
        let mut own: Vec<Claim> = Vec::new();
        for person in 0..self.clusters.len() as u32 {
            own.clear();
            for &record in self.clusters.members(person) {
                let at = self.recognized.row[record.index()];
                let Some(row) = self.memory.records.get(at as usize) else { continue };
                let created = self.created.get(record.index()).copied().unwrap_or(i64::MIN);
                let former = self.memory.former.get(&at).map_or(&[][..], Vec::as_slice);
                let joined = !former.is_empty() && !former.contains(&row.person);
                let earliest = (joined, Reverse(created != i64::MIN), created, row.no);
                let mut vote = |id: u32, current: bool| match own
                    .iter_mut()
                    .find(|c| c.id == id && c.current == current)
                {
                    Some(claim) => {
                        claim.votes += 1;
                        claim.earliest = claim.earliest.min(earliest);
                    }
                    None => own.push(Claim { id, current, votes: 1, earliest }),
                };
                vote(row.person, true);
                for &id in former {
                    vote(id, false);
                }
            }
            // An id both now and once is wished for as the one it is now.
            let now: Vec<u32> = own.iter().filter(|c| c.current).map(|c| c.id).collect();
            own.retain(|c| c.current || !now.contains(&c.id));
            own.sort_by_key(|c| {
                let old = &self.memory.persons[c.id as usize];
                (Reverse(c.current), Reverse(c.votes), old.since, c.earliest, old.no)
            });
            claims.all.extend_from_slice(&own);
            claims.start.push(claims.all.len());
        }
        claims
    }

    /// What happened, from where the records went.
    fn tell(&self, claims: &Claims, lineage: &mut Lineage) {
        let known = self.memory.persons.len();
        // Per id: the person of the run that has it.
        let mut keeper: Vec<u32> = vec![NONE; known];
        for (at, &person) in lineage.person.iter().enumerate() {
            if (person as usize) < known {
                keeper[person as usize] = at as u32;
            }
        }
        // Who lost records to whom; of those who lost all, to whom the earliest went.
        let mut into: FxHashMap<u32, (Earliest, u32)> = FxHashMap::default();
        let mut lost: Vec<(u32, u32, u32)> = Vec::new();
        let mut present: Vec<bool> = vec![false; known];
        for (at, &person) in lineage.person.iter().enumerate() {
            for claim in claims.of(at).iter().filter(|c| c.current) {
                present[claim.id as usize] = true;
                if claim.id == person {
                    continue;
                }
                lost.push((claim.id, person, claim.votes));
                if keeper[claim.id as usize] == NONE {
                    let to = (claim.earliest, person);
                    let first = into.entry(claim.id).or_insert(to);
                    *first = to.min(*first);
                }
            }
        }
        for (person, to, records) in lost {
            let step = match into.get(&person) {
                Some((_, other)) if *other == to => {
                    Step { event: Event::Merged, person, other: to, records }
                }
                _ => {
                    let new = to as usize >= known;
                    let event = if new { Event::Split } else { Event::Moved };
                    Step { event, person: to, other: person, records }
                }
            };
            lineage.steps.push(step);
        }
        for (at, person) in self.memory.persons.iter().enumerate() {
            let was_there = person.into == NONE && person.gone == 0;
            if keeper[at] != NONE && !was_there {
                let records = self.clusters.members(keeper[at]).len() as u32;
                let (person, other) = (at as u32, person.into);
                lineage.steps.push(Step { event: Event::Revived, person, other, records });
            } else if was_there && keeper[at] == NONE && !present[at] {
                lineage.gone.push(at as u32);
            }
        }
        // A person that comes back out of another one was not given records by it.
        let back: FxHashSet<(u32, u32)> = lineage
            .steps
            .iter()
            .filter(|s| s.event == Event::Revived)
            .map(|s| (s.person, s.other))
            .collect();
        lineage.steps.retain(|s| s.event != Event::Moved || !back.contains(&(s.person, s.other)));
        lineage.steps.sort_unstable();
    }
}

/// Deferred acceptance: the index of the id each person gets, [`NONE`] for a new one.
fn settle(ids: usize, claims: &Claims) -> Vec<u32> {
    let persons = claims.start.len() - 1;
    let mut next = vec![0u32; persons];
    let mut given = vec![NONE; persons];
    // Per id: who has it, and by which claim.
    let mut holder: Vec<(u32, Reverse<bool>, Earliest)> =
        vec![(NONE, Reverse(false), (false, Reverse(false), 0, 0)); ids];
    let mut waiting: Vec<u32> = (0..persons as u32).rev().collect();
    while let Some(person) = waiting.pop() {
        let at = person as usize;
        while let Some(claim) = claims.of(at).get(next[at] as usize) {
            next[at] += 1;
            let held = &mut holder[claim.id as usize];
            // An id prefers those whose records have it now, then the earliest record.
            let offer = (person, Reverse(claim.current), claim.earliest);
            let better = held.0 == NONE || (offer.1, offer.2) < (held.1, held.2);
            if better {
                let left = std::mem::replace(held, offer).0;
                given[at] = claim.id;
                if left != NONE {
                    given[left as usize] = NONE;
                    waiting.push(left);
                }
                break;
            }
        }
    }
    given
}

/// Ids for those who got none, numbered in the order of the ids; no id is given twice, ever.
fn new_ids(memory: &Memory, fresh: &PersonIds, person: &mut [u32]) -> Vec<String> {
    let waiting: Vec<u32> =
        (0..person.len() as u32).filter(|&p| person[p as usize] == NONE).collect();
    let mut taken: FxHashSet<&str> = FxHashSet::default();
    if !memory.persons.is_empty() {
        taken.extend(memory.persons.iter().map(|p| p.id.as_str()));
    }
    let mut named: Vec<(String, u32)> = waiting
        .iter()
        .map(|&p| {
            let id = fresh.get(p);
            let other = (2..).map(|n: u32| format!("{id}-{n}"));
            let mut free = std::iter::once(id.to_string()).chain(other);
            let id = free.find(|id| !taken.contains(id.as_str())).unwrap_or_default();
            (id, p)
        })
        .collect();
    named.sort_unstable();
    let known = memory.persons.len() as u32;
    for ((_, p), at) in named.iter().zip(known..) {
        person[*p as usize] = at;
    }
    named.into_iter().map(|(id, _)| id).collect()
}
