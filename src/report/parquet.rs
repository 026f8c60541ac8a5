//! Tables as Parquet: text columns, but for the score and the two consents, which are typed.
//!
//! Row groups have a fixed number of rows, so that the file is the same for any number of threads.
//! Original columns stay text: their values are those of the input, and a type would alter them.

use super::folder::OutputFolder;
use super::table::{Lines, write_waves};
use crate::error::{Error, Result};
use bytes::Bytes;
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::sync::Arc;

/// Pieces of rows in a row group: 131,072 rows.
const GROUP: usize = 64;

/// Writes a file of `count` rows.
pub(crate) fn write(
    folder: &OutputFolder,
    name: &str,
    headers: &[String],
    count: usize,
    fill: impl Fn(Range<usize>, &mut Lines) + Sync,
) -> Result<()> {
    let failed = |cause: ParquetError| Error::Write {
        file: name.to_string(),
        cause: std::io::Error::other(cause),
    };
    let file = folder.create(name)?;
    let properties =
        Arc::new(WriterProperties::builder().set_compression(Compression::SNAPPY).build());
    let schema = Arc::new(schema(headers).map_err(failed)?);
    let mut file = SerializedFileWriter::new(file, schema, properties).map_err(failed)?;
    let mut waiting: Vec<Piece> = Vec::new();
    write_waves(count, Lines::cells, fill, |parts| {
        for part in parts {
            waiting.push(Piece::new(part));
            if waiting.len() == GROUP {
                write_group(&mut file, headers, &waiting).map_err(std::io::Error::other)?;
                waiting.clear();
            }
        }
        Ok(())
    })
    .map_err(|cause| Error::Write { file: name.to_string(), cause })?;
    if !waiting.is_empty() {
        write_group(&mut file, headers, &waiting).map_err(failed)?;
    }
    let mut file: BufWriter<std::fs::File> = file.into_inner().map_err(failed)?;
    file.flush().map_err(|cause| Error::Write { file: name.to_string(), cause })
}

/// Some rows: the text of their cells and where each ends.
struct Piece {
    text: Bytes,
    ends: Vec<usize>,
}

impl Piece {
    fn new(lines: Lines) -> Self {
        let cells = lines.into_cells();
        Self { text: Bytes::from(cells.text), ends: cells.ends }
    }

    fn cell(&self, at: usize) -> Bytes {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        self.text.slice(start..self.ends[at])
    }

    /// The cells of a column.
    fn column<'a>(&'a self, column: usize, width: usize) -> impl Iterator<Item = Bytes> + 'a {
        (column..self.ends.len()).step_by(width).map(|at| self.cell(at))
    }
}

fn physical(header: &str) -> Physical {
    match header {
        "leadmend_score" => Physical::DOUBLE,
        "leadmend_may_email" | "leadmend_may_phone" => Physical::BOOLEAN,
        _ => Physical::BYTE_ARRAY,
    }
}

fn schema(headers: &[String]) -> std::result::Result<Type, ParquetError> {
    let fields = headers.iter().map(|header| {
        let kind = physical(header);
        let text = (kind == Physical::BYTE_ARRAY).then_some(LogicalType::String);
        let field = Type::primitive_type_builder(header, kind)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(text)
            .build()?;
        Ok(Arc::new(field))
    });
    let fields: Vec<_> = fields.collect::<std::result::Result<_, ParquetError>>()?;
    Type::group_type_builder("leadmend").with_fields(fields).build()
}

fn write_group<W: Write + Send>(
    file: &mut SerializedFileWriter<W>,
    headers: &[String],
    pieces: &[Piece],
) -> std::result::Result<(), ParquetError> {
    let mut group = file.next_row_group()?;
    for (at, header) in headers.iter().enumerate() {
        let Some(mut column) = group.next_column()? else { break };
        let cells = || pieces.iter().flat_map(|piece| piece.column(at, headers.len()));
        write_column(&mut column, header, cells)?;
        column.close()?;
    }
    group.close()?;
    Ok(())
}

fn write_column<I: Iterator<Item = Bytes>>(
    column: &mut SerializedColumnWriter,
    header: &str,
    cells: impl Fn() -> I,
) -> std::result::Result<(), ParquetError> {
    let levels: Vec<i16> = cells().map(|cell| i16::from(!cell.is_empty())).collect();
    let filled = || cells().filter(|cell| !cell.is_empty());
    match physical(header) {
        Physical::DOUBLE => {
            let number = |cell: Bytes| std::str::from_utf8(&cell).ok()?.parse().ok();
            let values: Vec<f64> = filled().map(|cell| number(cell).unwrap_or(f64::NAN)).collect();
            column.typed::<DoubleType>().write_batch(&values, Some(&levels), None)?;
        }
        Physical::BOOLEAN => {
            let values: Vec<bool> = filled().map(|cell| cell == "true").collect();
            column.typed::<BoolType>().write_batch(&values, Some(&levels), None)?;
        }
        _ => {
            let values: Vec<ByteArray> = filled().map(ByteArray::from).collect();
            column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None)?;
        }
    }
    Ok(())
}
