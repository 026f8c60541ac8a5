//! `report.json`: the run in numbers, for programs. Ids only, no personal data.

use super::actions::ActionCounts;
use super::alone::{RuleSummary, rule_summaries};
use super::folder::{GENERATOR, OutputFolder};
use super::scores::{band_id, in_score};
use crate::blocking::block::PassReport;
use crate::error::{Error, Result};
use crate::lists::OwnList;
use crate::merge::history::Status;
use crate::merge::policy::MergeRules;
use crate::normalize::repair::RepairCounts;
use crate::pipeline::Outcome;
use crate::record::SourceInfo;
use crate::schema::{Role, UnitedSchema};
use crate::score::ModelScores;
use crate::score::model::{Channel, ScoringModel};
use crate::state::audit::Audit;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Write;

/// Version of the format of `report.json`.
pub const FORMAT: u32 = 1;
/// Leads hidden by duplicates that are listed.
const HIDDEN: usize = 20;

#[derive(Serialize)]
struct Report<'a> {
    generator: &'static str,
    format: u32,
    version: &'static str,
    as_of: String,
    records: usize,
    people: usize,
    duplicates: usize,
    sources: &'a [SourceInfo],
    columns: Vec<Column<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    activities: Option<Activities<'a>>,
    matching: Matching<'a>,
    scores: Vec<Scores<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actions: Option<ActionCounts>,
    consent: Refusals,
    merge: &'a MergeRules,
    related: BTreeMap<&'static str, usize>,
    rejects: usize,
    /// Cells of the leads that are written otherwise than they were read.
    repairs: &'a RepairCounts,
    /// The user's own reference lists.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    lists: &'static [OwnList],
    /// Findings, changes and trend, where the run is an audit.
    #[serde(skip_serializing_if = "Option::is_none")]
    audit: Option<&'a Audit>,
}

#[derive(Serialize)]
pub(super) struct Column<'a> {
    header: &'a str,
    role: Role,
    why: &'a str,
}

#[derive(Serialize)]
struct Activities<'a> {
    rows: usize,
    kept: usize,
    duplicate: usize,
    orphan: usize,
    future: u64,
    sources: &'a [SourceInfo],
    columns: Vec<Column<'a>>,
}

#[derive(Serialize)]
struct Matching<'a> {
    /// The frozen matching that decided, where one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    frozen: Option<String>,
    candidate_pairs: usize,
    passes: &'a [PassReport],
    merge_links: usize,
    /// Pairs of records that are one person now.
    merged_pairs: u64,
    review_pairs: usize,
    /// Links that may join two people, as the calibrated probabilities have it.
    expected_wrong_merges: f64,
    /// Pairs of one person that no blocking key found, estimated from the overlap of the passes.
    estimated_missed_pairs: f64,
    /// How many people have so many records.
    people_by_records: BTreeMap<usize, u64>,
}

#[derive(Serialize)]
struct Scores<'a> {
    model: &'a str,
    scored: usize,
    excluded: usize,
    bands: Vec<BandCount<'a>>,
    rose: usize,
    fell: usize,
    weaker_than_best_part: usize,
    hidden: Vec<Hidden<'a>>,
    /// The component that is the score.
    primary: &'a str,
    /// Leads with another component below its best part.
    weaker_components: usize,
    /// What people call the components.
    components: Vec<Titled<'a>>,
    /// What people call the rules, and what each did: the sums are those of the ledger.
    rules: Vec<RuleSummary>,
}

#[derive(Serialize)]
struct Titled<'a> {
    component: &'a str,
    title: &'a str,
    /// Whether its ledger lines are those of the lead's score.
    in_score: bool,
}

#[derive(Serialize)]
struct BandCount<'a> {
    band: &'a str,
    /// How its action reaches a lead.
    channel: &'static str,
    /// People in it by their best part alone.
    before: usize,
    /// People in it after merging.
    after: usize,
}

#[derive(Serialize)]
struct Hidden<'a> {
    person_id: &'a str,
    score: f64,
    band: &'a str,
    best_part: f64,
    best_part_band: &'a str,
}

/// People who may not be contacted, each refusal kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Refusals {
    /// By e-mail.
    pub email: usize,
    /// By phone.
    pub phone: usize,
    /// Objected to marketing altogether.
    pub objected: usize,
    /// On the suppression list.
    pub suppressed: usize,
}

/// Counts the people who said no.
pub(crate) fn refusals(outcome: &Outcome) -> Refusals {
    let consent = &outcome.consent;
    Refusals {
        email: consent.email.iter().filter(|d| d.state.is_refusal()).count(),
        phone: consent.phone.iter().filter(|d| d.state.is_refusal()).count(),
        objected: consent.objected.iter().filter(|o| **o).count(),
        suppressed: consent.email.iter().filter(|d| d.suppressed).count(),
    }
}

/// Writes `report.json`.
pub(crate) fn write(outcome: &Outcome, folder: &OutputFolder) -> Result<()> {
    write_json(folder, "report.json", &report(outcome))
}

/// Writes `matching.json`.
pub(crate) fn write_matching(outcome: &Outcome, folder: &OutputFolder) -> Result<()> {
    write_json(folder, "matching.json", &outcome.matched.model)
}

pub(super) fn write_json(folder: &OutputFolder, name: &str, value: &impl Serialize) -> Result<()> {
    let failed = |cause| Error::Write { file: name.to_string(), cause };
    let mut file = folder.create(name)?;
    serde_json::to_writer_pretty(&mut file, value).map_err(|e| failed(e.into()))?;
    file.write_all(b"\n").and_then(|()| file.flush()).map_err(failed)
}

fn report(outcome: &Outcome) -> Report<'_> {
    let (records, people) = (outcome.table.len(), outcome.matched.clusters.len());
    let mut related = BTreeMap::new();
    for relation in &outcome.matched.relations {
        *related.entry(relation.kind.as_str()).or_default() += 1;
    }
    Report {
        generator: GENERATOR,
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION"),
        as_of: show_instant(outcome.as_of),
        records,
        people,
        duplicates: records - people,
        sources: &outcome.table.sources,
        columns: columns(&outcome.schema),
        activities: activities(outcome),
        matching: matching(outcome),
        scores: scores(outcome),
        actions: outcome.digest().plan.counts(outcome),
        consent: refusals(outcome),
        merge: &outcome.rules,
        related,
        rejects: outcome.rejects.len(),
        repairs: &outcome.repairs.counts,
        lists: crate::lists::own(),
        audit: outcome.audit.as_ref(),
    }
}

/// An instant as RFC 3339 in UTC; empty when it is out of the calendar.
pub(crate) fn show_instant(micros: i64) -> String {
    jiff::Timestamp::from_microsecond(micros).map(|t| t.to_string()).unwrap_or_default()
}

pub(super) fn columns(schema: &UnitedSchema) -> Vec<Column<'_>> {
    schema.columns.iter().map(|c| Column { header: &c.header, role: c.role, why: &c.why }).collect()
}

fn activities(outcome: &Outcome) -> Option<Activities<'_>> {
    let log = &outcome.activities;
    let history = &outcome.history;
    (!log.table.sources.is_empty()).then(|| Activities {
        rows: log.len(),
        kept: history.count(Status::Kept),
        duplicate: history.count(Status::Duplicate),
        orphan: history.count(Status::Orphan),
        future: outcome.scored.future_events,
        sources: &log.table.sources,
        columns: columns(&log.schema),
    })
}

fn matching(outcome: &Outcome) -> Matching<'_> {
    let (matched, clusters) = (&outcome.matched, &outcome.matched.clusters);
    let digest = outcome.digest();
    let mut people_by_records = BTreeMap::new();
    let mut merged_pairs = 0;
    for person in 0..clusters.len() as u32 {
        let records = clusters.members(person).len();
        *people_by_records.entry(records).or_default() += 1;
        merged_pairs += (records * (records - 1) / 2) as u64;
    }
    Matching {
        frozen: matched.frozen.as_ref().map(|frozen| frozen.name()),
        candidate_pairs: matched.compared,
        passes: &matched.candidates.report,
        merge_links: digest.links,
        merged_pairs,
        review_pairs: digest.waiting.len(),
        expected_wrong_merges: digest.expected_wrong,
        estimated_missed_pairs: digest.missed,
        people_by_records,
    }
}

fn scores(outcome: &Outcome) -> Vec<Scores<'_>> {
    let both = outcome.models.iter().zip(&outcome.scored.models);
    let all = both.zip(&outcome.digest().hidden);
    all.map(|((model, scores), risen)| model_scores(outcome, model, scores, risen)).collect()
}

fn model_scores<'a>(
    outcome: &'a Outcome,
    model: &'a ScoringModel,
    scores: &'a ModelScores,
    risen: &[u32],
) -> Scores<'a> {
    let excluded = scores.excluded.iter().filter(|e| e.is_some()).count();
    let count =
        |bands: &[u16], band: usize| bands.iter().filter(|&&b| usize::from(b) == band).count();
    let of_primary = model.bands.iter().enumerate().filter(|(_, b)| b.of == model.primary);
    let mut bands: Vec<BandCount> = of_primary
        .map(|(i, band)| BandCount {
            band: &band.id,
            channel: band.channel().as_str(),
            before: count(&scores.best_part_band, i),
            after: count(&scores.band, i),
        })
        .collect();
    let without = usize::from(crate::score::NO_BAND);
    bands.push(BandCount {
        band: "",
        channel: Channel::Other.as_str(),
        before: count(&scores.best_part_band, without) - excluded,
        after: count(&scores.band, without) - excluded,
    });
    Scores {
        model: &model.name,
        scored: scores.len() - excluded,
        excluded,
        bands,
        rose: risen.len(),
        fell: (0..scores.len()).filter(|&p| band_fell(scores, p, model)).count(),
        weaker_than_best_part: scores.drops.len(),
        hidden: risen
            .iter()
            .take(HIDDEN)
            .map(|&person| {
                let p = person as usize;
                Hidden {
                    person_id: outcome.person_ids.get(person),
                    score: scores.score[p] as f64 / 1000.0,
                    band: band_id(model, scores.band[p]),
                    best_part: scores.best_part[p] as f64 / 1000.0,
                    best_part_band: band_id(model, scores.best_part_band[p]),
                }
            })
            .collect(),
        primary: &model.primary_component().id,
        weaker_components: {
            let mut persons: Vec<u32> = scores.component_drops.iter().map(|d| d.person).collect();
            persons.dedup();
            persons.len()
        },
        components: model
            .components
            .iter()
            .enumerate()
            .map(|(i, c)| Titled {
                component: &c.id,
                title: c.title(),
                in_score: in_score(model, i),
            })
            .collect(),
        rules: rule_summaries(model, scores),
    }
}

/// True when the lead is in a worse band than its best part was.
pub(crate) fn band_fell(scores: &ModelScores, person: usize, model: &ScoringModel) -> bool {
    let rank = |band: u16| model.bands.get(band as usize).map(|band| band.min);
    scores.excluded[person].is_none()
        && rank(scores.band[person]) < rank(scores.best_part_band[person])
}
