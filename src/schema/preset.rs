//! Product presets: what the exports of known products look like, one TOML file each.
//!
//! A preset is chosen by the headers alone, so that reading needs no configuration; it is data, so
//! that a product is added without Rust. Where it names a column, it outweighs the general list of
//! headers: `Rating` of a CRM is no restaurant's.

use super::Kind;
use super::header::key;
use super::role::{ConsentRole, Role};
use crate::error::{Error, Result};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The order of day, month and year a product writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DateOrder {
    /// `2025-02-03`
    Ymd,
    /// `03/02/2025`
    Dmy,
    /// `02/03/2025`
    Mdy,
    /// As the user's settings were: only the column's own values tell.
    Locale,
}

/// The export format of a product.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Name for `--preset`, e.g. `hubspot-contacts`.
    pub name: String,
    /// Name for people, e.g. `HubSpot contacts export`.
    pub title: String,
    /// Presets of one product share ids: activities bind to leads by it.
    pub product: String,
    /// What the rows are.
    pub kind: Kind,
    /// Headers that must all be there.
    pub all: Vec<String>,
    /// Headers of which some must be there.
    #[serde(default)]
    pub any: Vec<String>,
    /// How many of `any`.
    #[serde(default)]
    pub at_least: usize,
    /// Headers that may not be there.
    #[serde(default)]
    pub none: Vec<String>,
    /// Day and month order of its dates.
    pub date_order: DateOrder,
    /// Values that mean empty, beside the general ones.
    #[serde(default)]
    pub null_words: Vec<String>,
    /// Activities: the kind of every row that names none itself.
    #[serde(default)]
    pub file_kind: Option<String>,
    /// What being in this file says about every person in it.
    #[serde(default)]
    pub file_consent: Option<ConsentRole>,
    /// Consent columns whose `false` is a decision, not merely unknown.
    #[serde(default)]
    pub false_decides: Vec<String>,
    /// Role of each known header.
    pub columns: BTreeMap<String, Role>,
    /// What separates several values in one cell, by header.
    #[serde(default)]
    pub separators: BTreeMap<String, String>,
    /// `columns` and `separators` by folded header.
    #[serde(skip)]
    by_key: FxHashMap<String, (Role, Option<String>)>,
}

macro_rules! presets {
    ($($name:literal),* $(,)?) => {
        /// The shipped files, the more specific first.
        const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../data/presets/", $name, ".toml"))),)*];
    };
}

presets![
    "salesforce-report",
    "salesforce-tasks",
    "salesforce-campaign-members",
    "salesforce-leads",
    "salesforce-contacts",
    "hubspot-contacts",
    "hubspot-warehouse",
    "hubspot-forms",
    "hubspot-engagements",
    "hubspot-email-events",
    "hubspot-email-event-parts",
    "hubspot-merges",
    "hubspot-property-history",
    "hubspot-list-members",
    "marketo-activities",
    "marketo-leads",
    "pardot-activities",
    "pardot-prospects",
    "mautic-points",
    "mautic-contacts",
    "pipedrive-people",
    "zoho-leads",
    "dynamics-leads",
    "mailchimp-unsubscribed",
    "mailchimp-cleaned",
    "mailchimp-subscribed",
    "mailchimp-members",
    "mailchimp-activity",
    "mailchimp-unsubscribes",
    "google-contacts",
    "google-contacts-old",
    "outlook-contacts",
    "linkedin-connections",
    "thunderbird-contacts",
];

static PRESETS: LazyLock<Vec<Preset>> = LazyLock::new(|| {
    // The shipped files are read by a test; one that does not parse is left out, never a panic.
    let texts = crate::lists::own_presets().chain(FILES.iter().map(|(_, text)| *text));
    let mut presets: Vec<Preset> = Vec::new();
    for preset in texts.filter_map(|text| toml::from_str::<Preset>(text).ok()) {
        // The user's own replaces a shipped one of its name.
        if presets.iter().all(|known| known.name != preset.name) {
            presets.push(preset.indexed());
        }
    }
    presets
});

impl Preset {
    fn indexed(mut self) -> Self {
        let separators: FxHashMap<String, &String> =
            self.separators.iter().map(|(header, s)| (key(header), s)).collect();
        let entries = self.columns.iter().map(|(header, role)| {
            let key = key(header);
            let separator = separators.get(&key).map(|s| s.to_string());
            (key, (*role, separator))
        });
        let by_key = entries.collect();
        self.by_key = by_key;
        self
    }

    /// The role and value separator of a header.
    pub fn column(&self, header: &str) -> Option<(Role, Option<&str>)> {
        self.by_key.get(&key(header)).map(|(role, separator)| (*role, separator.as_deref()))
    }

    /// Whether `false` in this consent column is a decision.
    pub fn false_decides(&self, header: &str) -> bool {
        self.false_decides.iter().any(|known| key(known) == key(header))
    }

    /// How many of the headers are known.
    pub fn known(&self, headers: &[String]) -> usize {
        headers.iter().filter(|h| self.by_key.contains_key(&key(h))).count()
    }

    fn fits(&self, keys: &[String]) -> bool {
        let has = |header: &String| keys.contains(&key(header));
        self.all.iter().all(has)
            && self.any.iter().filter(|h| has(h)).count() >= self.at_least
            && !self.none.iter().any(has)
    }
}

/// All shipped presets.
pub fn all() -> &'static [Preset] {
    &PRESETS
}

/// The preset called `name`.
pub fn by_name(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

/// The preset the user names, else the one whose fingerprint the headers show; of several the one
/// that knows the most headers.
pub fn choose(wanted: Option<&str>, headers: &[String]) -> Result<Option<&'static Preset>> {
    if let Some(name) = wanted {
        if name == "none" {
            return Ok(None);
        }
        return by_name(name).map(Some).ok_or_else(|| {
            let names: Vec<&str> = PRESETS.iter().map(|p| p.name.as_str()).collect();
            Error::usage(
                format!("unknown preset «{name}»"),
                format!("one of none, {}", names.join(", ")),
            )
        });
    }
    let keys: Vec<String> = headers.iter().map(|h| key(h)).collect();
    let fitting = PRESETS.iter().filter(|preset| preset.fits(&keys));
    // `rev`, because max_by_key takes the last of equals and the first in the list shall win.
    Ok(fitting.rev().max_by_key(|preset| preset.known(headers)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_preset_parses_and_fits_its_own_headers() {
        for (file, text) in FILES {
            let preset: Preset = toml::from_str(text).unwrap_or_else(|e| panic!("{file}: {e}"));
            assert_eq!(preset.name, *file);
            let listed = |h: &String| preset.columns.keys().any(|known| key(known) == key(h));
            for header in preset.all.iter().chain(&preset.any).chain(preset.separators.keys()) {
                assert!(listed(header), "{file}: {header} has no role");
            }
            let headers: Vec<String> = preset.columns.keys().cloned().collect();
            let chosen = choose(None, &headers).unwrap().map(|p| p.name.as_str());
            assert_eq!(chosen, Some(*file));
        }
    }

    #[test]
    fn common_headers_are_no_product() {
        let plain =
            ["id", "first_name", "last_name", "email", "phone", "company"].map(String::from);
        assert!(choose(None, &plain).unwrap().is_none());
        assert_eq!(choose(Some("sugar"), &plain).unwrap_err().exit_code(), 2);
    }
}
