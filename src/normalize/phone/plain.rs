//! The number of a cell without asking what kind of line it is.
//!
//! For callers that look at a million numbers and need to know of each only whether it is one and
//! which (`record::light`), and, asking for the kind of line and nothing else, for reading any number
//! that its plan knows. Where nothing can be a trunk prefix, a dialing prefix or a calling code,
//! the digits are the national number, and where one reading is all a cell allows, its length decides.
//! What this module says must follow from `phone::parse`, and a property test holds it to that.

use super::clean::{self, Digits};
use super::read::{
    breaks_north_american_rule, is_placeholder, is_valid, kind, may_lack_plus, read, shape_country,
};
use super::{Certainty, Phone, is_null_word, trim};
use crate::normalize::country::Country;
use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberType};
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// Countries whose prefixes, trunk and dialing, all begin with 0, 1 or 90 by the plans of the
/// library's metadata.
const PLAIN: &str = "AE AT AU BE BR CA CH CL CO CR CZ DE DK DO EC ES FR GB GR GT HU IE IL IN IT LU \
                     MX NL NO NZ PA PE PL PT RO SE SG TR US UY ZA";

/// What [`super::parse`] reads of a cell, as [`super::Phone::key`].
pub fn key(raw: &str, region: Option<Country>) -> Option<u64> {
    let text = trim(raw);
    if text.is_empty() || is_null_word(text) {
        return None;
    }
    let digits = clean::clean(text).ok()?;
    match plain(&digits, region) {
        Plain::Number(key) => Some(key),
        Plain::Placeholder => None,
        Plain::No => read(&digits, region).ok().map(|(phone, _)| phone.key()),
    }
}

enum Plain {
    Number(u64),
    Placeholder,
    /// It has to be read.
    No,
}

fn plain(digits: &Digits, region: Option<Country>) -> Plain {
    let text = digits.as_str();
    if is_placeholder(text) {
        return Plain::Placeholder;
    }
    let Some((number, national)) = split(digits, region) else { return Plain::No };
    if breaks_north_american_rule(&number) {
        return Plain::No;
    }
    // Another reading wins only over a number that no plan knows.
    if has_other_readings(digits, region) && !is_valid(&number) {
        return Plain::No;
    }
    if is_placeholder(national) {
        return Plain::Placeholder;
    }
    let (code, value) = (number.country_code as u64, number.national_number);
    Plain::Number(code << 54 | (value & ((1 << 50) - 1)))
}

/// The number, and the digits of its national part, where nothing before them can be a prefix and
/// their count is one that the plan has.
fn split(digits: &Digits, region: Option<Country>) -> Option<(PhoneNumber, &str)> {
    let text = digits.as_str();
    let split = if digits.international { calling_code(text) } else { own_code(text, region) };
    let (code, national) = split.filter(|(_, national)| !may_be_prefixed(national))?;
    let possible = POSSIBLE.get(&code).is_some_and(|lengths| lengths >> national.len() & 1 == 1);
    let number = PhoneNumber {
        country_code: i32::from(code),
        national_number: national.parse().ok()?,
        ..PhoneNumber::default()
    };
    possible.then_some((number, national))
}

/// Whether the digits may be those of another country than the row's.
fn has_other_readings(digits: &Digits, region: Option<Country>) -> bool {
    !digits.international
        && (may_lack_plus(digits.as_str())
            || shape_country(digits).is_some_and(|s| Some(s) != region))
}

/// What reading gives where the plan of the first reading knows the range, so that no other is
/// asked, or where there is no other. `None` when it has to be read.
pub(super) fn sure(
    digits: &Digits,
    region: Option<Country>,
) -> Option<Result<Phone, &'static str>> {
    let (number, national) = split(digits, region)?;
    let line = PHONE_NUMBER_UTIL.get_number_type(&number);
    let certainty = match line {
        PhoneNumberType::Unknown => Certainty::Possible,
        _ => Certainty::Valid,
    };
    let is_first_of_several = certainty != Certainty::Valid
        && (breaks_north_american_rule(&number) || has_other_readings(digits, region));
    if is_first_of_several {
        return None;
    }
    if is_placeholder(national) {
        return Some(Err("placeholder"));
    }
    Some(Ok(Phone {
        country_code: u16::try_from(number.country_code).ok()?,
        national: number.national_number,
        zeros: 0,
        extension: digits.extension,
        kind: kind(line),
        certainty,
    }))
}

/// Whether the first digits may be anything else than those of the number itself.
fn may_be_prefixed(national: &str) -> bool {
    national.is_empty() || national.starts_with(['0', '1']) || national.starts_with("90")
}

/// A number as its country dials it.
fn own_code(text: &str, region: Option<Country>) -> Option<(u16, &str)> {
    let region = region?;
    let code = region.dialing_code();
    let mut buffer = [0u8; 5];
    let written = write_code(code, &mut buffer);
    (REGIONS.contains(&region) && !text.starts_with(written)).then_some((code, text))
}

/// The calling code at the start; no code begins another.
fn calling_code(text: &str) -> Option<(u16, &str)> {
    (1..=3).find_map(|length| {
        let code: u16 = text.get(..length)?.parse().ok()?;
        POSSIBLE.contains_key(&code).then(|| (code, &text[length..]))
    })
}

fn write_code(code: u16, buffer: &mut [u8; 5]) -> &str {
    let mut at = buffer.len();
    let mut rest = code;
    while rest > 0 && at > 0 {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    std::str::from_utf8(&buffer[at..]).unwrap_or("")
}

static REGIONS: LazyLock<Vec<Country>> =
    LazyLock::new(|| PLAIN.split(' ').filter_map(Country::from_code).collect());

/// Per calling code: the lengths that a national number may have, a bit each.
static POSSIBLE: LazyLock<FxHashMap<u16, u32>> = LazyLock::new(|| {
    let lengths = |code: u16| {
        (2u32..=15).filter(move |&length| {
            let number = PhoneNumber {
                country_code: i32::from(code),
                national_number: 2 * 10u64.pow(length - 1),
                ..PhoneNumber::default()
            };
            let reason = PHONE_NUMBER_UTIL.is_possible_number_with_reason(&number);
            reason == Ok(NumberLengthType::IsPossible)
        })
    };
    let bits = |code| lengths(code).fold(0, |bits, length| bits | 1 << length);
    REGIONS.iter().map(|region| region.dialing_code()).map(|code| (code, bits(code))).collect()
});

#[cfg(test)]
mod tests {
    use super::super::read::read_thoroughly;
    use super::*;
    use proptest::prelude::*;

    fn cell() -> impl Strategy<Value = String> {
        let code = prop::sample::select(vec![
            "+1 ", "+52 ", "+521", "+55", "+49 ", "0049", "+44 (0)", "+39 0", "+34", "+91-",
            "+999", "1", "52", "49", "0", "", "", "", "", "",
        ]);
        let body = prop_oneof![
            8 => "[0-9]{5,12}",
            2 => "[2-9][0-9]{2}-[2-9][0-9]{2}-[0-9]{4}",
            2 => "\\([0-9]{2}\\) 9?[0-9]{4}-[0-9]{4}",
            1 => "([0-9]{2,4} ){2,4}x?[0-9]{1,4}",
            1 => Just("5555555555".to_string()),
            1 => "\\PC{0,8}",
        ];
        (code, body).prop_map(|(code, body)| format!("{code}{body}"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        /// The number is the one that reading it gives, in every country and in none.
        #[test]
        fn reading_agrees(cell in cell(), region in 0usize..60) {
            let region = REGIONS.get(region).copied().or_else(|| match region {
                50 => Country::from_code("AR"),
                51 => Country::from_code("FI"),
                52 => Country::from_code("RU"),
                _ => None,
            });
            let Ok(digits) = clean::clean(trim(&cell)) else { return Ok(()) };
            let text = digits.as_str();
            let thorough = match is_placeholder(text) {
                true => Err("placeholder"),
                false => read_thoroughly(&digits, region),
            };
            prop_assert_eq!(read(&digits, region), thorough, "{} {:?}", cell, region);
            if !is_null_word(trim(&cell)) {
                let thorough = thorough.ok().map(|(phone, _)| phone.key());
                prop_assert_eq!(key(&cell, region), thorough, "{} {:?}", cell, region);
            }
        }
    }

    #[test]
    fn codes_are_told_from_their_digits() {
        assert_eq!(calling_code("525512345678"), Some((52, "5512345678")));
        assert_eq!(calling_code("13125550143"), Some((1, "3125550143")));
        assert_eq!(calling_code("35312345"), Some((353, "12345")));
        assert_eq!(write_code(351, &mut [0; 5]), "351");
        assert!(REGIONS.len() > 40);
    }
}
