//! A frozen model as bytes: what a state keeps.
//!
//! A head in JSON, then every number that decides by its bits, then the counts sorted by hash. Why
//! bits: a number that goes through decimal text may come back another, and a pair with it.

use super::Frozen;
use super::snapshot::{Counts, GenericCounts, Snapshot};
use crate::blocking::frozen::Blocks;
use crate::compare::feature::Averages;
use crate::matching::model::MatchingModel;
use crate::normalize::record::Reading;
use crate::source::fingerprint::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;

const MAGIC: &[u8; 8] = b"leadfrzn";
/// Version of the form.
const VERSION: u32 = 2;
/// Versions that can be read: the first one had no namesakes in its model, and nothing else differs.
const READABLE: std::ops::RangeInclusive<u32> = 1..=VERSION;

/// What is text.
#[derive(Serialize, Deserialize)]
struct Head {
    model: MatchingModel,
    averages: Averages,
    reading: Reading,
    whole: bool,
    thin: bool,
    generics: Vec<(String, bool)>,
}

/// Why bytes are no frozen model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Another version of the form.
    #[error("its form is version {0}; this version reads up to 2")]
    Version(u32),
    /// Not the form at all.
    #[error("is damaged")]
    Damaged,
}

/// All numbers of a model and its averages that a decision is computed from, in a fixed order.
fn numbers<'a>(model: &'a mut MatchingModel, averages: &'a mut Averages) -> Vec<&'a mut f64> {
    let mut all = vec![
        &mut model.same_share,
        &mut model.related_share,
        &mut model.given_agreement_prob,
        &mut model.family_agreement_prob,
        &mut model.calibration.slope,
        &mut model.calibration.intercept,
        &mut model.merge_at,
        &mut model.review_at,
        &mut averages.records,
        &mut averages.company,
        &mut averages.city,
    ];
    all.extend(&mut averages.generic);
    for level in model.comparisons.iter_mut().flat_map(|c| &mut c.levels) {
        all.extend([&mut level.same_prob, &mut level.related_prob, &mut level.unrelated_prob]);
    }
    if let Some(namesakes) = &mut model.namesakes {
        all.push(&mut namesakes.share);
        all.extend(namesakes.levels.iter_mut().flatten());
    }
    all
}

impl Frozen {
    /// What tells this frozen matching from any other, and says nothing of what it has seen: the first
    /// 64 bits of the SHA-256 over its numbers, in hexadecimal.
    pub fn name(&self) -> String {
        let (mut model, mut averages) = (self.model.clone(), self.snapshot.averages.clone());
        let mut hash = Sha256::new();
        for number in numbers(&mut model, &mut averages) {
            hash.update(number.to_bits().to_le_bytes());
        }
        for counts in self.snapshot.tables() {
            hash.update((counts.entries().len() as u64).to_le_bytes());
        }
        hex(&hash.finalize()[..8])
    }

    /// The model as bytes; the same for the same model.
    pub fn to_bytes(&self) -> Vec<u8> {
        let s = &self.snapshot;
        let mut head = Head {
            model: self.model.clone(),
            averages: s.averages.clone(),
            reading: s.reading.clone(),
            whole: s.blocks.whole,
            thin: s.blocks.thin,
            generics: s.generics.iter().map(|g| (g.header.clone(), g.external)).collect(),
        };
        let mut out = MAGIC.to_vec();
        out.extend(VERSION.to_le_bytes());
        // Finite numbers and text always have a JSON form; what is not finite is not decided on.
        let text = serde_json::to_vec(&head).unwrap_or_default();
        out.extend((text.len() as u64).to_le_bytes());
        out.extend(text);
        for number in numbers(&mut head.model, &mut head.averages) {
            out.extend(number.to_bits().to_le_bytes());
        }
        for counts in s.tables() {
            write_counts(counts, &mut out);
        }
        let mut large: Vec<u64> = s.blocks.large.iter().copied().collect();
        large.sort_unstable();
        out.extend((large.len() as u64).to_le_bytes());
        out.extend(large.iter().flat_map(|key| key.to_le_bytes()));
        out
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// `Unreadable` for bytes of another version or none of ours.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        let mut rest = Rest(bytes.strip_prefix(MAGIC).ok_or(Unreadable::Damaged)?);
        let version = rest.u32()?;
        if !READABLE.contains(&version) {
            return Err(Unreadable::Version(version));
        }
        let len = rest.u64()?;
        let text = rest.take(usize::try_from(len).map_err(|_| Unreadable::Damaged)?)?;
        let mut head: Head = serde_json::from_slice(text).map_err(|_| Unreadable::Damaged)?;
        for number in numbers(&mut head.model, &mut head.averages) {
            *number = f64::from_bits(rest.u64()?);
            if !number.is_finite() {
                return Err(Unreadable::Damaged);
            }
        }
        let mut snapshot =
            Snapshot { averages: head.averages, reading: head.reading, ..Snapshot::default() };
        snapshot.generics = head
            .generics
            .into_iter()
            .map(|(header, external)| GenericCounts { header, external, ..Default::default() })
            .collect();
        for counts in snapshot.tables_mut() {
            *counts = rest.counts()?;
        }
        let large = rest.u64()?;
        snapshot.blocks = Blocks { whole: head.whole, thin: head.thin, ..Blocks::default() };
        snapshot.blocks.large.reserve((large as usize).min(rest.0.len() / 8));
        for _ in 0..large {
            snapshot.blocks.large.insert(rest.u64()?);
        }
        if rest.0.is_empty() {
            Ok(Self { model: head.model, snapshot: Arc::new(snapshot) })
        } else {
            Err(Unreadable::Damaged)
        }
    }
}

impl Snapshot {
    fn tables(&self) -> Vec<&Counts> {
        let own = [
            &self.tokens,
            &self.emails,
            &self.locals,
            &self.phones,
            &self.streets,
            &self.companies,
            &self.cities,
            &self.words,
        ];
        own.into_iter().chain(self.generics.iter().map(|g| &g.counts)).collect()
    }

    fn tables_mut(&mut self) -> Vec<&mut Counts> {
        let own = [
            &mut self.tokens,
            &mut self.emails,
            &mut self.locals,
            &mut self.phones,
            &mut self.streets,
            &mut self.companies,
            &mut self.cities,
            &mut self.words,
        ];
        own.into_iter().chain(self.generics.iter_mut().map(|g| &mut g.counts)).collect()
    }
}

fn write_counts(counts: &Counts, out: &mut Vec<u8>) {
    out.extend((counts.entries().len() as u64).to_le_bytes());
    for &(hash, [a, b]) in counts.entries() {
        out.extend(hash.to_le_bytes());
        write_number(a, out);
        write_number(b, out);
    }
}

/// Seven bits a byte, the low ones first: most counts are small.
fn write_number(mut number: u32, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// What is left to read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], Unreadable> {
        let (head, tail) = self.0.split_at_checked(len).ok_or(Unreadable::Damaged)?;
        self.0 = tail;
        Ok(head)
    }

    fn u32(&mut self) -> Result<u32, Unreadable> {
        let bytes = self.take(4)?.try_into().map_err(|_| Unreadable::Damaged)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn u64(&mut self) -> Result<u64, Unreadable> {
        let bytes = self.take(8)?.try_into().map_err(|_| Unreadable::Damaged)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn number(&mut self) -> Result<u32, Unreadable> {
        let (mut number, mut shift) = (0u64, 0);
        loop {
            let byte = self.take(1)?[0];
            number |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return u32::try_from(number).map_err(|_| Unreadable::Damaged);
            }
            if shift > 28 {
                return Err(Unreadable::Damaged);
            }
        }
    }

    fn counts(&mut self) -> Result<Counts, Unreadable> {
        let len = self.u64()?;
        // Ten bytes an entry at least: a length alone reserves nothing that is not there.
        let mut counts = Vec::with_capacity((len as usize).min(self.0.len() / 10));
        for _ in 0..len {
            let hash = self.u64()?;
            counts.push((hash, [self.number()?, self.number()?]));
        }
        Counts::of_sorted(counts).ok_or(Unreadable::Damaged)
    }
}
