//! Streets, postcodes, cities, regions and countries of all records as ids.

use super::{Builder, QUALITY_BAD, QUALITY_FAIR, QUALITY_GOOD};
use crate::compare::feature::{NONE, Street};
use crate::normalize::{address, country, region};
use crate::record::{DictionaryBuilder, ValueId};
use crate::schema::Role;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// Two ASCII letters as one integer.
pub(super) fn pack_country(country: country::Country) -> u16 {
    u16::from_be_bytes(country.code())
}

impl Builder<'_> {
    /// Reads countries and regions: everything that depends on the country comes after.
    pub(super) fn read_countries(&mut self) {
        for column in self.columns_of(&[Role::Country]) {
            let dictionary = &self.table.columns[column].dictionary;
            let parsed: Vec<u16> = dictionary
                .iter()
                .map(|v| country::parse(v).value.map_or(0, pack_country))
                .collect();
            self.quality[column] = Some(parsed.iter().map(|&c| good_if(c != 0)).collect());
            self.note_keys(column, parsed.iter().map(|&c| u32::from(c)));
            let values = &self.table.columns[column].ids;
            for (row, value) in self.features.rows.iter_mut().zip(values) {
                if row.country == 0 {
                    row.country = parsed[value.index()];
                }
            }
        }
        for column in self.columns_of(&[Role::Region]) {
            let cells = self.distinct_with_country(column);
            let dictionary = &self.table.columns[column].dictionary;
            let parsed: Vec<Option<region::Region>> = cells
                .keys
                .iter()
                .map(|&(value, c)| {
                    region::parse(dictionary.get(value), super::unpack_country(c)).value
                })
                .collect();
            let mut quality = vec![QUALITY_BAD; dictionary.len()];
            for (&(value, _), region) in cells.keys.iter().zip(&parsed) {
                let slot = &mut quality[value.index()];
                *slot = (*slot).max(if region.is_some() { QUALITY_GOOD } else { QUALITY_FAIR });
            }
            quality[0] = QUALITY_BAD;
            self.quality[column] = Some(quality);
            let mut key = vec![NONE; dictionary.len()];
            for (&(value, _), region) in cells.keys.iter().zip(&parsed) {
                let slot = &mut key[value.index()];
                *slot = (*slot).max(region.map_or(NONE, |r| u32::from(r.id()) + 1));
            }
            self.note_keys(column, key.into_iter());
            for (row, &cell) in self.features.rows.iter_mut().zip(&cells.of_record) {
                if let Some(found) = parsed[cell as usize] {
                    row.region = found.id() + 1;
                    // A region in one country only tells the country.
                    if row.country == 0 {
                        row.country = found.country().map_or(0, pack_country);
                    }
                }
            }
        }
    }

    /// Reads cities; large ones tell the region where the column is empty.
    pub(super) fn read_cities(&mut self) {
        let mut cities = DictionaryBuilder::default();
        for column in self.columns_of(&[Role::City]) {
            let dictionary = &self.table.columns[column].dictionary;
            let parsed: Vec<Option<address::City>> =
                dictionary.iter().map(|v| address::city(v).value).collect();
            let ids: Vec<u32> = parsed
                .iter()
                .map(|c| c.as_ref().and_then(|c| cities.intern(&c.key)).map_or(NONE, |id| id.0))
                .collect();
            self.quality[column] = Some(ids.iter().map(|&id| good_if(id != NONE)).collect());
            self.note_keys(column, ids.iter().copied());
            let values = &self.table.columns[column].ids;
            for (row, value) in self.features.rows.iter_mut().zip(values) {
                if row.city == NONE {
                    row.city = ids[value.index()];
                }
            }
        }
        let cities = cities.finish();
        let mut records = vec![0; cities.len()];
        let mut of_city: FxHashMap<(u32, u16), u16> = FxHashMap::default();
        for row in &mut self.features.rows {
            records[row.city as usize] += 1;
            if row.region == 0 && row.city != NONE && row.country != 0 {
                row.region = *of_city.entry((row.city, row.country)).or_insert_with(|| {
                    super::unpack_country(row.country)
                        .and_then(|c| region::of_city(cities.get(ValueId(row.city)), c))
                        .map_or(0, |r| r.id() + 1)
                });
            }
        }
        records[0] = 0;
        self.features.city_records = records;
        self.features.cities = cities;
    }

    /// Reads postcodes by the country of the record.
    pub(super) fn read_postcodes(&mut self) {
        let mut postcodes = DictionaryBuilder::default();
        for column in self.columns_of(&[Role::Postcode]) {
            let cells = self.distinct_with_country(column);
            let dictionary = &self.table.columns[column].dictionary;
            let parsed: Vec<Option<String>> = cells
                .keys
                .par_iter()
                .with_min_len(256)
                .map(|&(value, c)| {
                    address::postcode(dictionary.get(value), super::unpack_country(c))
                        .value
                        .map(|p| p.key())
                })
                .collect();
            let mut quality = vec![QUALITY_BAD; dictionary.len()];
            let ids: Vec<u32> = cells
                .keys
                .iter()
                .zip(&parsed)
                .map(|(&(value, _), code)| {
                    let id = code.as_ref().and_then(|c| postcodes.intern(c)).map_or(NONE, |i| i.0);
                    let slot = &mut quality[value.index()];
                    *slot = (*slot).max(good_if(id != NONE));
                    id
                })
                .collect();
            self.quality[column] = Some(quality);
            let mut key = vec![NONE; dictionary.len()];
            for (&(value, _), &id) in cells.keys.iter().zip(&ids) {
                let slot = &mut key[value.index()];
                *slot = (*slot).max(id);
            }
            self.note_keys(column, key.into_iter());
            for (row, &cell) in self.features.rows.iter_mut().zip(&cells.of_record) {
                if row.postcode == NONE {
                    row.postcode = ids[cell as usize];
                }
            }
        }
        self.features.postcodes = postcodes.finish();
    }

    /// Reads streets, with the house number from its own column where there is one.
    pub(super) fn read_streets(&mut self) {
        let mut known: FxHashMap<(u32, u32), u32> = FxHashMap::default();
        let mut streets = vec![Street::default()];
        let numbers = self.columns_of(&[Role::HouseNumber]).into_iter().next();
        for column in self.columns_of(&[Role::Street, Role::FormattedAddress]) {
            let whole = self.roles[column] == Role::FormattedAddress;
            let cells = self.distinct_with_country(column);
            let dictionary = &self.table.columns[column].dictionary;
            let parsed: Vec<Option<(Option<String>, String)>> = cells
                .keys
                .par_iter()
                .with_min_len(256)
                .map(|&(value, c)| {
                    let (cell, country) = (dictionary.get(value), super::unpack_country(c));
                    let street = if whole {
                        address::formatted(cell, country).value.and_then(|a| a.street)
                    } else {
                        address::street(cell, country).value
                    };
                    street.map(|s| (s.number, s.name)).filter(|(_, name)| !name.is_empty())
                })
                .collect();
            let mut quality = vec![QUALITY_BAD; dictionary.len()];
            let ids: Vec<Option<(u32, u32)>> = cells
                .keys
                .iter()
                .zip(parsed)
                .map(|(&(value, _), street)| {
                    quality[value.index()] = good_if(street.is_some());
                    street.map(|(number, name)| {
                        (number.map_or(NONE, |n| self.word(&n)), self.word(&name))
                    })
                })
                .collect();
            self.quality[column] = Some(quality);
            for record in 0..self.table.len() {
                let Some((mut number, name)) = ids[cells.of_record[record] as usize] else {
                    continue;
                };
                if self.features.rows[record].street != NONE {
                    continue;
                }
                if let (NONE, Some(column)) = (number, numbers) {
                    let column = &self.table.columns[column];
                    let cell = column.dictionary.get(column.ids[record]).trim().to_lowercase();
                    number = self.word(&cell);
                }
                let id = *known.entry((number, name)).or_insert_with(|| {
                    streets.push(Street { number, name, names: 0 });
                    (streets.len() - 1) as u32
                });
                self.features.rows[record].street = id;
            }
        }
        self.features.streets = streets;
    }
}

fn good_if(good: bool) -> u8 {
    if good { QUALITY_GOOD } else { QUALITY_BAD }
}
