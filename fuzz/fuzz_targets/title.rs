//! Job titles.

#![no_main]

use leadmend::normalize::title;
use leadmend_fuzz::sound;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    sound(&title::parse(data));
    let _ = title::canonical(data);
});
