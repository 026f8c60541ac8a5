//! The bytes an input was read from: what they hash to, and where each record stands in them.
//!
//! The journal writes the originals down after the work is done, so that a run can be undone from
//! its output folder alone. They are read again then and held against the hash taken here: a file
//! that has changed in between is an error and never a wrong value.

use super::Source;
use crate::error::{Error, Result};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;

/// Behind the bytes, where a hash is to be known only to who has them.
const SECRET: &[u8] = b"leadmend-salt-input-1";

/// A stretch of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Offset of its first byte.
    pub start: u64,
    /// Number of bytes.
    pub len: u64,
}

impl Span {
    /// Offset behind its last byte.
    pub fn end(self) -> u64 {
        self.start + self.len
    }
}

/// The bytes of one input.
#[derive(Debug, Clone, Default)]
pub struct Original {
    /// Number of bytes; 0: they were never taken as a whole (a database).
    pub bytes: u64,
    /// Their SHA-256.
    pub sha256: [u8; 32],
    /// SHA-256 of them and [`SECRET`]: nobody can tell it who does not have them, their own SHA-256
    /// included. Never written.
    pub(crate) secret: [u8; 32],
    /// Where each record stands, with its line end, in the order of the rows; empty when the file
    /// cannot be cut at records (compressed, UTF-16, a workbook).
    pub spans: Vec<Span>,
    /// The bytes themselves, when they cannot be read again.
    pub(crate) kept: Option<Arc<Vec<u8>>>,
    /// They stand in this file without a name, when they came from a server.
    pub(crate) spilled: Option<Arc<std::fs::File>>,
}

impl Original {
    /// Takes the hash of what was read.
    pub fn of(source: &Source, bytes: &[u8]) -> Self {
        let kept = match &source.content {
            Some(content) => Some(Arc::clone(content)),
            None => source.is_stdin().then(|| Arc::new(bytes.to_vec())),
        };
        let (sha256, secret) = Self::hashes(Sha256::new_with_prefix(bytes));
        Self { bytes: bytes.len() as u64, sha256, secret, kept, ..Self::default() }
    }

    /// The hash of bytes that were all taken, and the one that only who has them can tell.
    pub(crate) fn hashes(mut hasher: Sha256) -> ([u8; 32], [u8; 32]) {
        let sha256 = hasher.clone().finalize().into();
        hasher.update(SECRET);
        (sha256, hasher.finalize().into())
    }

    /// Takes the hash of the file itself, when a reader of its own has read it in pieces.
    ///
    /// # Errors
    /// [`Error::Read`].
    pub(crate) fn complete(&mut self, source: &Source) -> Result<()> {
        if self.sha256 != [0; 32] || !source.path.is_file() {
            return Ok(());
        }
        let read = std::fs::read(&source.path);
        let bytes = read.map_err(|cause| Error::Read { file: source.file_name(), cause })?;
        *self = Self { spans: std::mem::take(&mut self.spans), ..Self::of(source, &bytes) };
        Ok(())
    }

    /// Opens the bytes again, to be read once more from the first to the last.
    ///
    /// # Errors
    /// [`Error::Read`] when the file is gone.
    pub(crate) fn open_again(&self, source: &Source) -> Result<Again> {
        let file = source.file_name();
        let opened = match (&self.kept, &self.spilled) {
            (Some(kept), _) => Ok(Box::new(Cursor::new(KeptBytes(Arc::clone(kept)))) as Bytes),
            (_, Some(spilled)) => from_start(spilled).map(|file| Box::new(file) as Bytes),
            _ if self.sha256 == [0; 32] => Ok(Box::new(io::empty()) as Bytes),
            _ => File::open(&source.path).map(|file| Box::new(file) as Bytes),
        };
        let from = opened.map_err(|cause| Error::Read { file: file.clone(), cause })?;
        // What is kept cannot change, and what is no file has nothing to be held against.
        let expected = (self.kept.is_none() && self.sha256 != [0; 32]).then_some(self.sha256);
        Ok(Again { from, file, hasher: Sha256::new(), expected })
    }
}

/// Where bytes come from.
type Bytes = Box<dyn Read + Send>;

fn from_start(spilled: &File) -> io::Result<File> {
    let mut file = spilled.try_clone()?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

struct KeptBytes(Arc<Vec<u8>>);

impl AsRef<[u8]> for KeptBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// An input that is read again, piece by piece.
pub(crate) struct Again {
    from: Bytes,
    file: String,
    hasher: Sha256,
    /// What all pieces together must hash to.
    expected: Option<[u8; 32]>,
}

impl Again {
    /// The next so many bytes.
    ///
    /// # Errors
    /// [`Error::Read`], and [`Error::Changed`] when there are fewer.
    pub fn take(&mut self, length: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(length as usize);
        let read = self.from.by_ref().take(length).read_to_end(&mut bytes);
        read.map_err(|cause| Error::Read { file: self.file.clone(), cause })?;
        if bytes.len() as u64 != length {
            return Err(self.changed());
        }
        if self.expected.is_some() {
            self.hasher.update(&bytes);
        }
        Ok(bytes)
    }

    /// Holds what was taken against what was read the first time.
    ///
    /// # Errors
    /// [`Error::Changed`] when it is another file.
    pub fn end(mut self) -> Result<()> {
        let Some(expected) = self.expected else { return Ok(()) };
        let more = self.from.read(&mut [0]);
        let more = more.map_err(|cause| Error::Read { file: self.file.clone(), cause })?;
        match more == 0 && expected == <[u8; 32]>::from(self.hasher.clone().finalize()) {
            true => Ok(()),
            false => Err(self.changed()),
        }
    }

    fn changed(&self) -> Error {
        let what = "has changed since it was read".into();
        let remedy = "leave it alone while it is read, and run again";
        Error::Changed { file: self.file.clone(), what, remedy }
    }
}

/// Places in the decoded text as places in the file; empty when they cannot be told. `changed`: the
/// text is not the file's own bytes.
pub(crate) fn in_file(
    bytes: &[u8],
    text: &str,
    changed: bool,
    encoding: &str,
    mut spans: Vec<Span>,
) -> Vec<Span> {
    if !changed {
        // Decoding only took a byte order mark off.
        let mark = (bytes.len() - text.len()) as u64;
        spans.iter_mut().for_each(|span| span.start += mark);
        return spans;
    }
    if encoding.starts_with("UTF-16") || encoding.starts_with("UTF-32") {
        return Vec::new();
    }
    by_line(bytes, text.as_bytes(), spans).unwrap_or_default()
}

/// Every other encoding that is read keeps its line ends, so that lines correspond one to one.
/// `None` when a record does not begin and end with a line.
fn by_line(bytes: &[u8], text: &[u8], spans: Vec<Span>) -> Option<Vec<Span>> {
    let mark = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let (from, to) = (line_starts(text, 0), line_starts(bytes, mark));
    let place = |at: u64| from.binary_search(&at).ok().map(|line| to[line]);
    let moved = |span: Span| {
        let (start, end) = (place(span.start)?, place(span.end())?);
        Some(Span { start, len: end - start })
    };
    if from.len() != to.len() {
        return None;
    }
    spans.into_iter().map(moved).collect()
}

fn line_starts(bytes: &[u8], first: u64) -> Vec<u64> {
    let mut starts = vec![first];
    starts.extend(memchr::memchr_iter(b'\n', bytes).map(|end| end as u64 + 1));
    if bytes.last().is_some_and(|&b| b != b'\n') {
        starts.push(bytes.len() as u64);
    }
    starts
}
