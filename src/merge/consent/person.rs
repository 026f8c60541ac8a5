//! The facts and addresses of one person, and what follows from them.
//!
//! Buffers are reused from person to person. Why every fact is looked at again for each question
//! instead of folding them into a state first: only the facts themselves tell which of them lifts
//! which.

use super::{Channel, ConsentFact, ConsentPolicy, Contact, Decision, FactSource};
use super::{Scope, State};
use crate::cluster::Clusters;

/// Indices by group (counting sort).
pub(super) struct Groups {
    start: Vec<u32>,
    members: Vec<u32>,
}

impl Groups {
    pub(super) fn new(groups: usize, of: impl Iterator<Item = Option<u32>> + Clone) -> Self {
        let mut start = vec![0u32; groups + 1];
        for group in of.clone().flatten() {
            start[group as usize + 1] += 1;
        }
        for g in 1..start.len() {
            start[g] += start[g - 1];
        }
        let mut next = start.clone();
        let mut members = vec![0; start[groups] as usize];
        for (i, group) in of.enumerate() {
            if let Some(group) = group {
                let slot = &mut next[group as usize];
                members[*slot as usize] = i as u32;
                *slot += 1;
            }
        }
        Self { start, members }
    }

    fn of(&self, group: u32) -> &[u32] {
        let g = group as usize;
        match self.start.get(g + 1) {
            Some(&end) => &self.members[self.start[g] as usize..end as usize],
            None => &[],
        }
    }
}

/// A fact as a person sees it.
#[derive(Clone, Copy)]
struct Seen {
    index: u32,
    fact: ConsentFact,
    /// Found on a record of the person itself.
    own: bool,
}

impl Seen {
    /// Orders facts by what they say, then by anything but their position.
    fn weight(&self) -> impl Ord + use<> {
        let f = &self.fact;
        let place = (f.record, f.address, f.channel, f.purpose, f.source);
        (f.state, f.at.is_none(), f.at, f.explicit, std::cmp::Reverse((place, self.index)))
    }

    /// Whether it says anything about a channel. The person's own objection covers all.
    fn concerns(&self, channel: Channel) -> bool {
        self.fact.channel == channel
            || self.fact.channel == Channel::Any
            || self.own && self.fact.state == State::Objected
    }

    /// An opt-in that lifts a refusal for a channel, the address apart (rule 2).
    fn lifts(&self, refusal: &Seen, channel: Channel) -> bool {
        let (yes, no) = (&self.fact, &refusal.fact);
        let later = matches!((yes.at, no.at), (Some(yes), Some(no)) if yes > no);
        let same_channel =
            yes.channel == no.channel || no.channel == Channel::Any && yes.channel == channel;
        yes.state == State::OptedIn
            && yes.explicit
            && later
            && same_channel
            && yes.purpose == no.purpose
    }
}

/// The facts and addresses of one person; reused from person to person.
#[derive(Default)]
pub(super) struct Person {
    facts: Vec<Seen>,
    contacts: Vec<(u32, Channel)>,
}

impl Person {
    #[allow(clippy::too_many_arguments)] // the three indices and what they index
    pub(super) fn gather(
        &mut self,
        person: u32,
        facts: &[ConsentFact],
        contacts: &[Contact],
        own: &Groups,
        held: &Groups,
        by_address: &Groups,
        clusters: &Clusters,
    ) {
        self.facts.clear();
        self.contacts.clear();
        let seen = |&i: &u32, own| Seen { index: i, fact: facts[i as usize], own };
        self.facts.extend(own.of(person).iter().map(|i| seen(i, true)));
        for &i in held.of(person) {
            let contact = (contacts[i as usize].address, contacts[i as usize].channel);
            if self.contacts.contains(&contact) {
                continue;
            }
            let is_new = !self.contacts.iter().any(|c| c.0 == contact.0);
            self.contacts.push(contact);
            if !is_new {
                continue;
            }
            let foreign = by_address.of(contact.0).iter().filter(|&&i| {
                let record = facts[i as usize].record;
                clusters.person_of.get(record.index()) != Some(&person)
            });
            self.facts.extend(foreign.map(|i| seen(i, false)));
        }
    }

    fn about(&self, channel: Channel) -> impl Iterator<Item = &Seen> {
        self.facts.iter().filter(move |s| s.concerns(channel))
    }

    /// Lifted at its own address; an opt-out that names none, at any own address.
    fn is_lifted(&self, refusal: &Seen, channel: Channel) -> bool {
        let no = &refusal.fact;
        let of_person = no.address == 0 && no.state == State::OptedOut;
        let same = |s: &&Seen| s.fact.address == no.address || of_person && s.own;
        self.facts.iter().filter(same).any(|s| s.lifts(refusal, channel))
    }

    /// Lifted for the person by an opt-in at another own address.
    fn is_outgrown(&self, refusal: &Seen, channel: Channel) -> bool {
        refusal.fact.state == State::OptedOut
            && self.facts.iter().any(|s| s.own && s.lifts(refusal, channel))
    }

    /// The opt-in at another address that lifts an opt-out for the person.
    fn outgrowing(&self, channel: Channel) -> Option<&Seen> {
        let outgrown = |yes: &&Seen| {
            let no = self.about(channel).filter(|no| no.fact.state == State::OptedOut);
            yes.own && no.into_iter().any(|no| yes.lifts(no, channel))
        };
        self.facts.iter().filter(outgrown).max_by_key(|s| s.weight())
    }

    pub(super) fn has_objected(&self) -> bool {
        let objections = self.facts.iter().filter(|s| s.own && s.fact.state == State::Objected);
        objections.into_iter().any(|s| !self.is_lifted(s, s.fact.channel))
    }

    /// The state of an address itself, with what was said regardless of the address.
    fn state_of(&self, address: u32, channel: Channel) -> (State, Option<u32>) {
        let here = |s: &&Seen| s.fact.address == address || s.fact.address == 0 && s.own;
        let refusals = self.about(channel).filter(here).filter(|s| s.fact.state.is_refusal());
        let standing = refusals.filter(|s| !self.is_lifted(s, channel));
        if let Some(worst) = standing.max_by_key(|s| s.weight()) {
            return (worst.fact.state, Some(worst.index));
        }
        let said = |state: State, explicit: bool| {
            let matching = move |s: &&Seen| s.fact.state == state && s.fact.explicit >= explicit;
            self.about(channel).filter(here).filter(matching).max_by_key(|s| s.weight())
        };
        // A missing value never beats an act of the person, but a flag does not beat it either.
        let deciding = said(State::OptedIn, true)
            .or_else(|| said(State::Unknown, false))
            .or_else(|| said(State::OptedIn, false));
        deciding.map_or((State::Unknown, None), |s| (s.fact.state, Some(s.index)))
    }

    pub(super) fn decide(&self, channel: Channel, primary: u32, policy: ConsentPolicy) -> Decision {
        let held = || self.contacts.iter().filter(|c| c.1 == channel).map(|c| c.0);
        if self.facts.is_empty() && policy.contact_unknown {
            // Of most people nothing is said.
            let address = if primary != 0 { primary } else { held().next().unwrap_or(0) };
            let no_address = address == 0;
            return Decision { may: !no_address, no_address, address, ..Decision::default() };
        }
        let standing = |s: &&Seen| s.fact.state.is_refusal() && !self.is_lifted(s, channel);
        let refusals = || self.about(channel).filter(standing);
        let for_person = refusals()
            .filter(|s| s.own && s.fact.state.is_will() && !self.is_outgrown(s, channel))
            .filter(|s| policy.scope == Scope::Person || s.fact.state == State::Objected)
            .max_by_key(|s| s.weight());
        let worst = refusals().filter(|s| s.own).max_by_key(|s| s.weight());
        let shown = if primary != 0 { primary } else { held().next().unwrap_or(0) };
        let (at_primary, fact) = self.state_of(shown, channel);
        let elsewhere = |s: &Seen| s.fact.address != shown && s.fact.address != 0;
        let (state, fact) = match for_person {
            Some(s) if s.fact.state >= at_primary => (s.fact.state, Some(s.index)),
            None if at_primary == State::Unknown => match self.outgrowing(channel) {
                Some(s) => (State::OptedIn, Some(s.index)),
                None => (at_primary, fact),
            },
            _ => (at_primary, fact),
        };
        let no_address = shown == 0;
        let allowed = match state {
            State::OptedIn => true,
            State::Unknown => policy.contact_unknown,
            _ => false,
        };
        let free = |a: &u32| *a != shown && !self.state_of(*a, channel).0.is_refusal();
        let usable = held().find(free).filter(|_| !allowed && for_person.is_none());
        Decision {
            may: allowed && !no_address,
            no_address,
            state,
            fact,
            column_state: worst.map_or(state, |s| s.fact.state.max(state)),
            primary_refused: !no_address && at_primary.is_will(),
            other_refused: refusals().any(|s| s.fact.state.is_will() && elsewhere(s)),
            usable: usable.unwrap_or(0),
            suppressed: refusals().any(|s| s.own && s.fact.source == FactSource::Suppression),
            address: shown,
        }
    }

    /// The addresses of the person, with the state of each.
    #[cfg(test)]
    pub(super) fn addresses(&self) -> impl Iterator<Item = (u32, State)> {
        self.contacts.iter().map(|&(address, channel)| (address, self.state_of(address, channel).0))
    }
}
