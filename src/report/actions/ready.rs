//! Leads that are ready though their score is low.
//!
//! One number hides a customer who comes back or asks for a quote behind whoever opens more mails. A
//! model can say itself who that is with a stage named `ready-but-low`; else it is whoever bought
//! before, is deciding, or stands at the top of a component that counts what people do.

use super::card::kind_words;
use crate::pipeline::Outcome;
use crate::score::band::show_value;
use crate::score::model::{ComponentKind, ScoringModel};
use crate::score::quantity::{DAY, POINT, format_date};

/// The stage by which a model decides itself.
const STAGE: &str = "ready-but-low";
/// How long a request for a demo, a quote or a trial says that someone is deciding.
const DECIDING: i64 = 180 * DAY;

/// What an event says about readiness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Nothing,
    Bought,
    Deciding,
    Opened,
    Closed,
}

fn sign(kind: &str) -> Sign {
    match kind {
        "purchase" | "opportunity.won" => Sign::Bought,
        "demo.request" | "quote.request" | "trial.start" => Sign::Deciding,
        "opportunity.created" => Sign::Opened,
        "opportunity.lost" => Sign::Closed,
        _ => Sign::Nothing,
    }
}

/// Who is ready, under one model.
pub(super) struct Ready<'a> {
    outcome: &'a Outcome,
    model: usize,
    /// Per kind of event.
    signs: Vec<Sign>,
    stage: Option<usize>,
    /// Components that count what people do, with the value from which they are high.
    strong: Vec<(usize, i64)>,
}

impl<'a> Ready<'a> {
    pub fn new(outcome: &'a Outcome, model: usize) -> Self {
        let of = &outcome.models[model];
        Self {
            outcome,
            model,
            signs: outcome.facts.events.kinds.iter().map(|kind| sign(kind)).collect(),
            stage: of.stages.iter().position(|stage| stage.id == STAGE),
            strong: strong(of),
        }
    }

    /// Why a lead is ready; empty when nothing says so.
    pub fn why(&self, person: u32) -> String {
        let mut signs = self.events(person);
        signs.extend(self.components(person));
        if let Some(stage) = self.stage {
            let stages = self.outcome.scored.models[self.model].stages[person as usize];
            if stages & (1 << stage) == 0 {
                return String::new();
            }
            if signs.is_empty() {
                signs.push(format!("stage {STAGE} of the model"));
            }
        }
        signs.join("; ")
    }

    /// What the lead did last of each sign.
    fn events(&self, person: u32) -> Vec<String> {
        let events = &self.outcome.facts.events;
        let (mut bought, mut deciding, mut opened) = (None, None, None);
        for e in self.outcome.facts.events_of(person).map(|e| e as usize) {
            let at = events.at[e];
            if !events.in_union[e] || at > self.outcome.as_of {
                continue;
            }
            match self.signs.get(events.kind[e] as usize) {
                Some(Sign::Bought) => {
                    bought = Some(e);
                    opened = None;
                }
                Some(Sign::Deciding) if self.outcome.as_of.saturating_sub(at) <= DECIDING => {
                    deciding = Some(e);
                }
                Some(Sign::Opened) => opened = Some(e),
                Some(Sign::Closed) => opened = None,
                _ => {}
            }
        }
        let told = |e: usize, what: &str| {
            let kind = kind_words(&events.kinds[events.kind[e] as usize]);
            match events.at[e] {
                i64::MIN => format!("{what}: {kind}"),
                at => format!("{what}: {kind} {}", format_date(at)),
            }
        };
        let signs = [(bought, "bought before"), (deciding, "is deciding"), (opened, "is deciding")];
        signs.into_iter().filter_map(|(event, what)| event.map(|e| told(e, what))).collect()
    }

    fn components(&self, person: u32) -> Vec<String> {
        let model = &self.outcome.models[self.model];
        let values = self.outcome.scored.models[self.model].values_of(person as usize);
        let high = self.strong.iter().filter(|&&(c, from)| values[c] >= from);
        high.map(|&(c, _)| {
            let component = &model.components[c];
            format!("{} is high: {}", component.title(), show_value(component, values[c]))
        })
        .collect()
    }
}

/// High is the upper fifth of what a component can be.
fn strong(model: &ScoringModel) -> Vec<(usize, i64)> {
    let counts_events =
        |c: usize| model.rules.iter().any(|rule| rule.component == c && rule.on.is_some());
    let all = model.components.iter().enumerate();
    all.filter(|&(c, _)| c != model.primary && counts_events(c))
        .filter_map(|(c, component)| {
            let most = match (&component.kind, component.range) {
                (ComponentKind::Ladder { steps, .. }, _) => {
                    Some(steps.len().saturating_sub(1) as i64 * POINT)
                }
                (_, Some((_, most))) => most,
                _ => None,
            };
            most.filter(|&most| most > 0).map(|most| (c, most.saturating_mul(4) / 5))
        })
        .collect()
}
