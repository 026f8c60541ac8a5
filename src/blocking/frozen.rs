//! Blocking under a frozen model: whether two records are a candidate pair depends on them alone.
//!
//! Ordinary blocking divides a block that is too large *now*; then a record more can part two others.
//! Here the sizes are those of the day the model was frozen: a key that was small then, or unknown,
//! makes pairs; one that was large asks for a second key besides, and if that was large with it, for
//! a third. So the pairs of ten imports are those of one, and a new row needs only the known records
//! that share its keys. What outgrows a generous bound is cut all the same, and reported.

use super::block::sorted_entries;
use super::block::{
    BLOCK_CAP, Encoded, Found, PassReport, chunk_bounds, decode, join, pair_all, stripes,
};
use super::ids::Stable;
use super::key::{REFINEMENTS, mix, passes, refinement};
use super::{Candidates, all_pairs, gather};
use crate::compare::Pair;
use crate::compare::feature::Features;
use rayon::prelude::*;
use rustc_hash::FxHashSet;

/// Records that a block of a key not known as large may reach before it is cut.
const GROWN: usize = 200;
/// Records up to which a small file that was compared whole stays compared whole.
pub(crate) const WHOLE: usize = 6_000;
/// Marks a second key that all records of a block shared: it divides nothing.
const USELESS: u64 = 0x7573_656c_6573_7321;

/// The keys that were large when the model was frozen, alone and with second keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blocks {
    /// Every pair is a candidate: a small file of few e-mails and phones.
    pub whole: bool,
    /// The passes for data with few e-mails and phones are run, too.
    pub thin: bool,
    /// Hashes of the large keys.
    pub large: FxHashSet<u64>,
}

/// Finds the large keys of the features.
pub fn measure(f: &Features, ids: &Stable) -> Blocks {
    let (n, thin) = (f.len() as u64, super::key::is_thin(f));
    let whole = thin && n * n.saturating_sub(1) / 2 <= super::EXHAUSTIVE_PAIRS;
    let mut large = FxHashSet::default();
    for pass in passes::<Stable>(f, thin) {
        let entries = sorted_entries(f, ids, &pass);
        let found: Vec<Vec<u64>> = chunk_bounds(&entries)
            .par_windows(2)
            .map(|w| {
                let mut sizes = Sizes::Measured(Vec::new());
                let mut found = Found::new(0);
                for block in entries[w[0]..w[1]].chunk_by(|x, y| x.0 == y.0) {
                    if block.len() > BLOCK_CAP {
                        sizes.is_large(block[0].0, block.len());
                        let records: Vec<u32> = block.iter().map(|e| e.1).collect();
                        let block = Block { f, ids, key: block[0].0, records: &records };
                        block.divide(None, 0, &mut sizes, &mut found);
                    }
                }
                match sizes {
                    Sizes::Measured(large) => large,
                    Sizes::Frozen(_) => Vec::new(),
                }
            })
            .collect();
        large.extend(found.into_iter().flatten());
    }
    Blocks { whole, thin, large }
}

/// All candidate pairs under frozen sizes.
pub fn candidates(f: &Features, ids: &Stable, blocks: &Blocks) -> Candidates {
    if blocks.whole && f.len() <= WHOLE {
        return if f.len() > 1 { all_pairs(f.len() as u32) } else { Candidates::default() };
    }
    let mut raw: Vec<Encoded> = vec![Vec::new(); stripes(f.len())];
    let report: Vec<PassReport> = passes::<Stable>(f, blocks.thin)
        .iter()
        .enumerate()
        .map(|(index, pass)| {
            let entries = sorted_entries(f, ids, pass);
            let found: Vec<Found> = chunk_bounds(&entries)
                .par_windows(2)
                .map(|w| {
                    let mut found = Found::new(raw.len());
                    for block in entries[w[0]..w[1]].chunk_by(|x, y| x.0 == y.0) {
                        if block.len() > 1 {
                            pair_block(f, ids, blocks, block, index, &mut found);
                        }
                    }
                    found
                })
                .collect();
            join(pass.name, found, &mut raw)
        })
        .collect();
    gather(raw, report)
}

/// The candidate pairs with at least one record that asks: those [`candidates`] would give.
pub fn candidates_of(f: &Features, ids: &Stable, blocks: &Blocks, asks: &[bool]) -> Vec<Pair> {
    let is_asked = |p: &Pair| asks[p.a as usize] || asks[p.b as usize];
    if blocks.whole && f.len() <= WHOLE {
        let mut pairs = candidates(f, ids, blocks).pairs;
        pairs.retain(is_asked);
        return pairs;
    }
    let asking: Vec<u32> = (0..f.len() as u32).filter(|&r| asks[r as usize]).collect();
    let mut all: Vec<Pair> = passes::<Stable>(f, blocks.thin)
        .par_iter()
        .flat_map_iter(|pass| {
            let mut keys = Vec::new();
            let mut sought = FxHashSet::default();
            for &r in &asking {
                (pass.keys)(f, ids, r as usize, &mut keys);
            }
            sought.extend(keys.drain(..));
            let mut entries: Vec<(u64, u32)> = Vec::new();
            for r in 0..f.len() {
                (pass.keys)(f, ids, r, &mut keys);
                let own = keys.drain(..).filter(|key| sought.contains(key));
                entries.extend(own.map(|key| (key, r as u32)));
            }
            entries.sort_unstable();
            entries.dedup();
            let mut found = Found::new(stripes(f.len()));
            let mut pairs = Vec::new();
            for block in entries.chunk_by(|x, y| x.0 == y.0).filter(|block| block.len() > 1) {
                pair_block(f, ids, blocks, block, 0, &mut found);
                for (stripe, codes) in (0..).zip(&mut found.stripes) {
                    let decoded = codes.drain(..).map(|code| decode(stripe, code).0);
                    pairs.extend(decoded.filter(is_asked));
                }
            }
            pairs
        })
        .collect();
    all.par_sort_unstable();
    all.dedup();
    all
}

/// The pass keys of a record, each once: what a state files it under.
pub fn keys(f: &Features, ids: &Stable, blocks: &Blocks, record: usize) -> Vec<u64> {
    let mut keys = Vec::new();
    for pass in passes::<Stable>(f, blocks.thin) {
        (pass.keys)(f, ids, record, &mut keys);
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn pair_block(
    f: &Features,
    ids: &Stable,
    blocks: &Blocks,
    block: &[(u64, u32)],
    pass: usize,
    found: &mut Found,
) {
    found.report.blocks += 1;
    found.report.largest_block = found.report.largest_block.max(block.len() as u32);
    let key = block[0].0;
    let large = blocks.large.contains(&key);
    if !large && block.len() <= GROWN {
        pair_all(block, pass, found);
        return;
    }
    found.report.refined_blocks += u64::from(large);
    found.report.grown_blocks += u64::from(!large);
    let records: Vec<u32> = block.iter().map(|e| e.1).collect();
    let mut sizes = Sizes::Frozen(&blocks.large);
    Block { f, ids, key, records: &records }.divide(None, pass, &mut sizes, found);
}

/// Where sizes come from: they are taken now, or were taken when the model was frozen.
enum Sizes<'a> {
    Measured(Vec<u64>),
    Frozen(&'a FxHashSet<u64>),
}

impl Sizes<'_> {
    fn is_large(&mut self, key: u64, records: usize) -> bool {
        match self {
            Self::Frozen(large) => large.contains(&key),
            Self::Measured(large) => {
                if records > BLOCK_CAP {
                    large.push(key);
                }
                records > BLOCK_CAP
            }
        }
    }

    /// True for a second key that divides nothing, because all records of the block shared it.
    fn is_useless(&mut self, key: u64, all: bool) -> bool {
        let key = mix(&[key, USELESS]);
        match self {
            Self::Frozen(large) => large.contains(&key),
            Self::Measured(large) => {
                if all {
                    large.push(key);
                }
                all
            }
        }
    }

    fn is_measuring(&self) -> bool {
        matches!(self, Self::Measured(_))
    }
}

/// Records of one key, or of one with second keys.
struct Block<'a> {
    f: &'a Features,
    ids: &'a Stable,
    key: u64,
    records: &'a [u32],
}

impl Block<'_> {
    /// Pairs what shares a second key that is not large together with this block's; for a large one
    /// a third key is asked for. What no third key divides is a crowd of like records: no pairs.
    fn divide(&self, outer: Option<usize>, pass: usize, sizes: &mut Sizes, found: &mut Found) {
        let mut entries: Vec<(u64, u32)> = Vec::with_capacity(self.records.len());
        for second in (0..REFINEMENTS).filter(|&second| Some(second) != outer) {
            entries.clear();
            let keyed =
                self.records.iter().map(|&r| (refinement(self.f, self.ids, r as usize, second), r));
            entries.extend(keyed.filter(|e| e.0 != 0));
            entries.sort_unstable();
            for block in entries.chunk_by(|x, y| x.0 == y.0).filter(|b| b.len() > 1) {
                let key = mix(&[self.key, block[0].0]);
                if !sizes.is_large(key, block.len()) {
                    if block.len() > GROWN {
                        found.report.grown_blocks += 1;
                    } else if !sizes.is_measuring() {
                        pair_all(block, pass, found);
                    }
                } else if sizes.is_useless(key, block.len() == self.records.len()) {
                    continue;
                } else if outer.is_none() {
                    let records: Vec<u32> = block.iter().map(|e| e.1).collect();
                    let inner = Block { key, records: &records, ..*self };
                    inner.divide(Some(second), pass, sizes, found);
                } else {
                    found.report.cut_blocks += 1;
                }
            }
        }
    }
}
