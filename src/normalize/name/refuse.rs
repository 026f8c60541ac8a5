//! Name cells that hold no name: addresses, numbers, formulae, identifiers.
//!
//! Called by `name::parse` for each cell. Why a cell and not the record is refused: an e-mail in the
//! given-name cell does not make the family name wrong.

use crate::normalize::text;

/// "Null" is a surname beside a given name, in any case; so are Na and Nil.
pub(super) fn is_null_surname(cell: &str) -> bool {
    matches!(cell.trim().to_ascii_lowercase().as_str(), "null" | "na" | "nil" | "nan")
}

/// Why a cell is no name at all.
pub(super) fn refuse(cell: &str) -> Option<&'static str> {
    let bytes = cell.as_bytes();
    if bytes.iter().all(|b| b.is_ascii_alphabetic() || *b == b' ') {
        return if is_token(cell) { Some("token-in-name") } else { None };
    }
    if text::is_formula(cell) {
        return Some("formula");
    }
    if text::is_template(cell) {
        return Some("placeholder");
    }
    if let Some(at) = cell.find('@')
        && cell[at..].contains('.')
        && cell[at + 1..].starts_with(|c: char| c.is_alphanumeric())
        && at > 0
    {
        return Some("email-in-name");
    }
    let lower = cell.to_ascii_lowercase();
    if lower.contains("://") || lower.starts_with("www.") || lower.contains(" www.") {
        return Some("url-in-name");
    }
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = cell.chars().filter(|c| c.is_alphabetic()).count();
    if digits >= 6 && letters < digits && !is_token(cell) {
        return Some("phone-in-name");
    }
    if digits > 0 && letters == 0 {
        return Some("digits-in-name");
    }
    if letters == 0 {
        return Some("no-letters");
    }
    is_token(cell).then_some("token-in-name")
}

/// A hash or identifier: sixteen or more hex digits, some of them digits.
fn is_token(cell: &str) -> bool {
    cell.len() >= 16
        && cell.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
        && cell.bytes().any(|b| b.is_ascii_digit())
}
