//! Killed at any moment, an audit leaves the state as before or as after, and it opens.
#![cfg(unix)]

use crate::cli::workdir::{Workdir, csv, leads};
use leadmend::state::{FILE, Memory, Mode, State};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often; `LEADMEND_STATE_KILLS` sets it.
fn times() -> u32 {
    let set = std::env::var("LEADMEND_STATE_KILLS").ok();
    set.and_then(|text| text.parse().ok()).unwrap_or(20)
}

fn dump(work: &Workdir) -> String {
    let state = State::open(&work.path(FILE), Mode::Read).unwrap();
    let memory = Memory::load(&state).unwrap();
    format!("{memory:?}")
}

#[test]
fn the_state_is_as_before_or_as_after() {
    let work = Workdir::with("leads.csv", csv(&leads(200)));
    let run = |day: u32, file: &str| {
        format!("audit {file} --quiet --force --fail-on never -o out --as-of 2026-06-{day:02}")
    };
    work.succeeds(&run(1, "leads.csv"));
    // Every other audit is of half of the records: much is written each time.
    work.write("half.csv", csv(&leads(100)));
    let (mut audits, mut interrupted) = (1, 0);
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut usual = Duration::ZERO;
    for round in 0..times() {
        // xorshift: the delays are the same in every test run.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let file = if round % 2 == 0 { "half.csv" } else { "leads.csv" };
        let before = dump(&work);
        // What the audit would make of the state, on a copy.
        std::fs::copy(work.path(FILE), work.path("copy.db")).unwrap();
        let start = Instant::now();
        work.succeeds(&format!("{} --state copy.db", run(2, &format!("--source leads={file}"))));
        usual = usual.max(start.elapsed());
        let copy = State::open(&work.path("copy.db"), Mode::Read).unwrap();
        let after = format!("{:?}", Memory::load(&copy).unwrap());
        drop(copy);
        std::fs::remove_file(work.path("copy.db")).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_leadmend"))
            .args(run(2, &format!("--source leads={file}")).split_whitespace())
            .current_dir(work.path(""))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let share = (random >> 11) as f64 / (1u64 << 53) as f64;
        // The state is written in the last third of an audit.
        std::thread::sleep(start.elapsed().min(usual).mul_f64(0.5 + share * 0.6));
        // SIGKILL; a process that is already done is none the worse.
        let _ = child.kill();
        child.wait().unwrap();
        let found = dump(&work);
        assert!(found == before || found == after, "round {round}: neither before nor after");
        audits += u32::from(found == after);
        interrupted += u32::from(found == before);
    }
    work.succeeds(&run(3, "leads.csv"));
    assert_eq!(audits + interrupted, times() + 1);
}
