//! Features: a record as the integers that blocking and comparison work on.
//!
//! Every distinct normalized value (a name, an e-mail address, a street) is stored once in a
//! [`Features`] dictionary; a record is one [`Row`] of ids, 64 bytes, one cache line. Why a row and
//! not columns here: candidate pairs jump between records, and a pair then costs one cache miss a
//! side instead of a dozen.

use super::sketch::Sketch;
use crate::record::{Dictionary, fnv_bytes};

/// No value.
pub const NONE: u32 = 0;

/// What the records describe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entity {
    /// People: a person-name column exists.
    #[default]
    Person,
    /// Organizations: only a company or venue name.
    Organization,
}

/// The ids of one record; 0 is missing everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Row {
    /// Index into [`Features::names`].
    pub name: u32,
    /// Indices into [`Features::emails`], filled from the left; further ones in `Features::more`.
    pub email: [u32; 2],
    /// Indices into [`Features::phones`], filled from the left.
    pub phone: [u32; 3],
    /// Index into [`Features::companies`].
    pub company: u32,
    /// Id of the registrable domain of the website, in [`Features::domains`].
    pub website: u32,
    /// Index into [`Features::streets`].
    pub street: u32,
    /// Id in [`Features::postcodes`].
    pub postcode: u32,
    /// Id in [`Features::cities`].
    pub city: u32,
    /// Index into [`Features::titles`].
    pub title: u32,
    /// Packed birth date, see [`pack_date`].
    pub birth: u32,
    /// Country as two ASCII bytes, high byte first; 0 when unknown.
    pub country: u16,
    /// Flags, see the `FLAG_` constants.
    pub flags: u16,
    /// Id of the region (ISO 3166-2) plus one; 0 when unknown.
    pub region: u16,
    /// Spare, keeps the row at one cache line.
    pub reserved: u16,
}

/// The name is a placeholder (`Test Test`, `asdf`): it says nothing about who this is.
pub const FLAG_PLACEHOLDER: u16 = 1;

/// A distinct person name, as token ids.
#[derive(Debug, Clone, Copy, Default)]
pub struct Name {
    /// Token ids of the given names, the first `given_count` are used.
    pub given: [u32; 3],
    /// Token ids of the family names without particles.
    pub family: [u32; 3],
    /// Token id of all given names joined (`maryann`); 0 when there is none.
    pub given_joined: u32,
    /// Token id of all family names joined, particles included (`delacruz`); 0 when none.
    pub family_joined: u32,
    /// Number of given tokens.
    pub given_count: u8,
    /// Number of family tokens.
    pub family_count: u8,
    /// 0 none, 1 Jr, 2 Sr, 3 II, 4 III, ...
    pub generation: u8,
}

impl Name {
    /// One given and one family name.
    pub fn of_two(given: u32, family: u32) -> Self {
        Self {
            given: [given, NONE, NONE],
            family: [family, NONE, NONE],
            given_joined: given,
            family_joined: family,
            given_count: 1,
            family_count: 1,
            generation: 0,
        }
    }

    /// The given tokens.
    pub fn given(&self) -> &[u32] {
        &self.given[..self.given_count as usize]
    }

    /// The family tokens.
    pub fn family(&self) -> &[u32] {
        &self.family[..self.family_count as usize]
    }
}

/// What is known of a distinct name token.
#[derive(Debug, Clone, Copy, Default)]
pub struct Token {
    /// Phonetic code, packed; 0 when the token has none.
    pub phonetic: u64,
    /// Id of the nickname root as a token hash; equal roots are forms of one name; 0 when none.
    pub root: u32,
    /// Records that carry it as (part of) a given name.
    pub given_records: u32,
    /// Records that carry it as (part of) a family name.
    pub family_records: u32,
    /// First byte.
    pub initial: u8,
    /// Length in bytes, at most 255.
    pub length: u8,
    /// What tells it apart from others at a glance.
    pub sketch: Sketch,
}

/// A distinct e-mail address.
#[derive(Debug, Clone, Copy, Default)]
pub struct Email {
    /// Id of the local part (plus tag removed, provider rules applied) in [`Features::locals`].
    pub local: u32,
    /// Id of the full domain in [`Features::domains`].
    pub domain: u32,
    /// Id of the registrable domain in [`Features::domains`].
    pub registrable: u32,
    /// `info@`, `sales@`: a mailbox of a role, not of a person.
    pub role: bool,
    /// A free-mail or internet-provider domain: says nothing about the company.
    pub free: bool,
    /// The local part has two digits or more.
    pub digits: bool,
    /// The local part at a glance.
    pub sketch: Sketch,
    /// Hash of the digits of the local part, in their order.
    pub digits_hash: u32,
    /// Hash of everything else of the local part.
    pub letters_hash: u32,
    /// Records that hold it.
    pub records: u32,
    /// Distinct person names it sits on.
    pub names: u32,
}

impl Email {
    /// Notes what is told of a local part without its text.
    pub fn describe(&mut self, local: &str) {
        // Half of a hash is enough where equal ones are compared as text.
        let hash =
            |digits: bool| fnv_bytes(local.bytes().filter(|b| b.is_ascii_digit() == digits)) as u32;
        self.digits = local.bytes().filter(u8::is_ascii_digit).count() >= 2;
        self.sketch = Sketch::of(local);
        (self.digits_hash, self.letters_hash) = (hash(true), hash(false));
    }
}

/// The first byte of a domain that is no hyphen; 0 when it has none.
pub fn domain_initial(domain: &str) -> u8 {
    domain.bytes().find(|&b| b != b'-').unwrap_or(0)
}

/// A distinct local part of e-mail addresses.
#[derive(Debug, Clone, Copy, Default)]
pub struct Local {
    /// Distinct person names it sits on, over all domains.
    pub names: u32,
    /// Records that hold it.
    pub records: u32,
    /// It is built from the name of (one of) its holders: `jsmith` for Jane Smith.
    pub from_name: bool,
}

/// A distinct phone number.
#[derive(Debug, Clone, Copy, Default)]
pub struct Phone {
    /// Country code and national number as one integer.
    pub number: u64,
    /// The last nine digits at most: equal for the same number written with and without its
    /// country code.
    pub tail: u64,
    /// True for a mobile number.
    pub mobile: bool,
    /// Records that hold it.
    pub records: u32,
    /// Distinct person names it sits on (organizations: distinct addresses).
    pub names: u32,
}

/// A distinct company (core name without legal form).
#[derive(Debug, Clone, Copy, Default)]
pub struct Company {
    /// Id of the core in [`Features::words`].
    pub core: u32,
    /// Id of the first word that is not generic, in [`Features::words`].
    pub first: u32,
    /// Start of its token ids in [`Features::company_tokens`].
    pub start: u32,
    /// Number of tokens.
    pub count: u16,
    /// Initials of the tokens as a word id (`ibm`), 0 when fewer than three.
    pub acronym: u32,
    /// The core at a glance.
    pub sketch: Sketch,
    /// First ASCII letter or digit of the core; 0 when it has none.
    pub initial: u8,
    /// Records that hold it.
    pub records: u32,
}

/// A distinct street line.
#[derive(Debug, Clone, Copy, Default)]
pub struct Street {
    /// Id of the house number in [`Features::words`]; 0 when none.
    pub number: u32,
    /// Id of the street name in [`Features::words`].
    pub name: u32,
    /// Distinct person names that sit on number + street (organizations: distinct companies).
    pub names: u32,
}

/// A distinct job title.
#[derive(Debug, Clone, Copy, Default)]
pub struct Title {
    /// Id of the canonical title in [`Features::words`].
    pub canonical: u32,
    /// Bits of a 64-bit signature of its words.
    pub words: u64,
    /// Records that hold it.
    pub records: u32,
}

/// A column without a role of its own that still tells records apart.
#[derive(Debug, Clone, Default)]
pub struct Generic {
    /// Header, for people.
    pub header: String,
    /// True for an external identifier (social security number, another system's id).
    pub external: bool,
    /// Folded value per record, id in `values`.
    pub ids: Vec<u32>,
    /// Distinct folded values.
    pub values: Dictionary,
    /// Records that hold each value.
    pub records: Vec<u32>,
}

/// Averages that agreements are held against, where they are given and not taken from the records.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Averages {
    /// Records.
    pub records: f64,
    /// Companies, the missing one included.
    pub companies: u32,
    /// Chance that two records agree on the company.
    pub company: f64,
    /// On the city.
    pub city: f64,
    /// On each column without a role of its own.
    pub generic: Vec<f64>,
}

/// All records as integers, with the dictionaries the integers point to.
#[derive(Debug, Clone, Default)]
pub struct Features {
    /// People or organizations.
    pub entity: Entity,
    /// One row per record.
    pub rows: Vec<Row>,
    /// Distinct names; index 0 unused.
    pub names: Vec<Name>,
    /// Text of the name tokens, folded to lower-case ASCII where possible.
    pub token_text: Dictionary,
    /// Per name token.
    pub tokens: Vec<Token>,
    /// Distinct e-mails; index 0 unused.
    pub emails: Vec<Email>,
    /// Text of local parts.
    pub local_text: Dictionary,
    /// Per local part.
    pub locals: Vec<Local>,
    /// Domains, registrable and full.
    pub domains: Dictionary,
    /// Per domain: its first byte that is no hyphen; 0 when it has none.
    pub domain_initials: Vec<u8>,
    /// Distinct phones; index 0 unused.
    pub phones: Vec<Phone>,
    /// Distinct companies; index 0 unused.
    pub companies: Vec<Company>,
    /// Token word ids of all companies.
    pub company_tokens: Vec<u32>,
    /// Words: company cores and tokens, street names, house numbers, titles.
    pub words: Dictionary,
    /// Number of companies each word occurs in (inverse document frequency).
    pub word_companies: Vec<u32>,
    /// Distinct streets; index 0 unused.
    pub streets: Vec<Street>,
    /// Postcodes, canonical.
    pub postcodes: Dictionary,
    /// Cities, folded.
    pub cities: Dictionary,
    /// Records per city.
    pub city_records: Vec<u32>,
    /// Distinct titles; index 0 unused.
    pub titles: Vec<Title>,
    /// Columns without a role of their own, and external ids.
    pub generics: Vec<Generic>,
    /// E-mails beyond the second and phones beyond the third: (record, e-mail or phone id), sorted.
    pub more_emails: Vec<(u32, u32)>,
    /// See `more_emails`.
    pub more_phones: Vec<(u32, u32)>,
    /// Under a frozen model: its averages. All counts above are then the model's, too.
    pub frozen: Option<Averages>,
}

impl Features {
    /// Number of records.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True when there is no record.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The text of a name token.
    pub fn token(&self, id: u32) -> &str {
        self.token_text.get(crate::record::ValueId(id))
    }

    /// The text of a word.
    pub fn word(&self, id: u32) -> &str {
        self.words.get(crate::record::ValueId(id))
    }

    /// The text of a local part.
    pub fn local(&self, id: u32) -> &str {
        self.local_text.get(crate::record::ValueId(id))
    }

    /// The text of a domain.
    pub fn domain(&self, id: u32) -> &str {
        self.domains.get(crate::record::ValueId(id))
    }

    /// The text of a city.
    pub fn city(&self, id: u32) -> &str {
        self.cities.get(crate::record::ValueId(id))
    }

    /// The text of a postcode.
    pub fn postcode(&self, id: u32) -> &str {
        self.postcodes.get(crate::record::ValueId(id))
    }

    /// How much a word of a company name tells: the logarithm of its rarity among companies.
    pub fn word_weight(&self, id: u32) -> f32 {
        let companies = match &self.frozen {
            Some(frozen) => frozen.companies.max(2) as f32,
            None => self.companies.len().max(2) as f32,
        };
        let holding = self.word_companies.get(id as usize).copied().unwrap_or(1).max(1);
        (companies / holding as f32).ln() + 0.1
    }

    /// All e-mail ids of a record.
    pub fn emails_of(&self, record: usize) -> impl Iterator<Item = u32> + '_ {
        values_of(&self.rows[record].email, &self.more_emails, record)
    }

    /// All phone ids of a record.
    pub fn phones_of(&self, record: usize) -> impl Iterator<Item = u32> + '_ {
        values_of(&self.rows[record].phone, &self.more_phones, record)
    }

    /// True when a local part holds a name of the row: `jsmith`, `smith.jane`.
    pub fn is_built_from_name(&self, row: &Row, local: &str) -> bool {
        if row.name == NONE {
            return false;
        }
        let name = &self.names[row.name as usize];
        let holds = |token: u32, least: usize| {
            self.token(token).len() >= least && local.contains(self.token(token))
        };
        name.family().iter().chain(name.given()).any(|&t| holds(t, 3))
            || holds(name.family_joined, 4)
    }

    /// Registrable domain of the first e-mail that is not free mail; 0 when there is none.
    pub fn work_domain(&self, record: usize) -> u32 {
        self.rows[record]
            .email
            .iter()
            .map(|&e| &self.emails[e as usize])
            .find(|e| e.registrable != NONE && !e.free)
            .map_or(NONE, |e| e.registrable)
    }
}

/// Inline values, then the overflow of the record (only looked up when the inline slots are full).
fn values_of<'a>(
    inline: &'a [u32],
    more: &'a [(u32, u32)],
    record: usize,
) -> impl Iterator<Item = u32> + 'a {
    let full = inline.last().is_some_and(|&v| v != NONE);
    let record = record as u32;
    let from = if full { more.partition_point(|&(r, _)| r < record) } else { more.len() };
    inline
        .iter()
        .copied()
        .take_while(|&v| v != NONE)
        .chain(more[from..].iter().take_while(move |&&(r, _)| r == record).map(|&(_, v)| v))
}

/// Packs a (partial) birth date: year in the high bits, then month (4 bits) and day (5 bits).
/// 0 in a part means unknown; a wholly unknown date is 0.
pub fn pack_date(year: u16, month: u8, day: u8) -> u32 {
    (u32::from(year) << 9) | (u32::from(month & 15) << 5) | u32::from(day & 31)
}

/// Year, month and day of a packed date.
pub fn unpack_date(date: u32) -> (u16, u8, u8) {
    ((date >> 9) as u16, ((date >> 5) & 15) as u8, (date & 31) as u8)
}
