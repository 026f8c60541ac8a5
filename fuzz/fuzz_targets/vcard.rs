//! vCards.

#![no_main]

use leadmend_fuzz::reader;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    reader("f.vcf", &[b"BEGIN:VCARD\r\n", data].concat());
});
