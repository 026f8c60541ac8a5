//! Websites: what was read, written, is read as the same site.

#![no_main]

use leadmend::normalize::url;
use leadmend_fuzz::sound;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let parsed = url::parse(data);
    sound(&parsed);
    if let Some(read) = parsed.value {
        assert_eq!(url::parse(&read.display()).value, Some(read), "{data:?}");
    }
});
