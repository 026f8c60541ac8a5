//! Facts in words, as [`Fact::text`] has them, for millions of ledger lines.
//!
//! The words are appended to the line at hand, and a date is spelled once a day: made one by one,
//! they would take longer than scoring did.

use crate::score::facts::{FactValue, Facts};
use crate::score::ledger::{Fact, show_fact};
use crate::score::quantity::format_date;
use rustc_hash::FxHashMap;
use std::fmt::Write;

const DAY_MICROS: i64 = 86_400_000_000;

/// Words for the facts of a run.
#[derive(Debug)]
pub(crate) struct Words<'a> {
    facts: &'a Facts,
    dates: FxHashMap<i64, String>,
}

impl<'a> Words<'a> {
    /// Words for these facts.
    pub fn new(facts: &'a Facts) -> Self {
        Self { facts, dates: FxHashMap::default() }
    }

    /// Appends a fact in words.
    pub fn push(&mut self, fact: Fact, text: &mut String) {
        match fact {
            Fact::None => {}
            Fact::Value { field, value } => self.push_value(field, value, text),
            Fact::Events { last, count } => self.push_events(last as usize, count, text),
            Fact::LastActive(None) => text.push_str("no activity"),
            Fact::LastActive(Some(at)) => {
                text.push_str("last activity ");
                self.push_date(at, text);
            }
        }
    }

    fn push_value(&mut self, field: u16, value: u32, text: &mut String) {
        let Some(column) = self.facts.fields.get(field as usize) else { return };
        text.push_str(&column.name);
        text.push_str(" = ");
        match column.values.get(value as usize) {
            None => {}
            Some(FactValue::Text(value)) => text.push_str(value),
            Some(FactValue::Instant(at)) => self.push_date(*at, text),
            Some(value) => text.push_str(&show_fact(value)),
        }
    }

    fn push_events(&mut self, last: usize, count: u32, text: &mut String) {
        let events = &self.facts.events;
        let kind = events.kind.get(last).and_then(|&kind| events.kinds.get(kind as usize));
        text.push_str(kind.map_or("", |kind| kind));
        let object = events.object.get(last).and_then(|&o| events.objects.get(o as usize));
        if count > 1 {
            // Writing to a String cannot fail.
            let _ = write!(text, ", {count} times");
        } else if let Some(object) = object.filter(|o| !o.is_empty()) {
            text.push(' ');
            text.push_str(object);
        }
        if let Some(&at) = events.at.get(last).filter(|&&at| at != i64::MIN) {
            text.push_str(if count > 1 { ", last " } else { ", " });
            self.push_date(at, text);
        }
    }

    fn push_date(&mut self, at: i64, text: &mut String) {
        let day = at.div_euclid(DAY_MICROS);
        text.push_str(self.dates.entry(day).or_insert_with(|| format_date(at)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RecordId;
    use crate::score::facts::{Events, FieldColumn};

    #[test]
    fn the_words_are_those_of_the_ledger() {
        let values = vec![
            FactValue::Missing,
            FactValue::Text("Mexico".into()),
            FactValue::Number(-1500),
            FactValue::Flag(true),
            FactValue::Instant(1_782_777_600_000_000),
            FactValue::Instant(i64::MAX),
        ];
        let count = values.len() as u32;
        let field = FieldColumn { name: "country".into(), values, ..FieldColumn::default() };
        let events = Events {
            at: vec![i64::MIN, -1, 0, 1_782_777_600_000_001, i64::MAX],
            kind: vec![0; 5],
            object: vec![0, 1, 0, 1, 1],
            kinds: vec!["email.open".into()],
            objects: vec![String::new(), "campaign".into()],
            record: vec![RecordId(0); 5],
            ..Events::default()
        };
        let facts = Facts { fields: vec![field], events, ..Facts::default() };
        let values = (0..=count).map(|value| Fact::Value { field: 0, value });
        let events = (0..6).flat_map(|last| [1, 3].map(|count| Fact::Events { last, count }));
        let others = [
            Fact::None,
            Fact::Value { field: 7, value: 0 },
            Fact::LastActive(None),
            Fact::LastActive(Some(0)),
        ];
        let mut words = Words::new(&facts);
        for fact in values.chain(events).chain(others) {
            let mut text = String::new();
            words.push(fact, &mut text);
            assert_eq!(text, fact.text(&facts), "{fact:?}");
        }
    }
}
