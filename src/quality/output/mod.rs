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

/// Formats that are written for other programs and for pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// One JSON object a line.
    Jsonl,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML, for test reports.
    Junit,
    /// Commands of a GitHub Actions log, which become annotations.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// Markdown, for comments and summaries.
    Markdown,
}

impl Format {
    /// All of them with their names.
    pub const NAMED: [(&str, Format); 6] = [
        ("jsonl", Format::Jsonl),
        ("sarif", Format::Sarif),
        ("junit", Format::Junit),
        ("github", Format::Github),
        ("gitlab", Format::Gitlab),
        ("markdown", Format::Markdown),
    ];

    /// Whether the format tells records apart, so that a key makes a difference.
    pub fn uses_key(self) -> bool {
        matches!(self, Self::Sarif | Self::Gitlab)
    }

    /// Writes the findings.
    pub fn write(self, checked: &Checked, context: &Context) -> String {
        match self {
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
