//! Delimited text: rows, quotes, headers, footers; read again, it is the same table.

#![no_main]

use leadmend_fuzz::reader;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    reader("f.csv", data);
});
