//! From a cell to digits: labels, Excel damage, extension, vanity letters.

use deunicode::deunicode;
use std::borrow::Cow;

/// The digits of a cell and what stood around them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digits {
    bytes: [u8; MAX_DIGITS],
    len: usize,
    /// A plus or `00` that announces a country code was written (and is not among the digits).
    pub international: bool,
    /// Lengths of the digit groups as written, at most eight.
    pub groups: [u8; 8],
    /// Number of groups; more than eight count as eight.
    pub group_count: usize,
    /// The first group stood in parentheses.
    pub parenthesized: bool,
    pub extension: Option<u32>,
    /// Letters were read as digits.
    pub vanity: bool,
}

const MAX_DIGITS: usize = 20;

impl Digits {
    pub fn as_str(&self) -> &str {
        // Only ASCII digits are ever pushed.
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or("")
    }

    pub fn groups(&self) -> &[u8] {
        &self.groups[..self.group_count]
    }
}

/// Reads the characters of a trimmed, filled cell; the error is the reason code.
pub(super) fn clean(text: &str) -> Result<Digits, &'static str> {
    let text: Cow<'_, str> =
        if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(deunicode(text)) };
    let text = strip_formula(&text);
    if is_scientific(text) {
        return Err("excel-damage");
    }
    // A number column read as decimals: `525555550101.0`.
    let text = text.strip_suffix(".0").filter(|rest| is_long_run(rest)).unwrap_or(text);
    let text = strip_label(text);
    let (number, extension) = split_extension(text);
    let mut digits = collect(number)?;
    digits.extension = extension;
    Ok(digits)
}

/// `=+52...`, `="+52..."`, `'+52...`: what spreadsheets put before a number to keep it text.
fn strip_formula(text: &str) -> &str {
    text.trim_matches(|c| matches!(c, '=' | '"' | '\'' | '`' | ' '))
}

fn is_long_run(text: &str) -> bool {
    text.len() >= 8 && text.bytes().all(|b| b.is_ascii_digit())
}

/// `5.5E+10`, `1,23457E+12`: the lost digits cannot be told.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let exponent = exponent.trim_start_matches('+');
    !mantissa.is_empty()
        && mantissa.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b',')
        && (1..=2).contains(&exponent.len())
        && exponent.bytes().all(|b| b.is_ascii_digit())
}

/// Drops words before the number (`Tel.:`, `mobile`, `tel:`, `(M)`), if digits follow.
fn strip_label(text: &str) -> &str {
    let Some(start) = text.find(|c: char| c.is_ascii_digit() || c == '+') else { return text };
    let label = &text[..start];
    if !label.bytes().any(|b| b.is_ascii_alphabetic()) {
        return text;
    }
    // Keep an opening parenthesis that belongs to the number.
    if label.ends_with('(') { &text[start - 1..] } else { &text[start..] }
}

/// Splits `... ext. 123`, `... x123`, `... #123`, `...;ext=123`, `... доб. 123`, `... int 12`.
fn split_extension(text: &str) -> (&str, Option<u32>) {
    let tail_start = text.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
    let tail = &text[tail_start..];
    if tail.is_empty() || tail.len() > 7 || tail_start == 0 {
        return (text, None);
    }
    let head = text[..tail_start].trim_end_matches([' ', '.', ':', '=', '-']);
    let word_start = head
        .rfind(|c: char| !c.is_ascii_alphabetic() && c != '#' && c != '\'')
        .map_or(0, |at| at + 1);
    let word = head[word_start..].trim_matches('\'');
    const WORDS: [&str; 16] = [
        "x",
        "ex",
        "ext",
        "extn",
        "extension",
        "xt",
        "#",
        "dob",
        "durchwahl",
        "dw",
        "poste",
        "anexo",
        "ramal",
        "int",
        "interno",
        "app",
    ];
    let is_word = WORDS.iter().any(|known| known.eq_ignore_ascii_case(word));
    let number = head[..word_start].trim_end_matches([' ', ',', ';', '(', '.', '/', '-']);
    if !is_word || number.bytes().filter(u8::is_ascii_digit).count() < 5 {
        return (text, None);
    }
    (number, tail.parse().ok())
}

fn collect(text: &str) -> Result<Digits, &'static str> {
    let mut digits = Digits {
        bytes: [0; MAX_DIGITS],
        len: 0,
        international: false,
        groups: [0; 8],
        group_count: 0,
        parenthesized: false,
        extension: None,
        vanity: false,
    };
    let bytes = text.as_bytes();
    let letters = bytes.iter().filter(|b| b.is_ascii_alphabetic()).count();
    if letters > 0 && !is_vanity(bytes, letters) {
        return Err("letters");
    }
    digits.vanity = letters > 0;
    let mut at = 0;
    let mut in_group = false;
    while at < bytes.len() {
        let byte = bytes[at];
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                digits.push(keypad(byte), in_group)?;
                in_group = true;
            }
            b'+' if digits.len == 0 => digits.international = true,
            b'+' => return Err("several-numbers"),
            // The trunk zero shown beside a country code: `+44 (0)20`.
            b'(' if bytes[at..].starts_with(b"(0)") && digits.len > 0 => {
                at += 2;
                in_group = false;
            }
            b'(' => {
                digits.parenthesized |= digits.len == 0;
                in_group = false;
            }
            _ => in_group = false,
        }
        at += 1;
    }
    digits.drop_double_zero();
    match digits.len {
        0 => Err("letters"),
        1..=5 => Err("too-short"),
        _ => Ok(digits),
    }
}

/// Letters of a vanity number: one to three words in capitals after at least one digit.
fn is_vanity(bytes: &[u8], letters: usize) -> bool {
    let first_letter = bytes.iter().position(u8::is_ascii_alphabetic).unwrap_or(0);
    let digits_before = bytes[..first_letter].iter().filter(|b| b.is_ascii_digit()).count();
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    (3..=8).contains(&letters)
        && bytes.iter().all(|b| !b.is_ascii_lowercase())
        && digits_before >= 3
        && (10..=11).contains(&(digits + letters))
}

fn keypad(byte: u8) -> u8 {
    match byte.to_ascii_uppercase() {
        b'A'..=b'C' => b'2',
        b'D'..=b'F' => b'3',
        b'G'..=b'I' => b'4',
        b'J'..=b'L' => b'5',
        b'M'..=b'O' => b'6',
        b'P'..=b'S' => b'7',
        b'T'..=b'V' => b'8',
        b'W'..=b'Z' => b'9',
        digit => digit,
    }
}

impl Digits {
    fn push(&mut self, digit: u8, in_group: bool) -> Result<(), &'static str> {
        let Some(slot) = self.bytes.get_mut(self.len) else { return Err("too-long") };
        *slot = digit;
        self.len += 1;
        if !in_group && self.group_count < self.groups.len() {
            self.group_count += 1;
        }
        if let Some(group) = self.groups.get_mut(self.group_count.saturating_sub(1)) {
            *group += 1;
        }
        Ok(())
    }

    /// `00` before a country code means plus nearly everywhere.
    fn drop_double_zero(&mut self) {
        let drop = match self.as_str() {
            text if !self.international && text.starts_with("00") && self.len >= 10 => 2,
            text if self.international && text.starts_with("00") => 2,
            _ => return,
        };
        // A cell of zeros is a placeholder, not a prefix.
        if self.as_str().bytes().all(|b| b == b'0') {
            return;
        }
        self.bytes.copy_within(drop..self.len, 0);
        self.len -= drop;
        self.international = true;
        self.group_count = 0;
    }
}
