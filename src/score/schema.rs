//! The JSON Schema of model files, for editors that complete and check while one types.
//!
//! It describes shapes; what only the parser can know (ids that fit together, overlapping bands) it
//! leaves to the parser.

use super::kind;
use super::model::STANDARD_FIELDS;
use serde_json::{Value, json};

/// The schema as JSON, draft 2020-12.
pub fn json_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "leadmend scoring model",
        "type": "object",
        "additionalProperties": false,
        "required": ["component"],
        "properties": {
            "format": { "const": 1 },
            "name": text("Name of the model"),
            "description": text("For people"),
            "primary": text("Component that is the lead's score; default: the first with a band, else the first"),
            "scale": { "enum": ["1-100"], "description": "Holds every importance to 1 to 100" },
            "as_of": text("\"now\" or an instant such as 2026-06-30T00:00:00Z"),
            "timezone": text("IANA name, e.g. Europe/Madrid; default UTC"),
            "merge": merge(),
            "exclude": object(json!({ "if": r("condition"), "over": over(), "reason": text("Shown instead of the fact") }), &["if"]),
            "component": list("component"),
            "rule": list("rule"),
            "band": list("band"),
            "matrix": list("matrix"),
            "persona": list("persona"),
            "stage": list("stage")
        },
        "$defs": {
            "span": { "type": "string", "pattern": "^ *[0-9]+ *(s|min|h|d|w|mo|y) *$", "examples": ["90d", "12h", "1mo"] },
            "value": { "type": ["string", "number", "boolean"] },
            "values": { "anyOf": [r("value"), { "type": "array", "minItems": 1, "items": r("value") }] },
            "texts": { "anyOf": [{ "type": "string" }, { "type": "array", "minItems": 1, "items": { "type": "string" } }] },
            "condition": condition(),
            "event": event(),
            "component": component(),
            "rule": rule(),
            "band": band(),
            "matrix": matrix(),
            "persona": persona(),
            "stage": object(json!({ "id": id(), "if": r("condition") }), &["id", "if"])
        }
    })
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

fn id() -> Value {
    json!({ "type": "string", "minLength": 1 })
}

fn r(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn list(name: &str) -> Value {
    json!({ "type": "array", "items": r(name) })
}

fn object(properties: Value, required: &[&str]) -> Value {
    json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties })
}

fn over() -> Value {
    json!({ "enum": ["survivor", "any", "all", "newest"], "description": "Which values of a merged lead decide" })
}

fn merge() -> Value {
    let identity = json!({ "type": "array", "items": { "enum": ["type", "object", "at"] } });
    object(
        json!({
            "on_merge": { "enum": ["recompute", "sum", "max", "survivor"] },
            "never_weaker": { "enum": ["off", "report", "floor", "fail"] },
            "event_identity": identity,
            "event_window": r("span")
        }),
        &[],
    )
}

fn condition() -> Value {
    let parts = json!({ "type": "array", "minItems": 1, "items": r("condition") });
    let pair = json!({ "type": "array", "minItems": 2, "maxItems": 2, "items": r("value") });
    let flag = json!({ "type": "boolean" });
    let mut schema = object(
        json!({
            "all": parts, "any": parts, "not": r("condition"),
            "field": { "type": "string", "examples": STANDARD_FIELDS },
            "inactive": r("span"),
            "component": id(),
            "is": r("values"), "is_not": r("values"),
            "in": { "type": "array", "minItems": 1, "items": r("value") },
            "contains": r("texts"), "starts": r("texts"),
            "matches": text("A regular expression"),
            "gt": r("value"), "gte": r("value"), "lt": r("value"), "lte": r("value"), "between": pair,
            "known": flag, "unknown": flag, "role": flag, "free_mail": flag
        }),
        &[],
    );
    let heads = ["all", "any", "not", "field", "inactive", "component"];
    schema["oneOf"] = heads.iter().map(|head| json!({ "required": [head] })).collect();
    schema
}

fn event() -> Value {
    let kinds: Vec<&str> = kind::all().collect();
    let kind = json!({ "type": "string", "examples": kinds });
    let kinds = json!({ "anyOf": [kind, { "type": "array", "minItems": 1, "items": kind }] });
    let tests = object(
        json!({
            "is": r("values"), "is_not": r("values"), "in": { "type": "array", "items": r("value") },
            "contains": r("texts"), "starts": r("texts"), "matches": { "type": "string" }
        }),
        &[],
    );
    let place = object(json!({ "object": { "anyOf": [r("values"), tests] } }), &["object"]);
    json!({ "anyOf": [kind, object(json!({ "event": kinds, "where": place }), &["event"])] })
}

fn component() -> Value {
    let number = json!({ "type": "number" });
    let group =
        object(json!({ "id": id(), "min": number, "max": number, "weight": number }), &["id"]);
    object(
        json!({
            "id": id(),
            "kind": { "enum": ["points", "ladder", "weighted", "persona", "ledger", "field", "total"] },
            "name": text("For people"),
            "description": text("For people"),
            "range": object(json!({ "min": number, "max": number }), &[]),
            "round": { "enum": ["half-up", "half-even", "up", "down"] },
            "group": { "type": "array", "items": group },
            "ladder": { "type": "array", "minItems": 1, "uniqueItems": true, "items": { "type": "string" } },
            "start": { "type": "string" },
            "once": { "type": "array", "items": r("event") },
            "field": { "type": "string" },
            "on_merge": { "enum": ["sum", "max", "survivor"] },
            "of": r("texts"),
            "mean": { "type": "boolean" }
        }),
        &["id"],
    )
}

fn rule() -> Value {
    let number = json!({ "type": "number" });
    let share = json!({ "type": "number", "minimum": -1, "maximum": 1 });
    let count = |key: &str| object(json!({ key: { "type": "integer", "minimum": 1 } }), &[key]);
    let words = json!({ "enum": ["once", "each", "per-object", "per-day"] });
    let linear = json!({
        "kind": { "const": "linear" }, "percent": { "type": "number", "exclusiveMinimum": 0, "maximum": 100 },
        "every": r("span"), "step": { "type": "boolean" }
    });
    let half = json!({ "kind": { "const": "half-life" }, "half_life": r("span") });
    let mut schema = object(
        json!({
            "id": id(), "component": id(), "group": id(),
            "name": text("Shown in the ledger and in reports"), "description": text("For people"),
            "if": r("condition"), "on": r("event"),
            "add": number, "subtract": { "type": "number", "minimum": 0 }, "scale": share,
            "step": { "type": "integer" }, "step_if_false": { "type": "integer" }, "set": number, "cap": number,
            "times": { "anyOf": [words, count("max"), count("at_least"), count("exactly")] },
            "within": r("span"), "expire": r("span"),
            "decay": { "anyOf": [object(linear, &["kind", "percent", "every"]), object(half, &["kind", "half_life"])] },
            "over": over(),
            "of": r("texts")
        }),
        &["id"],
    );
    let effects = ["add", "subtract", "scale", "step", "set", "cap"];
    schema["oneOf"] = effects.iter().map(|effect| json!({ "required": [effect] })).collect();
    schema["anyOf"] = json!([{ "required": ["if"] }, { "required": ["on"] }]);
    schema
}

fn band() -> Value {
    let bound = json!({ "type": ["number", "string"] });
    object(
        json!({
            "of": id(), "id": id(), "min": bound, "max": bound, "above": bound, "below": bound,
            "action": text("What to do with leads in it"),
            "channel": { "enum": ["phone", "email", "other"], "description": "How the action reaches a lead; default: by its words" },
            "temperature": { "enum": ["cold", "warm", "hot"] },
            "description": text("For people")
        }),
        &["id"],
    )
}

fn matrix() -> Value {
    let classes = json!({ "type": "object", "minProperties": 1, "additionalProperties": { "type": ["number", "string"] } });
    let keys = ["id", "letter", "number", "letters", "numbers"];
    object(
        json!({ "id": id(), "letter": id(), "number": id(), "letters": classes, "numbers": classes }),
        &keys,
    )
}

fn persona() -> Value {
    let weight = json!({ "type": "number", "exclusiveMinimum": 0 });
    let one = object(
        json!({ "name": text("For people"), "if": r("condition"), "weight": weight }),
        &["if"],
    );
    let traits = json!({ "type": "array", "minItems": 1, "items": one });
    object(json!({ "id": id(), "name": text("For people"), "traits": traits }), &["id", "traits"])
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    /// The schema and the parser must know the same keys, or editors would contradict the tool.
    #[test]
    fn the_schema_knows_the_keys_of_the_parser() {
        let schema = json_schema();
        let keys = |value: &Value| {
            let mut keys: Vec<String> =
                value["properties"].as_object().unwrap().keys().cloned().collect();
            keys.sort();
            keys
        };
        let sorted = |list: &[&str]| {
            let mut list: Vec<String> = list.iter().map(|key| (*key).to_string()).collect();
            list.sort();
            list
        };
        assert_eq!(keys(&schema), sorted(parse::TOP_KEYS));
        assert_eq!(keys(&schema["$defs"]["rule"]), sorted(parse::RULE_KEYS));
        assert_eq!(keys(&schema["$defs"]["component"]), sorted(parse::COMPONENT_KEYS));
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let schema = json_schema();
        let text = schema.to_string();
        for part in text.split("#/$defs/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(schema["$defs"].get(name).is_some(), "{name}");
        }
    }
}
