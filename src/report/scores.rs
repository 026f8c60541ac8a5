//! `scores.csv` and `hidden.csv`: what every lead is worth, and whom the duplicates had hidden.

use super::folder::OutputFolder;
use super::label::Labels;
use super::table::{COMMA, Lines, write_rows};
use crate::error::Result;
use crate::pipeline::Outcome;
use crate::score::band::show_value;
use crate::score::ledger::{Entry, Source};
use crate::score::model::{ComponentKind, ScoringModel};
use crate::score::quantity::{divide_rounded, format_points};
use crate::score::{ModelScores, NO_BAND};

/// Lines of the ledger told as the reason of a change.
const TOLD: usize = 3;

/// A band of a model by its number; `None` for no band.
pub(crate) fn band(model: &ScoringModel, band: u16) -> Option<&crate::score::model::Band> {
    (band != NO_BAND).then(|| model.bands.get(band as usize)).flatten()
}

/// Id of a band; empty for none.
pub(crate) fn band_id(model: &ScoringModel, number: u16) -> &str {
    band(model, number).map_or("", |b| &b.id)
}

/// What to do with leads of a band; empty for nothing.
pub(crate) fn action(model: &ScoringModel, number: u16) -> &str {
    band(model, number).and_then(|b| b.action.as_deref()).unwrap_or("")
}

/// Writes `scores.csv`: one row per person and model.
pub(crate) fn write(outcome: &Outcome, folder: &OutputFolder) -> Result<()> {
    let models = &outcome.models;
    let extra = Extra::new(models);
    let mut headers: Vec<String> = [
        "person_id",
        "surviving_id",
        "records",
        "model",
        "score",
        "band",
        "action",
        "best_part",
        "best_part_band",
        "sum_of_parts",
        "change",
        "reason",
    ]
    .map(String::from)
    .to_vec();
    headers.extend(extra.headers());
    let head = Lines::head(COMMA, headers.iter().map(String::as_str));
    let labels = Labels::new(&outcome.table);
    let persons = outcome.matched.clusters.len();
    write_rows(folder, "scores.csv", COMMA, head, persons, |rows, lines| {
        for person in rows {
            for (m, (model, scores)) in models.iter().zip(&outcome.scored.models).enumerate() {
                write_person(outcome, &labels, person, model, scores, lines);
                write_row(outcome, person, model, scores, lines);
                extra.write(m, person, model, scores, lines);
                lines.end();
            }
        }
    })
}

/// The columns after the fixed ones: every component, and, where a model has them, ratings, stages
/// and the persona that fits best. A column of several models is filled by each of those that have it.
pub(crate) struct Extra<'a> {
    components: Vec<&'a str>,
    ratings: Vec<&'a str>,
    stages: bool,
    persona: bool,
    /// Per model and column: the component that fills it.
    component_of: Vec<Vec<Option<usize>>>,
    /// Per model and column: the matrix that fills it.
    matrix_of: Vec<Vec<Option<usize>>>,
}

impl<'a> Extra<'a> {
    /// The columns of these models.
    pub fn new(models: &'a [ScoringModel]) -> Self {
        let components =
            once_each(models.iter().flat_map(|m| &m.components).map(|c| c.id.as_str()));
        let ratings = once_each(models.iter().flat_map(|m| &m.matrices).map(|m| m.id.as_str()));
        let component_of = models.iter().map(|m| {
            components.iter().map(|id| m.components.iter().position(|c| c.id == *id)).collect()
        });
        let matrix_of = models.iter().map(|m| {
            ratings.iter().map(|id| m.matrices.iter().position(|x| x.id == *id)).collect()
        });
        Self {
            component_of: component_of.collect(),
            matrix_of: matrix_of.collect(),
            stages: models.iter().any(|m| !m.stages.is_empty()),
            persona: models.iter().any(|m| !m.personas.is_empty()),
            components,
            ratings,
        }
    }

    /// Their headers.
    pub fn headers(&self) -> Vec<String> {
        let components = self.components.iter().map(|id| format!("component.{id}"));
        let ratings = self.ratings.iter().map(|id| format!("rating.{id}"));
        let stages = self.stages.then(|| "stages".to_string());
        let persona = self.persona.then(|| "persona".to_string());
        components.chain(ratings).chain(stages).chain(persona).collect()
    }

    /// Their cells for one lead under the `m`-th model.
    pub fn write(
        &self,
        m: usize,
        person: usize,
        model: &ScoringModel,
        scores: &ModelScores,
        lines: &mut Lines,
    ) {
        let excluded = scores.excluded[person].is_some();
        let values = scores.values_of(person);
        for component in &self.component_of[m] {
            match component {
                Some(c) if !excluded => match &model.components[*c] {
                    ladder if ladder.is_ladder() => lines.cell(&show_value(ladder, values[*c])),
                    _ => lines.points(values[*c]),
                },
                _ => lines.empty(),
            }
        }
        for matrix in &self.matrix_of[m] {
            match matrix {
                Some(x) if !excluded => {
                    let rating = scores.ratings[person * model.matrices.len() + x];
                    lines.cell(&model.matrices[*x].show(rating));
                }
                _ => lines.empty(),
            }
        }
        if self.stages {
            lines.joined(|text| {
                let reached = model.stages.iter().enumerate();
                for (_, stage) in reached.filter(|(i, _)| scores.stages[person] >> i & 1 == 1) {
                    if !text.is_empty() {
                        text.push(' ');
                    }
                    text.push_str(&stage.id);
                }
            });
        }
        if self.persona {
            let best = scores.persona[person].and_then(|p| model.personas.get(p as usize));
            lines.cell(best.map_or("", |p| p.name.as_deref().unwrap_or(&p.id)));
        }
    }
}

fn once_each<'a>(ids: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut all = Vec::new();
    for id in ids {
        if !all.contains(&id) {
            all.push(id);
        }
    }
    all
}

/// Person, surviving record, records and model.
fn write_person(
    outcome: &Outcome,
    labels: &Labels,
    person: usize,
    model: &ScoringModel,
    scores: &ModelScores,
    lines: &mut Lines,
) {
    lines.plain(outcome.person_ids.get(person as u32));
    lines.joined(|text| labels.push(outcome.fields.survivor[person], text));
    lines.number(outcome.matched.clusters.members(person as u32).len() as u64);
    lines.cell(&model.name);
    if scores.excluded[person].is_some() {
        lines.empty()
    } else {
        lines.points(scores.score[person])
    }
}

/// Band, action, parts, change and its reason.
fn write_row(
    outcome: &Outcome,
    person: usize,
    model: &ScoringModel,
    scores: &ModelScores,
    lines: &mut Lines,
) {
    lines.cell(band_id(model, scores.band[person]));
    lines.cell(action(model, scores.band[person]));
    if let Some((fact, _)) = scores.excluded[person] {
        (0..4).for_each(|_| lines.empty());
        let reason = model.exclude.as_ref().and_then(|e| e.reason.clone());
        let reason = reason.unwrap_or_else(|| fact.text(&outcome.facts));
        lines.joined(|text| {
            text.push_str("excluded: ");
            text.push_str(&reason);
        });
        return;
    }
    lines.points(scores.best_part[person]);
    lines.cell(band_id(model, scores.best_part_band[person]));
    lines.points(scores.sum_of_parts[person]);
    lines.points(scores.change_of(person));
    if scores.change_of(person) == 0 && scores.score[person] == scores.recomputed[person] {
        lines.empty();
    } else {
        lines.cell(&change_reason(person, model, scores));
    }
}

/// The lines that made the difference, in words: `Opened the campaign +10`.
pub(crate) fn change_reason(person: usize, model: &ScoringModel, scores: &ModelScores) -> String {
    if let Ok(at) = scores.drops.binary_search_by_key(&(person as u32), |drop| drop.person) {
        let causes = scores.drops[at].causes.iter().map(|cause| &cause.entry);
        let mut reason = tell(model, causes);
        if scores.score[person] > scores.recomputed[person] {
            reason.push_str(" (kept at its best part)");
        }
        return reason;
    }
    if let Ok(at) = scores.rises.binary_search_by_key(&(person as u32), |rise| rise.person) {
        return tell(model, scores.rises[at].causes.iter().map(|cause| &cause.entry));
    }
    // Numbers taken over from the parts: told by the records they came from.
    let best = scores.best_record[person];
    let mut gains: Vec<&Entry> = scores
        .ledger_of(person)
        .iter()
        .filter(|e| counts(model, e) && e.record != best)
        .filter(|e| !matches!(e.source, Source::Start | Source::Part(_)))
        .collect();
    gains.sort_by_key(|e| std::cmp::Reverse(e.points.unsigned_abs()));
    let told = tell(model, gains.into_iter());
    if told.is_empty() { told } else { format!("from other records: {told}") }
}

/// Whether a line is one of the lead's score: of the primary component or of a part of it.
fn counts(model: &ScoringModel, entry: &Entry) -> bool {
    in_score(model, entry.component as usize)
}

/// Whether the lines of a component are those of the lead's score.
pub(crate) fn in_score(model: &ScoringModel, component: usize) -> bool {
    match &model.primary_component().kind {
        ComponentKind::Total { of, .. } => of.contains(&component),
        _ => component == model.primary,
    }
}

/// The first lines in words, to a tenth of a point; the ledger has them exactly. What is less than
/// that is not told, nor is rounding.
fn tell<'a>(model: &ScoringModel, entries: impl Iterator<Item = &'a Entry>) -> String {
    let told: Vec<String> = entries
        .map(|e| (e, divide_rounded(i128::from(e.points), 100)))
        .filter(|(e, tenths)| *tenths != 0 && e.source != Source::Rounding)
        .take(TOLD)
        .map(|(e, tenths)| {
            let sign = if tenths > 0 { "+" } else { "" };
            let points = i64::try_from(tenths.saturating_mul(100)).unwrap_or(e.points);
            format!("{} {sign}{}", e.source.title(model, e.component), format_points(points))
        })
        .collect();
    told.join("; ")
}

/// What gives most of a lead's score, in words; every rule once, however many records it rests on.
pub(crate) fn why(model: &ScoringModel, scores: &ModelScores, person: usize) -> String {
    let mut sums: Vec<Entry> = Vec::new();
    for line in scores.ledger_of(person).iter().filter(|line| counts(model, line)) {
        // What only bounds other lines, or stands for them, gives nothing of its own.
        if matches!(
            line.source,
            Source::Start | Source::Group(_) | Source::Range | Source::Rounding | Source::Part(_)
        ) {
            continue;
        }
        let same = |sum: &&mut Entry| (sum.component, sum.source) == (line.component, line.source);
        match sums.iter_mut().find(same) {
            Some(sum) => sum.points = sum.points.saturating_add(line.points),
            None => sums.push(*line),
        }
    }
    // Stable: equal ones stay in the order of the model.
    sums.sort_by_key(|sum| std::cmp::Reverse(sum.points.unsigned_abs()));
    tell(model, sums.iter())
}

/// Writes `hidden.csv`.
pub(crate) fn write_hidden(outcome: &Outcome, folder: &OutputFolder) -> Result<()> {
    let hidden = outcome.digest().hidden.iter().enumerate();
    let rows: Vec<(usize, u32)> =
        hidden.flat_map(|(m, persons)| persons.iter().map(move |&p| (m, p))).collect();
    let headers = [
        "person_id",
        "surviving_id",
        "model",
        "score",
        "band",
        "best_part",
        "best_part_band",
        "hidden_points",
        "action",
        "records",
        "reason",
    ];
    let labels = Labels::new(&outcome.table);
    let head = Lines::head(COMMA, headers);
    write_rows(folder, "hidden.csv", COMMA, head, rows.len(), |range, lines| {
        for &(m, p) in &rows[range] {
            let (model, scores, person) =
                (&outcome.models[m], &outcome.scored.models[m], p as usize);
            lines.plain(outcome.person_ids.get(p));
            lines.joined(|text| labels.push(outcome.fields.survivor[person], text));
            lines.cell(&model.name);
            lines.points(scores.score[person]);
            lines.cell(band_id(model, scores.band[person]));
            lines.points(scores.best_part[person]);
            lines.cell(band_id(model, scores.best_part_band[person]));
            lines.points(scores.change_of(person));
            lines.cell(action(model, scores.band[person]));
            lines.number(outcome.matched.clusters.members(p).len() as u64);
            lines.cell(&change_reason(person, model, scores));
            lines.end();
        }
    })
}
