//! Scoring without merging: every record is a lead of its own.
//!
//! Beside the whole run, for `score`, `model diff` and `calibrate`: the same readers, normalizers,
//! facts and engine, with each record in a cluster of one. Why not a shorter way of its own: a record
//! must be worth here exactly what it is worth as a part of a merged lead.

use super::{Job, Stage, input};
use crate::cluster::Clusters;
use crate::error::Result;
use crate::merge::consent::{self, ConsentPolicy};
use crate::merge::history::{self, EventIdentity, Status};
use crate::merge::lead;
use crate::normalize::record::records;
use crate::record::{SourceInfo, Table};
use crate::schema::UnitedSchema;
use crate::score::facts::Facts;
use crate::score::model::ScoringModel;
use crate::score::{self, Scored, gather};
use crate::source::Reject;

/// Scores of records, none of them merged; person `i` of `scored` is record `i`.
#[derive(Debug)]
pub struct Alone {
    /// The records, in canonical order.
    pub table: Table,
    /// What their columns mean.
    pub schema: UnitedSchema,
    /// The models, as given.
    pub models: Vec<ScoringModel>,
    /// What they read.
    pub facts: Facts,
    /// The scores.
    pub scored: Scored,
    /// Rows that could not be read, with the name of their source.
    pub rejects: Vec<(String, Reject)>,
    /// Activity inputs.
    pub activity_sources: Vec<SourceInfo>,
    /// Activities that count, that repeat another of the same record, and of nobody known.
    pub activities: [usize; 3],
    /// The clock, microseconds since 1970-01-01T00:00:00Z.
    pub as_of: i64,
}

/// Scores every record of a job alone. Nothing is written.
///
/// # Errors
/// As [`super::run`].
pub fn run(job: &Job, progress: &dyn Fn(Stage)) -> Result<Alone> {
    progress(Stage::Read);
    let (table, schema, mut rejects, _) = input::leads(job)?;
    let (mut log, more, _) = input::activities(job)?;
    rejects.extend(more);
    let models = input::models(job, &schema)?;

    progress(Stage::Normalize);
    let records = records(&table, &schema);
    let own: Vec<u32> = (0..table.len() as u32).collect();
    let clusters = Clusters::from_labels(&own);

    progress(Stage::Merge);
    input::bind_activities(&mut log, &table, &schema, &records, &clusters)?;
    let window = EventIdentity { window_micros: models[0].merge.event_window };
    let history = history::unite(&log.activities, &clusters, window);
    let per_record = history::activities_per_record(&log.activities, table.len());
    let rules = lead::rules(&job.config.merge, &table, &schema)?;
    let fields = lead::merge(&table, &schema, &records, &clusters, &per_record, &rules);
    let mut said = consent::gather::gather(&table, &schema, &records, &log);
    said.suppress(&table, &records, &job.suppression);
    let policy = ConsentPolicy {
        contact_unknown: job.config.contact_unknown,
        scope: job.config.consent_scope,
    };
    let consent = said.decide_records(&table, policy);
    let of_record: Vec<_> = (0..table.len()).map(|r| consent.states(r)).collect();

    progress(Stage::Score);
    let facts = gather::gather(
        &gather::Merged {
            table: &table,
            schema: &schema,
            records: &records,
            clusters: &clusters,
            fields: &fields,
            consent: &consent,
            consent_of_record: &of_record,
            log: &log,
            history: &history,
        },
        &gather::needed(&models),
    );
    let scored = score::leads(&models, &facts, job.config.as_of);
    let activities =
        [Status::Kept, Status::Duplicate, Status::Orphan].map(|status| history.count(status));
    let as_of = job.config.as_of;
    let activity_sources = log.table.sources;
    Ok(Alone { table, schema, models, facts, scored, rejects, activity_sources, activities, as_of })
}
