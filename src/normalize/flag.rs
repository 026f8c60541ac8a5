//! Booleans as people and products write them, in six languages.

use super::Normalized;
use super::fold::{fold, is_null_word, trim};

const TRUE: [&str; 32] = [
    "true",
    "t",
    "yes",
    "y",
    "1",
    "on",
    "x",
    "checked",
    "enabled",
    "active",
    "ok",
    "yep",
    "yeah",
    "si",
    "verdadero",
    "cierto",
    "activado",
    "ja",
    "j",
    "wahr",
    "an",
    "oui",
    "o",
    "vrai",
    "sim",
    "s",
    "verdadeiro",
    "ativo",
    "vero",
    "allow",
    "allowed",
    "accepted",
];
const FALSE: [&str; 26] = [
    "false",
    "f",
    "no",
    "n",
    "0",
    "off",
    "unchecked",
    "disabled",
    "inactive",
    "nope",
    "falso",
    "desactivado",
    "nein",
    "falsch",
    "aus",
    "non",
    "faux",
    "nao",
    "inativo",
    "do not allow",
    "not allowed",
    "not",
    "never",
    "nunca",
    "declined",
    "nie",
];

/// Reads a yes-or-no cell.
///
/// Repairs: `boolean-word`. Invalid: `not-a-boolean`. `true` and `false` are the well-formed words.
pub fn parse(raw: &str) -> Normalized<bool> {
    match raw {
        "true" => return Normalized::ok(true),
        "false" => return Normalized::ok(false),
        "" => return Normalized::missing(""),
        _ => {}
    }
    let text = trim(raw);
    if text.is_empty() {
        return Normalized::missing("");
    }
    // Check boxes: ✓, ✔, ☑ and ✗, ✘, ☐.
    match text {
        "✓" | "✔" | "☑" | "✅" => return Normalized::repaired(true, "boolean-word"),
        "✗" | "✘" | "☐" | "❌" => return Normalized::repaired(false, "boolean-word"),
        _ => {}
    }
    let folded = fold(text);
    let word = folded.strip_suffix(" 0").unwrap_or(&folded);
    if TRUE.contains(&word) || word == "10" && text == "1.0" {
        Normalized::repaired(true, "boolean-word")
    } else if FALSE.contains(&word) || word == "00" && text == "0.0" {
        Normalized::repaired(false, "boolean-word")
    } else if is_null_word(text) {
        Normalized::missing("null-word")
    } else {
        Normalized::invalid("not-a-boolean")
    }
}
