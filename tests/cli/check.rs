//! `check`: exit codes, what is printed, and what never is.

use super::workdir::{SECRET_EMAIL, Workdir};

const FAULTY: &str = "id,first_name,last_name,email,phone,city\n\
    1,Nora,Miller,nora@acorn.example,+1 312 555 0143,Chicago\n\
    2,Peter,Garcia,secret.person@private.example,,=1+1\n\
    3,Maria,Wilson,maria@@acorn.example,+1 713 555 0188,Houston\n";

#[test]
fn a_verdict_is_exit_code_one_and_its_report_is_on_stdout() {
    let work = Workdir::with("leads.csv", FAULTY);
    let output = work.run("check leads.csv --skip duplicates");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "error   email-invalid «email»: 1 of 3 (33.3 %)",
        "error   formula-injection «city»: 1 of 3 (33.3 %)",
        "leads:3  line 4  m****@@a****.example",
        "Failed: 3 records, 2 errors,",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.starts_with("failed: the data does not pass: 2 errors"), "{err}");
}

#[test]
fn what_fails_is_the_users_choice() {
    let work = Workdir::with("leads.csv", FAULTY);
    let cases = [
        ("check leads.csv --skip duplicates --fail-on never", 0),
        ("check leads.csv --only title-missing", 0),
        ("check leads.csv --only rare-shape --fail-on warning", 0),
        ("check leads.csv --only formula-injection", 1),
        ("check leads.csv --skip duplicates,email-invalid,formula-injection", 0),
    ];
    for (arguments, code) in cases {
        assert_eq!(work.run(arguments).status.code(), Some(code), "{arguments}");
    }
    let unjudged = work.run(cases[0].0);
    let text = String::from_utf8(unjudged.stdout).unwrap();
    assert!(text.contains("Not judged: 3 records, 2 errors,"), "errors are no pass: {text}");
}

#[test]
fn mistakes_of_use_and_of_inputs_have_their_own_codes() {
    let work = Workdir::with("leads.csv", FAULTY);
    let cases = [
        ("check leads.csv --only email-invalit", 2, "the nearest is email-invalid"),
        ("check --explain email-invalit", 2, "the nearest is email-invalid"),
        ("check", 2, "INPUT"),
        ("check gone.csv", 3, "no such file"),
        ("check leads.csv --model gone.toml", 2, "no such file"),
    ];
    for (arguments, code, part) in cases {
        let said = work.fails(code, arguments);
        assert!(said.contains(part), "{arguments}: {said}");
    }
    let ci = work.command("check leads.csv --reveal full").env("CI", "true").output().unwrap();
    assert_eq!(ci.status.code(), Some(2), "a log of CI shows no personal data");
}

#[test]
fn values_are_masked_unless_they_are_asked_for() {
    let text = format!("id,email,city\n1,{SECRET_EMAIL},Chicago\n2,{SECRET_EMAIL},Boston\n");
    let work = Workdir::with("leads.csv", text);
    let run = |arguments: &str| {
        let output = work.command(arguments).env_remove("CI").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let masked = run("check leads.csv --skip duplicates --json");
    assert!(masked.contains("duplicate-email") && !masked.contains(SECRET_EMAIL), "{masked}");
    assert!(run("check leads.csv --skip duplicates --reveal full").contains(SECRET_EMAIL));
    let none = run("check leads.csv --skip duplicates --reveal none");
    assert!(!none.contains("s*****"), "{none}");
}

#[test]
fn json_has_the_agreed_shape() {
    let work = Workdir::with("leads.csv", FAULTY);
    let output = work.run("check leads.csv --only email-invalid --json --max-findings 0");
    let read: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(read["verdict"], "fail");
    assert_eq!(read["records"], 3);
    let finding = &read["findings"][0];
    assert_eq!(finding["check"], "email-invalid");
    assert_eq!(finding["column"], "email");
    assert_eq!((&finding["count"], &finding["of"]), (&1.into(), &3.into()));
    assert_eq!(finding["samples"].as_array().map(Vec::len), Some(0), "counts stay complete");
}

#[test]
fn threads_have_no_say_and_checks_explain_themselves() {
    let work = Workdir::ana();
    let run = |n: u32| {
        let flags = "--activities activities.csv --as-of 2026-06-30 --json";
        work.run(&format!("check leads.csv {flags} --threads {n}")).stdout
    };
    assert_eq!(run(1), run(2));
    let text = work.succeeds("check --explain duplicate-rate");
    assert!(text.contains("above 2 %") && text.contains("Remedy:"), "{text}");
    assert!(work.succeeds("check --list-checks").lines().count() > 80);
}
