//! Sets with truth, as the measuring examples are given them: `LEADS.csv=TRUTH.csv`, or one file with
//! a `true_cluster` column, which is taken out before anything else reads it.

use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The files of a set.
pub struct Files {
    /// The leads without the truth.
    pub read: PathBuf,
    /// Record id and person.
    pub truth: Vec<(String, String)>,
    /// Holds what was taken apart.
    pub _folder: TempDir,
}

/// The files an argument names.
pub fn find(argument: &str) -> Result<Files> {
    let folder = tempfile::tempdir()?;
    let (read, truth) = match argument.split_once('=') {
        Some((leads, truth)) => (PathBuf::from(leads), first_columns(truth.as_ref())?),
        None => strip(argument.as_ref(), folder.path())?,
    };
    Ok(Files { read, truth, _folder: folder })
}

/// Record id and person of a truth file.
fn first_columns(path: &Path) -> Result<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_path(path)?;
    reader
        .records()
        .map(|row| row.map(|r| (r[0].to_string(), r[1].to_string())))
        .collect::<Result<_, csv::Error>>()
        .map_err(Into::into)
}

/// Writes the file without its `true_cluster` column; the truth goes by the first column.
fn strip(path: &Path, folder: &Path) -> Result<(PathBuf, Vec<(String, String)>)> {
    let mut reader = csv::Reader::from_path(path)?;
    let header = reader.headers()?.clone();
    let Some(column) = header.iter().position(|h| h == "true_cluster") else {
        bail!("no true_cluster column and no truth file");
    };
    let stripped = folder.join(path.file_name().unwrap_or_default());
    let mut writer = csv::Writer::from_path(&stripped)?;
    let mut truth = Vec::new();
    let without = |row: &csv::StringRecord| -> Vec<String> {
        let cells = row.iter().enumerate().filter(|(i, _)| *i != column);
        cells.map(|(_, cell)| cell.to_string()).collect()
    };
    writer.write_record(without(&header))?;
    for row in reader.records() {
        let row = row?;
        truth.push((row[0].to_string(), row[column].to_string()));
        writer.write_record(without(&row))?;
    }
    writer.flush()?;
    Ok((stripped, truth))
}
