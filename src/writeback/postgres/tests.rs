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

impl Schema {
    fn new(name: &'static str, sql: &str) -> Option<Self> {
        let Ok(url) = std::env::var("LEADMEND_TEST_POSTGRES") else {
            println!("LEADMEND_TEST_POSTGRES is not set: {name} was not tested");
            return None;
        };
        let mut client = Client::connect(&url, NoTls).unwrap();
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
