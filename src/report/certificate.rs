//! The certificate of a run: what was read and written, for `verify` and for `--force`.

use super::folder::OutputFolder;
use super::json::show_instant;
use crate::error::Result;
use crate::merge::consent::Scope;
use crate::merge::history::Status;
use crate::pipeline::{Job, Outcome};
use crate::record::SourceInfo;
use crate::source::Source;
use crate::source::fingerprint::sha256_hex;
use crate::verify::certificate::{Certificate, Counts, Input, Model, Reading, Run, Settings};

/// Seals the folder with the certificate of the run; every other file must have been written.
///
/// # Errors
/// [`crate::error::Error::Write`].
pub fn certify(outcome: &Outcome, job: &Job, folder: &OutputFolder) -> Result<()> {
    let leads = job.inputs.iter().zip(&outcome.table.sources);
    let activities = job.activities.iter().zip(&outcome.activities.table.sources);
    let inputs = leads
        .map(|(source, info)| input("leads", source, info))
        .chain(activities.map(|(source, info)| input("activities", source, info)))
        .collect();
    let run = Run {
        as_of: show_instant(outcome.as_of),
        inputs,
        settings: settings(job),
        models: outcome.models.iter().map(|m| model(&m.name, &m.text)).collect(),
        counts: counts(outcome),
    };
    folder.seal(Certificate { run: Some(run), ..Certificate::default() })
}

fn input(role: &str, source: &Source, info: &SourceInfo) -> Input {
    Input {
        role: role.into(),
        source: info.name.clone(),
        file: info.file.clone(),
        bytes: info.bytes,
        sha256: info.sha256.clone(),
        rows: info.records,
        reading: Reading {
            preset: source.preset.clone(),
            encoding: source.encoding.clone(),
            delimiter: source.delimiter,
            header: source.header,
            flexible: source.flexible,
            // What came from a server stands in the journal as a table of its own.
            table: source.table.clone().filter(|_| source.server.is_none()),
        },
    }
}

fn settings(job: &Job) -> Settings {
    let columns = &job.config.columns;
    Settings {
        columns: columns
            .roles
            .iter()
            .chain(&columns.known)
            .map(|(r, header)| (r.to_string(), header.clone()))
            .collect(),
        ignore_columns: columns.ignore.clone(),
        id_column: columns.id_column.clone(),
        preset: columns.preset.clone(),
        contact_unknown: job.config.contact_unknown,
        consent_by_address: job.config.consent_scope == Scope::Address,
        repair: job.config.repair.clone(),
    }
}

fn model(name: &str, text: &str) -> Model {
    Model { name: name.into(), sha256: sha256_hex(text.as_bytes()), text: text.into() }
}

fn counts(outcome: &Outcome) -> Counts {
    let history = |status| outcome.history.count(status) as u64;
    let consent = &outcome.consent;
    let both = consent.email.iter().zip(&consent.phone);
    let refused = |d: &crate::merge::consent::Decision| d.state.is_refusal();
    let suppressed = both.filter(|(e, p)| !e.may && !p.may && (refused(e) || refused(p)));
    Counts {
        records: outcome.table.len() as u64,
        persons: outcome.matched.clusters.len() as u64,
        activities: outcome.activities.len() as u64,
        kept: history(Status::Kept),
        duplicates: history(Status::Duplicate),
        orphans: history(Status::Orphan),
        rejects: outcome.rejects.len() as u64,
        suppressed: suppressed.count() as u64,
    }
}
