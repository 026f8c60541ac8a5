//! The domain of an address: syntax, provider aliases, the registrable part, likely typos.
//!
//! Called by `email::parse`. Why a typo is only suggested: `gmial.com` is registered and somebody
//! may own it; changing an address silently would write to a stranger.

use super::{kind, note, punycode};
use crate::compare::similarity::within_one_edit;
use crate::normalize::text::list_lines;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// Checks and canonicalizes a domain: lowercase, Unicode labels, trailing dots off.
pub(super) fn parse(raw: &str, reason: &mut &'static str) -> Result<String, &'static str> {
    if raw.is_empty() {
        return Err("no-domain");
    }
    if raw.starts_with('[') {
        return Err("ip-domain");
    }
    if raw.contains(char::is_whitespace) {
        return Err("white-space-inside");
    }
    let mut domain = raw.to_lowercase();
    if domain.contains(',') {
        domain = comma_for_dot(&domain).ok_or("domain-characters")?;
        note(reason, "comma-for-dot");
    }
    if domain.contains("..") {
        while domain.contains("..") {
            domain = domain.replace("..", ".");
        }
        note(reason, "double-dot");
    }
    if domain.starts_with('.') {
        domain.remove(0);
        note(reason, "punctuation");
    }
    if domain.contains("xn--") {
        domain = domain
            .split('.')
            .map(unicode_label)
            .collect::<Option<Vec<_>>>()
            .ok_or("punycode")?
            .join(".");
    }
    check(&domain)?;
    Ok(domain)
}

/// `gmail,com`: a comma cannot be in a domain, and what follows is a top-level domain.
fn comma_for_dot(domain: &str) -> Option<String> {
    let (host, top) = domain.split_once(',')?;
    let known = [
        "com", "net", "org", "de", "es", "fr", "it", "mx", "com.mx", "com.br", "co.uk", "edu", "io",
    ];
    (!host.is_empty() && known.contains(&top)).then(|| format!("{host}.{top}"))
}

fn unicode_label(label: &str) -> Option<String> {
    match label.strip_prefix("xn--") {
        Some(code) => punycode::decode(code).map(|text| text.to_lowercase()),
        None => Some(label.to_string()),
    }
}

fn check(domain: &str) -> Result<(), &'static str> {
    if domain.len() > 253 {
        return Err("domain-too-long");
    }
    let mut labels = 0;
    let mut last = "";
    for label in domain.split('.') {
        if label.is_empty() || label.len() > 63 || label.starts_with('-') || label.ends_with('-') {
            return Err("domain-label");
        }
        if !label.chars().all(|c| c == '-' || c.is_ascii_alphanumeric() || is_idn(c)) {
            return Err("domain-characters");
        }
        labels += 1;
        last = label;
    }
    if labels < 2 {
        return Err("no-tld");
    }
    if last.bytes().all(|b| b.is_ascii_digit()) {
        return Err("ip-domain");
    }
    if last.chars().count() < 2 || last.bytes().any(|b| b.is_ascii_digit()) {
        return Err("no-tld");
    }
    Ok(())
}

/// Letters, digits and marks outside ASCII.
fn is_idn(c: char) -> bool {
    !c.is_ascii() && (c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c))
}

/// The domain under which a provider delivers all its aliases.
pub(super) fn provider(domain: &str) -> &str {
    match domain {
        "googlemail.com" => "gmail.com",
        "me.com" | "mac.com" => "icloud.com",
        "protonmail.com" | "pm.me" | "protonmail.ch" => "proton.me",
        "ya.ru" | "yandex.com" | "yandex.ua" | "yandex.by" | "yandex.kz" => "yandex.ru",
        other => other,
    }
}

/// The part of a domain somebody registered, by the public suffix list; the whole domain when the
/// list does not say.
pub fn registrable(domain: &str) -> &str {
    psl::domain_str(domain).unwrap_or(domain)
}

/// Known misspellings, `wrong = right` a line.
static TYPOS: LazyLock<FxHashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let [own, shipped] =
        crate::lists::with_own("domain_typos.txt", include_str!("../../../data/domain_typos.txt"));
    [shipped, own]
        .into_iter()
        .flat_map(list_lines)
        .filter_map(|line| line.split_once('='))
        .map(|(wrong, right)| (wrong.trim(), right.trim()))
        .collect()
});

/// Providers frequent enough that a domain one edit away is more likely a slip than a company.
const FREQUENT: &[&str] = &[
    "gmail.com",
    "yahoo.com",
    "hotmail.com",
    "outlook.com",
    "icloud.com",
    "googlemail.com",
    "comcast.net",
    "hotmail.co.uk",
    "yahoo.co.uk",
    "hotmail.fr",
    "yahoo.com.mx",
    "yahoo.com.br",
    "hotmail.es",
    "yahoo.es",
    "yahoo.fr",
    "outlook.es",
    "outlook.de",
    "t-online.de",
    "wanadoo.fr",
    "orange.fr",
    "libero.it",
    "rediffmail.com",
    "verizon.net",
    "sbcglobal.net",
    "bellsouth.net",
    "btinternet.com",
    "protonmail.com",
];

/// Endings that no registry sells, and what was meant.
const ENDINGS: &[(&str, &str)] = &[
    (".con", ".com"),
    (".cmo", ".com"),
    (".ocm", ".com"),
    (".comm", ".com"),
    (".coom", ".com"),
    (".vom", ".com"),
    (".xom", ".com"),
    (".cpm", ".com"),
    (".clm", ".com"),
    (".ccom", ".com"),
    (".comn", ".com"),
    (".nte", ".net"),
    (".nett", ".net"),
    (".ney", ".net"),
    (".ogr", ".org"),
    (".orgg", ".org"),
    (".co.ukk", ".co.uk"),
    (".couk", ".co.uk"),
    (".co.uj", ".co.uk"),
    (".com.mxx", ".com.mx"),
    (".com.nx", ".com.mx"),
    (".com.bbr", ".com.br"),
];

/// The domain that was probably meant, when this one looks like a slip.
pub(super) fn suggest(domain: &str) -> Option<String> {
    if let Some(&right) = TYPOS.get(domain) {
        return Some(right.to_string());
    }
    if kind::is_free_mail_domain(domain) || kind::is_disposable_domain(domain) {
        return None;
    }
    for (wrong, right) in ENDINGS {
        if let Some(host) = domain.strip_suffix(wrong) {
            let meant = format!("{host}{right}");
            return Some(TYPOS.get(meant.as_str()).map_or(meant, |better| better.to_string()));
        }
    }
    FREQUENT.iter().find(|&&right| is_one_edit(domain, right)).map(|right| right.to_string())
}

/// One edit apart, a swap of neighbors included, with the same first letter or length.
fn is_one_edit(domain: &str, frequent: &str) -> bool {
    domain.is_ascii()
        && frequent.len() >= 8
        && domain.len().abs_diff(frequent.len()) <= 1
        && (domain.as_bytes().first() == frequent.as_bytes().first()
            || domain.as_bytes().last() == frequent.as_bytes().last())
        && domain != frequent
        && within_one_edit(domain, frequent)
}
