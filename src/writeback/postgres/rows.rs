//! The statements that change rows of PostgreSQL, and that note what they were and are.

use super::copy::Copy;
use super::table::Table;
use super::{Names, Work, written};
use crate::error::{Error, Result};
use crate::pipeline::Outcome;
use crate::record::RecordId;
use crate::report::label::Labels;
use crate::source::postgres::{Session, quoted};
use crate::source::sqlite::MERGED_INTO;
use crate::writeback::changes::{Changes, New};
use crate::writeback::{Applied, Losers};
use std::collections::BTreeSet;

impl Work<'_> {
    /// Makes a temporary table that goes with the transaction.
    fn stage(&mut self, name: &str, columns: &str) -> Result<()> {
        self.run(&format!("CREATE TEMP TABLE {name} ({columns}) ON COMMIT DROP"))
    }

    pub(super) fn write_leads(
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

    pub(super) fn write_activities(
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

    pub(super) fn write_crosswalk(
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
