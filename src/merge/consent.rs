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
//! 5. A refusal belongs to its address: another person who holds it may not be contacted there, but
//!    stays free to be contacted elsewhere.
//!
//! `unknown` is contactable unless the policy says otherwise. A person without an address of the
//! channel cannot be contacted by it.

use crate::cluster::Clusters;
use crate::record::RecordId;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

mod column;
mod earlier;
mod person;

pub use column::{ColumnCell, ColumnMeaning, ConsentColumn};
pub mod gather;
pub mod write;
use person::{Groups, Person};

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
    /// The conclusion of an earlier run, read back.
    EarlierRun,
    /// The suppression list.
    Suppression,
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
    /// The person is on the suppression list.
    pub suppressed: bool,
    /// The address the decision is about: the primary one, else the first the person has; 0 for
    /// none.
    pub address: u32,
}

impl Decision {
    /// The stable code of the reason.
    pub fn reason(&self) -> &'static str {
        match self.state {
            _ if self.suppressed => "suppressed",
            // A refusal is told also where there is no address yet: reading it back keeps it.
            state if self.no_address && !state.is_refusal() => "no-address",
            state => state.code(),
        }
    }

    /// The stable code of what a user should look at; empty for nothing.
    pub fn flag(&self) -> &'static str {
        match (self.primary_refused, self.other_refused) {
            // The list says it all; nothing is to be looked at.
            _ if self.suppressed => "",
            (true, _) => "primary-was-unsubscribed",
            (false, true) => "other-address-unsubscribed",
            (false, false) => "",
        }
    }
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
}

/// What the statements come to, without which of them decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct States {
    /// By e-mail.
    pub email: State,
    /// By phone.
    pub phone: State,
    /// Objected to marketing by any channel.
    pub objected: bool,
}

impl Consent {
    /// The states of a person.
    pub fn states(&self, person: usize) -> States {
        let (email, phone) = (self.email[person].state, self.phone[person].state);
        States { email, phone, objected: self.objected[person] }
    }
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
    let stated = Stated::new(facts, contacts, clusters);
    let primary = |of: &[u32], person: u32| of.get(person as usize).copied().unwrap_or(0);
    let mut consent = Consent {
        email: vec![Decision::default(); clusters.len()],
        phone: vec![Decision::default(); clusters.len()],
        objected: vec![false; clusters.len()],
    };
    let Consent { email, phone, objected } = &mut consent;
    email
        .par_chunks_mut(CHUNK)
        .zip(phone.par_chunks_mut(CHUNK))
        .zip(objected.par_chunks_mut(CHUNK))
        .enumerate()
        .for_each_init(Person::default, |person, (chunk, ((email, phone), objected))| {
            let slots = email.iter_mut().zip(phone).zip(objected);
            for (p, ((email, phone), objected)) in ((chunk * CHUNK) as u32..).zip(slots) {
                stated.gather(p, person);
                *email = person.decide(Channel::Email, primary(primary_email, p), policy);
                *phone = person.decide(Channel::Phone, primary(primary_phone, p), policy);
                *objected = person.has_objected();
            }
        });
    consent
}

/// As [`decide`] without primary addresses, keeping the states alone.
fn states(
    facts: &[ConsentFact],
    contacts: &[Contact],
    clusters: &Clusters,
    policy: ConsentPolicy,
) -> Vec<States> {
    let stated = Stated::new(facts, contacts, clusters);
    let mut all = vec![States::default(); clusters.len()];
    all.par_chunks_mut(CHUNK).enumerate().for_each_init(
        Person::default,
        |person, (chunk, states)| {
            for (p, states) in ((chunk * CHUNK) as u32..).zip(states) {
                stated.gather(p, person);
                *states = States {
                    email: person.decide(Channel::Email, 0, policy).state,
                    phone: person.decide(Channel::Phone, 0, policy).state,
                    objected: person.has_objected(),
                };
            }
        },
    );
    all
}

/// All statements and addresses, by whom they concern.
struct Stated<'a> {
    facts: &'a [ConsentFact],
    contacts: &'a [Contact],
    clusters: &'a Clusters,
    /// Facts by person.
    own: Groups,
    /// Contacts by person.
    held: Groups,
    /// Facts by address.
    by_address: Groups,
}

impl<'a> Stated<'a> {
    fn new(facts: &'a [ConsentFact], contacts: &'a [Contact], clusters: &'a Clusters) -> Self {
        let person_of = |record: RecordId| clusters.person_of.get(record.index()).copied();
        let max = facts.iter().map(|f| f.address).max().unwrap_or(0) as usize;
        let addressed = |f: &ConsentFact| Some(f.address).filter(|&a| a != 0);
        Self {
            facts,
            contacts,
            clusters,
            own: Groups::new(clusters.len(), facts.iter().map(|f| person_of(f.record))),
            held: Groups::new(clusters.len(), contacts.iter().map(|c| person_of(c.record))),
            by_address: Groups::new(max + 1, facts.iter().map(addressed)),
        }
    }

    /// Puts into `seen` what concerns a person.
    fn gather(&self, person: u32, seen: &mut Person) {
        let Self { facts, contacts, clusters, own, held, by_address } = self;
        seen.gather(person, facts, contacts, own, held, by_address, clusters);
    }
}

/// Persons a worker takes at a time.
const CHUNK: usize = 4096;

#[cfg(test)]
mod tests;
