//! Writing merges back into the database they were found in, and undoing that.
//!
//! Stands after everything, like [`crate::report`], and takes the same [`Outcome`]: survivors get the
//! merged cells, activities move to the lead that survives, losers and duplicate activities are
//! deleted or flagged. All of it is one transaction that begins by locking the tables and reading
//! them again: what is not as it was read is not written to. What every touched row was before and
//! is after stands in `leadmend_journal`, in the same database and the same transaction. Why there
//! and not in a file: a file and a database cannot change in one step.

mod changes;
mod image;
#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;

use crate::error::{Error, Result};
use crate::pipeline::Outcome;
use crate::report::json::show_instant;
use crate::source::Source;
use crate::source::connection::Connection;
use crate::source::fingerprint;
use changes::Changes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Version of what is written into the journal table.
const FORMAT: u32 = 1;
/// The table of what was done.
pub(crate) const JOURNAL: &str = "leadmend_journal";
/// The table of who went where.
pub(crate) const CROSSWALK: &str = "leadmend_crosswalk";

/// What becomes of rows that went into another one: losing leads, and activities that are the same
/// event as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Losers {
    /// They stay, and `leadmend_merged_into` names the row they went into; later runs do not read
    /// them.
    #[default]
    Flag,
    /// They are deleted; the journal keeps them whole.
    Delete,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The run, by which it is undone.
    pub run: String,
    /// What became of the losers.
    pub losers: Losers,
    /// Persons that were several leads.
    pub merged_persons: u64,
    /// Leads that went into others.
    pub merged_leads: u64,
    /// Leads of which a cell changed.
    pub updated_leads: u64,
    /// Cells of them that changed.
    pub updated_cells: u64,
    /// Activities that name another lead now.
    pub moved_activities: u64,
    /// Activities that were the same event as another.
    pub duplicate_activities: u64,
    /// What the user should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Applied {
    /// Nothing was to be written.
    pub fn is_nothing(&self) -> bool {
        self.merged_leads + self.updated_leads + self.moved_activities + self.duplicate_activities
            == 0
    }

    /// What was written, for people.
    pub fn sentences(&self) -> Vec<String> {
        if self.is_nothing() {
            return vec!["Nothing was to be written back to the database".into()];
        }
        let number = |count: u64, one: &str, several: &str| match count {
            1 => format!("1 {one}"),
            n => format!("{n} {several}"),
        };
        let gone = match self.losers {
            Losers::Delete => "deleted",
            Losers::Flag => "flagged",
        };
        let mut said = vec![
            format!(
                "Written back as run {}: {} {gone}, {} updated ({}), {} moved, {} {gone}",
                self.run,
                number(self.merged_leads, "merged lead", "merged leads"),
                number(self.updated_leads, "lead", "leads"),
                number(self.updated_cells, "cell", "cells"),
                number(self.moved_activities, "activity", "activities"),
                number(self.duplicate_activities, "repeated activity", "repeated activities"),
            ),
            format!("Undo it with: leadmend undo --db URL --run {}", self.run),
        ];
        said.extend(self.notes.iter().map(|note| format!("  {note}")));
        said
    }
}

/// A run that was written to a database and can be undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    format: u32,
    /// Version of the program.
    pub leadmend: String,
    /// When it was written.
    pub applied_at: String,
    /// The clock of the run.
    pub as_of: String,
    /// The table of the leads.
    pub leads: Target,
    /// The table of the activities.
    pub activities: Option<Target>,
    /// What was written.
    pub applied: Applied,
}

/// A table that was written to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its name.
    pub table: String,
    /// The column that tells its rows apart.
    pub key: String,
    /// The run added the column of the flag.
    pub flag_added: bool,
}

/// What an undo did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// The run.
    pub run: String,
    /// Rows that have their cells again.
    pub restored: u64,
    /// Rows that are there again.
    pub inserted: u64,
}

/// The id of a run: the same data, date and settings of matching give the same one.
pub fn run_id(outcome: &Outcome) -> String {
    let mut hash = Sha256::new();
    hash.update(b"leadmend-run-1");
    hash.update(outcome.as_of.to_be_bytes());
    for info in outcome.table.sources.iter().chain(&outcome.activities.table.sources) {
        hash.update(info.fingerprint.as_bytes());
        hash.update([0]);
    }
    for person in &outcome.matched.clusters.person_of {
        hash.update(person.to_be_bytes());
    }
    let hex = fingerprint::hex(&hash.finalize());
    format!("r_{}", &hex[..12])
}

/// Writes the merges of an outcome back into the database its leads were read from.
///
/// # Errors
/// [`Error::Usage`] for what cannot be written to (a file, a query, a view, a table without a
/// unique column), [`Error::Changed`] when the data is not what was read, [`Error::Output`] for
/// everything the database refuses. The database is as it was in all these cases.
pub fn apply(outcome: &Outcome, losers: Losers, run: &str) -> Result<Applied> {
    let place = Place::of(outcome)?;
    let changes = Changes::of(outcome);
    if run.is_empty() || run.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Error::usage("the run has no usable id", "give one without white space"));
    }
    match place.leads.server.as_ref() {
        None => sqlite::apply(outcome, &place, &changes, losers, run),
        #[cfg(feature = "postgres")]
        Some(server) => postgres::apply(outcome, &place, server, &changes, losers, run),
        #[cfg(not(feature = "postgres"))]
        Some(server) => Err(without_postgres(&server.name())),
    }
}

/// Refuses what cannot be written back to, before any work is done.
///
/// # Errors
/// [`Error::Usage`].
pub fn check_sources(leads: &[Source], activities: &[Source]) -> Result<()> {
    Place::find(leads, activities).map(|_| ())
}

/// The runs that can be undone, in the order they were written.
///
/// # Errors
/// A database that cannot be opened or read.
pub fn runs(connection: &Connection) -> Result<Vec<Entry>> {
    match &connection.server {
        None => sqlite::runs(&connection.path),
        #[cfg(feature = "postgres")]
        Some(server) => postgres::runs(server, connection),
        #[cfg(not(feature = "postgres"))]
        Some(server) => Err(without_postgres(&server.name())),
    }
}

/// Makes the database what it was before a run: rows, values and types.
///
/// # Errors
/// [`Error::Usage`] for a run that is not there, [`Error::Changed`] when rows the run touched were
/// changed since, [`Error::Output`] for what the database refuses. Then nothing is undone.
pub fn undo(connection: &Connection, run: &str) -> Result<Undone> {
    match &connection.server {
        None => sqlite::undo(&connection.path, run),
        #[cfg(feature = "postgres")]
        Some(server) => postgres::undo(server, connection, run),
        #[cfg(not(feature = "postgres"))]
        Some(server) => Err(without_postgres(&server.name())),
    }
}

/// Where leads and activities stand.
pub(crate) struct Place<'a> {
    /// The leads.
    pub leads: &'a Source,
    /// The activities.
    pub activities: Option<&'a Source>,
}

impl<'a> Place<'a> {
    fn of(outcome: &'a Outcome) -> Result<Self> {
        Self::find(&outcome.job.inputs, &outcome.job.activities)
    }

    fn find(leads: &'a [Source], activities: &'a [Source]) -> Result<Self> {
        let remedy = "give the leads as one sqlite:// or postgres:// URL";
        let [leads] = leads else {
            let what = format!("--apply writes to one table of leads, not to {}", leads.len());
            return Err(Error::usage(what, remedy));
        };
        let readable = leads.content.is_none() && leads.path.as_os_str() != "-";
        let is_database = readable && crate::source::sqlite::is_database(&leads.path);
        if leads.server.is_none() && !is_database {
            let what = format!("--apply writes to a database, and {} is none", leads.file_name());
            return Err(Error::usage(what, remedy));
        }
        let activities = match activities {
            [] => None,
            [one] if (&one.path, &one.server) == (&leads.path, &leads.server) => Some(one),
            _ => {
                return Err(Error::usage(
                    "--apply moves activities in the same step, and these are not one table of \
                     the database of the leads",
                    "name their table in the URL (activities=TABLE), or leave them out",
                ));
            }
        };
        for source in [Some(leads), activities].into_iter().flatten() {
            let query = source.table.as_deref().map(str::trim);
            if query.is_some_and(crate::source::sqlite::is_query) {
                return Err(Error::usage(
                    "--apply writes to tables, and a query is none",
                    "name the tables themselves (leads=TABLE&activities=TABLE)",
                ));
            }
        }
        Ok(Self { leads, activities })
    }
}

/// What the user should know of a table with triggers: the journal does not see what they do.
fn about_triggers(table: &str) -> String {
    format!("table {table} has triggers: what they write to other tables is not undone")
}

/// The refusal of a table that is not what was read.
fn changed(file: &str) -> Error {
    let what = "has changed since it was read; nothing was written".to_string();
    Error::Changed { file: file.into(), what, remedy: "run the audit again" }
}

/// The refusal of an undo over rows that were changed.
fn touched(file: &str, rows: u64, of: u64) -> Error {
    let what = format!(
        "{rows} of the {of} rows that the run wrote to were changed since; nothing was undone"
    );
    let remedy = "undo later runs first; rows that were edited by hand must be as the run left \
                  them (leadmend_journal holds both states)";
    Error::Changed { file: file.into(), what, remedy }
}

/// What a database calls the types of our own tables.
struct OwnTypes {
    count: &'static str,
    /// A row as it was.
    image: &'static str,
    share: &'static str,
}

/// The statements that make our own tables, of these names, where they are not there.
fn own_tables(journal: &str, crosswalk: &str, types: &OwnTypes) -> String {
    let OwnTypes { count, image, share } = types;
    format!(
        "CREATE TABLE IF NOT EXISTS {journal} (run_id text NOT NULL, n {count} NOT NULL, \
         kind text NOT NULL, target text NOT NULL, row_key text NOT NULL, before {image}, \
         after {image}, PRIMARY KEY (run_id, n)); \
         CREATE TABLE IF NOT EXISTS {crosswalk} (run_id text NOT NULL, record_id text NOT NULL, \
         person_id text NOT NULL, surviving_id text NOT NULL, probability {share} NOT NULL, \
         PRIMARY KEY (run_id, record_id))"
    )
}

/// The refusal of a run that is not in the journal.
fn unknown_run(file: &str) -> Error {
    Error::usage(
        format!("{file}: its journal holds no run of that id"),
        "leave --run out to list the runs",
    )
}

/// The refusal of a run that was written before.
fn known_run(file: &str) -> Error {
    Error::usage(
        format!("{file}: its journal holds a run of that id already"),
        "give another id, or undo that run first",
    )
}

/// The refusal of a table whose rows cannot be told apart.
fn without_key(file: &str, table: &str) -> Error {
    Error::usage(
        format!("{file}: table {table:?} has no primary key or unique column of its own rows"),
        "give it one (a primary key of one column), so that a row can be named",
    )
}

/// The refusal of what is no table.
fn no_table(file: &str, name: &str, what: &str) -> Error {
    Error::usage(
        format!("{file}: {name:?} is {what}, and --apply writes to tables"),
        "name the table behind it (leads=TABLE&activities=TABLE)",
    )
}

/// The refusal of deleting rows that others refer to.
fn referred(file: &str, table: &str, others: &[String]) -> Error {
    Error::usage(
        format!(
            "{file}: rows of {table:?} cannot be deleted, {} refers to them",
            others.join(", ")
        ),
        "use --losers flag, which keeps the rows",
    )
}

/// The refusal of deleting where rows were flagged before.
fn flagged_before(file: &str, table: &str) -> Error {
    Error::usage(
        format!("{file}: earlier runs flagged rows of {table:?} and left them"),
        "go on with --losers flag, or undo those runs first",
    )
}

/// The refusal of an undo that does not give what was there.
fn not_restored(file: &str) -> Error {
    Error::Output {
        file: file.into(),
        what: "a trigger or rule of the database changes what is put back; nothing was undone"
            .into(),
        remedy: "switch the table's triggers off, undo, and switch them on again".into(),
    }
}

#[cfg(not(feature = "postgres"))]
fn without_postgres(database: &str) -> Error {
    Error::usage(
        format!("{database} is a PostgreSQL database, which this build does not write to"),
        "install with `cargo install --locked --path . --features postgres`",
    )
}

impl Entry {
    fn new(
        outcome: &Outcome,
        leads: Target,
        activities: Option<Target>,
        applied: &Applied,
    ) -> Self {
        Self {
            format: FORMAT,
            leadmend: env!("CARGO_PKG_VERSION").into(),
            applied_at: show_instant(jiff::Timestamp::now().as_microsecond()),
            as_of: show_instant(outcome.as_of),
            leads,
            activities,
            applied: applied.clone(),
        }
    }

    /// Reads a line of the journal.
    fn read(file: &str, text: &str) -> Result<Self> {
        let entry: Option<Self> = serde_json::from_str(text).ok();
        entry.filter(|entry| entry.format == FORMAT).ok_or_else(|| Error::Format {
            file: file.into(),
            line: None,
            what: "its journal was written by another version".into(),
            remedy: "use the version of leadmend that wrote it".into(),
        })
    }
}

#[cfg(test)]
mod tests;
