//! Facts for scoring: the fields and events a model asks for, from the merged leads.
//!
//! Stands between merging and scoring. Only fields that some model reads are built; each as one
//! entry per distinct value, so that conditions are decided once a value.

use super::facts::{Events, FactValue, Facts, FieldColumn};
use super::model::ScoringModel;
use crate::cluster::Clusters;
use crate::compare::feature::{Features, NONE};
use crate::merge::consent::{Consent, State, States};
use crate::merge::field::{MergedFields, Value};
use crate::merge::history::{History, Status};
use crate::normalize::activity::ActivityLog;
use crate::normalize::record::Records;
use crate::normalize::region::Region;
use crate::normalize::{date, flag, text};
use crate::record::{RecordId, Table, ValueId};
use crate::schema::{Role, UnitedSchema};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// Everything facts are gathered from.
#[derive(Debug, Clone, Copy)]
pub struct Merged<'a> {
    /// The records.
    pub table: &'a Table,
    /// What their columns mean.
    pub schema: &'a UnitedSchema,
    /// The records normalized.
    pub records: &'a Records,
    /// The persons.
    pub clusters: &'a Clusters,
    /// The merged leads.
    pub fields: &'a MergedFields,
    /// Who may be contacted, per person.
    pub consent: &'a Consent,
    /// Who could be contacted, were every record a person of its own.
    pub consent_of_record: &'a [States],
    /// The activities.
    pub log: &'a ActivityLog,
    /// Which of them are one event.
    pub history: &'a History,
}

/// Gathers the named fields and all events.
pub fn gather(merged: &Merged, names: &[&str]) -> Facts {
    let (member_start, members) = members_newest_first(merged);
    Facts {
        fields: names.par_iter().filter_map(|name| field(merged, name)).collect(),
        events: events(merged),
        member_start,
        members,
        record_count: merged.table.len() as u32,
        survivor: merged.fields.survivor.clone(),
    }
}

/// The fields that are there for a model: the input's headers beside the standard names.
pub fn available(schema: &UnitedSchema) -> Vec<&str> {
    let headers = schema.columns.iter().map(|c| c.header.as_str());
    headers.chain(super::model::STANDARD_FIELDS.iter().copied()).collect()
}

/// Names of all fields that the models read, sorted, each once.
pub fn needed(models: &[ScoringModel]) -> Vec<&str> {
    let mut names: Vec<&str> = models.iter().flat_map(|m| m.needed_fields()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether any of the fields is a state of consent.
pub fn asks_for_consent(names: &[&str]) -> bool {
    names.iter().any(|name| name.starts_with("consent."))
}

fn members_newest_first(merged: &Merged) -> (Vec<u32>, Vec<RecordId>) {
    let recency = |r: RecordId| merged.records.recency(r);
    let mut members = merged.clusters.members.clone();
    for person in 0..merged.clusters.len() {
        let range =
            merged.clusters.start[person] as usize..merged.clusters.start[person + 1] as usize;
        if range.len() > 1 {
            members[range].sort_by(|&x, &y| {
                let digest = |r: RecordId| merged.table.digest[r.index()];
                recency(y).cmp(&recency(x)).then(digest(x).cmp(&digest(y))).then(x.cmp(&y))
            });
        }
    }
    (merged.clusters.start.clone(), members)
}

/// One field by its name; `None` when neither the standard names nor the headers have it.
fn field(merged: &Merged, name: &str) -> Option<FieldColumn> {
    let f = &merged.records.features;
    let by_row = |roles: &[Role], id: &dyn Fn(usize) -> u32, show: &dyn Fn(u32) -> FactValue| {
        typed(merged, name, roles, id, show)
    };
    let text_of = |text: &str| FactValue::Text(text.to_string());
    let place = &[Role::Country, Role::Region, Role::City];
    let email = |r: usize| f.rows[r].email[0];
    Some(match name {
        "country" => by_row(place, &|r| f.rows[r].country.into(), &|c| {
            let bytes = (c as u16).to_be_bytes();
            FactValue::Text(String::from_utf8_lossy(&bytes).into_owned())
        }),
        "region" => by_row(
            &[Role::Region, Role::City, Role::Country],
            &|r| f.rows[r].region.into(),
            &|id| {
                Region::from_id(id as u16 - 1).map_or(FactValue::Missing, |r| text_of(r.as_str()))
            },
        ),
        "title" | "title.normalized" => by_row(&[Role::Title], &|r| f.rows[r].title, &|t| {
            text_of(f.word(f.titles[t as usize].canonical))
        }),
        "title.seniority" => by_row(&[Role::Title], &|r| f.rows[r].title, &|t| {
            let title = merged.records.titles[t as usize].as_ref();
            title.and_then(|t| t.seniority).map_or(FactValue::Missing, |s| text_of(s.name()))
        }),
        "title.department" => by_row(&[Role::Title], &|r| f.rows[r].title, &|t| {
            let title = merged.records.titles[t as usize].as_ref();
            title.and_then(|t| t.function).map_or(FactValue::Missing, |s| text_of(s.name()))
        }),
        "email" => {
            by_row(&[Role::Email], &email, &|e| text_of(merged.records.email_text.get(ValueId(e))))
        }
        "email.domain" => {
            by_row(&[Role::Email], &email, &|e| text_of(f.domain(f.emails[e as usize].domain)))
        }
        "email.role" => {
            by_row(&[Role::Email], &email, &|e| FactValue::Flag(f.emails[e as usize].role))
        }
        "email.free_mail" => {
            by_row(&[Role::Email], &email, &|e| FactValue::Flag(f.emails[e as usize].free))
        }
        "email.valid" => valid(merged, name, Role::Email),
        "phone.valid" => valid(merged, name, Role::Phone),
        "phone" => by_row(&[Role::Phone, Role::Mobile], &|r| f.rows[r].phone[0], &|p| {
            let number = f.phones[p as usize].number;
            FactValue::Text(crate::normalize::phone::Phone::e164_of_key(number))
        }),
        "phone.kind" => by_row(&[Role::Phone, Role::Mobile], &|r| f.rows[r].phone[0], &|p| {
            text_of(if f.phones[p as usize].mobile { "mobile" } else { "fixed" })
        }),
        "company" => by_row(&[Role::Company], &|r| f.rows[r].company, &|c| {
            text_of(f.word(f.companies[c as usize].core))
        }),
        "consent.email" | "consent.phone" | "consent.marketing" => consent(merged, name),
        "created" => column(merged, name, merged.schema.first(Role::Created)?, Kind::Time),
        "updated" => column(merged, name, merged.schema.first(Role::Updated)?, Kind::Time),
        "city" => column(merged, name, merged.schema.first(Role::City)?, Kind::Text),
        "postcode" => column(merged, name, merged.schema.first(Role::Postcode)?, Kind::Text),
        "industry" => column(merged, name, merged.schema.first(Role::Industry)?, Kind::Text),
        "employees" => column(merged, name, merged.schema.first(Role::Employees)?, Kind::Number),
        "revenue" => column(merged, name, merged.schema.first(Role::Revenue)?, Kind::Number),
        "source" => column(merged, name, merged.schema.first(Role::LeadSource)?, Kind::Text),
        "interests" => column(merged, name, merged.schema.first(Role::Interests)?, Kind::Text),
        header => {
            let columns = &merged.schema.columns;
            let index = columns
                .iter()
                .position(|c| c.header == header)
                .or_else(|| columns.iter().position(|c| c.header.eq_ignore_ascii_case(header)))?;
            column(merged, name, index, Kind::Any)
        }
    })
}

/// The record whose cell survived in the first column of the roles that is filled.
fn provider(merged: &Merged, columns: &[usize], person: u32) -> RecordId {
    let filled = |&c: &usize| {
        let record = merged.fields.choice(c, person);
        !merged.table.columns[c].ids[record.index()].is_missing()
    };
    columns.iter().find(|c| filled(c)).map_or_else(
        || merged.fields.survivor[person as usize],
        |&c| merged.fields.choice(c, person),
    )
}

/// A field from the records' normalized ids: the lead's value is that of the record whose cell
/// survived.
fn typed(
    merged: &Merged,
    name: &str,
    roles: &[Role],
    id: &dyn Fn(usize) -> u32,
    show: &dyn Fn(u32) -> FactValue,
) -> FieldColumn {
    let columns: Vec<usize> = roles.iter().flat_map(|&role| merged.schema.all(role)).collect();
    let mut index: FxHashMap<u32, u32> = FxHashMap::default();
    let mut values = vec![FactValue::Missing];
    let of_record: Vec<u32> = (0..merged.table.len())
        .map(|r| match id(r) {
            NONE => 0,
            id => *index.entry(id).or_insert_with(|| match show(id) {
                FactValue::Missing => 0,
                value => {
                    values.push(value);
                    (values.len() - 1) as u32
                }
            }),
        })
        .collect();
    let persons = merged.clusters.len() as u32;
    let from_record: Vec<RecordId> = (0..persons)
        .map(|p| {
            let chosen = provider(merged, &columns, p);
            // The surviving cell may say less than the normalized record of another member does.
            let knows = |r: &RecordId| of_record[r.index()] != 0;
            if knows(&chosen) {
                return chosen;
            }
            let others = merged.clusters.members(p).iter().copied();
            others
                .filter(knows)
                .max_by_key(|&r| (merged.records.recency(r), std::cmp::Reverse(r)))
                .unwrap_or(chosen)
        })
        .collect();
    let of_person = from_record.iter().map(|r| of_record[r.index()]).collect();
    FieldColumn { name: name.to_string(), values, of_record, of_person, from_record }
}

/// Whether a filled cell of a role is usable.
fn valid(merged: &Merged, name: &str, role: Role) -> FieldColumn {
    let f: &Features = &merged.records.features;
    let columns: Vec<usize> = merged.schema.all(role).collect();
    let state = |r: usize| -> u32 {
        let usable = match role {
            Role::Email => f.rows[r].email[0] != NONE,
            _ => f.rows[r].phone[0] != NONE,
        };
        let filled = columns.iter().any(|&c| !merged.table.columns[c].ids[r].is_missing());
        match (usable, filled) {
            (true, _) => 1,
            (false, true) => 2,
            (false, false) => 0,
        }
    };
    typed(merged, name, &[role], &state, &|s| FactValue::Flag(s == 1))
}

/// How the cells of a column are read.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Number,
    Time,
    /// A number, a yes or no, else text.
    Any,
}

/// A field straight from a column.
fn column(merged: &Merged, name: &str, index: usize, kind: Kind) -> FieldColumn {
    let column = &merged.table.columns[index];
    let order = match kind {
        Kind::Time => date::ColumnOrder::decide(column.dictionary.iter()).order,
        _ => date::DateOrder::Ambiguous,
    };
    let mut values: Vec<FactValue> =
        column.dictionary.iter().map(|cell| fact_of_cell(cell, kind, order)).collect();
    let of_record = column.ids.iter().map(|v| v.0).collect();
    let persons = merged.clusters.len() as u32;
    let mut of_person = Vec::with_capacity(persons as usize);
    let mut from_record = Vec::with_capacity(persons as usize);
    for person in 0..persons {
        let mut record = merged.fields.choice(index, person);
        let value = match merged.fields.override_of(index, person) {
            None => column.ids[record.index()].0,
            Some(Value::Cell { column, record: other }) => {
                record = *other;
                let cell = merged.table.columns[*column as usize].get(*other);
                values.push(fact_of_cell(cell, kind, order));
                (values.len() - 1) as u32
            }
            Some(Value::Text(cell)) => {
                values.push(fact_of_cell(cell, kind, order));
                (values.len() - 1) as u32
            }
        };
        of_person.push(value);
        from_record.push(record);
    }
    FieldColumn { name: name.to_string(), values, of_record, of_person, from_record }
}

fn fact_of_cell(cell: &str, kind: Kind, order: date::DateOrder) -> FactValue {
    let cell = cell.trim();
    if text::is_null_word(cell) {
        return FactValue::Missing;
    }
    let number = || {
        let plain: String = cell.chars().filter(|c| !matches!(c, ',' | ' ' | '$' | '€')).collect();
        super::quantity::parse_decimal(&plain, 3).ok().map(FactValue::Number)
    };
    let text = || FactValue::Text(cell.to_string());
    match kind {
        Kind::Text => text(),
        Kind::Number => number().unwrap_or(FactValue::Missing),
        Kind::Time => date::parse(cell, order)
            .value
            .map_or(FactValue::Missing, |t| FactValue::Instant(t.micros)),
        Kind::Any => {
            let flag = || flag::parse(cell).value.map(FactValue::Flag);
            super::quantity::parse_decimal(cell, 3)
                .ok()
                .map(FactValue::Number)
                .or_else(flag)
                .unwrap_or_else(text)
        }
    }
}

/// The state of consent of each person, and of each record by itself.
fn consent(merged: &Merged, name: &str) -> FieldColumn {
    const STATES: [State; 6] = [
        State::OptedIn,
        State::Unknown,
        State::Bounced,
        State::OptedOut,
        State::Complained,
        State::Objected,
    ];
    let state_of = |states: States| -> u32 {
        let state = match name {
            "consent.phone" => states.phone,
            "consent.marketing" if states.objected => State::Objected,
            _ => states.email,
        };
        // Nothing said is not known, rather than a state of its own.
        STATES.iter().position(|&s| s == state && s != State::Unknown).map_or(0, |i| i as u32 + 1)
    };
    let values = std::iter::once(FactValue::Missing)
        .chain(STATES.iter().map(|s| FactValue::Text(s.code().to_string())))
        .collect();
    let persons = merged.clusters.len();
    FieldColumn {
        name: name.to_string(),
        values,
        of_record: merged.consent_of_record.iter().copied().map(state_of).collect(),
        of_person: (0..persons).map(|p| state_of(merged.consent.states(p))).collect(),
        from_record: merged.fields.survivor.clone(),
    }
}

/// The events of all persons, in the history's order.
fn events(merged: &Merged) -> Events {
    let (log, history) = (merged.log, merged.history);
    let activities = &log.activities;
    let order = &history.order;
    let pick = |values: &[u32]| -> Vec<u32> { order.iter().map(|&i| values[i as usize]).collect() };
    Events {
        start: if history.start.is_empty() {
            vec![0; merged.clusters.len() + 1]
        } else {
            history.start.clone()
        },
        at: order.iter().map(|&i| activities.at[i as usize]).collect(),
        kind: order.iter().map(|&i| activities.kind[i as usize]).collect(),
        object: pick(&activities.object),
        record: order.iter().map(|&i| RecordId(activities.record[i as usize])).collect(),
        activity: order.clone(),
        in_union: order.iter().map(|&i| history.status[i as usize] == Status::Kept).collect(),
        in_part: order.iter().map(|&i| history.in_part[i as usize]).collect(),
        delta: log.delta.as_ref().map(|d| order.iter().map(|&i| d[i as usize]).collect()),
        kinds: log.kinds.clone(),
        objects: log.objects.clone(),
    }
}
