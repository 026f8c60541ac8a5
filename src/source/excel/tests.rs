//! Workbooks made in the test: sheets, dates, phone numbers, damage.

use super::super::archive::tests::zip;
use super::*;
use crate::record::RecordId;
use crate::source::{RawTable, read_bytes};
use proptest::prelude::*;

/// A workbook of sheets given as rows of XML cells.
fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    let mut list = String::new();
    let mut relations = String::new();
    let mut types = String::new();
    let mut entries: Vec<(String, String)> = Vec::new();
    for (i, (name, rows)) in sheets.iter().enumerate() {
        let n = i + 1;
        list += &format!("<sheet name=\"{name}\" sheetId=\"{n}\" r:id=\"r{n}\"/>");
        relations += &format!(
            "<Relationship Id=\"r{n}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/s{n}.xml\"/>"
        );
        types += &format!(
            "<Override PartName=\"/xl/worksheets/s{n}.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>"
        );
        let sheet = format!(
            "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{rows}</sheetData></worksheet>"
        );
        entries.push((format!("xl/worksheets/s{n}.xml"), sheet));
    }
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    entries.push(("[Content_Types].xml".into(), format!("<Types xmlns=\"{package}/content-types\"><Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>{types}</Types>")));
    entries.push(("_rels/.rels".into(), format!("<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>")));
    entries.push((
        "xl/workbook.xml".into(),
        format!(
            "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets>{list}</sheets></workbook>"
        ),
    ));
    entries.push(("xl/_rels/workbook.xml.rels".into(), format!("<Relationships xmlns=\"{package}/relationships\">{relations}<Relationship Id=\"rs\" Type=\"{office}/styles\" Target=\"styles.xml\"/></Relationships>")));
    entries.push(("xl/styles.xml".into(), format!("<styleSheet xmlns=\"{main}\"><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>")));
    let entries: Vec<(&str, &[u8])> =
        entries.iter().map(|(n, c)| (n.as_str(), c.as_bytes())).collect();
    zip(&entries)
}

fn text(place: &str, text: &str) -> String {
    format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

fn leads() -> String {
    let title = format!("<row r=\"1\">{}</row>", text("A1", "Spring fair, all leads"));
    let header: String = [
        ("A3", "Id"),
        ("B3", "First Name"),
        ("C3", "Email"),
        ("D3", "Phone"),
        ("E3", "Created Date"),
    ]
    .iter()
    .map(|(p, t)| text(p, t))
    .collect();
    let first = format!(
        "<c r=\"A4\"><v>7</v></c>{}{}<c r=\"D4\"><v>523312345678</v></c><c r=\"E4\" s=\"1\"><v>45943.5</v></c>",
        text("B4", "Ana, \"la\"\nde"),
        text("C4", "ana@x.example")
    );
    let second = format!(
        "<c r=\"A6\"><v>8.5</v></c>{}<c r=\"E6\" s=\"1\"><v>45943</v></c>",
        text("B6", "Bo")
    );
    format!(
        "{title}<row r=\"3\">{header}</row><row r=\"4\">{first}</row><row r=\"6\">{second}</row>"
    )
}

fn read_workbook(name: &str, bytes: Vec<u8>) -> Result<RawTable> {
    read_bytes(&Source::parse(name.as_ref(), Default::default()).unwrap(), bytes)
}

#[test]
fn the_first_sheet_with_a_table_is_read_as_a_csv_would_be() {
    let note = format!("<row r=\"1\">{}</row>", text("A1", "made by hand"));
    let book = workbook(&[("Cover", &note), ("Leads", &leads()), ("Old", &leads())]);
    let table = read_workbook("fair.xlsx", book).unwrap();
    let headers: Vec<&str> = table.columns.iter().map(|c| c.header.as_str()).collect();
    assert_eq!(headers, ["Id", "First Name", "Email", "Phone", "Created Date"]);
    let row = |r| table.columns.iter().map(|c| c.get(RecordId(r))).collect::<Vec<_>>();
    let ana = ["7", "Ana, \"la\"\nde", "ana@x.example", "523312345678", "2025-10-13T12:00:00"];
    assert_eq!(row(0), ana);
    assert_eq!(row(1), ["8.5", "Bo", "", "", "2025-10-13"]);
    assert_eq!(table.lines, [4, 6], "rows of the sheet");
    assert_eq!(table.info.table.as_deref(), Some("Leads"));
    let notes = table.info.notes.join("\n");
    assert!(notes.contains("read sheet \"Leads\"; others: Cover, Old"), "{notes}");
    assert!(notes.contains("skipped"), "{notes}");
}

#[test]
fn a_sheet_is_chosen_by_name() {
    let other = leads().replace("ana@x.example", "old@x.example");
    let book = workbook(&[("Leads", &leads()), ("Old", &other)]);
    let table = read_workbook("fair.xlsx#old", book.clone()).unwrap();
    assert_eq!(table.columns[2].get(RecordId(0)), "old@x.example");
    let error = read_workbook("fair.xlsx#Nope", book).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert!(error.to_string().contains("Leads, Old"), "{error}");
}

#[test]
fn hostile_workbooks_are_refused() {
    let limits = Limits { columns: 100, always: 100_000, ..Limits::USUAL };
    let source = Source::new("a.xlsx");
    let refuse = |bytes: &[u8]| read(&source, "a.xlsx", bytes, &limits).err().unwrap().to_string();
    let far = format!("<row r=\"1\">{}{}</row>", text("A1", "Email"), text("XFD1", "x"));
    assert!(refuse(&workbook(&[("S", &far)])).contains("more than 100 columns"));
    let bomb = format!("<row r=\"1\">{}</row>", text("A1", &"a".repeat(1_000_000)));
    assert!(refuse(&workbook(&[("S", &bomb)])).contains("expands to more than"));
    assert!(refuse(&zip(&[("leads.csv", b"id,email\n1,a@x.example\n")])).contains("no workbook"));
    assert!(refuse(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and no more").contains("no workbook"));
    let corners = format!(
        "<row r=\"1\">{}{}</row><row r=\"1048576\">{}</row>",
        text("A1", "Email"),
        text("B1", "Name"),
        text("A1048576", "a@x.example")
    );
    let table = read(&source, "a.xlsx", &workbook(&[("S", &corners)]), &limits).unwrap();
    assert_eq!(table.rows.lines, [1_048_576], "far corners cost nothing");
}

#[test]
fn numbers_and_dates_as_text() {
    use calamine::ExcelDateTimeType::{DateTime, TimeDelta};
    let date = |value, kind| Data::DateTime(ExcelDateTime::new(value, kind, false));
    let cases = [
        (Data::Float(5.0), "5"),
        (Data::Float(-0.25), "-0.25"),
        (Data::Float(1e22), "10000000000000000000000"),
        (Data::Bool(true), "true"),
        (date(45_943.0, DateTime), "2025-10-13"),
        (date(0.5, DateTime), "12:00:00"),
        (date(1.5, TimeDelta), "1.5"),
        (date(-4.0, DateTime), "-4"),
    ];
    for (value, expected) in cases {
        assert_eq!(to_text(&value), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn no_damage_makes_it_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), xml in "[<>/rcv0-9A-Z=\" t]{0,60}") {
        let mut bytes = workbook(&[("S", &leads())]);
        for (at, byte) in &changes {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        let _ = read_workbook("a.xlsx", bytes);
        let _ = read_workbook("a.xlsx", workbook(&[("S", &xml)]));
    }
}

/// The same three rows, saved in the two older formats.
#[test]
fn other_spreadsheets_read_like_a_workbook() {
    let expected = ["2", "Ben", "Ortiz", "ben@ortiz.example", "0155 555 0102", "2026-04-06"];
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/containers");
    for name in ["fair.xls", "fair.ods"] {
        let bytes = std::fs::read(format!("{folder}/{name}")).unwrap();
        let table = read_bytes(&Source::new(name), bytes.clone()).unwrap();
        assert_eq!((table.row_count, table.info.table.as_deref()), (2, Some("Leads")), "{name}");
        let row: Vec<&str> = table.columns.iter().map(|c| c.get(RecordId(1))).collect();
        assert_eq!(row, expected, "{name}");
        let cut = bytes[..bytes.len() * 2 / 3].to_vec();
        let error = read_bytes(&Source::new(name), cut).unwrap_err();
        assert_eq!(error.exit_code(), 3, "{name}: {error}");
    }
}

#[test]
fn a_sheet_of_repeated_cells_is_refused() {
    let table = "<table:table-row table:number-rows-repeated=\"1048576\"><table:table-cell \
                 table:number-columns-repeated=\"16384\" office:value-type=\"float\" \
                 office:value=\"1\"/></table:table-row>";
    let content = format!(
        "<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\"><office:body>\
         <office:spreadsheet><table:table table:name=\"L\">{table}</table:table>\
         </office:spreadsheet></office:body></office:document-content>"
    );
    let kind: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";
    let book = zip(&[("mimetype", kind), ("content.xml", content.as_bytes())]);
    let error = read_bytes(&Source::new("leads.ods"), book).unwrap_err();
    assert_eq!(error.exit_code(), 3, "{error}");
    let padded = content.replace("<office:body>", &" ".repeat(1 << 20));
    let bomb = zip(&[("mimetype", kind), ("content.xml", padded.as_bytes())]);
    let little = Limits { always: 10_000, ..Limits::USUAL };
    let error =
        crate::source::read_within(&Source::new("leads.ods"), bomb.into(), &little).unwrap_err();
    assert!(error.to_string().contains("expands to more than"), "{error}");
}
