//! What the fuzz targets share: containers around the bytes that are tried, and what must hold of
//! every answer.
//!
//! `cargo fuzz run -s none csv` in the folder above; without a sanitizer the stable toolchain does,
//! and leadmend has no unsafe code for one to watch. `fuzz/run` runs all of them for some seconds.

use leadmend::error::Error;
use leadmend::normalize::{Normalized, Status};
use leadmend::source::{RawTable, Source, read_bytes};
use sha2::{Digest, Sha256};
use std::io::Write;

/// Reads bytes; the table's parts must fit each other, a refusal must say something.
pub fn reader(file: &str, bytes: &[u8]) -> Option<RawTable> {
    match read_bytes(&Source::new(file), bytes.to_vec()) {
        Ok(table) => {
            assert_eq!(table.lines.len(), table.row_count);
            assert_eq!(table.info.records as usize, table.row_count);
            assert_eq!(table.info.rejected as usize, table.rejects.len());
            for column in &table.columns {
                assert_eq!(column.ids.len(), table.row_count);
                for id in &column.ids {
                    let _ = column.dictionary.get(*id);
                }
            }
            let again = read_bytes(&Source::new(file), bytes.to_vec());
            assert!(again.is_ok_and(|again| again.rejects == table.rejects));
            Some(table)
        }
        Err(error) => {
            refused(&error);
            None
        }
    }
}

/// A refusal has an exit code of an error and a sentence of bearable length.
pub fn refused(error: &Error) {
    assert!((2..=4).contains(&error.exit_code()));
    assert!(!error.to_string().is_empty());
}

/// A value exists exactly when it was understood; what was not, has a reason.
pub fn sound<T>(answer: &Normalized<T>) {
    let understood = matches!(answer.status, Status::Ok | Status::Repaired);
    assert_eq!(answer.value.is_some(), understood);
    let silent = matches!(answer.status, Status::Ok | Status::Missing);
    assert!(silent || !answer.reason.is_empty());
}

/// The bytes, compressed.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    // Writing to a vector cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// A workbook of one sheet with these bytes as its sheet and its strings.
pub fn workbook(sheet: &[u8], strings: &[u8]) -> Vec<u8> {
    const TYPES: &[u8] = br#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#;
    const RELATIONS: &[u8] = br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    const BOOK: &[u8] = br#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Leads" sheetId="1" r:id="r1"/></sheets></workbook>"#;
    const SHEETS: &[u8] = br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    const HEAD: &[u8] = br#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#;
    zip(&[
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", RELATIONS),
        ("xl/workbook.xml", BOOK),
        ("xl/_rels/workbook.xml.rels", SHEETS),
        ("xl/sharedStrings.xml", strings),
        ("xl/worksheets/sheet1.xml", &[HEAD, sheet, b"</sheetData></worksheet>"].concat()),
    ])
}

/// An OpenDocument spreadsheet with these bytes inside its first table.
pub fn document(table: &[u8]) -> Vec<u8> {
    const HEAD: &[u8] = br#"<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="Leads">"#;
    const TAIL: &[u8] =
        b"</table:table></office:spreadsheet></office:body></office:document-content>";
    zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", &[HEAD, table, TAIL].concat()),
    ])
}

/// A zip of stored entries.
fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in entries {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        common.extend(crc.sum().to_le_bytes());
        common.extend((content.len() as u32).to_le_bytes());
        common.extend((content.len() as u32).to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        let start = bytes.len() as u32;
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&common);
        bytes.extend(name.as_bytes());
        bytes.extend(*content);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(start.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (count, start) = (entries.len() as u16, bytes.len() as u32);
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend(count.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend((directory.len() as u32).to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

/// Journal lines of `KIND PAYLOAD` lines, with salt and chain as a run writes them.
pub fn chained(text: &str) -> String {
    const SALT: [u8; 16] = [7; 16];
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let mut chain = [0u8; 32];
    let mut lines = String::new();
    for (n, line) in text.lines().enumerate() {
        let (kind, payload) = line.split_once(' ').unwrap_or((line, "{}"));
        let digest = Sha256::new().chain_update(SALT).chain_update(payload).finalize();
        let link = Sha256::new().chain_update(chain).chain_update(kind).chain_update([0]);
        chain = link.chain_update(digest).finalize().into();
        lines += &format!(
            "{{\"n\":{n},\"kind\":\"{kind}\",\"salt\":\"{}\",\"payload\":{payload},\"chain\":\"{}\"}}\n",
            hex(&SALT),
            hex(&chain)
        );
    }
    lines
}
