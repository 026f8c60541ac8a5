//! `leadmend explain A [B]`: why a lead has its score, or why two records are one person or not.
//!
//! Everything is read from the folder of a finished run, so the answer is about what was written and
//! not about what a new run would do; only the counts that audits and imports decide by are in their state.

mod frozen;
mod pair;
mod plain;
mod run_folder;
mod score;

use crate::cli::ExplainArgs;
use anyhow::Result;
use run_folder::RunFolder;

/// Prints an explanation. Cells of an input may be hostile: what steers a terminal or turns the
/// direction of writing is left out.
fn show(text: &str) -> Result<()> {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let shown = text.chars().filter(|&c| c == '\n' || !(c.is_control() || turns(c)));
    Ok(super::say(&shown.collect::<String>())?)
}

/// Runs the command.
pub fn run(args: &ExplainArgs) -> Result<()> {
    let folder = RunFolder::find(args.run.as_deref())?;
    match &args.right {
        None => score::explain(&folder, args),
        Some(right) => pair::explain(&folder, args, right),
    }
}
