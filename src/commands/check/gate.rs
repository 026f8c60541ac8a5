//! What decides beside the checks: the rule file, the baseline, the key.

use crate::cli::CheckArgs;
use crate::commands::failure::Mistakes;
use crate::commands::score;
use crate::commands::settings::{name_of, unreadable};
use crate::commands::suppression;
use anyhow::Result;
use leadmend::error::Error;
use leadmend::merge::suppress::Key;
use leadmend::pipeline::Job;
use leadmend::quality::baseline::Baseline;
use leadmend::quality::finding::Checked;
use leadmend::quality::rules::{self, Rules};
use std::path::{Path, PathBuf};

/// Rule file, baseline and key, read before the work starts.
pub(super) struct Gate {
    pub(super) rules: Rules,
    rules_file: Option<PathBuf>,
    pub(super) key: Option<Key>,
    /// The baseline's file and what it holds; nothing where it is to be made.
    baseline: Option<(PathBuf, Option<Baseline>)>,
    update: bool,
    growth: bool,
    strict: bool,
}

impl Gate {
    pub(super) fn read(args: &CheckArgs, mistakes: &mut Mistakes) -> Self {
        let rules = args.rules.as_deref().and_then(|path| mistakes.take(read_rules(path)));
        let key = mistakes.take(suppression::key(args.key_file.as_deref())).flatten();
        let baseline = args.baseline.as_deref().map(|path| {
            let read = mistakes.take(read_baseline(path, args.update_baseline)).flatten();
            (path.to_path_buf(), read)
        });
        if args.rules.is_some() && args.rules == args.baseline {
            mistakes.usage("--rules and --baseline name one file", "give each its own");
        }
        Self {
            rules: rules.unwrap_or_default(),
            rules_file: args.rules.clone(),
            key,
            baseline,
            update: args.update_baseline,
            growth: args.allow_growth,
            strict: args.strict_baseline,
        }
    }

    /// The rule file's name, for messages.
    pub(super) fn rules_name(&self) -> String {
        self.rules_file.as_deref().map_or_else(|| "the rule file".into(), name_of)
    }

    /// Puts what the rules say about matching into the job.
    pub(super) fn set(&self, job: &mut Job) {
        if let Some(merge_at) = self.rules.merge_at() {
            job.config.merge_at = merge_at;
            job.config.review_at = job.config.review_at.min(merge_at);
        }
    }

    /// Takes accepted findings out, and writes the baseline anew where that was asked for. Gives
    /// the sentence by which a stale baseline fails.
    pub(super) fn hold(&self, checked: &mut Checked) -> Result<Option<String>> {
        let Some((path, read)) = &self.baseline else { return Ok(None) };
        let key = self.key.as_ref();
        let known = match read {
            Some(baseline) if self.update => baseline.updated(checked, key, self.growth),
            Some(baseline) => baseline.clone(),
            // A baseline that is made takes everything.
            None => Baseline::of(checked, key),
        };
        if self.update {
            let text = known.text();
            score::write(path, |out| out.write_all(text.as_bytes()))?;
        }
        let name = name_of(path);
        let held = known.hold(checked, key, &name);
        let stale = (self.strict && held.stale > 0).then(|| {
            format!("{name} names {} findings that look fixed; --update-baseline", held.stale)
        });
        Ok(stale)
    }
}

fn read_rules(path: &Path) -> Result<Rules, Error> {
    let text = std::fs::read_to_string(path).map_err(|cause| unreadable(path, &cause))?;
    rules::parse(&text, &name_of(path))
}

fn read_baseline(path: &Path, make: bool) -> Result<Option<Baseline>, Error> {
    if make && !path.exists() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(path).map_err(|cause| {
        let Error::Config { file, mistakes, .. } = unreadable(path, &cause) else {
            return Error::Read { file: name_of(path), cause };
        };
        Error::Config { file, mistakes, remedy: "make it with --update-baseline".into() }
    })?;
    Baseline::parse(&text, &name_of(path)).map(Some)
}
