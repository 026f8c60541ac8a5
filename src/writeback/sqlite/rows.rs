//! Changing rows of SQLite, one by one, and noting what they were and are.

use super::table::Table;
use super::{Rows, Work, refused};
use crate::error::Result;
use crate::pipeline::Outcome;
use crate::record::{RecordId, Table as Records};
use crate::report::label::Labels;
use crate::source::sqlite::MERGED_INTO;
use crate::writeback::changes::{Changes, Move, New};
use crate::writeback::image::{Image, Stored};
use crate::writeback::{Applied, CROSSWALK, JOURNAL, Losers};
use rusqlite::Connection as Database;
use rusqlite::types::Value;
use rustc_hash::{FxHashMap, FxHashSet};

impl Work<'_> {
    /// The rows of these records as they are.
    fn rows(&self, table: &Table, records: &Records, wanted: &[RecordId]) -> Result<Rows> {
        let keys = &records.columns[table.key];
        let wanted: FxHashSet<&str> = wanted.iter().map(|&record| keys.get(record)).collect();
        if wanted.contains("") {
            return Err(crate::writeback::without_key(self.file, &table.name));
        }
        let found = table.load(self.database, &wanted);
        let found = found.map_err(|cause| refused(self.file, &cause))?;
        match found {
            Some(rows) if rows.len() == wanted.len() => Ok(rows),
            // Two keys that read the same, as a number 7 and a text 7.
            _ => Err(crate::writeback::without_key(self.file, &table.name)),
        }
    }

    pub(super) fn write_leads(
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

    pub(super) fn write_activities(
        &self,
        outcome: &Outcome,
        changes: &Changes,
        table: &Table,
        lines: &mut Lines,
        applied: &mut Applied,
    ) -> Result<()> {
        let records = &outcome.activities.table;
        let moves: FxHashMap<RecordId, &Move> =
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

    /// A statement that must have met one row.
    fn one(&self, done: rusqlite::Result<usize>) -> Result<()> {
        match self.note(done)? {
            1 => Ok(()),
            _ => Err(crate::writeback::changed(self.file)),
        }
    }

    pub(super) fn write_crosswalk(
        &self,
        outcome: &Outcome,
        changes: &Changes,
        run: &str,
    ) -> Result<()> {
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
}

/// The journal in the making.
pub(super) struct Lines<'a> {
    /// The run.
    pub run: &'a str,
    /// Number of the next line.
    pub n: i64,
    /// The database.
    pub database: &'a Database,
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
    pub fn put_head(&self, text: &str) -> rusqlite::Result<()> {
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
