//! The tables of a model file other than rules, and how they fit together.

use super::conditions::{self, Scope, component_value};
use super::reader::{Reader, Section};
use super::rules;
use crate::score::model::{
    Band, Component, ComponentKind, Condition, Exclude, FieldTest, Group, Literal, Matrix,
    MergeRules, NeverWeaker, OnMerge, Over, Persona, Place, Rounding, ScoringModel, Stage,
    Temperature, Test, Trait,
};
use crate::score::quantity::{POINT, format_points, parse_instant, parse_span};
use jiff::tz::TimeZone;
use toml::de::{DeTable, DeValue};

pub(crate) const TOP: &[&str] = &[
    "format",
    "name",
    "description",
    "primary",
    "scale",
    "as_of",
    "timezone",
    "merge",
    "exclude",
    "component",
    "rule",
    "band",
    "matrix",
    "persona",
    "stage",
];
/// Stages are kept as bits of a word.
const MOST_STAGES: usize = 64;

/// Reads the whole file; `None` when no model can be made of it.
pub(super) fn read_model(reader: &mut Reader<'_>) -> Option<ScoringModel> {
    let (document, errors) = DeTable::parse_recoverable(reader.text);
    for error in &errors {
        let at = error.span().map_or(0, |span| span.start);
        reader.mistake(at, format!("not TOML: {}", error.message()));
    }
    let root = Section { table: document.get_ref(), at: 0 };
    if root.table.is_empty() {
        if errors.is_empty() {
            reader.mistake(
                0,
                "empty file: a model needs at least one [[component]] and one [[rule]]",
            );
        }
        return None;
    }
    reader.keys(root, "a model", TOP);
    check_format(reader, root);
    let timezone = reader.owned(root, "timezone").unwrap_or_else(|| "UTC".into());
    let zone = read_zone(reader, root, &timezone);
    let components = read_components(reader, root);
    let scope = Scope { zone: &zone, components: None };
    let rules = rules::read(reader, root, &components, &scope);
    let personas = read_personas(reader, root, &scope);
    let exclude = read_exclude(reader, root, &scope);
    let bands = read_bands(reader, root, &components);
    let matrices = read_matrices(reader, root, &components);
    let stages = read_stages(reader, root, &Scope { zone: &zone, components: Some(&components) });
    let ids: Vec<String> = components.iter().map(|c| c.id.clone()).collect();
    let primary = reader.reference(root, "primary", "component", &ids);
    let model = ScoringModel {
        name: reader.owned(root, "name").unwrap_or_else(|| reader.stem()),
        description: reader.owned(root, "description"),
        primary: primary.or(bands.first().map(|band| band.of)).unwrap_or(0),
        scale_1_100: reader.choice(root, "scale", &[("1-100", ())]).is_some(),
        as_of: read_as_of(reader, root, &zone),
        timezone,
        merge: read_merge(reader, root),
        exclude,
        components,
        rules,
        bands,
        matrices,
        personas,
        stages,
    };
    check_whole(reader, root, &model);
    (!model.components.is_empty()).then_some(model)
}

fn check_format(reader: &mut Reader<'_>, root: Section<'_, '_>) {
    let Some(value) = root.table.get("format") else { return };
    if !matches!(value.get_ref(), DeValue::Integer(number) if number.as_str() == "1") {
        reader.mistake(value.span().start, "format must be 1: a newer one needs a newer program");
    }
}

fn read_zone<'t>(reader: &mut Reader<'t>, root: Section<'_, 't>, name: &str) -> TimeZone {
    if name == "UTC" {
        return TimeZone::UTC;
    }
    TimeZone::get(name).unwrap_or_else(|_| {
        let at = root.table.get("timezone").map_or(0, |value| value.span().start);
        reader.mistake(
            at,
            format!("unknown timezone \"{name}\"; write one such as \"Europe/Madrid\""),
        );
        TimeZone::UTC
    })
}

fn read_as_of<'t>(reader: &mut Reader<'t>, root: Section<'_, 't>, zone: &TimeZone) -> Option<i64> {
    let value = root.table.get("as_of")?;
    let text = match value.get_ref() {
        DeValue::Datetime(at) => at.to_string(),
        _ => reader.text_value(value, "as_of")?.to_string(),
    };
    if text == "now" {
        return None;
    }
    let instant = parse_instant(&text, zone);
    if instant.is_none() {
        reader.mistake(
            value.span().start,
            "as_of must be \"now\" or an instant such as \"2026-06-30T00:00:00Z\"",
        );
    }
    instant
}

const MERGES: &[(&str, OnMerge)] = &[
    ("recompute", OnMerge::Recompute),
    ("sum", OnMerge::Sum),
    ("max", OnMerge::Max),
    ("survivor", OnMerge::Survivor),
];

fn read_merge<'t>(reader: &mut Reader<'t>, root: Section<'_, 't>) -> MergeRules {
    let mut rules = MergeRules::default();
    let Some(section) = root.table.get("merge").and_then(|value| reader.table(value, "merge"))
    else {
        return rules;
    };
    reader.keys(
        section,
        "[merge]",
        &["on_merge", "never_weaker", "event_identity", "event_window"],
    );
    rules.on_merge = reader.choice(section, "on_merge", MERGES).unwrap_or_default();
    let weaker = [
        ("off", NeverWeaker::Off),
        ("report", NeverWeaker::Report),
        ("floor", NeverWeaker::Floor),
        ("fail", NeverWeaker::Fail),
    ];
    rules.never_weaker = reader.choice(section, "never_weaker", &weaker).unwrap_or_default();
    if let Some(value) = section.table.get("event_identity") {
        let valid = ["type", "object", "at"];
        let names = reader.texts(value, "event_identity");
        for &(name, at) in &names {
            if !valid.contains(&name) {
                reader.wrong_name(at, "event_identity", name, &valid);
            }
        }
        rules.event_identity = names.iter().map(|(name, _)| (*name).to_string()).collect();
    }
    if let Some((text, at)) = reader.text(section, "event_window") {
        match parse_span(text) {
            Some(window) => rules.event_window = window,
            None => reader.mistake(
                at.start,
                format!("event_window \"{text}\" is not a span of time such as \"2s\""),
            ),
        }
    }
    rules
}

/// Who gets no score: whom the model names, and always who objected to marketing, because the right
/// to object covers profiling. A model that itself speaks of that field is taken at its word.
fn read_exclude<'t>(
    reader: &mut Reader<'t>,
    root: Section<'_, 't>,
    scope: &Scope<'_>,
) -> Option<Exclude> {
    let place = Place::default();
    let test = Test::In(vec![Literal::text("objected", None)]);
    let objected = FieldTest { field: "consent.marketing".into(), test, place };
    let objected = Condition::Field(objected);
    let Some(value) = root.table.get("exclude") else {
        return Some(Exclude { condition: objected, over: Over::Survivor, reason: None });
    };
    let section = reader.table(value, "exclude")?;
    reader.keys(section, "[exclude]", &["if", "over", "reason"]);
    let Some(condition) = section.table.get("if") else {
        reader.mistake(section.at, "[exclude] without if");
        return None;
    };
    let condition = conditions::read(reader, condition, scope);
    let over = reader.choice(section, "over", rules::OVERS).unwrap_or_default();
    let mut condition = condition?;
    let mut spoken_of = false;
    condition.visit(&mut |c| {
        spoken_of |= matches!(c, Condition::Field(test) if test.field == "consent.marketing");
    });
    if !spoken_of {
        condition = Condition::Any(vec![condition, objected]);
    }
    Some(Exclude { condition, over, reason: reader.owned(section, "reason") })
}

pub(crate) const COMPONENT_KEYS: &[&str] = &[
    "id",
    "kind",
    "name",
    "description",
    "range",
    "round",
    "group",
    "ladder",
    "start",
    "once",
    "field",
    "on_merge",
    "of",
    "mean",
];

fn read_components<'t>(reader: &mut Reader<'t>, root: Section<'_, 't>) -> Vec<Component> {
    let sections = reader.tables(root, "component");
    let mut ids: Vec<String> = Vec::new();
    let mut components = Vec::new();
    for &section in &sections {
        reader.keys(section, "[[component]]", COMPONENT_KEYS);
        let id = reader.id(section, "component", &ids).unwrap_or_default();
        ids.push(id.clone());
        let Some(kind) = read_component_kind(reader, section) else { continue };
        components.push(Component {
            id,
            name: reader.owned(section, "name"),
            description: reader.owned(section, "description"),
            range: read_range(reader, section),
            round: read_round(reader, section),
            groups: read_groups(reader, section, &kind),
            kind,
            line: reader.place(section.at).line,
        });
    }
    resolve_totals(reader, &sections, &mut components);
    components
}

fn read_component_kind<'t>(
    reader: &mut Reader<'t>,
    section: Section<'_, 't>,
) -> Option<ComponentKind> {
    let kinds = ["points", "ladder", "weighted", "persona", "ledger", "field", "total"]
        .map(|name| (name, name));
    let kind = match section.table.contains_key("kind") {
        true => reader.choice(section, "kind", &kinds)?,
        false => "points",
    };
    for (key, owner) in [
        ("ladder", "ladder"),
        ("start", "ladder"),
        ("once", "ledger"),
        ("field", "field"),
        ("on_merge", "field"),
        ("of", "total"),
        ("mean", "total"),
    ] {
        if let Some(value) = section.table.get(key)
            && owner != kind
        {
            reader.mistake(
                value.span().start,
                format!("{key} belongs to a component of kind \"{owner}\""),
            );
        }
    }
    Some(match kind {
        "points" => ComponentKind::Points,
        "weighted" => ComponentKind::Weighted,
        "persona" => ComponentKind::Persona,
        "ladder" => read_ladder(reader, section)?,
        "ledger" => {
            let once = section.table.get("once").and_then(|value| {
                let array = value.get_ref().as_array();
                if array.is_none() {
                    reader.mistake(value.span().start, "once must be an array of events");
                }
                let matches: Vec<_> =
                    array?.iter().map(|v| rules::read_event_match(reader, v)).collect();
                matches.into_iter().collect::<Option<Vec<_>>>()
            });
            ComponentKind::Ledger { once: once.unwrap_or_default() }
        }
        "field" => {
            let Some(field) = reader.owned(section, "field") else {
                reader.mistake(section.at, "component of kind \"field\" without field");
                return None;
            };
            // Recomputing is not possible; the maximum never makes a lead weaker.
            let on_merge = reader.choice(section, "on_merge", &MERGES[1..]).unwrap_or(OnMerge::Max);
            ComponentKind::Field { field, on_merge }
        }
        _ => ComponentKind::Total {
            of: Vec::new(),
            mean: reader.flag(section, "mean").unwrap_or(false),
        },
    })
}

fn read_ladder<'t>(reader: &mut Reader<'t>, section: Section<'_, 't>) -> Option<ComponentKind> {
    let Some(value) = section.table.get("ladder") else {
        reader.mistake(
            section.at,
            "component of kind \"ladder\" without ladder = [...], lowest first",
        );
        return None;
    };
    let steps: Vec<String> =
        reader.texts(value, "ladder").iter().map(|(text, _)| (*text).to_string()).collect();
    if let Some(twice) = steps.iter().enumerate().find(|(i, step)| steps[..*i].contains(step)) {
        reader.mistake(value.span().start, format!("ladder names \"{}\" twice", twice.1));
        return None;
    }
    if steps.is_empty() || steps.len() > 1000 {
        return None;
    }
    let start = match section.table.contains_key("start") {
        true => reader.reference(section, "start", "letter", &steps)?,
        false => 0,
    };
    Some(ComponentKind::Ladder { steps, start })
}

fn read_range<'t>(
    reader: &mut Reader<'t>,
    section: Section<'_, 't>,
) -> Option<(Option<i64>, Option<i64>)> {
    let value = section.table.get("range")?;
    let range = reader.table(value, "range")?;
    reader.keys(range, "range", &["min", "max"]);
    let (min, max) = (reader.points(range, "min"), reader.points(range, "max"));
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        reader.mistake(range.at, "range with min above max");
        return None;
    }
    Some((min, max))
}

fn read_round<'t>(reader: &mut Reader<'t>, section: Section<'_, 't>) -> Option<Rounding> {
    let choices = [
        ("half-up", Rounding::HalfUp),
        ("half-even", Rounding::HalfEven),
        ("up", Rounding::Up),
        ("down", Rounding::Down),
    ];
    reader.choice(section, "round", &choices)
}

fn read_groups<'t>(
    reader: &mut Reader<'t>,
    section: Section<'_, 't>,
    kind: &ComponentKind,
) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for group in reader.tables(section, "group") {
        reader.keys(group, "[[component.group]]", &["id", "min", "max", "weight"]);
        let taken: Vec<String> = groups.iter().map(|g| g.id.clone()).collect();
        let id = reader.id(group, "group", &taken).unwrap_or_default();
        let (min, max) = (reader.points(group, "min"), reader.points(group, "max"));
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            reader.mistake(group.at, "group with min above max");
        }
        let weight = reader.points(group, "weight");
        let weighted = matches!(kind, ComponentKind::Weighted);
        if weighted != weight.is_some() {
            let what = if weighted {
                "group of a weighted component without weight"
            } else {
                "weight belongs to a component of kind \"weighted\""
            };
            reader.mistake(group.at, what);
        }
        if weight.is_some_and(|w| !(0..=100_000).contains(&w)) {
            reader.mistake(group.at, "weight must be from 0 to 100 percent");
        }
        groups.push(Group { id, min, max, weight });
    }
    groups
}

fn resolve_totals<'t>(
    reader: &mut Reader<'t>,
    sections: &[Section<'_, 't>],
    components: &mut [Component],
) {
    let ids: Vec<String> = components.iter().map(|c| c.id.clone()).collect();
    let numeric: Vec<bool> = components
        .iter()
        .map(|c| !c.is_ladder() && !matches!(c.kind, ComponentKind::Total { .. }))
        .collect();
    for &section in sections {
        let Some(id) = section.table.get("id").and_then(|v| v.get_ref().as_str()) else { continue };
        let Some(index) = ids.iter().position(|known| known == id) else { continue };
        let ComponentKind::Total { of, .. } = &mut components[index].kind else { continue };
        match section.table.get("of") {
            None => *of = (0..ids.len()).filter(|&i| numeric[i]).collect(),
            Some(value) => {
                for (id, at) in reader.texts(value, "of") {
                    match reader.resolve(id, at, "component", &ids) {
                        Some(part) if numeric[part] => of.push(part),
                        Some(_) => reader
                            .mistake(at, format!("component \"{id}\" cannot be part of a total")),
                        None => {}
                    }
                }
            }
        }
        if of.is_empty() {
            reader.mistake(section.at, "total of no component");
        }
    }
}

fn read_personas<'t>(
    reader: &mut Reader<'t>,
    root: Section<'_, 't>,
    scope: &Scope<'_>,
) -> Vec<Persona> {
    let mut personas: Vec<Persona> = Vec::new();
    for section in reader.tables(root, "persona") {
        reader.keys(section, "[[persona]]", &["id", "name", "traits"]);
        let taken: Vec<String> = personas.iter().map(|p| p.id.clone()).collect();
        let id = reader.id(section, "persona", &taken).unwrap_or_default();
        let tables = reader.tables(section, "traits");
        if tables.is_empty() {
            reader.mistake(section.at, format!("persona \"{id}\" without traits"));
        }
        let mut traits = Vec::new();
        for table in tables {
            reader.keys(table, "a trait", &["if", "weight", "name"]);
            let weight = if table.table.contains_key("weight") {
                reader.points(table, "weight")
            } else {
                Some(POINT)
            };
            if weight.is_some_and(|w| w <= 0) {
                reader.mistake(table.at, "weight of a trait must be above 0");
                continue;
            }
            let Some(value) = table.table.get("if") else {
                reader.mistake(table.at, "trait without if");
                continue;
            };
            let condition = conditions::read(reader, value, scope);
            let name = reader.owned(table, "name");
            if let (Some(condition), Some(weight)) = (condition, weight) {
                traits.push(Trait { name, condition, weight });
            }
        }
        personas.push(Persona { id, name: reader.owned(section, "name"), traits });
    }
    personas
}

fn read_bands<'t>(
    reader: &mut Reader<'t>,
    root: Section<'_, 't>,
    components: &[Component],
) -> Vec<Band> {
    let ids: Vec<String> = components.iter().map(|c| c.id.clone()).collect();
    let mut bands: Vec<Band> = Vec::new();
    for section in reader.tables(root, "band") {
        let keys =
            ["of", "id", "min", "max", "above", "below", "action", "temperature", "description"];
        reader.keys(section, "[[band]]", &keys);
        let of = match section.table.contains_key("of") {
            true => reader.reference(section, "of", "component", &ids),
            false if ids.len() == 1 => Some(0),
            false => {
                reader.mistake(section.at, "band without of (its component)");
                None
            }
        };
        let taken: Vec<String> =
            bands.iter().filter(|b| Some(b.of) == of).map(|b| b.id.clone()).collect();
        let id = reader.id(section, "band", &taken).unwrap_or_default();
        let temperatures =
            [("cold", Temperature::Cold), ("warm", Temperature::Warm), ("hot", Temperature::Hot)];
        let temperature = reader.choice(section, "temperature", &temperatures);
        let Some(of) = of else { continue };
        let (min, max) = read_bounds(reader, section, &components[of]);
        if min > max {
            reader.mistake(section.at, format!("band \"{id}\" that no score can reach"));
            continue;
        }
        let band = Band {
            of,
            id,
            min,
            max,
            temperature,
            action: reader.owned(section, "action"),
            description: reader.owned(section, "description"),
            line: reader.place(section.at).line,
        };
        for other in bands.iter().filter(|b| b.of == of && b.min <= band.max && band.min <= b.max) {
            let at = crate::score::band::show_value(&components[of], other.min.max(band.min));
            reader.mistake(
                section.at,
                format!("bands \"{}\" and \"{}\" overlap at {at}", other.id, band.id),
            );
        }
        bands.push(band);
    }
    bands
}

fn read_bounds<'t>(
    reader: &mut Reader<'t>,
    section: Section<'_, 't>,
    component: &Component,
) -> (i64, i64) {
    let (mut min, mut max) = (i64::MIN, i64::MAX);
    for (key, other) in [("min", "above"), ("max", "below")] {
        if section.table.contains_key(key) && section.table.contains_key(other) {
            reader.mistake(section.at, format!("band with {key} and {other}"));
        }
    }
    for key in ["min", "above", "max", "below"] {
        let Some(value) = section.table.get(key) else { continue };
        let Some(bound) = component_value(reader, value, key, component) else { continue };
        match key {
            "min" => min = bound,
            "above" => min = bound.saturating_add(1),
            "max" => max = bound,
            _ => max = bound.saturating_sub(1),
        }
    }
    (min, max)
}

fn read_matrices<'t>(
    reader: &mut Reader<'t>,
    root: Section<'_, 't>,
    components: &[Component],
) -> Vec<Matrix> {
    let ids: Vec<String> = components.iter().map(|c| c.id.clone()).collect();
    let mut matrices: Vec<Matrix> = Vec::new();
    for section in reader.tables(root, "matrix") {
        reader.keys(section, "[[matrix]]", &["id", "letter", "number", "letters", "numbers"]);
        let taken: Vec<String> = matrices.iter().map(|m| m.id.clone()).collect();
        let id = reader.id(section, "matrix", &taken).unwrap_or_default();
        for key in ["letter", "number", "letters", "numbers"] {
            if !section.table.contains_key(key) {
                reader.mistake(section.at, format!("matrix \"{id}\" without {key}"));
            }
        }
        let letter = reader.reference(section, "letter", "component", &ids);
        let number = reader.reference(section, "number", "component", &ids);
        let (Some(letter), Some(number)) = (letter, number) else { continue };
        let letters = read_classes(reader, section, "letters", &components[letter]);
        let numbers = read_classes(reader, section, "numbers", &components[number]);
        matrices.push(Matrix { id, letter, number, letters, numbers });
    }
    matrices
}

fn read_classes<'t>(
    reader: &mut Reader<'t>,
    section: Section<'_, 't>,
    key: &str,
    component: &Component,
) -> Vec<(String, i64)> {
    let Some(table) = section.table.get(key).and_then(|value| reader.table(value, key)) else {
        return Vec::new();
    };
    let mut classes: Vec<(String, i64)> = Vec::new();
    for (name, value) in table.table.iter() {
        let Some(least) = component_value(reader, value, key, component) else { continue };
        if let Some(other) = classes.iter().find(|class| class.1 == least) {
            let what = format!(
                "{key} {} and {} both from {}",
                other.0,
                name.get_ref(),
                format_points(least)
            );
            reader.mistake(value.span().start, what);
        }
        classes.push((name.get_ref().to_string(), least));
    }
    if table.table.is_empty() || table.table.len() > 100 {
        reader.mistake(table.at, format!("{key} must name 1 to 100 classes"));
    }
    classes.sort_by_key(|class| std::cmp::Reverse(class.1));
    classes
}

fn read_stages<'t>(
    reader: &mut Reader<'t>,
    root: Section<'_, 't>,
    scope: &Scope<'_>,
) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    for section in reader.tables(root, "stage") {
        reader.keys(section, "[[stage]]", &["id", "if"]);
        let taken: Vec<String> = stages.iter().map(|s| s.id.clone()).collect();
        let id = reader.id(section, "stage", &taken).unwrap_or_default();
        let Some(value) = section.table.get("if") else {
            reader.mistake(section.at, format!("stage \"{id}\" without if"));
            continue;
        };
        if stages.len() == MOST_STAGES {
            reader.mistake(section.at, format!("more than {MOST_STAGES} stages"));
            break;
        }
        if let Some(condition) = conditions::read(reader, value, scope) {
            stages.push(Stage { id, condition });
        }
    }
    stages
}

/// What only shows when all sections are read.
fn check_whole<'t>(reader: &mut Reader<'t>, root: Section<'_, 't>, model: &ScoringModel) {
    if !root.table.contains_key("component") {
        reader.mistake(0, "no [[component]]: a model needs at least one");
    }
    let own = |c: &Component| {
        !matches!(
            c.kind,
            ComponentKind::Points | ComponentKind::Ladder { .. } | ComponentKind::Weighted
        )
    };
    if !root.table.contains_key("rule") && !model.components.iter().any(own) {
        reader.mistake(0, "no [[rule]]: nothing would ever score");
    }
    let persona = model.components.iter().find(|c| matches!(c.kind, ComponentKind::Persona));
    if let Some(component) = persona
        && model.personas.is_empty()
    {
        reader.mistake(
            0,
            format!("component \"{}\" of kind \"persona\", but no [[persona]]", component.id),
        );
    }
    if model.components.len() > 1000 || model.rules.len() > 30_000 || model.personas.len() > 250 {
        reader.mistake(0, "more components, rules or personas than a model may have");
    }
}
