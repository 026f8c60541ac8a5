//! The format of a value without its content: `(212) 736-5000` is `(999) 999-9999`.

/// Longest format that is told.
const LONGEST: usize = 40;

/// The format: digits as `9` one by one, a run of letters as `A` (capitals), `a` (small) or `Aa`.
///
/// ```
/// use leadmend::profile::shape::shape;
/// assert_eq!(shape("(212) 736-5000"), "(999) 999-9999");
/// assert_eq!(shape("Ana LÓPEZ garcía"), "Aa A a");
/// ```
pub fn shape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if out.len() >= LONGEST {
            out.push('…');
            break;
        }
        if c.is_alphabetic() {
            let (mut upper, mut lower) = (c.is_uppercase(), !c.is_uppercase());
            while let Some(next) = chars.next_if(|c| c.is_alphabetic()) {
                upper |= next.is_uppercase();
                lower |= !next.is_uppercase();
            }
            out.push_str(match (upper, lower) {
                (true, true) => "Aa",
                (true, false) => "A",
                _ => "a",
            });
        } else if c.is_numeric() {
            out.push('9');
        } else if c.is_control() {
            out.push('\u{FFFD}');
        } else {
            out.push(c);
        }
    }
    out
}
