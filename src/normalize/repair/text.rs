//! White space, invisible characters and mojibake: the repairs that need no meaning.
//!
//! Applied to every column but ids, consent and scores. Why not `text::clean` as it is: matching may
//! throw away what a reader needs, such as the joiners inside Persian words and emoji, or the
//! paragraphs of a note.

use super::Kinds;
use crate::normalize::text;
use std::borrow::Cow;

/// The cleaned text and what was done; line breaks inside are kept where `lines`.
pub(super) fn clean(raw: &str, lines: bool) -> (Cow<'_, str>, Kinds) {
    if is_plainly_clean(raw) || needs_joiners(raw) {
        return (Cow::Borrowed(raw), Kinds::default());
    }
    let cleaned = if lines && raw.contains('\n') { clean_lines(raw) } else { text::clean(raw) };
    // Nothing visible left: a cell that cannot be understood stays.
    if cleaned == raw || (cleaned.is_empty() && !raw.trim().is_empty()) {
        return (Cow::Borrowed(raw), Kinds::default());
    }
    let kinds = Kinds::of(text::clean_reason(raw, &cleaned));
    (cleaned, kinds)
}

/// Every line cleaned, the breaks between them as they were, none around the whole.
fn clean_lines(raw: &str) -> Cow<'_, str> {
    let mut out = String::with_capacity(raw.len());
    for line in raw.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        out.push_str(&text::clean(content));
        out.push_str(&line[content.len()..]);
    }
    let trimmed = out.trim();
    if trimmed == raw { Cow::Borrowed(raw) } else { Cow::Owned(trimmed.to_string()) }
}

/// The common case, told in one pass: nothing to trim or collapse, and no two neighbors beyond
/// ASCII, without which there is no mojibake; only Latin letters, which are composed.
fn is_plainly_clean(raw: &str) -> bool {
    let mut previous = ' ';
    for c in raw.chars() {
        let plain = match c {
            ' ' => previous != ' ',
            '!'..='~' => true,
            '\u{C0}'..='\u{17F}' => previous.is_ascii(),
            _ => false,
        };
        if !plain {
            return false;
        }
        previous = c;
    }
    raw.is_empty() || previous != ' '
}

/// Joiners, direction marks and variation selectors belong to some scripts and to emoji.
fn needs_joiners(raw: &str) -> bool {
    let mark = |c: char| {
        matches!(c, '\u{200C}'..='\u{200F}' | '\u{061C}' | '\u{FE00}'..='\u{FE0F}')
            || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{E0020}'..='\u{E007F}')
    };
    let user = |c: char| {
        !mark(c)
            && matches!(c, '\u{590}'..='\u{1FFF}' | '\u{2100}'..='\u{2BFF}' | '\u{3030}'
                | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{1F000}'..='\u{1FAFF}')
    };
    raw.chars().any(mark) && raw.chars().any(user)
}
