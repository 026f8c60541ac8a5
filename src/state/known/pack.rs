//! Numbers and keys in few bytes.
//!
//! A million leads have thirteen million keys. One row of a table each would be over two hundred
//! bytes a lead; sorted, cut into buckets and written as differences they are less than half of that,
//! and a look-up reads one bucket.

use rustc_hash::FxHashSet;
use std::collections::BTreeSet;

/// Bits of a key that are kept: enough that two keys hardly ever fall together, and where they do,
/// a record too many is looked at and dismissed.
const KEY_BITS: u32 = 48;
/// Entries a bucket holds on average.
const BUCKET: usize = 64;
/// Second keys of a record, folded to 16 bits each; 0 for none.
pub(super) type Seconds = [u16; 10];

/// Seven bits a byte, the low ones first.
pub(super) fn push(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// What is left to read; damaged bytes end it.
pub(super) struct Rest<'a>(pub(super) &'a [u8]);

impl<'a> Rest<'a> {
    pub(super) fn number(&mut self) -> Option<u64> {
        let (mut number, mut shift) = (0u64, 0);
        loop {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f).checked_shl(shift)?;
            shift += 7;
            if byte < 0x80 {
                return Some(number);
            }
        }
    }

    pub(super) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(head)
    }

    /// A text with its length before it.
    pub(super) fn text(&mut self) -> Option<&'a str> {
        let len = usize::try_from(self.number()?).ok()?;
        std::str::from_utf8(self.take(len)?).ok()
    }
}

/// Numbers in ascending order, as differences.
pub(super) fn pack_ascending(numbers: impl Iterator<Item = i64>) -> Vec<u8> {
    let (mut out, mut before) = (Vec::new(), 0);
    for number in numbers {
        push((number - before) as u64, &mut out);
        before = number;
    }
    out
}

/// What [`pack_ascending`] wrote.
pub(super) fn ascending(bytes: &[u8]) -> impl Iterator<Item = i64> {
    let (mut rest, mut before) = (Rest(bytes), 0i64);
    std::iter::from_fn(move || {
        before = before.wrapping_add(rest.number()? as i64);
        Some(before)
    })
}

/// A record filed under a key; second keys where the key was large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) key: u64,
    pub(super) record: i64,
    pub(super) seconds: Option<Seconds>,
}

/// Bits of a key that name its bucket, for so many entries.
pub(super) fn bucket_bits(entries: usize) -> u32 {
    (entries / BUCKET).max(1).next_power_of_two().ilog2().min(KEY_BITS - 8)
}

/// The bucket of a key.
pub(super) fn bucket_of(key: u64, bits: u32) -> i64 {
    if bits == 0 { 0 } else { (key >> (64 - bits)) as i64 }
}

fn kept(key: u64) -> u64 {
    key >> (64 - KEY_BITS)
}

/// Sorts entries the way buckets hold them.
pub(super) fn order(entry: &Entry) -> (u64, i64) {
    (kept(entry.key), entry.record)
}

/// A bucket: its entries in [`order`].
pub(super) fn pack_bucket(entries: &[Entry]) -> Vec<u8> {
    let mut out = Vec::with_capacity(entries.len() * 7);
    let (mut key, mut record) = (0, 0);
    for entry in entries {
        let own = kept(entry.key);
        if own != key {
            record = 0;
        }
        push(own.wrapping_sub(key), &mut out);
        push(
            (entry.record.wrapping_sub(record) as u64) << 1 | u64::from(entry.seconds.is_some()),
            &mut out,
        );
        for second in entry.seconds.iter().flatten() {
            out.extend(second.to_le_bytes());
        }
        (key, record) = (own, entry.record);
    }
    out
}

/// Adds the records that a bucket files under a key. Under a key that was large, only those count
/// that share a second key with one of `asking`.
pub(super) fn find(bytes: &[u8], sought: u64, asking: &[Seconds], found: &mut FxHashSet<i64>) {
    let (mut rest, sought) = (Rest(bytes), kept(sought));
    let (mut key, mut record) = (0u64, 0i64);
    while let (Some(more), Some(code)) = (rest.number(), rest.number()) {
        if more != 0 {
            record = 0;
        }
        key = key.wrapping_add(more);
        record = record.wrapping_add((code >> 1) as i64);
        let seconds = if code & 1 == 1 { rest.take(20) } else { None };
        if key > sought {
            return;
        }
        if key == sought && seconds.is_none_or(|own| asking.iter().any(|other| share(own, other))) {
            found.insert(record);
        }
    }
}

/// A bucket without some of the records, and how many entries are gone.
pub(super) fn without(bytes: &[u8], records: &BTreeSet<i64>) -> (Vec<u8>, usize) {
    let (mut rest, mut entries) = (Rest(bytes), Vec::new());
    let (mut key, mut record) = (0u64, 0i64);
    let mut gone = 0;
    while let (Some(more), Some(code)) = (rest.number(), rest.number()) {
        if more != 0 {
            record = 0;
        }
        key = key.wrapping_add(more);
        record = record.wrapping_add((code >> 1) as i64);
        let seconds = if code & 1 == 1 { rest.take(20) } else { None };
        if records.contains(&record) {
            gone += 1;
            continue;
        }
        let second = |own: &[u8], i: usize| u16::from_le_bytes([own[2 * i], own[2 * i + 1]]);
        let seconds = seconds.map(|own| std::array::from_fn(|i| second(own, i)));
        entries.push(Entry { key: key << (64 - KEY_BITS), record, seconds });
    }
    (pack_bucket(&entries), gone)
}

fn share(own: &[u8], other: &Seconds) -> bool {
    own.chunks_exact(2)
        .zip(other)
        .any(|(own, other)| *other != 0 && own == other.to_le_bytes().as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_packed_is_found(
            filed in prop::collection::vec((0u64..40, 1i64..2000, any::<bool>()), 0..200),
        ) {
            let spread = |key: u64| key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let mut entries: Vec<Entry> = filed
                .iter()
                .map(|&(key, record, large)| Entry {
                    key: spread(key),
                    record,
                    seconds: large.then(|| std::array::from_fn(|i| (record as u16 + i as u16) % 7)),
                })
                .collect();
            entries.sort_by_key(order);
            entries.dedup_by_key(|e| order(e));
            let bits = bucket_bits(entries.len());
            for key in 0..41 {
                let asking = [[3; 10]];
                let mut found = FxHashSet::default();
                for bucket in entries.chunk_by(|x, y| bucket_of(x.key, bits) == bucket_of(y.key, bits)) {
                    if bucket_of(bucket[0].key, bits) == bucket_of(spread(key), bits) {
                        find(&pack_bucket(bucket), spread(key), &asking, &mut found);
                    }
                }
                let expected: FxHashSet<i64> = entries
                    .iter()
                    .filter(|e| e.key == spread(key))
                    .filter(|e| e.seconds.is_none_or(|s| s.contains(&3)))
                    .map(|e| e.record)
                    .collect();
                prop_assert_eq!(found, expected);
            }
        }

        #[test]
        fn ascending_numbers_come_back(mut numbers in prop::collection::vec(0i64..1 << 40, 0..50)) {
            numbers.sort_unstable();
            let bytes = pack_ascending(numbers.iter().copied());
            prop_assert_eq!(ascending(&bytes).collect::<Vec<_>>(), numbers);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..100), key: u64) {
            let mut found = FxHashSet::default();
            find(&bytes, key, &[[1; 10]], &mut found);
            let _ = ascending(&bytes).count();
            let _ = Rest(&bytes).text();
        }
    }
}
