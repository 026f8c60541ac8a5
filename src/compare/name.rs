//! The person name as one joint comparison.
//!
//! Why joint: given and family name are one piece of evidence. Two records that share phone, street
//! and family name but contradict in the given name are a household, and only a level that says
//! exactly that lets the model see it.

use super::feature::{Features, Name};
use super::level::name;
use super::similarity::{NEAR, near, within_one_edit};

/// How two given names, or two family names, relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Exact,
    /// Nickname, prefix, or one among several given names.
    Form,
    Initial,
    Near,
    /// Family only: a shared token of a double name.
    Shared,
    Missing,
    Differ,
}

/// Level of two names; 0 when either is missing or a placeholder.
pub fn level(f: &Features, a: u32, b: u32) -> u8 {
    if a == 0 || b == 0 {
        return 0;
    }
    let (x, y) = (&f.names[a as usize], &f.names[b as usize]);
    let base = if a == b { equal_level(f, x) } else { base_level(f, x, y) };
    with_generation(base, x.generation, y.generation)
}

/// Level of a name with itself: as strong as what the name holds.
fn equal_level(f: &Features, n: &Name) -> u8 {
    match (n.given_count, n.family_count) {
        (0, _) => name::FAMILY_ONLY,
        (_, 0) => name::ONE_SIDED,
        _ if f.tokens[n.given_joined as usize].length == 1 => name::INITIAL,
        _ => name::EXACT,
    }
}

fn with_generation(base: u8, a: u8, b: u8) -> u8 {
    match (a, b) {
        _ if base > name::MIXED || a == b => base,
        (0, _) | (_, 0) if base <= name::PARTIAL => name::ONE_GENERATION,
        (0, _) | (_, 0) => base,
        _ => name::OTHER_GENERATION,
    }
}

fn base_level(f: &Features, a: &Name, b: &Name) -> u8 {
    if let Some(level) = one_sided(f, a, b) {
        return level;
    }
    let family = family_part(f, a, b);
    let given = given_part(f, a, b);
    use Part::{Differ, Exact, Form, Initial, Missing, Near, Shared};
    match (given, family) {
        (Exact, Exact) => name::EXACT,
        (Form, Exact) => name::NICKNAME,
        (Initial, Exact) => name::INITIAL,
        (Near, Exact) | (Exact, Near) => name::TYPO,
        (Exact | Form, Shared) => name::PARTIAL,
        (Form, Near) | (Initial | Near, Near | Shared) => name::MIXED,
        (Missing, Exact) => name::FAMILY_ONLY,
        (Missing, Near | Shared) => name::ONE_SIDED,
        (_, Exact) => name::OTHER_GIVEN,
        _ if swapped(f, a, b) => name::SWAPPED,
        (Exact | Form, _) => name::OTHER_FAMILY,
        (Differ, Near | Shared) => name::FAMILY_NEAR,
        _ => name::DIFFERENT,
    }
}

/// One side has only one name part: it agrees with any part of the other side, or contradicts.
fn one_sided(f: &Features, a: &Name, b: &Name) -> Option<u8> {
    let lone = |n: &Name| n.given_count == 0 || n.family_count == 0;
    let (short, long) = match (lone(a), lone(b)) {
        (false, false) => return None,
        (true, false) => (a, b),
        (false, true) => (b, a),
        (true, true) => {
            let same_side = (a.given_count == 0) == (b.given_count == 0);
            if same_side && a.given_count == 0 && a.family_joined == b.family_joined {
                return Some(name::FAMILY_ONLY);
            }
            (a, b)
        }
    };
    if short.given_count == 0 && long.family_count > 0 {
        // A family name alone: the ordinary case, decided on the family name.
        match family_part(f, short, long) {
            Part::Exact => return Some(name::FAMILY_ONLY),
            Part::Near | Part::Shared => return Some(name::ONE_SIDED),
            _ => {}
        }
    }
    let parts = |n: &Name| -> [u32; 6] {
        let mut all = [0; 6];
        all[..3].copy_from_slice(&n.given);
        all[3..].copy_from_slice(&n.family);
        all
    };
    let agrees = parts(short).iter().filter(|&&t| t != 0).any(|&t| {
        let long_enough = f.tokens[t as usize].length >= 2;
        long_enough
            && parts(long)
                .iter()
                .filter(|&&u| u != 0)
                .any(|&u| t == u || same_root(f, t, u) || near_tokens(f, t, u))
    });
    Some(if agrees { name::ONE_SIDED } else { name::DIFFERENT })
}

/// As [`near`], for tokens; their texts are only read where their sketches leave it open.
fn near_tokens(f: &Features, t: u32, u: u32) -> bool {
    let (x, y) = (f.tokens[t as usize].sketch, f.tokens[u as usize].sketch);
    let possible = x.may_be_one_edit(y) || x.may_be_alike(y, NEAR);
    possible && near(f.token(t), f.token(u))
}

fn same_root(f: &Features, a: u32, b: u32) -> bool {
    let root = f.tokens[a as usize].root;
    root != 0 && root == f.tokens[b as usize].root
}

fn given_part(f: &Features, a: &Name, b: &Name) -> Part {
    if a.given_count == 0 || b.given_count == 0 {
        return Part::Missing;
    }
    if a.given_joined == b.given_joined {
        return if f.tokens[a.given_joined as usize].length == 1 {
            Part::Initial
        } else {
            Part::Exact
        };
    }
    let (x, y) = (a.given(), b.given());
    if x.len() > 1 && y.len() > 1 && leftover(f, x, y) {
        // María José and María Carmen are sisters.
        return Part::Differ;
    }
    let mut best = Part::Differ;
    for (i, &t) in x.iter().enumerate() {
        for (j, &u) in y.iter().enumerate() {
            match token_relation(f, t, u, i == 0 && j == 0) {
                Part::Exact | Part::Form => return Part::Form,
                Part::Near => best = Part::Near,
                Part::Initial if best == Part::Differ => best = Part::Initial,
                _ => {}
            }
        }
    }
    if best == Part::Differ && near_tokens(f, a.given_joined, b.given_joined) {
        best = Part::Near;
    }
    best
}

/// True when each side has a token that nothing on the other side explains: not the same, no form or
/// initial of it, not mistyped.
fn leftover(f: &Features, x: &[u32], y: &[u32]) -> bool {
    let explained = |t: u32, side: &[u32]| {
        side.iter().any(|&u| t == u || token_relation(f, t, u, true) != Part::Differ)
    };
    x.iter().any(|&t| !explained(t, y)) && y.iter().any(|&u| !explained(u, x))
}

/// Relation of two given-name tokens; initials and prefixes count for the first token only.
fn token_relation(f: &Features, t: u32, u: u32, first: bool) -> Part {
    let (x, y) = (&f.tokens[t as usize], &f.tokens[u as usize]);
    if t == u {
        return if x.length == 1 { Part::Initial } else { Part::Exact };
    }
    if x.length == 1 || y.length == 1 {
        return if first && x.initial == y.initial { Part::Initial } else { Part::Differ };
    }
    if same_root(f, t, u) {
        return Part::Form;
    }
    if first && x.length.min(y.length) >= 3 && x.sketch.may_begin(y.sketch) {
        let (p, q) = (f.token(t), f.token(u));
        if p.starts_with(q) || q.starts_with(p) {
            return Part::Form;
        }
    }
    if near_tokens(f, t, u) { Part::Near } else { Part::Differ }
}

fn family_part(f: &Features, a: &Name, b: &Name) -> Part {
    if a.family_count == 0 || b.family_count == 0 {
        return Part::Missing;
    }
    if a.family_joined == b.family_joined {
        return Part::Exact;
    }
    let (x, y) = (a.family(), b.family());
    if x == y {
        return Part::Exact;
    }
    let double = x.len() > 1 || y.len() > 1;
    if double && x.iter().any(|t| y.contains(t) && f.tokens[*t as usize].length > 2) {
        // García López may be García, but is not García Ruiz.
        return if leftover(f, x, y) { Part::Differ } else { Part::Shared };
    }
    if near_tokens(f, a.family_joined, b.family_joined) {
        return Part::Near;
    }
    if double {
        let alike = x.iter().any(|&t| y.iter().any(|&u| near_tokens(f, t, u)));
        if alike {
            return Part::Near;
        }
    }
    // A family name cut to its initial: `Irene H.`
    let initial = |t: &[u32], u: &[u32]| {
        t.len() == 1
            && f.tokens[t[0] as usize].length == 1
            && f.tokens[u[0] as usize].initial == f.tokens[t[0] as usize].initial
    };
    if initial(x, y) || initial(y, x) { Part::Near } else { Part::Differ }
}

/// Given and family name stand in each other's place; one of them may carry one edit.
fn swapped(f: &Features, a: &Name, b: &Name) -> bool {
    let cross = |t: u32, u: u32| {
        if t == u || same_root(f, t, u) {
            Some(0)
        } else if f.tokens[t as usize].length > 2
            && f.tokens[u as usize].length > 2
            && f.tokens[t as usize].sketch.may_be_one_edit(f.tokens[u as usize].sketch)
            && within_one_edit(f.token(t), f.token(u))
        {
            Some(1)
        } else {
            None
        }
    };
    match (cross(a.given_joined, b.family_joined), cross(a.family_joined, b.given_joined)) {
        (Some(x), Some(y)) => x + y <= 1,
        _ => false,
    }
}
