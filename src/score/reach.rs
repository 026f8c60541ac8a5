//! Which values a component can reach at all: what the linter needs to find dead bands.
//!
//! Bounds, not exact sets: they may be too wide, never too narrow, so that no reachable band is
//! called dead.

use super::component::{Component, ComponentKind};
use super::model::ScoringModel;
use super::quantity::{POINT, WHOLE, multiply_ratio};
use super::rule::{Effect, Rule, ScaleOf, Times};

/// Smallest and largest value of a component, thousandths; the extremes of `i64` are "no bound".
pub(crate) fn reach(model: &ScoringModel, index: usize) -> (i64, i64) {
    let component = &model.components[index];
    let base = match &component.kind {
        ComponentKind::Points | ComponentKind::Weighted | ComponentKind::Ladder { .. } => (0, 0),
        ComponentKind::Persona => (0, 100 * POINT),
        ComponentKind::Ledger { .. } | ComponentKind::Field { .. } => (i64::MIN, i64::MAX),
        ComponentKind::Total { of, mean } => total(model, of, *mean),
    };
    let (low, high) = match &component.kind {
        ComponentKind::Ladder { steps, .. } => (0, steps.len() as i64 * POINT - POINT),
        ComponentKind::Weighted => (0, 100 * POINT),
        _ => with_rules(model, index, base),
    };
    let round = |v: i64| component.round.map_or(v, |r| if free(v) { v } else { r.apply(v) });
    (round(clamp(component, low)), round(clamp(component, high)))
}

fn free(value: i64) -> bool {
    value == i64::MIN || value == i64::MAX
}

fn clamp(component: &Component, value: i64) -> i64 {
    if component.is_ladder() { value } else { component.clamp(value) }
}

fn total(model: &ScoringModel, of: &[usize], mean: bool) -> (i64, i64) {
    let parts = of.iter().map(|&part| reach(model, part));
    let (low, high) = parts.fold((0, 0), |sum, part| (add(sum.0, part.0), add(sum.1, part.1)));
    let share = |v: i64| if mean && !free(v) { v / of.len().max(1) as i64 } else { v };
    (share(low), share(high))
}

/// Addition in which "no bound" stays so.
fn add(a: i64, b: i64) -> i64 {
    match (free(a), free(b)) {
        (true, _) => a,
        (_, true) => b,
        _ => a.saturating_add(b),
    }
}

fn with_rules(model: &ScoringModel, index: usize, base: (i64, i64)) -> (i64, i64) {
    let component = &model.components[index];
    let mut sums = vec![(0_i64, 0_i64); component.groups.len() + 1];
    let rules = || model.rules.iter().filter(|rule| rule.component == index);
    for rule in rules() {
        let sum = &mut sums[rule.group.unwrap_or(component.groups.len())];
        let (low, high) = gives(rule);
        *sum = (add(sum.0, low), add(sum.1, high));
    }
    for (sum, group) in sums.iter_mut().zip(&component.groups) {
        let hold = |v: i64| group.max.map_or(v, |max| v.min(max));
        let lift = |v: i64| group.min.map_or(v, |min| v.max(min));
        *sum = (lift(hold(sum.0)), lift(hold(sum.1)));
    }
    let (mut low, mut high) =
        sums.iter().fold(base, |all, sum| (add(all.0, sum.0), add(all.1, sum.1)));
    for rule in rules() {
        match rule.effect {
            Effect::Scale(share, ref of) => {
                let part = |v: i64| match free(v) {
                    true => v,
                    false => multiply_ratio(v, i128::from(share.abs()), i128::from(WHOLE)),
                };
                let (most, least) = (part(high).max(0), part(low).min(0));
                let listed = matches!(of, ScaleOf::List { .. });
                if share > 0 {
                    (low, high) = (add(low, least), add(high, most));
                } else if low < 0 || listed {
                    // A share of something in between can go either way.
                    (low, high) =
                        (add(low, most.saturating_neg()), add(high, least.saturating_neg()));
                } else {
                    // At most all of a sum that is never negative.
                    low = 0;
                }
            }
            Effect::Set(value) => (low, high) = (low.min(value), high.max(value)),
            Effect::Cap(value) => low = low.min(value),
            Effect::Add(_) | Effect::Step(..) => {}
        }
    }
    (low, high)
}

/// Least and most that an adding rule gives.
fn gives(rule: &Rule) -> (i64, i64) {
    let Effect::Add(points) = rule.effect else { return (0, 0) };
    let most = match (&rule.on, rule.times) {
        (None, _) | (_, Times::Once | Times::AtLeast(_) | Times::Exactly(_)) => points,
        (_, Times::Max(n)) => points.saturating_mul(i64::from(n)),
        (_, Times::Each | Times::PerObject | Times::PerDay) => match points.signum() {
            1 => i64::MAX,
            -1 => i64::MIN,
            _ => 0,
        },
    };
    (most.min(0), most.max(0))
}
