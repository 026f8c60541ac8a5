//! Comparison: a candidate pair becomes a pattern, one nibble per comparison.
//!
//! Stands between blocking and matching. A pattern forgets the values: millions of pairs fall into
//! a few thousand patterns, and the matching model is estimated on the patterns' counts alone.

pub mod attribute;
pub mod contact;
pub mod feature;
pub mod level;
pub(crate) mod meaning;
pub mod name;
pub mod organization;
pub mod place;
pub mod similarity;
pub mod sketch;
#[cfg(test)]
pub(crate) mod tests;

use feature::{Entity, Features};
use level::{ComparisonSpec, at, with_level};
use rayon::prelude::*;

/// Two records, the smaller index first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    /// The smaller record index.
    pub a: u32,
    /// The larger record index.
    pub b: u32,
}

impl Pair {
    /// The pair of two different records, in order.
    pub fn new(x: u32, y: u32) -> Self {
        if x < y { Self { a: x, b: y } } else { Self { a: y, b: x } }
    }
}

/// The comparisons that apply to these features.
pub fn specs(f: &Features) -> Vec<ComparisonSpec> {
    let generic = f.generics.iter().map(|g| (g.header.as_str(), g.external));
    match f.entity {
        Entity::Person => level::for_persons(generic),
        Entity::Organization => level::for_organizations(generic),
    }
}

/// The pattern of one pair: the level of comparison `i` in bits `4 i .. 4 i + 4`.
pub fn pattern(f: &Features, pair: Pair) -> u64 {
    let (a, b) = (pair.a as usize, pair.b as usize);
    let (x, y) = (&f.rows[a], &f.rows[b]);
    let email = contact::email_level(f, a, b);
    let (name, email, company) = match f.entity {
        Entity::Person => {
            let hidden = (x.flags | y.flags) & feature::FLAG_PLACEHOLDER != 0;
            let name = if hidden { level::name::DIFFERENT } else { name::level(f, x.name, y.name) };
            let email = contact::email_beside_name(f, a, b, email, name);
            (name, email, contact::company_level(f, a, b, email))
        }
        Entity::Organization => {
            let name = organization::level(f, x.company, y.company);
            (name, email, contact::site_level(f, a, b, email))
        }
    };
    let mut pattern = u64::from(name);
    pattern = with_level(pattern, at::EMAIL, email);
    let phone = contact::phone_level(f, a, b);
    let phone_paid = f.entity == Entity::Person && contact::is_line_of_firm(phone, company, name);
    pattern = with_level(pattern, at::PHONE, if phone_paid { 0 } else { phone });
    pattern = with_level(pattern, at::COMPANY, company);
    let place = place::level(f, a, b);
    let person = f.entity == Entity::Person && name != 0;
    let paid = person && place::is_paid_by_company(place, company);
    pattern = with_level(pattern, at::PLACE, if paid { 0 } else { place });
    // A title belongs to an employer: with another one it says nothing of who this is.
    let elsewhere = f.entity == Entity::Person && company == level::company::DIFFERENT;
    let title = if elsewhere { 0 } else { attribute::title_level(f, x.title, y.title) };
    pattern = with_level(pattern, at::TITLE, title);
    pattern = with_level(pattern, at::BIRTH, attribute::birth_level(x.birth, y.birth));
    for (i, g) in f.generics.iter().take(at::LIMIT - at::GENERIC).enumerate() {
        pattern = with_level(pattern, at::GENERIC + i, attribute::generic_level(g, a, b));
    }
    pattern
}

/// Pairs whose values are fetched side by side.
const BATCH: usize = 32;

/// The patterns of many pairs, in the order of the pairs.
pub fn patterns(f: &Features, pairs: &[Pair]) -> Vec<u64> {
    let mut all = vec![0; pairs.len()];
    let chunks = all.par_chunks_mut(BATCH * 64).zip(pairs.par_chunks(BATCH * 64));
    chunks.for_each(|(patterns, pairs)| {
        for (patterns, pairs) in patterns.chunks_mut(BATCH).zip(pairs.chunks(BATCH)) {
            fetch(f, pairs);
            for (slot, &pair) in patterns.iter_mut().zip(pairs) {
                *slot = pattern(f, pair);
            }
        }
    });
    all
}

/// Touches what comparing some pairs will read. A pair jumps to places all over memory; compared one
/// by one, each would wait for each of its places, touched side by side the waits are one.
fn fetch(f: &Features, pairs: &[Pair]) {
    let rows = || pairs.iter().flat_map(|p| [p.a, p.b]).map(|r| &f.rows[r as usize]);
    let mut seen = rows().fold(0, |seen, row| seen ^ row.name);
    for row in rows() {
        seen ^= f.names.get(row.name as usize).map_or(0, |name| name.given_joined);
        seen ^= f.emails.get(row.email[0] as usize).map_or(0, |email| email.local);
        seen ^= f.companies.get(row.company as usize).map_or(0, |company| company.core);
        seen ^= f.streets.get(row.street as usize).map_or(0, |street| street.name);
        for &phone in &row.phone[..2] {
            seen ^= f.phones.get(phone as usize).map_or(0, |phone| phone.tail as u32);
        }
    }
    for row in rows() {
        let Some(name) = f.names.get(row.name as usize) else { continue };
        for token in [name.given_joined, name.family_joined] {
            seen ^= f.tokens.get(token as usize).map_or(0, |token| token.root);
        }
    }
    // What was seen is of no use but must not be left out.
    std::hint::black_box(seen);
}
