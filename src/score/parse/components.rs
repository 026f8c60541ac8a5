//! `[[component]]` and `[[persona]]` tables.

use super::conditions::{self, Scope};
use super::reader::{Reader, Section};
use super::rules;
use super::sections::MERGES;
use crate::score::model::{Component, ComponentKind, Group, OnMerge, Persona, Rounding, Trait};
use crate::score::quantity::POINT;

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

pub(super) fn read_components<'t>(
    reader: &mut Reader<'t>,
    root: Section<'_, 't>,
) -> Vec<Component> {
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

pub(super) fn read_personas<'t>(
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
