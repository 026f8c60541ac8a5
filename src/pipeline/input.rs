//! Reading a job's inputs: files to tables, activities to records.

use super::{Job, UserDecision};
use crate::cluster::Clusters;
use crate::cluster::resolve::Constraints;
use crate::compare::Pair;
use crate::compare::feature::{Entity, Features};
use crate::error::{Error, Result};
use crate::matching::explain;
use crate::matching::frozen::Frozen;
use crate::matching::model::MatchingModel;
use crate::merge::bind::{self, ActivityInput, Leads, MergedId, References};
use crate::normalize::activity::{self, ActivityLog};
use crate::normalize::email;
use crate::normalize::record::Records;
use crate::record::{Column, DictionaryBuilder, RecordId, Table, ValueId};
use crate::schema::{self, Digests, Kind, Role, Schema, SchemaOverrides, UnitedSchema};
use crate::score::gather;
use crate::score::model::{ModelMistake, ScoringModel, builtin};
use crate::source::original::Original;
use crate::source::{self, RawTable, Reject, Source, fingerprint};
use rustc_hash::FxHashMap;

/// Rows that could not be read, with the name of their source.
type Rejects = Vec<(String, Reject)>;

/// The bytes of the inputs, in their order.
type Originals = Vec<Original>;

/// Reads and unites the lead files.
pub(super) fn leads(job: &Job) -> Result<(Table, UnitedSchema, Rejects, Originals)> {
    leads_with(job, Digests::All)
}

/// As [`leads`]; what is read without the digests of all records cannot be proven later.
pub(super) fn leads_with(
    job: &Job,
    digests: Digests,
) -> Result<(Table, UnitedSchema, Rejects, Originals)> {
    let unproven = digests != Digests::All;
    let raws = read_all(&job.inputs, unproven, job)?;
    job.config.columns.check(&raws.iter().collect::<Vec<_>>())?;
    let (mut rejects, mut originals) = (Vec::new(), Vec::new());
    let mut inputs = Vec::new();
    for mut raw in raws {
        take_rejects(&mut raw, &mut rejects);
        originals.push(std::mem::take(&mut raw.original));
        let schema = schema::detect(&raw, &job.config.columns);
        if schema.kind == Kind::Activities {
            return Err(Error::usage(
                format!("{} holds activities, not leads", raw.info.file),
                format!("give it as --activities {}", raw.info.file),
            ));
        }
        inputs.push((raw, schema));
    }
    let (table, schema) = unite(inputs, digests)?;
    Ok((table, schema, rejects, originals))
}

/// Reads and unites the activity files.
pub(super) fn activities(job: &Job) -> Result<(ActivityLog, Rejects, Originals)> {
    let (mut rejects, mut originals) = (Vec::new(), Vec::new());
    if job.activities.is_empty() {
        job.snapshot.close();
        return Ok((ActivityLog::default(), rejects, originals));
    }
    let mut inputs = Vec::new();
    let raws = read_all(&job.activities, false, job);
    job.snapshot.close();
    for mut raw in raws? {
        take_rejects(&mut raw, &mut rejects);
        originals.push(std::mem::take(&mut raw.original));
        let schema =
            schema::detect(&raw, &SchemaOverrides { activities: true, ..Default::default() });
        inputs.push((raw, schema));
    }
    let (table, schema) = unite(inputs, Digests::All)?;
    Ok((activity::read(table, schema), rejects, originals))
}

fn read_all(sources: &[Source], unproven: bool, job: &Job) -> Result<Vec<RawTable>> {
    let max_reject_rate = job.config.max_reject_rate;
    sources
        .iter()
        .map(|source| {
            let limited = Source { reject_rate: Some(max_reject_rate), unproven, ..source.clone() };
            let mut raw = source::read_in(&limited, &job.snapshot)?;
            if !unproven {
                raw.original.complete(source)?;
                // A database that was read in pieces: what the journal keeps is its file.
                raw.info.bytes = raw.original.bytes;
                raw.info.sha256 = fingerprint::hex(&raw.original.sha256);
            }
            let (rejected, rows) = (raw.info.rejected, raw.info.rejected + raw.info.records);
            match raw.rejects.first() {
                Some(first) if rejected as f64 > max_reject_rate * rows as f64 => {
                    Err(Error::TooManyRejects {
                        file: raw.info.file.clone(),
                        rejected,
                        rows,
                        line: first.line,
                        reason: first.reason.clone(),
                    })
                }
                _ => Ok(raw),
            }
        })
        .collect()
}

fn take_rejects(raw: &mut RawTable, rejects: &mut Rejects) {
    let name = raw.info.name.clone();
    rejects.extend(std::mem::take(&mut raw.rejects).into_iter().map(|r| (name.clone(), r)));
}

/// Unites inputs; sources of one name are told apart by number.
fn unite(mut inputs: Vec<(RawTable, Schema)>, digests: Digests) -> Result<(Table, UnitedSchema)> {
    let mut used: FxHashMap<String, usize> = FxHashMap::default();
    for (raw, _) in &mut inputs {
        let count = used.entry(raw.info.name.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            raw.info.name = format!("{}-{count}", raw.info.name);
        }
    }
    let file = inputs.first().map_or_else(String::new, |(raw, _)| raw.info.file.clone());
    let (mut table, schema) = schema::unite_with(inputs, digests).ok_or_else(|| {
        Error::TooLarge { file, what: "more records or distinct text than one run can hold".into() }
    })?;
    table.put_in_canonical_order();
    Ok((table, schema))
}

/// The job's models, or the built-in one; every field they read must be known.
pub(super) fn models(job: &Job, schema: &UnitedSchema) -> Result<Vec<ScoringModel>> {
    if job.models.is_empty() {
        return Ok(vec![builtin()]);
    }
    let available = gather::available(schema);
    for model in &job.models {
        let mistakes = model.check_fields(&available, &model.name);
        if !mistakes.is_empty() {
            return Err(Error::Config {
                file: format!("model {}", model.name),
                mistakes: mistakes.iter().map(ModelMistake::without_file).collect(),
                remedy: "a field is a header of the input or one of the standard names".into(),
            });
        }
    }
    Ok(job.models.clone())
}

/// Ids that a record says were merged into it.
pub(crate) fn merged_ids(table: &Table, schema: &UnitedSchema) -> Vec<(RecordId, Vec<String>)> {
    let columns: Vec<usize> = schema.all(Role::MergedIds).collect();
    let mut found = Vec::new();
    for record in table.records() {
        let cells = columns.iter().map(|&c| table.columns[c].get(record)).filter(|c| !c.is_empty());
        let ids: Vec<String> = cells
            .flat_map(|cell| cell.split([';', ',', '|', ' ', '[', ']']))
            // HubSpot writes `id:time`.
            .map(|part| part.split(':').next().unwrap_or("").trim().to_string())
            .filter(|id| !id.is_empty() && id != table.id.get(record))
            .collect();
        if !ids.is_empty() {
            found.push((record, ids));
        }
    }
    found
}

/// Ids that a log of merges (HubSpot's merge audit, Marketo's merge activities) says went into
/// another, with that one.
fn logged_merges(log: &ActivityLog) -> Vec<(String, Vec<String>)> {
    let Some(&lead) = log.lead_columns().first() else { return Vec::new() };
    let lead = &log.table.columns[lead];
    let mut found = Vec::new();
    for column in log.schema.all(Role::MergedIds).map(|c| &log.table.columns[c]) {
        for row in log.table.records().filter(|r| !column.ids[r.index()].is_missing()) {
            let new = lead.get(row);
            let parts = column.get(row).split([';', ',', '|', ' ', '[', ']']);
            let ids: Vec<String> =
                parts.map(str::to_string).filter(|id| !id.is_empty() && id != new).collect();
            found.push((new.to_string(), ids));
        }
    }
    found
}

/// Merges that an export knows of, as constraints: the merged record, if it is there too, is the
/// same person.
pub(crate) fn known_merges(table: &Table, schema: &UnitedSchema) -> Constraints {
    let merged = merged_ids(table, schema);
    let mut constraints = Constraints::default();
    if merged.is_empty() {
        return constraints;
    }
    let mut by_id: FxHashMap<(u16, &str), RecordId> = FxHashMap::default();
    for record in table.records() {
        by_id.entry((table.source[record.index()], table.id.get(record))).or_insert(record);
    }
    for (record, ids) in &merged {
        let source = table.source[record.index()];
        for other in ids.iter().filter_map(|id| by_id.get(&(source, id.as_str()))) {
            if other != record {
                constraints.same.push(Pair::new(record.0, other.0));
            }
        }
    }
    constraints
}

/// The records that decisions are about; none where they are not here (any more).
pub(crate) fn decided(table: &Table, decisions: &[UserDecision]) -> Vec<Option<Pair>> {
    if decisions.is_empty() {
        return Vec::new();
    }
    let mut by_label: FxHashMap<String, Option<RecordId>> = FxHashMap::default();
    for record in table.records() {
        let key = table.key(record);
        let mut name = |label: String| {
            // A label that several records answer to names none of them.
            by_label.entry(label).and_modify(|r| *r = None).or_insert(Some(record));
        };
        name(key.to_string());
        name(key.id.to_string());
        if key.occurrence == 1 {
            name(format!("{key}#1"));
        } else {
            name(format!("{}#{}", key.id, key.occurrence));
        }
    }
    let find = |label: &str| by_label.get(label).copied().flatten();
    let pair = |decision: &UserDecision| {
        let (a, b) = (find(&decision.left)?, find(&decision.right)?);
        (a != b).then(|| Pair::new(a.0, b.0))
    };
    decisions.iter().map(pair).collect()
}

/// Turns what people decided into constraints; gives the number of decisions whose records are not
/// here (any more).
pub(crate) fn decisions(
    table: &Table,
    decisions: &[UserDecision],
    constraints: &mut Constraints,
) -> usize {
    let pairs = decided(table, decisions);
    constrain(decisions, &pairs, constraints);
    pairs.iter().filter(|pair| pair.is_none()).count()
}

/// Turns what people decided into constraints.
pub(super) fn constrain(
    decisions: &[UserDecision],
    pairs: &[Option<Pair>],
    constraints: &mut Constraints,
) {
    for (decision, pair) in decisions.iter().zip(pairs) {
        let list = if decision.same { &mut constraints.same } else { &mut constraints.different };
        list.extend(*pair);
    }
}

/// The matching model the job brings along, when it fits the features.
pub(super) fn saved_model(job: &Job, features: &Features) -> Result<Option<MatchingModel>> {
    match &job.matching {
        Some(model) if !explain::fits(features, model) => Err(Error::Config {
            file: "matching model".into(),
            mistakes: vec!["its comparisons are not those of this input's columns".into()],
            remedy: "load a model that was fitted on the same columns, or none".into(),
        }),
        other => Ok(other.clone()),
    }
}

/// A frozen model is for people or for organizations, and says nothing about the other.
pub(crate) fn check_frozen(frozen: &Frozen, described: Entity) -> Result<()> {
    if frozen.fits(described) {
        return Ok(());
    }
    let of = |entity| match entity {
        Entity::Person => "people",
        Entity::Organization => "organizations",
    };
    let (before, now) = (of(frozen.model.entity), of(described));
    Err(Error::Config {
        file: "state".into(),
        mistakes: vec![format!("it is a state of {before}, and this input holds {now}")],
        remedy: "use another state, or name the columns with --column".into(),
    })
}

/// Finds the record every activity belongs to.
pub(super) fn bind_activities(
    log: &mut ActivityLog,
    table: &Table,
    schema: &UnitedSchema,
    records: &Records,
    clusters: &Clusters,
) -> Result<()> {
    if log.is_empty() {
        return Ok(());
    }
    let has_id: Vec<bool> = schema.inputs.iter().map(|s| s.has(Role::RecordId)).collect();
    let trails = merged_ids(table, schema);
    let mut merged: Vec<MergedId> = trails
        .iter()
        .flat_map(|(record, ids)| {
            let (source, new) = (table.source[record.index()], table.id.get(*record));
            ids.iter().map(move |old| MergedId { source, old, new })
        })
        .collect();
    let logged = logged_merges(log);
    for (new, ids) in &logged {
        // The log does not say of which source its ids are; where they are unknown they lead nowhere.
        for source in (0..table.sources.len() as u16).filter(|&s| has_id[s as usize]) {
            merged.extend(ids.iter().map(|old| MergedId { source, old, new }));
        }
    }
    let emails: Vec<(u32, RecordId)> = table
        .records()
        .flat_map(|r| records.features.emails_of(r.index()).map(move |e| (e, r)))
        .collect();
    let nobody;
    let lead = match log.lead_columns().first() {
        Some(&column) => &log.table.columns[column],
        None => {
            nobody = Column { ids: vec![ValueId::MISSING; log.len()], ..Column::default() };
            &nobody
        }
    };
    let inputs: Vec<ActivityInput> = log
        .table
        .sources
        .iter()
        .zip(&log.schema.inputs)
        .map(|(info, input)| ActivityInput { name: &info.name, preset: input.product.as_deref() })
        .collect();
    let by_email = activity_emails(log, records);
    let binding = bind::bind(
        &Leads { table, has_id: &has_id, clusters, merged: &merged, emails: &emails },
        &References {
            inputs: &inputs,
            input: &log.table.source,
            lead: &lead.ids,
            dictionary: &lead.dictionary,
            email: &by_email,
        },
    )
    .map_err(|error| Error::Bind { what: error.to_string() })?;
    log.activities.record = binding.record;
    Ok(())
}

/// Per activity, the record e-mail it names; empty when the activities name none.
fn activity_emails(log: &ActivityLog, records: &Records) -> Vec<u32> {
    let mut columns: Vec<usize> = log.schema.all(Role::Email).collect();
    columns.extend(
        log.lead_columns()
            .into_iter()
            .filter(|&c| log.table.columns[c].dictionary.iter().any(|v| v.contains('@'))),
    );
    if columns.is_empty() {
        return Vec::new();
    }
    let known = DictionaryBuilder::resume(records.email_text.clone());
    let mut found = vec![0u32; log.len()];
    for column in columns {
        let column = &log.table.columns[column];
        let of_value: Vec<u32> = column
            .dictionary
            .iter()
            .map(|v| {
                let key = email::parse(v).value.map(|e| e.identity_key());
                key.and_then(|k| known.find(&k)).map_or(0, |id| id.0)
            })
            .collect();
        for (slot, value) in found.iter_mut().zip(&column.ids) {
            if *slot == 0 {
                *slot = of_value[value.index()];
            }
        }
    }
    found
}
