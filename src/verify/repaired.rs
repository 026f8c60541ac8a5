//! Whether a written cell is a repaired form of a raw one.
//!
//! Part of point 4, and asked wherever a cell of a lead is looked for in its records. A rule of its
//! own, not the code that repairs: the written cell must mean what the raw one means, and must be as
//! plain as a repaired cell is. Only where the certificate says that cells were repaired.

use crate::normalize::activity::with_product;
use crate::normalize::country::{self, Country};
use crate::normalize::date::{self, ColumnOrder, DateOrder};
use crate::normalize::repair::{PostcodeForm, RepairLevel, RepairPolicy};
use crate::normalize::{address, email, phone, text};
use crate::record::{RecordId, Table};
use crate::schema::{Role, UnitedSchema};
use std::collections::BTreeSet;

/// What is needed to compare cells column by column.
#[derive(Debug, Default)]
pub(super) struct Repaired {
    columns: Vec<Meaning>,
}

/// What must be the same of a raw and a written cell.
#[derive(Debug, Default)]
enum Meaning {
    /// Every character.
    #[default]
    Exact,
    /// What can be seen.
    Text,
    /// The addresses, in small letters.
    Email,
    /// The number and its extension.
    Phone,
    /// The moment, by the order of day and month in each source.
    Time(Vec<DateOrder>),
    /// The day, by the order of day and month.
    Birth(DateOrder),
    /// The country.
    Country,
    /// The postcode, the digits behind it only where they are kept.
    Postcode(PostcodeForm),
    /// The letters, whatever their case.
    Name,
    /// One of these spellings, of the same letters and digits.
    Spelling(BTreeSet<String>),
}

impl Repaired {
    /// Prepares all columns.
    pub fn new(table: &Table, schema: &UnitedSchema, policy: &RepairPolicy) -> Self {
        if policy.level == RepairLevel::None {
            return Self::default();
        }
        let meaning = |c: usize| Meaning::of(c, table, schema, policy);
        Self { columns: (0..schema.columns.len()).map(meaning).collect() }
    }

    /// Whether a cell that a lead shows in column `to` is the raw cell of a record, as it is or
    /// repaired.
    pub fn is(&self, to: usize, raw: &str, cell: &str, source: u16, country: u16) -> bool {
        if raw == cell {
            return true;
        }
        let Some(meaning) = self.columns.get(to) else { return false };
        !raw.is_empty() && !cell.is_empty() && meaning.is_same(raw, cell, source, country)
    }
}

impl Meaning {
    fn of(column: usize, table: &Table, schema: &UnitedSchema, policy: &RepairPolicy) -> Self {
        use Role::{
            BirthDate, Category, City, Company, Country, Created, Department, Email, ExternalId,
            FamilyName, FullName, GivenName, Grade, Industry, LastActivity, LeadSource, MergedIds,
            MiddleName, Mobile, Phone, Postcode, RecordId, Region, Score, Stage, Title, Updated,
        };
        let full = policy.level == RepairLevel::Full;
        match schema.columns[column].role {
            RecordId | ExternalId | MergedIds | Score | Grade | Role::Consent(_) => Self::Exact,
            role if role.is_activity() => Self::Exact,
            Email => Self::Email,
            Phone | Mobile => Self::Phone,
            Created | Updated | LastActivity => Self::Time(orders(column, table, schema)),
            BirthDate => {
                let decided = ColumnOrder::decide(texts(column, table, None)).order;
                let input = schema.inputs.first();
                Self::Birth(input.map_or(decided, |input| with_product(decided, input)))
            }
            Country => Self::Country,
            Postcode if full || policy.postcode.is_some() => {
                Self::Postcode(policy.postcode.unwrap_or_default())
            }
            GivenName | MiddleName | FamilyName | FullName if full => Self::Name,
            Company | Title | Department | City | Region | LeadSource | Stage | Category
            | Industry
                if full =>
            {
                let known = texts(column, table, None).map(|t| text::clean(t).into_owned());
                Self::Spelling(known.collect())
            }
            _ => Self::Text,
        }
    }

    fn is_same(&self, raw: &str, cell: &str, source: u16, country: u16) -> bool {
        match self {
            Self::Exact => false,
            Self::Text => is_cleaned(raw, cell),
            Self::Email => is_small_letters(raw, cell),
            Self::Phone => is_same_number(raw, cell, unpack(country)),
            Self::Time(orders) => {
                let order = orders.get(usize::from(source)).copied().unwrap_or_default();
                let read = |text: &str| date::parse(text, order).value;
                let key = |t: date::DateTime| (t.micros, t.precision, t.offset_minutes);
                is_plain(cell) && both(read(raw).map(key), read(cell).map(key))
            }
            Self::Birth(order) => {
                let read = |text: &str| date::birth(text, *order).value;
                is_plain(cell) && both(read(raw), read(cell))
            }
            Self::Country => {
                is_plain(cell) && both(country::parse(raw).value, country::parse(cell).value)
            }
            Self::Postcode(form) => is_same_postcode(raw, cell, unpack(country), *form),
            Self::Name => {
                is_cleaned(raw, cell)
                    || is_plain(cell) && text::clean(raw).to_lowercase() == cell.to_lowercase()
            }
            Self::Spelling(known) => {
                is_cleaned(raw, cell) || known.contains(cell) && folded(raw) == folded(cell)
            }
        }
    }
}

/// Both are understood, and alike.
fn both<T: PartialEq>(raw: Option<T>, cell: Option<T>) -> bool {
    raw.is_some() && raw == cell
}

/// Nothing about the text is left to clean.
fn is_plain(cell: &str) -> bool {
    text::clean(cell) == cell
}

/// The raw text without needless white space, invisible characters and mojibake; lines may stand.
fn is_cleaned(raw: &str, cell: &str) -> bool {
    text::clean(raw) == cell || cell.contains('\n') && lines(raw).eq(lines(cell))
}

/// The lines of a note, each cleaned, without empty ones.
fn lines(text: &str) -> impl Iterator<Item = String> + '_ {
    let cleaned = text.lines().map(|line| text::clean(line).into_owned());
    cleaned.filter(|line| !line.is_empty())
}

/// The same characters in small letters, and addresses.
fn is_small_letters(raw: &str, cell: &str) -> bool {
    let small = text::clean(raw).to_lowercase();
    let addresses = email::split(cell);
    (cell == small || cell == small.replace(' ', ""))
        && !addresses.is_empty()
        && addresses.iter().all(|a| email::parse(a).value.is_some())
}

/// The same number in other groups, with or without the code of the record's country.
fn is_same_number(raw: &str, cell: &str, country: Option<Country>) -> bool {
    let digits = cell.split_once(" ext. ").map_or(cell, |(number, _)| number);
    if !digits.chars().all(|c| c.is_ascii_digit() || "+-()./ ".contains(c)) {
        // A column whose own letters or signs could not be brought into its form was only cleaned.
        return text::clean(raw) == cell;
    }
    let read = |text: &str| {
        let phone = phone::parse(text, country).value?;
        Some((phone.key(), phone.extension))
    };
    is_plain(cell) && both(read(raw), read(cell))
}

fn is_same_postcode(raw: &str, cell: &str, country: Option<Country>, form: PostcodeForm) -> bool {
    let read = |text: &str| {
        let read = address::postcode(text, country).value?;
        let extension = if form == PostcodeForm::Short { None } else { read.extension };
        Some((read.code, extension))
    };
    is_plain(cell) && both(read(raw), read(cell))
}

/// Letters and digits alone, folded.
fn folded(text: &str) -> String {
    text::tokens(&text::fold(text)).collect::<Vec<_>>().join(" ")
}

fn unpack(code: u16) -> Option<Country> {
    std::str::from_utf8(&code.to_be_bytes()).ok().and_then(Country::from_code)
}

/// The order of day and month that each source's own cells show.
fn orders(column: usize, table: &Table, schema: &UnitedSchema) -> Vec<DateOrder> {
    let of_source = |(source, input)| {
        let own = (schema.inputs.len() > 1).then_some(source as u16);
        with_product(ColumnOrder::decide(texts(column, table, own)).order, input)
    };
    schema.inputs.iter().enumerate().map(of_source).collect()
}

/// Each value that a record (of a source) holds, once.
fn texts(column: usize, table: &Table, source: Option<u16>) -> impl Iterator<Item = &str> {
    let column = &table.columns[column];
    let mut held = vec![false; column.dictionary.len()];
    for record in table.records() {
        if source.is_none_or(|s| table.source[record.index()] == s) {
            held[column.ids[record.index()].index()] = true;
        }
    }
    column.dictionary.iter().zip(held).skip(1).filter(|(_, held)| *held).map(|(text, _)| text)
}

impl super::input::Evidence {
    /// Whether a lead's cell in column `to` is what a record has in column `from`.
    pub fn shows(&self, to: usize, from: usize, record: RecordId, cell: &str) -> bool {
        let country = self.records.features.rows[record.index()].country;
        let source = self.table.source[record.index()];
        self.repaired.is(to, self.cell(from, record), cell, source, country)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repaired_cell_means_what_the_raw_one_means() {
        let mexico = u16::from_be_bytes(*b"MX");
        let time = || Meaning::Time(vec![DateOrder::DayFirst]);
        let known = || Meaning::Spelling(BTreeSet::from(["Acme GmbH".to_string()]));
        let cases = [
            (Meaning::Email, "Ana@X.example", "ana@x.example", true, "small letters"),
            (Meaning::Email, "Ana@X.example", "anb@x.example", false, "another letter"),
            (Meaning::Email, "Ana@X.example", "aNa@x.example", false, "a letter left large"),
            (Meaning::Email, "ana @x.example ", "ana@x.example", true, "spaces around the @"),
            (Meaning::Phone, "33 1234 5678", "+523312345678", true, "the row's country"),
            (Meaning::Phone, "33 1234 5678", "+523312345679", false, "another digit"),
            (Meaning::Phone, "33 1234 5678", "+523312345678 ext. 1", false, "an extension"),
            (Meaning::Phone, "33 1234 5678", "+52 33 1234 5678x", false, "a letter"),
            (time(), "3/4/2026", "2026-04-03", true, "day first"),
            (time(), "3/4/2026", "2026-03-04", false, "month first"),
            (time(), "3/4/2026", "2026-04-04", false, "another day"),
            (time(), "3/4/2026", "2026-04-03T00:00:00Z", false, "a time nobody wrote"),
            (Meaning::Birth(DateOrder::DayFirst), "3/4/1980", "1980-04-03", true, "birthday"),
            (Meaning::Birth(DateOrder::DayFirst), "3/4/1980", "1981-04-03", false, "another year"),
            (Meaning::Country, "Deutschland", "DE", true, "a code"),
            (Meaning::Country, "Deutschland", "DK", false, "another country"),
            (Meaning::Text, " A  b\u{200b} ", "A b", true, "white space"),
            (Meaning::Text, "A b", "a b", false, "letter case"),
            (Meaning::Text, "A b", "A  b", false, "dirtier than it was"),
            (Meaning::Text, "a \r\n\r\n b ", "a\r\n\r\nb", true, "lines"),
            (Meaning::Name, "RUIZ", "Ruiz", true, "letter case"),
            (Meaning::Name, "RUIZ", "Ruis", false, "another letter"),
            (known(), "ACME gmbh", "Acme GmbH", true, "the usual spelling"),
            (known(), "ACME gmbh", "acme Gmbh", false, "a spelling nobody has"),
            (known(), "Acne GmbH", "Acme GmbH", false, "another company"),
            (Meaning::Exact, " A", "A", false, "ids are not repaired"),
        ];
        for (meaning, raw, cell, expected, why) in cases {
            let repaired = Repaired { columns: vec![meaning] };
            assert_eq!(repaired.is(0, raw, cell, 0, mexico), expected, "{why}: {raw:?} {cell:?}");
            assert!(!Repaired::default().is(0, raw, cell, 0, mexico), "no repairs: {why}");
            assert!(repaired.is(0, raw, raw, 0, mexico), "as it is: {why}");
        }
    }
}
