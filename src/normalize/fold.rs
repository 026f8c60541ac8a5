//! The plain form in which reference lists are stored and looked up, and the words that mean empty.
//!
//! Private to the lists of this folder (countries, regions, cities, street words, consent words):
//! both sides of a look-up go through the same function, so it may be blunt.

use deunicode::deunicode_char;

/// Lower-case ASCII words with single spaces; dots and apostrophes vanish, so `U.S.A.` is `usa`.
pub(super) fn fold(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut gap = false;
    for c in raw.chars() {
        if c.is_ascii() {
            push_folded(&mut out, &mut gap, c as u8);
        } else {
            // Ideographs come with a trailing space and a capital; quotes come as ASCII quotes.
            for byte in deunicode_char(c).unwrap_or(" ").bytes() {
                push_folded(&mut out, &mut gap, byte);
            }
        }
    }
    out
}

fn push_folded(out: &mut String, gap: &mut bool, byte: u8) {
    match byte {
        b'.' | b'\'' | b'`' | b'"' => {}
        b'&' => {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str("and");
            *gap = true;
        }
        _ if byte.is_ascii_alphanumeric() => {
            if *gap && !out.is_empty() {
                out.push(' ');
            }
            *gap = false;
            out.push(byte.to_ascii_lowercase() as char);
        }
        _ => *gap = true,
    }
}

/// A cell without white space, control characters and quotes around it.
pub(super) fn trim(raw: &str) -> &str {
    // Nearly every cell begins and ends with an ordinary character.
    let ordinary = |byte: Option<&u8>| byte.is_some_and(|&b| b.is_ascii_graphic() && b != b'"');
    if ordinary(raw.as_bytes().first()) && ordinary(raw.as_bytes().last()) {
        return raw;
    }
    raw.trim_matches(|c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '"' | '\u{feff}' | '\u{200b}')
    })
}

const NULL_WORDS: [&str; 26] = [
    "null",
    "none",
    "n/a",
    "#n/a",
    "na",
    "n.a.",
    "nil",
    "nan",
    "(blank)",
    "blank",
    "\\n",
    "-",
    "--",
    "---",
    ".",
    "?",
    "unknown",
    "undefined",
    "empty",
    "not available",
    "not provided",
    "keine",
    "sin dato",
    "s/d",
    "#ref!",
    "#value!",
];

/// True for a whole cell that means "no value".
pub(super) fn is_null_word(trimmed: &str) -> bool {
    let digit_first = trimmed.as_bytes().first().is_some_and(u8::is_ascii_digit);
    !digit_first
        && trimmed.len() <= 13
        && NULL_WORDS.iter().any(|word| word.eq_ignore_ascii_case(trimmed))
}

/// The lines of a reference list: no comments, no blank lines, fields split at `;` and trimmed.
pub(super) fn list_rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| line.split(';').map(str::trim).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_drops_case_accents_and_punctuation() {
        for (raw, folded) in [
            ("U.S.A.", "usa"),
            ("  Côte d'Ivoire ", "cote divoire"),
            ("Trinidad & Tobago", "trinidad and tobago"),
            ("Straße", "strasse"),
            ("Korea, Republic of", "korea republic of"),
        ] {
            assert_eq!(fold(raw), folded);
        }
    }

    #[test]
    fn only_whole_cells_are_null_words() {
        assert!(is_null_word("N/A") && is_null_word("null") && is_null_word("-"));
        assert!(!is_null_word("Nullmann") && !is_null_word("0"));
    }
}
