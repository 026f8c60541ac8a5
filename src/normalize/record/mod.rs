//! From the table to features: every distinct value normalized once, every record a row of ids.
//!
//! Stands between schema and blocking. What it keeps beside the features (validity of each value,
//! times, job titles) is what merging and scoring ask for later.

mod attribute;
mod contact;
mod light;
mod mailbox;
mod organization;
mod person;
mod phone;
mod place;

pub use attribute::NO_TIME;
pub(crate) use contact::place_in_order;
pub use light::records_for_checks;
pub(crate) use mailbox::spelled;
pub(crate) use organization::{describe_company, word_signature};
pub(crate) use person::{NameKey, describe_tokens};

use super::country::Country;
use super::date::DateOrder;
use super::email;
use super::title::Title;
use crate::compare::feature::{Entity, Features, NONE, Row, domain_initial};
use crate::record::{Dictionary, DictionaryBuilder, RecordId, Table, ValueId};
use crate::schema::{Kind, Role, Schema, UnitedSchema};
use rayon::prelude::*;

/// Validity of a value: usable.
pub const QUALITY_GOOD: u8 = 2;
/// Validity of a value: filled, not known to be right or wrong.
pub const QUALITY_FAIR: u8 = 1;
/// Validity of a value: invalid, a placeholder or missing.
pub const QUALITY_BAD: u8 = 0;

/// How cells are read that do not say themselves how: by what most of their column shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Reading {
    /// Per phone column: its header and the country of numbers without one (two letters).
    pub phones: Vec<(String, Option<String>)>,
    /// Per column of birth dates: its header and the order of day and month.
    pub births: Vec<(String, DateOrder)>,
}

impl Reading {
    /// What a column of that header is read by; another header is read as the first column was.
    fn of<T: Clone>(columns: &[(String, T)], header: &str) -> Option<T> {
        let named = columns.iter().find(|(name, _)| name == header);
        named.or(columns.first()).map(|(_, how)| how.clone())
    }
}

/// The normalized records of a run.
#[derive(Debug, Default)]
pub struct Records {
    /// What blocking and comparison read.
    pub features: Features,
    /// Per column and value id: how usable the value is (2 good, 1 fair, 0 bad).
    pub quality: Vec<Vec<u8>>,
    /// Per column and value id: equal for values that mean the same (one numbering for all columns
    /// of a kind). Empty for columns without a kind of their own.
    pub keys: Vec<Vec<u32>>,
    /// Per time column and value id: microseconds since 1970 or [`NO_TIME`]; empty for the others.
    pub times: Vec<Vec<i64>>,
    /// When each record was created, microseconds since 1970, or [`NO_TIME`].
    pub created: Vec<i64>,
    /// When each record was last changed, or [`NO_TIME`].
    pub updated: Vec<i64>,
    /// When each record was last active, or [`NO_TIME`].
    pub last_activity: Vec<i64>,
    /// Identity keys of the e-mails, by e-mail id.
    pub email_text: Dictionary,
    /// Parsed job titles, by title id.
    pub titles: Vec<Option<Title>>,
    /// What is known of the domains of e-mails, by domain id, where it was worked out.
    pub mail_domains: Vec<MailDomain>,
    /// How cells were read that do not say it themselves.
    pub reading: Reading,
}

/// What a domain says of the addresses at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MailDomain {
    /// It is probably a slip for another one.
    pub typo: bool,
    /// Its mailboxes are thrown away.
    pub disposable: bool,
}

impl MailDomain {
    /// Looks at the domain and at the one that was registered.
    pub fn of(domain: &str, registrable: &str) -> Self {
        let read = email::parse(&["a@", domain].concat()).value;
        let typo = read.is_some_and(|one| one.suggestion.is_some());
        let thrown = email::is_disposable_domain(domain);
        Self { typo, disposable: thrown || email::is_disposable_domain(registrable) }
    }
}

type Columns = Vec<usize>;

struct Builder<'a> {
    table: &'a Table,
    roles: Vec<Role>,
    inputs: &'a [Schema],
    features: Features,
    quality: Vec<Option<Vec<u8>>>,
    keys: Vec<Vec<u32>>,
    times: Vec<Vec<i64>>,
    words: DictionaryBuilder,
    domains: DictionaryBuilder,
    email_text: Dictionary,
    title_info: Vec<Option<Title>>,
    mail_domains: Vec<MailDomain>,
    /// As an earlier run read them, instead of by what the columns show now.
    given: Option<&'a Reading>,
    reading: Reading,
}

/// Normalizes all records.
pub fn records(table: &Table, schema: &UnitedSchema) -> Records {
    records_as(table, schema, None)
}

/// Normalizes all records, reading what is not clear by itself as an earlier run did.
pub fn records_as(table: &Table, schema: &UnitedSchema, given: Option<&Reading>) -> Records {
    let mut builder = Builder { given, ..Builder::new(table, schema) };
    builder.read_countries();
    let phones = builder.phone_cells();
    let (phones, ()) = rayon::join(
        || phones.read(phone::parse_phones),
        || {
            // Names after e-mails: a mailbox may spell out what a name column leaves open.
            builder.read_emails();
            builder.read_names();
        },
    );
    builder.take_phones(phones);
    builder.read_websites();
    builder.read_cities();
    builder.read_postcodes();
    builder.read_streets();
    builder.read_titles();
    builder.read_companies();
    builder.read_births();
    builder.read_generics();
    builder.count_sharing();
    builder.finish()
}

impl<'a> Builder<'a> {
    fn new(table: &'a Table, schema: &'a UnitedSchema) -> Self {
        Self {
            table,
            roles: schema.columns.iter().map(|c| c.role).collect(),
            inputs: &schema.inputs,
            features: Features {
                entity: entity_of(schema.kind),
                rows: vec![Row::default(); table.len()],
                ..Features::default()
            },
            quality: vec![None; table.columns.len()],
            keys: vec![Vec::new(); table.columns.len()],
            times: vec![Vec::new(); table.columns.len()],
            words: DictionaryBuilder::default(),
            domains: DictionaryBuilder::default(),
            email_text: Dictionary::default(),
            title_info: Vec::new(),
            mail_domains: Vec::new(),
            given: None,
            reading: Reading::default(),
        }
    }

    /// Columns of any of the roles, in order of the roles, then of the table.
    fn columns_of(&self, roles: &[Role]) -> Columns {
        let of = |role: Role| (0..self.roles.len()).filter(move |&c| self.roles[c] == role);
        roles.iter().flat_map(|&role| of(role)).collect()
    }

    /// Notes what each value of a column means, as an id (0 unknown: the raw value then stands).
    fn note_keys(&mut self, column: usize, ids: impl Iterator<Item = u32>) {
        const RAW: u32 = 1 << 31;
        self.keys[column] =
            ids.zip(0u32..).map(|(id, v)| if id == NONE { RAW | v } else { id }).collect();
    }

    /// The id of a word; the dictionary's limit (4 GiB of distinct text) makes it missing.
    fn word(&mut self, text: &str) -> u32 {
        self.words.intern(text).map_or(NONE, |id| id.0)
    }

    fn finish(self) -> Records {
        self.finish_with(plain_quality)
    }

    fn finish_with(mut self, plain: fn(&Dictionary) -> Vec<u8>) -> Records {
        let created = self.read_times(Role::Created);
        let updated = self.read_times(Role::Updated);
        let last_activity = self.read_times(Role::LastActivity);
        self.features.words = self.words.finish();
        self.features.domains = self.domains.finish();
        self.features.domain_initials = self.features.domains.iter().map(domain_initial).collect();
        let quality = self
            .quality
            .into_iter()
            .zip(&self.table.columns)
            .map(|(quality, column)| quality.unwrap_or_else(|| plain(&column.dictionary)))
            .collect();
        Records {
            features: self.features,
            quality,
            keys: self.keys,
            times: self.times,
            created,
            updated,
            last_activity,
            email_text: self.email_text,
            titles: self.title_info,
            mail_domains: self.mail_domains,
            reading: self.reading,
        }
    }
}

/// What rows of a kind describe.
pub(crate) fn entity_of(kind: Kind) -> Entity {
    match kind {
        Kind::Organizations => Entity::Organization,
        _ => Entity::Person,
    }
}

/// Values without a kind of their own are fair unless empty or a word that means empty.
fn plain_quality(dictionary: &Dictionary) -> Vec<u8> {
    let of = |v: u32| match super::text::is_null_word(dictionary.get(ValueId(v))) {
        true => QUALITY_BAD,
        false => QUALITY_FAIR,
    };
    (0..dictionary.len() as u32).into_par_iter().with_min_len(4096).map(of).collect()
}

fn unpack_country(code: u16) -> Option<Country> {
    let bytes = code.to_be_bytes();
    std::str::from_utf8(&bytes).ok().and_then(Country::from_code)
}

/// Records and distinct name shapes per value. Records without a name (shape 0) count as records.
fn sharing(
    records: usize,
    values: usize,
    shapes: &[u64],
    of_record: impl Fn(usize) -> Vec<u32> + Sync,
) -> Vec<(u32, u32)> {
    let mut entries: Vec<(u32, u64)> = (0..records)
        .into_par_iter()
        .with_min_len(2048)
        .flat_map_iter(|r| of_record(r).into_iter().map(move |v| (v, shapes[r])))
        .collect();
    entries.par_sort_unstable();
    let mut counts = vec![(0u32, 0u32); values];
    for group in entries.chunk_by(|x, y| x.0 == y.0) {
        let names = group.chunk_by(|x, y| x.1 == y.1).filter(|g| g[0].1 != 0).count();
        counts[group[0].0 as usize] = (group.len() as u32, names as u32);
    }
    counts
}

impl Records {
    /// When a record was last known to be true: updated, else created, else [`NO_TIME`].
    pub fn recency(&self, record: RecordId) -> i64 {
        match self.updated[record.index()] {
            NO_TIME => self.created[record.index()],
            updated => updated,
        }
    }

    /// Identity key of the first e-mail of a record; empty when it has none.
    pub fn first_email(&self, record: RecordId) -> &str {
        self.email_text.get(ValueId(self.features.rows[record.index()].email[0]))
    }
}
