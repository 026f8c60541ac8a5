//! Parquet to rows of text cells, through the format's record reader.
//!
//! Dates and times become ISO 8601, whole numbers digits, nested values JSON. The file's own counts
//! are claims: they are held against its size before a row is read, and the library's panics on
//! damaged pages become errors.

use super::columns::ColumnsBuilder;
use super::limit::{Limits, too_large};
use crate::error::{Error, Result};
use crate::record::Column;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};
use serde_json::Value;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What was read.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// One per column of the file.
    pub columns: Vec<Column>,
    /// Number of each row, from 1.
    pub lines: Vec<u32>,
}

/// Reads all rows.
pub(crate) fn read(file: &str, bytes: Vec<u8>, limits: &Limits) -> Result<Parsed> {
    // The library is told to fear nothing: a damaged page makes it panic now and then.
    let read = catch_unwind(AssertUnwindSafe(|| read_rows(file, bytes, limits)));
    read.unwrap_or_else(|_| Err(damaged(file)))
}

fn read_rows(file: &str, bytes: Vec<u8>, limits: &Limits) -> Result<Parsed> {
    let size = bytes.len();
    let refused = |_| damaged(file);
    let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).map_err(refused)?;
    let about = reader.metadata().file_metadata();
    let fields = about.schema_descr().root_schema().get_fields();
    limits.check_columns(file, fields.len())?;
    let rows = u64::try_from(about.num_rows()).map_err(|_| damaged(file))?;
    if rows.saturating_mul(fields.len() as u64) > limits.cells_of(size)
        || rows >= u64::from(u32::MAX)
    {
        return Err(Error::Compression {
            file: file.into(),
            what: format!("claims {rows} rows, far more than {size} bytes can hold"),
            remedy: "if that is right, split it into several files".into(),
        });
    }
    let mut builder = ColumnsBuilder::default();
    for field in fields {
        builder.add_column(field.name());
    }
    let mut text = String::new();
    for (row, number) in reader.get_row_iter(None).map_err(refused)?.zip(1u32..) {
        if u64::from(number) > rows {
            return Err(damaged(file));
        }
        put_row(&row.map_err(refused)?, &mut builder, &mut text).ok_or_else(|| too_large(file))?;
        builder.end_record(number);
    }
    let (columns, lines) = builder.finish();
    Ok(Parsed { columns, lines })
}

fn put_row(row: &Row, builder: &mut ColumnsBuilder, text: &mut String) -> Option<()> {
    for (at, (_, field)) in row.get_column_iter().enumerate().take(builder.width()) {
        match field {
            Field::Null => {}
            Field::Str(value) => builder.put(at, value)?,
            other => {
                text.clear();
                push_text(other, text);
                builder.put(at, text)?;
            }
        }
    }
    Some(())
}

/// A value as a CSV export would write it.
fn push_text(field: &Field, text: &mut String) {
    use std::fmt::Write as _;
    match field {
        Field::Null => {}
        Field::Str(value) => text.push_str(value),
        Field::Bytes(value) => match std::str::from_utf8(value.data()) {
            Ok(plain) => text.push_str(plain),
            Err(_) => {
                use base64::Engine;
                text.push_str(&base64::engine::general_purpose::STANDARD.encode(value.data()));
            }
        },
        Field::Float(number) => {
            // Writing to a String cannot fail.
            let _ = write!(text, "{number}");
        }
        Field::Double(number) => {
            let _ = write!(text, "{number}");
        }
        Field::Date(days) => {
            push_instant(i64::from(*days).saturating_mul(86_400_000_000), true, text)
        }
        Field::TimestampMillis(millis) => push_instant(millis.saturating_mul(1000), false, text),
        Field::TimestampMicros(micros) => push_instant(*micros, false, text),
        nested @ (Field::Group(_) | Field::ListInternal(_) | Field::MapInternal(_)) => {
            text.push_str(&to_json(nested, 0).to_string());
        }
        other => {
            let _ = write!(text, "{other}");
        }
    }
}

/// Microseconds since 1970 as ISO 8601; beyond the calendar as the number.
fn push_instant(micros: i64, date_only: bool, text: &mut String) {
    match jiff::Timestamp::from_microsecond(micros) {
        Ok(instant) => {
            let instant = instant.to_string();
            let end =
                if date_only { instant.find('T').unwrap_or(instant.len()) } else { instant.len() };
            text.push_str(&instant[..end]);
        }
        Err(_) => text.push_str(&micros.to_string()),
    }
}

fn to_json(field: &Field, depth: usize) -> Value {
    const DEEPEST: usize = 32;
    let plain = |field: &Field| {
        let mut text = String::new();
        push_text(field, &mut text);
        Value::String(text)
    };
    match field {
        Field::Null => Value::Null,
        _ if depth > DEEPEST => Value::Null,
        Field::Bool(value) => Value::Bool(*value),
        Field::Int(value) => (*value).into(),
        Field::Long(value) => (*value).into(),
        Field::Group(row) => row
            .get_column_iter()
            .map(|(name, field)| (name.clone(), to_json(field, depth + 1)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Field::ListInternal(list) => {
            list.elements().iter().map(|field| to_json(field, depth + 1)).collect::<Vec<_>>().into()
        }
        Field::MapInternal(map) => map
            .entries()
            .iter()
            .map(|(key, value)| {
                let mut name = String::new();
                push_text(key, &mut name);
                (name, to_json(value, depth + 1))
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => plain(other),
    }
}

fn damaged(file: &str) -> Error {
    Error::Format {
        file: file.into(),
        line: None,
        what: "the Parquet file is damaged, cut off or packed in a way that is not read".into(),
        remedy: "write it again with snappy, gzip or zstd compression, or export it as CSV".into(),
    }
}

#[cfg(test)]
mod tests;
