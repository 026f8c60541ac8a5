//! Flags of `calibrate`.

use super::ReadArgs;
use clap::Args;
use std::path::PathBuf;

/// Flags of `calibrate`.
#[derive(Debug, Args, Clone)]
#[command(after_help = "Examples:\n  \
    leadmend calibrate --model scoring.toml --outcomes won.csv --on leads.csv --activities events.csv\n  \
    leadmend calibrate --model scoring.toml --outcomes leads-with-outcome.csv\n  \
    leadmend calibrate --model scoring.toml --outcomes won.csv --on leads.csv -o suggested.toml\n\n\
    The outcomes file names leads by id and says won or lost (yes/no, 1/0, won/lost); a file of\n\
    ids alone lists the won ones, all other leads count as lost. Leads without an outcome are left\n\
    out. Nothing is applied: a suggested model is written only with -o, and used only where you\n\
    name it. With fewer than 10 won (or lost) leads per rule the answer would be noise, and none is\n\
    given (exit code 1). Use --as-of with a date before the outcomes, or activities that came with\n\
    the sale will look like its cause.")]
pub struct CalibrateArgs {
    /// The scoring model to calibrate
    #[arg(long, value_name = "M")]
    pub model: PathBuf,
    /// Who was won and who was lost
    #[arg(long, value_name = "won.csv")]
    pub outcomes: PathBuf,
    /// Lead files (default: the outcomes file holds the leads)
    #[arg(long, value_name = "leads.csv", num_args = 1..)]
    pub on: Vec<PathBuf>,
    /// Activity files (repeatable)
    #[arg(long, value_name = "F", num_args = 1..)]
    pub activities: Vec<PathBuf>,
    /// Column of the outcomes with the lead's id (default: the id column found, else the first)
    #[arg(long, value_name = "HEADER")]
    pub outcome_id: Option<String>,
    /// Column of the outcomes that says won or lost (default: won, outcome, converted, ...)
    #[arg(long, value_name = "HEADER")]
    pub outcome: Option<String>,
    /// Strength of the ridge that holds weights back
    #[arg(long, value_name = "N", default_value_t = 1.0, allow_negative_numbers = true)]
    pub ridge: f64,
    /// Won (or lost) leads that every fitted rule needs
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub events_per_rule: u32,
    /// Write the suggested model to a file
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace an existing file
    #[arg(long)]
    pub force: bool,
    /// Reading flags.
    #[command(flatten)]
    pub read: ReadArgs,
}
