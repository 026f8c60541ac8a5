//! A run of any container is checked, and its inputs come back byte for byte.

use super::folder::{ACTIVITIES, LEADS};
use crate::cli::workdir::Workdir;
use std::io::Write;

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn json_lines(csv: &str) -> String {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let object = |row: csv::StringRecord| {
        let cells = headers.iter().zip(&row).filter(|(_, cell)| !cell.is_empty());
        let map: serde_json::Map<_, _> =
            cells.map(|(h, c)| (h.to_string(), c.to_string().into())).collect();
        serde_json::Value::Object(map).to_string() + "\n"
    };
    reader.records().map(|row| object(row.unwrap())).collect()
}

const CARDS: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Ruiz;Ana;;;\r\nFN:Ana Ruiz\r\n\
    EMAIL:ana.ruiz@acme.example\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nN:Ruiz;Ana;;;\r\n\
    FN:Ana Ruiz\r\nEMAIL:ANA.RUIZ@acme.example\r\nTEL:+52 33 1234 5678\r\nEND:VCARD\r\n";

fn database() -> Vec<u8> {
    let work = Workdir::new();
    let db = rusqlite::Connection::open(work.path("crm.db")).unwrap();
    db.execute_batch(
        "CREATE TABLE leads (id INTEGER, name TEXT, email TEXT);
         INSERT INTO leads VALUES (1, 'Ana Ruiz', 'ana.ruiz@acme.example'),
           (2, 'Ana Ruiz', 'ANA.RUIZ@acme.example'), (3, 'Bo Berg', 'bo@novak.example');",
    )
    .unwrap();
    db.close().unwrap();
    std::fs::read(work.path("crm.db")).unwrap()
}

#[test]
fn every_container_is_checked_and_comes_back() {
    let utf16: Vec<u8> =
        "\u{feff}".chars().chain(LEADS.chars()).flat_map(|c| (c as u16).to_le_bytes()).collect();
    let cases: [(&str, Vec<u8>); 6] = [
        ("leads.csv.gz", gz(LEADS.as_bytes())),
        ("leads.jsonl", json_lines(LEADS).into_bytes()),
        ("leads.jsonl.gz", gz(json_lines(LEADS).as_bytes())),
        ("leads.csv", utf16),
        ("cards.vcf", CARDS.into()),
        ("crm.db", database()),
    ];
    for (name, bytes) in cases {
        let work = Workdir::with(name, &bytes);
        work.succeeds(&format!("clean {name} --as-of 2026-06-30 --quiet -o out"));
        std::fs::remove_file(work.path(name)).unwrap();
        work.succeeds("verify out");
        work.succeeds("verify out --ignore-hashes");
        work.succeeds("undo out -o back");
        assert_eq!(std::fs::read(work.path("back").join(name)).unwrap(), bytes, "{name}");
    }
}

#[test]
fn json_lines_are_checked_and_forgotten_like_tables() {
    let work = Workdir::with("leads.csv", LEADS);
    work.write("activities.csv", ACTIVITIES);
    work.succeeds(
        "clean leads.csv --activities activities.csv --as-of 2026-06-30 --format jsonl --quiet \
         -o out",
    );
    assert!(work.succeeds("verify out --ignore-hashes").contains("8 activities"));
    for (file, from, to) in [
        ("leads.jsonl", "david.weber@tango", "davit.weber@tango"),
        ("leads.jsonl", "\"leadmend_may_email\":false", "\"leadmend_may_email\":true"),
        ("activities.jsonl", "trial", "tria1"),
    ] {
        let text = work.read(&format!("out/{file}"));
        assert!(text.contains(from), "{file}: {from}");
        work.write(&format!("out/{file}"), text.replacen(from, to, 1));
        let said = work.run("verify out --ignore-hashes");
        assert_eq!(said.status.code(), Some(1), "{from}");
        assert!(String::from_utf8(said.stderr).unwrap().contains(file), "{from}");
        work.write(&format!("out/{file}"), text);
    }
    let said = work.succeeds("forget david.weber@tango.example --run out --key-file k --new-key");
    assert!(said.contains("1 lead record and 1 activity"), "{said}");
    for file in ["leads.jsonl", "activities.jsonl", "crosswalk.csv"] {
        let text = work.read(&format!("out/{file}"));
        assert!(!text.contains("Weber") && !text.contains("\"L6\""), "{file}: {text}");
    }
    assert_eq!(work.read("out/leads.jsonl").lines().count(), 4);
    assert_eq!(work.read("out/activities.jsonl").lines().count(), 6);
    work.succeeds("verify out");
}
