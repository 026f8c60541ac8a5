//! Reading ugly files as a whole, and the parallel reader against the sequential one.

mod hostile;

use super::*;
use crate::record::RecordId;
use proptest::prelude::*;

fn ugly(name: &str) -> Result<RawTable> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/ugly");
    read(&Source::new(format!("{folder}/{name}")))
}

fn row(table: &RawTable, record: u32) -> Vec<&str> {
    table.columns.iter().map(|column| column.get(RecordId(record))).collect()
}

#[test]
fn ugly_files_are_read_and_what_was_odd_is_said() {
    // file, records, encoding, delimiter, lines, first row, a note
    type Case<'a> = (&'a str, usize, &'a str, char, &'a [u32], &'a [&'a str], &'a str);
    let cases: [Case; 9] = [
        (
            "preamble_footer.csv",
            2,
            "UTF-8",
            ',',
            &[5, 6],
            &["A1", "Ana", "Ruiz", "ana@x.example"],
            "dropped 2 lines below",
        ),
        ("utf16le_tab.txt", 2, "UTF-16LE", '\t', &[2, 3], &["1", "José", "jose@x.example"], ""),
        (
            "windows1252.csv",
            3,
            "windows-1252",
            ',',
            &[2, 3, 4],
            &["1", "José Núñez", "Málaga"],
            "guessed",
        ),
        ("semicolon_bom.csv", 2, "UTF-8", ';', &[2, 3], &["1", "Ruiz, Ana", "1,50"], ""),
        (
            "quoted_newlines.csv",
            2,
            "UTF-8",
            ',',
            &[2, 5],
            &["1", "met at the fair\r\ncall \"Ana\", not Juan", "ana@x.example"],
            "",
        ),
        (
            "stray_quotes.csv",
            4,
            "UTF-8",
            ',',
            &[2, 3, 4, 6],
            &["1", "5\" pipe", "ana@x.example"],
            "1 rows with an unclosed quote",
        ),
        (
            "no_header.csv",
            2,
            "UTF-8",
            ',',
            &[1, 2],
            &["Ana Ruiz", "ana@x.example", "2024-01-02"],
            "no header row",
        ),
        ("sep_line.csv", 1, "UTF-8", ';', &[3], &["1", "ana@x.example"], ""),
        (
            "row_names.csv",
            3,
            "UTF-8",
            ',',
            &[2, 3, 4],
            &["1", "ana@x.example", "Bonn"],
            "leading row name",
        ),
    ];
    for (name, records, encoding, delimiter, lines, first, note) in cases {
        let table = ugly(name).unwrap();
        assert_eq!(table.row_count, records, "{name}");
        assert_eq!(table.info.encoding, encoding, "{name}");
        assert_eq!(table.info.delimiter, Some(delimiter), "{name}");
        assert_eq!(table.lines, lines, "{name}");
        assert_eq!(row(&table, 0), first, "{name}");
        assert!(table.info.notes.join("\n").contains(note), "{name}: {:?}", table.info.notes);
        assert_eq!(table.info.fingerprint.len(), 32);
    }
}

#[test]
fn rows_that_do_not_fit_are_rejected_with_line_and_reason() {
    let table = ugly("ragged.csv").unwrap();
    assert_eq!(table.lines, [2, 3, 5, 7, 8]);
    assert_eq!(row(&table, 1), ["2", "Juan", "juan@x.example", "", ""], "only empty columns miss");
    let rejects: Vec<(u32, &str)> =
        table.rejects.iter().map(|r| (r.line, r.reason.as_str())).collect();
    assert_eq!(
        rejects,
        [
            (4, "2 fields, header has 5 (unquoted line break?)"),
            (6, "6 fields, header has 5 (unquoted delimiter?)"),
        ]
    );
    assert_eq!(table.rejects[0].raw, "3,Eva");
    let stray = ugly("stray_quotes.csv").unwrap();
    assert_eq!(stray.rejects[0].reason, "a quote is opened and never closed");
    assert_eq!(stray.rejects[0].line, 5);
    assert_eq!(row(&stray, 1)[1], "\"open and never closed", "fits as it stands");

    let mut source = Source::new("ragged.csv");
    source.flexible = true;
    let table = read_bytes(&source, b"id,a,b\n1,x,y,z\n2,x\n".to_vec()).unwrap();
    assert_eq!(row(&table, 0), ["1", "x", "y,z"], "nothing is lost");
    assert_eq!(row(&table, 1), ["2", "x", ""]);
    assert!(table.rejects.is_empty());
}

#[test]
fn what_cannot_be_read_says_why() {
    let cases = [
        ("empty.csv", "empty.csv: the file is empty"),
        ("header_only.csv", "header_only.csv line 1: a header and no record"),
        ("binary.csv", "binary.csv line 3: holds a zero byte"),
        ("missing.csv", "missing.csv: no such file"),
    ];
    for (name, expected) in cases {
        let error = ugly(name).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
        assert_eq!(error.exit_code(), 3);
    }
}

#[test]
fn names_of_sources_come_from_user_preset_or_file() {
    let plain = b"id,email\n1,a@x.example\n".to_vec();
    let linkedin =
        b"First Name,Last Name,Company,Position,Connected On\nAna,Ruiz,X,CEO,12 Mar 2025\n"
            .to_vec();
    let name =
        |source: &Source, bytes: &[u8]| read_bytes(source, bytes.to_vec()).unwrap().info.name;
    assert_eq!(name(&Source::new("in/spring.csv.gz"), &plain), "spring");
    assert_eq!(name(&Source::new("c.csv"), &linkedin), "linkedin-connections");
    let named = Source { name: Some("fair".into()), ..Source::new("c.csv") };
    assert_eq!(name(&named, &linkedin), "fair");
}

#[test]
fn json_lines_are_read_and_a_json_document_refused() {
    let lines = b"{\"id\":\"1\",\"email\":\"a@x.example\"}\n{\"id\":\"2\"}\n".to_vec();
    let table = read_bytes(&Source::new("a.jsonl"), lines).unwrap();
    assert_eq!((table.row_count, table.info.delimiter), (2, None));
    assert_eq!(row(&table, 0), ["1", "a@x.example"]);
    let prose = "Permission is hereby granted to any person who obtains a copy of this software and of the \
                 files that come with it to do with them whatever they like\n\nThe above notice shall be \
                 included in all copies\nwithout restriction of any kind, whatever it is\n";
    let error = read_bytes(&Source::new("license.txt"), prose.into()).unwrap_err();
    assert!(error.to_string().contains("prose"), "{error}");
    let note =
        "The sample cards in this folder come from another project\n\nJohn_Doe_A.vcf\nB.vcf\n";
    let error = read_bytes(&Source::new("note.txt"), note.into()).unwrap_err();
    assert!(error.to_string().contains("prose"), "{error}");
    let streets = "Av. Insurgentes Sur 1602 Piso 3 Col. Credito Constructor\nAv. Juarez 20 Centro\n\
                   Calle 5 de Mayo 10 Despacho 3 Col. Centro\nReforma 222\n";
    assert!(read_bytes(&Source::new("list.txt"), streets.into()).is_ok(), "streets are no prose");
    for document in ["[{\"id\":1}]", "{\n \"rows\": []\n}"] {
        let error = read_bytes(&Source::new("a.json"), document.into()).unwrap_err();
        assert!(error.to_string().contains("one JSON document"), "{error}");
    }
}

#[test]
fn a_compressed_file_reads_as_its_content() {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(b"id,email\n1,a@x.example\n").unwrap();
    let table = read_bytes(&Source::new("a.csv.gz"), encoder.finish().unwrap()).unwrap();
    assert_eq!(row(&table, 0), ["1", "a@x.example"]);
    assert_eq!(table.info.notes, ["expanded from gzip"]);
    assert_eq!(table.info.name, "a");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let rows = (0..4000).map(|i| format!("{},\"v{}\nw\"\n", i % 1700, i * 7919 % 900));
    let text: String = rows.collect();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| contents(&parse_in(&text, 997)))
    };
    let one = with(1);
    assert_eq!(one, with(2));
    assert_eq!(one, with(5));
}

#[test]
fn odd_cells_read_the_same_with_and_without_quotes() {
    let layout = header::Layout {
        headers: vec!["a".into(), "b".into(), "c".into()],
        header_line: None,
        body: 0,
        body_line: 1,
        pad_from: 1,
        notes: vec![],
    };
    let text =
        "\u{feff}1,2,3\n\u{feff}\"1\",2,3\n1,2,3,4,5\n1,2,\"3\",\"4,\"\n1\n\"1\",2\n1,2,3,,\n";
    for far in [0, 20, 1 << 20] {
        let usual = csv::Rules::new(b',', true, &Limits::USUAL);
        let parsed = csv::parse(text, &layout, &csv::Rules { far, ..usual }).unwrap();
        let row = |r| parsed.columns.iter().map(|c| c.get(RecordId(r))).collect::<Vec<_>>();
        let rows: Vec<_> = (0..parsed.lines.len() as u32).map(row).collect();
        let expected = [
            ["1", "2", "3"],
            ["1", "2", "3"],
            ["1", "2", "3,4,5"],
            ["1", "2", "3,4,"],
            ["1", "", ""],
            ["1", "2", ""],
            ["1", "2", "3"],
        ];
        assert_eq!(rows, expected, "{far}");
    }
}

/// Reads `text` with chunks of a given size.
fn parse_in(text: &str, chunk: usize) -> csv::Parsed {
    parse_at(text, chunk, None)
}

/// The same, when more than a share of rejects makes the file useless.
fn parse_at(text: &str, chunk: usize, reject_rate: Option<f64>) -> csv::Parsed {
    let layout = header::Layout {
        headers: vec!["a".into(), "b".into()],
        header_line: None,
        body: 0,
        body_line: 1,
        pad_from: 2,
        notes: vec![],
    };
    let usual = csv::Rules::new(b',', false, &Limits::USUAL);
    csv::parse(text, &layout, &csv::Rules { chunk, far: chunk, reject_rate, ..usual }).unwrap()
}

fn contents(parsed: &csv::Parsed) -> (Vec<Vec<u32>>, Vec<Vec<String>>) {
    let ids = parsed.columns.iter().map(|c| c.ids.iter().map(|id| id.0).collect()).collect();
    let values = |c: &Column| c.dictionary.iter().map(str::to_string).collect();
    (ids, parsed.columns.iter().map(values).collect())
}

proptest! {
    /// Whatever quotes and line ends do, small chunks give what one chunk gives.
    #[test]
    fn chunks_do_not_change_the_result(text in "[ab,\"\n\r]{0,300}", chunk in 1usize..40) {
        let (whole, cut) = (parse_in(&text, usize::MAX), parse_in(&text, chunk));
        prop_assert_eq!(contents(&whole), contents(&cut));
        prop_assert_eq!(&whole.lines, &cut.lines);
        prop_assert_eq!(&whole.rejects, &cut.rejects);
        prop_assert_eq!((whole.blank, whole.padded, whole.trimmed), (cut.blank, cut.padded, cut.trimmed));
    }

    /// A bound on rejects counts the same rows, and changes nothing while it is not exceeded.
    #[test]
    fn a_reject_rate_loses_no_row(text in "[ab,\"\n\r]{0,300}", chunk in 1usize..40, rate in 0.0..1.0f64) {
        let (all, some) = (parse_in(&text, chunk), parse_at(&text, chunk, Some(rate)));
        let rejected = all.rejects.len() as u64;
        prop_assert_eq!(contents(&all), contents(&some));
        prop_assert_eq!(some.rejects.len() as u64 + some.dropped, rejected);
        prop_assert_eq!(some.rejects.first(), all.rejects.first());
        if rejected as f64 <= rate * (rejected as f64 + all.lines.len() as f64) {
            prop_assert_eq!(some.rejects, all.rejects);
        }
    }

    /// Well-formed text reads as the csv crate reads it.
    #[test]
    fn chunks_equal_the_csv_crate(
        rows in prop::collection::vec(("[a-c,\"\n é]{1,6}", "[a-c,\"\r\n]{0,6}"), 1..40),
        chunk in 1usize..60,
    ) {
        let rows: Vec<_> = rows.into_iter().filter(|(a, _)| !a.trim().is_empty()).collect();
        let mut writer = ::csv::WriterBuilder::new().from_writer(Vec::new());
        for (a, b) in &rows {
            writer.write_record([a, b]).unwrap();
        }
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let parsed = parse_in(&text, chunk);
        prop_assert_eq!(parsed.lines.len(), rows.len());
        for (i, (a, b)) in rows.iter().enumerate() {
            let record = RecordId(i as u32);
            prop_assert_eq!(parsed.columns[0].get(record), a.as_str());
            prop_assert_eq!(parsed.columns[1].get(record), b.as_str());
        }
    }

    /// Any bytes give a table or an error.
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read_bytes(&Source::new("any.csv"), bytes);
    }

    /// Any text of table signs gives a table or an error, and so does detecting its columns.
    #[test]
    fn no_table_makes_it_panic(text in "([a-z0-9@.]{0,5}[,;\t|\"\n\r ]{1,2}){0,60}") {
        if let Ok(table) = read_bytes(&Source::new("any.csv"), text.into_bytes()) {
            prop_assert!(table.columns.iter().all(|c| c.ids.len() == table.row_count));
            let schema = crate::schema::detect(&table, &Default::default());
            prop_assert!(crate::schema::unite(vec![(table, schema)]).is_some());
        }
    }
}
