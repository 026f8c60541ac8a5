//! What the cells of a column look like, from a sample of its distinct values.
//!
//! Headers lie; cells rarely do. The sample is drawn by content hash, so that the answer does not
//! depend on row order, and is at most [`SAMPLE`] values, so that it costs the same for a thousand
//! rows and ten million. Recognizers are deliberately rough: they tell kinds apart, they do not
//! validate (that is [`crate::normalize`]).

use crate::record::{Column, ValueId};

/// Distinct values looked at.
const SAMPLE: usize = 2000;

/// Words that end or stand in names of organizations.
const LEGAL_FORMS: &str = " inc llc ltd limited gmbh ag kg ug ohg corp corporation co company plc \
    llp lp sa sas sarl srl spa sl slu bv nv oy ab as aps pty pvt ltda kft sro doo eirl mbh cv group holding \
    holdings bank university universidad institute hospital school foundation association restaurant grill \
    cafe bistro hotel industries solutions services systems technologies partners consulting ";

const COUNTRIES: &str = "|us|usa|uk|gb|de|fr|es|it|pt|nl|be|ch|at|se|no|dk|fi|pl|ie|ca|mx|mex|br|ar|cl|co|pe|in|cn|jp|\
    au|nz|za|united states|united states of america|united kingdom|great britain|england|germany|deutschland|\
    france|spain|espana|españa|italy|italia|portugal|netherlands|belgium|switzerland|schweiz|austria|österreich|\
    sweden|norway|denmark|finland|poland|ireland|canada|mexico|méxico|brazil|brasil|argentina|chile|colombia|\
    peru|india|china|japan|australia|new zealand|south africa|singapore|";

/// Shares (0 to 1) of the sampled distinct values, and counts over all records.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    /// Records.
    pub records: usize,
    /// Records with a value.
    pub filled: usize,
    /// Distinct values.
    pub distinct: usize,
    /// E-mail addresses.
    pub email: f32,
    /// Phone numbers.
    pub phone: f32,
    /// Web addresses and bare domains.
    pub url: f32,
    /// Dates and points in time.
    pub date: f32,
    /// Points in time with an hour.
    pub clock: f32,
    /// Digits only.
    pub integer: f32,
    /// Hexadecimal, UUID, base64 and the like.
    pub token: f32,
    /// Letters as a person's name has them.
    pub name: f32,
    /// A common given name is among the words.
    pub given: f32,
    /// More than one word.
    pub several_words: f32,
    /// A legal form or another word of organizations is among the words.
    pub company: f32,
    /// Countries.
    pub country: f32,
    /// Short values with a digit, as postal codes are.
    pub postcode: f32,
    /// Long text.
    pub prose: f32,
    /// Yes or no.
    pub flag: f32,
    /// A digit is in it.
    pub digit: f32,
    /// Salutations and academic titles.
    pub prefix: f32,
    /// JSON objects or lists.
    pub json: f32,
    /// Smallest and largest integer, where there are any.
    pub range: Option<(i64, i64)>,
    /// Smallest and largest year of the dates.
    pub years: Option<(i32, i32)>,
}

impl Content {
    /// Looks at a column.
    pub fn of(column: &Column) -> Self {
        let filled = column.ids.iter().filter(|id| !id.is_missing()).count();
        let distinct = column.dictionary.len() - 1;
        let mut content = Self { records: column.ids.len(), filled, distinct, ..Self::default() };
        let step = distinct.div_ceil(SAMPLE).max(1) as u64;
        let mut seen = 0u32;
        for id in 1..column.dictionary.len() as u32 {
            let value = column.dictionary.get(ValueId(id));
            if step > 1 && !crate::record::fnv(value).is_multiple_of(step) {
                continue;
            }
            let value = value.trim();
            if !is_null_word(value) {
                content.count(value);
                seen += 1;
            }
        }
        content.divide(seen);
        content
    }

    /// Distinct values per filled record.
    pub fn uniqueness(&self) -> f32 {
        self.distinct as f32 / self.filled.max(1) as f32
    }

    fn count(&mut self, value: &str) {
        let add = |share: &mut f32, is: bool| *share += f32::from(u8::from(is));
        let year = date_year(value);
        let words = value.split_whitespace().count();
        let lower = value.to_lowercase();
        add(&mut self.email, is_email(value));
        add(&mut self.phone, year.is_none() && is_phone(value));
        add(&mut self.url, is_url(value));
        add(&mut self.date, year.is_some());
        add(&mut self.clock, year.is_some() && value.contains(':'));
        add(&mut self.token, is_token(value));
        add(&mut self.name, is_name(value));
        add(&mut self.given, has_given_name(&lower));
        add(&mut self.several_words, words > 1);
        add(&mut self.company, has_legal_form(&lower));
        add(&mut self.country, is_country(&lower));
        add(&mut self.postcode, is_postcode(value));
        add(&mut self.prose, value.len() > 80 || words > 8);
        add(&mut self.flag, is_flag(&lower));
        add(&mut self.digit, value.bytes().any(|b| b.is_ascii_digit()));
        add(&mut self.json, is_json(value));
        add(&mut self.prefix, is_prefix(&lower));
        if let Ok(number) = value.parse::<i64>() {
            self.integer += 1.0;
            let (low, high) = self.range.unwrap_or((number, number));
            self.range = Some((low.min(number), high.max(number)));
        }
        if let Some(year) = year {
            let (low, high) = self.years.unwrap_or((year, year));
            self.years = Some((low.min(year), high.max(year)));
        }
    }

    fn divide(&mut self, seen: u32) {
        let shares = [
            &mut self.email,
            &mut self.phone,
            &mut self.url,
            &mut self.date,
            &mut self.clock,
            &mut self.integer,
            &mut self.token,
            &mut self.name,
            &mut self.given,
            &mut self.several_words,
            &mut self.company,
            &mut self.country,
            &mut self.postcode,
            &mut self.prose,
            &mut self.flag,
            &mut self.digit,
            &mut self.json,
            &mut self.prefix,
        ];
        for share in shares {
            *share /= seen.max(1) as f32;
        }
    }
}

/// Words that mean empty.
fn is_null_word(value: &str) -> bool {
    matches!(
        value.to_ascii_lowercase().as_str(),
        "" | "null" | "n/a" | "na" | "-" | "--" | "none" | "(blank)" | "#n/a" | "\\n" | "nan"
    )
}

fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.split_once('@') else { return false };
    !local.is_empty()
        && !value.starts_with('@')
        && !local.contains(char::is_whitespace)
        && domain.len() > 2
        && domain.contains('.')
}

fn is_phone(value: &str) -> bool {
    // Without an extension: `555-1234 x12`, `555-1234 ext. 12`.
    let body = value.split(" e").next().unwrap_or(value);
    let body = body.split(['x', 'X']).next().unwrap_or(body).trim_end();
    let digits = body.bytes().filter(u8::is_ascii_digit).count();
    (6..=17).contains(&digits)
        && body.chars().all(|c| c.is_ascii_digit() || " +-().–/\u{a0}".contains(c))
        && !body.contains(". ")
}

fn is_url(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") || lower.starts_with("www.") {
        return true;
    }
    let host = lower.split('/').next().unwrap_or("");
    !value.contains('@')
        && !value.contains(char::is_whitespace)
        && host.rsplit_once('.').is_some_and(|(name, end)| {
            name.len() > 1
                && (2..=12).contains(&end.len())
                && end.bytes().all(|b| b.is_ascii_lowercase())
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
        })
}

/// The year of a value that looks like a date.
fn date_year(value: &str) -> Option<i32> {
    if value.len() < 6 || value.len() > 40 || !value.is_ascii() {
        return None;
    }
    let bytes = value.as_bytes();
    if bytes.len() == 8 && bytes.iter().all(u8::is_ascii_digit) {
        let number: i32 = value.parse().ok()?;
        let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
        let fits =
            (1850..=2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
        return fits.then_some(year);
    }
    let date = value.split(['T', ' ']).next()?;
    let parts: Vec<&str> = date.split(['-', '/', '.']).collect();
    if let [a, b, c] = parts[..] {
        let number = |part: &str| part.parse::<i32>().ok().filter(|n| *n >= 0);
        let (a, b, c) = (number(a)?, number(b)?, number(c)?);
        let (year, rest) = if a > 31 { (a, [b, c]) } else { (c, [a, b]) };
        let year = if year < 100 { year + if year < 50 { 2000 } else { 1900 } } else { year };
        let fits = (1850..=9999).contains(&year)
            && rest.iter().all(|n| (1..=31).contains(n))
            && rest.iter().any(|n| *n <= 12);
        return fits.then_some(year);
    }
    // `12 Mar 2025`, `Mar 12, 2025`
    const MONTHS: &str = "jan feb mar apr may jun jul aug sep oct nov dec";
    let words: Vec<&str> = value.split([' ', ',']).filter(|w| !w.is_empty()).collect();
    if (3..=6).contains(&words.len()) {
        let month = words.iter().take(2).any(|word| {
            word.len() >= 3
                && MONTHS.contains(&word.to_ascii_lowercase()[..3])
                && word.bytes().all(|b| b.is_ascii_alphabetic())
        });
        let year = words.iter().find_map(|w| w.parse().ok().filter(|y| (1850..=2100).contains(y)));
        return year.filter(|_| month);
    }
    None
}

/// A value made by a machine: no person reads it.
fn is_token(value: &str) -> bool {
    if value.len() < 15 || value.contains(char::is_whitespace) || value.contains('@') {
        return false;
    }
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let hex = value.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let base64 = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=_-".contains(&b));
    let upper = value.bytes().filter(u8::is_ascii_uppercase).count();
    let lower = value.bytes().filter(u8::is_ascii_lowercase).count();
    (hex && digits > 0)
        || (base64 && digits > 0 && (upper > 2 || value.ends_with('=')) && lower > 0)
        || (base64 && value.ends_with("=="))
}

fn is_name(value: &str) -> bool {
    let letters = value.chars().filter(|c| c.is_alphabetic()).count();
    let chars = value.chars().count();
    (1..=60).contains(&chars)
        && letters * 10 >= chars * 7
        && !value.bytes().any(|b| b.is_ascii_digit() || b == b'@' || b == b':' || b == b'_')
        && value.split_whitespace().count() <= 6
}

/// An apostrophe is part of its word: `art's deli` names no Art.
fn has_given_name(lower: &str) -> bool {
    let listed = |word: &str| word.len() > 2 && crate::normalize::name::is_given_name(word);
    lower.split(|c: char| !c.is_alphabetic() && !matches!(c, '\'' | '’')).any(listed)
}

fn has_legal_form(lower: &str) -> bool {
    let words: Vec<&str> = lower.split([' ', ',', '-']).filter(|w| !w.is_empty()).collect();
    words.iter().enumerate().any(|(at, word)| {
        let word: String = word.chars().filter(|c| *c != '.').collect();
        // A form does not stand first: `AG` alone may be initials, `Co` a town.
        at > 0 && word.len() > 1 && LEGAL_FORMS.contains(&format!(" {word} "))
    })
}

fn is_country(lower: &str) -> bool {
    lower.len() > 1 && !lower.contains('|') && COUNTRIES.contains(&format!("|{lower}|"))
}

fn is_postcode(value: &str) -> bool {
    (3..=10).contains(&value.len())
        && value.bytes().any(|b| b.is_ascii_digit())
        && value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b" -".contains(&b))
}

fn is_flag(lower: &str) -> bool {
    matches!(
        lower,
        "0" | "1"
            | "true"
            | "false"
            | "yes"
            | "no"
            | "y"
            | "n"
            | "t"
            | "f"
            | "ja"
            | "nein"
            | "si"
            | "sí"
            | "oui"
            | "non"
            | "sim"
            | "não"
            | "nao"
            | "on"
            | "off"
            | "x"
    )
}

fn is_prefix(lower: &str) -> bool {
    matches!(
        lower.trim_end_matches('.'),
        "mr" | "mrs"
            | "ms"
            | "miss"
            | "dr"
            | "prof"
            | "herr"
            | "frau"
            | "mme"
            | "mlle"
            | "sr"
            | "sra"
            | "srta"
            | "dra"
            | "lic"
            | "ing"
            | "rev"
            | "sir"
            | "mx"
            | "prof. dr"
            | "herr dr"
            | "frau dr"
            | "monsieur"
            | "madame"
            | "señor"
            | "señora"
            | "senhor"
            | "senhora"
    )
}

fn is_json(value: &str) -> bool {
    (value.starts_with('{') && value.ends_with('}'))
        || (value.starts_with('[') && value.ends_with(']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognizers_tell_kinds_apart() {
        type Case<'a> = (&'a str, fn(&str) -> bool, bool);
        let cases: [Case; 31] = [
            ("ana@x.example", is_email, true),
            ("ana at x", is_email, false),
            ("@ana.b", is_email, false),
            ("+52 (33) 1234-5678", is_phone, true),
            ("212-586-4252", is_phone, true),
            ("555-1234 x12", is_phone, true),
            ("12 Oak Street", is_phone, false),
            ("8e423a4179", is_phone, false),
            ("https://x.example/a", is_url, true),
            ("aguila.example", is_url, true),
            ("Mr. Smith", is_url, false),
            ("ana@x.example", is_url, false),
            ("db320f93ead463e1a2faee198cd9a122", is_token, true),
            ("ZxAK+LCOBzw7p/TeJwdYSw==", is_token, true),
            ("Featherstonehaugh-Smythe", is_token, false),
            ("Seguridad", is_token, false),
            ("O'Brien", is_name, true),
            ("first_001", is_name, false),
            ("Núñez, José", is_name, true),
            ("acme industries ltd", has_legal_form, true),
            ("ag", has_legal_form, false),
            ("s.a. de c.v.", has_legal_form, true),
            ("maria hyde", has_given_name, true),
            ("mexico", is_country, true),
            ("united states", is_country, true),
            ("us", is_country, true),
            ("states", is_country, false),
            ("SW1A 1AA", is_postcode, true),
            ("44160", is_postcode, true),
            ("Springfield", is_postcode, false),
            ("{\"a\":1}", is_json, true),
        ];
        for (value, is, expected) in cases {
            assert_eq!(is(value), expected, "{value}");
        }
        let dates = [
            ("2025-02-03", Some(2025)),
            ("2010-10-14T12:00:00.000Z", Some(2010)),
            ("3/2/2025", Some(2025)),
            ("8/9/14 19:00", Some(2014)),
            ("19900519", Some(1990)),
            ("12 Mar 2025", Some(2025)),
            ("20251399", None),
            ("555-490-1027", None),
            ("10.0.0.1", None),
        ];
        for (value, year) in dates {
            assert_eq!(date_year(value), year, "{value}");
        }
    }
}
