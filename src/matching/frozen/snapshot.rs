//! How often every value was seen on the day the model was frozen, by hashes of their texts.
//!
//! Only what was seen more than once is kept: everything else counts as seen once, and so does what
//! nobody has seen yet. That keeps a snapshot small, and the first run on frozen counts equal to the
//! one that counted.

use crate::blocking::frozen::Blocks;
use crate::blocking::ids::{Ids, Stable};
use crate::blocking::key::mix;
use crate::compare::feature::{Averages, Email, Features, Generic, Local, NONE, domain_initial};
use crate::matching::frequency;
use crate::normalize::record::{Reading, Records};
use crate::record::{DictionaryBuilder, ValueId};
use rayon::prelude::*;

/// Two counts by the hash of a value, sorted: read back as they are written, nothing is put into a
/// table first, so that a look-up begins at once.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Counts(Vec<(u64, [u32; 2])>);

impl Counts {
    /// Entries in any order; of equal hashes the higher counts stay.
    fn of(mut entries: Vec<(u64, [u32; 2])>) -> Self {
        entries.par_sort_unstable();
        entries.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 = [kept.1[0].max(next.1[0]), kept.1[1].max(next.1[1])];
            }
            same
        });
        Self(entries)
    }

    /// Entries that ascend; none when they do not.
    pub(super) fn of_sorted(entries: Vec<(u64, [u32; 2])>) -> Option<Self> {
        entries.is_sorted_by(|x, y| x.0 < y.0).then_some(Self(entries))
    }

    pub(super) fn entries(&self) -> &[(u64, [u32; 2])] {
        &self.0
    }

    fn get(&self, hash: u64) -> Option<[u32; 2]> {
        // Hashes are spread evenly: the place is nearly known, and the search begins around it.
        let len = self.0.len();
        let guess = ((u128::from(hash) * len as u128) >> 64) as usize;
        let mut reach = 16;
        loop {
            let (low, high) = (guess.saturating_sub(reach), (guess + reach).min(len));
            let below = low == 0 || self.0[low].0 <= hash;
            let above = high == len || self.0[high - 1].0 >= hash;
            if below && above {
                let found = self.0[low..high].binary_search_by_key(&hash, |e| e.0).ok()?;
                return Some(self.0[low + found].1);
            }
            reach *= 4;
        }
    }
}

/// What a value nobody knows counts.
const ONCE: [u32; 2] = [1, 1];

/// A column without a role of its own.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct GenericCounts {
    pub(super) header: String,
    pub(super) external: bool,
    pub(super) counts: Counts,
}

/// The counts, averages and block sizes of the records a model was frozen with.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    /// Averages, the number of records among them.
    pub averages: Averages,
    /// How cells were read that do not say it themselves.
    pub reading: Reading,
    /// Records per token, as given and as family name.
    pub(super) tokens: Counts,
    /// Names per e-mail.
    pub(super) emails: Counts,
    /// Names per local part, and whether it is built from one.
    pub(super) locals: Counts,
    /// Names per phone.
    pub(super) phones: Counts,
    /// Names per street.
    pub(super) streets: Counts,
    /// Records per company.
    pub(super) companies: Counts,
    /// Records per city.
    pub(super) cities: Counts,
    /// Companies per word.
    pub(super) words: Counts,
    pub(super) generics: Vec<GenericCounts>,
    /// The keys that were large.
    pub blocks: Blocks,
}

/// Values seen more than once, by hash.
fn seen(counted: impl Iterator<Item = (u64, [u32; 2])>) -> Counts {
    Counts::of(counted.filter(|(hash, [a, b])| *hash != 0 && (*a > 1 || *b > 1)).collect())
}

impl Snapshot {
    /// Takes the counts of features whose mailboxes are [`canonical`]; block sizes come later.
    pub(super) fn of(f: &Features, ids: &Stable, reading: Reading) -> Self {
        let indexed = |count: usize| 0..count as u32;
        let words = f.word_companies.len();
        Self {
            averages: frequency::averages(f),
            reading,
            tokens: seen(indexed(f.tokens.len()).map(|i| {
                let token = &f.tokens[i as usize];
                (ids.token(i), [token.given_records, token.family_records])
            })),
            emails: seen(
                indexed(f.emails.len()).map(|i| (ids.email(i), [f.emails[i as usize].names, 0])),
            ),
            locals: seen(indexed(f.locals.len()).map(|i| {
                let local = &f.locals[i as usize];
                (ids.local(i), [local.names, u32::from(local.from_name)])
            })),
            phones: seen(f.phones.iter().skip(1).map(|p| (phone_hash(p.number), [p.names, 0]))),
            streets: seen(
                indexed(f.streets.len()).map(|i| (ids.street(i), [f.streets[i as usize].names, 0])),
            ),
            companies: seen(
                indexed(f.companies.len())
                    .map(|i| (ids.company(f, i), [f.companies[i as usize].records, 0])),
            ),
            cities: seen(
                indexed(f.city_records.len())
                    .map(|i| (ids.city(i), [f.city_records[i as usize], 0])),
            ),
            words: seen(indexed(words).map(|i| (ids.word(i), [f.word_companies[i as usize], 0]))),
            generics: f
                .generics
                .iter()
                .enumerate()
                .map(|(column, g)| GenericCounts {
                    header: g.header.clone(),
                    external: g.external,
                    counts: seen(
                        indexed(g.records.len())
                            .map(|i| (ids.generic(column, i), [g.records[i as usize], 0])),
                    ),
                })
                .collect(),
            blocks: Blocks::default(),
        }
    }

    /// Puts the snapshot's counts in place of the features' own.
    pub(super) fn apply(&self, f: &mut Features, ids: &Stable) {
        let of = |counts: &Counts, hash: u64| counts.get(hash).unwrap_or(ONCE);
        for (i, token) in (0..).zip(&mut f.tokens).skip(1) {
            [token.given_records, token.family_records] = of(&self.tokens, ids.token(i));
        }
        for (i, email) in (0..).zip(&mut f.emails).skip(1) {
            email.names = of(&self.emails, ids.email(i))[0];
        }
        for (i, local) in (0..).zip(&mut f.locals).skip(1) {
            let [names, from_name] = self.locals.get(ids.local(i)).unwrap_or([1, 0]);
            (local.names, local.from_name) = (names, from_name != 0);
        }
        for phone in f.phones.iter_mut().skip(1) {
            phone.names = of(&self.phones, phone_hash(phone.number))[0];
        }
        for (i, street) in (0..).zip(&mut f.streets).skip(1) {
            street.names = of(&self.streets, ids.street(i))[0];
        }
        for i in 1..f.companies.len() {
            f.companies[i].records = of(&self.companies, ids.company(f, i as u32))[0];
        }
        for (i, records) in (0..).zip(&mut f.city_records).skip(1) {
            *records = of(&self.cities, ids.city(i))[0];
        }
        for (i, companies) in (0..).zip(&mut f.word_companies).skip(1) {
            *companies = of(&self.words, ids.word(i))[0];
        }
        for (column, (g, known)) in f.generics.iter_mut().zip(&self.generics).enumerate() {
            for (i, records) in (0..).zip(&mut g.records).skip(1) {
                *records = of(&known.counts, ids.generic(column, i))[0];
            }
        }
        f.frozen = Some(self.averages.clone());
    }

    /// Puts the columns without a role of their own in the order of the model; one that is not here
    /// is empty, one that the model does not know is left out.
    pub(super) fn align(&self, f: &mut Features) {
        let mut here = std::mem::take(&mut f.generics);
        let key = |header: &str| header.trim().to_lowercase();
        f.generics = self
            .generics
            .iter()
            .map(|known| {
                let found = here.iter().position(|g| key(&g.header) == key(&known.header));
                let own = found.map(|at| std::mem::take(&mut here[at]));
                Generic {
                    header: known.header.clone(),
                    external: known.external,
                    ..own.unwrap_or_else(|| Generic {
                        ids: vec![NONE; f.rows.len()],
                        records: vec![0],
                        ..Generic::default()
                    })
                }
            })
            .collect();
    }
}

/// A number is personal: it is kept as a hash.
fn phone_hash(number: u64) -> u64 {
    mix(&[number, 0x70])
}

/// Gives every address the one spelling of its mailbox: where a provider ignores dots or has two
/// domains, the first spelling of a run stands for all, and which is first depends on the others.
pub(super) fn canonical(records: &Records) -> Features {
    let mut f = records.features.clone();
    let mut odd: Vec<(usize, &str, &str)> = Vec::new();
    for (i, email) in f.emails.iter().enumerate().skip(1) {
        let identity = records.email_text.get(ValueId(i as u32));
        let Some((local, domain)) = identity.rsplit_once('@') else { continue };
        if local != f.local(email.local) || domain != f.domain(email.domain) {
            odd.push((i, local, domain));
        }
    }
    if odd.is_empty() {
        return f;
    }
    let mut locals = DictionaryBuilder::resume(std::mem::take(&mut f.local_text));
    let mut domains = DictionaryBuilder::resume(std::mem::take(&mut f.domains));
    for (i, local, domain) in odd {
        f.emails[i].describe(local);
        let interned = (locals.intern(local), domains.intern(domain));
        let (Some(local), Some(domain_id)) = interned else { continue };
        if domain_id.index() == f.domain_initials.len() {
            f.domain_initials.push(domain_initial(domain));
        }
        let before = f.locals[f.emails[i].local as usize];
        if local.index() == f.locals.len() {
            f.locals.push(Local::default());
        }
        let own = &mut f.locals[local.index()];
        own.names = own.names.max(before.names);
        own.from_name |= before.from_name;
        let email: &mut Email = &mut f.emails[i];
        (email.local, email.domain) = (local.0, domain_id.0);
    }
    f.local_text = locals.finish();
    f.domains = domains.finish();
    f
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_counted_is_found(
            entries in prop::collection::vec((any::<u64>(), 0u32..9), 0..300),
            near in prop::collection::vec((0u64..50, 0u32..9), 0..60),
            others in prop::collection::vec(any::<u64>(), 20),
        ) {
            let all: Vec<(u64, [u32; 2])> =
                entries.into_iter().chain(near).map(|(hash, n)| (hash, [n, n])).collect();
            let counts = Counts::of(all.clone());
            for hash in all.iter().map(|e| e.0).chain(others).chain(0..60) {
                let most = all.iter().filter(|e| e.0 == hash).map(|e| e.1).max();
                prop_assert_eq!(counts.get(hash), most);
            }
        }
    }
}
