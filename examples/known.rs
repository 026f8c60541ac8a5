//! Makes a state of a lead file, and measures imports and look-ups against it.
//!
//! ```text
//! cargo run --release --example known -- make state.db known.csv
//! cargo run --release --example known -- import state.db new.csv
//! ```

use leadmend::known;
use leadmend::pipeline::{self, Job};
use leadmend::source::Source;
use leadmend::state::known::{Keep, Known, Question};
use leadmend::state::{Mode, State};
use std::error::Error;
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["make", state, leads] => make(Path::new(state), leads),
        ["import", state, leads] => import(Path::new(state), leads),
        _ => Err("give: make STATE LEADS, or: import STATE LEADS".into()),
    }
}

fn make(path: &Path, leads: &str) -> Result<(), Box<dyn Error>> {
    let job = Job { freeze: true, inputs: vec![Source::new(leads)], ..Job::default() };
    let clock = Instant::now();
    let outcome = pipeline::run(&job, &|_| ())?;
    println!("learned, frozen and decided in {:.2} s", clock.elapsed().as_secs_f64());
    let clock = Instant::now();
    let state = State::open(path, Mode::Write)?;
    state.keep_run(&outcome, Keep::Roles)?;
    state.commit()?;
    let (bytes, records) = (std::fs::metadata(path)?.len(), outcome.table.len());
    println!(
        "kept in {:.2} s: {bytes} bytes, {:.0} a lead",
        clock.elapsed().as_secs_f64(),
        bytes as f64 / records as f64
    );
    Ok(())
}

fn import(path: &Path, leads: &str) -> Result<(), Box<dyn Error>> {
    let clock = Instant::now();
    let state = State::open(path, Mode::Read)?;
    let known = Known::open(&state)?;
    println!("{} known, opened in {:.3} s", known.count()?, clock.elapsed().as_secs_f64());
    let job = Job { inputs: vec![Source::new(leads)], ..Job::default() };
    let frozen = known.frozen();
    let (_, _, new) = pipeline::read(&Job { frozen: Some(frozen.clone()), ..job.clone() })?;
    let question = Question::of(&frozen.prepare(&new), &frozen.snapshot.blocks);
    println!("{} candidates", known.candidates(&question)?.len());
    for _ in 0..3 {
        let clock = Instant::now();
        let import = known::compare(&job, &known, &|stage| {
            println!("  {:6.3} s {}", clock.elapsed().as_secs_f64(), stage.label());
        })?;
        let seconds = clock.elapsed().as_secs_f64();
        let counts =
            known::VerdictCounts::of(&import.verdicts, &import.outcome, import.known_inputs);
        let records = import.outcome.table.len();
        println!("{} rows in {seconds:.3} s: {counts:?}; {records} records", import.verdicts.len());
    }
    Ok(())
}
