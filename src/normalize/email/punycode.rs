//! Decoding of internationalized domain labels (RFC 3492), so that `xn--mller-kva.de` and
//! `müller.de` are one domain.
//!
//! Called by the domain parser. Why only decoding: the canonical form is the readable one.

const BASE: u32 = 36;
const T_MIN: u32 = 1;
const T_MAX: u32 = 26;
const SKEW: u32 = 38;
const DAMP: u32 = 700;

/// The text of a label after `xn--`; `None` when it is not punycode.
pub(super) fn decode(code: &str) -> Option<String> {
    if !code.is_ascii() || code.len() > 59 {
        return None;
    }
    let (basic, extended) = code.rsplit_once('-').unwrap_or(("", code));
    let mut out: Vec<char> = basic.chars().collect();
    let (mut n, mut i, mut bias) = (128u32, 0u32, 72u32);
    let mut digits = extended.bytes();
    while digits.len() > 0 {
        let start = i;
        let mut weight = 1u32;
        let mut k = BASE;
        loop {
            let digit = digit(digits.next()?)?;
            i = i.checked_add(digit.checked_mul(weight)?)?;
            let threshold = k.saturating_sub(bias).clamp(T_MIN, T_MAX);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(BASE - threshold)?;
            k += BASE;
        }
        let length = out.len() as u32 + 1;
        bias = adapt(i - start, length, start == 0);
        n = n.checked_add(i / length)?;
        i %= length;
        out.insert(i as usize, char::from_u32(n)?);
        i += 1;
    }
    (!out.is_empty()).then(|| out.into_iter().collect())
}

fn digit(byte: u8) -> Option<u32> {
    match byte {
        b'a'..=b'z' => Some(u32::from(byte - b'a')),
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 26),
        _ => None,
    }
}

fn adapt(delta: u32, length: u32, first: bool) -> u32 {
    let mut delta = if first { delta / DAMP } else { delta / 2 };
    delta += delta / length;
    let mut k = 0;
    while delta > ((BASE - T_MIN) * T_MAX) / 2 {
        delta /= BASE - T_MIN;
        k += BASE;
    }
    k + (BASE - T_MIN + 1) * delta / (delta + SKEW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_labels_of_the_wild() {
        for (code, text) in [
            ("mller-kva", "müller"),
            ("espaa-rta", "españa"),
            ("bcher-kva", "bücher"),
            ("fsq", "例"),
        ] {
            assert_eq!(decode(code).as_deref(), Some(text), "{code}");
        }
        assert_eq!(decode("!!"), None);
        assert_eq!(decode(""), None);
        assert_eq!(decode("99999999"), None);
    }
}
