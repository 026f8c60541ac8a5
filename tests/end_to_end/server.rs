//! A PostgreSQL that runs for tests: `LEADMEND_TEST_POSTGRES=postgres://USER@HOST:PORT/DATABASE`,
//! its password in `PGPASSWORD`. Tests say so and pass where there is none.

use postgres::{Client, Config, NoTls};

/// A schema of its own for each test, gone before it is made anew.
pub struct Schema {
    url: String,
    name: String,
    client: Client,
}

impl Schema {
    /// Makes the schema and runs statements in it.
    pub fn new(name: &str, sql: &str) -> Option<Self> {
        let Ok(url) = std::env::var("LEADMEND_TEST_POSTGRES") else {
            println!("LEADMEND_TEST_POSTGRES is not set: {name} was not tested");
            return None;
        };
        let mut config: Config = url.parse().unwrap();
        if let Ok(password) = std::env::var("PGPASSWORD") {
            config.password(password);
        }
        let mut client = config.connect(NoTls).unwrap();
        client
            .batch_execute(&format!(
                "SET client_min_messages = 'error'; DROP SCHEMA IF EXISTS {name} CASCADE; \
                 CREATE SCHEMA {name}; SET search_path = {name}; {sql}"
            ))
            .unwrap();
        Some(Self { url, name: name.into(), client })
    }

    /// The URL with these parameters; `@` stands for the schema.
    pub fn given(&self, parameters: &str) -> String {
        format!("{}?{}", self.url, parameters.replace('@', &format!("{}.", self.name)))
    }

    /// The URL of another user, database or place.
    pub fn other(&self, from: &str, to: &str, parameters: &str) -> String {
        let given = self.given(parameters);
        assert!(given.contains(from), "{given} has no {from}");
        given.replacen(from, to, 1)
    }

    /// The user and the database of the URL.
    pub fn user_and_database(&self) -> (String, String) {
        let config: Config = self.url.parse().unwrap();
        (config.get_user().unwrap().into(), config.get_dbname().unwrap().into())
    }

    /// Runs statements.
    pub fn run(&mut self, sql: &str) {
        self.client.batch_execute(sql).unwrap();
    }

    /// The rows of a query of one column, a line each.
    pub fn rows(&mut self, sql: &str) -> String {
        let rows = self.client.query(sql, &[]).unwrap();
        rows.iter().map(|row| row.get::<_, Option<String>>(0).unwrap_or_default() + "\n").collect()
    }

    /// The names of the schema's tables.
    pub fn tables(&mut self) -> String {
        let name = &self.name;
        let sql = format!(
            "SELECT table_name::text FROM information_schema.tables \
             WHERE table_schema = '{name}' ORDER BY 1"
        );
        self.rows(&sql)
    }
}
