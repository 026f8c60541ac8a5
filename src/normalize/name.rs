//! Person names: from whatever cells hold them to given names, family names and what surrounds them.
//!
//! Read by the name comparison and its blocking keys. Why one function over all name cells of a
//! record: a title may stand in the given-name cell, the suffix in the family-name cell and the
//! whole name in either, and only together do the cells say which is which.

mod affix;
mod case;
mod known;
mod nickname;
mod order;
mod parse;
mod placeholder;
mod plain;
mod refuse;
mod tokens;

pub use affix::Generation;
pub use known::{family_frequency, given_frequency, is_family_name, is_given_name};
pub use nickname::{nickname_root, same_by_nickname};
pub use parse::parse;
pub use placeholder::is_placeholder;
pub use plain::CellKind;

/// The cells of a record that may hold its name; any may be empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct NameParts<'a> {
    /// Salutation or title cell.
    pub prefix: &'a str,
    /// First-name cell.
    pub given: &'a str,
    /// Middle-name cell.
    pub middle: &'a str,
    /// Last-name cell.
    pub family: &'a str,
    /// Suffix cell.
    pub suffix: &'a str,
    /// Full-name cell.
    pub full: &'a str,
    /// Nickname cell.
    pub nickname: &'a str,
}

/// A person's name in its parts.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct PersonName {
    /// Titles as written (`Dr.`, `Lic.`).
    pub prefix: Vec<String>,
    /// Given and middle names, initials included, as shown.
    pub given: Vec<String>,
    /// Family names as shown, each with its particles (`de la Cruz`).
    pub family: Vec<String>,
    /// Jr, Sr, II, III, IV, V.
    pub generation: Option<Generation>,
    /// Degrees and the like (`PhD`, `CPA`).
    pub credentials: Vec<String>,
    /// Nickname given beside the name.
    pub nickname: Option<String>,
    /// What a cell held beside the name: `old`, `work`, a company after a dash.
    pub note: Option<String>,
    /// Folded given names, hyphenated ones apart (`jean`, `pierre`).
    pub given_folded: Vec<String>,
    /// Folded family names, particles joined to them (`delacruz`), hyphenated ones apart.
    pub family_folded: Vec<String>,
    /// Folded family names without particles (`cruz`).
    pub family_core: Vec<String>,
    /// Given and family name look exchanged: the one is known only as the other. Never applied.
    pub swap_likely: bool,
}

impl PersonName {
    /// True when all that is known of the given name is initials.
    pub fn given_is_initial(&self) -> bool {
        !self.given_folded.is_empty() && self.given_folded.iter().all(|name| name.len() == 1)
    }

    /// True when all that is known of the family name is initials.
    pub fn family_is_initial(&self) -> bool {
        !self.family_folded.is_empty() && self.family_folded.iter().all(|name| name.len() == 1)
    }

    /// Bit `i` is set when given name `i` is an initial.
    pub fn initial_flags(&self) -> u32 {
        let names = self.given_folded.iter().take(32).enumerate();
        names.fold(0, |flags, (i, name)| flags | (u32::from(name.len() == 1) << i))
    }

    /// The name as one line: given names, family names, generation.
    pub fn display(&self) -> String {
        let mut out = String::with_capacity(32);
        let generation = self.generation.map(Generation::name);
        let names = self.given.iter().chain(&self.family).map(String::as_str);
        for part in names.chain(generation) {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(part);
        }
        out
    }
}

#[cfg(test)]
mod tests;
