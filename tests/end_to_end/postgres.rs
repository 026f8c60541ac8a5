//! PostgreSQL as a source: the same leads as from a file, and every refusal with its remedy.

use super::server::Schema;
use crate::cli::workdir::{Workdir, snapshot};
use std::process::Output;

const ANA: &str = "CREATE TABLE leads (id integer PRIMARY KEY, first_name text, last_name text, email text, phone text, \
    company text, job_title text, city text, country text, lead_source text, created_at timestamptz, updated_at timestamptz);
    CREATE TABLE events (event_id text, lead_id integer, event_type text, occurred_at timestamptz, campaign text);";

fn run(work: &Workdir, arguments: &[&str]) -> Output {
    work.command("").args(arguments).output().unwrap()
}

fn refused(work: &Workdir, code: i32, arguments: &[&str]) -> String {
    let output = run(work, arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.starts_with("error: ") && output.stdout.is_empty(), "{said}");
    said
}

/// The README's example in a schema.
fn ana(name: &str) -> Option<(Workdir, Schema)> {
    let mut schema = Schema::new(name, ANA)?;
    let work = Workdir::ana();
    for (table, file) in [("leads", "leads.csv"), ("events", "activities.csv")] {
        for row in work.read(file).lines().skip(1) {
            let cells = row.split(',').map(|cell| match cell {
                "" => "NULL".to_string(),
                cell => format!("'{}'", cell.replace('\'', "''")),
            });
            schema.run(&format!(
                "INSERT INTO {table} VALUES ({})",
                cells.collect::<Vec<_>>().join(", ")
            ));
        }
    }
    Some((work, schema))
}

#[test]
fn tables_and_queries_give_what_the_files_give() {
    let Some((work, mut schema)) = ana("lm_read") else { return };
    let tables = schema.given("leads=@leads&activities=@events");
    let end = ["--model", "scoring.toml", "--as-of", "2026-06-30", "--quiet"];
    let clean = |given: &str, more: &[&str], folder: &str| {
        let all = [&["clean", given, "-o", folder], &end[..], more].concat();
        let output = run(&work, &all);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    clean(&tables, &[], "server");
    clean("leads.csv", &["--activities", "activities.csv"], "files");
    let rows = |name: &str, columns: usize| -> Vec<String> {
        let text = work.read(name);
        let cut = |row: &str| row.split(',').take(columns).collect::<Vec<_>>().join(",");
        text.lines().map(cut).collect()
    };
    assert_eq!(rows("server/leads.csv", 12), rows("files/leads.csv", 12));
    assert_eq!(rows("server/activities.csv", 5), rows("files/activities.csv", 5));
    let verified = run(&work, &["verify", "server"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    // Other places on the disk, the same rows: the same bytes.
    schema.run("UPDATE leads SET city = city WHERE id = 1041; UPDATE events SET campaign = campaign WHERE lead_id = 1007");
    clean(&tables, &[], "again");
    assert!(snapshot(&work.path("again")).values().eq(snapshot(&work.path("server")).values()));
    let undone = run(&work, &["undo", "server", "-o", "undone"]);
    assert!(undone.status.success());
    let name = schema.user_and_database().1;
    let kept = work.read(&format!("undone/{name}.lm_read.leads.jsonl"));
    assert_eq!(kept.lines().count(), 6);
    assert!(kept.contains("\"updated_at\":\"2026-05-14T18:40:00Z\""), "{kept}");
    let query = schema.given("leads=SELECT * FROM @leads WHERE country = 'Germany' -- one&activities=SELECT * FROM @events;");
    clean(&query, &[], "query");
    assert_eq!(work.read("query/leads.csv").lines().count(), 2);
    let split = run(&work, &["undo", "server", "-o", "split", "--person", "1041"]);
    assert!(split.status.success(), "{}", String::from_utf8_lossy(&split.stderr));
    assert_eq!(work.read("split/leads.csv").lines().count(), 7);
}

#[test]
fn what_cannot_be_read_is_told_with_the_remedy() {
    let Some((work, mut schema)) = ana("lm_refuse") else { return };
    let (user, database) = schema.user_and_database();
    let clean = |given: &str| refused(&work, 3, &["clean", given, "-o", "x"]);
    let gone = schema.other(&format!("/{database}?"), "/lm_no_such_database?", "leads=@leads");
    assert!(clean(&gone).contains("there is no database"));
    assert!(clean("postgres://ana@127.0.0.1:1/crm").contains("no PostgreSQL server answers"));
    let unknown = schema.given("leads=@people");
    let said = refused(&work, 2, &["clean", &unknown, "-o", "x"]);
    assert!(
        said.contains("no table \"lm_refuse.people\"") && said.contains("lm_refuse.leads"),
        "{said}"
    );
    let column = schema.given("leads=SELECT nothing FROM @leads");
    assert!(clean(&column).contains("column \"nothing\" does not exist"));
    let writes = schema.given("leads=WITH d AS (DELETE FROM @leads RETURNING *) SELECT * FROM d");
    assert!(clean(&writes).contains("error"), "a query that writes is refused");
    let two = schema.given("leads=SELECT 1; DROP TABLE @leads");
    clean(&two);
    let value = schema.given("leads=SELECT email::int FROM @leads");
    assert!(!clean(&value).contains("aguila"), "no value is repeated");
    schema.run("CREATE TABLE empty (id int, email text)");
    let empty = schema.given("leads=@empty");
    assert!(clean(&empty).contains("has no row"));
    let secret = refused(&work, 2, &["clean", "postgres://ana:tops3cret@h/crm", "-o", "x"]);
    assert!(!secret.contains("tops3cret"), "{secret}");
    // A user without rights; and a wrong password, where the server asks for one.
    let password = std::env::var("PGPASSWORD").unwrap_or_else(|_| "unasked".into());
    schema.run(&format!(
        "DO $$ BEGIN CREATE ROLE lm_nobody LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$; \
         ALTER ROLE lm_nobody PASSWORD '{password}'"
    ));
    let nobody = schema.other(&format!("{user}@"), "lm_nobody@", "leads=@leads");
    let said = clean(&nobody);
    assert!(said.contains("lacks a right") && said.contains("GRANT"), "{said}");
    let wrong = work
        .command("clean -o x")
        .arg(schema.given("leads=@leads"))
        .env("PGPASSWORD", "wr0ng-one")
        .output()
        .unwrap();
    let said = String::from_utf8(wrong.stderr).unwrap();
    assert!(!said.contains("wr0ng-one"), "{said}");
    match wrong.status.code() {
        Some(3) => assert!(said.contains("with this password"), "{said}"),
        code => assert_eq!(code, Some(0), "a server that trusts everybody: {said}"),
    }
}

#[test]
fn a_password_is_nowhere() {
    use std::os::unix::fs::PermissionsExt;
    let Some((work, schema)) = ana("lm_secret") else { return };
    let Ok(password) = std::env::var("PGPASSWORD") else {
        println!("PGPASSWORD is not set: the server asks for none");
        return;
    };
    work.write("secret", format!("{password}\n"));
    std::fs::set_permissions(work.path("secret"), std::fs::Permissions::from_mode(0o600)).unwrap();
    let given = schema.given("leads=@leads&activities=@events&password-file=secret");
    let output = work
        .command("audit -o out --state state.db --apply --fail-on never --as-of 2026-06-30")
        .arg(&given)
        .env_remove("PGPASSWORD")
        .output();
    // The activities have no key of their own.
    let output = output.unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&said));
    let holds = |bytes: &[u8]| bytes.windows(password.len()).any(|w| w == password.as_bytes());
    assert!(!holds(&said));
    for (path, bytes) in snapshot(&work.path("")) {
        let is_secret = path.ends_with("secret");
        assert!(is_secret || !bytes.is_some_and(|bytes| holds(&bytes)), "{}", path.display());
    }
    assert!(work.path("out/journal.jsonl").exists());
}

#[test]
fn a_connection_that_is_cut_half_way_changes_nothing() {
    let Some((work, mut schema)) = ana("lm_cut") else { return };
    schema.run(
        "ALTER TABLE events ADD PRIMARY KEY (event_id); \
         CREATE VIEW torn AS SELECT *, CASE WHEN id = 1402 THEN pg_terminate_backend(pg_backend_pid())::text END AS x FROM leads",
    );
    let torn = schema.given("leads=@torn");
    let said = refused(&work, 3, &["clean", &torn, "-o", "x"]);
    assert!(said.contains("was cut half way") && said.contains("run again"), "{said}");
    assert!(!work.path("x").exists());
    schema.run(
        "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$; \
         CREATE TRIGGER cut AFTER UPDATE ON leads FOR EACH ROW EXECUTE FUNCTION cut()",
    );
    let all = "SELECT t::text FROM leads t UNION ALL SELECT t::text FROM events t ORDER BY 1";
    let (before, tables) = (schema.rows(all), schema.tables());
    let given = schema.given("leads=@leads&activities=@events");
    let end =
        ["-o", "out", "--state", "s.db", "--fail-on", "never", "--as-of", "2026-06-30", "--apply"];
    let output = run(&work, &[&["audit", &given], &end[..]].concat());
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("was cut half way"), "{said}");
    assert_eq!((schema.rows(all), schema.tables()), (before, tables));
}
