//! Whole addresses in one cell, as address books write them: one line a part.

use super::words::street_type;
use super::{City, Postcode, Street, city, postcode, street};
use crate::normalize::Normalized;
use crate::normalize::country::{self, Country};
use crate::normalize::fold::{is_null_word, trim};
use crate::normalize::region::{self, Region};

/// The parts of an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, serde::Serialize)]
pub struct Address {
    /// Street line.
    pub street: Option<Street>,
    /// City.
    pub city: Option<City>,
    /// State or province.
    pub region: Option<Region>,
    /// Postcode.
    pub postcode: Option<Postcode>,
    /// Country.
    pub country: Option<Country>,
}

/// Splits an address of several lines (or comma parts); `country` is used when none is written.
///
/// The end is read first, because country, region and postcode are lists and forms, and a street is
/// what is left. Repairs: `split`. Invalid: `not-an-address` when nothing but one part is found.
pub fn formatted(raw: &str, country: Option<Country>) -> Normalized<Address> {
    let text = trim(raw);
    if text.is_empty() {
        return Normalized::missing("");
    }
    if is_null_word(text) {
        return Normalized::missing("null-word");
    }
    let mut parts: Vec<&str> =
        text.split(['\n', '\r', ',', ';']).map(trim).filter(|part| !part.is_empty()).collect();
    let mut address = Address::default();
    if parts.len() >= 2
        && let Some(found) = parts.last().and_then(|last| country::parse(last).value)
        && !is_region_rather(parts.last(), country)
    {
        address.country = Some(found);
        parts.pop();
    }
    let known = address.country.or(country);
    take_region_line(&mut parts, &mut address, known);
    if address.city.is_none()
        && parts.len() >= 2
        && !parts[parts.len() - 1].bytes().any(|b| b.is_ascii_digit())
    {
        address.city = parts.pop().and_then(|part| city(part).value);
    }
    if !parts.is_empty() {
        address.street = street(&parts.join(", "), known).value;
    }
    let found = usize::from(address.street.is_some())
        + usize::from(address.city.is_some())
        + usize::from(address.postcode.is_some())
        + usize::from(address.region.is_some());
    if found >= 2 {
        Normalized::repaired(address, "split")
    } else {
        Normalized::invalid("not-an-address")
    }
}

/// `CA` at the end of an American address is California.
fn is_region_rather(last: Option<&&str>, country: Option<Country>) -> bool {
    last.is_some_and(|last| {
        last.len() == 2 && region::parse(last, country.or(Some(Country::US))).value.is_some()
    })
}

/// Reads `Dallas TX 75201`, `TX 75201`, `10115 Berlin`, `44160 Guadalajara`, `London SW1A 1AA`, `Jal.`
/// from the end.
fn take_region_line(parts: &mut Vec<&str>, address: &mut Address, country: Option<Country>) {
    while parts.len() >= 2
        && (address.postcode.is_none() || address.region.is_none())
        && address.city.is_none()
    {
        let last = parts[parts.len() - 1];
        if !read_tail(last, address, country) {
            break;
        }
        parts.pop();
    }
}

/// One line of postcode, region and city words; false when it holds neither code nor region.
fn read_tail(line: &str, address: &mut Address, country: Option<Country>) -> bool {
    let whole_region = region::parse(line, country.or(Some(Country::US))).value;
    if let Some(found) = whole_region.filter(|_| address.region.is_none()) {
        address.region = Some(found);
        return true;
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let Some((from, to, code)) = find_postcode(&words, country) else { return false };
    let mut rest: Vec<&str> = words[..from].iter().chain(&words[to..]).copied().collect();
    if rest.iter().any(|word| word.bytes().any(|b| b.is_ascii_digit())) {
        return false;
    }
    // `4849 Oak Ave` is a street, not a code and a city.
    if from == 0 && rest.iter().any(|word| street_type(&word.to_ascii_lowercase()).is_some()) {
        return false;
    }
    address.postcode = Some(code);
    if rest.len() >= 2 || from == 1 {
        let last = rest.last().copied().unwrap_or("");
        if last.len() <= 4
            && let Some(found) = region::parse(last, country.or(Some(Country::US))).value
        {
            address.region = Some(found);
            rest.pop();
        }
    }
    if !rest.is_empty() {
        address.city = city(&rest.join(" ")).value;
    }
    true
}

/// A postcode of one or two words at either end of a line.
fn find_postcode(words: &[&str], country: Option<Country>) -> Option<(usize, usize, Postcode)> {
    let n = words.len();
    let candidates = [(n.wrapping_sub(2), n), (n.wrapping_sub(1), n), (0, 1), (0, 2)];
    candidates.into_iter().filter(|&(from, to)| from < to && to <= n).find_map(|(from, to)| {
        let text = words[from..to].join(" ");
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
        let plausible =
            digits >= 2 && (to - from == 1 || letters >= 2) && letters <= 5 && text.len() >= 4;
        let code = plausible.then(|| postcode(&text, country).value).flatten()?;
        // Without a country a bare number of two words or three digits is a house number.
        (letters > 0
            && letters <= 5
            && digits + letters <= 8
            && (country.is_some() || text.len() >= 6)
            || letters == 0 && digits >= 4)
            .then_some((from, to, code))
    })
}
