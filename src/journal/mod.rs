//! The journal: everything a run was made of, so that it can be checked and undone.
//!
//! `journal.jsonl` is written last into the output folder. It holds the inputs byte for byte, cut at
//! their records, what the run was told, and every merge with its evidence; [`undo`] needs nothing
//! else. Each line is chained to the one before over a *salted digest* of its payload. Why salted:
//! forgetting a person drops payload and salt and keeps the digest, so that the chain stays whole
//! and nobody can find out by trying what was there.
//!
//! | kind | payload |
//! |---|---|
//! | `run` | format, version, clock, configuration, models, and the files in order |
//! | `policy` | what people decided, and the merges the inputs know of |
//! | `bytes` | a piece of an input that is no record |
//! | `record`, `activity` | a piece of an input that is one row, and whose it is |
//! | `merge` | one step: two groups of records become one, and the links that say so |

pub mod decisions;
mod line;
mod merges;
pub mod plan;
mod read;
pub mod setup;
pub mod undo;
mod write;

pub(crate) use crate::source::fingerprint::hex;
pub(crate) use line::Block;
pub use line::{Chain, Line, Link, Salts, Tail};
pub use read::{Journal, MergeStep, RecordEntry};
pub(crate) use write::write;

/// The file in an output folder.
pub const FILE: &str = "journal.jsonl";
/// Version of the format.
pub const FORMAT: u32 = 1;

/// The bytes of a hexadecimal text.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let text = text.as_bytes();
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    let half = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = half(pair[0])? << 4 | half(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests;
