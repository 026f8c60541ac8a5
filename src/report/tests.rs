//! Whole runs on small inputs: what stands in the files.

use super::folder::OutputFolder;
use super::*;
use crate::config::Config;
use crate::pipeline::{Job, run};
use crate::score::model::parse;
use crate::source::Source;
use std::collections::BTreeMap;
use std::fs;

const MODEL: &str = include_str!("../../fixtures/ana/scoring.toml");

const ANA: &str = "\
Id,First Name,Last Name,Email,Phone,City,Country,Email Opt Out
1,Ana,López,ana.lopez@acme.mx,+52 33 1234 5678,Guadalajara,Mexico,false
2,Ana,Lopez,ana.lopez@acme.mx,,,,true
3,John,Smith,john.smith@example.com,,\"Leeds, \"\"UK\"\"\",United Kingdom,false
";

const OPENED: &str = "\
Activity Id,Lead Id,Type,Object,Date
a1,2,Opened Email,Mexico campaign,2026-05-01T10:00:00Z
a1,2,Opened Email,Mexico campaign,2026-05-01T10:00:01Z
a3,9,Opened Email,Mexico campaign,2026-05-02T10:00:00Z
";

/// Runs over inputs given as (file name, content) and reads the folder back.
pub(super) fn run_all(
    inputs: &[(&str, &str)],
    activities: &[(&str, &str)],
) -> (Outcome, BTreeMap<String, String>) {
    let dir = tempfile::tempdir().unwrap();
    let sources = |files: &[(&str, &str)]| -> Vec<Source> {
        let write = |(name, text): &(&str, &str)| {
            fs::write(dir.path().join(name), text).unwrap();
            Source::new(dir.path().join(name))
        };
        files.iter().map(write).collect()
    };
    let job = Job {
        config: Config { as_of: 1_782_777_600_000_000, ..Config::default() },
        inputs: sources(inputs),
        activities: sources(activities),
        models: vec![parse(MODEL, "scoring.toml").unwrap()],
        ..Job::default()
    };
    let outcome = run(&job, &|_| {}).unwrap();
    let files = written(&outcome, dir.path());
    (outcome, files)
}

fn written(outcome: &Outcome, dir: &std::path::Path) -> BTreeMap<String, String> {
    let folder = OutputFolder::prepare(&dir.join("out"), false).unwrap();
    write(outcome, &folder).unwrap();
    files_under(folder.staging(), "")
}

/// All files of a folder and the folders in it, by path (`actions/newsletter.csv`).
fn files_under(dir: &std::path::Path, within: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{within}{}", path.file_name().unwrap().to_string_lossy());
        match path.is_dir() {
            true => files.extend(files_under(&path, &format!("{name}/"))),
            false => drop(files.insert(name, fs::read_to_string(path).unwrap())),
        }
    }
    files
}

pub(super) fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(|row| row.unwrap()).collect()
}

#[test]
fn ana_is_one_person_and_worth_a_phone_call() {
    let (outcome, files) = run_all(&[("leads.csv", ANA)], &[("opens.csv", OPENED)]);
    let leads = rows(&files["leads.csv"]);
    assert_eq!(leads.len(), 2);
    let ana = &leads[0];
    let shown = |column: &str| ana[column].as_str();
    assert_eq!(shown("Id"), "1");
    assert_eq!(shown("Email Opt Out"), "true", "a re-import frees nobody");
    assert_eq!(shown("leadmend_score"), "100");
    assert_eq!(shown("leadmend_action"), "phone call");
    assert_eq!(shown("leadmend_may_email"), "false");
    assert_eq!(shown("leadmend_may_phone"), "true");
    assert_eq!(shown("leadmend_sources"), "1; 2");
    assert_eq!(leads[1]["City"], "Leeds, \"UK\"", "cells come back as they were");
    let activities = rows(&files["activities.csv"]);
    let of_lead: Vec<&str> = activities.iter().map(|a| a["Lead Id"].as_str()).collect();
    assert_eq!(of_lead, ["1", "9"], "under the surviving id; the orphan unchanged at the end");
    let crosswalk = rows(&files["crosswalk.csv"]);
    assert_eq!(crosswalk[1]["surviving_id"], "1");
    assert_eq!(crosswalk[1]["reason"], "same e-mail; same name");
    assert_eq!(crosswalk[2]["reason"], "only record");
    assert_eq!(crosswalk[2]["probability"], "1.0000");
    let scores = rows(&files["scores.csv"]);
    assert_eq!(scores[0]["best_part_band"], "offer");
    assert_eq!(scores[0]["reason"], "Opened the campaign +10");
    let hidden = rows(&files["hidden.csv"]);
    assert_eq!((hidden.len(), hidden[0]["hidden_points"].as_str()), (1, "10"));
    let mut told = summary(&outcome);
    told.folder = Some("leads-leadmend".into());
    assert_eq!(
        told.to_text(Style::default()),
        "\
3 records -> 2 people (1 duplicate merged)
  leads.csv: 3 rows
  opens.csv: 3 rows
3 activity rows -> 1 event (1 counted twice before); 1 row names a lead not in the input
1 lead changes band: 1 up, 0 down
  Ana López: 90 (send an offer) and 10 (newsletter) were one person: 100 -> phone call
To do, one list each in actions/: phone call 1
Not to be contacted: 1 by e-mail; every opt-out is kept
Everything is in leads-leadmend
"
    );
}

#[test]
fn columns_are_those_of_the_design() {
    let (_, files) = run_all(&[("leads.csv", ANA)], &[("opens.csv", OPENED)]);
    let expected = [
        ("activities.csv", "Activity Id,Lead Id,Type,Object,Date"),
        ("activity_map.csv", "source,row,activity_id,status,kept_row,person_id,reason"),
        ("crosswalk.csv", "record_id,source,row,person_id,surviving_id,probability,reason"),
        (
            "drops.csv",
            "person_id,surviving_id,model,component,score,best_part,best_record,cause,rule,fact,points,\
             rule_name",
        ),
        (
            "hidden.csv",
            "person_id,surviving_id,model,score,band,best_part,best_part_band,hidden_points,\
             action,records,reason",
        ),
        (
            "leads.csv",
            "Id,First Name,Last Name,Email,Phone,City,Country,Email Opt Out,leadmend_person_id,\
             leadmend_score,leadmend_band,leadmend_action,leadmend_may_email,leadmend_may_phone,\
             leadmend_consent_reason,leadmend_sources",
        ),
        ("ledger.csv", "person_id,model,component,rule,fact,record_id,points"),
        ("rejects.csv", "source,line,reason,raw"),
        ("related.csv", "group_id,kind,record_id,reason"),
        ("consent.csv", "person_id,record_id,address,channel,purpose,state,at,source,decides"),
        (
            "review.csv",
            "left_id,right_id,probability,reason,left_name,right_name,left_email,right_email,\
             left_phone,right_phone,left_company,right_company,decision",
        ),
        (
            "scores.csv",
            "person_id,surviving_id,records,model,score,band,action,best_part,best_part_band,\
             sum_of_parts,change,reason,component.score",
        ),
    ];
    for (name, header) in expected {
        assert_eq!(files[name].lines().next(), Some(header), "{name}");
    }
    let lists = files.keys().filter(|name| name.starts_with("actions/")).count();
    assert_eq!(lists, 6, "three bands, hand-off, ready-but-low, not-contactable");
    let others = ["journal.jsonl", "matching.json", "report.html", "report.json"];
    let all: Vec<&str> = files.keys().map(String::as_str).collect();
    let lists = lists + files.keys().filter(|name| name.starts_with("merge_plan/")).count();
    assert_eq!(all.len(), expected.len() + others.len() + lists, "nothing else: {all:?}");
    let report: serde_json::Value = serde_json::from_str(&files["report.json"]).unwrap();
    assert_eq!(report["people"], 2);
    assert!(!files["report.json"].contains("acme"), "ids only");
    let (_, files) = run_all(&[("leads.csv", ANA)], &[]);
    assert!(!files.contains_key("activities.csv"), "no activities, no file");
}

/// Leads of two files whose ids collide, with activities by e-mail.
#[test]
fn several_sources_qualify_ids() {
    let crm = "Id;Name;Email\n1;Ana López;ana.lopez@acme.mx\n2;Ann \"A\" Hill;hill@one.example\n";
    let import = "Id,Name,Email\n1,Bob Young,bob@two.example\n7,Ana López,ana.lopez@acme.mx\n";
    let opens = "Email,Type,Date\nANA.LOPEZ@acme.mx,Opened Email,2026-05-01T10:00:00Z\n";
    let files = run_all(
        &[("crm.csv", &format!("\u{feff}{crm}")), ("import.csv", import)],
        &[("o.csv", opens)],
    );
    let files = files.1;
    assert!(files["leads.csv"].starts_with("\u{feff}Id;Name;Email;leadmend_person_id"));
    assert!(files["leads.csv"].contains("\n2;\"Ann \"\"A\"\" Hill\";"), "{}", files["leads.csv"]);
    assert!(
        files["leads.csv"].contains(";crm:1; import:7\n")
            || files["leads.csv"].contains("\"crm:1; import:7\"")
    );
    let crosswalk = rows(&files["crosswalk.csv"]);
    let ids: Vec<(&str, &str, &str)> = crosswalk
        .iter()
        .map(|r| (r["record_id"].as_str(), r["source"].as_str(), r["surviving_id"].as_str()))
        .collect();
    let expected = [
        ("1", "crm", "crm:1"),
        ("2", "crm", "crm:2"),
        ("1", "import", "import:1"),
        ("7", "import", "crm:1"),
    ];
    assert_eq!(ids, expected);
    assert!(
        files["activities.csv"].contains("ana.lopez@acme.mx;Opened Email"),
        "{}",
        files["activities.csv"]
    );
}

/// Many leads, some twice, some alike, in an order given by a seed.
fn crowd(seed: u32) -> String {
    let mut lines: Vec<String> = Vec::new();
    let given = ["Ana", "Bob", "Carla", "David", "Eva", "Franz", "Greta", "Hugo"];
    let family = ["Lopez", "Young", "Meier", "Santos", "Keller", "Novak", "Rossi"];
    for i in 0..240usize {
        let (g, f) = (given[i % 8], family[i / 8 % 7]);
        let mail = format!("{g}.{f}{}@mail{}.example", i / 56, i % 3).to_lowercase();
        let country = if i % 4 == 0 { "Mexico" } else { "" };
        lines
            .push(format!("{i},{g},{f},{mail},{country},{}", if i % 9 == 0 { "true" } else { "" }));
        if i % 5 == 0 {
            lines.push(format!("{},{g},{f},{mail},Mexico,", 1000 + i));
        }
    }
    lines.sort_by_key(|line| {
        line.bytes().fold(seed, |h, b| (h ^ u32::from(b)).wrapping_mul(16_777_619))
    });
    format!("Id,First Name,Last Name,Email,Country,Email Opt Out\n{}\n", lines.join("\n"))
}

fn crowd_opens(seed: u32) -> String {
    let mut lines: Vec<String> = (0..300)
        .map(|i| format!("a{i},{},Opened Email,2026-05-{:02}T10:00:00Z", i * 7 % 1300, i % 28 + 1))
        .collect();
    if seed > 0 {
        lines.reverse();
    }
    format!("Activity Id,Lead Id,Type,Date\n{}\n", lines.join("\n"))
}

/// Everything but the `row` columns.
fn without_rows(files: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let drop = |name: &str, text: &str| match name {
        "crosswalk.csv" | "activity_map.csv" => {
            let kept = rows(text).into_iter().map(|mut row| {
                row.remove("row");
                row.remove("kept_row");
                format!("{row:?}\n")
            });
            kept.collect()
        }
        _ => text.to_string(),
    };
    files.iter().map(|(name, text)| (name.clone(), drop(name, text))).collect()
}

#[test]
fn row_order_and_threads_leave_every_byte_alone() {
    let run_with = |seed: u32, threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let (leads, opens) = (crowd(seed), crowd_opens(seed));
        pool.install(|| run_all(&[("leads.csv", &leads)], &[("opens.csv", &opens)]).1)
    };
    let files = run_with(0, 2);
    assert_eq!(files, run_with(0, 1), "threads");
    let (one, other) = (without_rows(&files), without_rows(&run_with(99, 2)));
    // The journal holds the inputs as they are, row after row.
    for (name, text) in one.iter().filter(|(name, _)| *name != "journal.jsonl") {
        assert!(text == &other[name], "{name}");
    }
}

#[test]
fn the_ledger_adds_up_and_no_activity_is_lost() {
    let (outcome, files) = run_all(&[("leads.csv", &crowd(1))], &[("opens.csv", &crowd_opens(1))]);
    let points = |text: &str| (text.parse::<f64>().unwrap() * 1000.0).round() as i64;
    let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
    for line in rows(&files["ledger.csv"]) {
        let key = (line["person_id"].clone(), line["component"].clone());
        *sums.entry(key).or_default() += points(&line["points"]);
    }
    let scores = rows(&files["scores.csv"]);
    assert_eq!(scores.len(), outcome.matched.clusters.len());
    for row in &scores {
        let sum = sums.get(&(row["person_id"].clone(), "score".into())).copied().unwrap_or(0);
        assert_eq!(sum, points(&row["component.score"]), "{row:?}");
    }
    let map = rows(&files["activity_map.csv"]);
    let with = |status: &str| map.iter().filter(|row| row["status"] == status).count();
    assert_eq!(map.len(), 300);
    assert_eq!(rows(&files["activities.csv"]).len(), with("kept") + with("orphan"));
    let leads: std::collections::BTreeSet<String> =
        rows(&files["leads.csv"]).into_iter().map(|row| row["Id"].clone()).collect();
    let kept = &rows(&files["activities.csv"])[..with("kept")];
    assert!(kept.iter().all(|row| leads.contains(&row["Lead Id"])), "under ids that exist");
}
