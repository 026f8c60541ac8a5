//! Flags of `verify`.

use clap::Args;
use std::path::PathBuf;

/// Flags of `verify`.
#[derive(Debug, Args, Clone)]
#[command(after_help = "Examples:\n  \
    leadmend verify leads-leadmend\n  \
    leadmend verify leads-leadmend --input archive/leads.csv --input archive/activities.csv\n  \
    leadmend verify leads-leadmend --ignore-hashes --json\n\n\
    Checks records, activities, opt-outs, values, scores and journal of a run against its inputs,\n\
    with code of its own. The inputs come from the run's journal, from --input, or from beside the\n\
    folder. Exit code 0: all is so; 1: something is not, and everything refused is listed.")]
pub struct VerifyArgs {
    /// Output folder of the run
    #[arg(value_name = "DIR")]
    pub run: PathBuf,
    /// An input file of the run, when it is not beside the folder (repeatable)
    #[arg(long = "input", value_name = "FILE", num_args = 1..)]
    pub inputs: Vec<PathBuf>,
    /// Check what the files say even where their bytes were changed since
    #[arg(long)]
    pub ignore_hashes: bool,
    /// Print as JSON
    #[arg(long)]
    pub json: bool,
    /// Print nothing but what is refused
    #[arg(long, short)]
    pub quiet: bool,
}
