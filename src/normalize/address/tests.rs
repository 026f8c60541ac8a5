//! What the case table cannot say: which spellings must meet, and which must not.

use super::*;
use crate::normalize::country::Country;
use crate::normalize::region::of_city;

fn key(raw: &str, country: Option<Country>) -> String {
    street(raw, country).value.unwrap().key()
}

#[test]
fn spellings_of_one_door_meet() {
    for (country, spellings) in [
        (
            Some(Country::US),
            vec!["1875 MAIN ST, SUITE 106", "1875 Main Street Ste 106", "1875 main st."],
        ),
        (Some(Country::DE), vec!["Berliner Straße 6", "Berliner Str. 6", "BERLINER STRASSE 6"]),
        (
            Some(Country::ES),
            vec!["C/ Morelos 281", "Calle Morelos, 281", "calle morelos 281, 2º A"],
        ),
        (
            Some(Country::MX),
            vec!["Av. Insurgentes 3243", "Avda. Insurgentes 3243", "Avenida Insurgentes #3243"],
        ),
        (Some(Country::FR), vec!["43 R. des Écoles", "43, rue des Ecoles", "43 Rue des Ecoles"]),
        (Some(Country::GB), vec!["34 mill ln", "34 Mill Lane", "Flat 2, 34 Mill Lane"]),
        (None, vec!["382 Spring Rd", "382 spring road"]),
    ] {
        let first = key(spellings[0], country);
        for spelling in spellings {
            assert_eq!(key(spelling, country), first, "{spelling}");
        }
    }
}

#[test]
fn different_doors_stay_apart() {
    for (a, b) in [
        ("12 Main St", "12 Main Ave"),
        ("12 Main St", "14 Main St"),
        ("5 de Mayo 123", "16 de Septiembre 123"),
        ("12 N Main St", "12 S Main St"),
        ("PO Box 12", "PO Box 13"),
        ("5th Avenue", "6th Avenue"),
    ] {
        assert_ne!(key(a, None), key(b, None), "{a} and {b}");
    }
}

#[test]
fn a_city_tells_its_region_only_where_that_is_safe() {
    let region = |name: &str, country| {
        let key = city(name).value.unwrap().key;
        of_city(&key, country).map(|region| region.as_str())
    };
    assert_eq!(region("CDMX", Country::MX), Some("MX-CMX"));
    assert_eq!(region("Ciudad de México", Country::MX), Some("MX-CMX"));
    assert_eq!(region("Guadalajara", Country::MX), Some("MX-JAL"));
    assert_eq!(region("Guadalajara", Country::ES), None, "not in the list of large cities");
    assert_eq!(region("Munich", Country::DE), Some("DE-BY"));
    assert_eq!(region("St. Louis", Country::US), Some("US-MO"));
    assert_eq!(region("Springfield", Country::US), None, "there are many");
}
