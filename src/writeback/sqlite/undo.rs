//! Undoing a run in SQLite: every row it touched as it was, or nothing at all.

use super::table::Table;
use super::{begin, open, refused};
use crate::error::Result;
use crate::writeback::image::{Image, Stored};
use crate::writeback::{
    CROSSWALK, Entry, JOURNAL, Target, Undone, not_restored, touched, unknown_run,
};
use rusqlite::types::Value;
use rusqlite::{Connection as Database, OptionalExtension};
use std::path::Path;

/// The runs in the journal; see [`crate::writeback::runs`].
pub(in crate::writeback) fn runs(path: &Path) -> Result<Vec<Entry>> {
    let file = name_of(path);
    let database = open(path, &file)?;
    if !has_journal(&database).map_err(|cause| refused(&file, &cause))? {
        return Ok(Vec::new());
    }
    let heads = heads(&database).map_err(|cause| refused(&file, &cause))?;
    heads.iter().map(|text| Entry::read(&file, text)).collect()
}

/// What the journal says of its runs, in the order they were written.
pub(super) fn heads(database: &Database) -> rusqlite::Result<Vec<String>> {
    let sql = format!("SELECT before FROM {JOURNAL} WHERE kind = 'run' ORDER BY rowid");
    let mut statement = database.prepare(&sql)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    rows.collect()
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn has_journal(database: &Database) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1)";
    database.query_row(sql, [JOURNAL], |row| row.get(0))
}

/// Undoes a run; see [`crate::writeback::undo`].
pub(in crate::writeback) fn undo(path: &Path, run: &str) -> Result<Undone> {
    let file = name_of(path);
    let mut database = open(path, &file)?;
    let transaction = begin(&mut database, &file)?;
    let undone = Work { file: &file, database: &transaction, run }.undo()?;
    transaction.commit().map_err(|cause| refused(&file, &cause))?;
    Ok(undone)
}

/// A row the run touched.
struct Line {
    before: Image,
    /// None for a row that was deleted.
    after: Option<Image>,
    key: Value,
}

struct Work<'a> {
    file: &'a str,
    database: &'a Database,
    run: &'a str,
}

impl Work<'_> {
    fn undo(&self) -> Result<Undone> {
        let entry = self.entry()?;
        let leads = self.table(&entry.leads)?;
        let activities = entry.activities.as_ref().map(|target| self.table(target)).transpose()?;
        let both = [Some(&leads), activities.as_ref()];
        let lines: Vec<(&Table, Vec<Line>)> = both
            .into_iter()
            .flatten()
            .map(|table| Ok((table, self.lines(table)?)))
            .collect::<Result<_>>()?;
        self.check_untouched(&lines)?;
        let mut undone = Undone { run: self.run.into(), ..Undone::default() };
        // Leads before activities, which refer to them; and what must be unique is given back
        // before the row that had it comes again.
        for (table, lines) in &lines {
            for line in lines {
                if let Some(after) = &line.after {
                    self.restore(table, line, after)?;
                    undone.restored += 1;
                }
            }
            for line in lines.iter().filter(|line| line.after.is_none()) {
                self.note(table.insert(self.database, &line.before))?;
                undone.inserted += 1;
            }
        }
        for (table, lines) in &lines {
            for line in lines {
                if self.note(table.image(self.database, &line.key))?.as_ref() != Some(&line.before)
                {
                    return Err(not_restored(self.file));
                }
            }
        }
        self.forget(&entry, &leads, activities.as_ref())?;
        Ok(undone)
    }

    fn entry(&self) -> Result<Entry> {
        if !self.note(has_journal(self.database))? {
            return Err(unknown_run(self.file));
        }
        let sql = format!("SELECT before FROM {JOURNAL} WHERE run_id = ?1 AND kind = 'run'");
        let head = self.database.query_row(&sql, [self.run], |row| row.get::<_, String>(0));
        match self.note(head.optional())? {
            Some(text) => Entry::read(self.file, &text),
            None => Err(unknown_run(self.file)),
        }
    }

    fn table(&self, target: &Target) -> Result<Table> {
        Table::find(self.database, self.file, Some(&target.table))
    }

    fn lines(&self, table: &Table) -> Result<Vec<Line>> {
        let sql = format!(
            "SELECT before, after FROM {JOURNAL} WHERE run_id = ?1 AND target = ?2 ORDER BY n"
        );
        let found = || -> rusqlite::Result<Vec<(String, Option<String>)>> {
            let mut statement = self.database.prepare(&sql)?;
            let rows = statement
                .query_map([self.run, &table.name], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        };
        let damaged = || crate::error::Error::Format {
            file: self.file.into(),
            line: None,
            what: "its journal was changed and cannot be read".into(),
            remedy: "restore the database from a backup".into(),
        };
        let found = self.note(found())?;
        let read = |text: &str| serde_json::from_str::<Image>(text).map_err(|_| damaged());
        found
            .iter()
            .map(|(before, after)| {
                let before = read(before)?;
                let key = before.cells.get(table.key_name()).ok_or_else(damaged)?.value().0;
                let after = after.as_deref().map(read).transpose()?;
                Ok(Line { before, after, key })
            })
            .collect()
    }

    /// Every row must be as the run left it.
    fn check_untouched(&self, lines: &[(&Table, Vec<Line>)]) -> Result<()> {
        let (mut others, mut all) = (0, 0);
        for (table, lines) in lines {
            for line in lines {
                all += 1;
                let now = self.note(table.image(self.database, &line.key))?;
                others += u64::from(now != line.after);
            }
        }
        if others > 0 { Err(touched(self.file, others, all)) } else { Ok(()) }
    }

    fn restore(&self, table: &Table, line: &Line, after: &Image) -> Result<()> {
        let differs = |(name, old): &(&String, &Stored)| after.cells.get(*name) != Some(*old);
        let cells = line.before.cells.iter().filter(differs);
        let cells: Vec<(String, Stored)> =
            cells.map(|(name, old)| (name.clone(), old.clone())).collect();
        if cells.is_empty() {
            return Ok(());
        }
        self.note(table.update(self.database, &line.key, &cells)).map(|_| ())
    }

    /// Takes away what the run added of its own; the last run leaves no trace.
    fn forget(&self, entry: &Entry, leads: &Table, activities: Option<&Table>) -> Result<()> {
        for table in [JOURNAL, CROSSWALK] {
            let sql = format!("DELETE FROM {table} WHERE run_id = ?1");
            self.note(self.database.execute(&sql, [self.run]))?;
        }
        let sql = format!("SELECT NOT EXISTS (SELECT 1 FROM {JOURNAL})");
        let none_left: bool = self.note(self.database.query_row(&sql, [], |row| row.get(0)))?;
        let targets = [(Some(&entry.leads), Some(leads)), (entry.activities.as_ref(), activities)];
        for (target, table) in targets {
            let Some((target, table)) = target.zip(table) else { continue };
            // A later run that found the column there relies on it.
            if target.flag_added && none_left && !self.note(table.has_flagged(self.database))? {
                self.note(table.drop_flag(self.database))?;
            }
        }
        if none_left {
            let sql = format!("DROP TABLE {JOURNAL}; DROP TABLE {CROSSWALK}");
            self.note(self.database.execute_batch(&sql))?;
        }
        Ok(())
    }

    fn note<T>(&self, done: rusqlite::Result<T>) -> Result<T> {
        done.map_err(|cause| refused(self.file, &cause))
    }
}
