//! Inputs made to break a reader: each ends in a table or a clear refusal, within bounds.

use super::super::*;
use proptest::prelude::*;

const LITTLE: Limits = Limits { line: 1_000, columns: 50, always: 20_000, ..Limits::USUAL };

fn read_little(bytes: Vec<u8>) -> Result<RawTable> {
    read_within(&Source::new("hostile.csv"), bytes.into(), &LITTLE)
}

#[test]
fn what_is_beyond_all_bounds_is_refused_with_the_reason() {
    let commas = |n: usize| format!("{}\n", ",".repeat(n));
    let wide: String = (0..60).map(|i| format!("header {i},")).collect();
    let deep = format!("{}1{}", "{\"a\":".repeat(500), "}".repeat(500));
    let cases = [
        ("a".repeat(5_000), "no row in lines", "one line"),
        ("\"".repeat(5_000), "no row in lines", "quotes only"),
        (commas(5_000), "no row in lines", "a line of empty fields"),
        (commas(500).repeat(5), "the file is empty", "empty columns"),
        (format!("{wide}\n{}\n", "1,".repeat(60)), "more than 50 columns", "too wide"),
        (deep, "one JSON document", "deep JSON"),
        ("id,email\n1,a\0@x.example\n".into(), "zero byte", "a zero byte"),
        ("\u{feff}\u{feff}\n\n\r\r".into(), "the file is empty", "marks and line ends"),
    ];
    for (text, expected, why) in cases {
        let error = read_little(text.into_bytes()).unwrap_err();
        assert!(error.to_string().contains(expected), "{why}: {error}");
        assert_eq!(error.exit_code(), 3, "{why}");
    }
}

#[test]
fn a_row_beyond_bounds_is_a_reject_and_the_rest_is_read() {
    let cases = [
        ("x".repeat(2_000), "longer than 1000 bytes"),
        (",".repeat(900), ""),
        (format!("9{}", ",x".repeat(400)), "401 fields, header has 2 (unquoted delimiter?)"),
        (format!("9,\"{}", "x".repeat(990)), "a quote is opened and never closed"),
    ];
    for (row, reason) in cases {
        let text = format!("id,email\n1,a@x.example\n{row}\n2,b@x.example\n");
        let table = read_little(text.into_bytes()).unwrap();
        let fits =
            table.row_count == 2 + usize::from(table.info.notes.join(" ").contains("unclosed"));
        assert!(fits, "{reason}: {:?}", table.info.notes);
        match table.rejects.as_slice() {
            [] => assert!(reason.is_empty() || reason.contains("quote"), "{reason}"),
            [reject] => assert_eq!((reject.line, reject.reason.as_str()), (3, reason)),
            more => panic!("{more:?}"),
        }
    }
}

#[test]
fn rejects_of_a_file_beyond_hope_are_counted_and_not_kept() {
    let rows = "1,a@x.example,surplus,cells\n".repeat(10_000);
    let bytes = format!("id,email\n1,a@x.example\n{rows}").into_bytes();
    let source = Source { reject_rate: Some(0.05), ..Source::new("other.csv") };
    let table = read_bytes(&source, bytes.clone()).unwrap();
    assert_eq!(table.info.rejected, 10_000);
    assert!(table.rejects.len() < 600, "{}", table.rejects.len());
    assert_eq!(table.rejects[0].line, 3);
    assert_eq!(read_bytes(&Source::new("other.csv"), bytes).unwrap().rejects.len(), 10_000);
}

#[test]
fn lines_may_end_with_a_carriage_return_alone() {
    let text: String = (0..20_000).map(|i| format!("{i},\"a{i}@x.example\"\r")).collect();
    let table = read_bytes(&Source::new("mac.csv"), format!("id,email\r{text}").into()).unwrap();
    assert_eq!((table.row_count, table.rejects.len()), (20_000, 0));
}

#[test]
fn a_compressed_database_is_read_and_a_bomb_is_not() {
    use std::io::Write;
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Default::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let error = read_little(gzip(&vec![b'a'; 5_000_000])).unwrap_err();
    assert_eq!((error.exit_code(), error.to_string().contains("expands to more")), (3, true));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("crm.db");
    let sql = "CREATE TABLE leads (id, email); INSERT INTO leads VALUES (1, 'a@x.example')";
    rusqlite::Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    let plain = read(&Source::new(&path)).unwrap();
    let packed = dir.path().join("crm.db.gz");
    std::fs::write(&packed, gzip(&std::fs::read(&path).unwrap())).unwrap();
    let unpacked = read(&Source::new(&packed)).unwrap();
    assert_eq!(unpacked.row_count, 1);
    assert_eq!(unpacked.info.fingerprint, plain.info.fingerprint, "rows, not bytes");
    assert_eq!(fingerprint::of_file(&Source::new(&packed)).unwrap(), plain.info.fingerprint);
    assert_eq!(
        (plain.info.container, plain.info.table.as_deref()),
        (Container::Sqlite, Some("leads"))
    );
}

#[test]
fn a_table_is_named_only_where_there_are_several() {
    let source = Source::parse("leads.csv#may".as_ref(), Purpose::Leads).unwrap();
    let error = read_bytes(&source, b"id,email\n1,a@x.example\n".to_vec()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "leads.csv holds one table, so #may names nothing; give leads.csv alone"
    );
}

#[cfg(not(feature = "excel"))]
#[test]
fn without_its_feature_a_workbook_is_refused_with_the_remedy() {
    let book = archive::tests::zip(&[("xl/workbook.xml", b"<workbook/>")]);
    let error = read_bytes(&Source::new("fair.xlsx"), book).unwrap_err();
    assert_eq!(error.exit_code(), 3);
    assert!(error.to_string().contains("--features excel"), "{error}");
}

#[cfg(not(feature = "parquet"))]
#[test]
fn without_its_feature_parquet_is_refused_with_the_remedy() {
    let error = read_bytes(&Source::new("leads.parquet"), b"PAR1xxxxPAR1".to_vec()).unwrap_err();
    assert!(error.to_string().contains("--features parquet"), "{error}");
}

proptest! {
    /// Whatever follows the first bytes of a container, the result is a table or an error.
    #[test]
    fn no_container_makes_it_panic(
        start in prop::sample::select(vec![
            &b"PK\x03\x04"[..], b"PAR1", b"\xd0\xcf\x11\xe0", b"BEGIN:VCARD\n", b"dn: a=b\n",
            b"\x1f\x8b\x08", b"{\"a\":", b"\xff\xfe", b"\xff\xfe\0\0", b"SQLite format 3\0",
        ]),
        tail in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let _ = read_little([start, &tail].concat());
    }

    /// Low limits bound what is read, and nothing else changes.
    #[test]
    fn lines_beyond_the_limit_never_become_records(text in "[ab,\"\n\r]{0,200}", line in 1usize..12) {
        let limits = Limits { line, ..Limits::USUAL };
        if let Ok(table) = read_within(&Source::new("any.csv"), text.into_bytes().into(), &limits) {
            prop_assert!(table.columns.iter().all(|c| c.ids.len() == table.row_count));
        }
    }
}
