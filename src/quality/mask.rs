//! Masking: what of a value may be shown where others can read it.
//!
//! Reports of `check` land in CI logs and code scanning, which outlive a branch. A mask keeps what
//! helps to find the mistake (length, kind of characters, first letter) and nothing that says whose
//! value it is.

use crate::schema::Role;
use unicode_normalization::char::is_combining_mark;

/// How much of a value is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reveal {
    /// Nothing.
    None,
    /// A mask.
    #[default]
    Masked,
    /// Everything.
    Full,
}

/// Characters of a value that are shown at most, before it is cut.
const LONGEST: usize = 80;
/// Letters of the last label of a domain that is shown.
const LONGEST_LABEL: usize = 10;

/// What may be shown of the value of a column of this role.
pub fn show(value: &str, role: Role, reveal: Reveal) -> String {
    match reveal {
        Reveal::None => String::new(),
        Reveal::Full => cut(value),
        Reveal::Masked if is_personal(role) => cut(&mask(value)),
        Reveal::Masked => cut(value),
    }
}

/// Whether values of this role say who somebody is. A column without a known meaning might.
pub fn is_personal(role: Role) -> bool {
    !matches!(
        role,
        Role::Country
            | Role::Region
            | Role::LeadSource
            | Role::Stage
            | Role::Score
            | Role::Grade
            | Role::Category
            | Role::Industry
            | Role::Employees
            | Role::Revenue
            | Role::Created
            | Role::Updated
            | Role::LastActivity
            | Role::Consent(_)
    )
}

/// Keeps the first letter of every word, punctuation, the plus of a phone number and the last
/// label of a domain; all else becomes a star, digits but the last two too.
///
/// ```
/// use leadmend::quality::mask::mask;
/// assert_eq!(mask("maria@acme.example"), "m****@a***.example");
/// assert_eq!(mask("+52 33 1234 5678"), "+** ** **** **78");
/// assert_eq!(mask("Maria Lopez"), "M**** L****");
/// ```
pub fn mask(value: &str) -> String {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let label = match value.rsplit_once('@') {
        Some((_, domain)) => domain.rsplit_once('.').map_or(0, |(_, last)| match last {
            last if last.len() <= LONGEST_LABEL
                && last.bytes().all(|b| b.is_ascii_alphabetic()) =>
            {
                last.len()
            }
            // Whatever it is, it is no ending of a domain.
            _ => 0,
        }),
        None => 0,
    };
    let open = value.len() - label;
    let (mut seen, mut inside) = (0, false);
    let mut text = String::with_capacity(value.len());
    for (at, c) in value.char_indices() {
        if at >= open && label > 0 {
            text.push(c);
        } else if c.is_numeric() {
            seen += 1;
            // Shorter numbers are ages, house numbers, dates: nothing of them is shown.
            text.push(if digits >= 9 && seen + 2 > digits { c } else { '*' });
            inside = true;
        } else if is_combining_mark(c) {
            // Part of the letter before it: it ends no word, and would tell what a star hides.
            text.push('*');
        } else if c.is_alphabetic() {
            text.push(if inside { '*' } else { c });
            inside = true;
        } else {
            text.push(if c.is_control() { '\u{fffd}' } else { c });
            inside = false;
        }
    }
    text
}

fn cut(value: &str) -> String {
    match value.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}...", &value[..at]),
        None => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn masks_keep_the_shape_and_hide_the_person() {
        let cases = [
            ("maria@acme.example", "m****@a***.example"),
            ("not an address", "n** a* a******"),
            ("+52 33 1234 5678", "+** ** **** **78"),
            ("1990-03-07", "****-**-**"),
            ("Ünal Özgür", "Ü*** Ö****"),
            ("Ri\u{301}os", "R****"),
            ("a@b.Maria Lopez", "a@b.M**** L****"),
            ("a@b.4711", "a@b.****"),
            ("", ""),
        ];
        for (value, masked) in cases {
            assert_eq!(mask(value), masked, "{value}");
        }
        assert_eq!(show("Maria", Role::GivenName, Reveal::None), "");
        assert_eq!(show("Maria", Role::GivenName, Reveal::Full), "Maria");
        assert_eq!(show("webinar", Role::LeadSource, Reveal::Masked), "webinar");
    }

    proptest! {
        #[test]
        fn no_two_letters_in_a_row_are_shown(value in "\\PC{0,40}") {
            let masked = mask(&value);
            let shown: Vec<char> = masked.chars().take(masked.rfind('.').unwrap_or(masked.len())).collect();
            if !value.contains('@') {
                prop_assert!(!shown.windows(2).any(|w| w.iter().all(|c| c.is_alphabetic())));
            }
        }
    }
}
