//! Frequent given and family names of the languages leads come in.
//!
//! Read by role detection (is this column names, and which?) and by swap detection. Why short
//! lists: they only have to tell one kind of name from the other in most rows, not know every name.

use crate::lists::with_own;
use crate::normalize::text::list_lines;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// Folded name to its rank within its language (0 is the most frequent).
type Ranks = FxHashMap<&'static str, u16>;

/// Lists hold one language a line: a code, a colon, names by falling frequency.
fn ranks([own, shipped]: [&'static str; 2]) -> Ranks {
    let mut ranks = Ranks::default();
    let mut seen: FxHashMap<&str, u16> = FxHashMap::default();
    for line in [shipped, own].into_iter().flat_map(list_lines) {
        let Some((language, names)) = line.split_once(':') else { continue };
        let next = seen.entry(language).or_default();
        for name in names.split_whitespace() {
            let rank = ranks.entry(name).or_insert(*next);
            *rank = (*rank).min(*next);
            *next += 1;
        }
    }
    ranks
}

static GIVEN: LazyLock<Ranks> = LazyLock::new(|| {
    ranks(with_own("given_names.txt", include_str!("../../../data/given_names.txt")))
});
static FAMILY: LazyLock<Ranks> = LazyLock::new(|| {
    ranks(with_own("family_names.txt", include_str!("../../../data/family_names.txt")))
});

/// A share that falls with the rank as name frequencies do (Zipf with a flat head); 0 when unknown.
fn frequency(ranks: &Ranks, folded: &str) -> f32 {
    ranks.get(folded).map_or(0.0, |&rank| 1.0 / (10.0 + f32::from(rank)))
}

/// How frequent a folded given name is, as a relative weight from 0 (unknown) to 0.1.
pub fn given_frequency(folded: &str) -> f32 {
    frequency(&GIVEN, folded)
}

/// How frequent a folded family name is, as a relative weight from 0 (unknown) to 0.1.
pub fn family_frequency(folded: &str) -> f32 {
    frequency(&FAMILY, folded)
}

/// True for a folded given name of the list.
pub fn is_given_name(folded: &str) -> bool {
    GIVEN.contains_key(folded)
}

/// True for a folded family name of the list.
pub fn is_family_name(folded: &str) -> bool {
    FAMILY.contains_key(folded)
}
