//! Writing back to PostgreSQL.
//!
//! The tables are locked against writers (`SHARE ROW EXCLUSIVE`), read again and held against the
//! hash of what was read; then everything goes by sets: what is to change is copied into temporary
//! tables, and a few statements carry it out. A cell that comes from another row is copied by the
//! server, in its own type. A server that loses the connection rolls back by itself.

mod copy;
mod table;
mod undo;

use super::changes::{Changes, New};
use super::{Applied, CROSSWALK, Entry, JOURNAL, Losers, Place, Target};
use crate::error::{Error, Result};
use crate::pipeline::Outcome;
use crate::record::RecordId;
use crate::report::label::Labels;
use crate::source::Source;
use crate::source::limit::Limits;
use crate::source::original::Original;
use crate::source::postgres::{self as reading, Session, quoted, refused};
use crate::source::server::Server;
use crate::source::sqlite::MERGED_INTO;
use copy::Copy;
use std::collections::BTreeSet;
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
                let name = &table.name;
                applied.notes.push(format!(
                    "table {name} has triggers: what they write to other tables is not undone"
                ));
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
        let (journal, crosswalk) = (&names.journal, &names.crosswalk);
        self.run(&format!(
            "CREATE TABLE IF NOT EXISTS {journal} (run_id text NOT NULL, n bigint NOT NULL, \
             kind text NOT NULL, target text NOT NULL, row_key text NOT NULL, before jsonb, \
             after jsonb, PRIMARY KEY (run_id, n)); \
             CREATE TABLE IF NOT EXISTS {crosswalk} (run_id text NOT NULL, record_id text NOT NULL, \
             person_id text NOT NULL, surviving_id text NOT NULL, probability double precision \
             NOT NULL, PRIMARY KEY (run_id, record_id))"
        ))?;
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

    /// Makes a temporary table that goes with the transaction.
    fn stage(&mut self, name: &str, columns: &str) -> Result<()> {
        self.run(&format!("CREATE TEMP TABLE {name} ({columns}) ON COMMIT DROP"))
    }

    fn write_leads(
        &mut self,
        outcome: &Outcome,
        changes: &Changes,
        leads: &Table,
        names: &Names,
        applied: &mut Applied,
    ) -> Result<()> {
        let records = &outcome.table;
        let key_of = |record: RecordId| records.columns[leads.key].get(record);
        let labels = Labels::new(records);
        let (of_key, key) = (&leads.columns[leads.key].of, quoted(leads.key_name()));
        self.stage("leadmend_losers", &format!("k {of_key}, label text"))?;
        self.stage("leadmend_cells", &format!("k {of_key}, c int, fk {of_key}, fc int, t text"))?;
        self.stage("leadmend_touched", &format!("k {of_key}"))?;
        let mut copy = Copy::start(self.session, "leadmend_losers")?;
        for loser in &changes.losers {
            let mut label = String::new();
            labels.push(loser.survivor, &mut label);
            copy.row([Some(key_of(loser.record)), Some(&label)])?;
        }
        copy.finish()?;
        let mut pairs: BTreeSet<(usize, Option<usize>)> = BTreeSet::new();
        let (mut survivors, mut cells) = (0, 0);
        let mut touched: Vec<RecordId> = changes.crosswalk.iter().map(|went| went.record).collect();
        let mut copy = Copy::start(self.session, "leadmend_cells")?;
        for change in &changes.leads {
            let writable = change.cells.iter().filter(|(column, _)| leads.is_writable(*column));
            let before = cells;
            for &(column, new) in writable {
                let at = column.to_string();
                let k = Some(key_of(change.survivor));
                match new {
                    New::Cell(from, record) => {
                        let from_at = from.to_string();
                        let from_key = key_of(record);
                        copy.row([k, Some(&at), Some(from_key), Some(&from_at), None])?;
                        pairs.insert((column, Some(from)));
                    }
                    New::Text(text) => {
                        copy.row([k, Some(&at), None, None, Some(text)])?;
                        pairs.insert((column, None));
                    }
                }
                cells += 1;
            }
            survivors += u64::from(cells > before);
            touched.push(change.survivor);
        }
        copy.finish()?;
        touched.sort_unstable();
        touched.dedup();
        let mut copy = Copy::start(self.session, "leadmend_touched")?;
        for &record in &touched {
            copy.row([Some(key_of(record))])?;
        }
        copy.finish()?;
        let table = &leads.sql;
        self.run("ANALYZE leadmend_losers; ANALYZE leadmend_cells; ANALYZE leadmend_touched")?;
        self.run(&format!(
            "CREATE TEMP TABLE leadmend_old ON COMMIT DROP AS SELECT t.* FROM {table} t \
             WHERE t.{key} IN (SELECT k FROM leadmend_touched); \
             CREATE UNIQUE INDEX ON leadmend_old ({key}); ANALYZE leadmend_old; \
             CREATE TEMP TABLE leadmend_new ON COMMIT DROP AS SELECT * FROM leadmend_old \
             WHERE {key} IN (SELECT k FROM leadmend_cells); \
             CREATE UNIQUE INDEX ON leadmend_new ({key}); ANALYZE leadmend_new"
        ))?;
        self.fill_new(leads, &pairs)?;
        let gone = if self.losers == Losers::Delete { "delete" } else { "flag" };
        let union = format!(
            "SELECT k, '{gone}' AS kind, 0 AS at FROM leadmend_losers UNION ALL \
             SELECT DISTINCT k, 'update', 1 FROM leadmend_cells"
        );
        let lines = changes.losers.len() as u64 + survivors;
        self.journal_before(leads, names, &union, lines)?;
        // Losers go first: a survivor may take over what must be unique.
        let losers = changes.losers.len() as u64;
        let sql = match self.losers {
            Losers::Delete => {
                format!("DELETE FROM {table} t USING leadmend_losers g WHERE t.{key} = g.k")
            }
            Losers::Flag => format!(
                "UPDATE {table} t SET {MERGED_INTO} = g.label FROM leadmend_losers g \
                 WHERE t.{key} = g.k"
            ),
        };
        self.exactly(&sql, losers)?;
        let columns: BTreeSet<usize> = pairs.iter().map(|pair| pair.0).collect();
        if !columns.is_empty() {
            let set: Vec<String> = columns
                .iter()
                .map(|&c| quoted(&leads.columns[c].name))
                .map(|name| format!("{name} = n.{name}"))
                .collect();
            let sql = format!(
                "UPDATE {table} t SET {} FROM leadmend_new n WHERE t.{key} = n.{key}",
                set.join(", ")
            );
            self.exactly(&sql, survivors)?;
        }
        self.journal_after(leads, names)?;
        applied.merged_leads = losers;
        applied.updated_leads = survivors;
        applied.updated_cells = cells;
        Ok(())
    }

    /// Gives the new rows their cells, column by column, from the rows as they were.
    fn fill_new(&mut self, leads: &Table, pairs: &BTreeSet<(usize, Option<usize>)>) -> Result<()> {
        let key = quoted(leads.key_name());
        for &(column, from) in pairs {
            let to = &leads.columns[column];
            let name = quoted(&to.name);
            let sql = match from {
                None => format!(
                    "UPDATE leadmend_new n SET {name} = NULLIF(g.t, '')::{} FROM leadmend_cells g \
                     WHERE n.{key} = g.k AND g.c = {column} AND g.fc IS NULL",
                    to.of
                ),
                Some(from) => {
                    let own = &leads.columns[from];
                    let value = format!("o.{}", quoted(&own.name));
                    let value = match own.of == to.of {
                        true => value,
                        false => format!("({value})::text::{}", to.of),
                    };
                    format!(
                        "UPDATE leadmend_new n SET {name} = {value} FROM leadmend_cells g \
                         JOIN leadmend_old o ON o.{key} = g.fk \
                         WHERE n.{key} = g.k AND g.c = {column} AND g.fc = {from}"
                    )
                }
            };
            let Session { client, server } = &mut *self.session;
            client.batch_execute(&sql).map_err(|cause| {
                let unfit = cause.code().is_some_and(|code| code.code().starts_with("22"));
                match unfit {
                    false => written(server, &cause),
                    true => Error::Output {
                        file: server.name(),
                        what: format!(
                            "column {:?} ({}) does not take the merged value; nothing was written",
                            to.name, to.of
                        ),
                        remedy: "give the column another rule ([merge.fields] in leadmend.toml)"
                            .into(),
                    },
                }
            })?;
        }
        Ok(())
    }

    /// Notes rows as they are; `touched` gives `k`, `kind` and `at`, by which they are sorted.
    fn journal_before(
        &mut self,
        table: &Table,
        names: &Names,
        touched: &str,
        rows: u64,
    ) -> Result<()> {
        let (journal, key, image) = (&names.journal, quoted(table.key_name()), table.image("t"));
        let name = table.name.replace('\'', "''");
        let run = self.run.replace('\'', "''");
        let sql = format!(
            "INSERT INTO {journal} SELECT '{run}', \
             (SELECT coalesce(max(n), 0) FROM {journal} WHERE run_id = '{run}') \
             + row_number() OVER (ORDER BY g.at, t.{key}), g.kind, '{name}', t.{key}::text, \
             {image}, NULL FROM {} t JOIN ({touched}) g ON t.{key} = g.k",
            table.sql
        );
        self.exactly(&sql, rows)
    }

    /// Notes the same rows as they are now: a trigger may have changed more than we did.
    fn journal_after(&mut self, table: &Table, names: &Names) -> Result<()> {
        let (journal, key, image) = (&names.journal, quoted(table.key_name()), table.image("t"));
        let of_key = &table.columns[table.key].of;
        let sql = format!(
            "UPDATE {journal} j SET after = {image} FROM {} t WHERE j.run_id = $1 AND j.target = $2 \
             AND j.kind <> 'delete' AND t.{key} = j.row_key::{of_key}",
            table.sql
        );
        self.execute(&sql, &[&self.run.to_string(), &table.name]).map(|_| ())
    }

    fn write_activities(
        &mut self,
        outcome: &Outcome,
        changes: &Changes,
        table: &Table,
        names: &Names,
        applied: &mut Applied,
    ) -> Result<()> {
        let records = &outcome.activities.table;
        let key_of = |record: RecordId| records.columns[table.key].get(record);
        let (of_key, key) = (&table.columns[table.key].of, quoted(table.key_name()));
        self.stage("leadmend_moves", &format!("k {of_key}, c int, t text"))?;
        self.stage("leadmend_twice", &format!("k {of_key}, kept text"))?;
        let mut copy = Copy::start(self.session, "leadmend_twice")?;
        for change in &changes.duplicates {
            copy.row([Some(key_of(change.activity)), Some(key_of(change.kept))])?;
        }
        copy.finish()?;
        let deleted: BTreeSet<RecordId> = match self.losers {
            Losers::Delete => changes.duplicates.iter().map(|change| change.activity).collect(),
            Losers::Flag => BTreeSet::new(),
        };
        let mut moved: std::collections::BTreeMap<usize, u64> = Default::default();
        let mut activities: BTreeSet<RecordId> =
            changes.duplicates.iter().map(|change| change.activity).collect();
        let mut copy = Copy::start(self.session, "leadmend_moves")?;
        for change in changes.moves.iter().filter(|change| !deleted.contains(&change.activity)) {
            for &column in change.columns.iter().filter(|&&c| table.is_writable(c)) {
                let at = column.to_string();
                copy.row([Some(key_of(change.activity)), Some(&at), Some(&change.text)])?;
                *moved.entry(column).or_default() += 1;
                activities.insert(change.activity);
            }
            applied.moved_activities += 1;
        }
        copy.finish()?;
        self.run("ANALYZE leadmend_moves; ANALYZE leadmend_twice")?;
        let gone = if self.losers == Losers::Delete { "delete" } else { "flag" };
        let union = format!(
            "SELECT k, '{gone}' AS kind, 0 AS at FROM leadmend_twice UNION ALL \
             SELECT DISTINCT k, 'update', 0 FROM leadmend_moves \
             WHERE k NOT IN (SELECT k FROM leadmend_twice)"
        );
        self.journal_before(table, names, &union, activities.len() as u64)?;
        for (column, rows) in moved {
            let (to, sql) = (&table.columns[column], &table.sql);
            let name = quoted(&to.name);
            let sql = format!(
                "UPDATE {sql} t SET {name} = g.t::{} FROM leadmend_moves g \
                 WHERE t.{key} = g.k AND g.c = {column}",
                to.of
            );
            self.exactly(&sql, rows)?;
        }
        let (sql, twice) = (&table.sql, changes.duplicates.len() as u64);
        let sql = match self.losers {
            Losers::Delete => {
                format!("DELETE FROM {sql} t USING leadmend_twice g WHERE t.{key} = g.k")
            }
            Losers::Flag if twice > 0 => format!(
                "UPDATE {sql} t SET {MERGED_INTO} = g.kept FROM leadmend_twice g \
                 WHERE t.{key} = g.k"
            ),
            Losers::Flag => String::new(),
        };
        if !sql.is_empty() {
            self.exactly(&sql, twice)?;
        }
        self.journal_after(table, names)?;
        applied.duplicate_activities = twice;
        Ok(())
    }

    fn write_crosswalk(
        &mut self,
        outcome: &Outcome,
        changes: &Changes,
        names: &Names,
    ) -> Result<()> {
        let labels = Labels::new(&outcome.table);
        let label = |record: RecordId| {
            let mut text = String::new();
            labels.push(record, &mut text);
            text
        };
        let run = self.run;
        let mut copy = Copy::start(self.session, &names.crosswalk)?;
        for went in &changes.crosswalk {
            let survivor = outcome.fields.survivor[went.person as usize];
            let probability = outcome.matched.clusters.probability[went.record.index()];
            let (record, survivor) = (label(went.record), label(survivor));
            let person = outcome.person_ids.get(went.person);
            let probability = f64::from(probability).to_string();
            copy.row([
                Some(run),
                Some(&record),
                Some(person),
                Some(&survivor),
                Some(&probability),
            ])?;
        }
        copy.finish()
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
