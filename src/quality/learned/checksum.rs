//! Check digits: where nearly all numbers of a column fit one, those that do not were mistyped.

use crate::quality::Collector;
use crate::quality::census::{Census, at_least};
use rayon::prelude::*;

/// A kind of check digit; a random number fits one in ten times or less.
struct Kind {
    name: &'static str,
    fits: fn(&str) -> Option<bool>,
}

const KINDS: [Kind; 4] = [
    Kind { name: "IBAN", fits: iban },
    Kind { name: "ISBN-10", fits: isbn10 },
    Kind { name: "EAN or ISBN-13", fits: ean },
    Kind { name: "Luhn", fits: luhn },
];

/// Rows that are needed; that so many random numbers fit is impossible in practice.
const ROWS: u64 = 50;
/// Share that must fit, with 95 % certainty.
const FITTING: f64 = 0.9;

/// Learns whether a column has check digits.
pub(super) fn check(census: &Census, column: usize, out: &mut Collector) {
    let counts = &census.counts[column];
    let filled = census.filled[column];
    if filled < ROWS {
        return;
    }
    // Most columns are ruled out by a few cells.
    let worth = |kind: &Kind| {
        let (fit, all) = census.some_cells(column).take(64).fold((0, 0), |(fit, all), text| {
            (fit + u64::from((kind.fits)(text) == Some(true)), all + 1)
        });
        fit * 2 > all
    };
    for kind in KINDS.iter().filter(|kind| worth(kind)) {
        let fits: Vec<Option<bool>> = (0..counts.len())
            .into_par_iter()
            .with_min_len(2048)
            .map(|v| (kind.fits)(census.text(column, v)))
            .collect();
        let count = |wanted: Option<bool>| -> u64 {
            let values = (1..counts.len()).filter(|&v| fits[v] == wanted);
            values.map(|v| u64::from(counts[v])).sum()
        };
        let (right, wrong) = (count(Some(true)), count(Some(false)));
        if right < ROWS || at_least(right, filled) < FITTING {
            continue;
        }
        if wrong > 0 {
            let hits = census.hits(column, |v| fits[v] == Some(false));
            let message =
                format!("the check digit ({}) does not fit; retype the number", kind.name);
            out.take("checksum", Some(column), hits, message);
        }
        return;
    }
}

/// The digits of a number that may be grouped by spaces or hyphens.
fn digits(text: &str) -> Option<Vec<u32>> {
    let bare = text.chars().filter(|c| !matches!(c, ' ' | '-'));
    bare.map(|c| c.to_digit(10)).collect()
}

/// Luhn (ISO/IEC 7812), for numbers of ten digits and more.
fn luhn(text: &str) -> Option<bool> {
    let digits = digits(text).filter(|d| (10..=19).contains(&d.len()))?;
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, &d)| match at % 2 {
            0 => d,
            _ => d * 2 / 10 + d * 2 % 10,
        })
        .sum();
    Some(sum.is_multiple_of(10))
}

/// EAN-8, EAN-13 and ISBN-13: weights 1 and 3 from the right.
fn ean(text: &str) -> Option<bool> {
    let digits = digits(text).filter(|d| matches!(d.len(), 8 | 12 | 13))?;
    let sum: u32 = digits.iter().rev().enumerate().map(|(at, &d)| d * [1, 3][at % 2]).sum();
    Some(sum.is_multiple_of(10))
}

fn isbn10(text: &str) -> Option<bool> {
    let bare: Vec<char> = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    if bare.len() != 10 {
        return None;
    }
    let mut sum = 0;
    for (at, c) in bare.iter().enumerate() {
        let value = match c {
            'X' | 'x' if at == 9 => 10,
            c => c.to_digit(10)?,
        };
        sum += value * (10 - at as u32);
    }
    Some(sum.is_multiple_of(11))
}

/// IBAN (ISO 13616): the rearranged number modulo 97 is 1.
fn iban(text: &str) -> Option<bool> {
    let bare: String = text.chars().filter(|c| *c != ' ').collect();
    let bytes = bare.as_bytes();
    let formed = (15..=34).contains(&bytes.len())
        && bytes.iter().all(u8::is_ascii_alphanumeric)
        && bytes[..2].iter().all(u8::is_ascii_alphabetic)
        && bytes[2..4].iter().all(u8::is_ascii_digit);
    if !formed {
        return None;
    }
    let rest = bytes[4..].iter().chain(&bytes[..4]).fold(0u32, |rest, &byte| {
        match (byte as char).to_digit(36) {
            Some(digit @ 0..=9) => (rest * 10 + digit) % 97,
            Some(letter) => (rest * 100 + letter) % 97,
            None => rest,
        }
    });
    Some(rest == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numbers_fit() {
        assert_eq!(luhn("4111 1111 1111 1111"), Some(true));
        assert_eq!(luhn("4111 1111 1111 1112"), Some(false));
        assert_eq!(ean("4006381333931"), Some(true));
        assert_eq!(ean("978-0-306-40615-7"), Some(true));
        assert_eq!(ean("9780306406158"), Some(false));
        assert_eq!(isbn10("0-8044-2957-X"), Some(true));
        assert_eq!(iban("GB82 WEST 1234 5698 7654 32"), Some(true));
        assert_eq!(iban("GB82 WEST 1234 5698 7654 33"), Some(false));
        assert_eq!([luhn("abc"), ean("12"), isbn10(""), iban("GB8")], [None; 4]);
    }
}
