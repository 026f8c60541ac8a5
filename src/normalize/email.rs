//! E-mail addresses: one canonical form, two keys, and what kind of mailbox it is.
//!
//! Read by matching (the identity key), consent (the suppression key) and scoring (role, free mail).
//! Why two keys: joining two people over a guess is wrong, and so is mailing somebody who opted out
//! under another spelling; identity uses the narrow key, suppression the wide one.

mod domain;
mod kind;
mod punycode;

pub use domain::registrable;
pub(crate) use kind::is_placeholder;
pub use kind::{is_disposable_domain, is_free_mail_domain, is_role_local};

use super::text;
use super::{Normalized, Status};
use std::borrow::Cow;

/// A usable e-mail address, lowercase.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Email {
    /// Local part without the tag.
    pub local: String,
    /// Domain, internationalized labels in Unicode.
    pub domain: String,
    /// What follows the first `+` of the local part.
    pub tag: Option<String>,
    /// The part of the domain somebody registered (`mail.acme.co.uk`: `acme.co.uk`).
    pub registrable: String,
    /// A mailbox of a function rather than of a person: `info@`, `sales@`.
    pub role: bool,
    /// A domain of a mail provider rather than of an employer.
    pub free: bool,
    /// A throw-away domain.
    pub disposable: bool,
    /// Typed to get past a form: `test@test.com`, `noemail@noemail.com`.
    pub placeholder: bool,
    /// The address with the domain that was probably meant; never applied.
    pub suggestion: Option<String>,
}

impl Email {
    /// The address to write to: lowercase, with its tag.
    pub fn address(&self) -> String {
        match &self.tag {
            Some(tag) => format!("{}+{tag}@{}", self.local, self.domain),
            None => format!("{}@{}", self.local, self.domain),
        }
    }

    /// The narrow key: equal only for addresses that reach one mailbox by the provider's rules.
    pub fn identity_key(&self) -> String {
        let domain = domain::provider(&self.domain);
        if domain == "gmail.com" && self.local.contains('.') {
            format!("{}@{domain}", self.local.replace('.', ""))
        } else {
            format!("{}@{domain}", self.local)
        }
    }

    /// The wide key, for suppression only: dots and provider tags never tell two addresses apart.
    pub fn suppression_key(&self) -> String {
        let domain = domain::provider(&self.domain);
        let mut local = self.local.as_str();
        if self.registrable.starts_with("yahoo.") || self.registrable.starts_with("ymail.") {
            local = local.split('-').next().filter(|base| !base.is_empty()).unwrap_or(local);
        }
        let bare: String = local.chars().filter(|&c| c != '.').collect();
        if bare.is_empty() { format!("{local}@{domain}") } else { format!("{bare}@{domain}") }
    }
}

/// Reads one address; cells with several go through [`split`] first.
///
/// ```
/// use leadmend::normalize::email;
/// let read = email::parse("Ana López <Ana.Lopez+news@Acme.com>;");
/// assert_eq!(read.value.unwrap().identity_key(), "ana.lopez@acme.com");
/// assert_eq!(read.reason, "display-name");
/// assert_eq!(email::parse("ana@@acme.com").reason, "double-at");
/// ```
pub fn parse(raw: &str) -> Normalized<Email> {
    let cleaned = text::clean(raw);
    if text::is_null_word(&cleaned) {
        return Normalized::missing(if cleaned.is_empty() { "" } else { "null-word" });
    }
    let mut reason = text::clean_reason(raw, &cleaned);
    let (bare, unwrapped) = unwrap(&cleaned);
    note(&mut reason, unwrapped);
    let joined = join_around_at(bare);
    if matches!(joined, Cow::Owned(_)) {
        note(&mut reason, "white-space");
    }
    match read(&joined, &mut reason) {
        Ok(email) if reason.is_empty() => Normalized::ok(email),
        Ok(email) => Normalized { value: Some(email), status: Status::Repaired, reason },
        Err(why) => Normalized::invalid(why),
    }
}

/// The first repair that happened names the whole.
fn note(reason: &mut &'static str, new: &'static str) {
    if reason.is_empty() {
        *reason = new;
    }
}

fn read(text: &str, reason: &mut &'static str) -> Result<Email, &'static str> {
    let (local, domain) = match text.split_once('@') {
        None => return Err(missing_at(text)),
        Some((_, rest)) if rest.contains('@') => {
            let several = split(text).len() > 1;
            return Err(if several { "several-addresses" } else { "double-at" });
        }
        Some(parts) => parts,
    };
    let local = unquote(local, reason);
    check_local(local)?;
    let domain = domain::parse(domain, reason)?;
    // Letter case of the domain alone means nothing; of the local part, next to nothing.
    let whole = if local.bytes().any(|b| b.is_ascii_uppercase()) || !local.is_ascii() {
        let lower: String = local.chars().map(small).collect();
        if lower != local {
            note(reason, "case");
        }
        lower
    } else {
        local.to_string()
    };
    Ok(build(whole, domain))
}

/// The small form of a letter where it is one letter: `İ` would become two, and another address.
fn small(letter: char) -> char {
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(small), None) => small,
        _ => letter,
    }
}

fn build(whole: String, domain: String) -> Email {
    let (local, tag) = match whole.split_once('+') {
        Some((base, tag)) if !base.is_empty() && !base.ends_with('.') => {
            (base.to_string(), (!tag.is_empty()).then(|| tag.to_string()))
        }
        _ => (whole, None),
    };
    let registrable = registrable(&domain).to_string();
    let suggestion = domain::suggest(&domain).map(|better| match &tag {
        Some(tag) => format!("{local}+{tag}@{better}"),
        None => format!("{local}@{better}"),
    });
    Email {
        role: is_role_local(&local),
        free: is_free_mail_domain(&domain),
        disposable: is_disposable_domain(&domain) || is_disposable_domain(&registrable),
        placeholder: kind::is_placeholder(&local, &domain, &registrable),
        local,
        domain,
        tag,
        registrable,
        suggestion,
    }
}

fn missing_at(text: &str) -> &'static str {
    let folded = text::fold(text);
    let spelled =
        ["(at)", "[at]", "{at}", " at ", "(a)", "<at>", "(arroba)", "[arroba]", " arroba "];
    if spelled.iter().any(|at| folded.contains(at)) {
        "at-spelled-out"
    } else if text::is_template(text) {
        "template"
    } else {
        "no-at"
    }
}

/// Takes off what surrounds an address, and says what it was.
fn unwrap(cell: &str) -> (&str, &'static str) {
    let mut text = cell;
    let mut reason = "";
    if let (Some(open), Some(close)) = (text.rfind('<'), text.rfind('>'))
        && open < close
        && text[open..close].contains('@')
    {
        let named = !text[..open].trim().is_empty();
        note(&mut reason, if named { "display-name" } else { "wrapped" });
        text = &text[open + 1..close];
    } else if let Some(inner) = address_in_parentheses(text) {
        note(&mut reason, "display-name");
        text = inner;
    }
    loop {
        let before = text;
        text = text.trim();
        for scheme in ["mailto:", "smtp:", "email:", "e-mail:"] {
            if text.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme)) {
                text = &text[scheme.len()..];
                note(&mut reason, "mailto");
            }
        }
        if let Some((address, _)) = text.split_once('?').filter(|_| reason == "mailto") {
            text = address;
        }
        let opening = ['<', '>', '(', '[', '\'', '‘', '“', ',', ';', ':', '.', '/', '\\', '|', '*'];
        let closing =
            ['<', '>', ')', ']', '\'', '’', '”', ',', ';', ':', '.', '/', '\\', '|', '*', '!'];
        let mut bare = text.trim_start_matches(opening);
        // An IP literal keeps its bracket, so that it is refused as what it is.
        if !bare.contains("@[") {
            bare = bare.trim_end_matches(closing);
        }
        if let Some(inner) = bare.strip_prefix('"').and_then(|b| b.strip_suffix('"')) {
            bare = inner;
        }
        if bare.len() != text.len() {
            text = bare;
            note(&mut reason, "punctuation");
        }
        if text == before {
            return (text, reason);
        }
    }
}

/// Outlook's display form: `José Núñez (jose.nunez@telmx.example)`.
fn address_in_parentheses(text: &str) -> Option<&str> {
    let inner = text.strip_suffix(')')?;
    let open = inner.rfind('(')?;
    let outside = &inner[..open];
    (inner[open..].contains('@') && !outside.contains('@')).then(|| inner[open + 1..].trim())
}

/// `ana @ acme.com` without the spaces; other white space stays and is refused later.
fn join_around_at(text: &str) -> Cow<'_, str> {
    match text.split_once('@') {
        Some((local, domain)) if local.ends_with(' ') || domain.starts_with(' ') => {
            Cow::Owned(format!("{}@{}", local.trim_end(), domain.trim_start()))
        }
        _ => Cow::Borrowed(text),
    }
}

fn unquote<'a>(local: &'a str, reason: &mut &'static str) -> &'a str {
    match local.strip_prefix('"').and_then(|l| l.strip_suffix('"')) {
        Some(inner) => {
            note(reason, "quotes");
            inner
        }
        None => local,
    }
}

fn check_local(local: &str) -> Result<(), &'static str> {
    if local.is_empty() {
        return Err("no-local");
    }
    if local.len() > 64 {
        return Err("local-too-long");
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err("local-dots");
    }
    let allowed = |c: char| {
        c.is_ascii_alphanumeric()
            || "!#$%&'*+-/=?^_`{|}~.".contains(c)
            || (!c.is_ascii() && c.is_alphanumeric())
    };
    if local.contains(' ') {
        return Err("white-space-inside");
    }
    if text::is_template(local) {
        return Err("template");
    }
    if local.chars().all(allowed) { Ok(()) } else { Err("local-characters") }
}

/// The addresses of a cell that may hold several: ` ::: `, `;`, `,`, `|`, white space.
///
/// A display name stays with its address; words that are no address are left out when others are.
pub fn split(cell: &str) -> Vec<&str> {
    let ats = memchr::memchr_iter(b'@', cell.as_bytes()).count();
    if ats < 2 {
        return if cell.trim().is_empty() { Vec::new() } else { vec![cell.trim()] };
    }
    let spaced = !cell.contains('<');
    let separator = |c: char| {
        matches!(c, ';' | ',' | '|' | '\n' | '\r' | '\t') || (spaced && c.is_whitespace())
    };
    let pieces: Vec<&str> = cell
        .split(separator)
        .flat_map(|piece| piece.split(":::"))
        .map(str::trim)
        .filter(|piece| piece.contains('@') && piece.len() > 1)
        .collect();
    if pieces.is_empty() { vec![cell.trim()] } else { pieces }
}

#[cfg(test)]
mod tests;
