//! The inputs of a run, found and read again.
//!
//! From the journal's pieces where there is a journal, else from the files named by the caller, else
//! from those beside the run's folder; held against their SHA-256 in every case.

use super::certificate::{Input, Run};
use super::journal::Journal;
use super::repaired::Repaired;
use super::{Findings, Request, name_of};
use crate::error::{Error, Result};
use crate::normalize::activity::{self, ActivityLog};
use crate::normalize::record::{Records, records};
use crate::record::{RecordId, Table};
use crate::schema::{self, Role, SchemaOverrides, UnitedSchema};
use crate::source::fingerprint::sha256_hex;
use crate::source::{self, RawTable, Source};
use std::path::PathBuf;

/// What the inputs say.
#[derive(Debug)]
pub(super) struct Evidence {
    pub table: Table,
    pub schema: UnitedSchema,
    pub records: Records,
    pub log: ActivityLog,
    /// How written cells may differ from raw ones.
    pub repaired: Repaired,
    /// Rows that could not be read.
    pub rejects: u64,
    /// Ids alone name records: one source, no id twice.
    pub plain_ids: bool,
    /// How the leads file is delimited.
    pub delimiter: u8,
}

impl Evidence {
    /// What a record is called in the files of a run.
    pub fn label(&self, record: RecordId) -> String {
        let key = self.table.key(record);
        if self.plain_ids { key.id.to_string() } else { key.to_string() }
    }

    /// The raw cell of a record.
    pub fn cell(&self, column: usize, record: RecordId) -> &str {
        self.table.columns[column].get(record)
    }
}

/// Finds and reads the inputs; `None` when they are not those of the run, which is refused.
///
/// # Errors
/// Inputs that are nowhere or cannot be read.
pub(super) fn gather(
    request: &Request,
    run: &Run,
    journal: Option<&Journal>,
    findings: &mut Findings,
) -> Result<(Option<Evidence>, &'static str)> {
    let mut from = "files";
    let mut files = Vec::with_capacity(run.inputs.len());
    let given_names = !request.inputs.is_empty();
    if run.inputs.iter().any(|input| input.sha256.is_empty()) {
        // Somebody was forgotten: what was read is nobody's to hold against any more.
        let why = "inputs were withdrawn with a receipt: the files and the journal are checked";
        findings.unchecked.push(why.into());
        return Ok((None, from));
    }
    for (i, input) in run.inputs.iter().enumerate() {
        let kept = journal.filter(|_| !given_names).and_then(|j| j.file(i));
        let bytes = match kept {
            Some(bytes) if sha256_hex(bytes) == input.sha256 => {
                from = "journal";
                bytes.to_vec()
            }
            Some(_) => {
                let what = "its pieces do not give back the file the run read (SHA-256 differs)";
                findings.refuse(6, "journal.jsonl", format!("file {}", input.file), what);
                read_file(request, input)?
            }
            None => read_file(request, input)?,
        };
        if sha256_hex(&bytes) != input.sha256 || bytes.len() as u64 != input.bytes {
            let what = "is not the file the run read (SHA-256 differs)";
            findings.refuse(0, &input.file, "", what);
        }
        files.push(bytes);
    }
    if !findings.is_clean() && run.inputs.iter().zip(&files).any(|(i, b)| sha256_hex(b) != i.sha256)
    {
        findings.unchecked.push("without the run's inputs nothing else can be checked".into());
        return Ok((None, from));
    }
    Ok((Some(read_all(run, files)?), from))
}

fn read_file(request: &Request, input: &Input) -> Result<Vec<u8>> {
    let named = |path: &&PathBuf| name_of(path) == input.file;
    let beside = request.folder.canonicalize().unwrap_or_else(|_| request.folder.clone());
    let beside =
        beside.parent().map_or_else(|| PathBuf::from(&input.file), |p| p.join(&input.file));
    // Of several files of one name, the one with the right content.
    let mut candidates: Vec<&PathBuf> = request.inputs.iter().filter(named).collect();
    if candidates.is_empty() {
        candidates.push(&beside);
    }
    let mut last = None;
    for path in candidates {
        match std::fs::read(path) {
            Ok(bytes) if sha256_hex(&bytes) == input.sha256 => return Ok(bytes),
            Ok(bytes) => last = Some(Ok(bytes)),
            Err(cause) if last.is_none() => last = Some(Err(cause)),
            Err(_) => {}
        }
    }
    let failed = |cause| Error::Read { file: input.file.clone(), cause };
    match last {
        Some(Ok(bytes)) => Ok(bytes),
        Some(Err(cause)) if cause.kind() != std::io::ErrorKind::NotFound => Err(failed(cause)),
        _ => Err(Error::Format {
            file: input.file.clone(),
            line: None,
            what: "the run read this file, and it is not beside the folder".into(),
            remedy: "say where it is with --input FILE".into(),
        }),
    }
}

fn read_all(run: &Run, files: Vec<Vec<u8>>) -> Result<Evidence> {
    let (mut leads, mut activities, mut rejects) = (Vec::new(), Vec::new(), 0);
    let columns = overrides(run);
    let of_activities = SchemaOverrides { activities: true, ..SchemaOverrides::default() };
    for (input, bytes) in run.inputs.iter().zip(files) {
        let source = Source {
            path: PathBuf::from(&input.file),
            name: Some(input.source.clone()),
            preset: input.reading.preset.clone(),
            encoding: input.reading.encoding.clone(),
            delimiter: input.reading.delimiter,
            header: input.reading.header,
            flexible: input.reading.flexible,
            table: input.reading.table.clone(),
            ..Source::default()
        };
        let raw: RawTable = source::read_bytes(&source, bytes)?;
        rejects += raw.rejects.len() as u64;
        match input.role.as_str() {
            "activities" => {
                let schema = schema::detect(&raw, &of_activities);
                activities.push((raw, schema));
            }
            _ => {
                let schema = schema::detect(&raw, &columns);
                leads.push((raw, schema));
            }
        }
    }
    let delimiter = leads.first().and_then(|(raw, _)| raw.info.delimiter);
    let delimiter = delimiter.and_then(|d| u8::try_from(d).ok()).filter(u8::is_ascii);
    let (table, schema) = unite(leads)?;
    let log = match activities.is_empty() {
        true => ActivityLog::default(),
        false => {
            let (table, schema) = unite(activities)?;
            activity::read(table, schema)
        }
    };
    let records = records(&table, &schema);
    let plain_ids = table.sources.len() <= 1 && table.occurrence.iter().all(|&o| o <= 1);
    let delimiter = delimiter.unwrap_or(b',');
    let repaired = Repaired::new(&table, &schema, &run.settings.repair);
    Ok(Evidence { table, schema, records, log, repaired, rejects, plain_ids, delimiter })
}

fn unite(inputs: Vec<(RawTable, schema::Schema)>) -> Result<(Table, UnitedSchema)> {
    let file = inputs.first().map_or_else(String::new, |(raw, _)| raw.info.file.clone());
    let what = "more records or distinct text than one run can hold".into();
    let (mut table, schema) = schema::unite(inputs).ok_or(Error::TooLarge { file, what })?;
    table.put_in_canonical_order();
    Ok((table, schema))
}

fn overrides(run: &Run) -> SchemaOverrides {
    let settings = &run.settings;
    let role = |(role, header): &(String, String)| {
        role.parse::<Role>().ok().map(|role| (role, header.clone()))
    };
    SchemaOverrides {
        roles: settings.columns.iter().filter_map(role).collect(),
        ignore: settings.ignore_columns.clone(),
        id_column: settings.id_column.clone(),
        preset: settings.preset.clone(),
        activities: false,
        known: Vec::new(),
    }
}
