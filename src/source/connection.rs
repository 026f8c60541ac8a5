//! Which table of which file: `crm.db#leads`, `book.xlsx#Sheet2`, `sqlite://crm.db?leads=leads`.
//!
//! Only names are taken apart here, nothing is opened. The URL form can name a table (or a query)
//! for leads and one for activities, because a database holds both.

use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

/// The scheme of the URL form.
const SCHEME: &str = "sqlite://";

/// A file, and what to read of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connection {
    /// The file.
    pub path: PathBuf,
    /// Table, view, sheet or query with the leads; none: the only one.
    pub leads: Option<String>,
    /// Table, view or query with the activities.
    pub activities: Option<String>,
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
    /// # Ok::<(), leadmend::error::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Usage`] for a URL that says something else than `leads` and `activities`.
    pub fn parse(given: &Path) -> Result<Self> {
        let whole = || Self { path: given.to_path_buf(), ..Self::default() };
        let Some(text) = given.to_str() else { return Ok(whole()) };
        if let Some(url) = text.strip_prefix(SCHEME) {
            return Self::parse_url(url);
        }
        match text.rsplit_once('#') {
            Some((path, table)) if !path.is_empty() && !given.exists() => {
                let leads = Some(table.to_string()).filter(|table| !table.is_empty());
                Ok(Self { path: PathBuf::from(path), activities: leads.clone(), leads })
            }
            _ => Ok(whole()),
        }
    }

    /// True for the URL form of a database.
    pub fn is_url(given: &Path) -> bool {
        given.to_str().is_some_and(|text| text.starts_with(SCHEME))
    }

    fn parse_url(url: &str) -> Result<Self> {
        let remedy = "write sqlite://FILE?leads=TABLE&activities=TABLE; the file's name alone is \
                      enough when it holds one table";
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let mut connection = Self { path: PathBuf::from(decode(path)), ..Self::default() };
        if path.is_empty() {
            return Err(Error::usage("sqlite:// names no file", remedy));
        }
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let place = match key {
                "leads" | "table" => &mut connection.leads,
                "activities" => &mut connection.activities,
                _ => {
                    let what = format!("sqlite:// knows leads and activities, not {key:?}");
                    return Err(Error::usage(what, remedy));
                }
            };
            if value.is_empty() || place.is_some() {
                let what = format!("sqlite:// names no table or two for {key}");
                return Err(Error::usage(what, remedy));
            }
            *place = Some(decode(value));
        }
        Ok(connection)
    }
}

/// Percent signs of a URL; what is no escape stays, since file names may hold anything.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digit = |i: usize| bytes.get(i).and_then(|&b| char::from(b).to_digit(16));
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|_| text.to_string())
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
    fn a_file_that_is_there_is_that_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("team #1.csv");
        std::fs::write(&path, "id\n1\n").unwrap();
        assert_eq!(Connection::parse(&path).unwrap(), Connection { path, ..Default::default() });
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "(sqlite://)?[a%#?&=é0-9]{0,20}") {
            let _ = Connection::parse(Path::new(&text));
        }
    }
}
