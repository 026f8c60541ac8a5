//! A record by itself: what matching reads of it, in texts instead of ids.
//!
//! Features are integers that mean something only beside their dictionaries. A state that outlives
//! the run keeps the texts, and [`Gathering`] makes features of them again, without the cells: a new
//! row is compared with fifteen known records, and reading each of them anew would cost more than
//! all else. Only what was read is here; what follows from it (sketches, sounds, initials) is worked
//! out again, so that no state holds what a later leadmend works out otherwise.

use super::feature::{
    Email, Features, Local, NONE, Name, Phone, Row, Street, Title, domain_initial,
};
use crate::normalize::phone;
use crate::normalize::record::{
    NameKey, describe_company, describe_tokens, place_in_order, word_signature,
};
use crate::record::{Dictionary, DictionaryBuilder, ValueId};
use rustc_hash::FxHashMap;

/// What matching reads of a record.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Meaning<'a> {
    /// Name.
    pub name: Option<NameText<'a>>,
    /// Addresses in their order.
    pub emails: Vec<EmailText<'a>>,
    /// Numbers in their order.
    pub phones: Vec<Number>,
    /// Core of the company's name; empty for none.
    pub company: &'a str,
    /// Registrable domain of the website.
    pub website: &'a str,
    /// House number; empty for none.
    pub house: &'a str,
    /// Name of the street.
    pub street: &'a str,
    /// Canonical postcode.
    pub postcode: &'a str,
    /// Folded city.
    pub city: &'a str,
    /// Canonical job title.
    pub title: &'a str,
    /// As in [`Row`].
    pub birth: u32,
    /// As in [`Row`].
    pub country: u16,
    /// As in [`Row`].
    pub region: u16,
    /// As in [`Row`].
    pub flags: u16,
    /// Values of columns without a role of their own, by the column's index.
    pub generics: Vec<(usize, &'a str)>,
}

/// A name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NameText<'a> {
    /// Given names, the first `counts[0]` are used.
    pub given: [&'a str; 3],
    /// Family names, the first `counts[1]` are used.
    pub family: [&'a str; 3],
    /// How many of each are used.
    pub counts: [u8; 2],
    /// All given names, and all family names, joined.
    pub joined: [&'a str; 2],
    /// As in [`Name`].
    pub generation: u8,
}

/// An address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EmailText<'a> {
    /// Local part.
    pub local: &'a str,
    /// Domain.
    pub domain: &'a str,
    /// Registrable domain.
    pub registrable: &'a str,
    /// As in [`Email`].
    pub role: bool,
    /// As in [`Email`].
    pub free: bool,
}

/// A phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Number {
    /// As in [`Phone`].
    pub number: u64,
    /// As in [`Phone`].
    pub mobile: bool,
}

impl<'a> Meaning<'a> {
    /// What matching reads of a record.
    pub fn of(f: &'a Features, record: usize) -> Self {
        let row = &f.rows[record];
        let street = &f.streets[row.street as usize];
        let email = |id: u32| {
            let e = &f.emails[id as usize];
            EmailText {
                local: f.local(e.local),
                domain: f.domain(e.domain),
                registrable: f.domain(e.registrable),
                role: e.role,
                free: e.free,
            }
        };
        let phone = |id: u32| {
            let Phone { number, mobile, .. } = f.phones[id as usize];
            Number { number, mobile }
        };
        let generics = f.generics.iter().enumerate().filter(|(_, g)| g.ids[record] != NONE);
        Self {
            name: (row.name != NONE).then(|| NameText::of(f, &f.names[row.name as usize])),
            emails: f.emails_of(record).map(email).collect(),
            phones: f.phones_of(record).map(phone).collect(),
            company: f.word(f.companies[row.company as usize].core),
            website: f.domain(row.website),
            house: f.word(street.number),
            street: f.word(street.name),
            postcode: f.postcode(row.postcode),
            city: f.city(row.city),
            title: f.word(f.titles[row.title as usize].canonical),
            birth: row.birth,
            country: row.country,
            region: row.region,
            flags: row.flags,
            generics: generics.map(|(at, g)| (at, g.values.get(ValueId(g.ids[record])))).collect(),
        }
    }
}

impl<'a> NameText<'a> {
    fn of(f: &'a Features, name: &Name) -> Self {
        Self {
            given: name.given.map(|token| f.token(token)),
            family: name.family.map(|token| f.token(token)),
            counts: [name.given_count, name.family_count],
            joined: [f.token(name.given_joined), f.token(name.family_joined)],
            generation: name.generation,
        }
    }
}

/// Features to which records are added. All counts are those of a frozen model, which are put in
/// afterwards.
#[derive(Debug)]
pub struct Gathering {
    f: Features,
    tokens: DictionaryBuilder,
    names: FxHashMap<NameKey, u32>,
    locals: DictionaryBuilder,
    domains: DictionaryBuilder,
    emails: FxHashMap<[u32; 2], u32>,
    phones: FxHashMap<u64, u32>,
    words: DictionaryBuilder,
    companies: FxHashMap<u32, u32>,
    streets: FxHashMap<[u32; 2], u32>,
    titles: FxHashMap<u32, u32>,
    postcodes: DictionaryBuilder,
    cities: DictionaryBuilder,
    generics: Vec<DictionaryBuilder>,
}

fn resume(dictionary: &mut Dictionary) -> DictionaryBuilder {
    DictionaryBuilder::resume(std::mem::take(dictionary))
}

/// The ids of a table's entries by what makes them the same; the first entry is the missing one.
fn index<T, K: std::hash::Hash + Eq>(table: &[T], key: impl Fn(&T) -> K) -> FxHashMap<K, u32> {
    (0..).zip(table).skip(1).map(|(id, entry)| (key(entry), id)).collect()
}

/// The id of an entry, which is added when it is new.
fn entry<T, K: std::hash::Hash + Eq>(
    known: &mut FxHashMap<K, u32>,
    key: K,
    table: &mut Vec<T>,
    make: impl FnOnce() -> T,
) -> u32 {
    *known.entry(key).or_insert_with(|| {
        table.push(make());
        (table.len() - 1) as u32
    })
}

/// The dictionary's limit (4 GiB of distinct text) makes a value missing.
fn intern(dictionary: &mut DictionaryBuilder, text: &str) -> u32 {
    dictionary.intern(text).map_or(NONE, |id| id.0)
}

impl Gathering {
    /// Begins with the records of features; room is made for so many more.
    pub fn new(mut f: Features, more: usize) -> Self {
        f.rows.reserve(more);
        Self {
            tokens: resume(&mut f.token_text),
            names: index(&f.names, NameKey::of),
            locals: resume(&mut f.local_text),
            domains: resume(&mut f.domains),
            emails: index(&f.emails, |e| [e.local, e.domain]),
            phones: index(&f.phones, |p| p.number),
            words: resume(&mut f.words),
            companies: index(&f.companies, |c| c.core),
            streets: index(&f.streets, |s| [s.number, s.name]),
            titles: index(&f.titles, |t| t.canonical),
            postcodes: resume(&mut f.postcodes),
            cities: resume(&mut f.cities),
            generics: f.generics.iter_mut().map(|g| resume(&mut g.values)).collect(),
            f,
        }
    }

    /// Adds a record.
    pub fn push(&mut self, m: &Meaning) {
        let record = self.f.rows.len();
        let mut row = Row {
            name: m.name.map_or(NONE, |name| self.name(&name)),
            company: self.company(m.company),
            website: intern(&mut self.domains, m.website),
            street: self.street(m.house, m.street),
            postcode: intern(&mut self.postcodes, m.postcode),
            city: intern(&mut self.cities, m.city),
            title: self.title(m.title),
            birth: m.birth,
            country: m.country,
            flags: m.flags,
            region: m.region,
            ..Row::default()
        };
        for email in &m.emails {
            let id = self.email(email);
            place_in_order(&mut row.email, &mut self.f.more_emails, record, id);
        }
        for &Number { number, mobile } in &m.phones {
            let tail = phone::Phone::tail_of_key(number);
            let make = || Phone { number, tail, mobile, ..Phone::default() };
            let id = entry(&mut self.phones, number, &mut self.f.phones, make);
            place_in_order(&mut row.phone, &mut self.f.more_phones, record, id);
        }
        self.f.rows.push(row);
        let own = |at: usize| m.generics.iter().find(|g| g.0 == at).map_or("", |g| g.1);
        for (at, (g, values)) in self.f.generics.iter_mut().zip(&mut self.generics).enumerate() {
            g.ids.push(intern(values, own(at)));
        }
    }

    fn name(&mut self, name: &NameText) -> u32 {
        let tokens = &mut self.tokens;
        let name = Name {
            given: name.given.map(|text| intern(tokens, text)),
            family: name.family.map(|text| intern(tokens, text)),
            given_joined: intern(tokens, name.joined[0]),
            family_joined: intern(tokens, name.joined[1]),
            given_count: name.counts[0].min(3),
            family_count: name.counts[1].min(3),
            generation: name.generation,
        };
        entry(&mut self.names, NameKey::of(&name), &mut self.f.names, || name)
    }

    fn email(&mut self, e: &EmailText) -> u32 {
        let (local, domain) =
            (intern(&mut self.locals, e.local), intern(&mut self.domains, e.domain));
        let domains = &mut self.domains;
        entry(&mut self.emails, [local, domain], &mut self.f.emails, || {
            let registrable = intern(domains, e.registrable);
            let (role, free) = (e.role, e.free);
            let mut email = Email { local, domain, registrable, role, free, ..Email::default() };
            email.describe(e.local);
            email
        })
    }

    fn company(&mut self, core: &str) -> u32 {
        let id = intern(&mut self.words, core);
        if id == NONE {
            return NONE;
        }
        let (words, all) = (&mut self.words, &mut self.f.company_tokens);
        entry(&mut self.companies, id, &mut self.f.companies, || {
            describe_company(core, |text| intern(words, text), all)
        })
    }

    fn street(&mut self, house: &str, street: &str) -> u32 {
        let (number, name) = (intern(&mut self.words, house), intern(&mut self.words, street));
        if name == NONE {
            return NONE;
        }
        let make = || Street { number, name, names: 0 };
        entry(&mut self.streets, [number, name], &mut self.f.streets, make)
    }

    fn title(&mut self, canonical: &str) -> u32 {
        let id = intern(&mut self.words, canonical);
        if id == NONE {
            return NONE;
        }
        let words = || word_signature(canonical);
        let make = || Title { canonical: id, words: words(), records: 0 };
        entry(&mut self.titles, id, &mut self.f.titles, make)
    }

    /// The features of all records, those of the beginning first.
    pub fn finish(self) -> Features {
        let mut f = self.f;
        f.token_text = self.tokens.finish();
        f.tokens = describe_tokens(&f.token_text);
        f.locals.resize(self.locals.dictionary().len(), Local::default());
        f.local_text = self.locals.finish();
        f.domains = self.domains.finish();
        f.domain_initials = f.domains.iter().map(domain_initial).collect();
        f.word_companies.resize(self.words.dictionary().len(), 0);
        f.words = self.words.finish();
        f.postcodes = self.postcodes.finish();
        f.city_records.resize(self.cities.dictionary().len(), 0);
        f.cities = self.cities.finish();
        for (g, values) in f.generics.iter_mut().zip(self.generics) {
            g.records.resize(values.dictionary().len(), 0);
            g.values = values.finish();
        }
        f
    }
}
