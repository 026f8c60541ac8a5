//! Words that are plainly somebody's name, told without reading the name.
//!
//! For callers that look at a million names to find the odd ones (`record::light`). What this module
//! says must follow from `name::parse`, and a property test holds it to that; it may only say less.

use super::affix;
use super::placeholder::is_doubtful_word;
use crate::normalize::text;

/// What can be told of one cell of a name alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// Empty.
    Empty,
    /// One word of ASCII letters that is plainly a name: folded, it is that word in small letters.
    Word,
    /// Words of Latin letters of which one is plainly a name.
    Name,
    /// Words of Latin letters that may be a title, a degree, a placeholder.
    Words,
    /// Anything else.
    Other,
}

impl CellKind {
    /// Looks at a cell.
    pub fn of(cell: &str) -> Self {
        if cell.is_empty() {
            return Self::Empty;
        }
        // Windows-1252 read as UTF-8 always leaves characters below U+00C0: there is none to undo.
        let latin = |c: char| c.is_ascii_alphabetic() || ('\u{c0}'..='\u{ff}').contains(&c);
        if !cell.chars().all(|c| c == ' ' || c == '-' || latin(c) && c.is_alphabetic()) {
            return Self::Other;
        }
        if cell.len() > LONGEST {
            return Self::Words;
        }
        let mut buffer = [0u8; LONGEST];
        let folded;
        let small = if cell.is_ascii() {
            let small = &mut buffer[..cell.len()];
            small.copy_from_slice(cell.as_bytes());
            small.make_ascii_lowercase();
            std::str::from_utf8(small).unwrap_or("")
        } else {
            folded = text::fold(cell);
            &folded
        };
        if text::is_null_word(small) || !small.split([' ', '-']).any(is_plain_word) {
            return Self::Words;
        }
        let one = cell.bytes().all(|b| b.is_ascii_alphabetic());
        if one { Self::Word } else { Self::Name }
    }

    /// Whether the cells of given and family name surely hold a name between them.
    pub fn are_name(self, family: Self) -> bool {
        use CellKind::{Name, Other, Word};
        let one = matches!(self, Word | Name) || matches!(family, Word | Name);
        one && self != Other && family != Other
    }
}

/// Longer cells are read.
const LONGEST: usize = 48;

/// A folded word that is neither (part of) a placeholder nor title, generation or degree.
fn is_plain_word(word: &str) -> bool {
    word.len() >= 3
        && word.bytes().all(|b| b.is_ascii_lowercase())
        && !is_doubtful_word(word)
        && !affix::is_affix(word)
}

#[cfg(test)]
mod tests {
    use super::super::{NameParts, parse};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn kinds_of_cells() {
        let cases = [
            ("", CellKind::Empty),
            ("Ana", CellKind::Word),
            ("JOSE", CellKind::Word),
            ("Maria Jose", CellKind::Name),
            ("N\u{fa}\u{f1}ez", CellKind::Name),
            ("Jean-Pierre", CellKind::Name),
            ("Dr", CellKind::Words),
            ("PhD", CellKind::Words),
            ("Test", CellKind::Words),
            ("Mickey Mouse", CellKind::Words),
            ("Keine", CellKind::Words),
            ("J.", CellKind::Other),
            ("O'Neil", CellKind::Other),
            ("Nu\u{c3}\u{b1}ez", CellKind::Other),
        ];
        for (cell, kind) in cases {
            assert_eq!(CellKind::of(cell), kind, "{cell}");
        }
    }

    fn cell() -> impl Strategy<Value = String> {
        let words = prop::sample::select(vec![
            "Ana",
            "LOPEZ",
            "lopez",
            "de",
            "la",
            "von",
            "Dr",
            "Jr",
            "III",
            "PhD",
            "Test",
            "asdf",
            "First",
            "Last",
            "Name",
            "Mickey",
            "Mouse",
            "Null",
            "Na",
            "Keine",
            "N\u{fa}\u{f1}ez",
            "Zo\u{eb}",
            "aaa",
            "qwerty",
            "xx",
            "Maria",
            "MariaLopez",
            "Filho",
            "Sir",
            "MBA",
            "Mc",
            "D",
            "\u{c3}\u{9f}",
            "San",
            "y",
            "Senior",
            "None",
            "User",
            "Max",
            "Mustermann",
        ]);
        let joined = prop::collection::vec(words, 0..4)
            .prop_flat_map(|w| prop::sample::select(vec![w.join(" "), w.join("-"), w.concat()]));
        prop_oneof![4 => joined, 1 => "[A-Za-z -]{0,14}", 1 => "\\PC{0,10}"]
    }

    proptest! {
        /// What is said of two cells alone follows from reading them together.
        #[test]
        fn reading_agrees(given in cell(), family in cell()) {
            let (left, right) = (CellKind::of(&given), CellKind::of(&family));
            let read = parse(&NameParts { given: &given, family: &family, ..NameParts::default() });
            if left.are_name(right) {
                let name = read.value.as_ref();
                let some = name.is_some_and(|n| !(n.given_folded.is_empty() && n.family_core.is_empty()));
                prop_assert!(some, "{given:?} {family:?} {read:?}");
            }
            if left == CellKind::Word && right == CellKind::Word {
                let name = read.value.unwrap();
                let [given, family] = [given, family].map(|cell| vec![cell.to_ascii_lowercase()]);
                prop_assert_eq!((&name.given_folded, &name.family_core), (&given, &family));
                prop_assert_eq!(&name.family_folded, &family);
                prop_assert_eq!(name.generation, None);
            }
        }
    }
}
