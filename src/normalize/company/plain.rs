//! Cells that plainly name a company, told without reading the name.
//!
//! For callers that look at a million cells to find the odd ones (`record::light`). What this module
//! says must follow from `company::parse`, and a property test holds it to that; it may only say less.

use super::form;
use super::{JOINERS, NOBODY};
use crate::normalize::text;
use rustc_hash::FxHashSet;
use std::sync::LazyLock;

/// Longer words are read.
const LONGEST: usize = 32;

/// Whether a cell surely names a company: ordinary words, one of which stays in the core whatever
/// the others are.
pub fn is_plain(cell: &str) -> bool {
    let ordinary = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(c, ' ' | ',' | '.' | '&')
            || ('\u{c0}'..='\u{ff}').contains(&c) && c.is_alphabetic()
    };
    if !cell.starts_with(|c: char| c.is_ascii_alphabetic()) || !cell.chars().all(ordinary) {
        return false;
    }
    let mut named = false;
    for piece in cell.split([' ', ',']).filter(|piece| !piece.is_empty()) {
        let word = piece.chars().all(char::is_alphabetic);
        if !word {
            // What stands behind such a mark is no part of the name.
            if matches!(piece.to_ascii_lowercase().as_str(), "c.o." | "d.b.a." | "h.o.d.n.") {
                return false;
            }
            continue;
        }
        match weight(piece) {
            Weight::Mark => return false,
            Weight::Name => named = true,
            Weight::Nothing => {}
        }
    }
    named && !text::is_null_word(cell)
}

enum Weight {
    /// Stays in the core.
    Name,
    /// May be taken off.
    Nothing,
    /// Says that the name ends or begins here.
    Mark,
}

fn weight(piece: &str) -> Weight {
    if piece.len() > LONGEST {
        return Weight::Nothing;
    }
    let mut buffer = [0u8; LONGEST];
    let folded;
    let word = if piece.is_ascii() {
        let small = &mut buffer[..piece.len()];
        small.copy_from_slice(piece.as_bytes());
        small.make_ascii_lowercase();
        std::str::from_utf8(small).unwrap_or("")
    } else {
        folded = text::fold(piece);
        &folded
    };
    if MARKS.contains(&word) {
        return Weight::Mark;
    }
    let bytes = word.as_bytes();
    let one_letter = bytes.iter().all(|b| *b == bytes[0]);
    let name = bytes.len() >= 3 && bytes.iter().all(u8::is_ascii_lowercase) && !one_letter;
    if name && !DOUBTFUL.contains(word) && !form::is_form_word(word) {
        Weight::Name
    } else {
        Weight::Nothing
    }
}

/// The first words of what announces another name.
const MARKS: &[&str] =
    &["aka", "also", "care", "dba", "doing", "handelend", "nom", "nombre", "nome", "trading"];

/// Words of placeholders, and those that are left out of a core.
static DOUBTFUL: LazyLock<FxHashSet<&'static str>> = LazyLock::new(|| {
    let closing =
        ["the", "grp", "group", "gruppe", "groupe", "grupo", "gruppo", "groep"].into_iter();
    let nobody = NOBODY.iter().flat_map(|name| name.split(' '));
    nobody.chain(JOINERS.iter().copied()).chain(closing).collect()
});

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_plainly_a_company() {
        for cell in ["Acme", "Acme Inc.", "Seguridad \u{c1}guila, S.A. de C.V.", "The Home Depot"] {
            assert!(is_plain(cell), "{cell}");
        }
        for cell in ["GmbH", "test", "The Group", "c/o Acme", "Acme.com", "Jo dba Acme", "=Acme"] {
            assert!(!is_plain(cell), "{cell}");
        }
    }

    fn cell() -> impl Strategy<Value = String> {
        let words = prop::sample::select(vec![
            "Acme",
            "Holding",
            "GmbH",
            "&",
            "Co.",
            "KG",
            "S.A.",
            "de",
            "C.V.",
            "The",
            "Group",
            "Inc",
            "Limited",
            "test",
            "Company",
            "none",
            "dba",
            "c.o.",
            "c/o",
            "T/A",
            "trading as",
            "Sociedad",
            "An\u{f3}nima",
            "PT",
            "AG",
            "and",
            "aaa",
            "Acme.com",
            "zzz",
            "not",
            "no",
            "aplica",
            "\u{c1}guila",
            "S",
            "A",
            "spa",
            "1",
            "Nome Fantasia",
            "(Berlin)",
            "private",
        ]);
        let joined = prop::collection::vec(words, 0..5)
            .prop_flat_map(|w| prop::sample::select(vec![w.join(" "), w.join(", "), w.concat()]));
        prop_oneof![6 => joined, 1 => "[A-Za-z &.,]{0,14}", 1 => "\\PC{0,10}"]
    }

    proptest! {
        #[test]
        fn reading_agrees(cell in cell()) {
            if is_plain(&cell) {
                let read = parse(&cell);
                let named = read.value.as_ref().is_some_and(|c| !c.placeholder && !c.core.is_empty());
                prop_assert!(named, "{cell:?} {read:?}");
            }
        }
    }
}
