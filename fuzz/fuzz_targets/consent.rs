//! Words of consent.

#![no_main]

use leadmend::normalize::consent;
use leadmend_fuzz::sound;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    sound(&consent::parse_word(data));
});
