//! Telephone numbers: who gets which, and how they are typed, with every habit of grouping.
//!
//! Switchboards and direct lines of a firm share their first digits. Private numbers end in seven
//! digits that nobody else has, so two people share a number only where that is planted.

use crate::countries::COUNTRIES;
use crate::places::{BR, City, CountryId, DE, ES, FR, GB, IN, JP, MX, US};
use crate::random::Rng;

/// A telephone number: calling code by country, and the national number without trunk zero.
#[derive(Clone)]
pub struct Phone {
    pub country: CountryId,
    pub area_len: usize,
    pub digits: String,
}

/// A line of a firm in a city; lines of one `block` have the digits after the area code in common.
pub fn office_line(rng: &mut Rng, country: CountryId, city: &City, block: u32) -> Phone {
    // The block starts with 2 to 7, which is in service in all nine numbering plans.
    let head = match country {
        GB if city.dial == "20" => 700 + block % 300,
        BR => 300 + block % 200,
        _ => 220 + block % 570,
    };
    let length = landline_length(country, city);
    let mut digits = format!("{}{head}", city.dial);
    while digits.len() < length {
        digits.push((b'0' + rng.below(10) as u8) as char);
    }
    Phone { country, area_len: city.dial.len(), digits }
}

/// A private landline in a city that ends in `tail` (seven digits).
pub fn home_line(country: CountryId, city: &City, tail: u64) -> Phone {
    let room = landline_length(country, city) - city.dial.len();
    let mut local = tail.to_string();
    if room < local.len() {
        local = local.split_off(local.len() - room);
    }
    let lead = match country {
        BR => '3',
        GB => '7',
        _ => '5',
    };
    while local.len() < room {
        local.insert(0, lead);
    }
    Phone { country, area_len: city.dial.len(), digits: format!("{}{local}", city.dial) }
}

/// A mobile number of a country that ends in `tail` (seven digits).
pub fn mobile(rng: &mut Rng, country: CountryId, city: &City, tail: u64) -> Phone {
    let (prefix, area_len) = match country {
        GB => (format!("7{}{}", rng.pick(&["4", "5", "7", "8", "9"]), rng.below(10)), 4),
        DE => {
            let prefixes = ["160", "162", "163", "170", "171", "172", "173", "175", "177", "179"];
            (rng.pick(&prefixes).to_string(), 3)
        }
        FR => (format!("{}{}", rng.pick(&["6", "6", "7"]), rng.between(2, 7)), 1),
        ES => (format!("6{}", rng.below(9)), 3),
        BR => (format!("{}9{}", city.dial, rng.between(4, 9)), 2),
        MX if city.dial.len() == 2 => (format!("{}{}", city.dial, rng.between(2, 8)), 2),
        IN => {
            let prefixes = ["98", "99", "97", "93", "90", "88", "70"];
            (format!("{}{}", rng.pick(&prefixes), rng.below(10)), 5)
        }
        JP => (format!("{}{}", rng.pick(&["90", "80", "70"]), rng.between(1, 9)), 2),
        _ => (city.dial.to_string(), city.dial.len()),
    };
    Phone { country, area_len, digits: format!("{prefix}{tail}") }
}

fn landline_length(country: CountryId, city: &City) -> usize {
    match country {
        DE => city.dial.len() + 8,
        ES | FR | JP => 9,
        _ => 10,
    }
}

/// Writes a number in one of its country's forms, with an extension now and then.
pub fn write_phone(rng: &mut Rng, phone: &Phone, extension: f64) -> String {
    let country = &COUNTRIES[phone.country];
    let (area, local) = phone.digits.split_at(phone.area_len);
    let calling = country.calling_code;
    let mut text = if phone.country == US {
        let (exchange, line) = local.split_at(3);
        match rng.below(100) {
            0..=27 => format!("({area}) {exchange}-{line}"),
            28..=48 => format!("{area}-{exchange}-{line}"),
            49..=61 => format!("{area}{exchange}{line}"),
            62..=71 => format!("{area}.{exchange}.{line}"),
            72..=79 => format!("+1 {area} {exchange} {line}"),
            80..=89 => format!("+1{area}{exchange}{line}"),
            90..=94 => format!("1-{area}-{exchange}-{line}"),
            _ => format!("+1 ({area}) {exchange}-{line}"),
        }
    } else {
        let trunk = country.trunk;
        let national = if phone.country == BR {
            let (front, back) = local.split_at(local.len() - 4);
            format!("({area}) {front}-{back}")
        } else if phone.country == FR {
            format!("{trunk}{area} {}", grouped(local, 2))
        } else {
            format!("{trunk}{area} {}", grouped(local, 3))
        };
        let size = if phone.country == FR { 2 } else { 3 };
        match rng.below(100) {
            0..=29 => format!("+{calling} {area} {}", grouped(local, size)),
            30..=54 => national,
            55..=76 => format!("+{calling}{area}{local}"),
            77..=84 => format!("{trunk}{area}{local}"),
            85..=90 => format!("00{calling} {area} {local}"),
            91..=94 if trunk == "0" => format!("+{calling} (0){area} {local}"),
            95..=96 if trunk == "0" => format!("{trunk}{area}/{local}"),
            _ => format!("{trunk}{area}-{local}"),
        }
    };
    if rng.chance(extension) {
        let mark = rng.pick(&["x", " x", " ext ", " ext. ", " Ext."]);
        text.push_str(mark);
        text.push_str(&rng.between(1000, 9999).to_string());
    }
    text
}

fn grouped(digits: &str, size: usize) -> String {
    let mut out = String::with_capacity(digits.len() + 4);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % size == 0 && digits.len() - at > 1 {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}
