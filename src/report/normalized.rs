//! `normalized.csv`: the input itself, same rows, order and columns, with its cells repaired.
//!
//! What `clean --normalize-only` writes, beside the rejects and a report. One file for each input,
//! because "the same columns in the same order" is true of one input at a time: with several inputs
//! the files are called `normalized-<source>.csv`.

use super::folder::{GENERATOR, OutputFolder};
use super::json::{Column, columns, show_instant, write_json};
use super::table::{Format, Lines, write_rows};
use crate::error::Result;
use crate::normalize::repair::RepairCounts;
use crate::pipeline::NormalizedLeads;
use crate::record::SourceInfo;
use serde::Serialize;

#[derive(Serialize)]
struct Report<'a> {
    generator: &'static str,
    format: u32,
    version: &'static str,
    command: &'static str,
    as_of: String,
    records: usize,
    sources: &'a [SourceInfo],
    files: Vec<String>,
    columns: Vec<Column<'a>>,
    repairs: &'a RepairCounts,
    rejects: usize,
}

/// Writes `normalized.csv`, `rejects.csv` and `report.json`; publishing is the caller's.
///
/// # Errors
/// [`crate::error::Error::Write`].
pub fn write(leads: &NormalizedLeads, folder: &OutputFolder) -> Result<()> {
    let files = file_names("normalized", &leads.table.sources);
    for (source, file) in files.iter().enumerate() {
        write_source(leads, source, file, folder)?;
    }
    super::related::write_reject_rows(&leads.rejects, folder)?;
    let report = Report {
        generator: GENERATOR,
        format: super::json::FORMAT,
        version: env!("CARGO_PKG_VERSION"),
        command: "normalize-only",
        as_of: show_instant(leads.as_of),
        records: leads.table.len(),
        sources: &leads.table.sources,
        files,
        columns: columns(&leads.schema),
        repairs: &leads.repairs.counts,
        rejects: leads.rejects.len(),
    };
    write_json(folder, "report.json", &report)
}

/// One name for a single input, else one for each, of letters that every file system takes.
pub(super) fn file_names(what: &str, sources: &[SourceInfo]) -> Vec<String> {
    if sources.len() == 1 {
        return vec![format!("{what}.csv")];
    }
    let mut names: Vec<String> = Vec::new();
    for (i, source) in sources.iter().enumerate() {
        let keep = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' };
        let name: String = source.name.chars().map(keep).collect();
        let mut file = format!("{what}-{name}.csv");
        // Two names may differ only in what a file name cannot hold, or in letter case.
        if names.iter().any(|known| known.eq_ignore_ascii_case(&file)) {
            file = format!("{what}-{name}-{}.csv", i + 1);
        }
        names.push(file);
    }
    names
}

fn write_source(
    leads: &NormalizedLeads,
    source: usize,
    file: &str,
    folder: &OutputFolder,
) -> Result<()> {
    let (table, schema) = (&leads.table, &leads.schema);
    let (Some(info), Some(input)) = (table.sources.get(source), schema.inputs.get(source)) else {
        return Ok(());
    };
    let placed = schema.placed.get(source).map_or(&[][..], Vec::as_slice);
    let mut rows: Vec<(u32, u32)> = (0..table.len() as u32)
        .filter(|&r| usize::from(table.source[r as usize]) == source)
        .map(|r| (table.row[r as usize], r))
        .collect();
    rows.sort_unstable();
    let format = Format::of_source(info);
    let head = Lines::head(format, input.columns.iter().map(|c| c.header.as_str()));
    write_rows(folder, file, format, head, rows.len(), |range, lines| {
        for &(_, record) in &rows[range] {
            for &c in placed {
                let column = &table.columns[c];
                let value = column.ids[record as usize];
                match leads.repairs.column(c).and_then(|repairs| repairs.get(value)) {
                    Some(fixed) => lines.cell(&fixed.text),
                    None => lines.cell(column.dictionary.get(value)),
                }
            }
            lines.end();
        }
    })
}

/// What was done, in words.
pub fn summary(leads: &NormalizedLeads, folder: &str) -> String {
    let repaired = super::summary::tell_repairs(&leads.repairs.counts);
    let records = super::summary::count(leads.table.len(), "record", "records");
    let mut lines = vec![format!("{records}, nothing merged (--normalize-only)")];
    lines.push(repaired.unwrap_or_else(|| "No cell needed a repair".into()));
    if !leads.rejects.is_empty() {
        let rows = super::summary::count(leads.rejects.len(), "row", "rows");
        lines.push(format!("{rows} could not be read: see rejects.csv"));
    }
    lines.push(format!("Everything is in {folder}"));
    lines.join("\n") + "\n"
}
