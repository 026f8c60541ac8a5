//! Flags about what is repaired, and in which forms: of `clean` and `profile`.

use clap::{Args, ValueEnum};

/// What is repaired in the cells that are written.
#[derive(Debug, Args, Clone, Default)]
pub struct RepairArgs {
    /// What to repair: nothing; white space, invisible characters, mojibake, e-mail case and the
    /// form of phones, countries and dates; or also the case of names, postcodes and spellings
    /// [default: safe]
    #[arg(long, value_name = "LEVEL")]
    pub repair: Option<Level>,
    /// Form of phone numbers (default: the one most of a column's numbers have)
    #[arg(long, value_name = "FORM")]
    pub phone_format: Option<PhoneFormat>,
    /// Form of dates: iso, or a pattern such as %d/%m/%Y (default: the column's own)
    #[arg(long, value_name = "FORM")]
    pub date_format: Option<String>,
    /// Form of postcodes: short, or extended where there is an extension (default: left alone)
    #[arg(long, value_name = "FORM")]
    pub postcode_format: Option<PostcodeFormat>,
    /// Form of countries (default: the one most of a column's cells have)
    #[arg(long, value_name = "FORM")]
    pub country_format: Option<CountryFormat>,
}

/// How much is repaired.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Level {
    /// Nothing
    None,
    /// What is certain and changes no reading
    Safe,
    /// Also the case of names, postcodes and the column's majority spelling
    Full,
}

/// Forms of phone numbers.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum PhoneFormat {
    /// +525555550101
    E164,
    /// +52 55 5555 0101
    International,
    /// 55 5555 0101
    National,
}

/// Forms of postcodes.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum PostcodeFormat {
    /// 94105
    Short,
    /// 94105-1420
    Extended,
}

/// Forms of countries.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum CountryFormat {
    /// Mexico
    Name,
    /// MX
    Alpha2,
    /// MEX
    Alpha3,
}
