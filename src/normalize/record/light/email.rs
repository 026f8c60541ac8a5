//! E-mail addresses for checks: a plain one is its own identity and need not be taken apart.
//!
//! A domain is read once, by `email::parse`; an address of plain small letters at a domain that
//! needs no repair then follows from its two halves. Two distinct plain cells are two addresses, so
//! that they get their ids without a dictionary; only what had to be read is looked up.

use super::super::contact::{Address, parse_cell, place_in_order};
use super::super::{Builder, MailDomain, QUALITY_GOOD};
use crate::compare::feature::{Email, Local, NONE};
use crate::normalize::email;
use crate::record::{Dictionary, DictionaryBuilder, ValueId};
use crate::schema::Role;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// A cell of an e-mail column.
enum Cell {
    /// Its own identity.
    Plain { at: u32, domain: u32, role: bool },
    /// Read: its addresses, and whether it is usable.
    Read(Vec<Address>, u8),
}

/// What a domain says of the plain addresses at it.
struct Domain {
    registrable: String,
    free: bool,
    mail: MailDomain,
    /// Dots of the local part mean nothing here.
    dotless: bool,
}

/// All addresses of a column, as far as they were met.
#[derive(Default)]
struct Addresses {
    emails: Vec<Email>,
    /// Local part of each.
    locals: Dictionary,
    domains: DictionaryBuilder,
}

impl Builder<'_> {
    /// Reads the e-mail column; several are read as for a whole run.
    pub(super) fn look_at_emails(&mut self) {
        match self.columns_of(&[Role::Email])[..] {
            [column] => {
                let (all, known) = self.read_email_column(column);
                self.mail_domains = all.mail_domains(&known);
                self.features.emails = all.emails;
                self.features.local_text = all.locals;
                self.domains = all.domains;
            }
            _ => self.read_email_columns(),
        }
    }

    /// Reads the only e-mail column of a whole run.
    pub(in super::super) fn read_only_emails(&mut self, column: usize) {
        let (mut all, _) = self.read_email_column(column);
        let mut locals = DictionaryBuilder::default();
        let mut ids = Vec::with_capacity(all.locals.len());
        let texts = all.locals.iter();
        // A full dictionary leaves the rest without a local part.
        let _full = locals.intern_all(texts, &mut ids);
        drop(std::mem::take(&mut all.locals));
        let text = locals.finish();
        all.emails.par_iter_mut().with_min_len(4096).skip(1).for_each(|email| {
            email.local = ids.get(email.local as usize).map_or(NONE, |id| id.0);
            email.describe(text.get(ValueId(email.local)));
        });
        self.features.locals = vec![Local::default(); text.len()];
        self.features.local_text = text;
        self.features.emails = all.emails;
        self.domains = all.domains;
    }

    /// Reads the only e-mail column into addresses, with what the plain domains say. Local parts
    /// get an id per address, not per text.
    fn read_email_column(&mut self, column: usize) -> (Addresses, Vec<Option<Domain>>) {
        let dictionary = &self.table.columns[column].dictionary;
        let mut all = Addresses { emails: vec![Email::default()], ..Addresses::default() };
        let (cells, known) = cells(dictionary, &mut all.domains);

        // What was read comes first: a plain cell may be one of those.
        let mut identities = DictionaryBuilder::default();
        let mut first = vec![NONE; cells.len()];
        let mut several: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for (v, cell) in cells.iter().enumerate() {
            let Cell::Read(addresses, _) = cell else { continue };
            let ids = addresses.iter().filter_map(|a| all.take(a, &mut identities));
            let ids: Vec<u32> = ids.collect();
            first[v] = ids.first().copied().unwrap_or(NONE);
            if ids.len() > 1 {
                several.insert(v as u32, ids);
            }
        }
        let text = |v: usize| dictionary.get(ValueId(v as u32));
        let same: Vec<u32> = cells
            .par_iter()
            .enumerate()
            .with_min_len(1024)
            .map(|(v, cell)| match cell {
                Cell::Plain { .. } => identities.find(text(v)).map_or(NONE, |id| id.0),
                Cell::Read(..) => NONE,
            })
            .collect();
        let mut identities = identities.finish();
        let registrable: Vec<u32> =
            known.iter().map(|k| k.as_ref().map_or(NONE, |k| all.domain(&k.registrable))).collect();
        for (v, cell) in cells.iter().enumerate() {
            let &Cell::Plain { at, domain, role } = cell else { continue };
            if same[v] != NONE {
                first[v] = same[v];
                continue;
            }
            first[v] = all.emails.len() as u32;
            identities.add(text(v));
            let free = known[domain as usize].as_ref().is_some_and(|k| k.free);
            let registrable = registrable[domain as usize];
            let email = Email { domain, registrable, role, free, ..Email::default() };
            all.add(email, &text(v)[..at as usize]);
        }
        self.note_keys(column, first.iter().copied());
        let usable = |cell: &Cell| match cell {
            Cell::Plain { .. } => QUALITY_GOOD,
            Cell::Read(_, quality) => *quality,
        };
        self.quality[column] = Some(cells.iter().map(usable).collect());
        self.email_text = identities;
        self.place_emails(column, &first, &several);
        (all, known)
    }

    fn place_emails(&mut self, column: usize, first: &[u32], several: &FxHashMap<u32, Vec<u32>>) {
        let values = &self.table.columns[column].ids;
        self.features
            .rows
            .par_iter_mut()
            .with_min_len(4096)
            .zip(values)
            .for_each(|(row, value)| row.email[0] = first[value.index()]);
        if several.is_empty() {
            return;
        }
        for (record, value) in values.iter().enumerate() {
            let Some(ids) = several.get(&value.0) else { continue };
            for &id in ids {
                let slots = &mut self.features.rows[record].email;
                place_in_order(slots, &mut self.features.more_emails, record, id);
            }
        }
    }
}

impl Addresses {
    fn domain(&mut self, text: &str) -> u32 {
        self.domains.intern(text).map_or(NONE, |id| id.0)
    }

    /// The id of an address that was read.
    fn take(&mut self, address: &Address, identities: &mut DictionaryBuilder) -> Option<u32> {
        let id = identities.intern(&address.identity)?;
        if id.index() == self.emails.len() {
            let domain = self.domain(&address.domain);
            let registrable = self.domain(&address.registrable);
            let (role, free) = (address.role, address.free);
            let email = Email { domain, registrable, role, free, ..Email::default() };
            self.add(email, &address.local);
        }
        Some(id.0)
    }

    /// What is known of every domain; those of repaired addresses are looked at here.
    fn mail_domains(&self, known: &[Option<Domain>]) -> Vec<MailDomain> {
        let domains = self.domains.dictionary();
        let mut registrable = vec![NONE; domains.len()];
        self.emails.iter().for_each(|e| registrable[e.domain as usize] = e.registrable);
        (0..domains.len() as u32)
            .into_par_iter()
            .with_min_len(1024)
            .map(|id| match (known.get(id as usize), registrable[id as usize]) {
                (Some(Some(known)), _) => known.mail,
                (_, NONE) => MailDomain::default(),
                (_, whole) => MailDomain::of(domains.get(ValueId(id)), domains.get(ValueId(whole))),
            })
            .collect()
    }

    fn add(&mut self, email: Email, local: &str) {
        let local = self.locals.add(local).map_or(NONE, |id| id.0);
        self.emails.push(Email { local, ..email });
    }
}

/// The cells of a column, and of each domain what it says where it is plain.
fn cells(
    dictionary: &Dictionary,
    domains: &mut DictionaryBuilder,
) -> (Vec<Cell>, Vec<Option<Domain>>) {
    let text = |v: usize| dictionary.get(ValueId(v as u32));
    let at: Vec<u32> = (0..dictionary.len())
        .into_par_iter()
        .with_min_len(2048)
        .map(|v| plain_at(text(v)).unwrap_or(0))
        .collect();
    let domain_of: Vec<u32> = at
        .iter()
        .enumerate()
        .map(|(v, &at)| match at {
            0 => NONE,
            at => domains.intern(&text(v)[at as usize + 1..]).map_or(NONE, |id| id.0),
        })
        .collect();
    let names = domains.dictionary();
    let known: Vec<Option<Domain>> = (0..names.len() as u32)
        .into_par_iter()
        .with_min_len(256)
        .map(|id| domain(names.get(ValueId(id))))
        .collect();
    let cells = (0..dictionary.len())
        .into_par_iter()
        .with_min_len(512)
        .map(|v| {
            let (cell, at, domain) = (text(v), at[v], domain_of[v]);
            let (local, host) = (&cell[..at as usize], names.get(ValueId(domain)));
            let plain = known[domain as usize].as_ref().is_some_and(|known| {
                let dots_drop = known.dotless && local.contains('.');
                !dots_drop && !email::is_placeholder(local, host, &known.registrable)
            });
            if plain {
                return Cell::Plain { at, domain, role: email::is_role_local(local) };
            }
            let (addresses, quality) = parse_cell(cell);
            Cell::Read(addresses, quality)
        })
        .collect();
    (cells, known)
}

/// Where the sign stands in an address of small letters, digits, dots, hyphens and underscores.
fn plain_at(cell: &str) -> Option<u32> {
    let bytes = cell.as_bytes();
    let plain = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-');
    let at = bytes.iter().position(|b| !plain(b) && *b != b'_')?;
    let (local, domain) = (&bytes[..at], &bytes[at + 1..]);
    let dots = local.first() == Some(&b'.')
        || local.last() == Some(&b'.')
        || local.windows(2).any(|pair| pair == b"..");
    let fits = bytes[at] == b'@' && (1..=64).contains(&at) && !dots;
    (fits && domain.iter().all(plain)).then_some(at as u32)
}

/// What a domain says, when it is written as it is read.
fn domain(text: &str) -> Option<Domain> {
    let address = ["a@", text].concat();
    let read = email::parse(&address);
    let plain = read.value.filter(|one| read.reason.is_empty() && one.domain == text)?;
    (plain.identity_key() == address).then(|| Domain {
        free: plain.free || plain.disposable,
        mail: MailDomain { typo: plain.suggestion.is_some(), disposable: plain.disposable },
        registrable: plain.registrable,
        dotless: text == "gmail.com",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_addresses_and_others() {
        let cases = [
            ("ana.lopez@acme.example", Some(9)),
            ("a_b-1@x.org", Some(5)),
            ("Ana@acme.example", None),
            ("ana+x@acme.example", None),
            (".ana@acme.example", None),
            ("a..b@acme.example", None),
            ("ana@acme_x.example", None),
            ("@acme.example", None),
            ("ana@@acme.example", None),
            ("ana", None),
            ("", None),
        ];
        for (cell, at) in cases {
            assert_eq!(plain_at(cell), at, "{cell}");
        }
    }

    proptest! {
        /// A plain address is read as what it is taken for.
        #[test]
        fn reading_agrees(
            local in "[a-z0-9._-]{1,8}|test|info|noemail|ana\\.lopez",
            host in "[a-z0-9.-]{1,8}|gmail\\.com|googlemail\\.com|acme\\.co\\.uk|test\\.com|mail\\.acme\\.com",
        ) {
            let cell = format!("{local}@{host}");
            let mut builder = DictionaryBuilder::default();
            builder.intern(&cell);
            let mut domains = DictionaryBuilder::default();
            let (cells, known) = cells(&builder.finish(), &mut domains);
            if let Cell::Plain { at, domain, role } = cells[1] {
                let one = email::parse(&cell).value.unwrap();
                let known = known[domain as usize].as_ref().unwrap();
                prop_assert_eq!(one.identity_key(), cell.clone());
                prop_assert!(!one.placeholder);
                prop_assert_eq!(one.local, &cell[..at as usize]);
                prop_assert_eq!(one.domain, host);
                prop_assert_eq!(&one.registrable, &known.registrable);
                prop_assert_eq!((one.role, one.free || one.disposable), (role, known.free));
            }
        }
    }
}
