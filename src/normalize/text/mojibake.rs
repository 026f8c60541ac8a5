//! UTF-8 that was read as Windows-1252: `JosÃ©`, undone where the round trip proves it.
//!
//! Called by `text::clean`. Why run by run and not over the whole cell: one cell can hold a broken
//! name beside a proper `…` or a Greek letter, and the broken run alone still round-trips.

use std::borrow::Cow;

/// Undoes the wrong decoding in every run of non-ASCII characters that is valid UTF-8 when written
/// as Windows-1252; all else stays as it is.
pub(super) fn repair(value: &str) -> Cow<'_, str> {
    if value.is_ascii() || !value.chars().any(is_lead) {
        return Cow::Borrowed(value);
    }
    let mut out: Option<String> = None;
    let mut rest = value;
    let mut done = 0;
    while let Some(start) = rest.find(|c: char| !c.is_ascii()) {
        let run = &rest[start..];
        let length = run.find(|c: char| c.is_ascii()).unwrap_or(run.len());
        let run = &run[..length];
        let before = &value[..done + start];
        let kept = decode(run, before);
        if kept.is_some() || out.is_some() {
            let text = out.get_or_insert_with(|| value[..done].to_string());
            text.push_str(&rest[..start]);
            text.push_str(kept.as_deref().unwrap_or(run));
        }
        done += start + length;
        rest = &value[done..];
    }
    match out {
        Some(mut text) => {
            text.push_str(rest);
            Cow::Owned(text)
        }
        None => Cow::Borrowed(value),
    }
}

/// A character that the first byte of a multi-byte sequence turns into.
fn is_lead(c: char) -> bool {
    matches!(c, '\u{C2}'..='\u{F4}')
}

/// The run decoded as UTF-8, when that is what it was.
fn decode(run: &str, before: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(run.len());
    for c in run.chars() {
        bytes.push(windows_1252(c)?);
    }
    let text = String::from_utf8(bytes).ok()?;
    // `“IRMÔ` in capitals also decodes: a closing quote that has its opening one is a quote.
    let quoted = run.ends_with(['\u{201D}', '\u{2019}'])
        && before.contains(['\u{201C}', '\u{2018}', '\u{201E}']);
    (!quoted && is_plausible(&text)).then_some(text)
}

/// Guards against text that decodes by chance: Latin letters and punctuation count at once, other
/// two-byte alphabets only when there are two letters of them.
fn is_plausible(text: &str) -> bool {
    let mut letters = 0;
    let mut certain = false;
    for c in text.chars() {
        match c {
            '\u{80}'..='\u{9F}' => return false,
            '\u{A0}'..='\u{17F}' => certain = true,
            '\u{370}'..='\u{6FF}' => letters += 1,
            '\u{180}'..='\u{7FF}' => return false,
            _ => certain = true,
        }
    }
    certain || letters >= 2
}

/// The Windows-1252 byte of a character; the five unassigned bytes count as the control characters
/// that browsers make of them.
fn windows_1252(c: char) -> Option<u8> {
    Some(match c {
        '\u{A0}'..='\u{FF}' => c as u32 as u8,
        '\u{81}' | '\u{8D}' | '\u{8F}' | '\u{90}' | '\u{9D}' => c as u32 as u8,
        '€' => 0x80,
        '‚' => 0x82,
        'ƒ' => 0x83,
        '„' => 0x84,
        '…' => 0x85,
        '†' => 0x86,
        '‡' => 0x87,
        'ˆ' => 0x88,
        '‰' => 0x89,
        'Š' => 0x8A,
        '‹' => 0x8B,
        'Œ' => 0x8C,
        'Ž' => 0x8E,
        '‘' => 0x91,
        '’' => 0x92,
        '“' => 0x93,
        '”' => 0x94,
        '•' => 0x95,
        '–' => 0x96,
        '—' => 0x97,
        '˜' => 0x98,
        '™' => 0x99,
        'š' => 0x9A,
        '›' => 0x9B,
        'œ' => 0x9C,
        'ž' => 0x9E,
        'Ÿ' => 0x9F,
        _ => return None,
    })
}
