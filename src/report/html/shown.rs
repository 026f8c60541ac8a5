//! How numbers, values and names stand on the page: short, masked and harmless.
//!
//! Every cell of an input is hostile: the template escapes it, and here it is cut and freed of what
//! would turn the direction of writing or hide.

use crate::pipeline::Outcome;
use crate::quality::mask::{Reveal, mask, show};
use crate::record::RecordId;
use crate::report::label::Labels;
use crate::report::summary::printable;
use crate::schema::Role;

/// Characters of a text that are shown.
const LONGEST: usize = 220;

/// A text as the page may show it.
pub(super) fn shown(text: &str) -> String {
    // Cut first: a cell may be a hundred thousand characters long.
    let mut kept = text.char_indices().skip(LONGEST * 2);
    let (text, cut) = match kept.next() {
        Some((at, _)) => (&text[..at], true),
        None => (text, false),
    };
    let clean: String = printable(text).chars().filter(|c| !is_invisible(*c)).collect();
    match clean.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &clean[..at]),
        None if cut => clean + "…",
        None => clean,
    }
}

/// Marks without width, and noncharacters, which no HTML file may hold.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{200b}'..='\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{2060}' | '\u{feff}' | '\u{61c}'
    ) || (c as u32) & 0xfffe == 0xfffe
        || matches!(c, '\u{fdd0}'..='\u{fdef}')
}

/// The value of a column of a role, masked where it says who somebody is.
pub(super) fn masked(value: &str, role: Role) -> String {
    show(&shown(value), role, Reveal::Masked)
}

/// A name or address, masked.
pub(super) fn masked_name(name: &str) -> String {
    mask(&shown(name))
}

/// What a record is called. Ids are needed to look a record up; an id that looks like a name or an
/// address is masked all the same.
pub(super) fn record_name(labels: &Labels, record: RecordId) -> String {
    let mut label = String::new();
    labels.push(record, &mut label);
    let label = shown(&label);
    let id = label.rsplit_once(':').map_or(label.as_str(), |(_, id)| id);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '#' | '.');
    if id.chars().all(plain) && id.bytes().any(|b| b.is_ascii_digit()) && id.len() <= 40 {
        return label;
    }
    mask(&label)
}

/// The ids of the persons of two records, for `forget`.
pub(super) fn persons_of(outcome: &Outcome, records: &[RecordId]) -> String {
    let mut persons: Vec<u32> =
        records.iter().map(|r| outcome.matched.clusters.person_of[r.index()]).collect();
    persons.sort_unstable();
    persons.dedup();
    let ids: Vec<&str> = persons.into_iter().map(|p| outcome.person_ids.get(p)).collect();
    ids.join(" ")
}

/// A share in percent with one decimal; `0 %` and `100 %` only where it is exactly that.
pub(super) fn percent(part: usize, of: usize) -> String {
    if of == 0 {
        return "–".into();
    }
    let tenths = (part as u128 * 1000 + of as u128 / 2) / of as u128;
    match (part, tenths) {
        (0, _) => "0 %".into(),
        (_, 0) => "< 0.1 %".into(),
        (part, _) if part >= of => "100 %".into(),
        (_, 1000) => "> 99.9 %".into(),
        (_, tenths) => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}

/// A probability with as many decimals as tell it from 1.
pub(super) fn probability(prob: f64) -> String {
    match prob {
        p if p > 0.9999 => "> 99.99 %".into(),
        p if p > 0.999 => format!("{:.2} %", p * 100.0),
        p => format!("{:.1} %", p * 100.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_never_round_to_all_or_nothing() {
        let cases = [
            (0, 7, "0 %"),
            (1, 100_000, "< 0.1 %"),
            (1, 3, "33.3 %"),
            (99_999, 100_000, "> 99.9 %"),
            (7, 7, "100 %"),
            (0, 0, "–"),
        ];
        for (part, of, expected) in cases {
            assert_eq!(percent(part, of), expected, "{part} of {of}");
        }
        assert_eq!(probability(0.853), "85.3 %");
        assert_eq!(probability(0.99999), "> 99.99 %");
    }

    #[test]
    fn hostile_texts_are_short_and_turn_nothing() {
        let long = "x".repeat(100_000);
        assert_eq!(shown(&long).chars().count(), LONGEST + 1);
        assert_eq!(shown("a\u{202e}b\u{200b}c\u{feff}\0d\u{ffff}"), "abcd");
        let hidden = "\u{202e}".repeat(1_000) + "tail";
        assert_eq!(shown(&hidden), "…", "what hides behind marks stays hidden");
    }
}
