//! From text to date parts: ISO first, because nearly all cells are, then numbers, then the rest.

use super::civil::DAY_MICROS;
use super::cursor::{Cursor, Part, day_micros};
use super::{DateOrder, Precision, Reading};
use deunicode::deunicode;

/// The parts of a cell as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scanned {
    pub year: Option<Year>,
    pub month: u8,
    pub day: u8,
    /// Microseconds since midnight, in the zone of the cell.
    pub day_micros: i64,
    pub precision: Precision,
    pub offset_minutes: Option<i16>,
    /// Empty for ISO 8601, else why the cell counts as repaired.
    pub reason: &'static str,
}

/// A year with all its digits, or its last two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Year {
    Full(i32),
    Short(i32),
}

pub(super) type Outcome<T> = Result<T, &'static str>;

/// Reads a trimmed, filled cell.
pub(super) fn scan(text: &str, reading: Reading) -> Outcome<Scanned> {
    if let Some(iso) = scan_iso(text.as_bytes()) {
        return iso;
    }
    if text.len() > 80 {
        return Err("not-a-date");
    }
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-')
        && let Some(number) = scan_number(text, reading)
    {
        return number;
    }
    if text.is_ascii() { scan_free(text, reading) } else { scan_free(&deunicode(text), reading) }
}

/// As [`scan`], also without a year: `--0307`, `--03-07`, `7 March`, `07.03.`.
pub(super) fn scan_birth(text: &str, reading: Reading) -> Outcome<Scanned> {
    if let Some(rest) = text.strip_prefix("--") {
        let digits: Vec<u8> =
            rest.bytes().filter(|&b| b != b'-').map(|b| b.wrapping_sub(b'0')).collect();
        return match digits[..] {
            [a, b, c, d] if digits.iter().all(|&d| d <= 9) => {
                Ok(plain(None, a * 10 + b, c * 10 + d, ""))
            }
            _ => Err("not-a-date"),
        };
    }
    scan(text, reading)
}

fn plain(year: Option<Year>, month: u8, day: u8, reason: &'static str) -> Scanned {
    let precision = Precision::Date;
    Scanned { year, month, day, day_micros: 0, precision, offset_minutes: None, reason }
}

/// `2025-03-12`, `2025-03-12T09:50:36Z`: the fast path; `None` leaves the cell to the others.
fn scan_iso(bytes: &[u8]) -> Option<Outcome<Scanned>> {
    let two = |at: usize| -> Option<u8> {
        let (a, b) = (bytes.get(at)?.wrapping_sub(b'0'), bytes.get(at + 1)?.wrapping_sub(b'0'));
        (a <= 9 && b <= 9).then(|| a * 10 + b)
    };
    let (century, year) = (two(0)?, two(2)?);
    if bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return None;
    }
    let (month, day) = (two(5)?, two(8)?);
    let year = i32::from(century) * 100 + i32::from(year);
    if is_zero_date(year, month, day) {
        return Some(Err("zero-date"));
    }
    let mut scanned = plain(Some(Year::Full(year)), month, day, "");
    if bytes.len() == 10 {
        return Some(Ok(scanned));
    }
    if !matches!(bytes.get(10), Some(b'T' | b' ')) {
        return None;
    }
    // `hh:mm:ss` with nothing or `Z` behind it, without the cursor.
    let bare = bytes.len() == 19 || (bytes.len() == 20 && bytes[19] == b'Z');
    if bare && bytes[13] == b':' && bytes[16] == b':' {
        let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
        scanned.precision = Precision::Second;
        scanned.offset_minutes = (bytes.len() == 20).then_some(0);
        return Some(day_micros(hour, minute, second, 0).map(|micros| {
            scanned.day_micros = micros;
            scanned
        }));
    }
    let mut cursor = Cursor { bytes, at: 11 };
    Some(cursor.time_and_zone(&mut scanned).map(|()| scanned))
}

fn is_zero_date(year: i32, month: u8, day: u8) -> bool {
    // 1900-01-00 is Excel's day zero.
    (month == 0 && day == 0) || (year == 1900 && month == 1 && day == 0)
}

/// Cells of digits alone: compact dates, epochs, serials.
fn scan_number(text: &str, reading: Reading) -> Option<Outcome<Scanned>> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty()
        || !whole.bytes().all(|b| b.is_ascii_digit())
        || fraction.contains(['.', '-'])
    {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    if fraction.is_empty() && text.len() == whole.len() {
        let part = |from: usize, to: usize| text[from..to].parse::<i32>().unwrap_or(0);
        match text.len() {
            8 | 12 | 14 if (1600..=2300).contains(&part(0, 4)) => return Some(compact(text, part)),
            8 if number == 0 => return Some(Err("zero-date")),
            1 if number == 0 => return Some(Err("zero-date")),
            10 => return Some(Ok(epoch(number, 1_000_000, Precision::Second))),
            13 => return Some(Ok(epoch(number, 1_000, epoch_precision(number % 1000)))),
            16 => return Some(Ok(epoch(number, 1, epoch_precision(number % 1_000_000)))),
            _ => {}
        }
    }
    if whole.len() == 10 && !fraction.is_empty() {
        let micros = format!("{fraction:0<6}").get(..6)?.parse::<i64>().ok()?;
        return Some(Ok(epoch(number * 1_000_000 + micros, 1, Precision::Fraction)));
    }
    if reading.serials && (1..=120_000).contains(&number) {
        return Some(serial(text));
    }
    None
}

/// `20250312`, `202503121422`, `20250312142201`.
fn compact(text: &str, part: impl Fn(usize, usize) -> i32) -> Outcome<Scanned> {
    let small = |from: usize| u8::try_from(part(from, from + 2)).unwrap_or(0);
    let mut scanned = plain(Some(Year::Full(part(0, 4))), small(4), small(6), "format");
    if is_zero_date(part(0, 4), small(4), small(6)) {
        return Err("zero-date");
    }
    if text.len() > 8 {
        let second = if text.len() == 14 { small(12) } else { 0 };
        scanned.day_micros = day_micros(small(8), small(10), second, 0)?;
        scanned.precision = if text.len() == 14 { Precision::Second } else { Precision::Minute };
    }
    Ok(scanned)
}

fn epoch_precision(below_second: i64) -> Precision {
    if below_second == 0 { Precision::Second } else { Precision::Fraction }
}

fn epoch(number: i64, micros_each: i64, precision: Precision) -> Scanned {
    let micros = number.saturating_mul(micros_each);
    let (year, month, day) = super::civil::from_days(micros.div_euclid(DAY_MICROS));
    let small = |value: i64| u8::try_from(value).unwrap_or(0);
    Scanned {
        year: Some(Year::Full(i32::try_from(year).unwrap_or(0))),
        month: small(month),
        day: small(day),
        day_micros: micros.rem_euclid(DAY_MICROS),
        precision,
        offset_minutes: Some(0),
        reason: "epoch",
    }
}

/// Days since 1899-12-30 (right from 1900-03-01 on, as Excel counts a leap day that never was).
fn serial(text: &str) -> Outcome<Scanned> {
    let days: f64 = text.parse().map_err(|_| "not-a-date")?;
    let seconds = (days.fract() * 86_400.0).round() as i64;
    let micros = (days.trunc() as i64 - 25_569) * DAY_MICROS + seconds * 1_000_000;
    let precision = if seconds == 0 { Precision::Date } else { Precision::Second };
    let scanned = epoch(micros, 1, precision);
    Ok(Scanned { offset_minutes: None, reason: "excel-serial", ..scanned })
}

fn scan_free(text: &str, reading: Reading) -> Outcome<Scanned> {
    let mut cursor = Cursor { bytes: text.as_bytes(), at: 0 };
    let (parts, separator) = cursor.date_parts()?;
    let mut scanned = arrange(&parts, separator, reading.order)?;
    if cursor.at < cursor.bytes.len() {
        cursor.time_and_zone(&mut scanned)?;
    }
    if scanned.year.is_none() {
        scanned.year = cursor.year_after_zone();
    }
    Ok(scanned)
}

/// Puts up to three parts in their places.
fn arrange(parts: &[Part], separator: u8, order: DateOrder) -> Outcome<Scanned> {
    use Part::{Month, Number};
    let small = |value: i32| u8::try_from(value).map_err(|_| "impossible-date");
    match *parts {
        [Number(0, _), Number(0, _), Number(0, _)] => Err("zero-date"),
        [Number(year, 4), Number(month, 1..=2), Number(day, 1..=2)] => {
            let (month, day) = (small(month)?, small(day)?);
            if is_zero_date(year, month, day) {
                return Err("zero-date");
            }
            Ok(plain(Some(Year::Full(year)), month, day, "format"))
        }
        [Number(a, 1..=2), Number(b, 1..=2), Number(c, 2)] if order == DateOrder::YearFirst => {
            Ok(plain(Some(Year::Short(a)), small(b)?, small(c)?, "format"))
        }
        [Number(a, 1..=2), Number(b, 1..=2), Number(year, digits @ (2 | 4))] => {
            let (day, month, reason) = day_and_month(small(a)?, small(b)?, separator, order)?;
            Ok(plain(Some(year_of(year, digits)), month, day, reason))
        }
        [Number(a, 1..=2), Number(b, 1..=2)] => {
            let (day, month, reason) = day_and_month(small(a)?, small(b)?, separator, order)?;
            Ok(plain(None, month, day, reason))
        }
        [Number(day, 1..=2), Month(month), Number(year, digits @ (2 | 4))]
        | [Month(month), Number(day, 1..=2), Number(year, digits @ (2 | 4))]
        | [Number(year, digits @ 4), Month(month), Number(day, 1..=2)] => {
            Ok(plain(Some(year_of(year, digits)), month, small(day)?, "format"))
        }
        [Number(day, 1..=2), Month(month)] | [Month(month), Number(day, 1..=2)] => {
            Ok(plain(None, month, small(day)?, "format"))
        }
        _ => Err("not-a-date"),
    }
}

fn year_of(year: i32, digits: usize) -> Year {
    if digits == 4 { Year::Full(year) } else { Year::Short(year) }
}

/// Day and month of two numbers, and why.
fn day_and_month(a: u8, b: u8, separator: u8, order: DateOrder) -> Outcome<(u8, u8, &'static str)> {
    let against = |wanted| if order == wanted { "other-order" } else { "format" };
    match (a > 12, b > 12) {
        (true, true) => Err("impossible-date"),
        (true, false) => Ok((a, b, against(DateOrder::MonthFirst))),
        (false, true) => Ok((b, a, against(DateOrder::DayFirst))),
        (false, false) if a == b => Ok((a, b, "format")),
        (false, false) => match order {
            DateOrder::DayFirst => Ok((a, b, "format")),
            DateOrder::MonthFirst => Ok((b, a, "format")),
            // Dots are written where the day comes first.
            _ if separator == b'.' => Ok((a, b, "format")),
            _ => Err("ambiguous-date"),
        },
    }
}
