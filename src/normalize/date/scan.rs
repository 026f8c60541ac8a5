//! From text to date parts: a cursor over bytes, ISO first because nearly all cells are.

use super::civil::DAY_MICROS;
use super::{DateOrder, Precision, Reading, month};
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

type Outcome<T> = Result<T, &'static str>;

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

fn day_micros(hour: u8, minute: u8, second: u8, micros: i64) -> Outcome<i64> {
    // 24:00 is the end of the day, 60 a leap second.
    let exists = (hour < 24 && minute < 60 && second <= 60)
        || (hour == 24 && minute == 0 && second == 0 && micros == 0);
    if !exists {
        return Err("impossible-time");
    }
    let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second.min(59));
    Ok(seconds * 1_000_000 + micros)
}

/// One part of a date: a number with its digit count, or a month name.
#[derive(Debug, Clone, Copy)]
enum Part {
    Number(i32, usize),
    Month(u8),
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

/// A place in the bytes of a cell.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn skip_spaces(&mut self) {
        while self.peek().is_some_and(|b| b == b' ' || b == b',') {
            self.at += 1;
        }
    }

    /// Digits as a number and their count (at most nine).
    fn number(&mut self) -> Option<(i32, usize)> {
        let start = self.at;
        let mut value = 0i32;
        while let Some(digit) = self.peek().map(|b| b.wrapping_sub(b'0')).filter(|&d| d <= 9) {
            if self.at - start == 9 {
                return None;
            }
            value = value * 10 + i32::from(digit);
            self.at += 1;
        }
        (self.at > start).then_some((value, self.at - start))
    }

    /// A word of letters, lower-case, at most twelve bytes.
    fn word(&mut self) -> Option<Word> {
        let mut word = Word::default();
        while let Some(byte) = self.peek().filter(u8::is_ascii_alphabetic) {
            *word.bytes.get_mut(word.len)? = byte.to_ascii_lowercase();
            word.len += 1;
            self.at += 1;
        }
        (word.len > 0).then_some(word)
    }

    /// The parts before the time, and the separator between numbers.
    fn date_parts(&mut self) -> Outcome<(Vec<Part>, u8)> {
        let mut parts = Vec::with_capacity(3);
        let mut separator = 0u8;
        while let Some(byte) = self.peek() {
            let before = self.at;
            if byte.is_ascii_digit() {
                let (value, digits) = self.number().ok_or("not-a-date")?;
                if self.peek() == Some(b':') || parts.len() == 3 {
                    self.at = before;
                    break;
                }
                parts.push(Part::Number(value, digits));
                self.skip_ordinal();
            } else if byte.is_ascii_alphabetic() {
                if byte == b'T' && parts.len() >= 2 && !self.next_is_letter() {
                    self.at += 1;
                    break;
                }
                let word = self.word().ok_or("not-a-date")?;
                match month::month(word.as_str()) {
                    Some(month) if !parts.iter().any(|part| matches!(part, Part::Month(_))) => {
                        parts.push(Part::Month(month));
                    }
                    _ if month::is_filler(word.as_str()) => {}
                    _ if parts.len() >= 2 => {
                        self.at = before;
                        break;
                    }
                    _ => return Err("not-a-date"),
                }
                self.eat(b'.');
            } else {
                self.separator(byte, &parts, &mut separator)?;
            }
        }
        Ok((parts, separator))
    }

    fn next_is_letter(&self) -> bool {
        self.bytes.get(self.at + 1).is_some_and(u8::is_ascii_alphabetic)
    }

    fn skip_ordinal(&mut self) {
        let before = self.at;
        if !self.word().is_some_and(|word| month::is_ordinal_ending(word.as_str())) {
            self.at = before;
        }
    }

    /// One separator; two kinds between the numbers of one date are an error.
    fn separator(&mut self, byte: u8, parts: &[Part], seen: &mut u8) -> Outcome<()> {
        match byte {
            b' ' | b',' => {
                self.skip_spaces();
                Ok(())
            }
            b'-' | b'/' | b'.' if !parts.is_empty() => {
                let numbers_only = parts.iter().all(|part| matches!(part, Part::Number(..)));
                if parts.len() < 3 {
                    if numbers_only && *seen != 0 && *seen != byte {
                        return Err("mixed-separators");
                    }
                    *seen = byte;
                }
                self.at += 1;
                Ok(())
            }
            _ => Err("not-a-date"),
        }
    }

    /// Time of day and zone to the end of the cell.
    fn time_and_zone(&mut self, scanned: &mut Scanned) -> Outcome<()> {
        self.skip_spaces();
        if self.peek().is_none() {
            return Ok(());
        }
        let (hour, digits) = self.number().ok_or("not-a-date")?;
        if digits > 2 || !self.eat(b':') {
            return Err("not-a-date");
        }
        let minute = self.two_digits()?;
        let mut second = 0;
        let mut micros = 0;
        scanned.precision = Precision::Minute;
        if self.eat(b':') {
            second = self.two_digits()?;
            scanned.precision = Precision::Second;
            if self.eat(b'.') || self.eat(b',') {
                micros = self.fraction()?;
                scanned.precision = Precision::Fraction;
            }
        }
        let hour = self.half_day(u8::try_from(hour).map_err(|_| "impossible-time")?, scanned)?;
        scanned.day_micros = day_micros(hour, minute, second, micros)?;
        self.zone(scanned)
    }

    fn two_digits(&mut self) -> Outcome<u8> {
        match self.number() {
            Some((value, 2)) => u8::try_from(value).map_err(|_| "impossible-time"),
            _ => Err("not-a-date"),
        }
    }

    /// Up to nine digits of a second, as microseconds.
    fn fraction(&mut self) -> Outcome<i64> {
        let (value, digits) = self.number().ok_or("not-a-date")?;
        let value = i64::from(value);
        let digits = u32::try_from(digits).unwrap_or(9);
        Ok(if digits <= 6 { value * 10i64.pow(6 - digits) } else { value / 10i64.pow(digits - 6) })
    }

    /// `AM` and `PM`, with or without dots.
    fn half_day(&mut self, hour: u8, scanned: &mut Scanned) -> Outcome<u8> {
        let before = self.at;
        self.skip_spaces();
        let half = self.peek().map(|b| b.to_ascii_lowercase());
        let dotted = usize::from(self.bytes.get(self.at + 1) == Some(&b'.'));
        let m = self.bytes.get(self.at + 1 + dotted).map(u8::to_ascii_lowercase);
        let (Some(half @ (b'a' | b'p')), Some(b'm')) = (half, m) else {
            self.at = before;
            return Ok(hour);
        };
        self.at += 2 + dotted;
        self.eat(b'.');
        scanned.reason = "format";
        match (hour, half) {
            (12, b'a') => Ok(0),
            (12, _) => Ok(12),
            (1..=11, b'a') => Ok(hour),
            (1..=11, _) => Ok(hour + 12),
            // `14:30 PM` is said twice, but says one thing.
            (13..=23, b'p') => Ok(hour),
            _ => Err("impossible-time"),
        }
    }

    /// `Z`, `UTC`, `+0800`, `-03:00`, `GMT+1`, `Z-0300` (the offset wins), `(CET)` after an offset.
    fn zone(&mut self, scanned: &mut Scanned) -> Outcome<()> {
        let spaced = self.peek() == Some(b' ');
        self.skip_spaces();
        if self.peek().is_some_and(|b| b.is_ascii_alphabetic()) {
            let before = self.at;
            let word = self.word().ok_or("unknown-zone")?;
            if word.as_str() != "z" || spaced {
                scanned.reason = keep_reason(scanned.reason, "format");
            }
            match zone_minutes(word.as_str()) {
                Some(minutes) => scanned.offset_minutes = Some(minutes),
                None => {
                    self.at = before;
                    return Err("unknown-zone");
                }
            }
        }
        if let Some(sign @ (b'+' | b'-')) = self.peek() {
            if scanned.offset_minutes.is_some() {
                scanned.reason = "zone-twice";
            }
            self.at += 1;
            let minutes = self.offset()?;
            scanned.offset_minutes = Some(if sign == b'-' { -minutes } else { minutes });
        }
        self.skip_spaces();
        if self.peek().is_some_and(|b| b == b'(' || b == b'[') && scanned.offset_minutes.is_some() {
            self.at = self.bytes.len();
        }
        if scanned.year.is_none() || self.peek().is_none() { Ok(()) } else { Err("not-a-date") }
    }

    fn offset(&mut self) -> Outcome<i16> {
        let (value, digits) = self.number().ok_or("unknown-zone")?;
        let (hours, minutes) = match digits {
            1 | 2 if self.eat(b':') => (value, i32::from(self.two_digits()?)),
            1 | 2 => (value, 0),
            3 | 4 => (value / 100, value % 100),
            _ => return Err("unknown-zone"),
        };
        if hours > 15 || minutes > 59 {
            return Err("unknown-zone");
        }
        i16::try_from(hours * 60 + minutes).map_err(|_| "unknown-zone")
    }

    /// `Wed Mar 12 10:00:00 UTC 2025`: the year after the time.
    fn year_after_zone(&mut self) -> Option<Year> {
        self.skip_spaces();
        match self.number() {
            Some((year, 4)) if self.peek().is_none() => Some(Year::Full(year)),
            _ => None,
        }
    }
}

fn keep_reason(old: &'static str, new: &'static str) -> &'static str {
    if old.is_empty() { new } else { old }
}

/// Zone names that mean one thing only (`CST`, `IST` and `BST` do not).
fn zone_minutes(word: &str) -> Option<i16> {
    Some(match word {
        "z" | "utc" | "gmt" | "ut" | "wet" => 0,
        "cet" | "mez" => 60,
        "cest" | "mesz" | "eet" => 120,
        "est" => -300,
        "edt" => -240,
        "cdt" => -300,
        "mdt" => -360,
        "mst" | "pdt" => -420,
        "pst" => -480,
        "jst" => 540,
        _ => return None,
    })
}

#[derive(Default)]
struct Word {
    bytes: [u8; 12],
    len: usize,
}

impl Word {
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or("")
    }
}
