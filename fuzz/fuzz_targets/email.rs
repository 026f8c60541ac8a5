//! E-mail addresses: what was read, written, is read as the same address.

#![no_main]

use leadmend::normalize::email;
use leadmend_fuzz::sound;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let parsed = email::parse(data);
    sound(&parsed);
    if let Some(read) = parsed.value {
        let again = email::parse(&read.address()).value.map(|e| e.identity_key());
        assert_eq!(again, Some(read.identity_key()), "{data:?}");
    }
    for piece in email::split(data) {
        sound(&email::parse(piece));
    }
});
