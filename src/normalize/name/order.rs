//! Which words of a name are given and which are family names.
//!
//! Called by `name::parse` for whole names and for the check of exchanged cells. Why lists and not
//! position alone: "Maria Fernanda Lopez" and "Carlos Martinez Garcia" have the same shape.

use super::{PersonName, family_frequency, given_frequency, is_family_name, is_given_name, tokens};
use crate::normalize::text;

pub(super) fn same_words(left: &[String], right: &[String]) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).all(|(a, b)| a == b || text::fold(a) == text::fold(b))
}

/// True when the words of a lone cell are given and family name together.
pub(super) fn holds_full_name(words: &[String], is_given: bool) -> bool {
    if words.len() < 2 {
        return false;
    }
    let first = text::fold(&words[0]);
    let last = text::fold(&words[words.len() - 1]);
    if is_given {
        // "Luiz Fernando" is two given names, "Abbie N." a name and an initial.
        !is_initial(&words[words.len() - 1])
            && (!is_given_name(&last) || family_frequency(&last) > given_frequency(&last))
    } else {
        given_frequency(&first) > family_frequency(&first) && !text::is_particle(&first)
    }
}

fn is_initial(word: &str) -> bool {
    word.chars().filter(|c| c.is_alphabetic()).count() <= 1
}

/// Index of the first family word of a whole name in its usual order.
pub(super) fn family_start(words: &[String]) -> usize {
    let count = words.len();
    if count < 2 {
        return count;
    }
    let folded: Vec<String> = words.iter().map(|word| tokens::bare(&text::fold(word))).collect();
    // A particle begins the family name, unless it is the first word.
    let particle = (1..count - 1)
        .find(|&i| text::is_particle(&folded[i]) && !matches!(folded[i].as_str(), "y" | "e" | "d"));
    if let Some(at) = particle {
        // "Juan Pérez de la Cruz": the family name before the particle belongs to it.
        let before = at - 1;
        let known =
            before > 0 && is_family_name(&folded[before]) && !is_given_name(&folded[before]);
        return if known { before } else { at };
    }
    let family = |i: usize| family_frequency(&folded[i]) > given_frequency(&folded[i]);
    match count {
        2 => 1,
        3 if family(1) && !is_initial(&words[1]) => 1,
        3 => 2,
        _ if family(count - 2) => count - 2,
        _ => count - 1,
    }
}

pub(super) fn is_east_asian(word: &str) -> bool {
    word.chars().all(|c| matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}'))
}

/// True when the given name is known as a family name and the family name as a given one.
pub(super) fn is_swap_likely(name: &PersonName) -> bool {
    let (Some(given), Some(family)) = (name.given_folded.first(), name.family_core.first()) else {
        return false;
    };
    family_frequency(given) > 4.0 * given_frequency(given)
        && given_frequency(family) > 4.0 * family_frequency(family)
}
