//! One history per person: which activities are the same event.
//!
//! Takes every activity with the record it is bound to, unites them over the clusters, and says of
//! each whether it is kept, a duplicate of a kept one, or an orphan. Why a grouping of its own and
//! not a key such as "same kind, same minute": a key pays an event twice when two profiles logged it
//! a second apart across a boundary, and swallows the second of two genuine visits inside one.
//!
//! Rules, in this order, always within one person and one kind:
//! 1. Same source and same event id: one event, also within one profile.
//! 2. Logged twice on one profile by one source under different (or no) ids: one event only when
//!    object and instant are equal. Without an object the instant must carry seconds: a log that
//!    keeps whole minutes cannot tell one visit from two.
//! 3. Across profiles (or across sources): times within the window and compatible objects (a missing
//!    one is compatible). When one source gave both an id of its own, the objects must be equal.
//!    Nearest pairs unite first, a group never holds two events of one profile, and every pair of a
//!    group lies within the window: so events match one to one and chains of neighbors never
//!    collapse.
//!
//! An activity with a date but no time of day, or with no date, needs an id: rules 2 and 3 leave it.
//! Kept is the earliest of a group, then the first in canonical order of its record, then by the
//! row's content; never by the position in the input.

use crate::cluster::Clusters;
use crate::record::ValueId;
use rayon::prelude::*;
use std::ops::Range;

mod group;

use group::{Item, Scratch};

/// The value of [`Activities::record`] for an activity whose lead is not known.
pub const ORPHAN: u32 = u32::MAX;

/// The value of [`Activities::at`] for an activity without a usable date.
pub const NO_TIME: i64 = i64::MIN;

/// All activities of a run, one entry per input row in every field.
#[derive(Debug, Clone, Default)]
pub struct Activities {
    /// Activity input.
    pub source: Vec<u16>,
    /// 1-based data row within its source.
    pub row: Vec<u32>,
    /// Event id as given; missing where the row has none. Compared within one source only.
    pub event_id: Vec<ValueId>,
    /// Canonical kind.
    pub kind: Vec<u16>,
    /// What the event was about (page, form, asset, campaign); 0 is none.
    pub object: Vec<u32>,
    /// Microseconds since 1970-01-01T00:00:00Z; [`NO_TIME`] when unknown.
    pub at: Vec<i64>,
    /// The row gave a date without a time of day.
    pub date_only: Vec<bool>,
    /// The record it is bound to; [`ORPHAN`] when its lead is not known.
    pub record: Vec<u32>,
    /// Hash of the row's raw cells: the order-free tie-break.
    pub digest: Vec<u64>,
}

impl Activities {
    /// Number of activities.
    pub fn len(&self) -> usize {
        self.record.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.record.is_empty()
    }
}

/// When two activities may be the same event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventIdentity {
    /// Clock skew allowed between two profiles that logged one event.
    pub window_micros: i64,
}

impl Default for EventIdentity {
    /// Two seconds.
    fn default() -> Self {
        Self { window_micros: 2_000_000 }
    }
}

/// What became of an activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Stands for its event.
    Kept,
    /// The same event as another activity, which is kept.
    Duplicate,
    /// Its lead is not among the records.
    Orphan,
}

/// Why an activity has its [`Status`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The only or the earliest row of its event.
    #[default]
    Kept,
    /// Same source and same event id as the kept row.
    SameEventId,
    /// The same profile logged the same kind, object and instant again.
    LoggedTwice,
    /// Another profile or source logged the same event.
    OtherProfile,
    /// The lead it names is not among the records.
    UnknownLead,
}

impl Reason {
    /// The stable code written to files; empty for a kept activity.
    pub fn code(self) -> &'static str {
        match self {
            Reason::Kept => "",
            Reason::SameEventId => "same-event-id",
            Reason::LoggedTwice => "logged-twice",
            Reason::OtherProfile => "other-profile",
            Reason::UnknownLead => "unknown-lead",
        }
    }
}

/// The united history.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Per activity.
    pub status: Vec<Status>,
    /// Per activity: the kept activity of its event (itself when kept; [`ORPHAN`] for an orphan).
    pub kept: Vec<u32>,
    /// Per activity.
    pub reason: Vec<Reason>,
    /// Per activity: counts for its record alone, that is, no earlier row of the same record is the
    /// same event. False for orphans.
    pub in_part: Vec<bool>,
    /// All bound activities sorted by person, time (unknown first), record, content.
    pub order: Vec<u32>,
    /// Start of each person's activities in `order`; one entry more than there are persons.
    pub start: Vec<u32>,
}

impl History {
    /// How many activities have a status.
    pub fn count(&self, status: Status) -> usize {
        self.status.iter().filter(|&&s| s == status).count()
    }

    /// The activities of a person, by time.
    pub fn of_person(&self, person: u32) -> &[u32] {
        let p = person as usize;
        &self.order[self.start[p] as usize..self.start[p + 1] as usize]
    }
}

/// Bound activities per record.
pub fn activities_per_record(activities: &Activities, records: usize) -> Vec<u32> {
    let mut counts = vec![0; records];
    for &record in activities.record.iter().filter(|&&r| r != ORPHAN) {
        counts[record as usize] += 1;
    }
    counts
}

/// Activities a worker takes at a time.
const CHUNK: usize = 1 << 15;

/// Unites the activities of all records of each person.
pub fn unite(activities: &Activities, clusters: &Clusters, rule: EventIdentity) -> History {
    let (start, mut order) = group_by_person(activities, clusters);
    // Fields of one activity side by side: fetching them by person misses the cache once, not seven
    // times.
    let items: Vec<Item> =
        (0..activities.len() as u32).into_par_iter().map(|i| Item::of(activities, i)).collect();
    let log = Log { activities, items: &items };
    let mut kept = vec![0u32; order.len()];
    let mut verdict = vec![Verdict::default(); order.len()];
    split(&start, &mut order, &mut kept, &mut verdict)
        .into_par_iter()
        .for_each_init(Scratch::default, |scratch, part| part.unite(&log, &start, rule, scratch));
    spread(activities.len(), start, order, &kept, &verdict)
}

/// What was decided of one activity, in the order of `order`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Verdict {
    pub(crate) reason: Reason,
    pub(crate) in_part: bool,
}

/// Bound activities by person (counting sort).
fn group_by_person(activities: &Activities, clusters: &Clusters) -> (Vec<u32>, Vec<u32>) {
    let person_of = |record: u32| clusters.person_of.get(record as usize).copied();
    let mut start = vec![0u32; clusters.len() + 1];
    for person in activities.record.iter().filter_map(|&r| person_of(r)) {
        start[person as usize + 1] += 1;
    }
    for p in 1..start.len() {
        start[p] += start[p - 1];
    }
    let mut next = start.clone();
    let mut order = vec![0u32; start.last().copied().unwrap_or(0) as usize];
    for (i, &record) in activities.record.iter().enumerate() {
        if let Some(person) = person_of(record) {
            let slot = &mut next[person as usize];
            order[*slot as usize] = i as u32;
            *slot += 1;
        }
    }
    (start, order)
}

/// All activities, by column and by row.
struct Log<'a> {
    activities: &'a Activities,
    items: &'a [Item],
}

/// A run of whole persons with its share of the results.
struct Part<'a> {
    persons: Range<usize>,
    order: &'a mut [u32],
    kept: &'a mut [u32],
    verdict: &'a mut [Verdict],
}

fn split<'a>(
    start: &[u32],
    mut order: &'a mut [u32],
    mut kept: &'a mut [u32],
    mut verdict: &'a mut [Verdict],
) -> Vec<Part<'a>> {
    let persons = start.len() - 1;
    let mut parts = Vec::with_capacity(order.len() / CHUNK + 1);
    let mut first = 0;
    for p in 0..persons {
        let size = (start[p + 1] - start[first]) as usize;
        if size < CHUNK && p + 1 < persons {
            continue;
        }
        let (o, k, v);
        (o, order) = order.split_at_mut(size);
        (k, kept) = kept.split_at_mut(size);
        (v, verdict) = verdict.split_at_mut(size);
        parts.push(Part { persons: first..p + 1, order: o, kept: k, verdict: v });
        first = p + 1;
    }
    parts
}

impl Part<'_> {
    fn unite(self, log: &Log, start: &[u32], rule: EventIdentity, scratch: &mut Scratch) {
        let base = start[self.persons.start] as usize;
        for p in self.persons {
            let range = start[p] as usize - base..start[p + 1] as usize - base;
            let order = &mut self.order[range.clone()];
            let kept = &mut self.kept[range.clone()];
            let verdict = &mut self.verdict[range];
            if let [one] = *order {
                kept[0] = one;
                verdict[0].in_part = true;
                continue;
            }
            scratch.items.clear();
            scratch.items.extend(order.iter().map(|&i| log.items[i as usize]));
            scratch.unite(log.activities, rule);
            for (i, item) in scratch.items.iter().enumerate() {
                order[i] = item.index;
                kept[i] = scratch.items[scratch.kept[i] as usize].index;
                verdict[i] = scratch.verdict[i];
            }
        }
    }
}

/// From person order back to input order. One scattered write an activity, then straight copies:
/// scattering four arrays would miss the cache four times.
fn spread(
    n: usize,
    start: Vec<u32>,
    order: Vec<u32>,
    kept_in_order: &[u32],
    verdict: &[Verdict],
) -> History {
    let orphan = Verdict { reason: Reason::UnknownLead, in_part: false };
    let mut fate = vec![(ORPHAN, orphan); n];
    for ((&i, &kept), &verdict) in order.iter().zip(kept_in_order).zip(verdict) {
        fate[i as usize] = (kept, verdict);
    }
    let status = |(_, verdict): &(u32, Verdict)| match verdict.reason {
        Reason::Kept => Status::Kept,
        Reason::UnknownLead => Status::Orphan,
        Reason::SameEventId | Reason::LoggedTwice | Reason::OtherProfile => Status::Duplicate,
    };
    History {
        status: fate.par_iter().map(status).collect(),
        kept: fate.par_iter().map(|f| f.0).collect(),
        reason: fate.par_iter().map(|f| f.1.reason).collect(),
        in_part: fate.par_iter().map(|f| f.1.in_part).collect(),
        order,
        start,
    }
}

#[cfg(test)]
mod tests;
