//! Workbooks: the bytes as they are, and as the sheet and the strings of a sound workbook.

#![no_main]

use leadmend_fuzz::{document, reader, workbook};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    reader("f.xlsx", data);
    let (sheet, strings) = data.split_at(data.len() / 2);
    reader("f.xlsx", &workbook(data, b"<sst/>"));
    reader("f.xlsx", &workbook(sheet, strings));
    reader("f.ods", &document(data));
});
