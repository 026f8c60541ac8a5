//! Ctrl-C half way: a message, exit code 130, nothing left behind.
#![cfg(unix)]

use super::workdir::{Workdir, csv, leads, snapshot};
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn an_interrupted_run_leaves_nothing() {
    interrupted("clean");
}

#[test]
fn an_interrupted_audit_leaves_no_state() {
    interrupted("audit");
}

fn interrupted(job: &str) {
    let work = Workdir::with("leads.csv", csv(&leads(60_000)));
    let before = snapshot(&work.path(""));
    let mut child = Command::new(env!("CARGO_BIN_EXE_leadmend"))
        .args([job, "leads.csv"])
        .current_dir(work.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let staged = || {
        let entries = std::fs::read_dir(work.path("")).unwrap();
        entries.flatten().any(|e| e.file_name().to_string_lossy().starts_with(".leadmend-"))
    };
    let start = Instant::now();
    while !staged() {
        assert!(start.elapsed() < Duration::from_secs(20), "the work never began");
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(60));
    assert!(staged(), "the run was over before it could be interrupted");
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
    assert_eq!(said, "interrupted; nothing was written\n");
    assert!(snapshot(&work.path("")) == before, "something was left behind");
}
