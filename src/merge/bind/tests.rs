use super::*;
use crate::merge::sample::table;
use crate::record::{DictionaryBuilder, SourceInfo};
use proptest::prelude::*;

/// Two CRM records, then records of other sources: (source name, preset, id), in canonical order.
fn leads_of(records: &[(&str, Option<&str>, &str)]) -> Table {
    let rows: Vec<[&str; 1]> = records.iter().map(|r| [r.2]).collect();
    let rows: Vec<&[&str]> = rows.iter().map(|r| r.as_slice()).collect();
    let mut t = table("", &["id"], &rows);
    t.sources.clear();
    for (i, record) in records.iter().enumerate() {
        let source = match t.sources.iter().position(|s| s.name == record.0) {
            Some(source) => source,
            None => {
                let preset = record.1.map(String::from);
                t.sources.push(SourceInfo {
                    name: record.0.into(),
                    preset,
                    ..SourceInfo::default()
                });
                t.sources.len() - 1
            }
        };
        t.source[i] = source as u16;
    }
    t
}

fn bind_ids(
    leads: &Leads,
    input: ActivityInput,
    ids: &[&str],
    email: &[u32],
) -> Result<Binding, BindError> {
    let mut dictionary = DictionaryBuilder::default();
    let lead: Vec<ValueId> = ids.iter().map(|id| dictionary.intern(id).unwrap()).collect();
    let references = References {
        inputs: &[input],
        input: &vec![0; ids.len()],
        lead: &lead,
        dictionary: dictionary.dictionary(),
        email,
    };
    bind(leads, &references)
}

const PLAIN: ActivityInput = ActivityInput { name: "log", preset: None };

#[test]
fn by_id_in_every_form() {
    let t = leads_of(&[
        ("crm", Some("salesforce"), "0035e00000AbCdEAAV"),
        ("crm", Some("salesforce"), "7"),
        ("fair", None, "8"),
        ("fair", None, "z:9"),
    ]);
    let merged = [
        MergedId { source: 0, old: "5", new: "6" },
        MergedId { source: 0, old: "6", new: "7" },
        MergedId { source: 0, old: "20", new: "21" },
        MergedId { source: 0, old: "21", new: "20" },
        MergedId { source: 1, old: "7", new: "8" },
    ];
    let clusters = Clusters::from_labels(&[0, 1, 2, 3]);
    let leads =
        Leads { table: &t, has_id: &[], clusters: &clusters, merged: &merged[..4], emails: &[] };
    let cases: &[(&str, u32, &str)] = &[
        ("7", 1, "plain"),
        (" 7 ", 1, "white space"),
        ("8", 2, "found in one source"),
        ("crm:7", 1, "source and id"),
        ("fair:7", ORPHAN, "not in that source"),
        ("z:9", 3, "an id with a colon of its own"),
        ("fair:z:9", 3, "and qualified"),
        ("5", 1, "merged twice"),
        ("20", ORPHAN, "a trail in a circle"),
        ("99", ORPHAN, "unknown"),
        ("", ORPHAN, "blank"),
    ];
    for (id, expected, why) in cases {
        let got = bind_ids(&leads, PLAIN, &[id], &[]).unwrap();
        assert_eq!(got.record, [*expected], "{why}");
    }
    // 7 was merged into 8 in one source and is a record of the other: two different persons.
    let both = Leads { merged: &merged, ..leads };
    assert!(matches!(bind_ids(&both, PLAIN, &["7"], &[]), Err(BindError::Ambiguous { .. })));
}

#[test]
fn salesforce_ids_are_equal_in_both_forms() {
    // Hand-worked: 00D, 3000, 0000 -> per five characters the upper-case ones as bits.
    let short = "0035e00000AbCdE";
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let sums = [0, 0, 0b10101].map(|i: usize| digits[i] as char);
    let long: String = short.chars().chain(sums).collect();
    assert_eq!(long, "0035e00000AbCdEAAV");
    let cases = [
        (long.as_str(), short, "checksum dropped"),
        ("0035e00000AbCdEaav", short, "checksum in lower case"),
        ("0035e00000AbCdEAAA", "0035e00000AbCdEAAA", "not a checksum: another kind of id"),
        (short, short, "already short"),
        ("ñ35e00000AbCdEAAV", "ñ35e00000AbCdEAAV", "18 bytes, not ASCII"),
    ];
    for (id, expected, why) in cases {
        assert_eq!(canonical(id), expected, "{why}");
    }
    let t = leads_of(&[("crm", None, &long)]);
    let clusters = Clusters::from_labels(&[0]);
    let leads = Leads { table: &t, has_id: &[], clusters: &clusters, merged: &[], emails: &[] };
    assert_eq!(bind_ids(&leads, PLAIN, &[short, &long], &[]).unwrap().by_id, 2);
}

#[test]
fn the_same_id_in_two_sources() {
    let t = leads_of(&[
        ("crm", Some("hubspot"), "1"),
        ("old", Some("hubspot"), "1"),
        ("fair", Some("pardot"), "1"),
    ]);
    let apart = Clusters::from_labels(&[0, 1, 2]);
    let leads = Leads { table: &t, has_id: &[], clusters: &apart, merged: &[], emails: &[] };
    let named = ActivityInput { name: "old", preset: Some("pardot") };
    let product = ActivityInput { name: "log", preset: Some("pardot") };
    let several = ActivityInput { name: "log", preset: Some("hubspot") };
    let bound = |leads: &Leads, input| bind_ids(leads, input, &["1"], &[]).map(|b| b.record[0]);
    assert_eq!(bound(&leads, named), Ok(1), "the name given to the file");
    assert_eq!(bound(&leads, product), Ok(2), "the product");
    assert_eq!(
        bound(&leads, several),
        Err(BindError::Ambiguous {
            input: "log".into(),
            rows: 1,
            sources: vec!["crm".into(), "old".into()]
        })
    );
    let message = bound(&leads, PLAIN).unwrap_err().to_string();
    assert!(message.contains("(crm, old, fair)") && message.contains("--source crm=FILE"));
    let together = Clusters::from_labels(&[0, 0, 2]);
    let leads = Leads { clusters: &together, ..leads };
    assert_eq!(bound(&leads, several), Ok(0), "one person: no ambiguity");
    let without = Leads { has_id: &[true, false, false], ..leads };
    assert_eq!(bound(&without, PLAIN), Ok(0), "row numbers are no ids");
}

#[test]
fn by_email() {
    let t = leads_of(&[("crm", None, "1"), ("fair", None, "1"), ("fair", None, "2")]);
    let clusters = Clusters::from_labels(&[0, 1, 2]);
    let emails = [(4, RecordId(1)), (5, RecordId(2)), (6, RecordId(0)), (6, RecordId(1))];
    let leads = Leads { table: &t, has_id: &[], clusters: &clusters, merged: &[], emails: &emails };
    let ids = &["1", "77", "2", "", "77"];
    let got = bind_ids(&leads, PLAIN, ids, &[4, 5, 4, 6, 0]).unwrap();
    assert_eq!(
        got.record,
        [1, 2, 2, ORPHAN, ORPHAN],
        "the id first; a shared mailbox names nobody"
    );
    assert_eq!((got.by_id, got.by_email, got.orphans), (1, 2, 2));
    let none = Leads { has_id: &[false, false], ..leads };
    let error = bind_ids(&none, PLAIN, &["1"], &[]).unwrap_err();
    assert!(matches!(error, BindError::NoKey { .. }));
    assert!(bind_ids(&none, PLAIN, &["1"], &[4]).is_ok());
    assert!(bind_ids(&none, PLAIN, &[], &[]).is_ok(), "no rows, no trouble");
}

proptest! {
    #[test]
    fn never_panics_and_counts_all(ids in prop::collection::vec(".{0,20}|[0-3]{1,2}|crm:.?", 0..20)) {
        let t = leads_of(&[("crm", None, "1"), ("crm", None, "2"), ("fair", None, "")]);
        let clusters = Clusters::from_labels(&[0, 1, 2]);
        let merged = [MergedId { source: 0, old: "3", new: "1" }];
        let leads =
            Leads { table: &t, has_id: &[], clusters: &clusters, merged: &merged, emails: &[] };
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let got = bind_ids(&leads, PLAIN, &ids, &[]).unwrap();
        prop_assert_eq!(got.by_id + got.by_email + got.orphans, ids.len() as u64);
    }
}
