//! A run can be undone from its folder alone: whole, one person, one record. And a plan is carried
//! out as it was made, or refused.

use crate::cli::workdir::{Workdir, csv, leads, snapshot};
use std::collections::BTreeMap;
use std::path::PathBuf;

type Row = BTreeMap<String, String>;

const CLEAN: &str =
    "clean leads.csv --activities activities.csv --model scoring.toml --as-of 2026-06-30";

fn rows(work: &Workdir, file: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(work.path(file)).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

/// The files of a folder by name.
fn files(work: &Workdir, folder: &str) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let root = work.path(folder);
    let all = snapshot(&root).into_iter();
    all.map(|(path, bytes)| (path.strip_prefix(&root).unwrap().to_path_buf(), bytes)).collect()
}

/// The score of the person of a record.
fn score(work: &Workdir, folder: &str, record: &str) -> String {
    let crossing = rows(work, &format!("{folder}/crosswalk.csv"));
    let person = &crossing.iter().find(|r| r["record_id"] == record).unwrap()["person_id"];
    let scores = rows(work, &format!("{folder}/scores.csv"));
    scores.iter().find(|r| r["person_id"] == *person).unwrap()["score"].clone()
}

#[test]
fn the_inputs_come_back_byte_for_byte_when_they_are_gone() {
    let work = Workdir::ana();
    let before = [work.read("leads.csv"), work.read("activities.csv")];
    work.succeeds(&format!("{CLEAN} --quiet -o out"));
    for file in ["leads.csv", "activities.csv", "scoring.toml"] {
        std::fs::remove_file(work.path(file)).unwrap();
    }
    let said = work.succeeds("undo out -o back");
    assert!(said.contains("leads.csv: as it was, byte for byte"), "{said}");
    assert_eq!([work.read("back/leads.csv"), work.read("back/activities.csv")], before);
    let back = files(&work, "back");
    assert_eq!(back.len(), 3, "the two and a certificate: {:?}", back.keys());
    work.fails(4, "undo out -o back");
}

#[test]
fn odd_files_come_back_too() {
    let cases: [(&str, Vec<u8>); 7] = [
        (
            "preamble",
            b"Report\n\nid,name,email\n1,Ana,a@x.example\n\n2,\"B\nC\",b@x.example\n,,\nTotal 2\n"
                .to_vec(),
        ),
        ("returns", b"id,name,email\r\n1,Ana,a@x.example\r\n2,Eva,b@x.example".to_vec()),
        ("mark", b"\xef\xbb\xbfid;name;email\n1;Ana;a@x.example\n".to_vec()),
        ("code page", b"id,name,email\n1,Jos\xe9,a@x.example\n2,Zo\xeb,z@x.example\n".to_vec()),
        ("old lines", b"id,name,email\r1,Ana,a@x.example\r2,Eva,e@x.example\r".to_vec()),
        ("utf-16", {
            let text = "\u{feff}id\tname\temail\n1\tAna\ta@x.example\n";
            text.encode_utf16().flat_map(u16::to_le_bytes).collect()
        }),
        ("json", b"{\"id\":1,\"name\":\"Ana\"}\r\n\n{\"id\":2,\"name\":\"Eva\"}".to_vec()),
    ];
    for (what, bytes) in cases {
        let work = Workdir::with("in.csv", &bytes);
        work.succeeds("clean in.csv --as-of 2026-06-30 --quiet -o out");
        work.succeeds("undo out -o back");
        assert!(std::fs::read(work.path("back/in.csv")).unwrap() == bytes, "{what}");
        let journal = work.read("out/journal.jsonl");
        let records = work.read("out/crosswalk.csv").lines().count() - 1;
        assert_eq!(journal.matches("\"kind\":\"record\"").count(), records, "{what}");
    }
}

#[test]
fn two_inputs_of_one_name_and_standard_input_are_told_apart() {
    let work = Workdir::new();
    for folder in ["a", "b"] {
        std::fs::create_dir(work.path(folder)).unwrap();
        work.write(&format!("{folder}/leads.csv"), format!("id,name\n1,{folder} Ruiz\n"));
    }
    let mut command =
        work.command("clean a/leads.csv b/leads.csv - --as-of 2026-06-30 --quiet -o out");
    command.write_stdin("id,name\n7,Eva Berg\n").assert().success();
    work.succeeds("undo out -o back");
    assert_eq!(work.read("back/leads.csv"), "id,name\n1,a Ruiz\n");
    assert_eq!(work.read("back/leads-2.csv"), "id,name\n1,b Ruiz\n");
    assert_eq!(work.read("back/stdin"), "id,name\n7,Eva Berg\n");
}

#[test]
fn a_person_parts_and_everybody_else_is_as_before() {
    let work = Workdir::ana();
    work.succeeds(&format!("{CLEAN} --quiet -o out"));
    assert_eq!(score(&work, "out", "1041"), "100");
    let said = work.succeeds("undo out -o fixed --person 2210");
    assert!(said.contains("1041 and 2210 are 2 persons again"), "{said}");
    assert_eq!(score(&work, "fixed", "1041"), "90");
    assert_eq!(score(&work, "fixed", "2210"), "10");
    for file in ["crosswalk.csv", "leads.csv", "scores.csv", "ledger.csv", "activities.csv"] {
        let ana = |line: &&str| line.contains("1041") || line.contains("2210");
        let others = |folder: &str| {
            let text = work.read(&format!("{folder}/{file}"));
            let persons: Vec<String> = rows(&work, &format!("{folder}/crosswalk.csv"))
                .into_iter()
                .filter(|r| r["record_id"] == "1041" || r["record_id"] == "2210")
                .map(|r| r["person_id"].clone())
                .collect();
            let kept =
                text.lines().filter(|l| !ana(l) && !persons.iter().any(|p| l.contains(p.as_str())));
            kept.map(String::from).collect::<Vec<_>>()
        };
        assert_eq!(others("out"), others("fixed"), "{file}");
    }
    // As if the two had never been merged: a run that was told so says the same.
    work.succeeds(&format!("{CLEAN} --quiet -o told --decisions fixed/decisions.csv"));
    for file in ["leads.csv", "scores.csv", "ledger.csv", "crosswalk.csv", "activity_map.csv"] {
        assert_eq!(
            work.read(&format!("told/{file}")),
            work.read(&format!("fixed/{file}")),
            "{file}"
        );
    }
    // And the new folder can be undone like any other.
    work.succeeds("undo fixed -o back");
    assert_eq!(work.read("back/leads.csv"), work.read("leads.csv"));
}

#[test]
fn a_record_leaves_a_chain_and_what_it_alone_held_is_named() {
    // 1 and 2 share the e-mail, 2 and 3 the phone and the name: 2 is the chain's middle.
    let work = Workdir::with(
        "leads.csv",
        "id,first name,last name,email,phone,company\n\
         1,Greta,Featherstone,greta@firm.example,,Firm One GmbH\n\
         2,Greta,Featherstone,greta@firm.example,+49 30 5550188,Firm One GmbH\n\
         3,Greta,Featherstone,,+49 30 5550188,Firm One GmbH\n\
         4,Hugo,Berg,hugo@berg.example,+49 40 1112223,Berg AG\n",
    );
    work.write("held.csv", "left_id,right_id,decision\n1,2,same\n2,3,same\n");
    work.succeeds("clean leads.csv --as-of 2026-06-30 --quiet -o out --decisions held.csv");
    let persons = |folder: &str| {
        let all = rows(&work, &format!("{folder}/crosswalk.csv"));
        all.into_iter().map(|r| r["person_id"].clone()).collect::<Vec<_>>()
    };
    let before = persons("out");
    assert!(before[0] == before[1] && before[1] == before[2], "one person of three");
    let said = work.succeeds("undo out -o fixed --record 2");
    let after = persons("fixed");
    assert_ne!(after[0], after[1]);
    assert_ne!(after[1], after[2]);
    assert_eq!(after[3], before[3]);
    assert!(said.contains("Taken out: 2 is a person of its own again"), "{said}");
    let together = after[0] == after[2];
    assert_eq!(said.contains("1 and 3 stay one person"), together, "{said}");
    assert_eq!(said.contains("they part as well: 1 | 3"), !together, "{said}");
    let decisions = work.read("fixed/decisions.csv");
    assert!(decisions.contains("2,1,different") && decisions.contains("2,3,different"));
    assert!(!decisions.contains("same"), "the later word counts: {decisions}");
}

#[test]
fn what_cannot_be_undone_is_said() {
    let work = Workdir::ana();
    work.succeeds(&format!("{CLEAN} --quiet -o out"));
    for (rest, part) in [
        ("--person nobody", "no record and no person"),
        ("--person 1007", "merged with nobody"),
        ("--record 1007", "merged with nobody"),
    ] {
        let said = work.fails(2, &format!("undo out -o new {rest}"));
        assert!(said.contains(part), "{said}");
    }
    assert!(work.fails(3, "undo nowhere -o new").contains("journal.jsonl"));
    let journal = work.read("out/journal.jsonl");
    work.write("out/journal.jsonl", journal.replace("Bruno", "Bruna"));
    assert!(work.fails(3, "undo out -o new").contains("the journal was changed"));
    let cut: Vec<&str> = journal.lines().take(6).collect();
    work.write("out/journal.jsonl", cut.join("\n") + "\n");
    assert!(work.fails(3, "undo out -o new").contains("ends too early"));
}

#[test]
fn a_plan_is_carried_out_exactly_with_any_number_of_threads() {
    let work = Workdir::ana();
    work.write("leads.csv", csv(&leads(300)));
    work.write(
        "activities.csv",
        "event_id,lead_id,event_type,occurred_at\ne1,7,email_open,2026-05-14T18:40:00Z\n",
    );
    let clean = "clean leads.csv --activities activities.csv --as-of 2026-06-30";
    work.succeeds(&format!("{clean} --quiet -o straight"));
    let said = work.succeeds(&format!("{clean} --dry-run --threads 1"));
    assert!(said.contains("leadmend apply leads-leadmend-plan"), "{said}");
    let names: Vec<String> =
        files(&work, "leads-leadmend-plan").keys().map(|p| p.display().to_string()).collect();
    assert_eq!(names, ["crosswalk.csv", "plan.json", "review.csv", "summary.txt"]);
    let plan = work.read("leads-leadmend-plan/plan.json");
    assert!(!plan.contains(&work.path("").display().to_string()), "no absolute path");
    work.succeeds("apply leads-leadmend-plan --threads 2 --quiet");
    assert!(files(&work, "leads-leadmend") == files(&work, "straight"), "another result");
    work.fails(4, "apply leads-leadmend-plan");
}

#[test]
fn a_plan_whose_inputs_changed_is_refused() {
    let work = Workdir::ana();
    work.succeeds(&format!("{CLEAN} --quiet --dry-run -o plan"));
    work.write(
        "activities.csv",
        work.read("activities.csv") + "e9,1041,email_open,2026-05-14T18:40:00Z,x\n",
    );
    let said = work.fails(3, "apply plan");
    assert!(said.contains("activities.csv: has changed since the plan"), "{said}");
    let work = Workdir::ana();
    work.succeeds(&format!("{CLEAN} --quiet --dry-run -o plan"));
    work.write("plan/crosswalk.csv", work.read("plan/crosswalk.csv").replace("p_", "q_"));
    assert!(work.fails(3, "apply plan").contains("crosswalk.csv: has changed"));
    let work = Workdir::ana();
    work.succeeds(&format!("{CLEAN} --quiet --dry-run -o plan"));
    std::fs::create_dir(work.path("moved")).unwrap();
    std::fs::rename(work.path("leads.csv"), work.path("moved/leads.csv")).unwrap();
    assert!(work.fails(3, "apply plan").contains("--input FILE"));
    work.succeeds("apply plan --input moved/leads.csv -o out --quiet");
    assert_eq!(score(&work, "out", "1041"), "100");
}
