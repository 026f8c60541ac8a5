//! Names for persons that outlive a run.
//!
//! A person is named after the earliest of its records: created first (a known date before none),
//! then first in canonical order. The id is `p_` and 16 characters of lower-case Crockford base32:
//! the first 80 bits of the SHA-256 of
//!
//! ```text
//! "leadmend-person-1" 0x00  source name 0x00  record id 0x00  digest (8 bytes, big endian)  occurrence (4 bytes, big endian)
//! ```
//!
//! where the record id is empty for a source without an id column (row numbers change with the row
//! order) and the digest is that of the record's raw cells. Why the earliest record: what is added
//! later leaves the name alone, and nothing of other persons enters it, so it depends neither on row
//! order nor on threads nor on unrelated records.
//!
//! Two persons get the same 80 bits only by accident (one run in 10^12 at a million persons) or when
//! their earliest records are equal to the byte in a source without ids. Each of them is then told
//! apart by a dash and four characters of the SHA-256 over the keys of all its records, or, where
//! even these agree, by a dash and its number.

use crate::cluster::Clusters;
use crate::record::{RecordId, Table};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::cmp::Reverse;
use std::collections::BTreeMap;

const DOMAIN: &[u8] = b"leadmend-person-1";
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Length of an id that needed no distinction.
const LEN: usize = 18;

/// The ids of all persons of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonIds {
    text: String,
    /// Ids that had to be told apart.
    longer: BTreeMap<u32, String>,
    /// Per person: the record it is named after.
    pub named_after: Vec<RecordId>,
}

impl PersonIds {
    /// The id of a person.
    pub fn get(&self, person: u32) -> &str {
        let at = person as usize * LEN;
        match self.longer.get(&person) {
            Some(id) => id,
            None => &self.text[at..at + LEN],
        }
    }

    /// Gives a person the id it has had before.
    pub fn rename(&mut self, person: u32, id: &str) {
        self.longer.insert(person, id.to_string());
    }

    /// The same persons under other ids, one each.
    pub(crate) fn renamed<'a>(self, id: impl Fn(u32) -> &'a str) -> Self {
        let mut text = String::with_capacity(self.text.len());
        let mut longer = BTreeMap::new();
        for person in 0..self.named_after.len() as u32 {
            match id(person) {
                short if short.len() == LEN => text.push_str(short),
                other => {
                    text.push_str(&" ".repeat(LEN));
                    longer.insert(person, other.to_string());
                }
            }
        }
        Self { text, longer, named_after: self.named_after }
    }

    /// Number of persons.
    pub fn len(&self) -> usize {
        self.named_after.len()
    }

    /// True when there is no person.
    pub fn is_empty(&self) -> bool {
        self.named_after.is_empty()
    }
}

/// Names every person.
///
/// `created` holds microseconds per record (`i64::MIN` where unknown; empty when no source has such
/// a column); `has_id` says per source whether its record ids come from a column.
pub fn name_persons(
    table: &Table,
    clusters: &Clusters,
    created: &[i64],
    has_id: &[bool],
) -> PersonIds {
    let naming = Naming { table, created, has_id };
    let named: Vec<(RecordId, u128)> = (0..clusters.len() as u32)
        .into_par_iter()
        .with_min_len(1024)
        .map(|person| {
            let record = naming.earliest(clusters.members(person));
            (record, naming.code(record))
        })
        .collect();
    let mut text = String::with_capacity(named.len() * LEN);
    for (_, code) in &named {
        text.push_str("p_");
        push_code(&mut text, *code, 16);
    }
    let longer = naming.tell_apart(clusters, &named, &text);
    PersonIds { text, longer, named_after: named.into_iter().map(|n| n.0).collect() }
}

struct Naming<'a> {
    table: &'a Table,
    created: &'a [i64],
    has_id: &'a [bool],
}

impl Naming<'_> {
    fn has_id(&self, record: RecordId) -> bool {
        let source = self.table.source[record.index()] as usize;
        self.has_id.get(source).copied().unwrap_or(true)
    }

    /// The record a person is named after; `members` is never empty.
    fn earliest(&self, members: &[RecordId]) -> RecordId {
        if let [only] = members {
            return *only;
        }
        let key = |record: &RecordId| {
            let created = self.created.get(record.index()).copied().unwrap_or(i64::MIN);
            // Without an id column the canonical order follows row numbers: content decides instead.
            let content = if self.has_id(*record) { 0 } else { self.table.digest[record.index()] };
            let source = self.table.source[record.index()];
            (Reverse(created != i64::MIN), created, source, content, *record)
        };
        members.iter().copied().min_by_key(key).unwrap_or(RecordId(0))
    }

    fn hash_key(&self, record: RecordId, hasher: &mut Sha256) {
        let key = self.table.key(record);
        hasher.update(DOMAIN);
        hasher.update([0]);
        hasher.update(key.source);
        hasher.update([0]);
        if self.has_id(record) {
            hasher.update(key.id);
        }
        hasher.update([0]);
        hasher.update(self.table.digest[record.index()].to_be_bytes());
        hasher.update(key.occurrence.to_be_bytes());
    }

    fn code(&self, record: RecordId) -> u128 {
        let mut hasher = Sha256::new();
        self.hash_key(record, &mut hasher);
        leading_bits(hasher)
    }

    /// Longer ids for persons whose short ones are equal.
    fn tell_apart(
        &self,
        clusters: &Clusters,
        named: &[(RecordId, u128)],
        text: &str,
    ) -> BTreeMap<u32, String> {
        let mut by_code: Vec<(u128, u32)> =
            named.iter().enumerate().map(|(p, n)| (n.1 >> 48, p as u32)).collect();
        by_code.par_sort_unstable();
        let mut longer = BTreeMap::new();
        for same in by_code.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
            let mut persons: Vec<(u128, u32)> =
                same.iter().map(|&(_, p)| (self.whole_code(clusters.members(p)), p)).collect();
            persons.sort_unstable();
            let short = &text[same[0].1 as usize * LEN..][..LEN];
            for (i, &(code, person)) in persons.iter().enumerate() {
                let mut id = format!("{short}-");
                push_code(&mut id, code, 4);
                if persons.iter().any(|&(c, p)| p != person && c >> 108 == code >> 108) {
                    id.push_str(&format!("-{}", i + 1));
                }
                longer.insert(person, id);
            }
        }
        longer
    }

    fn whole_code(&self, members: &[RecordId]) -> u128 {
        let mut codes: Vec<u128> = members.iter().map(|&r| self.code(r)).collect();
        codes.sort_unstable();
        let mut hasher = Sha256::new();
        for code in codes {
            hasher.update(code.to_be_bytes());
        }
        leading_bits(hasher)
    }
}

fn leading_bits(hasher: Sha256) -> u128 {
    let digest = hasher.finalize();
    digest.iter().take(16).fold(0, |bits, &byte| bits << 8 | u128::from(byte))
}

/// Appends the leading `chars` times five bits of `code`.
fn push_code(text: &mut String, code: u128, chars: u32) {
    for i in 0..chars {
        let digit = code >> (123 - 5 * i) & 31;
        text.push(ALPHABET[digit as usize] as char);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::sample::table;
    use proptest::prelude::*;

    fn ids(table: &Table, labels: &[u32], created: &[i64], has_id: bool) -> PersonIds {
        name_persons(table, &Clusters::from_labels(labels), created, &[has_id])
    }

    #[test]
    fn an_id_has_the_documented_form() {
        let t = table("crm", &["id"], &[&["7"]]);
        let ids = ids(&t, &[0], &[], true);
        let id = ids.get(0);
        assert_eq!(id.len(), 18);
        assert!(id.starts_with("p_"));
        assert!(id[2..].bytes().all(|b| ALPHABET.contains(&b)), "{id}");
        let mut message = b"leadmend-person-1\0crm\x007\0".to_vec();
        message.extend(t.digest[0].to_be_bytes());
        message.extend([0, 0, 0, 1]);
        let mut text = String::from("p_");
        push_code(&mut text, leading_bits(Sha256::new_with_prefix(&message)), 16);
        assert_eq!(id, text);
    }

    #[test]
    fn named_after_the_earliest_record() {
        let t = table("crm", &["id"], &[&["1"], &["2"], &["3"]]);
        let alone = ids(&t, &[0, 1, 2], &[], true);
        let cases: &[(&[i64], u32, &str)] = &[
            (&[], 0, "no dates: canonical order"),
            (&[30, 20, 20], 1, "the earliest, then canonical order"),
            (&[i64::MIN, 20, 30], 1, "a known date before none"),
        ];
        for (created, expected, why) in cases {
            let together = ids(&t, &[0, 0, 0], created, true);
            assert_eq!(together.get(0), alone.get(*expected), "{why}");
            assert_eq!(together.named_after, [RecordId(*expected)], "{why}");
        }
    }

    #[test]
    fn equal_rows_without_ids_are_told_apart_by_their_person() {
        // Rows 0 and 1 are equal to the byte; what else their persons hold differs.
        let rows: &[&[&str]] = &[&["", "x"], &["", "x"], &["", "y"], &["", "z"]];
        let t = table("list", &["id", "name"], rows);
        let created = [1, 1, 9, 9];
        let one = ids(&t, &[0, 1, 0, 1], &created, false);
        let other = ids(&t, &[0, 1, 1, 0], &created, false);
        assert_ne!(one.get(0), one.get(1));
        assert_eq!(one.get(0), other.get(1), "x with y, whichever x it is");
        assert_eq!(one.get(1), other.get(0), "x with z");
        let alone = ids(&t, &[0, 1, 2, 3], &created, false);
        assert_ne!(alone.get(0), alone.get(1), "nothing tells them apart but a number");
    }

    proptest! {
        #[test]
        fn stable_under_unrelated_records(
            names in prop::collection::vec("[a-c]{0,2}", 1..20), more in 0usize..8,
        ) {
            let ids: Vec<String> = (0..names.len() + more).map(|i| i.to_string()).collect();
            let rows: Vec<Vec<&str>> = ids
                .iter()
                .enumerate()
                .map(|(i, id)| vec![id.as_str(), names.get(i).map_or("new", |n| n)])
                .collect();
            let rows: Vec<&[&str]> = rows.iter().map(|r| r.as_slice()).collect();
            let labels: Vec<u32> = (0..rows.len() as u32).map(|i| i / 2 * 2).collect();
            let few = names.len() / 2 * 2;
            let all = name_persons(
                &table("s", &["id", "name"], &rows), &Clusters::from_labels(&labels), &[], &[true],
            );
            let part = name_persons(
                &table("s", &["id", "name"], &rows[..few]),
                &Clusters::from_labels(&labels[..few]), &[], &[true],
            );
            for p in 0..part.len() as u32 {
                prop_assert_eq!(part.get(p), all.get(p));
            }
        }
    }
}
