//! What a zip container would unfold to, before anything unfolds it.
//!
//! A workbook is a zip of XML, and the library that reads it believes the archive. Every entry is
//! therefore inflated once into nothing, within a budget; sizes that the archive states are not
//! trusted, and neither are entries that share their bytes.

use super::limit::Limits;
use crate::error::{Error, Result};
use flate2::read::DeflateDecoder;
use std::io::Read;

/// XML of a workbook compresses 5 to 50 times.
const RATIO: u64 = 100;
/// Signatures of the end, of the end in the 64-bit form, and of an entry in the directory.
const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x07";
const ENTRY: &[u8] = b"PK\x01\x02";

/// Refuses an archive that expands beyond all measure.
pub(crate) fn check(file: &str, bytes: &[u8], limits: &Limits) -> Result<()> {
    let budget = (bytes.len() as u64).saturating_mul(RATIO).max(limits.always);
    let bomb = || Error::Compression {
        file: file.into(),
        what: format!("the workbook expands to more than {} MiB", budget.div_ceil(1 << 20)),
        remedy: "if that is right, save the sheet as CSV UTF-8".into(),
    };
    let damaged = || Error::Compression {
        file: file.into(),
        what: "the zip container is damaged or cut off".into(),
        remedy: "download or save it again".into(),
    };
    let end = find_end(bytes).ok_or_else(damaged)?;
    if end >= 20 && bytes[end - 20..].starts_with(END_64) {
        return Err(bomb());
    }
    let entries = usize::from(word(bytes, end + 10).ok_or_else(damaged)?);
    let mut at = long(bytes, end + 16).ok_or_else(damaged)? as usize;
    let mut left = budget;
    for _ in 0..entries {
        if !bytes.get(at..).is_some_and(|rest| rest.starts_with(ENTRY)) {
            return Err(damaged());
        }
        let field = |offset| word(bytes, at + offset).map(usize::from);
        let sizes = field(28).zip(field(30)).zip(field(32)).ok_or_else(damaged)?;
        let ((name, extra), comment) = sizes;
        let start = long(bytes, at + 42).ok_or_else(damaged)? as usize;
        left = match inflated(bytes, start, field(10), left) {
            Some(size) if size <= left => left - size,
            _ => return Err(bomb()),
        };
        at += 46 + name + extra + comment;
    }
    Ok(())
}

/// The record that ends the archive: the last one whose comment reaches the end of the file.
fn find_end(bytes: &[u8]) -> Option<usize> {
    const LONGEST: usize = 22 + u16::MAX as usize;
    let from = bytes.len().saturating_sub(LONGEST);
    let tail = &bytes[from..];
    memchr::memmem::rfind_iter(tail, END).map(|at| from + at).find(|&at| {
        word(bytes, at + 20).is_some_and(|comment| at + 22 + usize::from(comment) == bytes.len())
    })
}

/// Bytes an entry unfolds to, counted up to one above `left`. `None`: not a way of packing that
/// workbooks use, or no entry there.
fn inflated(bytes: &[u8], start: usize, method: Option<usize>, left: u64) -> Option<u64> {
    let name = usize::from(word(bytes, start + 26)?);
    let extra = usize::from(word(bytes, start + 28)?);
    let data = bytes.get(start + 30 + name + extra..)?;
    match method? {
        0 => Some(u64::from(long(bytes, start + 18)?).min(data.len() as u64)),
        8 => {
            let mut unfolded = DeflateDecoder::new(data).take(left + 1);
            let mut scrap = vec![0; 64 << 10];
            let mut size = 0;
            loop {
                match unfolded.read(&mut scrap) {
                    // A damaged entry is for the reader to complain about.
                    Ok(0) | Err(_) => return Some(size),
                    Ok(read) => size += read as u64,
                }
            }
        }
        _ => None,
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2).map(|b| u16::from_le_bytes([b[0], b[1]]))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A zip of deflated entries, as small as the format allows.
    pub(crate) fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
        use std::io::Write;
        let (mut bytes, mut directory) = (Vec::new(), Vec::new());
        for (name, content) in entries {
            let level = flate2::Compression::default();
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), level);
            encoder.write_all(content).unwrap();
            let packed = encoder.finish().unwrap();
            let mut crc = flate2::Crc::new();
            crc.update(content);
            let start = bytes.len() as u32;
            let mut common = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0];
            common.extend(crc.sum().to_le_bytes());
            common.extend((packed.len() as u32).to_le_bytes());
            common.extend((content.len() as u32).to_le_bytes());
            common.extend((name.len() as u16).to_le_bytes());
            common.extend([0, 0]);
            bytes.extend(b"PK\x03\x04");
            bytes.extend(&common);
            bytes.extend(name.as_bytes());
            bytes.extend(&packed);
            directory.extend(ENTRY);
            directory.extend([20, 0]);
            directory.extend(&common);
            directory.extend([0; 10]);
            directory.extend(start.to_le_bytes());
            directory.extend(name.as_bytes());
        }
        let (count, start) = (entries.len() as u16, bytes.len() as u32);
        bytes.extend(&directory);
        bytes.extend(END);
        bytes.extend([0; 4]);
        bytes.extend(count.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend((directory.len() as u32).to_le_bytes());
        bytes.extend(start.to_le_bytes());
        bytes.extend([0, 0]);
        bytes
    }

    #[test]
    fn honest_archives_pass_and_bombs_do_not() {
        let little = Limits { always: 10_000, ..Limits::USUAL };
        let honest = zip(&[("a.xml", b"<a/>"), ("b.xml", b"<b/>")]);
        check("f.xlsx", &honest, &little).unwrap();
        let bomb = zip(&[("a.xml", &vec![b' '; 1_000_000])]);
        let error = check("f.xlsx", &bomb, &little).unwrap_err();
        assert_eq!(error.exit_code(), 3);
        assert!(error.to_string().contains("expands to more than"), "{error}");
        let cut = &honest[..honest.len() - 9];
        assert!(check("f.xlsx", cut, &little).unwrap_err().to_string().contains("damaged"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(at: prop::sample::Index, byte: u8, tail in prop::collection::vec(any::<u8>(), 0..40)) {
            let mut bytes = zip(&[("a.xml", b"<a/>")]);
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let _ = check("f", &bytes, &Limits::USUAL);
            bytes.extend(&tail);
            let _ = check("f", &bytes, &Limits::USUAL);
        }
    }
}
