//! Yes and no.

#![no_main]

use leadmend::normalize::flag;
use leadmend_fuzz::sound;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    sound(&flag::parse(data));
});
