//! What matching reads of the known records, in bytes.
//!
//! Beside the cells, which are an input again once a record is in the run: most candidates are only
//! compared, and for that nothing need be read anew. A bucket holds the records of a stretch of
//! numbers, because candidates are many and a row each would cost more than its content.

use super::pack::{Rest, push};
use super::{Known, Question, phone_hash};
use crate::blocking::ids::email_hash;
use crate::compare::feature::Features;
use crate::compare::meaning::{EmailText, Gathering, Meaning, NameText, Number};
use crate::error::Result;
use rayon::prelude::*;
use rusqlite::{Connection, params};
use std::collections::BTreeSet;

/// Numbers whose records share a bucket: its bytes fill the pages of the file but for a few in a hundred.
const BUCKET: i64 = 128;
/// Buckets that are made side by side before they are written.
const BATCH: usize = 2048;

/// What a record has, in the order it is written.
mod has {
    pub(super) const NAME: u64 = 1;
    pub(super) const EMAIL: u64 = 1 << 1;
    pub(super) const PHONE: u64 = 1 << 2;
    pub(super) const TEXTS: u64 = 1 << 3;
    pub(super) const NUMBERS: u64 = 1 << 10;
    pub(super) const GENERIC: u64 = 1 << 14;
}
/// Texts of a record, from [`has::TEXTS`] on.
const TEXTS: usize = 7;
/// Bits of a phone number below its country's code.
const CODE: u32 = 54;
/// Numbers of a record, from [`has::NUMBERS`] on.
const NUMBERS: usize = 4;

/// Writes the meanings of all records; `order` are the records by their numbers.
pub(super) fn store(
    connection: &Connection,
    features: &Features,
    numbers: &[i64],
    order: &[u32],
) -> rusqlite::Result<()> {
    let bucket = |r: &u32| numbers[*r as usize].div_euclid(BUCKET);
    let buckets: Vec<&[u32]> = order.chunk_by(|x, y| bucket(x) == bucket(y)).collect();
    let sql = "INSERT INTO known_meaning (bucket, entries) VALUES (?1, ?2)";
    let mut insert = connection.prepare(sql)?;
    for batch in buckets.chunks(BATCH) {
        let packed: Vec<Vec<u8>> = batch
            .par_iter()
            .map(|records| {
                let (mut out, mut one) = (Vec::new(), Vec::new());
                for &r in *records {
                    one.clear();
                    write(&Meaning::of(features, r as usize), &mut one);
                    entry(numbers[r as usize], &one, &mut out);
                }
                out
            })
            .collect();
        for (records, entries) in batch.iter().zip(packed) {
            insert.execute(params![bucket(&records[0]), entries])?;
        }
    }
    Ok(())
}

fn entry(number: i64, meaning: &[u8], out: &mut Vec<u8>) {
    push(number.rem_euclid(BUCKET) as u64, out);
    push(meaning.len() as u64, out);
    out.extend(meaning);
}

/// The entries of a bucket: the record's number, and what it means in bytes.
fn entries(bucket: i64, bytes: &[u8]) -> impl Iterator<Item = (i64, &[u8])> {
    let mut rest = Rest(bytes);
    std::iter::from_fn(move || {
        let number = i64::try_from(rest.number()?).ok().filter(|&n| n < BUCKET)?;
        let len = usize::try_from(rest.number()?).ok()?;
        Some((bucket.checked_mul(BUCKET)? + number, rest.take(len)?))
    })
}

/// Takes records out of their buckets; how many are gone.
pub(super) fn remove(connection: &Connection, records: &BTreeSet<i64>) -> rusqlite::Result<usize> {
    let buckets: BTreeSet<i64> = records.iter().map(|no| no.div_euclid(BUCKET)).collect();
    let mut read = connection.prepare("SELECT entries FROM known_meaning WHERE bucket = ?1")?;
    let mut put = connection.prepare("UPDATE known_meaning SET entries = ?2 WHERE bucket = ?1")?;
    let mut gone = 0;
    for bucket in buckets {
        let mut kept = Vec::new();
        let mut rows = read.query([bucket])?;
        let Some(row) = rows.next()? else { continue };
        for (number, meaning) in entries(bucket, row.get_ref(0)?.as_blob()?) {
            match records.contains(&number) {
                true => gone += 1,
                false => entry(number, meaning, &mut kept),
            }
        }
        drop(rows);
        put.execute(params![bucket, kept])?;
    }
    Ok(gone)
}

/// Hands out every known record with what it means; `false` for a state of an earlier version, which
/// keeps no meanings until it is audited again.
pub(in crate::state) fn each(
    connection: &Connection,
    mut each: impl FnMut(i64, &Meaning),
) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare("SELECT bucket, entries FROM known_meaning")?;
    let mut rows = statement.query([])?;
    let mut any = false;
    while let Some(row) = rows.next()? {
        any = true;
        for (number, meaning) in entries(row.get(0)?, row.get_ref(1)?.as_blob()?) {
            if let Some(meaning) = read(meaning) {
                each(number, &meaning);
            }
        }
    }
    Ok(any)
}

impl Known<'_> {
    /// Adds records to features, in order of their numbers. `None` for a state of an earlier version,
    /// which keeps no meanings until it is audited again.
    ///
    /// # Errors
    /// [`crate::error::Error::Format`] for a state that is damaged.
    pub fn gather(&self, records: &BTreeSet<i64>, onto: &Features) -> Result<Option<Features>> {
        let mut gathering = Gathering::new(onto.clone(), records.len());
        let all_read = self.meanings(records, |meaning| gathering.push(&meaning))?;
        Ok(all_read.then(|| gathering.finish()))
    }

    /// Asks for refusals at the addresses of known records, too; `false` as
    /// [`gather`](Self::gather) gives `None`.
    ///
    /// # Errors
    /// [`crate::error::Error::Format`] for a state that is damaged.
    pub fn ask_addresses(&self, records: &BTreeSet<i64>, question: &mut Question) -> Result<bool> {
        self.meanings(records, |meaning| {
            let emails = meaning.emails.iter().map(|e| email_hash(e.local, e.domain));
            let phones = meaning.phones.iter().map(|p| phone_hash(p.number));
            question.addresses.extend(emails.chain(phones));
        })
    }

    fn meanings(&self, records: &BTreeSet<i64>, each: impl FnMut(Meaning)) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM known_meaning)";
        let kept: rusqlite::Result<bool> = self.connection.query_row(sql, [], |row| row.get(0));
        if !kept.map_err(|cause| self.failed(&cause))? {
            return Ok(false);
        }
        let read = self.read_meanings(records, each).map_err(|cause| self.failed(&cause))?;
        if read != records.len() {
            let remedy = "run leadmend audit again with it";
            return Err(self.state.refused("has records that cannot be read back", remedy));
        }
        Ok(true)
    }

    fn read_meanings(
        &self,
        records: &BTreeSet<i64>,
        mut each: impl FnMut(Meaning),
    ) -> rusqlite::Result<usize> {
        let sql = "SELECT entries FROM known_meaning WHERE bucket = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut sought = records.iter().peekable();
        let mut found = 0;
        while let Some(bucket) = sought.peek().map(|no| no.div_euclid(BUCKET)) {
            let mut rows = statement.query([bucket])?;
            let bytes = match rows.next()? {
                Some(row) => row.get_ref(0)?.as_blob()?,
                None => &[],
            };
            for (number, meaning) in entries(bucket, bytes) {
                while sought.next_if(|&&no| no < number).is_some() {}
                if sought.next_if(|&&no| no == number).is_some()
                    && let Some(meaning) = read(meaning)
                {
                    each(meaning);
                    found += 1;
                }
            }
            while sought.next_if(|no| no.div_euclid(BUCKET) <= bucket).is_some() {}
        }
        Ok(found)
    }
}

fn text(text: &str, out: &mut Vec<u8>) {
    push(text.len() as u64, out);
    out.extend(text.as_bytes());
}

fn bit(is: bool, at: u32) -> u64 {
    u64::from(is) << at
}

fn write(m: &Meaning, out: &mut Vec<u8>) {
    let texts = [m.company, m.website, m.house, m.street, m.postcode, m.city, m.title];
    let numbers = [m.birth.into(), m.country.into(), m.region.into(), u64::from(m.flags)];
    let mut mask = 0;
    mask |= u64::from(m.name.is_some()) * has::NAME;
    mask |= u64::from(!m.emails.is_empty()) * has::EMAIL;
    mask |= u64::from(!m.phones.is_empty()) * has::PHONE;
    mask |= u64::from(!m.generics.is_empty()) * has::GENERIC;
    for (at, text) in texts.iter().enumerate() {
        mask |= u64::from(!text.is_empty()) * (has::TEXTS << at);
    }
    for (at, number) in numbers.iter().enumerate() {
        mask |= u64::from(*number != 0) * (has::NUMBERS << at);
    }
    push(mask, out);
    if let Some(name) = &m.name {
        write_name(name, out);
    }
    if !m.emails.is_empty() {
        push(m.emails.len() as u64, out);
        m.emails.iter().for_each(|email| write_email(email, out));
    }
    if !m.phones.is_empty() {
        push(m.phones.len() as u64, out);
        for phone in &m.phones {
            // The country's code stands above the number: together they would take nine bytes.
            push((phone.number >> CODE) << 1 | u64::from(phone.mobile), out);
            push(phone.number & ((1 << CODE) - 1), out);
        }
    }
    texts.iter().filter(|one| !one.is_empty()).for_each(|one| text(one, out));
    numbers.iter().filter(|one| **one != 0).for_each(|one| push(*one, out));
    if !m.generics.is_empty() {
        push(m.generics.len() as u64, out);
        for (column, value) in &m.generics {
            push(*column as u64, out);
            text(value, out);
        }
    }
}

/// Joined names are written where they are not the one name that is there.
fn write_name(name: &NameText, out: &mut Vec<u8>) {
    let counts = [0, 1].map(|i| u64::from(name.counts[i].min(3)));
    let own = [name.given[0], name.family[0]];
    let same = [0, 1].map(|i| bit(name.joined[i] == own[i], 0));
    let generation = u64::from(name.generation);
    push(counts[0] | counts[1] << 2 | same[0] << 4 | same[1] << 5 | generation << 6, out);
    for (part, names) in [name.given, name.family].iter().enumerate() {
        names[..counts[part] as usize].iter().for_each(|one| text(one, out));
        if same[part] == 0 {
            text(name.joined[part], out);
        }
    }
}

fn write_email(email: &EmailText, out: &mut Vec<u8>) {
    let same = email.registrable == email.domain;
    push(bit(email.role, 0) | bit(email.free, 1) | bit(same, 2), out);
    text(email.local, out);
    text(email.domain, out);
    if !same {
        text(email.registrable, out);
    }
}

fn read(bytes: &[u8]) -> Option<Meaning<'_>> {
    let mut rest = Rest(bytes);
    let mask = rest.number()?;
    let mut m = Meaning::default();
    if mask & has::NAME != 0 {
        m.name = Some(read_name(&mut rest)?);
    }
    if mask & has::EMAIL != 0 {
        m.emails = read_all(&mut rest, read_email)?;
    }
    if mask & has::PHONE != 0 {
        m.phones = read_all(&mut rest, |rest| {
            let (code, number) = (rest.number()?, rest.number()?);
            Some(Number { number: (code >> 1) << CODE | number, mobile: code & 1 == 1 })
        })?;
    }
    let mut texts = [""; TEXTS];
    for (at, slot) in texts.iter_mut().enumerate() {
        if mask & has::TEXTS << at != 0 {
            *slot = rest.text()?;
        }
    }
    [m.company, m.website, m.house, m.street, m.postcode, m.city, m.title] = texts;
    let mut numbers = [0; NUMBERS];
    for (at, slot) in numbers.iter_mut().enumerate() {
        if mask & has::NUMBERS << at != 0 {
            *slot = rest.number()?;
        }
    }
    m.birth = numbers[0] as u32;
    [m.country, m.region, m.flags] = [numbers[1], numbers[2], numbers[3]].map(|n| n as u16);
    if mask & has::GENERIC != 0 {
        m.generics = read_all(&mut rest, |rest| {
            Some((usize::try_from(rest.number()?).ok()?, rest.text()?))
        })?;
    }
    Some(m)
}

/// A list with its length before it; damaged bytes claim no more than they hold.
fn read_all<'a, T>(
    rest: &mut Rest<'a>,
    read: impl Fn(&mut Rest<'a>) -> Option<T>,
) -> Option<Vec<T>> {
    let count = usize::try_from(rest.number()?).ok().filter(|&count| count <= rest.0.len())?;
    (0..count).map(|_| read(rest)).collect()
}

fn read_name<'a>(rest: &mut Rest<'a>) -> Option<NameText<'a>> {
    let code = rest.number()?;
    let mut name = NameText {
        counts: [code & 3, code >> 2 & 3].map(|n| n as u8),
        generation: (code >> 6) as u8,
        ..NameText::default()
    };
    for part in 0..2 {
        let names = if part == 0 { &mut name.given } else { &mut name.family };
        for slot in names.iter_mut().take(usize::from(name.counts[part])) {
            *slot = rest.text()?;
        }
        let same = code >> (4 + part) & 1 == 1;
        name.joined[part] = if same { names[0] } else { rest.text()? };
    }
    Some(name)
}

fn read_email<'a>(rest: &mut Rest<'a>) -> Option<EmailText<'a>> {
    let code = rest.number()?;
    let (local, domain) = (rest.text()?, rest.text()?);
    let registrable = if code & 4 != 0 { domain } else { rest.text()? };
    Some(EmailText { local, domain, registrable, role: code & 1 != 0, free: code & 2 != 0 })
}

#[cfg(test)]
mod tests;
