//! Countries: names, codes and spellings in six languages to ISO 3166-1 alpha-2.
//!
//! A country decides how phones, postcodes and dates of its row are read, so a wrong one costs more
//! than none: only whole names and codes of `data/countries.txt` are understood.

use super::Normalized;
use super::fold::{fold, is_null_word, list_rows, trim};
use rustc_hash::FxHashMap;
use std::fmt;
use std::sync::LazyLock;

/// An ISO 3166-1 alpha-2 code in capitals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// Mexico.
    pub const MX: Country = Country(*b"MX");
    /// United States.
    pub const US: Country = Country(*b"US");
    /// Canada.
    pub const CA: Country = Country(*b"CA");
    /// United Kingdom.
    pub const GB: Country = Country(*b"GB");
    /// Germany.
    pub const DE: Country = Country(*b"DE");
    /// France.
    pub const FR: Country = Country(*b"FR");
    /// Spain.
    pub const ES: Country = Country(*b"ES");
    /// Brazil.
    pub const BR: Country = Country(*b"BR");
    /// India.
    pub const IN: Country = Country(*b"IN");
    /// Japan.
    pub const JP: Country = Country(*b"JP");
    /// Italy.
    pub const IT: Country = Country(*b"IT");

    /// The country of a two-letter code in any case, if ISO knows it.
    pub fn from_code(code: &str) -> Option<Country> {
        match code.as_bytes() {
            [a, b] => {
                let country = Country([a.to_ascii_uppercase(), b.to_ascii_uppercase()]);
                LIST.entries.contains_key(&country).then_some(country)
            }
            _ => None,
        }
    }

    /// The two letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("")
    }

    /// The two letters as bytes.
    pub fn code(self) -> [u8; 2] {
        self.0
    }

    /// The English name.
    pub fn name(self) -> &'static str {
        LIST.entries.get(&self).map_or("", |entry| entry.name)
    }

    /// The three letters.
    pub fn alpha3(self) -> &'static str {
        LIST.entries.get(&self).map_or("", |entry| entry.alpha3)
    }

    /// The dialing code (`1` for all of North America, as phones are written).
    pub fn dialing_code(self) -> u16 {
        LIST.entries.get(&self).map_or(0, |entry| entry.dialing_code)
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for Country {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

struct Entry {
    name: &'static str,
    alpha3: &'static str,
    dialing_code: u16,
}

struct List {
    entries: FxHashMap<Country, Entry>,
    by_name: FxHashMap<String, Country>,
}

static LIST: LazyLock<List> = LazyLock::new(|| {
    let mut list = List { entries: FxHashMap::default(), by_name: FxHashMap::default() };
    for text in crate::lists::with_own("countries.txt", include_str!("../../data/countries.txt")) {
        // Codes before names: the Arabic name of Egypt folds to the code of Montserrat.
        let mut spellings = Vec::new();
        for row in list_rows(text) {
            let [alpha2, alpha3, dialing, names] = row[..] else { continue };
            let &[a, b] = alpha2.as_bytes() else { continue };
            let country = Country([a, b]);
            let mut names = names.split('|');
            let name = names.next().unwrap_or(alpha2);
            // North American members share code 1; the list carries their area code for readers.
            let dialing_code = match dialing.strip_prefix('1') {
                Some(_) => 1,
                None => dialing.parse().unwrap_or(0),
            };
            list.entries.entry(country).or_insert(Entry { name, alpha3, dialing_code });
            for code in [alpha2, alpha3] {
                list.by_name.entry(fold(code)).or_insert(country);
            }
            spellings.extend([name].into_iter().chain(names).map(|name| (fold(name), country)));
        }
        for (spelling, country) in spellings {
            list.by_name.entry(spelling).or_insert(country);
        }
    }
    list
});

/// Reads a country name or code.
///
/// Reasons: `country-name` (understood, but not the two-letter code), `null-word`, `unknown-country`.
pub fn parse(raw: &str) -> Normalized<Country> {
    let text = trim(raw);
    if text.is_empty() {
        return Normalized::missing("");
    }
    // `NA` is Namibia's code and the commonest "not available": none is the cheaper mistake.
    if is_null_word(text) {
        return Normalized::missing("null-word");
    }
    if let Some(country) = Country::from_code(text) {
        return if country.as_str() == raw {
            Normalized::ok(country)
        } else {
            Normalized::repaired(country, "country-name")
        };
    }
    match find(text) {
        Some(country) => Normalized::repaired(country, "country-name"),
        None => Normalized::invalid("unknown-country"),
    }
}

fn find(text: &str) -> Option<Country> {
    let folded = fold(text);
    if let Some(&country) = LIST.by_name.get(&folded) {
        return Some(country);
    }
    let bare = folded.strip_prefix("the ").unwrap_or(&folded);
    if let Some(&country) = LIST.by_name.get(bare) {
        return Some(country);
    }
    // `Mexico (MX)`, `MX - Mexico`, `United States - US`: both halves must name the same country.
    let (left, right) = text.split_once(" - ").or_else(|| text.split_once('('))?;
    let left = LIST.by_name.get(&fold(left))?;
    let right = LIST.by_name.get(&fold(right))?;
    (left == right).then_some(*left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_and_name_is_read_as_its_country() {
        for (country, entry) in &LIST.entries {
            for text in [country.as_str(), entry.alpha3, entry.name] {
                // `NA` says "not available" before it says Namibia.
                if !is_null_word(text) {
                    assert_eq!(parse(text).value, Some(*country), "{text}");
                }
            }
        }
    }
}
