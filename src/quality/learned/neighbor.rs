//! Values in the column beside their own: one is a slip, several in a row are a lost delimiter.

use crate::quality::census::{Census, at_least, sentence};
use crate::quality::checks::NAMES;
use crate::quality::{Collector, Hits};
use crate::record::RecordId;
use crate::schema::Role;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// Kinds of values that can be told without knowing the column; 0 is text.
const EMAIL: u8 = 1;
const URL: u8 = 2;
const DATE: u8 = 3;
const PHONE: u8 = 4;
const NUMBER: u8 = 5;

fn kind(text: &str) -> u8 {
    let text = text.trim();
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes.len() > 120 {
        return 0;
    }
    if let Some(at) = memchr::memchr(b'@', bytes) {
        let plain = !bytes.contains(&b' ') && bytes[at + 1..].contains(&b'.') && at > 0;
        return if plain { EMAIL } else { 0 };
    }
    if matches!(bytes[0], b'h' | b'w')
        && (text.starts_with("http://") || text.starts_with("https://") || text.starts_with("www."))
    {
        return URL;
    }
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    if digits == bytes.len() {
        return if digits >= 9 { PHONE } else { NUMBER };
    }
    if digits < 4 {
        return 0;
    }
    let iso = bytes.len() >= 8
        && bytes[..4].iter().all(u8::is_ascii_digit)
        && matches!(bytes[4], b'-' | b'/')
        && bytes[5].is_ascii_digit();
    let slashed = bytes.len() <= 20
        && bytes.iter().filter(|b| **b == b'/').count() == 2
        && bytes[0].is_ascii_digit();
    if iso || slashed {
        return DATE;
    }
    let dialed = bytes.iter().all(|b| b.is_ascii_digit() || b"+ ()-./".contains(b));
    if dialed && digits >= 9 { PHONE } else { 0 }
}

/// Share of a column's cells that must be of one kind, with 95 % certainty.
const OF_A_KIND: f64 = 0.8;

/// Where cells stand that belong one column to the left or to the right.
pub(in crate::quality) fn check(census: &Census, out: &mut Collector) {
    let kinds: Vec<Vec<u8>> = (0..census.counts.len())
        .into_par_iter()
        .map(|column| {
            let counts = &census.counts[column];
            (0..counts.len())
                .into_par_iter()
                .with_min_len(4096)
                .map(|v| if v == 0 || counts[v] == 0 { 0 } else { kind(census.text(column, v)) })
                .collect()
        })
        .collect();
    let own: Vec<Option<u8>> = (0..kinds.len()).map(|c| kind_of(census, c, &kinds[c])).collect();
    let mut marks: FxHashMap<u32, Vec<(usize, isize)>> = FxHashMap::default();
    for column in 0..kinds.len() {
        for step in [-1isize, 1] {
            mark(census, (&kinds, &own), column, step, &mut marks);
        }
    }
    let (mut shifted, mut single): (Vec<u32>, Vec<(usize, u32)>) = (Vec::new(), Vec::new());
    for (record, of_record) in marks {
        let toward = |step| of_record.iter().filter(|m| m.1 == step).count();
        if toward(-1) >= 2 || toward(1) >= 2 {
            shifted.push(record);
        } else {
            single.extend(of_record.iter().map(|m| (m.0, record)));
        }
    }
    shifted.sort_unstable();
    single.sort_unstable();
    let hits = Hits {
        count: shifted.len() as u64,
        of: census.records(),
        records: shifted.iter().take(out.max_samples).map(|&r| RecordId(r)).collect(),
    };
    out.take("column-shift", None, hits, sentence("column-shift"));
    for group in single.chunk_by(|x, y| x.0 == y.0) {
        let column = group[0].0;
        // A contact in a name has a check of its own.
        if NAMES.contains(&census.role(column)) {
            continue;
        }
        let hits = Hits {
            count: group.len() as u64,
            of: census.filled[column],
            records: group.iter().take(out.max_samples).map(|g| RecordId(g.1)).collect(),
        };
        out.take("neighbor-column", Some(column), hits, sentence("neighbor-column"));
    }
}

/// The one kind of a column: of nearly all its cells; text where nearly none is of a kind.
fn kind_of(census: &Census, column: usize, kinds: &[u8]) -> Option<u8> {
    if matches!(census.role(column), Role::FreeText | Role::Interests) || census.filled[column] < 20
    {
        return None;
    }
    let mut rows = [0u64; 6];
    for (v, &kind) in kinds.iter().enumerate().skip(1) {
        rows[kind as usize] += u64::from(census.counts[column][v]);
    }
    let most = (0..6u8).max_by_key(|&k| (rows[k as usize], std::cmp::Reverse(k)))?;
    (at_least(rows[most as usize], census.filled[column]) >= OF_A_KIND).then_some(most)
}

/// Notes the rows whose cell of a column is of the kind of the column a step beside it, while the
/// cell there is not.
fn mark(
    census: &Census,
    (kinds, own): (&[Vec<u8>], &[Option<u8>]),
    column: usize,
    step: isize,
    marks: &mut FxHashMap<u32, Vec<(usize, isize)>>,
) {
    let Some(beside) = column.checked_add_signed(step).filter(|&b| b < kinds.len()) else { return };
    let (Some(mine), Some(theirs)) = (own[column], own[beside]) else { return };
    // Plain numbers are too common to tell where they belong.
    if theirs == 0 || theirs == NUMBER || mine == theirs {
        return;
    }
    let odd: Vec<bool> = kinds[column].iter().map(|&k| k == theirs).collect();
    if !odd.contains(&true) {
        return;
    }
    let columns = &census.material.table.columns;
    let (here, there) = (&columns[column].ids, &columns[beside].ids);
    for (record, (x, y)) in (0u32..).zip(here.iter().zip(there)) {
        if odd[x.index()] && kinds[beside][y.index()] != theirs {
            marks.entry(record).or_default().push((column, step));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_without_a_column() {
        let cases = [
            ("ana@aguila.example", EMAIL),
            ("https://aguila.example", URL),
            ("2026-02-03T09:12:00Z", DATE),
            ("3/2/2025", DATE),
            ("+52 33 1234 5678", PHONE),
            ("12345", NUMBER),
            ("44100", NUMBER),
            ("Calle Real 23", 0),
            ("@ana", 0),
            ("", 0),
        ];
        for (text, wanted) in cases {
            assert_eq!(kind(text), wanted, "{text}");
        }
    }
}
