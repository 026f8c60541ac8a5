//! A whole run over a lead file and an activity file, parted by a line of dashes.

#![no_main]

use leadmend::pipeline::{self, Job};
use leadmend::source::Source;
use leadmend_fuzz::refused;
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

fuzz_target!(|data: &str| {
    let (leads, activities) = data.split_once("\n---\n").unwrap_or((data, ""));
    let given = |name: &str, text: &str| Source {
        content: Some(Arc::new(text.as_bytes().to_vec())),
        ..Source::new(name)
    };
    let mut job = Job { inputs: vec![given("leads.csv", leads)], ..Job::default() };
    job.config.as_of = 1_782_777_600_000_000;
    if !activities.is_empty() {
        job.activities = vec![given("activities.csv", activities)];
    }
    match pipeline::run(&job, &|_| ()) {
        Ok(outcome) => assert!(outcome.matched.clusters.len() <= outcome.table.len()),
        Err(error) => refused(&error),
    }
});
