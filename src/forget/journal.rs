//! The journal's lines of a person: their payloads become tombstones, the chain stays checkable.
//!
//! A line is `{"n", "kind", "salt", "payload", "chain"}`; `chain` is the SHA-256 over the chain before,
//! the kind, a zero byte and the digest of salt and payload. A tombstone keeps that digest in place of
//! salt and payload: without the salt the digest tells nothing. The `run` line names the inputs by
//! their digests, which confirm a guess at an erased row; it becomes a tombstone too, and a `run` line
//! without them is added at the end: of several, the one with a payload counts.

use super::person::Person;
use super::values::Values;
use crate::error::{Error, Result};
use crate::journal::{Block, Chain, Salts, hex, unhex};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// An edited journal.
pub(super) struct Edited {
    pub bytes: Vec<u8>,
    /// Numbers of the lines that are tombstones now.
    pub lines: Vec<u64>,
    /// Lines in all.
    pub count: u64,
    /// The chain's end.
    pub chain: String,
}

/// A line with what is read of it.
struct Line<'a> {
    text: &'a [u8],
    value: Value,
    /// The payload as written; `None` for a tombstone.
    payload: Option<&'a str>,
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = Option<Line<'_>>> {
    let filled = bytes.split(|&b| b == b'\n').filter(|line| !line.is_empty());
    filled.map(|text| {
        let value: Value = serde_json::from_slice(text).ok()?;
        let raw = std::str::from_utf8(text).ok()?;
        let payload = match value.get("payload") {
            None => None,
            Some(_) => {
                let (_, rest) = raw.split_once("\"payload\":")?;
                Some(rest.rsplit_once(",\"chain\":")?.0)
            }
        };
        Some(Line { text, value, payload })
    })
}

/// Lines that can be read; a journal that cannot is refused by [`erase`].
fn readable(bytes: &[u8]) -> impl Iterator<Item = Value> {
    lines(bytes).flatten().map(|line| line.value)
}

/// The text of a piece of an input file.
fn piece(payload: &Value) -> Option<String> {
    if let Some(text) = payload.get("text").and_then(Value::as_str) {
        return Some(text.to_string());
    }
    let coded = payload.get("base64").and_then(Value::as_str)?;
    let bytes = STANDARD.decode(coded).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The cells of a row, whatever its delimiter.
fn cells(row: &str) -> Vec<String> {
    if let Ok(Value::Object(map)) = serde_json::from_str::<Value>(row) {
        let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_string);
        return map.values().map(text).collect();
    }
    let delimiter = super::delimited::delimiter_of(row.as_bytes());
    let rows = super::delimited::rows(row.as_bytes(), delimiter);
    let cells = rows.into_iter().flat_map(|r| r.cells);
    cells.map(|c| c.trim().to_string()).filter(|c| !c.is_empty()).collect()
}

fn person_of(value: &Value) -> Option<&str> {
    value.get("payload")?.get("person_id")?.as_str()
}

/// Cells of the person's rows, and those of all others.
pub(super) fn split_rows(
    journal: &[u8],
    person: &Person,
    own: &mut BTreeSet<String>,
    others: &mut Vec<String>,
) {
    for value in readable(journal) {
        let kind = value.get("kind").and_then(Value::as_str).unwrap_or_default();
        if !matches!(kind, "record" | "activity") {
            continue;
        }
        let Some(text) = value.get("payload").and_then(piece) else { continue };
        match person_of(&value) == Some(&person.id) {
            true => own.extend(cells(&text)),
            false => others.extend(cells(&text)),
        }
    }
}

/// The persons whose rows hold an address.
pub(super) fn holders(journal: &[u8], same: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for value in readable(journal) {
        let kind = value.get("kind").and_then(Value::as_str);
        let Some(text) = value.get("payload").and_then(piece).filter(|_| kind == Some("record"))
        else {
            continue;
        };
        if cells(&text).iter().any(|cell| same(cell)) {
            found.extend(person_of(&value).map(str::to_string));
        }
    }
    found
}

/// Replaces what is the person's by tombstones.
pub(super) fn erase(
    bytes: &[u8],
    person: &Person,
    values: &Values,
    receipt: &str,
    salts: Option<&Salts>,
) -> Result<Edited> {
    let mut edited =
        Edited { bytes: Vec::new(), lines: Vec::new(), count: 0, chain: String::new() };
    let whole = whole_files(bytes, person);
    let mut before = [0u8; 32];
    let mut replaced: Vec<(&str, Value)> = Vec::new();
    for line in lines(bytes) {
        let number = edited.count;
        let line = line.ok_or_else(|| damaged(number))?;
        let kind = line.value.get("kind").and_then(Value::as_str).unwrap_or_default();
        let digest = digest_of(&line).ok_or_else(|| damaged(number))?;
        let mut hash = Sha256::new();
        hash.update(before);
        hash.update(kind.as_bytes());
        hash.update([0]);
        hash.update(digest);
        before = hash.finalize().into();
        edited.chain = hex(&before);
        if line.value.get("chain").and_then(Value::as_str) != Some(edited.chain.as_str()) {
            return Err(damaged(number));
        }
        let withdrawn = match (kind, line.value.get("payload")) {
            ("run", Some(payload)) => withdraw(payload, person, receipt).map(|p| ("run", p)),
            ("policy", Some(payload)) => undecide(payload, person).map(|p| ("policy", p)),
            _ => None,
        };
        let gone = withdrawn.is_some();
        replaced.extend(withdrawn);
        if gone || line.payload.is_some() && is_of(&line.value, kind, person, values, &whole) {
            let n = line.value.get("n").cloned().unwrap_or(json!(number));
            let (kind, digest, chain) = (json!(kind), json!(hex(&digest)), json!(edited.chain));
            let receipt = json!(receipt);
            // Written by hand: the order of the keys is part of the format.
            let tombstone = format!(
                "{{\"n\":{n},\"kind\":{kind},\"digest\":{digest},\"tombstone\":{receipt},\
                 \"chain\":{chain}}}"
            );
            edited.bytes.extend_from_slice(tombstone.as_bytes());
            edited.lines.push(number);
        } else {
            edited.bytes.extend_from_slice(line.text);
        }
        edited.bytes.push(b'\n');
        edited.count += 1;
    }
    if let Some(salts) = salts.filter(|_| !replaced.is_empty()) {
        let (mut block, mut chain) = (Block::default(), Chain(before));
        for (kind, payload) in replaced {
            let (kind, text) = (if kind == "run" { "run" } else { "policy" }, payload.to_string());
            block.add(edited.count, kind, salts, |out| out.extend_from_slice(text.as_bytes()));
            edited.count += 1;
        }
        edited.bytes.extend_from_slice(block.seal(&mut chain));
        edited.chain = hex(&chain.0);
    }
    Ok(edited)
}

/// The payload of a `policy` line without the decisions that name the person's records; `None` when
/// there is none.
fn undecide(payload: &Value, person: &Person) -> Option<Value> {
    let mut value = payload.clone();
    let mut changed = false;
    for text in value.as_object_mut()?.values_mut() {
        let Value::String(text) = text else { continue };
        let names = |row: &str| {
            let named = |cell: &String| person.labels.contains(cell) || person.keys.contains(cell);
            cells(row).iter().any(named)
        };
        let kept: String = text.split_inclusive('\n').filter(|row| !names(row)).collect();
        changed |= kept.len() < text.len();
        *text = kept;
    }
    changed.then_some(value)
}

/// The payload of a `run` line without digests of inputs and without the person; `None` when it has
/// neither.
fn withdraw(payload: &Value, person: &Person, receipt: &str) -> Option<Value> {
    let mut value = payload.clone();
    let mut changed = false;
    for file in value.get_mut("files").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(digest) = file.get_mut("sha256").filter(|d| d.as_str() != Some("")) else {
            continue;
        };
        *digest = json!("");
        file["withdrawn"] = json!(receipt);
        changed = true;
    }
    if let Some(list) = value.get_mut("suppressed").and_then(Value::as_array_mut) {
        let before = list.len();
        list.retain(|key| key.as_str().is_none_or(|key| !person.keys.contains(key)));
        changed |= list.len() < before;
    }
    changed.then_some(value)
}

/// Input files that are journaled as a whole and hold a record of the person: their text is coded or
/// compressed, so that single rows cannot be told.
fn whole_files(journal: &[u8], person: &Person) -> BTreeSet<u64> {
    let mut whole = BTreeSet::new();
    let mut split = BTreeSet::new();
    let mut files: Vec<Value> = Vec::new();
    for value in readable(journal) {
        let payload = value.get("payload");
        match value.get("kind").and_then(Value::as_str) {
            Some("run") => {
                let listed = payload.and_then(|p| p.get("files")).and_then(Value::as_array);
                files.extend(listed.cloned().unwrap_or_default());
            }
            Some("record" | "activity")
                if payload.and_then(piece).is_some_and(|t| !t.is_empty()) =>
            {
                split.extend(payload.and_then(|p| p.get("file")).and_then(Value::as_u64));
            }
            _ => {}
        }
    }
    for (file, about) in (0..).zip(&files) {
        let source = about.get("source").and_then(Value::as_str).unwrap_or_default();
        let role = about.get("role").and_then(Value::as_str).unwrap_or_default();
        if !split.contains(&file) && (role != "leads" || person.sources.contains(source)) {
            whole.insert(file);
        }
    }
    whole
}

fn is_of(
    value: &Value,
    kind: &str,
    person: &Person,
    values: &Values,
    whole: &BTreeSet<u64>,
) -> bool {
    let payload = &value["payload"];
    match kind {
        // Settled by `withdraw` and `undecide`: undo needs the rest.
        "run" | "policy" => false,
        "bytes" => {
            payload.get("file").and_then(Value::as_u64).is_some_and(|f| whole.contains(&f))
                || piece(payload).is_some_and(|text| values.is_in(&text))
        }
        _ if person_of(value).is_some_and(|id| !id.is_empty()) => {
            person_of(value) == Some(&person.id)
        }
        _ => mentions(payload, person, values),
    }
}

/// Any text of a payload that is the person's.
fn mentions(value: &Value, person: &Person, values: &Values) -> bool {
    match value {
        Value::String(text) => {
            *text == person.id || person.labels.contains(text) || values.is_in(text)
        }
        Value::Array(items) => items.iter().any(|item| mentions(item, person, values)),
        Value::Object(map) => map.values().any(|item| mentions(item, person, values)),
        _ => false,
    }
}

/// The digest of a line's payload; that of a tombstone is written in it.
fn digest_of(line: &Line) -> Option<[u8; 32]> {
    match line.payload {
        None => unhex(line.value.get("digest")?.as_str()?),
        Some(payload) => {
            let salt: [u8; 16] = unhex(line.value.get("salt")?.as_str()?)?;
            Some(Sha256::new().chain_update(salt).chain_update(payload).finalize().into())
        }
    }
}

fn damaged(number: u64) -> Error {
    Error::Format {
        file: super::JOURNAL.into(),
        line: u32::try_from(number + 1).ok(),
        what: "does not fit the chain; the journal was changed since the run".into(),
        remedy: "run `leadmend verify` on the folder; nothing was erased".into(),
    }
}
