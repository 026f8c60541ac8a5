//! E-mail addresses in small letters.
//!
//! Only letter case and white space: a display name or a `mailto:` around an address says something,
//! and what it says is not thrown away.

use crate::normalize::email;

/// The cell in small letters, when it holds addresses and nothing else.
pub(super) fn write(cleaned: &str) -> Option<String> {
    let lower = cleaned.to_lowercase();
    let compact = |text: &str| text.replace(' ', "");
    let whole = email::parse(cleaned).value;
    let pieces: Vec<&str> = if whole.is_some() { vec![cleaned] } else { email::split(cleaned) };
    let bare = pieces.iter().all(|piece| {
        let read = email::parse(piece).value.map(|e| e.address());
        read.is_some_and(|address| address == compact(&piece.to_lowercase()))
    });
    if pieces.is_empty() || !bare {
        return None;
    }
    // One address: without the spaces somebody typed around the @.
    Some(if whole.is_some() { compact(&lower) } else { lower })
}

/// True for a cell that needs no look: ASCII without capitals and white space.
pub(super) fn is_plain(raw: &str) -> bool {
    raw.bytes().all(|b| (b'!'..=b'~').contains(&b) && !b.is_ascii_uppercase())
}
