//! Codes: article numbers, ids, postcodes, dates: values of one shape, one length, each once.

use super::rule;
use crate::quality::census::{Census, at_least, sentence};
use crate::quality::{Collector, Hits};
use crate::record::RecordId;
use crate::schema::Role;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// Kinds of text whose shape is free.
fn is_free(role: Role) -> bool {
    use Role::{
        City, Company, Email, FormattedAddress, FreeText, GivenName, Street, Title, Website,
    };
    use Role::{
        FamilyName, FullName, Interests, MergedIds, MiddleName, Mobile, Nickname, Phone, Unit,
    };
    matches!(
        role,
        City | Company
            | Email
            | FormattedAddress
            | FreeText
            | GivenName
            | Street
            | Title
            | Website
            | FamilyName
            | FullName
            | Interests
            | MergedIds
            | MiddleName
            | Mobile
            | Nickname
            | Phone
            | Unit
            | Role::HouseNumber
    )
}

/// A value as its kinds of characters: runs of letters are `a`, runs of digits `9`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Shape {
    /// Runs, four bits each, the last one lowest; too long ones all look alike.
    runs: u64,
    /// Characters.
    length: u16,
    /// Letters.
    letters: u8,
    digits: u8,
    /// Begins with 0.
    zero: bool,
}

/// Kinds of characters, by code.
const LETTER: u64 = 1;
const DIGIT: u64 = 2;
const OTHER: u64 = 15;

fn shape(text: &str) -> Shape {
    let mut shape = Shape { zero: text.starts_with('0'), ..Shape::default() };
    let mut last = 0;
    for c in text.chars() {
        let kind = match c {
            '0'..='9' => DIGIT,
            c if c.is_alphabetic() => LETTER,
            ' ' => 3,
            '-' => 4,
            '/' => 5,
            '.' => 6,
            ':' => 7,
            '_' => 8,
            '+' => 9,
            ',' => 10,
            '@' => 11,
            _ => OTHER,
        };
        shape.length = shape.length.saturating_add(1);
        shape.letters = shape.letters.saturating_add(u8::from(kind == LETTER));
        shape.digits = shape.digits.saturating_add(u8::from(kind == DIGIT));
        if kind != last || kind != LETTER && kind != DIGIT {
            shape.runs = if shape.runs >> 60 != 0 { u64::MAX } else { shape.runs << 4 | kind };
        }
        last = kind;
    }
    shape
}

/// Learns what the values of a column look like.
pub(super) fn check(census: &Census, column: usize, out: &mut Collector) {
    let filled = census.filled[column];
    if is_free(census.role(column)) || filled < 100 {
        return;
    }
    let counts = &census.counts[column];
    let shapes: Vec<Shape> = (0..counts.len())
        .into_par_iter()
        .with_min_len(2048)
        .map(|v| if counts[v] == 0 { Shape::default() } else { shape(census.text(column, v)) })
        .collect();
    let most = |key: &dyn Fn(&Shape) -> u64| -> (u64, u64) {
        let mut seen: FxHashMap<u64, u64> = FxHashMap::default();
        for v in 1..counts.len() {
            *seen.entry(key(&shapes[v])).or_default() += u64::from(counts[v]);
        }
        // Ties by the key, so that the order of rows has no say.
        seen.into_iter()
            .max_by_key(|&(key, count)| (count, std::cmp::Reverse(key)))
            .unwrap_or((0, 0))
    };
    let (runs, alike) = most(&|s| s.runs);
    let has_digits = (0..16).any(|i| runs >> (4 * i) & 15 == DIGIT);
    if !has_digits || runs == u64::MAX {
        return;
    }
    let id = census.role(column) == Role::RecordId;
    let is_number = |s: &Shape| NUMBERS.contains(&s.runs);
    if rule::holds(alike, filled - alike) && !is_number(&Shape { runs, ..Shape::default() }) {
        let check = if id { "id-format" } else { "rare-shape" };
        let hits = census.hits(column, |v| shapes[v].runs != runs);
        out.take(check, Some(column), hits, sentence(check));
    } else if rule::holds(alike, filled - alike) {
        // Among numbers another number is no other shape; a word is.
        let hits = census.hits(column, |v| !is_number(&shapes[v]));
        let check = if id { "id-format" } else { "rare-shape" };
        out.take(check, Some(column), hits, sentence(check));
    }
    lengths(census, column, (&shapes, runs), out);
    doubles(census, column, (&shapes, runs), out);
}

/// Shapes of numbers: whole, with a fraction, with a sign, in thousands.
const NUMBERS: [u64; 8] = [
    DIGIT,
    DIGIT << 8 | 6 << 4 | DIGIT,
    DIGIT << 8 | 10 << 4 | DIGIT,
    4 << 4 | DIGIT,
    4 << 12 | DIGIT << 8 | 6 << 4 | DIGIT,
    4 << 12 | DIGIT << 8 | 10 << 4 | DIGIT,
    DIGIT << 16 | 10 << 12 | DIGIT << 8 | 6 << 4 | DIGIT,
    6 << 4 | DIGIT,
];

/// One length of all, and zeros that a spreadsheet took away.
fn lengths(census: &Census, column: usize, (shapes, runs): (&[Shape], u64), out: &mut Collector) {
    let counts = &census.counts[column];
    let mut of_length: FxHashMap<u16, u64> = FxHashMap::default();
    let (mut zeros, mut all) = (0u64, 0u64);
    for v in (1..counts.len()).filter(|&v| shapes[v].runs == runs) {
        *of_length.entry(shapes[v].length).or_default() += u64::from(counts[v]);
        zeros += u64::from(shapes[v].zero) * u64::from(counts[v]);
        all += u64::from(counts[v]);
    }
    let usual = of_length.iter().max_by_key(|&(&length, &count)| (count, length));
    let Some((&length, &count)) = usual else { return };
    // Numbers of codes begin with 0; amounts do not.
    let shorter =
        |v: usize| shapes[v].runs == DIGIT && shapes[v].length + 1 == length && !shapes[v].zero;
    let cut = of_length.get(&(length - length.min(1))).copied().unwrap_or(0);
    let whole = at_least(count, count + cut) >= 0.9 && count + cut == all;
    if runs == DIGIT
        && length >= 4
        && zeros * 50 >= all
        && cut > 0
        && (whole || rule::holds(count, all - count))
    {
        let hits = census.hits(column, shorter);
        out.take("lost-zero", Some(column), hits, sentence("lost-zero"));
    }
    // A count or an amount grows a digit at the end of its range; a code does not.
    let code = runs != DIGIT || zeros > 0 || (length >= 6 && at_least(count, all) >= 0.99);
    let amount = matches!(census.role(column), Role::Score | Role::Employees | Role::Revenue);
    let signed = NUMBERS[1..].contains(&runs);
    if code && !amount && !signed && length > 1 && rule::holds(count, all - count) {
        let hits = census.hits(column, |v| {
            let lost = zeros * 50 >= all && shorter(v);
            shapes[v].runs == runs && shapes[v].length != length && !lost
        });
        let message =
            format!("other values have {length} characters; a digit is missing, or one too many");
        out.take("rare-length", Some(column), hits, message);
    }
}

/// Expected chance repetitions from which on a repetition says nothing.
const BY_CHANCE: f64 = 0.01;

/// Values that repeat in a column that is otherwise unique. That no two should be alike is only
/// believed where chance would not make two alike: where there are far more possible codes than
/// rows (the birthday problem), or the numbers were counted up.
fn doubles(census: &Census, column: usize, (shapes, runs): (&[Shape], u64), out: &mut Collector) {
    use Role::{Category, ExternalId, Generic, Ignored};
    if !matches!(census.role(column), Category | ExternalId | Generic | Ignored) {
        return;
    }
    let counts = &census.counts[column];
    let filled = census.filled[column];
    let once = counts.iter().skip(1).filter(|&&c| c == 1).count() as u64;
    if !rule::holds(once, filled - once) || is_time(runs) || NUMBERS[1..].contains(&runs) {
        return;
    }
    let first = shapes.iter().enumerate().skip(1).find(|(v, s)| counts[*v] > 0 && s.runs == runs);
    let Some((_, shape)) = first else { return };
    let space =
        26f64.powi(i32::from(shape.letters.min(20))) * 10f64.powi(i32::from(shape.digits.min(30)));
    let rows = filled as f64;
    if rows * rows / (2.0 * space) < BY_CHANCE || is_counted(census, column) {
        // Of every value the first row may be the right one.
        let ids = &census.material.table.columns[column].ids;
        let mut seen = vec![false; counts.len()];
        let mut hits = Hits { count: 0, of: filled, records: Vec::new() };
        for (record, value) in (0u32..).zip(ids).filter(|(_, v)| counts[v.index()] > 1) {
            if !value.is_missing() && std::mem::replace(&mut seen[value.index()], true) {
                hits.count += 1;
                hits.records.push(RecordId(record));
            }
        }
        hits.records.truncate(out.max_samples);
        out.take("rarely-double", Some(column), hits, sentence("rarely-double"));
    }
}

/// Dates and times repeat by chance.
fn is_time(runs: u64) -> bool {
    let seps = [4, 5, 6, 7];
    (0..16).filter(|i| seps.contains(&(runs >> (4 * i) & 15))).count() >= 2
}

/// Whole numbers that leave few gaps.
fn is_counted(census: &Census, column: usize) -> bool {
    let counts = &census.counts[column];
    let numbers = (1..counts.len())
        .filter(|&v| counts[v] > 0)
        .map(|v| census.text(column, v).parse::<i64>().ok());
    let (mut low, mut high, mut seen) = (i64::MAX, i64::MIN, 0i64);
    for number in numbers {
        let Some(number) = number else { return false };
        (low, high, seen) = (low.min(number), high.max(number), seen + 1);
    }
    seen > 0 && high.saturating_sub(low) < seen.saturating_mul(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_runs_of_kinds() {
        assert_eq!(shape("AB-1234").runs, shape("XYZ-9").runs);
        assert_ne!(shape("AB-1234").runs, shape("1234-AB").runs);
        assert_ne!(shape("12/03/2025").runs, shape("2025-03-12").runs);
        let one = shape("00420");
        assert!(one.zero && one.length == 5 && one.digits == 5 && one.runs == DIGIT);
        assert!(is_time(shape("2025-03-12").runs) && !is_time(shape("AB-12").runs));
    }
}
