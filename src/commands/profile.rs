//! `leadmend profile INPUT...`: how good the data is, column by column.

use super::failure::Mistakes;
use super::progress::Progress;
use super::settings;
use crate::cli::ProfileArgs;
use anyhow::Result;
use leadmend::memory::Work;
use leadmend::pipeline::{self, Job};
use leadmend::profile;

/// Runs the command.
pub fn run(args: &ProfileArgs) -> Result<()> {
    let mut mistakes = Mistakes::default();
    settings::use_threads(&args.read, &mut mistakes);
    let mut config = settings::config(&args.read, &mut mistakes);
    config.repair = settings::repair(&args.repair, &mut mistakes);
    let inputs = settings::sources(&args.inputs, &args.read, &config, &mut mistakes);
    settings::check_files(inputs.iter(), &mut mistakes);
    settings::fits(&args.read, Work::Read, &inputs, &[], &mut mistakes);
    mistakes.check()?;
    let job = Job { config, inputs, ..Job::default() };
    let progress = Progress::start(args.read.quiet || args.read.json);
    let leads = pipeline::normalize(&job, &|stage| progress.stage(stage))?;
    let profile = profile::profile(&leads, args.reveal.into());
    drop(progress);
    if args.read.json {
        super::say(&(serde_json::to_string_pretty(&profile)? + "\n"))?;
    } else if !args.read.quiet {
        super::say(&profile.to_text())?;
    }
    Ok(())
}
