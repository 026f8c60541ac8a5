//! Street, postcode and city as one comparison.

use super::feature::{Features, NONE};
use super::level::{company, place};
use super::similarity::{near, within_one_edit};

/// Names an address may hold and still be a home; above, an office.
pub(crate) const HOME_NAMES: u32 = 3;

/// Level of two places.
pub fn level(f: &Features, a: usize, b: usize) -> u8 {
    let (x, y) = (&f.rows[a], &f.rows[b]);
    let both = |p: u32, q: u32| p != NONE && q != NONE;
    let (streets, postcodes, cities) =
        (both(x.street, y.street), both(x.postcode, y.postcode), both(x.city, y.city));
    if !(streets || postcodes || cities) {
        return 0;
    }
    let same_postcode = postcodes && x.postcode == y.postcode;
    let same_city = cities && x.city == y.city;
    // A street is only the same street where nothing says it lies in another town.
    let elsewhere = (postcodes || cities) && !same_postcode && !same_city;
    let (mut same_name, mut near_street) = (false, false);
    if streets {
        let (s, t) = (&f.streets[x.street as usize], &f.streets[y.street as usize]);
        let same_number = s.number == t.number;
        if (x.street == y.street || (s.name == t.name && same_number)) && !elsewhere {
            let home = s.number != NONE && s.names.max(t.names) <= HOME_NAMES;
            return if home { place::SAME } else { place::OFFICE };
        }
        same_name = s.name == t.name;
        near_street = if same_name {
            within_one_edit(f.word(s.number), f.word(t.number))
        } else {
            same_number && s.number != NONE && near(f.word(s.name), f.word(t.name))
        };
    }
    if near_street && !elsewhere {
        return place::NEAR_STREET;
    }
    if same_postcode {
        return place::POSTCODE;
    }
    if same_city {
        return place::CITY;
    }
    let near_city = cities && near(f.city(x.city), f.city(y.city));
    if near_street && near_city {
        return place::NEAR_STREET;
    }
    if near_city {
        return place::CITY;
    }
    let near_postcode =
        postcodes && within_one_edit(f.postcode(x.postcode), f.postcode(y.postcode));
    if near_postcode || same_name || near_street { place::NEAR } else { place::DIFFERENT }
}

/// True for a place that colleagues share anyway: a firm's office, postcode or city is no evidence
/// beside the firm itself, or two colleagues of one given name look like one person. A street of few
/// names (a home) and a place that differs still count.
pub fn is_paid_by_company(place: u8, company: u8) -> bool {
    company == company::SAME && matches!(place, place::OFFICE | place::POSTCODE | place::CITY)
}
