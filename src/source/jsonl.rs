//! JSON Lines: one object a line, its keys the columns in order of first appearance.
//!
//! Strings become cells as they are, numbers in their shortest form, `null` is missing;
//! objects are spread (`address.city`), lists stay JSON. A line that is not an object is a reject.

use super::columns::ColumnsBuilder;
use super::limit::{Limits, MAX_RAW};
use super::original::Span;
use super::{Reject, Rows};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

/// Whether a text is JSON Lines.
pub(crate) fn is_jsonl(text: &str) -> bool {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("").trim();
    line.starts_with('{') && serde_json::from_str::<Object>(line).is_ok()
}

/// Reads all lines. `None` when a dictionary overflows. Reading ends where there are more columns
/// than the limits allow, which the caller then refuses.
pub(crate) fn parse(text: &str, limits: &Limits) -> Option<Rows> {
    let (mut rejects, mut spans) = (Vec::new(), Vec::new());
    let mut table = ColumnsBuilder::default();
    let mut end = 0u64;
    for (piece, number) in text.split_inclusive('\n').zip(1u32..) {
        let span = Span { start: end, len: piece.len() as u64 };
        end += span.len;
        let line = piece.strip_suffix('\n').unwrap_or(piece);
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.trim().is_empty() {
            continue;
        }
        let mut reject = |reason: String| {
            let raw = line[..line.floor_char_boundary(MAX_RAW)].to_string();
            rejects.push(Reject { line: number, reason, raw });
        };
        if line.len() > limits.line {
            reject("longer than a line may be".into());
            continue;
        }
        match serde_json::from_str::<Object>(line) {
            Ok(object) => {
                for (name, value) in object.0 {
                    put(&mut table, name, value)?;
                }
                table.end_record(number);
                spans.push(span);
            }
            Err(error) => reject(format!("not a JSON object (column {})", error.column())),
        }
        if table.width() > limits.columns {
            break;
        }
    }
    let (columns, lines) = table.finish();
    Some(Rows { columns, lines, spans, rejects, ..Rows::default() })
}

/// The members of an object in the order they stand in.
struct Object(Vec<(String, Value)>);

impl<'de> serde::Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// Sets a member's cells. A key that comes twice in one object counts once.
fn put(table: &mut ColumnsBuilder, name: String, value: Value) -> Option<()> {
    let text = match value {
        Value::Object(members) if !members.is_empty() => {
            for (inner, value) in members {
                put(table, format!("{name}.{inner}"), value)?;
            }
            return Some(());
        }
        Value::Null | Value::Object(_) => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    };
    let at = table.column(&name);
    table.put(at, &text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RecordId;

    #[test]
    fn objects_become_rows_and_other_lines_rejects() {
        let text = "{\"id\":7,\"name\":\"Ana\"}\n\n{\"name\":\"Eva\",\"address\":{\"city\":\"Bonn\"},\
                    \"tags\":[\"a\"],\"ok\":true,\"x\":null}\n[1]\n{\"id\":1,\"id\":2}\n";
        assert!(is_jsonl(text));
        let parsed = parse(text, &Limits::USUAL).unwrap();
        let headers: Vec<&str> = parsed.columns.iter().map(|c| c.header.as_str()).collect();
        assert_eq!(headers, ["id", "name", "address.city", "tags", "ok", "x"]);
        let row = |r| parsed.columns.iter().map(|c| c.get(RecordId(r))).collect::<Vec<_>>();
        assert_eq!(row(0), ["7", "Ana", "", "", "", ""]);
        assert_eq!(row(1), ["", "Eva", "Bonn", "[\"a\"]", "true", ""]);
        assert_eq!(row(2), ["1", "", "", "", "", ""], "the first of two");
        assert_eq!(parsed.lines, [1, 3, 5]);
        assert_eq!(parsed.rejects[0].line, 4);
        assert!(!is_jsonl("{name},city\n"));
    }

    #[test]
    fn deep_long_and_wide_lines_are_bounded() {
        let deep = format!("{{\"id\":1}}\n{{\"a\":{}1{}}}\n", "[".repeat(500), "]".repeat(500));
        let parsed = parse(&deep, &Limits::USUAL).unwrap();
        assert_eq!((parsed.lines.as_slice(), parsed.rejects[0].line), (&[1u32][..], 2));
        let little = Limits { line: 20, columns: 3, ..Limits::USUAL };
        let long = format!("{{\"a\":1}}\n{{\"a\":\"{}\"}}\n", "x".repeat(30));
        assert!(parse(&long, &little).unwrap().rejects[0].reason.contains("longer"));
        let wide: String = (0..9).map(|i| format!("{{\"k{i}\":1}}\n")).collect();
        assert_eq!(parse(&wide, &little).unwrap().columns.len(), 4, "one beyond, then refused");
    }
}
