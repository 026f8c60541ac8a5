//! Containers other than CSV: read as CSV is, written as the first input or as `--format` says.

use super::workdir::Workdir;
use std::fs;
use std::path::Path;

fn work() -> Workdir {
    let work = Workdir::ana();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/containers");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_string();
        fs::copy(&path, work.path(&name)).unwrap();
    }
    work
}

/// The first line of what `clean` prints.
fn found(work: &Workdir, arguments: &str) -> String {
    let printed = work.succeeds(&format!("clean {arguments} --as-of 2026-06-30 --force -o out"));
    printed.lines().next().unwrap_or("").to_string()
}

#[test]
fn cards_and_entries_are_leads() {
    let work = work();
    assert_eq!(found(&work, "contacts.vcf"), "3 records -> 2 people (1 duplicate merged)");
    let leads = work.read("out/leads.csv");
    assert!(leads.starts_with("UID,Full Name,First Name,Last Name,Email,"), "{leads}");
    assert!(
        leads.contains("Guadalajara") && leads.contains("\"met at the fair, wants a call\""),
        "{leads}"
    );
    assert_eq!(found(&work, "people.ldif"), "2 records -> 1 person (1 duplicate merged)");
    assert!(work.read("out/leads.csv").contains("Directora de Compras"));
}

#[test]
fn tables_of_a_database_are_leads_and_activities() {
    let work = work();
    let before = fs::read(work.path("crm.db")).unwrap();
    let expected = found(&work, "leads.csv --activities activities.csv --model scoring.toml");
    let csv = (work.read("out/leads.csv"), work.read("out/activities.csv"));
    for input in [
        "crm.db#leads --activities crm.db#events",
        "sqlite://crm.db?leads=leads&activities=events",
        "sqlite://crm.db?leads=LEADS --activities activities.csv",
    ] {
        assert_eq!(found(&work, &format!("{input} --model scoring.toml")), expected, "{input}");
        let leads = work.read("out/leads.csv");
        assert_eq!(leads.lines().count(), csv.0.lines().count(), "{input}");
        assert_eq!(work.read("out/activities.csv"), csv.1, "{input}");
    }
    assert!(fs::read(work.path("crm.db")).unwrap() == before, "the database was touched");
    let several = work.fails(2, "clean crm.db");
    assert!(several.contains("2 tables") && several.contains("events, leads"), "{several}");
    assert!(work.fails(2, "clean crm.db#people").contains("no table \"people\""));
    assert!(
        work.fails(2, "clean sqlite://crm.db?lead=leads").contains("knows leads and activities")
    );
    work.succeeds("clean crm.db#leads --as-of 2026-06-30 --force -o out");
    let explained = work.succeeds("explain 1041 2210 --run out --input crm.db");
    assert!(explained.contains("one person"), "{explained}");
}

#[test]
fn json_lines_are_written_as_they_were_read() {
    let work = work();
    let expected = found(&work, "leads.csv --model scoring.toml --format jsonl");
    assert!(!work.path("out/leads.csv").exists());
    let lines = work.read("out/leads.jsonl");
    let first: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert!(
        first["leadmend_score"].is_number() && first["leadmend_may_email"].is_boolean(),
        "{first}"
    );
    let person = first["leadmend_person_id"].as_str().unwrap();
    let explained = work.succeeds(&format!("explain {person} --run out"));
    assert!(!explained.is_empty());
    work.write("again.jsonl", lines);
    let again = found(&work, "again.jsonl --model scoring.toml");
    assert_eq!(
        again.split(" -> ").nth(1).unwrap().split(' ').next(),
        expected.split(" -> ").nth(1).unwrap().split(' ').next()
    );
    assert!(work.path("out/leads.jsonl").exists(), "as the first input");
    let refused = work.fails(2, "clean leads.csv --format xlsx");
    assert!(refused.contains("--format csv"), "{refused}");
}

#[cfg(feature = "excel")]
#[test]
fn sheets_of_a_workbook_are_leads_and_activities() {
    let work = work();
    let expected = found(&work, "leads.csv --activities activities.csv --model scoring.toml");
    let leads = work.read("out/leads.csv");
    let input = "fair.xlsx --activities fair.xlsx#Events --model scoring.toml";
    assert_eq!(found(&work, input), expected);
    assert_eq!(work.read("out/leads.csv").lines().count(), leads.lines().count());
    assert!(work.fails(2, "clean fair.xlsx#May").contains("Leads, Events"));
}

#[cfg(not(feature = "excel"))]
#[test]
fn a_workbook_is_refused_with_the_remedy() {
    assert!(work().fails(3, "clean fair.xlsx").contains("--features excel"));
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_is_written_and_read_back() {
    let work = work();
    let expected =
        found(&work, "leads.csv --activities activities.csv --model scoring.toml --format parquet");
    for name in ["leads", "activities"] {
        fs::copy(work.path(&format!("out/{name}.parquet")), work.path(&format!("{name}.parquet")))
            .unwrap();
    }
    let persons = expected.split(" -> ").nth(1).unwrap().split(' ').next().unwrap().to_string();
    let again = found(&work, "leads.parquet --activities activities.parquet --model scoring.toml");
    assert_eq!(again, format!("{persons} records -> {persons} people (no duplicates)"));
    assert!(
        work.path("out/leads.parquet").exists() && work.path("out/activities.parquet").exists()
    );
    let one = fs::read(work.path("out/leads.parquet")).unwrap();
    found(&work, "leads.parquet --activities activities.parquet --model scoring.toml --threads 1");
    assert!(fs::read(work.path("out/leads.parquet")).unwrap() == one, "threads change nothing");
}

#[cfg(not(feature = "parquet"))]
#[test]
fn parquet_is_refused_with_the_remedy() {
    assert!(work().fails(2, "clean leads.csv --format parquet").contains("--features parquet"));
}

#[test]
fn values_for_one_input_must_name_one() {
    let refused = work().fails(2, "clean leads.csv --encoding leads2.csv=latin1");
    assert!(refused.contains("leads2.csv=... names no input"), "{refused}");
}

#[cfg(not(feature = "postgres"))]
#[test]
fn a_server_is_refused_with_the_remedy() {
    let work = work();
    let url = "postgres://ana@db.example/crm?leads=leads";
    let said = work.fails(3, &format!("clean {url}"));
    assert!(said.contains("PostgreSQL") && said.contains("--features postgres"), "{said}");
    assert!(
        work.fails(2, "undo --db postgres://ana@db.example/crm").contains("--features postgres")
    );
    let secret = work.fails(2, "clean postgres://ana:998877@db.example/crm");
    assert!(secret.contains("PGPASSWORD"), "{secret}");
}

#[test]
fn a_run_over_tables_of_a_database_is_verified() {
    let work = work();
    work.succeeds("clean crm.db#leads --activities crm.db#events --as-of 2026-06-30 -o out");
    let verified = work.succeeds("verify out");
    assert!(verified.contains("6 records in 5 people, 5 activities, 5 scores"), "{verified}");
    work.write("crm.db", "another");
    work.succeeds("verify out");
}
