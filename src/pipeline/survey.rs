//! Reading and normalizing without matching: the fast pass of `check`.
//!
//! Beside the whole run, as `alone` is: the same readers and normalizers, with every record a person
//! of its own. Why not the run itself: pairs are most of its time, and most checks need none.

use super::{Job, Stage, input};
use crate::cluster::Clusters;
use crate::error::Result;
use crate::merge::history::{self, EventIdentity, History};
use crate::merge::suppress::Suppression;
use crate::normalize::activity::ActivityLog;
use crate::normalize::record::{Records, records, records_for_checks};
use crate::quality::Material;
use crate::record::Table;
use crate::schema::{Digests, UnitedSchema};
use crate::source::Reject;

/// Records as they are, none of them matched.
#[derive(Debug)]
pub struct Survey {
    /// The records, in canonical order.
    pub table: Table,
    /// What their columns mean.
    pub schema: UnitedSchema,
    /// The records normalized.
    pub records: Records,
    /// Rows that could not be read, with the name of their source.
    pub rejects: Vec<(String, Reject)>,
    /// The activities.
    pub activities: ActivityLog,
    /// Which of them are one event of one record.
    pub history: History,
    /// Addresses that nobody may use.
    pub suppression: Suppression,
    /// The clock, microseconds since 1970-01-01T00:00:00Z.
    pub as_of: i64,
}

/// How much of the records is worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// What checks look at.
    #[default]
    Checks,
    /// That, and digests: what follows records over time, where they have no ids, knows them by it.
    Followed,
    /// All that a whole run would work out.
    Whole,
}

/// Reads and normalizes a job's inputs. Nothing is written. What checks find does not depend on the
/// depth.
///
/// # Errors
/// Inputs that cannot be read, and activities that cannot be bound.
pub fn run(job: &Job, depth: Depth, progress: &dyn Fn(Stage)) -> Result<Survey> {
    progress(Stage::Read);
    let digests = match depth {
        Depth::Checks => Digests::OfRepeated,
        Depth::Followed | Depth::Whole => Digests::All,
    };
    let (table, schema, mut rejects, _) = input::leads_with(job, digests)?;
    let (mut log, more, _) = input::activities(job)?;
    rejects.extend(more);
    progress(Stage::Normalize);
    let records = match depth {
        Depth::Checks | Depth::Followed => records_for_checks(&table, &schema),
        Depth::Whole => records(&table, &schema),
    };
    let own: Vec<u32> = (0..table.len() as u32).collect();
    let clusters = Clusters::from_labels(&own);
    input::bind_activities(&mut log, &table, &schema, &records, &clusters)?;
    let history = history::unite(&log.activities, &clusters, EventIdentity::default());
    let as_of = job.config.as_of;
    let suppression = job.suppression.clone();
    Ok(Survey { table, schema, records, rejects, activities: log, history, suppression, as_of })
}

impl Survey {
    /// What the checks may read of it.
    pub fn material(&self) -> Material<'_> {
        let read = (&self.table, &self.schema, &self.records);
        let happened = (&self.activities, &self.history);
        material(read, &self.rejects, happened, (&self.suppression, self.as_of))
    }
}

impl super::Outcome {
    /// What the checks may read of a whole run.
    pub fn material(&self) -> Material<'_> {
        let read = (&self.table, &self.schema, &self.records);
        let happened = (&self.activities, &self.history);
        let seen = material(read, &self.rejects, happened, (&self.job.suppression, self.as_of));
        Material { outcome: Some(self), ..seen }
    }
}

fn material<'a>(
    (table, schema, records): (&'a Table, &'a UnitedSchema, &'a Records),
    rejects: &'a [(String, Reject)],
    happened: (&'a ActivityLog, &'a History),
    (suppression, as_of): (&'a Suppression, i64),
) -> Material<'a> {
    let activities = (!happened.0.is_empty()).then_some(happened);
    let suppression = (!suppression.is_empty()).then_some(suppression);
    let (outcome, ignored) = (None, &[][..]);
    Material { table, schema, records, rejects, outcome, activities, suppression, ignored, as_of }
}
