//! Typed look-ups in a TOML table that note what is wrong and where, and go on.

use super::{ModelMistake, nearest};
use crate::score::model::Place;
use crate::score::quantity::{parse_decimal, parse_span};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub(crate) type Value<'t> = Spanned<DeValue<'t>>;

/// Largest number of points a rule or bound may name: sums of a few billion of them still fit.
const LARGEST_POINTS: i64 = 1_000_000_000;

/// The file and the mistakes found so far.
pub(crate) struct Reader<'t> {
    pub(crate) text: &'t str,
    file: String,
    line_starts: Vec<usize>,
    mistakes: Vec<ModelMistake>,
}

/// A table and where it starts.
#[derive(Clone, Copy)]
pub(crate) struct Section<'a, 't> {
    pub(crate) table: &'a DeTable<'t>,
    pub(crate) at: usize,
}

impl<'t> Reader<'t> {
    pub(crate) fn new(text: &'t str, file: &str) -> Self {
        let starts = text.bytes().enumerate().filter(|&(_, b)| b == b'\n').map(|(i, _)| i + 1);
        let line_starts = std::iter::once(0).chain(starts).collect();
        Self { text, file: file.to_string(), line_starts, mistakes: Vec::new() }
    }

    /// The file's name without folder and extension.
    pub(crate) fn stem(&self) -> String {
        let name = self.file.rsplit(['/', '\\']).next().unwrap_or_default();
        name.strip_suffix(".toml").unwrap_or(name).to_string()
    }

    pub(crate) fn finish(mut self) -> Vec<ModelMistake> {
        self.mistakes.sort();
        self.mistakes.dedup();
        self.mistakes
    }

    pub(crate) fn place(&self, at: usize) -> Place {
        let at = at.min(self.text.len());
        let line = self.line_starts.partition_point(|&start| start <= at) - 1;
        let column = self.text.get(self.line_starts[line]..at).map_or(0, |t| t.chars().count());
        Place { line: line as u32 + 1, column: column as u32 + 1 }
    }

    pub(crate) fn mistake(&mut self, at: usize, what: impl Into<String>) {
        let mistake = ModelMistake::new(&self.file, self.place(at), what.into(), None);
        self.mistakes.push(mistake);
    }

    /// Notes a name that is not among the valid ones.
    pub(crate) fn wrong_name(&mut self, at: usize, what: &str, given: &str, valid: &[&str]) {
        let near = nearest(given, valid);
        let mut text = format!("unknown {what} \"{given}\"");
        if near.is_none() && (1..=12).contains(&valid.len()) {
            text += &format!("; valid are {}", valid.join(", "));
        }
        let mistake = ModelMistake::new(&self.file, self.place(at), text, near);
        self.mistakes.push(mistake);
    }

    /// Notes every key that is not allowed here.
    pub(crate) fn keys(&mut self, section: Section<'_, 't>, place: &str, allowed: &[&str]) {
        for (key, _) in section.table.iter() {
            if !allowed.contains(&key.get_ref().as_ref()) {
                self.wrong_name(
                    key.span().start,
                    &format!("key in {place}"),
                    key.get_ref(),
                    allowed,
                );
            }
        }
    }

    fn wrong_type(&mut self, value: &Value<'t>, key: &str, wanted: &str) {
        let given = value.get_ref().type_str();
        self.mistake(value.span().start, format!("{key} must be {wanted}, not {given}"));
    }

    pub(crate) fn table<'a>(&mut self, value: &'a Value<'t>, key: &str) -> Option<Section<'a, 't>> {
        match value.get_ref().as_table() {
            Some(table) => Some(Section { table, at: value.span().start }),
            None => {
                self.wrong_type(value, key, "a table");
                None
            }
        }
    }

    /// The tables of an array of tables; none when the key is absent.
    pub(crate) fn tables<'a>(
        &mut self,
        section: Section<'a, 't>,
        key: &str,
    ) -> Vec<Section<'a, 't>> {
        let Some(value) = section.table.get(key) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(value, key, &format!("written [[{key}]]"));
            return Vec::new();
        };
        array.iter().filter_map(|value| self.table(value, key)).collect()
    }

    pub(crate) fn text_value<'a>(&mut self, value: &'a Value<'t>, key: &str) -> Option<&'a str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.wrong_type(value, key, "text in quotes");
        }
        text
    }

    pub(crate) fn text<'a>(
        &mut self,
        section: Section<'a, 't>,
        key: &str,
    ) -> Option<(&'a str, Range<usize>)> {
        let value = section.table.get(key)?;
        Some((self.text_value(value, key)?, value.span()))
    }

    pub(crate) fn owned(&mut self, section: Section<'_, 't>, key: &str) -> Option<String> {
        self.text(section, key).map(|(text, _)| text.to_string())
    }

    pub(crate) fn flag(&mut self, section: Section<'_, 't>, key: &str) -> Option<bool> {
        let value = section.table.get(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_type(value, key, "true or false");
        }
        flag
    }

    /// A number in units of 10^-decimals.
    pub(crate) fn number_value(
        &mut self,
        value: &Value<'t>,
        key: &str,
        decimals: u32,
    ) -> Option<i64> {
        let parsed = match value.get_ref() {
            DeValue::Integer(number) if number.radix() == 10 => {
                parse_decimal(number.as_str(), decimals)
            }
            DeValue::Float(number) => parse_decimal(number.as_str(), decimals),
            _ => {
                self.wrong_type(value, key, "a decimal number");
                return None;
            }
        };
        match parsed {
            Ok(number) => Some(number),
            Err(why) => {
                let most = format!("{key} is {why} (at most {decimals} decimals)");
                self.mistake(value.span().start, most);
                None
            }
        }
    }

    /// Points, in thousandths.
    pub(crate) fn points(&mut self, section: Section<'_, 't>, key: &str) -> Option<i64> {
        let value = section.table.get(key)?;
        let points = self.number_value(value, key, 3)?;
        if points.abs() > LARGEST_POINTS {
            self.mistake(value.span().start, format!("{key} is beyond a million points"));
            return None;
        }
        Some(points)
    }

    /// A whole number from `least`.
    pub(crate) fn whole(&mut self, section: Section<'_, 't>, key: &str, least: i64) -> Option<i64> {
        let value = section.table.get(key)?;
        let number = self.number_value(value, key, 0)?;
        if number < least || number > i64::from(u32::MAX) {
            self.mistake(value.span().start, format!("{key} must be at least {least}"));
            return None;
        }
        Some(number)
    }

    /// A span of time that is longer than nothing, in microseconds.
    pub(crate) fn span(&mut self, section: Section<'_, 't>, key: &str) -> Option<i64> {
        let (text, at) = self.text(section, key)?;
        match parse_span(text) {
            Some(span) if span > 0 => Some(span),
            _ => {
                let what = format!(
                    "{key} \"{text}\" is not a span of time such as \"90d\", \"12h\", \"1mo\""
                );
                self.mistake(at.start, what);
                None
            }
        }
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(
        &mut self,
        section: Section<'_, 't>,
        key: &str,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let (text, at) = self.text(section, key)?;
        let found = choices.iter().find(|(name, _)| *name == text).map(|&(_, value)| value);
        if found.is_none() {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            self.wrong_name(at.start, key, text, &names);
        }
        found
    }

    /// The index of an id among `ids`.
    pub(crate) fn reference(
        &mut self,
        section: Section<'_, 't>,
        key: &str,
        what: &str,
        ids: &[String],
    ) -> Option<usize> {
        let (text, at) = self.text(section, key)?;
        self.resolve(text, at.start, what, ids)
    }

    pub(crate) fn resolve(
        &mut self,
        id: &str,
        at: usize,
        what: &str,
        ids: &[String],
    ) -> Option<usize> {
        let found = ids.iter().position(|known| known == id);
        if found.is_none() {
            let names: Vec<&str> = ids.iter().map(String::as_str).collect();
            self.wrong_name(at, what, id, &names);
        }
        found
    }

    /// Texts given as one text or an array of texts.
    pub(crate) fn texts<'a>(&mut self, value: &'a Value<'t>, key: &str) -> Vec<(&'a str, usize)> {
        match value.get_ref().as_array() {
            Some(array) => {
                if array.is_empty() {
                    self.mistake(value.span().start, format!("{key} is empty"));
                }
                let one = |v: &'a Value<'t>| Some((self.text_value(v, key)?, v.span().start));
                array.iter().filter_map(one).collect()
            }
            None => self
                .text_value(value, key)
                .map(|text| (text, value.span().start))
                .into_iter()
                .collect(),
        }
    }

    /// An id: required, not empty, not among `taken`.
    pub(crate) fn id(
        &mut self,
        section: Section<'_, 't>,
        what: &str,
        taken: &[String],
    ) -> Option<String> {
        let Some(_) = section.table.get("id") else {
            self.mistake(section.at, format!("{what} without an id"));
            return None;
        };
        let (id, at) = self.text(section, "id")?;
        if id.trim().is_empty() {
            self.mistake(at.start, format!("{what} with an empty id"));
            return None;
        }
        if taken.iter().any(|other| other == id) {
            self.mistake(at.start, format!("second {what} with the id \"{id}\""));
            return None;
        }
        Some(id.to_string())
    }
}
