//! Applying a model to one lead, or to one part of it: the lines of every component.
//!
//! The heart of scoring. The steps of a component are always the same: what it starts with, rules in
//! file order, groups clamped, `scale of total`, `set` and `cap`, range, rounding; because
//! percentages make the order matter, it is fixed here and nowhere else.

use super::compile::{Compiled, Subject, View};
use super::condition::Truth;
use super::ledger::{Entry, Fact, NO_RECORD, Source};
use super::model::{ComponentKind, Effect, ScaleOf};
use super::quantity::{POINT, WHOLE, divide_rounded, multiply_ratio};
use crate::record::RecordId;

/// Working memory, one per thread: nothing is allocated per lead once it has grown.
#[derive(Default)]
pub(crate) struct Scratch {
    /// Events each rule counts.
    matching: Vec<Vec<u32>>,
    /// Rules that have matching events.
    touched: Vec<u16>,
    /// Points each rule gave.
    contributions: Vec<i64>,
    /// The lines of all components.
    pub(crate) lines: Vec<Entry>,
    /// Final value of each component.
    pub(crate) values: Vec<i64>,
    /// Value of each component before range and rounding.
    pub(crate) raw: Vec<i64>,
    /// The persona that fits best.
    pub(crate) persona: Option<u16>,
    /// Points by record of the rule at hand.
    pub(super) by_record: Vec<(RecordId, i64, u32, u32)>,
    /// Once-only actions seen.
    pub(super) seen: Vec<(u16, u32)>,
}

impl Scratch {
    pub(crate) fn new(compiled: &Compiled<'_>) -> Self {
        Self {
            matching: vec![Vec::new(); compiled.model.rules.len()],
            contributions: vec![0; compiled.model.rules.len()],
            values: vec![0; compiled.model.components.len()],
            raw: vec![0; compiled.model.components.len()],
            ..Self::default()
        }
    }

    /// Number of events that a rule counted in the last lead or part.
    pub(crate) fn counted(&self, rule: u16) -> &[u32] {
        &self.matching[rule as usize]
    }
}

/// Scores the subject on the given events (indices, in time order, none after `as_of`): fills
/// `lines`, `values`, `raw` and `persona`.
pub(crate) fn apply(
    compiled: &Compiled<'_>,
    subject: Subject,
    members: &[RecordId],
    events: &[u32],
    scratch: &mut Scratch,
) -> Option<i64> {
    let last_active = collect_events(compiled, events, scratch);
    scratch.lines.clear();
    scratch.persona = None;
    let view = View { subject, members, last_active, values: &[] };
    for &component in &compiled.order {
        Applier { compiled, view, component, start: scratch.lines.len(), scratch, events }.run();
    }
    last_active
}

/// Sorts events to the rules that count them; gives the time of the newest activity.
fn collect_events(compiled: &Compiled<'_>, events: &[u32], scratch: &mut Scratch) -> Option<i64> {
    for rule in scratch.touched.drain(..) {
        scratch.matching[rule as usize].clear();
    }
    let columns = &compiled.facts.events;
    let mut last_active = None;
    for &event in events {
        let (at, kind) = (columns.at[event as usize], columns.kind[event as usize] as usize);
        let Some(rules) = compiled.by_kind.get(kind) else { continue };
        if at != i64::MIN && compiled.by_lead[kind] {
            last_active = last_active.max(Some(at));
        }
        let age = (at != i64::MIN).then(|| compiled.as_of.saturating_sub(at));
        for &rule in rules {
            let objects = &compiled.objects[rule as usize];
            let object = columns.object[event as usize] as usize;
            if objects.as_ref().is_some_and(|o| !o.get(object).copied().unwrap_or(false))
                || !compiled.model.rules[rule as usize].accepts_age(age)
            {
                continue;
            }
            let matching = &mut scratch.matching[rule as usize];
            if matching.is_empty() {
                scratch.touched.push(rule);
            }
            matching.push(event);
        }
    }
    for &rule in &scratch.touched {
        let matching = &mut scratch.matching[rule as usize];
        compiled.model.rules[rule as usize].choose(matching, columns, &compiled.zone);
    }
    last_active
}

pub(super) struct Applier<'a, 's> {
    pub(super) compiled: &'a Compiled<'a>,
    pub(super) view: View<'a>,
    pub(super) component: usize,
    /// First line of the component.
    start: usize,
    pub(super) scratch: &'s mut Scratch,
    pub(super) events: &'a [u32],
}

impl Applier<'_, '_> {
    fn run(mut self) {
        let compiled = self.compiled;
        self.base();
        let rules = &compiled.rules_of[self.component];
        rules.iter().for_each(|&rule| self.scratch.contributions[rule as usize] = 0);
        if matches!(compiled.model.components[self.component].kind, ComponentKind::Weighted) {
            self.best_rows();
        } else {
            rules.iter().for_each(|&rule| self.early_rule(rule));
        }
        self.clamp_groups();
        rules.iter().for_each(|&rule| self.late_rule(rule));
        let component = &compiled.model.components[self.component];
        let raw = self.total();
        self.scratch.raw[self.component] = raw;
        let clamped = component.clamp(raw);
        self.push_change(Source::Range, clamped, raw);
        let rounded = component.round.map_or(clamped, |round| round.apply(clamped));
        self.push_change(Source::Rounding, rounded, clamped);
        self.scratch.values[self.component] = rounded;
    }

    fn total(&self) -> i64 {
        self.scratch.lines[self.start..].iter().fold(0, |sum, line| sum.saturating_add(line.points))
    }

    pub(super) fn push(&mut self, source: Source, fact: Fact, record: RecordId, points: i64) {
        let component = self.component as u16;
        self.scratch.lines.push(Entry { component, source, fact, record, points });
    }

    fn push_change(&mut self, source: Source, after: i64, before: i64) {
        if after != before {
            self.push(source, Fact::None, NO_RECORD, after.saturating_sub(before));
        }
    }

    fn push_rule(&mut self, rule: u16, fact: (Fact, RecordId), points: i64) {
        let sum = &mut self.scratch.contributions[rule as usize];
        *sum = sum.saturating_add(points);
        self.push(Source::Rule(rule), fact.0, fact.1, points);
    }

    /// What the component starts with before its rules.
    fn base(&mut self) {
        let compiled = self.compiled;
        match &compiled.model.components[self.component].kind {
            ComponentKind::Points | ComponentKind::Weighted => {}
            ComponentKind::Ladder { start, .. } => {
                self.push(Source::Start, Fact::None, NO_RECORD, *start as i64 * POINT);
            }
            ComponentKind::Persona => self.best_persona(),
            ComponentKind::Ledger { .. } => self.points_log(),
            ComponentKind::Field { on_merge, .. } => self.foreign_number(*on_merge),
            ComponentKind::Total { of, mean } => {
                let count = if *mean { of.len().max(1) as i128 } else { 1 };
                let (mut sum, mut given) = (0_i128, 0_i64);
                for &part in of {
                    sum += i128::from(self.scratch.values[part]);
                    // Shares of the rounded sum, so that the lines add up to it.
                    let upto = i64::try_from(divide_rounded(sum, count)).unwrap_or(i64::MAX);
                    self.push(
                        Source::Part(part as u16),
                        Fact::None,
                        NO_RECORD,
                        upto.saturating_sub(given),
                    );
                    given = upto;
                }
            }
        }
    }

    /// Whether a rule's condition holds and it counts an event, and the fact that says so.
    fn fires(&self, rule: u16) -> Option<(Fact, RecordId)> {
        let spec = &self.compiled.model.rules[rule as usize];
        let mut fact = (Fact::None, NO_RECORD);
        if let Some(node) = &self.compiled.conditions[rule as usize] {
            let (truth, subject) = self.compiled.truth(node, spec.over, &self.view);
            if truth != Truth::True {
                return None;
            }
            fact = self.compiled.witness(node, Truth::True, subject, &self.view).unwrap_or(fact);
        }
        if spec.on.is_some() {
            fact = self.events_fact(rule)?;
        }
        Some(fact)
    }

    fn events_fact(&self, rule: u16) -> Option<(Fact, RecordId)> {
        let counted = &self.scratch.matching[rule as usize];
        let last = *counted.last()?;
        let record = self.compiled.facts.events.record[last as usize];
        Some((Fact::Events { last, count: counted.len() as u32 }, record))
    }

    /// Rules that work in file order, before groups are clamped.
    fn early_rule(&mut self, rule: u16) {
        let spec = &self.compiled.model.rules[rule as usize];
        match &spec.effect {
            Effect::Add(points) => {
                let Some(fact) = self.fires(rule) else { return };
                match spec.on {
                    None => self.push_rule(rule, fact, *points),
                    Some(_) => self.add_events(rule, *points),
                }
            }
            Effect::Step(step, if_false) => self.step(rule, *step, *if_false),
            Effect::Scale(share, ScaleOf::Before) => {
                let Some(fact) = self.fires(rule) else { return };
                let points = multiply_ratio(self.total(), i128::from(*share), i128::from(WHOLE));
                self.push_rule(rule, fact, points);
            }
            Effect::Scale(..) | Effect::Set(_) | Effect::Cap(_) => {}
        }
    }

    fn step(&mut self, rule: u16, step: i64, if_false: Option<i64>) {
        let spec = &self.compiled.model.rules[rule as usize];
        if let Some(fact) = self.fires(rule) {
            let count =
                if spec.on.is_some() { self.scratch.matching[rule as usize].len() } else { 1 };
            self.push_rule(rule, fact, (step * POINT).saturating_mul(count as i64));
            return;
        }
        let (Some(step), Some(node)) = (if_false, &self.compiled.conditions[rule as usize]) else {
            return;
        };
        let (truth, subject) = self.compiled.truth(node, spec.over, &self.view);
        if truth == Truth::False {
            let fact = self.compiled.witness(node, Truth::False, subject, &self.view);
            self.push_rule(rule, fact.unwrap_or((Fact::None, NO_RECORD)), step * POINT);
        }
    }

    /// One line per record whose events the rule counts.
    fn add_events(&mut self, rule: u16, points: i64) {
        let spec = &self.compiled.model.rules[rule as usize];
        let events = &self.compiled.facts.events;
        self.scratch.by_record.clear();
        for &event in &self.scratch.matching[rule as usize] {
            let at = events.at[event as usize];
            let age = (at != i64::MIN).then(|| self.compiled.as_of.saturating_sub(at));
            let worth = spec.points_at(points, age);
            let record = events.record[event as usize];
            match self.scratch.by_record.iter_mut().rev().find(|sum| sum.0 == record) {
                Some(sum) => *sum = (record, sum.1.saturating_add(worth), event, sum.3 + 1),
                None => self.scratch.by_record.push((record, worth, event, 1)),
            }
        }
        for i in 0..self.scratch.by_record.len() {
            let (record, worth, last, count) = self.scratch.by_record[i];
            if worth != 0 || points == 0 {
                self.push_rule(rule, (Fact::Events { last, count }, record), worth);
            }
        }
    }

    /// Weighted components: of each criterion the best row, by the criterion's weight.
    fn best_rows(&mut self) {
        let compiled = self.compiled;
        let groups = &compiled.model.components[self.component].groups;
        for (index, group) in groups.iter().enumerate() {
            let mut best: Option<(i64, u16, (Fact, RecordId))> = None;
            for &rule in &compiled.rules_of[self.component] {
                let spec = &compiled.model.rules[rule as usize];
                let (Some(g), Effect::Add(points)) = (spec.group, &spec.effect) else { continue };
                if g != index {
                    continue;
                }
                let Some(fact) = self.fires(rule) else { continue };
                let points = self.best_event(rule, *points);
                if best.is_none_or(|(most, ..)| points > most) {
                    best = Some((points, rule, fact));
                }
            }
            if let Some((points, rule, fact)) = best {
                let weight = i128::from(group.weight.unwrap_or(0));
                self.push_rule(rule, fact, multiply_ratio(points, weight, 100_000));
            }
        }
    }

    /// What the best of a rule's events is worth; `points` itself for a property.
    fn best_event(&self, rule: u16, points: i64) -> i64 {
        let spec = &self.compiled.model.rules[rule as usize];
        let worth = |&event: &u32| {
            let at = self.compiled.facts.events.at[event as usize];
            let age = (at != i64::MIN).then(|| self.compiled.as_of.saturating_sub(at));
            spec.points_at(points, age)
        };
        self.scratch.matching[rule as usize].iter().map(worth).max().unwrap_or(points)
    }

    fn clamp_groups(&mut self) {
        let compiled = self.compiled;
        for (index, group) in compiled.model.components[self.component].groups.iter().enumerate() {
            if group.is_capped() {
                let sum = self.group_sum(index);
                let held = group.max.map_or(sum, |max| sum.min(max));
                let held = group.min.map_or(held, |min| held.max(min));
                self.push_change(Source::Group(index as u16), held, sum);
            }
        }
    }

    /// What the rules of a group gave, before it is clamped.
    fn group_sum(&self, group: usize) -> i64 {
        let rules = &self.compiled.rules_of[self.component];
        let inside =
            rules.iter().filter(|&&r| self.compiled.model.rules[r as usize].group == Some(group));
        inside.fold(0, |sum, &r| sum.saturating_add(self.scratch.contributions[r as usize]))
    }

    /// Rules that work on the whole component, after groups are clamped.
    fn late_rule(&mut self, rule: u16) {
        let compiled = self.compiled;
        let effect = &compiled.model.rules[rule as usize].effect;
        if !matches!(
            effect,
            Effect::Set(_)
                | Effect::Cap(_)
                | Effect::Scale(_, ScaleOf::Total | ScaleOf::List { .. })
        ) {
            return;
        }
        let Some(fact) = self.fires(rule) else { return };
        let total = self.total();
        let change = match effect {
            Effect::Set(value) => value.saturating_sub(total),
            Effect::Cap(most) => most.saturating_sub(total).min(0),
            Effect::Scale(share, of) => {
                let base = match of {
                    ScaleOf::List { rules, groups } => self.listed_sum(rules, groups),
                    ScaleOf::Before | ScaleOf::Total => total,
                };
                multiply_ratio(base, i128::from(*share), i128::from(WHOLE))
            }
            Effect::Add(_) | Effect::Step(..) => 0,
        };
        if change != 0 {
            self.push_rule(rule, fact, change);
        }
    }

    fn listed_sum(&self, rules: &[usize], groups: &[usize]) -> i64 {
        let component = &self.compiled.model.components[self.component];
        let clamped = groups.iter().map(|&g| {
            let (sum, group) = (self.group_sum(g), &component.groups[g]);
            let sum = group.max.map_or(sum, |max| sum.min(max));
            group.min.map_or(sum, |min| sum.max(min))
        });
        let single = rules.iter().map(|&r| self.scratch.contributions[r]);
        single.chain(clamped).fold(0, i64::saturating_add)
    }
}
