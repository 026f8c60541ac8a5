//! Consent: one address with two answers, and columns that need a law of their own.

use crate::compare::feature::NONE;
use crate::merge::consent::gather::facts_of;
use crate::merge::consent::{Channel, ConsentFact, FactSource, State};
use crate::quality::census::{Census, sentence};
use crate::quality::{Collector, Hits};
use crate::record::{RecordId, ValueId};
use crate::schema::{Role, header};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// Runs the group.
pub(super) fn check(census: &Census, out: &mut Collector) {
    conflict(census, out);
    special_category(census, out);
    suppressed(census, out);
}

/// Records that hold an address of the suppression list and may still be contacted by what they say
/// themselves.
fn suppressed(census: &Census, out: &mut Collector) {
    let material = &census.material;
    let Some(list) = material.suppression else { return };
    let (table, f) = (material.table, &material.records.features);
    let text = &material.records.email_text;
    let emails: Vec<bool> = (0..f.emails.len() as u32)
        .into_par_iter()
        .with_min_len(1024)
        .map(|e| e != NONE && list.has_email(text.get(ValueId(e))))
        .collect();
    let phones: Vec<bool> = f
        .phones
        .par_iter()
        .with_min_len(1024)
        .map(|phone| phone.number != 0 && list.has_phone(phone.number))
        .collect();
    let listed = |r: usize| {
        f.emails_of(r).any(|e| emails[e as usize])
            || f.phones_of(r).any(|p| phones[p as usize])
            || list.has_record(&table.key(RecordId(r as u32)))
    };
    let listed: Vec<bool> = (0..f.len()).into_par_iter().with_min_len(4096).map(listed).collect();
    let said = facts_of(table, material.schema, material.records, &|r| listed[r]);
    // Whether mail and phone are refused.
    let mut refused: FxHashMap<u32, (bool, bool)> = FxHashMap::default();
    for fact in said.iter().filter(|fact| fact.state.is_refusal()) {
        let (mail, phone) = refused.entry(fact.record.0).or_default();
        *mail |= matches!(fact.channel, Channel::Email | Channel::Any);
        *phone |= matches!(fact.channel, Channel::Phone | Channel::Sms | Channel::Any);
    }
    let open = |r: usize| {
        let (mail, phone) = refused.get(&(r as u32)).copied().unwrap_or_default();
        listed[r] && (f.rows[r].email[0] != NONE && !mail || f.rows[r].phone[0] != NONE && !phone)
    };
    let hits = census.hits_of_records(census.records(), open);
    let column = material.schema.first(Role::Email);
    out.take("suppressed-present", column, hits, sentence("suppressed-present"));
}

/// What one record says of its e-mail address.
#[derive(Debug, Clone, Copy, Default)]
struct Said {
    /// Time of the yes; `i64::MIN` for a yes without a time.
    yes: Option<i64>,
    no: Option<i64>,
}

/// Addresses that one record has as opted in and another as opted out, where no later yes settles it.
fn conflict(census: &Census, out: &mut Collector) {
    let (material, f) = (&census.material, &census.material.records.features);
    let consents = (0..census.counts.len()).any(|c| matches!(census.role(c), Role::Consent(_)));
    let files = material.schema.inputs.iter().any(|input| input.file_consent.is_some());
    if !consents && !files {
        return;
    }
    let said = match material.outcome {
        Some(outcome) => by_record(&outcome.consent_facts),
        None => {
            // Only an address that several records hold can have two answers.
            let shared = |r: usize| f.emails_of(r).any(|e| f.emails[e as usize].records > 1);
            let read = (material.table, material.schema, material.records);
            by_record(&facts_of(read.0, read.1, read.2, &shared))
        }
    };
    let mut by_email: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    for &record in said.keys() {
        for email in f.emails_of(record as usize).filter(|&e| f.emails[e as usize].records > 1) {
            by_email.entry(email).or_default().push(record);
        }
    }
    let mut at_fault: Vec<u32> = Vec::new();
    for records in by_email.values() {
        let latest_no = records.iter().filter_map(|r| said[r].no).max();
        let Some(no) = latest_no else { continue };
        let open = |r: &&u32| said[*r].yes.is_some_and(|yes| yes == i64::MIN || yes <= no);
        at_fault.extend(records.iter().filter(open));
    }
    at_fault.sort_unstable();
    at_fault.dedup();
    let hits = Hits {
        count: at_fault.len() as u64,
        of: f.rows.iter().filter(|row| row.email[0] != NONE).count() as u64,
        records: at_fault.into_iter().take(out.max_samples).map(RecordId).collect(),
    };
    let column = material.schema.first(Role::Email);
    out.take("consent-conflict", column, hits, sentence("consent-conflict"));
}

/// What the columns and files say of mail, per record that is clear about it.
fn by_record(facts: &[ConsentFact]) -> FxHashMap<u32, Said> {
    let mut said: FxHashMap<u32, Said> = FxHashMap::default();
    for fact in facts {
        let stated = matches!(fact.source, FactSource::Column | FactSource::File);
        if !stated || !matches!(fact.channel, Channel::Email | Channel::Any) {
            continue;
        }
        let at = fact.at.unwrap_or(i64::MIN);
        let entry = said.entry(fact.record.0).or_default();
        let slot = match fact.state {
            State::OptedIn => &mut entry.yes,
            State::OptedOut | State::Complained | State::Objected => &mut entry.no,
            _ => continue,
        };
        *slot = (*slot).max(Some(at));
    }
    // A record with both answers is settled within itself: its opt-out holds.
    said.values_mut().filter(|s| s.no.is_some()).for_each(|s| s.yes = None);
    said
}

/// Words of headers that name what a law protects in particular (in the EU: GDPR article 9).
const SPECIAL: &[&str] = &[
    "health",
    "medical",
    "diagnosis",
    "disability",
    "illness",
    "disease",
    "religion",
    "religious",
    "faith",
    "ethnicity",
    "ethnic",
    "race",
    "racial",
    "political",
    "politics",
    "union",
    "sexuality",
    "sexual",
    "orientation",
    "biometric",
    "genetic",
    "gesundheit",
    "krankheit",
    "behinderung",
    "konfession",
    "ethnie",
    "gewerkschaft",
    "salud",
    "discapacidad",
    "etnia",
    "raza",
    "sindicato",
    "sante",
    "handicap",
    "ethnie",
    "syndicat",
    "religione",
    "salute",
    "saude",
    "religiao",
];

fn special_category(census: &Census, out: &mut Collector) {
    for (column, schema) in census.material.schema.columns.iter().enumerate() {
        let words = header::words(&schema.header);
        let named = words.iter().any(|word| SPECIAL.contains(&word.as_str()));
        // "Industry: health" is a business, "union street" an address.
        if named
            && matches!(
                schema.role,
                Role::Generic | Role::Category | Role::FreeText | Role::Interests | Role::Ignored
            )
        {
            let hits = census.hits(column, |_| true);
            out.take("special-category", Some(column), hits, sentence("special-category"));
        }
    }
}
