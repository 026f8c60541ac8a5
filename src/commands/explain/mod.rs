//! `leadmend explain A [B]`: why a lead has its score, or why two records are one person or not.
//!
//! Everything is read from the folder of a finished run, so the answer is about what was written and
//! not about what a new run would do.

mod pair;
mod run_folder;
mod score;

use crate::cli::ExplainArgs;
use anyhow::Result;
use run_folder::RunFolder;

/// Runs the command.
pub fn run(args: &ExplainArgs) -> Result<()> {
    let folder = RunFolder::find(args.run.as_deref())?;
    match &args.right {
        None => score::explain(&folder, args),
        Some(right) => pair::explain(&folder, args, right),
    }
}
