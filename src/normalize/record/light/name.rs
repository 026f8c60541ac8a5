//! Names for checks: that a record has one is mostly seen from its two cells alone; read are those
//! that a check compares, and those that are not plain.

use super::super::Builder;
use super::super::mailbox::spelled;
use super::super::person::{Names, PARTS, Parsed, describe_tokens, to_name};
use super::UNREAD;
use crate::compare::feature::{FLAG_PLACEHOLDER, NONE, Name};
use crate::normalize::name::CellKind;
use crate::record::{DictionaryBuilder, ValueId};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

impl Builder<'_> {
    /// Reads the names that are looked at; those spread over other columns as for a whole run.
    pub(super) fn look_at_names(&mut self, shared: &[bool]) {
        let columns: Vec<Vec<usize>> = PARTS.iter().map(|&role| self.columns_of(&[role])).collect();
        let ([given], [family], 2) =
            (&columns[1][..], &columns[3][..], columns.iter().flatten().count())
        else {
            return self.read_names();
        };
        let kinds = |column: usize| -> Vec<CellKind> {
            let dictionary = &self.table.columns[column].dictionary;
            (0..dictionary.len() as u32)
                .into_par_iter()
                .with_min_len(1024)
                .map(|v| CellKind::of(dictionary.get(ValueId(v))))
                .collect()
        };
        let (givens, families) = (kinds(*given), kinds(*family));
        let (left, right) = (&self.table.columns[*given], &self.table.columns[*family]);
        let asked = self.spelling_mailboxes(shared);
        let is_read = |r: usize| {
            let (a, b) = (left.ids[r], right.ids[r]);
            let sure = givens[a.index()].are_name(families[b.index()]);
            !(a.is_missing() && b.is_missing()) && (asked[r] || !sure)
        };
        // Each distinct pair of cells once.
        let mut index: FxHashMap<u64, u32> = FxHashMap::default();
        let mut pairs: Vec<[ValueId; 2]> = Vec::new();
        let mut of_record: Vec<(u32, u32)> = Vec::new();
        for r in (0..left.ids.len()).filter(|&r| is_read(r)) {
            let (a, b) = (left.ids[r], right.ids[r]);
            let pair = *index.entry(u64::from(a.0) << 32 | u64::from(b.0)).or_insert_with(|| {
                pairs.push([a, b]);
                (pairs.len() - 1) as u32
            });
            of_record.push((r as u32, pair));
        }
        let parsed: Vec<Option<Parsed>> = pairs
            .par_iter()
            .with_min_len(256)
            .map(|&[a, b]| match (givens[a.index()], families[b.index()]) {
                (CellKind::Word, CellKind::Word) => {
                    Some(words(left.dictionary.get(a), right.dictionary.get(b)))
                }
                _ => self.parse_name(&columns, &[a, b]),
            })
            .collect();
        let mut tokens = DictionaryBuilder::default();
        let mut names = Names::default();
        names.all = vec![Name::default(); UNREAD as usize + 1];
        let ids: Vec<(u32, u16)> = parsed
            .iter()
            .map(|name| match name {
                None => (NONE, 0),
                Some(p) if p.given.is_empty() && p.family.is_empty() => (NONE, FLAG_PLACEHOLDER),
                Some(p) => (names.id(to_name(p, &mut tokens)), 0),
            })
            .collect();
        let (a, b) = (&left.ids, &right.ids);
        self.features.rows.par_iter_mut().with_min_len(4096).zip(a).zip(b).for_each(
            |((row, a), b)| row.name = if a.is_missing() && b.is_missing() { NONE } else { UNREAD },
        );
        let rows = &mut self.features.rows;
        for &(record, pair) in &of_record {
            let (id, flag) = ids[pair as usize];
            rows[record as usize].name = id;
            rows[record as usize].flags |= flag;
        }
        self.complete_names(&mut tokens, &mut names);
        let text = tokens.finish();
        self.features.tokens = describe_tokens(&text);
        self.features.token_text = text;
        self.features.names = names.all;
    }

    /// Adds the records whose mailbox spells a name.
    fn spelling_mailboxes(&self, shared: &[bool]) -> Vec<bool> {
        let f = &self.features;
        let spells: Vec<bool> = (0..f.local_text.len() as u32)
            .into_par_iter()
            .with_min_len(1024)
            .map(|local| spelled(f.local(local)).is_some())
            .collect();
        let local = |r: usize| f.emails[f.rows[r].email[0] as usize].local as usize;
        let asked = |r: usize| shared[r] || spells[local(r)];
        (0..f.len()).into_par_iter().with_min_len(4096).map(asked).collect()
    }
}

/// A name of two plain words.
fn words(given: &str, family: &str) -> Parsed {
    let [given, family] = [given, family].map(str::to_ascii_lowercase);
    Parsed {
        given_joined: given.clone(),
        family_joined: family.clone(),
        given: vec![given],
        family: vec![family],
        generation: 0,
    }
}
