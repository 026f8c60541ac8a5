//! Phone numbers: what is none, what a form was fed with, what belongs to another country.

use crate::compare::feature::NONE;
use crate::normalize::country::Country;
use crate::normalize::phone;
use crate::normalize::record::QUALITY_BAD;
use crate::quality::Collector;
use crate::quality::census::{Census, sentence};
use crate::schema::Role;

/// Runs the group.
pub(super) fn check(census: &Census, out: &mut Collector) {
    for column in census.columns_of(&[Role::Phone, Role::Mobile]) {
        validity(census, column, out);
    }
    country_mismatch(census, out);
}

fn validity(census: &Census, column: usize, out: &mut Collector) {
    let quality = &census.material.records.quality[column];
    let keys = &census.material.records.keys[column];
    let phones = &census.material.records.features.phones;
    let fault = |v: usize| -> u8 {
        if census.counts[column][v] == 0 || v == 0 {
            return 0;
        }
        let repeated = phones
            .get(keys[v] as usize)
            .is_some_and(|p| keys[v] != NONE && is_repeated(p.number & ((1 << 50) - 1)));
        match quality[v] {
            QUALITY_BAD if phone::parse(census.text(column, v), None).reason == "placeholder" => 2,
            QUALITY_BAD => 1,
            _ if repeated => 2,
            _ => 0,
        }
    };
    let faults: Vec<u8> = (0..quality.len()).map(fault).collect();
    for (code, check) in [(1, "phone-invalid"), (2, "phone-repeated-digits")] {
        let hits = census.hits(column, |v| faults[v] == code);
        out.take(check, Some(column), hits, sentence(check));
    }
}

/// One digit over and over, or digits in counting order.
pub(super) fn is_repeated(number: u64) -> bool {
    let digits = number.to_string().into_bytes();
    if digits.len() < 6 {
        return false;
    }
    // An area code may come before a subscriber number that was made up.
    let tail = &digits[digits.len().saturating_sub(7)..];
    // Switchboards end in zeros; no subscriber number is seven fives.
    let same = tail.iter().all(|d| *d == tail[0]) && digits.len() >= 7 && tail[0] != b'0';
    let step = |up: bool| {
        digits.windows(2).all(|w| {
            let next = if up { (w[0] - b'0' + 1) % 10 } else { (w[0] - b'0' + 9) % 10 };
            w[1] - b'0' == next
        })
    };
    same || step(true) || step(false)
}

/// Numbers of which none is of the lead's country.
fn country_mismatch(census: &Census, out: &mut Collector) {
    let f = &census.material.records.features;
    let Some(&column) = census.columns_of(&[Role::Phone, Role::Mobile]).first() else { return };
    if census.columns_of(&[Role::Country]).is_empty() {
        return;
    }
    let both = |r: usize| f.rows[r].country != 0 && f.rows[r].phone[0] != NONE;
    let abroad = |r: usize| {
        if !both(r) {
            return false;
        }
        let bytes = f.rows[r].country.to_be_bytes();
        let country = std::str::from_utf8(&bytes).ok().and_then(Country::from_code);
        let Some(own) = country.map(Country::dialing_code).filter(|&code| code != 0) else {
            return false;
        };
        let mut codes = f.phones_of(r).map(|p| (f.phones[p as usize].number >> 54) as u16);
        let mut known = false;
        !codes.any(|code| {
            known |= code != 0;
            code == own || code == 0
        }) && known
    };
    let of = (0..f.len()).filter(|&r| both(r)).count() as u64;
    let hits = census.hits_of_records(of, abroad);
    let message = sentence("phone-country-mismatch");
    out.take("phone-country-mismatch", Some(column), hits, message);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_that_were_made_up() {
        let cases = [
            (5_555_555_555, true),
            (8_180_000_000, false),
            (1_234_567_890, true),
            (9_876_543_210, true),
            (3_312_345_678, false),
            (11_111, false),
            (2_025_550_123, false),
        ];
        for (number, made_up) in cases {
            assert_eq!(is_repeated(number), made_up, "{number}");
        }
    }
}
