//! The name of an organization: overlap of its words, weighted by how rare they are.

use super::feature::{Company, Features, NONE};
use super::similarity::near;

/// Level of two organization names (see `level::organization_name`).
pub fn level(f: &Features, a: u32, b: u32) -> u8 {
    if a == NONE || b == NONE {
        return 0;
    }
    let (x, y) = (&f.companies[a as usize], &f.companies[b as usize]);
    if x.core == y.core {
        return 1;
    }
    let (p, q) = (tokens(f, x), tokens(f, y));
    let weight = |t: u32| f.word_weight(t);
    let total = |side: &[u32]| side.iter().map(|&t| weight(t)).sum::<f32>();
    let (left, right) = (total(p), total(q));
    if left == 0.0 || right == 0.0 {
        return 7;
    }
    let mut shared = 0.0;
    let mut used = 0u64;
    for &t in p {
        let found = (0..q.len().min(64))
            .filter(|j| used & (1 << j) == 0)
            .find(|&j| t == q[j] || near(f.word(t), f.word(q[j])));
        if let Some(j) = found {
            used |= 1 << j;
            // A mistyped word counts as much as the commoner of the two spellings.
            shared += weight(t).min(weight(q[j]));
        }
    }
    let both = shared / (left + right - shared);
    let within = shared / left.min(right);
    if both >= 0.8 {
        2
    } else if both >= 0.55 {
        3
    } else if within >= 0.95 {
        4
    } else if both >= 0.3 {
        5
    } else if both >= 0.12 {
        6
    } else if near(f.word(x.core), f.word(y.core)) {
        3
    } else {
        7
    }
}

fn tokens<'a>(f: &'a Features, c: &Company) -> &'a [u32] {
    let start = c.start as usize;
    &f.company_tokens[start..start + c.count as usize]
}
