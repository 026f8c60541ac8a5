//! Normalizing: what a cell means, decided once per distinct value.
//!
//! Each submodule is a set of pure functions over one kind of value (`name`, `email`, `phone`, ...),
//! without configuration or state, so that bindings can call them one by one. They never guess: a
//! value that cannot be understood is `Invalid` with a reason, and the raw text stays where it was.

pub mod activity;
pub mod address;
pub mod company;
pub mod consent;
pub mod country;
pub mod date;
pub mod email;
pub mod flag;
mod fold;
pub mod name;
#[cfg(test)]
mod person_cases;
pub mod phone;
#[cfg(test)]
mod place_cases;
pub mod record;
pub mod region;
pub mod repair;
pub mod text;
pub mod title;
pub mod url;

/// What normalizing did with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Well-formed as it was.
    Ok,
    /// Well-formed after a repair named by the reason.
    Repaired,
    /// Filled, but not usable as this kind of value.
    Invalid,
    /// Empty, or a word that means empty (`n/a`, `null`, `-`).
    Missing,
}

/// A normalized value with what was done to it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Normalized<T> {
    /// The value; `None` when invalid or missing.
    pub value: Option<T>,
    /// What happened.
    pub status: Status,
    /// Why, as a stable kebab-case code (`"case"`, `"double-at"`, `"null-word"`); empty when `Ok`.
    pub reason: &'static str,
}

impl<T> Normalized<T> {
    /// A value that needed nothing.
    pub fn ok(value: T) -> Self {
        Self { value: Some(value), status: Status::Ok, reason: "" }
    }

    /// A value that was repaired, and how.
    pub fn repaired(value: T, reason: &'static str) -> Self {
        Self { value: Some(value), status: Status::Repaired, reason }
    }

    /// A filled cell that is not such a value, and why.
    pub fn invalid(reason: &'static str) -> Self {
        Self { value: None, status: Status::Invalid, reason }
    }

    /// No value; the reason is empty for an empty cell and `null-word` for `n/a` and the like.
    pub fn missing(reason: &'static str) -> Self {
        Self { value: None, status: Status::Missing, reason }
    }
}
