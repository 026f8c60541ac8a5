//! Letter case over the words of a name.
//!
//! Called by `name::parse` last. Why words and not cells: "DE LA CRUZ" is lowered as a whole, while
//! the capitals of "JP Morgan" are initials.

use crate::normalize::text;

/// Leaves out words without a letter.
pub(super) fn drop_numbers(words: &mut Vec<String>) {
    words.retain(|word| word.chars().any(char::is_alphabetic));
}

/// True for words all in capitals.
pub(super) fn is_upper(words: &[String]) -> bool {
    let letters = |c: &char| c.is_alphabetic();
    !words.is_empty()
        && words.iter().flat_map(|w| w.chars()).filter(letters).all(char::is_uppercase)
}

/// Proper case for words in one case; two capitals may be initials, unless all is in capitals.
pub(super) fn repair_case(words: &mut [String], all_upper: bool) -> bool {
    if words.is_empty() {
        return false;
    }
    let line = words.join(" ");
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    if letters <= 2 && !all_upper && line.chars().all(|c| !c.is_lowercase()) {
        return false;
    }
    let Some(proper) = text::proper_case(&line) else { return false };
    for (word, fixed) in words.iter_mut().zip(proper.split(' ')) {
        *word = fixed.to_string();
    }
    true
}
