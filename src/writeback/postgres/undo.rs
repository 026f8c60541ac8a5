//! Undoing a run in PostgreSQL: every row it touched as it was, or nothing at all.

use super::table::{Table, image_of, query};
use super::{BEGIN, Names, finish, for_writing, written};
use crate::error::{Error, Result};
use crate::source::connection::Connection;
use crate::source::postgres::{Session, find, quoted};
use crate::source::server::Server;
use crate::source::sqlite::MERGED_INTO;
use crate::writeback::{Entry, JOURNAL, Target, Undone, not_restored, touched, unknown_run};
use ::postgres::types::ToSql;

/// The runs in the journal; see [`crate::writeback::runs`].
pub(in crate::writeback) fn runs(server: &Server, connection: &Connection) -> Result<Vec<Entry>> {
    let mut session = Session::open(server)?;
    session.begin_reading()?;
    match names(&mut session, connection)? {
        Some(names) => entries(&mut session, &names.journal),
        None => Ok(Vec::new()),
    }
}

/// Where the journal is: beside the table of the leads, else in the only schema that has one.
fn names(session: &mut Session, connection: &Connection) -> Result<Option<Names>> {
    let schemas = "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                   WHERE c.relname = $1 AND c.relkind = 'r' ORDER BY 1";
    let rows = query(session, schemas, &[&JOURNAL])?;
    let mut schemas: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    if let Some(leads) = &connection.leads {
        let leads = find(session, Some(leads))?;
        schemas.retain(|schema| *schema == leads.schema);
    }
    match schemas.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(Names::in_schema(only))),
        several => Err(Error::usage(
            format!(
                "{} has journals in several schemas ({})",
                session.server.name(),
                several.join(", ")
            ),
            "name the table of the leads in the URL (leads=SCHEMA.TABLE)",
        )),
    }
}

/// What a journal says of its runs, in the order they were written.
pub(super) fn entries(session: &mut Session, journal: &str) -> Result<Vec<Entry>> {
    let sql = format!(
        "SELECT before::text FROM {journal} WHERE kind = 'run' \
         ORDER BY before->>'applied_at' COLLATE \"C\", run_id COLLATE \"C\""
    );
    let file = session.server.name();
    let rows = query(session, &sql, &[])?;
    rows.iter().map(|row| Entry::read(&file, row.get(0))).collect()
}

/// Undoes a run; see [`crate::writeback::undo`].
pub(in crate::writeback) fn undo(
    server: &Server,
    connection: &Connection,
    run: &str,
) -> Result<Undone> {
    let mut session = Session::open(server).map_err(for_writing)?;
    let undone = Work { session: &mut session, run }.undo(connection);
    finish(&mut session, run, undone)
}

/// A table the run wrote to.
struct Part {
    table: Table,
    /// The columns the journal keeps, with their types.
    columns: Vec<(String, String)>,
    flag_added: bool,
    lines: u64,
}

struct Work<'a> {
    session: &'a mut Session,
    run: &'a str,
}

impl Work<'_> {
    fn undo(&mut self, connection: &Connection) -> Result<Undone> {
        let file = self.session.server.name();
        self.statement(BEGIN)?;
        let names = names(self.session, connection)?.ok_or_else(|| unknown_run(&file))?;
        let entries = entries(self.session, &names.journal)?;
        let entry = entries.iter().find(|entry| entry.applied.run == self.run);
        let entry = entry.ok_or_else(|| unknown_run(&file))?;
        let mut parts = Vec::new();
        for target in [Some(&entry.leads), entry.activities.as_ref()].into_iter().flatten() {
            parts.push(self.part(target, &names)?);
        }
        let locked: Vec<&str> = parts.iter().map(|part| part.table.sql.as_str()).collect();
        let lock = format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", locked.join(", "));
        self.statement(&lock)?;
        let mut others = 0;
        for part in &parts {
            others += self.changed_since(part, &names)?;
        }
        if others > 0 {
            return Err(touched(&file, others, parts.iter().map(|part| part.lines).sum()));
        }
        let mut undone = Undone { run: self.run.into(), ..Undone::default() };
        let silenced = self.silence_triggers(&parts)?;
        for part in &parts {
            // What must be unique is given back before the row that had it comes again.
            undone.restored += self.restore(part, &names)?;
            undone.inserted += self.insert(part, &names)?;
        }
        for part in &parts {
            let image = image_of(&part.names(), "t");
            let differ = format!("t.{0} IS NULL OR {image} IS DISTINCT FROM j.before", part.key());
            if self.count(part, &names, &differ)? > 0 {
                return Err(not_restored(&file));
            }
        }
        for sql in silenced {
            self.statement(&sql)?;
        }
        self.forget(&parts, &names, entries.len() == 1)?;
        Ok(undone)
    }

    fn statement(&mut self, sql: &str) -> Result<()> {
        let Session { client, server } = &mut *self.session;
        client.batch_execute(sql).map_err(|cause| written(server, &cause))
    }

    fn execute(&mut self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<u64> {
        let Session { client, server } = &mut *self.session;
        client.execute(sql, values).map_err(|cause| written(server, &cause))
    }

    fn part(&mut self, target: &Target, names: &Names) -> Result<Part> {
        let table = Table::find(self.session, Some(&target.table))?;
        let sql = format!(
            "SELECT DISTINCT k FROM {} j, jsonb_object_keys(j.before) k \
             WHERE j.run_id = $1 AND j.target = $2",
            names.journal
        );
        let run = self.run.to_string();
        let kept = query(self.session, &sql, &[&run, &table.name])?;
        let mut columns: Vec<(String, String)> = Vec::new();
        let stored = table.stored();
        for row in &kept {
            let name: String = row.get(0);
            let Some(column) = stored.iter().find(|(known, _)| *known == name) else {
                let what = format!("table {} has no column {name:?} any more", table.name);
                let remedy = "add the column again, or undo later runs first";
                return Err(Error::Changed { file: self.session.server.name(), what, remedy });
            };
            columns.push(column.clone());
        }
        columns.sort();
        let sql =
            format!("SELECT count(*) FROM {} WHERE run_id = $1 AND target = $2", names.journal);
        let lines: i64 =
            query(self.session, &sql, &[&run, &table.name])?.first().map_or(0, |row| row.get(0));
        let flag_added = target.flag_added;
        Ok(Part { table, columns, flag_added, lines: lines.max(0) as u64 })
    }

    /// The lines of a part, joined with the rows as they are, of which something holds.
    fn count(&mut self, part: &Part, names: &Names, holds: &str) -> Result<u64> {
        if part.columns.is_empty() {
            return Ok(0);
        }
        let sql = format!("SELECT count(*) FROM {} WHERE {holds}", part.join(names));
        let run = self.run.to_string();
        // The parameters stand in the join; the filter closes it.
        let rows = query(self.session, &sql, &[&run, &part.table.name])?;
        let count: i64 = rows.first().map_or(0, |row| row.get(0));
        Ok(count.max(0) as u64)
    }

    /// Rows that are not as the run left them.
    fn changed_since(&mut self, part: &Part, names: &Names) -> Result<u64> {
        let (image, key) = (image_of(&part.names(), "t"), part.key());
        let differ = format!(
            "CASE WHEN j.after IS NULL THEN t.{key} IS NOT NULL \
             ELSE t.{key} IS NULL OR {image} IS DISTINCT FROM j.after END"
        );
        self.count(part, names, &differ)
    }

    fn restore(&mut self, part: &Part, names: &Names) -> Result<u64> {
        let sql = format!(
            "SELECT DISTINCT e.key FROM {} j, jsonb_each_text(j.before) e WHERE j.run_id = $1 \
             AND j.target = $2 AND j.after IS NOT NULL \
             AND (j.after->>e.key) IS DISTINCT FROM e.value ORDER BY 1",
            names.journal
        );
        let run = self.run.to_string();
        let rows = query(self.session, &sql, &[&run, &part.table.name])?;
        let differ: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        let columns = part.columns.iter().filter(|(name, _)| differ.contains(name));
        let set: Vec<String> =
            columns.map(|(name, of)| format!("{} = {}", quoted(name), value(name, of))).collect();
        if set.is_empty() {
            return Ok(0);
        }
        let (key, of_key) = (part.key(), part.of_key());
        let sql = format!(
            "UPDATE {} t SET {} FROM {} j WHERE j.run_id = $1 AND j.target = $2 \
             AND j.after IS NOT NULL AND t.{key} = j.row_key::{of_key}",
            part.table.sql,
            set.join(", "),
            names.journal
        );
        self.execute(&sql, &[&run, &part.table.name])
    }

    fn insert(&mut self, part: &Part, names: &Names) -> Result<u64> {
        if part.columns.is_empty() {
            return Ok(0);
        }
        let columns: Vec<String> = part.columns.iter().map(|(name, _)| quoted(name)).collect();
        let values: Vec<String> = part.columns.iter().map(|(name, of)| value(name, of)).collect();
        let sql = format!(
            "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} j \
             WHERE j.run_id = $1 AND j.target = $2 AND j.after IS NULL ORDER BY j.n",
            part.table.sql,
            columns.join(", "),
            values.join(", "),
            names.journal
        );
        self.execute(&sql, &[&self.run.to_string(), &part.table.name])
    }

    /// Switches the tables' triggers off, where the user may: they would change what is put back.
    /// What switches them on again.
    fn silence_triggers(&mut self, parts: &[Part]) -> Result<Vec<String>> {
        let sql = "SELECT tgname FROM pg_trigger WHERE tgrelid = $1 AND NOT tgisinternal \
                   AND tgenabled = 'O' ORDER BY 1";
        let mut again = Vec::new();
        for part in parts {
            for row in query(self.session, sql, &[&part.table.oid])? {
                let (table, name) = (&part.table.sql, quoted(row.get(0)));
                self.statement("SAVEPOINT trigger")?;
                let off = format!("ALTER TABLE {table} DISABLE TRIGGER {name}");
                if self.statement(&off).is_err() {
                    // Not the owner: what the trigger does to the rows is found below.
                    self.statement("ROLLBACK TO SAVEPOINT trigger")?;
                    continue;
                }
                again.push(format!("ALTER TABLE {table} ENABLE TRIGGER {name}"));
            }
        }
        Ok(again)
    }

    /// Takes away what the run added of its own; the last run leaves no trace.
    fn forget(&mut self, parts: &[Part], names: &Names, last: bool) -> Result<()> {
        let run = self.run.to_string();
        for table in [&names.journal, &names.crosswalk] {
            self.execute(&format!("DELETE FROM {table} WHERE run_id = $1"), &[&run])?;
        }
        if !last {
            return Ok(());
        }
        for part in parts {
            // Constraints that are checked late must be through before a table is altered.
            self.statement("SET CONSTRAINTS ALL IMMEDIATE")?;
            if part.flag_added && !part.table.has_flagged(self.session)? {
                let table = &part.table.sql;
                self.statement(&format!("ALTER TABLE {table} DROP COLUMN {MERGED_INTO}"))?;
            }
        }
        self.statement(&format!("DROP TABLE {}, {}", names.journal, names.crosswalk))
    }
}

/// A value of the journal in its type.
fn value(name: &str, of: &str) -> String {
    format!("(j.before->>'{}')::{of}", name.replace('\'', "''"))
}

impl Part {
    fn names(&self) -> Vec<String> {
        self.columns.iter().map(|(name, _)| name.clone()).collect()
    }

    fn key(&self) -> String {
        quoted(self.table.key_name())
    }

    fn of_key(&self) -> &str {
        &self.table.columns[self.table.key].of
    }

    /// The lines of the run as `j` with their rows as `t`, where there are any.
    fn join(&self, names: &Names) -> String {
        format!(
            "(SELECT * FROM {} WHERE run_id = $1 AND target = $2) j LEFT JOIN {} t \
             ON t.{} = j.row_key::{}",
            names.journal,
            self.table.sql,
            self.key(),
            self.of_key()
        )
    }
}
