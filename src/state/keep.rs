//! Writing what an audit learned.
//!
//! Only rows that changed are written: an audit of the same data costs the file a few pages. All of
//! it is in the transaction of the open [`State`]; committing is the caller's, after the output folder
//! is complete.

use super::State;
use super::known::{self, Keep};
use super::lineage::Event;
use super::memory::{Memory, NONE};
use super::past::Past;
use super::recognize::ordered;
use crate::error::Result;
use crate::pipeline::Outcome;
use crate::record::RecordId;
use crate::report::scores::band;
use rusqlite::{Connection, params};

/// Numbers of the rows that were written.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// Number of the audit.
    pub audit: i64,
    /// Per record of the run, its number in the state.
    pub record: Vec<i64>,
    /// Per person of the run, its number in the state.
    pub person: Vec<i64>,
}

/// Writes an audit: its persons, records, lineage, decisions and numbers (as JSON).
///
/// # Errors
/// [`crate::error::Error::Write`] when the disk is full.
pub fn keep(state: &State, outcome: &Outcome, numbers: &str) -> Result<Kept> {
    let Some(past) = &outcome.past else { return Ok(Kept::default()) };
    let memory = &past.memory;
    let keeper = Keeper {
        db: state.connection(),
        outcome,
        past,
        memory,
        audit: memory.next_audit(),
        known: memory.persons.len(),
        last_person: memory.persons.iter().map(|p| p.no).max().unwrap_or(0),
    };
    keeper.keep(numbers).map_err(|cause| state.failed(&cause))
}

struct Keeper<'a> {
    db: &'a Connection,
    outcome: &'a Outcome,
    past: &'a Past,
    memory: &'a Memory,
    audit: i64,
    known: usize,
    last_person: i64,
}

impl Keeper<'_> {
    fn keep(&self, numbers: &str) -> rusqlite::Result<Kept> {
        let sql = "INSERT INTO audit (no, as_of, leadmend, numbers) VALUES (?1, ?2, ?3, ?4)";
        let version = env!("CARGO_PKG_VERSION");
        self.db.execute(sql, params![self.audit, self.outcome.as_of, version, numbers])?;
        let sources = self.sources()?;
        self.persons()?;
        let record = self.records(&sources)?;
        self.lineage()?;
        self.decisions(&record)?;
        known::store::store(self.db, self.outcome, Keep::Roles, &record, self.audit)?;
        let person = self.past.lineage.person.iter().map(|&p| self.person_no(p)).collect();
        Ok(Kept { audit: self.audit, record, person })
    }

    /// The number of a person by its index among those of all time.
    fn person_no(&self, person: u32) -> i64 {
        let at = person as usize;
        match self.memory.persons.get(at) {
            Some(person) => person.no,
            None => self.last_person + 1 + (at - self.known) as i64,
        }
    }

    /// Numbers of the run's sources.
    fn sources(&self) -> rusqlite::Result<Vec<i64>> {
        let sql = "INSERT INTO source (name, roles) VALUES (?1, ?2)
                   ON CONFLICT (name) DO UPDATE SET roles = ?2 RETURNING no";
        let mut statement = self.db.prepare(sql)?;
        let roles = self.past.recognized.signatures.roles();
        let sources = self.outcome.table.sources.iter();
        sources.map(|s| statement.query_row(params![s.name, roles], |row| row.get(0))).collect()
    }

    fn persons(&self) -> rusqlite::Result<()> {
        let lineage = &self.past.lineage;
        let mut insert = self.db.prepare(
            "INSERT INTO person (no, id, since, score, band) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        let mut update = self.db.prepare(
            "UPDATE person SET into_person = NULL, gone = NULL, score = ?2, band = ?3
             WHERE no = ?1",
        )?;
        // In the order of their numbers: a table is filled fastest at its end.
        let mut new: Vec<(u32, usize)> = Vec::new();
        for (at, &person) in lineage.person.iter().enumerate() {
            let Some(row) = self.memory.persons.get(person as usize) else {
                new.push((person, at));
                continue;
            };
            let (score, band) = self.standing(at);
            let same = row.score == score && row.band.as_deref() == band;
            if !same || row.into != NONE || row.gone != 0 {
                update.execute(params![row.no, score, band])?;
            }
        }
        new.sort_unstable();
        for (person, at) in new {
            let (score, band) = self.standing(at);
            let id = lineage.id(self.memory, person);
            insert.execute(params![self.person_no(person), id, self.audit, score, band])?;
        }
        let sql = "UPDATE person SET gone = ?2 WHERE no = ?1";
        let mut gone = self.db.prepare(sql)?;
        for &person in &lineage.gone {
            gone.execute(params![self.person_no(person), self.audit])?;
        }
        Ok(())
    }

    /// Score and band of a person by the first model.
    fn standing(&self, person: usize) -> (Option<i64>, Option<&str>) {
        let (models, scored) = (&self.outcome.models, &self.outcome.scored.models);
        let (Some(model), Some(scores)) = (models.first(), scored.first()) else {
            return (None, None);
        };
        if scores.excluded[person].is_some() {
            return (None, None);
        }
        let band = band(model, scores.band[person]).map(|band| band.id.as_str());
        (Some(scores.score[person]), band)
    }

    /// Writes the records; gives their numbers.
    fn records(&self, sources: &[i64]) -> rusqlite::Result<Vec<i64>> {
        let (table, recognized) = (&self.outcome.table, &self.past.recognized);
        let mut insert = self.db.prepare(
            "INSERT INTO record (no, source, id, occurrence, content, core, person)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        let mut update = self.db.prepare(
            "UPDATE record SET source = ?2, id = ?3, occurrence = ?4, content = ?5, core = ?6,
                               person = ?7, gone = NULL WHERE no = ?1",
        )?;
        let mut former =
            self.db.prepare("INSERT OR IGNORE INTO former (record, person) VALUES (?1, ?2)")?;
        let mut number = vec![0i64; table.len()];
        let mut next = self.memory.records.iter().map(|r| r.no).max().unwrap_or(0);
        let mut here = vec![false; self.memory.records.len()];
        for at in ordered(table, &recognized.has_id) {
            let at = at as usize;
            let record = RecordId(at as u32);
            let source = usize::from(table.source[at]);
            let id = table.id.get(record);
            let cluster = self.outcome.matched.clusters.person_of[at];
            let person = self.person_no(self.past.lineage.person[cluster as usize]);
            let (content, core) =
                (recognized.signatures.content[at] as i64, recognized.signatures.core[at] as i64);
            // A row number is how people call it, and not by what it is known again.
            let occurrence = if recognized.has_id[source] { table.occurrence[at] } else { 0 };
            let known = recognized.row[at] as usize;
            let Some(row) = self.memory.records.get(known) else {
                next += 1;
                number[at] = next;
                let values = params![next, sources[source], id, occurrence, content, core, person];
                insert.execute(values)?;
                continue;
            };
            (number[at], here[known]) = (row.no, true);
            let old = self.person_no(row.person);
            let same = self.memory.sources[row.source as usize].no == sources[source]
                && self.memory.label(row) == id
                && row.occurrence == occurrence
                && (row.content as i64, row.core as i64) == (content, core)
                && row.gone == 0
                && old == person;
            if !same {
                let values =
                    params![row.no, sources[source], id, occurrence, content, core, person];
                update.execute(values)?;
            }
            if old != person {
                former.execute(params![row.no, old])?;
            }
        }
        let mut gone = self.db.prepare("UPDATE record SET gone = ?2 WHERE no = ?1")?;
        let rows = self.memory.records.iter().zip(here);
        for (row, _) in rows.filter(|(row, here)| !here && row.gone == 0) {
            gone.execute(params![row.no, self.audit])?;
        }
        Ok(number)
    }

    fn lineage(&self) -> rusqlite::Result<()> {
        let mut insert = self
            .db
            .prepare("INSERT INTO lineage (audit, event, person, other) VALUES (?1, ?2, ?3, ?4)")?;
        let mut into = self.db.prepare("UPDATE person SET into_person = ?2 WHERE no = ?1")?;
        for step in &self.past.lineage.steps {
            let person = self.person_no(step.person);
            let other = (step.other != NONE).then(|| self.person_no(step.other));
            insert.execute(params![self.audit, step.event.word(), person, other])?;
            if step.event == Event::Merged {
                into.execute(params![person, other])?;
            }
        }
        Ok(())
    }

    /// Keeps the decisions that were given with the audit; of two on one pair the later counts.
    fn decisions(&self, record: &[i64]) -> rusqlite::Result<()> {
        let mut remove = self.db.prepare(
            "DELETE FROM decision WHERE (left_label = ?1 AND right_label = ?2)
             OR (left_label = ?2 AND right_label = ?1)
             OR (left_record = ?3 AND right_record = ?4)
             OR (left_record = ?4 AND right_record = ?3)",
        )?;
        let mut insert = self.db.prepare(
            "INSERT INTO decision (left_label, right_label, same, audit, left_record, right_record)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let given = self.past.decisions.iter().zip(&self.past.pairs).take(self.past.given);
        for (decision, pair) in given {
            let (left, right) = (&decision.left, &decision.right);
            let records = pair.map(|pair| (record[pair.a as usize], record[pair.b as usize]));
            let (a, b) = (records.map(|r| r.0), records.map(|r| r.1));
            remove.execute(params![left, right, a, b])?;
            insert.execute(params![left, right, decision.same, self.audit, a, b])?;
        }
        Ok(())
    }
}
