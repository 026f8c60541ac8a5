//! Databases: the bytes behind the magic of a database.

#![no_main]

use leadmend_fuzz::reader;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    reader("f.db", &[b"SQLite format 3\0", data].concat());
});
