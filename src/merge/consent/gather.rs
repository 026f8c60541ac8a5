//! Consent facts: from columns, from files of one state, and from activities.
//!
//! A column without a time of its own gives facts without time: the row's `updated` says when
//! anything changed, not when the person decided.

use super::earlier;
use super::{Channel, Consent, ConsentFact, ConsentPolicy, Contact, FactSource, State, States};
use super::{decide, states};
use crate::cluster::Clusters;
use crate::compare::feature::{NONE, Row};
use crate::merge::field::{MergedFields, Value};
use crate::merge::history::{NO_TIME, ORPHAN};
use crate::merge::suppress::Suppression;
use crate::normalize::activity::ActivityLog;
use crate::normalize::consent::{ConsentWord, parse_word};
use crate::normalize::date::{self, ColumnOrder, Reading};
use crate::normalize::phone::Phone;
use crate::normalize::record::Records;
use crate::record::{Column, RecordId, Table, ValueId};
use crate::schema::{self, ColumnSchema, ConsentRole, Polarity, Role, UnitedSchema};
use rayon::prelude::*;
use std::borrow::Cow;

/// Addresses of both channels under one numbering, as facts and decisions use it.
#[derive(Debug, Clone, Copy)]
pub struct Addresses {
    emails: u32,
}

impl Addresses {
    /// E-mails keep their ids; phones follow them.
    pub fn of(records: &Records) -> Self {
        Self { emails: records.features.emails.len() as u32 }
    }

    /// Number of an e-mail id.
    pub fn email(self, id: u32) -> u32 {
        id
    }

    /// Number of a phone id; 0 stays 0.
    pub fn phone(self, id: u32) -> u32 {
        if id == 0 { 0 } else { self.emails + id }
    }

    /// The text of an address; none for the number 0.
    pub fn text(self, records: &Records, address: u32) -> Cow<'_, str> {
        match address.checked_sub(self.emails) {
            None => Cow::Borrowed(records.email_text.get(ValueId(address))),
            Some(phone) => {
                let known = records.features.phones.get(phone as usize);
                Cow::Owned(known.map_or_else(String::new, |p| Phone::e164_of_key(p.number)))
            }
        }
    }
}

/// The addresses every record holds.
pub fn contacts(records: &Records, addresses: Addresses) -> Vec<Contact> {
    let f = &records.features;
    let held: usize = f.rows.iter().map(contact_count).sum();
    let mut all = Vec::with_capacity(held + f.more_emails.len() + f.more_phones.len());
    for r in 0..f.len() {
        let record = RecordId(r as u32);
        all.extend(f.emails_of(r).map(|e| Contact {
            record,
            address: addresses.email(e),
            channel: Channel::Email,
        }));
        all.extend(f.phones_of(r).map(|p| Contact {
            record,
            address: addresses.phone(p),
            channel: Channel::Phone,
        }));
    }
    all
}

/// Addresses and numbers of a row, further ones apart.
fn contact_count(row: &Row) -> usize {
    row.email.iter().chain(&row.phone).filter(|&&id| id != NONE).count()
}

/// Everything that was said about contacting anyone, and the addresses everybody has.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// The facts, in an order that does not depend on the rows'.
    pub facts: Vec<ConsentFact>,
    contacts: Vec<Contact>,
}

impl Said {
    /// Adds what the suppression list says: whoever holds an address of it objected, whatever
    /// the channel.
    pub fn suppress(&mut self, table: &Table, records: &Records, list: &Suppression) {
        if list.is_empty() {
            return;
        }
        let (emails, phones) = (&records.email_text, &records.features.phones);
        let suppressed: Vec<bool> = (0..emails.len() + phones.len())
            .into_par_iter()
            .with_min_len(1024)
            .map(|a| match a.checked_sub(emails.len()) {
                None => list.has_email(emails.get(ValueId(a as u32))),
                Some(phone) => list.has_phone(phones[phone].number),
            })
            .collect();
        let held = self.contacts.iter().filter(|c| suppressed[c.address as usize]);
        let held = held.map(|contact| (contact.record, contact.address));
        let known = table.records().filter(|&r| list.has_record(&table.key(r))).map(|r| (r, 0));
        self.facts.extend(held.chain(known).map(|(record, address)| ConsentFact {
            record,
            address,
            channel: Channel::Any,
            purpose: 0,
            state: State::Objected,
            at: None,
            explicit: true,
            source: FactSource::Suppression,
        }));
        put_in_order(&mut self.facts);
    }

    /// Decides for the persons; the primary addresses are those the merged leads show.
    pub fn decide(
        &self,
        clusters: &Clusters,
        fields: &MergedFields,
        records: &Records,
        schema: &UnitedSchema,
        table: &Table,
        policy: ConsentPolicy,
    ) -> Consent {
        let addresses = Addresses::of(records);
        let primary = |roles: &[Role], number: &dyn Fn(u32) -> u32| -> Vec<u32> {
            let column = roles.iter().find_map(|&role| schema.first(role));
            let Some(column) = column.filter(|&c| !records.keys[c].is_empty()) else {
                return Vec::new();
            };
            let (keys, ids) = (&records.keys[column], &table.columns[column].ids);
            let key = |p: u32| match fields.override_of(column, p) {
                Some(Value::Cell { column, record }) => {
                    let keys = &records.keys[*column as usize];
                    keys.get(table.columns[*column as usize].ids[record.index()].index()).copied()
                }
                _ => keys.get(ids[fields.choice(column, p).index()].index()).copied(),
            };
            // Keys of cells without a usable address have the high bit set.
            let usable = |key: Option<u32>| key.filter(|&k| k < 1 << 31).map_or(0, number);
            (0..clusters.len() as u32).map(|p| usable(key(p))).collect()
        };
        let email = primary(&[Role::Email], &|id| addresses.email(id));
        let phone = primary(&[Role::Phone, Role::Mobile], &|id| addresses.phone(id));
        decide(&self.facts, &self.contacts, &email, &phone, clusters, policy)
    }

    /// Decides for every record as if it were a person of its own.
    pub fn decide_records(&self, table: &Table, policy: ConsentPolicy) -> Consent {
        decide(&self.facts, &self.contacts, &[], &[], &alone(table), policy)
    }

    /// The states that [`Said::decide_records`] comes to.
    pub fn states_of_records(&self, table: &Table, policy: ConsentPolicy) -> Vec<States> {
        states(&self.facts, &self.contacts, &alone(table), policy)
    }
}

/// Every record for itself.
fn alone(table: &Table) -> Clusters {
    let labels: Vec<u32> = (0..table.len() as u32).collect();
    Clusters::from_labels(&labels)
}

/// Gathers all facts and addresses of a run.
pub fn gather(table: &Table, schema: &UnitedSchema, records: &Records, log: &ActivityLog) -> Said {
    let addresses = Addresses::of(records);
    Said {
        facts: facts(table, schema, records, log, (addresses, &|_| true)),
        contacts: contacts(records, addresses),
    }
}

/// What columns and files say of some records, without activities.
pub fn facts_of(
    table: &Table,
    schema: &UnitedSchema,
    records: &Records,
    wanted: &dyn Fn(usize) -> bool,
) -> Vec<ConsentFact> {
    let (log, addresses) = (ActivityLog::default(), Addresses::of(records));
    facts(table, schema, records, &log, (addresses, wanted))
}

fn facts(
    table: &Table,
    schema: &UnitedSchema,
    records: &Records,
    log: &ActivityLog,
    (addresses, wanted): (Addresses, &dyn Fn(usize) -> bool),
) -> Vec<ConsentFact> {
    let mut gatherer = Gatherer { table, schema, records, addresses, wanted, facts: Vec::new() };
    for (index, column) in schema.columns.iter().enumerate() {
        if let Role::Consent(role) = column.role {
            gatherer.column(index, column, role);
        }
    }
    for (source, input) in schema.inputs.iter().enumerate() {
        if let Some(role) = input.file_consent {
            gatherer.file(source, role);
        }
    }
    gatherer.activities(log);
    for (record, channel, state) in earlier::refusals(table) {
        gatherer.push(record.index(), channel, state, None, FactSource::EarlierRun);
    }
    let mut facts = gatherer.facts;
    put_in_order(&mut facts);
    facts
}

/// An order that does not depend on the rows'; each fact once.
fn put_in_order(facts: &mut Vec<ConsentFact>) {
    facts.sort_by_key(|f| {
        (f.record, f.channel, f.address, f.purpose, f.state, f.at, f.source, f.explicit)
    });
    facts.dedup();
}

/// What a value of a consent column says by itself.
pub fn state_of_cell(cell: &str, polarity: Polarity, false_decides: bool) -> Option<State> {
    let word = parse_word(cell).value?;
    let said = |yes: bool| match (polarity, yes) {
        (Polarity::OptIn | Polarity::Confirmed, true) => Some(State::OptedIn),
        (Polarity::OptOut | Polarity::DoNotContact, true) => Some(State::OptedOut),
        (Polarity::Bounced, true) => Some(State::Bounced),
        (Polarity::Complained, true) => Some(State::Complained),
        (Polarity::Status, true) => Some(State::OptedIn),
        (Polarity::OptIn | Polarity::Status, false) if false_decides => Some(State::OptedOut),
        _ => None,
    };
    match word {
        ConsentWord::OptedIn => Some(State::OptedIn),
        ConsentWord::OptedOut => Some(State::OptedOut),
        ConsentWord::Objected => Some(State::Objected),
        ConsentWord::Bounced => Some(State::Bounced),
        ConsentWord::Complained => Some(State::Complained),
        ConsentWord::Unknown => None,
        ConsentWord::Yes => said(true),
        ConsentWord::No => said(false),
    }
}

/// The channel a consent column is about.
pub fn channel_of(channel: schema::Channel) -> Channel {
    match channel {
        schema::Channel::Email => Channel::Email,
        schema::Channel::Phone => Channel::Phone,
        schema::Channel::Sms => Channel::Sms,
        schema::Channel::Post | schema::Channel::Fax => Channel::Post,
        schema::Channel::Any => Channel::Any,
    }
}

struct Gatherer<'a> {
    table: &'a Table,
    schema: &'a UnitedSchema,
    records: &'a Records,
    addresses: Addresses,
    wanted: &'a dyn Fn(usize) -> bool,
    facts: Vec<ConsentFact>,
}

impl Gatherer<'_> {
    fn column(&mut self, index: usize, column: &ColumnSchema, role: ConsentRole) {
        let cells = &self.table.columns[index];
        if let Some(state) = timed_state(role.polarity) {
            // A filled time says that it happened, and when.
            let times = column_times(cells);
            for r in 0..self.table.len() {
                if let Some(at) = times[cells.ids[r].index()] {
                    self.push(r, channel_of(role.channel), state, Some(at), FactSource::Column);
                }
            }
            return;
        }
        let states: Vec<Option<State>> = cells
            .dictionary
            .iter()
            .map(|cell| state_of_cell(cell, role.polarity, column.false_decides))
            .collect();
        let times = self.time_column(role).map(|c| (c, column_times(&self.table.columns[c])));
        for r in 0..self.table.len() {
            let Some(state) = states[cells.ids[r].index()] else { continue };
            let at =
                times.as_ref().and_then(|(c, times)| times[self.table.columns[*c].ids[r].index()]);
            self.push(r, channel_of(role.channel), state, at, FactSource::Column);
        }
    }

    /// The column that dates the statements of another one.
    fn time_column(&self, role: ConsentRole) -> Option<usize> {
        let wanted = match role.polarity {
            Polarity::OptIn => Polarity::OptInTime,
            Polarity::OptOut | Polarity::DoNotContact => Polarity::OptOutTime,
            Polarity::Bounced => Polarity::BouncedTime,
            Polarity::Confirmed => Polarity::ConfirmedTime,
            _ => return None,
        };
        self.schema.columns.iter().position(|c| {
            matches!(c.role, Role::Consent(r) if r.polarity == wanted && r.channel == role.channel)
        })
    }

    fn file(&mut self, source: usize, role: ConsentRole) {
        let state = match role.polarity {
            Polarity::OptIn | Polarity::Confirmed => State::OptedIn,
            Polarity::Bounced => State::Bounced,
            Polarity::Complained => State::Complained,
            _ => State::OptedOut,
        };
        for r in (0..self.table.len()).filter(|&r| self.table.source[r] as usize == source) {
            self.push(r, channel_of(role.channel), state, None, FactSource::File);
        }
    }

    fn activities(&mut self, log: &ActivityLog) {
        let states: Vec<Option<State>> = log
            .kinds
            .iter()
            .map(|kind| match kind.as_str() {
                "email.unsubscribe" => Some(State::OptedOut),
                "email.complaint" => Some(State::Complained),
                "email.bounce" => Some(State::Bounced),
                "email.resubscribe" => Some(State::OptedIn),
                _ => None,
            })
            .collect();
        let activities = &log.activities;
        for i in 0..activities.len() {
            let Some(state) = states[activities.kind[i] as usize] else { continue };
            if activities.record[i] == ORPHAN {
                continue;
            }
            let at = Some(activities.at[i]).filter(|&at| at != NO_TIME);
            self.push(
                activities.record[i] as usize,
                Channel::Email,
                state,
                at,
                FactSource::Activity,
            );
        }
    }

    /// One fact per address of the channel; one for the record as such where it has none.
    fn push(
        &mut self,
        r: usize,
        channel: Channel,
        state: State,
        at: Option<i64>,
        source: FactSource,
    ) {
        if !(self.wanted)(r) {
            return;
        }
        let fact = |address: u32| ConsentFact {
            record: RecordId(r as u32),
            address,
            channel,
            purpose: 0,
            state,
            at,
            // A flag without a time may be a default of the form or the import.
            explicit: source != FactSource::Column || at.is_some() || state.is_refusal(),
            source,
        };
        let f = &self.records.features;
        let before = self.facts.len();
        match channel {
            Channel::Email => {
                self.facts.extend(f.emails_of(r).map(|e| fact(self.addresses.email(e))));
            }
            Channel::Phone | Channel::Sms => {
                self.facts.extend(f.phones_of(r).map(|p| fact(self.addresses.phone(p))));
            }
            Channel::Post | Channel::Any => {}
        }
        if self.facts.len() == before {
            self.facts.push(fact(0));
        }
    }
}

/// The state that a filled time column stands for.
fn timed_state(polarity: Polarity) -> Option<State> {
    match polarity {
        Polarity::OptInTime | Polarity::ConfirmedTime => Some(State::OptedIn),
        Polarity::OptOutTime => Some(State::OptedOut),
        Polarity::BouncedTime => Some(State::Bounced),
        _ => None,
    }
}

/// The time each value of a column names.
fn column_times(column: &Column) -> Vec<Option<i64>> {
    let order = ColumnOrder::decide(column.dictionary.iter()).order;
    let reading = Reading { order, ..Reading::default() };
    (0..column.dictionary.len() as u32)
        .map(|v| date::parse(column.dictionary.get(ValueId(v)), reading).value.map(|t| t.micros))
        .collect()
}
