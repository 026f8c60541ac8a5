//! Data quality: what is wrong with the leads, as findings that a program can act on.
//!
//! A side branch of the run: checks read what reading, normalizing, matching, merging and scoring
//! found out, and change nothing. A check works on distinct values where it can and turns them into
//! rows only to count them, so that a fast pass costs little more than reading the file.
//!
//! Each group of checks is a function from the [`Material`] to hits in a [`Collector`]; `settle` (rules,
//! limits, baseline) makes [`finding::Finding`]s of the hits and a verdict of the findings.

pub mod baseline;
pub mod catalog;
mod census;
mod checks;
pub mod finding;
pub mod gate;
mod learned;
pub mod mask;
pub mod output;
pub mod previous;
pub mod rules;
pub mod selection;
pub mod settle;
pub mod text;
mod wrong_column;

#[cfg(test)]
mod tests;

pub use checks::examine;

use crate::merge::history::History;
use crate::merge::suppress::Suppression;
use crate::normalize::activity::ActivityLog;
use crate::normalize::record::Records;
use crate::pipeline::Outcome;
use crate::record::{RecordId, Table, ValueId};
use crate::schema::{Role, UnitedSchema};
use crate::source::Reject;
use finding::Sample;
use mask::{Reveal, show};

/// Everything a check may read.
#[derive(Debug, Clone, Copy)]
pub struct Material<'a> {
    /// The records, in canonical order.
    pub table: &'a Table,
    /// What the columns mean.
    pub schema: &'a UnitedSchema,
    /// The records normalized.
    pub records: &'a Records,
    /// Rows that could not be read, with the name of their source.
    pub rejects: &'a [(String, Reject)],
    /// The whole run: who is who, histories, consent, scores; none in a fast pass.
    pub outcome: Option<&'a Outcome>,
    /// The activities and what is one event, where there are any.
    pub activities: Option<(&'a ActivityLog, &'a History)>,
    /// Addresses that nobody may use, where a list was given.
    pub suppression: Option<&'a Suppression>,
    /// Per record, whether it is left out; empty where none is.
    pub ignored: &'a [bool],
    /// The day of the check, microseconds since 1970-01-01T00:00:00Z.
    pub as_of: i64,
}

/// Where a check fired: counts that are complete and the first places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hits {
    /// How often.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// The first records in canonical order, at most [`Collector::max_samples`].
    pub records: Vec<RecordId>,
}

/// What a check found, before rules and limits.
#[derive(Debug, Clone, PartialEq)]
pub struct Raw {
    /// Id of the check.
    pub check: &'static str,
    /// Index of the column at fault in the table.
    pub column: Option<usize>,
    /// File the finding is about, where it is not that of the column.
    pub file: Option<String>,
    /// Where it fired.
    pub hits: Hits,
    /// Places that are not records (activities, pairs, columns), ready to be shown.
    pub samples: Vec<Sample>,
    /// The sentence, without personal data.
    pub message: String,
    /// An uncertain finding is information, whatever the check's weight.
    pub uncertain: bool,
}

impl Raw {
    /// An empty finding of a check, to be filled.
    pub fn of(check: &'static str) -> Self {
        let (hits, samples, message) = (Hits::default(), Vec::new(), String::new());
        Self { check, column: None, file: None, hits, samples, message, uncertain: false }
    }
}

/// Takes what the checks find.
#[derive(Debug, Default)]
pub struct Collector {
    /// Samples kept of each finding.
    pub max_samples: usize,
    /// What was found.
    pub found: Vec<Raw>,
}

impl Collector {
    /// A collector that keeps this many samples of each finding.
    pub fn new(max_samples: usize) -> Self {
        Self { max_samples, found: Vec::new() }
    }

    /// Takes hits of a check in a column; none at all is no finding.
    pub fn take(
        &mut self,
        check: &'static str,
        column: Option<usize>,
        hits: Hits,
        message: String,
    ) {
        debug_assert!(catalog::find(check).is_some(), "{check} is not in the catalog");
        if hits.count > 0 {
            let (samples, file) = (Vec::new(), None);
            self.found.push(Raw { check, column, file, hits, samples, message, uncertain: false });
        }
    }

    /// Takes what is about a file, with places that are not records.
    pub fn take_places(
        &mut self,
        check: &'static str,
        file: &str,
        (count, of): (u64, u64),
        samples: Vec<Sample>,
        message: String,
    ) {
        let hits = Hits { count, of, records: Vec::new() };
        let before = self.found.len();
        self.take(check, None, hits, message);
        for raw in &mut self.found[before..] {
            raw.file = Some(file.to_string());
            raw.samples.clone_from(&samples);
        }
    }

    /// Takes what is only a suspicion.
    pub fn suspect(
        &mut self,
        check: &'static str,
        column: Option<usize>,
        hits: Hits,
        message: String,
    ) {
        let before = self.found.len();
        self.take(check, column, hits, message);
        self.found[before..].iter_mut().for_each(|raw| raw.uncertain = true);
    }
}

impl Material<'_> {
    /// Whether a record counts: findings about several records are about those that do.
    pub fn counts(&self, record: usize) -> bool {
        !self.ignored.get(record).copied().unwrap_or(false)
    }

    /// The records whose cell of a column is one of the values `bad` (by value id), of those filled.
    pub fn hits_of_values(&self, column: usize, bad: &[bool], max_samples: usize) -> Hits {
        self.hits_where(column, max_samples, |value| bad[value.index()])
    }

    /// The records whose cell of a column passes a test on the value id, of those filled.
    pub fn hits_where(
        &self,
        column: usize,
        max_samples: usize,
        at_fault: impl Fn(ValueId) -> bool,
    ) -> Hits {
        let mut hits = Hits::default();
        for (record, &value) in (0u32..).zip(&self.table.columns[column].ids) {
            if value.is_missing() {
                continue;
            }
            hits.of += 1;
            if at_fault(value) {
                hits.count += 1;
                if hits.records.len() < max_samples {
                    hits.records.push(RecordId(record));
                }
            }
        }
        hits
    }

    /// A record as a sample, with its cell of a column.
    pub fn sample(&self, record: RecordId, column: Option<usize>, reveal: Reveal) -> Sample {
        let value = column.map_or_else(String::new, |column| {
            let role = self.schema.columns.get(column).map_or(Role::Generic, |c| c.role);
            show(self.table.columns[column].get(record), role, reveal)
        });
        let line = self.table.line.get(record.index()).copied().unwrap_or(0);
        Sample { record: self.table.key(record).to_string(), line, value }
    }
}
