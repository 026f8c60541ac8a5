//! What a component holds before its rules: personas, points logs, numbers of other products.

use super::apply::Applier;
use super::compile::Subject;
use super::condition::Truth;
use super::facts::FactValue;
use super::ledger::{Fact, NO_RECORD, Source};
use super::model::{OnMerge, Over};
use super::quantity::{POINT, divide_rounded, parse_decimal};
use crate::record::RecordId;

impl Applier<'_, '_> {
    /// The persona with the largest share of weighted traits; the first in the file of equals.
    pub(super) fn best_persona(&mut self) {
        let compiled = self.compiled;
        let holds = |node| compiled.truth(node, Over::Survivor, &self.view).0 == Truth::True;
        let mut best: Option<(i64, usize)> = None;
        for (index, persona) in compiled.model.personas.iter().enumerate() {
            let met =
                persona.traits.iter().zip(&compiled.traits[index]).filter(|(_, node)| holds(node));
            let met: i128 = met.map(|(t, _)| i128::from(t.weight)).sum();
            let fit =
                share_of_hundred(met, persona.traits.iter().map(|t| i128::from(t.weight)).sum());
            if fit > best.map_or(0, |(most, _)| most) {
                best = Some((fit, index));
            }
        }
        let Some((_, index)) = best else { return };
        self.scratch.persona = Some(index as u16);
        let persona = &compiled.model.personas[index];
        let all = persona.traits.iter().map(|t| i128::from(t.weight)).sum();
        let (mut met, mut given) = (0, 0);
        for (at, (one, node)) in persona.traits.iter().zip(&compiled.traits[index]).enumerate() {
            let Some(fact) = compiled.witness(node, Truth::True, self.view.subject, &self.view)
            else {
                continue;
            };
            met += i128::from(one.weight);
            let upto = share_of_hundred(met, all);
            self.push(Source::Trait(index as u16, at as u16), fact.0, fact.1, upto - given);
            given = upto;
        }
    }

    /// Sums the deltas of a points log; actions that count once are paid the first time only.
    pub(super) fn points_log(&mut self) {
        let events = &self.compiled.facts.events;
        let Some(deltas) = &events.delta else { return };
        let once = &self.compiled.once[self.component];
        self.scratch.by_record.clear();
        self.scratch.seen.clear();
        for &event in self.events {
            let i = event as usize;
            let Some(&delta) = deltas.get(i).filter(|&&delta| delta != 0) else { continue };
            let action = (events.kind[i], events.object[i]);
            if once.iter().any(|on| on.accepts(action.0, action.1)) {
                if self.scratch.seen.contains(&action) {
                    continue;
                }
                self.scratch.seen.push(action);
            }
            let record = events.record[i];
            match self.scratch.by_record.iter_mut().rev().find(|sum| sum.0 == record) {
                Some(sum) => *sum = (record, sum.1.saturating_add(delta), event, sum.3 + 1),
                None => self.scratch.by_record.push((record, delta, event, 1)),
            }
        }
        for i in 0..self.scratch.by_record.len() {
            let (record, points, last, count) = self.scratch.by_record[i];
            self.push(Source::Log, Fact::Events { last, count }, record, points);
        }
    }

    /// A number that another product computed: of merged records the largest, the sum, or the
    /// survivor's.
    pub(super) fn foreign_number(&mut self, on_merge: OnMerge) {
        let Some(field) = self.compiled.field_of[self.component] else { return };
        let read = |subject| {
            let value = self.compiled.value_of(field, subject);
            let number = match self.compiled.facts.fields[field].values.get(value as usize)? {
                FactValue::Number(number) => *number,
                FactValue::Text(text) => parse_decimal(text.trim(), 3).ok()?,
                _ => return None,
            };
            Some((number, Fact::Value { field: field as u16, value }))
        };
        let mut found: Vec<(RecordId, i64, Fact)> = Vec::new();
        if on_merge == OnMerge::Survivor || matches!(self.view.subject, Subject::Record(_)) {
            let record = match self.view.subject {
                Subject::Record(record) => record,
                Subject::Person(_) => NO_RECORD,
            };
            found.extend(read(self.view.subject).map(|(n, fact)| (record, n, fact)));
        } else {
            let of_record = |&r: &RecordId| read(Subject::Record(r)).map(|(n, fact)| (r, n, fact));
            found.extend(self.view.members.iter().filter_map(of_record));
        }
        if on_merge == OnMerge::Max
            && let Some(most) = found.iter().map(|one| one.1).max()
        {
            found.retain(|one| one.1 == most);
            found.truncate(1);
        }
        for (record, number, fact) in found {
            self.push(Source::Value, fact, record, number);
        }
    }
}

/// `100 * part / whole` in thousandths.
fn share_of_hundred(part: i128, whole: i128) -> i64 {
    if whole <= 0 {
        return 0;
    }
    divide_rounded(part * i128::from(100 * POINT), whole) as i64
}
