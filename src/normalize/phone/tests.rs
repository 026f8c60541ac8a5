//! What the case table cannot say: keys, several numbers in a cell, the country of a column.

use super::*;

fn key(raw: &str, country: Option<Country>) -> u64 {
    parse(raw, country).value.unwrap().key()
}

#[test]
fn spellings_of_one_number_share_a_key_and_extensions_do_not_matter() {
    let wanted = key("+12127365000", None);
    for raw in
        ["(212) 736-5000", "212.736.5000 x12", "1-212-736-5000", "001 212 736 5000", "2127365000"]
    {
        assert_eq!(key(raw, Some(Country::US)), wanted, "{raw}");
    }
    assert_ne!(key("+12127365001", None), wanted);
}

#[test]
fn zeros_and_codes_never_collide_in_the_key() {
    let keys = ["+390669882", "+39669882", "07911123456", "7911123456", "+447911123456"]
        .map(|raw| parse(raw, None).value.map(|phone| phone.key()));
    for (i, a) in keys.iter().enumerate() {
        assert!(keys[i + 1..].iter().all(|b| a.is_none() || a != b), "{keys:?}");
    }
}

#[test]
fn the_tail_joins_a_number_with_and_without_its_country() {
    for (national, international) in [
        ("07911 123456", "+44 7911 123456"),
        ("555-490-1027", "+1 555 490 1027"),
        ("06 12 34 56 78", "+33 6 12 34 56 78"),
        ("55 5555 0101", "+52 1 55 5555 0101"),
    ] {
        let tail = |raw| parse(raw, None).value.unwrap().tail_key();
        assert_eq!(tail(national), tail(international), "{national}");
    }
}

#[test]
fn cells_with_several_numbers_split_only_between_numbers() {
    for (raw, parts) in [
        ("33 1234 5678 ::: +52 (33) 1234-5678", vec!["33 1234 5678", "+52 (33) 1234-5678"]),
        ("+525555550101; 5555550102", vec!["+525555550101", "5555550102"]),
        ("5555550101 / 5555550102", vec!["5555550101", "5555550102"]),
        ("030/90295555", vec!["030/90295555"]),
        ("5555550101, 5555550102, 5555550103", vec!["5555550101", "5555550102", "5555550103"]),
        ("+1 212 736 5000 +1 212 736 5001", vec!["+1 212 736 5000", "+1 212 736 5001"]),
        ("212-736-5000, ext. 12", vec!["212-736-5000, ext. 12"]),
        ("", vec![]),
    ] {
        assert_eq!(split(raw), parts, "{raw}");
    }
}

#[test]
fn a_column_shows_its_country_by_plus_or_grouping() {
    let country = |values: &[&str]| column_country(values.iter().copied());
    assert_eq!(country(&["555-490-1027", "(555) 444-9999", "5554901027"]), Some(Country::US));
    assert_eq!(country(&["+52 55 5555 0101", "+528180000000", "5555550101"]), Some(Country::MX));
    assert_eq!(country(&["+52 55 5555 0101", "+44 20 7031 3000"]), None, "no majority");
    assert_eq!(country(&["5555550101", "n/a", ""]), None, "nothing shown");
}

#[test]
fn line_types_come_from_the_plan() {
    let kind = |raw| parse(raw, None).value.unwrap().kind;
    assert_eq!(kind("+447911123456"), Kind::Mobile);
    assert_eq!(kind("+442070313000"), Kind::Fixed);
    assert_eq!(kind("+12127365000"), Kind::FixedOrMobile);
    assert_eq!(kind("+18003569377"), Kind::Service);
    assert_eq!(kind("+15554901027"), Kind::Unknown);
}
