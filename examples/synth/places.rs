//! Countries, cities and addresses: what they are made of and how one is drawn.
//!
//! An address belongs to a city and a city to a country, and postal codes follow the city, so that
//! two records that disagree about a street still agree about the rest.

use crate::countries::COUNTRIES;
use crate::random::Rng;

/// Index into [`COUNTRIES`].
pub type CountryId = usize;

/// A town people live and work in.
pub struct City {
    pub name: &'static str,
    /// Region written out; empty where addresses carry none.
    pub region: &'static str,
    pub region_code: &'static str,
    /// Dialling code without trunk zero.
    pub dial: &'static str,
    /// First characters of the postal code.
    pub postal: &'static str,
    /// The name in another language or without accents; empty if there is none.
    pub other_name: &'static str,
    pub weight: u32,
}

/// A country and its habits.
pub struct Country {
    pub names: &'static [&'static str],
    pub calling_code: &'static str,
    pub trunk: &'static str,
    pub tlds: &'static [&'static str],
    pub free_mail: &'static [&'static str],
    pub streets: &'static [&'static str],
    pub legal_forms: &'static [&'static [&'static str]],
    pub cities: &'static [City],
    /// Share of firms, in thousandths.
    pub weight: u32,
}

/// United States.
pub const US: CountryId = 0;
/// United Kingdom.
pub const GB: CountryId = 1;
/// Germany.
pub const DE: CountryId = 2;
/// France.
pub const FR: CountryId = 3;
/// Spain.
pub const ES: CountryId = 4;
/// Brazil.
pub const BR: CountryId = 5;
/// Mexico.
pub const MX: CountryId = 6;
/// India.
pub const IN: CountryId = 7;
/// Japan.
pub const JP: CountryId = 8;

/// Draws a country by the share of firms.
pub fn draw_country(rng: &mut Rng) -> CountryId {
    let mut weights = [0u32; 9];
    for (weight, country) in weights.iter_mut().zip(&COUNTRIES) {
        *weight = country.weight;
    }
    rng.weighted(&weights)
}

/// Draws a city of a country by size.
pub fn draw_city(rng: &mut Rng, country: CountryId) -> &'static City {
    let cities = COUNTRIES[country].cities;
    let total: u32 = cities.iter().map(|city| city.weight).sum();
    let mut left = rng.below(total as usize) as u32;
    for city in cities {
        if left < city.weight {
            return city;
        }
        left -= city.weight;
    }
    &cities[0]
}

/// Where somebody can be visited.
#[derive(Clone)]
pub struct Address {
    pub country: CountryId,
    pub city: &'static City,
    pub street: &'static str,
    pub number: u32,
    /// Second and third number of a Japanese block; suite number elsewhere, 0 = none.
    pub unit: u32,
    pub postal: String,
}

impl Address {
    /// A new address in a city.
    pub fn draw(rng: &mut Rng, country: CountryId, city: &'static City) -> Address {
        let street = *rng.pick(COUNTRIES[country].streets);
        let long = rng.below(3) == 0;
        let number = match country {
            US => rng.between(10, if long { 9899 } else { 999 }),
            MX => rng.between(10, if long { 5900 } else { 900 }),
            JP => rng.between(1, 5),
            _ => rng.between(1, 190),
        } as u32;
        let unit = match country {
            JP => rng.between(101, 3099) as u32,
            US | GB | IN if rng.chance(0.3) => rng.between(100, 999) as u32,
            _ => 0,
        };
        let postal = draw_postal(rng, country, city.postal);
        Address { country, city, street, number, unit, postal }
    }
}

fn draw_postal(rng: &mut Rng, country: CountryId, prefix: &str) -> String {
    match country {
        GB => {
            let areas: Vec<&str> = prefix.split('|').collect();
            let area = rng.pick(&areas);
            let letters = b"ABDEFGHJLNPQRSTUWXYZ";
            let (a, b) = (*rng.pick(letters) as char, *rng.pick(letters) as char);
            let district = match *area {
                "EC" => format!("{}A", rng.between(1, 4)),
                "SW" | "W" => format!("1{}", *rng.pick(b"ADHPVW") as char),
                _ => rng.between(1, 19).to_string(),
            };
            format!("{area}{district} {}{a}{b}", rng.between(1, 9))
        }
        BR => format!("{prefix}{:03}-{:03}", rng.below(1000), rng.below(1000)),
        JP => format!("{prefix}-{:04}", rng.below(1000)),
        IN => format!("{prefix}{:03}", rng.between(1, 120)),
        MX => format!("{prefix}{:03}", rng.below(900)),
        ES => format!("{prefix}{:02}", rng.between(1, 48)),
        _ => format!("{prefix}{:02}", rng.between(1, 99)),
    }
}
