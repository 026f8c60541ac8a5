//! Which checks run: all that are recommended, unless the user names some.
//!
//! `duplicates` stands for the checks that need persons. Why a word for them: they cost a whole run,
//! all others together a fraction of reading the file.

use super::catalog::{self, CHECKS, CheckInfo, Needs};

/// The word for all checks that need matching.
pub const DUPLICATES: &str = "duplicates";

/// What the user named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only these; none: all.
    pub only: Vec<String>,
    /// None of these.
    pub skip: Vec<String>,
}

impl Selection {
    /// The first word that is no check, with the nearest that is.
    pub fn unknown(&self) -> Option<(&str, &'static str)> {
        let known = |id: &&String| *id != DUPLICATES && catalog::find(id).is_none();
        let word = self.only.iter().chain(&self.skip).find(known)?;
        Some((word, nearest(word)))
    }

    /// Whether a check runs.
    pub fn has(&self, id: &str) -> bool {
        let Some(check) = catalog::find(id) else { return false };
        (self.only.is_empty() || named(&self.only, check)) && !named(&self.skip, check)
    }

    /// Whether a check runs that needs this.
    pub fn needs(&self, needs: Needs) -> bool {
        CHECKS.iter().any(|check| check.needs == needs && self.has(check.id))
    }

    /// Whether persons must be found: a check needs them, and they are not to be skipped.
    pub fn needs_persons(&self, with_model: bool) -> bool {
        self.needs(Needs::Matching)
            || with_model
                && self.needs(Needs::Model)
                && !self.skip.iter().any(|word| word == DUPLICATES)
    }
}

fn named(words: &[String], check: &CheckInfo) -> bool {
    words
        .iter()
        .any(|word| word == check.id || word == DUPLICATES && check.needs == Needs::Matching)
}

/// The check a word was probably meant to be.
pub fn nearest(word: &str) -> &'static str {
    let like = |check: &&CheckInfo| (strsim::jaro_winkler(check.id, word) * 1e6) as u64;
    CHECKS.iter().rev().max_by_key(like).map_or("", |check| check.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(only: &[&str], skip: &[&str]) -> Selection {
        let owned = |words: &[&str]| words.iter().map(ToString::to_string).collect();
        Selection { only: owned(only), skip: owned(skip) }
    }

    #[test]
    fn words_choose_checks() {
        type Case<'a> = (&'a [&'a str], &'a [&'a str], &'a str, bool, &'a str);
        let cases: [Case<'_>; 6] = [
            (&[], &[], "email-invalid", true, "all run"),
            (&["bom"], &[], "email-invalid", false, "only what is named"),
            (&[], &["bom"], "bom", false, "what is skipped is skipped"),
            (&[], &["duplicates"], "duplicate-rate", false, "the word for the slow ones"),
            (&["duplicates"], &[], "duplicate-review", true, "and for them alone"),
            (&[], &["duplicates"], "duplicate-email", true, "one column alone is no matching"),
        ];
        for (only, skip, check, runs, why) in cases {
            assert_eq!(selection(only, skip).has(check), runs, "{why}");
        }
        assert!(!selection(&[], &["duplicates"]).needs_persons(true));
        assert!(selection(&["score-missing"], &[]).needs_persons(true));
        assert!(!selection(&["score-missing"], &[]).needs_persons(false));
        let asked = selection(&["email-invalit"], &[]);
        assert_eq!(asked.unknown(), Some(("email-invalit", "email-invalid")));
        assert_eq!(selection(&["bom"], &["duplicates"]).unknown(), None);
    }
}
