//! How often each stage of a run asks for memory, by record, and how much is held at most.
//!
//! `cargo run --release --example allocations -- leads.csv [ACTIVITIES.csv]`: the stages one after
//! another as `clean` runs them, files written to a temporary folder. The program itself takes its
//! memory from another allocator; what is counted here is what the library asks for.

// Counting allocations takes an allocator of one's own, and that cannot be written otherwise. No part
// of the library or the program has any of this.
#![allow(unsafe_code)]

use leadmend::error::Result;
use leadmend::pipeline::{self, Job, Stage};
use leadmend::report;
use leadmend::report::folder::OutputFolder;
use leadmend::source::Source;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The system's allocator, counted.
struct Counting;

static CALLS: AtomicU64 = AtomicU64::new(0);
static HELD: AtomicU64 = AtomicU64::new(0);
static MOST: AtomicU64 = AtomicU64::new(0);

fn add(size: usize) {
    CALLS.fetch_add(1, Relaxed);
    let held = HELD.fetch_add(size as u64, Relaxed) + size as u64;
    MOST.fetch_max(held, Relaxed);
}

// SAFETY: every call is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size() as u64, Relaxed);
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        HELD.fetch_sub(layout.size() as u64, Relaxed);
        add(size);
        unsafe { System.realloc(place, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Calls so far, bytes held now, and most bytes held since this was asked last.
fn counts() -> [u64; 3] {
    let held = HELD.load(Relaxed);
    [CALLS.load(Relaxed), held, MOST.swap(held, Relaxed)]
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let leads = arguments.next().unwrap_or_else(|| "fixtures/ana/leads.csv".into());
    let activities = arguments.map(Source::new).collect();
    let job = Job { inputs: vec![Source::new(&leads)], activities, ..Job::default() };
    let parts: Mutex<Vec<(&'static str, [u64; 3])>> = Mutex::new(Vec::new());
    let enter = |name: &'static str| {
        if let Ok(mut parts) = parts.lock() {
            parts.push((name, counts()));
        }
    };
    let outcome = pipeline::run(&job, &|stage: Stage| enter(stage.label()))?;
    enter("Writing");
    let goal = std::env::temp_dir().join(format!("leadmend-allocations-{}", std::process::id()));
    let folder = OutputFolder::prepare(&goal, true)?;
    report::write(&outcome, &folder)?;
    drop(folder);
    enter("");
    let records = outcome.table.len().max(1) as f64;
    println!("| stage | allocations per record | MiB held at its end | MiB held at most |");
    println!("|---|--:|--:|--:|");
    let parts = parts.into_inner().unwrap_or_default();
    for pair in parts.windows(2) {
        let ((name, before), (_, after)) = (pair[0], pair[1]);
        let [calls, mib] = [after[0] - before[0], 1 << 20].map(|n| n as f64);
        let (held, most) = (after[1] as f64 / mib, after[2] as f64 / mib);
        println!("| {name} | {:.2} | {held:.0} | {most:.0} |", calls / records);
    }
    Ok(())
}
