//! Letter case of names: what all-capitals and all-lowercase cells should look like.
//!
//! Called by the name and company normalizers. Why only those cells: mixed case is somebody's
//! choice (`deVries`, `McAdam`, `iRobot`) and stays.

/// Words that belong to the family name after them and stay small inside a name.
const PARTICLES: &[&str] = &[
    "af", "al", "am", "ap", "av", "bin", "bint", "d", "da", "dal", "dalla", "das", "de", "degli",
    "dei", "del", "della", "delle", "den", "der", "des", "di", "do", "dos", "du", "e", "el", "ibn",
    "im", "la", "las", "le", "les", "los", "mac", "mc", "op", "saint", "san", "santa", "st", "te",
    "ten", "ter", "van", "vander", "vom", "von", "vonder", "y", "zu", "zum", "zur",
];

/// Particles that are written with a capital even inside a name.
const CAPITAL_PARTICLES: &[&str] = &["mac", "mc", "saint", "san", "santa", "st"];

/// True for a folded word that joins the family name after it (`de`, `la`, `van`, `von`, `al`).
pub fn is_particle(folded: &str) -> bool {
    PARTICLES.binary_search(&folded).is_ok()
}

/// A name in all capitals or all lowercase in its usual case; mixed case is left alone (`None`).
///
/// ```
/// use leadmend::normalize::text::proper_case;
/// assert_eq!(proper_case("MARIA DE LA O'BRIEN-MCKAY").as_deref(), Some("Maria de la O'Brien-McKay"));
/// assert_eq!(proper_case("deVries"), None);
/// ```
pub fn proper_case(name: &str) -> Option<String> {
    let (mut upper, mut lower, mut letters) = (false, false, 0);
    for c in name.chars() {
        upper |= c.is_uppercase();
        lower |= c.is_lowercase();
        letters += usize::from(c.is_alphabetic());
    }
    // A single capital is an initial; scripts without case have nothing to repair.
    if upper == lower || (letters < 2 && upper) {
        return None;
    }
    let mut out = String::with_capacity(name.len());
    for (i, word) in name.split(' ').enumerate() {
        if i > 0 {
            out.push(' ');
        }
        push_word(&mut out, word, i > 0);
    }
    (out != name).then_some(out)
}

fn push_word(out: &mut String, word: &str, inside: bool) {
    let lower = word.to_lowercase();
    if inside && is_particle(&lower) && !CAPITAL_PARTICLES.contains(&lower.as_str()) {
        out.push_str(&lower);
        return;
    }
    if inside && matches!(lower.as_str(), "ii" | "iii" | "iv" | "vi" | "vii" | "viii") {
        out.push_str(&lower.to_uppercase());
        return;
    }
    let mut start = true;
    let mut part = 0;
    for (at, c) in lower.char_indices() {
        if start {
            // A letter whose capital is two letters (a ligature) stays as it is.
            let mut upper = c.to_uppercase();
            out.push(upper.next().filter(|_| upper.len() == 0).unwrap_or(c));
            part = at;
            start = false;
        } else {
            out.push(c);
        }
        let rest = &lower[at + c.len_utf8()..];
        // O'Brien and D'Angelo, but not Ta'ni or the s of Children's.
        let apostrophe = matches!(c, '\'' | '\u{2019}') && lower[part..at].chars().count() == 1;
        let mac = &lower[part..at + c.len_utf8()] == "mc" && rest.chars().count() > 1;
        if matches!(c, '-' | '.' | '/' | '(') || apostrophe || mac {
            start = true;
        }
    }
}
