//! Lines of address books: `name;parameter=value:value`, folded over several physical lines.
//!
//! What vCard (RFC 2426, RFC 6350) and LDIF (RFC 2849) have in common. Folding is undone here once,
//! so that the two readers see one property a line.

use super::columns::ColumnsBuilder;
use crate::record::Column;

/// A property as it stands in the file: its text without folds, and the line it begins on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Property {
    /// The unfolded text.
    pub text: String,
    /// 1-based line.
    pub line: u32,
    /// No room was left for all of it: the rest is dropped.
    pub cut: bool,
}

/// Unfolds a text: a line that begins with a space or a tab goes on with the one before. With
/// `soft_breaks`, so does the line after a quoted-printable value that ends with `=`.
/// Empty lines come back as empty properties, because in LDIF they end an entry.
pub(crate) fn unfold(text: &str, soft_breaks: bool, longest: usize) -> Vec<Property> {
    let mut properties: Vec<Property> = Vec::new();
    let mut soft = false;
    for (line, number) in text.split('\n').zip(1u32..) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let folded = line.strip_prefix([' ', '\t']);
        match (properties.last_mut(), folded) {
            (Some(last), _) if soft => {
                last.text.pop();
                push(last, line.trim_start(), longest);
            }
            (Some(last), Some(rest)) if !last.text.is_empty() => push(last, rest, longest),
            _ => {
                let mut property = Property { text: String::new(), line: number, cut: false };
                push(&mut property, line, longest);
                properties.push(property);
            }
        }
        soft = soft_breaks && properties.last().is_some_and(breaks_softly);
    }
    properties
}

fn push(property: &mut Property, text: &str, longest: usize) {
    let room = longest.saturating_sub(property.text.len());
    let end = text.floor_char_boundary(room);
    property.cut |= end < text.len();
    property.text.push_str(&text[..end]);
}

fn breaks_softly(property: &Property) -> bool {
    let head = property.text.split_once(':').map_or("", |(head, _)| head);
    property.text.ends_with('=')
        && head.len() < 200
        && head.to_ascii_uppercase().contains("QUOTED-PRINTABLE")
}

/// The bytes of a base64 value, whatever white space is in it.
pub(crate) fn from_base64(value: &str) -> Option<Vec<u8>> {
    use base64::Engine;
    let clean: String = value.chars().filter(|c| !c.is_whitespace()).collect();
    base64::engine::general_purpose::STANDARD.decode(clean).ok()
}

/// The bytes of a quoted-printable value (RFC 2045); what is no escape stays.
pub(crate) fn from_quoted_printable(value: &str) -> Vec<u8> {
    let bytes = value.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digit = |i: usize| bytes.get(i).and_then(|&b| char::from(b).to_digit(16));
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'=', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    decoded
}

/// Values of one kind that get a column each; what is beyond shares one.
const MOST: usize = 20;

/// The columns of both formats in the order they are shown, whatever order cards come in.
const ORDER: [&str; 38] = [
    "UID",
    "dn",
    "Full Name",
    "Prefix",
    "First Name",
    "Middle Name",
    "Last Name",
    "Suffix",
    "Nickname",
    "Email",
    "Business Phone",
    "Mobile Phone",
    "Home Phone",
    "Phone",
    "Business Fax",
    "Home Fax",
    "Fax",
    "Pager",
    "Company",
    "Department",
    "Job Title",
    "Role",
    "Business Street",
    "Business City",
    "Business State",
    "Business Postal Code",
    "Business Country",
    "Home Street",
    "Home City",
    "Home State",
    "Home Postal Code",
    "Home Country",
    "Street",
    "City",
    "State",
    "Postal Code",
    "Country",
    "Website",
];

/// The cells of one card or entry.
#[derive(Debug, Default)]
pub(crate) struct Card {
    cells: Vec<(String, String)>,
}

impl Card {
    /// Adds a value: to `Email`, then `Email 2`, `Email 3`, ...; the same value once.
    pub fn add(&mut self, header: &str, value: &str) {
        let value = value.trim();
        if value.is_empty() {
            return;
        }
        let numbered = |n: usize| match n {
            1 => header.to_string(),
            n => format!("{header} {n}"),
        };
        for name in (1..=MOST).map(numbered) {
            match self.get(&name) {
                None => return self.cells.push((name, value.into())),
                Some(known) if known == value => return,
                Some(_) => {}
            }
        }
        let more = format!("More {header}");
        match self.cells.iter_mut().find(|(name, _)| *name == more) {
            Some((_, all)) if all.len() < (1 << 20) => {
                all.push_str("; ");
                all.push_str(value);
            }
            Some(_) => {}
            None => self.cells.push((more, value.into())),
        }
    }

    /// The value under a header.
    pub fn get(&self, header: &str) -> Option<&str> {
        self.cells.iter().find(|(name, _)| name == header).map(|(_, value)| value.as_str())
    }

    /// True when nothing was added.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Makes a record of the card. `None` when a dictionary is full.
    pub fn put(&self, table: &mut ColumnsBuilder, line: u32) -> Option<()> {
        for (header, value) in &self.cells {
            let at = table.column(header);
            table.put(at, value)?;
        }
        table.end_record(line);
        Some(())
    }
}

/// Puts columns into their usual order: what comes first in a file must not decide it.
pub(crate) fn put_in_order(columns: &mut [Column]) {
    let place = |header: &str| {
        let (name, number) = match header.rsplit_once(' ') {
            Some((name, number)) if !number.is_empty() => match number.parse::<usize>() {
                Ok(number) => (name, number),
                Err(_) => (header, 1),
            },
            _ => (header, 1),
        };
        let rank = ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len());
        (rank, name.to_string(), number)
    };
    columns.sort_by_cached_key(|column| place(&column.header));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_and_soft_breaks_are_undone() {
        let text =
            "NOTE:one\r\n  two\r\nN;ENCODING=QUOTED-PRINTABLE:L=C3=\r\n=B3pez;=\nAna\n\nX:y=\nZ:1";
        let found: Vec<(String, u32)> =
            unfold(text, true, 1000).into_iter().map(|p| (p.text, p.line)).collect();
        let expected = [
            ("NOTE:one two", 1),
            ("N;ENCODING=QUOTED-PRINTABLE:L=C3=B3pez;Ana", 3),
            ("", 6),
            ("X:y=", 7),
            ("Z:1", 8),
        ];
        assert_eq!(found, expected.map(|(t, l)| (t.to_string(), l)));
        assert_eq!(unfold("a:é\n é", false, 4)[0].text, "a:é");
        assert!(unfold("a:é\n é", false, 4)[0].cut);
    }

    #[test]
    fn escapes_are_decoded_and_others_kept() {
        assert_eq!(from_quoted_printable("L=C3=B3pez =Z =4"), "López =Z =4".as_bytes());
        assert_eq!(from_base64("TMOz cGV6").as_deref(), Some("López".as_bytes()));
        assert_eq!(from_base64("***"), None);
    }

    #[test]
    fn further_values_get_columns_of_their_own_and_columns_one_order() {
        let mut card = Card::default();
        for i in 0..25 {
            card.add("Email", &format!("a{i}@x.example"));
        }
        card.add("Email", "a3@x.example");
        card.add("UID", " 7 ");
        card.add("Zebra", "");
        let mut table = ColumnsBuilder::default();
        card.put(&mut table, 1).unwrap();
        let (mut columns, _) = table.finish();
        put_in_order(&mut columns);
        let headers: Vec<&str> = columns.iter().map(|c| c.header.as_str()).collect();
        assert_eq!(headers[..3], ["UID", "Email", "Email 2"]);
        assert_eq!(headers[20..], ["Email 20", "More Email"]);
        assert!(card.get("More Email").is_some_and(|more| more.ends_with("; a24@x.example")));
    }
}
