//! Gzip: the bytes behind a header, and the bytes compressed, whole and cut off.

#![no_main]

use leadmend_fuzz::{gzip, reader};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    reader("f.csv.gz", &[b"\x1f\x8b\x08\0\0\0\0\0\0\xff", data].concat());
    let packed = gzip(data);
    let cut = packed.len() * 3 / 4;
    reader("f.csv.gz", &packed[..cut]);
    let (plain, packed) = (reader("f.csv", data), reader("f.csv.gz", &packed));
    if !data.starts_with(b"\x1f\x8b") {
        assert_eq!(plain.map(|t| t.row_count), packed.map(|t| t.row_count));
    }
});
