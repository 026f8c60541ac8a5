//! Small facts for tests: records with fields and events, and which records are one person.

use crate::record::RecordId;
use crate::score::facts::{Events, FactValue, Facts, FieldColumn};
use crate::score::kind;
use crate::score::quantity::{DAY, parse_instant};
use jiff::tz::TimeZone;

/// An event of a test record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    pub at: i64,
    pub kind: String,
    pub object: String,
    pub delta: i64,
}

/// A record of a test: fields, events, and when it was updated (days since 1970).
#[derive(Debug, Clone, Default)]
pub struct Record {
    pub updated: i64,
    pub fields: Vec<(String, FactValue)>,
    pub events: Vec<Event>,
}

pub fn instant(text: &str) -> i64 {
    parse_instant(text, &TimeZone::UTC).unwrap()
}

pub fn record(updated: &str) -> Record {
    Record { updated: instant(updated) / DAY, ..Record::default() }
}

impl Record {
    pub fn text(mut self, field: &str, value: &str) -> Self {
        self.fields.push((field.into(), FactValue::Text(value.into())));
        self
    }

    pub fn number(mut self, field: &str, value: i64) -> Self {
        self.fields.push((field.into(), FactValue::Number(value * 1000)));
        self
    }

    pub fn event(self, kind: &str, object: &str, at: &str) -> Self {
        self.logged(kind, object, at, 0)
    }

    pub fn events(mut self, kind: &str, count: i64, first: &str) -> Self {
        for i in 0..count {
            let (at, object) = (instant(first) + i * DAY, format!("{kind}-{i}"));
            self.events.push(Event { at, kind: kind::canonical(kind), object, delta: 0 });
        }
        self
    }

    pub fn logged(mut self, kind: &str, object: &str, at: &str, delta: i64) -> Self {
        let (at, kind, object) = (instant(at), kind::canonical(kind), object.to_string());
        self.events.push(Event { at, kind, object, delta: delta * 1000 });
        self
    }
}

/// Builds facts: `persons` groups record indices. The newest value of a field survives; the same
/// kind, object and time on two records is one event; within one record nothing is a duplicate
/// unless all of that agrees.
pub fn facts(records: &[Record], persons: &[Vec<usize>]) -> Facts {
    let mut facts =
        Facts { record_count: records.len() as u32, member_start: vec![0], ..Facts::default() };
    let newest_first: Vec<Vec<usize>> = persons
        .iter()
        .map(|members| {
            let mut members = members.clone();
            members.sort_by_key(|&r| (std::cmp::Reverse(records[r].updated), r));
            members
        })
        .collect();
    let mut names: Vec<&String> =
        records.iter().flat_map(|r| r.fields.iter().map(|f| &f.0)).collect();
    names.sort();
    names.dedup();
    facts.fields = names.iter().map(|name| column(name, records, &newest_first)).collect();
    facts.events = Events {
        start: vec![0],
        objects: vec![String::new()],
        delta: Some(Vec::new()),
        ..Events::default()
    };
    for members in &newest_first {
        add_events(&mut facts.events, records, members);
        facts.members.extend(members.iter().map(|&r| RecordId(r as u32)));
        facts.member_start.push(facts.members.len() as u32);
    }
    facts
}

fn column(name: &str, records: &[Record], persons: &[Vec<usize>]) -> FieldColumn {
    let mut column = FieldColumn {
        name: name.into(),
        values: vec![FactValue::Missing],
        ..FieldColumn::default()
    };
    for record in records {
        let value =
            record.fields.iter().find(|f| f.0 == name).map_or(FactValue::Missing, |f| f.1.clone());
        let at = column.values.iter().position(|v| *v == value);
        let at = at.unwrap_or_else(|| {
            column.values.push(value);
            column.values.len() - 1
        });
        column.of_record.push(at as u32);
    }
    for members in persons {
        let filled = members.iter().find(|&&r| column.of_record[r] != 0);
        let from = *filled.unwrap_or(&members[0]);
        column.of_person.push(column.of_record[from]);
        column.from_record.push(RecordId(from as u32));
    }
    column
}

fn add_events(events: &mut Events, records: &[Record], members: &[usize]) {
    let mut all: Vec<(&Event, usize)> =
        members.iter().flat_map(|&r| records[r].events.iter().map(move |e| (e, r))).collect();
    all.sort();
    for (i, &(event, record)) in all.iter().enumerate() {
        let same = |other: &&(&Event, usize)| {
            (other.0.at, &other.0.kind, &other.0.object) == (event.at, &event.kind, &event.object)
        };
        events.at.push(event.at);
        events.kind.push(intern(&mut events.kinds, &event.kind) as u16);
        events.object.push(intern(&mut events.objects, &event.object) as u32);
        events.record.push(RecordId(record as u32));
        events.activity.push(events.activity.len() as u32);
        events.in_union.push(!all[..i].iter().any(|other| same(&other)));
        events.in_part.push(!all[..i].iter().any(|other| other.1 == record && same(&other)));
        events.delta.as_mut().unwrap().push(event.delta);
    }
    events.start.push(events.at.len() as u32);
}

fn intern(names: &mut Vec<String>, name: &str) -> usize {
    names.iter().position(|n| n == name).unwrap_or_else(|| {
        names.push(name.to_string());
        names.len() - 1
    })
}

/// A clock after all events of the examples.
pub fn clock() -> i64 {
    instant("2026-06-30T00:00:00Z")
}
