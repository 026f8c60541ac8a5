//! Names that a mailbox spells out: `corrick.mcnaner@` beside an empty given name.
//!
//! Only what a name column leaves open is filled, and only where the rest of the mailbox agrees with
//! what the column says; for matching alone, never written out.

use crate::normalize::name::{is_family_name, is_given_name};

/// Name parts that a record has; empty where it has none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// Folded given name; one letter for an initial.
    pub(super) given: &'a str,
    /// Folded family name, joined.
    pub(super) family: &'a str,
}

/// The given and family name with what the local part adds; `None` when it adds nothing.
pub(super) fn complete<'a>(known: Known<'a>, local: &'a str) -> Option<(&'a str, &'a str)> {
    let letters = local.trim_matches(|c: char| !c.is_ascii_alphabetic());
    match (known.given.len(), known.family.len()) {
        (0 | 1, 3..) => {
            let given = rest_beside(letters, known.family)?;
            let fits = known.given.is_empty() || given.starts_with(known.given);
            (fits && given.len() > known.given.len()).then_some((given, known.family))
        }
        (3.., 0 | 1) => {
            let family = rest_beside(letters, known.given)?;
            let fits = known.family.is_empty() || family.starts_with(known.family);
            (fits && family.len() > 1 && family.len() > known.family.len())
                .then_some((known.given, family))
        }
        _ => None,
    }
}

/// What stands before or after a name in a local part, with or without a separator between.
fn rest_beside<'a>(letters: &'a str, name: &str) -> Option<&'a str> {
    let rest = letters.strip_suffix(name).or_else(|| letters.strip_prefix(name))?;
    let rest = rest.trim_matches(|c: char| matches!(c, '.' | '_' | '-'));
    let one_word = !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_lowercase());
    one_word.then_some(rest)
}

/// Where in `ana.lopez` the given name ends and the family name starts.
pub(crate) fn spelled(local: &str) -> Option<(usize, usize)> {
    let end = local.find(['.', '_', '-'])?;
    let (given, family) = (&local[..end], local.get(end + 1..)?);
    let family = family.trim_end_matches(|c: char| c.is_ascii_digit());
    let word = |w: &str| w.len() >= 3 && w.bytes().all(|b| b.is_ascii_lowercase());
    (word(given)
        && word(family)
        && family.len() + end + 1 == local.len()
        && is_given_name(given)
        && is_family_name(family))
    .then_some((end, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_mailbox_adds() {
        let cases = [
            ("", "mcnaner", "corrick.mcnaner", Some(("corrick", "mcnaner"))),
            ("", "mcnaner", "corrickmcnaner65", Some(("corrick", "mcnaner"))),
            ("j", "roskeby", "joseph_roskeby", Some(("joseph", "roskeby"))),
            ("j", "roskeby", "peter_roskeby", None),
            ("", "roskeby", "jroskeby", Some(("j", "roskeby"))),
            ("j", "roskeby", "jroskeby", None),
            ("joe", "", "joe.roskeby", Some(("joe", "roskeby"))),
            ("joe", "", "joer", None),
            ("joe", "roskeby", "joseph.roskeby", None),
            ("", "mcnaner", "info", None),
            ("", "", "corrick.mcnaner", None),
        ];
        for (given, family, local, expected) in cases {
            assert_eq!(
                complete(Known { given, family }, local),
                expected,
                "{given} {family} {local}"
            );
        }
    }
}
