//! Dates and times in one form.
//!
//! Day and month are told apart by the whole column, as in normalizing; a column whose cells
//! contradict each other or leave it open is not touched. After the repair the whole column is read
//! anew: had a cell changed its meaning because the evidence around it changed, nothing is repaired.

use super::Fixed;
use super::rule::Cells;
use crate::normalize::activity::with_product;
use crate::normalize::date::{self, ColumnOrder, DateOrder, Precision};
use crate::record::ValueId;
use crate::schema::Schema;
use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::Offset;

/// The time of a column by precision: the pattern, and whether it names a zone.
type TimeForms = [Option<(&'static str, bool)>; 3];

/// How dates are written.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DateForm {
    /// ISO 8601: `2026-03-12`, `2026-03-12T09:30:00Z`.
    Iso,
    /// A pattern of `strftime`; the time of a cell that has one stands behind a pattern without.
    Pattern(String),
}

impl std::str::FromStr for DateForm {
    type Err = String;

    /// `iso`, or a pattern with `%Y`, `%m` (or `%b`) and `%d`.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("iso") {
            return Ok(Self::Iso);
        }
        // Two days that differ in every part, so that a part left out is noticed.
        let days = [0, 41_000_000_000_000_000].map(|micros| format(text, micros));
        match days {
            [Some(one), Some(two)] if one != two && keeps_the_day(text) => {
                Ok(Self::Pattern(text.to_string()))
            }
            [Some(_), Some(_)] => Err("says not day, month and year with all its digits".into()),
            _ => Err("is no pattern of dates".into()),
        }
    }
}

/// Whether year, month and day can be read off the pattern.
fn keeps_the_day(pattern: &str) -> bool {
    let plain = pattern.replace("%-", "%").replace("%0", "%").replace("%_", "%");
    let any = |all: &[&str]| all.iter().any(|part| plain.contains(part));
    any(&["%F"]) || any(&["%Y"]) && any(&["%m", "%b", "%B", "%h"]) && any(&["%d", "%e"])
}

/// Dates as columns write them: the pattern, and which order of day and month it shows.
const DATES: [(&str, Option<DateOrder>); 20] = [
    ("%Y-%m-%d", None),
    ("%Y/%m/%d", None),
    ("%Y.%m.%d", None),
    ("%Y%m%d", None),
    ("%d/%m/%Y", Some(DateOrder::DayFirst)),
    ("%m/%d/%Y", Some(DateOrder::MonthFirst)),
    ("%-d/%-m/%Y", Some(DateOrder::DayFirst)),
    ("%-m/%-d/%Y", Some(DateOrder::MonthFirst)),
    ("%d.%m.%Y", None),
    ("%-d.%-m.%Y", None),
    ("%d-%m-%Y", Some(DateOrder::DayFirst)),
    ("%m-%d-%Y", Some(DateOrder::MonthFirst)),
    ("%d %b %Y", None),
    ("%-d %b %Y", None),
    ("%d-%b-%Y", None),
    ("%b %d, %Y", None),
    ("%b %-d, %Y", None),
    ("%d %B %Y", None),
    ("%-d %B %Y", None),
    ("%B %-d, %Y", None),
];

/// Times as columns write them, by what is the finest part, with whether they name a zone.
const TIMES: [&[(&str, bool)]; 3] = [
    &[
        ("T%H:%MZ", true),
        (" %H:%M", false),
        ("T%H:%M", false),
        (" %H:%M UTC", true),
        (" %-H:%M", false),
        (" %I:%M %p", false),
        (" %-I:%M %p", false),
        (", %H:%M", false),
    ],
    &[
        ("T%H:%M:%SZ", true),
        (" %H:%M:%S", false),
        ("T%H:%M:%S", false),
        (" %H:%M:%S UTC", true),
        ("T%H:%M:%S+00:00", true),
        ("T%H:%M:%S+0000", true),
        (" %-H:%M:%S", false),
        (" %I:%M:%S %p", false),
        (" %-I:%M:%S %p", false),
        (" %H:%M:%SZ", true),
    ],
    &[
        ("T%H:%M:%S.%3fZ", true),
        ("T%H:%M:%S.%6fZ", true),
        (" %H:%M:%S.%3f", false),
        (" %H:%M:%S.%6f", false),
        ("T%H:%M:%S.%3f", false),
        ("T%H:%M:%S.%3f+0000", true),
        (" %H:%M:%S.%3f UTC", true),
        (" %H:%M:%S.%6f UTC", true),
    ],
];

/// The form of a column.
#[derive(Debug)]
pub(super) struct DateRule {
    date: String,
    times: Times,
    /// A birthday: read by the rules for birthdays, never with a time.
    birth: bool,
    /// The order of day and month, per source.
    orders: Vec<DateOrder>,
    /// Dates that are all digits, widest part first, need no look when they have the shape.
    iso: bool,
}

#[derive(Debug)]
enum Times {
    /// ISO 8601.
    Iso,
    /// In the pattern of the date.
    Inside,
    /// The column's own, by precision; `None` where no form has most.
    Own(TimeForms),
}

/// A moment as it is compared before and after.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Moment {
    micros: i64,
    precision: Precision,
    offset: Option<i16>,
}

impl DateRule {
    pub(super) fn form(&self) -> String {
        let time = match &self.times {
            Times::Own(times) => times[1].or(times[0]).or(times[2]).map_or("", |(time, _)| time),
            _ => "",
        };
        format!("{}{}", self.date, time)
    }

    /// The form asked for, else the one that more than half of the understood cells have.
    pub(super) fn decide(
        cells: &Cells,
        asked: Option<&DateForm>,
        birth: bool,
        inputs: &[Schema],
    ) -> Option<Self> {
        let orders = orders(inputs, birth, |source| cells.texts_of(source));
        let undecided = |order: &DateOrder| *order == DateOrder::Mixed;
        if orders.iter().any(undecided) {
            return None;
        }
        let rule = |date: &str, times| Self {
            iso: date == "%Y-%m-%d",
            date: date.to_string(),
            times,
            birth,
            orders: orders.clone(),
        };
        match asked {
            Some(DateForm::Iso) => Some(rule("%Y-%m-%d", Times::Iso)),
            Some(DateForm::Pattern(pattern)) if has_time(pattern) => {
                Some(rule(pattern, Times::Inside))
            }
            Some(DateForm::Pattern(pattern)) => {
                let times = learn(cells, &orders, birth).map_or([None; 3], |(_, times)| times);
                Some(rule(pattern, Times::Own(times)).with_usual_times())
            }
            None => {
                let (date, times) = learn(cells, &orders, birth)?;
                Some(rule(DATES[date].0, Times::Own(times)).with_usual_times())
            }
        }
    }

    /// Precisions that no cell shows yet are written the usual way.
    fn with_usual_times(mut self) -> Self {
        let usual = if self.iso { 0 } else { 1 };
        if let Times::Own(times) = &mut self.times {
            for (time, known) in times.iter_mut().zip(TIMES) {
                *time = time.or(known.get(usual).copied());
            }
        }
        self
    }

    /// The date in this form, when all the sources that hold it read it the same.
    pub(super) fn write(&self, text: &str, sources: &[u16]) -> Option<String> {
        if self.is_in_form(text) {
            return Some(text.to_string());
        }
        self.rewrite(text, sources)
    }

    /// Whether a date is seen to be in this form, as most are, without being read.
    pub(super) fn is_in_form(&self, text: &str) -> bool {
        let instants = match &self.times {
            Times::Iso => true,
            Times::Inside => false,
            Times::Own(times) => times[1] == Some(("T%H:%M:%SZ", true)),
        };
        self.iso && (is_iso_day(text) || instants && !self.birth && is_iso_second(text))
    }

    fn rewrite(&self, text: &str, sources: &[u16]) -> Option<String> {
        let mut moments = sources.iter().map(|&s| self.read(text, self.order(s)));
        let moment = moments.next()??;
        if moments.any(|other| other != Some(moment)) {
            return None;
        }
        let written = self.in_form(moment).filter(|written| {
            sources.iter().all(|&s| self.read(written, self.order(s)) == Some(moment))
        });
        Some(written.unwrap_or_else(|| text.to_string()))
    }

    fn order(&self, source: u16) -> DateOrder {
        self.orders.get(usize::from(source)).or(self.orders.first()).copied().unwrap_or_default()
    }

    fn in_form(&self, moment: Moment) -> Option<String> {
        if moment.precision == Precision::Date {
            return format(&self.date, moment.micros);
        }
        let at = moment.precision as usize - 1;
        let pattern = match &self.times {
            Times::Inside => self.date.clone(),
            Times::Iso => {
                let local = moment.micros + i64::from(moment.offset.unwrap_or(0)) * 60_000_000;
                let time = ["T%H:%M", "T%H:%M:%S", "T%H:%M:%S.%6f"][at];
                let written = format(&format!("%Y-%m-%d{time}"), local)?;
                return Some(written + &zone(moment.offset));
            }
            Times::Own(times) => {
                let (time, zoned) = times[at]?;
                // Another zone than the column's is not written away.
                let fits = match moment.offset {
                    None => !zoned,
                    Some(offset) => offset == 0 && zoned,
                };
                if !fits {
                    return None;
                }
                format!("{}{time}", self.date)
            }
        };
        format(&pattern, moment.micros)
    }

    fn read(&self, text: &str, order: DateOrder) -> Option<Moment> {
        read(text, order, self.birth)
    }

    /// Takes everything back when the repaired column would be read otherwise.
    pub(super) fn review(
        &self,
        cells: &Cells,
        inputs: &[Schema],
        values: Vec<(u32, Fixed)>,
    ) -> Vec<(u32, Fixed)> {
        if values.is_empty() {
            return values;
        }
        let text_of = |v: u32| match values.binary_search_by_key(&v, |(value, _)| *value) {
            Ok(at) => values[at].1.text.as_str(),
            Err(_) => cells.dictionary.get(ValueId(v)),
        };
        let after = orders(inputs, self.birth, |source| cells.used_by(source).map(text_of));
        if after == self.orders {
            return values;
        }
        let same = after.iter().enumerate().all(|(source, &order)| {
            cells.used_by(source).all(|v| {
                let before = self.read(cells.dictionary.get(ValueId(v)), self.order(source as u16));
                before == self.read(text_of(v), order)
            })
        });
        if same { values } else { Vec::new() }
    }
}

/// The order of day and month in each source, as normalizing decides it; birthdays have one.
fn orders<'a, I: Iterator<Item = &'a str>>(
    inputs: &[Schema],
    birth: bool,
    texts: impl Fn(usize) -> I,
) -> Vec<DateOrder> {
    let count = if birth { 1 } else { inputs.len().max(1) };
    let decide = |source: usize| {
        let decided = ColumnOrder::decide(texts(source)).order;
        inputs.get(source).map_or(decided, |input| with_product(decided, input))
    };
    (0..count).map(decide).collect()
}

/// The date form of more than half of the understood cells, and likewise the time forms.
fn learn(cells: &Cells, orders: &[DateOrder], birth: bool) -> Option<(usize, TimeForms)> {
    let order = orders.first().copied().unwrap_or_default();
    let mut dates = [0u64; DATES.len()];
    let mut times = TIMES.map(|known| vec![0u64; known.len()]);
    let mut understood = [0u64; 4];
    for (text, count, _) in cells.sample() {
        let Some(moment) = read(text, order, birth) else { continue };
        understood[moment.precision as usize] += count;
        if moment.offset.is_some_and(|offset| offset != 0) {
            continue;
        }
        let date = DATES.iter().position(|(pattern, shown)| {
            let fits = shown.is_none_or(|shown| shown == order || order == DateOrder::YearFirst);
            fits && format(pattern, moment.micros).is_some_and(|date| {
                let Some(rest) = text.strip_prefix(date.as_str()) else { return false };
                if moment.precision == Precision::Date {
                    return rest.is_empty();
                }
                let at = moment.precision as usize - 1;
                let time = TIMES[at].iter().position(|(time, zoned)| {
                    *zoned == moment.offset.is_some()
                        && format(time, moment.micros).as_deref() == Some(rest)
                });
                if let Some(time) = time {
                    times[at][time] += count;
                }
                time.is_some()
            })
        });
        if let Some(date) = date {
            dates[date] += count;
        }
    }
    let all: u64 = understood.iter().sum();
    let date = (0..DATES.len()).find(|&d| dates[d] * 2 > all)?;
    let most = |at: usize| {
        let found = (0..TIMES[at].len()).find(|&t| times[at][t] * 2 > understood[at + 1]);
        found.map(|t| TIMES[at][t])
    };
    Some((date, [most(0), most(1), most(2)]))
}

fn read(text: &str, order: DateOrder, birth: bool) -> Option<Moment> {
    if birth {
        let day = date::birth(text, order).value?;
        let year = i16::try_from(day.year?).ok()?;
        // A year of two digits is an assumption; it is not written out.
        if !text.contains(&year.to_string()) {
            return None;
        }
        let day = jiff::civil::Date::new(year, day.month as i8, day.day as i8).ok()?;
        let midnight = Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()?;
        let micros = midnight.as_microsecond();
        return Some(Moment { micros, precision: Precision::Date, offset: None });
    }
    let time = date::parse(text, order).value?;
    Some(Moment { micros: time.micros, precision: time.precision, offset: time.offset_minutes })
}

/// A moment in UTC by a pattern; `None` for a pattern that is none.
fn format(pattern: &str, micros: i64) -> Option<String> {
    let time = Timestamp::from_microsecond(micros).ok()?;
    strtime::format(pattern, Offset::UTC.to_datetime(time)).ok()
}

fn zone(offset: Option<i16>) -> String {
    match offset {
        None => String::new(),
        Some(0) => "Z".into(),
        Some(minutes) => {
            let (sign, all) = (if minutes < 0 { '-' } else { '+' }, minutes.unsigned_abs());
            format!("{sign}{:02}:{:02}", all / 60, all % 60)
        }
    }
}

fn has_time(pattern: &str) -> bool {
    let plain = pattern.replace("%-", "%").replace("%0", "%").replace("%_", "%");
    ["%H", "%I", "%k", "%l", "%T", "%R", "%M"].iter().any(|part| plain.contains(part))
}

/// `2026-03-12T09:30:00Z`, of a year and a day of the month that need no calendar.
fn is_iso_second(text: &str) -> bool {
    let shape = b"dddd-dd-ddTdd:dd:ddZ";
    let fits = |(byte, shape): (u8, &u8)| match shape {
        b'd' => byte.is_ascii_digit(),
        sign => byte == *sign,
    };
    let bytes = text.as_bytes();
    let two = |at: usize| (bytes[at] - b'0') * 10 + (bytes[at + 1] - b'0');
    bytes.len() == shape.len()
        && text.bytes().zip(shape).all(fits)
        && (19..=20).contains(&two(0))
        && (1..=12).contains(&two(5))
        && (1..=28).contains(&two(8))
        && two(11) < 24
        && two(14) < 60
        && two(17) < 60
}

/// `2026-03-12`, alone: the commonest cell of all.
fn is_iso_day(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shape = |i: usize, b: u8| if matches!(i, 4 | 7) { b == b'-' } else { b.is_ascii_digit() };
    bytes.len() == 10 && bytes.iter().enumerate().all(|(i, &b)| shape(i, b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What is seen to be in form is what reading and writing it would give.
        #[test]
        fn instants_in_form_stay(
            date in "(19|20)[0-9]{2}-(0[0-9]|1[0-3])-[0-3][0-9]",
            time in "[0-2][0-9]:[0-6][0-9]:[0-6][0-9]|00:00:00|23:59:59",
            order in prop::sample::select(vec![DateOrder::DayFirst, DateOrder::MonthFirst]),
            own in any::<bool>(),
        ) {
            let text = format!("{date}T{time}Z");
            let times = match own {
                true => Times::Own([None, Some(("T%H:%M:%SZ", true)), None]),
                false => Times::Iso,
            };
            let (date, orders) = ("%Y-%m-%d".to_string(), vec![order]);
            let rule = DateRule { date, times, birth: false, orders, iso: true };
            if rule.is_in_form(&text) {
                prop_assert_eq!(rule.rewrite(&text, &[0]), Some(text));
            }
        }
    }
}
