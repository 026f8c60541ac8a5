//! The case table of e-mail addresses, and what must hold for any text.
use super::*;
use proptest::prelude::*;

#[test]
fn splits_cells_with_several() {
    for (cell, expected) in [
        ("", vec![]),
        ("a@b.co", vec!["a@b.co"]),
        ("a@b.co ::: c@d.co", vec!["a@b.co", "c@d.co"]),
        ("a@b.co; c@d.co", vec!["a@b.co", "c@d.co"]),
        ("a@b.co c@d.co", vec!["a@b.co", "c@d.co"]),
        ("Ana <a@b.co>, Bo <c@d.co>", vec!["Ana <a@b.co>", "Bo <c@d.co>"]),
        ("a@b.co|c@d.co", vec!["a@b.co", "c@d.co"]),
        ("a@@b.co", vec!["a@@b.co"]),
    ] {
        assert_eq!(split(cell), expected, "{cell}");
    }
}

#[test]
fn an_address_written_out_is_read_as_itself() {
    for text in ["tes\u{130}t@test.com", "\u{1c5}@acme.com", "J\u{c9}@acme.com"] {
        let read = parse(text).value.unwrap();
        assert_eq!(parse(&read.address()).value.unwrap(), read, "{text}");
    }
}

#[test]
fn keys_are_narrow_and_wide() {
    let keys =
        |text: &str| parse(text).value.map(|e| (e.identity_key(), e.suppression_key())).unwrap();
    assert_eq!(keys("A.Na+x@googlemail.com").0, "ana@gmail.com");
    assert_eq!(keys("a.na@acme.com").0, "a.na@acme.com");
    assert_eq!(keys("a.na+news@acme.com").1, "ana@acme.com");
    assert_eq!(keys("ana-shop@yahoo.com").1, "ana@yahoo.com");
    assert_eq!(keys("x@xn--mller-kva.de"), keys("x@MÜLLER.de"));
    assert_eq!(keys("ana@me.com").0, "ana@icloud.com");
}

proptest! {
    #[test]
    fn reading_is_idempotent_and_total(text in "\\PC{0,30}|[ <>(\"',;:.]{0,3}[a-zA-Z0-9.+_-]{0,8}[@ ]{0,2}[a-zA-Z0-9.,-]{0,8}(\\.com|\\.de|,com)[;.> )]{0,2}") {
        let read = parse(&text);
        let _ = split(&text);
        if let Some(email) = read.value {
            let again = parse(&email.address());
            prop_assert_eq!(again.status, Status::Ok, "{} {}", email.address(), again.reason);
            // Every letter of the repaired address was in the cell.
            let raw = crate::normalize::text::clean(&text).to_lowercase();
            prop_assert!(raw.contains(&email.local));
            prop_assert_eq!(again.value, Some(email));
        }
    }
}
