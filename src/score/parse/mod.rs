//! Reading a model file: every mistake at once, each with its place and the nearest valid name.
//!
//! First step of scoring. It walks the parsed TOML itself instead of deserializing, because a
//! deserializer stops at the first mistake and turns -0.30 into a float.

mod components;
pub(crate) mod conditions;
pub(crate) mod reader;
mod rules;
mod sections;

use super::model::{Place, ScoringModel};
use reader::Reader;

#[cfg(test)]
pub(crate) use rules::KEYS as RULE_KEYS;
#[cfg(test)]
pub(crate) use {components::COMPONENT_KEYS, sections::TOP as TOP_KEYS};

/// One thing that is wrong in a model file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModelMistake {
    /// File name as given.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What is wrong, and the remedy where it is not obvious.
    pub what: String,
    /// The nearest valid name.
    pub nearest: Option<String>,
}

impl ModelMistake {
    /// The mistake without the file's name, for lists under that name.
    pub fn without_file(&self) -> String {
        let near = self.nearest.as_ref().map(|near| format!("; did you mean \"{near}\"?"));
        let near = near.unwrap_or_default();
        format!("line {} column {}: {}{near}", self.line, self.column, self.what)
    }

    pub(crate) fn new(file: &str, at: Place, what: String, nearest: Option<String>) -> Self {
        Self { file: file.to_string(), line: at.line, column: at.column, what, nearest }
    }
}

impl std::fmt::Display for ModelMistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.file, self.without_file())
    }
}

impl std::error::Error for ModelMistake {}

/// Parses a model file.
///
/// # Errors
/// All mistakes in the file, in its order.
pub fn parse(text: &str, file_name: &str) -> Result<ScoringModel, Vec<ModelMistake>> {
    let (model, mistakes) = parse_lenient(text, file_name);
    match model {
        Some(model) if mistakes.is_empty() => Ok(model),
        _ => Err(mistakes),
    }
}

/// Parses as much as can be understood, for the linter; the model is there when it could be used.
pub(crate) fn parse_lenient(
    text: &str,
    file_name: &str,
) -> (Option<ScoringModel>, Vec<ModelMistake>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::new(text, file_name);
    let model = sections::read_model(&mut reader);
    (model, reader.finish())
}

/// The valid name that is most like `given`, when one is like it at all.
pub fn nearest(given: &str, valid: &[&str]) -> Option<String> {
    let given = given.to_lowercase();
    valid
        .iter()
        // Of equally near names the one that begins alike: typos are rarely in the first letter.
        .map(|name| {
            let differs = given.chars().next() != name.chars().next();
            (strsim::osa_distance(&given, name), differs, *name)
        })
        .filter(|&(distance, _, name)| distance <= 1 + name.chars().count().max(given.len()) / 4)
        .min()
        .map(|(.., name)| name.to_string())
}

#[cfg(test)]
mod tests;
