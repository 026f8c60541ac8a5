//! Which table of which file or server: `crm.db#leads`, `book.xlsx#Sheet2`,
//! `sqlite://crm.db?leads=leads`, `postgres://user@host/crm?leads=crm.leads`.
//!
//! Only names are taken apart here, nothing is opened. The URL form can name a table (or a query)
//! for leads and one for activities, because a database holds both.

use super::server::{Server, Variables, decode};
use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

/// The schemes of the URL form.
const SQLITE: &str = "sqlite://";
const POSTGRES: [&str; 2] = ["postgres://", "postgresql://"];

/// A file or a server, and what to read of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connection {
    /// The file; for a server the database's name.
    pub path: PathBuf,
    /// Table, view, sheet or query with the leads; none: the only one.
    pub leads: Option<String>,
    /// Table, view or query with the activities.
    pub activities: Option<String>,
    /// The server, where it is no file.
    pub server: Option<Server>,
}

impl Connection {
    /// Takes an input as it was given apart. A file that is there under the whole name is that
    /// file, whatever signs its name has.
    ///
    /// ```
    /// use leadmend::source::connection::Connection;
    /// let given = Connection::parse("sqlite://crm.db?leads=people&activities=events".as_ref())?;
    /// assert_eq!(given.path.to_str(), Some("crm.db"));
    /// assert_eq!(given.leads.as_deref(), Some("people"));
    /// assert_eq!(Connection::parse("crm.db#people".as_ref())?.leads.as_deref(), Some("people"));
    /// let server = Connection::parse("postgres://ana@db.example/crm?leads=crm.leads".as_ref())?;
    /// assert_eq!(server.server.map(|server| server.host).as_deref(), Some("db.example"));
    /// # Ok::<(), leadmend::error::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Usage`] for a URL that says something else than `leads` and `activities`, or that
    /// holds a password.
    pub fn parse(given: &Path) -> Result<Self> {
        Self::parse_with(given, &|name| std::env::var(name).ok())
    }

    fn parse_with(given: &Path, variables: Variables) -> Result<Self> {
        let whole = || Self { path: given.to_path_buf(), ..Self::default() };
        let Some(text) = given.to_str() else { return Ok(whole()) };
        if let Some(url) = text.strip_prefix(SQLITE) {
            return Self::parse_sqlite(url);
        }
        if let Some(url) = POSTGRES.iter().find_map(|scheme| text.strip_prefix(scheme)) {
            return Self::parse_postgres(url, variables);
        }
        match text.rsplit_once('#') {
            Some((path, table)) if !path.is_empty() && !given.exists() => {
                let leads = Some(table.to_string()).filter(|table| !table.is_empty());
                let path = PathBuf::from(path);
                Ok(Self { path, activities: leads.clone(), leads, server: None })
            }
            _ => Ok(whole()),
        }
    }

    /// True for the URL form of a database.
    pub fn is_url(given: &Path) -> bool {
        let mut schemes = POSTGRES.iter().chain([&SQLITE]);
        given.to_str().is_some_and(|text| schemes.any(|scheme| text.starts_with(scheme)))
    }

    fn parse_sqlite(url: &str) -> Result<Self> {
        let remedy = "write sqlite://FILE?leads=TABLE&activities=TABLE; the file's name alone is \
                      enough when it holds one table";
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let mut connection = Self { path: PathBuf::from(decode(path)), ..Self::default() };
        if path.is_empty() {
            return Err(Error::usage("sqlite:// names no file", remedy));
        }
        for (key, value) in parameters(query) {
            if !connection.set(key, &value, "sqlite://", remedy)? {
                let what = format!("sqlite:// knows leads and activities, not {key:?}");
                return Err(Error::usage(what, remedy));
            }
        }
        Ok(connection)
    }

    fn parse_postgres(url: &str, variables: Variables) -> Result<Self> {
        let remedy = "write postgres://USER@HOST:PORT/DATABASE?leads=TABLE&activities=TABLE, and \
                      password-file=FILE or passfile=FILE where the password is in a file";
        let (place, query) = url.split_once('?').unwrap_or((url, ""));
        let mut server = Server::parse(place, variables)?;
        let mut connection = Self::default();
        for (key, value) in parameters(query) {
            if !connection.set(key, &value, "postgres://", remedy)? && !server.set(key, &value)? {
                let what = format!("postgres:// knows no {key:?}");
                return Err(Error::usage(what, remedy));
            }
        }
        connection.path = PathBuf::from(server.name());
        connection.server = Some(server);
        Ok(connection)
    }

    /// Notes the table for leads or activities; false for another parameter.
    fn set(&mut self, key: &str, value: &str, scheme: &str, remedy: &str) -> Result<bool> {
        let place = match key {
            "leads" | "table" => &mut self.leads,
            "activities" => &mut self.activities,
            _ => return Ok(false),
        };
        if value.is_empty() || place.is_some() {
            let what = format!("{scheme} names no table or two for {key}");
            return Err(Error::usage(what, remedy));
        }
        *place = Some(value.to_string());
        Ok(true)
    }
}

/// The parameters behind the question mark.
fn parameters(query: &str) -> impl Iterator<Item = (&str, String)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (key, decode(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(given: &str) -> Option<(String, Option<String>, Option<String>)> {
        let c = Connection::parse(Path::new(given)).ok()?;
        Some((c.path.to_string_lossy().into_owned(), c.leads, c.activities))
    }

    #[test]
    fn files_tables_and_urls() {
        let some = |s: &str| Some(s.to_string());
        let cases = [
            ("leads.csv", some("leads.csv"), None, None, "a file"),
            ("in/crm.db#leads", some("in/crm.db"), some("leads"), some("leads"), "a table"),
            ("b.xlsx#May #2", some("b.xlsx#May "), some("2"), some("2"), "the last sign"),
            ("crm.db#", some("crm.db"), None, None, "no table"),
            ("#1", some("#1"), None, None, "no file before it"),
            ("sqlite://crm.db", some("crm.db"), None, None, "a database"),
            (
                "sqlite:///srv/c%20m.db?leads=a%26b",
                some("/srv/c m.db"),
                some("a&b"),
                None,
                "escapes",
            ),
            (
                "sqlite://c.db?leads=SELECT * FROM p WHERE x=1&activities=e",
                some("c.db"),
                some("SELECT * FROM p WHERE x=1"),
                some("e"),
                "a query",
            ),
        ];
        for (given, path, leads, activities, why) in cases {
            assert_eq!(parsed(given), path.map(|p| (p, leads, activities)), "{why}");
        }
        for given in
            ["sqlite://", "sqlite://a?lead=b", "sqlite://a?leads=", "sqlite://a?leads=b&leads=c"]
        {
            assert_eq!(Connection::parse(given.as_ref()).unwrap_err().exit_code(), 2, "{given}");
        }
    }

    #[test]
    fn a_server_has_tables_and_files_of_passwords() {
        let given = "postgresql://ana@h:7/crm?leads=crm.leads&activities=SELECT%201&passfile=p";
        let parsed = Connection::parse(given.as_ref()).unwrap();
        assert_eq!(parsed.path, Path::new("crm"));
        assert_eq!(parsed.leads.as_deref(), Some("crm.leads"));
        assert_eq!(parsed.activities.as_deref(), Some("SELECT 1"));
        let server = parsed.server.unwrap();
        assert_eq!((server.port, server.passfile), (7, Some("p".into())));
        assert!(Connection::is_url(given.as_ref()) && !Connection::is_url("a.csv".as_ref()));
        for given in ["postgres://h/crm?lead=x", "postgres://a:b@h/crm", "postgres://h:x/crm"] {
            assert_eq!(Connection::parse(given.as_ref()).unwrap_err().exit_code(), 2, "{given}");
        }
    }

    #[test]
    fn a_file_that_is_there_is_that_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("team #1.csv");
        std::fs::write(&path, "id\n1\n").unwrap();
        assert_eq!(Connection::parse(&path).unwrap(), Connection { path, ..Default::default() });
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "(sqlite://|postgres://)?[a%#?&=é0-9]{0,20}") {
            let _ = Connection::parse(Path::new(&text));
        }
    }
}
