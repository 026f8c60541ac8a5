//! Postcodes in the form of their country.

use crate::normalize::Normalized;
use crate::normalize::country::Country;
use crate::normalize::fold::{is_null_word, trim};

/// A postcode.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Postcode {
    /// The code as its country writes it (`01310-100`, `LS1 4WT`, `94105`).
    pub code: String,
    /// The four digits after a ZIP code.
    pub extension: Option<String>,
}

impl Postcode {
    /// The code with its extension.
    pub fn display(&self) -> String {
        match &self.extension {
            Some(extension) => format!("{}-{extension}", self.code),
            None => self.code.clone(),
        }
    }

    /// Capitals and digits only: equal with and without space or hyphen.
    pub fn key(&self) -> String {
        self.code.chars().filter(char::is_ascii_alphanumeric).collect()
    }
}

/// Reads a postcode; `country` is the row's country, if known.
///
/// Repairs: `format`, `lost-zero` (spreadsheets drop leading zeros; restored only where the country is
/// known and its codes have a fixed length). Invalid: `bad-postcode` (not of this country's form),
/// `placeholder` (`00000`, `99999`).
pub fn postcode(raw: &str, country: Option<Country>) -> Normalized<Postcode> {
    let text = trim(raw);
    if text.is_empty() {
        return Normalized::missing("");
    }
    if is_null_word(text) {
        return Normalized::missing("null-word");
    }
    let compact = compact(text, country);
    if compact.is_empty() || compact.len() > 12 {
        return Normalized::invalid("bad-postcode");
    }
    if is_placeholder(&compact) {
        return Normalized::invalid("placeholder");
    }
    let Some((postcode, reason)) = in_country(&compact, country) else {
        return Normalized::invalid("bad-postcode");
    };
    if !reason.is_empty() {
        Normalized::repaired(postcode, reason)
    } else if postcode.display() == raw {
        Normalized::ok(postcode)
    } else {
        Normalized::repaired(postcode, "format")
    }
}

/// Capitals and digits; without `C.P.`, `ZIP`, a country prefix, or a spreadsheet's `.0`.
fn compact(text: &str, country: Option<Country>) -> String {
    let text = text.strip_suffix(".0").unwrap_or(text);
    let mut compact: String =
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    for label in ["CP", "ZIP", "PLZ", "CEP"] {
        if let Some(rest) = compact.strip_prefix(label)
            && !rest.is_empty()
            && rest.bytes().all(|b| b.is_ascii_digit())
        {
            compact = rest.to_owned();
        }
    }
    // `D-10115`, `F-75001`, `MX 44160`
    let prefixes = country.map(|c| [c.as_str().to_owned(), c.as_str()[..1].to_owned()]);
    for prefix in prefixes.iter().flatten() {
        let all_digits = |rest: &str| rest.len() >= 4 && rest.bytes().all(|b| b.is_ascii_digit());
        if let Some(rest) = compact.strip_prefix(prefix.as_str()).filter(|rest| all_digits(rest)) {
            return rest.to_owned();
        }
    }
    compact
}

fn is_placeholder(compact: &str) -> bool {
    compact.len() >= 4
        && (compact.bytes().all(|b| b == b'0')
            || compact.bytes().all(|b| b == b'9')
            || compact.bytes().all(|b| b == b'X'))
}

fn in_country(compact: &str, country: Option<Country>) -> Option<(Postcode, &'static str)> {
    let digits = compact.bytes().all(|b| b.is_ascii_digit());
    let plain = |code: String| Postcode { code, extension: None };
    let Some(country) = country else {
        return unknown_country(compact, digits).map(|postcode| (postcode, ""));
    };
    match country.as_str() {
        "US" | "PR" => match (digits, compact.len()) {
            (true, 9) => Some((zip(compact), "")),
            (true, 8) => Some((zip(&format!("0{compact}")), "lost-zero")),
            (true, 3..=5) => Some(restored(compact, 5)),
            _ => None,
        },
        "DE" | "FR" | "ES" | "MX" | "IT" => match (digits, compact.len()) {
            (true, 4..=5) => Some(restored(compact, 5)),
            _ => None,
        },
        "IN" => (digits && compact.len() == 6).then(|| (plain(compact.to_owned()), "")),
        "AU" => match (digits, compact.len()) {
            (true, 3..=4) => Some(restored(compact, 4)),
            _ => None,
        },
        "AT" | "CH" | "BE" | "DK" | "NO" | "HU" => {
            (digits && compact.len() == 4).then(|| (plain(compact.to_owned()), ""))
        }
        "BR" => match (digits, compact.len()) {
            (true, 8) => Some((plain(split_at(compact, 5, '-')), "")),
            (true, 7) => Some((plain(split_at(&format!("0{compact}"), 5, '-')), "lost-zero")),
            (true, 5) => Some((plain(compact.to_owned()), "")),
            _ => None,
        },
        "JP" => match (digits, compact.len()) {
            (true, 7) => Some((plain(split_at(compact, 3, '-')), "")),
            (true, 6) => Some((plain(split_at(&format!("0{compact}"), 3, '-')), "lost-zero")),
            _ => None,
        },
        "PT" => match (digits, compact.len()) {
            (true, 7) => Some((plain(split_at(compact, 4, '-')), "")),
            (true, 4) => Some((plain(compact.to_owned()), "")),
            _ => None,
        },
        "GB" | "GG" | "JE" | "IM" => {
            is_british(compact).then(|| (plain(split_at(compact, compact.len() - 3, ' ')), ""))
        }
        "CA" => is_canadian(compact).then(|| (plain(split_at(compact, 3, ' ')), "")),
        "NL" => is_dutch(compact).then(|| (plain(split_at(compact, 4, ' ')), "")),
        _ => Some((plain(compact.to_owned()), "")),
    }
}

/// Without a country the characters stand, and only forms that are one country's own are shaped.
fn unknown_country(compact: &str, digits: bool) -> Option<Postcode> {
    let plain = |code: String| Some(Postcode { code, extension: None });
    match (digits, compact.len()) {
        (true, 9) => Some(zip(compact)),
        (true, 3..=8) => plain(compact.to_owned()),
        _ if is_canadian(compact) => plain(split_at(compact, 3, ' ')),
        _ if is_british(compact) => plain(split_at(compact, compact.len() - 3, ' ')),
        _ if is_dutch(compact) => plain(split_at(compact, 4, ' ')),
        // Codes have digits; a cell without one is a city or a note.
        _ if compact.bytes().any(|b| b.is_ascii_digit()) => plain(compact.to_owned()),
        _ => None,
    }
}

fn zip(nine: &str) -> Postcode {
    Postcode { code: nine[..5].to_owned(), extension: Some(nine[5..].to_owned()) }
}

fn restored(digits: &str, length: usize) -> (Postcode, &'static str) {
    let reason = if digits.len() < length { "lost-zero" } else { "" };
    (Postcode { code: format!("{digits:0>length$}"), extension: None }, reason)
}

fn split_at(compact: &str, at: usize, mark: char) -> String {
    let (left, right) = compact.split_at(at);
    format!("{left}{mark}{right}")
}

/// The shape of a code: `A` for letters, `9` for digits.
fn shape(compact: &str) -> String {
    compact.bytes().map(|b| if b.is_ascii_digit() { '9' } else { 'A' }).collect()
}

fn is_british(compact: &str) -> bool {
    matches!(
        shape(compact).as_str(),
        "A99AA" | "A999AA" | "AA99AA" | "AA999AA" | "A9A9AA" | "AA9A9AA"
    )
}

fn is_canadian(compact: &str) -> bool {
    shape(compact) == "A9A9A9"
}

fn is_dutch(compact: &str) -> bool {
    shape(compact) == "9999AA"
}
