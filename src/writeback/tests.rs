//! Writing back to SQLite and undoing it: whole, exact, or not at all.

use super::*;
use crate::pipeline::{self, Job};
use crate::source::{Purpose, Source};
use rusqlite::Connection as Database;
use std::path::Path;

/// Leads and activities with everything SQLite can hold: Ana and Eva are there twice.
pub(super) const CRM: &str = "PRAGMA foreign_keys = OFF;
    CREATE TABLE leads (id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, email TEXT UNIQUE,
        phone, company TEXT, city TEXT, email_opt_out INTEGER, created_at TEXT, note BLOB,
        score REAL, both TEXT GENERATED ALWAYS AS (first_name || ' ' || last_name) STORED);
    CREATE INDEX by_name ON leads (last_name);
    INSERT INTO leads (id, first_name, last_name, email, phone, company, city, email_opt_out, created_at, note, score) VALUES
     (7, 'Ana', 'Lopez', NULL, '+52 33 1234 5678', 'Aguila SA', 'Guadalajara', 1, '2026-02-03', x'00ff', 1.5),
     (9, 'Ana', 'Lopez', 'ana.lopez@aguila.example', '+52 33 1234 5678', 'Aguila SA', NULL, 0, '2026-04-11', NULL, NULL),
     (12, 'Eva', 'Novak', 'eva.novak@berg.example', 4930555018, 'Berg GmbH', 'Berlin', 0, '2026-01-01', 'x', -0.25),
     (13, 'Eva', 'Novak', 'eva.novak@berg.example.', 4930555018, 'Berg', 'Berlin', 0, '2026-03-01', NULL, 7),
     (20, 'Bruno', 'Ferreira', 'bruno@porto.example', '+351 22 555 0134', 'Porto Lda', 'Porto', 0, '2026-01-15', NULL, NULL);
    CREATE TABLE events (event_id TEXT PRIMARY KEY, lead_id REFERENCES leads(id), event_type TEXT,
        occurred_at TEXT, campaign TEXT) WITHOUT ROWID;
    INSERT INTO events VALUES
     ('e1', 9, 'email_open', '2026-05-14T18:40:00Z', 'Mexico'),
     ('e2', 7, 'email_open', '2026-05-14T18:40:01Z', 'Mexico'),
     ('e3', '13', 'page_view', '2026-05-16T08:11:02Z', '/pricing'),
     ('e4', 20, 'unsubscribe', '2026-05-17T08:11:02Z', 'Mexico'),
     ('e5', 99, 'page_view', '2026-05-17T08:11:02Z', 'nobody');";

pub(super) fn database(sql: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("crm.db");
    Database::open(&path).unwrap().execute_batch(sql).unwrap();
    (dir, path)
}

pub(super) fn job(path: &Path) -> Job {
    let source = |table: &str| {
        let given = format!("{}#{table}", path.display());
        Source::parse(Path::new(&given), Purpose::Leads).unwrap()
    };
    let mut job = Job { inputs: vec![source("leads")], ..Job::default() };
    job.activities = vec![source("events")];
    job.config.as_of = 1_782_777_600_000_000;
    job
}

fn outcome(path: &Path) -> Outcome {
    pipeline::run(&job(path), &|_| ()).unwrap()
}

fn connection(path: &Path) -> Connection {
    Connection::parse(path).unwrap()
}

/// Everything a database holds: statements of its tables, and every value with its class.
pub(super) fn dump(path: &Path) -> String {
    let database = Database::open(path).unwrap();
    let list = |sql: &str| -> Vec<String> {
        let mut statement = database.prepare(sql).unwrap();
        let width = statement.column_count();
        let rows = statement.query_map([], |row| {
            let cells = (0..width).map(|i| row.get::<_, Option<String>>(i));
            Ok(cells
                .collect::<rusqlite::Result<Vec<_>>>()?
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join("|"))
        });
        rows.unwrap().map(|row| row.unwrap()).collect()
    };
    let mut text =
        list("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").join("\n");
    for table in list(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
    ) {
        let columns = list(&format!("SELECT name FROM pragma_table_xinfo('{table}')"));
        let shown: Vec<String> =
            columns.iter().map(|c| format!("typeof(\"{c}\") || ':' || quote(\"{c}\")")).collect();
        text += &format!("\n-- {table}\n");
        // By row number where there is one, as SQLite's own dump goes.
        text += &list(&format!("SELECT {} FROM \"{table}\"", shown.join(" , "))).join("\n");
    }
    text
}

fn rows(path: &Path, sql: &str) -> Vec<String> {
    let database = Database::open(path).unwrap();
    let mut statement = database.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(|row| row.unwrap()).collect()
}

#[test]
fn merges_are_written_and_undone_to_the_last_type() {
    for losers in [Losers::Flag, Losers::Delete] {
        // Flagged, both rows stay and must not share what is unique.
        let sql = match losers {
            Losers::Flag => CRM.replace("email TEXT UNIQUE", "email TEXT"),
            Losers::Delete => CRM.to_string(),
        };
        let (_dir, path) = database(&sql);
        let before = dump(&path);
        let outcome = outcome(&path);
        assert_eq!(outcome.matched.clusters.len(), 3);
        let applied = apply(&outcome, losers, "r1").unwrap();
        assert_eq!((applied.merged_persons, applied.merged_leads), (2, 2), "{applied:?}");
        assert_eq!(applied.duplicate_activities, 1, "{applied:?}");
        let living = match losers {
            Losers::Flag => "leadmend_merged_into IS NULL",
            Losers::Delete => "1",
        };
        let ana = rows(
            &path,
            &format!(
                "SELECT id || '/' || email || '/' || city || '/' || email_opt_out || typeof(email_opt_out) FROM leads WHERE first_name = 'Ana' AND {living}"
            ),
        );
        assert_eq!(ana.len(), 1);
        assert!(
            ana[0].ends_with("/ana.lopez@aguila.example/Guadalajara/1integer"),
            "opted out once, opted out for good: {ana:?}"
        );
        let whose = rows(
            &path,
            &format!(
                "SELECT event_id || '=' || lead_id || typeof(lead_id) FROM events WHERE {living} ORDER BY 1"
            ),
        );
        assert_eq!(whose.len(), 4, "one event less: {whose:?}");
        assert!(whose.iter().any(|w| w.starts_with("e3=") && w.ends_with("text")), "{whose:?}");
        assert_eq!(rows(&path, "SELECT count(*) || '' FROM leadmend_crosswalk"), ["4"]);
        assert_eq!(runs(&connection(&path)).unwrap()[0].applied, applied);
        // Read again, the merged rows are no leads any more.
        let again = self::outcome(&path);
        assert_eq!((again.table.len(), again.matched.clusters.len()), (3, 3));
        let undone = undo(&connection(&path), "r1").unwrap();
        assert!(undone.restored > 0);
        assert_eq!(dump(&path), before, "{losers:?}");
        assert_eq!(runs(&connection(&path)).unwrap(), []);
    }
}
