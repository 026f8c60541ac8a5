//! Killed at any moment, a run leaves the old result or the new one, never half of one.
#![cfg(unix)]

use crate::cli::workdir::{Workdir, csv, leads, snapshot};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often; `LEADMEND_KILLS` sets it.
fn times() -> u32 {
    let set = std::env::var("LEADMEND_KILLS").ok();
    set.and_then(|text| text.parse().ok()).unwrap_or(20)
}

fn hidden(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.flatten().filter(|e| e.file_name().to_string_lossy().starts_with(".leadmend-")).count()
}

#[test]
fn the_old_state_or_the_complete_new_one() {
    let work = Workdir::with("leads.csv", csv(&leads(200)));
    let state = || -> BTreeMap<PathBuf, Option<Vec<u8>>> { snapshot(&work.path("out")) };
    let run = |day: u32| format!("clean leads.csv --quiet --force -o out --as-of 2026-06-{day:02}");
    work.succeeds(&run(10));
    let old = state();
    let start = Instant::now();
    work.succeeds(&run(11));
    let usual = start.elapsed().max(Duration::from_millis(5));
    let new = state();
    assert!(old != new, "the two states differ");
    let mut current = 11;
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for round in 0..times() {
        // xorshift: the delays are the same in every test run.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let wanted = if current == 11 { 10 } else { 11 };
        let mut child = Command::new(env!("CARGO_BIN_EXE_leadmend"))
            .args(run(wanted).split_whitespace())
            .current_dir(work.path(""))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let share = (random >> 11) as f64 / (1u64 << 53) as f64;
        std::thread::sleep(usual.mul_f64(share * 1.2));
        // SIGKILL; a process that is already done is none the worse.
        let _ = child.kill();
        child.wait().unwrap();
        let found = state();
        assert!(found == old || found == new, "round {round}: neither the old state nor the new");
        current = if found == old { 10 } else { 11 };
    }
    work.succeeds(&run(12));
    assert_eq!(hidden(&work.path("")), 0, "the next run removes what killed ones left");
}
