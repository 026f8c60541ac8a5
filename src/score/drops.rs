//! Why a merged lead is worth less, or more, than its best part: rule by rule and fact by fact.
//!
//! Runs only for merged leads whose score is not that of their best part. The causes add up to the
//! difference, gains included, so that a drop without a cause cannot exist: it would be a defect of
//! this program, not of the data.

use super::compile::{Compiled, Subject, View};
use super::condition::Truth;
use super::ledger::{Entry, Fact, NO_RECORD, Source};
use super::model::ComponentKind;
use crate::record::RecordId;

/// A lead below its best part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drop {
    /// Index of the person.
    pub person: u32,
    /// Index of the component.
    pub component: u16,
    /// Record that is worth most alone.
    pub best_record: RecordId,
    /// What it is worth, thousandths.
    pub best_part: i64,
    /// What the union is worth, thousandths.
    pub recomputed: i64,
    /// Where the difference comes from; losses and gains.
    pub causes: Vec<Cause>,
}

/// A lead above its best part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rise {
    /// Index of the person.
    pub person: u32,
    /// The differences that weigh most, at most three; the first one weighs most.
    pub causes: Vec<Cause>,
}

/// Causes of a rise that are kept: what a reason tells.
pub(crate) const TOLD: usize = 3;

/// One difference between the best part and the union.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause {
    /// The line that differs: `points` is the difference, `fact` and `record` what displaced or
    /// triggered it.
    pub entry: Entry,
    /// What happened.
    pub why: Why,
}

/// What made a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// A rule that takes points fires, or takes more.
    NegativeRule,
    /// A rule that gives points fires no more: the fact displaced the one it rested on.
    StoppedFiring,
    /// A rule or part gives fewer points.
    GivesLess,
    /// A bound of a group or of the range takes more.
    Limit,
    /// Gives more than it did in the best part: an offset, not a cause.
    Gain,
}

impl Why {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Why::NegativeRule => "takes points",
            Why::StoppedFiring => "no longer applies",
            Why::GivesLess => "gives less",
            Why::Limit => "limit",
            Why::Gain => "gives more",
        }
    }
}

/// Lines that matter for a component: its own, and for a total those of its parts.
fn relevant<'l>(
    compiled: &Compiled<'_>,
    wanted: usize,
    lines: &'l [Entry],
) -> impl Iterator<Item = &'l Entry> {
    let parts: Vec<usize> = match &compiled.model.components[wanted].kind {
        ComponentKind::Total { of, .. } => of.clone(),
        _ => Vec::new(),
    };
    lines.iter().filter(move |line| {
        let component = line.component as usize;
        let replaced = !parts.is_empty() && matches!(line.source, Source::Part(_));
        parts.contains(&component) || (component == wanted && !replaced)
    })
}

/// Compares the lines of the best part with those of the union.
pub(crate) fn explain(
    compiled: &Compiled<'_>,
    component: usize,
    part: &[Entry],
    union: &[Entry],
    view: &View<'_>,
    counted: impl Fn(u16) -> u32,
) -> Vec<Cause> {
    let mut sums: Vec<(u16, Source, i64, i64, Option<Entry>)> = Vec::new();
    for (lines, is_union) in [(part, false), (union, true)] {
        for line in relevant(compiled, component, lines) {
            let key = |sum: &&mut (u16, Source, i64, i64, Option<Entry>)| {
                (sum.0, sum.1) == (line.component, line.source)
            };
            let sum = match sums.iter_mut().find(key) {
                Some(sum) => sum,
                None => {
                    sums.push((line.component, line.source, 0, 0, None));
                    let last = sums.len() - 1;
                    &mut sums[last]
                }
            };
            if is_union {
                sum.3 = sum.3.saturating_add(line.points);
                // The line that weighs most speaks for all lines of its rule.
                if sum
                    .4
                    .is_none_or(|other| line.points.unsigned_abs() > other.points.unsigned_abs())
                {
                    sum.4 = Some(*line);
                }
            } else {
                sum.2 = sum.2.saturating_add(line.points);
            }
        }
    }
    sums.sort_by_key(|sum| (sum.3.saturating_sub(sum.2), sum.0, sum.1));
    sums.retain(|sum| sum.2 != sum.3);
    sums.iter()
        .map(|&(component, source, part, union, line)| {
            let difference = union.saturating_sub(part);
            let why = match source {
                _ if difference > 0 => Why::Gain,
                Source::Group(_) | Source::Range | Source::Rounding => Why::Limit,
                _ if union < 0 => Why::NegativeRule,
                _ if union == 0 => Why::StoppedFiring,
                _ => Why::GivesLess,
            };
            let (fact, record) = match line {
                Some(line) => (line.fact, line.record),
                None => displacing_fact(compiled, source, view, &counted),
            };
            Cause { entry: Entry { component, source, fact, record, points: difference }, why }
        })
        .collect()
}

/// The fact that keeps a rule from firing on the union.
fn displacing_fact(
    compiled: &Compiled<'_>,
    source: Source,
    view: &View<'_>,
    counted: &impl Fn(u16) -> u32,
) -> (Fact, RecordId) {
    let node = match source {
        Source::Rule(rule) => compiled.conditions[rule as usize].as_ref(),
        Source::Trait(persona, at) => compiled.traits[persona as usize].get(at as usize),
        _ => None,
    };
    let over = match source {
        Source::Rule(rule) => compiled.model.rules[rule as usize].over,
        _ => super::model::Over::Survivor,
    };
    if let Some(node) = node {
        let (truth, subject) = compiled.truth(node, over, view);
        if truth != Truth::True {
            return compiled.witness(node, truth, subject, view).unwrap_or((Fact::None, NO_RECORD));
        }
    }
    if let Source::Rule(rule) = source
        && compiled.model.rules[rule as usize].on.is_some()
    {
        let events = &compiled.facts.events;
        let person = match view.subject {
            Subject::Person(person) => compiled.facts.events_of(person),
            Subject::Record(_) => 0..0,
        };
        let counts = |&e: &u32| {
            let kind = events.kind[e as usize] as usize;
            compiled.by_kind.get(kind).is_some_and(|rules| rules.contains(&rule))
        };
        if let Some(last) = person.rev().filter(|&e| events.in_union[e as usize]).find(counts) {
            let fact = Fact::Events { last, count: counted(rule).max(1) };
            return (fact, events.record[last as usize]);
        }
    }
    (Fact::None, NO_RECORD)
}
