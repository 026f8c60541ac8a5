//! The events of one person: grouping activities by the identity rules.
//!
//! Works on a copy of the person's activities in buffers that a worker reuses, so that millions of
//! persons cost no allocation each. Why groups are checked pair by pair and not by a representative:
//! only then does a group stay inside the window and hold one event of each profile.

use super::{Activities, EventIdentity, NO_TIME, Reason, Verdict};
use std::cmp::Ordering;

/// How far ahead of an activity, in same-kind activities by time, a match is looked for. Bounds the
/// work on a log that holds thousands of events of one kind in one second.
const REACH: usize = 512;

const MINUTE: i64 = 60_000_000;

/// One activity, copied together for locality.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) index: u32,
    at: i64,
    record: u32,
    event_id: u32,
    object: u32,
    kind: u16,
    source: u16,
    /// 0 an instant, 1 a date, 2 neither.
    vague: u8,
}

impl Item {
    pub(super) fn of(a: &Activities, index: u32) -> Self {
        let i = index as usize;
        let vague = match (a.at[i], a.date_only[i]) {
            (NO_TIME, _) => 2,
            (_, true) => 1,
            (_, false) => 0,
        };
        Self {
            index,
            at: a.at[i],
            record: a.record[i],
            event_id: a.event_id[i].0,
            object: a.object[i],
            kind: a.kind[i],
            source: a.source[i],
            vague,
        }
    }

    /// The order of a history. Content is fetched only where time and profile agree; the row comes
    /// last and only separates rows of equal content.
    fn by_time(&self, other: &Item, a: &Activities) -> Ordering {
        let place = |item: &Item| (item.at, item.record, item.source);
        let content = |item: &Item| (a.digest[item.index as usize], a.row[item.index as usize]);
        place(self).cmp(&place(other)).then_with(|| content(self).cmp(&content(other)))
    }

    /// What may log an event once: a profile in one source's log.
    fn unit(&self) -> (u32, u16) {
        (self.record, self.source)
    }

    fn same_event_id(&self, other: &Item) -> bool {
        self.event_id != 0
            && (self.source, self.event_id, self.kind) == (other.source, other.event_id, other.kind)
    }

    /// Whether two activities of different units can be one event (rule 3), the kind apart.
    fn fits(&self, other: &Item, window: i64) -> bool {
        let instants = self.vague == 0 && other.vague == 0;
        if instants && self.at.saturating_sub(other.at).saturating_abs() > window {
            return false;
        }
        if self.unit() == other.unit() {
            return false;
        }
        if self.object == other.object || self.same_event_id(other) {
            return true;
        }
        let told_apart = self.source == other.source && self.event_id != 0 && other.event_id != 0;
        (self.object == 0 || other.object == 0) && !told_apart
    }

    /// How well the objects agree, best first.
    fn object_rank(&self, other: &Item) -> u8 {
        match (self.object == other.object, self.object == 0) {
            (true, false) => 0,
            (true, true) => 1,
            (false, _) => 2,
        }
    }
}

/// The buffers of a worker.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// The activities of the person at hand; sorted by [`Scratch::unite`].
    pub(super) items: Vec<Item>,
    /// Per item: the item that is kept for its event.
    pub(super) kept: Vec<u32>,
    /// Per item.
    pub(super) verdict: Vec<Verdict>,
    /// Union-find over the items.
    parent: Vec<u32>,
    /// Next item of the same group among those that stand for their unit in it (a ring).
    ring: Vec<u32>,
    keyed: Vec<(u64, u64, u32)>,
    by_kind: Vec<u32>,
    pairs: Vec<(i64, u8, u32, u32)>,
}

impl Scratch {
    /// Sorts the items and decides them all.
    pub(super) fn unite(&mut self, a: &Activities, rule: EventIdentity) {
        let window = rule.window_micros.max(0);
        self.items.sort_unstable_by(|x, y| x.by_time(y, a));
        let n = self.items.len();
        self.parent.clear();
        self.parent.extend(0..n as u32);
        let mut united = self.unite_ids();
        self.sort_by_kind();
        united |= self.unite_instants();
        self.collect_pairs(window);
        if !self.pairs.is_empty() {
            self.link_rings(united);
            united |= self.unite_pairs(window);
        }
        self.decide(united);
    }

    /// Rule 1.
    fn unite_ids(&mut self) -> bool {
        self.keyed.clear();
        for (i, item) in self.items.iter().enumerate().filter(|(_, item)| item.event_id != 0) {
            let scope = u64::from(item.source) << 16 | u64::from(item.kind);
            self.keyed.push((u64::from(item.event_id), scope, i as u32));
        }
        self.unite_equal_keys()
    }

    /// Unites neighbors of equal key after sorting; true when there were any.
    fn unite_equal_keys(&mut self) -> bool {
        if self.keyed.len() < 2 {
            return false;
        }
        self.keyed.sort_unstable();
        let mut any = false;
        for i in 1..self.keyed.len() {
            let (a, b) = (self.keyed[i - 1], self.keyed[i]);
            if (a.0, a.1) == (b.0, b.1) {
                self.union(a.2, b.2);
                any = true;
            }
        }
        any
    }

    /// Instants only, by kind, then time.
    fn sort_by_kind(&mut self) {
        self.by_kind.clear();
        let instants = self.items.iter().enumerate().filter(|(_, item)| item.vague == 0);
        self.by_kind.extend(instants.map(|(i, _)| i as u32));
        let items = &self.items;
        self.by_kind.sort_unstable_by_key(|&i| (items[i as usize].kind, i));
    }

    /// Rule 2.
    fn unite_instants(&mut self) -> bool {
        let mut any = false;
        let mut from = 0;
        while from < self.by_kind.len() {
            let head = self.item(self.by_kind[from]);
            // Equal instants of one unit are neighbors, since they are sorted by both.
            let same = |item: &Item| {
                (item.kind, item.at, item.unit()) == (head.kind, head.at, head.unit())
            };
            let run = self.by_kind[from..].iter().take_while(|&&i| same(self.item(i)));
            let to = from + run.count();
            if to - from > 1 {
                let has_seconds = head.at % MINUTE != 0;
                self.keyed.clear();
                for &i in &self.by_kind[from..to] {
                    let object = self.items[i as usize].object;
                    if object != 0 || has_seconds {
                        self.keyed.push((u64::from(object), 0, i));
                    }
                }
                any |= self.unite_equal_keys();
            }
            from = to;
        }
        any
    }

    /// Candidates of rule 3.
    fn collect_pairs(&mut self, window: i64) {
        self.pairs.clear();
        for (from, &i) in self.by_kind.iter().enumerate() {
            let left = &self.items[i as usize];
            for &j in self.by_kind[from + 1..].iter().take(REACH) {
                let right = &self.items[j as usize];
                let apart = right.at.saturating_sub(left.at);
                if right.kind != left.kind || apart > window {
                    break;
                }
                if left.fits(right, window) {
                    self.pairs.push((apart, left.object_rank(right), i, j));
                }
            }
        }
    }

    /// Rings over what the earlier rules united, one item per group and unit.
    fn link_rings(&mut self, united: bool) {
        let n = self.items.len();
        self.ring.clear();
        self.ring.extend(0..n as u32);
        if !united {
            return;
        }
        self.keyed.clear();
        for i in 0..n as u32 {
            let root = self.find(i);
            let (record, source) = self.item(i).unit();
            let unit = u64::from(record) << 16 | u64::from(source);
            self.keyed.push((u64::from(root), unit, i));
        }
        self.keyed.sort_unstable();
        self.keyed.dedup_by_key(|k| (k.0, k.1));
        for k in 1..self.keyed.len() {
            let (a, b) = (self.keyed[k - 1], self.keyed[k]);
            if a.0 == b.0 {
                self.ring.swap(a.2 as usize, b.2 as usize);
            }
        }
        // The others stand outside the rings; pairs reach the group through those inside.
        let mut inside = std::mem::take(&mut self.by_kind);
        inside.clear();
        inside.extend(self.keyed.iter().map(|k| k.2));
        inside.sort_unstable();
        self.pairs
            .retain(|p| inside.binary_search(&p.2).is_ok() && inside.binary_search(&p.3).is_ok());
        self.by_kind = inside;
    }

    /// Rule 3, nearest first.
    fn unite_pairs(&mut self, window: i64) -> bool {
        self.pairs.sort_unstable();
        let mut any = false;
        for k in 0..self.pairs.len() {
            let (_, _, i, j) = self.pairs[k];
            if self.find(i) != self.find(j) && self.groups_fit(i, j, window) {
                self.union(i, j);
                self.ring.swap(i as usize, j as usize);
                any = true;
            }
        }
        any
    }

    fn groups_fit(&self, i: u32, j: u32, window: i64) -> bool {
        self.members(i).all(|a| self.members(j).all(|b| self.item(a).fits(self.item(b), window)))
    }

    fn members(&self, i: u32) -> impl Iterator<Item = u32> {
        let mut next = Some(i);
        std::iter::from_fn(move || {
            let here = next?;
            next = Some(self.ring[here as usize]).filter(|&n| n != i);
            Some(here)
        })
    }

    /// Kept row, reason and part of every item.
    fn decide(&mut self, united: bool) {
        let n = self.items.len();
        self.kept.clear();
        self.kept.extend(0..n as u32);
        self.verdict.clear();
        self.verdict.resize(n, Verdict { reason: Reason::Kept, in_part: true });
        if !united {
            return;
        }
        self.keyed.clear();
        for i in 0..n as u32 {
            let root = self.find(i);
            self.keyed.push((u64::from(root), u64::from(self.items[i as usize].vague), i));
        }
        // By group; within a group the kept one first, since items are in order of time.
        self.keyed.sort_unstable();
        let mut from = 0;
        while from < n {
            let root = self.keyed[from].0;
            let to = from + self.keyed[from..].iter().take_while(|k| k.0 == root).count();
            if to - from > 1 {
                self.decide_group(from, to);
            }
            from = to;
        }
    }

    fn decide_group(&mut self, from: usize, to: usize) {
        let first = self.keyed[from].2;
        for k in from + 1..to {
            let i = self.keyed[k].2;
            let (kept, item) = (self.item(first), self.item(i));
            let reason = if kept.same_event_id(item) {
                Reason::SameEventId
            } else if kept.unit() == item.unit() {
                Reason::LoggedTwice
            } else {
                Reason::OtherProfile
            };
            self.kept[i as usize] = first;
            self.verdict[i as usize].reason = reason;
        }
        // A record's own events: the first of the group on each record counts for it.
        let group = &mut self.keyed[from..to];
        for k in group.iter_mut() {
            k.1 |= u64::from(self.items[k.2 as usize].record) << 2;
        }
        group.sort_unstable_by_key(|k| (k.1, k.2));
        for k in 1..group.len() {
            if group[k].1 >> 2 == group[k - 1].1 >> 2 {
                self.verdict[group[k].2 as usize].in_part = false;
            }
        }
    }

    fn item(&self, i: u32) -> &Item {
        &self.items[i as usize]
    }

    fn find(&mut self, mut i: u32) -> u32 {
        while self.parent[i as usize] != i {
            let up = self.parent[self.parent[i as usize] as usize];
            self.parent[i as usize] = up;
            i = up;
        }
        i
    }

    fn union(&mut self, a: u32, b: u32) {
        let (a, b) = (self.find(a), self.find(b));
        self.parent[a.max(b) as usize] = a.min(b);
    }
}
