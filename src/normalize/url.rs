//! Websites: host, registrable domain and path of a cell that should be a URL.
//!
//! Two leads of one firm write `https://www.acme.com/`, `acme.com` and `ACME.COM/contact`: the
//! registrable domain is what they share.

use super::Normalized;
use super::fold::{is_null_word, trim};
use std::borrow::Cow;

/// A web address without scheme, user, port 80/443, `www.` and fragment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Website {
    /// Lower-case host without `www.`.
    pub host: String,
    /// The part of the host someone registered (`acme.co.uk`); empty for an IP address.
    pub registrable: String,
    /// Path and query, empty for the front page; letter case is kept.
    pub path: String,
}

impl Website {
    /// The address as it is compared and written: host and path.
    pub fn display(&self) -> String {
        format!("{}{}", self.host, self.path)
    }
}

/// Reads a web address.
///
/// Repairs: `format`. Invalid: `email-in-url`, `no-domain`, `bad-host`, `not-a-web-url`.
pub fn parse(raw: &str) -> Normalized<Website> {
    // No address holds a control character; one in its middle came with the copying.
    let printable: Cow<'_, str> = match raw.contains(char::is_control) {
        true => raw.chars().filter(|c| !c.is_control()).collect::<String>().into(),
        false => raw.into(),
    };
    let text = trim(&printable);
    if text.is_empty() {
        return Normalized::missing("");
    }
    if is_null_word(text) || is_bare_scheme(text) {
        return Normalized::missing("null-word");
    }
    match split(text) {
        Ok(website) if website.display() == raw => Normalized::ok(website),
        Ok(website) => Normalized::repaired(website, "format"),
        Err(reason) => Normalized::invalid(reason),
    }
}

/// `http://` alone: what a form's prefilled field leaves behind.
fn is_bare_scheme(text: &str) -> bool {
    ["http://", "https://", "http://www.", "https://www.", "www.", "http:", "https:"]
        .iter()
        .any(|scheme| scheme.eq_ignore_ascii_case(text))
}

fn split(text: &str) -> Result<Website, &'static str> {
    let rest = strip_scheme(text)?;
    let host_end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(host_end);
    if let Some((user, _)) = authority.rsplit_once('@') {
        return Err(if user.contains(':') { "bad-host" } else { "email-in-url" });
    }
    let host = strip_port(authority)?;
    let host = clean_host(host)?;
    let registrable = registrable(&host)?;
    Ok(Website { host, registrable, path: clean_path(path) })
}

/// Removes web schemes, mistyped ones (`http//`, `htp:/`) and doubled ones included.
fn strip_scheme(text: &str) -> Result<&str, &'static str> {
    let mut rest = text;
    for _ in 0..3 {
        let Some((scheme, after)) = scheme(rest) else { break };
        if !matches!(
            scheme.to_ascii_lowercase().as_str(),
            "http" | "https" | "htp" | "htps" | "ttp" | "ttps"
        ) {
            return Err("not-a-web-url");
        }
        rest = after;
    }
    Ok(rest.trim_start_matches('/'))
}

fn scheme(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphabetic())?;
    let (word, after) = text.split_at(end);
    let web = word.len() >= 3 && "https".contains(&*word.to_ascii_lowercase());
    if let Some(after) = after.strip_prefix("://") {
        return Some((word, after));
    }
    if matches!(word, "mailto" | "tel" | "javascript" | "file") && after.starts_with(':') {
        return Some((word, after));
    }
    if !web {
        return None;
    }
    [":/", ":", "//", ";//"]
        .iter()
        .find_map(|mark| after.strip_prefix(mark))
        .map(|rest| (word, rest))
}

fn strip_port(authority: &str) -> Result<&str, &'static str> {
    match authority.rsplit_once(':') {
        None => Ok(authority),
        Some((host, port)) if port.is_empty() || port.parse::<u16>().is_ok() => Ok(host),
        Some(_) => Err("bad-host"),
    }
}

/// Lower case, without `www.`, outer dots and spaces; every label must be well-formed.
fn clean_host(host: &str) -> Result<String, &'static str> {
    let mut clean = host.trim_matches(['.', ' ', ',']).to_lowercase();
    // As often as it stands there: what is left would else be read as another host the next time.
    while let Some(rest) = ["www.", "www2.", "ww.", "wwww."]
        .iter()
        .find_map(|prefix| clean.strip_prefix(prefix).filter(|rest| rest.contains('.')))
    {
        clean = rest.to_owned();
    }
    let well_formed = clean.len() <= 253
        && clean.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
        });
    if !clean.contains('.') {
        return Err("no-domain");
    }
    if well_formed { Ok(clean) } else { Err("bad-host") }
}

fn registrable(host: &str) -> Result<String, &'static str> {
    if host.split('.').all(|label| label.bytes().all(|b| b.is_ascii_digit())) {
        return match host.parse::<std::net::Ipv4Addr>() {
            Ok(_) => Ok(String::new()),
            Err(_) => Err("bad-host"),
        };
    }
    if let Some(domain) = psl::domain_str(host) {
        return Ok(domain.to_owned());
    }
    // `github.io` rents out names below it, and is somebody's site as well.
    let rented = psl::suffix(host.as_bytes()).and_then(|suffix| suffix.typ());
    if rented == Some(psl::Type::Private) { Ok(host.to_owned()) } else { Err("no-domain") }
}

/// Without fragment, campaign parameters and closing slash.
fn clean_path(path: &str) -> String {
    let path = path.split('#').next().unwrap_or("");
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut clean = path.trim_end_matches(['/', '\\', ' ']).replace('\\', "/");
    let kept = query.split('&').filter(|pair| !pair.is_empty() && !is_tracking(pair));
    for (index, pair) in kept.enumerate() {
        clean.push(if index == 0 { '?' } else { '&' });
        clean.push_str(pair);
    }
    clean
}

fn is_tracking(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or("");
    name.starts_with("utm_") || matches!(name, "gclid" | "fbclid" | "msclkid" | "mc_cid" | "mc_eid")
}
