//! A person as the lists show one: who it is, how to reach them, what they are worth and why.
//!
//! Only the permitted address is shown, and a name never stands in for one: what a list does not
//! hold cannot be used by mistake.

use super::reach::{self, By, Place, Standing, Ways};
use crate::pipeline::Outcome;
use crate::report::label::{Contact, Labels};
use crate::report::scores;
use crate::report::table::Lines;
use crate::schema::Role;
use crate::score::kind;
use crate::score::quantity::format_date;
use std::collections::BTreeMap;

/// Kinds of activity that a history tells.
const TOLD: usize = 5;

/// Columns that say who it is.
pub(super) const WHO: [&str; 5] = ["surviving_id", "person_id", "name", "title", "company"];
/// Columns that say how to reach them.
pub(super) const HOW: [&str; 4] = ["channel", "phone", "email", "channel_reason"];
/// Columns that say what to do.
pub(super) const WHAT: [&str; 3] = ["score", "band", "action"];

/// Writes people.
pub(super) struct Cards<'a> {
    outcome: &'a Outcome,
    labels: Labels<'a>,
    contact: Contact,
    title: Option<usize>,
    company: Option<usize>,
    owner: Option<usize>,
}

impl<'a> Cards<'a> {
    pub fn new(outcome: &'a Outcome) -> Self {
        let first = |role| outcome.schema.first(role);
        Self {
            outcome,
            labels: Labels::new(&outcome.table),
            contact: Contact::new(&outcome.schema),
            title: first(Role::Title),
            company: first(Role::Company),
            owner: first(Role::Owner),
        }
    }

    fn cell(&self, column: Option<usize>, person: u32) -> &str {
        let of = |c| self.outcome.fields.text(&self.outcome.table, c, person).trim();
        column.map_or("", of)
    }

    /// Ids and name.
    pub fn ids(&self, person: u32, lines: &mut Lines) {
        let mut label = String::new();
        self.labels.push(self.outcome.fields.survivor[person as usize], &mut label);
        lines.guarded(&label);
        lines.plain(self.outcome.person_ids.get(person));
        let name = self.contact.name_of_lead(&self.outcome.table, &self.outcome.fields, person);
        lines.guarded(&name);
    }

    /// The columns of [`WHO`].
    pub fn who(&self, person: u32, lines: &mut Lines) {
        self.ids(person, lines);
        lines.guarded(self.cell(self.title, person));
        lines.guarded(self.cell(self.company, person));
    }

    /// The columns of [`HOW`].
    pub fn how(&self, person: u32, place: Place, ways: &Ways, lines: &mut Lines) {
        let Standing::Listed { by, .. } = place.standing else {
            return HOW.iter().for_each(|_| lines.empty());
        };
        lines.plain(by.as_str());
        for channel in [By::Phone, By::Email] {
            match channel == by {
                true => lines.guarded(&reach::address(self.outcome, person as usize, by)),
                false => lines.empty(),
            }
        }
        lines.joined(|text| ways.push_way(self.outcome, person as usize, place, text));
    }

    /// The columns of [`WHAT`]: the lead's own band, and the action that is permitted.
    pub fn what(&self, person: u32, place: Place, lines: &mut Lines) {
        let model = &self.outcome.models[place.model as usize];
        let scores = &self.outcome.scored.models[place.model as usize];
        let own = scores.band[person as usize];
        match scores.score_of(person as usize) {
            Some(score) => lines.points(score),
            None => lines.empty(),
        }
        lines.guarded(scores::band_id(model, own));
        let band = match place.standing {
            Standing::Listed { band, .. } => band,
            _ => own,
        };
        lines.guarded(scores::action(model, band));
    }

    /// The lines of the ledger that weigh most.
    pub fn why(&self, person: u32, place: Place, lines: &mut Lines) {
        let model = &self.outcome.models[place.model as usize];
        let scores = &self.outcome.scored.models[place.model as usize];
        lines.guarded(&scores::why(model, scores, person as usize));
    }

    /// Number of records that are this person.
    pub fn records(&self, person: u32, lines: &mut Lines) {
        lines.number(self.outcome.matched.clusters.members(person).len() as u64);
    }

    /// Who looks after the lead.
    pub fn owner(&self, person: u32, lines: &mut Lines) {
        lines.guarded(self.cell(self.owner, person));
    }

    /// What happened so far, in short: `page view 12 times; form submit`.
    pub fn history(&self, person: u32, lines: &mut Lines) {
        let events = &self.outcome.facts.events;
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for e in self.seen(person) {
            *counts.entry(&events.kinds[events.kind[e] as usize]).or_default() += 1;
        }
        let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
        counts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        let more: usize = counts.iter().skip(TOLD).map(|c| c.1).sum();
        let mut told: Vec<String> = counts
            .iter()
            .take(TOLD)
            .map(|&(kind, count)| match count {
                1 => kind_words(kind),
                _ => format!("{} {count} times", kind_words(kind)),
            })
            .collect();
        if more > 0 {
            told.push(format!("{more} more"));
        }
        lines.guarded(&told.join("; "));
    }

    /// The newest thing the lead itself did.
    pub fn last_activity(&self, person: u32, lines: &mut Lines) {
        let events = &self.outcome.facts.events;
        let by_lead = |e: &usize| {
            events.at[*e] != i64::MIN
                && kind::is_done_by_lead(&events.kinds[events.kind[*e] as usize])
        };
        let Some(last) = self.seen(person).filter(by_lead).last() else { return lines.empty() };
        let mut text = format_date(events.at[last]);
        text.push(' ');
        text.push_str(&kind_words(&events.kinds[events.kind[last] as usize]));
        let object = events.objects.get(events.object[last] as usize).map_or("", |o| o);
        if !object.is_empty() {
            text.push_str(": ");
            text.push_str(object);
        }
        lines.guarded(&text);
    }

    /// Events of the union up to the clock, oldest first.
    fn seen(&self, person: u32) -> impl Iterator<Item = usize> + '_ {
        let events = &self.outcome.facts.events;
        let counts = |e: &usize| events.in_union[*e] && events.at[*e] <= self.outcome.as_of;
        self.outcome.facts.events_of(person).map(|e| e as usize).filter(counts)
    }
}

/// A kind of activity as people say it: `email.open` is `email open`.
pub(super) fn kind_words(kind: &str) -> String {
    kind.strip_prefix("other:").unwrap_or(kind).replace('.', " ")
}
