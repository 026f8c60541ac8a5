//! From keys to pairs: sort, cut into blocks, pair within a block, refine what is too large.

use super::ids::{Ids, Plain};
use super::key::{Pass, REFINEMENTS, refinement};
use super::shared;
use crate::compare::Pair;
use crate::compare::feature::Features;
use rayon::prelude::*;

/// Records a block may hold before it is divided by a second key.
pub const BLOCK_CAP: usize = 20;
/// Neighbors paired on either side in a block that no second key divides (identical records).
const WINDOW: usize = 3;
/// Records are handled in stripes of 2^20 so that a pair and its pass fit one integer.
pub const STRIPE_BITS: u32 = 20;
const PASS_BITS: u32 = 5;

/// What one pass did.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct PassReport {
    /// Name of the pass.
    pub pass: &'static str,
    /// Blocks of two records or more.
    pub blocks: u64,
    /// Records in the largest block.
    pub largest_block: u32,
    /// Blocks over the cap, divided by a second key.
    pub refined_blocks: u64,
    /// Sub-blocks that no second key divides; only neighbors were paired there.
    pub cut_blocks: u64,
    /// Under a frozen model: blocks that outgrew what the model was frozen with and were cut.
    #[serde(skip_serializing_if = "is_zero")]
    pub grown_blocks: u64,
    /// Pairs found by this pass.
    pub pairs: u64,
    /// Pairs found by this pass alone.
    pub only_here: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Pairs of one stripe, encoded as (a within the stripe, b, pass).
pub type Encoded = Vec<u64>;

fn encode(pair: Pair, pass: usize) -> (usize, u64) {
    let stripe = pair.a >> STRIPE_BITS;
    let local = u64::from(pair.a & ((1 << STRIPE_BITS) - 1));
    let code = (local << (32 + PASS_BITS)) | (u64::from(pair.b) << PASS_BITS) | pass as u64;
    (stripe as usize, code)
}

/// The pair and pass of an encoded entry of a stripe.
pub fn decode(stripe: usize, code: u64) -> (Pair, usize) {
    let local = (code >> (32 + PASS_BITS)) as u32;
    let a = ((stripe as u32) << STRIPE_BITS) | local;
    let b = (code >> PASS_BITS) as u32;
    (Pair { a, b }, (code & ((1 << PASS_BITS) - 1)) as usize)
}

/// Number of stripes for so many records.
pub fn stripes(records: usize) -> usize {
    (records >> STRIPE_BITS) + 1
}

/// Pairs found by chunks of blocks, gathered per stripe.
#[derive(Default)]
pub(super) struct Found {
    pub(super) stripes: Vec<Encoded>,
    pub(super) report: PassReport,
}

impl Found {
    pub(super) fn new(stripes: usize) -> Self {
        Self { stripes: vec![Vec::new(); stripes], report: PassReport::default() }
    }
}

/// Runs one pass and appends its pairs to the stripes.
pub fn run_pass(
    f: &Features,
    pass: &Pass<Plain>,
    index: usize,
    stripes: &mut [Encoded],
) -> PassReport {
    let keys = |record: u32, keys: &mut Vec<u64>| (pass.keys)(f, &Plain, record as usize, keys);
    let entries = shared::entries(f.len() as u32, keys, |record| record);
    let bounds = chunk_bounds(&entries);
    let found: Vec<Found> = bounds
        .par_windows(2)
        .map(|w| {
            let mut found = Found::new(stripes.len());
            for block in entries[w[0]..w[1]].chunk_by(|x, y| x.0 == y.0) {
                if block.len() > 1 {
                    pair_block(f, block, index, &mut found);
                }
            }
            found
        })
        .collect();
    join(pass.name, found, stripes)
}

/// Joins what the chunks of a pass found, in their order.
pub(super) fn join(pass: &'static str, found: Vec<Found>, stripes: &mut [Encoded]) -> PassReport {
    let mut report = PassReport { pass, ..PassReport::default() };
    for part in found {
        report.blocks += part.report.blocks;
        report.largest_block = report.largest_block.max(part.report.largest_block);
        report.refined_blocks += part.report.refined_blocks;
        report.cut_blocks += part.report.cut_blocks;
        report.grown_blocks += part.report.grown_blocks;
        for (all, mut some) in stripes.iter_mut().zip(part.stripes) {
            all.append(&mut some);
        }
    }
    report
}

/// All (key, record) entries of a pass, sorted and without repeats.
pub(super) fn sorted_entries<I: Ids + Sync>(
    f: &Features,
    ids: &I,
    pass: &Pass<I>,
) -> Vec<(u64, u32)> {
    const CHUNK: usize = 8192;
    let chunks = f.len().div_ceil(CHUNK);
    let mut entries: Vec<(u64, u32)> = (0..chunks)
        .into_par_iter()
        .flat_map_iter(|chunk| {
            let mut keys = Vec::new();
            let mut out = Vec::with_capacity(CHUNK);
            for record in chunk * CHUNK..((chunk + 1) * CHUNK).min(f.len()) {
                keys.clear();
                (pass.keys)(f, ids, record, &mut keys);
                out.extend(keys.iter().map(|&k| (k, record as u32)));
            }
            out
        })
        .collect();
    entries.par_sort_unstable();
    entries.dedup();
    entries
}

/// Cuts the entries into chunks for the threads, never inside a block.
pub(super) fn chunk_bounds(entries: &[(u64, u32)]) -> Vec<usize> {
    const CHUNK: usize = 65_536;
    let mut bounds = vec![0];
    let mut at = CHUNK;
    while at < entries.len() {
        while at < entries.len() && entries[at].0 == entries[at - 1].0 {
            at += 1;
        }
        if at < entries.len() {
            bounds.push(at);
        }
        at += CHUNK;
    }
    bounds.push(entries.len());
    bounds
}

fn pair_block(f: &Features, block: &[(u64, u32)], pass: usize, found: &mut Found) {
    found.report.blocks += 1;
    found.report.largest_block = found.report.largest_block.max(block.len() as u32);
    if block.len() <= BLOCK_CAP {
        pair_all(block, pass, found);
    } else {
        found.report.refined_blocks += 1;
        let records: Vec<u32> = block.iter().map(|e| e.1).collect();
        refine(f, &records, pass, found);
    }
}

fn push(pair: Pair, pass: usize, found: &mut Found) {
    let (stripe, code) = encode(pair, pass);
    found.stripes[stripe].push(code);
}

/// Divides a block by every second key, and sub-blocks still too large once more. What is then left
/// is a crowd of like records: of the whole block, neighbors are paired, so that equal ones meet.
fn refine(f: &Features, records: &[u32], pass: usize, found: &mut Found) {
    let all = divide(f, records, usize::MAX, pass, found, &mut |f, large, second, found| {
        divide(f, large, second, pass, found, &mut |_, _, _, _| false)
    });
    if !all {
        found.report.cut_blocks += 1;
        pair_neighbors(f, records, pass, found);
    }
}

/// What to do with a sub-block that is still too large; true when it was divided.
type Larger<'a> = dyn FnMut(&Features, &[u32], usize, &mut Found) -> bool + 'a;

/// Pairs the sub-blocks of each second key but `outer`; true when none was left too large and at
/// least one key told the records apart.
fn divide(
    f: &Features,
    records: &[u32],
    outer: usize,
    pass: usize,
    found: &mut Found,
    larger: &mut Larger,
) -> bool {
    let mut entries: Vec<(u64, u32)> = Vec::with_capacity(records.len());
    let (mut useful, mut complete) = (false, true);
    for second in (0..REFINEMENTS).filter(|&second| second != outer) {
        entries.clear();
        entries.extend(
            records
                .iter()
                .map(|&r| (refinement(f, &Plain, r as usize, second), r))
                .filter(|e| e.0 != 0),
        );
        entries.sort_unstable();
        for block in entries.chunk_by(|x, y| x.0 == y.0).filter(|b| b.len() > 1) {
            if block.len() == records.len() {
                continue;
            }
            useful = true;
            if block.len() <= BLOCK_CAP {
                pair_all(block, pass, found);
            } else {
                let inner: Vec<u32> = block.iter().map(|e| e.1).collect();
                complete &= larger(f, &inner, second, found);
            }
        }
    }
    useful && complete
}

pub(super) fn pair_all(block: &[(u64, u32)], pass: usize, found: &mut Found) {
    for (i, &(_, a)) in block.iter().enumerate() {
        for &(_, b) in &block[i + 1..] {
            push(Pair { a, b }, pass, found);
        }
    }
}

/// Pairs neighbors among records that agree in all second keys, and among those of one name. The
/// order within a group is that of the records, never of ids, which depend on the order of rows.
fn pair_neighbors(f: &Features, records: &[u32], pass: usize, found: &mut Found) {
    let all = |r: u32| {
        (0..REFINEMENTS).fold(0u64, |hash, i| {
            (hash ^ refinement(f, &Plain, r as usize, i))
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .rotate_left(29)
        })
    };
    let name = |r: u32| refinement(f, &Plain, r as usize, 0);
    for key in [&all as &dyn Fn(u32) -> u64, &name] {
        let mut entries: Vec<(u64, u32)> =
            records.iter().map(|&r| (key(r), r)).filter(|e| e.0 != 0).collect();
        entries.sort_unstable();
        for group in entries.chunk_by(|x, y| x.0 == y.0) {
            for (i, &(_, a)) in group.iter().enumerate() {
                for &(_, b) in group.iter().skip(i + 1).take(WINDOW) {
                    push(Pair { a, b }, pass, found);
                }
            }
        }
    }
}
