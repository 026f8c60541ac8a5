//! Configurations.

#![no_main]

use leadmend_fuzz::refused;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    if let Err(error) = leadmend::config::parse(data, "f.toml") {
        refused(&error);
    }
});
