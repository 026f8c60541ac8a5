//! String similarities: `strsim` is the reference, with cheap exits before it.
//!
//! A pair of names is compared millions of times; most pairs differ in length or in the first
//! letters, which decides the common questions (equal? one edit apart?) without the full measure.

/// Jaro-Winkler similarity in 0..=1, except that two empty strings are not alike (0).
pub fn jaro_winkler(a: &str, b: &str) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let plain = |text: &str| text.len() <= 64 && text.is_ascii();
    match plain(a) && plain(b) {
        true => plain_jaro_winkler(a.as_bytes(), b.as_bytes()),
        false => strsim::jaro_winkler(a, b),
    }
}

/// As `strsim` has it to the last bit, for texts whose letters are bytes and fit the bits of a word:
/// what is matched is noted in two integers, and no memory is asked for.
fn plain_jaro_winkler(a: &[u8], b: &[u8]) -> f64 {
    let range = (a.len().max(b.len()) / 2).saturating_sub(1);
    let (mut in_a, mut in_b) = (0u64, 0u64);
    for (i, letter) in a.iter().enumerate() {
        let (from, to) = (i.saturating_sub(range), b.len().min(i + range + 1));
        let free = |j: &usize| b[*j] == *letter && in_b >> *j & 1 == 0;
        if let Some(j) = (from..to).find(free) {
            in_a |= 1 << i;
            in_b |= 1 << j;
        }
    }
    let matches = in_a.count_ones() as usize;
    if matches == 0 {
        return 0.0;
    }
    let (mut left, mut right, mut crossed) = (in_a, in_b, 0);
    while left != 0 {
        let (i, j) = (left.trailing_zeros() as usize, right.trailing_zeros() as usize);
        crossed += usize::from(a[i] != b[j]);
        (left, right) = (left & (left - 1), right & (right - 1));
    }
    let count = matches as f64;
    let jaro = ((count / a.len() as f64)
        + (count / b.len() as f64)
        + ((matches - crossed / 2) as f64 / count))
        / 3.0;
    if jaro > 0.7 {
        let prefix = a.iter().take(4).zip(b).take_while(|(x, y)| x == y).count();
        jaro + 0.1 * prefix as f64 * (1.0 - jaro)
    } else {
        jaro
    }
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
    // A letter takes at most four bytes, and an edit brings and takes away one letter at most.
    let letter = if a.is_ascii() && b.is_ascii() { 1 } else { 4 };
    if a.len().abs_diff(b.len()) > limit * letter {
        return limit + 1;
    }
    if letter == 1 {
        let letters = |text: &str| text.bytes().fold(0u32, |set, byte| set | 1 << (byte & 31));
        let (x, y) = (letters(a), letters(b));
        if (x & !y).count_ones().max((y & !x).count_ones()) as usize > limit {
            return limit + 1;
        }
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
    jaro_winkler(a, b) >= NEAR
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
        fn jaro_winkler_equals_strsim(a in "[a-e ]{1,12}|[a-z]{1,70}|.{1,4}", b in "[a-e ]{1,12}|[a-z]{1,70}|.{1,4}") {
            prop_assert_eq!(jaro_winkler(&a, &b).to_bits(), strsim::jaro_winkler(&a, &b).to_bits());
        }

        #[test]
        fn edits_equal_strsim(a in "[a-e.]{0,9}|.{0,3}", b in "[a-e.]{0,9}|.{0,3}", limit in 0usize..4) {
            prop_assert_eq!(edits(&a, &b, limit), strsim::osa_distance(&a, &b).min(limit + 1));
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
