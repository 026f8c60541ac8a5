//! The words of street lines, from the reference list.

use crate::normalize::fold::list_rows;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// What a word announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// A kind of street, in its comparison form.
    Type(&'static str),
    /// A unit, in its comparison form.
    Unit(&'static str),
    /// A quarter.
    Place,
    /// The house number.
    Number,
    /// A post box.
    Box,
}

static WORDS: LazyLock<FxHashMap<&'static str, Word>> = LazyLock::new(|| {
    let mut words = FxHashMap::default();
    for row in
        crate::lists::with_own("street_words.txt", include_str!("../../../data/street_words.txt"))
            .into_iter()
            .flat_map(list_rows)
    {
        let [kind, form, spellings] = row[..] else { continue };
        let word = match kind {
            "type" => Word::Type(form),
            "unit" => Word::Unit(form),
            "place" => Word::Place,
            "number" => Word::Number,
            "box" => Word::Box,
            _ => continue,
        };
        for spelling in spellings.split('|') {
            words.entry(spelling).or_insert(word);
        }
    }
    words
});

/// The meaning of a folded word, if it has one.
pub(super) fn word(folded: &str) -> Option<Word> {
    WORDS.get(folded).copied()
}

/// The comparison form of a street type.
pub(super) fn street_type(folded: &str) -> Option<&'static str> {
    match word(folded) {
        Some(Word::Type(form)) => Some(form),
        _ => None,
    }
}

/// `n`, `nw`, `north` to a compass word.
pub(super) fn direction(folded: &str) -> Option<&'static str> {
    Some(match folded {
        "n" | "north" => "north",
        "s" | "south" => "south",
        "e" | "east" => "east",
        "w" | "west" => "west",
        "ne" | "northeast" => "northeast",
        "nw" | "northwest" => "northwest",
        "se" | "southeast" => "southeast",
        "sw" | "southwest" => "southwest",
        _ => return None,
    })
}

/// `fifth` to `5th`: numbered streets are written both ways.
pub(super) fn ordinal(folded: &str) -> Option<&'static str> {
    Some(match folded {
        "first" => "1st",
        "second" => "2nd",
        "third" => "3rd",
        "fourth" => "4th",
        "fifth" => "5th",
        "sixth" => "6th",
        "seventh" => "7th",
        "eighth" => "8th",
        "ninth" => "9th",
        "tenth" => "10th",
        "eleventh" => "11th",
        "twelfth" => "12th",
        _ => return None,
    })
}

/// True for `5th`, `21st`, `2nd`: a name, not a house number.
pub(super) fn is_ordinal(token: &str) -> bool {
    let digits = token.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && matches!(&token[digits..], "st" | "nd" | "rd" | "th")
}
