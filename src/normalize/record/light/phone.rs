//! Phone numbers for checks: as for a whole run, but for how sure each is.

use super::super::contact::place;
use super::super::{Builder, QUALITY_BAD, QUALITY_FAIR};
use crate::compare::feature::{NONE, Phone};
use crate::normalize::country::Country;
use crate::normalize::phone;
use crate::schema::Role;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// The numbers of a cell.
enum Cell {
    /// None or one, by [`phone::Phone::key`]; no number has the key 0.
    One(u64),
    /// Several.
    Several(Vec<u64>),
}

impl Builder<'_> {
    /// Reads every phone column, by the country of the record.
    pub(super) fn look_at_phones(&mut self) {
        let mut known: FxHashMap<u64, u32> = FxHashMap::default();
        let mut phones = vec![Phone::default()];
        for column in self.columns_of(&[Role::Phone, Role::Mobile]) {
            let cells = self.distinct_with_country(column);
            let dictionary = &self.table.columns[column].dictionary;
            let usual = phone::column_country(super::super::contact::sample(dictionary));
            let parsed: Vec<Cell> = cells
                .keys
                .par_iter()
                .with_min_len(256)
                .map(|&(value, country)| {
                    numbers(dictionary.get(value), super::super::unpack_country(country).or(usual))
                })
                .collect();
            known.reserve(parsed.len());
            let mut intern = |number: u64| {
                *known.entry(number).or_insert_with(|| {
                    phones.push(Phone { number, ..Phone::default() });
                    (phones.len() - 1) as u32
                })
            };
            let mut several: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
            let mut one = vec![NONE; parsed.len()];
            let mut first = vec![NONE; dictionary.len()];
            let mut quality = vec![QUALITY_BAD; dictionary.len()];
            for (key, (cell, &(value, _))) in parsed.iter().zip(&cells.keys).enumerate() {
                match cell {
                    Cell::One(0) => continue,
                    Cell::One(number) => one[key] = intern(*number),
                    Cell::Several(numbers) => {
                        let ids: Vec<u32> = numbers.iter().map(|&n| intern(n)).collect();
                        one[key] = ids[0];
                        several.insert(key as u32, ids);
                    }
                }
                quality[value.index()] = QUALITY_FAIR;
                let slot = &mut first[value.index()];
                *slot = (*slot).max(one[key]);
            }
            self.quality[column] = Some(quality);
            self.note_keys(column, first.into_iter());
            self.place_phones(&cells.of_record, &one, &several);
        }
        self.features.more_phones.sort_unstable();
        self.features.phones = phones;
    }

    pub(in super::super) fn place_phones(
        &mut self,
        of_record: &[u32],
        one: &[u32],
        several: &FxHashMap<u32, Vec<u32>>,
    ) {
        let (rows, more) = (&mut self.features.rows, &mut self.features.more_phones);
        for (record, cell) in of_record.iter().enumerate() {
            let id = one[*cell as usize];
            if id == NONE {
                continue;
            }
            match several.get(cell) {
                None => place(&mut rows[record].phone, more, record, id),
                Some(ids) => {
                    ids.iter().for_each(|&id| place(&mut rows[record].phone, more, record, id));
                }
            }
        }
    }
}

fn numbers(cell: &str, country: Option<Country>) -> Cell {
    if cell.is_empty() {
        return Cell::One(0);
    }
    if let Some(one) = phone::key(cell, country) {
        return Cell::One(one);
    }
    let parts = phone::split(cell);
    if parts.len() < 2 {
        return Cell::One(0);
    }
    let mut numbers: Vec<u64> =
        parts.into_iter().filter_map(|part| phone::key(part, country)).collect();
    match numbers.len() {
        0 | 1 => Cell::One(numbers.pop().unwrap_or(0)),
        _ => Cell::Several(numbers),
    }
}
