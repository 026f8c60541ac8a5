//! A model made ready for one set of facts: conditions become tables over distinct values.
//!
//! Stands between the model and `apply`. Deciding a condition once per distinct country, title or
//! page makes scoring a million leads a matter of array look-ups.

use super::condition::{Condition, ReadyTest, Truth};
use super::facts::{FactValue, Facts};
use super::kind;
use super::ledger::{Fact, NO_RECORD};
use super::model::{ComponentKind, EventMatch, Over, ScoringModel, Test};
use super::object;
use crate::record::RecordId;
use jiff::tz::TimeZone;

/// A model and the tables that its conditions have become.
pub(crate) struct Compiled<'a> {
    pub(crate) model: &'a ScoringModel,
    pub(crate) facts: &'a Facts,
    pub(crate) as_of: i64,
    pub(crate) zone: TimeZone,
    /// Condition of each rule.
    pub(crate) conditions: Vec<Option<Node>>,
    /// Objects that each rule accepts; `None` is all.
    pub(crate) objects: Vec<Option<Vec<bool>>>,
    /// Rules that count each kind of event.
    pub(crate) by_kind: Vec<Vec<u16>>,
    /// Kinds that show a lead to be active.
    pub(crate) by_lead: Vec<bool>,
    /// Rules of each component.
    pub(crate) rules_of: Vec<Vec<u16>>,
    /// Components in the order they are computed: totals after their parts.
    pub(crate) order: Vec<usize>,
    /// Actions of each `ledger` component that count once.
    pub(crate) once: Vec<Vec<OnceMatch>>,
    /// Field of each `field` component.
    pub(crate) field_of: Vec<Option<usize>>,
    /// Conditions of the traits of each persona.
    pub(crate) traits: Vec<Vec<Node>>,
    pub(crate) exclude: Option<Node>,
    pub(crate) stages: Vec<Node>,
}

/// An [`EventMatch`] over the facts' kinds and objects.
pub(crate) struct OnceMatch {
    kinds: Vec<bool>,
    objects: Option<Vec<bool>>,
}

impl OnceMatch {
    pub(crate) fn accepts(&self, kind: u16, object: u32) -> bool {
        let object_fits =
            self.objects.as_ref().is_none_or(|o| o.get(object as usize).copied().unwrap_or(false));
        object_fits && self.kinds.get(kind as usize).copied().unwrap_or(false)
    }
}

/// A condition over the facts.
pub(crate) enum Node {
    /// Truth per distinct value of a field.
    Field {
        field: Option<usize>,
        table: Vec<Truth>,
        missing: Truth,
    },
    Inactive(i64),
    Component {
        component: usize,
        min: i64,
        max: i64,
    },
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
}

/// Whose facts are looked at: those that survived the merge, or those of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Person(u32),
    Record(RecordId),
}

/// A lead, or one part of it, as conditions see it.
#[derive(Clone, Copy)]
pub(crate) struct View<'v> {
    pub(crate) subject: Subject,
    /// All records of the lead, newest first; the one record of a part.
    pub(crate) members: &'v [RecordId],
    /// Time of the newest activity, when there is one.
    pub(crate) last_active: Option<i64>,
    /// Values of the components, for stages.
    pub(crate) values: &'v [i64],
}

impl<'a> Compiled<'a> {
    pub(crate) fn new(model: &'a ScoringModel, facts: &'a Facts, as_of: i64) -> Self {
        let node = |condition: &Condition| compile(condition, facts);
        let mut by_kind = vec![Vec::new(); facts.events.kinds.len()];
        let mut rules_of = vec![Vec::new(); model.components.len()];
        let mut objects = Vec::new();
        for (index, rule) in model.rules.iter().enumerate() {
            rules_of[rule.component].push(index as u16);
            let Some(on) = &rule.on else {
                objects.push(None);
                continue;
            };
            objects.push(on.object.as_ref().map(|test| object_table(test, facts)));
            for (kind, counts) in kind_table(on, facts).iter().enumerate() {
                if *counts {
                    by_kind[kind].push(index as u16);
                }
            }
        }
        let is_total = |i: &usize| matches!(model.components[*i].kind, ComponentKind::Total { .. });
        let (totals, mut order): (Vec<_>, Vec<_>) = (0..model.components.len()).partition(is_total);
        order.extend(totals);
        Self {
            model,
            facts,
            as_of,
            zone: zone_of(model),
            conditions: model.rules.iter().map(|r| r.condition.as_ref().map(node)).collect(),
            objects,
            by_kind,
            by_lead: facts.events.kinds.iter().map(|k| kind::is_done_by_lead(k)).collect(),
            rules_of,
            order,
            once: model.components.iter().map(|c| once_of(&c.kind, facts)).collect(),
            field_of: model.components.iter().map(|c| field_of(&c.kind, facts)).collect(),
            traits: model
                .personas
                .iter()
                .map(|p| p.traits.iter().map(|t| node(&t.condition)).collect())
                .collect(),
            exclude: model.exclude.as_ref().map(|e| node(&e.condition)),
            stages: model.stages.iter().map(|s| node(&s.condition)).collect(),
        }
    }

    /// Decides a condition for one subject.
    fn decide(&self, node: &Node, subject: Subject, view: &View<'_>) -> Truth {
        match node {
            Node::Field { field, table, missing } => {
                let Some(field) = field else { return *missing };
                let value = self.value_of(*field, subject);
                table.get(value as usize).copied().unwrap_or(*missing)
            }
            Node::Inactive(span) => match view.last_active {
                _ if self.facts.events.kind.is_empty() => Truth::Unknown,
                None => Truth::True,
                Some(last) => Truth::from(self.as_of.saturating_sub(last) >= *span),
            },
            Node::Component { component, min, max } => {
                let value = view.values.get(*component).copied();
                value.map_or(Truth::Unknown, |v| Truth::from((*min..=*max).contains(&v)))
            }
            Node::Not(part) => !self.decide(part, subject, view),
            Node::All(parts) => self.join(parts, subject, view, Truth::False),
            Node::Any(parts) => self.join(parts, subject, view, Truth::True),
        }
    }

    /// Kleene's and (`decisive` false) and or (`decisive` true).
    fn join(&self, parts: &[Node], subject: Subject, view: &View<'_>, decisive: Truth) -> Truth {
        let mut joined = !decisive;
        for part in parts {
            match self.decide(part, subject, view) {
                truth if truth == decisive => return decisive,
                Truth::Unknown => joined = Truth::Unknown,
                _ => {}
            }
        }
        joined
    }

    /// Decides a condition over the values of a merged lead, and names the subject that decided.
    pub(crate) fn truth(&self, node: &Node, over: Over, view: &View<'_>) -> (Truth, Subject) {
        if over == Over::Survivor || matches!(view.subject, Subject::Record(_)) {
            return (self.decide(node, view.subject, view), view.subject);
        }
        let decisive = if over == Over::All { Truth::False } else { Truth::True };
        let mut found = (Truth::Unknown, view.subject);
        for &record in view.members {
            let subject = Subject::Record(record);
            let truth = self.decide(node, subject, view);
            if truth == Truth::Unknown {
                continue;
            }
            if truth == decisive || over == Over::Newest {
                return (truth, subject);
            }
            if found.0 == Truth::Unknown {
                found = (truth, subject);
            }
        }
        found
    }

    /// The fact behind an answer: the first test in the condition that gives it.
    pub(crate) fn witness(
        &self,
        node: &Node,
        wanted: Truth,
        subject: Subject,
        view: &View<'_>,
    ) -> Option<(Fact, RecordId)> {
        if self.decide(node, subject, view) != wanted {
            return None;
        }
        match node {
            Node::Field { field, .. } => {
                let field = (*field)?;
                let value = self.value_of(field, subject);
                let record = match subject {
                    Subject::Record(record) => record,
                    Subject::Person(person) => self.origin(field, person, value),
                };
                Some((Fact::Value { field: field as u16, value }, record))
            }
            Node::Inactive(_) => Some((Fact::LastActive(view.last_active), NO_RECORD)),
            Node::Component { .. } => None,
            Node::Not(part) => self.witness(part, !wanted, subject, view),
            Node::All(parts) | Node::Any(parts) => {
                parts.iter().find_map(|part| self.witness(part, wanted, subject, view))
            }
        }
    }

    /// The record that a surviving value came from.
    fn origin(&self, field: usize, person: u32, value: u32) -> RecordId {
        if value == 0 {
            return NO_RECORD;
        }
        self.facts.fields[field].from_record.get(person as usize).copied().unwrap_or(NO_RECORD)
    }

    pub(crate) fn value_of(&self, field: usize, subject: Subject) -> u32 {
        let column = &self.facts.fields[field];
        match subject {
            Subject::Person(person) => column.person_value(person),
            Subject::Record(record) => column.record_value(record),
        }
    }
}

/// The model's time zone; the parser has made sure that it is known.
pub(crate) fn zone_of(model: &ScoringModel) -> TimeZone {
    if model.timezone == "UTC" {
        return TimeZone::UTC;
    }
    TimeZone::get(&model.timezone).unwrap_or(TimeZone::UTC)
}

fn compile(condition: &Condition, facts: &Facts) -> Node {
    let all = |parts: &[Condition]| parts.iter().map(|part| compile(part, facts)).collect();
    match condition {
        Condition::All(parts) => Node::All(all(parts)),
        Condition::Any(parts) => Node::Any(all(parts)),
        Condition::Not(part) => Node::Not(Box::new(compile(part, facts))),
        Condition::Inactive(span) => Node::Inactive(*span),
        Condition::Component(test) => {
            Node::Component { component: test.component, min: test.min, max: test.max }
        }
        Condition::Field(test) => {
            let ready = ReadyTest::new(&test.test);
            let field = facts.field(&test.field);
            let values = field.map_or(&[][..], |field| &facts.fields[field].values);
            let table = values.iter().map(|value| ready.decide(value)).collect();
            Node::Field { field, table, missing: ready.decide(&FactValue::Missing) }
        }
    }
}

fn kind_table(on: &EventMatch, facts: &Facts) -> Vec<bool> {
    facts
        .events
        .kinds
        .iter()
        .map(|kind| on.kinds.iter().any(|k| *k == kind::canonical(kind)))
        .collect()
}

fn object_table(test: &Test, facts: &Facts) -> Vec<bool> {
    let ready = ReadyTest::new(test);
    let decide = |(i, name): (usize, &String)| {
        let truth = match i {
            0 => ready.decide(&FactValue::Missing),
            _ => object::decide(test, &ready, name),
        };
        truth == Truth::True
    };
    facts.events.objects.iter().enumerate().map(decide).collect()
}

fn once_of(kind: &ComponentKind, facts: &Facts) -> Vec<OnceMatch> {
    let ComponentKind::Ledger { once } = kind else { return Vec::new() };
    once.iter()
        .map(|on| OnceMatch {
            kinds: kind_table(on, facts),
            objects: on.object.as_ref().map(|test| object_table(test, facts)),
        })
        .collect()
}

fn field_of(kind: &ComponentKind, facts: &Facts) -> Option<usize> {
    match kind {
        ComponentKind::Field { field, .. } => facts.field(field),
        _ => None,
    }
}
