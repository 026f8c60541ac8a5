//! `leadmend lookup FIELD=VALUE... --state FILE`.

use super::failure::{Mistakes, Verdict};
use crate::cli::LookupArgs;
use anyhow::Result;
use leadmend::known::lookup::{Answer, Familiarity, Match, field, lookup};
use leadmend::state::known::Known;
use leadmend::state::{Mode, State};

/// Runs the command.
pub fn run(args: &LookupArgs) -> Result<()> {
    let state = State::open(&args.state, Mode::Read)?;
    let known = Known::open(&state)?;
    let mut mistakes = Mistakes::default();
    let fields: Vec<_> =
        args.fields.iter().filter_map(|given| mistakes.take(field(&known, given))).collect();
    mistakes.check()?;
    let answer = lookup(&known, &fields)?;
    if args.json {
        super::say(&(serde_json::to_string_pretty(&answer)? + "\n"))?;
    } else if !args.quiet {
        super::say(&to_text(&answer))?;
    }
    let known = answer.verdict == Familiarity::Same;
    // The process ends here: handing back the counts of the model would only take time.
    std::mem::forget(answer);
    if known { Ok(()) } else { Err(Verdict(Vec::new()).into()) }
}

fn to_text(answer: &Answer) -> String {
    let mut text = match (answer.verdict, &answer.person_id) {
        (Familiarity::Same, Some(person)) => format!("same: {person} is this person\n"),
        (Familiarity::Same, None) => "same: a known person\n".into(),
        (Familiarity::Maybe, _) => "maybe: perhaps one of these; a human decides\n".into(),
        (Familiarity::New, _) => "new: nobody known is like it\n".into(),
    };
    for Match { person_id, record, probability, reason } in &answer.matches {
        text += &format!("  {probability:.4}  {person_id}  {record}  {reason}\n");
    }
    text
}
