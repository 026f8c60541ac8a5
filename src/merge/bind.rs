//! Which record an activity belongs to.
//!
//! An activity names its lead as its own product does. It binds to the sources of the same name or
//! product when there are any, else to the source that alone holds the id, else by e-mail; several
//! sources that hold the id for different persons are an error with a remedy, because a guess would
//! give one person the history of another. Ids that a product merged away are followed to the record
//! that took them over. What is left is an orphan: kept and reported, never dropped.
//!
//! Salesforce writes one id with 15 or with 18 characters (the last three are a checksum over the
//! letter case); both forms are one id here.

use super::history::ORPHAN;
use crate::cluster::Clusters;
use crate::record::{Dictionary, RecordId, Table, ValueId};
use crate::schema::preset;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// The leads activities may belong to.
#[derive(Debug, Clone, Copy)]
pub struct Leads<'a> {
    /// The records.
    pub table: &'a Table,
    /// Per source: its record ids come from a column, not from row numbers.
    pub has_id: &'a [bool],
    /// Who is one person: several records of one person are no ambiguity.
    pub clusters: &'a Clusters,
    /// Ids that were merged away before.
    pub merged: &'a [MergedId<'a>],
    /// The e-mails of the records, by the number of their identity key (never 0).
    pub emails: &'a [(u32, RecordId)],
}

/// An id that a product merged into another one.
#[derive(Debug, Clone, Copy)]
pub struct MergedId<'a> {
    /// Source of both ids.
    pub source: u16,
    /// The id that went.
    pub old: &'a str,
    /// The id that stayed; it may have gone later.
    pub new: &'a str,
}

/// An input of activities.
#[derive(Debug, Clone, Copy)]
pub struct ActivityInput<'a> {
    /// Its source name.
    pub name: &'a str,
    /// Its product, when known.
    pub preset: Option<&'a str>,
}

/// How activities name their leads.
#[derive(Debug, Clone, Copy)]
pub struct References<'a> {
    /// The inputs.
    pub inputs: &'a [ActivityInput<'a>],
    /// Per activity: index into `inputs`.
    pub input: &'a [u16],
    /// Per activity: the lead's id as given.
    pub lead: &'a [ValueId],
    /// The texts of `lead`.
    pub dictionary: &'a Dictionary,
    /// Per activity: the lead's e-mail as in [`Leads::emails`], 0 for none. Empty: no such column.
    pub email: &'a [u32],
}

/// The outcome of binding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Binding {
    /// Per activity: the record, or [`ORPHAN`].
    pub record: Vec<u32>,
    /// Activities bound by id.
    pub by_id: u64,
    /// Activities bound by e-mail.
    pub by_email: u64,
    /// Activities whose lead is not among the records.
    pub orphans: u64,
}

/// Why activities cannot be bound.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BindError {
    /// Ids that several sources hold for different persons.
    #[error(
        "activities `{input}`: {rows} rows name leads that several sources hold ({}); say which is \
         meant by giving the file that source's name (--source {}=FILE) or by writing the lead as \
         source:id",
        sources.join(", "),
        sources.first().map_or("NAME", String::as_str)
    )]
    Ambiguous {
        /// Name of the input.
        input: String,
        /// Rows concerned.
        rows: u64,
        /// Names of the sources.
        sources: Vec<String>,
    },
    /// Neither ids nor e-mails to bind by.
    #[error(
        "activities `{input}`: nothing binds them to the leads, which have no id column; name it \
         with --id-column or give the activities an e-mail column (--column email=HEADER)"
    )]
    NoKey {
        /// Name of the input.
        input: String,
    },
}

/// The product of a preset; a name that is no preset's stands for itself.
fn product(name: &str) -> Option<&str> {
    Some(preset::by_name(name).map_or(name, |preset| preset.product.as_str()))
}

/// Binds every activity to a record or leaves it an orphan.
pub fn bind(leads: &Leads, references: &References) -> Result<Binding, BindError> {
    let index = Index::new(leads);
    let resolved: Vec<Vec<Found>> =
        references.inputs.iter().map(|input| index.resolve_all(input, references)).collect();
    let emails = EmailIndex::new(leads);
    let mut binding =
        Binding { record: Vec::with_capacity(references.lead.len()), ..Default::default() };
    let mut trouble = vec![Trouble::default(); references.inputs.len()];
    for (i, (&input, &lead)) in references.input.iter().zip(references.lead).enumerate() {
        let trouble = &mut trouble[input as usize];
        let found = resolved[input as usize][lead.index()];
        let email = references.email.get(i).copied().unwrap_or(0);
        trouble.rows += 1;
        trouble.with_email += u64::from(email != 0);
        let record = match (found, emails.find(email)) {
            (Found::One(record), _) => {
                binding.by_id += 1;
                record.0
            }
            (_, Some(record)) => {
                binding.by_email += 1;
                record.0
            }
            (Found::Several, None) => {
                trouble.ambiguous += 1;
                trouble.lead = trouble.lead.or(Some(lead));
                ORPHAN
            }
            (Found::None, None) => ORPHAN,
        };
        binding.orphans += u64::from(record == ORPHAN);
        binding.record.push(record);
    }
    for (input, trouble) in references.inputs.iter().zip(trouble) {
        index.check(input, &trouble, references)?;
    }
    Ok(binding)
}

/// What stood in the way of an input.
#[derive(Debug, Clone, Default)]
struct Trouble {
    rows: u64,
    with_email: u64,
    ambiguous: u64,
    /// One of the ambiguous leads.
    lead: Option<ValueId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    None,
    One(RecordId),
    Several,
}

/// Records by id.
struct Index<'a> {
    leads: &'a Leads<'a>,
    /// Number of an id over all sources.
    number: FxHashMap<&'a str, u32>,
    /// Start of each id's holders.
    start: Vec<u32>,
    /// (source, first record) by id.
    holders: Vec<(u16, RecordId)>,
    merged: FxHashMap<(u16, &'a str), &'a str>,
}

impl<'a> Index<'a> {
    fn new(leads: &'a Leads<'a>) -> Self {
        let ids = &leads.table.id;
        let mut number: FxHashMap<&str, u32> = FxHashMap::default();
        number.reserve(ids.dictionary.len());
        let number_of: Vec<u32> = ids
            .dictionary
            .iter()
            .map(|id| {
                let next = number.len() as u32;
                *number.entry(canonical(id)).or_insert(next)
            })
            .collect();
        let has_id = |record: RecordId| {
            let source = leads.table.source[record.index()] as usize;
            leads.has_id.get(source).copied().unwrap_or(true)
                && !ids.ids[record.index()].is_missing()
        };
        let id_of = |record: RecordId| number_of[ids.ids[record.index()].index()] as usize;
        let mut start = vec![0u32; number.len() + 1];
        for record in leads.table.records().filter(|&r| has_id(r)) {
            start[id_of(record) + 1] += 1;
        }
        for i in 1..start.len() {
            start[i] += start[i - 1];
        }
        let mut next = start.clone();
        let mut holders = vec![(0, RecordId(0)); start.last().copied().unwrap_or(0) as usize];
        for record in leads.table.records().filter(|&r| has_id(r)) {
            let slot = &mut next[id_of(record)];
            holders[*slot as usize] = (leads.table.source[record.index()], record);
            *slot += 1;
        }
        let merged =
            leads.merged.iter().map(|m| ((m.source, canonical(m.old)), canonical(m.new))).collect();
        Self { leads, number, start, holders, merged }
    }

    /// The record of every distinct reference, as one input means it.
    fn resolve_all(&self, input: &ActivityInput, references: &References) -> Vec<Found> {
        let own = self.own_sources(input);
        (0..references.dictionary.len() as u32)
            .into_par_iter()
            .with_min_len(4096)
            .map(|v| self.resolve(references.dictionary.get(ValueId(v)), &own))
            .collect()
    }

    /// The sources an input speaks of: those of its name, else of its product, else all.
    fn own_sources(&self, input: &ActivityInput) -> Vec<u16> {
        let sources = &self.leads.table.sources;
        let matching = |test: &dyn Fn(&crate::record::SourceInfo) -> bool| -> Vec<u16> {
            let hits = sources.iter().enumerate().filter(|(_, s)| test(s));
            hits.map(|(i, _)| i as u16).filter(|&s| self.has_id(s)).collect()
        };
        let mut own = matching(&|s| s.name == input.name);
        if own.is_empty() && input.preset.is_some() {
            own = matching(&|s| s.preset.as_deref().and_then(product) == input.preset);
        }
        if own.is_empty() {
            own = matching(&|_| true);
        }
        own
    }

    fn has_id(&self, source: u16) -> bool {
        self.leads.has_id.get(source as usize).copied().unwrap_or(true)
    }

    fn resolve(&self, reference: &str, own: &[u16]) -> Found {
        let reference = reference.trim();
        if reference.is_empty() {
            return Found::None;
        }
        match self.find(reference, own) {
            Found::None => self.find_qualified(reference),
            found => found,
        }
    }

    /// `source:id`.
    fn find_qualified(&self, reference: &str) -> Found {
        let Some((name, id)) = reference.split_once(':') else { return Found::None };
        let sources = self.leads.table.sources.iter().enumerate();
        let named: Vec<u16> =
            sources.filter(|(_, s)| s.name == name).map(|(i, _)| i as u16).collect();
        if named.is_empty() { Found::None } else { self.find(id, &named) }
    }

    /// The record some sources hold for an id, directly or after merges.
    fn find(&self, id: &str, sources: &[u16]) -> Found {
        let mut found = Found::None;
        for &source in sources {
            let Some(record) = self.follow(id, source) else { continue };
            found = match found {
                Found::None => Found::One(record),
                Found::One(first) if self.same_person(first, record) => {
                    Found::One(first.min(record))
                }
                _ => return Found::Several,
            };
        }
        found
    }

    fn same_person(&self, a: RecordId, b: RecordId) -> bool {
        let person = |r: RecordId| self.leads.clusters.person_of.get(r.index());
        person(a) == person(b)
    }

    /// Follows the trail of merges; a record that is there ends it.
    fn follow(&self, id: &str, source: u16) -> Option<RecordId> {
        let mut id = canonical(id);
        // A trail that runs in a circle names no record.
        for _ in 0..=self.merged.len() {
            if let Some(record) = self.held_by(id, source) {
                return Some(record);
            }
            id = self.merged.get(&(source, id)).copied()?;
        }
        None
    }

    fn held_by(&self, id: &str, source: u16) -> Option<RecordId> {
        self.holders_of(id).iter().find(|h| h.0 == source).map(|h| h.1)
    }

    fn holders_of(&self, id: &str) -> &[(u16, RecordId)] {
        match self.number.get(id) {
            Some(&n) => {
                &self.holders[self.start[n as usize] as usize..self.start[n as usize + 1] as usize]
            }
            None => &[],
        }
    }

    fn check(
        &self,
        input: &ActivityInput,
        trouble: &Trouble,
        references: &References,
    ) -> Result<(), BindError> {
        let own = self.own_sources(input);
        if let Some(lead) = trouble.lead {
            let id = references.dictionary.get(lead).trim();
            let holds = own.iter().filter(|&&s| self.follow(id, s).is_some());
            let name = |&s: &u16| self.leads.table.sources[s as usize].name.clone();
            return Err(BindError::Ambiguous {
                input: input.name.to_string(),
                rows: trouble.ambiguous,
                sources: holds.map(name).collect(),
            });
        }
        if trouble.rows > 0 && trouble.with_email == 0 && own.is_empty() {
            return Err(BindError::NoKey { input: input.name.to_string() });
        }
        Ok(())
    }
}

/// Records by e-mail. An address that several persons hold names none of them.
struct EmailIndex(FxHashMap<u32, Option<RecordId>>);

impl EmailIndex {
    fn new(leads: &Leads) -> Self {
        let mut index: FxHashMap<u32, Option<RecordId>> = FxHashMap::default();
        let person = |r: RecordId| leads.clusters.person_of.get(r.index());
        for &(email, record) in leads.emails {
            let known = index.entry(email).or_insert(Some(record));
            *known = known.and_then(|k| (person(k) == person(record)).then(|| k.min(record)));
        }
        Self(index)
    }

    fn find(&self, email: u32) -> Option<RecordId> {
        if email == 0 { None } else { self.0.get(&email).copied().flatten() }
    }
}

/// The form of an id that is compared.
fn canonical(id: &str) -> &str {
    let id = id.trim();
    match id.as_bytes() {
        bytes if bytes.len() == 18 && is_salesforce_18(bytes) => &id[..15],
        _ => id,
    }
}

/// The form with 18 characters of a Salesforce id; any other id as it is.
pub(crate) fn salesforce_18(id: &str) -> String {
    let plain = id.len() == 15 && id.bytes().all(|b| b.is_ascii_alphanumeric());
    if !plain {
        return id.to_string();
    }
    let checksum = id.as_bytes().chunks(5).map(|five| char::from(checksum_of(five)));
    id.chars().chain(checksum).collect()
}

/// Tells which of five characters are upper case.
fn checksum_of(five: &[u8]) -> u8 {
    const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let upper = |(i, c): (usize, &u8)| usize::from(c.is_ascii_uppercase()) << i;
    DIGITS[five.iter().enumerate().map(upper).sum::<usize>()]
}

/// True when the last three characters are the checksum of the first fifteen: each tells which of
/// five characters are upper case.
fn is_salesforce_18(id: &[u8]) -> bool {
    let (id, checksum) = id.split_at(15);
    id.iter().all(u8::is_ascii_alphanumeric)
        && id
            .chunks(5)
            .zip(checksum)
            .all(|(five, digit)| checksum_of(five) == digit.to_ascii_uppercase())
}

#[cfg(test)]
mod tests;
