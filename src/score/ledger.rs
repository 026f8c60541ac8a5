//! The ledger: why a lead has its score, line by line.
//!
//! Every component's lines add up exactly to its value. Lines hold ids, not text, so that a ledger
//! of millions of lines fits in memory; [`Entry::fact_text`] renders them when they are written.

use super::facts::{FactValue, Facts};
use super::model::ScoringModel;
use super::quantity::{format_date, format_points};
use crate::record::RecordId;

/// Stands for "no record": a line about the whole lead.
pub const NO_RECORD: RecordId = RecordId(u32::MAX);

/// One line of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Index of the component.
    pub component: u16,
    /// What gave or took the points.
    pub source: Source,
    /// The fact it rests on.
    pub fact: Fact,
    /// The record the fact came from, or [`NO_RECORD`].
    pub record: RecordId,
    /// Thousandths of a point; on a ladder thousandths of a step.
    pub points: i64,
}

/// What gave or took the points of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The letter a ladder starts on.
    Start,
    /// A rule, by index.
    Rule(u16),
    /// A trait of a persona, both by index.
    Trait(u16, u16),
    /// Points in a points log.
    Log,
    /// A number another product computed.
    Value,
    /// Another component, as part of a total.
    Part(u16),
    /// The score of a source record, taken as it was.
    Merged,
    /// The bounds of a group.
    Group(u16),
    /// The bounds of the component.
    Range,
    /// Rounding.
    Rounding,
    /// `never_weaker = "floor"`.
    Floor,
}

/// The fact a line rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// None: the line follows from others.
    None,
    /// A value of a field, by index.
    Value {
        /// Field.
        field: u16,
        /// Index into the field's values.
        value: u32,
    },
    /// Events.
    Events {
        /// The newest of them.
        last: u32,
        /// How many.
        count: u32,
    },
    /// Time of the newest activity.
    LastActive(Option<i64>),
}

impl Source {
    /// What it is called in files: the rule's id, or a word in parentheses that no rule can have.
    pub fn id(&self, model: &ScoringModel, component: u16) -> String {
        let component = model.components.get(component as usize);
        match *self {
            Source::Rule(rule) => {
                model.rules.get(rule as usize).map_or(String::new(), |r| r.id.clone())
            }
            Source::Start => "(start)".into(),
            Source::Trait(persona, _) => {
                let id = model.personas.get(persona as usize).map_or("", |p| p.id.as_str());
                format!("(persona {id})")
            }
            Source::Log => "(points log)".into(),
            Source::Value => "(field)".into(),
            Source::Part(part) => {
                let id = model.components.get(part as usize).map_or("", |c| c.id.as_str());
                format!("(component {id})")
            }
            Source::Merged => "(part)".into(),
            Source::Group(group) => {
                let group = component.and_then(|c| c.groups.get(group as usize));
                format!("(group {})", group.map_or("", |g| g.id.as_str()))
            }
            Source::Range => "(range)".into(),
            Source::Rounding => "(rounding)".into(),
            Source::Floor => "(floor)".into(),
        }
    }

    /// What it is called by people: the rule's name, else its id.
    pub fn title(&self, model: &ScoringModel, component: u16) -> String {
        match *self {
            Source::Rule(rule) => {
                model.rules.get(rule as usize).map_or(String::new(), |r| r.title().to_string())
            }
            Source::Trait(persona, index) => {
                let persona = model.personas.get(persona as usize);
                let name = persona.and_then(|p| p.name.as_deref().or(Some(&p.id))).unwrap_or("");
                let of = persona.and_then(|p| p.traits.get(index as usize)?.name.as_deref());
                of.map_or_else(|| name.to_string(), |of| format!("{name}: {of}"))
            }
            Source::Group(group) => {
                let of = model.components.get(component as usize);
                let group = of.and_then(|c| c.groups.get(group as usize));
                format!("limit of {}", group.map_or("the group", |g| &g.id))
            }
            Source::Range => {
                let of = model.components.get(component as usize);
                format!("limit of {}", of.map_or("the score", |c| c.title()))
            }
            Source::Part(part) => model
                .components
                .get(part as usize)
                .map_or_else(|| "component".to_string(), |c| c.title().to_string()),
            Source::Merged => "score of a record".into(),
            Source::Value => "number from another product".into(),
            Source::Floor => "kept at its best part".into(),
            Source::Start | Source::Log | Source::Rounding => {
                self.id(model, component).trim_matches(['(', ')']).to_string()
            }
        }
    }
}

impl Entry {
    /// The fact in words: `region = MX-CMX`, `page.view, 12 times, last 2026-06-01`.
    pub fn fact_text(&self, facts: &Facts) -> String {
        self.fact.text(facts)
    }
}

impl Fact {
    /// The fact in words.
    pub fn text(&self, facts: &Facts) -> String {
        match *self {
            Fact::None => String::new(),
            Fact::Value { field, value } => {
                let Some(column) = facts.fields.get(field as usize) else { return String::new() };
                let value = column.values.get(value as usize).map_or(String::new(), show_fact);
                format!("{} = {value}", column.name)
            }
            Fact::Events { last, count } => events_text(facts, last as usize, count),
            Fact::LastActive(None) => "no activity".into(),
            Fact::LastActive(Some(at)) => format!("last activity {}", format_date(at)),
        }
    }
}

fn events_text(facts: &Facts, last: usize, count: u32) -> String {
    let events = &facts.events;
    let kind = events.kind.get(last).and_then(|&kind| events.kinds.get(kind as usize));
    let mut text = kind.cloned().unwrap_or_default();
    if count > 1 {
        text += &format!(", {count} times");
    } else if let Some(object) =
        events.object.get(last).and_then(|&o| events.objects.get(o as usize))
        && !object.is_empty()
    {
        text += &format!(" {object}");
    }
    if let Some(&at) = events.at.get(last).filter(|&&at| at != i64::MIN) {
        text += if count > 1 { ", last " } else { ", " };
        text += &format_date(at);
    }
    text
}

/// A value in words; `(none)` for a missing one.
pub fn show_fact(value: &FactValue) -> String {
    match value {
        FactValue::Missing => "(none)".into(),
        FactValue::Text(text) => text.clone(),
        FactValue::Number(number) => format_points(*number),
        FactValue::Flag(flag) => flag.to_string(),
        FactValue::Instant(at) => format_date(*at),
    }
}
