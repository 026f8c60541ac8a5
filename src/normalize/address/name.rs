//! Street names in their comparison form.

use super::words::{direction, ordinal, street_type};
use crate::normalize::country::Country;

/// Comparison form of the name: types and directions spelled out, German types joined to the name.
pub(super) fn canonical_name(tokens: Vec<String>, country: Option<Country>) -> String {
    let german = country.is_some_and(|c| matches!(c.as_str(), "DE" | "AT" | "CH"));
    let last = tokens.len().saturating_sub(1);
    let mut out = String::new();
    for (index, token) in tokens.iter().enumerate() {
        let next = tokens.get(index + 1).map(String::as_str);
        let form = canonical_word(token, index, last, next, german, country);
        let joined = matches!(form.as_str(), "strasse" | "platz" | "weg" | "gasse" | "allee" if index > 0 && (german || form == "strasse"));
        if !joined && !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&form);
    }
    if german {
        // `Berliner-Strasse`, `berlinerstr`: all one word.
        out = out.replace(" strasse", "strasse");
    }
    out
}

fn canonical_word(
    token: &str,
    index: usize,
    last: usize,
    next: Option<&str>,
    german: bool,
    country: Option<Country>,
) -> String {
    if index == 0 && last > 0 {
        match token {
            "c" | "cl" => return "calle".to_owned(),
            "r" if country == Some(Country::BR) || country.is_some_and(|c| c.as_str() == "PT") => {
                return "rua".to_owned();
            }
            // Portuguese and French use the one letter; French names go on with an article.
            "r" if country == Some(Country::FR)
                || matches!(next, Some("de" | "des" | "du" | "la")) =>
            {
                return "rue".to_owned();
            }
            "r" => return "rua".to_owned(),
            "pl" => return "place".to_owned(),
            "pg" | "po" if country == Some(Country::ES) => return "paseo".to_owned(),
            "v" if country == Some(Country::IT) => return "via".to_owned(),
            _ => {}
        }
    }
    // `st` before the last word is a saint, unless a direction follows (`main st w`).
    if token == "st" && index < last && next.and_then(direction).is_none() {
        return "saint".to_owned();
    }
    if token == "ste" && index < last {
        return "sainte".to_owned();
    }
    if let Some(stem) = german_street(token, german, index) {
        return format!("{stem}strasse");
    }
    // A type is the first or last word, or stands before a final direction.
    let edge =
        index == 0 || index == last || (index + 1 == last && next.and_then(direction).is_some());
    if edge
        && last > 0
        && let Some(form) = street_type(token)
    {
        return form.to_owned();
    }
    if last > 0
        && (index == 0 || index == last)
        && let Some(form) = direction(token)
    {
        return form.to_owned();
    }
    ordinal(token).unwrap_or(token).to_owned()
}

/// The stem of a German street word (`hauptstr`, `hauptstrasse`, `str`), if it is one.
fn german_street(token: &str, german: bool, index: usize) -> Option<&str> {
    if let Some(stem) = token.strip_suffix("strasse") {
        return Some(stem);
    }
    let stem = token.strip_suffix("str")?;
    // A lone `str` is German only where we know it is; `hauptstr` can be nothing else.
    ((german && index > 0) || stem.len() >= 3).then_some(stem)
}
