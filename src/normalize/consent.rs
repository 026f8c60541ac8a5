//! Consent words: what a cell of a consent column says about one address or number.
//!
//! Only the word is judged here. Whether a column speaks of permission or of refusal (`true` under
//! `HasOptedOutOfEmail`), and which fact wins, is decided where column and history are known.

use super::fold::{fold, is_null_word, list_rows, trim};
use super::{Normalized, flag};
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// The state of a consent fact, as a word names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentWord {
    /// The person agreed.
    OptedIn,
    /// The person, or someone for them, ended it.
    OptedOut,
    /// The person objected to processing (stronger than opting out of a list).
    Objected,
    /// The address does not work.
    Bounced,
    /// The person reported spam.
    Complained,
    /// The word is known and says nothing decisive (`pending`, `not set`).
    Unknown,
    /// A plain yes: its meaning is the column's.
    Yes,
    /// A plain no: its meaning is the column's.
    No,
}

static WORDS: LazyLock<FxHashMap<String, ConsentWord>> = LazyLock::new(|| {
    let mut words = FxHashMap::default();
    for row in
        crate::lists::with_own("consent_words.txt", include_str!("../../data/consent_words.txt"))
            .into_iter()
            .flat_map(list_rows)
    {
        let [state, list] = row[..] else { continue };
        let Some(state) = state_of(state) else { continue };
        for word in list.split('|') {
            words.entry(fold(word)).or_insert(state);
        }
    }
    words
});

/// True for the name of a state in the list of words.
pub(crate) fn is_state(code: &str) -> bool {
    state_of(code.trim()).is_some()
}

fn state_of(code: &str) -> Option<ConsentWord> {
    Some(match code {
        "opted-in" => ConsentWord::OptedIn,
        "opted-out" => ConsentWord::OptedOut,
        "objected" => ConsentWord::Objected,
        "bounced" => ConsentWord::Bounced,
        "complained" => ConsentWord::Complained,
        "unknown" => ConsentWord::Unknown,
        _ => return None,
    })
}

/// Reads a consent cell. Booleans come back as [`ConsentWord::Yes`] and [`ConsentWord::No`].
///
/// Repairs: `consent-word`. Invalid: `unknown-consent-word`, which callers must treat as no
/// permission.
pub fn parse_word(raw: &str) -> Normalized<ConsentWord> {
    let text = trim(raw);
    if text.is_empty() {
        return Normalized::missing("");
    }
    let folded = fold(text);
    if let Some(&state) = WORDS.get(&folded) {
        return if folded == raw {
            Normalized::ok(state)
        } else {
            Normalized::repaired(state, "consent-word")
        };
    }
    if is_null_word(text) {
        return Normalized::missing("null-word");
    }
    let answer = flag::parse(raw);
    match answer.value {
        Some(yes) => Normalized {
            value: Some(if yes { ConsentWord::Yes } else { ConsentWord::No }),
            status: answer.status,
            reason: answer.reason,
        },
        None => Normalized::invalid("unknown-consent-word"),
    }
}
