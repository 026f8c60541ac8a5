//! Small tables for the tests of this stage.

use crate::record::{Column, DictionaryBuilder, SourceInfo, Table};
use sha2::{Digest, Sha256};

/// A table of one source, in the given order; the first column is the id.
pub(crate) fn table(source: &str, headers: &[&str], rows: &[&[&str]]) -> Table {
    let mut t = Table {
        sources: vec![SourceInfo { name: source.into(), ..Default::default() }],
        ..Default::default()
    };
    for (c, header) in headers.iter().enumerate() {
        let mut dictionary = DictionaryBuilder::default();
        let ids = rows.iter().map(|row| dictionary.intern(row[c]).unwrap()).collect();
        let dictionary = dictionary.finish();
        t.columns.push(Column { header: (*header).into(), dictionary, ids });
    }
    t.id = t.columns[0].clone();
    for (i, row) in rows.iter().enumerate() {
        t.source.push(0);
        t.row.push(i as u32 + 1);
        t.line.push(i as u32 + 2);
        t.occurrence.push(1);
        let digest = Sha256::digest(row.join("\x1f"));
        t.digest.push(digest.iter().take(8).fold(0, |d, &b| d << 8 | u64::from(b)));
    }
    t
}
