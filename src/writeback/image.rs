//! A row of a SQLite table as the journal keeps it: every value with its storage class.
//!
//! SQLite stores a value's class with the value, not with the column, so that a text `7` and a number
//! 7 can stand in one column; putting a row back must give back which it was.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rusqlite::types::{Value, ValueRef};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A value with its class. Numbers are text: no reader of JSON rounds them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stored {
    /// NULL.
    #[serde(rename = "n")]
    Null,
    /// An integer.
    #[serde(rename = "i")]
    Integer(String),
    /// A floating-point number, by its bits: nothing else is the same number for certain.
    #[serde(rename = "r")]
    Real(String),
    /// Text.
    #[serde(rename = "t")]
    Text(String),
    /// Text that is not UTF-8, in base64.
    #[serde(rename = "x")]
    RawText(String),
    /// Bytes, in base64.
    #[serde(rename = "b")]
    Blob(String),
}

impl Stored {
    /// Takes a value as it is stored.
    pub fn of(value: ValueRef) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number.to_string()),
            ValueRef::Real(number) => Self::Real(format!("{:016x}", number.to_bits())),
            ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Self::Text(text.into()),
                Err(_) => Self::RawText(STANDARD.encode(bytes)),
            },
            ValueRef::Blob(bytes) => Self::Blob(STANDARD.encode(bytes)),
        }
    }

    /// The value to bind, and whether it must be cast to text.
    pub fn value(&self) -> (Value, bool) {
        let bytes = |text: &String| STANDARD.decode(text).unwrap_or_default();
        match self {
            Self::Null => (Value::Null, false),
            Self::Integer(text) => (Value::Integer(text.parse().unwrap_or_default()), false),
            Self::Real(bits) => {
                let bits = u64::from_str_radix(bits, 16).unwrap_or_default();
                (Value::Real(f64::from_bits(bits)), false)
            }
            Self::Text(text) => (Value::Text(text.clone()), false),
            Self::RawText(text) => (Value::Blob(bytes(text)), true),
            Self::Blob(text) => (Value::Blob(bytes(text)), false),
        }
    }

    /// A text in the class of the value it replaces: a number stays a number where it can.
    pub fn like(&self, text: &str) -> Self {
        let number = || text.parse::<i64>().ok().filter(|n| n.to_string() == text);
        match self {
            Self::Integer(_) | Self::Real(_) => {
                number().map_or_else(|| Self::Text(text.into()), |n| Self::Integer(n.to_string()))
            }
            _ => Self::Text(text.into()),
        }
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Image {
    /// Its number, where the table has one that no column shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rowid: Option<i64>,
    /// Its values by column.
    pub cells: BTreeMap<String, Stored>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn back(stored: &Stored) -> Stored {
        let text = serde_json::to_string(stored).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn every_class_comes_back_as_it_was() {
        let values = [
            ValueRef::Null,
            ValueRef::Integer(i64::MIN),
            ValueRef::Real(-0.0),
            ValueRef::Real(f64::INFINITY),
            ValueRef::Real(0.1 + 0.2),
            ValueRef::Text(b"7"),
            ValueRef::Text(b"\xff\x00"),
            ValueRef::Blob(b"\x00Ana"),
        ];
        for value in values {
            let stored = back(&Stored::of(value));
            let (bound, as_text) = stored.value();
            match (value, &bound) {
                (ValueRef::Text(bytes), Value::Blob(blob)) => {
                    assert!(as_text && bytes == blob.as_slice());
                }
                (ValueRef::Real(a), Value::Real(b)) => assert_eq!(a.to_bits(), b.to_bits()),
                _ => assert_eq!(Stored::of(ValueRef::from(&bound)), Stored::of(value)),
            }
        }
        assert_eq!(Stored::Integer("1".into()).like("7"), Stored::Integer("7".into()));
        assert_eq!(Stored::Integer("1".into()).like("07"), Stored::Text("07".into()));
        assert_eq!(Stored::Text("1".into()).like("7"), Stored::Text("7".into()));
    }

    proptest! {
        #[test]
        fn damaged_journals_do_not_panic(text in "[0-9a-z=+/]{0,12}") {
            for stored in [Stored::Integer(text.clone()), Stored::Real(text.clone()), Stored::Blob(text.clone()), Stored::RawText(text)] {
                let _ = stored.value();
            }
        }
    }
}
