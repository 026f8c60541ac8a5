//! Encodings: byte order marks, guesses, and every encoding a user can name.

#![no_main]

use leadmend::source::{self, Source};
use leadmend_fuzz::reader;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    const NAMES: [&str; 10] = [
        "utf-8",
        "utf-16le",
        "utf-16be",
        "utf-32le",
        "windows-1252",
        "windows-1251",
        "shift_jis",
        "gb18030",
        "big5",
        "nonsense",
    ];
    const MARKS: [&[u8]; 5] = [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0"];
    let Some((&choice, data)) = data.split_first() else { return };
    let bytes = [MARKS[usize::from(choice) % MARKS.len()], data].concat();
    reader("f.csv", &bytes);
    let name = NAMES[usize::from(choice) / MARKS.len() % NAMES.len()];
    let source = Source { encoding: Some(name.into()), ..Source::new("f.csv") };
    let _ = source::read_bytes(&source, bytes);
});
