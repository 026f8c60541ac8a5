//! `[[rule]]` tables.

use super::conditions::{self, Scope};
use super::reader::{Reader, Section, Value};
use crate::score::kind;
use crate::score::model::{
    Component, ComponentKind, Decay, Effect, EventMatch, Over, Rule, ScaleOf, Test, Times,
};
use crate::score::quantity::WHOLE;

pub(crate) const KEYS: &[&str] = &[
    "id",
    "component",
    "group",
    "name",
    "description",
    "if",
    "on",
    "add",
    "subtract",
    "scale",
    "step",
    "step_if_false",
    "set",
    "cap",
    "times",
    "within",
    "expire",
    "decay",
    "over",
    "of",
];
const EFFECTS: &[&str] = &["add", "subtract", "scale", "step", "set", "cap"];

pub(super) const OVERS: &[(&str, Over)] = &[
    ("survivor", Over::Survivor),
    ("any", Over::Any),
    ("all", Over::All),
    ("newest", Over::Newest),
];

/// Reads all rules; the ones with mistakes are left out.
pub(super) fn read<'t>(
    reader: &mut Reader<'t>,
    root: Section<'_, 't>,
    components: &[Component],
    scope: &Scope<'_>,
) -> Vec<Rule> {
    let sections = reader.tables(root, "rule");
    let mut ids: Vec<String> = Vec::new();
    let mut rules = Vec::new();
    let mut lists = Vec::new();
    for section in sections {
        reader.keys(section, "[[rule]]", KEYS);
        let id = reader.id(section, "rule", &ids);
        ids.extend(id.clone());
        let rule = read_rule(reader, section, id.unwrap_or_default(), components, scope);
        if let Some(rule) = rule {
            lists.push((rules.len(), section));
            rules.push(rule);
        }
    }
    for (index, section) in lists {
        if let Some(of) = section.table.get("of") {
            resolve_list(reader, of, index, &mut rules, components);
        }
    }
    rules
}

fn read_rule<'t>(
    reader: &mut Reader<'t>,
    section: Section<'_, 't>,
    id: String,
    components: &[Component],
    scope: &Scope<'_>,
) -> Option<Rule> {
    let ids: Vec<String> = components.iter().map(|c| c.id.clone()).collect();
    let component = match section.table.contains_key("component") {
        true => reader.reference(section, "component", "component", &ids),
        // With a single component there is nothing to say.
        false if components.len() == 1 => Some(0),
        false => {
            reader.mistake(section.at, format!("rule \"{id}\" without a component"));
            None
        }
    };
    let group = match component {
        Some(component) => {
            let groups: Vec<String> =
                components[component].groups.iter().map(|g| g.id.clone()).collect();
            let what = format!("group of component \"{}\"", components[component].id);
            reader.reference(section, "group", &what, &groups)
        }
        None => None,
    };
    let condition = section.table.get("if").map(|value| conditions::read(reader, value, scope));
    let on = section.table.get("on").map(|value| read_event_match(reader, value));
    if condition.is_none() && on.is_none() {
        reader.mistake(
            section.at,
            format!("rule \"{id}\" without if (a property) and on (an event)"),
        );
    }
    let effect = read_effect(reader, section, &id, component.map(|c| &components[c]));
    let times = read_times(reader, section);
    let (within, expire) = (reader.span(section, "within"), reader.span(section, "expire"));
    let decay = section.table.get("decay").map(|value| read_decay(reader, value));
    check_event_keys(reader, section, on.is_some());
    let over = reader.choice(section, "over", OVERS).unwrap_or_default();
    let component = component?;
    check_scale(reader, section, &components[component]);
    check_weighted(reader, section, &components[component], group);
    Some(Rule {
        id,
        name: reader.owned(section, "name"),
        description: reader.owned(section, "description"),
        component,
        group,
        condition: flatten(condition)?,
        on: flatten(on)?,
        effect: effect?,
        subtracts: section.table.contains_key("subtract"),
        times,
        within,
        expire,
        decay: flatten(decay)?,
        over,
        place: reader.place(section.at),
    })
}

/// `None` for a mistake; `Some(None)` for a key that is absent.
#[allow(clippy::option_option)] // two different absences
fn flatten<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    match read {
        None => Some(None),
        Some(None) => None,
        some => some,
    }
}

fn read_effect<'t>(
    reader: &mut Reader<'t>,
    section: Section<'_, 't>,
    id: &str,
    component: Option<&Component>,
) -> Option<Effect> {
    let given: Vec<&str> =
        EFFECTS.iter().copied().filter(|key| section.table.contains_key(*key)).collect();
    let [key] = given[..] else {
        let what = match given.len() {
            0 => format!("rule \"{id}\" does nothing: give one of {}", EFFECTS.join(", ")),
            _ => format!(
                "rule \"{id}\" with {} at once; make them separate rules",
                given.join(" and ")
            ),
        };
        reader.mistake(section.at, what);
        return None;
    };
    let at = section.table[key].span().start;
    if let Some(component) = component {
        let ladder = component.is_ladder();
        if ladder != (key == "step") {
            let what = if ladder { "moves by step" } else { "has no steps; use add" };
            reader.mistake(
                at,
                format!("{key} cannot change component \"{}\": it {what}", component.id),
            );
            return None;
        }
    }
    if key != "step" && section.table.contains_key("step_if_false") {
        reader.mistake(at, "step_if_false needs step");
    }
    if key != "scale" && section.table.contains_key("of") {
        reader.mistake(at, "of needs scale");
    }
    match key {
        "add" => reader.points(section, key).map(Effect::Add),
        "subtract" => match reader.points(section, key)? {
            points if points < 0 => {
                reader.mistake(at, "subtract takes a positive number");
                None
            }
            points => Some(Effect::Add(-points)),
        },
        "set" => reader.points(section, key).map(Effect::Set),
        "cap" => reader.points(section, key).map(Effect::Cap),
        "step" => {
            let step = reader.number_value(&section.table[key], key, 0)?;
            let if_false = match section.table.get("step_if_false") {
                Some(value) => Some(reader.number_value(value, "step_if_false", 0)?),
                None => None,
            };
            if [step, if_false.unwrap_or(0)].iter().any(|s| s.abs() > 1000) {
                reader.mistake(at, "step is longer than any ladder");
                return None;
            }
            Some(Effect::Step(step, if_false))
        }
        _ => read_scale(reader, section),
    }
}

fn read_scale<'t>(reader: &mut Reader<'t>, section: Section<'_, 't>) -> Option<Effect> {
    let value = &section.table["scale"];
    let share = reader.number_value(value, "scale", 6)?;
    if share.abs() > WHOLE {
        reader.mistake(
            value.span().start,
            "scale is a share, over 100 percent here; write -0.30 for 30 percent less",
        );
        return None;
    }
    let of = match section.table.get("of") {
        None => ScaleOf::Before,
        Some(of) if of.get_ref().as_array().is_some() => {
            ScaleOf::List { rules: vec![], groups: vec![] }
        }
        Some(_) => reader
            .choice(section, "of", &[("before", true), ("total", false)])
            .map(|before| if before { ScaleOf::Before } else { ScaleOf::Total })?,
    };
    Some(Effect::Scale(share, of))
}

/// Fills in the rules and groups of `of = ["...", ...]`, once all rules are known.
fn resolve_list<'t>(
    reader: &mut Reader<'t>,
    of: &Value<'t>,
    index: usize,
    rules: &mut [Rule],
    components: &[Component],
) {
    if of.get_ref().as_array().is_none() {
        return;
    }
    let component = rules[index].component;
    let (mut listed, mut groups) = (Vec::new(), Vec::new());
    for (id, at) in reader.texts(of, "of") {
        if let Some(group) = components[component].groups.iter().position(|g| g.id == id) {
            groups.push(group);
            continue;
        }
        match rules.iter().position(|r| r.id == id && r.component == component) {
            Some(rule) if rule == index => reader.mistake(at, "scale of itself"),
            Some(rule)
                if rules[rule]
                    .group
                    .is_some_and(|g| components[component].groups[g].is_capped()) =>
            {
                reader.mistake(
                    at,
                    format!("rule \"{id}\" is in a capped group; list the group instead"),
                );
            }
            Some(rule) if !matches!(rules[rule].effect, Effect::Add(_)) => {
                reader.mistake(
                    at,
                    format!("rule \"{id}\" does not add; of can list rules that add, and groups"),
                );
            }
            Some(rule) => listed.push(rule),
            None => {
                let same = rules.iter().filter(|r| r.component == component).map(|r| r.id.as_str());
                let names: Vec<&str> = same
                    .chain(components[component].groups.iter().map(|g| g.id.as_str()))
                    .collect();
                reader.wrong_name(at, "rule or group", id, &names);
            }
        }
    }
    if let Effect::Scale(_, of) = &mut rules[index].effect {
        *of = ScaleOf::List { rules: listed, groups };
    }
}

fn check_scale<'t>(reader: &mut Reader<'t>, section: Section<'_, 't>, component: &Component) {
    let Some(scale) = section.table.get("scale") else { return };
    let before = section.table.get("of").is_none_or(|of| of.get_ref().as_str() == Some("before"));
    if before && component.groups.iter().any(super::super::component::Group::is_capped) {
        let what = format!(
            "scale of what stands before is ambiguous in component \"{}\", whose groups are capped; say of = \"total\" or list groups",
            component.id
        );
        reader.mistake(scale.span().start, what);
    }
}

fn check_weighted<'t>(
    reader: &mut Reader<'t>,
    section: Section<'_, 't>,
    component: &Component,
    group: Option<usize>,
) {
    if !matches!(component.kind, ComponentKind::Weighted) {
        return;
    }
    let Some(add) = section.table.get("add") else { return };
    if group.is_none() {
        reader.mistake(
            section.at,
            format!(
                "rule of weighted component \"{}\" without a group (its criterion)",
                component.id
            ),
        );
    }
    if let Some(points) = reader.number_value(add, "add", 3)
        && !(0..=100_000).contains(&points)
    {
        reader.mistake(add.span().start, "a row of a criterion is worth 0 to 100");
    }
}

/// Keys that only make sense with `on`, and the ones that exclude each other.
fn check_event_keys<'t>(reader: &mut Reader<'t>, section: Section<'_, 't>, has_on: bool) {
    for key in ["times", "within", "expire", "decay"] {
        if let Some(value) = section.table.get(key)
            && !has_on
        {
            reader.mistake(value.span().start, format!("{key} needs on: it is about events"));
        }
    }
    if let (Some(_), Some(decay)) = (section.table.get("within"), section.table.get("decay")) {
        reader.mistake(
            decay.span().start,
            "within with decay: a rule forgets either at once or slowly",
        );
    }
    if section.table.contains_key("step_if_false") && !section.table.contains_key("if") {
        reader.mistake(section.at, "step_if_false needs if");
    }
    if let Some(over) = section.table.get("over")
        && !section.table.contains_key("if")
    {
        reader.mistake(over.span().start, "over needs if: it is about properties");
    }
}

fn read_times<'t>(reader: &mut Reader<'t>, section: Section<'_, 't>) -> Times {
    let Some(value) = section.table.get("times") else { return Times::Each };
    if value.get_ref().as_table().is_none() {
        let choices = [
            ("once", Times::Once),
            ("each", Times::Each),
            ("per-object", Times::PerObject),
            ("per-day", Times::PerDay),
        ];
        return reader.choice(section, "times", &choices).unwrap_or_default();
    }
    let Some(table) = reader.table(value, "times") else { return Times::Each };
    reader.keys(table, "times", &["max", "at_least", "exactly"]);
    if table.table.len() != 1 {
        reader.mistake(table.at, "times takes one of max, at_least, exactly");
    }
    let max = reader.whole(table, "max", 1).map(|n| Times::Max(n as u32));
    let at_least = reader.whole(table, "at_least", 1).map(|n| Times::AtLeast(n as u32));
    let exactly = reader.whole(table, "exactly", 1).map(|n| Times::Exactly(n as u32));
    max.or(at_least).or(exactly).unwrap_or_default()
}

fn read_decay<'t>(reader: &mut Reader<'t>, value: &Value<'t>) -> Option<Decay> {
    let section = reader.table(value, "decay")?;
    let Some(linear) = reader.choice(section, "kind", &[("linear", true), ("half-life", false)])
    else {
        if !section.table.contains_key("kind") {
            reader.mistake(section.at, "decay without kind = \"linear\" or \"half-life\"");
        }
        return None;
    };
    if !linear {
        reader.keys(section, "decay", &["kind", "half_life"]);
        if !section.table.contains_key("half_life") {
            reader.mistake(section.at, "decay without half_life");
        }
        return reader.span(section, "half_life").map(|half_life| Decay::HalfLife { half_life });
    }
    reader.keys(section, "decay", &["kind", "percent", "every", "step"]);
    for key in ["percent", "every"] {
        if !section.table.contains_key(key) {
            reader.mistake(section.at, format!("linear decay without {key}"));
        }
    }
    let percent = section.table.get("percent").and_then(|v| {
        let percent = reader.number_value(v, "percent", 3)?;
        if (1..=100_000).contains(&percent) {
            return Some(percent);
        }
        reader.mistake(v.span().start, "percent must be above 0 and at most 100");
        None
    });
    let every = reader.span(section, "every");
    let step = reader.flag(section, "step").unwrap_or(false);
    Some(Decay::Linear { percent: percent?, every: every?, step })
}

/// Reads `{ event = "email.open", where = { object = "..." } }`; a bare text is the event.
pub(super) fn read_event_match<'t>(
    reader: &mut Reader<'t>,
    value: &Value<'t>,
) -> Option<EventMatch> {
    if value.get_ref().as_str().is_some() {
        return Some(EventMatch { kinds: read_kinds(reader, value)?, object: None });
    }
    let section = reader.table(value, "on")?;
    reader.keys(section, "on", &["event", "where"]);
    let Some(event) = section.table.get("event") else {
        reader.mistake(section.at, "on without event");
        return None;
    };
    let kinds = read_kinds(reader, event);
    let object = match section.table.get("where") {
        Some(value) => Some(read_object(reader, value)?),
        None => None,
    };
    Some(EventMatch { kinds: kinds?, object })
}

fn read_kinds<'t>(reader: &mut Reader<'t>, value: &Value<'t>) -> Option<Vec<String>> {
    let mut kinds = Vec::new();
    let names = reader.texts(value, "event");
    let wanted = names.len();
    for (name, at) in names {
        match kind::known(name) {
            Some(kind) => kinds.push(kind.to_string()),
            None if kind::is_other(name) => kinds.push(kind::canonical(name)),
            None => {
                let mut valid: Vec<&str> = kind::all().collect();
                valid.extend(kind::synonyms());
                reader.wrong_name(
                    at,
                    &format!("event (an own kind is written \"other:{name}\")"),
                    name,
                    &valid,
                );
            }
        }
    }
    if wanted == 0 || kinds.len() < wanted {
        return None;
    }
    kinds.sort_unstable();
    kinds.dedup();
    Some(kinds)
}

fn read_object<'t>(reader: &mut Reader<'t>, value: &Value<'t>) -> Option<Test> {
    let section = reader.table(value, "where")?;
    reader.keys(section, "where", &["object"]);
    let Some(object) = section.table.get("object") else {
        reader.mistake(section.at, "where without object");
        return None;
    };
    let scope = Scope { zone: &jiff::tz::TimeZone::UTC, components: None };
    conditions::read_object_test(reader, object, &scope)
}
