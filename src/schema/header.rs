//! What a header says: folding it, and looking it up among the known names of columns.
//!
//! The header only proposes a role; `content` may contradict it. Names are compared
//! without case, accents, spaces and punctuation, so that `E-Mail Address`, `EMAILADDRESS` and
//! `email_address` are one.

use super::role::Role;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The list of known headers.
const HEADERS: &str = include_str!("../../data/headers.txt");

/// Words before or after a name that tell which of several it is.
const QUALIFIERS: [(&str, &str); 45] = [
    ("work", "work"),
    ("business", "work"),
    ("office", "work"),
    ("company", "work"),
    ("corporate", "work"),
    ("professional", "work"),
    ("geschaftlich", "work"),
    ("home", "home"),
    ("personal", "home"),
    ("private", "home"),
    ("privat", "home"),
    ("other", "other"),
    ("billing", "billing"),
    ("shipping", "other"),
    ("mailing", "mailing"),
    ("permanent", "home"),
    ("current", ""),
    ("primary", ""),
    ("main", ""),
    ("preferred", ""),
    ("default", ""),
    ("secondary", "other"),
    ("second", "other"),
    ("alternate", "other"),
    ("alternative", "other"),
    ("additional", "other"),
    ("contact", ""),
    ("contact1", ""),
    ("lead", ""),
    ("person", ""),
    ("prospect", ""),
    ("customer", ""),
    ("client", ""),
    ("member", ""),
    ("user", ""),
    ("subscriber", ""),
    ("property", ""),
    ("merge", ""),
    ("your", ""),
    ("c", ""),
    ("1", ""),
    ("2", "other"),
    ("3", "other"),
    ("value", ""),
    ("full", ""),
];

static KNOWN: LazyLock<FxHashMap<String, Role>> = LazyLock::new(|| {
    let mut known = FxHashMap::default();
    let texts = crate::lists::with_own("headers.txt", HEADERS);
    let lines = texts.into_iter().flat_map(str::lines);
    for line in lines.filter(|line| !line.starts_with('#')) {
        let Some((role, names)) = line.rsplit_once(": ") else { continue };
        let Ok(role) = role.parse::<Role>() else { continue };
        for name in names.split(';') {
            known.entry(key(name)).or_insert(role);
        }
    }
    known
});

/// Letters and digits of a header, folded to lower-case ASCII where it can be.
pub fn key(header: &str) -> String {
    words(header).concat()
}

/// The words of a header: without entity prefix, accents, case and punctuation, cut at spaces,
/// signs and `camelCase`.
pub fn words(header: &str) -> Vec<String> {
    let header = header.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let header = strip_entity(header);
    let mut words = Vec::new();
    let mut word = String::new();
    let mut lower_before = false;
    for c in header.nfd().filter(|&c| !is_combining_mark(c)) {
        if c == 'ß' {
            word.push_str("ss");
        } else if c.is_alphanumeric() {
            if c.is_uppercase() && lower_before && !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            word.extend(c.to_lowercase());
        } else if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        lower_before = c.is_lowercase();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// `Person - `, `Lead: `, `(Do Not Modify)` and ` (Account)` around a header.
fn strip_entity(header: &str) -> &str {
    const ENTITIES: [&str; 6] = ["person", "lead", "contact", "activity", "deal", "organization"];
    let mut header = header;
    if let Some(rest) = header.strip_prefix("(Do Not Modify)") {
        header = rest.trim();
    }
    for separator in [" - ", ": "] {
        if let Some((entity, rest)) = header.split_once(separator)
            && ENTITIES.contains(&entity.trim().to_ascii_lowercase().as_str())
        {
            header = rest;
        }
    }
    match header.split_once(" (") {
        Some((name, entity)) if entity.ends_with(')') && !name.trim().is_empty() => name,
        _ => header,
    }
}

/// A role proposed by a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The role.
    pub role: Role,
    /// Which of several: `work`, `home`, `billing`, `other`; empty for the only or main one.
    pub slot: &'static str,
    /// The whole header is a known name, not only a part of it.
    pub exact: bool,
}

/// What a header proposes.
pub fn propose(header: &str) -> Option<Proposal> {
    let words = words(header);
    let mut proposal = propose_words(&words)?;
    let numbered = words.iter().all(|w| w.parse::<u8>().is_ok() || !is_qualifier(w));
    // The second address line is no second address, and a company's name is no second name.
    if proposal.role == Role::Company || (proposal.role == Role::Unit && numbered) {
        proposal.slot = "";
    }
    Some(proposal)
}

fn propose_words(words: &[String]) -> Option<Proposal> {
    let slot = slot_of(words);
    if let Some(&role) = KNOWN.get(&words.concat()) {
        return Some(Proposal { role, slot, exact: true });
    }
    // Without qualifiers on either side: `Mailing City`, `City (home)`, `property_city`.
    let mut rest = words;
    while rest.len() > 1 {
        rest = if is_qualifier(&rest[0]) {
            &rest[1..]
        } else if is_qualifier(&rest[rest.len() - 1]) {
            &rest[..rest.len() - 1]
        } else {
            break;
        };
        // `number` alone is a house's, `lead number` is not.
        if let Some(&role) = KNOWN.get(&rest.concat())
            && role != Role::HouseNumber
        {
            return Some(Proposal { role, slot, exact: rest.len() * 2 >= words.len() });
        }
    }
    let telling = [
        ("optout", "consent:email:opt-out"),
        ("optin", "consent:email:opt-in"),
        ("unsubscribed", "consent:email:opt-out"),
        ("optedout", "consent:email:opt-out"),
        ("email", "email"),
        ("mobile", "mobile"),
        ("phone", "phone"),
        ("telefon", "phone"),
        ("birth", "birth-date"),
    ];
    let joined = words.concat();
    let short = words.len() <= 6;
    let found = telling.iter().find(|(word, _)| short && joined.contains(word))?;
    Some(Proposal { role: found.1.parse().ok()?, slot, exact: false })
}

/// Whether a cell is the name of a column, as far as we know.
pub fn is_known(cell: &str) -> bool {
    cell.len() <= 80
        && (propose(cell).is_some_and(|proposal| proposal.exact)
            || super::activity::is_known_header(&key(cell)))
}

fn is_qualifier(word: &str) -> bool {
    QUALIFIERS.iter().any(|(qualifier, _)| *qualifier == word)
}

fn slot_of(words: &[String]) -> &'static str {
    let slots = words.iter().filter_map(|word| {
        QUALIFIERS.iter().find(|(qualifier, _)| qualifier == word).map(|(_, slot)| *slot)
    });
    slots.into_iter().find(|slot| !slot.is_empty()).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_names_only_roles() {
        for line in HEADERS.lines().filter(|l| !l.starts_with('#') && !l.is_empty()) {
            let (role, _) = line.rsplit_once(": ").expect("role: names");
            assert!(role.parse::<Role>().is_ok(), "{role}");
        }
    }

    #[test]
    fn headers_propose_roles() {
        let cases = [
            ("E-Mail Address", "email", ""),
            ("EMAILADDRESS", "email", ""),
            ("emailAddress", "email", ""),
            ("Person - Email - Work", "email", "work"),
            ("(Do Not Modify) Modified On", "updated", ""),
            (" Full Name", "full-name", ""),
            ("Straße", "street", ""),
            ("Téléphone portable", "mobile", ""),
            ("Código postal", "postcode", ""),
            ("MailingCity", "city", "mailing"),
            ("Home ZipCode", "postcode", "home"),
            ("HASOPTEDOUTOFEMAIL", "consent:email:opt-out", ""),
            ("property_firstname", "given-name", ""),
            ("Opted out of email: Newsletter", "consent:email:opt-out", ""),
            ("soc_sec_id", "external-id", ""),
            ("by", "birth-year", ""),
        ];
        for (header, role, slot) in cases {
            let proposal = propose(header).unwrap_or_else(|| panic!("{header} is unknown"));
            assert_eq!(
                (proposal.role.to_string().as_str(), proposal.slot),
                (role, slot),
                "{header}"
            );
        }
        assert_eq!(propose("occupation"), None);
        assert!(!is_known("Ana Ruiz"));
    }
}
