//! Text of any column: wrong encodings, invisible and look-alike letters, formulas, tags, words that
//! stand for nothing, columns that were cut off.

use crate::normalize::name::is_placeholder;
use crate::normalize::text::{clean, clean_reason, fold, is_null_word, is_template};
use crate::quality::census::{Census, at_least, sentence};
use crate::quality::checks::name::NAMES;
use crate::quality::{Collector, Raw};
use crate::schema::Role;
use rayon::prelude::*;

const MOJIBAKE: u8 = 1;
const HIDDEN: u8 = 2;
const MIXED: u8 = 4;
const FORMULA: u8 = 8;
const HTML: u8 = 16;
const NOTHING: u8 = 32;
const CASE: u8 = 64;

/// Each flag with its check.
const CHECKS: [(u8, &str); 7] = [
    (MOJIBAKE, "mojibake"),
    (HIDDEN, "control-chars"),
    (MIXED, "look-alike"),
    (FORMULA, "formula-injection"),
    (HTML, "html-in-field"),
    (NOTHING, "placeholder-value"),
    (CASE, "case-anomaly"),
];

/// Runs the group.
pub(super) fn check(census: &Census, out: &mut Collector) {
    let found: Vec<Vec<Raw>> = (0..census.counts.len())
        .into_par_iter()
        .map(|column| {
            let mut own = Collector::new(out.max_samples);
            of_column(census, column, &mut own);
            own.found
        })
        .collect();
    out.found.extend(found.into_iter().flatten());
}

fn of_column(census: &Census, column: usize, out: &mut Collector) {
    let role = census.role(column);
    let null_words: Vec<&str> = census
        .material
        .schema
        .inputs
        .iter()
        .flat_map(|input| input.null_words.iter().map(String::as_str))
        .collect();
    let counts = &census.counts[column];
    let looked: Vec<(u8, u32)> = (0..counts.len())
        .into_par_iter()
        .with_min_len(2048)
        .map(|v| match census.text(column, v) {
            _ if v == 0 || counts[v] == 0 => (0, 0),
            text => {
                let signs = signs_of(text);
                let length = if signs & ABOVE == 0 { text.len() } else { text.chars().count() };
                let flags =
                    if null_words.contains(&text) { 0 } else { flags_of(text, signs, role) };
                (flags, u32::try_from(length).unwrap_or(u32::MAX))
            }
        })
        .collect();
    let flags = |v: usize| looked[v].0;
    let seen = looked.iter().fold(0, |all, (flags, _)| all | flags);
    for (flag, check) in CHECKS {
        if seen & flag != 0 {
            let hits = census.hits(column, |v| flags(v) & flag != 0);
            // A word that many rows of a column of unknown kind have is an answer of its own.
            let answer = flag == NOTHING && at_least(hits.count, hits.of) > 0.2;
            if answer {
                out.suspect(check, Some(column), hits, sentence(check));
            } else {
                out.take(check, Some(column), hits, sentence(check));
            }
        }
    }
    truncated(census, column, &looked, out);
}

/// Signs that some test asks for: bytes above ASCII, controls, what tags begin with, what templates
/// hold.
const ABOVE: u8 = 1;
const CONTROL: u8 = 2;
const TAG: u8 = 4;
const TEMPLATE: u8 = 8;

/// The sign of each byte.
const SIGNS: [u8; 256] = {
    let mut signs = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        signs[byte] = match byte as u8 {
            b'\t' | b'\n' | b'\r' => 0,
            0..b' ' | 0x7f => CONTROL,
            b'<' | b'&' => TAG,
            b'{' | b'[' | b'|' | b'%' | b'$' => TEMPLATE,
            0x80..=0xff => ABOVE,
            _ => 0,
        };
        byte += 1;
    }
    signs
};

/// The signs that a text holds.
fn signs_of(text: &str) -> u8 {
    text.bytes().fold(0, |all, byte| all | SIGNS[byte as usize])
}

fn flags_of(text: &str, signs: u8, role: Role) -> u8 {
    let mut flags = 0;
    let mut set = |flag: u8, on: bool| flags |= if on { flag } else { 0 };
    if signs & ABOVE != 0 {
        let broken = is_mojibake(text);
        set(MOJIBAKE, broken);
        set(MIXED, role != Role::Email && is_mixed(text));
        // Letters read wrongly hold invisible ones by accident.
        set(HIDDEN, !broken && has_hidden(text));
    } else {
        set(HIDDEN, signs & CONTROL != 0);
    }
    let phone = matches!(role, Role::Phone | Role::Mobile);
    set(FORMULA, !phone && is_formula(text));
    set(HTML, signs & TAG != 0 && has_tag(text));
    let nothing = stands_for_nothing(text, signs, role);
    set(NOTHING, nothing);
    set(CASE, !nothing && is_cased_oddly(text, role));
    flags
}

fn is_mojibake(text: &str) -> bool {
    text.contains('\u{fffd}') || clean_reason(text, &clean(text)) == "mojibake"
}

/// Characters nobody sees. Those that join letters or pictures are left to scripts that need them.
fn has_hidden(text: &str) -> bool {
    let joins = text.chars().any(|c| matches!(c, '\u{600}'..='\u{6ff}' | '\u{900}'..='\u{dff}' | '\u{2600}'..='\u{27bf}' | '\u{1f000}'..='\u{1faff}'));
    text.chars().any(|c| match c {
        '\u{200c}' | '\u{200d}' | '\u{fe0f}' => !joins,
        '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' => true,
        '\u{feff}' | '\u{ad}' | '\u{a0}' | '\u{fff9}'..='\u{fffb}' => true,
        c => c.is_control() && !matches!(c, '\t' | '\n' | '\r'),
    })
}

/// A word of Latin letters with Cyrillic or Greek ones among them.
pub(super) fn is_mixed(text: &str) -> bool {
    let foreign = |c: char| matches!(c, '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{4ff}');
    let latin = |c: char| c.is_ascii_alphabetic() || matches!(c, '\u{c0}'..='\u{24f}');
    text.split(|c: char| !c.is_alphabetic()).any(|word| {
        word.chars().count() > 1 && word.chars().any(foreign) && word.chars().any(latin)
    })
}

/// A cell that a spreadsheet runs. Numbers with a sign and phone numbers are not run.
pub(super) fn is_formula(text: &str) -> bool {
    let mut chars = text.chars();
    let rest = |chars: std::str::Chars| chars.as_str().to_string();
    match chars.next() {
        Some('=') => {
            let rest = rest(chars);
            rest.chars().any(|c| c.is_alphanumeric()) && !rest.starts_with('=')
        }
        Some('\t' | '\r') => text.trim_start().starts_with(['=', '+', '-', '@']),
        Some('+' | '-' | '@') => {
            let rest = chars.as_str();
            let letters = rest.chars().any(char::is_alphabetic);
            rest.starts_with(|c: char| c.is_ascii_alphanumeric())
                && letters
                && rest.contains(['(', '|', '!'])
        }
        _ => false,
    }
}

/// Tags that pages are made of; `<ana@aguila.example>` is none.
const TAGS: &[&str] = &[
    "a", "b", "body", "br", "div", "em", "font", "h1", "h2", "h3", "html", "i", "iframe", "img",
    "li", "link", "meta", "ol", "p", "script", "span", "strong", "style", "svg", "table", "td",
    "tr", "u", "ul",
];

/// Characters as pages spell them.
const ENTITIES: &[&str] =
    &["&amp;", "&nbsp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#39;", "&eacute;", "&ntilde;"];

fn has_tag(text: &str) -> bool {
    let tag = |rest: &str| {
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let closed = rest[end..].starts_with(['>', ' ', '/', '\n', '\t']) && rest.contains('>');
        closed && TAGS.contains(&rest[..end].to_ascii_lowercase().as_str())
    };
    text.match_indices('<').any(|(at, _)| tag(&text[at + 1..]))
        || ENTITIES.iter().any(|entity| text.contains(entity))
}

/// Words that fill a field that had to be filled.
const FILLERS: &[&str] = &[
    "unknown",
    "unbekannt",
    "desconocido",
    "desconocida",
    "inconnu",
    "inconnue",
    "sconosciuto",
    "desconhecido",
    "not known",
    "not specified",
    "unspecified",
    "not set",
    "tbd",
    "tba",
    "tbc",
    "xx",
    "xxx",
    "xxxx",
    "xxxxx",
    "asdf",
    "qwerty",
    "dummy",
    "placeholder",
    "to be determined",
    "to be defined",
    "por definir",
    "por confirmar",
    "sin especificar",
];

/// Days that systems put where they know none.
const NO_DAYS: &[&str] = &[
    "1900-01-01",
    "1899-12-30",
    "1970-01-01",
    "9999-12-31",
    "0001-01-01",
    "1/1/1900",
    "01/01/1900",
    "01.01.1900",
];

fn stands_for_nothing(text: &str, signs: u8, role: Role) -> bool {
    if text.len() > 200 {
        return false;
    }
    if signs & TEMPLATE != 0 && is_template(text) {
        return true;
    }
    use Role::{BirthDate, Created, LastActivity, Updated};
    if matches!(role, BirthDate | Created | LastActivity | Updated) {
        return NO_DAYS.iter().any(|day| text.starts_with(day));
    }
    use Role::{City, Country, Industry, LeadSource, Owner, Postcode, Region, Street, Website};
    let name = NAMES.contains(&role);
    let kind = matches!(
        role,
        City | Country | Industry | LeadSource | Owner | Postcode | Region | Street | Website
    );
    // Other columns may have such a word among their answers, or a check of their own.
    if !name && !kind || text.len() > 24 {
        return false;
    }
    let text = text.trim();
    // "Null" and "Na" are surnames.
    let none = is_null_word(text) && (!name || !text.bytes().all(|b| b.is_ascii_alphabetic()));
    // Spaces alone are an empty cell; keyboard walks as names are test records.
    let filler = || FILLERS.contains(&fold(text).as_str()) && !(name && is_placeholder(text));
    !text.is_empty() && (none || filler())
}

/// Names and cities in one case.
fn is_cased_oddly(text: &str, role: Role) -> bool {
    let own = NAMES.contains(&role) || role == Role::City;
    if !own || text.contains('@') {
        return false;
    }
    let (mut letters, mut upper, mut lower) = (0, 0, 0);
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        letters += 1;
        upper += usize::from(c.is_uppercase());
        lower += usize::from(c.is_lowercase());
        if upper < letters && lower < letters {
            return false;
        }
    }
    // Few letters are initials, or a short form (CDMX).
    letters >= if role == Role::City { 5 } else { 4 } && !is_placeholder(text)
}

/// Lengths that systems cut at.
const LIMITS: [usize; 11] = [16, 20, 30, 32, 40, 50, 60, 64, 80, 128, 255];

/// Many values of exactly the longest length: lengths thin out towards the end unless they are cut.
fn truncated(census: &Census, column: usize, looked: &[(u8, u32)], out: &mut Collector) {
    let lengths = || looked.iter().map(|(_, length)| *length as usize);
    let longest = lengths().max().unwrap_or(0);
    if longest < LIMITS[0] {
        return;
    }
    let mut of_length = vec![0u64; longest + 1];
    lengths().for_each(|length| of_length[length] += 1);
    let distinct: u64 = of_length[1..].iter().sum();
    let at_end = of_length[longest];
    let before = of_length[longest.saturating_sub(4)..longest].iter().copied().max().unwrap_or(0);
    let needed = if LIMITS.contains(&longest) { 5 } else { 20 };
    // A column of codes has one length throughout; one that is cut has few values at the limit.
    if at_end >= needed && at_end > before * 4 && at_end * 4 <= distinct {
        let hits = census.hits(column, |v| looked[v].1 as usize == longest);
        let message = format!(
            "many values of exactly {longest} characters; a system on the way cuts the column"
        );
        out.take("truncated", Some(column), hits, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_run_and_numbers_do_not() {
        for text in [
            "=1+1",
            "=HYPERLINK(\"x\")",
            "@SUM(1+1)",
            "+cmd|' /C calc'!A0",
            "-2+3+cmd|'x'!A0",
            "\t=1",
        ] {
            assert!(is_formula(text), "{text:?}");
        }
        for text in [
            "+52 33 1234 5678",
            "-5",
            "-1,000.50",
            "@ana",
            "=",
            "==== notes",
            "+1 (555) 123-4567",
            "- call back (Mon)",
        ] {
            assert!(!is_formula(text), "{text:?}");
        }
    }

    #[test]
    fn tags_and_what_looks_like_them() {
        for text in ["<b>Ana</b>", "<script>alert(1)</script>", "Smith &amp; Sons", "a<br/>b"] {
            assert!(has_tag(text), "{text}");
        }
        for text in ["Ana <ana@aguila.example>", "a < b > c", "R&D", "<3", "x<y"] {
            assert!(!has_tag(text), "{text}");
        }
    }

    #[test]
    fn letters_of_two_scripts_in_one_word() {
        assert!(is_mixed("P\u{430}ypal") && is_mixed("Ana Lop\u{435}z"));
        assert!(!is_mixed("Ana \u{410}\u{43d}\u{43d}\u{430}") && !is_mixed("M\u{fc}ller"));
        assert!(has_hidden("Ana\u{200b}") && has_hidden("a\u{a0}b") && has_hidden("\u{202e}x"));
        assert!(!has_hidden("\u{2764}\u{fe0f}") && !has_hidden("two\nlines"));
    }

    #[test]
    fn words_for_nothing_by_the_kind_of_column() {
        let cases = [
            ("n/a", Role::City, true),
            ("Null", Role::FamilyName, false),
            ("n/a", Role::FamilyName, true),
            ("None", Role::Generic, false),
            ("{{lead.name}}", Role::Generic, true),
            ("1900-01-01", Role::Created, true),
            ("1900-01-01", Role::Generic, false),
            ("Unknown", Role::Industry, true),
            ("Springfield", Role::City, false),
        ];
        for (text, role, nothing) in cases {
            assert_eq!(stands_for_nothing(text, signs_of(text), role), nothing, "{text} {role}");
        }
    }
}
