//! E-mails of all records as ids, and what addresses and numbers are shared by.

use super::{Builder, Columns, QUALITY_BAD, QUALITY_GOOD};
use crate::compare::feature::{Email, Local, NONE};
use crate::normalize::email;
use crate::record::{Column, DictionaryBuilder, ValueId};
use crate::schema::Role;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// A parsed address, before it has ids.
pub(super) struct Address {
    pub(super) identity: String,
    pub(super) local: String,
    pub(super) domain: String,
    pub(super) registrable: String,
    pub(super) role: bool,
    pub(super) free: bool,
}

/// Values of one record beyond its inline slots are kept apart.
pub(super) fn place<const N: usize>(
    slots: &mut [u32; N],
    more: &mut Vec<(u32, u32)>,
    record: usize,
    id: u32,
) {
    if slots.contains(&id) {
        return;
    }
    match slots.iter_mut().find(|s| **s == NONE) {
        Some(slot) => *slot = id,
        // Only full slots have more.
        None if more.contains(&(record as u32, id)) => {}
        None => more.push((record as u32, id)),
    }
}

/// `place`, for a list that may be long: only the record's own tail is searched.
pub(crate) fn place_in_order<const N: usize>(
    slots: &mut [u32; N],
    more: &mut Vec<(u32, u32)>,
    record: usize,
    id: u32,
) {
    let own = more.iter().rev().take_while(|m| m.0 == record as u32).count();
    let mut tail = more.split_off(more.len() - own);
    place(slots, &mut tail, record, id);
    more.append(&mut tail);
}

impl Builder<'_> {
    /// Reads every e-mail column.
    pub(super) fn read_emails(&mut self) {
        match self.columns_of(&[Role::Email])[..] {
            [column] => self.read_only_emails(column),
            _ => self.read_email_columns(),
        }
    }

    /// Reads several e-mail columns: an address may stand in any of them.
    pub(super) fn read_email_columns(&mut self) {
        let columns: Columns = self.columns_of(&[Role::Email]);
        let mut identities = DictionaryBuilder::default();
        let mut locals = DictionaryBuilder::default();
        let mut domains = std::mem::take(&mut self.domains);
        let mut emails = vec![Email::default()];
        let mut cells: Vec<Vec<Vec<u32>>> = Vec::new();
        for &column in &columns {
            let dictionary = &self.table.columns[column].dictionary;
            let parsed: Vec<(Vec<Address>, u8)> = (0..dictionary.len() as u32)
                .into_par_iter()
                .with_min_len(512)
                .map(|v| parse_cell(dictionary.get(ValueId(v))))
                .collect();
            let mut ids = Vec::with_capacity(parsed.len());
            let mut quality = Vec::with_capacity(parsed.len());
            for (addresses, good) in parsed {
                quality.push(good);
                ids.push(
                    addresses
                        .iter()
                        .filter_map(|a| {
                            intern_email(a, &mut identities, &mut locals, &mut domains, &mut emails)
                        })
                        .collect(),
                );
            }
            self.quality[column] = Some(quality);
            self.note_keys(
                column,
                ids.iter().map(|all: &Vec<u32>| all.first().copied().unwrap_or(NONE)),
            );
            cells.push(ids);
        }
        for record in 0..self.table.len() {
            for (&column, ids) in columns.iter().zip(&cells) {
                let value = self.table.columns[column].ids[record];
                for &id in &ids[value.index()] {
                    let slots = &mut self.features.rows[record].email;
                    place_in_order(slots, &mut self.features.more_emails, record, id);
                }
            }
        }
        self.features.locals = vec![Local::default(); locals.dictionary().len()];
        self.features.local_text = locals.finish();
        self.features.emails = emails;
        self.email_text = identities.finish();
        self.domains = domains;
    }
}

pub(super) fn parse_cell(cell: &str) -> (Vec<Address>, u8) {
    if cell.is_empty() {
        return (Vec::new(), QUALITY_BAD);
    }
    let mut addresses = Vec::new();
    let mut quality = QUALITY_BAD;
    let whole = email::parse(cell);
    let parts: Vec<_> = match whole.value {
        Some(one) => vec![one],
        None => email::split(cell).into_iter().filter_map(|p| email::parse(p).value).collect(),
    };
    for one in parts {
        if one.placeholder {
            continue;
        }
        quality = QUALITY_GOOD;
        addresses.push(Address {
            identity: one.identity_key(),
            role: one.role,
            free: one.free || one.disposable,
            local: one.local,
            domain: one.domain,
            registrable: one.registrable,
        });
    }
    (addresses, quality)
}

fn intern_email(
    address: &Address,
    identities: &mut DictionaryBuilder,
    locals: &mut DictionaryBuilder,
    domains: &mut DictionaryBuilder,
    emails: &mut Vec<Email>,
) -> Option<u32> {
    let id = identities.intern(&address.identity)?;
    if id.index() < emails.len() {
        return Some(id.0);
    }
    let mut email = Email {
        local: locals.intern(&address.local)?.0,
        domain: domains.intern(&address.domain)?.0,
        registrable: domains.intern(&address.registrable)?.0,
        role: address.role,
        free: address.free,
        ..Email::default()
    };
    email.describe(&address.local);
    emails.push(email);
    Some(id.0)
}

/// Distinct (value, country) of a column, and which of them each record holds.
pub(super) struct WithCountry {
    pub(super) keys: Vec<(ValueId, u16)>,
    pub(super) of_record: Vec<u32>,
}

impl WithCountry {
    /// Of a column of records that are in these countries.
    pub(super) fn of(column: &Column, countries: impl Iterator<Item = u16>) -> Self {
        // Nearly every value is met in one country only: the first one is kept beside the value.
        let mut first = vec![(0u32, 0u16); column.dictionary.len()];
        let mut index: FxHashMap<(u32, u16), u32> = FxHashMap::default();
        let mut keys = vec![(ValueId::MISSING, 0)];
        let mut of_record = Vec::with_capacity(column.ids.len());
        for (&value, country) in column.ids.iter().zip(countries) {
            let known = first[value.index()];
            of_record.push(if value.is_missing() {
                0
            } else if known.0 == 0 {
                keys.push((value, country));
                first[value.index()] = ((keys.len() - 1) as u32, country);
                (keys.len() - 1) as u32
            } else if known.1 == country {
                known.0
            } else {
                *index.entry((value.0, country)).or_insert_with(|| {
                    keys.push((value, country));
                    (keys.len() - 1) as u32
                })
            });
        }
        Self { keys, of_record }
    }
}

impl Builder<'_> {
    pub(super) fn distinct_with_country(&self, column: usize) -> WithCountry {
        let countries = self.features.rows.iter().map(|row| row.country);
        WithCountry::of(&self.table.columns[column], countries)
    }
}

impl Builder<'_> {
    /// Counts how many records and different names each address and number sits on.
    pub(super) fn count_sharing(&mut self) {
        let f = &self.features;
        let shapes: Vec<u64> = f.rows.iter().map(|row| super::person::shape(f, row.name)).collect();
        let emails = super::sharing(f.len(), f.emails.len(), &shapes, |r| f.emails_of(r).collect());
        let phones = super::sharing(f.len(), f.phones.len(), &shapes, |r| f.phones_of(r).collect());
        let locals = super::sharing(f.len(), f.locals.len(), &shapes, |r| {
            f.emails_of(r).map(|e| f.emails[e as usize].local).collect()
        });
        let streets = super::sharing(f.len(), f.streets.len(), &shapes, |r| {
            let street = f.rows[r].street;
            if street == NONE { Vec::new() } else { vec![street] }
        });
        let derived: Vec<u32> = (0..f.len())
            .into_par_iter()
            .with_min_len(1024)
            .flat_map_iter(|r| {
                let row = &f.rows[r];
                f.emails_of(r)
                    .map(|e| f.emails[e as usize].local)
                    .filter(|&l| f.is_built_from_name(row, f.local(l)))
                    .collect::<Vec<_>>()
            })
            .collect();
        let f = &mut self.features;
        for (email, (records, names)) in f.emails.iter_mut().zip(emails) {
            (email.records, email.names) = (records, names);
        }
        for (phone, (records, names)) in f.phones.iter_mut().zip(phones) {
            (phone.records, phone.names) = (records, names);
        }
        for (local, (records, names)) in f.locals.iter_mut().zip(locals) {
            (local.records, local.names) = (records, names);
        }
        for (street, (_, names)) in f.streets.iter_mut().zip(streets) {
            street.names = names;
        }
        for local in derived {
            f.locals[local as usize].from_name = true;
        }
    }
}
