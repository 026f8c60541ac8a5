//! How long each stage of a run takes, on a generated lead database with activities.
//!
//! ```text
//! cargo bench                                        # 20,000 leads
//! LEADMEND_BENCH_RECORDS=100000 cargo bench -- score
//! ```
//!
//! The stages get what the stage before really gives: one whole run is made first, and each stage is
//! then repeated on that run's own data. Every answer is checked against it, because a stage that
//! became fast by becoming wrong would otherwise look like progress.

// Nothing can be measured when the data is not there.
#![allow(clippy::expect_used)]

use criterion::{
    BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use leadmend::blocking;
use leadmend::cluster::resolve::{Constraints, resolve};
use leadmend::compare;
use leadmend::matching::decide::Decider;
use leadmend::matching::em;
use leadmend::matching::evidence::Evidence;
use leadmend::merge::consent::{ConsentPolicy, gather};
use leadmend::merge::history::{EventIdentity, activities_per_record, unite};
use leadmend::merge::lead;
use leadmend::merge::policy::MergeConfig;
use leadmend::normalize::record::records;
use leadmend::pipeline::{self, Job, Outcome};
use leadmend::score;
use leadmend::source::{self, Source};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// 2026-06-30, so that ages of activities do not depend on the day of the measurement.
const AS_OF: i64 = 1_782_777_600_000_000;
const DEFAULT_RECORDS: u64 = 20_000;

/// Leads and activities of the asked size, made by the `synth` example once and then kept.
fn generated(count: u64) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("synth-{count}"));
    if !folder.join("events_truth.csv").exists() {
        let made = Command::new(env!("CARGO"))
            .args(["run", "--quiet", "--release", "--example", "synth", "--", "--seed", "1"])
            .args(["--records", &count.to_string(), "--out"])
            .arg(&folder)
            .status()
            .expect("cargo can be run");
        assert!(made.success(), "the generator failed");
    }
    folder
}

fn stages(c: &mut Criterion) {
    let count = match std::env::var("LEADMEND_BENCH_RECORDS") {
        Ok(text) => text.parse().expect("LEADMEND_BENCH_RECORDS is a number"),
        Err(_) => DEFAULT_RECORDS,
    };
    let folder = generated(count);
    let mut job = Job {
        inputs: vec![Source::new(folder.join("leads.csv"))],
        activities: vec![Source::new(folder.join("activities.csv"))],
        ..Job::default()
    };
    job.config.as_of = AS_OF;
    let run = pipeline::run(&job, &|_| ()).expect("the generated files are readable");
    assert_eq!(run.table.len() as u64, count);

    let patterns = compare::patterns(&run.records.features, &run.matched.candidates.pairs);

    let mut group = c.benchmark_group("stage");
    group
        .throughput(Throughput::Elements(count))
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .sampling_mode(SamplingMode::Flat)
        .measurement_time(Duration::from_secs(10));
    let mut stage = |name: &str, measured: &dyn Fn()| {
        group.bench_function(BenchmarkId::new(name, count), |b| b.iter(measured));
    };
    stage("read", &|| read(&job, count));
    stage("normalize", &|| normalize(&run));
    stage("block", &|| block(&run));
    stage("compare", &|| compare_pairs(&run, &patterns));
    stage("fit", &|| fit(&run, &patterns));
    stage("cluster", &|| cluster(&run));
    stage("merge", &|| merge(&run));
    stage("score", &|| score_leads(&run));
    stage("whole run", &|| {
        let again = pipeline::run(&job, &|_| ()).expect("as before");
        assert_eq!(again.matched.clusters.person_of, run.matched.clusters.person_of);
    });
    group.finish();
}

fn read(job: &Job, count: u64) {
    let leads = source::read(&job.inputs[0]).expect("as before");
    let activities = source::read(&job.activities[0]).expect("as before");
    assert_eq!(leads.row_count as u64, count);
    assert!(activities.row_count > leads.row_count && activities.rejects.is_empty());
}

fn normalize(run: &Outcome) {
    let again = records(&run.table, &run.schema);
    assert_eq!(again.keys, run.records.keys);
}

fn block(run: &Outcome) {
    let again = blocking::candidates(&run.records.features);
    assert_eq!(again.pairs, run.matched.candidates.pairs);
}

fn compare_pairs(run: &Outcome, patterns: &[u64]) {
    let again = compare::patterns(&run.records.features, &run.matched.candidates.pairs);
    assert_eq!(again, patterns);
}

fn fit(run: &Outcome, patterns: &[u64]) {
    let features = &run.records.features;
    let evidence = Evidence::gather(features, &run.matched.candidates, patterns);
    let model = em::fit(features, &compare::specs(features), &evidence);
    assert_eq!(model.comparisons, run.matched.model.comparisons);
}

fn cluster(run: &Outcome) {
    let decider = Decider::new(&run.records.features, &run.matched.model);
    let clusters = resolve(&decider, &run.matched.decisions, &Constraints::default());
    assert_eq!(clusters.person_of, run.matched.clusters.person_of);
}

fn merge(run: &Outcome) {
    let (table, clusters) = (&run.table, &run.matched.clusters);
    let activities = &run.activities.activities;
    let window = EventIdentity { window_micros: run.models[0].merge.event_window };
    let history = unite(activities, clusters, window);
    assert_eq!(history.status, run.history.status);
    let per_record = activities_per_record(activities, table.len());
    let rules = MergeConfig::default().rules();
    let fields = lead::merge(table, &run.schema, &run.records, clusters, &per_record, &rules);
    let said = gather::gather(table, &run.schema, &run.records, &run.activities);
    let policy = ConsentPolicy::default();
    let consent = said.decide(clusters, &fields, &run.records, &run.schema, table, policy);
    assert_eq!(consent.email, run.consent.email);
}

fn score_leads(run: &Outcome) {
    let scored = score::leads(&run.models, &run.facts, run.as_of);
    assert_eq!(scored.models[0].values, run.scored.models[0].values);
}

criterion_group!(benches, stages);
criterion_main!(benches);
