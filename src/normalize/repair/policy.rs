//! What the user lets be repaired, and in which forms.

use super::{CountryForm, DateForm, PhoneForm, PostcodeForm};

/// How much is repaired.
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
pub enum RepairLevel {
    /// Nothing: every cell is written as it was read.
    None,
    /// White space, invisible characters, mojibake, e-mail case, phone, country and date form.
    #[default]
    Safe,
    /// Also the letter case of names, the form of postcodes and the column's majority spelling.
    Full,
}

/// How much is repaired, and the forms the user asked for; no form: the one most values of the
/// column have.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct RepairPolicy {
    /// How much.
    pub level: RepairLevel,
    /// Form of phone numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneForm>,
    /// Form of dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<DateForm>,
    /// Form of postcodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postcode: Option<PostcodeForm>,
    /// Form of countries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<CountryForm>,
}
