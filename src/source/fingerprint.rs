//! What an input's content is, whatever the order of its rows.
//!
//! The sum, modulo 2^128, of the first 16 bytes of the SHA-256 of every line (without its line
//! end), in hexadecimal. Why not the SHA-256 of the file: a run's result does not depend on the
//! order of the rows, and what it says of its inputs must not either.

use super::limit::Limits;
use super::{Source, encoding, sqlite};
use crate::error::{Error, Result};
use crate::record::{Column, RecordId};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Bytes a worker takes at a time.
const CHUNK: usize = 1 << 20;
/// Bytes of a file that are in memory at a time.
const PIECE: usize = 1 << 18;

/// The fingerprint of a file's (uncompressed) bytes.
pub fn of_bytes(bytes: &[u8]) -> String {
    let mut starts = vec![0];
    while let Some(next) = starts.last().map(|last| last + CHUNK).filter(|&n| n < bytes.len()) {
        match memchr::memchr(b'\n', &bytes[next..]) {
            Some(line_end) => starts.push(next + line_end + 1),
            None => break,
        }
    }
    starts.push(bytes.len());
    let sum = starts
        .par_windows(2)
        .map(|w| of_lines(&bytes[w[0]..w[1]]))
        .reduce(|| 0, u128::wrapping_add);
    format!("{sum:032x}")
}

/// The SHA-256 of bytes in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Length and SHA-256 of a file, which is never in memory as a whole.
///
/// # Errors
/// Those of reading it.
pub fn sha256_of_file(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut hasher, mut length) = (Sha256::new(), 0);
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok((length, hex(&hasher.finalize()))),
            read => {
                hasher.update(&piece[..read]);
                length += read as u64;
            }
        }
    }
}

/// Hexadecimal, lower case.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    push_hex(bytes, |digit| text.push(char::from(digit)));
    text
}

/// Hands on the digits of bytes in hexadecimal, lower case.
pub(crate) fn push_hex(bytes: &[u8], mut push: impl FnMut(u8)) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for &byte in bytes {
        push(DIGITS[usize::from(byte >> 4)]);
        push(DIGITS[usize::from(byte & 15)]);
    }
}

fn of_lines(chunk: &[u8]) -> u128 {
    let lines = chunk.split(|&b| b == b'\n').map(|l| l.strip_suffix(b"\r").unwrap_or(l));
    lines
        .filter(|line| !line.is_empty())
        .fold(0, |sum: u128, line| sum.wrapping_add(first_half(&Sha256::digest(line))))
}

/// The fingerprint of the rows of a database: of each the cells, every one ended by a zero byte,
/// after the headers. The file's bytes would not do, since they change without the rows.
pub(crate) fn of_columns(columns: &[Column], records: usize) -> String {
    let of_cells = |cells: &mut dyn Iterator<Item = &str>| {
        let mut message = Sha256::new();
        for cell in cells {
            message.update(cell.as_bytes());
            message.update([0]);
        }
        first_half(&message.finalize())
    };
    let head = of_cells(&mut columns.iter().map(|column| column.header.as_str()));
    let rows = (0..records as u32)
        .into_par_iter()
        .map(|record| of_cells(&mut columns.iter().map(|column| column.get(RecordId(record)))));
    format!("{:032x}", rows.reduce(|| 0, u128::wrapping_add).wrapping_add(head))
}

fn first_half(digest: &[u8]) -> u128 {
    digest.iter().take(16).fold(0, |sum, &byte| sum << 8 | u128::from(byte))
}

/// The fingerprint of an input on disk.
///
/// # Errors
/// [`Error::Read`] and damaged compression.
pub fn of_file(source: &Source) -> Result<String> {
    if source.server.is_some() || sqlite::is_database(&source.path) {
        return Ok(super::read(source)?.info.fingerprint);
    }
    let bytes = std::fs::read(&source.path)
        .map_err(|cause| Error::Read { file: source.file_name(), cause })?;
    let expanded =
        encoding::expand(&source.file_name(), bytes.into(), &Limits::USUAL, &mut Vec::new())?;
    if expanded.starts_with(sqlite::MAGIC) {
        return Ok(super::read(source)?.info.fingerprint);
    }
    Ok(of_bytes(&expanded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_line_ends_do_not_matter_but_every_byte_does() {
        let base = of_bytes(b"id,x\n1,a\n2,b\n");
        assert_eq!(of_bytes(b"id,x\r\n2,b\r\n1,a"), base);
        assert_ne!(of_bytes(b"id,x\n1,a\n2,c\n"), base);
        assert_ne!(of_bytes(b"id,x\n1,a\n1,a\n2,b\n"), base, "a repeated row is another content");
        let long: Vec<u8> = (0..400_000).flat_map(|i| format!("row {i}\n").into_bytes()).collect();
        let mut turned: Vec<&[u8]> = long.split_inclusive(|&b| b == b'\n').collect();
        turned.reverse();
        assert_eq!(of_bytes(&turned.concat()), of_bytes(&long), "over several chunks");
    }
}
