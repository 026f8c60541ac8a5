//! Writing back to SQLite.
//!
//! `BEGIN IMMEDIATE` is the lock: from then on nobody else writes to the file. A kill at any moment
//! leaves SQLite's own journal beside the file, and whoever opens the database next rolls back.

mod rows;
mod table;
mod undo;

use super::changes::Changes;
use super::image::Image;
use super::{Applied, CROSSWALK, Entry, JOURNAL, Losers, Place, Target};
use crate::error::{Error, Result};
use crate::pipeline::Outcome;
use crate::record::Table as Records;
use crate::source::Source;
use crate::source::fingerprint;
use crate::source::limit::Limits;
use crate::source::sqlite::{self, MERGED_INTO, quoted};
use rows::Lines;
use rusqlite::types::Value;
use rusqlite::{Connection as Database, OpenFlags, Transaction, TransactionBehavior};
use rustc_hash::FxHashMap;
use std::path::Path;
use std::time::Duration;
use table::Table;

pub(super) use undo::{runs, undo};

/// Writes the changes; see [`super::apply`].
pub(super) fn apply(
    outcome: &Outcome,
    place: &Place,
    changes: &Changes,
    losers: Losers,
    run: &str,
) -> Result<Applied> {
    outcome.job.snapshot.close();
    let mut database = open(&place.leads.path, &place.leads.file_name())?;
    apply_in(&mut database, outcome, place, changes, losers, run)
}

/// Writes the changes into an open database.
pub(super) fn apply_in(
    database: &mut Database,
    outcome: &Outcome,
    place: &Place,
    changes: &Changes,
    losers: Losers,
    run: &str,
) -> Result<Applied> {
    let file = place.leads.file_name();
    let transaction = begin(database, &file)?;
    let work = Work { file: &file, database: &transaction, losers };
    let applied = work.apply(outcome, place, changes, run)?;
    transaction.commit().map_err(|cause| refused(&file, &cause))?;
    Ok(applied)
}

/// Opens a database file for writing.
pub(super) fn open(path: &Path, file: &str) -> Result<Database> {
    if let Err(cause) = std::fs::metadata(path) {
        return Err(Error::Read { file: file.into(), cause });
    }
    if !sqlite::is_database(path) {
        return Err(Error::Format {
            file: file.into(),
            line: None,
            what: "is no SQLite database".into(),
            remedy: "give a database file, or a sqlite:// or postgres:// URL".into(),
        });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Database::open_with_flags(path, flags).and_then(|database| {
        database.busy_timeout(Duration::from_millis(sqlite::PATIENCE))?;
        database.pragma_update(None, "foreign_keys", true)?;
        // What is committed is on the disk.
        database.pragma_update(None, "synchronous", "FULL")?;
        Ok(database)
    });
    opened.map_err(|cause| refused(file, &cause))
}

fn begin<'a>(database: &'a mut Database, file: &str) -> Result<Transaction<'a>> {
    let begun = database.transaction_with_behavior(TransactionBehavior::Immediate);
    begun.map_err(|cause| refused(file, &cause))
}

/// SQLite's reason, which names tables and columns but never a cell.
fn refused(file: &str, cause: &rusqlite::Error) -> Error {
    use rusqlite::ErrorCode::{
        CannotOpen, ConstraintViolation, DatabaseBusy, DatabaseLocked, DiskFull, PermissionDenied,
        ReadOnly, TypeMismatch,
    };
    let (what, remedy) = match cause.sqlite_error_code() {
        Some(DatabaseBusy | DatabaseLocked) => (
            "another program is writing to it; nothing was written".to_string(),
            "wait until it is done, then try again",
        ),
        Some(DiskFull) => (
            "the disk (or the database's own limit) is full; nothing was written".into(),
            "free some space, then try again",
        ),
        Some(CannotOpen | ReadOnly | PermissionDenied) => {
            ("it cannot be written to".into(), "check the file's and its folder's rights")
        }
        Some(ConstraintViolation | TypeMismatch) => (
            format!("a rule of the database refuses the change ({cause}); nothing was written"),
            "try --losers delete where a value must be unique, or give the column another rule \
             ([merge.fields] in leadmend.toml)",
        ),
        _ => (
            format!("it could not be written to ({cause}); nothing was written"),
            "check that the database is whole (PRAGMA integrity_check), then try again",
        ),
    };
    Error::Output { file: file.into(), what, remedy: remedy.into() }
}

/// One writing.
struct Work<'a> {
    file: &'a str,
    database: &'a Database,
    losers: Losers,
}

/// Rows as they are before: by the text of their key.
type Rows = FxHashMap<String, (Value, Image)>;

impl Work<'_> {
    fn apply(
        &self,
        outcome: &Outcome,
        place: &Place,
        changes: &Changes,
        run: &str,
    ) -> Result<Applied> {
        let mut leads = self.table(place.leads)?;
        let mut activities = place.activities.map(|source| self.table(source)).transpose()?;
        self.check_references(&leads, activities.as_ref(), outcome, changes)?;
        self.check_unchanged(&outcome.table, place.leads)?;
        if let Some(source) = place.activities {
            self.check_unchanged(&outcome.activities.table, source)?;
        }
        let mut applied = Applied { run: run.into(), losers: self.losers, ..Applied::default() };
        let nothing = changes.leads.is_empty() && changes.losers.is_empty();
        if nothing && changes.moves.is_empty() && changes.duplicates.is_empty() {
            return Ok(applied);
        }
        self.prepare_journal(run)?;
        let flags_leads = !changes.losers.is_empty();
        let flag_added = self.add_flag(&mut leads, flags_leads)?;
        let target = |table: &Table, added| Target {
            table: table.name.clone(),
            key: table.key_name().into(),
            flag_added: added,
        };
        let of_leads = target(&leads, flag_added);
        let mut of_activities = None;
        if let Some(activities) = &mut activities {
            let added = self.add_flag(activities, !changes.duplicates.is_empty())?;
            of_activities = Some(target(activities, added));
        }
        let mut lines = Lines { run, n: 1, database: self.database };
        if let Some(activities) = &activities {
            self.write_activities(outcome, changes, activities, &mut lines, &mut applied)?;
        }
        self.write_leads(outcome, changes, &leads, &mut lines, &mut applied)?;
        self.write_crosswalk(outcome, changes, run)?;
        applied.notes = self.notes(&[Some(&leads), activities.as_ref()])?;
        applied.merged_persons = changes.persons;
        let entry = Entry::new(outcome, of_leads, of_activities, &applied);
        let text = serde_json::to_string(&entry).unwrap_or_default();
        lines.put_head(&text).map_err(|cause| refused(self.file, &cause))?;
        Ok(applied)
    }

    fn table(&self, source: &Source) -> Result<Table> {
        Table::find(self.database, self.file, source.table.as_deref())
    }

    /// Reads the table again, as it was read: any difference ends the work.
    fn check_unchanged(&self, records: &Records, source: &Source) -> Result<()> {
        let read = sqlite::read(self.database, self.file, source.table.as_deref(), &Limits::USUAL)?;
        let now = fingerprint::of_columns(&read.columns, read.lines.len());
        let then = records.sources.first().map(|info| info.fingerprint.as_str());
        if then == Some(now.as_str()) { Ok(()) } else { Err(super::changed(self.file)) }
    }

    /// Deleting a row must not take others with it that the journal does not know.
    fn check_references(
        &self,
        leads: &Table,
        activities: Option<&Table>,
        outcome: &Outcome,
        changes: &Changes,
    ) -> Result<()> {
        if self.losers == Losers::Flag {
            return Ok(());
        }
        let log = &outcome.activities;
        let moved: Vec<&str> =
            log.lead_columns().iter().map(|&c| log.table.columns[c].header.as_str()).collect();
        let tables = [
            (Some(leads), !changes.losers.is_empty()),
            (activities, !changes.duplicates.is_empty()),
        ];
        for (table, deletes) in tables {
            let Some(table) = table.filter(|_| deletes) else { continue };
            if table.has_flagged(self.database).map_err(|cause| refused(self.file, &cause))? {
                return Err(super::flagged_before(self.file, &table.name));
            }
            let referring =
                table.referring(self.database).map_err(|cause| refused(self.file, &cause))?;
            let others: Vec<String> = referring
                .into_iter()
                .filter(|(other, column)| {
                    // Activities of losers move before the losers go.
                    let is_moved = activities.is_some_and(|a| a.name == *other)
                        && table.name == leads.name
                        && moved.first().is_some_and(|first| first.eq_ignore_ascii_case(column));
                    !is_moved
                })
                .map(|(other, _)| other)
                .collect();
            if !others.is_empty() {
                return Err(super::referred(self.file, &table.name, &others));
            }
        }
        Ok(())
    }

    fn prepare_journal(&self, run: &str) -> Result<()> {
        let refused = |cause: rusqlite::Error| refused(self.file, &cause);
        let types = super::OwnTypes { count: "INTEGER", image: "TEXT", share: "REAL" };
        let sql = super::own_tables(JOURNAL, CROSSWALK, &types);
        self.database.execute_batch(&sql).map_err(refused)?;
        let known: bool = self
            .database
            .query_row(
                &format!("SELECT EXISTS (SELECT 1 FROM {JOURNAL} WHERE run_id = ?1)"),
                [run],
                |row| row.get(0),
            )
            .map_err(refused)?;
        if known { Err(super::known_run(self.file)) } else { Ok(()) }
    }

    /// Adds the column of the flag where rows are to be flagged and it is not there.
    fn add_flag(&self, table: &mut Table, needed: bool) -> Result<bool> {
        if table.flagged {
            // Ours as well where an earlier run added it: the last one undone takes it away.
            let earlier = self.note(undo::heads(self.database))?;
            let earlier = earlier.iter().map(|text| Entry::read(self.file, text));
            let targets = |entry: Entry| [Some(entry.leads), entry.activities];
            let targets: Vec<Target> = earlier
                .collect::<Result<Vec<_>>>()?
                .into_iter()
                .flat_map(targets)
                .flatten()
                .collect();
            return Ok(targets.iter().any(|t| t.table == table.name && t.flag_added));
        }
        if self.losers == Losers::Delete || !needed {
            return Ok(false);
        }
        let sql = format!("ALTER TABLE {} ADD COLUMN {MERGED_INTO} TEXT", quoted(&table.name));
        let refused = |cause: rusqlite::Error| refused(self.file, &cause);
        self.database.execute_batch(&sql).map_err(refused)?;
        table.add_flag();
        Ok(true)
    }

    fn note<T>(&self, done: rusqlite::Result<T>) -> Result<T> {
        done.map_err(|cause| refused(self.file, &cause))
    }

    /// What the user should know: what triggers do elsewhere is not in the journal.
    fn notes(&self, tables: &[Option<&Table>]) -> Result<Vec<String>> {
        let mut notes = Vec::new();
        for table in tables.iter().flatten() {
            if self.note(table.has_trigger(self.database))? {
                notes.push(super::about_triggers(&table.name));
            }
        }
        Ok(notes)
    }
}
