use super::*;
use crate::quality::finding::{Finding, Sample, Verdict};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;

fn finding(check: &str, column: Option<&str>, severity: Severity, samples: usize) -> Finding {
    let samples = (0..samples)
        .map(|i| Sample {
            record: format!("crm:{i}"),
            line: i as u32 + 2,
            value: "m****@a***.example".into(),
        })
        .collect::<Vec<_>>();
    Finding {
        check: check.into(),
        severity,
        column: column.map(str::to_string),
        file: "leads.csv".into(),
        count: samples.len().max(1) as u64,
        of: 100_000,
        rate: samples.len() as f64 / 100_000.0,
        message: "no e-mail address; correct or empty the cell".into(),
        samples,
    }
}

fn checked(findings: Vec<Finding>) -> Checked {
    Checked { verdict: Verdict::Fail, records: 100_000, findings, notes: vec!["A note.".into()] }
}

fn keyed() -> Context {
    Context {
        key: Key::new(b"0123456789abcdef"),
        fail_on: Some(Severity::Error),
        ran: vec!["email-invalid".into(), "bom".into()],
        paths: vec![("leads.csv".into(), "data/leads.csv".into())],
    }
}

fn unkeyed() -> Context {
    Context { key: None, ..keyed() }
}

/// The published schema of SARIF 2.1.0, whole.
fn check_sarif(text: &str) -> Value {
    let schema: Value =
        serde_json::from_str(include_str!("../../../fixtures/schemas/sarif-2.1.0.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let log: Value = serde_json::from_str(text).unwrap();
    let mistakes: Vec<String> = validator.iter_errors(&log).map(|e| e.to_string()).collect();
    assert!(mistakes.is_empty(), "{mistakes:#?}");
    log
}

#[test]
fn sarif_holds_the_published_schema_and_the_limits() {
    // Just above the 25,000 at which a run is refused.
    let many = finding("email-invalid", Some("Email"), Severity::Error, 25_001);
    let all = checked(vec![many, finding("bom", None, Severity::Info, 0)]);
    let log = check_sarif(&sarif::write(&all, &keyed()));
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 5_000);
    let first = results[0]["message"]["text"].as_str().unwrap();
    assert!(first.contains("25,001 of 100,000") && first.ends_with("and 20,002 more"), "{first}");
    assert_eq!(results[4_999]["ruleId"], "bom", "every finding keeps one");
    let prints: BTreeSet<&str> = results
        .iter()
        .map(|r| r["partialFingerprints"]["leadmendFinding/v1"].as_str().unwrap())
        .collect();
    assert_eq!(prints.len(), 5_000);
    assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), 2);
    let uri = &results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(uri, "data/leads.csv");
}

#[test]
fn without_a_key_findings_are_per_check_and_column_and_that_is_said_once() {
    let two = vec![
        finding("email-invalid", Some("Email"), Severity::Error, 30),
        finding("email-invalid", Some("Email 2"), Severity::Error, 30),
    ];
    let text = sarif::write(&checked(two.clone()), &unkeyed());
    let log = check_sarif(&text);
    assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), 2);
    assert_eq!(text.matches("LEADMEND_KEY").count(), 1);
    assert!(!text.contains("crm:"), "no record is named");
    assert!(!sarif::write(&checked(two), &keyed()).contains("LEADMEND_KEY"));
}

#[test]
fn fingerprints_do_not_know_lines_and_do_know_the_key() {
    let one = checked(vec![finding("email-invalid", Some("Email"), Severity::Error, 3)]);
    let mut moved = one.clone();
    moved.findings[0].samples.iter_mut().for_each(|sample| sample.line += 40);
    let prints = |checked: &Checked, context: &Context| -> Vec<String> {
        let (entries, _) = entry::entries(checked, context, 100);
        entries.into_iter().map(|entry| entry.fingerprint).collect()
    };
    assert_eq!(prints(&one, &keyed()), prints(&moved, &keyed()));
    let other = Context { key: Key::new(b"another key of ours"), ..keyed() };
    assert_ne!(prints(&one, &keyed()), prints(&one, &other));
    assert!(!prints(&one, &keyed()).contains(&prints(&one, &unkeyed())[0]));
}

#[test]
fn more_findings_than_a_log_holds_are_counted() {
    let findings = (0..5_003)
        .map(|i| finding("rare-shape", Some(&format!("c{i}")), Severity::Warning, 1))
        .collect();
    let text = sarif::write(&checked(findings), &unkeyed());
    let log = check_sarif(&text);
    assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), 5_000);
    assert!(text.contains("3 findings are not listed"));
}

#[test]
fn eleven_checks_of_one_severity_are_ten_annotations() {
    let ids = &crate::quality::catalog::CHECKS[..11];
    let mut all: Vec<Finding> =
        ids.iter().map(|check| finding(check.id, None, Severity::Error, 2)).collect();
    all.push(finding("bom", None, Severity::Info, 1));
    all.push(finding("bom", Some("Email"), Severity::Info, 1));
    let text = github::write(&checked(all), &unkeyed());
    let count = |word: &str| text.lines().filter(|line| line.starts_with(word)).count();
    assert_eq!((count("::error "), count("::notice "), text.lines().count()), (10, 1, 11));
    assert!(text.contains("::error file=data/leads.csv,line=2,title=duplicate-rate::"), "{text}");
    let more = format!("2 more checks found something: {}, {}", ids[9].id, ids[10].id);
    assert!(text.contains(&more), "{text}");
    let ten: Vec<Finding> =
        ids[..10].iter().map(|check| finding(check.id, None, Severity::Error, 2)).collect();
    assert!(!github::write(&checked(ten), &unkeyed()).contains("more checks"));
}

#[test]
fn gitlab_entries_are_complete_and_never_alike() {
    let mut twice = finding("duplicate-email", Some("Email"), Severity::Error, 2);
    twice.samples[1].record = twice.samples[0].record.clone();
    let all = checked(vec![twice.clone(), twice, finding("bom", None, Severity::Info, 0)]);
    let list: Vec<Value> = serde_json::from_str(&gitlab::write(&all, &keyed())).unwrap();
    assert_eq!(list.len(), 5);
    let prints: BTreeSet<&str> =
        list.iter().map(|entry| entry["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(prints.len(), 5);
    for entry in &list {
        assert!(entry["check_name"].as_str().unwrap().starts_with("leadmend/"));
        assert_eq!(entry["location"]["path"], "data/leads.csv");
        assert!(entry["location"]["lines"]["begin"].as_u64().unwrap() >= 1);
        let severity = entry["severity"].as_str().unwrap();
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity));
    }
    assert_eq!(
        serde_json::from_str::<Value>(&gitlab::write(&checked(vec![]), &keyed())).unwrap(),
        Value::Array(vec![])
    );
}

/// Elements and attributes of Jenkins' junit-10.xsd, as far as we write them.
#[test]
fn junit_has_no_attribute_that_the_published_schema_does_not_know() {
    const KNOWN: [(&str, &[&str]); 5] = [
        ("testsuites", &["name", "tests", "failures", "errors"]),
        ("testsuite", &["name", "tests", "failures", "errors"]),
        ("testcase", &["name", "classname"]),
        ("failure", &["type", "message"]),
        ("system-out", &[]),
    ];
    let hostile = " disabled=\"0\" <x y=\"1\">";
    let mut found = finding("email-invalid", None, Severity::Error, 3);
    found.message = hostile.into();
    let mut passing = finding("bom", None, Severity::Info, 1);
    passing.message = hostile.into();
    let checked = checked(vec![found, passing]);
    let context = unkeyed();
    let text = junit::write(&checked, &context);
    let mut seen = Vec::new();
    for tag in text.split('<').skip(1).filter(|tag| !tag.starts_with(['/', '?'])) {
        let tag = &tag[..tag.find('>').unwrap()];
        let name = tag.split([' ', '/']).next().unwrap();
        let (_, known) = KNOWN.iter().find(|(known, _)| *known == name).unwrap();
        let attributes = tag.split("=\"").filter_map(|part| part.rsplit([' ', '"']).next());
        let count = tag.matches("=\"").count();
        for attribute in attributes.take(count) {
            assert!(known.contains(&attribute), "{name} {attribute}");
        }
        seen.push(name);
    }
    for (name, _) in KNOWN {
        assert!(seen.contains(&name), "{name} in {text}");
    }
    assert!(text.contains("disabled"), "what a finding says stays");
}

#[test]
fn junit_has_a_case_per_check() {
    let all = checked(vec![
        finding("email-invalid", Some("Email"), Severity::Error, 30),
        finding("email-role", Some("Email"), Severity::Warning, 2),
    ]);
    let text = junit::write(&all, &keyed());
    let report = quick_junit::Report::deserialize_from_str(&text).unwrap();
    assert_eq!((report.tests, report.failures, report.errors), (3, 1, 0));
    let names: Vec<&str> =
        report.test_suites[0].test_cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names, ["email-invalid", "email-role", "bom"], "in the catalog's order");
    assert!(text.contains("and 10 more") && text.contains("crm:7, line 9: m****@a***.example"));
    assert!(!text.contains("timestamp") && !text.contains(" time="), "no clock");
}

#[test]
fn markdown_is_cut_where_the_page_ends() {
    let findings: Vec<Finding> = (0..20_000)
        .map(|i| finding("rare-shape", Some(&format!("column {i}")), Severity::Warning, 5))
        .collect();
    let all = checked(findings);
    let text = markdown::write(&all, markdown::SUMMARY_BYTES);
    assert!(text.len() <= markdown::SUMMARY_BYTES && text.len() > markdown::SUMMARY_BYTES - 1_000);
    assert!(text.trim_end().ends_with("more findings are left out here: the page is full."));
    let whole = markdown::write(&all, markdown::NO_LIMIT);
    assert!(!whole.contains("left out") && whole.matches("<details>").count() == 20_000);
}

#[test]
fn json_lines_give_the_findings_back() {
    let all = checked(vec![finding("email-invalid", Some("E\u{202e}mail"), Severity::Error, 2)]);
    let text = jsonl::write(&all);
    let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let kinds: Vec<&str> = lines.iter().map(|l| l["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["finding", "note", "summary"]);
    assert_eq!(lines[0]["column"], "E\u{202e}mail");
    assert_eq!(lines[2]["verdict"], "fail");
}

/// Cells that try to break out, in every place that shows one.
fn hostile(text: &str) -> Checked {
    let mut one = finding("email-invalid", Some(text), Severity::Error, 2);
    one.samples[0] = Sample { record: text.into(), line: 3, value: text.into() };
    one.file = text.into();
    one.message = text.into();
    let notes = vec![text.to_string()];
    Checked { verdict: Verdict::Fail, records: 2, findings: vec![one], notes }
}

fn does_no_harm(text: &str) {
    let all = hostile(text);
    for context in [keyed(), unkeyed()] {
        check_sarif(&sarif::write(&all, &context));
        let list: Vec<Value> = serde_json::from_str(&gitlab::write(&all, &context)).unwrap();
        assert!(!list.is_empty());
        let junit = junit::write(&all, &context);
        let report = quick_junit::Report::deserialize_from_str(&junit).unwrap();
        assert_eq!((report.tests, report.failures), (2, 1), "{text:?}");
        let annotations = github::write(&all, &context);
        assert_eq!(annotations.lines().count(), 1, "{text:?}: {annotations}");
        assert!(annotations.starts_with("::error file="));
        let lines = jsonl::write(&all);
        assert!(lines.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
        assert_eq!(lines.lines().count(), 3, "{text:?}");
        let page = markdown::write(&all, markdown::NO_LIMIT);
        let tags: Vec<&str> =
            page.split('<').skip(1).map(|t| t.split('>').next().unwrap()).collect();
        assert_eq!(tags, ["details", "summary", "/summary", "/details"], "{text:?}");
        let table: Vec<&str> = page.lines().filter(|line| line.starts_with('|')).collect();
        assert!(table.iter().all(|row| row.matches('|').count() == 6), "{text:?}");
        for output in [
            sarif::write(&all, &context),
            gitlab::write(&all, &context),
            junit,
            annotations,
            lines,
            page,
        ] {
            let bad = output.chars().find(|&c| escape::is_hidden(c) && c != '\n');
            assert_eq!(bad, None, "{text:?}");
            assert!(output.len() < 20_000 || text.len() > 1_000, "{text:?}");
        }
    }
}

#[test]
fn hostile_cells_do_no_harm() {
    let long = "x".repeat(100_000);
    for text in [
        "<script>alert(1)</script>",
        "]]>",
        "<![CDATA[",
        "a\nb\r\nc",
        "::error file=x::owned\n::error::again",
        "%0A::error::x",
        "| a | b |",
        "`` ` ``` ~~~",
        "[x](javascript:alert(1)) ![y](//evil.example/z)",
        "&lt;script&gt; &#60;b&#62;",
        "\u{202e}txt.exe\u{202c}\u{2066}\u{200f}",
        "\u{0}\u{1b}[31mred\u{7f}\u{85}\u{2028}",
        "\u{fffe}\u{ffff}\u{1fffe}\u{feff}",
        "</details></summary>",
        "file=a,line=2,title=b::",
        "\\u{202e} \" ' \\",
        "",
        &long,
        &"<\u{202e}&]]>\n".repeat(20_000),
    ] {
        does_no_harm(text);
    }
    // Nothing that is shown grows with a cell, but for records in JSON Lines, which identify.
    let all = hostile(&long);
    for output in [
        sarif::write(&all, &keyed()),
        junit::write(&all, &keyed()),
        markdown::write(&all, usize::MAX),
    ] {
        assert!(output.len() < 20_000, "{}", output.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn no_cell_does_harm(text in any::<String>()) {
        does_no_harm(&text);
    }
}
