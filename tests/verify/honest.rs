//! A run that nobody touched passes, whatever its inputs.

use super::folder::{ACTIVITIES, LEADS, Run};
use crate::cli::workdir::Workdir;
use std::path::Path;

fn passes(work: &Workdir, clean: &str) -> String {
    work.succeeds(&format!("clean {clean} --as-of 2026-06-30 --quiet -o out --force"));
    work.succeeds("verify out")
}

#[test]
fn the_readme_s_example_and_its_variants() {
    for variant in ["", "twice/", "moved/"] {
        let work = Workdir::ana();
        for name in ["leads.csv", "activities.csv"] {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ana");
            std::fs::copy(root.join(variant).join(name), work.path(name)).unwrap();
        }
        let said = passes(&work, "leads.csv --activities activities.csv --model scoring.toml");
        assert!(said.starts_with("Verified: "), "{variant}: {said}");
    }
}

#[test]
fn several_sources_of_other_headers_and_the_same_ids() {
    let work = Workdir::with("crm.csv", LEADS.replace('L', ""));
    work.write(
        "fair.csv",
        "id;Name;E-Mail;Telefon;Firma\n1;Ana Ruiz;ana.ruiz@acme.example;;Acme\n\
         2;Olga Petrova;olga@fair.example;+49 89 2223334;Fair AG\n",
    );
    work.write("events.csv", ACTIVITIES.replace("L1,", "crm:1,").replace(",L", ",crm:"));
    let said = passes(&work, "crm.csv fair.csv --activities events.csv");
    assert!(said.contains("9 records"), "{said}");
}

#[test]
fn rejects_no_activities_no_id_column_repeated_ids() {
    let cases: [(&str, &str, &str); 4] = [
        (
            "rejects",
            "id,name,email\n1,Ana Ruiz,a@x.example\n2,Bo Berg\n3,Cy Dee,c@x.example\n",
            "leads.csv --max-reject-rate 50%",
        ),
        ("no activities", LEADS, "leads.csv"),
        ("no id column", "name,email\nAna Ruiz,a@x.example\nana ruiz,a@x.example\n", "leads.csv"),
        (
            "an id twice",
            "id,name,email\n1,Ana Ruiz,a@x.example\n1,Bo Berg,b@x.example\n",
            "leads.csv",
        ),
    ];
    for (what, leads, arguments) in cases {
        let work = Workdir::with("leads.csv", leads);
        assert!(passes(&work, arguments).starts_with("Verified: "), "{what}");
    }
}

#[test]
fn inputs_are_named_when_they_are_elsewhere() {
    let run = Run::new();
    std::fs::create_dir(run.work.path("archive")).unwrap();
    for name in ["leads.csv", "activities.csv"] {
        std::fs::rename(run.work.path(name), run.work.path("archive").join(name)).unwrap();
    }
    run.work.succeeds("verify out --input archive/leads.csv --input archive/activities.csv");
    if !run.work.path("out/journal.jsonl").exists() {
        let said = run.work.fails(3, "verify out");
        assert!(said.contains("--input"), "{said}");
    }
}

#[test]
fn exit_codes_and_the_two_forms() {
    let run = Run::new();
    let json: serde_json::Value =
        serde_json::from_str(&run.work.succeeds("verify out --json")).unwrap();
    assert_eq!((&json["ok"], &json["persons"]), (&true.into(), &5.into()));
    assert_eq!(run.work.succeeds("verify out --quiet"), "");
    run.set("leads.csv", ("lead_id", "L6"), "leadmend_score", "7");
    let output = run.work.run("verify out --ignore-hashes");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("failed: leads.csv p_") && said.contains("1 thing is refused"), "{said}");
    let output = run.work.run("verify out --json");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &json["ok"]), (Some(1), &false.into()));
    assert_eq!(json["refusals"].as_array().unwrap().len(), 2, "the hash and the score: {json}");
    run.work.fails(3, "verify settings");
    run.put("certificate.json", "{}");
    run.work.fails(3, "verify out");
}
