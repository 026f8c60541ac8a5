//! PostgreSQL: a table, a view or the result of a query to rows.
//!
//! Read in one read-only REPEATABLE READ transaction and streamed by `COPY`: a row is put into the
//! columns and written down for the journal as it comes, and nothing else of it stays in memory.
//! Why written down: a server cannot be read again as it was, and a run must be undone from its
//! folder alone. The session's settings are fixed, so that the same rows always give the same bytes.

mod refusal;
mod rendering;
mod table;

use super::columns::ColumnsBuilder;
use super::limit::{Limits, MAX_RAW, too_large};
use super::original::Span;
use super::server::Server;
use super::{Reject, sqlite};
use crate::error::{Error, Result};
use crate::record::Column;
use ::postgres::{Client, Config, NoTls};
use rendering::{Rendering, Row};
use std::io::BufRead;
use std::time::Duration;

pub(crate) use refusal::refused;
pub(crate) use rendering::Cell;
pub(crate) use table::{find, quoted};

/// How long a server may take to answer at first.
const PATIENCE: Duration = Duration::from_secs(15);

/// What is the same in every session, whatever the server's or the user's settings are: the forms
/// values are read in, and that no limit of the user ends a long reading.
const SETTINGS: &str = "SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'; \
    SET intervalstyle = 'iso_8601'; SET extra_float_digits = 1; SET bytea_output = 'hex'; \
    SET lc_monetary = 'C'; SET standard_conforming_strings = on; SET statement_timeout = 0; \
    SET client_min_messages = 'error'";

/// An open connection.
pub(crate) struct Session {
    /// The connection.
    pub client: Client,
    /// Where to.
    pub server: Server,
}

impl Session {
    /// Connects.
    ///
    /// # Errors
    /// No server, no such database, a wrong password, each with its remedy.
    pub fn open(server: &Server) -> Result<Self> {
        let variables = |name: &str| std::env::var(name).ok();
        let password = server.password(&variables)?;
        let mut config = Config::new();
        config.user(&server.user).dbname(&server.database).port(server.port);
        match server.is_socket() {
            #[cfg(unix)]
            true => config.host_path(&server.host),
            _ => config.host(&server.host),
        };
        config.application_name("leadmend").connect_timeout(PATIENCE);
        config.keepalives_idle(Duration::from_secs(30));
        config.keepalives_interval(Duration::from_secs(10)).keepalives_retries(3);
        if let Some(password) = &password {
            config.password(password);
        }
        let connected = config.connect(NoTls);
        let mut client =
            connected.map_err(|cause| refusal::unconnected(server, &cause, password.is_some()))?;
        client.batch_execute(SETTINGS).map_err(|cause| refused(server, &cause))?;
        Ok(Self { client, server: server.clone() })
    }

    /// Begins a transaction that sees one state of the database and changes nothing.
    pub fn begin_reading(&mut self) -> Result<()> {
        self.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    }

    /// Runs statements without a result.
    pub fn run(&mut self, sql: &str) -> Result<()> {
        self.client.batch_execute(sql).map_err(|cause| refused(&self.server, &cause))
    }
}

/// What was read.
pub(crate) struct Parsed {
    /// One per column.
    pub columns: Vec<Column>,
    /// Number of each row, from 1.
    pub lines: Vec<u32>,
    /// Rows that are longer than a line may be.
    pub rejects: Vec<Reject>,
    /// The table that was read; none for a query.
    pub table: Option<String>,
    /// Rows of it that an earlier run flagged as merged into others.
    pub left_out: u64,
    /// Where each row stands in the rendering.
    pub spans: Vec<Span>,
    /// The rows as the journal keeps them.
    pub rendering: Rendering,
}

/// Reads a table, a view or a query in the transaction the session is in.
pub(crate) fn read(session: &mut Session, wanted: Option<&str>, limits: &Limits) -> Result<Parsed> {
    let selection = select(session, wanted)?;
    let file = session.server.name();
    limits.check_columns(&file, selection.columns.len())?;
    let mut builder = ColumnsBuilder::default();
    for column in &selection.columns {
        builder.add_column(&column.header);
    }
    let headers = selection.columns.iter().map(|column| column.header.as_str());
    let mut rendering = Rendering::new(headers, &file)?;
    let (mut spans, mut rejects) = (Vec::new(), Vec::new());
    let mut number = 0u32;
    each_row(session, &selection, |row| {
        number = number.checked_add(1).filter(|&n| n < u32::MAX).ok_or_else(|| too_large(&file))?;
        let line = rendering.push(row, &file)?;
        // One byte of a line is its end.
        if line.len - 1 > limits.line as u64 {
            let reason = "longer than a line may be".into();
            rejects.push(Reject { line: number, reason, raw: rendering.last(MAX_RAW) });
            return Ok(());
        }
        spans.push(line);
        for (at, cell) in row.cells().enumerate() {
            builder.put(at, cell.unwrap_or("")).ok_or_else(|| too_large(&file))?;
        }
        builder.end_record(number);
        Ok(())
    })?;
    rendering.finish(&file)?;
    let (columns, lines) = builder.finish();
    let Selection { table, left_out, .. } = selection;
    Ok(Parsed { columns, lines, rejects, table, left_out, spans, rendering })
}

/// A column of what is read.
#[derive(Debug, Clone)]
pub(crate) struct Selected {
    /// Its header: the column's name, numbered where a query has it twice.
    pub header: String,
    /// How its values become cells.
    pub cell: Cell,
}

/// What is read of a database.
#[derive(Debug, Clone)]
pub(crate) struct Selection {
    /// The statement.
    pub sql: String,
    /// Its columns.
    pub columns: Vec<Selected>,
    /// The table; none for a query.
    pub table: Option<String>,
    /// Rows of the table that the statement leaves out.
    pub left_out: u64,
}

/// The statement that reads a table or query: of a table all rows that no earlier run flagged, and
/// all columns but the flag; by primary key where there is one, else by all columns, so that the
/// same rows come in the same order.
pub(crate) fn select(session: &mut Session, wanted: Option<&str>) -> Result<Selection> {
    let wanted = wanted.map(str::trim);
    let (from, table, key) = match wanted {
        Some(query) if sqlite::is_query(query) => {
            // A comment at its end must not swallow what follows.
            (format!("({}\n)", query.trim_end_matches([';', ' ', '\n'])), None, Vec::new())
        }
        wanted => {
            let table = find(session, wanted)?;
            (table.sql.clone(), Some(table.name.clone()), table::primary_key(session, &table)?)
        }
    };
    let prepared = session.client.prepare(&format!("SELECT * FROM {from} AS q"));
    let statement = prepared.map_err(|cause| refused(&session.server, &cause))?;
    let mut headers: Vec<String> = Vec::new();
    let (mut columns, mut expressions, mut order) = (Vec::new(), Vec::new(), Vec::new());
    let mut filter = "";
    let names: Vec<&str> = statement.columns().iter().map(|column| column.name()).collect();
    let twice = |name: &str| names.iter().filter(|other| **other == name).count() > 1;
    // Columns of one name cannot be told apart by name: they get names of their own.
    let aliases: Vec<String> = (0..names.len()).map(|i| format!("c{i}")).collect();
    let renamed = names.iter().any(|name| twice(name));
    for (at, column) in statement.columns().iter().enumerate() {
        if table.is_some() && column.name() == sqlite::MERGED_INTO {
            filter = " WHERE q.leadmend_merged_into IS NULL";
            continue;
        }
        let name = quoted(if renamed { &aliases[at] } else { column.name() });
        let cell = Cell::of(column.type_());
        expressions.push(cell.expression(&format!("q.{name}")));
        if key.iter().any(|key| key == column.name()) {
            let by_bytes = if cell.is_text(column.type_()) { " COLLATE \"C\"" } else { "" };
            order
                .push((key.iter().position(|k| k == column.name()), format!("q.{name}{by_bytes}")));
        }
        let mut header = column.name().to_string();
        for number in 2.. {
            if !headers.contains(&header) {
                break;
            }
            header = format!("{}.{number}", column.name());
        }
        headers.push(header.clone());
        columns.push(Selected { header, cell });
    }
    order.sort();
    let order = match order.len() == key.len() && !key.is_empty() {
        true => order.into_iter().map(|(_, by)| by).collect::<Vec<_>>().join(", "),
        false => "q::text COLLATE \"C\"".into(),
    };
    let alias = match renamed {
        true => format!("q({})", aliases.join(", ")),
        false => "q".into(),
    };
    let sql = format!(
        "COPY (SELECT {} FROM {from} AS {alias}{filter} ORDER BY {order}) TO STDOUT",
        expressions.join(", ")
    );
    let left_out = match filter {
        "" => 0,
        _ => {
            let sql = format!("SELECT count(*) FROM {from} WHERE leadmend_merged_into IS NOT NULL");
            let row = session.client.query_one(&sql, &[]);
            let count: i64 = row.map_err(|cause| refused(&session.server, &cause))?.get(0);
            count.max(0) as u64
        }
    };
    Ok(Selection { sql, columns, table, left_out })
}

/// Streams the rows of a selection.
pub(crate) fn each_row(
    session: &mut Session,
    selection: &Selection,
    mut take: impl FnMut(&Row) -> Result<()>,
) -> Result<()> {
    let Session { client, server } = session;
    let cut = |cause: std::io::Error| refusal::cut(server, &cause);
    let mut reader = client.copy_out(&selection.sql).map_err(|cause| refused(server, &cause))?;
    let mut line = Vec::new();
    let mut row = Row::default();
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(cut)? == 0 {
            return Ok(());
        }
        if line.pop() != Some(b'\n') {
            return Err(cut(std::io::ErrorKind::UnexpectedEof.into()));
        }
        row.read(&line, &selection.columns).ok_or_else(|| Error::Format {
            file: server.name(),
            line: None,
            what: "the server sent a row of another shape than it said".into(),
            remedy: "try again".into(),
        })?;
        take(&row)?;
    }
}
