//! One spelling for what differs only in case, accents and punctuation: the one most cells have.
//!
//! Only at level `full`. A spelling wins when more than half of the cells of its group have it; a
//! group without such a spelling stays as it is.

use crate::normalize::text;
use rustc_hash::FxHashMap;

/// The winning spellings of a column.
#[derive(Debug, Default)]
pub(super) struct Spellings {
    by_key: FxHashMap<String, String>,
}

impl Spellings {
    /// Weighs the cleaned values of a column.
    pub(super) fn decide(values: impl Iterator<Item = (String, u64)>) -> Self {
        let mut groups: FxHashMap<String, FxHashMap<String, u64>> = FxHashMap::default();
        for (text, count) in values {
            if let Some(key) = key(&text) {
                *groups.entry(key).or_default().entry(text).or_default() += count;
            }
        }
        let winner = |(key, spellings): (String, FxHashMap<String, u64>)| {
            let all: u64 = spellings.values().sum();
            let best = spellings.into_iter().find(|(_, count)| count * 2 > all)?;
            Some((key, best.0))
        };
        Self { by_key: groups.into_iter().filter_map(winner).collect() }
    }

    /// The winning spelling of a value's group.
    pub(super) fn write(&self, cleaned: &str) -> Option<&str> {
        self.by_key.get(&key(cleaned)?).map(String::as_str)
    }
}

/// Letters and digits, folded; nothing for a value without any and for words that mean empty.
fn key(text: &str) -> Option<String> {
    if text::is_null_word(text) {
        return None;
    }
    let folded = text::fold(text);
    let key = text::tokens(&folded).collect::<Vec<_>>().join(" ");
    (!key.is_empty()).then_some(key)
}
