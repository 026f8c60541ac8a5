//! Countries: codes and names are read as the same country.

#![no_main]

use leadmend::normalize::country;
use leadmend_fuzz::sound;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let parsed = country::parse(data);
    sound(&parsed);
    if let Some(read) = parsed.value {
        assert_eq!(country::parse(read.name()).value, Some(read));
        assert_eq!(country::parse(read.alpha3()).value, Some(read));
    }
});
