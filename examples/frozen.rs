//! Measures matching by a frozen model against matching that learns: quality, time, size.
//!
//! ```text
//! cargo run --release --example frozen -- leads.csv truth.csv
//! ```

use leadmend::cluster::Clusters;
use leadmend::evaluate::evaluate;
use leadmend::matching::frozen::Frozen;
use leadmend::pipeline::{self, Job, Outcome};
use leadmend::record::RecordId;
use leadmend::source::{self, Source};
use std::error::Error;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [leads, truth] = arguments.as_slice() else {
        return Err("give leads.csv and truth.csv".into());
    };
    let truth = source::read(&Source::new(truth))?;
    let job = Job { inputs: vec![Source::new(leads)], ..Job::default() };
    let learned = run("learned", &job)?;
    judge(&learned, &truth);
    let clock = Instant::now();
    let frozen = Frozen::of(&learned.records, &learned.matched.model);
    let bytes = frozen.to_bytes();
    let records = learned.table.len();
    println!(
        "freezing {:.2} s, {} bytes, {:.1} a record, {} large keys",
        clock.elapsed().as_secs_f64(),
        bytes.len(),
        bytes.len() as f64 / records as f64,
        frozen.snapshot.blocks.large.len()
    );
    let clock = Instant::now();
    let read = Frozen::from_bytes(&bytes)?;
    println!("reading it {:.3} s, equal {}", clock.elapsed().as_secs_f64(), read == frozen);
    let before = learned.matched.clusters.clone();
    drop(learned);
    let again = run("frozen", &Job { frozen: Some(read), ..job })?;
    judge(&again, &truth);
    let moved = (0..records)
        .filter(|&r| members(&before, r) != members(&again.matched.clusters, r))
        .count();
    println!("{moved} records in another person than before");
    for pass in &again.matched.candidates.report {
        if pass.cut_blocks + pass.grown_blocks > 0 {
            let (cut, grown) = (pass.cut_blocks, pass.grown_blocks);
            println!("  {}: {cut} crowds, {grown} grown", pass.pass);
        }
    }
    Ok(())
}

fn members(clusters: &Clusters, record: usize) -> &[RecordId] {
    clusters.members(clusters.person_of[record])
}

fn run(name: &str, job: &Job) -> Result<Outcome, Box<dyn Error>> {
    let clock = Instant::now();
    let outcome = pipeline::run(job, &|stage| {
        println!("  {:6.2} s {}", clock.elapsed().as_secs_f64(), stage.label());
    })?;
    println!(
        "{name}: {:.2} s, {} candidates, {} decisions",
        clock.elapsed().as_secs_f64(),
        outcome.matched.candidates.pairs.len(),
        outcome.matched.decisions.len()
    );
    Ok(outcome)
}

fn judge(outcome: &Outcome, truth: &source::RawTable) {
    let persons: Vec<String> =
        outcome.matched.clusters.person_of.iter().map(u32::to_string).collect();
    let result = outcome.table.records().map(|r| (outcome.table.id.get(r), &*persons[r.index()]));
    let [ids, people] = [0, 1].map(|i| &truth.columns[i]);
    let truth = ids.ids.iter().zip(&people.ids);
    let truth = truth.map(|(&i, &p)| (ids.dictionary.get(i), people.dictionary.get(p)));
    let found = evaluate(result, truth);
    let (pairs, b) = (found.pairwise, found.b_cubed);
    println!(
        "pairs: precision {:.5} recall {:.5} F1 {:.5}; B-cubed F1 {:.5}; {} persons of {}",
        pairs.precision,
        pairs.recall,
        pairs.f1,
        b.f1,
        found.predicted_clusters,
        found.true_clusters
    );
}
