//! `leadmend forget WHO --run DIR` or `--state FILE`: erase a person, keep the suppression entry, give
//! a receipt.

use super::failure::Mistakes;
use super::suppression;
use crate::cli::ForgetArgs;
use anyhow::Result;
use leadmend::config;
use leadmend::error::Error;
use leadmend::forget::{Receipt, Request, SUPPRESS, StateRequest, forget, forget_in_state};
use leadmend::merge::suppress::Key;
use leadmend::report::folder;
use leadmend::state;
use std::path::PathBuf;

/// Runs the command.
pub fn run(args: &ForgetArgs) -> Result<()> {
    let mut mistakes = Mistakes::default();
    if args.run.as_deref().is_some_and(|run| !folder::is_ours(run)) {
        mistakes.usage("--run is no output folder of leadmend", "give the folder a run wrote");
    }
    if args.state.as_deref().is_some_and(|state| state.exists() && !state::is_state(state)) {
        mistakes.usage("--state is no state of leadmend", "give the file that audits keep");
    }
    let date = mistakes.take(date(args.as_of.as_deref()));
    mistakes.check()?;
    let file = args.key_file.as_deref();
    let is_new = args.new_key && file.is_some_and(|path| !path.exists());
    let key = suppression::needed_key(file, args.new_key)?;
    let done = erase(args, &key, &date.unwrap_or_default());
    if let (Err(_), true, Some(path)) = (&done, is_new, file) {
        // Nothing was suppressed with it. That it cannot be removed is the lesser trouble.
        let _ = std::fs::remove_file(path);
    }
    let receipt = done?;
    if args.json {
        super::say(&(serde_json::to_string_pretty(&receipt)? + "\n"))?;
    } else if !args.quiet {
        super::say(&to_text(&receipt, args))?;
    }
    Ok(())
}

fn erase(args: &ForgetArgs, key: &Key, date: &str) -> Result<Receipt, Error> {
    let (who, list) = (args.who.as_str(), args.suppress.as_deref());
    match (&args.run, &args.state) {
        (Some(run), _) => forget(&Request { run, who, key, list, date }),
        (None, Some(state)) => {
            forget_in_state(&StateRequest { state, who, key, list: &list_of(args), date })
        }
        // The command line asks for one of them.
        (None, None) => Err(Error::usage("nothing to forget from", "give --run or --state")),
    }
}

/// The suppression list.
fn list_of(args: &ForgetArgs) -> PathBuf {
    match (&args.suppress, &args.state) {
        (Some(list), _) => list.clone(),
        (None, Some(state)) => state.with_file_name(SUPPRESS),
        (None, None) => SUPPRESS.into(),
    }
}

/// A day: a receipt needs no more.
fn date(given: Option<&str>) -> Result<String, Error> {
    let micros = match given {
        None => return Ok(jiff::Timestamp::now().to_string()[..10].to_string()),
        Some(text) => config::parse_as_of(text),
    };
    let date = micros.and_then(|m| jiff::Timestamp::from_microsecond(m).ok());
    date.map(|d| d.to_string()[..10].to_string())
        .ok_or_else(|| Error::usage("--as-of is not a date", "write 2026-06-30"))
}

fn to_text(receipt: &Receipt, args: &ForgetArgs) -> String {
    let rows: usize = receipt.rows.values().sum();
    let places = match args.state {
        Some(_) => count(receipt.rows.len(), "table", "tables"),
        None => count(receipt.rows.len(), "file", "files"),
    };
    let mut text = format!("Forgotten: {}", count(receipt.records, "lead record", "lead records"));
    if args.state.is_none() {
        text += &format!(" and {}", count(receipt.activities, "activity", "activities"));
    }
    text += &format!("; {} in {places}", count(rows, "row", "rows"));
    if !receipt.journal_lines.is_empty() {
        let lines = count(receipt.journal_lines.len(), "line", "lines");
        text += &format!("; {lines} of the journal became tombstones");
    }
    let kept = if args.state.is_some() { "the state" } else { "receipts.jsonl" };
    let left = match args.state {
        Some(_) => "The database, output folders and copies elsewhere",
        None => "Input files and copies elsewhere",
    };
    text += &format!(
        "\nSuppressed in {}: {} (keyed; give it to every run with --suppress)\n\
         {} is in {kept}. {left} were not touched.\n",
        list_of(args).display(),
        count(receipt.suppressed, "address", "addresses"),
        receipt.receipt
    );
    text
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
