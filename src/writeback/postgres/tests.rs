//! Writing back to a PostgreSQL that runs: `LEADMEND_TEST_POSTGRES=postgres://USER@HOST/DATABASE`.
//! Without it these tests say so and pass.

use super::super::{Losers, apply, run_id, runs, undo};
use super::*;
use crate::pipeline::{self, Job};
use crate::source::Purpose;
use crate::source::connection::Connection;
use ::postgres::{Client, NoTls};
use std::path::Path;

/// A schema of its own for each test, gone before it is made anew.
struct Schema {
    url: String,
    name: &'static str,
    client: Client,
}

const CRM: &str = "
    CREATE TYPE mood AS ENUM ('cold', 'warm');
    CREATE TABLE leads (id integer PRIMARY KEY, first_name text, last_name varchar(40),
        email text UNIQUE, phone text, company text, city text, email_opt_out boolean,
        created_at timestamptz, note bytea, score double precision, price numeric(10,2),
        tags text[], extra json, code char(5), mood mood,
        both_names text GENERATED ALWAYS AS (first_name || ' ' || company) STORED);
    INSERT INTO leads (id, first_name, last_name, email, phone, company, city, email_opt_out, created_at, note, score, price, tags, extra, code, mood) VALUES
     (7, 'Ana', 'Lopez', NULL, '+52 33 1234 5678', 'Aguila SA', 'Guadalajara', true, '2026-02-03 09:12:00.5+00', '\\x00ff', 1.5, 1.10, '{a,\"b c\"}', '{\"b\": 1,  \"a\":2}', 'ab', 'warm'),
     (9, 'Ana', 'Lopez', 'ana.lopez@aguila.example', '+52 33 1234 5678', 'Aguila SA', NULL, false, '2026-04-11', NULL, 'infinity', NULL, NULL, NULL, NULL, NULL),
     (12, 'Eva', 'Novak', 'eva.novak@berg.example', '4930555018', 'Berg GmbH', 'Berlin', false, '2026-01-01', NULL, 0.1, NULL, '{}', NULL, NULL, 'cold'),
     (13, 'Eva', 'Novak', 'eva.novak@berg.example.', '4930555018', 'Berg', 'Berlin', false, '2026-03-01', NULL, NULL, 5, NULL, '[1]', 'x', NULL),
     (20, 'Bruno', E'Fer\\treira\\\\', 'bruno@porto.example', '+351 22 555 0134', 'Porto Lda', 'Porto', NULL, '2026-01-15', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    CREATE TABLE events (event_id uuid PRIMARY KEY, lead_id integer REFERENCES leads(id), event_type text,
        occurred_at timestamptz, campaign text);
    INSERT INTO events VALUES
     ('00000000-0000-0000-0000-000000000001', 9, 'email_open', '2026-05-14T18:40:00Z', 'Mexico'),
     ('00000000-0000-0000-0000-000000000002', 7, 'email_open', '2026-05-14T18:40:01Z', 'Mexico'),
     ('00000000-0000-0000-0000-000000000003', 13, 'page_view', '2026-05-16T08:11:02Z', '/pricing'),
     ('00000000-0000-0000-0000-000000000004', 20, 'unsubscribe', '2026-05-17T08:11:02Z', 'Mexico'),
     ('00000000-0000-0000-0000-000000000005', NULL, 'page_view', '2026-05-17T08:11:02Z', 'nobody');";

/// Connects as the tests do: the password is the variable's.
fn connect(url: &str) -> Client {
    let mut config: ::postgres::Config = url.parse().unwrap();
    if let Ok(password) = std::env::var("PGPASSWORD") {
        config.password(password);
    }
    config.connect(NoTls).unwrap()
}

impl Schema {
    fn new(name: &'static str, sql: &str) -> Option<Self> {
        let Ok(url) = std::env::var("LEADMEND_TEST_POSTGRES") else {
            println!("LEADMEND_TEST_POSTGRES is not set: {name} was not tested");
            return None;
        };
        let mut client = connect(&url);
        client
            .batch_execute(&format!(
                "SET client_min_messages = 'error'; DROP SCHEMA IF EXISTS {name} CASCADE; \
                 CREATE SCHEMA {name}; SET search_path = {name}; {sql}"
            ))
            .unwrap();
        Some(Self { url, name, client })
    }

    fn given(&self, tables: &str) -> String {
        let tables = tables.replace('@', &format!("{}.", self.name));
        format!("{}?{tables}", self.url)
    }

    fn connection(&self) -> Connection {
        Connection::parse(Path::new(&self.given("leads=@leads"))).unwrap()
    }

    fn job(&self) -> Job {
        let given = self.given("leads=@leads&activities=@events");
        let source = |purpose| Source::parse(Path::new(&given), purpose).unwrap();
        let mut job = Job { inputs: vec![source(Purpose::Leads)], ..Job::default() };
        job.activities = vec![source(Purpose::Activities)];
        job.config.as_of = 1_782_777_600_000_000;
        job
    }

    fn outcome(&self) -> Outcome {
        pipeline::run(&self.job(), &|_| ()).unwrap()
    }

    fn rows(&mut self, sql: &str) -> Vec<String> {
        self.client.query(sql, &[]).unwrap().iter().map(|row| row.get(0)).collect()
    }

    /// Everything in the schema: columns with their types, constraints, and every value.
    fn dump(&mut self) -> String {
        let name = self.name;
        let mut all = self.rows(&format!(
            "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || coalesce(column_default, '') \
             || is_nullable FROM information_schema.columns WHERE table_schema = '{name}' ORDER BY 1"
        ));
        all.extend(self.rows(&format!(
            "SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint \
             WHERE connamespace = '{name}'::regnamespace ORDER BY 1"
        )));
        let tables = self.rows(&format!(
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = '{name}' \
             AND table_type = 'BASE TABLE' ORDER BY 1"
        ));
        for table in tables {
            all.push(format!("-- {table}"));
            all.extend(self.rows(&format!("SELECT t::text FROM {name}.{table} t ORDER BY 1")));
        }
        all.join("\n")
    }
}

#[test]
fn merges_are_written_and_undone_to_the_last_type() {
    for losers in [Losers::Flag, Losers::Delete] {
        let sql = match losers {
            Losers::Flag => CRM.replace("email text UNIQUE", "email text"),
            Losers::Delete => CRM.to_string(),
        };
        let Some(mut schema) = Schema::new("lm_types", &sql) else { return };
        let before = schema.dump();
        let outcome = schema.outcome();
        assert_eq!(outcome.matched.clusters.len(), 3);
        let run = run_id(&outcome);
        let applied = apply(&outcome, losers, &run).unwrap();
        assert_eq!((applied.merged_persons, applied.merged_leads), (2, 2), "{applied:?}");
        assert_eq!(applied.duplicate_activities, 1, "{applied:?}");
        let living = match losers {
            Losers::Flag => "leadmend_merged_into IS NULL",
            Losers::Delete => "true",
        };
        let ana = schema.rows(&format!("SELECT concat_ws('/', email, city, email_opt_out, score, note, tags::text, extra::text, mood) FROM leads WHERE first_name = 'Ana' AND {living}"));
        assert_eq!(ana.len(), 1);
        assert!(ana[0].starts_with("ana.lopez@aguila.example/Guadalajara/t/"), "{ana:?}");
        assert!(ana[0].contains("\\x00ff/{a,\"b c\"}/{\"b\": 1,  \"a\":2}/warm"), "{ana:?}");
        let left = schema.rows(&format!("SELECT event_id::text || lead_id FROM events WHERE lead_id IS NOT NULL AND {living} ORDER BY 1"));
        assert_eq!(left.len(), 3, "{left:?}");
        assert_eq!(schema.rows("SELECT count(*)::text FROM leadmend_crosswalk"), ["4"]);
        assert_eq!(runs(&schema.connection()).unwrap()[0].applied, applied);
        let again = schema.outcome();
        assert_eq!((again.table.len(), again.matched.clusters.len()), (3, 3));
        let known = apply(&again, losers, &run);
        assert!(known.is_err() || known.unwrap().is_nothing());
        let undone = undo(&schema.connection(), &run).unwrap();
        assert!(undone.restored > 0);
        assert_eq!(schema.dump(), before, "{losers:?}");
        assert_eq!(runs(&schema.connection()).unwrap(), []);
    }
}

/// What an apply says when it refuses; the schema must be as it was.
fn refusal(schema: &mut Schema, outcome: &Outcome, losers: Losers) -> Error {
    let before = schema.dump();
    let error = apply(outcome, losers, "r1").unwrap_err();
    assert_eq!(schema.dump(), before, "{error}");
    error
}

#[test]
fn what_cannot_be_written_to_is_refused_with_a_remedy() {
    let plain = CRM.replace("email text UNIQUE", "email text");
    let keyless =
        plain.replace("REFERENCES leads(id)", "").replace("id integer PRIMARY KEY", "id integer");
    let cases = [
        (keyless.clone(), Losers::Flag, 2, "no primary key", "a table without a key"),
        (
            keyless.clone() + "CREATE UNIQUE INDEX ON leads (id)",
            Losers::Flag,
            2,
            "no primary key",
            "a key that may be empty",
        ),
        (
            plain.clone()
                + "ALTER TABLE leads RENAME TO people; CREATE VIEW leads AS SELECT * FROM people",
            Losers::Flag,
            2,
            "a view",
            "a view",
        ),
        (
            plain.clone()
                + "CREATE TABLE deals (id int PRIMARY KEY, lead int REFERENCES leads(id) ON DELETE CASCADE)",
            Losers::Delete,
            2,
            "deals refers to them",
            "rows of others hang on it",
        ),
        (
            CRM.to_string(),
            Losers::Flag,
            4,
            "constraint leads_email_key of table leads",
            "both rows stay and share what is unique",
        ),
        (
            plain.clone()
                + "ALTER TABLE leads ADD CHECK (id <> 7 OR city IS NOT DISTINCT FROM 'Guadalajara' AND email IS NULL)",
            Losers::Flag,
            4,
            "constraint",
            "a rule of the table",
        ),
        (
            plain.clone() + "ALTER TABLE leads ADD CHECK (city <> 'nowhere')",
            Losers::Flag,
            0,
            "",
            "a rule that holds",
        ),
        (
            keyless + "ALTER TABLE leads ALTER id SET NOT NULL; CREATE UNIQUE INDEX ON leads (id)",
            Losers::Delete,
            0,
            "",
            "a unique column is enough",
        ),
    ];
    for (sql, losers, code, said, why) in cases {
        let Some(mut schema) = Schema::new("lm_refusals", &sql) else { return };
        let before = schema.dump();
        let outcome = schema.outcome();
        assert!(outcome.matched.clusters.len() < 5, "{why}");
        if code == 0 {
            apply(&outcome, losers, "r1").unwrap();
            undo(&schema.connection(), "r1").unwrap();
            assert_eq!(schema.dump(), before, "{why}");
            continue;
        }
        let error = refusal(&mut schema, &outcome, losers);
        assert_eq!(error.exit_code(), code, "{why}: {error}");
        assert!(error.to_string().contains(said), "{why}: {error}");
    }
}

#[test]
fn what_changed_since_is_neither_written_to_nor_undone() {
    let changes = [
        "UPDATE leads SET city = 'Bonn' WHERE id = 20",
        "INSERT INTO leads (id, first_name) VALUES (21, 'Dora')",
        "DELETE FROM events WHERE lead_id IS NULL",
        "ALTER TABLE leads RENAME COLUMN city TO town",
    ];
    for sql in changes {
        let Some(mut schema) = Schema::new("lm_changed", CRM) else { return };
        let outcome = schema.outcome();
        schema.client.batch_execute(sql).unwrap();
        let error = refusal(&mut schema, &outcome, Losers::Delete);
        assert!(error.exit_code() == 3 && error.to_string().contains("has changed"), "{error}");
    }
    let since = [
        ("UPDATE leads SET city = 'Bonn' WHERE first_name = 'Ana'", true),
        ("DELETE FROM events WHERE lead_id IS NOT NULL", true),
        (
            "INSERT INTO leads (id, first_name) VALUES (9, 'Dora') ON CONFLICT DO NOTHING; INSERT INTO leads (id) VALUES (7) ON CONFLICT DO NOTHING",
            true,
        ),
        ("INSERT INTO leads (id, first_name) VALUES (40, 'Dora')", false),
        ("ALTER TABLE leads ADD COLUMN more text", false),
        ("ALTER TABLE leads DROP COLUMN price", true),
    ];
    for (sql, refused) in since {
        let Some(mut schema) = Schema::new("lm_since", CRM) else { return };
        apply(&schema.outcome(), Losers::Delete, "r1").unwrap();
        schema.client.batch_execute(sql).unwrap();
        let before = schema.dump();
        let undone = undo(&schema.connection(), "r1");
        assert_eq!(undone.is_err(), refused, "{sql}: {undone:?}");
        if let Err(error) = undone {
            assert_eq!(error.exit_code(), 3, "{error}");
            assert_eq!(schema.dump(), before);
        }
    }
    let Some(schema) = Schema::new("lm_since", CRM) else { return };
    assert_eq!(undo(&schema.connection(), "r1").unwrap_err().exit_code(), 2, "no journal");
    apply(&schema.outcome(), Losers::Delete, "r1").unwrap();
    assert_eq!(undo(&schema.connection(), "r2").unwrap_err().exit_code(), 2, "another run");
}

#[test]
fn of_two_applies_at_once_one_is_refused_and_a_lock_is_waited_for() {
    let Some(mut schema) = Schema::new("lm_twice", CRM) else { return };
    let outcome = schema.outcome();
    let results: Vec<Result<Applied>> = std::thread::scope(|scope| {
        let apply = |run: &'static str| {
            let outcome = &outcome;
            scope.spawn(move || apply(outcome, Losers::Delete, run))
        };
        let both = [apply("r1"), apply("r2")];
        both.map(|thread| thread.join().unwrap()).into()
    });
    let refused: Vec<&Error> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    assert_eq!(refused.len(), 1);
    assert!(refused[0].to_string().contains("has changed"), "{}", refused[0]);
    assert_eq!(runs(&schema.connection()).unwrap().len(), 1);
    let outcome = schema.outcome();
    schema.client.batch_execute("BEGIN; UPDATE leads SET city = city").unwrap();
    let error = apply(&outcome, Losers::Delete, "r3").unwrap_err();
    assert!(error.exit_code() == 4 && error.to_string().contains("another program"), "{error}");
    schema.client.batch_execute("ROLLBACK").unwrap();
}

#[test]
fn triggers_that_write_along_are_silent_while_undoing() {
    let stamp = "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN NEW.created_at = now(); RETURN NEW; END $$; \
                 CREATE TRIGGER stamp BEFORE UPDATE ON leads FOR EACH ROW EXECUTE FUNCTION stamp()";
    let Some(mut schema) = Schema::new("lm_trigger", &format!("{CRM}{stamp}")) else { return };
    let before = schema.dump();
    let applied = apply(&schema.outcome(), Losers::Delete, "r1").unwrap();
    assert!(applied.notes[0].contains("triggers"), "{applied:?}");
    undo(&schema.connection(), "r1").unwrap();
    assert_eq!(schema.dump(), before);
    let on = schema.rows("SELECT tgenabled::text FROM pg_trigger WHERE tgname = 'stamp' AND tgrelid = 'leads'::regclass");
    assert_eq!(on, ["O"], "the trigger is on again");
}

#[test]
fn several_runs_are_undone_in_any_order_that_fits() {
    let plain = CRM.replace("email text UNIQUE", "email text");
    for order in [["r1", "r2"], ["r2", "r1"]] {
        let Some(mut schema) = Schema::new("lm_several", &plain) else { return };
        let before = schema.dump();
        apply(&schema.outcome(), Losers::Flag, "r1").unwrap();
        let twin = "INSERT INTO leads (id, first_name, last_name, email, phone, company, city) \
                    SELECT 30, first_name, last_name, email, phone, company, city FROM leads WHERE id = 20";
        schema.client.batch_execute(twin).unwrap();
        assert_eq!(apply(&schema.outcome(), Losers::Flag, "r2").unwrap().merged_leads, 1);
        assert!(apply(&schema.outcome(), Losers::Flag, "r3").unwrap().is_nothing());
        let listed: Vec<String> =
            runs(&schema.connection()).unwrap().into_iter().map(|e| e.applied.run).collect();
        assert_eq!(listed, ["r1", "r2"]);
        for run in order {
            undo(&schema.connection(), run).unwrap();
        }
        schema.client.batch_execute("DELETE FROM leads WHERE id = 30").unwrap();
        assert_eq!(schema.dump(), before, "{order:?}");
    }
}

#[test]
fn who_may_only_read_is_told_what_to_grant() {
    let password = std::env::var("PGPASSWORD").unwrap_or_else(|_| "unasked".into());
    let Some(mut schema) = Schema::new("lm_rights", CRM) else { return };
    schema
        .client
        .batch_execute(&format!(
            "DO $$ BEGIN CREATE ROLE lm_reader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$; \
             ALTER ROLE lm_reader PASSWORD '{password}'; GRANT USAGE ON SCHEMA lm_rights TO lm_reader; \
             GRANT SELECT ON ALL TABLES IN SCHEMA lm_rights TO lm_reader"
        ))
        .unwrap();
    let mut job = schema.job();
    for source in job.inputs.iter_mut().chain(&mut job.activities) {
        source.server.as_mut().unwrap().user = "lm_reader".into();
    }
    let outcome = pipeline::run(&job, &|_| ()).unwrap();
    let error = refusal(&mut schema, &outcome, Losers::Delete);
    assert!(
        error.exit_code() == 4 && error.to_string().contains("grant SELECT, INSERT"),
        "{error}"
    );
}
