//! Names of the lists: words of the model made safe for every file system.

use crate::score::model::ScoringModel;

/// Longest name, without `.csv`.
const LONGEST: usize = 60;
/// Names that are taken by the other lists, or that Windows keeps for devices.
const TAKEN: &[&str] = &[
    "hand-off",
    "ready-but-low",
    "not-contactable",
    "segments",
    "tracks",
    "con",
    "prn",
    "aux",
    "nul",
];

/// Lower-case letters and digits with dashes between them: `Send an offer!` is `send-an-offer`.
pub(super) fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in deunicode::deunicode(text).chars() {
        if out.len() >= LONGEST {
            break;
        }
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.truncate(out.trim_end_matches('-').len());
    out
}

/// A name for every band with an action, by model and band: the action's, else the band's; each
/// name once.
pub(super) fn names(models: &[ScoringModel]) -> Vec<(usize, usize, String)> {
    let mut named: Vec<(usize, usize, String)> = Vec::new();
    for (m, model) in models.iter().enumerate() {
        for (b, band) in model.bands.iter().enumerate().filter(|(_, b)| b.of == model.primary) {
            let Some(action) = band.action.as_deref() else { continue };
            let mut name = slug(action);
            let device = |n: &str| {
                let digit = n.strip_prefix("com").or(n.strip_prefix("lpt"));
                digit.is_some_and(|d| d.len() == 1 && d.as_bytes()[0].is_ascii_digit())
            };
            let is_taken = |name: &str, named: &[(usize, usize, String)]| {
                name.is_empty()
                    || TAKEN.contains(&name)
                    || device(name)
                    || named.iter().any(|n| n.2 == name)
            };
            for more in [slug(&band.id), slug(&model.name)] {
                if is_taken(&name, &named) && !more.is_empty() {
                    name = if name.is_empty() { more } else { format!("{name}-{more}") };
                }
            }
            let mut number = 2;
            let stem = if name.is_empty() { "band".to_string() } else { name.clone() };
            while is_taken(&name, &named) {
                name = format!("{stem}-{number}");
                number += 1;
            }
            named.push((m, b, name));
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::model::parse;
    use proptest::prelude::*;

    #[test]
    fn words_become_names() {
        for (text, expected) in [
            ("phone call", "phone-call"),
            ("  Send an OFFER! (50%) ", "send-an-offer-50"),
            ("llamar por teléfono", "llamar-por-telefono"),
            ("../../etc/passwd", "etc-passwd"),
            ("", ""),
            ("!?", ""),
        ] {
            assert_eq!(slug(text), expected, "{text}");
        }
    }

    #[test]
    fn every_band_has_a_name_of_its_own() {
        let text = "[[component]]\nid = \"s\"\n[[rule]]\nid = \"r\"\non = \"page.view\"\nadd = 1\n";
        let band = |id: &str, min: i32, action: &str| {
            format!("[[band]]\nid = \"{id}\"\nmin = {min}\nmax = {min}\naction = \"{action}\"\n")
        };
        let text = text.to_string()
            + &band("a", 1, "newsletter")
            + &band("b", 2, "Newsletter")
            + &band("c", 3, "hand-off")
            + &band("d", 4, "!")
            + &band("e", 5, "CON");
        let model = parse(&text, "m").unwrap();
        let found: Vec<String> = names(&[model.clone(), model]).into_iter().map(|n| n.2).collect();
        let expected = ["newsletter", "newsletter-b", "hand-off-c", "d", "con-e"];
        assert_eq!(found[..5], expected);
        let mut all = found.clone();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), found.len(), "{found:?}");
    }

    proptest! {
        #[test]
        fn names_are_safe(text in ".{0,80}") {
            let name = slug(&text);
            prop_assert!(name.len() <= LONGEST);
            prop_assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
            prop_assert!(!name.starts_with('-') && !name.ends_with('-'));
        }
    }
}
