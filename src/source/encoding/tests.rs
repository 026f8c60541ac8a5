//! Encodings, containers and refusals, each with its smallest file.

use super::*;

fn utf16(text: &str, little: bool, bom: bool) -> Vec<u8> {
    let mark = if bom { vec![0xfeffu16] } else { vec![] };
    let units = mark.into_iter().chain(text.encode_utf16());
    units.flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() }).collect()
}

fn utf32(text: &str, little: bool, bom: bool) -> Vec<u8> {
    let text = if bom { format!("\u{feff}{text}") } else { text.into() };
    let order = |c: char| {
        let c = c as u32;
        if little { c.to_le_bytes() } else { c.to_be_bytes() }
    };
    text.chars().flat_map(order).collect()
}

#[test]
fn encodings_are_recognized() {
    let text = "name,city\nJosé Núñez,Málaga\nZoë,Köln\n";
    let cp1252 = WINDOWS_1252.encode(text).0.into_owned();
    let japanese = "名前,市\n佐藤 花子,東京都\n鈴木 一郎,大阪市\n";
    let jis = encoding_rs::SHIFT_JIS.encode(japanese).0.into_owned();
    let with_bom = format!("\u{feff}{text}").into_bytes();
    let chinese = "姓名,城市\n王小明,北京市\n李丽华,上海市\n张伟,广州市\n";
    let gbk = encoding_rs::GBK.encode(chinese).0.into_owned();
    let cases: [(Vec<u8>, &str, bool, &str); 12] = [
        (gbk, "GBK", false, chinese),
        (text.into(), "UTF-8", false, text),
        (with_bom, "UTF-8", true, text),
        (utf16(text, true, true), "UTF-16LE", true, text),
        (utf16(text, false, true), "UTF-16BE", true, text),
        (utf16(text, true, false), "UTF-16LE", false, text),
        (utf16(text, false, false), "UTF-16BE", false, text),
        (utf32(text, true, true), "UTF-32LE", true, text),
        (utf32(text, false, true), "UTF-32BE", true, text),
        (utf32(text, true, false), "UTF-32LE", false, text),
        (cp1252, "windows-1252", false, text),
        (jis, "Shift_JIS", false, japanese),
    ];
    for (bytes, encoding, bom, expected) in cases {
        let decoded = decode("f.csv", &bytes, None).unwrap();
        assert_eq!((decoded.encoding, decoded.bom), (encoding, bom));
        assert_eq!(decoded.text, expected, "{encoding}");
    }
}

#[test]
fn a_pasted_file_is_read_line_by_line() {
    let mut bytes = "a,b\né,1\nö,2\nñ,3\n".as_bytes().to_vec();
    bytes.extend(b"caf\xe9,4\n");
    let decoded = decode("f.csv", &bytes, None).unwrap();
    assert!(decoded.text.ends_with("café,4\n"));
    assert!(decoded.notes[0].contains("1 lines"), "{:?}", decoded.notes);
}

#[test]
fn binaries_are_refused_with_what_they_are() {
    let cases: [(&[u8], &str); 4] = [
        (b"%PDF-1.7 aaaaaaaa", "PDF"),
        (b"<!DOCTYPE html><table>", "web page"),
        (b"a,b\n1,\0\n2,3\n", "line 2: holds a zero byte"),
        (b"", "empty"),
    ];
    for (bytes, word) in cases {
        let error = decode("f.csv", bytes, None).unwrap_err();
        assert_eq!(error.exit_code(), 3);
        assert!(error.to_string().contains(word), "{error}");
    }
    assert_eq!(decode("f", b"a", Some("klingon")).unwrap_err().exit_code(), 2);
    assert_eq!(decode("f", b"caf\xe9", Some("utf-8")).unwrap_err().exit_code(), 3);
    assert_eq!(decode("f", b"caf\xe9", Some("latin1")).unwrap().text, "café");
}

#[test]
fn a_gzip_bomb_is_refused_and_a_damaged_file_named() {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let zeros = vec![b'a'; 1 << 20];
    for _ in 0..300 {
        encoder.write_all(&zeros).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    let mut notes = Vec::new();
    let cut = bomb[..100].to_vec();
    assert!(
        expand("f.gz", bomb.into(), &Limits::USUAL, &mut notes)
            .unwrap_err()
            .to_string()
            .contains("more than")
    );
    assert!(
        expand("f.gz", cut.into(), &Limits::USUAL, &mut notes)
            .unwrap_err()
            .to_string()
            .contains("damaged")
    );
    let plain = expand("f", b"plain"[..].into(), &Limits::USUAL, &mut notes).unwrap();
    assert_eq!(plain.as_ref(), b"plain");
}
