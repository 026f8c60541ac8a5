//! The letter case of names: cells all in capitals or all in small letters.
//!
//! Only at level `full`, and only in a column whose names are mostly written in mixed case: where
//! capitals are the habit of the database they are its form.

use crate::normalize::name::{self, NameParts};
use crate::normalize::text;

/// Whether most names of a column are written in mixed case, once they are clean: letters that were
/// read wrongly have another case.
pub(super) fn is_mixed<'a>(values: impl Iterator<Item = (&'a str, u64)>) -> bool {
    let (mut mixed, mut all) = (0u64, 0u64);
    for (raw, count) in values {
        let text = super::text::clean(raw, false).0;
        let upper = text.chars().any(char::is_uppercase);
        let lower = text.chars().any(char::is_lowercase);
        mixed += if upper && lower { count } else { 0 };
        all += if upper || lower { count } else { 0 };
    }
    mixed * 2 > all
}

/// The name in its usual case. Initials, titles, degrees, placeholders and whatever else a name
/// cell may hold beside a name stay.
pub(super) fn write(cleaned: &str, whole: bool) -> Option<String> {
    let letters = cleaned.chars().filter(|c| c.is_alphabetic()).count();
    let plain = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '\u{2019}');
    if letters < 3 || !cleaned.chars().all(plain) {
        return None;
    }
    let written = text::proper_case(cleaned)?;
    let read = |text: &str| {
        let parts = match whole {
            true => NameParts { full: text, ..NameParts::default() },
            false => NameParts { given: text, ..NameParts::default() },
        };
        name::parse(&parts).value
    };
    let (before, after) = (read(cleaned)?, read(&written)?);
    let only_names = before.prefix.is_empty()
        && before.credentials.is_empty()
        && before.generation.is_none()
        && before.nickname.is_none()
        && before.note.is_none();
    let same =
        before.given_folded == after.given_folded && before.family_folded == after.family_folded;
    (only_names && same).then_some(written)
}
