//! Company names: the core two spellings share, apart from legal form, branch and trading name.
//!
//! Read by the company comparison and its blocking keys. Why the legal form is cut off and kept: it
//! says nothing of identity ("Acme" and "Acme Inc." are one firm), but it marks a cell as a company.

mod form;
mod plain;

pub use form::legal_form_of;
pub use plain::is_plain;

use super::Normalized;
use super::text;
use form::Word;
use rustc_hash::FxHashSet;
use std::sync::LazyLock;

/// A company name in its parts.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Company {
    /// The name as it should be shown: cleaned, nothing taken off.
    pub display: String,
    /// Folded name without legal form, branch, "the", "and" and a closing "group"; the comparison key.
    pub core: String,
    /// Canonical legal form (`GmbH & Co. KG`, `S.A. de C.V.`).
    pub legal_form: Option<&'static str>,
    /// Text in parentheses that is no legal form: a place, `HQ`.
    pub branch: Option<String>,
    /// The name after "trading as", "t/a", "dba".
    pub trading_as: Option<String>,
    /// The name after "c/o".
    pub care_of: Option<String>,
    /// The registrable domain, when the name was given as one (`Acme.com`).
    pub domain: Option<String>,
    /// Not a company: `test`, `self-employed`, `none`.
    pub placeholder: bool,
    /// The words of the core.
    pub tokens: Vec<String>,
}

/// Reads a company cell.
///
/// ```
/// use leadmend::normalize::company;
/// let one = company::parse("Seguridad Águila, S.A. de C.V.").value.unwrap();
/// let two = company::parse("SEGURIDAD AGUILA").value.unwrap();
/// assert_eq!(one.core, two.core);
/// assert_eq!(one.legal_form, Some("S.A. de C.V."));
/// ```
pub fn parse(raw: &str) -> Normalized<Company> {
    let cleaned = text::clean(raw);
    if text::is_null_word(&cleaned) {
        return Normalized::missing(if cleaned.is_empty() { "" } else { "null-word" });
    }
    let display = unwrap(&cleaned);
    if let Some(reason) = refuse(&cleaned).or_else(|| refuse(display)) {
        return Normalized::invalid(reason);
    }
    let company = read(display);
    if company.core.is_empty() {
        return Normalized::invalid("no-letters");
    }
    match text::clean_reason(raw, &cleaned) {
        "" if display.len() == cleaned.len() => Normalized::ok(company),
        "" => Normalized::repaired(company, "punctuation"),
        reason => Normalized::repaired(company, reason),
    }
}

/// The cell without list punctuation around it and without quotes around the whole.
fn unwrap(cell: &str) -> &str {
    let mut text = cell;
    loop {
        let bare = text.trim_matches([',', ';', '|', '*', ' ']);
        let pairs = [('"', '"'), ('“', '”'), ('«', '»'), ('\'', '\'')];
        let inner = pairs.iter().find_map(|(open, close)| {
            let inner = bare.strip_prefix(*open)?.strip_suffix(*close)?;
            (!inner.contains([*open, *close])).then_some(inner)
        });
        let next = inner.unwrap_or(bare);
        if next == text {
            return text;
        }
        text = next;
    }
}

/// Why a cell cannot be a company name.
fn refuse(cell: &str) -> Option<&'static str> {
    if text::is_formula(cell) {
        return Some("formula");
    }
    if text::is_template(cell) {
        return Some("template");
    }
    let compact = !cell.contains(' ');
    if compact && cell.contains('@') && cell.contains('.') {
        return Some("email-in-company");
    }
    if cell.contains("://") || (compact && cell.to_ascii_lowercase().starts_with("www.")) {
        return Some("url-in-company");
    }
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    let only = cell.chars().all(|c| c.is_ascii_digit() || "+-(). /".contains(c));
    if only && digits >= 5 {
        return Some("number-in-company");
    }
    None
}

fn read(display: &str) -> Company {
    let mut company = Company { display: display.to_string(), ..Company::default() };
    let rest = take_care_of(display, &mut company);
    let (legal, trading) = split_trading(rest);
    company.trading_as = trading.map(str::to_string);
    let (outside, inside) = split_parentheses(legal);
    let mut words = form::words(&outside);
    let mut branch = Vec::new();
    for part in inside {
        let inner = form::words(&part);
        // `UG (haftungsbeschränkt)` and `(株)` are legal forms, wherever they stand.
        let mut joined: Vec<Word> = words.iter().cloned().chain(inner.iter().cloned()).collect();
        if form::strip(&mut joined).is_some() && joined.len() < words.len().max(1) {
            words.extend(inner);
        } else if let Some(found) = form::whole(&inner) {
            company.legal_form = company.legal_form.or(Some(found));
        } else {
            branch.push(part);
        }
    }
    company.branch = (!branch.is_empty()).then(|| branch.join(", "));
    let found = form::strip(&mut words);
    company.legal_form = found.or(company.legal_form);
    company.domain = domain_of(display);
    company.tokens = match &company.domain {
        Some(domain) => {
            let label = domain.split('.').next().unwrap_or(domain);
            text::tokens(&text::fold(label)).map(str::to_string).collect()
        }
        None => core_tokens(&words),
    };
    if company.tokens.is_empty() {
        company.tokens = text::tokens(&text::fold(display)).map(str::to_string).collect();
    }
    company.core = company.tokens.join(" ");
    company.placeholder = is_placeholder(&company.core);
    company
}

/// `Acme.com`: one word that ends in a public suffix; its core is the name before the suffix.
fn domain_of(display: &str) -> Option<String> {
    let dot = display.find('.').filter(|&at| at > 1 && at + 2 < display.len())?;
    let host = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    // `S.A.` and `J.P.Morgan` are abbreviations.
    if !display.bytes().all(host) || display.ends_with('.') || display[dot..].contains("..") {
        return None;
    }
    let lower = display.to_ascii_lowercase();
    let domain = psl::domain(lower.as_bytes())?;
    let known = domain.suffix().is_known() && domain.suffix().typ() == Some(psl::Type::Icann);
    let text = std::str::from_utf8(domain.as_bytes()).ok()?;
    (known && text.split('.').next().is_some_and(|label| label.len() > 1)).then(|| text.to_string())
}

/// Words that join names without telling two firms apart.
const JOINERS: &[&str] = &["and", "und", "y", "et", "en", "i", "og", "och", "&", "+"];

fn core_tokens(words: &[Word]) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::with_capacity(words.len());
    for (i, word) in words.iter().enumerate() {
        let text = word.folded.as_str();
        let inside = i > 0 && i + 1 < words.len();
        let article = i == 0 && words.len() > 1 && text == "the";
        if article || (inside && JOINERS.contains(&text)) || matches!(text, "&" | "+") {
            continue;
        }
        tokens.push(if text == "grp" { "group".to_string() } else { text.to_string() });
    }
    // A closing "Group" comes and goes with the writer, as a legal form does.
    let closing = ["group", "gruppe", "groupe", "grupo", "gruppo", "groep"];
    if tokens.len() > 1 && tokens.last().is_some_and(|last| closing.contains(&last.as_str())) {
        tokens.pop();
    }
    tokens
}

/// Cuts "c/o ..." off; a cell that starts with it names only the company after it.
fn take_care_of<'a>(display: &'a str, company: &mut Company) -> &'a str {
    let Some((before, after)) = split_at_marker(display, &["c/o", "c.o.", "℅", "care of"]) else {
        return display;
    };
    if before.is_empty() {
        return after;
    }
    company.care_of = Some(after.to_string());
    before
}

fn split_trading(text: &str) -> (&str, Option<&str>) {
    let markers = [
        "t/a",
        "trading as",
        "d/b/a",
        "dba",
        "d.b.a.",
        "doing business as",
        "a/k/a",
        "aka",
        "also known as",
        "nombre comercial",
        "nome fantasia",
        "nom commercial",
        "handelend onder de naam",
        "h.o.d.n.",
    ];
    match split_at_marker(text, &markers) {
        Some((before, after)) if !before.is_empty() => (before, Some(after)),
        Some((_, after)) => (after, None),
        None => (text, None),
    }
}

/// Text before and after the first marker that stands as a word of its own; something must follow.
fn split_at_marker<'a>(text: &'a str, markers: &[&str]) -> Option<(&'a str, &'a str)> {
    let bytes = text.as_bytes();
    let is_start = |at: &usize| *at == 0 || matches!(bytes[*at - 1], b' ' | b',' | b'(' | b'-');
    let starts: Vec<usize> = (0..bytes.len()).filter(is_start).collect();
    for marker in markers {
        let length = marker.len();
        for &at in starts.iter().filter(|&&at| at + length < bytes.len()) {
            let end = bytes.get(at + length).is_none_or(|b| matches!(b, b' ' | b':' | b'.'));
            if end && bytes[at..at + length].eq_ignore_ascii_case(marker.as_bytes()) {
                let edge =
                    |c: char| c == ' ' || c == ',' || c == '-' || c == ':' || c == '.' || c == '(';
                let before = text.get(..at)?.trim_end_matches([' ', ',', '-', '(']);
                let after = text.get(at + length..)?.trim_start_matches(edge).trim_end_matches(')');
                if !after.is_empty() {
                    return Some((before, after));
                }
            }
        }
    }
    None
}

/// The text outside parentheses, and what each pair holds.
fn split_parentheses(text: &str) -> (String, Vec<String>) {
    if !text.contains(['(', '（', '[']) {
        return (text.to_string(), Vec::new());
    }
    let mut outside = String::with_capacity(text.len());
    let mut inside: Vec<String> = Vec::new();
    let mut depth = 0;
    for c in text.chars() {
        match c {
            '(' | '（' | '[' => {
                if depth == 0 {
                    inside.push(String::new());
                    outside.push(' ');
                }
                depth += 1;
            }
            ')' | '）' | ']' => depth = (depth - 1).max(0),
            _ if depth > 0 => {
                if let Some(part) = inside.last_mut() {
                    part.push(c);
                }
            }
            _ => outside.push(c),
        }
    }
    let inside: Vec<String> =
        inside.iter().map(|part| part.trim().to_string()).filter(|part| !part.is_empty()).collect();
    // A name wholly in parentheses is a name.
    if outside.trim().is_empty() { (inside.join(" "), Vec::new()) } else { (outside, inside) }
}

/// Folded names that stand for "no company".
const NOBODY: &[&str] = &[
    "aaa",
    "abc",
    "asdf",
    "asdfasdf",
    "autonomo",
    "autonomous",
    "company",
    "company name",
    "consumer",
    "desempleado",
    "dummy",
    "empresa",
    "estudiante",
    "example",
    "example company",
    "fake",
    "firma",
    "foo",
    "foobar",
    "freelance",
    "freelancer",
    "home",
    "independent",
    "independiente",
    "individual",
    "jubilado",
    "keine firma",
    "me",
    "my company",
    "myself",
    "ninguna",
    "no",
    "no company",
    "no tengo",
    "none",
    "not applicable",
    "not employed",
    "null",
    "other",
    "otro",
    "particular",
    "personal",
    "personne",
    "private",
    "private person",
    "privat",
    "privatperson",
    "qwerty",
    "retired",
    "rentner",
    "self",
    "self employed",
    "selbstandig",
    "selbststandig",
    "sem empresa",
    "sin empresa",
    "sin nombre",
    "sole trader",
    "student",
    "tbc",
    "tbd",
    "test",
    "test company",
    "test test",
    "testing",
    "unemployed",
    "unknown",
    "xxx",
    "xyz",
    "your company",
    "zzz",
];

/// True for a folded core that names no company.
pub fn is_placeholder(core: &str) -> bool {
    static KNOWN: LazyLock<FxHashSet<&'static str>> =
        LazyLock::new(|| NOBODY.iter().copied().collect());
    KNOWN.contains(core)
        || (core.len() > 2 && core.bytes().all(|b| Some(&b) == core.as_bytes().first()))
}

#[cfg(test)]
mod tests;
