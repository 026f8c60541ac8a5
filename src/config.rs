//! Configuration: what a run is told, from defaults, a `leadmend.toml` and the command line.
//!
//! The file is optional and never picked up silently. Its mistakes are reported all at once, each
//! with its line and the nearest valid name, because a user fixes a file in one go.

use crate::error::{Error, Result};
use crate::matching::model::{MERGE_AT, REVIEW_AT};
use crate::merge::consent::Scope;
use crate::merge::policy::MergeConfig;
use crate::normalize::repair::RepairPolicy;
use crate::report::format::TableFormat;
use crate::schema::{Role, SchemaOverrides};
use std::collections::BTreeMap;
use toml::de::{DeTable, DeValue};

mod merge;

pub use merge::word;

/// Share of rows that may be rejected before a run stops.
pub const MAX_REJECT_RATE: f64 = 0.05;

/// What a run is told beside its inputs.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Config {
    /// What the user says about columns.
    pub columns: SchemaOverrides,
    /// Posterior from which pairs merge.
    pub merge_at: f64,
    /// Posterior from which pairs are put up for review.
    pub review_at: f64,
    /// The clock of the run, microseconds since 1970-01-01T00:00:00Z.
    pub as_of: i64,
    /// Whether a file or the command line gave `as_of`; a model's own clock counts only otherwise.
    pub as_of_given: bool,
    /// Expected wrong merged pairs per merged pair that the merge threshold is chosen by, instead of
    /// `merge_at`.
    pub max_wrong_merges: Option<f64>,
    /// Share of rows that may be rejected before the run stops.
    pub max_reject_rate: f64,
    /// Whether somebody whose consent is not known may be contacted.
    pub contact_unknown: bool,
    /// Whose refusals count for a person.
    pub consent_scope: Scope,
    /// How fields are merged.
    pub merge: MergeConfig,
    /// Files of suppressed addresses, when the configuration file names some.
    pub suppress: Vec<String>,
    /// The file with the key of suppression lists, when the configuration file names one.
    pub key_file: Option<String>,
    /// How leads and activities are written; none: as the first input.
    pub format: Option<TableFormat>,
    /// What is repaired in the cells that are written, and in which forms.
    pub repair: RepairPolicy,
    /// File of the scoring model, when the configuration file names one.
    pub model: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            columns: SchemaOverrides::default(),
            merge_at: MERGE_AT,
            review_at: REVIEW_AT,
            as_of: 0,
            as_of_given: false,
            max_wrong_merges: None,
            max_reject_rate: MAX_REJECT_RATE,
            contact_unknown: true,
            consent_scope: Scope::default(),
            merge: MergeConfig::default(),
            suppress: Vec::new(),
            key_file: None,
            format: None,
            repair: RepairPolicy::default(),
            model: None,
        }
    }
}

/// The keys of the file, for messages and for finding the nearest name.
const SECTIONS: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "format",
            "as_of",
            "max_reject_rate",
            "columns",
            "input",
            "matching",
            "scoring",
            "merge",
            "consent",
            "suppression",
        ],
    ),
    ("columns", &[]),
    ("input", &["preset", "id_column", "ignore_columns"]),
    ("matching", &["merge_at", "review_at", "max_wrong_merges"]),
    ("scoring", &["model"]),
    ("merge", merge::KEYS),
    ("consent", &["contact_unknown", "scope"]),
    ("suppression", &["files", "key_file"]),
];

/// Reads a configuration file's text over the defaults.
///
/// # Errors
/// [`Error::Config`] with every mistake of the file.
pub fn parse(text: &str, file: &str) -> Result<Config> {
    let mut reader = Reader { text, mistakes: Vec::new(), config: Config::default() };
    match DeTable::parse(text) {
        Err(error) => {
            let at = error.span().map_or(0, |s| s.start);
            reader.mistake(at, error.message().to_string());
        }
        Ok(table) => reader.read(table.get_ref()),
    }
    let Reader { mistakes, config, .. } = reader;
    if mistakes.is_empty() {
        return Ok(config);
    }
    Err(Error::Config {
        file: file.to_string(),
        mistakes,
        remedy: "run `leadmend init INPUT` for a file with every key explained".into(),
    })
}

struct Reader<'a> {
    text: &'a str,
    mistakes: Vec<String>,
    config: Config,
}

type Entry<'a> = toml::Spanned<DeValue<'a>>;

impl Reader<'_> {
    fn mistake(&mut self, at: usize, what: String) {
        let line =
            self.text.as_bytes()[..at.min(self.text.len())].iter().filter(|&&b| b == b'\n').count()
                + 1;
        self.mistakes.push(format!("line {line}: {what}"));
    }

    fn read(&mut self, table: &DeTable) {
        for (key, value) in table {
            let at = value.span().start;
            match key.get_ref().as_ref() {
                "format" => self.format(value),
                "as_of" => {
                    if let Some(text) = self.text_of("as_of", value) {
                        match parse_as_of(&text) {
                            Some(as_of) => {
                                self.config.as_of = as_of;
                                self.config.as_of_given = true;
                            }
                            None => self.mistake(at, format!("as_of = {text:?} is not a date; write 2026-06-30 or 2026-06-30T12:00:00Z")),
                        }
                    }
                }
                "max_reject_rate" => {
                    if let Some(rate) = self.share("max_reject_rate", value) {
                        self.config.max_reject_rate = rate;
                    }
                }
                section => self.section(section, key.span().start, value),
            }
        }
        if self.config.review_at > self.config.merge_at {
            self.mistake(
                0,
                "[matching] review_at is above merge_at; nothing would be reviewed".into(),
            );
        }
    }

    fn section(&mut self, section: &str, at: usize, value: &Entry) {
        if !SECTIONS.iter().any(|(name, _)| *name == section) || section.is_empty() {
            return self.unknown("", section, at);
        }
        let DeValue::Table(table) = value.get_ref() else {
            return self.mistake(at, format!("[{section}] must be a table"));
        };
        if section == "merge" {
            return self.merge(table);
        }
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            match (section, name) {
                ("columns", role) => self.column(role, key.span().start, value),
                ("input", "preset") => self.config.columns.preset = self.text_of(name, value),
                ("input", "id_column") => self.config.columns.id_column = self.text_of(name, value),
                ("input", "ignore_columns") => {
                    self.config.columns.ignore = self.list_of(name, value)
                }
                ("matching", "merge_at") => {
                    self.config.merge_at = self.share(name, value).unwrap_or(MERGE_AT);
                }
                ("matching", "review_at") => {
                    self.config.review_at = self.share(name, value).unwrap_or(REVIEW_AT);
                }
                ("matching", "max_wrong_merges") => {
                    self.config.max_wrong_merges = self.share(name, value);
                }
                ("scoring", "model") => self.config.model = self.text_of(name, value),
                ("consent", "contact_unknown") => match value.get_ref() {
                    DeValue::Boolean(yes) => self.config.contact_unknown = *yes,
                    _ => self.mistake(
                        value.span().start,
                        "contact_unknown must be true or false".into(),
                    ),
                },
                ("consent", "scope") => {
                    if let Some(scope) = self.word_of("scope", value, Scope::WORDS) {
                        self.config.consent_scope = scope;
                    }
                }
                ("suppression", "files") => self.config.suppress = self.list_of(name, value),
                ("suppression", "key_file") => self.config.key_file = self.text_of(name, value),
                _ => self.unknown(section, name, key.span().start),
            }
        }
    }

    fn format(&mut self, value: &Entry) {
        let known = matches!(value.get_ref(), DeValue::Integer(i) if i.as_str() == "1");
        if !known {
            self.mistake(
                value.span().start,
                "format must be 1; this version knows no other".into(),
            );
        }
    }

    fn column(&mut self, role: &str, at: usize, value: &Entry) {
        match role.parse::<Role>() {
            Ok(parsed) => {
                for header in self.list_of(role, value) {
                    self.config.columns.roles.push((parsed, header));
                }
            }
            Err(_) => {
                let names: Vec<String> = Role::plain().map(|r| r.to_string()).collect();
                let near = nearest(role, names.iter().map(String::as_str));
                self.mistake(at, format!("[columns] no role {role:?}{near}"));
            }
        }
    }

    fn unknown(&mut self, section: &str, key: &str, at: usize) {
        let keys = SECTIONS.iter().find(|(name, _)| *name == section).map_or(&[][..], |(_, k)| *k);
        let near = nearest(key, keys.iter().copied());
        let place = if section.is_empty() { String::new() } else { format!("[{section}] ") };
        self.mistake(at, format!("{place}no key {key:?}{near}"));
    }

    fn text_of(&mut self, key: &str, value: &Entry) -> Option<String> {
        match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Datetime(date) => Some(date.to_string()),
            _ => {
                self.mistake(value.span().start, format!("{key} must be text in quotes"));
                None
            }
        }
    }

    fn list_of(&mut self, key: &str, value: &Entry) -> Vec<String> {
        match value.get_ref() {
            DeValue::Array(items) => {
                items.iter().filter_map(|item| self.text_of(key, item)).collect()
            }
            _ => self.text_of(key, value).into_iter().collect(),
        }
    }

    fn share(&mut self, key: &str, value: &Entry) -> Option<f64> {
        let number = match value.get_ref() {
            DeValue::Float(f) => f.as_str().parse::<f64>().ok(),
            DeValue::Integer(i) => i.as_str().parse::<f64>().ok(),
            DeValue::String(text) => parse_share(text),
            _ => None,
        };
        let share = number.filter(|n| (0.0..=1.0).contains(n));
        if share.is_none() {
            self.mistake(
                value.span().start,
                format!("{key} must be a share from 0 to 1, or \"5%\""),
            );
        }
        share
    }
}

/// `; did you mean "…"?` for the most alike name, when one is alike.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let best = known
        .map(|k| (strsim::jaro_winkler(name, k), k))
        .max_by(|x, y| x.0.total_cmp(&y.0).then(y.1.cmp(x.1)));
    match best {
        Some((alike, name)) if alike > 0.7 => format!("; did you mean {name:?}?"),
        _ => String::new(),
    }
}

/// `5%`, `0.05` or `1/20` as a share from 0 to 1.
pub fn parse_share(text: &str) -> Option<f64> {
    let text = text.trim();
    let share = if let Some(percent) = text.strip_suffix('%') {
        percent.trim().parse::<f64>().ok()? / 100.0
    } else if let Some((part, whole)) = text.split_once('/') {
        part.trim().parse::<f64>().ok()? / whole.trim().parse::<f64>().ok()?
    } else {
        text.parse().ok()?
    };
    (0.0..=1.0).contains(&share).then_some(share)
}

/// A date or instant as microseconds since 1970; a date alone is its midnight in UTC.
pub fn parse_as_of(text: &str) -> Option<i64> {
    use crate::normalize::date::{DateOrder, parse};
    parse(text.trim(), DateOrder::YearFirst).value.map(|t| t.micros)
}

/// Roles given on the command line as `ROLE=HEADER`.
///
/// # Errors
/// [`Error::Usage`] for what is not `ROLE=HEADER` or names no role.
pub fn parse_columns(given: &[String]) -> Result<Vec<(Role, String)>> {
    given
        .iter()
        .map(|text| {
            let (role, header) = text.split_once('=').ok_or_else(|| {
                Error::usage(
                    format!("--column {text:?} is not ROLE=HEADER"),
                    "write for example --column email=Contact",
                )
            })?;
            let parsed = role.parse::<Role>().map_err(|_| {
                let names: BTreeMap<String, Role> =
                    Role::plain().map(|r| (r.to_string(), r)).collect();
                let near = nearest(role, names.keys().map(String::as_str));
                Error::usage(
                    format!("--column: no role {role:?}{near}"),
                    format!("roles are {}", names.keys().cloned().collect::<Vec<_>>().join(", ")),
                )
            })?;
            Ok((parsed, header.to_string()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_reported_with_line_and_nearest_name() {
        let text = "format = 1\nmax_rejects = 3\n[matching]\nmerge_att = 0.9\nreview_at = 7\n[columns]\nemial = \"E\"\n[scroing]\nmodel = 3\n";
        let Err(Error::Config { mistakes, .. }) = parse(text, "leadmend.toml") else {
            panic!("must not parse")
        };
        let all = mistakes.join("\n");
        for part in [
            "line 2: no key \"max_rejects\"; did you mean \"max_reject_rate\"?",
            "line 4: [matching] no key \"merge_att\"; did you mean \"merge_at\"?",
            "line 5: review_at must be a share",
            "line 7: [columns] no role \"emial\"; did you mean \"email\"?",
            "line 8: no key \"scroing\"; did you mean \"scoring\"?",
        ] {
            assert!(all.contains(part), "{part} is missing in:\n{all}");
        }
    }

    #[test]
    fn a_whole_file_is_read() {
        let text = "format = 1\nas_of = 2026-06-30\nmax_reject_rate = \"10%\"\n[columns]\nemail = [\"A\", \"B\"]\n[matching]\nmerge_at = 0.9\n[consent]\ncontact_unknown = false\n";
        let config = parse(text, "leadmend.toml").unwrap();
        assert_eq!(config.merge_at, 0.9);
        assert_eq!(config.max_reject_rate, 0.1);
        assert!(!config.contact_unknown);
        assert_eq!(config.columns.roles.len(), 2);
        assert_eq!(config.as_of, 1_782_777_600_000_000);
    }

    #[test]
    fn shares() {
        let cases = [
            ("5%", Some(0.05)),
            ("0.2", Some(0.2)),
            ("1/1000", Some(0.001)),
            ("7", None),
            ("x", None),
        ];
        for (text, share) in cases {
            assert_eq!(parse_share(text), share, "{text}");
        }
    }
}
