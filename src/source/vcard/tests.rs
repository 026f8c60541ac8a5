//! Cards of three versions and several programs.

use super::*;
use crate::record::RecordId;
use proptest::prelude::*;

fn read(text: &str) -> Rows {
    parse(text, &Limits::USUAL).unwrap()
}

fn cell<'a>(parsed: &'a Rows, record: u32, header: &str) -> &'a str {
    let column = parsed.columns.iter().find(|c| c.header == header);
    column.map_or("(no column)", |c| c.get(RecordId(record)))
}

#[test]
fn cards_of_all_versions_become_the_same_columns() {
    let cases = [
        (
            "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:L=F3pez=\r\n\
             ;Ana;;Dra.;\r\nTEL;WORK;VOICE:+52 33 1234 5678\r\nTEL;CELL:+52 1 33\r\n\
             EMAIL;INTERNET:ana@x.example\r\nADR;WORK;PREF:;Piso 2;Av. Uno 7;Guadalajara;JAL;44100;Mexico\r\n\
             ORG:Aguila;Compras\r\nEND:VCARD\r\n",
            "2.1",
        ),
        (
            "begin:vcard\nversion:3.0\nN:López;Ana;;Dra.;\nTEL;TYPE=work,voice:+52 33 1234\n  5678\n\
             TEL;TYPE=CELL:+52 1 33\nitem1.EMAIL;type=INTERNET:ana@x.example\n\
             ADR;TYPE=WORK:;Piso 2;Av. Uno 7;Guadalajara;JAL;44100;Mexico\nORG:Aguila;Compras\nend:vcard\n",
            "3.0, folded",
        ),
        (
            "BEGIN:VCARD\nVERSION:4.0\nN:López;Ana;;Dra.;\nTEL;VALUE=uri;TYPE=\"work,voice\":tel:+52 33 1234 5678\n\
             a.TEL;VALUE=uri:tel:+52 1 33\na.X-ABLabel:_$!<Mobile>!$_\nEMAIL:mailto:ana@x.example\n\
             ADR;TYPE=work:;Piso 2;Av. Uno 7;Guadalajara;JAL;44100;Mexico\nORG:Aguila;Compras\nEND:VCARD\n",
            "4.0, labels",
        ),
    ];
    let expected = [
        ("Last Name", "López"),
        ("First Name", "Ana"),
        ("Prefix", "Dra."),
        ("Business Phone", "+52 33 1234 5678"),
        ("Mobile Phone", "+52 1 33"),
        ("Email", "ana@x.example"),
        ("Business Street", "Av. Uno 7, Piso 2"),
        ("Business City", "Guadalajara"),
        ("Business State", "JAL"),
        ("Business Postal Code", "44100"),
        ("Business Country", "Mexico"),
        ("Company", "Aguila"),
        ("Department", "Compras"),
    ];
    for (text, version) in cases {
        assert!(is_vcard(text), "{version}");
        let parsed = read(text);
        assert_eq!(parsed.lines, [1], "{version}");
        for (header, value) in expected {
            assert_eq!(cell(&parsed, 0, header), value, "{version}: {header}");
        }
    }
}

#[test]
fn several_values_of_a_kind_and_several_cards() {
    let text = "BEGIN:VCARD\nFN:A\nEMAIL:b@x.example\nEMAIL;PREF:a@x.example\n\
                ADR;HOME:;;Uno 1;Bonn;;;\nADR;HOME:;;Dos 2;Ulm;;;\nADR;HOME:;;Tres 3;Trier;;;\n\
                NOTE:one\\, two\\nthree\\;\nUID:urn:uuid:7\nREV:20120305T131933Z\nX-TEAM:red\nEND:VCARD\n\
                \nBEGIN:VCARD\nFN:B\nPHOTO;ENCODING=b:AAAA\n AAAA\nBEGIN:VCARD\nFN:C\nEND:VCARD\n\
                BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\nBEGIN:VCARD\nAGENT:\nBEGIN:VCARD\nFN:inner\n\
                END:VCARD\nFN:D\nnonsense\nEND:VCARD\nstray line\n";
    let parsed = read(text);
    assert_eq!(parsed.lines, [1, 14, 18, 24]);
    let first = [
        ("Full Name", "A"),
        ("Email", "a@x.example"),
        ("Email 2", "b@x.example"),
        ("Home City", "Bonn"),
        ("Other City", "Ulm"),
        ("Further Address", "Tres 3, Trier"),
        ("Notes", "one, two\nthree;"),
        ("UID", "urn:uuid:7"),
        ("Last Modified", "20120305T131933Z"),
        ("X-TEAM", "red"),
    ];
    for (header, value) in first {
        assert_eq!(cell(&parsed, 0, header), value);
    }
    let names: Vec<&str> = (0..4).map(|r| cell(&parsed, r, "Full Name")).collect();
    assert_eq!(names, ["A", "B", "C", "D"]);
    assert_eq!(parsed.rejects.len(), 1);
    assert_eq!(parsed.rejects[0].raw, "stray line");
    let notes = parsed.notes.join("\n");
    for said in ["1 pictures", "1 lines of cards", "1 cards without any", "1 cards without an end"]
    {
        assert!(notes.contains(said), "{notes}");
    }
    let headers: Vec<&str> = parsed.columns.iter().map(|c| c.header.as_str()).collect();
    assert_eq!(headers[..4], ["UID", "Full Name", "Email", "Email 2"], "a fixed order");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(lines in prop::collection::vec(
        "(BEGIN:VCARD|END:VCARD|N|TEL|ADR|ORG|AGENT|a\\.EMAIL)?[;:=\\\\\"é, A-F0-9]{0,12}\r?", 0..20)) {
        let parsed = parse(&lines.join("\n"), &Limits { line: 30, ..Limits::USUAL }).unwrap();
        prop_assert!(parsed.columns.iter().all(|c| c.ids.len() == parsed.lines.len()));
    }
}
