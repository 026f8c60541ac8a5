//! Writers of what `check` found, one file per format.
//!
//! The end of a check: pure functions from [`Checked`] to text. Every cell, header and file name is
//! hostile here: what is shown to people goes through [`escape::visible`] first, then through the
//! format's own escaping. Why no clock, path or thread count: the same data gives the same bytes.

pub mod entry;
pub mod escape;
pub mod github;
pub mod gitlab;
pub mod jsonl;
pub mod junit;
pub mod markdown;
pub mod sarif;

use super::finding::{Checked, Severity};
use super::text;
use crate::merge::suppress::Key;

/// What writers know beside the findings.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// The key of record fingerprints; without one, findings are per check and column only.
    pub key: Option<Key>,
    /// From which severity a finding fails; `None`: never.
    pub fail_on: Option<Severity>,
    /// Ids of the checks that ran, in the catalog's order; those that found nothing passed.
    pub ran: Vec<String>,
    /// File names and the paths that were given for them, where those are relative: programs that
    /// show a finding beside the file look it up in the repository.
    pub paths: Vec<(String, String)>,
}

impl Context {
    /// Whether a finding of this severity fails.
    pub fn fails(&self, severity: Severity) -> bool {
        self.fail_on.is_some_and(|least| severity >= least)
    }

    /// The path of a file as it was given, with forward slashes; its name where that is not known.
    pub fn path_of<'a>(&'a self, file: &'a str) -> &'a str {
        self.paths.iter().find(|(name, _)| name == file).map_or(file, |(_, path)| path)
    }
}

/// The sentence that is said once where there is no key.
pub const NO_KEY: &str = "Without a key findings are per check and column, not per record: set \
                          LEADMEND_KEY or give --key-file to have records followed over time.";

/// What findings are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Format {
    /// Text for people.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// SARIF 2.1.0.
    Sarif,
    /// JUnit XML.
    Junit,
    /// Commands of a GitHub Actions log, which become annotations.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// Markdown.
    Markdown,
}

impl Format {
    /// All of them, with their names and what they are for.
    pub const NAMED: [(Format, &str, &str); 8] = [
        (Format::Text, "text", "For people"),
        (Format::Json, "json", "One JSON document"),
        (Format::Jsonl, "jsonl", "One JSON object a line"),
        (Format::Sarif, "sarif", "SARIF 2.1.0, for code scanning"),
        (Format::Junit, "junit", "JUnit XML, for test reports"),
        (Format::Github, "github", "Annotations of GitHub Actions"),
        (Format::Gitlab, "gitlab", "GitLab's code quality report"),
        (Format::Markdown, "markdown", "For comments and pages"),
    ];

    /// Whether the format tells records apart, so that a key makes a difference.
    pub fn uses_key(self) -> bool {
        matches!(self, Self::Sarif | Self::Gitlab)
    }

    /// Writes the findings.
    pub fn write(self, checked: &Checked, context: &Context) -> String {
        match self {
            Self::Text => text::report(checked),
            // Strings and numbers can always be written.
            Self::Json => serde_json::to_string_pretty(checked)
                .map_or_else(|_| String::new(), |json| escape::ascii_marks(&(json + "\n"))),
            Self::Jsonl => jsonl::write(checked),
            Self::Sarif => sarif::write(checked, context),
            Self::Junit => junit::write(checked, context),
            Self::Github => github::write(checked, context),
            Self::Gitlab => gitlab::write(checked, context),
            Self::Markdown => markdown::write(checked, markdown::NO_LIMIT),
        }
    }
}

#[cfg(test)]
mod tests;
