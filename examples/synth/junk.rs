//! Rows about nobody: what people type to get past a form, and what testers leave behind.
//!
//! Each is a person of its own in the truth, although `Test Test` comes many times.

use crate::random::Rng;
use crate::record::{COMPANY, EMAIL, FIRST, LAST, PHONE, Row};

/// A row somebody typed to get past a form.
pub fn write_junk(rng: &mut Rng) -> Row {
    let mut row = Row::default();
    let mash = |rng: &mut Rng| -> String {
        (0..rng.between(3, 8)).map(|_| *rng.pick(b"asdfghjkqwertzx") as char).collect()
    };
    let (first, last, email) = match rng.below(44) {
        0..=1 => ("Test".into(), "Test".into(), "test@test.com".to_string()),
        2 => ("asdf".into(), "asdf".into(), "asdf@asdf.com".to_string()),
        3 => ("Mickey".into(), "Mouse".into(), "mm@disney.com".to_string()),
        4 => ("N/A".into(), "N/A".into(), "n/a".to_string()),
        5 => ("xxx".into(), "xxx".into(), "xxx@xxx.com".to_string()),
        6 => match rng.below(5) {
            0 => ("First".into(), "Last".into(), "name@company.com".to_string()),
            1 => ("Duplicate".into(), "Record".into(), String::new()),
            2 => ("Customer".into(), "Support".into(), "support@example.com".to_string()),
            3 => (String::new(), String::new(), "info@info.com".to_string()),
            _ => ("Test".into(), "User".into(), "test@example.com".to_string()),
        },
        _ => {
            let first = mash(rng);
            let last = match rng.below(3) {
                0 => String::new(),
                1 => first.clone(),
                _ => mash(rng),
            };
            let host = if rng.chance(0.25) {
                "gmail.com".to_string()
            } else if rng.chance(0.4) {
                format!("{first}.com")
            } else {
                format!("{}.com", mash(rng))
            };
            let local = if rng.chance(0.3) { mash(rng) } else { first.clone() };
            (first, last, format!("{local}@{host}"))
        }
    };
    row[FIRST] = first;
    row[LAST] = last;
    row[EMAIL] = email;
    match rng.below(4) {
        0 => row[PHONE] = "000-000-0000".to_string(),
        1 => row[PHONE] = "1234567890".to_string(),
        2 => row[PHONE] = rng.between(1_000_000_000, 8_999_999_999).to_string(),
        _ => {}
    }
    match rng.below(4) {
        0 => row[COMPANY] = "N/A".to_string(),
        1 => row[COMPANY] = "test".to_string(),
        _ => {}
    }
    row
}
