//! Parquet: the bytes as they are, and as the footer of a file.

#![no_main]

use leadmend_fuzz::reader;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    reader("f.parquet", data);
    let size = (data.len() as u32).to_le_bytes();
    reader("f.parquet", &[b"PAR1", data, &size, b"PAR1"].concat());
});
