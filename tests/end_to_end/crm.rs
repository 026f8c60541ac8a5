//! A database of leads to audit: a SQLite file, or a schema of a PostgreSQL that runs.

use crate::cli::workdir::{Workdir, leads};
use std::path::PathBuf;

/// A database that tests write to.
pub enum Crm {
    /// A file.
    Sqlite(PathBuf),
    /// A schema of its own.
    #[cfg(feature = "postgres")]
    Postgres(Box<super::server::Schema>),
}

/// Statements that fill a database with so many persons, every third of them twice, and an
/// activity or two for each lead.
fn statements(persons: usize) -> String {
    let text = |cell: &str| format!("'{}'", cell.replace('\'', "''"));
    let mut sql = "CREATE TABLE leads (id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, email TEXT, \
                   phone TEXT, company TEXT, city TEXT);\
                   CREATE TABLE events (n INTEGER PRIMARY KEY, lead_id INTEGER REFERENCES leads(id), event_type TEXT, \
                   occurred_at TEXT, campaign TEXT);"
        .to_string();
    let mut events = 0;
    for row in leads(persons) {
        let cells: Vec<String> = row.split(',').skip(1).map(text).collect();
        let id: usize = row.split(',').next().unwrap().parse().unwrap();
        sql += &format!("INSERT INTO leads VALUES ({id}, {});", cells.join(", "));
        let person = id % persons;
        for kind in ["email_open", "page_view"] {
            events += 1;
            let at = format!("2026-05-{:02}T10:{:02}:00Z", person % 28 + 1, person % 60);
            sql +=
                &format!("INSERT INTO events VALUES ({events}, {id}, '{kind}', '{at}', 'spring');");
        }
    }
    sql
}

impl Crm {
    /// A SQLite file in the folder.
    pub fn sqlite(work: &Workdir, persons: usize) -> Self {
        let path = work.path("crm.db");
        let database = rusqlite::Connection::open(&path).unwrap();
        database.execute_batch(&format!("BEGIN;{}COMMIT", statements(persons))).unwrap();
        Self::Sqlite(path)
    }

    /// A schema of the server that is there for tests.
    #[cfg(feature = "postgres")]
    pub fn postgres(name: &str, persons: usize) -> Option<Self> {
        let schema = super::server::Schema::new(name, &statements(persons))?;
        Some(Self::Postgres(Box::new(schema)))
    }

    /// What the program is given.
    pub fn given(&self) -> String {
        match self {
            Self::Sqlite(_) => "sqlite://crm.db?leads=leads&activities=events".into(),
            #[cfg(feature = "postgres")]
            Self::Postgres(schema) => schema.given("leads=@leads&activities=@events"),
        }
    }

    /// Every value of the two tables, in order of their keys, and the names of all tables.
    pub fn dump(&mut self) -> String {
        let sql = "SELECT * FROM leads ORDER BY id";
        let events = "SELECT * FROM events ORDER BY n";
        match self {
            Self::Sqlite(path) => {
                let database = rusqlite::Connection::open(path).unwrap();
                let whole: String =
                    database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
                assert_eq!(whole, "ok");
                let rows = |sql: &str| -> String {
                    let mut statement = database.prepare(sql).unwrap();
                    let width = statement.column_count();
                    let rows = statement.query_map([], |row| {
                        let cells = (0..width).map(|i| format!("{:?}", row.get_ref(i)));
                        Ok(cells.collect::<Vec<_>>().join("|"))
                    });
                    rows.unwrap().map(|row| row.unwrap() + "\n").collect()
                };
                rows(sql) + &rows(events) + &rows("SELECT name FROM sqlite_master ORDER BY name")
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(schema) => {
                let all = |sql: &str| format!("SELECT t::text FROM ({sql}) t");
                schema.rows(&all(sql)) + &schema.rows(&all(events)) + &schema.tables()
            }
        }
    }
}
