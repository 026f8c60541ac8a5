//! What a value is called in a key: its private id, or a hash of its text.
//!
//! Keys are made by the same functions either way. Why two: ids cost nothing and are all one run
//! needs; a state that outlives the run, and a model that is frozen, need names that any later run
//! gives the same value. The functions are generic, so that the ordinary run pays nothing for it.

use super::key::mix;
use crate::compare::feature::Features;
use crate::normalize::name::nickname_root;
use crate::record::{Dictionary, ValueId, fnv};
use rayon::prelude::*;

/// Names of values, by kind; 0 for the missing one.
pub trait Ids: Sync {
    /// A name token.
    fn token(&self, id: u32) -> u64;
    /// The nickname root of a token.
    fn root(&self, root: u32, token: u32) -> u64;
    /// A whole name.
    fn name(&self, id: u32) -> u64;
    /// An address.
    fn email(&self, id: u32) -> u64;
    /// A local part.
    fn local(&self, id: u32) -> u64;
    /// A domain.
    fn domain(&self, id: u32) -> u64;
    /// A word of companies, streets and titles.
    fn word(&self, id: u32) -> u64;
    /// A street with its number.
    fn street(&self, id: u32) -> u64;
    /// A postcode.
    fn postcode(&self, id: u32) -> u64;
    /// A city.
    fn city(&self, id: u32) -> u64;
    /// A job title.
    fn title(&self, id: u32) -> u64;
    /// A column without a role of its own.
    fn column(&self, index: usize) -> u64;
    /// A value of such a column.
    fn generic(&self, index: usize, id: u32) -> u64;
}

/// The private ids themselves.
#[derive(Debug, Clone, Copy)]
pub struct Plain;

impl Ids for Plain {
    fn token(&self, id: u32) -> u64 {
        id.into()
    }
    fn root(&self, root: u32, _: u32) -> u64 {
        u64::from(root) | 1 << 40
    }
    fn name(&self, id: u32) -> u64 {
        id.into()
    }
    fn email(&self, id: u32) -> u64 {
        id.into()
    }
    fn local(&self, id: u32) -> u64 {
        id.into()
    }
    fn domain(&self, id: u32) -> u64 {
        id.into()
    }
    fn word(&self, id: u32) -> u64 {
        id.into()
    }
    fn street(&self, id: u32) -> u64 {
        id.into()
    }
    fn postcode(&self, id: u32) -> u64 {
        id.into()
    }
    fn city(&self, id: u32) -> u64 {
        id.into()
    }
    fn title(&self, id: u32) -> u64 {
        id.into()
    }
    fn column(&self, index: usize) -> u64 {
        index as u64
    }
    fn generic(&self, _: usize, id: u32) -> u64 {
        id.into()
    }
}

/// Hashes of the values' texts, the same in every run.
#[derive(Debug, Clone, Default)]
pub struct Stable {
    tokens: Vec<u64>,
    roots: Vec<u64>,
    names: Vec<u64>,
    emails: Vec<u64>,
    locals: Vec<u64>,
    domains: Vec<u64>,
    words: Vec<u64>,
    streets: Vec<u64>,
    postcodes: Vec<u64>,
    cities: Vec<u64>,
    titles: Vec<u64>,
    columns: Vec<u64>,
    generics: Vec<Vec<u64>>,
}

/// The hash of a text: FNV-1a, then mixed so that all bits depend on all letters. 0 for no text.
pub fn text_hash(text: &str) -> u64 {
    if text.is_empty() { 0 } else { mix(&[fnv(text)]) }
}

/// The hash of an address.
pub fn email_hash(local: &str, domain: &str) -> u64 {
    mix(&[text_hash(local), text_hash(domain)])
}

fn hashes(dictionary: &Dictionary) -> Vec<u64> {
    (0..dictionary.len() as u32)
        .into_par_iter()
        .with_min_len(4096)
        .map(|id| text_hash(dictionary.get(ValueId(id))))
        .collect()
}

/// Hashes of the entries of a table; the first entry is the missing value.
fn entries<T: Sync>(table: &[T], hash: impl Fn(&T) -> u64 + Sync + Send) -> Vec<u64> {
    let mut all: Vec<u64> = table.par_iter().with_min_len(4096).map(hash).collect();
    if let Some(missing) = all.first_mut() {
        *missing = 0;
    }
    all
}

impl Stable {
    /// Hashes every value of the features once.
    pub fn of(f: &Features) -> Self {
        let (tokens, words) = (hashes(&f.token_text), hashes(&f.words));
        let (locals, domains) = (hashes(&f.local_text), hashes(&f.domains));
        let roots = (0..f.tokens.len() as u32)
            .into_par_iter()
            .with_min_len(1024)
            .map(|t| nickname_root(f.token(t)).map_or(0, |root| mix(&[text_hash(root), 1])))
            .collect();
        let names = entries(&f.names, |n| {
            let parts = [n.given_joined, n.family_joined].into_iter().chain(n.given);
            parts.chain(n.family).fold(u64::from(n.generation) + 1, |hash, token| {
                mix(&[hash, tokens[token as usize]])
            })
        });
        let emails =
            entries(&f.emails, |e| mix(&[locals[e.local as usize], domains[e.domain as usize]]));
        let streets =
            entries(&f.streets, |s| mix(&[words[s.number as usize], words[s.name as usize]]));
        let titles = entries(&f.titles, |t| words[t.canonical as usize]);
        Self {
            roots,
            names,
            emails,
            streets,
            titles,
            postcodes: hashes(&f.postcodes),
            cities: hashes(&f.cities),
            columns: f.generics.iter().map(|g| text_hash(&g.header)).collect(),
            generics: f.generics.iter().map(|g| hashes(&g.values)).collect(),
            tokens,
            locals,
            domains,
            words,
        }
    }

    /// A company, by its core.
    pub fn company(&self, f: &Features, id: u32) -> u64 {
        self.words[f.companies[id as usize].core as usize]
    }

    /// What a whole record says: equal for records that agree in everything matching reads.
    pub fn record(&self, f: &Features, r: usize) -> u64 {
        let row = &f.rows[r];
        let tail =
            u64::from(row.flags) << 48 | u64::from(row.region) << 32 | u64::from(row.country) << 16;
        let mut hash = mix(&[
            self.name(row.name),
            self.company(f, row.company),
            self.domain(row.website),
            self.street(row.street),
            self.postcode(row.postcode),
            self.city(row.city),
            self.title(row.title),
            row.birth.into(),
            tail,
        ]);
        for email in f.emails_of(r) {
            hash = mix(&[hash, 1, self.email(email)]);
        }
        for phone in f.phones_of(r) {
            hash = mix(&[hash, 2, f.phones[phone as usize].number]);
        }
        for (i, g) in f.generics.iter().enumerate().filter(|(_, g)| g.ids[r] != 0) {
            hash = mix(&[hash, self.column(i), self.generic(i, g.ids[r])]);
        }
        hash
    }
}

impl Ids for Stable {
    fn token(&self, id: u32) -> u64 {
        self.tokens[id as usize]
    }
    fn root(&self, _: u32, token: u32) -> u64 {
        self.roots[token as usize]
    }
    fn name(&self, id: u32) -> u64 {
        self.names[id as usize]
    }
    fn email(&self, id: u32) -> u64 {
        self.emails[id as usize]
    }
    fn local(&self, id: u32) -> u64 {
        self.locals[id as usize]
    }
    fn domain(&self, id: u32) -> u64 {
        self.domains[id as usize]
    }
    fn word(&self, id: u32) -> u64 {
        self.words[id as usize]
    }
    fn street(&self, id: u32) -> u64 {
        self.streets[id as usize]
    }
    fn postcode(&self, id: u32) -> u64 {
        self.postcodes[id as usize]
    }
    fn city(&self, id: u32) -> u64 {
        self.cities[id as usize]
    }
    fn title(&self, id: u32) -> u64 {
        self.titles[id as usize]
    }
    fn column(&self, index: usize) -> u64 {
        self.columns[index]
    }
    fn generic(&self, index: usize, id: u32) -> u64 {
        self.generics[index][id as usize]
    }
}
