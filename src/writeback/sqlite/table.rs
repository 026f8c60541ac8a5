//! A table of a SQLite database whose rows can be named, read and changed one by one.

use crate::error::Result;
use crate::source::sqlite::{self, MERGED_INTO, is_query, push_text, quoted};
use crate::writeback::image::{Image, Stored};
use rusqlite::types::Value;
use rusqlite::{Connection as Database, OptionalExtension, params_from_iter};
use rustc_hash::{FxHashMap, FxHashSet};

/// A table.
#[derive(Debug)]
pub(super) struct Table {
    /// Its name as it is stored.
    pub name: String,
    /// The columns that are read, as the records have them; the flag is none of them.
    pub columns: Vec<String>,
    /// Per column: it is stored, and not computed.
    stored: Vec<bool>,
    /// Per column: it is part of the primary key.
    in_key: Vec<bool>,
    /// The column that tells rows apart.
    pub key: usize,
    /// The table has the column of the flag.
    pub flagged: bool,
    /// A name of the row number that no column has; none where a column shows it anyway.
    rowid: Option<&'static str>,
}

/// What SQLite says of a column.
struct Info {
    name: String,
    /// Place in the primary key, from 1; 0 for none.
    pk: i64,
    not_null: bool,
    /// 2 and 3 are computed columns.
    hidden: i64,
    is_integer: bool,
}

impl Table {
    /// Finds the table that was read.
    pub fn find(database: &Database, file: &str, wanted: Option<&str>) -> Result<Self> {
        let refused = |cause: rusqlite::Error| super::refused(file, &cause);
        let name = match wanted.map(str::trim) {
            Some(query) if is_query(query) => {
                return Err(crate::writeback::no_table(file, "SELECT", "a query"));
            }
            wanted => sqlite::choose(database, file, wanted)?,
        };
        let sql = "SELECT type, wr FROM pragma_table_list(?1) WHERE schema = 'main'";
        let about: Option<(String, bool)> = database
            .query_row(sql, [&name], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .map_err(refused)?;
        let without_rowid = match about {
            Some((kind, wr)) if kind == "table" => wr,
            Some((kind, _)) => {
                return Err(crate::writeback::no_table(file, &name, &format!("a {kind}")));
            }
            None => return Err(crate::writeback::no_table(file, &name, "not in this database")),
        };
        let all = columns(database, &name).map_err(refused)?;
        let key = key_of(database, &name, &all).map_err(refused)?;
        let Some(key) = key else { return Err(crate::writeback::without_key(file, &name)) };
        let is_flag = |info: &Info| info.name.eq_ignore_ascii_case(MERGED_INTO);
        let flagged = all.iter().any(is_flag);
        let shown: Vec<&Info> =
            all.iter().filter(|info| info.hidden != 1 && !is_flag(info)).collect();
        let Some(key) = shown.iter().position(|info| info.name == key) else {
            return Err(crate::writeback::without_key(file, &name));
        };
        let is_rowid = all.iter().filter(|info| info.pk > 0).count() == 1 && shown[key].is_integer;
        let taken = |alias: &&&str| all.iter().any(|info| info.name.eq_ignore_ascii_case(alias));
        let mut aliases = ["rowid", "oid", "_rowid_"].iter().filter(|alias| !taken(alias));
        let rowid = aliases.next().copied().filter(|_| !without_rowid && !is_rowid);
        Ok(Self {
            key,
            flagged,
            rowid,
            stored: shown.iter().map(|info| info.hidden == 0).collect(),
            in_key: shown.iter().map(|info| info.pk > 0).collect(),
            columns: shown.iter().map(|info| info.name.clone()).collect(),
            name,
        })
    }

    /// The name of the column that tells rows apart.
    pub fn key_name(&self) -> &str {
        &self.columns[self.key]
    }

    /// Whether merging may change the cells of a column: not the key, nothing computed.
    pub fn is_writable(&self, column: usize) -> bool {
        let is = |flags: &[bool]| flags.get(column).copied().unwrap_or(false);
        column != self.key && is(&self.stored) && !is(&self.in_key)
    }

    /// Notes that the column of the flag is there now.
    pub fn add_flag(&mut self) {
        self.flagged = true;
    }

    /// The columns of an image: all that are stored.
    fn kept(&self) -> impl Iterator<Item = &str> {
        let stored = self.columns.iter().zip(&self.stored).filter(|(_, stored)| **stored);
        let flag = self.flagged.then_some(MERGED_INTO);
        stored.map(|(name, _)| name.as_str()).chain(flag)
    }

    fn select(&self) -> String {
        let rowid = self.rowid.unwrap_or("NULL");
        let columns: Vec<String> = self.kept().map(quoted).collect();
        format!("SELECT {rowid}, {} FROM {}", columns.join(", "), quoted(&self.name))
    }

    fn read(&self, row: &rusqlite::Row) -> rusqlite::Result<Image> {
        let mut image = Image { rowid: row.get(0)?, ..Image::default() };
        for (at, name) in (1..).zip(self.kept()) {
            image.cells.insert(name.to_string(), Stored::of(row.get_ref(at)?));
        }
        Ok(image)
    }

    /// The rows whose keys read like this; none when two of them read the same.
    pub fn load(
        &self,
        database: &Database,
        wanted: &FxHashSet<&str>,
    ) -> rusqlite::Result<Option<super::Rows>> {
        let mut found: super::Rows = FxHashMap::default();
        let mut statement = database.prepare(&self.select())?;
        let at = 1 + self.kept().position(|name| name == self.key_name()).unwrap_or(0);
        let mut rows = statement.query([])?;
        let mut text = String::new();
        while let Some(row) = rows.next()? {
            text.clear();
            push_text(row.get_ref(at)?, &mut text);
            if !wanted.contains(text.as_str()) {
                continue;
            }
            let image = self.read(row)?;
            if found.insert(text.clone(), (row.get(at)?, image)).is_some() {
                return Ok(None);
            }
        }
        Ok(Some(found))
    }

    /// A row as it is now.
    pub fn image(&self, database: &Database, key: &Value) -> rusqlite::Result<Option<Image>> {
        let sql = format!("{} WHERE {} IS ?1", self.select(), quoted(self.key_name()));
        let mut statement = database.prepare_cached(&sql)?;
        statement.query_row([key], |row| self.read(row)).optional()
    }

    /// Changes cells of a row.
    pub fn update(
        &self,
        database: &Database,
        key: &Value,
        cells: &[(String, Stored)],
    ) -> rusqlite::Result<usize> {
        let mut values = Vec::with_capacity(cells.len() + 1);
        let mut places = Vec::with_capacity(cells.len());
        for (at, (name, stored)) in (1..).zip(cells) {
            places.push(format!("{} = {}", quoted(name), bind(stored, at, &mut values)));
        }
        values.push(key.clone());
        let sql = format!(
            "UPDATE {} SET {} WHERE {} IS ?{}",
            quoted(&self.name),
            places.join(", "),
            quoted(self.key_name()),
            values.len()
        );
        database.prepare_cached(&sql)?.execute(params_from_iter(values))
    }

    /// Deletes a row.
    pub fn delete(&self, database: &Database, key: &Value) -> rusqlite::Result<usize> {
        let (table, column) = (quoted(&self.name), quoted(self.key_name()));
        let sql = format!("DELETE FROM {table} WHERE {column} IS ?1");
        database.prepare_cached(&sql)?.execute([key])
    }

    /// Puts a row back.
    pub fn insert(&self, database: &Database, image: &Image) -> rusqlite::Result<usize> {
        let (mut values, mut names, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for (name, stored) in &image.cells {
            names.push(quoted(name));
            let place = bind(stored, values.len() + 1, &mut values);
            places.push(place);
        }
        if let (Some(alias), Some(rowid)) = (self.rowid, image.rowid) {
            names.push(alias.into());
            values.push(Value::Integer(rowid));
            places.push(format!("?{}", values.len()));
        }
        let (table, names, places) = (quoted(&self.name), names.join(", "), places.join(", "));
        let sql = format!("INSERT INTO {table} ({names}) VALUES ({places})");
        database.prepare_cached(&sql)?.execute(params_from_iter(values))
    }

    /// Whether a row is flagged.
    pub fn has_flagged(&self, database: &Database) -> rusqlite::Result<bool> {
        if !self.flagged {
            return Ok(false);
        }
        let table = quoted(&self.name);
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE {MERGED_INTO} IS NOT NULL)");
        database.query_row(&sql, [], |row| row.get(0))
    }

    /// Takes the column of the flag away again.
    pub fn drop_flag(&self, database: &Database) -> rusqlite::Result<()> {
        let sql = format!("ALTER TABLE {} DROP COLUMN {MERGED_INTO}", quoted(&self.name));
        database.execute_batch(&sql)
    }

    /// Tables with a foreign key to this one, each with the first column of the key.
    pub fn referring(&self, database: &Database) -> rusqlite::Result<Vec<(String, String)>> {
        let sql = "SELECT m.name, f.\"from\" FROM sqlite_master m, pragma_foreign_key_list(m.name) f \
                   WHERE m.type = 'table' AND lower(f.\"table\") = lower(?1) ORDER BY 1, 2";
        let mut statement = database.prepare(sql)?;
        let rows = statement.query_map([&self.name], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect()
    }

    /// Whether the table has a trigger.
    pub fn has_trigger(&self, database: &Database) -> rusqlite::Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' \
                   AND lower(tbl_name) = lower(?1))";
        database.query_row(sql, [&self.name], |row| row.get(0))
    }
}

/// Adds a value; how the statement names it.
fn bind(stored: &Stored, at: usize, values: &mut Vec<Value>) -> String {
    let (value, as_text) = stored.value();
    values.push(value);
    if as_text { format!("CAST(?{at} AS TEXT)") } else { format!("?{at}") }
}

fn columns(database: &Database, table: &str) -> rusqlite::Result<Vec<Info>> {
    let sql = "SELECT name, pk, \"notnull\", hidden, type FROM pragma_table_xinfo(?1) ORDER BY cid";
    let mut statement = database.prepare(sql)?;
    let rows = statement.query_map([table], |row| {
        let of: String = row.get(4)?;
        Ok(Info {
            name: row.get(0)?,
            pk: row.get(1)?,
            not_null: row.get(2)?,
            hidden: row.get(3)?,
            is_integer: of.eq_ignore_ascii_case("INTEGER"),
        })
    })?;
    rows.collect()
}

/// The column that tells rows apart: the primary key, else a unique column that is always filled.
fn key_of(database: &Database, table: &str, all: &[Info]) -> rusqlite::Result<Option<String>> {
    let keys: Vec<&Info> = all.iter().filter(|info| info.pk > 0).collect();
    if let [only] = keys.as_slice() {
        return Ok(Some(only.name.clone()));
    }
    let sql = "SELECT l.name FROM pragma_index_list(?1) l WHERE l.\"unique\" AND NOT l.partial \
               ORDER BY l.name";
    let mut statement = database.prepare(sql)?;
    let indexes: Vec<String> =
        statement.query_map([table], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for index in indexes {
        let mut statement = database.prepare("SELECT name FROM pragma_index_info(?1)")?;
        let of: Vec<Option<String>> =
            statement.query_map([&index], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        if let [Some(only)] = of.as_slice()
            && all.iter().any(|info| info.name == *only && info.not_null)
        {
            return Ok(Some(only.clone()));
        }
    }
    Ok(None)
}
