//! Known records as an input again: what is kept of them, in the words of their own file.
//!
//! Why an input and not ready-made features: everything after reading then works on known and new
//! rows alike, and whoever verifies or undoes the run finds what it was made of.

use super::Known;
use super::pack::Rest;
use crate::error::Result;
use crate::pipeline::Outcome;
use crate::schema::Role;
use crate::schema::earlier::{CONSENT_REASON, MAY_EMAIL, MAY_PHONE};
use crate::source::Source;
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Header under which a record's id stands that its source had in no column. It is one of ours, so
/// that it takes no part in matching and is not written again.
const ID: &str = "leadmend_sources";

/// How the cells of a source's records are read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Form {
    /// The preset its headers fitted.
    pub preset: Option<String>,
    /// The columns that are kept.
    pub columns: Vec<FormColumn>,
}

/// A column that is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FormColumn {
    /// As its file spelled it.
    pub header: String,
    /// What it means.
    pub role: Role,
}

impl Form {
    /// What its columns mean, for reading them again.
    pub fn roles(&self) -> Vec<(Role, String)> {
        let mut roles: Vec<(Role, String)> =
            self.columns.iter().map(|c| (c.role, c.header.clone())).collect();
        if !self.has_id() {
            roles.push((Role::RecordId, ID.into()));
        }
        roles
    }

    fn has_id(&self) -> bool {
        self.columns.iter().any(|c| c.role == Role::RecordId)
    }
}

/// Known records of one source, to be read like a file.
#[derive(Debug, Clone)]
pub struct KnownInput {
    /// The bytes, named as the source is.
    pub source: Source,
    /// What its columns mean.
    pub form: Form,
    /// Number of the record in each row.
    pub records: Vec<i64>,
}

/// Roles that no comparison, no key and no constraint reads.
fn takes_part(role: Role) -> bool {
    !matches!(
        role,
        Role::Created
            | Role::Updated
            | Role::LastActivity
            | Role::Owner
            | Role::LeadSource
            | Role::Stage
            | Role::Score
            | Role::Grade
            | Role::Interests
            | Role::Category
            | Role::Industry
            | Role::Employees
            | Role::Revenue
            | Role::FreeText
            | Role::Department
            | Role::Ignored
            | Role::Consent(_)
    )
}

/// What a run says of contacting the person of a record, as in `leads.csv`.
pub(super) fn refusal(outcome: &Outcome, record: usize) -> String {
    let person = outcome.matched.clusters.person_of[record] as usize;
    let consent = &outcome.consent;
    match (consent.email.get(person), consent.phone.get(person)) {
        (Some(email), Some(phone)) => {
            format!("email: {}; phone: {}", email.reason(), phone.reason())
        }
        _ => String::new(),
    }
}

/// `false` where the reason of a channel is a refusal.
fn may(reasons: &str, channel: &str) -> &'static str {
    let mut parts = reasons.split(';').map(str::trim);
    let reason = parts.find_map(|part| part.strip_prefix(channel)).map_or("", str::trim);
    match reason {
        "" | "unknown" | "opted-in" | "no-address" => "",
        _ => "false",
    }
}

impl Known<'_> {
    /// Records as inputs, one for each source they came from, rows in order of their numbers.
    ///
    /// # Errors
    /// [`crate::error::Error::Format`] for a state that is damaged.
    pub fn inputs(&self, records: &BTreeSet<i64>) -> Result<Vec<KnownInput>> {
        self.rebuild(records, |_| true).map_err(|cause| self.failed(&cause))
    }

    /// As [`inputs`](Self::inputs), with the columns alone that matching reads: most candidates are
    /// only looked at.
    ///
    /// # Errors
    /// [`crate::error::Error::Format`] for a state that is damaged.
    pub fn compared(&self, records: &BTreeSet<i64>) -> Result<Vec<KnownInput>> {
        self.rebuild(records, takes_part).map_err(|cause| self.failed(&cause))
    }

    /// An input for each source, as [`compared`](Self::compared) gives it, with one row that says
    /// nothing: by it new rows are read as beside the known records, before it is known which.
    ///
    /// # Errors
    /// [`crate::error::Error::Format`] for a state that is damaged.
    pub fn templates(&self) -> Result<Vec<KnownInput>> {
        let read = || -> rusqlite::Result<Vec<KnownInput>> {
            let sql = "SELECT source FROM known_source ORDER BY source";
            let mut statement = self.connection.prepare_cached(sql)?;
            let sources = statement.query_map([], |row| row.get::<_, i64>(0))?;
            sources.map(|source| self.template(source?)).collect()
        };
        read().map_err(|cause| self.failed(&cause))
    }

    fn template(&self, source: i64) -> rusqlite::Result<KnownInput> {
        let (mut input, mut writer) = self.begin(source, takes_part)?;
        let own = [Role::Ignored; 3].into_iter().chain([if input.form.has_id() {
            Role::Ignored
        } else {
            Role::RecordId
        }]);
        let kept = input.form.columns.iter().map(|c| c.role).filter(|&role| takes_part(role));
        let cells = kept.chain(own).map(|role| if role == Role::RecordId { "-" } else { "" });
        // Writing to memory cannot fail.
        let _ = writer.write_record(cells);
        input.source.content = Some(Arc::new(writer.into_inner().unwrap_or_default()));
        Ok(input)
    }

    fn rebuild(
        &self,
        records: &BTreeSet<i64>,
        keep: fn(Role) -> bool,
    ) -> rusqlite::Result<Vec<KnownInput>> {
        let mut inputs: BTreeMap<i64, (KnownInput, csv::Writer<Vec<u8>>)> = BTreeMap::new();
        let sql = "SELECT source, refused, cells FROM known_record WHERE no = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let sql = "SELECT id FROM record WHERE no = ?1";
        let mut own_id = self.connection.prepare_cached(sql)?;
        for &record in records {
            let mut rows = statement.query([record])?;
            let Some(row) = rows.next()? else { continue };
            let source: i64 = row.get(0)?;
            let (input, writer) = match inputs.entry(source) {
                Entry::Occupied(begun) => begun.into_mut(),
                Entry::Vacant(free) => free.insert(self.begin(source, keep)?),
            };
            let mut rest = Rest(row.get_ref(2)?.as_blob()?);
            // Writing to memory cannot fail.
            for column in &input.form.columns {
                let cell = rest.text().unwrap_or_default();
                if !keep(column.role) {
                    continue;
                }
                // A database may hold zero bytes, and a file that does is refused.
                let _ = match cell.contains('\0') {
                    true => writer.write_field(cell.replace('\0', "")),
                    false => writer.write_field(cell),
                };
            }
            let reasons = row.get_ref(1)?.as_str_or_null()?.unwrap_or_default();
            for own in [may(reasons, "email:"), may(reasons, "phone:"), reasons] {
                let _ = writer.write_field(own);
            }
            if input.form.has_id() {
                let _ = writer.write_field("");
            } else {
                let id: String = own_id.query_row([record], |row| row.get(0))?;
                let _ = writer.write_field(id);
            }
            let _ = writer.write_record(None::<&[u8]>);
            input.records.push(record);
        }
        let done = inputs.into_values().map(|(mut input, writer)| {
            // Writing to memory cannot fail.
            input.source.content = Some(Arc::new(writer.into_inner().unwrap_or_default()));
            input
        });
        Ok(done.collect())
    }

    fn begin(
        &self,
        source: i64,
        keep: fn(Role) -> bool,
    ) -> rusqlite::Result<(KnownInput, csv::Writer<Vec<u8>>)> {
        let sql = "SELECT s.name, k.form FROM known_source k JOIN source s ON s.no = k.source
                   WHERE k.source = ?1";
        let read = |row: &rusqlite::Row| Ok((row.get(0)?, row.get(1)?));
        let (name, form): (String, String) = self.connection.query_row(sql, [source], read)?;
        let form: Form = serde_json::from_str(&form).unwrap_or_default();
        let mut writer = csv::Writer::from_writer(Vec::new());
        let kept = form.columns.iter().filter(|c| keep(c.role));
        let headers = kept.map(|c| c.header.as_str());
        let _ = writer.write_record(headers.chain([MAY_EMAIL, MAY_PHONE, CONSENT_REASON, ID]));
        let source = Source {
            path: format!("{name}.csv").into(),
            name: Some(name),
            preset: Some(form.preset.clone().unwrap_or_else(|| "none".into())),
            encoding: Some("utf-8".into()),
            delimiter: Some(b','),
            header: Some(true),
            ..Source::default()
        };
        Ok((KnownInput { source, form, records: Vec::new() }, writer))
    }

    /// The records' persons: number, the older the smaller, and id.
    ///
    /// # Errors
    /// [`crate::error::Error::Format`] for a state that is damaged.
    pub fn persons(&self, records: &BTreeSet<i64>) -> Result<BTreeMap<i64, (i64, String)>> {
        let read = || -> rusqlite::Result<BTreeMap<i64, (i64, String)>> {
            let sql =
                "SELECT p.no, p.id FROM record r JOIN person p ON p.no = r.person WHERE r.no = ?1";
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut persons = BTreeMap::new();
            for &record in records {
                let person = |row: &rusqlite::Row| Ok((row.get(0)?, row.get(1)?));
                if let Some(person) = statement.query_row([record], person).optional()? {
                    persons.insert(record, person);
                }
            }
            Ok(persons)
        };
        read().map_err(|cause| self.failed(&cause))
    }
}
