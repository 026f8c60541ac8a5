//! The data itself: how it was read, how complete and usable the columns are, what was left out.

use super::shown::shown;
use super::view::{Block, Cell, Section, Table, text};
use crate::normalize::record::{QUALITY_BAD, QUALITY_GOOD, Records};
use crate::normalize::repair::Repairs;
use crate::record::{Column, SourceInfo, Table as Leads};
use crate::report::summary::count;
use crate::schema::{Role, UnitedSchema};
use crate::source::Reject;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Columns, rows of causes and notes that are listed.
const COLUMNS: usize = 120;
const CAUSES: usize = 20;
const NOTES: usize = 40;

/// Cells of a column by what they are worth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Worth {
    filled: usize,
    good: usize,
    bad: usize,
}

/// Completeness and validity, column by column.
pub(super) fn hygiene(
    leads: &Leads,
    schema: &UnitedSchema,
    records: &Records,
    repairs: Option<&Repairs>,
) -> Section {
    let worth: Vec<Worth> = leads
        .columns
        .par_iter()
        .zip(&records.quality)
        .map(|(column, quality)| measure(column, quality))
        .collect();
    let mut table = Table::new(
        "Columns of the leads",
        &["Column", "Read as", "#Filled", "#Usable", "#Unusable cells", "#Repaired cells"],
    );
    for (i, (column, worth)) in schema.columns.iter().zip(&worth).enumerate() {
        if column.header.starts_with("leadmend_") {
            continue;
        }
        let judged = worth.good + worth.bad > 0;
        let usable = match judged {
            true => Cell::share(worth.filled - worth.bad, worth.filled),
            false => "not judged".into(),
        };
        table.row(vec![
            column.header.as_str().into(),
            role_words(column.role).into(),
            Cell::share(worth.filled, leads.len()),
            usable,
            worth.bad.into(),
            repairs.map_or("–".into(), |r| r.count_column(leads, i).cells.into()),
        ]);
    }
    table.cut(COLUMNS, "report.json");
    let said = "Filled: cells that are not empty. Usable: filled cells that are neither invalid nor \
                placeholders. Repaired: cells written in a better form; what they mean is unchanged. \
                Columns without a meaning of their own are not judged.";
    Section::new("columns", "Data quality by column", vec![text(said), Block::Table(table)])
}

fn measure(column: &Column, quality: &[u8]) -> Worth {
    let mut worth = Worth::default();
    for id in column.ids.iter().filter(|id| !id.is_missing()) {
        worth.filled += 1;
        match quality.get(id.index()) {
            Some(&QUALITY_GOOD) => worth.good += 1,
            Some(&QUALITY_BAD) => worth.bad += 1,
            _ => {}
        }
    }
    worth
}

fn role_words(role: Role) -> String {
    role.to_string().replace(['-', ':'], " ")
}

/// Files, columns, and rows that could not be read.
pub(super) fn reading(
    leads: (&Leads, &UnitedSchema),
    activities: Option<(&Leads, &UnitedSchema)>,
    rejects: &[(String, Reject)],
) -> Section {
    let mut files = Table::new(
        "Files",
        &["File", "Source", "What", "Read as", "Encoding", "Separated by", "#Rows", "#Left out"],
    );
    let mut notes = Table::new("What was odd about them", &["File", "Note"]);
    let all = [Some((leads, "leads")), activities.map(|a| (a, "activities"))];
    for ((table, schema), what) in all.into_iter().flatten() {
        for (i, info) in table.sources.iter().enumerate() {
            let read_as = schema.inputs.get(i).and_then(|s| s.read_as.as_deref());
            files.row(vec![
                info.file.as_str().into(),
                info.name.as_str().into(),
                what.into(),
                read_as.unwrap_or("no known export").into(),
                info.encoding.as_str().into(),
                separator(info).into(),
                info.records.into(),
                info.rejected.into(),
            ]);
            for note in &info.notes {
                notes.row(vec![info.file.as_str().into(), note.as_str().into()]);
            }
        }
    }
    files.cut(NOTES, "report.json");
    notes.cut(NOTES, "report.json");
    let mut blocks = vec![Block::Table(files)];
    if !notes.rows.is_empty() {
        blocks.push(Block::Table(notes));
    }
    blocks.extend(left_out(rejects));
    blocks.push(Block::Table(columns("What the lead columns mean", leads.1)));
    if let Some((_, schema)) = activities {
        blocks.push(Block::Table(columns("What the activity columns mean", schema)));
    }
    Section::new("reading", "How it was read", blocks)
}

fn separator(info: &SourceInfo) -> String {
    match info.delimiter {
        Some(',') => "comma".into(),
        Some(';') => "semicolon".into(),
        Some('\t') => "tab".into(),
        Some('|') => "bar".into(),
        Some(other) => other.to_string(),
        None => "–".into(),
    }
}

fn columns(caption: &str, schema: &UnitedSchema) -> Table {
    let mut table = Table::new(caption, &["Column", "Role", "Why"]);
    for column in &schema.columns {
        let (header, role) = (shown(&column.header), column.role.to_string());
        table.row(vec![header.into(), role.into(), column.why.as_str().into()]);
    }
    table.cut(COLUMNS, "report.json");
    table
}

/// Rows that could not be read, by cause. Lines are in rejects.csv: where a row stands is no matter
/// of what it says, and the page is the same for any order of rows.
fn left_out(rejects: &[(String, Reject)]) -> Vec<Block> {
    if rejects.is_empty() {
        return vec![text("Every row could be read.")];
    }
    let mut causes: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (source, reject) in rejects {
        *causes.entry((source, &reject.reason)).or_default() += 1;
    }
    let mut causes: Vec<_> = causes.into_iter().collect();
    // Stable: equally frequent ones stay in the order of their names.
    causes.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let mut table = Table::new("Rows that could not be read", &["Source", "Cause", "#Rows"]);
    for ((source, reason), n) in causes {
        table.row(vec![source.into(), reason.into(), n.into()]);
    }
    table.cut(CAUSES, "rejects.csv");
    let said = count(rejects.len(), "row was left out", "rows were left out");
    vec![text(format!("{said}; each is in rejects.csv with its line.")), Block::Table(table)]
}
