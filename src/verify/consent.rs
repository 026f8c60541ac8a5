//! Point 3: nobody who refused may be contacted, unless a later yes of the same scope is named.
//!
//! Statements are read anew from the inputs' columns and activities, and judged by a short code of
//! its own: for each statement that refuses, is there one that lifts it? What `leads.csv` says is
//! then held against it, and `consent.csv` must list exactly these statements.

use super::Findings;
use super::certificate::Run;
use super::history::History;
use super::input::Evidence;
use super::people::People;
use super::sheet::Sheet;
use crate::merge::history::NO_TIME;
use crate::normalize::consent::{ConsentWord, parse_word};
use crate::normalize::date::{self, ColumnOrder, Reading};
use crate::normalize::phone::Phone;
use crate::record::{Column, DictionaryBuilder, RecordId, ValueId};
use crate::schema::{Channel, ConsentRole, Polarity, Role};
use std::collections::BTreeMap;
use std::path::Path;

mod earlier;

/// What was said, from the mildest to the hardest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Said {
    Yes,
    Nothing,
    Bounced,
    No,
    Complained,
    Objected,
}

impl Said {
    /// The word in files.
    pub fn code(self) -> &'static str {
        ["opted-in", "unknown", "bounced", "opted-out", "complained", "objected"][self as usize]
    }
}

/// One statement of the inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Statement {
    record: RecordId,
    /// E-mail ids as they are, phone ids with the high bit; `None`: the person as such.
    address: Option<u32>,
    channel: Channel,
    said: Said,
    at: Option<i64>,
    source: &'static str,
    /// An act of the person, and no default.
    act: bool,
}

/// What follows for a person, or for a record alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    pub email: Said,
    pub phone: Said,
    pub objected: bool,
}

/// The answers that scoring reads.
#[derive(Debug, Default)]
pub(super) struct Consent {
    /// Per person.
    pub of_person: Vec<Answer>,
    /// Per record.
    pub of_record: Vec<Answer>,
}

const PHONE: u32 = 1 << 31;
const FILE: &str = "consent.csv";

/// Checks leads and statements.
pub(super) fn check(
    folder: &Path,
    run: &Run,
    evidence: &Evidence,
    people: &People,
    history: &History,
    findings: &mut Findings,
) -> Consent {
    let mut statements = read(evidence, history);
    earlier::read(evidence, &mut statements);
    earlier::read_suppressed(folder, evidence, people, &mut statements, findings);
    check_file(folder, evidence, people, &statements, findings);
    let judge = Judge::new(evidence, statements, run.settings.consent_by_address);
    let keys = [
        Keys::new(evidence, &[Role::Email], 0),
        Keys::new(evidence, &[Role::Phone, Role::Mobile], PHONE),
    ];
    let mut consent = Consent::default();
    for person in 0..people.len() as u32 {
        let members = &people.members[person as usize];
        let shown = keys.each_ref().map(|k| k.shown(evidence, people, person));
        let case = judge.case(members);
        let email = case.answer(Channel::Email, shown[0]);
        let phone = case.answer(Channel::Phone, shown[1]);
        consent.of_person.push(Answer {
            email: email.0,
            phone: phone.0,
            objected: case.objected(),
        });
        for (column, ask, channel) in [
            ("leadmend_may_email", email, Channel::Email),
            ("leadmend_may_phone", phone, Channel::Phone),
        ] {
            check_answer(run, people, person, column, ask, channel, findings);
        }
        check_columns(evidence, people, person, &case, findings);
    }
    consent.of_record = evidence
        .table
        .records()
        .map(|record| {
            let case = judge.case(&[record]);
            let email = case.answer(Channel::Email, None).0;
            let phone = case.answer(Channel::Phone, None).0;
            Answer { email, phone, objected: case.objected() }
        })
        .collect();
    consent
}

fn check_answer(
    run: &Run,
    people: &People,
    person: u32,
    column: &str,
    (said, has_address): (Said, bool),
    channel: Channel,
    findings: &mut Findings,
) {
    let allowed = has_address
        && match said {
            Said::Yes => true,
            Said::Nothing => run.settings.contact_unknown,
            _ => false,
        };
    let how = if channel == Channel::Email { "e-mail" } else { "phone" };
    let id = people.ids[person as usize].as_str();
    match people.cell(person, column) {
        "true" if !allowed => {
            let what = match (said, has_address) {
                (_, false) => format!("{column} is true without an address"),
                (Said::Nothing, _) => format!("{column} is true, and nothing was said"),
                _ => format!("may not be contacted by {how}: {}, and not lifted", said.code()),
            };
            findings.refuse(3, &people.leads.file, id, what);
        }
        // A suppression list may keep back whom the inputs would not.
        "false"
            if allowed && !people.cell(person, "leadmend_consent_reason").contains("suppress") =>
        {
            findings.refuse(
                3,
                &people.leads.file,
                id,
                format!("{column} is false without a reason"),
            );
        }
        "true" | "false" => {}
        _ => findings.refuse(
            3,
            &people.leads.file,
            id,
            format!("{column} is neither true nor false"),
        ),
    }
}

/// The original consent columns must not say yes where somebody of the person said no.
fn check_columns(
    evidence: &Evidence,
    people: &People,
    person: u32,
    case: &Case,
    findings: &mut Findings,
) {
    for column in &evidence.schema.columns {
        let Role::Consent(role) = column.role else { continue };
        let channel = match role.channel {
            Channel::Phone | Channel::Sms => Channel::Phone,
            _ => Channel::Email,
        };
        let refusal = case.worst_own(channel).filter(|&s| s > Said::Bounced);
        let Some(refusal) = refusal else { continue };
        let cell = people.cell(person, &column.header);
        let says = state_of(cell, role.polarity, column.false_decides);
        let fits = match role.polarity {
            Polarity::OptOut | Polarity::DoNotContact => says.is_some_and(|s| s > Said::Nothing),
            Polarity::OptIn => says != Some(Said::Yes),
            Polarity::Status => says.is_some_and(|s| s > Said::Bounced),
            _ => true,
        };
        if !fits {
            let what = format!(
                "column {} does not carry the refusal: {}, and not lifted",
                column.header,
                refusal.code()
            );
            findings.refuse(3, &people.leads.file, people.ids[person as usize].clone(), what);
        }
    }
}

/// What a cell says by itself.
fn state_of(cell: &str, polarity: Polarity, false_decides: bool) -> Option<Said> {
    let yes = match parse_word(cell).value? {
        ConsentWord::OptedIn => return Some(Said::Yes),
        ConsentWord::OptedOut => return Some(Said::No),
        ConsentWord::Objected => return Some(Said::Objected),
        ConsentWord::Bounced => return Some(Said::Bounced),
        ConsentWord::Complained => return Some(Said::Complained),
        ConsentWord::Unknown => return None,
        ConsentWord::Yes => true,
        ConsentWord::No => false,
    };
    match (polarity, yes) {
        (Polarity::OptIn | Polarity::Confirmed | Polarity::Status, true) => Some(Said::Yes),
        (Polarity::OptOut | Polarity::DoNotContact, true) => Some(Said::No),
        (Polarity::Bounced, true) => Some(Said::Bounced),
        (Polarity::Complained, true) => Some(Said::Complained),
        (Polarity::OptIn | Polarity::Status, false) if false_decides => Some(Said::No),
        _ => None,
    }
}

/// Every statement of the inputs.
fn read(evidence: &Evidence, history: &History) -> Vec<Statement> {
    let mut all = Vec::new();
    let schema = &evidence.schema;
    for (c, column) in schema.columns.iter().enumerate() {
        if let Role::Consent(role) = column.role {
            read_column(evidence, c, role, column.false_decides, &mut all);
        }
    }
    for (source, input) in schema.inputs.iter().enumerate() {
        let Some(role) = input.file_consent else { continue };
        let said = match role.polarity {
            Polarity::OptIn | Polarity::Confirmed => Said::Yes,
            Polarity::Bounced => Said::Bounced,
            Polarity::Complained => Said::Complained,
            _ => Said::No,
        };
        let table = &evidence.table;
        for record in table.records().filter(|r| table.source[r.index()] as usize == source) {
            state(evidence, record, role.channel, said, None, "file", &mut all);
        }
    }
    let log = &evidence.log;
    for (i, record) in history.record.iter().enumerate() {
        let said = match log.kinds[log.activities.kind[i] as usize].as_str() {
            "email.unsubscribe" => Said::No,
            "email.complaint" => Said::Complained,
            "email.bounce" => Said::Bounced,
            "email.resubscribe" => Said::Yes,
            _ => continue,
        };
        if let Some(record) = *record {
            let at = Some(log.activities.at[i]).filter(|&at| at != NO_TIME);
            state(evidence, record, Channel::Email, said, at, "activity", &mut all);
        }
    }
    all
}

fn read_column(
    evidence: &Evidence,
    index: usize,
    role: ConsentRole,
    false_decides: bool,
    all: &mut Vec<Statement>,
) {
    let table = &evidence.table;
    let column = &table.columns[index];
    let (timed, dated_by) = match role.polarity {
        Polarity::OptInTime | Polarity::ConfirmedTime => (Some(Said::Yes), None),
        Polarity::OptOutTime => (Some(Said::No), None),
        Polarity::BouncedTime => (Some(Said::Bounced), None),
        Polarity::OptIn => (None, Some(Polarity::OptInTime)),
        Polarity::OptOut | Polarity::DoNotContact => (None, Some(Polarity::OptOutTime)),
        Polarity::Bounced => (None, Some(Polarity::BouncedTime)),
        Polarity::Confirmed => (None, Some(Polarity::ConfirmedTime)),
        _ => (None, None),
    };
    if let Some(said) = timed {
        let times = times(column);
        for record in table.records() {
            if let Some(at) = times[column.ids[record.index()].index()] {
                state(evidence, record, role.channel, said, Some(at), "column", all);
            }
        }
        return;
    }
    let is_date = |c: &crate::schema::ColumnSchema| {
        matches!(c.role, Role::Consent(r)
            if Some(r.polarity) == dated_by && r.channel == role.channel)
    };
    let dates = evidence.schema.columns.iter().position(is_date).map(|c| &table.columns[c]);
    let dates = dates.map(|c| (c, times(c)));
    for record in table.records() {
        let cell = column.get(record);
        let Some(said) = state_of(cell, role.polarity, false_decides) else { continue };
        let at = dates.as_ref().and_then(|(c, t)| t[c.ids[record.index()].index()]);
        state(evidence, record, role.channel, said, at, "column", all);
    }
}

fn times(column: &Column) -> Vec<Option<i64>> {
    let order = ColumnOrder::decide(column.dictionary.iter()).order;
    let reading = Reading { order, ..Reading::default() };
    column.dictionary.iter().map(|v| date::parse(v, reading).value.map(|t| t.micros)).collect()
}

/// A statement about every address of its channel; about the person where there is none.
fn state(
    evidence: &Evidence,
    record: RecordId,
    channel: Channel,
    said: Said,
    at: Option<i64>,
    source: &'static str,
    all: &mut Vec<Statement>,
) {
    let act = source != "column" || at.is_some() || said > Said::Nothing;
    let channel = if channel == Channel::Fax { Channel::Post } else { channel };
    let features = &evidence.records.features;
    let addresses: Vec<u32> = match channel {
        Channel::Email => features.emails_of(record.index()).collect(),
        Channel::Phone | Channel::Sms => {
            features.phones_of(record.index()).map(|p| p | PHONE).collect()
        }
        _ => Vec::new(),
    };
    let about = |address| Statement { record, address, channel, said, at, source, act };
    match addresses.is_empty() {
        true => all.push(about(None)),
        false => all.extend(addresses.into_iter().map(|a| about(Some(a)))),
    }
}

/// Statements by record and by address.
struct Judge<'a> {
    evidence: &'a Evidence,
    statements: Vec<Statement>,
    of_record: Vec<Vec<u32>>,
    of_address: BTreeMap<u32, Vec<u32>>,
    by_address: bool,
}

impl<'a> Judge<'a> {
    fn new(evidence: &'a Evidence, statements: Vec<Statement>, by_address: bool) -> Self {
        let mut of_record = vec![Vec::new(); evidence.table.len()];
        let mut of_address: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (i, s) in (0u32..).zip(&statements) {
            of_record[s.record.index()].push(i);
            if let Some(address) = s.address {
                of_address.entry(address).or_default().push(i);
            }
        }
        Self { evidence, statements, of_record, of_address, by_address }
    }

    /// What concerns the records as one person.
    fn case(&self, members: &[RecordId]) -> Case<'_> {
        let of = |list: &[u32]| list.iter().map(|&i| &self.statements[i as usize]).collect();
        let own: Vec<u32> =
            members.iter().flat_map(|r| self.of_record[r.index()].iter().copied()).collect();
        let features = &self.evidence.records.features;
        let mut held: Vec<u32> = Vec::new();
        for record in members {
            held.extend(features.emails_of(record.index()));
            held.extend(features.phones_of(record.index()).map(|p| p | PHONE));
        }
        let others = held
            .iter()
            .filter_map(|a| self.of_address.get(a))
            .flatten()
            .copied()
            .filter(|&i| !members.contains(&self.statements[i as usize].record));
        let mut others: Vec<u32> = others.collect();
        others.sort_unstable();
        others.dedup();
        Case { own: of(&own), others: of(&others), held, by_address: self.by_address }
    }
}

/// What was said by one person, and by others about its addresses.
struct Case<'a> {
    own: Vec<&'a Statement>,
    others: Vec<&'a Statement>,
    /// The person's addresses, record by record.
    held: Vec<u32>,
    /// Of the person's refusals only objections count beyond their address.
    by_address: bool,
}

/// A strictly later, explicit yes of the same channel; a no to everything is lifted for a channel
/// by a yes to that channel.
fn is_later_yes(yes: &Statement, no: &Statement, channel: Channel) -> bool {
    let later = matches!((yes.at, no.at), (Some(y), Some(n)) if y > n);
    let scope = yes.channel == no.channel || (no.channel == Channel::Any && yes.channel == channel);
    yes.said == Said::Yes && yes.act && later && scope
}

impl Case<'_> {
    /// The person's own statements on a channel: an objection covers all.
    fn own_on(&self, channel: Channel) -> impl Iterator<Item = &Statement> {
        self.own.iter().copied().filter(move |s| {
            s.channel == channel || s.channel == Channel::Any || s.said == Said::Objected
        })
    }

    fn lifted_at_its_address(&self, no: &Statement, channel: Channel) -> bool {
        let same = |yes: &&&Statement| yes.address == no.address;
        let mut all = self.own.iter().chain(&self.others).filter(same);
        all.any(|yes| is_later_yes(yes, no, channel))
            || no.address.is_none() && no.said == Said::No && self.lifted_for_person(no, channel)
    }

    fn lifted_for_person(&self, no: &Statement, channel: Channel) -> bool {
        no.said == Said::No && self.own.iter().any(|yes| is_later_yes(yes, no, channel))
    }

    /// The hardest own refusal that no yes at its address lifts.
    fn worst_own(&self, channel: Channel) -> Option<Said> {
        let standing =
            |s: &&Statement| s.said > Said::Nothing && !self.lifted_at_its_address(s, channel);
        self.own_on(channel).filter(standing).map(|s| s.said).max()
    }

    fn objected(&self) -> bool {
        let objections = self.own.iter().filter(|s| s.said == Said::Objected);
        objections.into_iter().any(|s| !self.lifted_at_its_address(s, s.channel))
    }

    /// The state that decides a channel, and whether there is an address to use. `shown` is the
    /// address the lead shows; without one it is the first.
    fn answer(&self, channel: Channel, shown: Option<u32>) -> (Said, bool) {
        let of_channel = |a: &&u32| (**a & PHONE != 0) == (channel == Channel::Phone);
        let shown = shown.or_else(|| self.held.iter().find(of_channel).copied());
        let will = self
            .own_on(channel)
            .filter(|s| s.said > Said::Bounced)
            .filter(|s| !self.by_address || s.said == Said::Objected)
            .filter(|s| !self.lifted_at_its_address(s, channel))
            .filter(|s| !self.lifted_for_person(s, channel))
            .map(|s| s.said)
            .max();
        let others = self.others.iter().copied();
        let others = others.filter(|s| s.channel == channel || s.channel == Channel::Any);
        let here: Vec<&Statement> = self
            .own_on(channel)
            .filter(|s| s.address.is_none() || s.address == shown)
            .chain(others.filter(|s| s.address == shown))
            .collect();
        let refused = here
            .iter()
            .filter(|s| s.said > Said::Nothing && !self.lifted_at_its_address(s, channel))
            .map(|s| s.said)
            .max();
        let agreed = here.iter().any(|s| s.said == Said::Yes);
        let at_shown = refused.unwrap_or(if agreed { Said::Yes } else { Said::Nothing });
        let said = match will {
            Some(will) => will.max(at_shown),
            None if at_shown == Said::Nothing => {
                let grown = |no: &Statement| self.lifted_for_person(no, channel);
                let outgrown = self.own_on(channel).any(grown);
                if outgrown { Said::Yes } else { Said::Nothing }
            }
            None => at_shown,
        };
        (said, shown.is_some())
    }
}

/// From the cell a lead shows to the address it is.
struct Keys {
    /// Places in the leads file of the first column of the roles.
    place: Option<usize>,
    /// All columns of the roles.
    columns: Vec<usize>,
    of_text: BTreeMap<String, u32>,
}

impl Keys {
    fn new(evidence: &Evidence, roles: &[Role], mark: u32) -> Self {
        let mut of_text = BTreeMap::new();
        let columns: Vec<usize> = roles.iter().flat_map(|&r| evidence.schema.all(r)).collect();
        for &c in &columns {
            let column = &evidence.table.columns[c];
            for (text, &key) in column.dictionary.iter().zip(&evidence.records.keys[c]).skip(1) {
                // The high bit: no address that can be used.
                if key & PHONE == 0 && key != 0 {
                    of_text.entry(text.to_string()).or_insert(key | mark);
                }
            }
        }
        let first = roles.iter().find_map(|&r| evidence.schema.first(r));
        Self { place: first, columns, of_text }
    }

    fn shown(&self, evidence: &Evidence, people: &People, person: u32) -> Option<u32> {
        let place = self.place?;
        let cell = people.at(person, place);
        let repaired = || {
            let members = people.members[person as usize].iter();
            let mut held = members.flat_map(|&r| self.columns.iter().map(move |&c| (c, r)));
            let (from, record) = held.find(|&(c, r)| evidence.shows(place, c, r, cell))?;
            self.of_text.get(evidence.cell(from, record))
        };
        self.of_text.get(cell).or_else(repaired).copied()
    }
}

/// Holds `consent.csv` against the statements.
fn check_file(
    folder: &Path,
    evidence: &Evidence,
    people: &People,
    statements: &[Statement],
    findings: &mut Findings,
) {
    let needed =
        ["person_id", "record_id", "address", "channel", "purpose", "state", "at", "source"];
    let Some(sheet) = Sheet::read(folder, FILE, b',', &needed, findings) else { return };
    let address = |a: Option<u32>| match a {
        None => String::new(),
        Some(a) if a & PHONE != 0 => {
            let phone = &evidence.records.features.phones[(a & !PHONE) as usize];
            Phone::e164_of_key(phone.number)
        }
        Some(a) => evidence.records.email_text.get(ValueId(a)).to_string(),
    };
    let channel = |c: Channel| match c {
        Channel::Email => "email",
        Channel::Phone => "phone",
        Channel::Sms => "sms",
        Channel::Post | Channel::Fax => "post",
        Channel::Any => "any",
    };
    let moment =
        |at: i64| jiff::Timestamp::from_microsecond(at).map(|t| t.to_string()).unwrap_or_default();
    let mut wanted: BTreeMap<[String; 8], &Statement> = BTreeMap::new();
    for s in statements {
        let person = people.person_of[s.record.index()] as usize;
        let cells = [
            people.ids[person].clone(),
            evidence.label(s.record),
            address(s.address),
            channel(s.channel).to_string(),
            "marketing".to_string(),
            s.said.code().to_string(),
            s.at.map(moment).unwrap_or_default(),
            s.source.to_string(),
        ];
        wanted.insert(cells, s);
    }
    for row in 0..sheet.len() {
        let cells = needed.map(|c| sheet.cell(row, c).to_string());
        if wanted.remove(&cells).is_none() && cells[7] != "suppression" {
            let what = "is no statement of the inputs, or there twice";
            findings.refuse(3, FILE, format!("line {}", row + 2), what);
        }
    }
    for s in wanted.values() {
        let what = format!("the statement {} is missing", s.said.code());
        findings.refuse(3, FILE, evidence.label(s.record), what);
    }
}

/// The dictionary's id of a text in a column.
pub(super) fn value_ids(column: &Column) -> DictionaryBuilder {
    DictionaryBuilder::resume(column.dictionary.clone())
}
