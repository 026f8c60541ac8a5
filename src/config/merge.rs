//! The `[merge]` section of a configuration: words to rules.
//!
//! Read by hand and not derived, so that every mistake of a section is told at once, each with its
//! line and the nearest word that means something.

use super::{Entry, Reader, nearest};
use crate::merge::consent::Scope;
use crate::merge::policy::{BlankFill, FieldRule, Policy, SurvivorRule, Take, Words};
use toml::de::{DeTable, DeValue};

/// The keys of the section.
pub(super) const KEYS: &[&str] = &[
    "policy",
    "survivor",
    "source_order",
    "blank_fill",
    "cleared_counts",
    "known",
    "unknown",
    "fields",
];
/// The keys of a rule in its long form.
const RULE_KEYS: &[&str] = &["take", "order", "blank_fill", "cleared_counts"];

impl Scope {
    /// The words for `[consent] scope`.
    pub const WORDS: Words<Self> = &[("person", Self::Person), ("address", Self::Address)];
}

/// What a word means, or why it means nothing.
///
/// # Errors
/// A sentence with the nearest word, or all of them.
pub fn word<T: Copy>(key: &str, given: &str, words: Words<T>) -> Result<T, String> {
    if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == given) {
        return Ok(*meaning);
    }
    let all = words.iter().map(|(word, _)| *word);
    let near = match nearest(given, all.clone()) {
        near if near.is_empty() => {
            format!("; the rules are {}", all.collect::<Vec<_>>().join(", "))
        }
        near => near,
    };
    Err(format!("{key} = {given:?} is not a rule{near}"))
}

impl Reader<'_> {
    pub(super) fn word_of<T: Copy>(
        &mut self,
        key: &str,
        value: &Entry,
        words: Words<T>,
    ) -> Option<T> {
        let given = self.text_of(key, value)?;
        match word(key, &given, words) {
            Ok(meaning) => Some(meaning),
            Err(what) => {
                self.mistake(value.span().start, what);
                None
            }
        }
    }

    pub(super) fn merge(&mut self, table: &DeTable) {
        // What holds for all rules is read first, wherever it stands.
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "blank_fill" => self.config.merge.blank_fill = self.blank_fill(value),
                "cleared_counts" => {
                    self.config.merge.cleared_counts = self.flag("cleared_counts", value);
                }
                _ => {}
            }
        }
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "blank_fill" | "cleared_counts" => {}
                "policy" => self.config.merge.policy = self.word_of("policy", value, Policy::WORDS),
                "survivor" => {
                    let rule = self.word_of("survivor", value, SurvivorRule::WORDS);
                    self.config.merge.survivor = rule;
                }
                "source_order" => {
                    self.config.merge.source_order = self.list_of("source_order", value);
                }
                "known" => self.config.merge.known = self.rule("known", value),
                "unknown" => self.config.merge.unknown = self.rule("unknown", value),
                "fields" => self.fields(value),
                other => self.unknown("merge", other, key.span().start),
            }
        }
    }

    fn fields(&mut self, value: &Entry) {
        let DeValue::Table(table) = value.get_ref() else {
            let what = "[merge.fields] must be a table of rules, such as title = \"longest\"";
            return self.mistake(value.span().start, what.into());
        };
        for (key, value) in table {
            let name = key.get_ref().to_string();
            if let Some(rule) = self.rule(&name, value) {
                self.config.merge.fields.insert(name, rule);
            }
        }
    }

    /// A rule: its word alone, or a table.
    fn rule(&mut self, name: &str, value: &Entry) -> Option<FieldRule> {
        let at = value.span().start;
        let mut rule = FieldRule {
            blank_fill: self.config.merge.blank_fill.unwrap_or_default(),
            cleared_counts: self.config.merge.cleared_counts.unwrap_or_default(),
            ..FieldRule::default()
        };
        match value.get_ref() {
            DeValue::String(_) => rule.take = self.word_of(name, value, Take::WORDS)?,
            DeValue::Table(table) => {
                let before = self.mistakes.len();
                let mut take = None;
                for (key, value) in table {
                    match key.get_ref().as_ref() {
                        "take" => take = self.word_of("take", value, Take::WORDS),
                        "order" => rule.order = self.list_of("order", value),
                        "blank_fill" => {
                            rule.blank_fill = self.blank_fill(value).unwrap_or_default();
                        }
                        "cleared_counts" => {
                            rule.cleared_counts =
                                self.flag("cleared_counts", value).unwrap_or_default();
                        }
                        other => {
                            let near = nearest(other, RULE_KEYS.iter().copied());
                            let what = format!("[merge.fields] {name}: no key {other:?}{near}");
                            self.mistake(key.span().start, what);
                        }
                    }
                }
                if self.mistakes.len() > before {
                    return None;
                }
                let Some(take) = take else {
                    self.mistake(at, format!("[merge.fields] {name} needs take = \"...\""));
                    return None;
                };
                rule.take = take;
            }
            _ => {
                let what =
                    format!("{name} must be a rule such as \"newest\", or a table with take");
                self.mistake(at, what);
                return None;
            }
        }
        match (rule.take, rule.order.is_empty()) {
            (Take::Furthest, true) => {
                let example = "{ take = \"furthest\", order = [\"first\", ..., \"last\"] }";
                self.mistake(at, format!("{name}: furthest needs the stages: {example}"));
                None
            }
            (Take::Furthest, false) | (_, true) => Some(rule),
            (_, false) => {
                self.mistake(at, format!("{name}: order belongs to take = \"furthest\" only"));
                None
            }
        }
    }

    fn blank_fill(&mut self, value: &Entry) -> Option<BlankFill> {
        let fill = match value.get_ref() {
            DeValue::Boolean(true) => Some(BlankFill::Yes),
            DeValue::Boolean(false) => Some(BlankFill::No),
            DeValue::String(word) if word == "first" => Some(BlankFill::First),
            _ => None,
        };
        if fill.is_none() {
            let what = "blank_fill must be true, false or \"first\"";
            self.mistake(value.span().start, what.into());
        }
        fill
    }

    fn flag(&mut self, key: &str, value: &Entry) -> Option<bool> {
        match value.get_ref() {
            DeValue::Boolean(yes) => Some(*yes),
            _ => {
                self.mistake(value.span().start, format!("{key} must be true or false"));
                None
            }
        }
    }
}
