//! Is this one record already known?
//!
//! A form asks before it creates a contact: fields in, a verdict out. It goes the way a new row goes,
//! through the keys and the frozen model, and reads no more than the records that may be meant.

use super::{check_rows, number, with_known};
use crate::compare::{self, Pair};
use crate::error::{Error, Result};
use crate::matching::decide::{Decision, Verdict};
use crate::matching::frozen::stable_order;
use crate::pipeline::{self, Job};
use crate::record::RecordId;
use crate::report::reason::Reasons;
use crate::report::record_label;
use crate::schema::{Role, key};
use crate::source::Source;
use crate::state::known::{Form, Known, Question};
use serde::Serialize;
use std::sync::Arc;

/// Matches that are told, the likeliest first.
const TOLD: usize = 10;

/// The fields a look-up understands beside the headers of the known records, with what people call
/// them.
const FIELDS: [(&str, Role); 22] = [
    ("name", Role::FullName),
    ("first-name", Role::GivenName),
    ("last-name", Role::FamilyName),
    ("middle-name", Role::MiddleName),
    ("email", Role::Email),
    ("phone", Role::Phone),
    ("mobile", Role::Mobile),
    ("company", Role::Company),
    ("website", Role::Website),
    ("title", Role::Title),
    ("street", Role::Street),
    ("house-number", Role::HouseNumber),
    ("address", Role::FormattedAddress),
    ("city", Role::City),
    ("region", Role::Region),
    ("postcode", Role::Postcode),
    ("country", Role::Country),
    ("birth-date", Role::BirthDate),
    ("external-id", Role::ExternalId),
    ("given-name", Role::GivenName),
    ("family-name", Role::FamilyName),
    ("full-name", Role::FullName),
];

/// What is asked, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What it means.
    pub role: Role,
    /// The header it stands under: of the known records where one is meant.
    pub header: String,
    /// The value.
    pub value: String,
}

/// Whether somebody is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Familiarity {
    /// Known.
    Same,
    /// Perhaps known.
    Maybe,
    /// Not known.
    New,
}

/// A known record that may be meant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Match {
    /// Its person.
    pub person_id: String,
    /// The record.
    pub record: String,
    /// How surely it is the same.
    pub probability: f64,
    /// Why.
    pub reason: String,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// Whether the record is known.
    pub verdict: Familiarity,
    /// The person, when it is.
    pub person_id: Option<String>,
    /// How surely.
    pub probability: Option<f64>,
    /// Records that are, or may be, the same, the likeliest first.
    pub matches: Vec<Match>,
}

/// Reads `FIELD=VALUE`: a field by its usual name, its role, or a header of the known records.
///
/// # Errors
/// [`Error::Usage`] for a field that is not known, with the list of those that are.
pub fn field(known: &Known, given: &str) -> Result<Field> {
    let Some((name, value)) = given.split_once('=').filter(|(name, _)| !name.trim().is_empty())
    else {
        // What was given may be a person's: it is not repeated.
        return Err(Error::usage("what to look up is not FIELD=VALUE", "write email=ana@acme.com"));
    };
    let forms = known.forms()?;
    let mut columns = forms.iter().flat_map(|form| &form.columns);
    if let Some(column) = columns.find(|c| key(&c.header) == key(name)) {
        let (role, header) = (column.role, column.header.clone());
        return Ok(Field { role, header, value: value.into() });
    }
    let usual = FIELDS.iter().find(|(field, _)| key(field) == key(name));
    match usual {
        Some((field, role)) => {
            Ok(Field { role: *role, header: (*field).into(), value: value.into() })
        }
        None => Err(unknown(name, &forms)),
    }
}

fn unknown(name: &str, forms: &[Form]) -> Error {
    let usual: Vec<&str> = FIELDS[..19].iter().map(|(field, _)| *field).collect();
    let mut headers: Vec<&str> =
        forms.iter().flat_map(|f| &f.columns).map(|c| c.header.as_str()).collect();
    headers.sort_unstable();
    headers.dedup();
    Error::usage(
        format!("there is no field «{}»", name.trim()),
        format!(
            "use one of {}; or a header of the known records: {}",
            usual.join(", "),
            headers.join(", ")
        ),
    )
}

/// Looks one record up.
///
/// # Errors
/// A state that is damaged, and fields that say nothing.
pub fn lookup(known: &Known, fields: &[Field]) -> Result<Answer> {
    let frozen = known.frozen();
    let source = as_source(fields)?;
    let asked: Vec<(Role, String)> = fields.iter().map(|f| (f.role, f.header.clone())).collect();
    let mut job = Job { frozen: Some(frozen.clone()), inputs: vec![source], ..Job::default() };
    job.config.columns.known = asked;
    let forms = known.forms()?;
    let (_, _, new) = pipeline::read(&with_known(&job, &[], &forms))?;
    pipeline::input::check_frozen(frozen, new.features.entity)?;
    let question = Question::of(&frozen.prepare(&new), &frozen.snapshot.blocks);
    let candidates = known.with_parties(known.candidates(&question)?)?;
    let inputs = known.compared(&candidates)?;
    let (table, schema, records) = pipeline::read(&with_known(&job, &inputs, &forms))?;
    check_rows(&inputs, &table)?;
    let mut constraints = pipeline::input::known_merges(&table, &schema);
    let decisions = known.decisions(&candidates)?;
    pipeline::input::decisions(&table, &decisions, &mut constraints);
    let verdicts = frozen.decide(&records, &stable_order(&table), &constraints);
    let row = table.len() as u32 - 1;
    let own = verdicts.clusters.person_of[row as usize];
    let mut linking: Vec<&Decision> = verdicts
        .decisions
        .iter()
        .filter(|d| d.pair.b == row && matches!(d.verdict, Verdict::Merge | Verdict::Review))
        .collect();
    linking.sort_by(|x, y| y.log_odds.total_cmp(&x.log_odds).then(x.pair.cmp(&y.pair)));
    let persons = known.persons(&candidates)?;
    let person = |record: u32| {
        let number = number(&inputs, &table, record as usize)?;
        persons.get(&number).map(|(_, id)| id.clone())
    };
    let (reasons, calibration) = (Reasons::new(&frozen.model), frozen.model.calibration);
    let matches: Vec<Match> = linking
        .iter()
        .take(TOLD)
        .map(|d| {
            let mut reason = String::new();
            let pair = Pair::new(d.pair.a, row);
            reasons.push(compare::pattern(&records.features, pair), &mut reason);
            Match {
                person_id: person(d.pair.a).unwrap_or_default(),
                record: record_label(&table, RecordId(d.pair.a)),
                probability: (calibration.prob(d.log_odds) * 1e4).round() / 1e4,
                reason,
            }
        })
        .collect();
    let first = verdicts.clusters.members(own)[0];
    let verdict = match (first.0 != row, matches.is_empty()) {
        (true, _) => Familiarity::Same,
        (false, false) => Familiarity::Maybe,
        (false, true) => Familiarity::New,
    };
    let same = verdict == Familiarity::Same;
    Ok(Answer {
        verdict,
        person_id: if same { person(first.0) } else { None },
        probability: same.then(|| {
            let prob = f64::from(verdicts.clusters.probability[row as usize]);
            (prob * 1e4).round() / 1e4
        }),
        matches,
    })
}

/// The fields as a file of one row.
fn as_source(fields: &[Field]) -> Result<Source> {
    if fields.iter().all(|f| f.value.trim().is_empty()) {
        return Err(Error::usage("there is nothing to look up", "write email=ana@acme.com"));
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_record(fields.iter().map(|f| &f.header));
    let _ = writer.write_record(fields.iter().map(|f| &f.value));
    Ok(Source {
        path: "lookup.csv".into(),
        preset: Some("none".into()),
        encoding: Some("utf-8".into()),
        delimiter: Some(b','),
        header: Some(true),
        content: Some(Arc::new(writer.into_inner().unwrap_or_default())),
        ..Source::default()
    })
}
