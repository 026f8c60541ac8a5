//! How to repeat the run: the command, as far as it is known, and the version.
//!
//! Files are named without their folders; the journal holds what the run was made of.

use super::shown::shown;
use super::view::{Block, Section, text};
use crate::config::Config;
use crate::merge::policy::Policy;
use crate::pipeline::Outcome;
use crate::report::json::show_instant;
use crate::score::model::builtin;
use crate::source::Source;

/// The section.
pub(super) fn section(outcome: &Outcome) -> Section {
    let job = &outcome.job;
    let is_audit = outcome.audit.is_some();
    let command = if is_audit { "audit" } else { "clean" };
    let mut words = vec!["leadmend".to_string(), command.into()];
    words.extend(job.inputs.iter().map(file));
    if !job.activities.is_empty() {
        words.push("--activities".into());
        words.extend(job.activities.iter().map(file));
    }
    words.extend(["--as-of".into(), show_instant(outcome.as_of)]);
    settings(&job.config, is_audit, &mut words);
    let mut blocks = vec![Block::Command { text: words.join(" ") }];
    let mut said = vec![format!("leadmend {}.", env!("CARGO_PKG_VERSION"))];
    // A plan that is carried out names the built-in model; it was not given for all that.
    let builtin = builtin().text;
    let given = outcome.models.iter().filter(|m| m.text != builtin);
    let names: Vec<String> = given.map(|m| shown(&m.name)).collect();
    said.push(match names.is_empty() {
        true => "Scored by the built-in model.".into(),
        false => format!("Add --model with the file of {}.", names.join(" and of ")),
    });
    if is_audit {
        said.push(
            "An audit goes on from its state, which keeps decisions and the matching; with the state \
             as it was before, it gives this folder again."
                .into(),
        );
    } else if !job.decisions.is_empty() {
        said.push("Add --decisions with decisions.csv of this folder.".into());
    }
    if job.matching.is_some() {
        said.push("Add --load-matching with matching.json of this folder.".into());
    }
    said.push(
        "Settings of a configuration file and suppression lists are given again as they were; \
         journal.jsonl holds them all. leadmend verify checks this folder, leadmend undo takes it \
         back."
            .into(),
    );
    blocks.push(text(said.join(" ")));
    Section::new("repeat", "How to repeat it", blocks)
}

/// A file as an argument.
fn file(source: &Source) -> String {
    let file = quoted(&source.file_name());
    match &source.name {
        Some(name) => format!("--source {}={file}", quoted(name)),
        None => file,
    }
}

/// An argument as a shell reads it back.
fn quoted(argument: &str) -> String {
    let argument = shown(argument);
    let plain = |c: char| c.is_alphanumeric() || "._-+/:=@%".contains(c);
    match argument.chars().all(plain) && !argument.is_empty() {
        true => argument,
        false => format!("'{}'", argument.replace('\'', "'\\''")),
    }
}

fn settings(config: &Config, is_audit: bool, words: &mut Vec<String>) {
    let default = Config::default();
    // Thresholds of an audit are those of its state.
    if let Some(budget) = config.max_wrong_merges.filter(|_| !is_audit) {
        words.extend(["--max-wrong-merges".into(), budget.to_string()]);
    }
    if config.merge_at != default.merge_at && !is_audit {
        words.extend(["--merge-at".into(), config.merge_at.to_string()]);
    }
    if config.review_at != default.review_at && !is_audit {
        words.extend(["--review-at".into(), config.review_at.to_string()]);
    }
    for (role, header) in &config.columns.roles {
        words.extend(["--column".into(), format!("{role}={}", quoted(header))]);
    }
    for header in &config.columns.ignore {
        words.extend(["--ignore-column".into(), quoted(header)]);
    }
    if let Some(header) = &config.columns.id_column {
        words.extend(["--id-column".into(), quoted(header)]);
    }
    if let Some(preset) = &config.columns.preset {
        words.extend(["--preset".into(), quoted(preset)]);
    }
    if let Some(policy) = config.merge.policy {
        let word = Policy::WORDS.iter().find(|(_, p)| *p == policy).map(|(word, _)| *word);
        words.extend(word.into_iter().flat_map(|word| ["--policy".to_string(), word.into()]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_back_as_they_were() {
        let cases = [
            ("leads.csv", "leads.csv"),
            ("my leads.csv", "'my leads.csv'"),
            ("it's; rm -rf", "'it'\\''s; rm -rf'"),
            ("", "''"),
            ("$(x)", "'$(x)'"),
        ];
        for (argument, expected) in cases {
            assert_eq!(quoted(argument), expected);
        }
    }
}
