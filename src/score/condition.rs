//! Conditions of models: tables joined by `all`, `any` and `not`, with three-valued answers.
//!
//! Compiled against the facts (`compile`), a condition is decided once per distinct value. Why three
//! values: a field nobody filled must neither match a rule nor count as a mismatch.

use super::facts::FactValue;
use super::model::Place;
use super::quantity::parse_decimal;
use regex::{Regex, RegexBuilder};
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The answer of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Truth {
    /// The facts contradict it.
    False,
    /// The facts support it.
    True,
    /// The facts say nothing.
    Unknown,
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Truth::True } else { Truth::False }
    }
}

impl std::ops::Not for Truth {
    type Output = Truth;

    fn not(self) -> Truth {
        match self {
            Truth::False => Truth::True,
            Truth::True => Truth::False,
            Truth::Unknown => Truth::Unknown,
        }
    }
}

/// A condition table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Every one holds.
    All(Vec<Condition>),
    /// At least one holds.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// A test of a field.
    Field(FieldTest),
    /// No activity of the lead for this many microseconds.
    Inactive(i64),
    /// A test of a component; only in stages.
    Component(ComponentTest),
}

/// A test of a field's value. Two are equal that ask the same, wherever they stand in a file.
#[derive(Debug, Clone, Eq)]
pub struct FieldTest {
    /// Field name as in [`super::facts::FieldColumn::name`].
    pub field: String,
    /// The test.
    pub test: Test,
    /// Where the model says so.
    pub place: Place,
}

impl PartialEq for FieldTest {
    fn eq(&self, other: &Self) -> bool {
        self.field == other.field && self.test == other.test
    }
}

/// What is asked of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// Equals one of these.
    In(Vec<Literal>),
    /// Equals none of these.
    NotIn(Vec<Literal>),
    /// Contains one of these (folded).
    Contains(Vec<String>),
    /// Starts with one of these (folded).
    Starts(Vec<String>),
    /// The regular expression is found in it, in any letter case.
    Matches(String),
    /// Lies between the bounds; the flag says whether the bound itself is in.
    Between(Option<(Literal, bool)>, Option<(Literal, bool)>),
    /// Is filled (`true`) or empty (`false`): never unknown.
    Known(bool),
}

/// A value written in a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// Text, with its other readings.
    Text {
        /// As written.
        raw: String,
        /// Folded for comparing.
        folded: String,
        /// As a date, when it is one: microseconds since 1970.
        instant: Option<i64>,
    },
    /// Thousandths.
    Number(i64),
    /// Yes or no.
    Flag(bool),
}

/// A test of a component's final value; bounds are inclusive thousandths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentTest {
    /// Index of the component.
    pub component: usize,
    /// Smallest value that passes.
    pub min: i64,
    /// Largest value that passes.
    pub max: i64,
}

impl Condition {
    /// Calls `visit` with this node and all below it.
    pub fn visit<'a>(&'a self, visit: &mut dyn FnMut(&'a Condition)) {
        visit(self);
        match self {
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().for_each(|part| part.visit(visit));
            }
            Condition::Not(part) => part.visit(visit),
            Condition::Field(_) | Condition::Inactive(_) | Condition::Component(_) => {}
        }
    }
}

/// Text as it is compared: letter case, accents and white space folded.
pub fn fold(text: &str) -> Cow<'_, str> {
    let plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_./@+&".contains(&byte);
    if text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        if c.is_whitespace() {
            gap = !out.is_empty();
            continue;
        }
        if std::mem::take(&mut gap) {
            out.push(' ');
        }
        out.push(c);
    }
    Cow::Owned(out)
}

impl Literal {
    /// A text literal; `instant` is its reading as a date.
    pub fn text(raw: &str, instant: Option<i64>) -> Self {
        Literal::Text { raw: raw.to_string(), folded: fold(raw).into_owned(), instant }
    }

    /// As a model writes it.
    pub fn show(&self) -> String {
        match self {
            Literal::Text { raw, .. } => raw.clone(),
            Literal::Number(value) => super::quantity::format_points(*value),
            Literal::Flag(value) => value.to_string(),
        }
    }

    fn number(&self) -> Option<i64> {
        match self {
            Literal::Number(value) => Some(*value),
            Literal::Text { raw, .. } => parse_decimal(raw.trim(), 3).ok(),
            Literal::Flag(_) => None,
        }
    }

    fn flag(&self) -> Option<bool> {
        match self {
            Literal::Flag(value) => Some(*value),
            Literal::Text { folded, .. } => read_flag(folded),
            Literal::Number(_) => None,
        }
    }
}

/// Yes and no as exports spell them.
fn read_flag(folded: &str) -> Option<bool> {
    match folded {
        "true" | "yes" | "y" | "1" | "si" | "oui" | "ja" | "sim" => Some(true),
        "false" | "no" | "n" | "0" | "non" | "nein" | "nao" => Some(false),
        _ => None,
    }
}

/// How a value stands to a literal; `None` when the two cannot be compared.
fn order(value: &FactValue, literal: &Literal) -> Option<std::cmp::Ordering> {
    match value {
        FactValue::Missing => None,
        FactValue::Number(number) => Some(number.cmp(&literal.number()?)),
        FactValue::Instant(at) => match literal {
            Literal::Text { instant, .. } => Some(at.cmp(&(*instant)?)),
            _ => None,
        },
        FactValue::Flag(flag) => Some(flag.cmp(&literal.flag()?)),
        FactValue::Text(text) => match literal {
            Literal::Number(number) => Some(parse_decimal(text.trim(), 3).ok()?.cmp(number)),
            Literal::Flag(flag) => Some(read_flag(&fold(text))?.cmp(flag)),
            Literal::Text { folded, .. } => Some(fold(text).as_ref().cmp(folded)),
        },
    }
}

/// A test made ready: the regular expression is compiled once, not per value.
pub(crate) struct ReadyTest<'a> {
    test: &'a Test,
    pattern: Option<Regex>,
}

/// Compiles the pattern of a `matches` test.
pub(crate) fn compile_pattern(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).case_insensitive(true).build()
}

impl<'a> ReadyTest<'a> {
    pub(crate) fn new(test: &'a Test) -> Self {
        let pattern = match test {
            Test::Matches(pattern) => compile_pattern(pattern).ok(),
            _ => None,
        };
        Self { test, pattern }
    }

    /// Decides the test for one value.
    pub(crate) fn decide(&self, value: &FactValue) -> Truth {
        if let Test::Known(known) = self.test {
            return Truth::from((*value != FactValue::Missing) == *known);
        }
        if *value == FactValue::Missing {
            return Truth::Unknown;
        }
        match self.test {
            Test::In(literals) => equals_any(value, literals),
            Test::NotIn(literals) => !equals_any(value, literals),
            Test::Between(min, max) => within(value, min.as_ref(), max.as_ref()),
            Test::Contains(parts) => {
                text_test(value, |text| parts.iter().any(|part| text.contains(part.as_str())))
            }
            Test::Starts(parts) => {
                text_test(value, |text| parts.iter().any(|part| text.starts_with(part.as_str())))
            }
            Test::Matches(_) => self.matches(value),
            Test::Known(_) => Truth::Unknown,
        }
    }

    fn matches(&self, value: &FactValue) -> Truth {
        let Some(pattern) = &self.pattern else { return Truth::Unknown };
        match value {
            FactValue::Text(text) => {
                Truth::from(pattern.is_match(text) || pattern.is_match(&fold(text)))
            }
            _ => text_test(value, |text| pattern.is_match(text)),
        }
    }
}

/// Equality with any literal; unknown only when none of them can be compared with the value.
fn equals_any(value: &FactValue, literals: &[Literal]) -> Truth {
    let mut comparable = false;
    for literal in literals {
        match order(value, literal) {
            Some(std::cmp::Ordering::Equal) => return Truth::True,
            Some(_) => comparable = true,
            None => {}
        }
    }
    // A text that is no number simply differs from the number in the model.
    if comparable || matches!(value, FactValue::Text(_)) { Truth::False } else { Truth::Unknown }
}

fn within(
    value: &FactValue,
    min: Option<&(Literal, bool)>,
    max: Option<&(Literal, bool)>,
) -> Truth {
    let mut inside = true;
    for (bound, is_min) in [(min, true), (max, false)] {
        let Some((literal, inclusive)) = bound else { continue };
        let Some(order) = order(value, literal) else { return Truth::Unknown };
        let order = if is_min { order } else { order.reverse() };
        inside &= order.is_gt() || (order.is_eq() && *inclusive);
    }
    Truth::from(inside)
}

fn text_test(value: &FactValue, test: impl Fn(&str) -> bool) -> Truth {
    match value {
        FactValue::Text(text) => Truth::from(test(&fold(text))),
        FactValue::Number(number) => Truth::from(test(&super::quantity::format_points(*number))),
        FactValue::Flag(flag) => Truth::from(test(if *flag { "true" } else { "false" })),
        FactValue::Instant(at) => Truth::from(test(&super::quantity::format_date(*at))),
        FactValue::Missing => Truth::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(raw: &str) -> Literal {
        Literal::text(raw, None)
    }

    #[test]
    fn folding_takes_case_accents_and_white_space() {
        for (raw, folded) in [
            ("Étudiant", "etudiant"),
            ("  Marketing \u{a0} MANAGER ", "marketing manager"),
            ("mx", "mx"),
            ("", ""),
        ] {
            assert_eq!(fold(raw), folded);
        }
    }

    #[test]
    fn tests_are_three_valued() {
        use FactValue::{Flag, Missing, Number};
        let word = |raw: &str| FactValue::Text(raw.into());
        let between = |min, max| {
            Test::Between(Some((Literal::Number(min), true)), Some((Literal::Number(max), false)))
        };
        for (test, value, expected) in [
            (Test::In(vec![text("student"), text("étudiant")]), word("ETUDIANT"), Truth::True),
            (Test::In(vec![text("MX")]), Missing, Truth::Unknown),
            (Test::NotIn(vec![text("MX")]), Missing, Truth::Unknown),
            (Test::NotIn(vec![text("MX")]), word("us"), Truth::True),
            (Test::Known(true), Missing, Truth::False),
            (Test::Known(false), Missing, Truth::True),
            (Test::Contains(vec!["manager".into()]), word("Marketing Manager"), Truth::True),
            (Test::Starts(vec!["marketing".into()]), word("Head of marketing"), Truth::False),
            (Test::Matches("^v\\.?p".into()), word("VP Sales"), Truth::True),
            (between(200_000, 1_000_000), Number(200_000), Truth::True),
            (between(200_000, 1_000_000), Number(1_000_000), Truth::False),
            (between(200_000, 1_000_000), word("250"), Truth::True),
            (between(200_000, 1_000_000), word("a few"), Truth::Unknown),
            (Test::In(vec![Literal::Flag(true)]), word("Sí"), Truth::True),
            (Test::In(vec![text("yes")]), Flag(false), Truth::False),
        ] {
            assert_eq!(ReadyTest::new(&test).decide(&value), expected, "{test:?} of {value:?}");
        }
    }
}
