//! Countries as a name or as a code.

use crate::normalize::country::{self, Country};
use rustc_hash::FxHashMap;

/// How a country is written.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum CountryForm {
    /// A name.
    Name,
    /// The two letters of ISO 3166-1.
    Alpha2,
    /// The three letters of ISO 3166-1.
    Alpha3,
}

/// How the countries of a column are written.
#[derive(Debug)]
pub(super) struct CountryRule {
    form: CountryForm,
    /// The user asked for the form: names in other languages become English ones.
    asked: bool,
    /// Names are also brought to the column's usual spelling.
    unify: bool,
    /// The column's own usual name of each country.
    usual: FxHashMap<Country, String>,
}

impl CountryRule {
    pub(super) fn form(&self) -> &'static str {
        match self.form {
            CountryForm::Name => "name",
            CountryForm::Alpha2 => "alpha2",
            CountryForm::Alpha3 => "alpha3",
        }
    }

    /// The form asked for, else the one that more than half of the understood cells have.
    pub(super) fn decide<'a>(
        values: impl Iterator<Item = (&'a str, u64)>,
        asked: Option<CountryForm>,
        unify: bool,
    ) -> Option<Self> {
        let mut cells = [0u64; 3];
        let mut names: FxHashMap<Country, Vec<(&str, u64)>> = FxHashMap::default();
        for (text, count) in values {
            let Some(country) = country::parse(text).value else { continue };
            let form = form_of(text, country);
            cells[form as usize] += count;
            if form == CountryForm::Name {
                let known = names.entry(country).or_default();
                let text = text.trim();
                match known.iter_mut().find(|(name, _)| *name == text) {
                    Some((_, all)) => *all += count,
                    None => known.push((text, count)),
                }
            }
        }
        let all: u64 = cells.iter().sum();
        let forms = [CountryForm::Name, CountryForm::Alpha2, CountryForm::Alpha3];
        let form = asked.or(forms.into_iter().find(|&f| cells[f as usize] * 2 > all))?;
        let most = |spellings: Vec<(&str, u64)>| {
            let best = spellings.into_iter().max_by(|a, b| (a.1, b.0).cmp(&(b.1, a.0)));
            best.map(|(name, _)| name.to_string()).unwrap_or_default()
        };
        let usual = names.into_iter().map(|(country, all)| (country, most(all))).collect();
        Some(Self { form, asked: asked.is_some(), unify, usual })
    }

    pub(super) fn write(&self, text: &str) -> Option<String> {
        let country = country::parse(text).value?;
        let written = match self.form {
            CountryForm::Alpha2 => country.as_str().to_string(),
            CountryForm::Alpha3 => country.alpha3().to_string(),
            CountryForm::Name if self.asked => country.name().to_string(),
            CountryForm::Name if form_of(text, country) == CountryForm::Name && !self.unify => {
                return Some(text.to_string());
            }
            CountryForm::Name => match self.usual.get(&country) {
                Some(name) => name.clone(),
                None => country.name().to_string(),
            },
        };
        (country::parse(&written).value == Some(country)).then_some(written)
    }
}

fn form_of(text: &str, country: Country) -> CountryForm {
    let text = text.trim();
    if text.eq_ignore_ascii_case(country.as_str()) {
        CountryForm::Alpha2
    } else if text.eq_ignore_ascii_case(country.alpha3()) {
        CountryForm::Alpha3
    } else {
        CountryForm::Name
    }
}
