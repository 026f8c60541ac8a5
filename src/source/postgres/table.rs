//! Which table of a PostgreSQL database is meant.

use super::{Session, refused};
use crate::error::{Error, Result};
use crate::source::sqlite::OURS;

/// A table, a view or the like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// `schema.table`, or the table's name alone where it is found without its schema.
    pub name: String,
    /// Its name as SQL writes it.
    pub sql: String,
    /// Its schema.
    pub schema: String,
    /// Its number in the catalog.
    pub oid: u32,
    /// PostgreSQL's letter for what it is: `r` table, `p` partitioned, `v` view, ...
    pub kind: char,
}

/// A name as SQL writes it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A table that another program drops meanwhile is seen by nobody: the catalog says NULL then.
const LIST: &str = "SELECT c.oid, n.nspname, c.relname, c.relkind, \
    coalesce(pg_table_is_visible(c.oid), false) \
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition \
    AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' \
    ORDER BY n.nspname COLLATE \"C\", c.relname COLLATE \"C\"";

/// The table that is meant: named, with or without its schema, or the only one.
pub(crate) fn find(session: &mut Session, wanted: Option<&str>) -> Result<Found> {
    let rows = session.client.query(LIST, &[]);
    let rows = rows.map_err(|cause| refused(&session.server, &cause))?;
    let all: Vec<(Found, String, bool)> = rows
        .iter()
        .map(|row| {
            let (schema, table): (String, String) = (row.get(1), row.get(2));
            let visible: bool = row.get(4);
            let name = if visible { table.clone() } else { format!("{schema}.{table}") };
            let sql = format!("{}.{}", quoted(&schema), quoted(&table));
            let kind = char::from(row.get::<_, i8>(3) as u8);
            (Found { name, sql, schema, oid: row.get(0), kind }, table, visible)
        })
        .collect();
    choose(&session.server.name(), all, wanted)
}

fn choose(database: &str, all: Vec<(Found, String, bool)>, wanted: Option<&str>) -> Result<Found> {
    let mut usual: Vec<&(Found, String, bool)> =
        all.iter().filter(|(_, table, _)| !table.starts_with(OURS)).collect();
    // Where the schema is right, its tables are what was meant.
    let schema = wanted.and_then(|wanted| wanted.split_once('.')).map(|(schema, _)| schema);
    let of_schema = |found: &Found| Some(found.schema.as_str()) == schema;
    if usual.iter().any(|(found, ..)| of_schema(found)) {
        usual.retain(|(found, ..)| of_schema(found));
    }
    let remedy = match usual.first() {
        None => "check the database's name, and that this user may see its tables".to_string(),
        Some((first, ..)) => {
            format!("name one of {} as leads={}", list(&usual), first.name)
        }
    };
    let Some(wanted) = wanted else {
        let mut tables = usual.iter().filter(|(found, ..)| found.kind != 'v');
        return match (tables.next(), tables.next()) {
            (Some((only, ..)), None) => Ok(only.clone()),
            _ => {
                let what = format!("{database} holds {} tables and views", usual.len());
                Err(Error::usage(what, remedy))
            }
        };
    };
    let plain = wanted.replace('"', "");
    let full = |found: &Found, table: &str| format!("{}.{table}", found.schema);
    let same = |a: &str, b: &str, exact: bool| match exact {
        true => a == b,
        false => a.eq_ignore_ascii_case(b),
    };
    for exact in [true, false] {
        let by_full = all.iter().find(|(found, table, _)| same(&full(found, table), &plain, exact));
        let seen = || all.iter().find(|(_, table, visible)| *visible && same(table, &plain, exact));
        if let Some((found, ..)) = by_full.or_else(seen) {
            return Ok(found.clone());
        }
        let hidden: Vec<&(Found, String, bool)> =
            all.iter().filter(|(_, table, _)| same(table, &plain, exact)).collect();
        match hidden.as_slice() {
            [] => {}
            [(found, ..)] => return Ok(found.clone()),
            several => {
                let what = format!("{database}: several schemas have a table {plain:?}");
                let remedy = format!("name one of {}", list(several));
                return Err(Error::usage(what, remedy));
            }
        }
    }
    Err(Error::usage(format!("{database}: there is no table {plain:?}"), remedy))
}

/// Names for a message; a database can have thousands.
fn list(tables: &[&(Found, String, bool)]) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<&str> =
        tables.iter().take(SHOWN).map(|(found, ..)| found.name.as_str()).collect();
    let more = if tables.len() > SHOWN { ", ..." } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// The columns of the primary key, in its order; none where there is none.
pub(super) fn primary_key(session: &mut Session, table: &Found) -> Result<Vec<String>> {
    let sql = "SELECT a.attname FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k(number, at) \
               JOIN pg_attribute a ON a.attnum = k.number \
               WHERE i.indrelid = $1 AND i.indisprimary AND a.attrelid = i.indrelid ORDER BY k.at";
    let rows = session.client.query(sql, &[&table.oid]);
    let rows = rows.map_err(|cause| refused(&session.server, &cause))?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(names: &[(&str, &str, char, bool)]) -> Vec<(Found, String, bool)> {
        let table = |&(schema, table, kind, visible): &(&str, &str, char, bool)| {
            let name = if visible { table.into() } else { format!("{schema}.{table}") };
            let (schema, sql) = (schema.to_string(), format!("{schema}.{table}"));
            (Found { name, sql, schema, oid: 1, kind }, table.to_string(), visible)
        };
        names.iter().map(table).collect()
    }

    #[test]
    fn tables_by_name_with_and_without_schema() {
        let all = tables(&[
            ("crm", "leads", 'r', false),
            ("crm", "events", 'r', false),
            ("public", "Leads", 'r', true),
            ("sales", "events", 'v', false),
            ("public", "leadmend_journal", 'r', true),
        ]);
        let found = |wanted| choose("crm", all.clone(), wanted).map(|found| found.sql);
        assert_eq!(found(Some("crm.leads")).unwrap(), "crm.leads");
        assert_eq!(found(Some("CRM.LEADS")).unwrap(), "crm.leads");
        assert_eq!(found(Some("Leads")).unwrap(), "public.Leads", "as it is written");
        assert_eq!(found(Some("\"Leads\"")).unwrap(), "public.Leads");
        assert_eq!(found(Some("leads")).unwrap(), "crm.leads", "as written before any case");
        let several = found(Some("events")).unwrap_err();
        assert!(several.to_string().contains("crm.events, sales.events"), "{several}");
        let gone = found(Some("people")).unwrap_err();
        assert_eq!(gone.exit_code(), 2);
        assert!(gone.to_string().contains("Leads, sales.events"), "{gone}");
        let near = found(Some("sales.people")).unwrap_err().to_string();
        assert!(near.contains("name one of sales.events as"), "{near}");
        assert!(found(None).unwrap_err().to_string().contains("holds 4 tables"));
        let one = tables(&[("public", "people", 'r', true), ("public", "leadmend_x", 'r', true)]);
        assert_eq!(choose("crm", one, None).unwrap().name, "people");
    }
}
