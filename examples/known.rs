//! Makes a state of a lead file, and measures imports and look-ups against it.
//!
//! ```text
//! cargo run --release --example known -- make state.db known.csv
//! cargo run --release --example known -- import state.db new.csv
//! cargo run --release --example known -- check state.db known.csv new.csv
//! ```
//!
//! `check` holds the persons of an import against those of one run over everything.

use leadmend::known;
use leadmend::pipeline::{self, Job, Outcome};
use leadmend::record::RecordId;
use leadmend::source::Source;
use leadmend::state::known::{Keep, Known, Question};
use leadmend::state::{Mode, State};
use std::collections::{BTreeSet, HashMap};
use std::error::Error;
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["make", state, leads] => make(Path::new(state), leads),
        ["import", state, leads] => import(Path::new(state), leads),
        ["check", state, known, new] => check(Path::new(state), known, new),
        _ => Err("give: make STATE LEADS, import STATE LEADS or check STATE KNOWN NEW".into()),
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

fn check(path: &Path, known_leads: &str, new: &str) -> Result<(), Box<dyn Error>> {
    let state = State::open(path, Mode::Read)?;
    let known = Known::open(&state)?;
    let job = Job { inputs: vec![Source::new(new)], ..Job::default() };
    let import = known::compare(&job, &known, &|_| ())?;
    let inputs = vec![Source::new(known_leads), Source::new(new)];
    let frozen = Some(known.frozen().clone());
    let whole = pipeline::run(&Job { frozen, inputs, ..Job::default() }, &|_| ())?;
    let of_id: HashMap<&str, RecordId> =
        whole.table.records().map(|r| (whole.table.id.get(r), r)).collect();
    let ids = |outcome: &Outcome, person: u32| -> BTreeSet<String> {
        let members = outcome.matched.clusters.members(person);
        members.iter().map(|&r| outcome.table.id.get(r).to_string()).collect()
    };
    let (mut same, mut other) = (0, 0);
    for person in 0..import.outcome.matched.clusters.len() as u32 {
        let found = ids(&import.outcome, person);
        let first = found.first().and_then(|id| of_id.get(id.as_str()));
        let expected = first.map(|r| ids(&whole, whole.matched.clusters.person_of[r.index()]));
        if expected.as_ref() == Some(&found) { same += 1 } else { other += 1 }
    }
    println!("{same} persons of the import are those of the whole run, {other} are not");
    let grown: u64 = whole.matched.candidates.report.iter().map(|p| p.grown_blocks).sum();
    println!("{grown} blocks outgrew the model");
    Ok(())
}
