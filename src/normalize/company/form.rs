//! Legal forms at the end (or, in some countries, the start) of a company name.
//!
//! Called by `company::parse`. Why words and not a regex: forms are written with and without dots,
//! spaces and commas, and longest-match over normalized words reads `S. A. de C. V.` and `SA DE CV`
//! the same.

use crate::lists::with_own;
use crate::normalize::text::{self, list_lines};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::LazyLock;

/// Most words of one legal form.
const LONGEST: usize = 8;

/// A word of a company name: folded, dots of abbreviations gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub folded: String,
    /// Written as an ordinary word (`Spa`), which some forms are not.
    plain: bool,
}

struct Form {
    name: &'static str,
    /// May stand before the name (`PT`, `株式会社`).
    leads: bool,
}

static FORMS: LazyLock<FxHashMap<String, Form>> = LazyLock::new(|| {
    let mut forms = FxHashMap::default();
    let texts = with_own("legal_forms.txt", include_str!("../../../data/legal_forms.txt"));
    for line in texts.into_iter().flat_map(list_lines) {
        let mut fields = line.split('|').map(str::trim);
        let (Some(spelling), Some(name)) = (fields.next(), fields.next()) else { continue };
        let leads = fields.nth(1) == Some("leads");
        let words = words(spelling);
        let key: Vec<&str> = words.iter().map(|word| word.folded.as_str()).collect();
        forms.entry(key.join(" ")).or_insert(Form { name, leads });
    }
    forms
});

/// Whether a folded word is part of any legal form.
pub(super) fn is_form_word(word: &str) -> bool {
    static WORDS: LazyLock<FxHashSet<&'static str>> =
        LazyLock::new(|| FORMS.keys().flat_map(|key| key.split(' ')).collect());
    WORDS.contains(word)
}

/// The canonical legal form of a text that is nothing but one (`gmbh`: `GmbH`).
pub fn legal_form_of(text: &str) -> Option<&'static str> {
    whole(&words(text))
}

/// The form that all the words are.
pub(super) fn whole(words: &[Word]) -> Option<&'static str> {
    if words.is_empty() || words.len() > LONGEST {
        return None;
    }
    FORMS.get(join(words).as_str()).map(|form| form.name)
}

fn join(words: &[Word]) -> String {
    let mut key = String::with_capacity(24);
    for (i, word) in words.iter().enumerate() {
        if i > 0 {
            key.push(' ');
        }
        key.push_str(&word.folded);
    }
    key
}

/// Splits a name into words: dots and apostrophes inside go, single letters in a row become one word.
pub(super) fn words(name: &str) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    let separators = |c: char| {
        c.is_whitespace() || matches!(c, ',' | ';' | '/' | '"' | '“' | '”' | '„' | '«' | '»' | '|')
    };
    let mut letters_run = false;
    for piece in name.split(separators).filter(|piece| !piece.is_empty()) {
        let folded = text::fold(piece);
        // A dot between longer parts separates words (`Co.KG`); between letters it abbreviates.
        let glued = folded.trim_end_matches('.').split('.').all(|part| part.len() > 1);
        let apart = |c: char| {
            matches!(c, ' ' | '-' | '_' | ':' | '(' | ')' | '[' | ']' | '*' | '!' | '?' | '#')
                || (glued && c == '.')
        };
        for part in folded.split(apart) {
            let bare: String = part
                .chars()
                .filter(|c| c.is_ascii_alphanumeric() || *c == '&' || *c == '+')
                .collect();
            if bare.is_empty() {
                continue;
            }
            let letter = bare.len() == 1 && bare.as_bytes()[0].is_ascii_alphabetic();
            let dotted = piece.contains('.');
            if letter && letters_run && (dotted || piece.len() == 1) {
                if let Some(last) = out.last_mut() {
                    last.folded.push_str(&bare);
                }
                continue;
            }
            letters_run = letter && bare != "y" && bare != "e" && bare != "i";
            let plain = !dotted && is_plain(piece);
            push_ampersands(&mut out, &bare, plain);
        }
    }
    out
}

/// One capital, then small letters: how an ordinary word is written.
fn is_plain(piece: &str) -> bool {
    let mut chars = piece.chars();
    chars.next().is_some_and(char::is_uppercase)
        && chars.clone().count() > 0
        && chars.all(char::is_lowercase)
}

/// `AT&T` stays one word, `&Co` and `GmbH&Co` become words of their own.
fn push_ampersands(out: &mut Vec<Word>, bare: &str, plain: bool) {
    let split = bare.len() > 1
        && bare.contains('&')
        && bare
            .split('&')
            .any(|side| matches!(side, "" | "co" | "gmbh" | "ug" | "cie" | "sohne" | "sons"));
    if !split {
        out.push(Word { folded: bare.to_string(), plain });
        return;
    }
    for (i, side) in bare.split('&').enumerate() {
        if i > 0 {
            out.push(Word { folded: "&".to_string(), plain: false });
        }
        if !side.is_empty() {
            out.push(Word { folded: side.to_string(), plain });
        }
    }
}

/// Forms that are also ordinary words, at the end of a name: only when not written like one.
const WORDLIKE: &[&str] = &["spa", "as", "asa", "sas", "ab", "se", "pa", "ag", "ad"];

/// Cuts legal forms off both ends, as long as a name remains; the canonical outermost form.
pub(super) fn strip(words: &mut Vec<Word>) -> Option<&'static str> {
    let mut found: Option<&'static str> = None;
    for _ in 0..3 {
        let Some((length, name)) = longest_tail(words) else { break };
        words.truncate(words.len() - length);
        while words.len() > 1 && words.last().is_some_and(|word| is_joiner(&word.folded)) {
            words.pop();
        }
        found = found.or(Some(name));
    }
    if let Some((length, name)) = longest_head(words) {
        words.drain(..length);
        found = found.or(Some(name));
    }
    found
}

fn is_joiner(word: &str) -> bool {
    matches!(word, "&" | "+" | "and" | "und" | "y" | "et" | "e")
}

fn longest_tail(words: &[Word]) -> Option<(usize, &'static str)> {
    for length in (1..=LONGEST.min(words.len().saturating_sub(1))).rev() {
        let tail = &words[words.len() - length..];
        if length == 1 && tail[0].plain && WORDLIKE.contains(&tail[0].folded.as_str()) {
            continue;
        }
        if let Some(form) = FORMS.get(join(tail).as_str()) {
            return Some((length, form.name));
        }
    }
    None
}

fn longest_head(words: &[Word]) -> Option<(usize, &'static str)> {
    for length in (1..=LONGEST.min(words.len().saturating_sub(1))).rev() {
        let head = &words[..length];
        if let Some(form) = FORMS.get(join(head).as_str()).filter(|form| form.leads) {
            return Some((length, form.name));
        }
    }
    None
}
