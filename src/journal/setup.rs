//! What a run was told: the first line of a journal, and the heart of a plan.
//!
//! Enough to do the run again: the configuration as it was resolved, the text of the models, and how
//! each file was read.

use super::{FORMAT, hex};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::matching::model::MatchingModel;
use crate::merge::consent::FactSource;
use crate::merge::suppress::Suppression;
use crate::pipeline::{Job, Outcome, UserDecision};
use crate::score::model::{self, ScoringModel};
use crate::source::Source;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::sync::Arc;

/// Everything a run was told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Setup {
    /// Version of the format.
    pub format: u32,
    /// Version of the program.
    pub leadmend: String,
    /// The clock of the run.
    pub as_of: String,
    /// The configuration as it was resolved.
    pub config: Config,
    /// The scoring models.
    pub models: Vec<ModelText>,
    /// The matching model that was given; one that was fitted is fitted again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matching: Option<MatchingModel>,
    /// Keys of the records that the suppression list held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suppressed: Vec<String>,
    /// The inputs: lead files, then activity files.
    pub files: Vec<FileEntry>,
}

/// A scoring model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelText {
    /// Its name.
    pub name: String,
    /// SHA-256 of the text, in hexadecimal.
    pub sha256: String,
    /// The file's text.
    pub text: String,
}

/// What a file was read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileRole {
    /// Leads.
    Leads,
    /// Activities.
    Activities,
}

/// An input file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FileEntry {
    /// What it was read for.
    pub role: FileRole,
    /// Its source name in the run.
    pub source: String,
    /// File name, without folders.
    pub file: String,
    /// Number of bytes.
    pub bytes: u64,
    /// SHA-256, in hexadecimal.
    pub sha256: String,
    /// What the user said about reading it.
    pub read: Source,
}

impl Setup {
    /// What a run was told.
    pub fn of(outcome: &Outcome) -> Self {
        let job = &outcome.job;
        let infos = outcome.table.sources.iter().chain(&outcome.activities.table.sources);
        let leads = job.inputs.iter().map(|source| (FileRole::Leads, source));
        let events = job.activities.iter().map(|source| (FileRole::Activities, source));
        let files = leads.chain(events).zip(infos).zip(&outcome.originals);
        Self {
            format: FORMAT,
            leadmend: env!("CARGO_PKG_VERSION").into(),
            as_of: jiff::Timestamp::from_microsecond(outcome.as_of)
                .map(|t| t.to_string())
                .unwrap_or_default(),
            config: without_folders(&job.config),
            models: outcome.models.iter().map(ModelText::of).collect(),
            matching: job.matching.clone(),
            suppressed: suppressed(outcome),
            files: files
                .map(|(((role, source), info), original)| FileEntry {
                    role,
                    source: info.name.clone(),
                    file: info.file.clone(),
                    bytes: original.bytes,
                    sha256: hex(&original.sha256),
                    read: reading(source, &info.name),
                })
                .collect(),
        }
    }

    /// The same job over these contents, one for each file.
    ///
    /// # Errors
    /// [`Error::Config`] when this version does not understand a model.
    pub fn job(&self, contents: Vec<Arc<Vec<u8>>>, decisions: Vec<UserDecision>) -> Result<Job> {
        let mut job = Job {
            config: self.config.clone(),
            models: self.models.iter().map(ModelText::parse).collect::<Result<_>>()?,
            decisions,
            matching: self.matching.clone(),
            suppression: Suppression::of_records(self.suppressed.iter().cloned()),
            ..Job::default()
        };
        for (entry, content) in self.files.iter().zip(contents) {
            let path = PathBuf::from(&entry.file);
            let content = Some(content);
            let source = Source { path, content, server: None, ..entry.read.clone() };
            match entry.role {
                FileRole::Leads => job.inputs.push(source),
                FileRole::Activities => job.activities.push(source),
            }
        }
        Ok(job)
    }
}

/// How a file is read again. What the journal keeps of a table on a server is no table any more.
fn reading(source: &Source, name: &str) -> Source {
    match source.server {
        None => source.clone(),
        Some(_) => {
            let name = Some(name.to_string());
            Source { name, table: None, rendered: true, ..source.clone() }
        }
    }
}

/// The records on the suppression list: the list itself is not part of a run's files.
fn suppressed(outcome: &Outcome) -> Vec<String> {
    let facts = outcome.consent_facts.iter().filter(|f| f.source == FactSource::Suppression);
    let mut keys: Vec<String> = facts.map(|f| outcome.table.key(f.record).to_string()).collect();
    keys.dedup();
    keys
}

/// The models stand in the setup themselves; where their file was is nobody's business.
fn without_folders(config: &Config) -> Config {
    Config { model: None, suppress: Vec::new(), key_file: None, ..config.clone() }
}

impl ModelText {
    fn of(model: &ScoringModel) -> Self {
        Self {
            name: model.name.clone(),
            sha256: hex(&Sha256::digest(&model.text)),
            text: model.text.clone(),
        }
    }

    fn parse(&self) -> Result<ScoringModel> {
        model::parse(&self.text, &format!("{}.toml", self.name)).map_err(|mistakes| Error::Config {
            file: self.name.clone(),
            mistakes: mistakes.iter().map(ToString::to_string).collect(),
            remedy: "use the version of leadmend that made the run".into(),
        })
    }
}
