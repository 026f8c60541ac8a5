use super::*;
use crate::quality::finding::{Sample, Verdict};
use proptest::prelude::*;

fn finding(check: &str, column: Option<&str>, records: &[&str]) -> Finding {
    let samples = records
        .iter()
        .map(|record| Sample { record: record.to_string(), line: 2, value: "m***".into() })
        .collect();
    Finding {
        check: check.into(),
        severity: Severity::Error,
        column: column.map(str::to_string),
        file: "leads.csv".into(),
        count: records.len() as u64,
        of: 100,
        rate: records.len() as f64 / 100.0,
        message: "what is wrong".into(),
        samples,
    }
}

fn checked(findings: Vec<Finding>) -> Checked {
    Checked { verdict: Verdict::Fail, records: 100, findings, notes: vec![] }
}

fn key() -> Option<Key> {
    Key::new(b"0123456789abcdef")
}

#[test]
fn what_was_accepted_does_not_come_back_and_what_is_new_does() {
    let before = checked(vec![
        finding("email-invalid", Some("Email"), &["a", "b"]),
        finding("bom", None, &["a"]),
    ]);
    let baseline = Baseline::of(&before, None);
    let hold = |findings: Vec<Finding>| {
        let mut now = checked(findings);
        let held = baseline.hold(&mut now, None, "base.toml");
        (held, now)
    };
    let (held, now) = hold(before.findings.clone());
    assert_eq!((held.accepted, held.stale, now.findings.len()), (2, 0, 0));
    assert_eq!(now.notes, ["2 findings are accepted by base.toml."]);
    let (held, now) = hold(vec![
        finding("email-invalid", Some("Email"), &["a", "b", "c"]),
        finding("email-invalid", Some("Other"), &["a"]),
    ]);
    assert_eq!((held.accepted, held.stale), (0, 1), "bom is gone");
    assert!(now.findings[0].message.ends_with("; 1 beyond the baseline"));
    assert_eq!(now.findings[1].message, "what is wrong", "another column is new altogether");
    assert_eq!(now.notes.len(), 1);
    assert!(now.notes[0].starts_with("1 recorded finding looks fixed"), "{}", now.notes[0]);
    let (held, _) = hold(vec![]);
    assert_eq!(held.stale, 2);
    // Information never fails, so it is neither recorded nor taken out.
    let mut info = finding("bom", None, &["a"]);
    info.severity = Severity::Info;
    let (held, now) = hold(vec![info]);
    assert_eq!((held.accepted, now.findings.len()), (0, 1));
}

#[test]
fn with_a_key_another_record_is_new_though_the_number_is_the_same() {
    let key = key();
    let before = checked(vec![finding("email-invalid", Some("Email"), &["a", "b"])]);
    let baseline = Baseline::of(&before, key.as_ref());
    let mut now = checked(vec![finding("email-invalid", Some("Email"), &["a", "c"])]);
    assert_eq!(baseline.hold(&mut now.clone(), None, "b").accepted, 1, "counts alone");
    let held = baseline.hold(&mut now, key.as_ref(), "b");
    assert_eq!((held.accepted, now.findings.len()), (0, 1));
    let other = Key::new(b"another key of sixteen");
    let mut with_other = checked(before.findings.clone());
    baseline.hold(&mut with_other, other.as_ref(), "b");
    assert!(with_other.notes.iter().any(|note| note.contains("a key that is not given here")));
    // Where not all places are told, the number decides.
    let mut cut = finding("email-invalid", Some("Email"), &["a", "c"]);
    cut.samples.truncate(1);
    let held = baseline.hold(&mut checked(vec![cut]), key.as_ref(), "b");
    assert_eq!(held.accepted, 1);
}

#[test]
fn shares_are_compared_as_shares() {
    let at = |rate: f64| {
        let mut one = finding("duplicate-rate", None, &[]);
        (one.count, one.rate) = ((rate * 1e4) as u64, rate);
        checked(vec![one])
    };
    let baseline = Baseline::of(&at(0.03), None);
    assert!(baseline.text().contains("rate = 0.03"));
    for (rate, accepted, stale) in [(0.03, 1, 0), (0.02, 1, 1), (0.04, 0, 0)] {
        let held = baseline.hold(&mut at(rate), None, "b");
        assert_eq!((held.accepted, held.stale), (accepted, stale), "{rate}");
    }
}

#[test]
fn an_update_only_shrinks_unless_growth_is_allowed() {
    let baseline = Baseline::of(
        &checked(vec![finding("bom", None, &["a", "b"]), finding("encoding", None, &["a"])]),
        None,
    );
    let rows = |baseline: &Baseline| -> Vec<(String, u64)> {
        baseline.counts.iter().map(|(name, a)| (name.clone(), a.rows.unwrap())).collect()
    };
    let named = |list: &[(&str, u64)]| -> Vec<(String, u64)> {
        list.iter().map(|(name, rows)| (name.to_string(), *rows)).collect()
    };
    let now = checked(vec![
        finding("bom", None, &["a"]),
        finding("encoding", None, &["a", "b", "c"]),
        finding("email-role", None, &["a"]),
    ]);
    assert_eq!(rows(&baseline.updated(&now, None, false)), named(&[("bom", 1), ("encoding", 1)]));
    let grown = named(&[("bom", 1), ("email-role", 1), ("encoding", 3)]);
    assert_eq!(rows(&baseline.updated(&now, None, true)), grown);
    assert!(baseline.updated(&checked(vec![]), None, false).counts.is_empty());
}

#[test]
fn the_file_holds_no_personal_data_and_is_read_back() {
    let found = checked(vec![finding("email-invalid", Some("E-mail \"x\"\n"), &["ana@x.example"])]);
    let baseline = Baseline::of(&found, key().as_ref());
    let text = baseline.text();
    assert!(!text.contains("ana") && !text.contains("m***"), "{text}");
    assert_eq!(Baseline::parse(&text, "b").unwrap(), baseline);
    let by_hand = "format = 1\nleadmend = \"0.3.0\"\n[counts]\n\"email-invalid\" = { rows = 41, of = 10420 }\n\
                   \"duplicate-rate\" = { rate = 0.031 }\n";
    assert_eq!(Baseline::parse(by_hand, "b").unwrap().counts.len(), 2);
    for (text, part) in [
        ("format = 2\nleadmend = \"9\"\n", "format must be 1"),
        ("format = 1\nleadmend = \"0\"\n[counts]\nbom = { row = 1 }\n", "line 4: unknown field"),
        ("x", "line 1"),
    ] {
        let error = Baseline::parse(text, "base.toml").unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains(part), "{error}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,100}") {
        let _ = Baseline::parse(&text, "b");
    }

    #[test]
    fn what_is_recorded_is_accepted(
        counts in proptest::collection::vec((0usize..4, 0usize..3), 0..8),
    ) {
        let ids = ["bom", "encoding", "duplicate-rate", "email-invalid"];
        let records = ["a", "b", "c"];
        let found = checked(
            counts.iter().map(|&(check, n)| finding(ids[check], None, &records[..n + 1])).collect(),
        );
        for key in [None, key()] {
            let mut again = found.clone();
            let held = Baseline::of(&found, key.as_ref()).hold(&mut again, key.as_ref(), "b");
            prop_assert_eq!(again.findings.len(), 0);
            prop_assert_eq!((held.accepted, held.stale), (found.findings.len(), 0));
        }
    }
}
