//! String similarities: `strsim` is the reference, with cheap exits before it.
//!
//! A pair of names is compared millions of times; most pairs differ in length or in the first
//! letters, which decides the common questions (equal? one edit apart?) without the full measure.

/// Jaro-Winkler similarity in 0..=1, except that two empty strings are not alike (0).
pub fn jaro_winkler(a: &str, b: &str) -> f64 {
    if a.is_empty() || b.is_empty() { 0.0 } else { strsim::jaro_winkler(a, b) }
}

/// True when one insertion, deletion, substitution or swap of neighbors turns `a` into `b`
/// (optimal string alignment distance of at most 1; equal strings included).
pub fn within_one_edit(a: &str, b: &str) -> bool {
    if !a.is_ascii() || !b.is_ascii() {
        return strsim::osa_distance(a, b) <= 1;
    }
    let (a, b) = if a.len() <= b.len() {
        (a.as_bytes(), b.as_bytes())
    } else {
        (b.as_bytes(), a.as_bytes())
    };
    if b.len() - a.len() > 1 {
        return false;
    }
    let prefix = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[prefix..], &b[prefix..]);
    if b.is_empty() {
        return true;
    }
    if a.len() != b.len() {
        return a == &b[1..];
    }
    if a[1..] == b[1..] {
        return true;
    }
    a.len() >= 2 && a[0] == b[1] && a[1] == b[0] && a[2..] == b[2..]
}

/// Optimal string alignment distance, or `limit + 1` when it is larger than `limit`.
pub fn edits(a: &str, b: &str, limit: usize) -> usize {
    if a == b {
        return 0;
    }
    if a.len().abs_diff(b.len()) > limit * 4 {
        return limit + 1;
    }
    strsim::osa_distance(a, b).min(limit + 1)
}

/// Jaro-Winkler similarity from which two words may be one mistyped.
pub const NEAR: f64 = 0.9;

/// Alike enough to be one word mistyped: one edit in a word of at least three letters, or a
/// Jaro-Winkler similarity of .9 with the same first letter.
pub fn near(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a.len(), b.len()) } else { (b.len(), a.len()) };
    if short < 3 {
        return false;
    }
    if long - short <= 1 && within_one_edit(a, b) {
        return true;
    }
    // Jaro-Winkler reaches .9 only with most letters shared: a length gap over a third cannot.
    if (long - short) * 3 > long || a.as_bytes()[0] != b.as_bytes()[0] {
        return false;
    }
    strsim::jaro_winkler(a, b) >= NEAR
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn one_edit_equals_strsim(a in "[abc]{0,6}", b in "[abc]{0,6}") {
            prop_assert_eq!(within_one_edit(&a, &b), strsim::osa_distance(&a, &b) <= 1);
        }

        #[test]
        fn one_edit_equals_strsim_on_any_text(a in ".{0,4}", b in ".{0,4}") {
            prop_assert_eq!(within_one_edit(&a, &b), strsim::osa_distance(&a, &b) <= 1);
        }

        #[test]
        fn measures_are_symmetric(a in "[a-e]{0,9}", b in "[a-e]{0,9}") {
            prop_assert_eq!(near(&a, &b), near(&b, &a));
            prop_assert_eq!(edits(&a, &b, 2), edits(&b, &a, 2));
        }
    }

    #[test]
    fn empty_strings_are_not_alike() {
        assert_eq!(jaro_winkler("", ""), 0.0);
    }
}
