//! Cells of delimited text, from where they stand to columns of value ids.
//!
//! First the rows of all chunks are cut into cells, which are places in the text and nothing more;
//! then each column is put together by one thread from all chunks in their order. So every cell is
//! hashed once, and ids are by first appearance whatever the number of threads.

use super::header::Layout;
use super::record_reader::RecordReader;
use crate::record::{Column, DictionaryBuilder, ValueId};
use rayon::prelude::*;
use std::ops::Range;

/// Cells that were read: where they stand, and nothing else. They are looked up when all rows are
/// known, so that every value is hashed once and goes straight into the dictionary of its column.
#[derive(Default)]
pub(super) struct Cells {
    /// Offset in the text that plain rows count from.
    base: usize,
    /// Cells of rows with quotes, as they read without them.
    unquoted: String,
    /// Where the first cell of each row begins: in `unquoted` where [`UNQUOTED`] is set, else in the
    /// text behind `base`.
    rows: Vec<u32>,
    /// Where each cell ends, row by row; the next one begins a byte later.
    ends: Vec<u32>,
}

/// Marks a row whose cells stand in [`Cells::unquoted`].
const UNQUOTED: u32 = 1 << 31;

/// Offsets stay below this, so that one more row never reaches [`UNQUOTED`].
pub(super) const FAR: usize = 1 << 30;

impl Cells {
    /// Cells of rows from this offset on.
    pub(super) fn at(base: usize) -> Self {
        Self { base, ..Self::default() }
    }

    /// Whether a row that begins at `start` belongs to cells that count from further on.
    pub(super) fn is_full(&self, start: usize, far: usize) -> bool {
        start - self.base > far || self.unquoted.len() > far
    }

    /// Adds the cells of a row of `width` columns. `None` when it is too long for its offsets.
    pub(super) fn add(&mut self, row: &RecordReader, width: usize, joined: bool) -> Option<()> {
        let len = row.len();
        let given = width.min(len);
        let last = if joined { len } else { given };
        let Some(offsets) = row.offsets().filter(|_| !joined) else {
            self.rows.push(u32::try_from(self.unquoted.len()).ok()? | UNQUOTED);
            return self.add_unquoted(row, width, last);
        };
        let start = row.start() - self.base;
        let mark = if strip_bom(row.get(0)).len() < row.get(0).len() { BOM.len() } else { 0 };
        self.rows.push(offset(start + mark)?);
        for &end in &offsets[..given] {
            self.ends.push(offset(end - self.base)?);
        }
        self.fill_up(width - given)
    }

    fn add_unquoted(&mut self, row: &RecordReader, width: usize, last: usize) -> Option<()> {
        for i in 0..last {
            let cell = std::str::from_utf8(row.get(i)).ok()?;
            let cell = if i == 0 { cell.strip_prefix(BOM).unwrap_or(cell) } else { cell };
            self.unquoted.push_str(cell);
            if i + 1 < width || i + 1 == last {
                self.ends.push(offset(self.unquoted.len())?);
            }
            // Takes the place of the delimiter, and is one between the parts of a joined cell.
            self.unquoted.push(row.delimiter());
        }
        self.fill_up(width.saturating_sub(last))
    }

    /// Cells that a row has not: they end where the one before ends, so that they begin behind it.
    fn fill_up(&mut self, missing: usize) -> Option<()> {
        if missing > 0 {
            let end = *self.ends.last()?;
            self.ends.resize(self.ends.len() + missing, end);
        }
        Some(())
    }

    /// The cells of a column in a range of rows.
    fn column<'a>(
        &'a self,
        text: &'a str,
        (column, width): (usize, usize),
        rows: Range<usize>,
    ) -> impl Iterator<Item = &'a str> {
        let plain = &text[self.base..];
        let ends = self.ends[rows.start * width..rows.end * width].chunks_exact(width);
        self.rows[rows].iter().zip(ends).map(move |(&row, ends)| {
            let start = if column == 0 { row & !UNQUOTED } else { ends[column - 1] + 1 } as usize;
            let from = if row & UNQUOTED == 0 { plain } else { &self.unquoted };
            from.get(start..ends[column] as usize).unwrap_or_default()
        })
    }
}

fn offset(at: usize) -> Option<u32> {
    u32::try_from(at).ok().filter(|at| at & UNQUOTED == 0)
}

const BOM: &str = "\u{feff}";

fn strip_bom(cell: &[u8]) -> &[u8] {
    cell.strip_prefix(BOM.as_bytes()).unwrap_or(cell)
}

/// Rows whose cells are looked up at a time: their text is in the cache for all columns of a group.
const BLOCK: usize = 512;

/// Puts the columns together, each by one thread.
pub(super) fn build_columns(
    cells: &[Cells],
    text: &str,
    layout: &Layout,
    records: usize,
) -> Option<Vec<Column>> {
    let width = layout.headers.len();
    let groups = (2 * rayon::current_num_threads()).min(width);
    let built: Vec<Vec<Growing>> = (0..groups)
        .into_par_iter()
        .with_max_len(1)
        .map(|group| {
            // Neighbors are often of one kind, and equally costly: they go to different groups.
            let mut columns: Vec<Growing> =
                (group..width).step_by(groups).map(|at| Growing::new(at, records)).collect();
            for (part, cells) in cells.iter().enumerate() {
                for start in (0..cells.rows.len()).step_by(BLOCK) {
                    let rows = start..cells.rows.len().min(start + BLOCK);
                    for column in &mut columns {
                        let values = cells.column(text, (column.at, width), rows.clone());
                        column.builder.intern_all(values, &mut column.ids)?;
                    }
                }
                if part == 0 {
                    columns.iter_mut().for_each(|column| column.make_room(records));
                }
            }
            Some(columns)
        })
        .collect::<Option<_>>()?;
    let mut columns: Vec<Growing> = built.into_iter().flatten().collect();
    columns.sort_unstable_by_key(|column| column.at);
    let finish = |(column, header): (Growing, &String)| {
        let dictionary = column.builder.finish();
        Column { header: header.clone(), dictionary, ids: column.ids }
    };
    Some(columns.into_iter().zip(&layout.headers).map(finish).collect())
}

/// A column that is being put together.
struct Growing {
    at: usize,
    builder: DictionaryBuilder,
    ids: Vec<ValueId>,
}

impl Growing {
    fn new(at: usize, records: usize) -> Self {
        Self { at, builder: DictionaryBuilder::default(), ids: Vec::with_capacity(records) }
    }

    /// Where nearly every cell so far was new, nearly every later one will be.
    fn make_room(&mut self, records: usize) {
        let (known, seen) = (self.builder.dictionary().len(), self.ids.len());
        if seen < records && known * 4 > seen * 3 {
            let of_all = |part: usize| (part as u64 * records as u64 / seen.max(1) as u64) as usize;
            self.builder.reserve(of_all(known), of_all(self.builder.text_len()));
        }
    }
}
