//! Condition tables: `{ field = "country", is = "MX" }` and `all`, `any`, `not`.

use super::reader::{Reader, Section, Value};
use crate::score::condition::compile_pattern;
use crate::score::model::{
    Component, ComponentKind, ComponentTest, Condition, FieldTest, Literal, Test,
};
use crate::score::quantity::{POINT, parse_instant};
use jiff::tz::TimeZone;
use toml::de::DeValue;

/// What conditions refer to.
pub(crate) struct Scope<'a> {
    pub(crate) zone: &'a TimeZone,
    /// Components a condition may ask for; `None` where it may not.
    pub(crate) components: Option<&'a [Component]>,
}

/// Deeper nesting than anyone writes by hand is refused, so that no condition can exhaust the stack.
const DEEPEST: usize = 32;

const BOUNDS: &[&str] = &["gt", "gte", "lt", "lte", "between"];
const TESTS: &[&str] = &[
    "is",
    "is_not",
    "in",
    "contains",
    "starts",
    "matches",
    "gt",
    "gte",
    "lt",
    "lte",
    "between",
    "known",
    "unknown",
    "role",
    "free_mail",
];

/// Reads a condition; `None` when it holds a mistake.
pub(crate) fn read<'t>(
    reader: &mut Reader<'t>,
    value: &Value<'t>,
    scope: &Scope<'_>,
) -> Option<Condition> {
    read_nested(reader, value, scope, 0)
}

fn read_nested<'t>(
    reader: &mut Reader<'t>,
    value: &Value<'t>,
    scope: &Scope<'_>,
    depth: usize,
) -> Option<Condition> {
    let section = reader.table(value, "a condition")?;
    if depth > DEEPEST {
        reader.mistake(section.at, "condition nested too deeply");
        return None;
    }
    let heads = ["all", "any", "not", "field", "inactive", "component"];
    let given: Vec<&str> =
        heads.into_iter().filter(|key| section.table.contains_key(*key)).collect();
    let [head] = given[..] else {
        let what = match given.len() {
            0 => "condition without a head: give field, inactive, component, all, any or not"
                .to_string(),
            _ => format!("condition with {} at once; join them by all or any", given.join(" and ")),
        };
        reader.mistake(section.at, what);
        reader.keys(section, "a condition", &[&heads[..], TESTS].concat());
        return None;
    };
    match head {
        "all" | "any" => {
            reader.keys(section, "a condition", &[head]);
            let parts = read_parts(reader, &section.table[head], head, scope, depth)?;
            Some(if head == "all" { Condition::All(parts) } else { Condition::Any(parts) })
        }
        "not" => {
            reader.keys(section, "a condition", &["not"]);
            let part = read_nested(reader, &section.table["not"], scope, depth + 1)?;
            Some(Condition::Not(Box::new(part)))
        }
        "inactive" => {
            reader.keys(section, "a condition", &["inactive"]);
            reader.span(section, "inactive").map(Condition::Inactive)
        }
        "component" => read_component(reader, section, scope),
        _ => read_field(reader, section, scope),
    }
}

fn read_parts<'t>(
    reader: &mut Reader<'t>,
    value: &Value<'t>,
    head: &str,
    scope: &Scope<'_>,
    depth: usize,
) -> Option<Vec<Condition>> {
    let Some(array) = value.get_ref().as_array() else {
        reader.mistake(value.span().start, format!("{head} must be an array of conditions"));
        return None;
    };
    if array.is_empty() {
        reader.mistake(value.span().start, format!("{head} is empty"));
        return None;
    }
    let parts: Vec<_> = array.iter().map(|v| read_nested(reader, v, scope, depth + 1)).collect();
    parts.into_iter().collect()
}

fn read_field<'t>(
    reader: &mut Reader<'t>,
    section: Section<'_, 't>,
    scope: &Scope<'_>,
) -> Option<Condition> {
    reader.keys(section, "a condition", &[&["field"], TESTS].concat());
    let (field, at) = reader.text(section, "field")?;
    if field.trim().is_empty() {
        reader.mistake(at.start, "field is empty");
        return None;
    }
    let place = reader.place(at.start);
    let mut tests = Vec::new();
    for &key in TESTS.iter().filter(|key| !BOUNDS.contains(key)) {
        let Some(value) = section.table.get(key) else { continue };
        let (name, test) = match key {
            // Facts about an e-mail address are columns of their own.
            "role" | "free_mail" => {
                let flag = reader.flag(section, key)?;
                (format!("{field}.{key}"), Test::In(vec![Literal::Flag(flag)]))
            }
            _ => (field.to_string(), read_test(reader, section, key, value, scope)?),
        };
        tests.push(Condition::Field(FieldTest { field: name, test, place }));
    }
    if let Some(test) = read_bounds(reader, section, scope)? {
        tests.push(Condition::Field(FieldTest { field: field.to_string(), test, place }));
    }
    match tests.len() {
        0 => {
            let what = format!(
                "condition on \"{field}\" without a test; give one of {}",
                TESTS.join(", ")
            );
            reader.mistake(section.at, what);
            None
        }
        1 => tests.pop(),
        _ => Some(Condition::All(tests)),
    }
}

fn read_test<'t>(
    reader: &mut Reader<'t>,
    section: Section<'_, 't>,
    key: &str,
    value: &Value<'t>,
    scope: &Scope<'_>,
) -> Option<Test> {
    Some(match key {
        "is" | "in" => Test::In(read_literals(reader, value, key, scope)?),
        "is_not" => Test::NotIn(read_literals(reader, value, key, scope)?),
        "known" => Test::Known(reader.flag(section, key)?),
        "unknown" => Test::Known(!reader.flag(section, key)?),
        "matches" => {
            let pattern = reader.text_value(value, key)?;
            if let Err(error) = compile_pattern(pattern) {
                let line = error.to_string();
                let line = line.lines().last().unwrap_or_default().trim().to_string();
                reader.mistake(
                    value.span().start,
                    format!("matches is not a regular expression: {line}"),
                );
                return None;
            }
            Test::Matches(pattern.to_string())
        }
        _ => {
            let parts = reader.texts(value, key);
            let parts: Vec<String> = parts
                .iter()
                .map(|(text, _)| crate::score::condition::fold(text).into_owned())
                .collect();
            if parts.iter().any(String::is_empty) {
                reader.mistake(
                    value.span().start,
                    format!("{key} with empty text matches everything"),
                );
                return None;
            }
            if parts.is_empty() {
                return None;
            }
            if key == "contains" { Test::Contains(parts) } else { Test::Starts(parts) }
        }
    })
}

fn read_literals<'t>(
    reader: &mut Reader<'t>,
    value: &Value<'t>,
    key: &str,
    scope: &Scope<'_>,
) -> Option<Vec<Literal>> {
    let Some(array) = value.get_ref().as_array() else {
        if key == "in" {
            reader.mistake(value.span().start, "in must be an array; for one value use is");
            return None;
        }
        return Some(vec![read_literal(reader, value, key, scope)?]);
    };
    if array.is_empty() {
        reader.mistake(value.span().start, format!("{key} is empty"));
        return None;
    }
    let literals: Vec<_> = array.iter().map(|v| read_literal(reader, v, key, scope)).collect();
    literals.into_iter().collect()
}

fn read_literal<'t>(
    reader: &mut Reader<'t>,
    value: &Value<'t>,
    key: &str,
    scope: &Scope<'_>,
) -> Option<Literal> {
    match value.get_ref() {
        DeValue::String(text) => Some(Literal::text(text, parse_instant(text, scope.zone))),
        DeValue::Datetime(at) => {
            let text = at.to_string();
            Some(Literal::text(&text, parse_instant(&text, scope.zone)))
        }
        DeValue::Boolean(flag) => Some(Literal::Flag(*flag)),
        _ => reader.number_value(value, key, 3).map(Literal::Number),
    }
}

/// The bounds of a field; the outer `None` is a mistake, the inner one that there are none.
#[allow(clippy::option_option)] // two different absences, told apart by the one caller
fn read_bounds<'t>(
    reader: &mut Reader<'t>,
    section: Section<'_, 't>,
    scope: &Scope<'_>,
) -> Option<Option<Test>> {
    let (mut min, mut max) = (None, None);
    for &key in BOUNDS {
        let Some(value) = section.table.get(key) else { continue };
        if key == "between" {
            let literals = read_literals(reader, value, key, scope)?;
            let Ok([low, high]) = <[Literal; 2]>::try_from(literals) else {
                reader.mistake(value.span().start, "between must be an array of two: [from, to]");
                return None;
            };
            (min, max) = (Some((low, true)), Some((high, true)));
            continue;
        }
        let bound = Some((read_literal(reader, value, key, scope)?, key.ends_with('e')));
        if key.starts_with('g') { min = bound } else { max = bound }
    }
    if let (Some((Literal::Number(low), _)), Some((Literal::Number(high), _))) = (&min, &max)
        && low > high
    {
        reader.mistake(
            section.at,
            "condition that no value can meet: the bounds are the wrong way round",
        );
        return None;
    }
    Some((min.is_some() || max.is_some()).then_some(Test::Between(min, max)))
}

fn read_component<'t>(
    reader: &mut Reader<'t>,
    section: Section<'_, 't>,
    scope: &Scope<'_>,
) -> Option<Condition> {
    let tests = ["is", "gt", "gte", "lt", "lte", "between"];
    reader.keys(section, "a condition on a component", &[&["component"], &tests[..]].concat());
    let Some(components) = scope.components else {
        reader.mistake(
            section.at,
            "a component can only be asked for in [[stage]]: elsewhere its number is not there yet",
        );
        return None;
    };
    let ids: Vec<String> = components.iter().map(|c| c.id.clone()).collect();
    let component = reader.reference(section, "component", "component", &ids)?;
    let (mut min, mut max, mut any) = (i64::MIN, i64::MAX, false);
    for key in tests {
        let Some(value) = section.table.get(key) else { continue };
        any = true;
        let mut bound = |v: &Value<'t>| component_value(reader, v, key, &components[component]);
        match key {
            "is" => (min, max) = bound(value).map(|v| (v, v))?,
            "gt" => min = bound(value)?.saturating_add(1),
            "gte" => min = bound(value)?,
            "lt" => max = bound(value)?.saturating_sub(1),
            "lte" => max = bound(value)?,
            _ => {
                let Some([low, high]) = value.get_ref().as_array().map(|a| &a[..]) else {
                    reader
                        .mistake(value.span().start, "between must be an array of two: [from, to]");
                    return None;
                };
                (min, max) = (bound(low)?, bound(high)?);
            }
        }
    }
    if !any || min > max {
        let what = if any {
            "condition that no value can meet"
        } else {
            "condition on a component without a test"
        };
        reader.mistake(section.at, what);
        return None;
    }
    Some(Condition::Component(ComponentTest { component, min, max }))
}

/// A value of a component: points, or the letter of a ladder; thousandths.
pub(super) fn component_value<'t>(
    reader: &mut Reader<'t>,
    value: &Value<'t>,
    key: &str,
    component: &Component,
) -> Option<i64> {
    let ComponentKind::Ladder { steps, .. } = &component.kind else {
        return reader.number_value(value, key, 3);
    };
    let letter = reader.text_value(value, key)?;
    let at = reader.resolve(
        letter,
        value.span().start,
        &format!("letter of \"{}\"", component.id),
        steps,
    )?;
    Some(at as i64 * POINT)
}

/// The test of an object: a text or number, an array of them, or a table with one test.
pub(super) fn read_object_test<'t>(
    reader: &mut Reader<'t>,
    value: &Value<'t>,
    scope: &Scope<'_>,
) -> Option<Test> {
    if value.get_ref().as_table().is_none() {
        return read_literals(reader, value, "object", scope).map(Test::In);
    }
    let section = reader.table(value, "object")?;
    let tests = ["is", "is_not", "in", "contains", "starts", "matches"];
    reader.keys(section, "object", &tests);
    let given: Vec<&str> =
        tests.into_iter().filter(|key| section.table.contains_key(*key)).collect();
    let [key] = given[..] else {
        reader.mistake(section.at, format!("object takes one of {}", tests.join(", ")));
        return None;
    };
    read_test(reader, section, key, &section.table[key], scope)
}
