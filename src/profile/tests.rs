//! Profiles of small files, and that nothing personal shows unasked.

use super::*;
use crate::pipeline::{self, Job};
use crate::source::Source;
use proptest::prelude::*;

fn profiled(csv: &str, reveal: Reveal) -> Profile {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("leads.csv");
    std::fs::write(&path, csv).unwrap();
    let job = Job { inputs: vec![Source::new(&path)], ..Job::default() };
    profile(&pipeline::normalize(&job, &|_| ()).unwrap(), reveal)
}

const LEADS: &str = "id,first_name,email,phone,country,created_at\n\
    1,Ana, Ana.Lopez@acme.com,+52 55 5555 0101,México,2026-01-02\n\
    2,Bo,bo@acme.com,+525555550102,México,2026-01-03\n\
    3,test,bo@acme@com,12,MX,31/12/2026\n\
    4,Eva,n/a,,,2026-01-03\n";

fn column<'a>(profile: &'a Profile, header: &str) -> &'a ColumnProfile {
    profile.columns.iter().find(|c| c.header == header).unwrap()
}

#[test]
fn columns_are_measured_as_documented() {
    let profile = profiled(LEADS, Reveal::Masked);
    assert_eq!(profile.records, 4);
    let email = column(&profile, "email");
    assert_eq!((email.role, email.filled, email.completeness), (Role::Email, 3, 0.75));
    assert_eq!((email.distinct, email.uniqueness), (3, 1.0));
    let validity = email.validity.as_ref().unwrap();
    assert_eq!((validity.valid, validity.doubtful, validity.invalid), (2, 0, 1));
    assert_eq!(validity.reasons, [("double-at", 1)].into());
    assert_eq!(email.repairs.cells, 1, "capitals and a space");
    // 0.4 x 3/4 + 0.4 x 2/3 + 0.2 x 2/3
    assert_eq!(email.hygiene, Some(70.0));
    assert_eq!(column(&profile, "country").repairs.kinds, [("country-form", 1)].into());
    let formats: Vec<&str> =
        column(&profile, "created_at").formats.iter().map(|f| f.text.as_str()).collect();
    assert_eq!(formats, ["9999-99-99", "99/99/9999"]);
    assert!(profile.hygiene > 0.0 && profile.hygiene < 100.0);
}

#[test]
fn personal_values_are_masked_unless_asked_for() {
    let json = |reveal| serde_json::to_string(&profiled(LEADS, reveal)).unwrap();
    let (masked, full) = (json(Reveal::Masked), json(Reveal::Full));
    for secret in ["Ana.Lopez", "bo@acme", "5555", "Eva"] {
        assert!(full.contains(secret), "{secret}");
        assert!(!masked.contains(secret), "{secret}");
        assert!(!profiled(LEADS, Reveal::Masked).to_text().contains(secret), "{secret}");
    }
    assert!(masked.contains("México"), "a country is nobody");
}

#[test]
fn an_empty_column_has_no_hygiene_and_no_role_is_not_scored() {
    let profile = profiled("id,email,shoe size\n1,,38\n2,,44\n", Reveal::Masked);
    assert_eq!(column(&profile, "email").hygiene.unwrap_or(0.0), 0.0);
    assert_eq!(column(&profile, "shoe size").hygiene, None);
}

proptest! {
    #[test]
    fn shapes_shorten_any_text(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let text = String::from_utf8_lossy(&bytes);
        prop_assert!(shape::shape(&text).chars().count() <= 43);
        for role in Role::plain() {
            judge::judge(role, &text, None, crate::normalize::date::DateOrder::DayFirst);
        }
    }
}
