//! Which given names stand for one another: `Bill` and `William`, `Pepe` and `José`.
//!
//! Read by the name comparison. Why groups and not one root a name: `Alex` is Alexander, Alexandra
//! or Alejandro, and two names are compatible when any group holds both.

use crate::lists::with_own;
use crate::normalize::text::list_lines;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

struct Nicknames {
    /// Formal name of each group.
    roots: Vec<&'static str>,
    /// Groups of a name, in the order of the list.
    groups: FxHashMap<&'static str, Vec<u16>>,
}

static NICKNAMES: LazyLock<Nicknames> = LazyLock::new(|| {
    let mut roots = Vec::new();
    let mut groups: FxHashMap<&'static str, Vec<u16>> = FxHashMap::default();
    let [own, shipped] = with_own("nicknames.txt", include_str!("../../../data/nicknames.txt"));
    for line in [shipped, own].into_iter().flat_map(list_lines) {
        let Some((root, names)) = line.split_once(':') else { continue };
        let Ok(group) = u16::try_from(roots.len()) else { break };
        roots.push(root.trim());
        for name in names.split_whitespace().chain([root.trim()]) {
            let of_name = groups.entry(name).or_default();
            if !of_name.contains(&group) {
                of_name.push(group);
            }
        }
    }
    Nicknames { roots, groups }
});

/// The formal name a folded given name stands for first; itself when it is formal.
///
/// ```
/// use leadmend::normalize::name;
/// assert_eq!(name::nickname_root("bill"), Some("william"));
/// assert_eq!(name::nickname_root("zzyzx"), None);
/// ```
pub fn nickname_root(folded_given: &str) -> Option<&'static str> {
    let groups = NICKNAMES.groups.get(folded_given)?;
    let formal = groups.iter().find(|&&group| NICKNAMES.roots[group as usize] == folded_given);
    formal.or_else(|| groups.first()).map(|&group| NICKNAMES.roots[group as usize])
}

/// True when two different folded given names can be one person's.
///
/// ```
/// use leadmend::normalize::name;
/// assert!(name::same_by_nickname("pepe", "jose"));
/// assert!(name::same_by_nickname("bill", "will"));
/// assert!(!name::same_by_nickname("bill", "robert"));
/// ```
pub fn same_by_nickname(a: &str, b: &str) -> bool {
    let groups = |name| NICKNAMES.groups.get(name);
    match (groups(a), groups(b)) {
        (Some(left), Some(right)) => left.iter().any(|group| right.contains(group)),
        _ => false,
    }
}
