//! What a check says: one finding per check and column, with counts that are complete and a few
//! samples that are masked.

use serde::Serialize;

/// How much a finding weighs.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; never fails.
    Info,
    /// Should be looked at; fails under `--fail-on warning`.
    Warning,
    /// Fails unless `--fail-on never`.
    Error,
}

impl Severity {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A place where a check fired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// The record (`source:id`), or the activity's row; empty where the finding is about a file.
    pub record: String,
    /// 1-based physical line of the file; 0 where there is none.
    pub line: u32,
    /// The value at fault, masked unless everything is revealed.
    pub value: String,
}

/// What one check found in one column, or in the whole of the data.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// Id of the check, e.g. `email-invalid`.
    pub check: String,
    /// How much it weighs.
    pub severity: Severity,
    /// Header of the column at fault; none where the check is about records or files.
    pub column: Option<String>,
    /// Input the finding is about, by file name without folders; the first input where it is about all.
    pub file: String,
    /// Cells, records, pairs or activities at fault: complete, whatever number of samples is kept.
    pub count: u64,
    /// Of how many that could have been at fault (filled cells, records, ...).
    pub of: u64,
    /// `count / of`, in millionths cut to four digits after the point when written; 0 for no data.
    pub rate: f64,
    /// What is wrong and what to do, in one sentence without personal data.
    pub message: String,
    /// The first places in canonical order.
    pub samples: Vec<Sample>,
}

impl Finding {
    /// Compares for the order of reports: gravest first, then check, column, file.
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        let place = |f: &Self| (std::cmp::Reverse(f.severity), f.check.clone());
        place(self)
            .cmp(&place(other))
            .then_with(|| self.column.cmp(&other.column))
            .then_with(|| self.file.cmp(&other.file))
    }
}

/// The result of checking.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Checked {
    /// `pass` or `fail`.
    pub verdict: Verdict,
    /// Records that were looked at.
    pub records: u64,
    /// Findings, gravest first.
    pub findings: Vec<Finding>,
    /// Sentences on how the checking went: a key that is missing, checks that could not run.
    pub notes: Vec<String>,
}

/// Whether the data passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing at or above the severity that fails.
    Pass,
    /// At least one finding at or above it.
    Fail,
}

impl Verdict {
    /// The verdict as the subject and verb of a sentence. Data with errors passes only where nothing
    /// was to fail (`--fail-on never`), and that is no praise.
    pub fn words(self, errors: usize) -> &'static str {
        match self {
            Self::Fail => "the data does not pass",
            Self::Pass if errors > 0 => "the data was not judged",
            Self::Pass => "the data passes",
        }
    }
}

impl Checked {
    /// The verdict in words.
    pub fn verdict_words(&self) -> &'static str {
        let errors = self.findings.iter().filter(|f| f.severity == Severity::Error).count();
        self.verdict.words(errors)
    }
}
