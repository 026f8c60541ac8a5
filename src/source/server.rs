//! A PostgreSQL database as a URL names it, and where its password is found.
//!
//! Taken apart by [`super::connection`], opened by `postgres`. The password is not kept here: it is
//! looked up when a connection is made and goes nowhere else, so that nothing that is printed or
//! written down can hold it. That is also why a URL with a password in it is refused: command lines
//! are seen by everybody on the machine.

// Without PostgreSQL a server is only named, to say that it is not read.
#![cfg_attr(not(feature = "postgres"), allow(dead_code))]

use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

/// A variable of the surroundings.
pub(crate) type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A database on a server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Server {
    /// Host name or address, or the folder of a Unix socket.
    pub host: String,
    /// Port.
    pub port: u16,
    /// User.
    pub user: String,
    /// Database.
    pub database: String,
    /// File whose first line is the password (`password-file=FILE`).
    pub password_file: Option<PathBuf>,
    /// Password file in the format of PostgreSQL's own programs, instead of `~/.pgpass`
    /// (`passfile=FILE`).
    pub passfile: Option<PathBuf>,
}

/// Where Debian's and most other packages put the socket.
const SOCKET_FOLDER: &str = "/var/run/postgresql";
const PORT: u16 = 5432;
const REMEDY: &str = "write postgres://USER@HOST:PORT/DATABASE?leads=TABLE&activities=TABLE";

impl Server {
    /// Takes the part between `postgres://` and `?` apart; what it leaves open comes from the
    /// variables that PostgreSQL's own programs read.
    pub(crate) fn parse(text: &str, variables: Variables) -> Result<Self> {
        let (place, database) = text.split_once('/').unwrap_or((text, ""));
        let (user, host) = place.rsplit_once('@').unwrap_or(("", place));
        if user.contains(':') {
            return Err(Error::usage(
                "the URL holds a password, which other users of this machine can see",
                "take it out, and set PGPASSWORD, keep it in ~/.pgpass, or add password-file=FILE",
            ));
        }
        let (host, port) = split_port(host)?;
        let or_variable = |given: &str, name: &str| {
            Some(decode(given)).filter(|text| !text.is_empty()).or_else(|| variables(name))
        };
        let user = or_variable(user, "PGUSER").or_else(|| variables("USER"));
        let user = user.unwrap_or_else(|| "postgres".into());
        let host = or_variable(&host, "PGHOST").unwrap_or_else(default_host);
        let port = match port {
            Some(port) => port,
            None => variables("PGPORT").and_then(|port| port.parse().ok()).unwrap_or(PORT),
        };
        let database = or_variable(database, "PGDATABASE").unwrap_or_else(|| user.clone());
        Ok(Self { host, port, user, database, ..Self::default() })
    }

    /// Sets what a parameter of the URL says about the connection; false for an unknown one.
    pub(crate) fn set(&mut self, key: &str, value: &str) -> Result<bool> {
        match key {
            "host" => self.host = value.into(),
            "port" => {
                self.port =
                    value.parse().map_err(|_| Error::usage("the port is no number", REMEDY))?;
            }
            "user" => self.user = value.into(),
            "dbname" => self.database = value.into(),
            "password-file" => self.password_file = Some(value.into()),
            "passfile" => self.passfile = Some(value.into()),
            "password" => {
                return Err(Error::usage(
                    "the URL holds a password, which other users of this machine can see",
                    "take it out, and set PGPASSWORD, keep it in ~/.pgpass, or add \
                     password-file=FILE",
                ));
            }
            "sslmode" if matches!(value, "disable" | "allow" | "prefer") => {}
            "sslmode" => {
                return Err(Error::usage(
                    "this build speaks to PostgreSQL without TLS",
                    "use a Unix socket, a local network, or a tunnel (ssh -L 5433:localhost:5432 \
                     HOST, then postgres://USER@localhost:5433/DATABASE)",
                ));
            }
            "application_name" | "connect_timeout" | "options" => {}
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What the database is called in messages and files: never the host, the user or a password.
    pub fn name(&self) -> String {
        let plain = |c: char| if c.is_control() || "/\\:".contains(c) { '_' } else { c };
        let name: String = self.database.chars().map(plain).collect();
        let name = name.trim_start_matches('.');
        if name.is_empty() { "database".into() } else { name.into() }
    }

    /// Whether the host is the folder of a Unix socket.
    pub fn is_socket(&self) -> bool {
        self.host.starts_with('/')
    }

    /// Where it is, for a message.
    pub(crate) fn place(&self) -> String {
        match self.is_socket() {
            true => format!("the socket {}/.s.PGSQL.{}", self.host, self.port),
            false => format!("{} port {}", self.host, self.port),
        }
    }

    /// The password, where one is found: the file the URL names, `PGPASSWORD`, the password file.
    ///
    /// # Errors
    /// A file that is named and cannot be read, or that others may read.
    pub(crate) fn password(&self, variables: Variables) -> Result<Option<String>> {
        if let Some(path) = &self.password_file {
            let text = read_private(path)?;
            return Ok(text.lines().next().map(|line| line.trim_end_matches('\r').to_string()));
        }
        if let Some(password) = variables("PGPASSWORD").filter(|text| !text.is_empty()) {
            return Ok(Some(password));
        }
        let named = self.passfile.clone().or_else(|| variables("PGPASSFILE").map(PathBuf::from));
        let path = match named {
            Some(path) => path,
            None => match variables("HOME").map(|home| PathBuf::from(home).join(".pgpass")) {
                Some(path) if path.is_file() => path,
                _ => return Ok(None),
            },
        };
        let text = read_private(&path)?;
        Ok(text.lines().find_map(|line| self.fits(line)))
    }

    /// The password of a line `host:port:database:user:password` that fits.
    fn fits(&self, line: &str) -> Option<String> {
        if line.starts_with('#') {
            return None;
        }
        let fields = split_line(line);
        let [host, port, database, user, password] = fields.as_slice() else { return None };
        let is = |field: &String, value: &str| field == "*" || field == value;
        let of_host =
            is(host, &self.host) || self.host == SOCKET_FOLDER && host.as_str() == "localhost";
        let all = of_host
            && is(port, &self.port.to_string())
            && is(database, &self.database)
            && is(user, &self.user);
        all.then(|| password.clone())
    }
}

/// A host and its port; an IPv6 address stands in brackets.
fn split_port(text: &str) -> Result<(String, Option<u16>)> {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':').unwrap_or("")),
        None => text.rsplit_once(':').unwrap_or((text, "")),
    };
    if port.is_empty() {
        return Ok((host.into(), None));
    }
    let port = port.parse().map_err(|_| Error::usage("the port is no number", REMEDY))?;
    Ok((host.into(), Some(port)))
}

fn default_host() -> String {
    let folder = Path::new(SOCKET_FOLDER);
    if folder.is_dir() { SOCKET_FOLDER.into() } else { "localhost".into() }
}

/// The fields of a line of a password file; `\` makes the next character plain.
fn split_line(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        let last = fields.len() - 1;
        match c {
            '\\' => fields[last].extend(chars.next()),
            ':' if fields.len() < 5 => fields.push(String::new()),
            _ => fields[last].push(c),
        }
    }
    fields
}

/// Reads a file with a password, which nobody else may read.
fn read_private(path: &Path) -> Result<String> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let about = std::fs::metadata(path);
        if about.is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o077 != 0) {
            return Err(Error::usage(
                format!("{name}: others may read this file of passwords"),
                "take their rights away: chmod 600",
            ));
        }
    }
    std::fs::read_to_string(path).map_err(|cause| Error::Read { file: name, cause })
}

/// Percent signs of a URL; what is no escape stays, since file names may hold anything.
pub(crate) fn decode(text: &str) -> String {
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

    const NONE: Variables<'static> = &|_| None;

    fn parsed(text: &str) -> (String, u16, String, String) {
        let server = Server::parse(text, NONE).unwrap();
        (server.host, server.port, server.user, server.database)
    }

    #[test]
    fn places_by_host_address_and_socket() {
        let cases = [
            ("ana@db.example:5433/crm", ("db.example", 5433, "ana", "crm"), "all of it"),
            ("ana@db.example/crm", ("db.example", 5432, "ana", "crm"), "the usual port"),
            ("ana@[::1]:7/crm", ("::1", 7, "ana", "crm"), "an IPv6 address"),
            ("ana@%2Ftmp%2Fpg:7/c%20m", ("/tmp/pg", 7, "ana", "c m"), "a socket"),
            ("a%40b@h/", ("h", 5432, "a@b", "a@b"), "the database is called like the user"),
        ];
        for (text, (host, port, user, database), why) in cases {
            assert_eq!(parsed(text), (host.into(), port, user.into(), database.into()), "{why}");
        }
        let variables = |name: &str| match name {
            "PGHOST" => Some("far".to_string()),
            "PGPORT" => Some("99".to_string()),
            "PGUSER" => Some("eva".to_string()),
            "PGDATABASE" => Some("sales".to_string()),
            _ => None,
        };
        let server = Server::parse("", &variables).unwrap();
        assert_eq!((server.host.as_str(), server.port), ("far", 99));
        assert_eq!((server.user.as_str(), server.database.as_str()), ("eva", "sales"));
    }

    #[test]
    fn a_password_in_the_url_is_refused_and_not_repeated() {
        let error = Server::parse("ana:tops3cret@host/crm", NONE).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("PGPASSWORD") && !error.to_string().contains("tops3"));
        let error = Server::default().set("password", "tops3cret").unwrap_err().to_string();
        assert!(!error.contains("tops3cret"), "{error}");
        assert!(Server::default().set("sslmode", "require").is_err());
        assert!(!Server::default().set("lead", "x").unwrap());
    }

    #[cfg(unix)]
    #[test]
    fn passwords_come_from_the_named_file_the_variable_and_the_password_file() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let (plain, table) = (dir.path().join("pw"), dir.path().join("pgpass"));
        std::fs::write(&plain, "one\r\ntwo\n").unwrap();
        let lines = "# x\nother:*:*:*:no\nh:5432:crm:ana:a\\:b\\\\c\n*:*:*:*:any\n";
        std::fs::write(&table, lines).unwrap();
        for path in [&plain, &table] {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        let server = Server::parse("ana@h/crm", NONE).unwrap();
        let passfile = |name: &str| (name == "PGPASSFILE").then(|| table.display().to_string());
        assert_eq!(server.password(&passfile).unwrap().as_deref(), Some("a:b\\c"));
        let other = Server::parse("eva@h/crm", NONE).unwrap();
        assert_eq!(other.password(&passfile).unwrap().as_deref(), Some("any"));
        let both = |name: &str| match name {
            "PGPASSWORD" => Some("env".to_string()),
            other => passfile(other),
        };
        assert_eq!(server.password(&both).unwrap().as_deref(), Some("env"));
        let named = Server { password_file: Some(plain.clone()), ..server.clone() };
        assert_eq!(named.password(&both).unwrap().as_deref(), Some("one"));
        assert_eq!(server.password(NONE).unwrap(), None);
        std::fs::set_permissions(&plain, std::fs::Permissions::from_mode(0o644)).unwrap();
        let error = named.password(NONE).unwrap_err();
        assert!(error.to_string().contains("chmod 600"), "{error}");
        let gone = Server { password_file: Some("/nowhere/pw".into()), ..server };
        assert_eq!(gone.password(NONE).unwrap_err().exit_code(), 3);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "[a%@:/\\[\\]?.0-9é]{0,24}") {
            let _ = Server::parse(&text, NONE).map(|server| (server.name(), server.place()));
            let _ = split_line(&text);
        }
    }
}
