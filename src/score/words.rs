//! A model in words: conditions, effects and bounds as people read them.
//!
//! Used by the values table, by `diff` and by the linter, so that all three say the same.

use super::band::{Band, show_value};
use super::component::{Component, ComponentKind};
use super::condition::{ComponentTest, Condition, Literal, Test};
use super::decay::Decay;
use super::model::ScoringModel;
use super::quantity::{POINT, WHOLE, format_points, format_span};
use super::rule::{Effect, EventMatch, Over, Rule, ScaleOf, Times};

/// A condition: `country is MX and title.seniority is vp or c-level`.
pub fn condition(model: &ScoringModel, node: &Condition) -> String {
    match node {
        Condition::All(parts) => join(model, parts, " and "),
        Condition::Any(parts) => join(model, parts, " or "),
        Condition::Not(part) => format!("not ({})", condition(model, part)),
        Condition::Field(test) => format!("{} {}", test.field, self::test(&test.test)),
        Condition::Inactive(span) => format!("no activity for {}", format_span(*span)),
        Condition::Component(test) => component_test(model, test),
    }
}

fn join(model: &ScoringModel, parts: &[Condition], word: &str) -> String {
    let one = |part: &Condition| match part {
        Condition::All(parts) | Condition::Any(parts) if parts.len() > 1 => {
            format!("({})", condition(model, part))
        }
        _ => condition(model, part),
    };
    parts.iter().map(one).collect::<Vec<_>>().join(word)
}

fn list(literals: &[Literal]) -> String {
    literals.iter().map(Literal::show).collect::<Vec<_>>().join(" or ")
}

/// A test of a value: `is MX`, `from 200 to 1000`.
pub fn test(test: &Test) -> String {
    match test {
        Test::In(literals) => format!("is {}", list(literals)),
        Test::NotIn(literals) => format!("is not {}", list(literals)),
        Test::Contains(parts) => format!("contains {}", parts.join(" or ")),
        Test::Starts(parts) => format!("starts with {}", parts.join(" or ")),
        Test::Matches(pattern) => format!("matches /{pattern}/"),
        Test::Known(true) => "is known".into(),
        Test::Known(false) => "is not known".into(),
        Test::Between(Some((low, true)), Some((high, true))) => {
            format!("from {} to {}", low.show(), high.show())
        }
        Test::Between(min, max) => {
            let low = min.as_ref().map(|(l, inc)| {
                format!("{} {}", if *inc { "at least" } else { "above" }, l.show())
            });
            let high = max
                .as_ref()
                .map(|(l, inc)| format!("{} {}", if *inc { "at most" } else { "below" }, l.show()));
            low.into_iter().chain(high).collect::<Vec<_>>().join(" and ")
        }
    }
}

fn component_test(model: &ScoringModel, test: &ComponentTest) -> String {
    let Some(component) = model.components.get(test.component) else { return String::new() };
    format!("{} {}", component.id, bounds(component, test.min, test.max))
}

/// Inclusive bounds in thousandths, as a person would say them.
fn bounds(component: &Component, min: i64, max: i64) -> String {
    // A bound one thousandth past a whole point was written as "above" or "below" it.
    let low = |v: i64| match v.rem_euclid(POINT) {
        1 => format!("above {}", show_value(component, v - 1)),
        _ => format!("from {}", show_value(component, v)),
    };
    let high = |v: i64| match v.rem_euclid(POINT) {
        999 => format!("below {}", show_value(component, v + 1)),
        _ => format!("up to {}", show_value(component, v)),
    };
    match (min, max) {
        (i64::MIN, i64::MAX) => "any".into(),
        (i64::MIN, max) => high(max),
        (min, i64::MAX) => low(min),
        (min, max) if min == max => show_value(component, min),
        (min, max) => format!("{} {}", low(min), high(max)),
    }
}

/// The scores of a band: `above 90`, `from 10 below 60`.
pub fn band(model: &ScoringModel, band: &Band) -> String {
    bounds(&model.components[band.of], band.min, band.max)
}

/// When a rule applies.
pub fn when(model: &ScoringModel, rule: &Rule) -> String {
    let event = rule.on.as_ref().map(events);
    let property = rule.condition.as_ref().map(|c| condition(model, c));
    let over = match rule.over {
        Over::Survivor => "",
        Over::Any => " (on any record)",
        Over::All => " (on all records that know)",
        Over::Newest => " (on the newest record that knows)",
    };
    match (event, property) {
        (Some(event), Some(property)) => format!("{event}, if {property}{over}"),
        (Some(event), None) => event,
        (None, Some(property)) => format!("{property}{over}"),
        (None, None) => String::new(),
    }
}

fn events(on: &EventMatch) -> String {
    let kinds = on.kinds.join(" or ");
    match &on.object {
        Some(object) => format!("{kinds}, object {}", test(object)),
        None => kinds,
    }
}

fn signed(thousandths: i64) -> String {
    let sign = if thousandths > 0 { "+" } else { "" };
    format!("{sign}{}", format_points(thousandths))
}

/// What a rule does: `+10`, `-30 % of what stands above`, `at most 50`.
pub fn effect(model: &ScoringModel, rule: &Rule) -> String {
    match &rule.effect {
        Effect::Add(points) => signed(*points),
        Effect::Set(points) => format!("= {}", format_points(*points)),
        Effect::Cap(points) => format!("at most {}", format_points(*points)),
        Effect::Step(step, None) => format!("{} steps", signed(step * POINT)),
        Effect::Step(step, Some(other)) => {
            format!(
                "{} steps, {} where known to be otherwise",
                signed(step * POINT),
                signed(other * POINT)
            )
        }
        Effect::Scale(share, of) => {
            let percent = signed(share / (WHOLE / (100 * POINT)));
            let of = match of {
                ScaleOf::Before => "what stands above".to_string(),
                ScaleOf::Total => "the total".to_string(),
                ScaleOf::List { rules, groups } => {
                    let component = &model.components[rule.component];
                    let rules = rules.iter().map(|&r| model.rules[r].id.as_str());
                    let groups = groups.iter().map(|&g| component.groups[g].id.as_str());
                    rules.chain(groups).collect::<Vec<_>>().join(" and ")
                }
            };
            format!("{percent} % of {of}")
        }
    }
}

/// How often and how long the events of a rule count.
pub fn how_often(rule: &Rule) -> String {
    if rule.on.is_none() {
        return String::new();
    }
    let mut parts = vec![match rule.times {
        Times::Each => "each time".to_string(),
        Times::Once => "once".to_string(),
        Times::PerObject => "once per object".to_string(),
        Times::PerDay => "once a day".to_string(),
        Times::Max(n) => format!("at most {n} times"),
        Times::AtLeast(n) => format!("once, from {n} times"),
        Times::Exactly(n) => format!("once, if exactly {n} times"),
    }];
    parts.extend(rule.within.map(|span| format!("within {}", format_span(span))));
    parts.extend(rule.expire.map(|span| format!("gone after {}", format_span(span))));
    parts.extend(rule.decay.map(|decay| match decay {
        Decay::Linear { percent, every, step } => {
            let way = if step { ", in steps" } else { "" };
            format!("fading {} % every {}{way}", format_points(percent), format_span(every))
        }
        Decay::HalfLife { half_life } => format!("halving every {}", format_span(half_life)),
    }));
    parts.join(", ")
}

/// What a component is: `points, 0 to 100, rounded`.
pub fn component(model: &ScoringModel, component: &Component) -> String {
    let mut parts = vec![component.kind.as_str().to_string()];
    match &component.kind {
        ComponentKind::Ladder { steps, start } => {
            parts.push(format!("{} starting at {}", steps.join(" "), steps[*start]));
        }
        ComponentKind::Field { field, .. } => parts.push(format!("of {field}, not recomputable")),
        ComponentKind::Total { of, mean } => {
            let ids: Vec<&str> = of.iter().map(|&i| model.components[i].id.as_str()).collect();
            parts.push(format!("{} of {}", if *mean { "mean" } else { "sum" }, ids.join(", ")));
        }
        _ => {}
    }
    if let Some((min, max)) = component.range {
        let side = |v: Option<i64>| v.map_or("any".to_string(), format_points);
        parts.push(format!("{} to {}", side(min), side(max)));
    }
    if component.round.is_some() {
        parts.push("rounded".into());
    }
    for group in &component.groups {
        let side = |v: Option<i64>, word: &str| v.map(|v| format!("{word} {}", format_points(v)));
        let weight = group.weight.map(|w| format!("{} %", format_points(w)));
        let limits: Vec<String> = side(group.min, "at least")
            .into_iter()
            .chain(side(group.max, "at most"))
            .chain(weight)
            .collect();
        parts.push(format!("group {} {}", group.id, limits.join(", ")).trim().to_string());
    }
    parts.join(", ")
}
