//! Rule files: what a project accepts, in words of its own (`check.toml`).
//!
//! Stands between what the checks found and the verdict. A rule changes weights and limits, adds
//! conditions, leaves rows out and suppresses single records until a day; it never changes what a
//! check finds. Why limits are the rule's and not the check's: one file has 2 % duplicates on a good
//! day, another must have none.

mod apply;
mod asked;
pub mod custom;
mod parse;
mod preset;
mod report;

pub use parse::parse;
pub use preset::Preset;
pub use report::Ruled;

use super::finding::Severity;
use crate::score::condition::Condition;

/// A rule file, read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules {
    /// What it builds on.
    pub extends: Preset,
    /// Weight of rules that give none.
    pub severity: Option<Severity>,
    /// Rows that are left out of findings about records.
    pub ignore_rows: Option<Condition>,
    /// The rules, in file order.
    pub rules: Vec<Rule>,
    /// Records that are left alone for a while.
    pub suppressed: Vec<Suppressed>,
}

/// One `[[check]]`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rule {
    /// The check, or the name of a condition of its own.
    pub id: String,
    /// Line of the file.
    pub line: u32,
    /// `severity = "off"`: the check does not count.
    pub off: bool,
    /// Weight; none: that of the preset.
    pub severity: Option<Severity>,
    /// Share from which it fires; below it is information.
    pub max_rate: Option<f64>,
    /// Number from which it fires.
    pub max_rows: Option<u64>,
    /// When it warns.
    pub warn_if: Option<Limit>,
    /// When it is an error.
    pub error_if: Option<Limit>,
    /// Columns, by header or role; none: all that the check looks at.
    pub fields: Vec<String>,
    /// `not-null`: it is enough that any one of the fields is filled.
    pub any: bool,
    /// Probability from which records are duplicates, or the difference that is noticed.
    pub threshold: Option<f64>,
    /// Days after which something is old.
    pub days: Option<i64>,
    /// Values that are allowed.
    pub allowed: Vec<String>,
    /// A condition that should hold for no record.
    pub condition: Option<Condition>,
    /// What a condition's findings say.
    pub message: Option<String>,
}

/// A record whose findings do not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    /// The record's label: id, `source:id` or `source:id#occurrence`.
    pub record: String,
    /// Line of the file.
    pub line: u32,
    /// The checks; none: all.
    pub checks: Vec<String>,
    /// The last day on which it holds, as microseconds of its end; none: for good.
    pub until: Option<i64>,
    /// Why.
    pub why: Option<String>,
}

/// What a number is measured by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Unit {
    /// The number of places.
    Count,
    /// Their share.
    Share,
}

/// `> 0.01`, `>= 5`, `between 5 and 10`: a share where it has a point or `%`, else a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// Number or share.
    pub unit: Unit,
    /// Smallest value, and whether it is in.
    pub min: (f64, bool),
    /// Largest value, and whether it is in.
    pub max: (f64, bool),
}

impl Limit {
    /// Reads a limit.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(rest) = text.strip_prefix("between ") {
            let (low, high) = rest.split_once(" and ")?;
            let ((low, unit), (high, other)) = (number(low)?, number(high)?);
            let ordered = unit == other && low <= high;
            return ordered.then_some(Self { unit, min: (low, true), max: (high, true) });
        }
        let (sign, rest) = text.split_at(text.find(|c| !"<>=!".contains(c))?);
        let (value, unit) = number(rest)?;
        let (open, none) = ((f64::INFINITY, true), (f64::NEG_INFINITY, true));
        let (min, max) = match sign {
            ">" => ((value, false), open),
            ">=" => ((value, true), open),
            "<" => (none, (value, false)),
            "<=" => (none, (value, true)),
            "=" | "==" => ((value, true), (value, true)),
            _ => return None,
        };
        Some(Self { unit, min, max })
    }

    /// Whether a finding of this many places among so many is meant.
    pub fn holds(&self, count: u64, of: u64) -> bool {
        let value = match self.unit {
            Unit::Count => count as f64,
            Unit::Share if of == 0 => 0.0,
            Unit::Share => count as f64 / of as f64,
        };
        let above = if self.min.1 { value >= self.min.0 } else { value > self.min.0 };
        let below = if self.max.1 { value <= self.max.0 } else { value < self.max.0 };
        above && below
    }
}

fn number(text: &str) -> Option<(f64, Unit)> {
    let text = text.trim();
    let plain =
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b"._ %".contains(&b));
    if !plain {
        return None;
    }
    match text.strip_suffix('%') {
        Some(percent) => Some((percent.trim().parse::<f64>().ok()? / 100.0, Unit::Share)),
        None => {
            let unit = if text.contains('.') { Unit::Share } else { Unit::Count };
            Some((text.replace('_', "").parse().ok()?, unit))
        }
    }
}

impl Rules {
    /// The rule for a check in a column.
    pub fn rule(&self, check: &str, is_column: impl Fn(&str) -> bool) -> Option<&Rule> {
        let of_check = || self.rules.iter().filter(|rule| rule.id == check);
        // One that names the column wins over one for all columns.
        of_check()
            .find(|rule| rule.fields.iter().any(|field| is_column(field)))
            .or_else(|| of_check().find(|rule| rule.fields.is_empty()))
    }

    /// Probability from which records are one person, when `duplicate-rate` sets one.
    pub fn merge_at(&self) -> Option<f64> {
        self.rules.iter().find(|rule| rule.id == "duplicate-rate").and_then(|rule| rule.threshold)
    }

    /// The difference from which a check of earlier data notices something. Where the rule has
    /// conditions of its own, they decide about every difference.
    pub fn threshold(&self, check: &str, usual: f64) -> f64 {
        let Some(rule) = self.rules.iter().find(|rule| rule.id == check) else { return usual };
        let conditional = rule.warn_if.is_some() || rule.error_if.is_some();
        let least = rule.threshold.or(rule.max_rate);
        least.unwrap_or(if conditional || rule.max_rows.is_some() { 0.0 } else { usual })
    }

    /// Whether places must be known of all findings and not of the first only.
    pub fn needs_all_places(&self) -> bool {
        self.ignore_rows.is_some() || !self.suppressed.is_empty()
    }

    /// Whether conditions ask what the records say, as a scoring model does.
    pub fn asks_facts(&self) -> bool {
        let asks = |rule: &Rule| rule.condition.is_some() || rule.id == "consent-missing";
        self.ignore_rows.is_some() || self.rules.iter().any(|rule| !rule.off && asks(rule))
    }

    /// Whether a check is switched off altogether.
    pub fn is_off(&self, check: &str) -> bool {
        let mut own = self.rules.iter().filter(|rule| rule.id == check).peekable();
        match own.peek() {
            Some(_) => own.all(|rule| rule.off),
            None => self.extends.is_off(check),
        }
    }
}

#[cfg(test)]
mod tests;
