//! Writing back to SQLite.
//!
//! `BEGIN IMMEDIATE` is the lock: from then on nobody else writes to the file. A kill at any moment
//! leaves SQLite's own journal beside the file, and whoever opens the database next rolls back.

mod table;
mod undo;

use super::changes::{Changes, New};
use super::image::{Image, Stored};
use super::{Applied, CROSSWALK, Entry, JOURNAL, Losers, Place, Target};
use crate::error::{Error, Result};
use crate::pipeline::Outcome;
use crate::record::{RecordId, Table as Records};
use crate::report::label::Labels;
use crate::source::Source;
use crate::source::fingerprint;
use crate::source::limit::Limits;
use crate::source::sqlite::{self, MERGED_INTO, quoted};
use rusqlite::types::Value;
use rusqlite::{Connection as Database, OpenFlags, Transaction, TransactionBehavior};
use rustc_hash::{FxHashMap, FxHashSet};
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
        let sql = format!(
            "CREATE TABLE IF NOT EXISTS {JOURNAL} (run_id TEXT NOT NULL, n INTEGER NOT NULL, \
             kind TEXT NOT NULL, target TEXT NOT NULL, row_key TEXT NOT NULL, before TEXT, \
             after TEXT, PRIMARY KEY (run_id, n)); \
             CREATE TABLE IF NOT EXISTS {CROSSWALK} (run_id TEXT NOT NULL, record_id TEXT NOT NULL, \
             person_id TEXT NOT NULL, surviving_id TEXT NOT NULL, probability REAL NOT NULL, \
             PRIMARY KEY (run_id, record_id))"
        );
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

    /// The rows of these records as they are.
    fn rows(&self, table: &Table, records: &Records, wanted: &[RecordId]) -> Result<Rows> {
        let keys = &records.columns[table.key];
        let wanted: FxHashSet<&str> = wanted.iter().map(|&record| keys.get(record)).collect();
        if wanted.contains("") {
            return Err(super::without_key(self.file, &table.name));
        }
        let found = table.load(self.database, &wanted);
        let found = found.map_err(|cause| refused(self.file, &cause))?;
        match found {
            Some(rows) if rows.len() == wanted.len() => Ok(rows),
            // Two keys that read the same, as a number 7 and a text 7.
            _ => Err(super::without_key(self.file, &table.name)),
        }
    }

    fn write_leads(
        &self,
        outcome: &Outcome,
        changes: &Changes,
        leads: &Table,
        lines: &mut Lines,
        applied: &mut Applied,
    ) -> Result<()> {
        let records = &outcome.table;
        let mut touched: Vec<RecordId> = changes.crosswalk.iter().map(|went| went.record).collect();
        touched.extend(changes.leads.iter().map(|change| change.survivor));
        touched.sort_unstable();
        touched.dedup();
        let rows = self.rows(leads, records, &touched)?;
        let key_of = |record: RecordId| records.columns[leads.key].get(record);
        let row_of = |record: RecordId| &rows[key_of(record)];
        let labels = Labels::new(records);
        // Losers go first: a survivor may take over what must be unique.
        for loser in &changes.losers {
            let (key, before) = row_of(loser.record);
            match self.losers {
                Losers::Delete => {
                    self.one(leads.delete(self.database, key))?;
                    self.note(lines.put("delete", leads, key_of(loser.record), before, None))?;
                }
                Losers::Flag => {
                    let mut label = String::new();
                    labels.push(loser.survivor, &mut label);
                    let flag = [(MERGED_INTO.to_string(), Stored::Text(label))];
                    self.update(leads, key, before, &flag, "flag", key_of(loser.record), lines)?;
                }
            }
            applied.merged_leads += 1;
        }
        for change in &changes.leads {
            let (key, before) = row_of(change.survivor);
            let mut cells: Vec<(String, Stored)> = Vec::new();
            for &(column, new) in &change.cells {
                if !leads.is_writable(column) {
                    continue;
                }
                let name = leads.columns[column].as_str();
                let old = &before.cells[name];
                let value = match new {
                    New::Cell(from, record) => row_of(record).1.cells[&leads.columns[from]].clone(),
                    New::Text(text) => old.like(text),
                };
                if value != *old {
                    cells.push((name.to_string(), value));
                }
            }
            if cells.is_empty() {
                continue;
            }
            self.update(leads, key, before, &cells, "update", key_of(change.survivor), lines)?;
            applied.updated_leads += 1;
            applied.updated_cells += cells.len() as u64;
        }
        Ok(())
    }

    fn write_activities(
        &self,
        outcome: &Outcome,
        changes: &Changes,
        table: &Table,
        lines: &mut Lines,
        applied: &mut Applied,
    ) -> Result<()> {
        let records = &outcome.activities.table;
        let moves: FxHashMap<RecordId, &super::changes::Move> =
            changes.moves.iter().map(|change| (change.activity, change)).collect();
        let duplicates: FxHashMap<RecordId, RecordId> =
            changes.duplicates.iter().map(|change| (change.activity, change.kept)).collect();
        let mut touched: Vec<RecordId> = moves.keys().chain(duplicates.keys()).copied().collect();
        touched.sort_unstable();
        touched.dedup();
        let rows = self.rows(table, records, &touched)?;
        let key_of = |record: RecordId| records.columns[table.key].get(record);
        for activity in touched {
            let (key, before) = &rows[key_of(activity)];
            let mut cells: Vec<(String, Stored)> = Vec::new();
            if let Some(kept) = duplicates.get(&activity) {
                applied.duplicate_activities += 1;
                if self.losers == Losers::Delete {
                    self.one(table.delete(self.database, key))?;
                    self.note(lines.put("delete", table, key_of(activity), before, None))?;
                    continue;
                }
                cells.push((MERGED_INTO.into(), Stored::Text(key_of(*kept).into())));
            }
            if let Some(change) = moves.get(&activity) {
                let writable = change.columns.iter().filter(|&&c| table.is_writable(c));
                cells.extend(writable.map(|&c| {
                    let name = &table.columns[c];
                    (name.clone(), before.cells[name].like(&change.text))
                }));
                applied.moved_activities += 1;
            }
            let kind = if duplicates.contains_key(&activity) { "flag" } else { "update" };
            self.update(table, key, before, &cells, kind, key_of(activity), lines)?;
        }
        Ok(())
    }

    /// Changes cells of a row and notes what it was and what it is then.
    #[allow(clippy::too_many_arguments)] // One step of one writing, called from three places.
    fn update(
        &self,
        table: &Table,
        key: &Value,
        before: &Image,
        cells: &[(String, Stored)],
        kind: &str,
        key_text: &str,
        lines: &mut Lines,
    ) -> Result<()> {
        if cells.is_empty() {
            return Ok(());
        }
        self.one(table.update(self.database, key, cells))?;
        // Read again, since a trigger may have changed more.
        let after = self.note(table.image(self.database, key))?;
        self.note(lines.put(kind, table, key_text, before, after.as_ref()))
    }

    fn note<T>(&self, done: rusqlite::Result<T>) -> Result<T> {
        done.map_err(|cause| refused(self.file, &cause))
    }

    /// A statement that must have met one row.
    fn one(&self, done: rusqlite::Result<usize>) -> Result<()> {
        match self.note(done)? {
            1 => Ok(()),
            _ => Err(super::changed(self.file)),
        }
    }

    fn write_crosswalk(&self, outcome: &Outcome, changes: &Changes, run: &str) -> Result<()> {
        let sql = format!("INSERT INTO {CROSSWALK} VALUES (?1, ?2, ?3, ?4, ?5)");
        let mut statement = self.note(self.database.prepare(&sql))?;
        let labels = Labels::new(&outcome.table);
        let label = |record: RecordId| {
            let mut text = String::new();
            labels.push(record, &mut text);
            text
        };
        for went in &changes.crosswalk {
            let survivor = outcome.fields.survivor[went.person as usize];
            let probability = outcome.matched.clusters.probability[went.record.index()];
            self.note(statement.execute((
                run,
                label(went.record),
                outcome.person_ids.get(went.person),
                label(survivor),
                f64::from(probability),
            )))?;
        }
        Ok(())
    }

    /// What the user should know: what triggers do elsewhere is not in the journal.
    fn notes(&self, tables: &[Option<&Table>]) -> Result<Vec<String>> {
        let mut notes = Vec::new();
        for table in tables.iter().flatten() {
            if self.note(table.has_trigger(self.database))? {
                let name = &table.name;
                notes.push(format!(
                    "table {name} has triggers: what they write to other tables is not undone"
                ));
            }
        }
        Ok(notes)
    }
}

/// The journal in the making.
struct Lines<'a> {
    run: &'a str,
    n: i64,
    database: &'a Database,
}

impl Lines<'_> {
    fn put(
        &mut self,
        kind: &str,
        table: &Table,
        key: &str,
        before: &Image,
        after: Option<&Image>,
    ) -> rusqlite::Result<()> {
        let json = |image: &Image| serde_json::to_string(image).unwrap_or_default();
        let (before, after) = (json(before), after.map(json));
        self.insert(self.n, kind, &table.name, key, Some(&before), after.as_deref())?;
        self.n += 1;
        Ok(())
    }

    /// The line that tells what the others are.
    fn put_head(&self, text: &str) -> rusqlite::Result<()> {
        self.insert(0, "run", "", "", Some(text), None)
    }

    fn insert(
        &self,
        n: i64,
        kind: &str,
        target: &str,
        key: &str,
        before: Option<&str>,
        after: Option<&str>,
    ) -> rusqlite::Result<()> {
        let sql = format!("INSERT INTO {JOURNAL} VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
        let mut statement = self.database.prepare_cached(&sql)?;
        statement.execute((self.run, n, kind, target, key, before, after)).map(|_| ())
    }
}
