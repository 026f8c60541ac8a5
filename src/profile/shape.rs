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

/// The value with its content hidden: the first letter of each word of three letters and more, `*`
/// for the other letters, `#` for digits.
///
/// ```
/// use leadmend::profile::shape::mask;
/// assert_eq!(mask("ana.lopez@acme.com"), "a**.l****@a***.c**");
/// assert_eq!(mask("+52 33 1234"), "+## ## ####");
/// ```
pub fn mask(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let run: usize = rest.chars().take_while(|c| c.is_alphabetic()).map(char::len_utf8).sum();
        if run > 0 {
            let word = &rest[..run];
            let letters = word.chars().count();
            for (i, letter) in word.chars().enumerate() {
                out.push(if i == 0 && letters > 2 { letter } else { '*' });
            }
            rest = &rest[run..];
            continue;
        }
        out.push(match c {
            c if c.is_numeric() => '#',
            c if c.is_control() => '\u{FFFD}',
            c => c,
        });
        rest = &rest[c.len_utf8()..];
    }
    out
}
