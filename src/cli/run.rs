//! Flags that commands share which do the whole job: `clean`, `audit`, `apply`.

use super::{ReadArgs, RepairArgs};
use clap::Args;
use std::path::PathBuf;

/// The output folder.
#[derive(Debug, Args, Clone)]
pub struct FolderArgs {
    /// Output folder (default: <first input>-leadmend beside it)
    #[arg(long, short, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Replace an output folder of an earlier run
    #[arg(long)]
    pub force: bool,
}

/// Flags of a whole run.
#[derive(Debug, Args, Clone)]
pub struct RunArgs {
    /// Activity files (repeatable)
    #[arg(long, value_name = "F", num_args = 1..)]
    pub activities: Vec<PathBuf>,
    /// Scoring model (default: a built-in one; repeatable, the first scores the lead)
    #[arg(long, value_name = "scoring.toml")]
    pub model: Vec<PathBuf>,
    /// Where the result goes.
    #[command(flatten)]
    pub folder: FolderArgs,
    /// Container of leads and activities: csv, jsonl or parquet (default: as the first input)
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Probability from which two records merge [default: 0.7]
    #[arg(long, value_name = "P")]
    pub merge_at: Option<String>,
    /// Probability from which two records are put up for review [default: 0.5]
    #[arg(long, value_name = "P")]
    pub review_at: Option<String>,
    /// Choose the merge threshold by expected wrong merged pairs, e.g. 1/1000
    #[arg(long, value_name = "SHARE", conflicts_with = "merge_at")]
    pub max_wrong_merges: Option<String>,
    /// Merge fields as this product does: salesforce, hubspot, marketo, pardot, mautic or dynamics;
    /// consent stays as strict as ours
    #[arg(long, value_name = "PRODUCT")]
    pub policy: Option<String>,
    /// Addresses nobody may use: e-mails, phones and hmac: lines (repeatable)
    #[arg(long, value_name = "FILE")]
    pub suppress: Vec<PathBuf>,
    /// The key of hmac: lines [default: the variable LEADMEND_KEY]
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// An edited review.csv: `same` and `different` in its decision column hold; in an audit from now
    /// on, in all audits of its state (repeatable)
    #[arg(long, value_name = "FILE")]
    pub decisions: Vec<PathBuf>,
    /// Repair flags.
    #[command(flatten)]
    pub repair: RepairArgs,
    /// Reading flags.
    #[command(flatten)]
    pub read: ReadArgs,
}

impl RunArgs {
    /// True when a threshold is given that a frozen matching has of its own.
    pub fn has_threshold(&self) -> bool {
        self.merge_at.is_some() || self.review_at.is_some() || self.max_wrong_merges.is_some()
    }
}
