//! Flags of `check`.

use super::{ReadArgs, Reveal};
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use leadmend::quality::output::Format;
use std::path::PathBuf;

/// Flags of `check`.
#[derive(Debug, Args, Clone, Default)]
#[command(after_help = "Examples:\n  \
    leadmend check leads.csv\n  \
    leadmend check leads.csv --skip duplicates              fast: nobody is matched\n  \
    leadmend check leads.csv --only email-invalid --json\n  \
    leadmend check leads.csv --activities events.csv --model scoring.toml --fail-on warning\n  \
    leadmend check leads.csv --rules check.toml --baseline accepted.toml --out sarif=dq.sarif\n  \
    leadmend check leads.csv --out html=report.html --fail-on never\n  \
    leadmend check leads.csv --previous git:origin/main:data/leads.csv --out junit=dq.xml\n  \
    leadmend check --explain email-typo-domain\n\n\
    Errors fail from the first one on, except duplicate-rate (2 %), email-invalid (1 % of the filled\n\
    cells). Warnings fail under --fail-on warning, information never.\n\
    Exit codes: 0 passed; 1 failed; 2 usage; 3 input could not be read; 4 report not written.")]
pub struct CheckArgs {
    /// Lead files: CSV, TSV, gzipped or not; `-` for standard input
    #[arg(required_unless_present_any = ["sources", "explain", "list_checks"], value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// Activity files: orphans, doubles, impossible times (repeatable)
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub activities: Vec<PathBuf>,
    /// Scoring model: stored scores are compared with it
    #[arg(long, value_name = "scoring.toml")]
    pub model: Option<PathBuf>,
    /// Run only this check (repeatable)
    #[arg(long, value_name = "CHECK", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Leave a check out; `duplicates` for all that need matching (repeatable)
    #[arg(long, value_name = "CHECK", value_delimiter = ',')]
    pub skip: Vec<String>,
    /// From which severity on the data fails
    #[arg(long, value_name = "SEVERITY", default_value = "error")]
    pub fail_on: FailOn,
    /// Places told of each finding; counts are always complete
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub max_findings: usize,
    /// How much of a value at fault is shown; full is refused where CI is set, since logs are read
    /// by many
    #[arg(long, value_name = "HOW", default_value = "masked")]
    pub reveal: Reveal,
    /// With --reveal full: show values in a CI log all the same
    #[arg(long, requires = "reveal")]
    pub i_know: bool,
    /// Rule file: weights, limits, conditions and suppressions of your own
    #[arg(long, value_name = "check.toml")]
    pub rules: Option<PathBuf>,
    /// Suppression list: who is on it and may still be contacted is a finding (repeatable)
    #[arg(long, value_name = "FILE")]
    pub suppress: Vec<PathBuf>,
    /// Data that was accepted before: a file, or git:REF:PATH; what got worse is a finding
    #[arg(long, value_name = "PATH")]
    pub previous: Option<String>,
    /// Accepted findings: only what is beyond them counts
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write the baseline anew; it may only shrink (a new file takes everything)
    #[arg(long, requires = "baseline")]
    pub update_baseline: bool,
    /// With --update-baseline: accept what is beyond it, too
    #[arg(long, requires = "update_baseline")]
    pub allow_growth: bool,
    /// Fail also when the baseline names what is no longer there
    #[arg(long, requires = "baseline")]
    pub strict_baseline: bool,
    /// What is printed; under GitHub Actions annotations are added by themselves
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub report: ReportFormat,
    /// Write a report to a file: sarif=dq.sarif, html=report.html (repeatable)
    #[arg(long, value_name = "FORMAT=FILE")]
    pub out: Vec<String>,
    /// The key by which records are followed over time, and that of suppression lists [default: the
    /// variable LEADMEND_KEY]
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Tell what a check looks for and what to do about it
    #[arg(long, value_name = "CHECK")]
    pub explain: Option<String>,
    /// List all checks
    #[arg(long)]
    pub list_checks: bool,
    /// Reading flags.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// From which severity on the data fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum FailOn {
    /// Errors
    #[default]
    Error,
    /// Errors and warnings
    Warning,
    /// Nothing fails
    Never,
}

impl From<FailOn> for leadmend::quality::settle::FailOn {
    fn from(given: FailOn) -> Self {
        match given {
            FailOn::Error => Self::Error,
            FailOn::Warning => Self::Warning,
            FailOn::Never => Self::Never,
        }
    }
}

/// What a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFormat {
    /// The findings.
    Findings(Format),
    /// The findings and all about the data, as one page.
    Page,
}

impl Default for ReportFormat {
    fn default() -> Self {
        Self::Findings(Format::Text)
    }
}

impl ValueEnum for ReportFormat {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [ReportFormat; Format::NAMED.len() + 1] = {
            let mut all = [ReportFormat::Page; Format::NAMED.len() + 1];
            let mut at = 0;
            while at < Format::NAMED.len() {
                all[at] = ReportFormat::Findings(Format::NAMED[at].0);
                at += 1;
            }
            all
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let page = ("html", "One page with findings, hygiene and what matching found");
        let (name, about) = match self {
            Self::Page => page,
            Self::Findings(format) => {
                let named = Format::NAMED.iter().find(|(known, ..)| known == format);
                named.map(|(_, name, about)| (*name, *about))?
            }
        };
        Some(PossibleValue::new(name).help(about))
    }
}
