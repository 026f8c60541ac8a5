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
    pattern = with_level(pattern, at::PHONE, contact::phone_level(f, a, b));
    pattern = with_level(pattern, at::COMPANY, company);
    let place = place::level(f, a, b);
    let person = f.entity == Entity::Person && name != 0;
    let paid = person && place::is_paid_by_company(place, company);
    pattern = with_level(pattern, at::PLACE, if paid { 0 } else { place });
    pattern = with_level(pattern, at::TITLE, attribute::title_level(f, x.title, y.title));
    pattern = with_level(pattern, at::BIRTH, attribute::birth_level(x.birth, y.birth));
    for (i, g) in f.generics.iter().take(at::LIMIT - at::GENERIC).enumerate() {
        pattern = with_level(pattern, at::GENERIC + i, attribute::generic_level(g, a, b));
    }
    pattern
}

/// The patterns of many pairs, in the order of the pairs.
pub fn patterns(f: &Features, pairs: &[Pair]) -> Vec<u64> {
    pairs.par_iter().with_min_len(1024).map(|&pair| pattern(f, pair)).collect()
}
