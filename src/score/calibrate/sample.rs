//! What calibration learns from: how often each rule fired for each lead with an outcome.
//!
//! Taken from the ledger, so that a rule that counts an old click half counts half here too.

use super::super::leads::ModelScores;
use super::super::ledger::Source;
use super::super::model::{ComponentKind, Effect, ScoringModel};
use super::newton::{self, Fit};
use super::{FOLDS, LeftOut};

/// A rule that fires for fewer leads than this cannot be told.
const RAREST: usize = 10;

/// Leads with an outcome, and what fired for them.
pub(super) struct Sample {
    /// Indices of the persons.
    pub(super) persons: Vec<usize>,
    /// Whether each was won.
    pub(super) won: Vec<bool>,
    /// Indices of the rules that can be fitted.
    pub(super) rules: Vec<usize>,
    /// Rules that cannot.
    pub(super) left_out: Vec<LeftOut>,
    /// Firings, lead by lead.
    rows: Vec<f64>,
    /// Part of the cross-validation of each lead.
    folds: Vec<u64>,
}

/// Points that one firing of a rule gives; 0 for a rule that does not add.
pub(super) fn points_of(model: &ScoringModel, rule: usize) -> i64 {
    match model.rules[rule].effect {
        Effect::Add(points) => points,
        _ => 0,
    }
}

impl Sample {
    pub(super) fn gather(
        model: &ScoringModel,
        scores: &ModelScores,
        won: &[Option<bool>],
        key: &[u64],
    ) -> Self {
        let outcome = |p: usize| won.get(p).copied().flatten();
        let persons: Vec<usize> = (0..scores.len())
            .filter(|&p| outcome(p).is_some() && scores.excluded[p].is_none())
            .collect();
        let mut left_out = Vec::new();
        let mut rules = Vec::new();
        let (firings, fired) = firings(model, scores, &persons);
        for (index, rule) in model.rules.iter().enumerate() {
            match reason(model, index, fired[index], persons.len()) {
                Some(why) => left_out.push(LeftOut { rule: rule.id.clone(), why }),
                None => rules.push(index),
            }
        }
        let width = model.rules.len();
        let rows = (0..persons.len())
            .flat_map(|at| rules.iter().map(move |&rule| at * width + rule))
            .map(|at| firings[at])
            .collect();
        Self {
            won: persons.iter().map(|&p| outcome(p) == Some(true)).collect(),
            folds: persons.iter().map(|&p| key.get(p).copied().unwrap_or(0) % FOLDS).collect(),
            persons,
            rules,
            left_out,
            rows,
        }
    }

    /// Leads that were won.
    pub(super) fn won_count(&self) -> usize {
        self.won.iter().filter(|won| **won).count()
    }

    pub(super) fn row(&self, at: usize) -> &[f64] {
        let width = self.rules.len();
        &self.rows[at * width..(at + 1) * width]
    }

    pub(super) fn fold(&self, at: usize) -> u64 {
        self.folds[at]
    }

    /// Leads the rule at a column fired for, and how many of them were won.
    pub(super) fn fired(&self, column: usize) -> (usize, usize) {
        let fired = |at: &usize| self.row(*at)[column] != 0.0;
        let all: Vec<usize> = (0..self.persons.len()).filter(fired).collect();
        (all.len(), all.iter().filter(|&&at| self.won[at]).count())
    }

    /// Fits all leads, or all but those of a part.
    pub(super) fn fit(&self, ridge: f64, without: Option<u64>) -> Option<Fit> {
        let used = |at: &usize| without != Some(self.folds[*at]);
        let mut rows = Vec::with_capacity(self.rows.len());
        let mut won = Vec::with_capacity(self.won.len());
        for at in (0..self.persons.len()).filter(used) {
            rows.extend_from_slice(self.row(at));
            won.push(self.won[at]);
        }
        newton::fit(&rows, self.rules.len(), &won, ridge)
    }
}

/// How often every rule fired for every lead, and for how many leads each fired at all.
fn firings(
    model: &ScoringModel,
    scores: &ModelScores,
    persons: &[usize],
) -> (Vec<f64>, Vec<usize>) {
    let width = model.rules.len();
    let mut firings = vec![0.0; persons.len() * width];
    for (at, &person) in persons.iter().enumerate() {
        for line in scores.ledger_of(person) {
            let Source::Rule(rule) = line.source else { continue };
            let points = points_of(model, rule as usize);
            if points != 0 {
                firings[at * width + rule as usize] += line.points as f64 / points as f64;
            }
        }
    }
    let fired =
        |rule: usize| (0..persons.len()).filter(|at| firings[at * width + rule] != 0.0).count();
    let fired = (0..width).map(fired).collect();
    (firings, fired)
}

/// Why a rule cannot be fitted.
fn reason(model: &ScoringModel, index: usize, fired: usize, leads: usize) -> Option<&'static str> {
    let rule = &model.rules[index];
    let component = &model.components[rule.component];
    match rule.effect {
        Effect::Add(0) => Some("gives no points"),
        Effect::Add(_) if !matches!(component.kind, ComponentKind::Points) => {
            Some("its component is not a sum of points")
        }
        Effect::Add(_) if !counts(model, rule.component) => Some("is not part of the score"),
        Effect::Add(_) if fired == 0 => Some("fires for none of these leads"),
        Effect::Add(_) if fired == leads && rule.on.is_none() => {
            Some("fires for all of these leads")
        }
        Effect::Add(_) if fired < RAREST => Some("fires too rarely to be told"),
        Effect::Add(_) => None,
        _ => Some("does not add points"),
    }
}

/// True for the component that is the lead's score and for the parts it is a total of.
fn counts(model: &ScoringModel, component: usize) -> bool {
    match &model.primary_component().kind {
        ComponentKind::Total { of, .. } => of.contains(&component),
        _ => component == model.primary,
    }
}
