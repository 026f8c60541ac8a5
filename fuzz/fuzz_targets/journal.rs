//! Journals: any text, and lines whose chain is right so that their payload is read.

#![no_main]

use leadmend_fuzz::{chained, refused};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    for text in [data.to_string(), chained(data)] {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        std::fs::write(folder.path().join("journal.jsonl"), text).expect("it can be written to");
        if let Err(error) = leadmend::journal::Journal::read(folder.path()) {
            refused(&error);
        }
    }
});
