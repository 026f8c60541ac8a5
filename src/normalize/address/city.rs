//! City names: one key for the spellings of one city.

use crate::normalize::Normalized;
use crate::normalize::fold::{fold, is_null_word, list_rows, trim};
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// A city.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
pub struct City {
    /// Folded name for comparison and for [`of_city`](crate::normalize::region::of_city).
    pub key: String,
    /// The name as written, without stray white space and closing punctuation.
    pub display: String,
}

/// Other names of large cities to the folded usual one.
static ALIASES: LazyLock<FxHashMap<String, String>> = LazyLock::new(|| {
    let mut aliases = FxHashMap::default();
    for row in crate::lists::with_own("cities.txt", include_str!("../../../data/cities.txt"))
        .into_iter()
        .flat_map(list_rows)
    {
        let [_, names] = row[..] else { continue };
        let mut names = names.split('|');
        let usual = plain_key(names.next().unwrap_or(""));
        for alias in names.map(plain_key).filter(|alias| *alias != usual) {
            aliases.entry(alias).or_insert_with(|| usual.clone());
        }
    }
    aliases
});

/// Reads a city name.
///
/// Repairs: `format`. Invalid: `no-letters`, `email-in-city`.
pub fn city(raw: &str) -> Normalized<City> {
    let text = trim_closing(raw);
    if text.is_empty() {
        return Normalized::missing("");
    }
    if is_null_word(text) {
        return Normalized::missing("null-word");
    }
    if text.contains('@') {
        return Normalized::invalid("email-in-city");
    }
    let mut key = plain_key(text);
    if !key.bytes().any(|b| b.is_ascii_alphabetic()) {
        return Normalized::invalid("no-letters");
    }
    if let Some(usual) = ALIASES.get(&key) {
        key = usual.clone();
    }
    let display = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if display == raw {
        Normalized::ok(City { key, display })
    } else {
        Normalized::repaired(City { key, display }, "format")
    }
}

/// Trimmed, without the comma that stood before a region.
fn trim_closing(raw: &str) -> &str {
    let mut text = trim(raw);
    while let Some(shorter) = text.strip_suffix([',', ';']) {
        text = trim(shorter);
    }
    text
}

/// Folded, with the abbreviations that begin city names spelled out.
fn plain_key(name: &str) -> String {
    let folded = fold(name);
    let (first, rest) = folded.split_once(' ').unwrap_or((&folded, ""));
    let full = match first {
        "st" => "saint",
        "ste" => "sainte",
        "ft" => "fort",
        "mt" => "mount",
        "cd" => "ciudad",
        "sta" => "santa",
        "sto" => "santo",
        "pto" => "puerto",
        _ => return folded,
    };
    if rest.is_empty() { folded } else { format!("{full} {rest}") }
}
