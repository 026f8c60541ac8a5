//! Records for checks alone: what they look at, worked out for the records they look at.
//!
//! Beside `records`, which works out all that matching, merging and scoring read. A check asks of
//! nearly every value only whether it is one, and reads names and companies of those records alone
//! that share an address or number, or whose mailbox spells a name. Why here and not in the checks:
//! they find the same in what a whole run worked out, and need not know which it was.
//!
//! What is left out: streets, job titles and columns of their own as values (their validity is
//! there), names and companies of all other records (they have [`UNREAD`]), how often tokens, words
//! and mailboxes occur, and the validity of values that no check asks for.

mod email;
mod name;
mod phone;

use super::{Builder, QUALITY_BAD, QUALITY_GOOD, Records};
use crate::compare::feature::{Company, NONE};
use crate::normalize::{address, company, title};
use crate::record::{Dictionary, Table, ValueId};
use crate::schema::{Role, UnitedSchema};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// The id of a name or company that was not read: there is one.
const UNREAD: u32 = 1;

/// Normalizes as much of all records as checks look at; they find the same as in [`super::records`].
pub fn records_for_checks(table: &Table, schema: &UnitedSchema) -> Records {
    let mut builder = Builder::new(table, schema);
    builder.read_countries();
    let phones = builder.phone_cells();
    let (phones, ()) = rayon::join(
        || phones.read(phone::numbers),
        || {
            builder.look_at_emails();
            builder.read_websites();
            builder.read_cities();
            builder.read_postcodes();
        },
    );
    builder.take_phones(phones);
    builder.look_at_streets();
    builder.look_at_titles();
    let shared = builder.count_holders();
    builder.look_at_names(&shared);
    builder.count_names_of_phones();
    builder.look_at_companies();
    builder.read_births();
    builder.finish_with(not_asked_for)
}

/// No check asks whether values without a kind of their own are usable.
fn not_asked_for(_: &Dictionary) -> Vec<u8> {
    Vec::new()
}

fn good_if(good: bool) -> u8 {
    if good { QUALITY_GOOD } else { QUALITY_BAD }
}

impl Builder<'_> {
    /// Counts how many records each address and number sits on; gives the records that share one.
    fn count_holders(&mut self) -> Vec<bool> {
        let f = &self.features;
        let mut emails = vec![0u32; f.emails.len()];
        let mut phones = vec![0u32; f.phones.len()];
        rayon::join(
            || (0..f.len()).for_each(|r| f.emails_of(r).for_each(|e| emails[e as usize] += 1)),
            || (0..f.len()).for_each(|r| f.phones_of(r).for_each(|p| phones[p as usize] += 1)),
        );
        let shares = |r: usize| {
            f.emails_of(r).any(|e| emails[e as usize] > 1)
                || f.phones_of(r).any(|p| phones[p as usize] > 1)
        };
        let shared = (0..f.len()).into_par_iter().with_min_len(4096).map(shares).collect();
        let f = &mut self.features;
        f.emails.iter_mut().zip(emails).for_each(|(email, records)| email.records = records);
        f.phones.iter_mut().zip(phones).for_each(|(phone, records)| phone.records = records);
        shared
    }

    /// Counts how many different names each shared number sits on.
    fn count_names_of_phones(&mut self) {
        let f = &self.features;
        let shared = |r: u32| {
            let own = f.phones_of(r as usize).filter(|&p| f.phones[p as usize].records > 1);
            own.map(move |p| (p, r))
        };
        let mut entries: Vec<(u32, u64)> = (0..f.len() as u32)
            .into_par_iter()
            .with_min_len(4096)
            .flat_map_iter(shared)
            .map(|(p, r)| (p, super::person::shape(f, f.rows[r as usize].name)))
            .collect();
        entries.par_sort_unstable();
        let f = &mut self.features;
        for group in entries.chunk_by(|x, y| x.0 == y.0) {
            let names = group.chunk_by(|x, y| x.1 == y.1).filter(|g| g[0].1 != 0).count();
            f.phones[group[0].0 as usize].names = names as u32;
        }
    }

    /// Whether streets are streets.
    fn look_at_streets(&mut self) {
        for column in self.columns_of(&[Role::Street, Role::FormattedAddress]) {
            let whole = self.roles[column] == Role::FormattedAddress;
            let cells = self.distinct_with_country(column);
            let dictionary = &self.table.columns[column].dictionary;
            let is_street = |&(value, c): &(ValueId, u16)| {
                let (cell, country) = (dictionary.get(value), super::unpack_country(c));
                let street = if whole {
                    address::formatted(cell, country).value.and_then(|a| a.street)
                } else {
                    address::street(cell, country).value
                };
                street.is_some_and(|s| !s.name.is_empty())
            };
            let good: Vec<bool> = cells.keys.par_iter().with_min_len(256).map(is_street).collect();
            let mut quality = vec![QUALITY_BAD; dictionary.len()];
            for (&(value, _), good) in cells.keys.iter().zip(good) {
                quality[value.index()] = good_if(good);
            }
            self.quality[column] = Some(quality);
        }
    }

    /// Whether job titles are titles.
    fn look_at_titles(&mut self) {
        for column in self.columns_of(&[Role::Title]) {
            let is_title = |cell: &str| {
                let read = title::parse(cell).value;
                read.is_some_and(|t| !t.placeholder && !t.canonical.is_empty())
            };
            self.quality[column] = Some(self.judge(column, is_title));
        }
    }

    /// Whether values of a column are usable, side by side.
    fn judge(&self, column: usize, is_good: impl Fn(&str) -> bool + Sync) -> Vec<u8> {
        let dictionary = &self.table.columns[column].dictionary;
        (0..dictionary.len() as u32)
            .into_par_iter()
            .with_min_len(256)
            .map(|v| good_if(is_good(dictionary.get(ValueId(v)))))
            .collect()
    }

    /// Whether companies are companies; read are those of records on whose phone other names sit.
    fn look_at_companies(&mut self) {
        let columns = self.columns_of(&[Role::Company]);
        let [column] = columns[..] else { return self.read_companies() };
        let is_company = |cell: &str| {
            let named = |c: company::Company| !c.placeholder && !c.core.is_empty();
            company::is_plain(cell) || company::parse(cell).value.is_some_and(named)
        };
        let quality = self.judge(column, is_company);
        let cells = &self.table.columns[column];
        let mut ids = vec![NONE; cells.dictionary.len()];
        let f = &self.features;
        for (record, value) in cells.ids.iter().enumerate() {
            if f.phones_of(record).any(|p| f.phones[p as usize].names > 1) {
                ids[value.index()] = UNREAD;
            }
        }
        let read = |v: usize| {
            let asked = ids[v] == UNREAD && quality[v] == QUALITY_GOOD;
            asked.then(|| company::parse(cells.dictionary.get(ValueId(v as u32))).value)?
        };
        let parsed: Vec<Option<company::Company>> =
            (0..ids.len()).into_par_iter().with_min_len(512).map(read).collect();
        let mut known = FxHashMap::default();
        let mut tokens = Vec::new();
        let mut companies = vec![Company::default(); UNREAD as usize + 1];
        for (v, one) in parsed.into_iter().enumerate() {
            ids[v] = match one {
                Some(one) => self.intern_company(&one, &mut known, &mut companies, &mut tokens),
                None if quality[v] == QUALITY_GOOD => UNREAD,
                None => NONE,
            };
        }
        self.features
            .rows
            .par_iter_mut()
            .with_min_len(4096)
            .zip(&cells.ids)
            .for_each(|(row, value)| row.company = ids[value.index()]);
        self.quality[column] = Some(quality);
        self.features.companies = companies;
        self.features.company_tokens = tokens;
    }
}
