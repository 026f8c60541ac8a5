//! The main job as the README shows it.

use super::workdir::Workdir;
use leadmend::config::MAX_REJECT_RATE;
use leadmend::matching::model::{MERGE_AT, REVIEW_AT};
use std::io::Read;
use std::process::{Command, Stdio};

const CLEAN: &str =
    "clean leads.csv --activities activities.csv --model scoring.toml --as-of 2026-06-30";

#[test]
fn ana_is_one_person_and_worth_a_phone_call() {
    let work = Workdir::ana();
    let said = work.succeeds(CLEAN);
    for part in ["6 records -> 5 people", "100 -> phone call", "Everything is in leads-leadmend"] {
        assert!(said.contains(part), "{part:?} is missing in:\n{said}");
    }
    assert!(!said.contains('\u{1b}'), "no color outside a terminal");
    let scores = work.read("leads-leadmend/scores.csv");
    assert!(
        scores.contains(",2,mexico-expansion,100,phone,phone call,90,offer,100,10,"),
        "{scores}"
    );
}

#[test]
fn json_is_one_document_and_quiet_is_nothing() {
    let work = Workdir::ana();
    let said = work.succeeds(&format!("{CLEAN} --json"));
    let summary: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(summary["people"], 5);
    assert_eq!(summary["as_of"], "2026-06-30T00:00:00Z");
    assert_eq!(work.succeeds(&format!("{CLEAN} --quiet --force")), "");
}

#[test]
fn a_dry_run_writes_a_plan_and_no_lead() {
    let work = Workdir::ana();
    let said = work.succeeds(&format!("{CLEAN} --dry-run"));
    assert!(said.contains("This is a plan"), "{said}");
    assert!(!work.path("leads-leadmend").exists());
    assert!(!work.path("leads-leadmend-plan/leads.csv").exists());
    assert_eq!(std::fs::read_dir(work.path("")).unwrap().count(), 4);
}

#[test]
fn the_clock_is_told_when_it_was_not_given() {
    let work = Workdir::ana();
    let said = work.succeeds("clean leads.csv");
    assert!(said.contains("As of 20") && said.contains("--as-of"), "{said}");
}

#[test]
fn a_configuration_file_holds_what_the_command_line_does_not_say() {
    let work = Workdir::ana();
    std::fs::create_dir(work.path("settings")).unwrap();
    std::fs::rename(work.path("scoring.toml"), work.path("settings/scoring.toml")).unwrap();
    let config = "format = 1\nas_of = 2026-06-30\n[matching]\nmerge_at = 0.99\n\
                  [scoring]\nmodel = \"scoring.toml\"\n";
    work.write("settings/leadmend.toml", config);
    work.succeeds("clean leads.csv --config settings/leadmend.toml --merge-at 0.9 --quiet");
    let matching: serde_json::Value =
        serde_json::from_str(&work.read("leads-leadmend/matching.json")).unwrap();
    assert_eq!(matching["merge_at"], 0.9, "the command line wins");
    assert!(work.read("leads-leadmend/report.json").contains("2026-06-30T00:00:00Z"));
    assert!(work.read("leads-leadmend/scores.csv").contains("mexico-expansion"));
}

#[test]
fn sources_have_names_and_standard_input_is_one() {
    let work = Workdir::ana();
    work.write("fair.csv", "id,name,email\n1,Olga Petrova,olga@fair.example\n");
    work.succeeds("clean leads.csv --source crm=leads.csv --source fair=fair.csv --quiet -o out");
    let crosswalk = work.read("out/crosswalk.csv");
    assert!(crosswalk.contains("1041,crm,") && crosswalk.contains("\n1,fair,"), "{crosswalk}");
    let leads = work.read("leads.csv");
    work.command("clean - --quiet").write_stdin(leads).assert().success();
    assert!(work.path("stdin-leadmend/leads.csv").exists());
}

#[test]
fn delimiters_are_given_by_word() {
    let work =
        Workdir::with("odd.txt", "id^name^email\n1^Ana Ruiz^a@x.example\n2^Bo Berg^b@y.example\n");
    work.succeeds("clean odd.txt --delimiter ^ --quiet");
    assert!(work.read("odd-leadmend/leads.csv").starts_with("id^name^email^"));
    let work = Workdir::with("tabs.txt", "id\tname\temail\n1\tAna Ruiz\ta@x.example\n");
    work.succeeds("clean tabs.txt --delimiter tab --quiet");
}

#[test]
fn help_version_completions_and_manual() {
    let work = Workdir::new();
    let help = work.succeeds("--help");
    for part in ["clean", "explain", "Exit codes: 0 done; 1 the verdict", "Ctrl-C: 130"] {
        assert!(help.contains(part), "{part:?} is missing in:\n{help}");
    }
    let help = work.succeeds("clean --help");
    // Lines are wrapped to the terminal.
    let words: Vec<&str> = help.split_whitespace().collect();
    let help = words.join(" ");
    let merge_at = format!("two records merge [default: {MERGE_AT}]");
    let review_at = format!("put up for review [default: {REVIEW_AT}]");
    let rejects = format!("are rejected [default: {}%]", MAX_REJECT_RATE * 100.0);
    for part in ["--as-of", &merge_at, &review_at, &rejects, "never changed"] {
        assert!(help.contains(part), "{part:?} is missing in:\n{help}");
    }
    assert!(work.succeeds("--version").starts_with("leadmend "));
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        assert!(work.succeeds(&format!("completions {shell}")).contains("merge-at"), "{shell}");
    }
    let manual = work.succeeds("man");
    assert!(manual.contains(".TH leadmend") && manual.contains("LEADMEND CLEAN"), "{manual}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let work = Workdir::new();
    let mut child = Command::new(env!("CARGO_BIN_EXE_leadmend"))
        .args(["completions", "zsh"])
        .current_dir(work.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{said}");
    assert_eq!(said, "");
}

#[test]
fn a_model_that_accepts_no_weaker_lead_gives_a_verdict() {
    let work = Workdir::ana();
    let model = "format = 1\nname = \"strict\"\n[merge]\nnever_weaker = \"fail\"\n\
                 [[component]]\nid = \"score\"\nkind = \"points\"\n\
                 [[rule]]\nid = \"mexico\"\ncomponent = \"score\"\n\
                 if = { field = \"country\", is = \"MX\" }\nadd = 90\n\
                 [[rule]]\nid = \"opened\"\ncomponent = \"score\"\non = { event = \"email.open\" }\n\
                 subtract = 10\n";
    work.write("strict.toml", model);
    let run = "clean leads.csv --activities activities.csv --as-of 2026-06-30 --quiet";
    let output = work.run(&format!("{run} --model strict.toml"));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("failed: ") && said.contains("never_weaker"), "{said}");
    assert!(work.path("leads-leadmend/drops.csv").exists(), "the result is there to look at");
    let plain = work.succeeds("explain 1041");
    assert!(plain.contains("Below its best record because"), "{plain}");
}

#[test]
fn a_result_is_compared_with_the_truth() {
    let work = Workdir::ana();
    work.succeeds(&format!("{CLEAN} --quiet"));
    work.write("truth.csv", "id,person\n1041,a\n2210,a\n1007,b\n1112,c\n");
    let said = work.succeeds("evaluate leads-leadmend truth.csv");
    assert!(said.contains("pairwise  precision 1.0000  recall 1.0000"), "{said}");
    let json: serde_json::Value =
        serde_json::from_str(&work.succeeds("evaluate leads-leadmend truth.csv --json")).unwrap();
    assert_eq!(json["right_pairs"], 1);
    let said = work.fails(2, "evaluate leads-leadmend truth.csv --id nothing");
    assert!(said.contains("truth.csv has no column \"nothing\""), "{said}");
}
