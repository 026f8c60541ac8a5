//! Phone numbers in one form.
//!
//! Only numbers that a number plan knows in the country they are read in, or that carry their
//! country code; letters, several numbers in a cell and digits of unknown country stay. A national
//! form is written only where the row's own country (or the grouping) reads the same number back.

use super::rule::Cells;
use crate::normalize::country::Country;
use crate::normalize::phone::{self, Certainty, Phone};
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};
use std::collections::BTreeMap;

/// How phone numbers are written.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum PhoneForm {
    /// `+525555550101`
    E164,
    /// `+52 55 5555 0101`
    International,
    /// `55 5555 0101`, as the number's country writes it.
    National,
}

/// The form of a column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PhoneRule {
    /// One of the general forms.
    Form(PhoneForm),
    /// The column's own grouping (`###-###-####`), for numbers of one calling code and length.
    Own { template: String, code: u16, digits: usize },
}

impl PhoneRule {
    pub(super) fn form(&self) -> String {
        match self {
            Self::Form(PhoneForm::E164) => "e164".into(),
            Self::Form(PhoneForm::International) => "international".into(),
            Self::Form(PhoneForm::National) => "national".into(),
            Self::Own { template, .. } => template.clone(),
        }
    }

    /// The form that more than half of the understood numbers have.
    pub(super) fn decide(cells: &Cells) -> Option<Self> {
        let mut votes: BTreeMap<Self, u64> = BTreeMap::new();
        let mut understood = 0;
        for (text, count, country) in cells.sample() {
            let Some(phone) = read(text, country) else { continue };
            understood += count;
            if phone.extension.is_none()
                && let Some(form) = form_of(text, &phone)
            {
                *votes.entry(form).or_default() += count;
            }
        }
        votes.into_iter().find(|(_, votes)| votes * 2 > understood).map(|(form, _)| form)
    }

    /// The number in this form, when it then is still the same number.
    pub(super) fn write(&self, text: &str, country: Option<Country>) -> Option<String> {
        if matches!(self, Self::Form(PhoneForm::E164)) && is_e164(text) {
            return Some(text.to_string());
        }
        let phone = read(text, country)?;
        let mut written = match self {
            Self::Form(form) => in_form(&phone, *form)?,
            Self::Own { template, code, digits } => {
                let national = national_digits(&phone);
                if phone.country_code != *code || national.len() != *digits {
                    return Some(text.to_string());
                }
                fill(template, &national)
            }
        };
        if let Some(extension) = phone.extension {
            written.push_str(&format!(" ext. {extension}"));
        }
        // A code is put before a number only when the plan of that country knows the number.
        let coded = |text: &str| text.contains('+') || text.trim_start().starts_with("00");
        let adds_code = coded(&written) && !coded(text);
        let Some(again) = read(&written, country) else { return Some(text.to_string()) };
        let sure = !adds_code || phone.certainty == Certainty::Valid;
        let same = sure && again.key() == phone.key() && again.extension == phone.extension;
        // What cannot be written in the form is understood all the same, and stays.
        Some(if same { written } else { text.to_string() })
    }
}

/// A number with a country: written with its code, or read by the row's country or its grouping.
fn read(text: &str, country: Option<Country>) -> Option<Phone> {
    let read = phone::parse(text, country);
    let phone = read.value?;
    // The letters of a vanity number are its point: words are only those before an extension.
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).count();
    if words > usize::from(phone.extension.is_some()) {
        return None;
    }
    // A plus that nobody wrote is an assumption.
    let written = ["", "format", "country-added", "country-by-shape"].contains(&read.reason);
    (written && phone.certainty >= Certainty::Possible).then_some(phone)
}

fn is_e164(text: &str) -> bool {
    text.strip_prefix('+')
        .is_some_and(|d| (8..=15).contains(&d.len()) && d.bytes().all(|b| b.is_ascii_digit()))
}

fn in_form(phone: &Phone, form: PhoneForm) -> Option<String> {
    let e164 = phone.e164();
    let form = match form {
        PhoneForm::E164 => return Some(e164),
        PhoneForm::International => PhoneNumberFormat::International,
        PhoneForm::National => PhoneNumberFormat::National,
    };
    let number = PHONE_NUMBER_UTIL.parse(&e164, None).ok()?;
    Some(PHONE_NUMBER_UTIL.format(&number, form).into_owned())
}

fn form_of(text: &str, phone: &Phone) -> Option<PhoneRule> {
    if is_e164(text) {
        return Some(PhoneRule::Form(PhoneForm::E164));
    }
    for form in [PhoneForm::International, PhoneForm::National] {
        if in_form(phone, form).as_deref() == Some(text) {
            return Some(PhoneRule::Form(form));
        }
    }
    let national = national_digits(phone);
    let template = template_of(text, &national)?;
    Some(PhoneRule::Own { template, code: phone.country_code, digits: national.len() })
}

fn national_digits(phone: &Phone) -> String {
    let zeros = "0".repeat(usize::from(phone.zeros));
    format!("{zeros}{}", phone.national)
}

/// The text with `#` for the digits of the national number; what stands before them is the code or
/// the trunk prefix and stays.
fn template_of(text: &str, national: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let before = digits.strip_suffix(national)?.len();
    let plain = |c: char| c.is_ascii_digit() || "+-()./ ".contains(c);
    if !text.chars().all(plain) || text.contains("(0)") {
        return None;
    }
    let mut seen = 0;
    let template = text.chars().map(|c| {
        seen += usize::from(c.is_ascii_digit());
        if c.is_ascii_digit() && seen > before { '#' } else { c }
    });
    Some(template.collect())
}

fn fill(template: &str, national: &str) -> String {
    let mut digits = national.chars();
    template.chars().map(|c| if c == '#' { digits.next().unwrap_or('#') } else { c }).collect()
}
