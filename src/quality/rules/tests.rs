use super::*;
use crate::error::Error;
use crate::pipeline::{Job, read};
use crate::quality::catalog;
use crate::quality::finding::Finding;
use crate::quality::mask::Reveal;
use crate::quality::{Hits, Material, Raw};
use crate::record::{RecordId, Table};
use crate::schema::UnitedSchema;
use crate::source::Source;
use proptest::prelude::*;
use std::sync::Arc;

const EXAMPLE: &str = r#"
format = 1
extends = "recommended"
[defaults]
severity = "warning"
ignore_rows = { field = "lead_source", in = ["seed-data"] }
[[check]]
id = "duplicate-rate"
severity = "error"
max_rate = 0.02
warn_if = "> 0.01"
threshold = 0.92
[[check]]
id = "email-invalid"
max_rows = 0
[[check]]
id = "score-drift"
error_if = "> 0.05"
[[check]]
id = "not-null"
fields = ["email", "country"]
any = true
[[check]]
id = "custom-unsubscribed-owner"
kind = "sql-free"
if = { all = [ { field = "consent.email", is = "unsubscribed" }, { field = "owner", known = true } ] }
severity = "info"
[suppress]
"51004" = { checks = ["test-record"], until = "2027-01-01", why = "QA account" }
"#;

/// 2026-06-30.
const AS_OF: i64 = 1_782_777_600_000_000;

#[test]
fn a_whole_file_is_read() {
    let rules = parse(EXAMPLE, "check.toml").unwrap();
    assert_eq!(rules.rules.len(), 5);
    assert_eq!(rules.merge_at(), Some(0.92));
    assert!(rules.needs_all_places());
    let [suppressed] = &rules.suppressed[..] else { panic!("{rules:#?}") };
    assert_eq!((suppressed.record.as_str(), suppressed.line), ("51004", 29));
    assert_eq!(parse("", "check.toml").unwrap(), Rules::default(), "nothing is a rule file too");
}

#[test]
fn every_mistake_is_told_at_once_with_the_nearest_name() {
    let text = "format = 2\nextends = \"recomended\"\nchek = 1\n[defaults]\nseverity = \"errors\"\n\
                [[check]]\nid = \"emial-invalid\"\nmax_rate = 3\n[[check]]\nid = \"bom\"\nwarn_if = \"a lot\"\n\
                [[check]]\nmax_rows = 1\n[[check]]\nid = \"not-null\"\n[[check]]\nid = \"own-one\"\nkind = \"sql-free\"\n\
                [[check]]\nid = \"bom\"\ndays = 3\n[[check]]\nid = \"email-role\"\nif = { field = \"a\", is = 1 }\n\
                [[check]]\nid = \"mine\"\nif = { field = \"a\", iss = 1 }\nserverity = \"info\"\n\
                [suppress]\n\"1\" = { checks = [\"test-recrod\"], until = \"soon\" }\n";
    let Err(Error::Config { mistakes, remedy, .. }) = parse(text, "check.toml") else {
        panic!("must not parse")
    };
    let all = mistakes.join("\n");
    for part in [
        "line 1 column 10: format must be 1",
        "unknown extends \"recomended\"; did you mean \"recommended\"?",
        "unknown key in a rule file \"chek\"; did you mean \"check\"?",
        "line 5 column 12: unknown severity \"errors\"; did you mean \"error\"?",
        "no check \"emial-invalid\"; did you mean \"email-invalid\"?",
        "line 8 column 12: max_rate must be a share from 0 to 1",
        "warn_if is no limit",
        "[[check]] without an id",
        "not-null needs fields",
        "\"own-one\" has no condition",
        "days is for stale and retention-exceeded only",
        "second [[check]] for \"bom\"",
        "\"email-role\" is a check already",
        "unknown key in a condition \"iss\"",
        "unknown key in [[check]] \"serverity\"; did you mean \"severity\"?",
        "no check \"test-recrod\"; did you mean \"test-record\"?",
        "until must be a day",
    ] {
        assert!(all.contains(part), "{part} is missing in:\n{all}");
    }
    assert!(remedy.contains("--list-checks"));
    assert!(parse("a = [", "check.toml").is_err());
}

#[test]
fn limits_are_shares_with_a_point_or_percent_and_numbers_without() {
    let cases = [
        ("> 0.01", 2, 100, true),
        ("> 0.01", 1, 100, false),
        (">= 1%", 1, 100, true),
        ("> 5", 6, 0, true),
        ("> 5", 5, 9, false),
        ("between 5 and 10", 10, 100, true),
        ("between 5 and 10", 11, 100, false),
        ("between 1% and 2.5 %", 2, 100, true),
        ("< 1_000", 999, 1, true),
        ("= 0", 0, 1, true),
        ("> 0.5", 0, 0, false),
    ];
    for (text, count, of, holds) in cases {
        let limit = Limit::parse(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(limit.holds(count, of), holds, "{text} of {count} in {of}");
    }
    for text in [
        "",
        ">",
        "5",
        "> x",
        "between 5",
        "between 9 and 1",
        "between 1 and 2%",
        "> -1",
        "=> 1",
        "> 1e9",
        "> inf",
    ] {
        assert_eq!(Limit::parse(text), None, "{text}");
    }
}

struct World {
    table: Table,
    schema: UnitedSchema,
    records: crate::normalize::record::Records,
}

fn world(csv: &str) -> World {
    let content = Some(Arc::new(csv.as_bytes().to_vec()));
    let job =
        Job { inputs: vec![Source { content, ..Source::new("leads.csv") }], ..Job::default() };
    let (table, schema, records) = read(&job).unwrap();
    World { table, schema, records }
}

impl World {
    fn material(&self) -> Material<'_> {
        Material {
            table: &self.table,
            schema: &self.schema,
            records: &self.records,
            rejects: &[],
            outcome: None,
            activities: None,
            suppression: None,
            ignored: &[],
            as_of: AS_OF,
        }
    }

    fn settle(&self, rules: &str, found: &[Raw]) -> Ruled {
        let rules = parse(rules, "check.toml").unwrap();
        let material = self.material();
        let make = |raw: &Raw, severity| Finding {
            check: raw.check.into(),
            severity,
            column: raw.column.map(|c| self.table.columns[c].header.clone()),
            file: "leads.csv".into(),
            count: raw.hits.count,
            of: raw.hits.of,
            rate: 0.0,
            message: raw.message.clone(),
            samples: raw
                .hits
                .records
                .iter()
                .map(|&r| material.sample(r, raw.column, Reveal::Masked))
                .collect(),
        };
        rules.settle(&material, found, 2, "check.toml", &make).unwrap()
    }
}

const LEADS: &str = "id,email,country,lead_source,owner,first name,last name\n\
    1,ana@x.example,MX,web,Bo,Ana,Ruiz\n\
    2,nonsense,,seed-data,,Eva,Roth\n\
    3,,,web,Bo,Ida,Blum\n\
    4,jon@y.example,US,web,,Jon,Dow\n";

fn raw(check: &'static str, column: Option<usize>, records: &[u32], of: u64) -> Raw {
    let records: Vec<RecordId> = records.iter().map(|&r| RecordId(r)).collect();
    let hits = Hits { count: records.len() as u64, of, records };
    Raw { column, hits, ..Raw::of(check) }
}

fn severities(ruled: &Ruled) -> Vec<(&str, u64, Severity)> {
    ruled.findings.iter().map(|f| (f.check.as_str(), f.count, f.severity)).collect()
}

#[test]
fn rules_weigh_what_was_found() {
    use Severity::{Error, Info, Warning};
    let world = world(LEADS);
    // 30 of 1,000: 3 %.
    let many: Vec<u32> = vec![0; 30];
    let rule = |lines: &str| format!("[[check]]\nid = \"email-invalid\"\n{lines}\n");
    let cases = [
        ("", Some(Error), "the catalog's limit is 1 %"),
        ("severity = \"warning\"", Some(Warning), "another weight"),
        ("severity = \"off\"", None, "off"),
        ("max_rate = \"5%\"", Some(Info), "within the limit"),
        ("max_rate = 0.02", Some(Error), "above it"),
        ("max_rows = 29\nseverity = \"warning\"", Some(Warning), "above a number"),
        ("max_rows = 30", Some(Info), "at a number"),
        ("warn_if = \"> 1%\"\nerror_if = \"> 5%\"", Some(Warning), "between both"),
        ("warn_if = \"> 1%\"\nerror_if = \"> 2%\"", Some(Error), "the graver one"),
        ("error_if = \"> 50\"", Some(Info), "neither"),
        ("fields = [\"Other\"]\nseverity = \"info\"", Some(Error), "a rule for another column"),
        ("fields = [\"Email\"]\nseverity = \"info\"", Some(Info), "by header"),
    ];
    for (lines, expected, why) in cases {
        let ruled = world.settle(&rule(lines), &[raw("email-invalid", Some(1), &many, 1000)]);
        assert_eq!(ruled.findings.first().map(|f| f.severity), expected, "{why}");
    }
    let few = raw("email-invalid", Some(1), &[0], 1000);
    let ruled = world.settle(&rule("severity = \"error\""), std::slice::from_ref(&few));
    assert_eq!(severities(&ruled), [("email-invalid", 1, Info)], "the usual limit stays");
    let both = |extends: &str, severity: &str| {
        let rules = format!("extends = \"{extends}\"\n[defaults]\nseverity = \"{severity}\"\n");
        let role = raw("email-role", Some(1), &[0], 4);
        let missing = raw("title-missing", None, &[0], 4);
        let ruled = world.settle(&rules, &[few.clone(), role, missing]);
        ruled.findings.iter().map(|f| (f.check.clone(), f.severity)).collect::<Vec<_>>()
    };
    let named = |list: &[(&str, Severity)]| -> Vec<(String, Severity)> {
        list.iter().map(|(id, s)| (id.to_string(), *s)).collect()
    };
    let strict = [("email-invalid", Error), ("email-role", Error), ("title-missing", Warning)];
    assert_eq!(both("strict", "info"), named(&strict), "defaults are for the file's rules");
    assert_eq!(both("ci", "info"), named(&[("email-role", Warning)]));
    assert_eq!(both("import", "info"), named(&[("email-invalid", Error), ("email-role", Warning)]));
    assert_eq!(both("recommended", "info").len(), 3);
}

#[test]
fn rows_are_left_out_and_records_suppressed_until_a_day() {
    let world = world(LEADS);
    let found = [raw("case-anomaly", None, &[0, 1, 2, 3], 4)];
    let ignoring = "[defaults]\nignore_rows = { field = \"lead_source\", in = [\"seed-data\"] }\n";
    let ruled = world.settle(ignoring, &found);
    assert_eq!((ruled.findings[0].count, ruled.findings[0].of), (3, 3));
    assert_eq!(ruled.findings[0].samples.len(), 2, "as many places as were asked for");
    assert_eq!(ruled.notes, ["1 row is left out by ignore_rows."]);
    let by = |record: &str, rest: &str| {
        let ruled = world.settle(&format!("[suppress]\n\"{record}\" = {{ {rest} }}\n"), &found);
        (ruled.findings[0].count, ruled.notes.join(" "))
    };
    assert_eq!(by("4", "why = \"QA\"").0, 3);
    assert_eq!(by("leads:4", "checks = [\"case-anomaly\"]").0, 3);
    assert_eq!(by("4", "checks = [\"bom\"]").0, 4, "another check");
    assert_eq!(by("9", "").0, 4, "another record");
    let (count, said) = by("4", "until = 2026-06-30");
    assert_eq!((count, said.as_str()), (3, "1 finding of a record is suppressed by check.toml."));
    let (count, said) = by("4", "until = \"2026-06-29\"");
    assert_eq!(count, 4, "the day is over");
    assert!(said.contains("check.toml line 2: this suppression has ended"), "{said}");
    let all = world.settle("[suppress]\n\"1\" = {}\n\"2\" = {}\n\"3\" = {}\n\"4\" = {}\n", &found);
    assert!(all.findings.is_empty(), "nothing left is no finding");
}

#[test]
fn conditions_and_not_null() {
    let world = world(LEADS);
    let own = "[[check]]\nid = \"orphaned\"\nkind = \"sql-free\"\nmessage = \"nobody's lead\"\n\
               if = { all = [ { field = \"owner\", unknown = true }, { field = \"lead_source\", is = \"Web\" } ] }\nseverity = \"error\"\n";
    let ruled = world.settle(own, &[]);
    assert_eq!(severities(&ruled), [("orphaned", 1, Severity::Error)]);
    assert_eq!(ruled.findings[0].samples[0].record, "leads:4");
    assert_eq!(ruled.findings[0].message, "nobody's lead");
    assert_eq!(ruled.own, ["orphaned"]);
    let not_null = |rest: &str| {
        let rules =
            format!("[[check]]\nid = \"not-null\"\nfields = [\"email\", \"country\"]\n{rest}");
        let found = world.settle(&rules, &[]).findings;
        found.iter().map(|f| (f.column.clone(), f.count)).collect::<Vec<_>>()
    };
    let (email, country) = (Some("email".to_string()), Some("country".to_string()));
    assert_eq!(not_null(""), [(country, 2), (email, 1)]);
    assert_eq!(not_null("any = true\n"), [(None, 1)], "one of both is enough");
    let gone = world.settle("[[check]]\nid = \"not-null\"\nfields = [\"VAT id\"]\n", &[]);
    assert_eq!(gone.findings[0].count, 4);
    assert!(gone.findings[0].message.contains("no column has it"));
    let unknown =
        parse("[[check]]\nid = \"a\"\nif = { field = \"ownr\", known = true }\n", "c.toml");
    let make = |_: &Raw, _| panic!("nothing is found");
    let error = unknown.unwrap().settle(&world.material(), &[], 1, "c.toml", &make).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    let said = error.to_string();
    assert!(
        said.contains("line 3: no field \"ownr\" in the input; did you mean \"owner\"?"),
        "{said}"
    );
}

#[test]
fn checks_that_wait_for_a_rule_speak_when_they_have_one() {
    let world = world(
        "id,email,first name,last name,status,owner,created,last activity,email opt in\n\
         1,a@x.example,Ana,Ruiz,Open,Bo,2020-01-01,2026-06-01,\n\
         2,b@x.example,Eva,Roth,Opne,Cy,2020-01-01,2021-01-01,true\n\
         3,c@x.example,Ida,Blum,closed,Bo,2026-06-01,,true\n",
    );
    let cases = [
        ("id = \"status-invalid\"\nallowed = [\"open\", \"Closed\"]", vec![("status-invalid", 1)]),
        ("id = \"owner-inactive\"\nallowed = [\"bo\"]", vec![("owner-inactive", 1)]),
        ("id = \"owner-inactive\"\nallowed = [\"bo\", \"cy\"]", vec![]),
        ("id = \"stale\"\ndays = 365", vec![("stale", 1)]),
        ("id = \"stale\"\ndays = 10", vec![("stale", 3)]),
        ("id = \"retention-exceeded\"\ndays = 730", vec![("retention-exceeded", 1)]),
        ("id = \"consent-missing\"\nseverity = \"error\"", vec![("consent-missing", 1)]),
        ("id = \"consent-missing\"\nseverity = \"off\"", vec![]),
    ];
    for (rule, expected) in cases {
        let found = world.settle(&format!("[[check]]\n{rule}\n"), &[]).findings;
        let found: Vec<(&str, u64)> = found.iter().map(|f| (f.check.as_str(), f.count)).collect();
        assert_eq!(found, expected, "{rule}");
    }
}

#[test]
fn every_check_can_be_named() {
    for check in catalog::CHECKS {
        let text = format!("[[check]]\nid = \"{}\"\nseverity = \"off\"\n", check.id);
        let rules = parse(&text, "check.toml").unwrap();
        assert!(rules.is_off(check.id));
    }
}

proptest! {
    #[test]
    fn no_file_makes_it_panic(text in "\\PC{0,200}") {
        let _ = parse(&text, "check.toml");
        let _ = parse(&format!("[[check]]\nid = \"bom\"\n{text}"), "check.toml");
        let _ = Limit::parse(&text);
    }
}
