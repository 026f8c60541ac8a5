//! `score`, and the worked examples through both doors: every record alone, and merged by `clean`.

use super::workdir::Workdir;
use std::collections::BTreeMap;
use std::path::Path;

/// A folder with a worked example: leads, activities and its model.
fn example(name: &str, activities: &str) -> Workdir {
    let work = Workdir::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scoring");
    for (from, to) in [
        (format!("{name}/leads.csv"), "leads.csv"),
        (format!("{name}/{activities}"), "activities.csv"),
        (format!("{name}.toml"), "model.toml"),
    ] {
        std::fs::copy(fixtures.join(from), work.path(to)).unwrap();
    }
    work
}

type Row = BTreeMap<String, String>;

fn rows(text: &str) -> Vec<Row> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(|row| row.unwrap()).collect()
}

/// Cells of the row whose record (or surviving record) is called so.
fn cells(rows: &[Row], id: &str, wanted: &[&str]) -> Vec<String> {
    let is = |row: &&Row| {
        ["record_id", "surviving_id"].iter().any(|h| row.get(*h).is_some_and(|v| v == id))
    };
    let row = rows.iter().find(is).unwrap_or_else(|| panic!("no row of {id} in {rows:#?}"));
    wanted.iter().map(|header| row[*header].clone()).collect()
}

/// Scores of all records alone.
fn alone(work: &Workdir, as_of: &str) -> Vec<Row> {
    let said = work.succeeds(&format!(
        "score leads.csv --activities activities.csv --model model.toml --as-of {as_of}"
    ));
    rows(&said)
}

/// Scores of the merged leads.
fn merged(work: &Workdir, as_of: &str) -> Vec<Row> {
    work.succeeds(&format!(
        "clean leads.csv --activities activities.csv --model model.toml --as-of {as_of} -o out --force --quiet"
    ));
    rows(&work.read("out/scores.csv"))
}

/// The row of the person that one of these records survived as.
fn person<'r>(rows: &'r [Row], records: [&str; 2]) -> &'r Row {
    let mut found = rows.iter().filter(|row| records.contains(&row["surviving_id"].as_str()));
    let row = found.next().unwrap_or_else(|| panic!("{records:?} in {rows:#?}"));
    assert!(found.next().is_none() && row["records"] == "2", "{records:?} are one person");
    row
}

#[test]
fn mexico_alone_and_merged() {
    let work = example("mexico", "activities.csv");
    let scores = alone(&work, "2026-06-30");
    for (id, score, band) in [
        ("S1", "100", "phone"),
        ("S2", "90", "offer"),
        ("S3", "73", "offer"),
        ("S4", "63", "offer"),
        ("S5", "10", "nurturing"),
        ("S6", "0", ""),
        ("P1a", "90", "offer"),
        ("P1b", "10", "nurturing"),
        ("P3b", "73", "offer"),
    ] {
        assert_eq!(cells(&scores, id, &["score", "band"]), [score, band], "{id}");
    }
    let scores = merged(&work, "2026-06-30");
    for (pair, score, band, best, sum) in [
        (["P1a", "P1b"], "100", "phone", "90", "100"),
        (["P2a", "P2b"], "100", "phone", "100", "110"),
        (["P3a", "P3b"], "73", "offer", "90", "163"),
        (["P4a", "P4b"], "63", "offer", "90", "153"),
    ] {
        let row = person(&scores, pair);
        let got = ["score", "band", "best_part", "sum_of_parts"].map(|h| row[h].as_str());
        assert_eq!(got, [score, band, best, sum], "{pair:?}");
    }
    let drops = work.read("out/drops.csv");
    assert!(drops.contains("takes points,hq-region,region = MX-CMX,-27"), "{drops}");
    assert_eq!(rows(&drops).iter().filter(|d| d["rule"] == "hq-region").count(), 2);
}

#[test]
fn titles_alone_and_merged() {
    let work = example("cso_student", "activities.csv");
    let scores = alone(&work, "2026-06-30");
    for (id, score) in [("A", "50"), ("B", "38"), ("C", "-47"), ("D", "-50"), ("E", "50")] {
        assert_eq!(cells(&scores, id, &["score"]), [score], "{id}");
    }
    let scores = merged(&work, "2026-06-30");
    assert_eq!(person(&scores, ["A", "B"])["score"], "88");
    assert_eq!(person(&scores, ["D", "E"])["score"], "50", "the newest title decides");
    assert!(work.read("out/crosswalk.csv").contains("different job titles"), "and it is listed");
}

#[test]
fn pardot_alone_and_merged() {
    let work = example("pardot", "activities.csv");
    let wanted = ["score", "component.grade", "stages"];
    let scores = alone(&work, "2026-06-30");
    assert_eq!(cells(&scores, "A", &wanted), ["63", "C-", ""]);
    assert_eq!(cells(&scores, "B", &wanted), ["54", "C+", ""]);
    let scores = merged(&work, "2026-06-30");
    let row = person(&scores, ["A", "B"]);
    assert_eq!(wanted.map(|h| row[h].as_str()), ["117", "B", "mql"]);
}

#[test]
fn hubspot_alone_and_merged() {
    let work = example("hubspot", "activities.csv");
    let wanted = ["component.engagement", "rating.rating"];
    let scores = alone(&work, "2026-06-30");
    assert_eq!(cells(&scores, "A", &wanted)[0], "15");
    assert_eq!(cells(&scores, "B", &wanted)[0], "27.5");
    for (as_of, engagement, rating) in [("2026-06-30", "42.5", "A1"), ("2026-07-30", "27.5", "A2")]
    {
        let scores = merged(&work, as_of);
        let row = person(&scores, ["A", "B"]);
        assert_eq!(wanted.map(|h| row[h].as_str()), [engagement, rating], "{as_of}");
        assert_eq!(row["component.fit"], "50");
    }
}

#[test]
fn mautic_alone_and_merged_by_rules_and_by_its_log() {
    let work = example("mautic", "points_log.csv");
    let scores = alone(&work, "2026-06-30");
    assert_eq!(cells(&scores, "7", &["score", "stages"]), ["30", ""]);
    assert_eq!(cells(&scores, "8", &["score", "stages"]), ["70", ""]);
    let wanted = ["score", "sum_of_parts", "component.product-a", "stages"];
    let scores = merged(&work, "2026-06-30");
    let row = person(&scores, ["7", "8"]);
    assert_eq!(wanted.map(|h| row[h].as_str()), ["80", "100", "50", ""]);
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scoring");
    std::fs::copy(fixtures.join("mautic_ledger.toml"), work.path("model.toml")).unwrap();
    let scores = merged(&work, "2026-06-30");
    let row = person(&scores, ["7", "8"]);
    assert_eq!([&row["score"], &row["sum_of_parts"]], ["80", "100"], "the log, paid once");
}

#[test]
fn ledgers_add_up_and_several_models_score_at_once() {
    let work = example("hubspot", "activities.csv");
    std::fs::copy(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scoring/pardot.toml"),
        work.path("pardot.toml"),
    )
    .unwrap();
    let said = work.succeeds(
        "score leads.csv --activities activities.csv --model model.toml --model pardot.toml \
         --as-of 2026-06-30 -o scored",
    );
    assert!(said.contains("Model model") && said.contains("Model pardot"), "{said}");
    assert!(said.contains("scored/scores.csv") && said.contains("scored/ledger.csv"), "{said}");
    let (scores, ledger) =
        (rows(&work.read("scored/scores.csv")), rows(&work.read("scored/ledger.csv")));
    assert_eq!(scores.len(), 4, "a row per record and model");
    for row in &scores {
        for component in ["fit", "engagement", "score"] {
            let value = &row[&format!("component.{component}")];
            let lines = ledger.iter().filter(|l| {
                ["record_id", "model"].iter().all(|h| l[*h] == row[*h])
                    && l["component"] == component
            });
            let sum: f64 = lines.map(|l| l["points"].parse::<f64>().unwrap()).sum();
            assert_eq!(value.parse::<f64>().unwrap_or(0.0), sum, "{row:?} {component}");
        }
    }
    work.succeeds(
        "clean leads.csv --activities activities.csv --model model.toml --model pardot.toml \
         --as-of 2026-06-30 -o both --quiet",
    );
    let both = rows(&work.read("both/scores.csv"));
    assert_eq!(both.len(), 2, "one person, two models");
    assert_eq!([&both[0]["rating.rating"], &both[1]["rating.rating"]], ["A1", ""]);
    // What a rule did is the sum of its ledger lines.
    let json = work.succeeds(
        "score leads.csv --activities activities.csv --model model.toml --as-of 2026-06-30 --json",
    );
    let summary: serde_json::Value = serde_json::from_str(&json).unwrap();
    for rule in summary["models"][0]["rules"].as_array().unwrap() {
        let own = |l: &&Row| l["model"] == "model" && rule["rule"] == *l["rule"];
        let sum: f64 = ledger.iter().filter(own).map(|l| l["points"].parse::<f64>().unwrap()).sum();
        assert_eq!(rule["points"].as_f64(), Some(sum), "{rule}");
    }
}

#[test]
fn outputs_are_never_overwritten_and_inputs_never_written() {
    let work = example("mexico", "activities.csv");
    let score = "score leads.csv --model model.toml --as-of 2026-06-30";
    let said = work.succeeds(&format!("{score} -o s.csv --ledger l.csv"));
    assert!(said.contains("Scores are in s.csv") && said.contains("l.csv"), "{said}");
    let there = work.fails(4, &format!("{score} -o s.csv"));
    assert!(there.contains("s.csv: is there already") && there.contains("--force"), "{there}");
    work.succeeds(&format!("{score} -o s.csv --force --quiet"));
    let input = work.fails(2, &format!("{score} -o leads.csv --force"));
    assert!(input.contains("leads.csv is an input"), "{input}");
    work.fails(2, &format!("{score} -o x.csv --ledger x.csv"));
    work.fails(4, &format!("{score} -o gone/s.csv"));
    work.fails(2, "score leads.csv --model gone.toml");
    work.fails(3, "score gone.csv --model model.toml");
    let twice = work.fails(2, "score leads.csv --model model.toml --model model.toml");
    assert!(twice.contains("two models are called"), "{twice}");
}

#[test]
fn who_objected_has_no_score_but_a_reason() {
    let model = "[[component]]\nid = \"s\"\n[[rule]]\nid = \"a\"\nif = { field = \"email\", known = true }\nadd = 5\n\
                 [exclude]\nif = { field = \"email\", role = true }\n";
    let work = Workdir::with("model.toml", model);
    work.write("leads.csv", "id,name,email\n1,Ana Ruiz,ana@x.example\n2,,info@y.example\n");
    let said = rows(&work.succeeds("score leads.csv --model model.toml --as-of 2026-06-30"));
    assert_eq!(cells(&said, "1", &["score", "reason"]), ["5", ""]);
    assert_eq!(cells(&said, "2", &["score", "reason"]), ["", "excluded: email.role = true"]);
}

#[test]
fn an_unknown_kind_is_reported_and_scores_like_any_other() {
    let model =
        "[[component]]\nid = \"s\"\n[[rule]]\nid = \"a\"\non = \"other:visita guiada\"\nadd = 5\n";
    let work = Workdir::with("model.toml", model);
    work.write("leads.csv", "id,name,email\n1,Ana Ruiz,ana@x.example\n");
    work.write(
        "acts.csv",
        "lead_id,type,date\n1,Visita Guiada,2026-01-01\n1,apertura de correo,2026-01-02\n1,Visita Guiada,2026-01-03\n",
    );
    let score = "score leads.csv --activities acts.csv --model model.toml --as-of 2026-06-30";
    let said = work.succeeds(&format!("{score} -o s.csv"));
    assert!(said.contains("2 activities of an unknown kind: visita guiada"), "{said}");
    assert_eq!(cells(&rows(&work.read("s.csv")), "1", &["score"]), ["10"]);
}

#[test]
fn the_same_bytes_for_any_threads_and_order() {
    let work = example("mexico", "activities.csv");
    let score = "score leads.csv --activities activities.csv --model model.toml --as-of 2026-06-30";
    let without_row = |text: &str| -> Vec<Row> {
        let mut all = rows(text);
        all.iter_mut().for_each(|row| {
            row.remove("row");
        });
        all
    };
    let first = work.succeeds(&format!("{score} --threads 1"));
    assert_eq!(work.succeeds(&format!("{score} --threads 2")), first);
    let leads = work.read("leads.csv");
    let (header, body) = leads.split_once('\n').unwrap();
    let reversed: Vec<&str> = body.lines().rev().collect();
    work.write("leads.csv", format!("{header}\n{}\n", reversed.join("\n")));
    assert_eq!(without_row(&work.succeeds(score)), without_row(&first));
}

/// `never_weaker` from the model to the files: what is written, what is said, how it ends.
#[test]
fn never_weaker_in_all_four_ways() {
    for (word, score, drops, code) in
        [("off", "73", 0, 0), ("report", "73", 2, 0), ("floor", "90", 2, 0), ("fail", "73", 2, 1)]
    {
        let work = example("mexico", "activities.csv");
        let model = work.read("model.toml").replace("\"report\"", &format!("\"{word}\""));
        work.write("model.toml", model);
        let output = work.run(
            "clean leads.csv --activities activities.csv --model model.toml --as-of 2026-06-30 -o out",
        );
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{word}: {err}");
        assert_eq!(
            err.contains("2 leads are worth less than the best record"),
            code == 1,
            "{word}"
        );
        let scores = rows(&work.read("out/scores.csv"));
        let row = person(&scores, ["P3a", "P3b"]);
        assert_eq!((row["score"].as_str(), row["best_part"].as_str()), (score, "90"), "{word}");
        assert_eq!(
            row["reason"].contains("kept at its best part"),
            word == "floor",
            "{word}: {row:?}"
        );
        let listed = rows(&work.read("out/drops.csv"));
        let mut persons: Vec<&String> = listed.iter().map(|d| &d["person_id"]).collect();
        persons.dedup();
        assert_eq!(persons.len(), drops, "{word}: {listed:#?}");
        let said = String::from_utf8(output.stdout).unwrap();
        let told = said.contains("worth less than their best record: see drops.csv");
        assert_eq!(said.contains("whose score is kept"), word == "floor", "{word}: {said}");
        assert_eq!(told, matches!(word, "report" | "fail"), "{word}: {said}");
        // Whatever the policy, the ledger adds up to the score.
        let ledger = rows(&work.read("out/ledger.csv"));
        let own = ledger.iter().filter(|l| l["person_id"] == row["person_id"]);
        let sum: f64 = own.map(|l| l["points"].parse::<f64>().unwrap()).sum();
        assert_eq!(sum, score.parse::<f64>().unwrap(), "{word}");
    }
}

/// A letter can fall while the score rises: every component has its drops.
#[test]
fn components_beyond_the_score_have_drops_too() {
    let work = example("pardot", "activities.csv");
    let leads = work.read("leads.csv").replace(",,300,", ",Retail,50,");
    work.write("leads.csv", leads);
    let scores = merged(&work, "2026-06-30");
    let row = person(&scores, ["A", "B"]);
    assert_eq!(row["score"], "117", "more than either part");
    let drops = rows(&work.read("out/drops.csv"));
    assert!(!drops.is_empty() && drops.iter().all(|d| d["component"] == "grade"), "{drops:#?}");
    let causes: Vec<[&str; 3]> = drops
        .iter()
        .map(|d| [d["rule"].as_str(), d["fact"].as_str(), d["points"].as_str()])
        .collect();
    assert!(causes.contains(&["size", "employees = 50", "-2"]), "{causes:?}");
}
