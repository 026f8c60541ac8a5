//! `audit` as a user meets it: stable ids, what is told, which exit code, and what it refuses.

use super::workdir::{SECRET_EMAIL, SECRET_PHONE, Workdir, csv, leads, snapshot};
use rusqlite::Connection;
use std::collections::BTreeMap;

const STATE: &str = "leadmend-state.db";

fn crosswalk(work: &Workdir, folder: &str) -> BTreeMap<String, String> {
    let text = work.read(&format!("{folder}/crosswalk.csv"));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|h| h == name).unwrap();
    let (record, person) = (column("record_id"), column("person_id"));
    reader.records().map(|r| r.unwrap()).map(|r| (r[record].into(), r[person].into())).collect()
}

fn report(work: &Workdir, folder: &str) -> serde_json::Value {
    serde_json::from_str(&work.read(&format!("{folder}/report.json"))).unwrap()
}

/// An audit whose verdict is no matter; what it prints.
fn audit(work: &Workdir, rest: &str) -> String {
    work.succeeds(&format!("audit leads.csv --fail-on never {rest}"))
}

/// A rule means the same in an audit as in a check: ignored rows count in no pair and no rate.
#[test]
fn rows_that_the_rules_ignore_are_no_duplicates() {
    let row =
        |id: u32, source: &str| format!("{id},Ana,Ruiz,{SECRET_EMAIL},{SECRET_PHONE},{source}\n");
    let text =
        ["id,first_name,last_name,email,phone,lead_source\n", &row(1, "web"), &row(2, "seed")];
    let work = Workdir::with("leads.csv", text.concat());
    work.write(
        "check.toml",
        "[defaults]\nignore_rows = { field = \"lead_source\", in = [\"seed\"] }\n",
    );
    let duplicates = |folder: &str| {
        let report = report(&work, folder);
        let findings = report["audit"]["findings"].as_array().unwrap().clone();
        findings.iter().any(|f| f["check"] == "duplicate-rate")
    };
    audit(&work, "--state one.db -o all");
    audit(&work, "--state two.db -o some --rules check.toml");
    assert!(duplicates("all") && !duplicates("some"));
}

#[test]
fn two_audits_and_what_changed_between_them() {
    let work = Workdir::with("leads.csv", csv(&leads(60)));
    audit(&work, "--as-of 2026-06-01 -o first");
    let before = work.read("leads.csv");
    let mut rows = leads(60);
    rows.rotate_left(17);
    rows.truncate(rows.len() - 3);
    work.write("leads.csv", csv(&rows));
    let said = audit(&work, "--as-of 2026-06-08 -o second");
    assert!(said.contains("Since 2026-06-01: 3 records gone"), "{said}");
    assert!(said.contains("Trend over 2 audits: people "), "{said}");
    let (first, second) = (crosswalk(&work, "first"), crosswalk(&work, "second"));
    assert!(second.iter().all(|(record, person)| first[record] == *person));
    assert_eq!(report(&work, "second")["audit"]["numbers"]["changes"]["records_gone"], 3);
    assert_eq!(report(&work, "second")["audit"]["trend"].as_array().unwrap().len(), 2);
    let page = work.read("second/report.html");
    for heading in ["What the check found", "What changed since the last audit", "Trend"] {
        assert!(page.contains(heading), "{heading}");
    }
    work.write("leads.csv", before);
    assert!(work.succeeds("verify second --ignore-hashes --quiet").is_empty());
    work.succeeds("undo second -o back --quiet");
}

#[test]
fn the_folder_is_verified_and_undone_as_that_of_clean() {
    let work = Workdir::ana();
    let flags = "--activities activities.csv --model scoring.toml --as-of 2026-06-01 --quiet";
    let failed = work.run(&format!("audit leads.csv {flags} -o out"));
    assert_eq!(failed.status.code(), Some(1), "a sixth of the records are duplicates");
    let said = String::from_utf8(failed.stderr).unwrap();
    assert_eq!(said, "failed: the data does not pass: 1 error, 1 warning\n");
    work.succeeds("verify out --quiet");
    work.succeeds("undo out -o back --quiet");
    assert_eq!(work.read("back/leads.csv"), work.read("leads.csv"));
    work.succeeds(&format!("clean leads.csv {flags} -o plain"));
    let (own, plain) = (snapshot(&work.path("out")), snapshot(&work.path("plain")));
    for path in plain.keys() {
        let name = path.strip_prefix(work.path("plain")).unwrap();
        assert!(own.contains_key(&work.path("out").join(name)), "{name:?} is missing");
    }
    assert_eq!(crosswalk(&work, "out"), crosswalk(&work, "plain"), "first ids are those of clean");
}

#[test]
fn ids_stay_in_every_file_when_clean_would_give_others() {
    let work = Workdir::ana();
    let flags = "--activities activities.csv --model scoring.toml --fail-on never --quiet";
    work.succeeds(&format!("audit leads.csv {flags} --as-of 2026-06-01 -o first"));
    // Ana's records get a new cell each: by themselves, they would be called otherwise.
    let changed = work.read("leads.csv").replace("Guadalajara", "Zapopan");
    assert_ne!(changed, work.read("leads.csv"));
    work.write("leads.csv", changed);
    work.succeeds(&format!("audit leads.csv {flags} --as-of 2026-06-08 -o second"));
    let (first, second) = (crosswalk(&work, "first"), crosswalk(&work, "second"));
    assert_eq!(first, second);
    work.succeeds("verify second --quiet");
    for file in ["leads.csv", "scores.csv", "ledger.csv", "activity_map.csv", "journal.jsonl"] {
        let text = work.read(&format!("second/{file}"));
        let ids: Vec<&str> = text.match_indices("p_").map(|(at, _)| &text[at..at + 18]).collect();
        assert!(!ids.is_empty(), "{file}");
        assert!(ids.iter().all(|id| first.values().any(|known| known == id)), "{file}");
    }
    let merged = first.values().find(|id| first.values().filter(|i| i == id).count() == 2).unwrap();
    work.succeeds(&format!("undo second -o parted --person {merged}"));
    let parted = crosswalk(&work, "parted");
    let kept = first.iter().filter(|(record, id)| parted[*record] == **id).count();
    assert_eq!(kept, first.len() - 1, "one record has another person, all others keep theirs");
}

#[test]
fn decisions_are_kept_and_relearning_says_what_it_changed() {
    let work = Workdir::with("leads.csv", csv(&leads(60)));
    audit(&work, "--as-of 2026-06-01 -o first --quiet");
    work.write("review.csv", "left_id,right_id,decision\n0,1,same\n");
    audit(&work, "--as-of 2026-06-02 -o second --quiet --decisions review.csv");
    let second = crosswalk(&work, "second");
    assert_eq!(second["0"], second["1"]);
    assert_eq!(work.read("second/lineage.csv").lines().count(), 2);
    audit(&work, "--as-of 2026-06-03 -o third --quiet");
    assert_eq!(crosswalk(&work, "third"), second, "decided for good");
    let said = audit(&work, "--as-of 2026-06-04 -o fourth --relearn");
    assert!(said.contains("id changed") || said.contains("ids changed"), "{said}");
    assert_eq!(report(&work, "fourth")["audit"]["numbers"]["relearned"], true);
    work.write("review.csv", "left_id,right_id,decision\n1,0,different\n");
    audit(&work, "--as-of 2026-06-05 -o fifth --quiet --decisions review.csv");
    assert_eq!(crosswalk(&work, "fifth"), crosswalk(&work, "first"), "taken back");
}

#[test]
fn the_same_bytes_from_the_same_state() {
    let work = Workdir::with("leads.csv", csv(&leads(200)));
    audit(&work, "--as-of 2026-06-01 -o first --quiet");
    std::fs::copy(work.path(STATE), work.path("copy.db")).unwrap();
    audit(&work, "--as-of 2026-06-08 -o one --quiet --threads 1");
    audit(&work, "--as-of 2026-06-08 -o two --quiet --threads 2 --state copy.db");
    let relative = |folder: &str| -> BTreeMap<String, Option<Vec<u8>>> {
        let root = work.path(folder);
        let files = snapshot(&root).into_iter();
        files.map(|(p, b)| (p.strip_prefix(&root).unwrap().display().to_string(), b)).collect()
    };
    assert!(relative("one") == relative("two"));
}

#[test]
fn a_dry_run_writes_nothing() {
    let work = Workdir::with("leads.csv", csv(&leads(30)));
    let before = snapshot(&work.path(""));
    assert!(audit(&work, "--dry-run").contains("records -> "));
    assert!(snapshot(&work.path("")) == before);
    audit(&work, "--as-of 2026-06-01 --quiet");
    let before = snapshot(&work.path(""));
    assert!(audit(&work, "--dry-run").contains("Since 2026-06-01: "));
    assert!(snapshot(&work.path("")) == before);
}

#[test]
fn what_is_refused_leaves_everything_as_it_was() {
    let work = Workdir::with("leads.csv", csv(&leads(30)));
    work.write("notes.db", format!("{SECRET_EMAIL} {SECRET_PHONE}\n").repeat(100));
    Connection::open(work.path("crm.db"))
        .unwrap()
        .execute_batch(
            "CREATE TABLE leads (id, name, email); INSERT INTO leads VALUES (1, 'A', 'b')",
        )
        .unwrap();
    work.succeeds(
        "audit leads.csv --fail-on never --quiet --as-of 2026-06-01 -o first --state old.db",
    );
    std::fs::copy(work.path("old.db"), work.path("newer.db")).unwrap();
    Connection::open(work.path("newer.db"))
        .unwrap()
        .execute_batch("UPDATE meta SET value = 99 WHERE key = 'schema_version'")
        .unwrap();
    let cases = [
        ("--state notes.db", 3, "notes.db: is no state of leadmend"),
        ("--state crm.db", 3, "crm.db: is no state of leadmend"),
        ("--state newer.db", 3, "newer.db: was written by a newer leadmend (schema 99"),
        ("--state leads.csv", 2, "--state leads.csv is an input"),
        ("-o out --state out/state.db", 2, "the next audit replaces"),
        ("-o first --state old.db", 4, "first: holds the result of an earlier run"),
        ("-o out --state no/state.db", 4, "state.db: could not be written"),
        ("-o out --state old.db --merge-at 0.9", 2, "or give --relearn, too"),
        ("-o out --only no-such-check", 2, "no-such-check is no check"),
    ];
    for (flags, code, why) in cases {
        let said = work.fails(code, &format!("audit leads.csv {flags}"));
        assert!(said.contains(why), "{flags}: {said}");
    }
}

#[test]
fn an_output_that_fails_leaves_no_state() {
    let work = Workdir::with("leads.csv", csv(&leads(30)));
    let said = work.fails(3, "audit missing.csv --state s.db");
    assert!(said.contains("missing.csv: no such file"), "{said}");
    let said = work.fails(4, "audit leads.csv -o no/folder --state s.db");
    assert!(said.contains("could not be written"), "{said}");
    work.write("activities.csv", "event_id,who,type\n1,9,open\n");
    let output =
        work.run("audit leads.csv --activities activities.csv --state s.db --column email=x");
    assert_eq!(output.status.code(), Some(2));
    assert!(!work.path("s.db").exists());
}

#[test]
fn a_second_audit_is_told_that_the_state_is_held() {
    let work = Workdir::with("leads.csv", csv(&leads(30)));
    audit(&work, "--as-of 2026-06-01 -o first --quiet");
    let held = Connection::open(work.path(STATE)).unwrap();
    held.execute_batch("BEGIN IMMEDIATE").unwrap();
    let said = work.run("audit leads.csv -o second");
    assert_eq!(said.status.code(), Some(4));
    assert_eq!(
        String::from_utf8(said.stderr).unwrap(),
        "error: leadmend-state.db: another audit is writing this state; wait or use another --state\n"
    );
    assert!(!work.path("second").exists());
    assert!(audit(&work, "-o third --state other.db --quiet").is_empty(), "another state is free");
}

#[test]
fn a_locked_source_is_told_and_never_written() {
    let work = Workdir::new();
    let crm = work.path("crm.db");
    let source = Connection::open(&crm).unwrap();
    source
        .execute_batch(
            "CREATE TABLE leads (id, name, email);
             INSERT INTO leads VALUES (1, 'Ana Ruiz', 'ana@x.example'), (2, 'Bo Li', 'bo@x.example')",
        )
        .unwrap();
    let bytes = std::fs::read(&crm).unwrap();
    source.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let output = work.run("audit sqlite://crm.db?leads=leads");
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("crm.db: ") && said.contains("another program"), "{said}");
    assert!(!work.path(STATE).exists() && !work.path("crm-leadmend").exists());
    source.execute_batch("ROLLBACK").unwrap();
    work.succeeds("audit sqlite://crm.db?leads=leads --fail-on never --quiet");
    assert_eq!(std::fs::read(&crm).unwrap(), bytes, "the source is never written");
    let beside = std::fs::read_dir(work.path("")).unwrap().count();
    assert_eq!(beside, 3, "the source, the folder and the state");
}

#[test]
fn the_report_of_a_first_audit_has_nothing_to_compare_with() {
    let work = Workdir::with("leads.csv", csv(&leads(30)));
    let said = audit(&work, "--as-of 2026-06-01");
    assert!(!said.contains("Since ") && !said.contains("Trend"), "{said}");
    let page = work.read("leads-leadmend/report.html");
    assert!(page.contains("This is the first audit of this state"));
    assert!(!page.contains("What changed since the last audit"));
    assert!(report(&work, "leads-leadmend")["audit"]["previous"].is_null());
}

/// The command of an example, as the shell or systemd would take it apart.
fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(|word| word.trim_matches('\'').to_string()).collect()
}

#[test]
fn the_examples_for_a_schedule_are_commands_that_run() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/audit");
    let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
    let crontab = read("crontab");
    let line = crontab.lines().find(|line| line.contains("leadmend audit")).unwrap();
    let fields: Vec<&str> = line.split_whitespace().take(5).collect();
    for (field, most) in fields.iter().zip([59, 23, 31, 12, 7]) {
        assert!(*field == "*" || field.parse::<u32>().is_ok_and(|n| n <= most), "{field}");
    }
    assert!(!line.contains('%'), "cron takes a percent sign for a new line");
    let (_, of_cron) = line.split_once("&& leadmend ").unwrap();
    let service = read("leadmend-audit.service");
    let line = service.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let (program, of_systemd) = line.split_once(' ').unwrap();
    assert!(program.starts_with('/') && program.ends_with("/leadmend"), "systemd wants a path");
    assert_eq!(words(of_cron), words(of_systemd));
    for name in ["leadmend-audit.service", "leadmend-audit.timer"] {
        let mut section = String::new();
        for line in read(name).lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
            match line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                Some(name) => section = name.to_string(),
                None => assert!(line.contains('=') && !section.is_empty(), "{name}: {line}"),
            }
        }
    }
    assert!(read("leadmend-audit.timer").contains("OnCalendar="));

    let work = Workdir::new();
    Connection::open(work.path("crm.db"))
        .unwrap()
        .execute_batch(
            "CREATE TABLE leads (id, name, email);
             INSERT INTO leads VALUES (1, 'Ana Ruiz', 'ana@x.example'), (2, 'Bo Li', 'bo@x.example');
             CREATE TABLE activities (id, lead_id, type, time);
             INSERT INTO activities VALUES (1, 1, 'email_open', '2026-05-01T10:00:00Z')",
        )
        .unwrap();
    for _ in 0..2 {
        let output = work.run(&words(of_cron).join(" "));
        assert!(output.status.code().is_some_and(|code| code < 2), "{output:?}");
        assert!(output.stdout.is_empty(), "--quiet");
    }
    assert!(work.path("crm-state.db").exists() && work.path("crm-audit/report.html").exists());
}
