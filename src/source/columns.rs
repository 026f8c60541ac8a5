//! Columns in the making, for containers whose records name their fields one by one.
//!
//! Delimited text has a reader of its own that works in parallel; everything else (cards, objects,
//! rows of a database) comes record by record and is put together here.

use crate::record::{Column, DictionaryBuilder, ValueId};
use rustc_hash::FxHashMap;

/// A table that grows by records; a column comes into being when it is first named.
#[derive(Default)]
pub(crate) struct ColumnsBuilder {
    places: FxHashMap<String, usize>,
    columns: Vec<Growing>,
    lines: Vec<u32>,
}

struct Growing {
    header: String,
    builder: DictionaryBuilder,
    ids: Vec<ValueId>,
}

impl ColumnsBuilder {
    /// The column of a header, added when it is new.
    pub fn column(&mut self, header: &str) -> usize {
        if let Some(&at) = self.places.get(header) {
            return at;
        }
        self.places.insert(header.to_string(), self.columns.len());
        self.add_column(header)
    }

    /// A further column, whatever its header.
    pub fn add_column(&mut self, header: &str) -> usize {
        let (builder, ids) = (DictionaryBuilder::default(), Vec::new());
        self.columns.push(Growing { header: header.trim().to_string(), builder, ids });
        self.columns.len() - 1
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// Number of finished records.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Sets a cell of the record at hand; the first value of a column counts. `None` when a
    /// dictionary is full.
    pub fn put(&mut self, at: usize, text: &str) -> Option<()> {
        let records = self.lines.len();
        let column = &mut self.columns[at];
        if column.ids.len() > records {
            return Some(());
        }
        // A zero byte ends cells in digests: no cell holds one.
        let id = match text.contains('\0') {
            true => column.builder.intern(&text.replace('\0', "\u{fffd}"))?,
            false => column.builder.intern(text)?,
        };
        column.ids.resize(records, ValueId::MISSING);
        column.ids.push(id);
        Some(())
    }

    /// Ends the record at hand, which begins on `line`.
    pub fn end_record(&mut self, line: u32) {
        self.lines.push(line);
    }

    /// The columns, and the line of each record.
    pub fn finish(self) -> (Vec<Column>, Vec<u32>) {
        let records = self.lines.len();
        let finish = |column: Growing| {
            let Growing { header, builder, mut ids } = column;
            ids.resize(records, ValueId::MISSING);
            Column { header, dictionary: builder.finish(), ids }
        };
        (self.columns.into_iter().map(finish).collect(), self.lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RecordId;

    #[test]
    fn columns_that_come_late_are_missing_before_and_the_first_value_counts() {
        let mut table = ColumnsBuilder::default();
        let a = table.column("a");
        table.put(a, "1").unwrap();
        table.put(a, "2").unwrap();
        table.end_record(1);
        table.end_record(2);
        let b = table.column("b");
        assert_eq!(table.column("a"), a);
        table.put(b, "x\0y").unwrap();
        table.end_record(5);
        let (columns, lines) = table.finish();
        let cells = |r| columns.iter().map(|c| c.get(RecordId(r))).collect::<Vec<_>>();
        assert_eq!([cells(0), cells(1), cells(2)], [["1", ""], ["", ""], ["", "x\u{fffd}y"]]);
        assert_eq!(lines, [1, 2, 5]);
    }
}
