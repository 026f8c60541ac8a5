//! `ledger.csv` and `drops.csv`: why a score is what it is, and why it is not more.

use super::fact::Words;
use super::folder::OutputFolder;
use super::label::Labels;
use super::table::{COMMA, Lines, write_rows};
use crate::error::Result;
use crate::pipeline::Outcome;
use crate::record::RecordId;
use crate::score::Drop;
use crate::score::band::show_value;
use crate::score::ledger::{Entry, NO_RECORD, Source};
use crate::score::model::ScoringModel;
use std::collections::BTreeMap;

/// Writes `ledger.csv`: the lines of every component of every person, adding up to its value.
pub(crate) fn write(outcome: &Outcome, folder: &OutputFolder) -> Result<()> {
    let headers = ["person_id", "model", "component", "rule", "fact", "record_id", "points"];
    let head = Lines::head(COMMA, headers);
    let labels = Labels::new(&outcome.table);
    let persons = outcome.matched.clusters.len();
    write_rows(folder, "ledger.csv", COMMA, head, persons, |rows, lines| {
        let mut words = Words::new(&outcome.facts);
        let mut rules: Vec<Names> = outcome.models.iter().map(Names::new).collect();
        for person in rows {
            for (m, scores) in outcome.scored.models.iter().enumerate() {
                for entry in scores.ledger_of(person) {
                    lines.plain(outcome.person_ids.get(person as u32));
                    lines.cell(&outcome.models[m].name);
                    lines.cell(&outcome.models[m].components[entry.component as usize].id);
                    lines.cell(rules[m].of(entry));
                    lines.joined(|text| words.push(entry.fact, text));
                    write_record(&labels, entry.record, lines);
                    lines.points(entry.points);
                    lines.end();
                }
            }
        }
    })
}

/// Writes `drops.csv`: each cause of each lead below its best part, in the score or in another
/// component.
pub(crate) fn write_drops(outcome: &Outcome, folder: &OutputFolder) -> Result<()> {
    let headers = [
        "person_id",
        "surviving_id",
        "model",
        "component",
        "score",
        "best_part",
        "best_record",
        "cause",
        "rule",
        "fact",
        "points",
        "rule_name",
    ];
    let labels = Labels::new(&outcome.table);
    let drops: Vec<(usize, &Drop)> = outcome
        .scored
        .models
        .iter()
        .enumerate()
        .flat_map(|(m, scores)| {
            let all = scores.drops.iter().chain(&scores.component_drops);
            all.map(move |drop| (m, drop))
        })
        .collect();
    let head = Lines::head(COMMA, headers);
    write_rows(folder, "drops.csv", COMMA, head, drops.len(), |rows, lines| {
        let mut words = Words::new(&outcome.facts);
        for &(m, drop) in &drops[rows] {
            let (model, scores) = (&outcome.models[m], &outcome.scored.models[m]);
            let (person, index) = (drop.person as usize, usize::from(drop.component));
            let component = &model.components[index];
            let is_score = index == model.primary;
            let value =
                if is_score { scores.score[person] } else { scores.values_of(person)[index] };
            for cause in &drop.causes {
                lines.plain(outcome.person_ids.get(drop.person));
                lines.joined(|text| labels.push(outcome.fields.survivor[person], text));
                lines.cell(&model.name);
                lines.cell(&component.id);
                lines.cell(&show_value(component, value));
                lines.cell(&show_value(component, drop.best_part));
                write_record(&labels, drop.best_record, lines);
                lines.cell(cause.why.as_str());
                lines.cell(&cause.entry.source.id(model, cause.entry.component));
                lines.joined(|text| words.push(cause.entry.fact, text));
                lines.points(cause.entry.points);
                lines.cell(&cause.entry.source.title(model, cause.entry.component));
                lines.end();
            }
        }
    })
}

fn write_record(labels: &Labels, record: RecordId, lines: &mut Lines) {
    match record {
        NO_RECORD => lines.empty(),
        record => lines.joined(|text| labels.push(record, text)),
    }
}

/// Names of what gives points, made once each.
pub(crate) struct Names<'a> {
    model: &'a ScoringModel,
    known: BTreeMap<(u16, Source), String>,
}

impl<'a> Names<'a> {
    /// Names of a model.
    pub fn new(model: &'a ScoringModel) -> Self {
        Self { model, known: BTreeMap::new() }
    }

    /// The name of what gave a line its points.
    pub fn of(&mut self, entry: &Entry) -> &str {
        if let Source::Rule(rule) = entry.source {
            return self.model.rules.get(rule as usize).map_or("", |r| &r.id);
        }
        let (component, source) = (entry.component, entry.source);
        self.known.entry((component, source)).or_insert_with(|| source.id(self.model, component))
    }
}
