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
        let shown: Vec<String> = columns
            .iter()
            .map(|c| c.replace('"', "\"\""))
            .map(|c| format!("typeof(\"{c}\") || ':' || CASE typeof(\"{c}\") WHEN 'text' THEN hex(\"{c}\") ELSE quote(\"{c}\") END"))
            .collect();
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

/// What an apply says when it refuses; the database must be as it was.
fn refusal(path: &Path, outcome: &Outcome, losers: Losers) -> Error {
    let before = dump(path);
    let error = apply(outcome, losers, "r1").unwrap_err();
    assert_eq!(dump(path), before, "{error}");
    error
}

fn execute(path: &Path, sql: &str) {
    Database::open(path).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn what_cannot_be_written_to_is_refused_with_a_remedy() {
    let plain = CRM.replace("email TEXT UNIQUE", "email TEXT");
    let cases = [
        (
            plain.replace("id INTEGER PRIMARY KEY", "id INTEGER"),
            Losers::Flag,
            2,
            "no primary key",
            "a table without a key",
        ),
        (
            plain.replace("id INTEGER PRIMARY KEY", "id INTEGER NOT NULL")
                + "CREATE UNIQUE INDEX one ON leads (id) WHERE id > 0;",
            Losers::Flag,
            2,
            "no primary key",
            "an index over some of the rows",
        ),
        (
            plain.clone()
                + "ALTER TABLE leads RENAME TO people; CREATE VIEW leads AS SELECT * FROM people;",
            Losers::Flag,
            2,
            "a view",
            "a view",
        ),
        (
            plain.clone()
                + "CREATE TABLE deals (id INTEGER PRIMARY KEY, lead REFERENCES leads(id));",
            Losers::Delete,
            2,
            "deals refers to them",
            "rows of others hang on it",
        ),
        (
            plain.clone()
                + "CREATE TRIGGER no BEFORE UPDATE ON leads BEGIN SELECT RAISE(ABORT, 'no'); END;",
            Losers::Flag,
            4,
            "nothing was written",
            "a rule of the database",
        ),
        (
            CRM.to_string(),
            Losers::Flag,
            4,
            "leads.email",
            "both rows stay and share what is unique",
        ),
    ];
    for (sql, losers, code, said, why) in cases {
        let (_dir, path) = database(&sql);
        let outcome = outcome(&path);
        assert!(outcome.matched.clusters.len() < 5, "{why}");
        let error = refusal(&path, &outcome, losers);
        assert_eq!(error.exit_code(), code, "{why}: {error}");
        assert!(error.to_string().contains(said), "{why}: {error}");
    }
    let (dir, path) = database(CRM);
    let file = dir.path().join("leads.csv");
    std::fs::write(&file, "id,email\n1,a@b.example\n").unwrap();
    let leads = |table: &str| Source { table: Some(table.into()), ..Source::new(&path) };
    let inputs = [
        (vec![Source::new(&file)], vec![], "is none"),
        (vec![leads("leads"), leads("leads")], vec![], "not to 2"),
        (vec![leads("SELECT * FROM leads")], vec![], "a query is none"),
        (vec![leads("leads")], vec![Source::new(&file)], "not one table of the database"),
        (vec![leads("leads")], vec![leads("WITH a AS (SELECT 1) SELECT * FROM a")], "a query"),
    ];
    for (leads, activities, said) in inputs {
        let error = check_sources(&leads, &activities).unwrap_err();
        assert!(error.exit_code() == 2 && error.to_string().contains(said), "{error}");
    }
    assert!(check_sources(&[leads("leads")], &[leads("events")]).is_ok());
}

#[test]
fn data_that_changed_since_it_was_read_is_not_written_to() {
    let changes = [
        "UPDATE leads SET city = 'Bonn' WHERE id = 20",
        "INSERT INTO leads (id, first_name) VALUES (21, 'Dora')",
        "DELETE FROM events WHERE event_id = 'e5'",
        "ALTER TABLE leads RENAME COLUMN city TO town",
        "ALTER TABLE leads ADD COLUMN more",
    ];
    for sql in changes {
        let (_dir, path) = database(CRM);
        let outcome = outcome(&path);
        execute(&path, &format!("PRAGMA foreign_keys = OFF; {sql}"));
        let error = refusal(&path, &outcome, Losers::Delete);
        assert!(error.exit_code() == 3 && error.to_string().contains("has changed"), "{error}");
    }
    let (_dir, path) = database(CRM);
    let outcome = outcome(&path);
    execute(&path, "CREATE TABLE other (x); VACUUM");
    assert!(apply(&outcome, Losers::Delete, "r1").is_ok(), "only the tables' rows count");
}

#[test]
fn rows_that_changed_since_are_counted_and_nothing_is_undone() {
    let changes = [
        ("UPDATE leads SET city = 'Bonn' WHERE first_name = 'Ana'", 1),
        ("INSERT INTO leads (id, first_name) VALUES (9, 'Dora'), (13, 'Eva')", 1),
        ("UPDATE leads SET note = CAST('1' AS TEXT) WHERE first_name = 'Eva'", 1),
        ("DELETE FROM leads", 2),
        ("INSERT INTO leads (id, first_name) VALUES (40, 'Dora')", 0),
    ];
    for (sql, least) in changes {
        let (_dir, path) = database(CRM);
        apply(&outcome(&path), Losers::Delete, "r1").unwrap();
        let sql = sql.replace("INSERT", "INSERT OR IGNORE");
        execute(&path, &format!("PRAGMA foreign_keys = OFF; {sql}"));
        let before = dump(&path);
        let undone = undo(&connection(&path), "r1");
        if least == 0 {
            assert!(undone.is_ok(), "another row is nobody's business");
            continue;
        }
        let error = undone.unwrap_err();
        assert_eq!(error.exit_code(), 3);
        assert!(error.to_string().contains(" rows that the run wrote to were changed"), "{error}");
        assert_eq!(dump(&path), before);
    }
    let (dir, path) = database(CRM);
    assert_eq!(undo(&connection(&path), "r1").unwrap_err().exit_code(), 2, "no journal");
    let gone = connection(&dir.path().join("gone.db"));
    assert_eq!(undo(&gone, "r1").unwrap_err().exit_code(), 3, "no file");
    std::fs::write(dir.path().join("leads.csv"), "id\n1\n").unwrap();
    assert_eq!(
        runs(&connection(&dir.path().join("leads.csv"))).unwrap_err().exit_code(),
        3,
        "no database"
    );
    apply(&outcome(&path), Losers::Delete, "r1").unwrap();
    assert_eq!(undo(&connection(&path), "r2").unwrap_err().exit_code(), 2, "another run");
    execute(&path, "UPDATE leadmend_journal SET before = 'x' WHERE kind = 'delete'");
    assert_eq!(undo(&connection(&path), "r1").unwrap_err().exit_code(), 3, "a damaged journal");
    execute(&path, "UPDATE leadmend_journal SET before = '{\"format\":9}' WHERE kind = 'run'");
    assert_eq!(runs(&connection(&path)).unwrap_err().exit_code(), 3, "a newer journal");
}

#[test]
fn a_trigger_that_writes_along_is_undone_or_nothing_is() {
    let along = "CREATE TRIGGER stamp AFTER UPDATE OF city ON leads BEGIN \
                 UPDATE leads SET note = 'stamped' WHERE id = new.id; END;";
    let (_dir, path) = database(&format!("{CRM}{along}"));
    let before = dump(&path);
    let applied = apply(&outcome(&path), Losers::Delete, "r1").unwrap();
    assert!(applied.notes[0].contains("triggers"), "{applied:?}");
    let after = dump(&path);
    let undone = undo(&connection(&path), "r1");
    match undone {
        Ok(_) => assert_eq!(dump(&path), before),
        Err(error) => {
            assert!(error.exit_code() == 4 && error.to_string().contains("trigger"), "{error}");
            assert_eq!(dump(&path), after);
            execute(&path, "DROP TRIGGER stamp");
            undo(&connection(&path), "r1").unwrap();
            execute(&path, along);
            assert_eq!(dump(&path), before);
        }
    }
}

#[test]
fn a_locked_or_a_full_database_is_left_alone() {
    let (_dir, path) = database(CRM);
    let outcome = outcome(&path);
    let other = Database::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = refusal(&path, &outcome, Losers::Delete);
    assert!(error.exit_code() == 4 && error.to_string().contains("another program"), "{error}");
    other.execute_batch("ROLLBACK").unwrap();
    let before = dump(&path);
    let pages: i64 = other.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    let (place, changes) = (Place::of(&outcome).unwrap(), Changes::of(&outcome));
    let mut refused = 0;
    for more in 0..40 {
        let mut limited = sqlite::open(&path, "crm.db").unwrap();
        limited.pragma_update(None, "max_page_count", pages + more).unwrap();
        let done = sqlite::apply_in(&mut limited, &outcome, &place, &changes, Losers::Delete, "r1");
        drop(limited);
        match done {
            Err(error) => {
                assert!(error.to_string().contains("is full"), "{error}");
                assert_eq!(dump(&path), before);
                refused += 1;
            }
            Ok(_) => break,
        }
    }
    assert!(refused > 1 && dump(&path) != before, "refused {refused} times, then there was room");
}

#[test]
fn of_two_applies_at_once_one_is_refused() {
    let (_dir, path) = database(CRM);
    let outcome = outcome(&path);
    let results: Vec<Result<Applied>> = std::thread::scope(|scope| {
        let apply = |run: &'static str| scope.spawn(|| apply(&outcome, Losers::Delete, run));
        let both = [apply("r1"), apply("r2")];
        both.map(|thread| thread.join().unwrap()).into()
    });
    let refused: Vec<&Error> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    assert_eq!(refused.len(), 1);
    assert!(refused[0].to_string().contains("has changed"), "{}", refused[0]);
    assert_eq!(runs(&connection(&path)).unwrap().len(), 1);
}

#[test]
fn several_runs_are_undone_in_any_order_that_fits() {
    let plain = CRM.replace("email TEXT UNIQUE", "email TEXT");
    for order in [["r1", "r2"], ["r2", "r1"]] {
        let (_dir, path) = database(&plain);
        apply(&outcome(&path), Losers::Flag, "r1").unwrap();
        let twin = "INSERT INTO leads (id, first_name, last_name, email, phone, company, city) \
                    VALUES (30, 'Bruno', 'Ferreira', 'bruno@porto.example', '+351 22 555 0134', 'Porto Lda', 'Porto')";
        execute(&path, twin);
        let second = apply(&outcome(&path), Losers::Flag, "r2").unwrap();
        assert_eq!(second.merged_leads, 1, "flagged rows are no leads any more");
        let again = apply(&outcome(&path), Losers::Flag, "r3").unwrap();
        assert!(again.is_nothing(), "what is written back is clean: {again:?}");
        let listed: Vec<String> =
            runs(&connection(&path)).unwrap().into_iter().map(|e| e.applied.run).collect();
        assert_eq!(listed, ["r1", "r2"]);
        for run in order {
            undo(&connection(&path), run).unwrap();
        }
        execute(&path, "DELETE FROM leads WHERE id = 30");
        let (_other, fresh) = database(&plain);
        assert_eq!(dump(&path), dump(&fresh), "{order:?}");
    }
    let (_dir, path) = database(&plain);
    apply(&outcome(&path), Losers::Flag, "r1").unwrap();
    execute(
        &path,
        "INSERT INTO leads SELECT 30, first_name, last_name, email, phone, company, city, email_opt_out, created_at, note, score, NULL FROM leads WHERE id = 20",
    );
    let error = refusal(&path, &outcome(&path), Losers::Delete);
    assert!(error.to_string().contains("--losers flag"), "{error}");
}

#[test]
fn an_opt_out_reaches_the_column_of_a_lead_that_was_merged_with_nobody() {
    let (_dir, path) = database(CRM);
    apply(&outcome(&path), Losers::Delete, "r1").unwrap();
    let bruno =
        rows(&path, "SELECT email_opt_out || typeof(email_opt_out) FROM leads WHERE id = 20");
    assert_eq!(bruno, ["1integer"], "the unsubscription stood among the activities only");
}

mod any {
    use super::*;
    use crate::pipeline::UserDecision;
    use proptest::prelude::*;

    /// A value as SQL writes it, of every class.
    fn value() -> impl Strategy<Value = String> {
        prop_oneof![
            Just("NULL".to_string()),
            any::<i64>().prop_map(|n| n.to_string()),
            any::<f64>().prop_filter("a number", |n| n.is_finite()).prop_map(|n| format!("{n:e}")),
            "[a-z0-9 'é\n]{0,8}".prop_map(|text| format!("'{}'", text.replace('\'', "''"))),
            "([0-9a-f]{2}){0,4}".prop_map(|hex| format!("x'{hex}'")),
            "([0-9a-f]{2}){0,4}".prop_map(|hex| format!("CAST(x'{hex}' AS TEXT)")),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn whatever_the_values_undo_gives_the_same_database(
            cells in prop::collection::vec(prop::collection::vec(value(), 3), 2..7),
            merged in prop::collection::vec((0usize..7, 0usize..7), 1..4),
            (delete, rowid) in any::<(bool, bool)>(),
        ) {
            let end = if rowid { "" } else { " WITHOUT ROWID" };
            let mut sql = format!("CREATE TABLE leads (id TEXT NOT NULL PRIMARY KEY, name TEXT, email, \"odd \"\"name\" NUMERIC, z){end};");
            for (i, row) in cells.iter().enumerate() {
                sql += &format!("INSERT INTO leads VALUES ('k{i}', 'Person {i}', {});", row.join(", "));
            }
            let (_dir, path) = database(&sql);
            let before = dump(&path);
            let mut job = job(&path);
            job.activities.clear();
            let label = |i: usize| format!("k{}", i % cells.len());
            job.decisions = merged.iter().filter(|(a, b)| a % cells.len() != b % cells.len())
                .map(|&(a, b)| UserDecision { left: label(a), right: label(b), same: true }).collect();
            let outcome = pipeline::run(&job, &|_| ()).unwrap();
            let losers = if delete { Losers::Delete } else { Losers::Flag };
            let applied = apply(&outcome, losers, "r1").unwrap();
            prop_assert_eq!(applied.merged_leads as usize, cells.len() - outcome.matched.clusters.len());
            if !applied.is_nothing() {
                undo(&connection(&path), "r1").unwrap();
            }
            prop_assert_eq!(dump(&path), before);
        }
    }
}
