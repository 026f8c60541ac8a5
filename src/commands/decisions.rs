//! Decisions of people: an edited `review.csv`.

use super::settings::name_of;
use leadmend::error::Error;
use leadmend::pipeline::UserDecision;
use leadmend::record::{Column, RecordId};
use leadmend::source::{self, RawTable, Source};
use std::path::Path;

/// Reads the decided rows; rows with an empty decision wait on.
pub fn read(path: &Path) -> Result<Vec<UserDecision>, Error> {
    let table = source::read(&Source::new(path))?;
    let (left, right) = (column(&table, "left_id")?, column(&table, "right_id")?);
    let decision = column(&table, "decision")?;
    let mut decided = Vec::new();
    let mut mistakes = Vec::new();
    for row in 0..table.row_count {
        let record = RecordId(row as u32);
        let same = match decision.get(record).trim().to_lowercase().as_str() {
            "" => continue,
            "same" => true,
            "different" => false,
            _ => {
                let line = table.lines.get(row).copied().unwrap_or(0);
                mistakes.push(format!("line {line}: the decision is neither same nor different"));
                continue;
            }
        };
        decided.push(UserDecision { left: id(left, record), right: id(right, record), same });
    }
    if mistakes.is_empty() {
        return Ok(decided);
    }
    Err(Error::Config {
        file: name_of(path),
        mistakes,
        remedy: "write same or different, or leave the cell empty".into(),
    })
}

/// The id as `review.csv` wrote it, without the apostrophe that guards it in spreadsheets.
fn id(column: &Column, record: RecordId) -> String {
    let cell = column.get(record).trim();
    cell.strip_prefix('\'').unwrap_or(cell).to_string()
}

fn column<'a>(table: &'a RawTable, header: &str) -> Result<&'a Column, Error> {
    table.columns.iter().find(|c| c.header == header).ok_or_else(|| Error::Config {
        file: table.info.file.clone(),
        mistakes: vec![format!("no column {header:?}")],
        remedy: "give the review.csv of a run, with its decision column filled in".into(),
    })
}
