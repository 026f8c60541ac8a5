//! What the scoring models read, gathered anew from the leads and the inputs.
//!
//! A field of a lead is what its cell says. Where a cell is understood through its record (a city
//! by the country beside it), several records may stand behind one text: all of them are candidates,
//! and a score is right when it follows from one.

use super::consent::{Answer, Consent, Said};
use super::history::{History, Status};
use super::input::Evidence;
use super::people::People;
use crate::compare::feature::NONE;
use crate::normalize::phone::Phone;
use crate::normalize::region::Region;
use crate::normalize::{date, flag, text};
use crate::record::{RecordId, ValueId};
use crate::schema::Role;
use crate::score::facts::{Events, FactValue, Facts, FieldColumn};
use crate::score::quantity;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A field with what it may be for each person.
pub(super) struct Field {
    name: String,
    values: Vec<FactValue>,
    of_record: Vec<u32>,
    /// Per person: value and record; never empty.
    candidates: Vec<Vec<(u32, RecordId)>>,
}

/// All fields and events, to be put together for some persons at a time.
pub(super) struct Gathered<'a> {
    evidence: &'a Evidence,
    people: &'a People,
    history: &'a History,
    pub fields: Vec<Field>,
    /// Bound activities of each person, in order of time.
    events: Vec<Vec<u32>>,
}

impl<'a> Gathered<'a> {
    /// Gathers the named fields.
    pub fn new(
        evidence: &'a Evidence,
        people: &'a People,
        history: &'a History,
        consent: &Consent,
        names: &[&str],
    ) -> Self {
        let gatherer = Gatherer { evidence, people, consent };
        let fields = names.iter().filter_map(|name| gatherer.field(name)).collect();
        let mut events: Vec<Vec<u32>> = vec![Vec::new(); people.len()];
        for (i, record) in history.record.iter().enumerate() {
            if let Some(record) = record.filter(|_| history.status[i] != Status::Orphan) {
                events[people.person_of[record.index()] as usize].push(i as u32);
            }
        }
        let log = &evidence.log.activities;
        for list in &mut events {
            list.sort_by_key(|&i| {
                let i = i as usize;
                (log.at[i], history.record[i], log.source[i], log.digest[i], log.row[i])
            });
        }
        Self { evidence, people, history, fields, events }
    }

    /// In how many ways the fields of a person can be read.
    pub fn ways(&self, person: u32) -> usize {
        let counts = self.fields.iter().map(|f| f.candidates[person as usize].len());
        counts.fold(1usize, |all, n| all.saturating_mul(n))
    }

    /// Whether a record carries the value that a fact names.
    pub fn carries(&self, field: u16, value: u32, record: RecordId) -> bool {
        let field = self.fields.get(field as usize);
        field.is_some_and(|f| f.of_record.get(record.index()) == Some(&value))
    }

    /// The facts of some persons, read in the `way`-th way.
    pub fn facts(&self, persons: &[u32], way: usize) -> Facts {
        let mut columns: Vec<FieldColumn> = self
            .fields
            .iter()
            .map(|f| FieldColumn {
                name: f.name.clone(),
                values: f.values.clone(),
                of_record: f.of_record.clone(),
                ..FieldColumn::default()
            })
            .collect();
        let (mut member_start, mut members) = (vec![0u32], Vec::new());
        let (mut start, mut order) = (vec![0u32], Vec::new());
        for &person in persons {
            let mut rest = way;
            for (column, field) in columns.iter_mut().zip(&self.fields) {
                let all = &field.candidates[person as usize];
                let (value, record) = all[rest % all.len()];
                rest /= all.len();
                column.of_person.push(value);
                column.from_record.push(record);
            }
            let mut own = self.people.members[person as usize].clone();
            let recency = |r: &RecordId| self.evidence.records.recency(*r);
            own.sort_by_key(|r| (Reverse(recency(r)), self.evidence.table.digest[r.index()], *r));
            members.extend(own);
            member_start.push(members.len() as u32);
            order.extend(&self.events[person as usize]);
            start.push(order.len() as u32);
        }
        Facts {
            fields: columns,
            events: self.events(start, order),
            member_start,
            members,
            record_count: self.evidence.table.len() as u32,
            survivor: persons.iter().map(|&p| self.people.survivor[p as usize]).collect(),
        }
    }

    fn events(&self, start: Vec<u32>, order: Vec<u32>) -> Events {
        let (log, history) = (&self.evidence.log, self.history);
        let a = &log.activities;
        let all = || order.iter().map(|&i| i as usize);
        Events {
            start,
            at: all().map(|i| a.at[i]).collect(),
            kind: all().map(|i| a.kind[i]).collect(),
            object: all().map(|i| a.object[i]).collect(),
            record: all().map(|i| history.record[i].unwrap_or(RecordId(0))).collect(),
            in_union: all().map(|i| history.status[i] == Status::Kept).collect(),
            in_part: all().map(|i| history.in_part[i]).collect(),
            delta: log.delta.as_ref().map(|d| all().map(|i| d[i]).collect()),
            kinds: log.kinds.clone(),
            objects: log.objects.clone(),
            activity: order,
        }
    }
}

struct Gatherer<'a> {
    evidence: &'a Evidence,
    people: &'a People,
    consent: &'a Consent,
}

/// How the cells of a column are read.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Number,
    Time,
    Any,
}

impl Gatherer<'_> {
    fn field(&self, name: &str) -> Option<Field> {
        let f = &self.evidence.records.features;
        let records = &self.evidence.records;
        let row = |r: RecordId| &f.rows[r.index()];
        let said = |text: &str| FactValue::Text(text.to_string());
        let place = [Role::Country, Role::Region, Role::City];
        let title = |t: u32| records.titles.get(t as usize).and_then(Option::as_ref);
        let number = [Role::Phone, Role::Mobile];
        let schema = &self.evidence.schema;
        let first = |role| schema.first(role);
        Some(match name {
            "country" => self.read(name, &place, &|r| u32::from(row(r).country), &|c| {
                said(&String::from_utf8_lossy(&(c as u16).to_be_bytes()))
            }),
            "region" => {
                let roles = [Role::Region, Role::City, Role::Country];
                self.read(name, &roles, &|r| u32::from(row(r).region), &|id| {
                    Region::from_id(id as u16 - 1).map_or(FactValue::Missing, |r| said(r.as_str()))
                })
            }
            "title" | "title.normalized" => {
                self.read(name, &[Role::Title], &|r| row(r).title, &|t| {
                    said(f.word(f.titles[t as usize].canonical))
                })
            }
            "title.seniority" => self.read(name, &[Role::Title], &|r| row(r).title, &|t| {
                let seniority = title(t).and_then(|t| t.seniority);
                seniority.map_or(FactValue::Missing, |s| said(s.name()))
            }),
            "title.department" => self.read(name, &[Role::Title], &|r| row(r).title, &|t| {
                let function = title(t).and_then(|t| t.function);
                function.map_or(FactValue::Missing, |s| said(s.name()))
            }),
            "email" => self.read(name, &[Role::Email], &|r| row(r).email[0], &|e| {
                said(records.email_text.get(ValueId(e)))
            }),
            "email.domain" => self.read(name, &[Role::Email], &|r| row(r).email[0], &|e| {
                said(f.domain(f.emails[e as usize].domain))
            }),
            "email.role" => self.read(name, &[Role::Email], &|r| row(r).email[0], &|e| {
                FactValue::Flag(f.emails[e as usize].role)
            }),
            "email.free_mail" => self.read(name, &[Role::Email], &|r| row(r).email[0], &|e| {
                FactValue::Flag(f.emails[e as usize].free)
            }),
            "email.valid" => self.valid(name, Role::Email, &|r| row(r).email[0] != NONE),
            "phone.valid" => self.valid(name, Role::Phone, &|r| row(r).phone[0] != NONE),
            "phone" => self.read(name, &number, &|r| row(r).phone[0], &|p| {
                FactValue::Text(Phone::e164_of_key(f.phones[p as usize].number))
            }),
            "phone.kind" => self.read(name, &number, &|r| row(r).phone[0], &|p| {
                said(if f.phones[p as usize].mobile { "mobile" } else { "fixed" })
            }),
            "company" => self.read(name, &[Role::Company], &|r| row(r).company, &|c| {
                said(f.word(f.companies[c as usize].core))
            }),
            "consent.email" => self.consent(name, |a| a.email),
            "consent.phone" => self.consent(name, |a| a.phone),
            "consent.marketing" => {
                self.consent(name, |a| if a.objected { Said::Objected } else { a.email })
            }
            "created" => self.column(name, first(Role::Created)?, Kind::Time),
            "updated" => self.column(name, first(Role::Updated)?, Kind::Time),
            "city" => self.column(name, first(Role::City)?, Kind::Text),
            "postcode" => self.column(name, first(Role::Postcode)?, Kind::Text),
            "industry" => self.column(name, first(Role::Industry)?, Kind::Text),
            "employees" => self.column(name, first(Role::Employees)?, Kind::Number),
            "revenue" => self.column(name, first(Role::Revenue)?, Kind::Number),
            "source" => self.column(name, first(Role::LeadSource)?, Kind::Text),
            "interests" => self.column(name, first(Role::Interests)?, Kind::Text),
            header => {
                let like = |same: &dyn Fn(&str) -> bool| {
                    schema.columns.iter().position(|c| same(&c.header))
                };
                let exact = like(&|h| h == header);
                self.column(
                    name,
                    exact.or_else(|| like(&|h| h.eq_ignore_ascii_case(header)))?,
                    Kind::Any,
                )
            }
        })
    }

    /// Place of a column of the table in the leads file.
    fn place(&self, column: usize) -> Option<usize> {
        let header = &self.evidence.table.columns[column].header;
        self.people.leads.headers.iter().position(|h| h == header)
    }

    /// The members whose cell a lead shows in a column, the surviving record first.
    fn behind(&self, person: u32, column: usize, columns: &[usize], cell: &str) -> Vec<RecordId> {
        let survivor = self.people.survivor[person as usize];
        let members = &self.people.members[person as usize];
        let holds = |c: usize, r: RecordId| self.evidence.shows(column, c, r, cell);
        let ordered = || std::iter::once(survivor).chain(members.iter().copied());
        let mut found: Vec<RecordId> = ordered().filter(|&r| holds(column, r)).collect();
        if found.is_empty() {
            found = ordered().filter(|&r| columns.iter().any(|&c| holds(c, r))).collect();
            // A value that came from another column leaves open whose record it is told by.
            found.extend(ordered());
        }
        let mut seen = std::collections::BTreeSet::new();
        found.retain(|r| seen.insert(*r));
        found
    }

    /// A field known by the records' normalized values.
    fn read(
        &self,
        name: &str,
        roles: &[Role],
        id: &dyn Fn(RecordId) -> u32,
        show: &dyn Fn(u32) -> FactValue,
    ) -> Field {
        let schema = &self.evidence.schema;
        let columns: Vec<usize> = roles.iter().flat_map(|&role| schema.all(role)).collect();
        let mut values = vec![FactValue::Missing];
        let mut known: BTreeMap<u32, u32> = BTreeMap::new();
        let mut of_record = Vec::with_capacity(self.evidence.table.len());
        for record in self.evidence.table.records() {
            let value = match id(record) {
                NONE => 0,
                id => *known.entry(id).or_insert_with(|| match show(id) {
                    FactValue::Missing => 0,
                    value => {
                        values.push(value);
                        (values.len() - 1) as u32
                    }
                }),
            };
            of_record.push(value);
        }
        let candidates = (0..self.people.len() as u32)
            .map(|person| self.candidates(person, &columns, &of_record))
            .collect();
        Field { name: name.into(), values, of_record, candidates }
    }

    fn candidates(
        &self,
        person: u32,
        columns: &[usize],
        of_record: &[u32],
    ) -> Vec<(u32, RecordId)> {
        let survivor = self.people.survivor[person as usize];
        let members = &self.people.members[person as usize];
        let shown = columns.iter().find_map(|&c| {
            let cell = self.place(c).map_or("", |place| self.people.at(person, place));
            (!cell.is_empty()).then(|| self.behind(person, c, columns, cell))
        });
        let value = |r: RecordId| of_record[r.index()];
        // A record that does not know leaves it to the newest one that does.
        let newest = members
            .iter()
            .copied()
            .filter(|&r| value(r) != 0)
            .max_by_key(|&r| (self.evidence.records.recency(r), Reverse(r)));
        let mut found: Vec<(u32, RecordId)> = Vec::new();
        for record in shown.unwrap_or_else(|| vec![survivor]) {
            let record = if value(record) == 0 { newest.unwrap_or(record) } else { record };
            if !found.iter().any(|f| f.0 == value(record)) {
                found.push((value(record), record));
            }
        }
        found
    }

    fn valid(&self, name: &str, role: Role, usable: &dyn Fn(RecordId) -> bool) -> Field {
        let columns: Vec<usize> = self.evidence.schema.all(role).collect();
        let filled = |r: RecordId| columns.iter().any(|&c| !self.evidence.cell(c, r).is_empty());
        let id = |r: RecordId| match (usable(r), filled(r)) {
            (true, _) => 1,
            (false, true) => 2,
            (false, false) => NONE,
        };
        self.read(name, &[role], &id, &|state| FactValue::Flag(state == 1))
    }

    /// A field straight from a column: what the lead's cell says.
    fn column(&self, name: &str, index: usize, kind: Kind) -> Field {
        let column = &self.evidence.table.columns[index];
        let order = match kind {
            Kind::Time => date::ColumnOrder::decide(column.dictionary.iter()).order,
            _ => date::DateOrder::Ambiguous,
        };
        let mut values: Vec<FactValue> =
            column.dictionary.iter().map(|cell| fact_of(cell, kind, order)).collect();
        let known = super::consent::value_ids(column);
        let place = self.place(index);
        let candidates = (0..self.people.len() as u32)
            .map(|person| {
                let cell = place.map_or("", |place| self.people.at(person, place));
                let behind = self.behind(person, index, &[index], cell);
                if cell.is_empty() {
                    return vec![(0, behind[0])];
                }
                // Scores are given for what was read: of a repaired cell, what its records say.
                let shows = |r: &RecordId| self.evidence.shows(index, index, *r, cell);
                let mut raw: Vec<(u32, RecordId)> = Vec::new();
                for record in behind.iter().copied().filter(shows) {
                    let value = column.ids[record.index()].0;
                    if !raw.iter().any(|known| known.0 == value) {
                        raw.push((value, record));
                    }
                }
                if raw.is_empty() {
                    let value = known.find(cell).map_or_else(
                        || {
                            values.push(fact_of(cell, kind, order));
                            (values.len() - 1) as u32
                        },
                        |id| id.0,
                    );
                    raw.push((value, behind[0]));
                }
                raw
            })
            .collect();
        let of_record = column.ids.iter().map(|v| v.0).collect();
        Field { name: name.into(), values, of_record, candidates }
    }

    fn consent(&self, name: &str, of: impl Fn(&Answer) -> Said) -> Field {
        const ALL: [Said; 6] =
            [Said::Yes, Said::Nothing, Said::Bounced, Said::No, Said::Complained, Said::Objected];
        let value = |a: &Answer| match of(a) {
            Said::Nothing => 0,
            said => said as u32 + 1,
        };
        let texts = ALL.iter().map(|s| FactValue::Text(s.code().into()));
        let both = self.consent.of_person.iter().map(value).zip(&self.people.survivor);
        Field {
            name: name.into(),
            values: std::iter::once(FactValue::Missing).chain(texts).collect(),
            of_record: self.consent.of_record.iter().map(value).collect(),
            candidates: both.map(|(value, &survivor)| vec![(value, survivor)]).collect(),
        }
    }
}

fn fact_of(cell: &str, kind: Kind, order: date::DateOrder) -> FactValue {
    let cell = cell.trim();
    if text::is_null_word(cell) {
        return FactValue::Missing;
    }
    let decimal = |text: &str| quantity::parse_decimal(text, 3).ok().map(FactValue::Number);
    match kind {
        Kind::Text => FactValue::Text(cell.into()),
        Kind::Number => {
            let plain: String =
                cell.chars().filter(|c| !matches!(c, ',' | ' ' | '$' | '€')).collect();
            decimal(&plain).unwrap_or(FactValue::Missing)
        }
        Kind::Time => date::parse(cell, order)
            .value
            .map_or(FactValue::Missing, |t| FactValue::Instant(t.micros)),
        Kind::Any => decimal(cell)
            .or_else(|| flag::parse(cell).value.map(FactValue::Flag))
            .unwrap_or_else(|| FactValue::Text(cell.into())),
    }
}
