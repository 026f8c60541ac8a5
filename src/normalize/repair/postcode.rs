//! Postcodes as their country writes them, with or without the four digits behind a ZIP code.
//!
//! Only at level `full` or when asked for, and only where the row's country is known: five digits
//! alone are a postcode of many countries.

use crate::normalize::address;
use crate::normalize::country::Country;

/// Whether the digits behind a ZIP code are written.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum PostcodeForm {
    /// `94105`: the extension is left out.
    Short,
    /// `94105-1420` where the cell has an extension.
    #[default]
    Extended,
}

pub(super) fn write(text: &str, country: Option<Country>, form: PostcodeForm) -> Option<String> {
    let country = Some(country?);
    let read = address::postcode(text, country).value?;
    let written = match form {
        PostcodeForm::Short => read.code.clone(),
        PostcodeForm::Extended => read.display(),
    };
    let again = address::postcode(&written, country).value?;
    let kept = form == PostcodeForm::Short || again.extension == read.extension;
    (again.code == read.code && kept).then_some(written)
}
