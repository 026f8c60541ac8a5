//! Text of any kind: cleaning what exports do to it, and folding it for comparison.
//!
//! Every other normalizer starts here. Why one place: white space, invisible characters and a wrong
//! decoding hit names, companies and titles alike, and a value must be cleaned the same way
//! wherever it is met, or two equal cells end up different.

mod case;
mod mojibake;
mod phonetic;

pub use case::{is_particle, proper_case};
pub use phonetic::{phonetic, phonetic_text};

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// Words that mean "empty" as a whole value, folded; sorted for binary search.
const NULL_WORDS: &[&str] = &[
    "#n/a",
    "#name?",
    "#null!",
    "#ref!",
    "#value!",
    "(blank)",
    "(empty)",
    "(leer)",
    "(none)",
    "(null)",
    "(vacio)",
    "-",
    "--",
    "---",
    ".",
    "/",
    "0/0/00",
    "0000-00-00",
    "0000-00-00 00:00:00",
    "1900-01-00",
    "<blank>",
    "<empty>",
    "<na>",
    "<null>",
    "?",
    "??",
    "[blank]",
    "[empty]",
    "[null]",
    "\\n",
    "aucun",
    "aucune",
    "blank",
    "empty",
    "k.a.",
    "keine",
    "keine angabe",
    "leer",
    "n.a",
    "n.a.",
    "n.d.",
    "n/a",
    "n/d",
    "na",
    "nan",
    "nao informado",
    "nil",
    "ninguna",
    "ninguno",
    "no aplica",
    "no disponible",
    "non renseigne",
    "none",
    "not applicable",
    "not available",
    "not given",
    "not provided",
    "null",
    "s/d",
    "sin datos",
    "undefined",
    "vacio",
];

/// True when the whole value says that there is none (`n/a`, `NULL`, `-`, `(blank)`, empty).
///
/// Name columns must not rely on it alone: "Null" and "Na" are surnames (see `name::parse`).
pub fn is_null_word(value: &str) -> bool {
    let value = value.trim();
    if value.is_empty() {
        return true;
    }
    if value.len() > 24 {
        return false;
    }
    if value.is_ascii() {
        let mut buffer = [0u8; 24];
        let lower = &mut buffer[..value.len()];
        lower.copy_from_slice(value.as_bytes());
        lower.make_ascii_lowercase();
        return NULL_WORDS.binary_search_by(|word| word.as_bytes().cmp(lower)).is_ok();
    }
    let folded = fold(value);
    !folded.is_empty() && NULL_WORDS.binary_search(&folded.as_str()).is_ok()
        || value.chars().all(is_dash)
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// Invisible characters that are never content: zero width, direction marks, soft hyphen, BOM,
/// controls and the characters Unicode keeps for no text at all.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}'
            | '\u{00AD}'
            | '\u{061C}'
            | '\u{180E}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}'
    ) || (c.is_control() && !c.is_whitespace())
}

/// Plain text as it should be: composed, trimmed, single spaces, nothing invisible, mojibake undone.
///
/// ```
/// assert_eq!(leadmend::normalize::text::clean(" MarÃ\u{AD}a\u{200B}  López "), "María López");
/// ```
pub fn clean(value: &str) -> Cow<'_, str> {
    if is_clean_ascii(value.as_bytes()) {
        return Cow::Borrowed(value);
    }
    let mut current = clean_once(value);
    // Removing one kind of damage can uncover another (mojibake split by a zero-width space), so
    // repeat until nothing changes; every round that changes anything shortens the text.
    loop {
        let next = clean_once(&current);
        if next == current {
            break;
        }
        current = next;
    }
    if current == value { Cow::Borrowed(value) } else { Cow::Owned(current) }
}

/// Printable ASCII without white space to trim or collapse: nothing to do, the common case.
fn is_clean_ascii(bytes: &[u8]) -> bool {
    let mut previous = b' ';
    for &byte in bytes {
        if !(0x20..0x7f).contains(&byte) || (byte == b' ' && previous == b' ') {
            return false;
        }
        previous = byte;
    }
    bytes.is_empty() || previous != b' '
}

fn clean_once(value: &str) -> String {
    // Twice-broken text must be undone wholly before anything is filtered: its inner layer can look
    // like a soft hyphen or a control character.
    let mut repaired = mojibake::repair(value);
    while let Cow::Owned(next) = mojibake::repair(&repaired) {
        repaired = Cow::Owned(next);
    }
    let mut out = String::with_capacity(repaired.len());
    let visible = repaired.chars().filter(|&c| !is_invisible(c));
    for c in visible.nfc() {
        if !c.is_whitespace() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
    out
}

/// True when cleaning repaired more than white space: the reason a caller reports.
pub fn clean_reason(raw: &str, cleaned: &str) -> &'static str {
    if raw == cleaned {
        ""
    } else if !raw.is_ascii() && mojibake::repair(raw) != raw {
        "mojibake"
    } else if raw.chars().any(is_invisible) {
        "invisible-characters"
    } else {
        "white-space"
    }
}

/// Lowercase ASCII for comparison: accents dropped (`ü` to `u`), other scripts transliterated, white
/// space collapsed and trimmed. Total on any text; what has no transliteration is left out.
///
/// ```
/// assert_eq!(leadmend::normalize::text::fold("  Zoë  Müller-Łoś "), "zoe muller-los");
/// ```
pub fn fold(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    fold_into(value, &mut out);
    out
}

/// [`fold`] appended to a buffer, for callers that reuse one.
pub fn fold_into(value: &str, out: &mut String) {
    let start = out.len();
    let mut space = false;
    let mut push = |c: u8, out: &mut String| {
        if c.is_ascii_whitespace() {
            space = true;
        } else if !c.is_ascii_control() {
            if space && out.len() > start {
                out.push(' ');
            }
            space = false;
            out.push(c.to_ascii_lowercase() as char);
        }
    };
    if value.is_ascii() {
        value.bytes().for_each(|b| push(b, out));
        return;
    }
    for c in value.chars() {
        if c.is_ascii() {
            push(c as u8, out);
        } else if c.is_whitespace() {
            push(b' ', out);
        } else if !is_invisible(c) && !is_pictograph(c) {
            deunicode::deunicode_char(c).unwrap_or("").bytes().for_each(|b| push(b, out));
        }
    }
}

/// Emoji and dingbats: transliteration would spell them out as words.
fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27BF}' | '\u{1F000}'..='\u{1FAFF}')
}

/// A key in which the three spellings of a German umlaut are one: `mueller`, `müller` and `muller`
/// are all `muller`.
///
/// It is an equality key only, never shown. A final `-el` keeps its vowels (`Michael`, `Joel`).
pub fn fold_german(value: &str) -> String {
    let folded = fold(value);
    let bytes = folded.as_bytes();
    let mut out = String::with_capacity(folded.len());
    let mut previous = b' ';
    for (i, &byte) in bytes.iter().enumerate() {
        let umlaut = byte == b'e' && matches!(previous, b'a' | b'o' | b'u');
        let final_el = bytes.get(i + 1) == Some(&b'l')
            && bytes.get(i + 2).is_none_or(|next| !next.is_ascii_alphabetic());
        let after_q = i >= 2 && bytes[i - 2] == b'q';
        if !umlaut || final_el || after_q {
            out.push(byte as char);
        }
        previous = byte;
    }
    out
}

/// The letter and digit runs of a folded text.
pub fn tokens(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|c: char| !c.is_alphanumeric()).filter(|token| !token.is_empty())
}

/// True for a cell a spreadsheet would run: `=HYPERLINK(...)`, `@SUM(1+1)`, `+cmd|...`.
pub fn is_formula(value: &str) -> bool {
    let mut chars = value.chars();
    match chars.next() {
        Some('=') => chars.next().is_some(),
        Some('@' | '+' | '-') => {
            let rest = chars.as_str();
            rest.starts_with(|c: char| c.is_ascii_alphabetic()) && rest.contains(['(', '|', '!'])
        }
        _ => false,
    }
}

/// True for a merge field that was never filled: `{{lead.name}}`, `[[First Name]]`, `*|FNAME|*`,
/// `%FIRSTNAME%`, `${name}`, `<First Name>`.
pub fn is_template(value: &str) -> bool {
    // Nearly no value holds a sign that one begins with.
    if !value.bytes().any(|b| matches!(b, b'{' | b'[' | b'*' | b'$' | b'<' | b'%')) {
        return false;
    }
    let wrapped = |open: &str, close: &str| {
        value.find(open).is_some_and(|at| value[at + open.len()..].contains(close))
    };
    wrapped("{{", "}}")
        || wrapped("[[", "]]")
        || wrapped("*|", "|*")
        || wrapped("${", "}")
        || wrapped("<%", "%>")
        || (value.len() > 2 && value.starts_with('%') && value.ends_with('%'))
        || (value.len() > 2 && value.starts_with('<') && value.ends_with('>'))
}

/// The non-empty lines of a reference list, without comments.
pub(crate) fn list_lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[cfg(test)]
mod tests;
