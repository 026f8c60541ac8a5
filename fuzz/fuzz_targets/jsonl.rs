//! JSON Lines. A first byte is put before the data, so that most inputs reach the reader.

#![no_main]

use leadmend_fuzz::reader;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    reader("f.jsonl", &[b"{\"email\":", data].concat());
    reader("f.jsonl", data);
});
