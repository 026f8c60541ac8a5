//! What a PostgreSQL server refuses, as sentences with a remedy.
//!
//! The server's own words are repeated only where they name tables and columns (SQLSTATE classes
//! for names, rights and connections): others quote values, and values belong to people.

use crate::error::Error;
use crate::source::server::Server;
use ::postgres::error::{DbError, SqlState};

/// A connection that was not made.
pub(super) fn unconnected(
    server: &Server,
    cause: &::postgres::Error,
    with_password: bool,
) -> Error {
    let Some(said) = cause.as_db_error() else {
        // Only the cause of the error says so.
        let asked = std::error::Error::source(cause)
            .is_some_and(|inner| inner.to_string().contains("password missing"));
        let (what, remedy) = match asked || cause.to_string().contains("password missing") {
            true => (
                format!("the server asks for the password of user {:?}", server.user),
                HOW_PASSWORDS,
            ),
            false => (
                format!("no PostgreSQL server answers at {}", server.place()),
                "check host and port, that the server runs, and that this machine may reach it",
            ),
        };
        return refusal(server, what, remedy);
    };
    let code = said.code();
    if *code == SqlState::INVALID_PASSWORD || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION
    {
        let user = &server.user;
        let what = match with_password {
            true => format!("the server does not accept user {user:?} with this password"),
            false => format!("the server does not accept user {user:?} without a password"),
        };
        return refusal(server, what, HOW_PASSWORDS);
    }
    if *code == SqlState::INVALID_CATALOG_NAME {
        let what = format!("there is no database {:?} at {}", server.database, server.place());
        return refusal(server, what, "check its name; psql -l lists the databases");
    }
    of_server(server, said)
}

const HOW_PASSWORDS: &str = "set PGPASSWORD, keep the password in ~/.pgpass, or add \
    password-file=FILE to the URL; check the user's name as well";

/// Something the server refused, or a connection that broke.
pub(crate) fn refused(server: &Server, cause: &::postgres::Error) -> Error {
    match cause.as_db_error() {
        Some(said) => of_server(server, said),
        None => broken(server),
    }
}

/// A stream of rows that ended early.
pub(super) fn cut(server: &Server, cause: &std::io::Error) -> Error {
    let inner = cause.get_ref().and_then(|inner| inner.downcast_ref::<::postgres::Error>());
    inner.map_or_else(|| broken(server), |cause| refused(server, cause))
}

fn broken(server: &Server) -> Error {
    refusal(
        server,
        format!("the connection to {} was cut half way", server.place()),
        "check the server and the network, and run again; nothing was changed",
    )
}

fn of_server(server: &Server, said: &DbError) -> Error {
    let code = said.code().code();
    let own = said.message();
    let (what, remedy) = match (code, &code[..2.min(code.len())]) {
        ("42501", _) => (
            format!("user {:?} lacks a right ({own})", server.user),
            "grant it (GRANT SELECT ON TABLE to read; also USAGE on its schema), or use a user who \
             has it",
        ),
        ("42P01" | "42703" | "42601" | "42883" | "42804" | "42809" | "0A000" | "42P10", _) => (
            format!("the table or query cannot be read ({own})"),
            "check the names, and the query in psql",
        ),
        ("25006", _) => ("the query does more than read".into(), "give a plain SELECT"),
        ("55P03" | "40P01" | "40001", _) => (
            "another program is working on the tables".into(),
            "wait until it is done, then try again; nothing was changed",
        ),
        ("53100" | "53200" | "53400", _) => (
            format!("the server has no room left ({own})"),
            "free disk space or memory on the server; nothing was changed",
        ),
        ("53300", _) => (
            "the server takes no more connections".into(),
            "try again later, or raise its max_connections",
        ),
        ("57P01" | "57P02" | "57P05", _) => return broken(server),
        ("57P03", _) => ("the server is starting or stopping".into(), "try again in a moment"),
        ("57014", _) => ("the server canceled the statement".into(), "try again"),
        (_, "28") => (
            format!("the server does not accept user {:?} (SQLSTATE {code})", server.user),
            HOW_PASSWORDS,
        ),
        _ => (
            format!("the server refused the work (SQLSTATE {code})"),
            "look the code up in PostgreSQL's list of error codes; the server's log says more",
        ),
    };
    refusal(server, what, remedy)
}

fn refusal(server: &Server, what: String, remedy: &str) -> Error {
    Error::Format { file: server.name(), line: None, what, remedy: remedy.into() }
}
