//! Dates and times: the spellings of exports to UTC microseconds, birthdays to year, month and day.
//!
//! `3/2/2025` means nothing by itself: whether day or month comes first is decided for a whole
//! column from the rows that can only be read one way ([`ColumnOrder`]), never cell by cell. What
//! stays open is invalid (`ambiguous-date`), not guessed.

mod civil;
mod cursor;
mod month;
mod order;
mod scan;
#[cfg(test)]
mod tests;

use super::Normalized;
use super::fold::{is_null_word, trim};
pub use order::ColumnOrder;
use scan::Scanned;

/// Which part of `3/2/2025` is the day.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum DateOrder {
    /// Day, month, year.
    DayFirst,
    /// Month, day, year.
    MonthFirst,
    /// Year, month, day, also when the year has two digits.
    YearFirst,
    /// Both kinds were seen: only cells that can be read one way are read.
    Mixed,
    /// No cell decides; the caller may put a declared or product default in its place.
    #[default]
    Ambiguous,
}

/// How the cells of one column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reading {
    /// Order of day and month.
    pub order: DateOrder,
    /// Minutes east of UTC for times that carry no zone of their own.
    pub zone_minutes: i16,
    /// Bare numbers such as `45678.5` are Excel's days since 1899-12-30.
    pub serials: bool,
}

impl From<DateOrder> for Reading {
    fn from(order: DateOrder) -> Self {
        Reading { order, ..Reading::default() }
    }
}

/// The finest part that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// A day.
    Date,
    /// Hours and minutes.
    Minute,
    /// Seconds.
    Second,
    /// Parts of a second.
    Fraction,
}

/// A point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
pub struct DateTime {
    /// Microseconds since 1970-01-01T00:00:00Z; for a plain date its midnight, in no zone.
    pub micros: i64,
    /// The finest part that was written.
    pub precision: Precision,
    /// Minutes east of UTC as written; `None` when the column's zone was assumed.
    pub offset_minutes: Option<i16>,
}

impl DateTime {
    /// ISO 8601 in UTC, with the precision that was written.
    pub fn display(&self) -> String {
        let days = self.micros.div_euclid(civil::DAY_MICROS);
        let micros = self.micros.rem_euclid(civil::DAY_MICROS);
        let (year, month, day) = civil::from_days(days);
        let date = format!("{year:04}-{month:02}-{day:02}");
        let seconds = micros / 1_000_000;
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        match self.precision {
            Precision::Date => date,
            Precision::Minute => format!("{date}T{hour:02}:{minute:02}Z"),
            Precision::Second => format!("{date}T{hour:02}:{minute:02}:{second:02}Z"),
            Precision::Fraction => {
                let fraction = micros % 1_000_000;
                format!("{date}T{hour:02}:{minute:02}:{second:02}.{fraction:06}Z")
            }
        }
    }
}

/// A day of birth; the year may be withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
pub struct BirthDate {
    /// Year, if given.
    pub year: Option<u16>,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

impl BirthDate {
    /// `1946-09-02`, or `--03-07` without a year.
    pub fn display(&self) -> String {
        match self.year {
            Some(year) => format!("{year:04}-{:02}-{:02}", self.month, self.day),
            None => format!("--{:02}-{:02}", self.month, self.day),
        }
    }

    /// One integer for comparison: year (0 when withheld), month, day as decimal digits.
    pub fn key(&self) -> u32 {
        u32::from(self.year.unwrap_or(0)) * 10_000
            + u32::from(self.month) * 100
            + u32::from(self.day)
    }
}

/// Reads a date or a time.
///
/// Repairs: `format`, `other-order` (the cell can only be read against its column's order), `epoch`,
/// `excel-serial`, `zone-twice`. Missing: `zero-date` (`0/0/00`). Invalid: `impossible-date`,
/// `impossible-time`, `impossible-year`, `ambiguous-date`, `mixed-separators`, `no-year`,
/// `unknown-zone`, `not-a-date`.
pub fn parse(raw: &str, reading: impl Into<Reading>) -> Normalized<DateTime> {
    let reading = reading.into();
    let text = trim(raw);
    if text.is_empty() {
        return Normalized::missing("");
    }
    if is_null_word(text) {
        return Normalized::missing("null-word");
    }
    let scanned = match scan::scan(text, reading) {
        Ok(scanned) => scanned,
        Err("zero-date") => return Normalized::missing("zero-date"),
        Err(reason) => return Normalized::invalid(reason),
    };
    match to_utc(&scanned, reading) {
        Ok(time) if scanned.reason.is_empty() && text.len() == raw.len() => Normalized::ok(time),
        Ok(time) if scanned.reason.is_empty() => Normalized::repaired(time, "format"),
        Ok(time) => Normalized::repaired(time, scanned.reason),
        Err(reason) => Normalized::invalid(reason),
    }
}

fn to_utc(scanned: &Scanned, reading: Reading) -> Result<DateTime, &'static str> {
    let year = match scanned.year {
        Some(scan::Year::Full(year)) => year,
        // As in POSIX: 69 to 99 are 1969 to 1999.
        Some(scan::Year::Short(year)) => year + if year < 69 { 2000 } else { 1900 },
        None => return Err("no-year"),
    };
    if !(1600..=2300).contains(&year) {
        return Err("impossible-year");
    }
    let days = civil::checked_days(year, scanned.month, scanned.day).ok_or("impossible-date")?;
    let mut micros = days * civil::DAY_MICROS + scanned.day_micros;
    if scanned.precision > Precision::Date {
        let offset = scanned.offset_minutes.unwrap_or(reading.zone_minutes);
        micros -= i64::from(offset) * 60_000_000;
    }
    let offset_minutes = scanned.offset_minutes;
    Ok(DateTime { micros, precision: scanned.precision, offset_minutes })
}

/// Reads a day of birth (`19460902`, `--0307`, `7 March`, and all that [`parse`] reads).
///
/// Reasons as for [`parse`]; also invalid `placeholder` (1900-01-01).
pub fn birth(raw: &str, order: DateOrder) -> Normalized<BirthDate> {
    let text = trim(raw);
    if text.is_empty() {
        return Normalized::missing("");
    }
    if is_null_word(text) {
        return Normalized::missing("null-word");
    }
    let scanned = match scan::scan_birth(text, order.into()) {
        Ok(scanned) => scanned,
        Err("zero-date") => return Normalized::missing("zero-date"),
        Err(reason) => return Normalized::invalid(reason),
    };
    let year = match scanned.year {
        Some(scan::Year::Full(year)) => Some(year),
        // The people of lead lists are rarely younger than their teens.
        Some(scan::Year::Short(year)) => Some(year + if year < 16 { 2000 } else { 1900 }),
        None => None,
    };
    // 2000 stands in for an unknown year, so that 29 February passes.
    if civil::checked_days(year.unwrap_or(2000), scanned.month, scanned.day).is_none() {
        return Normalized::invalid("impossible-date");
    }
    match year {
        Some(1900) if (scanned.month, scanned.day) == (1, 1) => {
            return Normalized::invalid("placeholder");
        }
        Some(year) if !(1850..=2100).contains(&year) => {
            return Normalized::invalid("impossible-year");
        }
        _ => {}
    }
    let year = year.and_then(|year| u16::try_from(year).ok());
    let date = BirthDate { year, month: scanned.month, day: scanned.day };
    match scanned.reason {
        // ISO as it should be: nothing around it, no time behind it.
        "" if raw.len() == if date.year.is_some() { 10 } else { 7 } => Normalized::ok(date),
        "" => Normalized::repaired(date, "format"),
        reason => Normalized::repaired(date, reason),
    }
}
