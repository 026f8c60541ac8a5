//! Who may be contacted after a merge.
//!
//! Takes every consent fact of every record (columns, suppression files, activities) and decides per
//! person and channel. Why facts and not one boolean: consent is per address, channel and purpose,
//! and a merge may neither lose a refusal nor invent one.
//!
//! The rules (a *refusal* is any of bounced, opted out, complained, objected):
//! 1. Every fact stays; deciding names one.
//! 2. A refusal of an address, channel and purpose is lifted only by a strictly later, explicit
//!    opt-in of the same address, channel and purpose. Without a time nothing is later. A refusal of
//!    any channel is lifted for one channel by an opt-in of that channel; a general yes never lifts
//!    a specific no. What is not lifted restricts: objected, complained, opted out, bounced,
//!    unknown, opted in. A later opt-out does not soften an earlier objection.
//! 3. Across the addresses of a person the most restrictive counts, with three particulars: a
//!    strictly later explicit opt-in at any own address lifts an *opt-out* for the person (the
//!    address itself stays refused); objections and complaints stick to the person; a bounce
//!    concerns its address only. An objection covers every channel.
//! 4. The address that would be used, the primary one, must itself be free of refusals.
//! 5. A refusal belongs to its address: it also counts for other persons who hold it.
//!
//! `unknown` is contactable unless the policy says otherwise. A person without an address of the
//! channel cannot be contacted by it.

use crate::cluster::Clusters;
use crate::record::RecordId;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

mod column;

pub use column::{ColumnCell, ColumnMeaning, ConsentColumn};

/// How a person is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// E-mail.
    Email,
    /// Calls.
    Phone,
    /// Text messages.
    Sms,
    /// Letters.
    Post,
    /// All of them.
    Any,
}

/// What a fact says; the order is that of restriction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Said yes.
    OptedIn,
    /// Said nothing.
    #[default]
    Unknown,
    /// The address does not work.
    Bounced,
    /// Said no.
    OptedOut,
    /// Reported a message as spam.
    Complained,
    /// Objected to direct marketing.
    Objected,
}

impl State {
    /// Whether it forbids contact.
    pub fn is_refusal(self) -> bool {
        self > State::Unknown
    }

    /// Whether it is the person's will (a bounce is not).
    fn is_will(self) -> bool {
        self > State::Bounced
    }

    /// The stable code written to files.
    pub fn code(self) -> &'static str {
        match self {
            State::OptedIn => "opted-in",
            State::Unknown => "unknown",
            State::Bounced => "bounced",
            State::OptedOut => "opted-out",
            State::Complained => "complained",
            State::Objected => "objected",
        }
    }
}

/// Where a fact was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FactSource {
    /// A column of the record.
    Column,
    /// A file of one state, such as an export of unsubscribed contacts.
    File,
    /// An activity: unsubscribe, bounce, complaint, resubscribe.
    Activity,
}

/// One statement about contacting someone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConsentFact {
    /// The record it was found on.
    pub record: RecordId,
    /// The address or number (one numbering for both); 0: the person, whatever the address.
    pub address: u32,
    /// Channel.
    pub channel: Channel,
    /// Purpose; 0: marketing in general.
    pub purpose: u16,
    /// What it says.
    pub state: State,
    /// Microseconds; `None` when the fact has no time of its own.
    pub at: Option<i64>,
    /// An act of the person, not a default or an import flag.
    pub explicit: bool,
    /// Where it was read.
    pub source: FactSource,
}

/// An address or number of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contact {
    /// Whose.
    pub record: RecordId,
    /// Numbered as in [`ConsentFact::address`]; never 0.
    pub address: u32,
    /// [`Channel::Email`] or [`Channel::Phone`].
    pub channel: Channel,
}

/// Whose refusals count for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// All addresses of the person.
    #[default]
    Person,
    /// The primary address alone, as HubSpot has it; objections still count for the person.
    Address,
}

/// The consent section of a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConsentPolicy {
    /// Whether someone of unknown consent may be contacted.
    pub contact_unknown: bool,
    /// Whose refusals count.
    pub scope: Scope,
}

impl Default for ConsentPolicy {
    fn default() -> Self {
        Self { contact_unknown: true, scope: Scope::Person }
    }
}

/// Whether a person may be contacted by a channel, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Decision {
    /// The answer.
    pub may: bool,
    /// The person has no address of the channel; the state then says what is known all the same.
    pub no_address: bool,
    /// The state that decides.
    pub state: State,
    /// The fact that decides, as an index; `None` when nothing was said.
    pub fact: Option<u32>,
    /// The most restrictive state any address of the person has: what the original consent columns
    /// carry, so that an import of the result frees none of them.
    pub column_state: State,
    /// The primary address itself was refused by the person.
    pub primary_refused: bool,
    /// Another address of the person was refused by the person.
    pub other_refused: bool,
    /// An address that may be used when the primary one may not; 0 for none.
    pub usable: u32,
}

impl Decision {
    /// The stable code of the reason.
    pub fn reason(&self) -> &'static str {
        if self.no_address { "no-address" } else { self.state.code() }
    }

    /// The stable code of what a user should look at; empty for nothing.
    pub fn flag(&self) -> &'static str {
        match (self.primary_refused, self.other_refused) {
            (true, _) => "primary-was-unsubscribed",
            (false, true) => "other-address-unsubscribed",
            (false, false) => "",
        }
    }
}

/// What is known of one address of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressState {
    /// Person.
    pub person: u32,
    /// Address.
    pub address: u32,
    /// Channel.
    pub channel: Channel,
    /// State of the address itself.
    pub state: State,
    /// The fact that decides.
    pub fact: Option<u32>,
}

/// The decisions of a run.
#[derive(Debug, Clone, Default)]
pub struct Consent {
    /// Per person.
    pub email: Vec<Decision>,
    /// Per person.
    pub phone: Vec<Decision>,
    /// Per person: objected to marketing by any channel (no score then).
    pub objected: Vec<bool>,
    /// Every address of every person, by person.
    pub addresses: Vec<AddressState>,
}

/// Decides for every person. `primary_email` and `primary_phone` hold the address each merged lead
/// shows (0 for none; empty: the first contact of the person).
pub fn decide(
    facts: &[ConsentFact],
    contacts: &[Contact],
    primary_email: &[u32],
    primary_phone: &[u32],
    clusters: &Clusters,
    policy: ConsentPolicy,
) -> Consent {
    let person_of = |record: RecordId| clusters.person_of.get(record.index()).copied();
    let own = Groups::new(clusters.len(), facts.iter().map(|f| person_of(f.record)));
    let held = Groups::new(clusters.len(), contacts.iter().map(|c| person_of(c.record)));
    let max = facts.iter().map(|f| f.address).max().unwrap_or(0) as usize;
    let addressed = |f: &ConsentFact| Some(f.address).filter(|&a| a != 0);
    let by_address = Groups::new(max + 1, facts.iter().map(addressed));
    let primary = |of: &[u32], person: u32| of.get(person as usize).copied().unwrap_or(0);
    let persons = clusters.len() as u32;
    let parts: Vec<Consent> = (0..persons.div_ceil(CHUNK))
        .into_par_iter()
        .map_init(Person::default, |person, chunk| {
            let mut part = Consent::default();
            for p in chunk * CHUNK..persons.min((chunk + 1) * CHUNK) {
                person.gather(p, facts, contacts, &own, &held, &by_address, clusters);
                part.email.push(person.decide(Channel::Email, primary(primary_email, p), policy));
                part.phone.push(person.decide(Channel::Phone, primary(primary_phone, p), policy));
                part.objected.push(person.has_objected());
                part.addresses.extend(person.addresses(p));
            }
            part
        })
        .collect();
    let mut consent = Consent::default();
    for part in parts {
        consent.email.extend(part.email);
        consent.phone.extend(part.phone);
        consent.objected.extend(part.objected);
        consent.addresses.extend(part.addresses);
    }
    consent
}

/// Persons a worker takes at a time.
const CHUNK: u32 = 4096;

/// Indices by group (counting sort).
struct Groups {
    start: Vec<u32>,
    members: Vec<u32>,
}

impl Groups {
    fn new(groups: usize, of: impl Iterator<Item = Option<u32>> + Clone) -> Self {
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
struct Person {
    facts: Vec<Seen>,
    contacts: Vec<(u32, Channel)>,
}

impl Person {
    #[allow(clippy::too_many_arguments)] // the three indices and what they index
    fn gather(
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

    fn has_objected(&self) -> bool {
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

    fn decide(&self, channel: Channel, primary: u32, policy: ConsentPolicy) -> Decision {
        let held = || self.contacts.iter().filter(|c| c.1 == channel).map(|c| c.0);
        let standing = |s: &&Seen| s.fact.state.is_refusal() && !self.is_lifted(s, channel);
        let refusals = || self.about(channel).filter(standing);
        let for_person = refusals()
            .filter(|s| s.fact.state.is_will() && !self.is_outgrown(s, channel))
            .filter(|s| policy.scope == Scope::Person || s.fact.state == State::Objected)
            .max_by_key(|s| s.weight());
        let worst = refusals().max_by_key(|s| s.weight());
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
        }
    }

    fn addresses(&self, person: u32) -> impl Iterator<Item = AddressState> {
        self.contacts.iter().map(move |&(address, channel)| {
            let (state, fact) = self.state_of(address, channel);
            AddressState { person, address, channel, state, fact }
        })
    }
}

#[cfg(test)]
mod tests;
