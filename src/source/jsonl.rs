//! JSON Lines: one object a line, its keys the columns in order of first appearance.
//!
//! Strings become cells as they are, numbers in their shortest form, `null` is missing;
//! objects are spread (`address.city`), lists stay JSON. A line that is not an object is a reject.

use super::Reject;
use super::original::Span;
use crate::record::{Column, DictionaryBuilder, ValueId};
use rustc_hash::FxHashMap;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

/// A line longer than this is shown shortened among the rejects.
const MAX_RAW: usize = 64 << 10;

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// One per key.
    pub columns: Vec<Column>,
    /// Line of each record.
    pub lines: Vec<u32>,
    /// Where each record stands in the text.
    pub spans: Vec<Span>,
    /// Lines that are no object.
    pub rejects: Vec<Reject>,
}

/// Whether a text is JSON Lines.
pub(crate) fn is_jsonl(text: &str) -> bool {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("").trim();
    line.starts_with('{') && serde_json::from_str::<Object>(line).is_ok()
}

/// Reads all lines. `None` when a dictionary overflows.
pub(crate) fn parse(text: &str) -> Option<Parsed> {
    let mut parsed = Parsed::default();
    let mut table = Builder::default();
    let mut end = 0u64;
    for (piece, number) in text.split_inclusive('\n').zip(1u32..) {
        let span = Span { start: end, len: piece.len() as u64 };
        end += span.len;
        let line = piece.strip_suffix('\n').unwrap_or(piece);
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.trim().is_empty() {
            continue;
        }
        match serde_json::from_str::<Object>(line) {
            Ok(object) => {
                table.add(object)?;
                parsed.lines.push(number);
                parsed.spans.push(span);
            }
            Err(error) => parsed.rejects.push(Reject {
                line: number,
                reason: format!("not a JSON object (column {})", error.column()),
                raw: line.chars().take(MAX_RAW).collect(),
            }),
        }
    }
    parsed.columns = table.finish();
    Some(parsed)
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

#[derive(Default)]
struct Builder {
    places: FxHashMap<String, usize>,
    columns: Vec<(String, DictionaryBuilder, Vec<ValueId>)>,
    records: usize,
}

impl Builder {
    fn add(&mut self, object: Object) -> Option<()> {
        for (name, value) in object.0 {
            self.put(name, value)?;
        }
        self.records += 1;
        for (_, _, ids) in &mut self.columns {
            ids.resize(self.records, ValueId::MISSING);
        }
        Some(())
    }

    fn put(&mut self, name: String, value: Value) -> Option<()> {
        let text = match value {
            Value::Object(members) if !members.is_empty() => {
                for (inner, value) in members {
                    self.put(format!("{name}.{inner}"), value)?;
                }
                return Some(());
            }
            Value::Null | Value::Object(_) => String::new(),
            Value::String(text) => text.replace('\0', "\u{fffd}"),
            other => other.to_string(),
        };
        let next = self.columns.len();
        let at = *self.places.entry(name.clone()).or_insert(next);
        if at == next {
            self.columns.push((name, DictionaryBuilder::default(), Vec::new()));
        }
        let (_, builder, ids) = &mut self.columns[at];
        let id = builder.intern(&text)?;
        // Missing in the records before; a key that comes twice in one object counts once.
        ids.resize(self.records, ValueId::MISSING);
        ids.push(id);
        Some(())
    }

    fn finish(self) -> Vec<Column> {
        let columns = self.columns.into_iter();
        columns
            .map(|(header, builder, ids)| Column { header, dictionary: builder.finish(), ids })
            .collect()
    }
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
        let parsed = parse(text).unwrap();
        let headers: Vec<&str> = parsed.columns.iter().map(|c| c.header.as_str()).collect();
        assert_eq!(headers, ["id", "name", "address.city", "tags", "ok", "x"]);
        let row = |r| parsed.columns.iter().map(|c| c.get(RecordId(r))).collect::<Vec<_>>();
        assert_eq!(row(0), ["7", "Ana", "", "", "", ""]);
        assert_eq!(row(1), ["", "Eva", "Bonn", "[\"a\"]", "true", ""]);
        assert_eq!(row(2), ["2", "", "", "", "", ""]);
        assert_eq!(parsed.lines, [1, 3, 5]);
        assert_eq!(parsed.rejects[0].line, 4);
        assert!(!is_jsonl("{name},city\n"));
    }
}
