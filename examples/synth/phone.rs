//! How a telephone number is typed: with or without country, with every habit of grouping.

use crate::places::{BR, COUNTRIES, FR, Phone, US};
use crate::random::Rng;

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
