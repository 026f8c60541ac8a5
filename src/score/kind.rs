//! Activity kinds: one canonical name for what products and languages call differently.
//!
//! Used by readers of activities and by model files alike, so that `form_submit` in the data meets
//! `Form Success` in the model. The names are data (`data/activity_kinds.txt`), not code.

use super::condition::fold;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// Prefix of kinds that the list does not know.
const OTHER: &str = "other:";

struct Kinds {
    names: Vec<&'static str>,
    by_key: FxHashMap<String, &'static str>,
    synonyms: Vec<&'static str>,
    by_number: FxHashMap<(&'static str, u32), &'static str>,
}

static KINDS: LazyLock<Kinds> = LazyLock::new(|| {
    read(crate::lists::with_own(
        "activity_kinds.txt",
        include_str!("../../data/activity_kinds.txt"),
    ))
});

fn read(texts: [&'static str; 2]) -> Kinds {
    let mut kinds = Kinds {
        names: Vec::new(),
        by_key: FxHashMap::default(),
        synonyms: Vec::new(),
        by_number: FxHashMap::default(),
    };
    for line in texts.into_iter().flat_map(str::lines).filter(|line| !line.starts_with('#')) {
        let Some((name, rest)) = line.split_once(':') else { continue };
        if !kinds.names.contains(&name) {
            kinds.names.push(name);
        }
        kinds.by_key.entry(key(name)).or_insert(name);
        for word in rest.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let number = word.split_once('#').and_then(|(p, n)| Some((p, n.parse().ok()?)));
            if let Some(number) = number {
                kinds.by_number.entry(number).or_insert(name);
            } else {
                kinds.by_key.entry(key(word)).or_insert(name);
                kinds.synonyms.push(word);
            }
        }
    }
    kinds
}

/// A name without letter case, accents and separators.
fn key(name: &str) -> String {
    fold(name).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The canonical kind of a name, when the list knows it.
pub fn known(name: &str) -> Option<&'static str> {
    KINDS.by_key.get(&key(name)).copied()
}

/// The canonical kind of a name; `other:<name>` for one that the list does not know.
///
/// ```
/// use leadmend::score::kind::canonical;
/// assert_eq!(canonical("Form Success"), "form.submit");
/// assert_eq!(canonical("apertura de correo"), "email.open");
/// assert_eq!(canonical("Visita Guiada"), "other:visita guiada");
/// ```
pub fn canonical(name: &str) -> String {
    let bare = strip_other(name).unwrap_or(name);
    match known(bare) {
        Some(kind) => kind.to_string(),
        None => format!("{OTHER}{}", fold(bare.trim())),
    }
}

/// The kind behind a product's number: `("pardot", 11)` is `email.open`.
pub fn canonical_number(product: &str, number: u32) -> Option<&'static str> {
    let product = product.to_lowercase();
    KINDS.by_number.iter().find(|((p, n), _)| *p == product && *n == number).map(|(_, kind)| *kind)
}

/// True for a name that says itself that it is none of the list.
pub fn is_other(name: &str) -> bool {
    strip_other(name).is_some_and(|rest| !rest.trim().is_empty())
}

fn strip_other(name: &str) -> Option<&str> {
    let (head, rest) = name.trim().split_once(':')?;
    head.trim().eq_ignore_ascii_case("other").then_some(rest)
}

/// All canonical kinds, in the order of the list.
pub fn all() -> impl Iterator<Item = &'static str> {
    KINDS.names.iter().copied()
}

/// All names that mean a kind without being its canonical one.
pub fn synonyms() -> impl Iterator<Item = &'static str> {
    KINDS.synonyms.iter().copied()
}

/// True for what a lead does, as against what is done to it: sending mail to someone every week
/// does not make them active.
pub fn is_done_by_lead(kind: &str) -> bool {
    !matches!(
        kind,
        "email.sent"
            | "email.delivered"
            | "email.bounce"
            | "email.soft-bounce"
            | "webinar.invite"
            | "call.outbound"
            | "score.change"
            | "status.change"
            | "merge"
    )
}

/// True for kinds whose events name no object, so that counting per object says nothing.
pub fn carries_no_object(kind: &str) -> bool {
    matches!(kind, "call.inbound" | "call.outbound" | "chat" | "sms" | "merge" | "status.change")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_languages_and_shapes_meet() {
        for (name, kind) in [
            ("form_submit", "form.submit"),
            ("Form Success", "form.submit"),
            ("form.submit", "form.submit"),
            ("envío de formulario", "form.submit"),
            ("CONTACT_FORM_SUBMISSION", "form.submit"),
            ("Apertura de correo", "email.open"),
            ("E-Mail geöffnet", "email.open"),
            ("hard bounce", "email.bounce"),
            ("Soft Bounce", "email.soft-bounce"),
            ("Email Bounced Soft", "email.soft-bounce"),
            ("url.hit", "page.view"),
            ("visita web", "page.view"),
            ("file.access", "asset.download"),
            ("téléchargement", "asset.download"),
            ("network ads", "ad.click"),
            ("CALL", "call.outbound"),
            ("other:Email Open", "email.open"),
            ("other: Visita  Guiada", "other:visita guiada"),
            ("", "other:"),
        ] {
            assert_eq!(canonical(name), kind, "{name}");
        }
    }

    #[test]
    fn product_numbers_resolve() {
        for (product, number, kind) in [
            ("Pardot", 11, Some("email.open")),
            ("pardot", 20, Some("page.view")),
            ("marketo", 10, Some("email.open")),
            ("marketo", 104, Some("status.change")),
            ("marketo", 8, Some("email.bounce")),
            ("marketo", 27, Some("email.soft-bounce")),
            ("marketo", 9999, None),
        ] {
            assert_eq!(canonical_number(product, number), kind, "{product} {number}");
        }
    }

    #[test]
    fn no_name_means_two_kinds() {
        let mut meanings: FxHashMap<String, &str> = FxHashMap::default();
        let text = include_str!("../../data/activity_kinds.txt");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (name, rest) = line.split_once(':').unwrap();
            for word in std::iter::once(name).chain(rest.split(',')).filter(|w| !w.contains('#')) {
                let other = meanings.insert(key(word), name);
                assert!(other.is_none_or(|other| other == name), "{word}: {other:?} and {name}");
            }
        }
        assert_eq!(canonical(&canonical("whatever it is")), "other:whatever it is");
    }
}
