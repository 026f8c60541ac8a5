//! LDIF entries.

#![no_main]

use leadmend_fuzz::reader;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    reader("f.ldif", &[b"dn: cn=a\n", data].concat());
});
