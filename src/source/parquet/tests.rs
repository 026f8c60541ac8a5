//! Files written in the test: types, nesting, damage.

use super::*;
use crate::record::RecordId;
use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;
use proptest::prelude::*;
use std::sync::Arc;

fn sample() -> Vec<u8> {
    let schema = "message leads {
        REQUIRED INT64 id;
        OPTIONAL BYTE_ARRAY name (UTF8);
        REQUIRED DOUBLE score;
        REQUIRED INT32 born (DATE);
        REQUIRED INT64 seen (TIMESTAMP_MICROS);
        REQUIRED BOOLEAN ok;
        OPTIONAL group place { REQUIRED BYTE_ARRAY city (UTF8); }
    }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let text = |s: &str| ByteArray::from(s);
    for at in 0..7 {
        let mut column = group.next_column().unwrap().unwrap();
        match at {
            0 => column.typed::<Int64Type>().write_batch(&[7, 8], None, None),
            1 => column.typed::<ByteArrayType>().write_batch(&[text("Ana")], Some(&[1, 0]), None),
            2 => column.typed::<DoubleType>().write_batch(&[3.0, 2.5], None, None),
            3 => column.typed::<Int32Type>().write_batch(&[0, 20_000], None, None),
            4 => column.typed::<Int64Type>().write_batch(&[0, 1_500_000], None, None),
            5 => column.typed::<BoolType>().write_batch(&[true, false], None, None),
            _ => column.typed::<ByteArrayType>().write_batch(&[text("Bonn")], Some(&[0, 1]), None),
        }
        .unwrap();
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn values_are_what_a_csv_export_would_say() {
    let parsed = read("a.parquet", sample(), &Limits::USUAL).unwrap();
    let headers: Vec<&str> = parsed.columns.iter().map(|c| c.header.as_str()).collect();
    assert_eq!(headers, ["id", "name", "score", "born", "seen", "ok", "place"]);
    let row = |r| parsed.columns.iter().map(|c| c.get(RecordId(r))).collect::<Vec<_>>();
    assert_eq!(row(0), ["7", "Ana", "3", "1970-01-01", "1970-01-01T00:00:00Z", "true", ""]);
    let second =
        ["8", "", "2.5", "2024-10-04", "1970-01-01T00:00:01.5Z", "false", "{\"city\":\"Bonn\"}"];
    assert_eq!(row(1), second);
}

#[test]
fn claims_beyond_the_size_and_too_many_columns_are_refused() {
    let few = Limits { columns: 6, ..Limits::USUAL };
    assert!(read("a", sample(), &few).unwrap_err().to_string().contains("more than 6 columns"));
    let little = Limits { cells: 10, ..Limits::USUAL };
    assert!(read("a", sample(), &little).is_ok(), "as many cells as bytes can hold are believed");
    assert_eq!(read("a", b"PAR1xxxxPAR1".to_vec(), &Limits::USUAL).unwrap_err().exit_code(), 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn no_damage_makes_it_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), keep in 0.2f64..1.0) {
        let mut bytes = sample();
        for (at, byte) in &changes {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        let _ = read("a", bytes.clone(), &Limits::USUAL);
        bytes.truncate((bytes.len() as f64 * keep) as usize);
        let _ = read("a", bytes, &Limits::USUAL);
    }
}
