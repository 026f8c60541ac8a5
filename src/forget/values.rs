//! The values of a person, and their traces in texts.
//!
//! Why not every cell: a country, a date or a company of many people tells nothing of this one, and
//! erasing it would destroy what belongs to others. A value counts when no row that stays holds it.

use super::delimited::{self, Ids, delimiter_of};
use super::person::Person;
use super::{JOURNAL, journal, json, read};
use crate::error::Result;
use crate::normalize::date::{self, DateOrder};
use crate::normalize::{country, email, phone};
use regex::bytes::{Regex, RegexBuilder};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;

/// What a person leaves behind in texts.
#[derive(Debug, Default)]
pub(super) struct Values {
    /// E-mail addresses, and phone numbers with country code.
    pub addresses: BTreeSet<String>,
    /// Finds any telling value.
    pattern: Option<Regex>,
}

impl Values {
    /// Gathers them from the files that hold the person's rows.
    pub fn gather(
        run: &Path,
        files: &[String],
        person: &Person,
        journal: Option<&[u8]>,
    ) -> Result<Self> {
        let mut own: BTreeSet<String> = BTreeSet::new();
        let mut others: Vec<String> = Vec::new();
        for file in ["leads.csv", "consent.csv", "activities.csv"] {
            if files.iter().any(|f| f == file) {
                let bytes = read(run, file)?;
                let kept = person.kept_rows(file);
                split_rows(&bytes, person, kept, &mut own, &mut others);
            }
        }
        for file in ["leads.jsonl", "activities.jsonl"] {
            if files.iter().any(|f| f == file) {
                let rows = json::cells(file, &read(run, file)?, person, person.kept_rows(file))?;
                for (is_own, cells) in rows {
                    if is_own { own.extend(cells) } else { others.extend(cells) }
                }
            }
        }
        if let Some(journal) = journal.filter(|_| files.iter().any(|f| f == JOURNAL)) {
            journal::split_rows(journal, person, &mut own, &mut others);
        }
        let addresses = addresses(&own);
        let mut telling: BTreeSet<String> = own.into_iter().filter(|v| is_telling(v)).collect();
        telling.extend(addresses.iter().cloned());
        remove_shared(&mut telling, &others);
        Ok(Self { addresses, pattern: pattern(&telling) })
    }

    /// Whether a text holds a value of the person.
    pub fn is_in(&self, text: &str) -> bool {
        self.pattern.as_ref().is_some_and(|p| bounded(p, text.as_bytes()).next().is_some())
    }

    /// The text with something else for each value.
    pub fn erase<'a>(&self, text: &'a str, instead: &str) -> Cow<'a, str> {
        if !self.is_in(text) {
            return Cow::Borrowed(text);
        }
        let bytes = self.erase_bytes(text.as_bytes(), instead);
        Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// As [`Values::erase`], for any bytes.
    pub fn erase_bytes(&self, text: &[u8], instead: &str) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        let mut from = 0;
        if let Some(pattern) = &self.pattern {
            for (start, end) in bounded(pattern, text) {
                out.extend_from_slice(&text[from..start]);
                out.extend_from_slice(instead.as_bytes());
                from = end;
            }
        }
        out.extend_from_slice(&text[from..]);
        out
    }
}

/// Cells of the person's rows, and those of all others.
fn split_rows(
    bytes: &[u8],
    person: &Person,
    kept: Option<&[bool]>,
    own: &mut BTreeSet<String>,
    others: &mut Vec<String>,
) {
    let rows = delimited::rows(bytes, delimiter_of(bytes));
    let Some(header) = rows.first() else { return };
    let ids = Ids::of(&header.cells);
    let ours = |c: usize| header.cells.get(c).is_some_and(|h| h.starts_with("leadmend_"));
    for (i, row) in rows.iter().skip(1).enumerate() {
        let is_own = match kept.and_then(|kept| kept.get(i)) {
            Some(keep) => !keep,
            None => ids.is_of(person, &row.cells),
        };
        let cells = row.cells.iter().enumerate().filter(|(c, v)| !v.is_empty() && !ours(*c));
        let cells = cells.map(|(_, v)| v.trim().to_string());
        if is_own { own.extend(cells) } else { others.extend(cells) }
    }
}

/// Long enough to tell somebody, and neither a time nor a small number.
fn is_telling(value: &str) -> bool {
    let letters = value.chars().filter(|c| c.is_alphabetic()).count();
    let digits = value.chars().filter(|c| c.is_numeric()).count();
    let is_time = || date::parse(value, DateOrder::YearFirst).value.is_some();
    let is_flag = || crate::normalize::flag::parse(value).value.is_some();
    (letters >= 3 || digits >= 5) && !is_flag() && !is_time()
}

/// E-mail addresses and numbers among a person's cells; numbers are read by every country the cells
/// name, which suppresses too much rather than too little.
pub(super) fn addresses(cells: &BTreeSet<String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut regions: Vec<_> =
        cells.iter().filter_map(|c| country::parse(c).value).map(Some).collect();
    regions.push(None);
    for cell in cells {
        if cell.contains('@') {
            let emails = email::split(cell).into_iter().filter_map(|part| email::parse(part).value);
            found.extend(emails.filter(|e| !e.placeholder).map(|e| e.address()));
            continue;
        }
        if cell.bytes().filter(u8::is_ascii_digit).count() < 7 {
            continue;
        }
        for part in phone::split(cell) {
            for region in &regions {
                let number = phone::parse(part, *region).value;
                let number = number.filter(|p| {
                    p.country_code != 0
                        && (p.certainty == phone::Certainty::Valid || part.starts_with('+'))
                });
                found.extend(number.map(|p| p.e164()));
            }
        }
    }
    found
}

/// Takes away the values that rows which stay hold as well.
fn remove_shared(telling: &mut BTreeSet<String>, others: &[String]) {
    let Some(any) = pattern(telling) else { return };
    let mut shared: BTreeSet<String> = BTreeSet::new();
    for cell in others {
        // Overlapping values (a name and its longer form) hide each other: all are asked for.
        if bounded(&any, cell.as_bytes()).next().is_some() {
            let folded = cell.to_lowercase();
            shared.extend(telling.iter().filter(|v| folded.contains(&v.to_lowercase())).cloned());
        }
    }
    telling.retain(|value| !shared.contains(value));
}

/// Any of the values, the longest first, whatever the letter case.
fn pattern(values: &BTreeSet<String>) -> Option<Regex> {
    let mut values: Vec<&String> = values.iter().collect();
    values.sort_by_key(|v| std::cmp::Reverse(v.len()));
    let any: Vec<String> = values.into_iter().map(|v| regex::escape(v)).collect();
    if any.is_empty() {
        return None;
    }
    RegexBuilder::new(&any.join("|")).case_insensitive(true).size_limit(1 << 28).build().ok()
}

/// Matches that are no part of a longer word or number.
fn bounded<'a>(pattern: &'a Regex, text: &'a [u8]) -> impl Iterator<Item = (usize, usize)> + 'a {
    let is_word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
    pattern.find_iter(text).map(|m| (m.start(), m.end())).filter(move |&(start, end)| {
        let before = start.checked_sub(1).and_then(|i| text.get(i));
        let inside = |left: Option<&u8>, right: Option<&u8>| is_word(left) && is_word(right);
        !inside(before, text.get(start)) && !inside(text.get(end - 1), text.get(end))
    })
}
