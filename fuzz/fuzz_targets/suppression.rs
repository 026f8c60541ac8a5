//! Suppression lists, with and without a key.

#![no_main]

use leadmend::merge::suppress::{Key, Suppression};
use leadmend_fuzz::refused;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let key = Key::new(b"0123456789abcdef");
    for key in [None, key] {
        let mut list = Suppression::new(key);
        match list.add(data, "f.txt") {
            Ok(()) => {
                let _ = list.to_keyed_text();
            }
            Err(error) => refused(&error),
        }
        let _ = (list.has_email(data), list.is_empty());
    }
});
