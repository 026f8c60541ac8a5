//! Bytes to text: compression, byte order marks, encodings, and refusing what is not text.
//!
//! First step of reading. UTF-8 is proven, never assumed: an export in a Windows code page that is
//! read as UTF-8 damages names, and a damaged name never matches again.

use super::limit::Limits;
use crate::error::{Error, Result};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use flate2::read::MultiGzDecoder;
use std::borrow::Cow;
use std::io::Read;

/// Bytes shown to the encoding guesser.
const GUESS_LEN: usize = 4 << 20;

/// With no more bytes above ASCII than this, a Latin code page is taken for windows-1252.
const FEW_FOREIGN: usize = 8;
const LATIN_PAGES: [&str; 8] = [
    "windows-1250",
    "windows-1254",
    "windows-1257",
    "windows-1258",
    "ISO-8859-2",
    "ISO-8859-4",
    "ISO-8859-10",
    "ISO-8859-13",
];

/// Text as it was decoded.
#[derive(Debug)]
pub(crate) struct Decoded<'a> {
    /// The whole text, valid UTF-8, without byte order mark.
    pub text: Cow<'a, str>,
    /// Name of the encoding.
    pub encoding: &'static str,
    /// Whether a byte order mark stood first.
    pub bom: bool,
    /// Sentences for the user.
    pub notes: Vec<String>,
}

/// Expands a gzip file; other bytes pass through.
pub(crate) fn expand<'a>(
    file: &str,
    bytes: Cow<'a, [u8]>,
    limits: &Limits,
    notes: &mut Vec<String>,
) -> Result<Cow<'a, [u8]>> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let limit = limits.expansion(bytes.len());
    let mut expanded = Vec::new();
    MultiGzDecoder::new(bytes.as_ref()).take(limit + 1).read_to_end(&mut expanded).map_err(
        |cause| Error::Compression {
            file: file.into(),
            what: format!("the gzip file is damaged or cut off ({cause})"),
            remedy: "download or export it again".into(),
        },
    )?;
    if expanded.len() as u64 > limit {
        return Err(Error::Compression {
            file: file.into(),
            what: format!("the gzip file expands to more than {} MiB", limit.div_ceil(1 << 20)),
            remedy: "if that is right, expand it first and give the expanded file".into(),
        });
    }
    notes.push("expanded from gzip".into());
    Ok(expanded.into())
}

/// Decodes bytes to text, in `wanted` encoding when one is given.
pub(crate) fn decode<'a>(file: &str, bytes: &'a [u8], wanted: Option<&str>) -> Result<Decoded<'a>> {
    if bytes.is_empty() {
        return Err(Error::Empty { file: file.into() });
    }
    refuse_known_binary(file, bytes)?;
    let decoded = match wanted {
        Some(label) => decode_as(file, bytes, label)?,
        None => detect(file, bytes)?,
    };
    refuse_nul(file, &decoded.text)?;
    if decoded.text.trim().is_empty() {
        return Err(Error::Empty { file: file.into() });
    }
    Ok(decoded)
}

fn detect<'a>(file: &str, bytes: &'a [u8]) -> Result<Decoded<'a>> {
    if let Some((big_endian, bom)) = utf32_order(bytes) {
        return decode_utf32(file, bytes, big_endian, bom);
    }
    if let Some((encoding, bom)) = Encoding::for_bom(bytes) {
        return if encoding == UTF_8 {
            Ok(decode_utf8(&bytes[bom..], true))
        } else {
            Ok(decode_with(&bytes[bom..], encoding, true, Vec::new()))
        };
    }
    if let Some(encoding) = utf16_without_bom(bytes) {
        let note = format!("read as {} (no byte order mark, guessed)", encoding.name());
        return Ok(decode_with(bytes, encoding, false, vec![note]));
    }
    Ok(decode_utf8(bytes, false))
}

/// UTF-8 when it is; a mixture when most foreign letters are UTF-8; else the guessed code page.
fn decode_utf8(bytes: &[u8], bom: bool) -> Decoded<'_> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Decoded { text: Cow::Borrowed(text), encoding: "UTF-8", bom, notes: Vec::new() };
    }
    if let Some(decoded) = decode_mixed(bytes, bom) {
        return decoded;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&foreign_part(bytes), true);
    let mut encoding = detector.guess(None, Utf8Detection::Deny);
    // A handful of accented letters cannot tell the Latin code pages apart: the usual one, then.
    let foreign = bytes.iter().filter(|b| !b.is_ascii()).take(FEW_FOREIGN + 1).count();
    if foreign <= FEW_FOREIGN && LATIN_PAGES.contains(&encoding.name()) {
        encoding = WINDOWS_1252;
    }
    let note = format!("read as {} (not UTF-8, guessed; --encoding overrides)", encoding.name());
    decode_with(bytes, encoding, bom, vec![note])
}

/// Lines with bytes above ASCII, up to [`GUESS_LEN`]: the guesser must see them even when they
/// stand far down in the file.
fn foreign_part(bytes: &[u8]) -> Cow<'_, [u8]> {
    if bytes.len() <= GUESS_LEN {
        return Cow::Borrowed(bytes);
    }
    let mut part = Vec::new();
    for line in bytes.split_inclusive(|&b| b == b'\n') {
        if !line.is_ascii() {
            part.extend_from_slice(line);
        }
        if part.len() > GUESS_LEN {
            break;
        }
    }
    Cow::Owned(part)
}

/// Two exports pasted together: lines that are not UTF-8 in a file that otherwise is.
fn decode_mixed(bytes: &[u8], bom: bool) -> Option<Decoded<'_>> {
    let (mut good, mut bad) = (0u64, 0u64);
    for line in bytes.split(|&b| b == b'\n') {
        match std::str::from_utf8(line) {
            Ok(text) if text.is_ascii() => {}
            Ok(_) => good += 1,
            Err(_) => bad += 1,
        }
    }
    // A code page text is hardly ever valid UTF-8 by chance, so a handful of good lines is proof.
    if good < 3 || good < bad {
        return None;
    }
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 16);
    for line in bytes.split_inclusive(|&b| b == b'\n') {
        match std::str::from_utf8(line) {
            Ok(line) => text.push_str(line),
            Err(_) => text.push_str(&WINDOWS_1252.decode_without_bom_handling(line).0),
        }
    }
    let note = format!("UTF-8 with {bad} lines in another encoding, read as windows-1252");
    Some(Decoded { text: Cow::Owned(text), encoding: "UTF-8", bom, notes: vec![note] })
}

fn decode_with<'a>(
    bytes: &'a [u8],
    encoding: &'static Encoding,
    bom: bool,
    mut notes: Vec<String>,
) -> Decoded<'a> {
    let (text, damaged) = encoding.decode_without_bom_handling(bytes);
    if damaged {
        notes.push(format!(
            "some bytes are not {} and became \u{fffd}; give --encoding",
            encoding.name()
        ));
    }
    Decoded { text, encoding: encoding.name(), bom, notes }
}

fn decode_as<'a>(file: &str, bytes: &'a [u8], label: &str) -> Result<Decoded<'a>> {
    let name = label.trim().to_ascii_lowercase();
    if let Some(order) = name.strip_prefix("utf-32").or_else(|| name.strip_prefix("utf32")) {
        let found = utf32_order(bytes);
        let big_endian = match order {
            "be" => true,
            "le" => false,
            _ => found.is_some_and(|(big, _)| big),
        };
        let bom = found.map_or(0, |(_, bom)| bom);
        return decode_utf32(file, bytes, big_endian, bom);
    }
    let encoding = Encoding::for_label(name.as_bytes()).ok_or_else(|| {
        Error::usage(
            format!("unknown encoding «{label}»"),
            "give a name such as utf-8, windows-1252, utf-16le or shift_jis",
        )
    })?;
    let bom = match Encoding::for_bom(bytes) {
        Some((found, len)) if found == encoding => len,
        _ => 0,
    };
    let (text, damaged) = encoding.decode_without_bom_handling(&bytes[bom..]);
    if damaged {
        return Err(Error::Encoding {
            file: file.into(),
            what: format!("some bytes are not {}", encoding.name()),
            remedy: "leave --encoding out to have it detected, or name another".into(),
        });
    }
    Ok(Decoded { text, encoding: encoding.name(), bom: bom > 0, notes: Vec::new() })
}

/// Byte order and length of the mark of a UTF-32 text.
fn utf32_order(bytes: &[u8]) -> Option<(bool, usize)> {
    if bytes.starts_with(&[0xff, 0xfe, 0, 0]) {
        return Some((false, 4));
    }
    if bytes.starts_with(&[0, 0, 0xfe, 0xff]) {
        return Some((true, 4));
    }
    // Some writers put the two-byte mark of UTF-16 before UTF-32.
    let mark =
        if bytes.starts_with(&[0xfe, 0xff]) || bytes.starts_with(&[0xff, 0xfe]) { 2 } else { 0 };
    let rest = &bytes[mark..];
    let head = &rest[..rest.len().min(4096)];
    if head.len() < 16 || !rest.len().is_multiple_of(4) {
        return None;
    }
    let fits = |offset: usize| {
        head.chunks_exact(4).all(|c| (0..4).all(|i| (c[i] != 0) == (i == offset) || i == offset))
    };
    [(false, 0), (true, 3)].into_iter().find(|&(_, at)| fits(at)).map(|(big, _)| (big, mark))
}

fn decode_utf32<'a>(
    file: &str,
    bytes: &'a [u8],
    big_endian: bool,
    bom: usize,
) -> Result<Decoded<'a>> {
    let name = if big_endian { "UTF-32BE" } else { "UTF-32LE" };
    let units = bytes[bom..].chunks_exact(4);
    let whole = units.remainder().is_empty();
    let text: Option<String> = units
        .map(|unit| {
            let unit = [unit[0], unit[1], unit[2], unit[3]];
            let code = if big_endian { u32::from_be_bytes(unit) } else { u32::from_le_bytes(unit) };
            char::from_u32(code)
        })
        .collect();
    match text.filter(|_| whole) {
        Some(text) => {
            Ok(Decoded { text: Cow::Owned(text), encoding: name, bom: bom > 0, notes: Vec::new() })
        }
        None => Err(Error::Encoding {
            file: file.into(),
            what: format!("the bytes are not {name}, though they begin so"),
            remedy: "export the file again as UTF-8".into(),
        }),
    }
}

/// UTF-16 text of mostly Latin letters has a zero in every second byte.
fn utf16_without_bom(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(4096) & !1];
    if head.len() < 4 {
        return None;
    }
    let zeros = |start: usize| head.iter().skip(start).step_by(2).filter(|&&b| b == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), head.len() / 2);
    match (even, odd) {
        (0, odd) if odd * 10 >= half * 6 => Some(UTF_16LE),
        (even, 0) if even * 10 >= half * 6 => Some(UTF_16BE),
        _ => None,
    }
}

/// Formats people rename or mistake for CSV, by their first bytes.
const BINARY: [(&[u8], &str, &str); 8] = [
    (b"%PDF", "a PDF document", "export the table as CSV"),
    (b"\x28\xb5\x2f\xfd", "a zstd file", "expand it first"),
    (b"BZh", "a bzip2 file", "expand it first"),
    (b"\xfd7zXZ\0", "an xz file", "expand it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z file", "expand it first"),
    (b"Rar!\x1a\x07", "a rar file", "expand it first"),
    (b"\x89PNG", "a picture", "export the table as CSV"),
    (b"\xff\xd8\xff", "a picture", "export the table as CSV"),
];

fn refuse_known_binary(file: &str, bytes: &[u8]) -> Result<()> {
    let refuse = |what: &str, remedy: &str| {
        Err(Error::Format {
            file: file.into(),
            line: None,
            what: format!("is {what}, not a text table"),
            remedy: remedy.into(),
        })
    };
    if let Some((_, what, remedy)) = BINARY.iter().find(|(magic, ..)| bytes.starts_with(magic)) {
        return refuse(what, remedy);
    }
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(256)]).to_lowercase();
    let head = head.trim_start_matches('\u{feff}').trim_start();
    if head.starts_with("<?xml") || head.starts_with("<!doctype html") || head.starts_with("<html")
    {
        return refuse("a web page or XML", "export the table as CSV");
    }
    Ok(())
}

fn refuse_nul(file: &str, text: &str) -> Result<()> {
    let Some(at) = memchr::memchr(0, text.as_bytes()) else { return Ok(()) };
    let line = memchr::memchr_iter(b'\n', &text.as_bytes()[..at]).count() + 1;
    Err(Error::Format {
        file: file.into(),
        line: Some(u32::try_from(line).unwrap_or(u32::MAX)),
        what: "holds a zero byte: the file is binary or damaged".into(),
        remedy: "export it again as CSV UTF-8, or name its --encoding".into(),
    })
}

#[cfg(test)]
mod tests;
