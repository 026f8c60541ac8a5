//! Decisions of people as the text of a file: what a run was told, and what the next one is told.

use crate::error::{Error, Result};
use crate::pipeline::UserDecision;
use crate::report::folder::OutputFolder;
use std::io::Write;

/// The file in an output folder; it can be given as `--decisions`.
pub const FILE: &str = "decisions.csv";

/// `left_id, right_id, decision` rows; nothing for none.
pub(crate) fn to_csv<'a>(rows: impl Iterator<Item = (&'a str, &'a str, bool)>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for (at, (left, right, same)) in rows.enumerate() {
        if at == 0 {
            // Writing to a vector cannot fail.
            let _ = writer.write_record(["left_id", "right_id", "decision"]);
        }
        let _ = writer.write_record([left, right, if same { "same" } else { "different" }]);
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

/// Reads what [`to_csv`] wrote.
pub(crate) fn from_csv(text: &str) -> Option<Vec<UserDecision>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let row = |row: csv::Result<csv::StringRecord>| {
        let row = row.ok()?;
        let (left, right) = (row.get(0)?.to_string(), row.get(1)?.to_string());
        Some(UserDecision { left, right, same: row.get(2)? == "same" })
    };
    reader.records().map(row).collect()
}

/// Writes the decisions a run was told, for the next run; no file without any.
pub(crate) fn write(decisions: &[UserDecision], folder: &OutputFolder) -> Result<()> {
    if decisions.is_empty() {
        return Ok(());
    }
    let text = to_csv(decisions.iter().map(|d| (d.left.as_str(), d.right.as_str(), d.same)));
    let failed = |cause| Error::Write { file: FILE.into(), cause };
    let mut file = folder.create(FILE)?;
    file.write_all(text.as_bytes()).and_then(|()| file.flush()).map_err(failed)
}
