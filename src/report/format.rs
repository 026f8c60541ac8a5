//! The container of `leads` and `activities`: that of the first input, or the one asked for.
//!
//! Every other file of the folder is CSV or JSON whatever the input was, because people and
//! programs look for them by name. Workbooks and databases are read, not written.

use super::folder::OutputFolder;
#[cfg(feature = "parquet")]
use super::parquet;
use super::table::{Format, Lines, write_lines, write_rows};
use crate::error::{Error, Result};
use crate::pipeline::Outcome;
use crate::record::{Container, Table};
use std::ops::Range;
use std::sync::Arc;

/// How the merged tables are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TableFormat {
    /// Delimited text, with the delimiter and byte order mark of the first input.
    #[default]
    Csv,
    /// One JSON object a line.
    JsonLines,
    /// Parquet.
    Parquet,
}

impl TableFormat {
    /// The format called `name` on the command line.
    ///
    /// # Errors
    /// [`Error::Usage`] for one that is not written, or not by this build.
    pub fn by_name(name: &str) -> Result<Self> {
        match name.to_ascii_lowercase().as_str() {
            "csv" => Ok(Self::Csv),
            "jsonl" => Ok(Self::JsonLines),
            "parquet" if cfg!(feature = "parquet") => Ok(Self::Parquet),
            "parquet" => Err(Error::usage(
                "--format parquet: this build does not write Parquet",
                "install with `cargo install --locked --path . --features parquet`, or give csv or jsonl",
            )),
            "xlsx" | "excel" => Err(Error::usage(
                "--format xlsx: workbooks are read, not written",
                "give --format csv, which every spreadsheet opens (Data, From Text/CSV keeps phone \
                 numbers as text)",
            )),
            _ => Err(Error::usage(
                format!("--format {name} is not known"),
                "give csv, jsonl or parquet",
            )),
        }
    }

    /// The format asked for, else that of the first input; what is only read becomes CSV.
    pub fn of(wanted: Option<Self>, table: &Table) -> Self {
        let container = table.sources.first().map(|source| source.container);
        wanted.unwrap_or(match container {
            Some(Container::JsonLines) => Self::JsonLines,
            Some(Container::Parquet) if cfg!(feature = "parquet") => Self::Parquet,
            _ => Self::Csv,
        })
    }

    /// How the files end.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
            Self::Parquet => "parquet",
        }
    }
}

/// Writes the table `stem` in the outcome's format.
pub(crate) fn write_table(
    outcome: &Outcome,
    folder: &OutputFolder,
    stem: &str,
    headers: &[&str],
    count: usize,
    fill: impl Fn(Range<usize>, &mut Lines) + Sync,
) -> Result<()> {
    let name = format!("{stem}.{}", outcome.format.ending());
    match outcome.format {
        TableFormat::Csv => {
            let format = Format::of_input(&outcome.table);
            let head = Lines::head(format, headers.iter().copied());
            write_rows(folder, &name, format, head, count, fill)
        }
        TableFormat::JsonLines => {
            let keys: Arc<[String]> = unique(headers).iter().map(|name| json_key(name)).collect();
            let new = || Lines::json(Arc::clone(&keys));
            write_lines(folder, &name, new(), new, count, fill)
        }
        #[cfg(feature = "parquet")]
        TableFormat::Parquet => parquet::write(folder, &name, &unique(headers), count, fill),
        #[cfg(not(feature = "parquet"))]
        TableFormat::Parquet => TableFormat::by_name("parquet").map(|_| ()),
    }
}

/// Names of their own for all columns: a JSON object and a Parquet schema have each name once.
fn unique(headers: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(headers.len());
    let mut used = rustc_hash::FxHashSet::default();
    for (at, header) in headers.iter().enumerate() {
        let base =
            if header.is_empty() { format!("column_{}", at + 1) } else { header.to_string() };
        let mut name = base.clone();
        let mut number = 2;
        while headers[at + 1..].contains(&name.as_str()) && name != *header || used.contains(&name)
        {
            name = format!("{base}_{number}");
            number += 1;
        }
        used.insert(name.clone());
        names.push(name);
    }
    names
}

/// `"name":` as JSON spells it.
fn json_key(name: &str) -> String {
    format!("{}:", serde_json::Value::from(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::SourceInfo;

    #[test]
    fn formats_by_name_and_by_first_input() {
        assert_eq!(TableFormat::by_name("JSONL").unwrap(), TableFormat::JsonLines);
        assert_eq!(TableFormat::by_name("csv").unwrap(), TableFormat::Csv);
        for wrong in ["xlsx", "xml"] {
            assert_eq!(TableFormat::by_name(wrong).unwrap_err().exit_code(), 2, "{wrong}");
        }
        assert_eq!(TableFormat::by_name("parquet").is_ok(), cfg!(feature = "parquet"));
        let of = |container| {
            let source = SourceInfo { container, ..SourceInfo::default() };
            TableFormat::of(None, &Table { sources: vec![source], ..Table::default() })
        };
        assert_eq!(of(Container::JsonLines), TableFormat::JsonLines);
        for read_only in [Container::Excel, Container::Vcard, Container::Sqlite] {
            assert_eq!(of(read_only), TableFormat::Csv);
        }
        assert_eq!(TableFormat::of(Some(TableFormat::Csv), &Table::default()), TableFormat::Csv);
    }

    #[test]
    fn every_column_gets_a_name_of_its_own() {
        assert_eq!(unique(&["a", "", "a", "a_2", "a"]), ["a", "column_2", "a_3", "a_2", "a_4"]);
        assert_eq!(json_key("a\"b"), "\"a\\\"b\":");
    }
}
