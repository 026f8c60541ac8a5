//! `leadmend verify DIR`: an independent check of a run.

use super::failure::Verdict as Failed;
use crate::cli::VerifyArgs;
use anyhow::Result;
use leadmend::verify::{self, Request, Verdict};
use std::fmt::Write;

/// Runs the command.
pub fn run(args: &VerifyArgs) -> Result<()> {
    let verdict = verify::verify(&Request {
        folder: args.run.clone(),
        inputs: args.inputs.clone(),
        ignore_hashes: args.ignore_hashes,
    })?;
    if args.json {
        super::say(&(serde_json::to_string_pretty(&verdict)? + "\n"))?;
    } else if verdict.ok && !args.quiet {
        super::say(&tell(&verdict))?;
    }
    if verdict.ok {
        return Ok(());
    }
    let mut sentences: Vec<String> = verdict.refusals.iter().map(ToString::to_string).collect();
    if args.json {
        // All of them are in the document.
        sentences.clear();
    }
    let things = if verdict.refusals.len() == 1 { "thing is" } else { "things are" };
    sentences.push(format!("{} {things} refused", verdict.refusals.len()));
    Err(Failed(sentences).into())
}

/// What was checked, in words.
fn tell(verdict: &Verdict) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "Verified: {} records in {} people, {} activities, {} scores",
        verdict.records, verdict.persons, verdict.activities, verdict.scores
    );
    let _ = writeln!(text, "Inputs from: {}", verdict.inputs_from);
    for what in &verdict.unchecked {
        let _ = writeln!(text, "Not checked: {what}");
    }
    text
}
