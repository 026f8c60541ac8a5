//! JSON files: entries of the person go, and so does what other entries repeat.

use super::person::Person;
use super::values::Values;
use crate::error::{Error, Result};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::path::Path;

/// What stands where a value was.
pub(super) const ERASED: &str = "[erased]";

/// The file without the person; its bytes as they were when the person is not in it.
pub(super) fn erase(file: &str, bytes: &[u8], person: &Person, values: &Values) -> Result<Vec<u8>> {
    let mut value = parse(file, bytes)?;
    let mut changed = clear(&mut value, person, values);
    if file == "report.json" {
        // What a file's content was tells whether somebody was in it.
        changed |= withdraw(&mut value, "fingerprint");
    }
    if !changed {
        return Ok(bytes.to_vec());
    }
    let mut text = serde_json::to_vec_pretty(&value).map_err(|e| invalid(file, &e))?;
    text.push(b'\n');
    Ok(text)
}

/// As [`erase`], for a file of one object a line; the number of lines that went.
pub(super) fn erase_lines(
    file: &str,
    bytes: &[u8],
    person: &Person,
    values: &Values,
    kept: Option<&[bool]>,
) -> Result<(Vec<u8>, usize)> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut dropped = 0;
    for (i, line) in bytes.split_inclusive(|&b| b == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            out.extend_from_slice(line);
            continue;
        }
        let mut value = parse(file, line)?;
        let is_own = match kept.and_then(|kept| kept.get(i)) {
            Some(keep) => !keep,
            None => is_of(&value, person),
        };
        if is_own {
            dropped += 1;
        } else if clear(&mut value, person, values) {
            serde_json::to_writer(&mut out, &value).map_err(|e| invalid(file, &e))?;
            out.push(b'\n');
        } else {
            out.extend_from_slice(line);
        }
    }
    Ok((out, dropped))
}

/// The cells of a file of one object a line, and whether each line is the person's.
pub(super) fn cells(
    file: &str,
    bytes: &[u8],
    person: &Person,
    kept: Option<&[bool]>,
) -> Result<Vec<(bool, Vec<String>)>> {
    let mut rows = Vec::new();
    for (i, line) in bytes.split(|&b| b == b'\n').enumerate().filter(|(_, l)| !l.is_empty()) {
        let value = parse(file, line)?;
        let is_own = match kept.and_then(|kept| kept.get(i)) {
            Some(keep) => !keep,
            None => is_of(&value, person),
        };
        let members = value.as_object().into_iter().flatten();
        let texts = members.filter(|(name, _)| !name.starts_with("leadmend_"));
        let texts = texts.filter_map(|(_, v)| v.as_str().map(|v| v.trim().to_string()));
        rows.push((is_own, texts.filter(|v| !v.is_empty()).collect()));
    }
    Ok(rows)
}

/// The persons of a file of one object a line with a text that fits.
pub(super) fn holders(
    file: &str,
    bytes: &[u8],
    same: &dyn Fn(&str) -> bool,
) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for line in bytes.split(|&b| b == b'\n').filter(|l| !l.is_empty()) {
        let value = parse(file, line)?;
        let fits =
            value.as_object().is_some_and(|o| o.values().filter_map(Value::as_str).any(same));
        let id = value.get("leadmend_person_id").and_then(Value::as_str);
        found.extend(id.filter(|_| fits).map(str::to_string));
    }
    Ok(found)
}

/// The certificate of the folder as it is now: outputs measured again, inputs' digests withdrawn.
pub(super) fn certificate(
    bytes: &[u8],
    folder: &Path,
    receipt: &str,
    chain: Option<(u64, String)>,
) -> Result<Vec<u8>> {
    const FILE: &str = "certificate.json";
    let mut value = parse(FILE, bytes)?;
    for input in entries(&mut value, "inputs") {
        input.insert("sha256".into(), json!(""));
        input.insert("withdrawn".into(), json!(receipt));
    }
    let failed = |cause| Error::Read { file: FILE.into(), cause };
    let mut listed: Vec<String> = Vec::new();
    for output in entries(&mut value, "outputs") {
        let Some(file) = output.get("file").and_then(Value::as_str).map(str::to_string) else {
            continue;
        };
        let Ok(text) = std::fs::read(folder.join(&file)) else { continue };
        measure(output, &text);
        listed.push(file);
    }
    if let Some(outputs) = value.get_mut("outputs").and_then(Value::as_array_mut) {
        for file in [super::SUPPRESS, super::RECEIPTS] {
            let path = folder.join(file);
            if path.exists() && !listed.iter().any(|f| f == file) {
                let mut output = Map::new();
                output.insert("file".into(), json!(file));
                measure(&mut output, &std::fs::read(path).map_err(failed)?);
                outputs.push(Value::Object(output));
            }
        }
        outputs.sort_by(|a, b| a["file"].as_str().cmp(&b["file"].as_str()));
    }
    if let Some((lines, chain)) = chain
        && let Some(journal) = value.get_mut("journal").and_then(Value::as_object_mut)
    {
        journal.insert("lines".into(), json!(lines));
        journal.insert("chain".into(), json!(chain));
    }
    let mut text = serde_json::to_vec_pretty(&value).map_err(|e| invalid(FILE, &e))?;
    text.push(b'\n');
    Ok(text)
}

fn entries<'a>(
    value: &'a mut Value,
    key: &str,
) -> impl Iterator<Item = &'a mut Map<String, Value>> {
    let list = value.get_mut(key).and_then(Value::as_array_mut);
    list.into_iter().flatten().filter_map(Value::as_object_mut)
}

fn measure(output: &mut Map<String, Value>, text: &[u8]) {
    let digest = Sha256::digest(text).iter().map(|b| format!("{b:02x}")).collect::<String>();
    output.insert("bytes".into(), json!(text.len()));
    output.insert("sha256".into(), json!(digest));
}

fn parse(file: &str, bytes: &[u8]) -> Result<Value> {
    serde_json::from_slice(bytes).map_err(|e| invalid(file, &e))
}

/// Without what serde says of the content.
fn invalid(file: &str, error: &serde_json::Error) -> Error {
    Error::Format {
        file: file.into(),
        line: u32::try_from(error.line()).ok().filter(|&line| line > 0),
        what: "is not valid JSON".into(),
        remedy: "the folder was changed since the run; repeat the run".into(),
    }
}

/// Whether an object is about the person.
fn is_of(value: &Value, person: &Person) -> bool {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    match text("person_id").or_else(|| text("leadmend_person_id")) {
        Some(id) => id == person.id,
        None => ["record_id", "left_id", "right_id", "survivor_id", "surviving_id"]
            .into_iter()
            .filter_map(text)
            .any(|id| person.labels.contains(id)),
    }
}

/// Clears the person from a value; true when anything was changed.
fn clear(value: &mut Value, person: &Person, values: &Values) -> bool {
    match value {
        Value::Array(items) => {
            let before = items.len();
            items.retain(|item| !is_of(item, person) && item.as_str() != Some(&person.id));
            let mut changed = items.len() < before;
            for item in items {
                changed |= clear(item, person, values);
            }
            changed
        }
        Value::Object(map) => {
            let before = map.len();
            map.retain(|key, _| *key != person.id && !values.is_in(key));
            let mut changed = map.len() < before;
            for item in map.values_mut() {
                changed |= clear(item, person, values);
            }
            changed
        }
        Value::String(text) if *text == person.id || values.is_in(text) => {
            *text = if *text == person.id {
                ERASED.into()
            } else {
                values.erase(text, ERASED).into_owned()
            };
            true
        }
        _ => false,
    }
}

/// Sets every member of a name to null; true when there was one.
fn withdraw(value: &mut Value, name: &str) -> bool {
    match value {
        Value::Array(items) => items.iter_mut().fold(false, |c, item| withdraw(item, name) | c),
        Value::Object(map) => {
            let mut changed = false;
            for (key, item) in map.iter_mut() {
                if key == name && !item.is_null() {
                    *item = Value::Null;
                    changed = true;
                } else {
                    changed |= withdraw(item, name);
                }
            }
            changed
        }
        _ => false,
    }
}
