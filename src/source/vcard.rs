//! vCard 2.1, 3.0 and 4.0: address cards to rows, one card a record.
//!
//! Phones and address books export people as cards whose properties repeat and carry types. They
//! become columns with the names other exports use (`First Name`, `Business Phone`, `Home City`),
//! so that nothing after reading knows of cards. Pictures, sounds and keys are left out.

use super::columns::ColumnsBuilder;
use super::directory::{self, Card, Property, from_base64, from_quoted_printable};
use super::limit::{Limits, MAX_RAW};
use super::{Reject, Rows};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use rustc_hash::FxHashMap;

/// Properties that hold no text.
const BINARY: [&str; 5] = ["PHOTO", "LOGO", "SOUND", "KEY", "X-MS-CARDPICTURE"];
/// Properties that say nothing of the person.
const SILENT: [&str; 7] =
    ["VERSION", "PRODID", "LABEL", "X-ABLABEL", "CLASS", "X-MS-OL-DESIGN", "SORT-STRING"];

/// Whether a text is a file of cards.
pub(crate) fn is_vcard(text: &str) -> bool {
    const START: &[u8] = b"BEGIN:VCARD";
    let text = text.trim_start().as_bytes();
    text.get(..START.len()).is_some_and(|start| start.eq_ignore_ascii_case(START))
}

/// Reads all cards. `None` when a dictionary is full.
pub(crate) fn parse(text: &str, limits: &Limits) -> Option<Rows> {
    let mut reader = Reader::default();
    for property in directory::unfold(text, true, limits.line) {
        reader.take(property)?;
    }
    reader.end_card()?;
    Some(reader.finish())
}

#[derive(Default)]
struct Reader {
    table: ColumnsBuilder,
    rejects: Vec<Reject>,
    /// Properties of the card at hand, and the line it begins on.
    card: Vec<Line>,
    begun: Option<u32>,
    /// Depth of cards within cards (`AGENT`).
    inner: usize,
    left_out: u64,
    damaged: u64,
    cut: u64,
    empty: u64,
    open: u64,
}

impl Reader {
    fn take(&mut self, property: Property) -> Option<()> {
        let text = property.text.trim();
        if text.is_empty() {
            return Some(());
        }
        self.cut += u64::from(property.cut);
        let is = |word: &str| text.eq_ignore_ascii_case(word);
        match self.begun {
            Some(_) if is("BEGIN:VCARD") && self.names_an_agent() => self.inner += 1,
            Some(_) if is("END:VCARD") && self.inner > 0 => self.inner -= 1,
            Some(_) if is("END:VCARD") => return self.end_card(),
            _ if is("BEGIN:VCARD") => {
                self.open += u64::from(self.begun.is_some());
                self.end_card()?;
                self.begun = Some(property.line);
            }
            Some(_) if self.inner > 0 => {}
            Some(_) => match Line::parse(text) {
                Some(line) => self.card.push(line),
                None => self.damaged += 1,
            },
            None => self.rejects.push(Reject {
                line: property.line,
                reason: "stands outside of a card".into(),
                raw: text[..text.floor_char_boundary(MAX_RAW)].to_string(),
            }),
        }
        Some(())
    }

    /// The card before was cut off when another begins, unless it is inside an `AGENT`.
    fn names_an_agent(&self) -> bool {
        self.inner > 0 || self.card.last().is_some_and(|line| line.name == "AGENT")
    }

    fn end_card(&mut self) -> Option<()> {
        let lines = std::mem::take(&mut self.card);
        self.inner = 0;
        let Some(begun) = self.begun.take() else { return Some(()) };
        let left_out = lines.iter().filter(|line| BINARY.contains(&line.name.as_str()));
        self.left_out += left_out.count() as u64;
        let card = to_card(&lines);
        if card.is_empty() {
            self.empty += 1;
            return Some(());
        }
        card.put(&mut self.table, begun)
    }

    fn finish(self) -> Rows {
        let counts = [
            (self.left_out, "pictures, sounds and keys left out"),
            (self.damaged, "lines of cards without a value left out"),
            (self.cut, "values longer than a line may be cut off"),
            (self.empty, "cards without any value skipped"),
            (self.open, "cards without an end read up to the next"),
        ];
        let notes = counts.iter().filter(|(count, _)| *count > 0);
        let notes = notes.map(|(count, what)| format!("{count} {what}")).collect();
        let (mut columns, lines) = self.table.finish();
        directory::put_in_order(&mut columns);
        Rows { columns, lines, rejects: self.rejects, notes, ..Rows::default() }
    }
}

/// `group.NAME;parameters:value`, decoded.
struct Line {
    group: String,
    name: String,
    types: Vec<String>,
    value: String,
    /// vCard 2.1 escapes nothing but `;`.
    quoted_printable: bool,
}

impl Line {
    fn parse(text: &str) -> Option<Self> {
        let (head, value) = text.split_at(outside_quotes(text, ':').next()?);
        let mut pieces = Vec::new();
        let mut from = 0;
        for at in outside_quotes(head, ';').chain([head.len()]) {
            pieces.push(&head[from..at]);
            from = at + 1;
        }
        let (group, name) = pieces[0].rsplit_once('.').unwrap_or(("", pieces[0]));
        let mut line = Self {
            group: group.trim().to_ascii_lowercase(),
            name: name.trim().to_ascii_uppercase(),
            types: Vec::new(),
            value: String::new(),
            quoted_printable: false,
        };
        let (mut encoding, mut charset) = (String::new(), None);
        for parameter in &pieces[1..] {
            let (key, value) = parameter.split_once('=').unwrap_or(("", parameter));
            let value = value.trim().trim_matches('"');
            match key.trim().to_ascii_uppercase().as_str() {
                "ENCODING" => encoding = value.to_ascii_uppercase(),
                "CHARSET" => charset = Encoding::for_label(value.as_bytes()),
                "TYPE" | "" => {
                    let types = value.split(',').map(|t| t.trim().to_ascii_uppercase());
                    line.types.extend(types);
                }
                "PREF" => line.types.push("PREF".into()),
                _ => {}
            }
        }
        let bare = |word: &str| line.types.iter().any(|t| t == word);
        let value = &value[1..];
        line.quoted_printable = encoding == "QUOTED-PRINTABLE" || bare("QUOTED-PRINTABLE");
        line.value = if line.quoted_printable {
            decode(&from_quoted_printable(value), charset)
        } else if matches!(encoding.as_str(), "B" | "BASE64") || bare("BASE64") {
            let text = !BINARY.contains(&line.name.as_str());
            let bytes = if text { from_base64(value) } else { None };
            bytes.map_or_else(String::new, |bytes| decode(&bytes, charset))
        } else {
            value.to_string()
        };
        (!line.name.is_empty()).then_some(line)
    }

    fn is(&self, kind: &str) -> bool {
        self.types.iter().any(|t| t == kind)
    }

    /// The parts of a structured value.
    fn parts(&self) -> Vec<String> {
        split_escaped(&self.value, ';').iter().map(|part| unescape(part)).collect()
    }

    fn text(&self) -> String {
        unescape(&self.value)
    }
}

fn decode(bytes: &[u8], charset: Option<&'static Encoding>) -> String {
    let encoding = charset.unwrap_or(UTF_8);
    match encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => text.into_owned(),
        None => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// Where `sign` stands outside of double quotes.
fn outside_quotes(text: &str, sign: char) -> impl Iterator<Item = usize> {
    let mut quoted = false;
    text.char_indices().filter_map(move |(at, c)| {
        quoted ^= c == '"';
        (c == sign && !quoted).then_some(at)
    })
}

fn split_escaped(text: &str, sign: char) -> Vec<&str> {
    let (mut parts, mut from, mut escaped) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        if c == sign && !escaped {
            parts.push(&text[from..at]);
            from = at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    parts.push(&text[from..]);
    parts
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some('n' | 'N')) => plain.push('\n'),
            ('\\', Some(&next @ (',' | ';' | ':' | '\\'))) => plain.push(next),
            _ => {
                plain.push(c);
                continue;
            }
        }
        chars.next();
    }
    plain.replace("\r\n", "\n").trim().to_string()
}

/// A card's properties as cells.
fn to_card(lines: &[Line]) -> Card {
    let mut card = Card::default();
    let labels: FxHashMap<&str, String> = lines
        .iter()
        .filter(|line| line.name == "X-ABLABEL" && !line.group.is_empty())
        .map(|line| (line.group.as_str(), line.text().to_ascii_uppercase()))
        .collect();
    // The preferred one of several comes first; sorting keeps the order of the others.
    let mut sorted: Vec<&Line> = lines.iter().collect();
    sorted.sort_by_key(|line| !line.is("PREF"));
    for line in sorted {
        let label = labels.get(line.group.as_str()).map_or("", String::as_str);
        let is = |kind: &str| line.is(kind) || (!label.is_empty() && label.contains(kind));
        match line.name.as_str() {
            name if BINARY.contains(&name) || SILENT.contains(&name) => {}
            "AGENT" => {}
            "N" => {
                let headers = ["Last Name", "First Name", "Middle Name", "Prefix", "Suffix"];
                for (header, part) in headers.iter().zip(line.parts()) {
                    // Several given names are listed with commas.
                    card.add(header, &part.replace(',', " "));
                }
            }
            "FN" => card.add("Full Name", &line.text()),
            "EMAIL" => card.add("Email", without_scheme(&line.text(), "mailto:")),
            "TEL" => {
                let text = line.text();
                let number = without_scheme(&text, "tel:");
                card.add(phone_header(&is), number.split(";ext=").next().unwrap_or(number));
            }
            "ADR" => add_address(&mut card, &line.parts(), place(&is)),
            "ORG" => {
                let parts = line.parts();
                card.add("Company", parts.first().map_or("", String::as_str));
                let rest: Vec<&str> =
                    parts.iter().skip(1).map(String::as_str).filter(|p| !p.is_empty()).collect();
                card.add("Department", &rest.join(", "));
            }
            "TITLE" => card.add("Job Title", &line.text()),
            "ROLE" => card.add("Role", &line.text()),
            "NICKNAME" => card.add("Nickname", &line.text()),
            "URL" => card.add("Website", &line.text()),
            "BDAY" => card.add("Birthday", &line.text()),
            "NOTE" => card.add("Notes", &line.text()),
            "CATEGORIES" => card.add("Categories", &line.text()),
            "UID" => card.add("UID", &line.text()),
            "REV" => card.add("Last Modified", &line.text()),
            name => card.add(name, &line.text()),
        }
    }
    card
}

fn phone_header(is: &dyn Fn(&str) -> bool) -> &'static str {
    match () {
        () if is("FAX") && is("HOME") => "Home Fax",
        () if is("FAX") && is("WORK") => "Business Fax",
        () if is("FAX") => "Fax",
        () if is("PAGER") => "Pager",
        () if is("CELL") || is("MOBILE") || is("IPHONE") => "Mobile Phone",
        () if is("WORK") => "Business Phone",
        () if is("HOME") => "Home Phone",
        () => "Phone",
    }
}

fn place(is: &dyn Fn(&str) -> bool) -> &'static str {
    match () {
        () if is("WORK") => "Business ",
        () if is("HOME") => "Home ",
        () => "",
    }
}

/// Adds an address under its place; a second one of the same place goes to `Other`, a third one
/// into a single cell.
fn add_address(card: &mut Card, parts: &[String], place: &str) {
    let part = |i: usize| parts.get(i).map_or("", |p| p.trim());
    let street: Vec<&str> = [0, 2, 1].map(part).into_iter().filter(|p| !p.is_empty()).collect();
    let street = street.join(", ");
    let names = ["Street", "City", "State", "Postal Code", "Country"];
    let values = [street.as_str(), part(3), part(4), part(5), part(6)];
    for prefix in [place, "Other "] {
        let header = |name: &str| format!("{prefix}{name}");
        if names.iter().all(|name| card.get(&header(name)).is_none()) {
            return names.iter().zip(values).for_each(|(name, v)| card.add(&header(name), v));
        }
    }
    let filled: Vec<&str> = values.into_iter().filter(|v| !v.is_empty()).collect();
    card.add("Further Address", &filled.join(", "));
}

fn without_scheme<'a>(value: &'a str, scheme: &str) -> &'a str {
    let head = value.get(..scheme.len());
    if head.is_some_and(|h| h.eq_ignore_ascii_case(scheme)) {
        &value[scheme.len()..]
    } else {
        value
    }
}

#[cfg(test)]
mod tests;
