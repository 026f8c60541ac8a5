//! Places: countries, regions, postcodes and streets that are none, or that contradict each other.

use crate::normalize::country::{self, Country};
use crate::normalize::record::QUALITY_BAD;
use crate::normalize::region::{self, Region};
use crate::normalize::text::is_null_word;
use crate::quality::Collector;
use crate::quality::census::{Census, sentence};
use crate::record::ValueId;
use crate::schema::Role;
use rustc_hash::FxHashMap;

/// Runs the group.
pub(super) fn check(census: &Census, out: &mut Collector) {
    let simple = [
        (Role::Country, "country-unknown"),
        (Role::Postcode, "postcode-invalid"),
        (Role::Street, "address-invalid"),
        (Role::FormattedAddress, "address-invalid"),
        (Role::City, "address-invalid"),
    ];
    for (role, check) in simple {
        for column in census.columns_of(&[role]) {
            let quality = &census.material.records.quality[column];
            let bad = |v: usize| quality[v] == QUALITY_BAD && !is_null_word(census.text(column, v));
            out.take(check, Some(column), census.hits(column, bad), sentence(check));
        }
    }
    regions(census, out);
    incomplete(census, out);
}

/// A region that the lead's country does not have, while another country of the file does.
fn regions(census: &Census, out: &mut Collector) {
    let Some(country_column) = census.material.schema.first(Role::Country) else { return };
    let countries = &census.material.table.columns[country_column];
    let read: Vec<Option<Country>> =
        countries.dictionary.iter().map(|v| country::parse(v).value).collect();
    let mut present: Vec<Country> = read.iter().flatten().copied().collect();
    present.sort_unstable_by_key(|c| c.code());
    present.dedup();
    let with_regions: Vec<Country> =
        (0..u16::MAX).map_while(Region::from_id).filter_map(Region::country).collect();
    for column in census.columns_of(&[Role::Region]) {
        let cells = &census.material.table.columns[column];
        let mut judged: FxHashMap<(u32, u32), bool> = FxHashMap::default();
        for (region, country) in cells.ids.iter().zip(&countries.ids) {
            if region.is_missing() || country.is_missing() {
                continue;
            }
            judged.entry((region.0, country.0)).or_insert_with(|| {
                let text = cells.dictionary.get(*region);
                read[country.index()].is_some_and(|own| {
                    with_regions.contains(&own)
                        && region::parse(text, Some(own))
                            .value
                            .is_none_or(|r| r.country() != Some(own))
                        && present.iter().any(|&other| {
                            other != own
                                && region::parse(text, Some(other))
                                    .value
                                    .is_some_and(|r| r.country() == Some(other))
                        })
                })
            });
        }
        let wrong = |r: usize| {
            let pair = (cells.ids[r].0, countries.ids[r].0);
            judged.get(&pair).copied().unwrap_or(false)
        };
        let both = |r: &usize| cells.ids[*r] != ValueId::MISSING && !countries.ids[*r].is_missing();
        let of = (0..cells.ids.len()).filter(both).count() as u64;
        let hits = census.hits_of_records(of, wrong);
        let message = sentence("state-country-mismatch");
        out.take("state-country-mismatch", Some(column), hits, message);
    }
}

/// A street that nobody could send a letter to.
fn incomplete(census: &Census, out: &mut Collector) {
    let Some(street) = census.material.schema.first(Role::Street) else { return };
    let rest = census.columns_of(&[Role::City, Role::Postcode]);
    if rest.is_empty() {
        return;
    }
    let columns = &census.material.table.columns;
    let hits = census.hits_of_records(census.filled[street], |r| {
        !columns[street].ids[r].is_missing() && rest.iter().all(|&c| columns[c].ids[r].is_missing())
    });
    out.take("address-incomplete", Some(street), hits, sentence("address-incomplete"));
}
