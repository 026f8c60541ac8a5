//! Names: whole and in parts.

#![no_main]

use leadmend::normalize::name::{self, NameParts};
use leadmend::normalize::text;
use leadmend_fuzz::sound;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let mut cells = data.split('\n');
    let mut next = || cells.next().unwrap_or_default();
    let parts = NameParts {
        given: next(),
        family: next(),
        full: next(),
        middle: next(),
        prefix: next(),
        suffix: next(),
        nickname: next(),
    };
    for parts in [parts, NameParts { full: data, ..NameParts::default() }] {
        let parsed = name::parse(&parts);
        sound(&parsed);
        if let Some(name) = parsed.value {
            let _ = (name.display(), name.initial_flags());
        }
    }
    let _ = name::is_placeholder(data);
    let _ = text::phonetic(data);
});
