//! The tables of a model file other than rules, and how they fit together.

use super::components::{read_components, read_personas};
use super::conditions::{self, Scope, component_value};
use super::reader::{Reader, Section};
use super::rules;
use crate::score::model::{
    Band, Channel, Component, ComponentKind, Condition, Exclude, FieldTest, Literal, Matrix,
    MergeRules, NeverWeaker, OnMerge, Over, Place, ScoringModel, Stage, Temperature, Test,
};
use crate::score::quantity::{format_points, parse_instant, parse_span};
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
        text: reader.text.to_string(),
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

pub(super) const MERGES: &[(&str, OnMerge)] = &[
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
    let (mut spoken_of, mut by_activity) = (false, false);
    condition.visit(&mut |c| {
        by_activity |= matches!(c, Condition::Inactive(_));
        spoken_of |= matches!(c, Condition::Field(test) if test.field == "consent.marketing");
    });
    if by_activity {
        reader.mistake(
            section.at,
            "[exclude] is about who a lead is; for inactive write a rule with set = 0",
        );
    }
    if !spoken_of {
        condition = Condition::Any(vec![condition, objected]);
    }
    Some(Exclude { condition, over, reason: reader.owned(section, "reason") })
}

fn read_bands<'t>(
    reader: &mut Reader<'t>,
    root: Section<'_, 't>,
    components: &[Component],
) -> Vec<Band> {
    let ids: Vec<String> = components.iter().map(|c| c.id.clone()).collect();
    let mut bands: Vec<Band> = Vec::new();
    for section in reader.tables(root, "band") {
        let keys = [
            "of",
            "id",
            "min",
            "max",
            "above",
            "below",
            "action",
            "channel",
            "temperature",
            "description",
        ];
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
        let channels =
            [("phone", Channel::Phone), ("email", Channel::Email), ("other", Channel::Other)];
        let channel = reader.choice(section, "channel", &channels);
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
            channel,
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
