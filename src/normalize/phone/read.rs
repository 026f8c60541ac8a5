//! From digits to a number: the readings a cell allows, and the choice among them.

use super::clean::{Digits, clean};
use super::{Certainty, Kind, Phone, plain};
use crate::normalize::country::Country;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberType, Region};
use std::fmt::Write;

/// The best reading and its reason (empty when only the spelling changed).
pub(super) fn read(
    digits: &Digits,
    region: Option<Country>,
) -> Result<(Phone, &'static str), &'static str> {
    let text = digits.as_str();
    if is_placeholder(text) {
        return Err("placeholder");
    }
    match plain::sure(digits, region) {
        Some(Ok(phone)) => Ok((phone, if digits.international { "" } else { "country-added" })),
        Some(Err(reason)) => Err(reason),
        None => read_thoroughly(digits, region),
    }
}

/// As [`read`], with all that the library knows of prefixes.
pub(super) fn read_thoroughly(
    digits: &Digits,
    region: Option<Country>,
) -> Result<(Phone, &'static str), &'static str> {
    let text = digits.as_str();
    let mut best: Option<(Phone, &'static str)> = None;
    let mut consider = |reading: Option<Phone>, reason| {
        if let Some(phone) = reading
            && best.is_none_or(|(known, _)| phone.certainty > known.certainty)
        {
            best = Some((phone, reason));
        }
        best.is_some_and(|(known, _)| known.certainty == Certainty::Valid)
    };
    // Readings in order of trust; a valid one ends the search.
    let _valid = if digits.international {
        consider(international(text), "")
    } else {
        region.is_some_and(|region| consider(national(text, region), "country-added"))
            || shape_country(digits).is_some_and(|shape| {
                Some(shape) != region && consider(national(text, shape), "country-by-shape")
            })
            || (may_lack_plus(text) && consider(valid(international(text)), "plus-added"))
    };
    match best {
        Some((phone, _)) if is_placeholder_national(&phone) => Err("placeholder"),
        Some((mut phone, reason)) => {
            phone.extension = digits.extension;
            Ok((phone, reason))
        }
        None => keep_digits(digits),
    }
}

/// Digits without a country: kept when their count is that of a phone number.
fn keep_digits(digits: &Digits) -> Result<(Phone, &'static str), &'static str> {
    let text = digits.as_str();
    match text.len() {
        0..=6 => return Err("too-short"),
        16.. => return Err("too-long"),
        _ => {}
    }
    let national: u64 = text.parse().map_err(|_| "too-long")?;
    let zeros = text.bytes().take_while(|&b| b == b'0').count();
    let phone = Phone {
        country_code: 0,
        national,
        zeros: u8::try_from(zeros).unwrap_or(0),
        extension: digits.extension,
        kind: Kind::Unknown,
        certainty: Certainty::Shape,
    };
    Ok((phone, if digits.international { "country-code-unknown" } else { "country-unknown" }))
}

fn valid(reading: Option<Phone>) -> Option<Phone> {
    reading.filter(|phone| phone.certainty == Certainty::Valid)
}

/// Twelve digits and more without a leading zero, or eleven of North America, are likely written
/// with their country code; shorter ones are national numbers of somewhere.
pub(super) fn may_lack_plus(text: &str) -> bool {
    !text.starts_with('0') && (text.len() >= 12 || (text.len() == 11 && text.starts_with('1')))
}

fn international(text: &str) -> Option<Phone> {
    if text.starts_with('0') {
        return None;
    }
    let mut written = Buffer::default();
    write!(written, "+{text}").ok()?;
    from_library(written.as_str(), None)
}

fn national(text: &str, country: Country) -> Option<Phone> {
    let region = Region::try_from(country.as_str()).ok()?;
    let phone = from_library(strip_old_trunk(text, country), Some(region))?;
    // A number of another plan (its code written without plus) is the later readings' business.
    (phone.country_code == country.dialing_code()).then_some(phone)
}

/// Mexico dialed 01 before national numbers and 044 or 045 before mobiles until 2019.
fn strip_old_trunk(text: &str, country: Country) -> &str {
    let trunks = ["01", "044", "045"];
    let national = trunks.iter().find_map(|trunk| text.strip_prefix(trunk));
    match national {
        Some(national) if country == Country::MX && national.len() == 10 => national,
        _ => text,
    }
}

fn from_library(text: &str, region: Option<Region>) -> Option<Phone> {
    let mut number = PHONE_NUMBER_UTIL.parse(text, region).ok()?;
    let mut line = PHONE_NUMBER_UTIL.get_number_type(&number);
    if line == PhoneNumberType::Unknown && drop_old_mobile_one(&mut number) {
        line = PHONE_NUMBER_UTIL.get_number_type(&number);
    }
    let certainty = if line != PhoneNumberType::Unknown {
        Certainty::Valid
    } else {
        use rlibphonenumber::NumberLengthType::IsPossible;
        match PHONE_NUMBER_UTIL.is_possible_number_with_reason(&number) {
            Ok(IsPossible) if !breaks_north_american_rule(&number) => Certainty::Possible,
            _ => return None,
        }
    };
    let zeros = if number.italian_leading_zero() { number.number_of_leading_zeros() } else { 0 };
    Some(Phone {
        country_code: u16::try_from(number.country_code).ok()?,
        national: number.national_number,
        zeros: u8::try_from(zeros).ok()?,
        extension: None,
        kind: kind(line),
        certainty,
    })
}

/// Whether a number plan knows the range.
pub(super) fn is_valid(number: &PhoneNumber) -> bool {
    PHONE_NUMBER_UTIL.get_number_type(number) != PhoneNumberType::Unknown
}

/// Mexico wrote `+52 1` before mobiles until 2019; the 1 is no part of the number.
fn drop_old_mobile_one(number: &mut PhoneNumber) -> bool {
    let old = number.country_code == 52
        && (10_000_000_000..20_000_000_000).contains(&number.national_number);
    if old {
        number.national_number -= 10_000_000_000;
    }
    old
}

/// Area and exchange codes of North America never begin with 0 or 1, whatever gets assigned.
pub(super) fn breaks_north_american_rule(number: &PhoneNumber) -> bool {
    let national = number.national_number;
    number.country_code == 1
        && (national < 2_000_000_000
            || national / 1_000_000 % 10 < 2
            || number.italian_leading_zero())
}

pub(super) fn kind(line: PhoneNumberType) -> Kind {
    match line {
        PhoneNumberType::FixedLine => Kind::Fixed,
        PhoneNumberType::Mobile | PhoneNumberType::Pager | PhoneNumberType::PersonalNumber => {
            Kind::Mobile
        }
        PhoneNumberType::FixedLineOrMobile => Kind::FixedOrMobile,
        PhoneNumberType::Unknown => Kind::Unknown,
        _ => Kind::Service,
    }
}

/// The country whose way of grouping digits this is, when it is nobody else's.
pub(super) fn shape_country(digits: &Digits) -> Option<Country> {
    let text = digits.as_str().as_bytes();
    match digits.groups() {
        // (212) 555-0199, 212-555-0199, 212.555.0199, with or without a leading 1
        [3, 3, 4] if is_north_american(text) => Some(Country::US),
        [1, 3, 3, 4] if text[0] == b'1' && is_north_american(&text[1..]) => Some(Country::US),
        [3, 7] | [10] if digits.vanity && is_north_american(text) => Some(Country::US),
        _ if digits.vanity && text.len() == 11 && text[0] == b'1' => Some(Country::US),
        [2, 5, 4] if text[2] == b'9' && text[0] != b'0' => Some(Country::BR),
        [2, 4, 4]
            if digits.parenthesized && text[0] != b'0' && (b'2'..=b'5').contains(&text[2]) =>
        {
            Some(Country::BR)
        }
        _ => None,
    }
}

fn is_north_american(text: &[u8]) -> bool {
    text.len() == 10 && text[0] >= b'2' && text[3] >= b'2'
}

/// One digit throughout, or the keypad in a row.
pub(super) fn is_placeholder(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.windows(2).all(|pair| pair[0] == pair[1])
        || (bytes.len() >= 6
            && ["01234567890123456789", "12345678901234567890", "98765432109876543210"]
                .iter()
                .any(|row| row.starts_with(text)))
}

fn is_placeholder_national(phone: &Phone) -> bool {
    let mut text = Buffer::default();
    write!(text, "{}", phone.national).is_err() || is_placeholder(text.as_str())
}

/// The country most numbers of a column show by plus or grouping, when it is three in four of those
/// that show one: the fallback for rows without a country of their own.
pub fn column_country<'a>(values: impl Iterator<Item = &'a str>) -> Option<Country> {
    let mut counts: Vec<(Country, usize)> = Vec::new();
    let mut shown = 0usize;
    for value in values {
        let Ok(digits) = clean(value.trim()) else { continue };
        let country = if digits.international {
            dialed_country(digits.as_str())
        } else {
            shape_country(&digits)
        };
        let Some(country) = country else { continue };
        shown += 1;
        match counts.iter_mut().find(|(known, _)| *known == country) {
            Some((_, count)) => *count += 1,
            None => counts.push((country, 1)),
        }
    }
    let (country, count) = counts.into_iter().max_by_key(|&(country, n)| (n, country))?;
    (count * 4 >= shown * 3).then_some(country)
}

/// The main country of the calling code at the start.
fn dialed_country(text: &str) -> Option<Country> {
    (1..=3).find_map(|len| {
        let code: i32 = text.get(..len)?.parse().ok()?;
        let region = PHONE_NUMBER_UTIL.get_region_for_country_code(code)?;
        Country::from_code(&region.as_region_str())
    })
}

/// A short text on the stack: `+` and at most twenty digits.
#[derive(Default)]
struct Buffer {
    bytes: [u8; 24],
    len: usize,
}

impl Buffer {
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or("")
    }
}

impl Write for Buffer {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.len + text.len();
        self.bytes.get_mut(self.len..end).ok_or(std::fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}
