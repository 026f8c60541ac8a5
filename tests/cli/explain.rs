//! `explain`: the ledger of a lead and the waterfall of a pair, from a finished run.

use super::workdir::Workdir;

fn finished() -> Workdir {
    let work = Workdir::ana();
    work.succeeds(
        "clean leads.csv --activities activities.csv --model scoring.toml --as-of 2026-06-30 --quiet",
    );
    work
}

fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

#[test]
fn a_lead_is_told_line_by_line() {
    let work = finished();
    let said = work.succeeds("explain 2210");
    holds(
        &said,
        &[
            "2 records)",
            "100 points, band phone, phone call",
            "+90  mexico",
            "+10  opened",
            "record 1041",
            "record 2210",
            "Best record alone 90 (offer), all records added up 100, change +10",
        ],
    );
    let person = said.split_once('(').unwrap().1.split_once(',').unwrap().0;
    for name in ["1041", "leads:2210", person] {
        assert_eq!(work.succeeds(&format!("explain {name}")), said, "{name} is the same lead");
    }
    let plain = work.succeeds("explain 2210 --plain");
    assert!(plain.lines().count() <= 6, "{plain}");
    holds(
        &plain,
        &[
            "100 points, phone call.",
            "Why: In Mexico +90 (country MX); Opened the campaign +10 (Expansion Mexico, 2026-05-14).",
            "Known from 2 records: the best alone has 90 points, all added up 100; everything counted once it is 100.",
        ],
    );
    let json: serde_json::Value =
        serde_json::from_str(&work.succeeds("explain 2210 --json")).unwrap();
    assert_eq!(json["scores"][0]["score"], "100");
    assert_eq!(json["scores"][0]["ledger"].as_array().unwrap().len(), 2);
}

#[test]
fn a_pair_is_told_step_by_step() {
    let work = finished();
    let said = work.succeeds("explain 1041 2210");
    holds(&said, &["1041 and 2210: one person", "same name", "The run merged them into p_"]);
    // What is printed adds up.
    let bits = |line: &str| line.get(14..20).and_then(|t| t.trim().parse::<f64>().ok());
    let steps = said.lines().skip_while(|l| !l.contains("at first")).map_while(bits);
    let (mut sum, mut last) = (0.0, 0.0);
    for bits in steps {
        (sum, last) = (sum + last, bits);
    }
    assert!((sum - last).abs() < 1e-9, "{sum} is not the total {last}:\n{said}");
    let json: serde_json::Value =
        serde_json::from_str(&work.succeeds("explain 1041 2210 --json")).unwrap();
    let steps = json["steps"].as_array().unwrap();
    let sum: f64 = steps.iter().map(|s| s["bits"].as_f64().unwrap()).sum();
    assert!((sum - json["total_bits"].as_f64().unwrap()).abs() < 1e-6);
    let plain = work.succeeds("explain 1041 1007 --plain");
    assert!(plain.lines().count() <= 6, "{plain}");
    holds(&plain, &["two different people", "Against it: different names"]);
}

#[test]
fn the_newest_run_is_taken_and_inputs_must_be_what_they_were() {
    let work = finished();
    let said = work.succeeds("explain 1041 2210");
    std::fs::create_dir(work.path("elsewhere")).unwrap();
    std::fs::rename(work.path("leads.csv"), work.path("elsewhere/renamed.csv")).unwrap();
    let gone = work.fails(3, "explain 1041 2210");
    holds(&gone, &["leads.csv", "neither beside its folder nor here", "--input FILE"]);
    assert_eq!(work.succeeds("explain 1041 2210 --input elsewhere/renamed.csv"), said);
    work.write("leads.csv", "id,email\n1,a@x.example\n");
    let changed = work.fails(3, "explain 1041 2210");
    holds(&changed, &["leads.csv", "has changed since the run", "--input FILE"]);
    work.succeeds("explain 1041");
}

#[test]
fn what_cannot_be_explained_says_so() {
    let work = finished();
    holds(
        &work.fails(2, "explain 999"),
        &["no record or person is called \"999\"", "crosswalk.csv"],
    );
    holds(&work.fails(2, "explain 1041 999"), &["no record is called \"999\""]);
    holds(&work.fails(2, "explain 1041 leads:1041"), &["name two records"]);
    holds(&work.fails(3, "explain 1 --run gone"), &["gone: no such folder", "--run"]);
    let empty = Workdir::new();
    holds(&empty.fails(2, "explain 1"), &["no *-leadmend folder here", "--run DIR"]);
}

#[test]
fn an_id_in_two_files_must_be_told_apart() {
    let work = Workdir::new();
    work.write("a.csv", "id,name,email\n1,Ana Ruiz,ana@x.example\n2,Bo Berg,bo@x.example\n");
    work.write("b.csv", "id,name,email\n1,Eva Gil,eva@y.example\n");
    work.succeeds("clean a.csv b.csv --as-of 2026-06-30 --quiet");
    let said = work.fails(2, "explain 1");
    holds(&said, &["calls records of several people", "a:1 or b:1"]);
    work.succeeds("explain b:1");
    holds(&work.succeeds("explain a:1 b:1"), &["a:1 and b:1: two different people"]);
}

#[test]
fn settings_of_the_run_are_used_again() {
    let rows = "k^Contact^who\nx1^a@x.example^Ana Ruiz\nx2^a@x.example^A. Ruiz\nx3^b@y.example^Bo Berg^more\n";
    let work = Workdir::with("odd.txt", rows);
    work.succeeds(
        "clean odd.txt --delimiter ^ --flexible --id-column k --column email=Contact \
         --column full-name=who --as-of 2026-06-30 --quiet",
    );
    holds(&work.succeeds("explain x1 x2"), &["x1 and x2: ", "same e-mail"]);
}

#[test]
fn nothing_hostile_reaches_the_terminal() {
    let rows =
        "id,name,email\n1,\u{1b}[31mAna\u{202e} Ruiz,a@x.example\n\u{1b}[2J,Ana Ruiz,a@x.example\n";
    let work = Workdir::with("odd.csv", rows);
    work.succeeds("clean odd.csv --as-of 2026-06-30 --quiet");
    for arguments in ["explain 1", "explain 1 --plain"] {
        let said = work.succeeds(arguments);
        assert!(!said.contains(['\u{1b}', '\u{202e}']), "{said:?}");
    }
    let mut pair = work.command("explain 1");
    let output = pair.arg("\u{1b}[2J").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("Ana") && !said.contains(['\u{1b}', '\u{202e}']), "{said:?}");
}

/// The first merge in a run's journal: the two records, and the log-odds it was decided on.
fn first_merge(work: &Workdir, folder: &str) -> (String, String, f64) {
    let journal = work.read(&format!("{folder}/journal.jsonl"));
    let lines = journal.lines().map(|line| serde_json::from_str(line).unwrap());
    let merge = lines.into_iter().find(|line: &serde_json::Value| line["kind"] == "merge").unwrap();
    let payload = match &merge["payload"] {
        serde_json::Value::String(text) => serde_json::from_str(text).unwrap(),
        payload => payload.clone(),
    };
    let text = |name: &str| payload[name].as_str().unwrap().to_string();
    (text("winner"), text("loser"), payload["log_odds"].as_f64().unwrap())
}

#[test]
fn a_pair_decided_under_frozen_counts_is_told_by_them() {
    let header = "Lead Id,First Name,Last Name,Email,City\n";
    let pair = "1,Zebulon,Quartermain,zq@one.com,York\n2,Zebulon,Quartermain,zq@one.com,York\n";
    let others: String =
        (10..40).map(|i| format!("{i},Ana{i},Lopez{i},ana{i}@acme{i}.com,Town{i}\n")).collect();
    let work = Workdir::with("crm.csv", format!("{header}{pair}{others}"));
    work.command("audit crm.csv --state state.db -o first --as-of 2026-06-30 -q").output().unwrap();
    // Now the name and the city are common: the counts of this run are not those it was decided by.
    let more: String =
        (50..80).map(|i| format!("{i},Zebulon,Quartermain,z{i}@mail{i}.org,York\n")).collect();
    work.write("crm.csv", format!("{header}{pair}{others}{more}"));
    work.command("audit crm.csv --state state.db -o second --as-of 2026-06-30 -q")
        .output()
        .unwrap();
    work.write(
        "fair.csv",
        "Badge,First Name,Last Name,Email,City\na,Zebulon,Quartermain,zq@one.com,York\n",
    );
    work.succeeds(
        "clean fair.csv --id-column Badge --known state.db -o third --as-of 2026-06-30 -q",
    );
    for folder in ["first", "second", "third"] {
        let (winner, loser, log_odds) = first_merge(&work, folder);
        let explain = format!("explain {winner} {loser} --run {folder}");
        let said = work.succeeds(&format!("{explain} --state state.db --json"));
        let said: serde_json::Value = serde_json::from_str(&said).unwrap();
        let told = said["total_bits"].as_f64().unwrap() * std::f64::consts::LN_2;
        assert!((told - log_odds).abs() < 1e-5, "{folder}: {told} is not {log_odds}");
        let said = work.fails(3, &explain);
        assert!(said.contains("give it with --state FILE"), "{said}");
    }
    work.command("audit crm.csv --state state.db -o fourth --relearn -q").output().unwrap();
    let (winner, loser, _) = first_merge(&work, "second");
    let said = work.fails(3, &format!("explain {winner} {loser} --run second --state state.db"));
    assert!(said.contains("has learned anew since"), "{said}");
}
