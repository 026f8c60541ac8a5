//! A place in the bytes of a cell, and what can be read from there.

use super::Precision;
use super::month;
use super::scan::{Outcome, Scanned, Year};

/// Microseconds since midnight of an existing time.
pub(super) fn day_micros(hour: u8, minute: u8, second: u8, micros: i64) -> Outcome<i64> {
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
pub(super) enum Part {
    Number(i32, usize),
    Month(u8),
}

/// A place in the bytes of a cell.
pub(super) struct Cursor<'a> {
    pub bytes: &'a [u8],
    pub at: usize,
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
    pub fn date_parts(&mut self) -> Outcome<(Vec<Part>, u8)> {
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
        let is_ending = self.word().is_some_and(|word| month::is_ordinal_ending(word.as_str()));
        if !is_ending || self.peek().is_some_and(|b| b.is_ascii_digit()) {
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
    pub fn time_and_zone(&mut self, scanned: &mut Scanned) -> Outcome<()> {
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
    pub fn year_after_zone(&mut self) -> Option<Year> {
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
