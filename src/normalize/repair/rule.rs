//! What is done to the cells of a column, by its role.

use super::country::CountryRule;
use super::date::DateRule;
use super::phone::PhoneRule;
use super::policy::{RepairLevel, RepairPolicy};
use super::postcode::PostcodeForm;
use super::spelling::Spellings;
use super::{Fixed, Kinds, email, name, postcode, text};
use crate::normalize::country::Country;
use crate::normalize::record::Records;
use crate::record::{Dictionary, Table, ValueId, fnv};
use crate::schema::{Role, Schema, UnitedSchema};

/// Values of a column that its form is decided by.
const SAMPLE: usize = 4096;

/// What is done to the cells of a column.
#[derive(Debug, Default)]
pub(super) enum Rule {
    /// Nothing.
    #[default]
    Nothing,
    /// White space, invisible characters and mojibake; line breaks are kept.
    Lines,
    /// White space, invisible characters and mojibake.
    Text,
    Email,
    Phone(PhoneRule),
    Date(DateRule),
    Country(CountryRule),
    Postcode(PostcodeForm),
    /// Letter case of names; of whole names when true.
    Name(bool),
    Spelling(Spellings),
}

impl Rule {
    /// The rule of a column.
    pub(super) fn decide(habits: &Habits, policy: &RepairPolicy) -> Self {
        use Role::{
            BirthDate, Category, City, Company, Country as CountryRole, Created, Department, Email,
            ExternalId, FamilyName, FormattedAddress, FreeText, FullName, Generic, GivenName,
            Grade, Ignored, Industry, Interests, LastActivity, LeadSource, MergedIds, MiddleName,
            Mobile, Phone, Postcode, RecordId, Region, Score, Stage, Street, Title, Updated,
        };
        let full = policy.level == RepairLevel::Full;
        let cells = &habits.cells;
        match habits.role {
            RecordId | ExternalId | MergedIds | Score | Grade | Role::Consent(_) => Self::Nothing,
            role if role.is_activity() => Self::Nothing,
            Email => Self::Email,
            Phone | Mobile => {
                let rule = policy.phone.map(PhoneRule::Form).or_else(|| PhoneRule::decide(cells));
                rule.map_or(Self::Nothing, Self::Phone)
            }
            role @ (BirthDate | Created | Updated | LastActivity) => {
                let asked = policy.date.as_ref();
                let rule = DateRule::decide(cells, asked, role == BirthDate, habits.inputs);
                rule.map_or(Self::Nothing, Self::Date)
            }
            CountryRole => CountryRule::decide(cells.weighed(), policy.country, full)
                .map_or(Self::Nothing, Self::Country),
            Postcode if full || policy.postcode.is_some() => {
                Self::Postcode(policy.postcode.unwrap_or_default())
            }
            role @ (GivenName | MiddleName | FamilyName | FullName)
                if full && name::is_mixed(cells.weighed()) =>
            {
                Self::Name(role == FullName)
            }
            Company | Title | Department | City | Region | LeadSource | Stage | Category
            | Industry
                if full =>
            {
                let clean = |(v, n): (&str, u64)| (text::clean(v, false).0.into_owned(), n);
                Self::Spelling(Spellings::decide(cells.weighed().map(clean)))
            }
            FreeText | Generic | Ignored | Street | FormattedAddress | Interests => Self::Lines,
            _ => Self::Text,
        }
    }

    pub(super) fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    /// The form the column is written in.
    pub(super) fn form(&self) -> Option<String> {
        match self {
            Self::Phone(rule) => Some(rule.form()),
            Self::Date(rule) => Some(rule.form()),
            Self::Country(rule) => Some(rule.form().to_string()),
            Self::Postcode(PostcodeForm::Short) => Some("short".into()),
            Self::Postcode(PostcodeForm::Extended) => Some("extended".into()),
            _ => None,
        }
    }

    /// The repaired value; `None` when it stays as it is. The contexts are the countries of the
    /// records that hold it or, for dates, their sources; in all of them the repair must be the same.
    pub(super) fn fix(&self, raw: &str, contexts: &[u16]) -> Option<Fixed> {
        let is_in_form = match self {
            Self::Email => email::is_plain(raw),
            Self::Date(rule) => rule.is_in_form(raw),
            _ => false,
        };
        if raw.is_empty() || is_in_form {
            return None;
        }
        let (cleaned, kinds) = text::clean(raw, matches!(self, Self::Lines));
        let (written, kind) = match self {
            Self::Nothing => return None,
            Self::Lines | Self::Text => (None, ""),
            // From here on, what is not understood stays exactly as it is.
            Self::Email => (Some(email::write(&cleaned)?), "email-case"),
            Self::Phone(rule) => {
                (Some(agreed(contexts, |c| rule.write(&cleaned, c))?), "phone-form")
            }
            Self::Date(rule) => (Some(rule.write(&cleaned, contexts)?), "date-form"),
            Self::Country(rule) => (Some(rule.write(&cleaned)?), "country-form"),
            Self::Postcode(form) => {
                let write = |c| postcode::write(&cleaned, c, *form);
                (Some(agreed(contexts, write)?), "postcode-form")
            }
            Self::Name(whole) => (name::write(&cleaned, *whole), "name-case"),
            Self::Spelling(spellings) => {
                (spellings.write(&cleaned).map(str::to_string), "majority-spelling")
            }
        };
        let formed = written.filter(|written| *written != *cleaned);
        let kinds = if formed.is_some() { kinds.and(Kinds::of(kind)) } else { kinds };
        let text = formed.unwrap_or_else(|| cleaned.into_owned());
        (text != raw).then_some(Fixed { text, kinds })
    }

    /// A look at all repairs of the column together: values, in their order, with what they become.
    pub(super) fn review(&self, habits: &Habits, values: Vec<(u32, Fixed)>) -> Vec<(u32, Fixed)> {
        match self {
            Self::Date(rule) => rule.review(&habits.cells, habits.inputs, values),
            _ => values,
        }
    }
}

/// What all countries lead to; `None` when they do not agree.
fn agreed(countries: &[u16], write: impl Fn(Option<Country>) -> Option<String>) -> Option<String> {
    let mut all = countries.iter().map(|&c| write(unpack(c)));
    let first = all.next()??;
    all.all(|other| other.as_ref() == Some(&first)).then_some(first)
}

fn unpack(code: u16) -> Option<Country> {
    std::str::from_utf8(&code.to_be_bytes()).ok().and_then(Country::from_code)
}

/// A column with all that a rule is decided by.
pub(super) struct Habits<'a> {
    pub(super) role: Role,
    pub(super) inputs: &'a [Schema],
    pub(super) cells: Cells<'a>,
}

impl<'a> Habits<'a> {
    pub(super) fn new(
        table: &'a Table,
        schema: &'a UnitedSchema,
        records: &'a Records,
        column: usize,
    ) -> Self {
        let role = schema.columns.get(column).map_or(Role::Ignored, |c| c.role);
        let source = &table.columns[column];
        let cells = Cells::new(&source.dictionary, &source.ids, table, records, role);
        Self { role, inputs: &schema.inputs, cells }
    }

    /// The contexts in which each value of the column is read.
    pub(super) fn contexts(&self, rule: &Rule) -> &Contexts {
        match rule {
            Rule::Date(_) => &self.cells.sources,
            _ => &self.cells.countries,
        }
    }
}

/// The values of a column with how many records hold each, and where.
pub(super) struct Cells<'a> {
    pub(super) dictionary: &'a Dictionary,
    counts: Vec<u64>,
    countries: Contexts,
    sources: Contexts,
}

impl<'a> Cells<'a> {
    fn new(
        dictionary: &'a Dictionary,
        ids: &[ValueId],
        table: &Table,
        records: &Records,
        role: Role,
    ) -> Self {
        let mut counts = vec![0u64; dictionary.len()];
        for id in ids {
            counts[id.index()] += 1;
        }
        counts[0] = 0;
        let by_country = matches!(role, Role::Phone | Role::Mobile | Role::Postcode);
        let countries = match by_country {
            true => Contexts::collect(ids, dictionary.len(), |r| records.features.rows[r].country),
            false => Contexts::default(),
        };
        let dated = role.is_time() || role == Role::BirthDate;
        let sources = match dated && table.sources.len() > 1 && role != Role::BirthDate {
            true => Contexts::collect(ids, dictionary.len(), |r| table.source[r]),
            false => Contexts::default(),
        };
        Self { dictionary, counts, countries, sources }
    }

    /// Each value that some record holds, with how many do.
    pub(super) fn weighed(&self) -> impl Iterator<Item = (&'a str, u64)> + '_ {
        let held = self.counts.iter().enumerate().filter(|(_, n)| **n > 0);
        held.map(|(v, &n)| (self.dictionary.get(ValueId(v as u32)), n))
    }

    /// Some thousand values, chosen by content, so that the order of rows does not matter; with the
    /// country they are read in.
    pub(super) fn sample(&self) -> impl Iterator<Item = (&'a str, u64, Option<Country>)> + '_ {
        let every = (self.dictionary.len() / SAMPLE).max(1) as u64;
        let chosen = move |text: &str| every == 1 || (fnv(text) >> 20).is_multiple_of(every);
        let held = (0..self.counts.len()).filter(|&v| self.counts[v] > 0);
        held.filter_map(move |v| {
            let text = self.dictionary.get(ValueId(v as u32));
            let country = self.countries.of(v as u32).first().and_then(|&c| unpack(c));
            chosen(text).then(|| (text, self.counts[v], country))
        })
    }

    /// The values that records of a source hold.
    pub(super) fn used_by(&self, source: usize) -> impl Iterator<Item = u32> + '_ {
        let held = (1..self.counts.len() as u32).filter(|&v| self.counts[v as usize] > 0);
        held.filter(move |&v| {
            self.sources.first.is_empty() || self.sources.of(v).contains(&(source as u16))
        })
    }

    /// Their texts.
    pub(super) fn texts_of(&self, source: usize) -> impl Iterator<Item = &'a str> + '_ {
        self.used_by(source).map(|v| self.dictionary.get(ValueId(v)))
    }
}

/// In which contexts (countries of records, or sources) each value of a column occurs.
#[derive(Debug, Default)]
pub(super) struct Contexts {
    /// Per value: place of its contexts in `all`; empty when there is only one context.
    first: Vec<(u32, u32)>,
    all: Vec<u16>,
}

impl Contexts {
    /// The contexts of a value, smallest first.
    pub(super) fn of(&self, value: u32) -> &[u16] {
        match self.first.get(value as usize) {
            Some(&(from, to)) => &self.all[from as usize..to as usize],
            None => &[0],
        }
    }
}

impl Contexts {
    fn collect(ids: &[ValueId], values: usize, of_record: impl Fn(usize) -> u16) -> Self {
        // Nearly every value has one context: the first is kept in place, the others in a list.
        let mut one: Vec<Option<u16>> = vec![None; values];
        let mut more: Vec<(u32, u16)> = Vec::new();
        for (record, id) in ids.iter().enumerate() {
            let context = of_record(record);
            match &mut one[id.index()] {
                Some(known) if *known == context => {}
                Some(_) => more.push((id.0, context)),
                empty => *empty = Some(context),
            }
        }
        let known = one.iter().enumerate().filter_map(|(v, c)| c.map(|c| (v as u32, c)));
        more.extend(known);
        more.sort_unstable();
        more.dedup();
        let mut contexts = Self { first: vec![(0, 0); values], all: Vec::new() };
        for group in more.chunk_by(|a, b| a.0 == b.0) {
            let from = contexts.all.len() as u32;
            contexts.all.extend(group.iter().map(|(_, context)| *context));
            contexts.first[group[0].0 as usize] = (from, contexts.all.len() as u32);
        }
        contexts
    }
}
