//! Agglomeration: best links first, and a link joins two groups only when the groups agree.
//!
//! Transitive closure lets one wrong link fuse two people. Here a link between groups counts only
//! when all pairs across them, also those blocking never found, say on average that this is one
//! person.

use super::Clusters;
use crate::compare::level::{at, level_of};
use crate::compare::{self, Pair};
use crate::matching::decide::{Decider, Decision, Verdict};
use rustc_hash::FxHashSet;

/// Two groups join when the mean log-odds over the pairs across them, each clamped to
/// +-[`CLAMP`], is at least this: mildly against is still fine, since one weak record pulls.
const MEAN_AT_LEAST: f64 = -1.5;
const CLAMP: f64 = 8.0;
/// Records up to which a group is an ordinary person's. People of more are rare, crowds of namesakes are
/// not: each further record raises what is asked by [`MORE_PER_RECORD`], at most by [`MOST_MORE`].
const ORDINARY_RECORDS: usize = 7;
const MORE_PER_RECORD: f64 = 0.5;
const MOST_MORE: f64 = 1.5;
/// Pairs across two groups that are looked at; a fixed stride beyond.
const CROSS_PAIRS: usize = 256;

/// Links between records that hold whatever the model says.
#[derive(Debug, Clone, Default)]
pub struct Constraints {
    /// Known to be one person (user decisions, merge trails of an export).
    pub same: Vec<Pair>,
    /// Known to be different people.
    pub different: Vec<Pair>,
}

/// Groups records into persons from the decided pairs.
pub fn resolve(decider: &Decider, decisions: &[Decision], constraints: &Constraints) -> Clusters {
    let count = decider.features.len();
    let mut groups = Groups::new(count);
    let different: FxHashSet<Pair> = constraints.different.iter().copied().collect();
    let mut strength = vec![f32::NEG_INFINITY; count];
    let mut note = |pair: Pair, log_odds: f32| {
        for record in [pair.a, pair.b] {
            let slot = &mut strength[record as usize];
            *slot = slot.max(log_odds);
        }
    };
    for &pair in &constraints.same {
        if groups.allowed(pair, &different) {
            groups.join(pair);
            note(pair, f32::INFINITY);
        }
    }
    let mut links: Vec<&Decision> =
        decisions.iter().filter(|d| d.verdict == Verdict::Merge).collect();
    links.sort_by(|x, y| y.log_odds.total_cmp(&x.log_odds).then(x.pair.cmp(&y.pair)));
    for link in links {
        let joined = groups.root(link.pair.a) == groups.root(link.pair.b);
        if joined || groups.agrees(link.pair, decider, &different) {
            if !joined {
                groups.join(link.pair);
            }
            note(link.pair, link.log_odds as f32);
        }
    }
    let labels: Vec<u32> = (0..count as u32).map(|r| groups.root(r)).collect();
    let mut clusters = Clusters::from_labels(&labels);
    let calibration = decider.model.calibration;
    for (record, &log_odds) in strength.iter().enumerate() {
        if log_odds > f32::NEG_INFINITY {
            clusters.probability[record] = if log_odds.is_infinite() {
                1.0
            } else {
                calibration.prob(f64::from(log_odds)) as f32
            };
        }
    }
    clusters
}

/// What a pair's word weighs: the values it could compare. A row with little more than a name agrees with
/// both of two namesakes, and must not outvote the rows that tell them apart.
fn compared(pattern: u64) -> f64 {
    (0..at::LIMIT).filter(|&i| level_of(pattern, i) != 0).count().max(1) as f64
}

/// Mean log-odds that two groups of so many records together must reach.
pub(super) fn required(records: usize) -> f64 {
    let further = records.saturating_sub(ORDINARY_RECORDS) as f64;
    MEAN_AT_LEAST + (MORE_PER_RECORD * further).min(MOST_MORE)
}

/// Union-find with member lists (singletons have none, so that a million cost nothing).
struct Groups {
    parent: Vec<u32>,
    /// Index into `members`, per root; `u32::MAX` for a record alone.
    list: Vec<u32>,
    members: Vec<Vec<u32>>,
}

impl Groups {
    fn new(count: usize) -> Self {
        Self {
            parent: (0..count as u32).collect(),
            list: vec![u32::MAX; count],
            members: Vec::new(),
        }
    }

    fn root(&mut self, record: u32) -> u32 {
        let mut root = record;
        while self.parent[root as usize] != root {
            root = self.parent[root as usize];
        }
        let mut at = record;
        while self.parent[at as usize] != root {
            at = std::mem::replace(&mut self.parent[at as usize], root);
        }
        root
    }

    fn members(&self, root: u32) -> &[u32] {
        match self.list[root as usize] {
            u32::MAX => std::slice::from_ref(&self.parent[root as usize]),
            list => &self.members[list as usize],
        }
    }

    fn join(&mut self, pair: Pair) {
        let (a, b) = (self.root(pair.a), self.root(pair.b));
        if a == b {
            return;
        }
        let (keep, lose) = if a < b { (a, b) } else { (b, a) };
        let moved = self.members(lose).to_vec();
        if self.list[keep as usize] == u32::MAX {
            self.list[keep as usize] = self.members.len() as u32;
            self.members.push(vec![keep]);
        }
        let slot = self.list[lose as usize];
        if slot != u32::MAX {
            self.members[slot as usize] = Vec::new();
        }
        self.members[self.list[keep as usize] as usize].extend(moved);
        self.parent[lose as usize] = keep;
    }

    /// No pair across the two groups is known to be different.
    fn allowed(&mut self, pair: Pair, different: &FxHashSet<Pair>) -> bool {
        if different.is_empty() {
            return true;
        }
        let (a, b) = (self.root(pair.a), self.root(pair.b));
        let (x, y) = (self.members(a), self.members(b));
        !x.iter().any(|&p| y.iter().any(|&q| different.contains(&Pair::new(p, q))))
    }

    fn agrees(&mut self, pair: Pair, decider: &Decider, different: &FxHashSet<Pair>) -> bool {
        if !self.allowed(pair, different) {
            return false;
        }
        let (a, b) = (self.root(pair.a), self.root(pair.b));
        let (x, y) = (self.members(a), self.members(b));
        if x.len() == 1 && y.len() == 1 {
            return true;
        }
        let cross = x.len() * y.len();
        let stride = cross.div_ceil(CROSS_PAIRS);
        let (mut sum, mut seen) = (0.0, 0.0);
        for i in (0..cross).step_by(stride) {
            let cross = Pair::new(x[i / y.len()], y[i % y.len()]);
            let pattern = compare::pattern(decider.features, cross);
            let weight = compared(pattern);
            sum += weight * decider.log_odds(cross, pattern).clamp(-CLAMP, CLAMP);
            seen += weight;
        }
        sum / seen >= required(x.len() + y.len())
    }
}
