//! Flags of `profile`.

use super::{ReadArgs, RepairArgs, Reveal};
use clap::Args;
use std::path::PathBuf;

/// Flags of `profile`.
#[derive(Debug, Args, Clone)]
#[command(after_help = "Examples:\n  \
    leadmend profile leads.csv\n  \
    leadmend profile leads.csv --json --repair full\n  \
    leadmend profile crm.csv --reveal full\n\n\
    Values that may be a person's are masked unless --reveal full is given.")]
pub struct ProfileArgs {
    /// Lead files
    #[arg(required_unless_present = "sources", value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// How much of personal values is shown
    #[arg(long, value_name = "WHAT", default_value = "masked")]
    pub reveal: Reveal,
    /// Repair flags.
    #[command(flatten)]
    pub repair: RepairArgs,
    /// Reading flags.
    #[command(flatten)]
    pub read: ReadArgs,
}
