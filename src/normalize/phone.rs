//! Phone numbers: any spelling to country code, national number and extension.
//!
//! A cell is cleaned in one pass (labels, Excel damage, extension, `(0)`, letters), then read in the
//! ways its shape and its row's country allow, and the reading a number plan knows wins. What is
//! only possible is still formatted: invented and new ranges exist, and two spellings of one unknown
//! number must still meet. Numbers without any country keep their digits.

mod clean;
mod plain;
mod read;
#[cfg(test)]
mod tests;

use super::Normalized;
use super::country::Country;
use super::fold::{is_null_word, trim};

pub use plain::key;
pub use read::column_country;

/// What a number plan says the line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A geographic line.
    Fixed,
    /// A mobile line.
    Mobile,
    /// The plan does not separate the two (North America, Mexico).
    FixedOrMobile,
    /// Toll-free, shared cost, premium and other lines of a company.
    Service,
    /// No plan knows the number.
    Unknown,
}

/// How far the number is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// Only digits of a plausible count; no country.
    Shape,
    /// A country and a possible length, in no assigned range.
    Possible,
    /// The country's number plan knows the range.
    Valid,
}

/// A phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Phone {
    /// Calling code; 0 when no country is known.
    pub country_code: u16,
    /// National significant number as an integer.
    pub national: u64,
    /// Zeros before it that belong to it (Italy; numbers without country).
    pub zeros: u8,
    /// Extension, when one was written.
    pub extension: Option<u32>,
    /// Line type.
    pub kind: Kind,
    /// How far the number is understood.
    pub certainty: Certainty,
}

impl Phone {
    /// Identity for matching: country code and national number in one integer, without extension.
    pub fn key(&self) -> u64 {
        // 10 bits of code, 4 of zeros, 50 of number: 999, 15 and 15 digits all fit.
        u64::from(self.country_code) << 54
            | u64::from(self.zeros & 15) << 50
            | (self.national & ((1 << 50) - 1))
    }

    /// The number a [`Phone::key`] stands for, in E.164 form.
    pub fn e164_of_key(key: u64) -> String {
        let number = Phone {
            country_code: (key >> 54) as u16,
            national: key & ((1 << 50) - 1),
            zeros: ((key >> 50) & 15) as u8,
            extension: None,
            kind: Kind::Unknown,
            certainty: Certainty::Possible,
        };
        if key == 0 { String::new() } else { number.e164() }
    }

    /// The [`tail_key`](Self::tail_key) of the number that a [`Phone::key`] stands for.
    pub fn tail_of_key(key: u64) -> u64 {
        (key & ((1 << 50) - 1)) % 1_000_000_000
    }

    /// True when a [`Phone::key`] names a country.
    pub fn has_country(key: u64) -> bool {
        key >> 54 != 0
    }

    /// The last nine digits (fewer when the number is shorter): equal for one number written with
    /// and without country code or trunk zero.
    pub fn tail_key(&self) -> u64 {
        self.national % 1_000_000_000
    }

    /// `+` and digits; only digits while the country is unknown. The extension is not part of it.
    pub fn e164(&self) -> String {
        let mut out = String::with_capacity(17);
        if self.country_code != 0 {
            out.push('+');
            out.push_str(&self.country_code.to_string());
        }
        for _ in 0..self.zeros {
            out.push('0');
        }
        if self.national > 0 {
            out.push_str(&self.national.to_string());
        }
        out
    }

    /// [`Phone::e164`] with ` ext. 123` when there is an extension.
    pub fn display(&self) -> String {
        match self.extension {
            Some(extension) => format!("{} ext. {extension}", self.e164()),
            None => self.e164(),
        }
    }
}

/// Reads one phone number; `region` is the country of its row (or of its column), if known.
///
/// Repairs: `format` (another spelling), `country-added`, `country-by-shape` (North American and
/// Brazilian grouping), `plus-added`, `country-unknown` and `country-code-unknown` (digits kept),
/// `vanity`.
/// Invalid: `excel-damage`, `placeholder`, `too-short`, `too-long`, `letters`, `several-numbers`.
pub fn parse(raw: &str, region: Option<Country>) -> Normalized<Phone> {
    let text = trim(raw);
    if text.is_empty() {
        return Normalized::missing("");
    }
    if is_null_word(text) {
        return Normalized::missing("null-word");
    }
    let digits = match clean::clean(text) {
        Ok(digits) => digits,
        Err(reason) => return Normalized::invalid(reason),
    };
    match read::read(&digits, region) {
        Err(reason) => Normalized::invalid(reason),
        Ok((phone, "")) if phone.display() == raw => Normalized::ok(phone),
        Ok((phone, "")) => {
            Normalized::repaired(phone, if digits.vanity { "vanity" } else { "format" })
        }
        Ok((phone, reason)) => Normalized::repaired(phone, reason),
    }
}

/// The single numbers of a cell that may hold several (` ::: `, `;`, line breaks, `|`, `/`, `,`).
///
/// Slash and comma also group the digits of one number (`030/1234567`): they split only where both
/// sides are numbers of their own.
pub fn split(raw: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for part in raw.split([';', '\n', '\r', '|']).flat_map(|part| part.split(":::")) {
        split_soft(part, &mut parts);
    }
    parts
}

fn split_soft<'a>(part: &'a str, out: &mut Vec<&'a str>) {
    let mut rest = part;
    while let Some(at) = soft_break(rest) {
        out.push(trim(&rest[..at.0]));
        rest = &rest[at.1..];
    }
    if !trim(rest).is_empty() {
        out.push(trim(rest));
    }
}

/// The first `/`, `,`, ` or ` or second `+` with a whole number on both sides, as byte range.
fn soft_break(text: &str) -> Option<(usize, usize)> {
    let is_number =
        |side: &str| (7..=17).contains(&side.bytes().filter(u8::is_ascii_digit).count());
    for (at, byte) in text.bytes().enumerate() {
        let end = match byte {
            b'/' | b',' => at + 1,
            b'+' if at > 0 => at,
            b' ' if text[at..].starts_with(" or ") || text[at..].starts_with(" y ") => at + 3,
            _ => continue,
        };
        let (left, right) = (&text[..at], &text[end..]);
        // The right side may hold more numbers: it must only begin with one.
        if is_number(left) && right.bytes().filter(u8::is_ascii_digit).count() >= 7 {
            return Some((at, end));
        }
    }
    None
}
