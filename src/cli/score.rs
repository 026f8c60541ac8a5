//! Flags of `score`.

use super::ReadArgs;
use clap::Args;
use std::path::PathBuf;

/// Flags of `score`.
#[derive(Debug, Args, Clone)]
#[command(after_help = "Examples:\n  \
    leadmend score leads.csv --model scoring.toml\n  \
    leadmend score leads.csv --model scoring.toml --activities events.csv -o scores.csv\n  \
    leadmend score leads.csv --model capture.toml --model engage.toml -o scored/\n  \
    leadmend score leads.csv --model scoring.toml --ledger ledger.csv -o scores.csv\n\n\
    Nothing is merged: every record is scored alone, on its own values and activities. For one\n\
    score per person use `leadmend clean`. Without -o the scores go to standard output; with it a\n\
    summary is printed. A path that is a folder, ends in / or has no ending gets scores.csv and ledger.csv.")]
pub struct ScoreArgs {
    /// Lead files: CSV, TSV, gzipped or not; `-` for standard input
    #[arg(required_unless_present = "sources", value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// Scoring model (repeatable: each gives every record a row)
    #[arg(long, value_name = "scoring.toml", required = true)]
    pub model: Vec<PathBuf>,
    /// Activity files (repeatable)
    #[arg(long, value_name = "F", num_args = 1..)]
    pub activities: Vec<PathBuf>,
    /// Write the scores to a file, or scores and ledger to a folder; `-` for standard output
    #[arg(long, short, value_name = "FILE|DIR|-")]
    pub output: Option<PathBuf>,
    /// Write the ledger too: rule by rule what adds up to each score
    #[arg(long, value_name = "FILE")]
    pub ledger: Option<PathBuf>,
    /// Replace existing files
    #[arg(long)]
    pub force: bool,
    /// Reading flags.
    #[command(flatten)]
    pub read: ReadArgs,
}
