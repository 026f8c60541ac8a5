//! Values that several records have, with who has them.
//!
//! Called for every pass of blocking and for every kind of relation between persons. Most values are
//! one record's alone, and no pair comes of them: they are left out before anything is sorted. Two
//! bits for each of many places that values fall on tell nearly all of them, and fit a cache.

use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// Records a thread takes at a time.
const CHUNK: u32 = 8192;

/// Which values were met at all, and which more than once. One that was met twice is always known to
/// be; one that was not may share its place with another.
struct Seen {
    once: Vec<AtomicU64>,
    again: Vec<AtomicU64>,
    shift: u32,
}

impl Seen {
    fn new(records: usize) -> Self {
        let bits = (records.max(64) * 16).next_power_of_two();
        let words = || (0..bits / 64).map(|_| AtomicU64::new(0)).collect();
        Self { once: words(), again: words(), shift: 64 - bits.trailing_zeros() }
    }

    fn place(&self, value: u64) -> (usize, u64) {
        let place = value.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift;
        ((place >> 6) as usize, 1 << (place & 63))
    }

    fn note(&self, value: u64) {
        let (word, bit) = self.place(value);
        if self.once[word].fetch_or(bit, Ordering::Relaxed) & bit != 0 {
            self.again[word].fetch_or(bit, Ordering::Relaxed);
        }
    }

    fn is_shared(&self, value: u64) -> bool {
        let (word, bit) = self.place(value);
        self.again[word].load(Ordering::Relaxed) & bit != 0
    }
}

/// The values that `values` appends for each record, each with its owner, sorted and without repeats.
/// All values that several records have are among them, and a few others.
pub(crate) fn entries(
    records: u32,
    values: impl Fn(u32, &mut Vec<u64>) + Sync,
    owner: impl Fn(u32) -> u32 + Sync,
) -> Vec<(u64, u32)> {
    let seen = Seen::new(records as usize);
    let mut chunks: Vec<Vec<(u64, u32)>> = (0..records.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let mut own = Vec::new();
            let mut out = Vec::with_capacity(CHUNK as usize);
            let start = chunk * CHUNK;
            for record in start..records.min(start.saturating_add(CHUNK)) {
                own.clear();
                values(record, &mut own);
                own.iter().for_each(|&value| seen.note(value));
                out.extend(own.iter().map(|&value| (value, owner(record))));
            }
            out
        })
        .collect();
    chunks.par_iter_mut().for_each(|chunk| chunk.retain(|entry| seen.is_shared(entry.0)));
    let mut entries = Vec::with_capacity(chunks.iter().map(Vec::len).sum());
    for chunk in chunks {
        entries.extend_from_slice(&chunk);
    }
    entries.par_sort_unstable();
    entries.dedup();
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn all_that_several_have_is_there_once(
            held in prop::collection::vec(prop::collection::vec(0u64..60, 0..4), 1..80),
        ) {
            let values = |r: u32, out: &mut Vec<u64>| out.extend(&held[r as usize]);
            let found = entries(held.len() as u32, values, |r| r / 2);
            let mut all: Vec<(u64, u32)> = (0..held.len() as u32)
                .flat_map(|r| held[r as usize].iter().map(move |&v| (v, r / 2)))
                .collect();
            all.sort_unstable();
            all.dedup();
            let several = |v: u64| all.iter().filter(|e| e.0 == v).count() > 1;
            prop_assert!(found.is_sorted() && found.iter().all(|e| all.contains(e)));
            for entry in all.iter().filter(|e| several(e.0)) {
                prop_assert_eq!(found.iter().filter(|e| *e == entry).count(), 1);
            }
        }
    }
}
