//! `audit --apply` and `undo --db`: merges in the database, whole or not at all.
#![cfg(unix)]

use super::crm::Crm;
use crate::cli::workdir::Workdir;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often a run is killed; `LEADMEND_KILLS` sets it.
fn times() -> u32 {
    let set = std::env::var("LEADMEND_KILLS").ok();
    set.and_then(|text| text.parse().ok()).unwrap_or(20)
}

fn arguments(crm: &Crm, losers: &str) -> Vec<String> {
    let fixed =
        "-o out --state state.db --force --as-of 2026-06-30 --fail-on never --quiet --apply";
    let mut all = vec!["audit".to_string(), crm.given()];
    all.extend(fixed.split(' ').map(str::to_string));
    all.extend(["--losers".to_string(), losers.to_string()]);
    all
}

/// The ids of the runs in the database's journal.
fn runs(work: &Workdir, crm: &Crm) -> Vec<String> {
    let output = work.command("undo --json --db").arg(crm.given()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let runs = listed.as_array().unwrap().iter();
    runs.map(|entry| entry["applied"]["run"].as_str().unwrap().to_string()).collect()
}

fn undo(work: &Workdir, crm: &Crm, run: &str) {
    let output = work.command("undo --run").arg(run).arg("--db").arg(crm.given()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Applies once and gives the database after it, how long writing back took, and the run.
fn once(work: &Workdir, crm: &mut Crm, losers: &str) -> (String, Duration, String) {
    let mut child = spawn(work, crm, losers);
    wait_for_folder(work, &mut child);
    let start = Instant::now();
    assert!(child.wait().unwrap().success());
    let took = start.elapsed().max(Duration::from_millis(5));
    let found = runs(work, crm);
    assert_eq!(found.len(), 1);
    (crm.dump(), took, found[0].clone())
}

fn spawn(work: &Workdir, crm: &Crm, losers: &str) -> std::process::Child {
    let _ = std::fs::remove_dir_all(work.path("out"));
    let _ = std::fs::remove_file(work.path("state.db"));
    Command::new(env!("CARGO_BIN_EXE_leadmend"))
        .args(arguments(crm, losers))
        .current_dir(work.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Writing back begins when the output folder stands.
fn wait_for_folder(work: &Workdir, child: &mut std::process::Child) {
    while !work.path("out").exists() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn killed_at_random_moments(work: &Workdir, crm: &mut Crm) {
    let before = crm.dump();
    let mut after = Vec::new();
    for losers in ["flag", "delete"] {
        let (dump, took, run) = once(work, crm, losers);
        assert!(dump != before);
        undo(work, crm, &run);
        assert!(crm.dump() == before, "undone, the database is as it was");
        after.push((losers, dump, took));
    }
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let (mut written, mut not) = (0, 0);
    for round in 0..times() {
        // xorshift: the delays are the same in every test run.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let (losers, after, took) = &after[round as usize % 2];
        let mut child = spawn(work, crm, losers);
        wait_for_folder(work, &mut child);
        let share = (random >> 11) as f64 / (1u64 << 53) as f64;
        std::thread::sleep(took.mul_f64(share * 1.2));
        // SIGKILL; a process that is already done is none the worse.
        let _ = child.kill();
        child.wait().unwrap();
        let found = settled(crm);
        match runs(work, crm).as_slice() {
            [] => {
                assert!(found == before, "round {round}: no run is listed, so nothing is written");
                not += 1;
            }
            [run] => {
                assert!(found == *after, "round {round}: the run is listed, so all is written");
                undo(work, crm, run);
                assert!(crm.dump() == before, "round {round}: undone");
                written += 1;
            }
            several => panic!("round {round}: {several:?}"),
        }
    }
    println!("{written} written, {not} not");
    assert!(work.path("state.db").exists());
}

/// The database once the server has noticed that nobody is there any more.
fn settled(crm: &mut Crm) -> String {
    #[cfg(feature = "postgres")]
    if let Crm::Postgres(schema) = crm {
        let busy = "SELECT 1::text FROM pg_stat_activity WHERE application_name = 'leadmend' \
                    AND pid <> pg_backend_pid()";
        for _ in 0..500 {
            if schema.rows(busy).is_empty() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    crm.dump()
}

#[test]
fn killed_while_writing_back_sqlite_is_as_before_or_as_after() {
    let work = Workdir::new();
    let mut crm = Crm::sqlite(&work, 150);
    killed_at_random_moments(&work, &mut crm);
}

#[cfg(feature = "postgres")]
#[test]
fn killed_while_writing_back_postgres_is_as_before_or_as_after() {
    let work = Workdir::new();
    if let Some(mut crm) = Crm::postgres("lm_killed", 150) {
        killed_at_random_moments(&work, &mut crm);
    }
}

#[test]
fn what_was_written_is_told_listed_and_taken_back() {
    let work = Workdir::new();
    let mut crm = Crm::sqlite(&work, 30);
    let before = crm.dump();
    let audit =
        "audit sqlite://crm.db?leads=leads&activities=events --fail-on never --as-of 2026-06-30";
    work.succeeds(&format!("{audit} -o out"));
    assert!(crm.dump() == before, "without --apply the source is never written");
    let told = work.succeeds(&format!("{audit} -o out --force --apply --losers delete"));
    assert!(
        told.contains("Written back as run r_") && told.contains("10 merged leads deleted"),
        "{told}"
    );
    let run = told.split("as run ").nth(1).unwrap().split(':').next().unwrap().to_string();
    let listed = work.succeeds("undo --db crm.db");
    assert!(listed.starts_with(&run) && listed.contains("10 leads merged"), "{listed}");
    let told = work.succeeds(&format!("{audit} -o out --force --apply --losers delete --json"));
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["applied"]["merged_leads"], 0, "a second time there is nothing to merge");
    let undone = work.succeeds(&format!("undo --db sqlite://crm.db --run {run}"));
    assert!(undone.contains("is undone"), "{undone}");
    assert!(crm.dump() == before);
    assert!(work.succeeds("undo --db crm.db").starts_with("No run"));
    assert!(work.fails(2, &format!("undo --db crm.db --run {run}")).contains("no run of that id"));
    work.write("leads.csv", "id,email\n1,a@b.example\n2,c@d.example\n");
    assert!(work.fails(2, "audit leads.csv --apply -o x").contains("writes to a database"));
    assert!(work.fails(2, "audit crm.db#leads --losers delete -o x").contains("--apply"));
    assert!(work.fails(2, "undo --run r_1").contains("--db"));
}

#[test]
fn a_database_that_others_hold_is_left_alone() {
    let work = Workdir::new();
    let mut crm = Crm::sqlite(&work, 6);
    let before = crm.dump();
    let other = rusqlite::Connection::open(work.path("crm.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_leadmend"))
        .args(arguments(&crm, "flag"))
        .current_dir(work.path(""))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("another program is writing"), "{said}");
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    assert!(crm.dump() == before);
}
