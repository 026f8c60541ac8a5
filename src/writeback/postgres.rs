//! Writing back to PostgreSQL.
//!
//! The tables are locked against writers (`SHARE ROW EXCLUSIVE`), read again and held against the
//! hash of what was read; then everything goes by sets: what is to change is copied into temporary
//! tables, and a few statements carry it out. A cell that comes from another row is copied by the
//! server, in its own type. A server that loses the connection rolls back by itself.

mod copy;
mod rows;
mod table;
mod undo;

use super::changes::Changes;
use super::{Applied, CROSSWALK, Entry, JOURNAL, Losers, Place, Target};
use crate::error::{Error, Result};
use crate::pipeline::Outcome;
use crate::source::Source;
use crate::source::limit::Limits;
use crate::source::original::Original;
use crate::source::postgres::{self as reading, Session, quoted, refused};
use crate::source::server::Server;
use crate::source::sqlite::MERGED_INTO;
use table::Table;

pub(super) use undo::{runs, undo};

/// Begins a transaction; nobody waits for a lock for ever.
const BEGIN: &str = "BEGIN; SET LOCAL lock_timeout = '10s'";

/// Writes the changes; see [`super::apply`].
pub(super) fn apply(
    outcome: &Outcome,
    place: &Place,
    server: &Server,
    changes: &Changes,
    losers: Losers,
    run: &str,
) -> Result<Applied> {
    outcome.job.snapshot.close();
    let mut session = Session::open(server).map_err(for_writing)?;
    let mut work = Work { session: &mut session, losers, run };
    let applied = work.apply(outcome, place, changes);
    finish(&mut session, run, applied)
}

/// Ends the transaction: all of it, or nothing.
fn finish<T>(session: &mut Session, run: &str, done: Result<T>) -> Result<T> {
    if done.is_err() {
        // The server rolls back by itself where this does not reach it.
        let _ = session.client.batch_execute("ROLLBACK");
        return done;
    }
    match session.client.batch_execute("COMMIT") {
        Ok(()) => done,
        Err(cause) if cause.as_db_error().is_some() => Err(written(&session.server, &cause)),
        Err(_) => Err(Error::Output {
            file: session.server.name(),
            what: format!("the connection was cut while run {run} was being committed"),
            remedy:
                "see with `leadmend undo --db URL` whether the run is there; it is whole or absent"
                    .into(),
        }),
    }
}

/// What the server refuses to write, without a value of it.
fn written(server: &Server, cause: &::postgres::Error) -> Error {
    let Some(said) = cause.as_db_error() else { return for_writing(refused(server, cause)) };
    let code = said.code().code();
    let (what, remedy) = match (code, &code[..2.min(code.len())]) {
        ("42501", _) => (
            format!("user {:?} lacks a right ({})", server.user, said.message()),
            "grant SELECT, INSERT, UPDATE and DELETE on the tables and CREATE on their schema (for \
             the journal); only the tables' owner can add the column of the flag, so another user \
             needs --losers delete",
        ),
        (_, "23") => (
            format!(
                "constraint {} of table {} refuses the change; nothing was written",
                said.constraint().unwrap_or("(unnamed)"),
                said.table().unwrap_or("(unnamed)")
            ),
            "try --losers delete where a value must be unique, or give the column another rule \
             ([merge.fields] in leadmend.toml)",
        ),
        (_, "22") => (
            "a merged value does not fit its column; nothing was written".into(),
            "give the column another rule ([merge.fields] in leadmend.toml)",
        ),
        _ => return for_writing(refused(server, cause)),
    };
    Error::Output { file: server.name(), what, remedy: remedy.into() }
}

/// A refusal while writing is one of the output.
fn for_writing(error: Error) -> Error {
    match error {
        Error::Format { file, what, remedy, .. } => Error::Output { file, what, remedy },
        other => other,
    }
}

/// One writing.
struct Work<'a> {
    session: &'a mut Session,
    losers: Losers,
    run: &'a str,
}

impl Work<'_> {
    fn apply(&mut self, outcome: &Outcome, place: &Place, changes: &Changes) -> Result<Applied> {
        self.run(BEGIN)?;
        let mut leads = self.table(place.leads)?;
        let mut activities = match place.activities {
            Some(source) => Some(self.table(source)?),
            None => None,
        };
        let mut locked = vec![leads.sql.clone()];
        locked.extend(activities.as_ref().map(|table| table.sql.clone()));
        self.run(&format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", locked.join(", ")))?;
        self.check_references(&leads, activities.as_ref(), outcome, changes)?;
        self.check_unchanged(place.leads, outcome.originals.first())?;
        if let Some(source) = place.activities {
            self.check_unchanged(source, outcome.originals.get(1))?;
        }
        let (run, losers) = (self.run.to_string(), self.losers);
        let mut applied = Applied { run, losers, ..Applied::default() };
        let nothing = changes.leads.is_empty() && changes.losers.is_empty();
        if nothing && changes.moves.is_empty() && changes.duplicates.is_empty() {
            return Ok(applied);
        }
        let journal = Names::beside(&leads);
        self.prepare_journal(&journal)?;
        let added = self.add_flag(&mut leads, &journal, !changes.losers.is_empty())?;
        let of_leads = leads.target(added);
        let mut of_activities = None;
        if let Some(activities) = &mut activities {
            let added = self.add_flag(activities, &journal, !changes.duplicates.is_empty())?;
            of_activities = Some(activities.target(added));
        }
        if let Some(activities) = &activities {
            self.write_activities(outcome, changes, activities, &journal, &mut applied)?;
        }
        self.write_leads(outcome, changes, &leads, &journal, &mut applied)?;
        self.write_crosswalk(outcome, changes, &journal)?;
        applied.merged_persons = changes.persons;
        for table in [Some(&leads), activities.as_ref()].into_iter().flatten() {
            if table.has_trigger(self.session)? {
                applied.notes.push(super::about_triggers(&table.name));
            }
        }
        let entry = Entry::new(outcome, of_leads, of_activities, &applied);
        let head = serde_json::to_string(&entry).unwrap_or_default();
        let sql = format!(
            "INSERT INTO {} VALUES ($1, 0, 'run', '', '', $2::text::jsonb, NULL)",
            journal.journal
        );
        self.execute(&sql, &[&self.run.to_string(), &head])?;
        Ok(applied)
    }

    fn run(&mut self, sql: &str) -> Result<()> {
        let Session { client, server } = &mut *self.session;
        client.batch_execute(sql).map_err(|cause| written(server, &cause))
    }

    fn execute(
        &mut self,
        sql: &str,
        values: &[&(dyn ::postgres::types::ToSql + Sync)],
    ) -> Result<u64> {
        let Session { client, server } = &mut *self.session;
        client.execute(sql, values).map_err(|cause| written(server, &cause))
    }

    /// Runs a statement that must meet so many rows.
    fn exactly(&mut self, sql: &str, rows: u64) -> Result<()> {
        let met = self.execute(sql, &[])?;
        if met == rows { Ok(()) } else { Err(super::changed(&self.session.server.name())) }
    }

    fn table(&mut self, source: &Source) -> Result<Table> {
        Table::find(self.session, source.table.as_deref())
    }

    /// Reads the table again, as it was read: any difference ends the work.
    fn check_unchanged(&mut self, source: &Source, then: Option<&Original>) -> Result<()> {
        let read = reading::read(self.session, source.table.as_deref(), &Limits::USUAL)?;
        match then.is_some_and(|then| then.sha256 == read.rendering.sha256()) {
            true => Ok(()),
            false => Err(super::changed(&self.session.server.name())),
        }
    }

    /// Deleting a row must not take others with it that the journal does not know.
    fn check_references(
        &mut self,
        leads: &Table,
        activities: Option<&Table>,
        outcome: &Outcome,
        changes: &Changes,
    ) -> Result<()> {
        if self.losers == Losers::Flag {
            return Ok(());
        }
        let file = self.session.server.name();
        let log = &outcome.activities;
        let moved = log.lead_columns().first().map(|&c| log.table.columns[c].header.clone());
        let tables = [
            (Some(leads), !changes.losers.is_empty()),
            (activities, !changes.duplicates.is_empty()),
        ];
        for (table, deletes) in tables {
            let Some(table) = table.filter(|_| deletes) else { continue };
            if table.has_flagged(self.session)? {
                return Err(super::flagged_before(&file, &table.name));
            }
            let mut others = table.referring(self.session)?;
            // Activities of losers move before the losers go.
            others.retain(|(oid, _, column)| {
                let of_moved = activities.is_some_and(|a| a.oid == *oid) && table.oid == leads.oid;
                !(of_moved && moved.as_ref() == Some(column))
            });
            if !others.is_empty() {
                let names: Vec<String> = others.into_iter().map(|(_, name, _)| name).collect();
                return Err(super::referred(&file, &table.name, &names));
            }
        }
        Ok(())
    }

    fn prepare_journal(&mut self, names: &Names) -> Result<()> {
        let journal = &names.journal;
        let types = super::OwnTypes { count: "bigint", image: "jsonb", share: "double precision" };
        self.run(&super::own_tables(journal, &names.crosswalk, &types))?;
        let sql = format!("SELECT 1 FROM {journal} WHERE run_id = $1 LIMIT 1");
        match self.execute(&sql, &[&self.run.to_string()])? {
            0 => Ok(()),
            _ => Err(super::known_run(&self.session.server.name())),
        }
    }

    /// Adds the column of the flag where rows are to be flagged and it is not there.
    fn add_flag(&mut self, table: &mut Table, names: &Names, needed: bool) -> Result<bool> {
        if table.flagged {
            // Ours as well where an earlier run added it: the last one undone takes it away.
            let earlier = undo::entries(self.session, &names.journal)?;
            let targets = earlier.iter().flat_map(|e| [Some(&e.leads), e.activities.as_ref()]);
            return Ok(targets.flatten().any(|t| t.table == table.name && t.flag_added));
        }
        if self.losers == Losers::Delete || !needed {
            return Ok(false);
        }
        self.run(&format!("ALTER TABLE {} ADD COLUMN {MERGED_INTO} text", table.sql))?;
        table.add_flag();
        Ok(true)
    }
}

/// Our own tables, which stand in the schema of the leads.
struct Names {
    journal: String,
    crosswalk: String,
}

impl Names {
    fn beside(leads: &Table) -> Self {
        Self::in_schema(&leads.schema)
    }

    fn in_schema(schema: &str) -> Self {
        let name = |table: &str| format!("{}.{}", quoted(schema), quoted(table));
        Self { journal: name(JOURNAL), crosswalk: name(CROSSWALK) }
    }
}

impl Table {
    fn target(&self, flag_added: bool) -> Target {
        Target { table: self.name.clone(), key: self.key_name().into(), flag_added }
    }
}

#[cfg(test)]
mod tests;
