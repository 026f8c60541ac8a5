//! Phones of all records as ids.
//!
//! Reading them needs nothing of a [`Builder`] but the countries of the records, so that it can go on
//! beside the e-mails and names: each of the two has stretches that one thread does alone.

use super::contact::{WithCountry, place};
use super::{Builder, Columns, QUALITY_BAD, QUALITY_FAIR, QUALITY_GOOD, Reading, unpack_country};
use crate::compare::feature::{NONE, Phone};
use crate::normalize::country::Country;
use crate::normalize::phone;
use crate::record::{Dictionary, Table, fnv};
use crate::schema::Role;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// The phone columns, to be read.
pub(super) struct PhoneCells<'a> {
    table: &'a Table,
    columns: Columns,
    /// Per record, see `Row::country`.
    countries: Vec<u16>,
    given: Option<&'a Reading>,
}

/// What the phone columns hold.
pub(super) struct PhonesRead {
    phones: Vec<Phone>,
    columns: Vec<ColumnRead>,
    /// See [`Reading::phones`].
    reading: Vec<(String, Option<String>)>,
}

/// One of them.
struct ColumnRead {
    column: usize,
    /// The distinct (value, country) of each record.
    of_record: Vec<u32>,
    /// The first phone of each.
    one: Vec<u32>,
    /// All phones of those that hold several.
    several: FxHashMap<u32, Vec<u32>>,
    /// A phone of each value, to compare values by.
    first: Vec<u32>,
    quality: Vec<u8>,
}

/// The numbers of a cell, each with whether it is mobile, and the cell's validity.
pub(super) enum Numbers {
    /// It has none.
    None,
    /// Nearly every cell has one.
    One { number: u64, mobile: bool, quality: u8 },
    /// It has several.
    Several(Vec<(u64, bool)>, u8),
}

pub(super) fn parse_phones(cell: &str, country: Option<Country>) -> Numbers {
    if cell.is_empty() {
        return Numbers::None;
    }
    let number = |p: &phone::Phone| (p.key(), p.kind == phone::Kind::Mobile);
    let quality = |p: &phone::Phone| match p.certainty {
        phone::Certainty::Valid => QUALITY_GOOD,
        _ => QUALITY_FAIR,
    };
    if let Some(one) = phone::parse(cell, country).value {
        let (number, mobile) = number(&one);
        return Numbers::One { number, mobile, quality: quality(&one) };
    }
    let parts = phone::split(cell).into_iter();
    let parts: Vec<phone::Phone> =
        parts.filter_map(|part| phone::parse(part, country).value).collect();
    match parts.iter().map(quality).max() {
        None => Numbers::None,
        Some(quality) => Numbers::Several(parts.iter().map(number).collect(), quality),
    }
}

impl PhoneCells<'_> {
    /// Reads every phone column with `parse`, by the country of the record.
    pub(super) fn read(
        self,
        parse: impl Fn(&str, Option<Country>) -> Numbers + Sync,
    ) -> PhonesRead {
        let mut known: FxHashMap<u64, u32> = FxHashMap::default();
        let mut all =
            PhonesRead { phones: vec![Phone::default()], columns: Vec::new(), reading: Vec::new() };
        for &column in &self.columns {
            let (usual, header) = (self.usual_country(column), &self.table.columns[column].header);
            let code = usual.map(|c| String::from_utf8_lossy(&c.code()).into_owned());
            all.reading.push((header.clone(), code));
            let read = self.read_column(column, usual, &parse, &mut known, &mut all.phones);
            all.columns.push(read);
        }
        all
    }

    /// Rows without a country are read by the one most numbers of the column fit.
    fn usual_country(&self, column: usize) -> Option<Country> {
        let column = &self.table.columns[column];
        match self.given.and_then(|given| Reading::of(&given.phones, &column.header)) {
            Some(country) => country.and_then(|code| Country::from_code(&code)),
            None => phone::column_country(sample(&column.dictionary)),
        }
    }

    fn read_column(
        &self,
        column: usize,
        usual: Option<Country>,
        parse: &(impl Fn(&str, Option<Country>) -> Numbers + Sync),
        known: &mut FxHashMap<u64, u32>,
        phones: &mut Vec<Phone>,
    ) -> ColumnRead {
        let cells = WithCountry::of(&self.table.columns[column], self.countries.iter().copied());
        let dictionary = &self.table.columns[column].dictionary;
        let parsed: Vec<Numbers> = cells
            .keys
            .par_iter()
            .with_min_len(256)
            .map(|&(value, country)| {
                parse(dictionary.get(value), unpack_country(country).or(usual))
            })
            .collect();
        known.reserve(parsed.len());
        let mut intern = |(number, mobile): (u64, bool)| {
            *known.entry(number).or_insert_with(|| {
                let tail = phone::Phone::tail_of_key(number);
                phones.push(Phone { number, tail, mobile, ..Phone::default() });
                (phones.len() - 1) as u32
            })
        };
        let mut quality = vec![QUALITY_BAD; dictionary.len()];
        let mut first = vec![NONE; dictionary.len()];
        let mut one = vec![NONE; parsed.len()];
        let mut several: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for (key, (&(value, _), numbers)) in cells.keys.iter().zip(parsed).enumerate() {
            let good = match numbers {
                Numbers::None => continue,
                Numbers::One { number, mobile, quality } => {
                    one[key] = intern((number, mobile));
                    quality
                }
                Numbers::Several(numbers, quality) => {
                    let ids: Vec<u32> = numbers.into_iter().map(&mut intern).collect();
                    one[key] = ids.first().copied().unwrap_or(NONE);
                    several.insert(key as u32, ids);
                    quality
                }
            };
            let slot = &mut quality[value.index()];
            *slot = (*slot).max(good);
            let slot = &mut first[value.index()];
            *slot = (*slot).max(one[key]);
        }
        ColumnRead { column, of_record: cells.of_record, one, several, first, quality }
    }
}

impl<'a> Builder<'a> {
    /// The phone columns, once the countries are known.
    pub(super) fn phone_cells(&self) -> PhoneCells<'a> {
        PhoneCells {
            table: self.table,
            columns: self.columns_of(&[Role::Phone, Role::Mobile]),
            countries: self.features.rows.iter().map(|row| row.country).collect(),
            given: self.given,
        }
    }

    /// Takes what was read of them.
    pub(super) fn take_phones(&mut self, read: PhonesRead) {
        self.features.phones = read.phones;
        self.reading.phones = read.reading;
        for one in read.columns {
            self.place_phones(&one);
            self.quality[one.column] = Some(one.quality);
            self.note_keys(one.column, one.first.into_iter());
        }
        self.features.more_phones.sort_unstable();
    }

    fn place_phones(&mut self, read: &ColumnRead) {
        let (rows, more) = (&mut self.features.rows, &mut self.features.more_phones);
        for (row, (record, cell)) in rows.iter_mut().zip(read.of_record.iter().enumerate()) {
            let id = read.one[*cell as usize];
            if id == NONE {
                continue;
            }
            match read.several.get(cell) {
                None => place(&mut row.phone, more, record, id),
                Some(ids) => ids.iter().for_each(|&id| place(&mut row.phone, more, record, id)),
            }
        }
    }
}

/// Some thousand values of a column, chosen by content, so that row order does not matter.
fn sample(dictionary: &Dictionary) -> impl Iterator<Item = &str> {
    const VALUES: usize = 4096;
    let every = (dictionary.len() / VALUES).max(1) as u64;
    dictionary.iter().skip(1).filter(move |v| (fnv(v) >> 20).is_multiple_of(every))
}
