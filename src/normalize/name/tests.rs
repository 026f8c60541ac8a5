//! What must hold for any name cells, and the relations between given names.
use super::*;
use crate::normalize::Status;
use proptest::prelude::*;

#[test]
fn nicknames_relate_over_languages() {
    for (a, b) in [
        ("bill", "william"),
        ("pepe", "jose"),
        ("ma", "maria"),
        ("chuy", "jesus"),
        ("hans", "johannes"),
    ] {
        assert!(same_by_nickname(a, b), "{a} {b}");
        assert!(same_by_nickname(b, a), "{b} {a}");
    }
    assert!(!same_by_nickname("john", "james"));
    assert_eq!(nickname_root("pepe"), Some("jose"));
}

#[test]
fn placeholders_are_nobody() {
    for name in [
        "test",
        "Test Test",
        "asdf",
        "qwerty",
        "foo bar",
        "unknown",
        "xxx",
        "First Name",
        "{{lead.name}}",
        "aaaa",
        "asdfghjkl",
        "Null Null",
    ] {
        assert!(is_placeholder(name), "{name}");
    }
    for name in [
        "Null",
        "Christopher Null",
        "Ana",
        "Lee",
        "Testa",
        "Jo",
        "Ng",
        "Drew",
        "Foo Chen",
        "Aaa Bbb Smith",
        "Power",
        "Ewert",
    ] {
        assert!(!is_placeholder(name), "{name}");
    }
}

#[test]
fn name_words_are_folded_for_keys() {
    let name = parse(&NameParts {
        given: "Jean-Pierre M.",
        family: "O’Brien van der Berg-López",
        ..NameParts::default()
    })
    .value
    .unwrap();
    assert_eq!(name.given_folded, ["jean", "pierre", "m"]);
    assert_eq!(name.family_folded, ["obrien", "vanderberg", "lopez"]);
    assert_eq!(name.family_core, ["obrien", "berg", "lopez"]);
    assert_eq!(name.initial_flags(), 0b100);
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[A-Za-zéüñ.'-]{0,8}( [A-Za-z.]{1,6}){0,3}(, (Jr|PhD|[A-Z][a-z]{2,5}))?",
        1 => "\\PC{0,20}",
        1 => "(Dr\\. |Mr |de la )?[A-Z]{2,6}( \\(old\\)| \"Bo\"| - Acme)?",
        1 => Just(String::new()),
    ]
}

#[test]
fn the_short_way_reads_what_the_long_way_reads() {
    for (given, family) in [
        ("Maria", "Lopez"),
        ("Jane", "Thomas"),
        ("Jon", "Van"),
        ("Ana", "Null"),
        ("Test", "Test"),
        ("Smith", "John"),
    ] {
        let short = parse(&NameParts { given, family, ..NameParts::default() });
        // A null word in an unused cell takes the long way.
        let long = parse(&NameParts { given, family, suffix: "-", ..NameParts::default() });
        assert_eq!(short, long, "{given} {family}");
    }
}

proptest! {
    #[test]
    fn reading_is_total_and_stable(prefix in cell(), given in cell(), middle in cell(), family in cell(), full in cell()) {
        let parts = NameParts { prefix: &prefix, given: &given, middle: &middle, family: &family, full: &full, ..NameParts::default() };
        let read = parse(&parts);
        prop_assert_eq!(read.value.is_some(), matches!(read.status, Status::Ok | Status::Repaired));
        if let Some(name) = read.value {
            // Every shown letter was in a cell, whatever was repaired.
            // Through the capital: the micro sign shows as a Greek letter once it is one.
            let letters = |t: &str| t.to_uppercase().to_lowercase().chars().filter(|c| c.is_alphabetic()).collect::<String>();
            let cells = [&given, &middle, &family, &full];
            let raw: String = cells.iter().map(|cell| letters(&crate::normalize::text::clean(cell))).collect();
            for word in name.given.iter().chain(&name.family) {
                // In their order; what was quoted between them is a nickname.
                let mut rest = raw.chars();
                prop_assert!(letters(word).chars().all(|c| rest.any(|r| r == c)), "{word} not in {raw}");
            }
            prop_assert!(name.given_folded.iter().chain(&name.family_folded).all(|w| w.is_ascii() && !w.is_empty()));
        }
    }

    #[test]
    fn a_read_name_reads_the_same_again(given in "[A-Z][a-z]{2,7}( [A-Z][a-z]{2,6}| [A-Z]\\.)?", family in "(de |van der )?[A-Z][a-z]{3,8}(-[A-Z][a-z]{3,6})?") {
        let first = parse(&NameParts { given: &given, family: &family, ..NameParts::default() });
        if let Some(name) = first.value {
            let (given, family) = (name.given.join(" "), name.family.join(" "));
            let again = parse(&NameParts { given: &given, family: &family, ..NameParts::default() }).value.unwrap();
            prop_assert_eq!((again.given_folded, again.family_folded), (name.given_folded, name.family_folded));
        }
    }
}
