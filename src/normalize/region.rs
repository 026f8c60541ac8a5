//! Regions: states and provinces to ISO 3166-2, with the abbreviations of forms and envelopes.
//!
//! `CA` is California, Cádiz or a Canadian region's parent: a code counts only inside its country.
//! Without a country only names that one country has are understood.

use super::Normalized;
use super::country::Country;
use super::fold::{fold, is_null_word, list_rows, trim};
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// An ISO 3166-2 code such as `MX-CMX`; a small integer into the reference list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(u16);

impl Region {
    /// The whole code.
    pub fn as_str(self) -> &'static str {
        LIST.regions.get(usize::from(self.0)).map_or("", |region| region.code)
    }

    /// The usual name.
    pub fn name(self) -> &'static str {
        LIST.regions.get(usize::from(self.0)).map_or("", |region| region.name)
    }

    /// The country it lies in.
    pub fn country(self) -> Option<Country> {
        Country::from_code(self.as_str().get(..2)?)
    }

    /// A number for comparison; stable only within one version of the reference list.
    pub fn id(self) -> u16 {
        self.0
    }

    /// The region of such a number.
    pub fn from_id(id: u16) -> Option<Region> {
        (usize::from(id) < LIST.regions.len()).then_some(Region(id))
    }

    /// The region of a whole ISO 3166-2 code.
    pub fn from_code(code: &str) -> Option<Region> {
        LIST.by_code.get(code).copied()
    }
}

impl serde::Serialize for Region {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

struct Entry {
    code: &'static str,
    name: &'static str,
}

struct List {
    regions: Vec<Entry>,
    by_code: FxHashMap<&'static str, Region>,
    /// Spellings inside a country.
    by_country: FxHashMap<(Country, String), Region>,
    /// Names (not codes) over all countries; `None` when several have them.
    by_name: FxHashMap<String, Option<Region>>,
    /// Cities inside a country.
    cities: FxHashMap<(Country, String), Region>,
    countries: Vec<Country>,
}

static LIST: LazyLock<List> = LazyLock::new(|| {
    let mut list = List {
        regions: Vec::new(),
        by_code: FxHashMap::default(),
        by_country: FxHashMap::default(),
        by_name: FxHashMap::default(),
        cities: FxHashMap::default(),
        countries: Vec::new(),
    };
    let rows: Vec<_> =
        crate::lists::with_own("regions.txt", include_str!("../../data/regions.txt"))
            .into_iter()
            .flat_map(list_rows)
            .filter_map(|row| match row[..] {
                [code, names] => Some((code, names)),
                _ => None,
            })
            .collect();
    for &(code, names) in &rows {
        list.add(code, names);
    }
    // Codes come last: where `MEX` names one region and abbreviates another, the name has won.
    for &(code, _) in &rows {
        list.add_code(code);
    }
    for row in crate::lists::with_own("cities.txt", include_str!("../../data/cities.txt"))
        .into_iter()
        .flat_map(list_rows)
    {
        let [code, names] = row[..] else { continue };
        let Some((&region, country)) = list.by_code.get(code).zip(country_of(code)) else {
            continue;
        };
        for name in names.split('|') {
            list.cities.entry((country, fold(name))).or_insert(region);
        }
    }
    list
});

fn country_of(code: &str) -> Option<Country> {
    Country::from_code(code.get(..2)?)
}

impl List {
    fn add(&mut self, code: &'static str, names: &'static str) {
        let Some(country) = country_of(code) else { return };
        let name = names.split('|').next().unwrap_or(code);
        let region = match self.by_code.get(code) {
            // A second line of a region adds spellings.
            Some(&known) => known,
            None => {
                let Ok(index) = u16::try_from(self.regions.len()) else { return };
                self.regions.push(Entry { code, name });
                self.by_code.insert(code, Region(index));
                Region(index)
            }
        };
        if !self.countries.contains(&country) {
            self.countries.push(country);
        }
        for spelling in names.split('|') {
            let folded = fold(spelling);
            // Abbreviations are the country's own; only whole words may stand without one.
            if folded.len() > 4 || spelling == name {
                let known = self.by_name.entry(folded.clone()).or_insert(Some(region));
                if *known != Some(region) {
                    *known = None;
                }
            }
            self.by_country.entry((country, folded)).or_insert(region);
        }
    }

    fn add_code(&mut self, code: &'static str) {
        let known = self.by_code.get(code).copied();
        let (Some(region), Some(country)) = (known, country_of(code)) else { return };
        let suffix = code.get(3..).unwrap_or("");
        self.by_country.entry((country, fold(suffix))).or_insert(region);
    }
}

/// Reads a region; `country` is the row's country, if known.
///
/// Repairs: `region-name`. Invalid: `unknown-region`, `ambiguous-region` (needs the country).
pub fn parse(raw: &str, country: Option<Country>) -> Normalized<Region> {
    let text = trim(raw);
    if text.is_empty() {
        return Normalized::missing("");
    }
    if is_null_word(text) && !(text == "NA" && country == Some(Country::MX)) {
        return Normalized::missing("null-word");
    }
    if let Some(region) = Region::from_code(text) {
        return if country.is_none_or(|country| region.country() == Some(country)) {
            Normalized::ok(region)
        } else {
            Normalized::invalid("unknown-region")
        };
    }
    let folded = fold(text);
    match country {
        Some(country) => find_in(folded, country),
        None => match LIST.by_name.get(&folded) {
            Some(Some(region)) => Normalized::repaired(*region, "region-name"),
            Some(None) => Normalized::invalid("ambiguous-region"),
            None if is_some_code(&folded) => Normalized::invalid("ambiguous-region"),
            None => Normalized::invalid("unknown-region"),
        },
    }
}

fn is_some_code(folded: &str) -> bool {
    LIST.countries
        .iter()
        .any(|&country| LIST.by_country.contains_key(&(country, folded.to_owned())))
}

fn find_in(folded: String, country: Country) -> Normalized<Region> {
    const PREFIXES: [&str; 8] = [
        "state of ",
        "estado de ",
        "edo de ",
        "provincia de ",
        "province of ",
        "estado do ",
        "comunidad de ",
        "county of ",
    ];
    let key = (country, folded);
    if let Some(&region) = LIST.by_country.get(&key) {
        return Normalized::repaired(region, "region-name");
    }
    let (_, folded) = key;
    let bare = PREFIXES.iter().find_map(|prefix| folded.strip_prefix(prefix)).unwrap_or(&folded);
    let bare = bare.strip_suffix(" prefecture").or(bare.strip_suffix(" state")).unwrap_or(bare);
    // `mx jal`, `us ca`: the whole code in another dress.
    let bare = bare.strip_prefix(&format!("{} ", fold(country.as_str()))).unwrap_or(bare);
    match LIST.by_country.get(&(country, bare.to_owned())) {
        Some(&region) => Normalized::repaired(region, "region-name"),
        None => Normalized::invalid("unknown-region"),
    }
}

/// The region of a large city, for rows whose region is empty. `city_folded` is a city's key.
pub fn of_city(city_folded: &str, country: Country) -> Option<Region> {
    LIST.cities.get(&(country, city_folded.to_owned())).copied()
}
