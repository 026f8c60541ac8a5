//! `leadmend apply DIR`: carries a plan out, exactly as it was made, or refuses.

use super::failure::Mistakes;
use super::{clean, interrupt, settings};
use crate::cli::{ApplyArgs, ReadArgs};
use anyhow::Result;
use leadmend::journal::plan;
use leadmend::report::folder::{self, OutputFolder};

/// Runs the command.
pub fn run(args: &ApplyArgs) -> Result<()> {
    let mut mistakes = Mistakes::default();
    let threads = ReadArgs { threads: args.threads, ..ReadArgs::default() };
    settings::use_threads(&threads, &mut mistakes);
    mistakes.check()?;
    let (mut job, first) = plan::read(&args.plan, &args.inputs)?;
    job.key = settings::journal_key();
    let goal = args.folder.output.clone().unwrap_or_else(|| folder::default_path(&first));
    let output = interrupt::watch(|| OutputFolder::prepare(&goal, args.folder.force).map(Some))?;
    clean::carry_out(&job, output, &clean::Talk { quiet: args.quiet, json: args.json, as_of: true })
}
