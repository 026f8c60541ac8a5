//! How much of an input is believed: limits that keep memory bounded whatever the bytes claim.
//!
//! A file of a few kilobytes can claim billions of cells, and a damaged one can be a single line of
//! gigabytes. Real exports stay far below every limit here; what is beyond is refused or rejected
//! with a reason. Tests lower the limits instead of making large files.

use crate::error::{Error, Result};

/// A rejected row is kept up to this many bytes.
pub(crate) const MAX_RAW: usize = 64 << 10;

/// The limits of one reading.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes of one line of text: a longer one is a reject.
    pub line: usize,
    /// Columns of a table: Excel's own limit, of which real exports use hundreds.
    pub columns: usize,
    /// Bytes a compressed input may expand to, whatever the ratio.
    pub expanded: u64,
    /// Bytes a compressed input may always expand to: below, the ratio says nothing.
    pub always: u64,
    /// Cells a binary container may always hold.
    // Only Parquet makes claims of this kind.
    #[cfg_attr(not(feature = "parquet"), allow(dead_code))]
    pub cells: u64,
}

impl Limits {
    /// The limits of every run.
    pub const USUAL: Self = Self {
        line: 16 << 20,
        columns: 16_384,
        expanded: 64 << 30,
        always: 256 << 20,
        cells: 256 << 20,
    };

    /// What a compressed input of so many bytes may expand to. Text compresses 3 to 30 times, a
    /// file of one repeated byte about 1000 times.
    pub fn expansion(&self, compressed: usize) -> u64 {
        const RATIO: u64 = 500;
        self.expanded.min((compressed as u64).saturating_mul(RATIO).max(self.always))
    }

    /// Cells that so many bytes of a binary container can honestly hold.
    #[cfg_attr(not(feature = "parquet"), allow(dead_code))]
    pub fn cells_of(&self, bytes: usize) -> u64 {
        const A_BYTE: u64 = 200;
        (bytes as u64).saturating_mul(A_BYTE).max(self.cells)
    }

    /// Refuses a table of too many columns.
    pub fn check_columns(&self, file: &str, columns: usize) -> Result<()> {
        if columns <= self.columns {
            return Ok(());
        }
        Err(Error::Format {
            file: file.into(),
            line: None,
            what: format!("has more than {} columns", self.columns),
            remedy: "check the delimiter (--delimiter), or export fewer columns".into(),
        })
    }
}

/// More records or distinct text than a table can hold.
pub(crate) fn too_large(file: &str) -> Error {
    Error::TooLarge {
        file: file.into(),
        what: "more than 4 GiB of distinct text in a column, or 4 billion records".into(),
    }
}
