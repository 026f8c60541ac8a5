//! Taking a person out of a state.
//!
//! Every table that knows of the person's records is gone through, in the transaction of the open
//! state. What stays is the id, so that it is never given again and ids that went into it still lead
//! somewhere, and numbers over all records: audits, and the counts of the frozen matching.

use super::known::{self, Known};
use super::{Error, Mode, Result, State};
use crate::normalize::{email, phone};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{BTreeMap, BTreeSet};

/// Says that what was erased may still stand in unused space of the file.
const REMAINS: &str = "remains";

/// What was taken out.
#[derive(Debug, Default)]
pub struct Erased {
    /// Records of the person.
    pub records: usize,
    /// Rows erased, or entries of rows that hold several records, per table.
    pub rows: BTreeMap<String, usize>,
    /// What the records' cells held.
    pub cells: BTreeSet<String>,
}

impl State {
    /// Takes out whoever has an id or address: a person id, a record (id or source:id), an e-mail
    /// address or a phone number. Nothing is gone before the commit.
    ///
    /// # Errors
    /// [`Error::Usage`] when nobody or several people have it; [`Error::Format`] for a state that is
    /// damaged.
    pub fn erase(&self, who: &str) -> Result<Erased> {
        let person = self.person(who.trim())?;
        let records: BTreeSet<i64> =
            self.numbers("SELECT no FROM record WHERE person = ?1", &person)?;
        if records.is_empty() {
            return Err(Error::usage(
                "this state holds no record of that person any more",
                "nothing is left to forget but the id, which is not given again",
            ));
        }
        let cells = self.cells(&records)?;
        let rows = erase(self.connection(), person, &records).map_err(|e| self.failed(&e))?;
        Ok(Erased { records: records.len(), rows, cells })
    }

    fn numbers(&self, sql: &str, value: &dyn rusqlite::ToSql) -> Result<BTreeSet<i64>> {
        let read = || -> rusqlite::Result<BTreeSet<i64>> {
            self.connection().prepare(sql)?.query_map([value], |row| row.get(0))?.collect()
        };
        read().map_err(|cause| self.failed(&cause))
    }

    /// The number of the person who is meant.
    fn person(&self, who: &str) -> Result<i64> {
        let mut found = self.numbers("SELECT no FROM person WHERE id = ?1", &who)?;
        if found.is_empty() {
            let sql = "SELECT r.person FROM record r JOIN source s ON s.no = r.source
                       WHERE r.id = ?1 OR s.name || ':' || r.id = ?1
                       OR s.name || ':' || r.id || '#' || r.occurrence = ?1";
            found = self.numbers(sql, &who)?;
        }
        if found.is_empty() {
            for record in self.holders(who)? {
                found.extend(self.numbers("SELECT person FROM record WHERE no = ?1", &record)?);
            }
        }
        let mut found = found.into_iter();
        match (found.next(), found.len()) {
            (Some(person), 0) => self.today(person).map_err(|cause| self.failed(&cause)),
            (None, _) => Err(Error::usage(
                "nobody in this state has that id or address",
                "give a person id, a record id (source:id), an e-mail address or a phone number",
            )),
            (_, others) => Err(Error::usage(
                format!("{} people of this state have that id or address", others + 1),
                "say which by the person id, or by source:id",
            )),
        }
    }

    /// Who a person is today: an id that was merged leads to the one it went into.
    fn today(&self, mut person: i64) -> rusqlite::Result<i64> {
        let sql = "SELECT into_person FROM person WHERE no = ?1";
        let mut statement = self.connection().prepare(sql)?;
        let mut seen = BTreeSet::new();
        // A damaged chain that leads back into itself ends, too.
        while seen.insert(person) {
            match statement.query_row([person], |row| row.get(0)).optional()?.flatten() {
                Some(into) => person = into,
                None => break,
            }
        }
        Ok(person)
    }

    /// The known records that hold an address.
    fn holders(&self, who: &str) -> Result<BTreeSet<i64>> {
        let key = email::parse(who).value.map(|one| one.identity_key());
        let number = phone::parse(who, None).value.filter(|one| one.country_code != 0);
        if key.is_none() && number.is_none() {
            return Ok(BTreeSet::new());
        }
        let mut found = BTreeSet::new();
        let known = known::meaning::each(self.connection(), |record, meaning| {
            let address = key.as_deref().and_then(|key| key.rsplit_once('@'));
            let by_mail = meaning.emails.iter().any(|e| Some((e.local, e.domain)) == address);
            let by_phone = number.as_ref().is_some_and(|one| {
                let mut own = meaning.phones.iter();
                own.any(|p| match phone::Phone::has_country(p.number) {
                    true => p.number == one.key(),
                    false => phone::Phone::tail_of_key(p.number) == one.tail_key(),
                })
            });
            if by_mail || by_phone {
                found.insert(record);
            }
        });
        if !known.map_err(|cause| self.failed(&cause))? {
            return Err(Error::usage(
                "this state was written by an earlier version and cannot be searched by address",
                "give a person id or a record (source:id), or run leadmend audit with it first",
            ));
        }
        Ok(found)
    }

    /// Everything that the cells of records hold; of records that are gone since, nothing is kept.
    fn cells(&self, records: &BTreeSet<i64>) -> Result<BTreeSet<String>> {
        let mut cells = BTreeSet::new();
        if self.is_known()? {
            for input in Known::open(self)?.inputs(records)? {
                let bytes = input.source.content.unwrap_or_default();
                let mut reader = csv::Reader::from_reader(bytes.as_slice());
                // It was written by us a moment ago.
                for row in reader.records().flatten() {
                    cells.extend(row.iter().filter(|c| !c.is_empty()).map(str::to_string));
                }
            }
        }
        Ok(cells)
    }

    fn is_known(&self) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM known_source)";
        let known = self.connection().query_row(sql, [], |row| row.get(0));
        known.map_err(|cause| self.failed(&cause))
    }

    /// The number of the next receipt.
    ///
    /// # Errors
    /// [`Error::Format`] for a state that is damaged.
    pub fn next_receipt(&self) -> Result<i64> {
        let sql = "SELECT coalesce(max(no), 0) + 1 FROM receipt";
        self.connection().query_row(sql, [], |row| row.get(0)).map_err(|cause| self.failed(&cause))
    }

    /// Keeps a receipt, as JSON.
    ///
    /// # Errors
    /// [`Error::Write`] when the disk is full.
    pub fn keep_receipt(&self, no: i64, text: &str) -> Result<()> {
        let sql = "INSERT INTO receipt (no, text) VALUES (?1, ?2)";
        let kept = self.connection().execute(sql, params![no, text]).map(|_| ());
        kept.map_err(|cause| self.failed(&cause))
    }

    /// Commits, and writes the whole file anew: what was erased must not stand on in space that the
    /// file no longer uses, where moved rows leave their like.
    ///
    /// # Errors
    /// [`Error::Write`] when the disk is full or readers do not let go.
    pub fn commit_erased(mut self) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO meta (key, value) VALUES (?1, 1)";
        let noted = self.connection().execute(sql, [REMAINS]);
        noted.map_err(|cause| self.failed(&cause))?;
        self.connection.busy_timeout(super::LAST_PATIENCE).map_err(|cause| self.failed(&cause))?;
        self.run("COMMIT")?;
        self.is_new = false;
        self.compact()
    }

    /// Finishes a compaction that an earlier erasure had to leave: its state is committed, and
    /// opened again by whoever asks.
    ///
    /// # Errors
    /// As [`commit_erased`](Self::commit_erased).
    pub fn finish_erasing(path: &std::path::Path) -> Result<()> {
        let mut state = Self::open(path, Mode::Write)?;
        let sql = "SELECT EXISTS (SELECT 1 FROM meta WHERE key = ?1)";
        let remains: rusqlite::Result<bool> =
            state.connection().query_row(sql, [REMAINS], |row| row.get(0));
        if remains.map_err(|cause| state.failed(&cause))? {
            state.run("COMMIT")?;
            state.is_new = false;
            state.compact()?;
        }
        Ok(())
    }

    /// Outside of a transaction.
    fn compact(&self) -> Result<()> {
        let done = self
            // A state of any size: not in memory.
            .run("PRAGMA temp_store = FILE; VACUUM")
            .and_then(|()| self.run("DELETE FROM meta WHERE key = 'remains'"));
        done.map_err(|_| Error::Output {
            file: super::name_of(self.path()),
            what: "the person is forgotten, but the file could not be written anew: remains may \
                   stand in space it no longer uses"
                .into(),
            remedy: "free the disk or end what reads the state, then give the command once more"
                .into(),
        })
    }
}

type Rows = BTreeMap<String, usize>;

fn erase(db: &Connection, person: i64, records: &BTreeSet<i64>) -> rusqlite::Result<Rows> {
    let mut rows = Rows::new();
    let mut note = |table: &str, count: usize| {
        if count > 0 {
            *rows.entry(table.to_string()).or_default() += count;
        }
    };
    note("decision", erase_decisions(db, records)?);
    for (table, count) in known::forget::erase(db, records)? {
        note(table, count);
    }
    for (table, column) in [("former", "record"), ("record", "no")] {
        let mut delete = db.prepare(&format!("DELETE FROM {table} WHERE {column} = ?1"))?;
        for record in records {
            note(table, delete.execute([record])?);
        }
    }
    let sql = "UPDATE person SET score = NULL, band = NULL,
               gone = coalesce((SELECT max(no) FROM audit), 0) WHERE no = ?1";
    db.execute(sql, [person])?;
    Ok(rows)
}

/// Decisions name records by labels, which may be anything.
fn erase_decisions(db: &Connection, records: &BTreeSet<i64>) -> rusqlite::Result<usize> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    let sql = "SELECT s.name, r.id, r.occurrence FROM record r JOIN source s ON s.no = r.source
               WHERE r.no = ?1";
    let mut of_record = db.prepare(sql)?;
    for record in records {
        let read = |row: &rusqlite::Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let found: Option<(String, String, i64)> =
            of_record.query_row([record], read).optional()?;
        if let Some((source, id, occurrence)) = found {
            names.extend([
                format!("{source}:{id}"),
                format!("{source}:{id}#{occurrence}"),
                format!("{id}#{occurrence}"),
                id,
            ]);
        }
    }
    let sql = "SELECT no, left_label, left_record, right_label, right_record FROM decision";
    let mut statement = db.prepare(sql)?;
    let mut decisions = statement.query([])?;
    let mut own = Vec::new();
    while let Some(row) = decisions.next()? {
        let is_own = |label: usize| -> rusqlite::Result<bool> {
            Ok(match row.get::<_, Option<i64>>(label + 1)? {
                Some(record) => records.contains(&record),
                // A record that was not there when this was decided.
                None => names.contains(row.get_ref(label)?.as_str()?),
            })
        };
        if is_own(1)? || is_own(3)? {
            own.push(row.get::<_, i64>(0)?);
        }
    }
    let mut delete = db.prepare("DELETE FROM decision WHERE no = ?1")?;
    own.iter().try_for_each(|no| delete.execute([no]).map(|_| ()))?;
    Ok(own.len())
}
