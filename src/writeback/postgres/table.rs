//! A table of a PostgreSQL database whose rows can be named.

use super::written;
use crate::error::Result;
use crate::source::postgres::{self as reading, Session, quoted};
use crate::source::sqlite::{MERGED_INTO, is_query};
use ::postgres::types::ToSql;

/// A column.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as SQL writes it.
    pub of: String,
    /// It is computed from others.
    generated: bool,
    /// It is part of the primary key.
    in_key: bool,
}

/// A table.
#[derive(Debug)]
pub(super) struct Table {
    /// Its name as messages and the journal have it.
    pub name: String,
    /// Its name as SQL writes it.
    pub sql: String,
    /// Its schema.
    pub schema: String,
    /// Its number in the catalog.
    pub oid: u32,
    /// The columns that are read, as the records have them; the flag is none of them.
    pub columns: Vec<Column>,
    /// The column that tells rows apart.
    pub key: usize,
    /// The table has the column of the flag.
    pub flagged: bool,
}

const COLUMNS: &str = "SELECT a.attname, format_type(a.atttypid, a.atttypmod), \
    a.attgenerated <> '', EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = a.attrelid \
    AND i.indisprimary AND a.attnum = ANY (i.indkey::int2[])) \
    FROM pg_attribute a WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped \
    ORDER BY a.attnum";

/// The primary key where it is one column, else a unique column that is always filled.
const KEY: &str = "SELECT a.attname FROM pg_index i JOIN pg_attribute a \
    ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] \
    WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1 \
    AND i.indpred IS NULL AND i.indexprs IS NULL AND a.attnotnull AND a.attgenerated = '' \
    ORDER BY i.indisprimary DESC, a.attname COLLATE \"C\" LIMIT 1";

const REFERRING: &str = "SELECT DISTINCT c.conrelid, c.conrelid::regclass::text, a.attname \
    FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] \
    WHERE c.contype = 'f' AND c.confrelid = $1 ORDER BY 2, 3";

impl Table {
    /// Finds the table that was read.
    pub fn find(session: &mut Session, wanted: Option<&str>) -> Result<Self> {
        let file = session.server.name();
        if wanted.map(str::trim).is_some_and(is_query) {
            return Err(crate::writeback::no_table(&file, "SELECT", "a query"));
        }
        let found = reading::find(session, wanted)?;
        let what = match found.kind {
            'r' | 'p' => None,
            'v' => Some("a view"),
            'm' => Some("a materialized view"),
            _ => Some("a foreign table"),
        };
        if let Some(what) = what {
            return Err(crate::writeback::no_table(&file, &found.name, what));
        }
        let rows = query(session, COLUMNS, &[&found.oid])?;
        let all = rows.iter().map(|row| Column {
            name: row.get(0),
            of: row.get(1),
            generated: row.get(2),
            in_key: row.get(3),
        });
        let (flag, columns): (Vec<Column>, Vec<Column>) =
            all.partition(|column| column.name == MERGED_INTO);
        let key: Option<String> = query(session, KEY, &[&found.oid])?.first().map(|row| row.get(0));
        let key = key.and_then(|key| columns.iter().position(|column| column.name == key));
        let Some(key) = key else { return Err(crate::writeback::without_key(&file, &found.name)) };
        Ok(Self {
            name: found.name,
            sql: found.sql,
            schema: found.schema,
            oid: found.oid,
            columns,
            key,
            flagged: !flag.is_empty(),
        })
    }

    /// The name of the column that tells rows apart.
    pub fn key_name(&self) -> &str {
        &self.columns[self.key].name
    }

    /// Whether merging may change the cells of a column: not the key, nothing computed.
    pub fn is_writable(&self, column: usize) -> bool {
        let may = |column: &Column| !column.generated && !column.in_key;
        column != self.key && self.columns.get(column).is_some_and(may)
    }

    /// Notes that the column of the flag is there now.
    pub fn add_flag(&mut self) {
        self.flagged = true;
    }

    /// The columns that are stored, with their types; the flag last.
    pub fn stored(&self) -> Vec<(String, String)> {
        let stored = self.columns.iter().filter(|column| !column.generated);
        let mut stored: Vec<(String, String)> =
            stored.map(|column| (column.name.clone(), column.of.clone())).collect();
        if self.flagged {
            stored.push((MERGED_INTO.into(), "text".into()));
        }
        stored
    }

    /// A row as the journal keeps it: the text of every stored value by column.
    pub fn image(&self, alias: &str) -> String {
        let names: Vec<String> = self.stored().into_iter().map(|(name, _)| name).collect();
        image_of(&names, alias)
    }

    /// Whether a row is flagged.
    pub fn has_flagged(&self, session: &mut Session) -> Result<bool> {
        if !self.flagged {
            return Ok(false);
        }
        let sql = format!("SELECT 1 FROM {} WHERE {MERGED_INTO} IS NOT NULL LIMIT 1", self.sql);
        Ok(!query(session, &sql, &[])?.is_empty())
    }

    /// Tables with a foreign key to this one: number, name, first column of the key.
    pub fn referring(&self, session: &mut Session) -> Result<Vec<(u32, String, String)>> {
        let rows = query(session, REFERRING, &[&self.oid])?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect())
    }

    /// Whether the table has a trigger of the user's.
    pub fn has_trigger(&self, session: &mut Session) -> Result<bool> {
        let sql = "SELECT 1 FROM pg_trigger WHERE tgrelid = $1 AND NOT tgisinternal \
                   AND tgenabled <> 'D' LIMIT 1";
        Ok(!query(session, sql, &[&self.oid])?.is_empty())
    }
}

/// The text of these columns of a row, by column. Two lists and not pairs: a function takes a
/// hundred arguments at most.
pub(super) fn image_of(columns: &[String], alias: &str) -> String {
    let names: Vec<String> =
        columns.iter().map(|name| format!("'{}'", name.replace('\'', "''"))).collect();
    let values: Vec<String> =
        columns.iter().map(|name| format!("{alias}.{}::text", quoted(name))).collect();
    format!(
        "jsonb_object(ARRAY[{}]::text[], ARRAY[{}]::text[])",
        names.join(", "),
        values.join(", ")
    )
}

pub(super) fn query(
    session: &mut Session,
    sql: &str,
    values: &[&(dyn ToSql + Sync)],
) -> Result<Vec<::postgres::Row>> {
    let Session { client, server } = session;
    client.query(sql, values).map_err(|cause| written(server, &cause))
}
