//! Making text harmless: what every format shares.

use std::fmt::Write;

/// Characters of one piece of text (a header, a label, a value) that are shown at most.
pub const LONGEST: usize = 300;

/// The text with everything invisible made visible, and cut: line breaks, control characters, marks
/// that turn the direction of writing or take no room appear as `\u{202e}`.
///
/// ```
/// use leadmend::quality::output::escape::visible;
/// assert_eq!(visible("a\nb"), "a\\u{a}b");
/// assert_eq!(visible("x\u{202e}y"), "x\\u{202e}y");
/// ```
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(LONGEST * 4));
    for (count, c) in text.chars().enumerate() {
        if count == LONGEST {
            shown.push_str("...");
            break;
        }
        if is_hidden(c) {
            // Writing to a String cannot fail.
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Whether a character shows nothing, or changes how others are shown.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
        // No character at all: XML refuses the last two of the first plane.
        || u32::from(c) & 0xfffe == 0xfffe
}

/// JSON text with hidden characters as `\u202e`, so that a terminal shows it as it is; the value
/// stays the same.
pub fn ascii_marks(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut units = [0u16; 2];
    for c in json.chars() {
        // Line breaks and tabs of JSON itself stand outside of strings; inside they are escaped.
        if is_hidden(c) && c != '\n' {
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// A path as a relative URI: everything but unreserved characters and slashes as percent codes.
pub fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for &byte in path.as_bytes().iter().take(4096) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(byte as char);
            }
            // In the first part of a path, a colon would make a scheme of it.
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// A number with a comma between thousands: `12,345`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A share as a percentage with two digits: `0.05` is `5.00 %`.
pub fn percent(rate: f64) -> String {
    format!("{:.2} %", rate * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_and_paths() {
        for (number, text) in [(0, "0"), (999, "999"), (12_345, "12,345"), (1_000_000, "1,000,000")]
        {
            assert_eq!(thousands(number), text);
        }
        assert_eq!(uri("data/a b:ü.csv"), "data/a%20b%3A%C3%BC.csv");
        assert_eq!(percent(0.03109), "3.11 %");
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(text in any::<String>()) {
            prop_assert!(!visible(&text).chars().any(is_hidden));
            prop_assert!(uri(&text).is_ascii());
        }

        #[test]
        fn marks_in_json_keep_the_value(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            let back: String = serde_json::from_str(&ascii_marks(&json)).unwrap();
            prop_assert_eq!(back, text);
        }
    }
}
