//! Letters: folding to ASCII, letter case, and the typing errors people make.

use crate::random::Rng;

/// The ASCII form a mail address or domain would use: lower case, no accents, no blanks.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match plain(letter) {
            Some(plain) => out.push_str(plain),
            None => {
                out.extend(letter.to_lowercase().filter(|l| l.is_ascii_alphanumeric() || *l == '-'))
            }
        }
    }
    out.retain(|l| l != '-');
    out.make_ascii_lowercase();
    out
}

/// The same text without accents, letter case kept; German umlauts as `ue` or as `u`.
pub fn strip_accents(text: &str, german: bool) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    for letter in text.chars() {
        match (german, letter) {
            (true, 'ä') => out.push_str("ae"),
            (true, 'ö') => out.push_str("oe"),
            (true, 'ü') => out.push_str("ue"),
            _ => match plain(letter) {
                Some(plain) => out.push_str(plain),
                None => out.push(letter),
            },
        }
    }
    out
}

fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' => "a",
        'Á' | 'À' | 'Â' | 'Ã' | 'Ä' => "A",
        'é' | 'è' | 'ê' | 'ë' => "e",
        'É' | 'È' | 'Ê' => "E",
        'í' | 'ì' | 'î' | 'ï' => "i",
        'Í' | 'Î' => "I",
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' => "o",
        'Ó' | 'Ô' | 'Õ' | 'Ö' => "O",
        'ú' | 'ù' | 'û' | 'ü' => "u",
        'Ú' | 'Ü' => "U",
        'ñ' => "n",
        'ç' => "c",
        'ß' => "ss",
        _ => return None,
    })
}

/// A slip: a letter doubled, dropped, swapped with the next, or its neighbor on the keyboard.
pub fn mistype(rng: &mut Rng, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let places: Vec<usize> =
        (1..letters.len()).filter(|at| letters[*at].is_alphanumeric()).collect();
    if letters.len() < 3 || places.is_empty() {
        return text.to_string();
    }
    let at = *rng.pick(&places);
    match rng.below(5) {
        0 => letters.insert(at, letters[at]),
        1 => {
            letters.remove(at);
        }
        2 if at + 1 < letters.len() => letters.swap(at, at + 1),
        3 => letters.insert(at, (b'a' + rng.below(26) as u8) as char),
        _ => letters[at] = beside(rng, letters[at]),
    }
    letters.into_iter().collect()
}

fn beside(rng: &mut Rng, letter: char) -> char {
    const ROWS: [&str; 4] = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"];
    for row in ROWS {
        if let Some(at) = row.find(letter.to_ascii_lowercase()) {
            let at =
                if at == 0 || (at + 1 < row.len() && rng.chance(0.5)) { at + 1 } else { at - 1 };
            return row.as_bytes()[at] as char;
        }
    }
    'e'
}

/// Every word with a capital, the rest small: what a form with `text-transform` stores.
pub fn capitalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut start = true;
    for letter in text.chars() {
        if start {
            out.extend(letter.to_uppercase());
        } else {
            out.push(letter);
        }
        start = matches!(letter, '.' | '@' | '-' | '_' | '+');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_leaves_only_what_a_mail_address_may_hold() {
        for (input, expected) in
            [("Müller", "muller"), ("Jean-Luc", "jeanluc"), ("O Brien & Söhne", "obriensohne")]
        {
            assert_eq!(fold(input), expected);
        }
    }
}
