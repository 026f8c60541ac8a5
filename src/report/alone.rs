//! What `score` writes: the scores of records that were not merged, and their ledger.
//!
//! Beside the files of a run, with the same words and the same way of writing; one row per record
//! and model, in canonical order.

use super::fact::Words;
use super::label::Labels;
use super::ledger::Names;
use super::scores::{Extra, action, band, band_id};
use super::table::{COMMA, Lines, write_to};
use crate::pipeline::alone::Alone;
use crate::record::RecordId;
use crate::score::ModelScores;
use crate::score::ledger::NO_RECORD;
use crate::score::model::ScoringModel;
use crate::score::quantity::format_points;
use serde::Serialize;
use std::io::{self, Write};

/// Writes the scores as CSV.
///
/// # Errors
/// When the writer fails.
pub fn write_scores(alone: &Alone, out: &mut (dyn Write + Send)) -> io::Result<()> {
    let extra = Extra::new(&alone.models);
    let mut headers: Vec<String> = [
        "record_id",
        "source",
        "row",
        "model",
        "score",
        "raw",
        "band",
        "action",
        "temperature",
        "reason",
    ]
    .map(String::from)
    .to_vec();
    headers.extend(extra.headers());
    let head = Lines::head(COMMA, headers.iter().map(String::as_str));
    let table = &alone.table;
    write_to(
        out,
        head,
        || Lines::new(COMMA),
        table.len(),
        |rows, lines| {
            for i in rows {
                let each = alone.models.iter().zip(&alone.scored.models).enumerate();
                for (m, (model, scores)) in each {
                    lines.cell(table.id.get(RecordId(i as u32)));
                    lines.cell(&table.sources[table.source[i] as usize].name);
                    lines.number(table.row[i].into());
                    lines.cell(&model.name);
                    write_score(alone, i, model, scores, lines);
                    extra.write(m, i, model, scores, lines);
                    lines.end();
                }
            }
        },
    )
}

fn write_score(
    alone: &Alone,
    record: usize,
    model: &ScoringModel,
    scores: &ModelScores,
    lines: &mut Lines,
) {
    if let Some((fact, _)) = scores.excluded[record] {
        (0..5).for_each(|_| lines.empty());
        let reason = model.exclude.as_ref().and_then(|e| e.reason.clone());
        let reason = reason.unwrap_or_else(|| fact.text(&alone.facts));
        return lines.joined(|text| {
            text.push_str("excluded: ");
            text.push_str(&reason);
        });
    }
    let number = scores.band[record];
    lines.points(scores.score[record]);
    lines.points(scores.raw[record]);
    lines.cell(band_id(model, number));
    lines.cell(action(model, number));
    let temperature = band(model, number).and_then(|b| b.temperature);
    lines.cell(temperature.map_or("", |t| t.as_str()));
    lines.empty();
}

/// Writes the ledger as CSV: lines that add up to every component of every record.
///
/// # Errors
/// When the writer fails.
pub fn write_ledger(alone: &Alone, out: &mut (dyn Write + Send)) -> io::Result<()> {
    let headers = ["record_id", "model", "component", "rule", "fact", "points"];
    let labels = Labels::new(&alone.table);
    let head = Lines::head(COMMA, headers);
    write_to(
        out,
        head,
        || Lines::new(COMMA),
        alone.table.len(),
        |rows, lines| {
            let mut words = Words::new(&alone.facts);
            let mut rules: Vec<Names> = alone.models.iter().map(Names::new).collect();
            for i in rows {
                for (m, scores) in alone.scored.models.iter().enumerate() {
                    for entry in scores.ledger_of(i) {
                        let own = RecordId(i as u32);
                        // A lead that was not merged has all its facts from itself.
                        debug_assert!(entry.record == own || entry.record == NO_RECORD);
                        lines.joined(|text| labels.push(own, text));
                        lines.cell(&alone.models[m].name);
                        lines.cell(&alone.models[m].components[entry.component as usize].id);
                        lines.cell(rules[m].of(entry));
                        lines.joined(|text| words.push(entry.fact, text));
                        lines.points(entry.points);
                        lines.end();
                    }
                }
            }
        },
    )
}

/// The scores in numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AloneSummary {
    /// Records scored or excluded.
    pub records: usize,
    /// Rows that could not be read.
    pub rejects: usize,
    /// Activities that count.
    pub activities: usize,
    /// Activities that repeat another of the same record.
    pub duplicate_activities: usize,
    /// Activities of nobody in the input.
    pub orphan_activities: usize,
    /// Activities after the clock.
    pub future_activities: u64,
    /// Kinds of activity that no list knows, with their number: they score nothing by themselves.
    pub unknown_kinds: Vec<UnknownKind>,
    /// The clock.
    pub as_of: String,
    /// What each model gave.
    pub models: Vec<ModelSummary>,
}

/// A kind of activity that is none of the known ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnknownKind {
    /// As the input has it, with `other:` in front.
    pub kind: String,
    /// How many activities are of it.
    pub count: u64,
}

/// What a model gave.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelSummary {
    /// Its name.
    pub model: String,
    /// Records with a score.
    pub scored: usize,
    /// Records without one, for a reason.
    pub excluded: usize,
    /// Records per band; the last is "no band".
    pub bands: Vec<BandSummary>,
    /// What each rule did.
    pub rules: Vec<RuleSummary>,
}

/// Records of a band.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BandSummary {
    /// Its id; empty for none.
    pub band: String,
    /// What to do with them.
    pub action: String,
    /// How many.
    pub records: usize,
}

/// What a rule did over all leads.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleSummary {
    /// Its id.
    pub rule: String,
    /// Its name for people.
    pub title: String,
    /// Times it fired.
    pub fired: u64,
    /// Leads it fired for.
    pub leads: u64,
    /// Points it gave or took in all: the sum of its ledger lines.
    pub points: f64,
}

/// What the rules of a model did.
pub(crate) fn rule_summaries(model: &ScoringModel, scores: &ModelScores) -> Vec<RuleSummary> {
    let each = model.rules.iter().zip(&scores.rules);
    each.map(|(rule, stats)| RuleSummary {
        rule: rule.id.clone(),
        title: rule.title().to_string(),
        fired: stats.fired,
        leads: stats.leads,
        points: stats.points as f64 / 1000.0,
    })
    .collect()
}

/// Sums the scores up.
pub fn summary(alone: &Alone) -> AloneSummary {
    let [kept, duplicates, orphans] = alone.activities;
    let models = alone.models.iter().zip(&alone.scored.models);
    AloneSummary {
        records: alone.table.len(),
        rejects: alone.rejects.len(),
        activities: kept,
        duplicate_activities: duplicates,
        orphan_activities: orphans,
        future_activities: alone.scored.future_events,
        unknown_kinds: unknown_kinds(alone),
        as_of: super::json::show_instant(alone.as_of),
        models: models.map(|(model, scores)| sum_model(model, scores)).collect(),
    }
}

fn unknown_kinds(alone: &Alone) -> Vec<UnknownKind> {
    let events = &alone.facts.events;
    let mut counts = vec![0_u64; events.kinds.len()];
    for &kind in &events.kind {
        counts[kind as usize] += 1;
    }
    let all = events.kinds.iter().zip(counts);
    let mut unknown: Vec<UnknownKind> = all
        .filter(|(kind, count)| kind.starts_with("other:") && *count > 0)
        .map(|(kind, count)| UnknownKind { kind: kind.clone(), count })
        .collect();
    unknown.sort_by(|x, y| y.count.cmp(&x.count).then(x.kind.cmp(&y.kind)));
    unknown
}

fn sum_model(model: &ScoringModel, scores: &ModelScores) -> ModelSummary {
    let excluded = scores.excluded.iter().filter(|e| e.is_some()).count();
    let count = |wanted: u16| scores.band.iter().filter(|&&b| b == wanted).count();
    let of_primary = model.bands.iter().enumerate().filter(|(_, b)| b.of == model.primary);
    let mut bands: Vec<BandSummary> = of_primary
        .map(|(i, band)| BandSummary {
            band: band.id.clone(),
            action: band.action.clone().unwrap_or_default(),
            records: count(i as u16),
        })
        .collect();
    bands.push(BandSummary {
        band: String::new(),
        action: String::new(),
        records: count(crate::score::NO_BAND) - excluded,
    });
    ModelSummary {
        model: model.name.clone(),
        scored: scores.len() - excluded,
        excluded,
        bands,
        rules: rule_summaries(model, scores),
    }
}

impl AloneSummary {
    /// The summary as text.
    pub fn to_text(&self) -> String {
        let mut lines =
            vec![format!("{} scored, none merged, as of {}", records(self.records), self.as_of)];
        if self.activities + self.duplicate_activities + self.orphan_activities > 0 {
            let mut line = format!("{} activities count", self.activities);
            for (n, what) in [
                (self.duplicate_activities as u64, "logged twice"),
                (self.orphan_activities as u64, "of nobody in the input"),
                (self.future_activities, "after that date"),
            ] {
                if n > 0 {
                    line += &format!(", {n} {what}");
                }
            }
            lines.push(line);
        }
        for unknown in self.unknown_kinds.iter().take(5) {
            let name = printable(unknown.kind.trim_start_matches("other:"));
            lines.push(format!("{} activities of an unknown kind: {name}", unknown.count));
        }
        if self.rejects > 0 {
            lines.push(format!("{} rows could not be read", self.rejects));
        }
        self.models.iter().for_each(|model| model.push(&mut lines));
        lines.join("\n") + "\n"
    }
}

impl ModelSummary {
    fn push(&self, lines: &mut Vec<String>) {
        lines.push(format!("\nModel {}", printable(&self.model)));
        for band in &self.bands {
            let name = if band.band.is_empty() { "no band" } else { &band.band };
            let line = format!(
                "  {:>9}  {:<16} {}",
                band.records,
                printable(name),
                printable(&band.action)
            );
            lines.push(line.trim_end().to_string());
        }
        if self.excluded > 0 {
            lines.push(format!("  {:>9}  without a score (excluded)", self.excluded));
        }
        if self.rules.is_empty() {
            return;
        }
        lines.push(format!("  {:>9}  {:>9}  {:>9}  rule", "leads", "times", "points"));
        for rule in &self.rules {
            let points = format_points((rule.points * 1000.0).round() as i64);
            let title = printable(&rule.title);
            lines.push(format!("  {:>9}  {:>9}  {points:>9}  {title}", rule.leads, rule.fired));
        }
    }
}

fn records(number: usize) -> String {
    if number == 1 { "1 record".into() } else { format!("{number} records") }
}

/// Text of a model or input as a terminal may show it.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
