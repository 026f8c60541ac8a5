//! `leadmend forget WHO --run DIR`: erase a person, keep the suppression entry, give a receipt.

use super::failure::Mistakes;
use super::suppression;
use crate::cli::ForgetArgs;
use anyhow::Result;
use leadmend::config;
use leadmend::error::Error;
use leadmend::forget::{Receipt, Request, forget};
use leadmend::report::folder;

/// Runs the command.
pub fn run(args: &ForgetArgs) -> Result<()> {
    let mut mistakes = Mistakes::default();
    if !folder::is_ours(&args.run) {
        mistakes.usage("--run is no output folder of leadmend", "give the folder a run wrote");
    }
    let date = mistakes.take(date(args.as_of.as_deref()));
    mistakes.check()?;
    let file = args.key_file.as_deref();
    let is_new = args.new_key && file.is_some_and(|path| !path.exists());
    let key = suppression::needed_key(file, args.new_key)?;
    let done = forget(&Request {
        run: &args.run,
        who: &args.who,
        key: &key,
        list: args.suppress.as_deref(),
        date: date.as_deref().unwrap_or_default(),
    });
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
    let list = args.suppress.as_ref().map_or("suppress.txt".into(), |p| p.display().to_string());
    let mut text = format!(
        "Forgotten: {} and {}; {} in {}",
        count(receipt.records, "lead record", "lead records"),
        count(receipt.activities, "activity", "activities"),
        count(rows, "row", "rows"),
        count(receipt.rows.len(), "file", "files")
    );
    if !receipt.journal_lines.is_empty() {
        let lines = count(receipt.journal_lines.len(), "line", "lines");
        text += &format!("; {lines} of the journal became tombstones");
    }
    text += &format!(
        "\nSuppressed in {list}: {} (keyed; give it to every run with --suppress)\n\
         {} is in receipts.jsonl. Input files and copies elsewhere were not touched.\n",
        count(receipt.suppressed, "address", "addresses"),
        receipt.receipt
    );
    text
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
