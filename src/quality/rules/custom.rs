//! Conditions of a rule file, decided for every record: the scoring model's own, over the facts of
//! records that are not merged.
//!
//! A condition is decided once per distinct value of its field and then looked up for each record.

use crate::cluster::Clusters;
use crate::config::nearest;
use crate::error::{Error, Result};
use crate::merge::consent::{self, ConsentPolicy};
use crate::merge::history::{self, EventIdentity};
use crate::merge::lead;
use crate::merge::policy::MergeConfig;
use crate::normalize::activity::ActivityLog;
use crate::quality::Material;
use crate::schema::{Role, UnitedSchema};
use crate::score::condition::{Condition, FieldTest, Literal, ReadyTest, Test, Truth};
use crate::score::facts::{FactValue, Facts};
use crate::score::gather;
use crate::score::kind;

/// The facts that conditions ask for, and when each record was last active.
#[derive(Debug)]
pub struct Known {
    facts: Facts,
    last_active: Vec<Option<i64>>,
    as_of: i64,
}

/// Puts the input's own names into a condition: a field may be called by its header, by a standard
/// name, or by its role (`lead_source`).
///
/// # Errors
/// A sentence per field that is nowhere.
pub fn resolve(
    condition: &Condition,
    schema: &UnitedSchema,
) -> std::result::Result<Condition, Vec<String>> {
    let mut mistakes = Vec::new();
    let resolved = rename(condition, schema, &mut mistakes);
    if mistakes.is_empty() { Ok(resolved) } else { Err(mistakes) }
}

fn rename(condition: &Condition, schema: &UnitedSchema, mistakes: &mut Vec<String>) -> Condition {
    let mut all = |parts: &[Condition]| -> Vec<Condition> {
        parts.iter().map(|part| rename(part, schema, mistakes)).collect()
    };
    match condition {
        Condition::All(parts) => Condition::All(all(parts)),
        Condition::Any(parts) => Condition::Any(all(parts)),
        Condition::Not(part) => Condition::Not(Box::new(rename(part, schema, mistakes))),
        Condition::Field(test) => Condition::Field(field(test, schema, mistakes)),
        Condition::Inactive(_) | Condition::Component(_) => condition.clone(),
    }
}

fn field(test: &FieldTest, schema: &UnitedSchema, mistakes: &mut Vec<String>) -> FieldTest {
    let available = gather::available(schema);
    let name = match by_role(&test.field, schema) {
        _ if available.contains(&test.field.as_str()) => test.field.clone(),
        Some(column) => schema.columns[column].header.clone(),
        None => {
            let near = nearest(&test.field, available.iter().copied());
            let line = test.place.line;
            mistakes.push(format!("line {line}: no field {:?} in the input{near}", test.field));
            test.field.clone()
        }
    };
    let mut test = FieldTest { field: name, ..test.clone() };
    if test.field.starts_with("consent.") {
        consent_words(&mut test.test);
    }
    test
}

/// The first column of a header or role, in whatever letter case, with dashes or underscores.
pub fn by_role(name: &str, schema: &UnitedSchema) -> Option<usize> {
    let header = |c: &crate::schema::ColumnSchema| c.header == name;
    let alike = |c: &crate::schema::ColumnSchema| c.header.eq_ignore_ascii_case(name);
    let role = name.to_ascii_lowercase().replace('_', "-").parse::<Role>().ok();
    let columns = &schema.columns;
    columns
        .iter()
        .position(header)
        .or_else(|| columns.iter().position(alike))
        .or_else(|| role.and_then(|role| schema.first(role)))
}

/// Everyday words for states of consent.
fn consent_words(test: &mut Test) {
    if let Test::In(literals) | Test::NotIn(literals) = test {
        for literal in literals {
            let Literal::Text { folded, .. } = literal else { continue };
            match folded.as_str() {
                "unsubscribed" => *literal = Literal::text("opted-out", None),
                "subscribed" => *literal = Literal::text("opted-in", None),
                _ => {}
            }
        }
    }
}

/// Gathers what the conditions (resolved) ask for.
///
/// # Errors
/// [`Error::Config`], when merge rules cannot be made for the columns.
pub fn gather(material: &Material, conditions: &[&Condition]) -> Result<Known> {
    let mut names: Vec<&str> = Vec::new();
    for condition in conditions {
        condition.visit(&mut |node| {
            if let Condition::Field(test) = node {
                names.push(&test.field);
            }
        });
    }
    names.sort_unstable();
    names.dedup();
    let (table, schema, records) = (material.table, material.schema, material.records);
    let own: Vec<u32> = (0..table.len() as u32).collect();
    let clusters = Clusters::from_labels(&own);
    let none = ActivityLog::default();
    let log = material.activities.map_or(&none, |(log, _)| log);
    let history = history::unite(&log.activities, &clusters, EventIdentity::default());
    let per_record = history::activities_per_record(&log.activities, table.len());
    let rules = lead::rules(&MergeConfig::default(), table, schema)?;
    let fields = lead::merge(table, schema, records, &clusters, &per_record, &rules);
    let said = consent::gather::gather(table, schema, records, log);
    let consent = said.decide_records(table, ConsentPolicy::default());
    let of_record: Vec<_> = (0..table.len()).map(|r| consent.states(r)).collect();
    let merged = gather::Merged {
        table,
        schema,
        records,
        clusters: &clusters,
        fields: &fields,
        consent: &consent,
        consent_of_record: &of_record,
        log,
        history: &history,
    };
    let facts = gather::gather(&merged, &names);
    let last_active = last_active(&facts, table.len(), material.as_of);
    Ok(Known { facts, last_active, as_of: material.as_of })
}

/// The last thing each record's lead did.
fn last_active(facts: &Facts, records: usize, as_of: i64) -> Vec<Option<i64>> {
    let mut last = vec![None; records];
    let events = &facts.events;
    let by_lead: Vec<bool> = events.kinds.iter().map(|kind| kind::is_done_by_lead(kind)).collect();
    for ((&at, &kind), record) in events.at.iter().zip(&events.kind).zip(&events.record) {
        let counts = at != i64::MIN && at <= as_of && by_lead[kind as usize];
        if let Some(slot) = last.get_mut(record.index()).filter(|_| counts) {
            *slot = (*slot).max(Some(at));
        }
    }
    last
}

impl Known {
    /// Whether a condition holds, per record.
    pub fn decide(&self, condition: &Condition) -> Vec<Truth> {
        let count = self.last_active.len();
        match condition {
            Condition::All(parts) => self.join(parts, Truth::False),
            Condition::Any(parts) => self.join(parts, Truth::True),
            Condition::Not(part) => self.decide(part).into_iter().map(|truth| !truth).collect(),
            // Rule files cannot name components.
            Condition::Component(_) => vec![Truth::Unknown; count],
            Condition::Inactive(span) => self.inactive(*span),
            Condition::Field(test) => {
                let ready = ReadyTest::new(&test.test);
                let Some(field) = self.facts.field(&test.field) else {
                    return vec![ready.decide(&FactValue::Missing); count];
                };
                let column = &self.facts.fields[field];
                let table: Vec<Truth> =
                    column.values.iter().map(|value| ready.decide(value)).collect();
                column.of_record.iter().map(|&value| table[value as usize]).collect()
            }
        }
    }

    fn inactive(&self, span: i64) -> Vec<Truth> {
        if self.facts.events.kind.is_empty() {
            return vec![Truth::Unknown; self.last_active.len()];
        }
        let decide = |last: &Option<i64>| match last {
            None => Truth::True,
            Some(last) => Truth::from(self.as_of.saturating_sub(*last) >= span),
        };
        self.last_active.iter().map(decide).collect()
    }

    /// Kleene's and (`decisive` false) and or (`decisive` true).
    fn join(&self, parts: &[Condition], decisive: Truth) -> Vec<Truth> {
        let mut joined = vec![!decisive; self.last_active.len()];
        for part in parts {
            for (so_far, truth) in joined.iter_mut().zip(self.decide(part)) {
                if truth == decisive || *so_far != decisive && truth == Truth::Unknown {
                    *so_far = truth;
                }
            }
        }
        joined
    }
}

/// Fields that are nowhere, as the mistake of the rule file that they are.
pub fn unknown_fields(file: &str, mistakes: Vec<String>) -> Error {
    Error::Config {
        file: file.to_string(),
        mistakes,
        remedy: "a field is a header of the input, a role or one of the standard names".into(),
    }
}
