//! Reading a rule file: every mistake at once, each with its line and the nearest valid name.

use super::{Limit, Preset, Rule, Rules, Suppressed};
use crate::config::nearest;
use crate::error::{Error, Result};
use crate::quality::catalog::{self, CHECKS};
use crate::quality::finding::Severity;
use crate::score::condition::Condition;
use crate::score::parse::conditions::{self, Scope};
use crate::score::parse::reader::{Reader, Section, Value};
use crate::score::quantity::parse_instant;
use jiff::tz::TimeZone;
use toml::de::{DeTable, DeValue};

const TOP: &[&str] = &["format", "extends", "defaults", "check", "suppress"];
const DEFAULTS: &[&str] = &["severity", "ignore_rows"];
const RULE: &[&str] = &[
    "id",
    "kind",
    "severity",
    "max_rate",
    "max_rows",
    "warn_if",
    "error_if",
    "fields",
    "any",
    "threshold",
    "days",
    "allowed",
    "if",
    "message",
];
const SUPPRESS: &[&str] = &["checks", "until", "why"];
const SEVERITIES: &[(&str, Option<Severity>)] = &[
    ("error", Some(Severity::Error)),
    ("warning", Some(Severity::Warning)),
    ("info", Some(Severity::Info)),
    ("off", None),
];
/// Decimals of a share: millionths.
const SHARE_DECIMALS: u32 = 6;
/// Rules and suppressions of a file at most: more than anyone writes.
const MOST: usize = 100_000;

/// Reads a rule file's text.
///
/// # Errors
/// [`Error::Config`] with every mistake of the file.
pub fn parse(text: &str, file: &str) -> Result<Rules> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::new(text, file);
    let rules = match DeTable::parse(text) {
        Ok(table) => read(&mut reader, Section { table: table.get_ref(), at: 0 }),
        Err(error) => {
            reader.mistake(error.span().map_or(0, |s| s.start), error.message().to_string());
            Rules::default()
        }
    };
    let mistakes = reader.finish();
    if mistakes.is_empty() {
        return Ok(rules);
    }
    Err(Error::Config {
        file: file.to_string(),
        mistakes: mistakes.iter().map(|mistake| mistake.without_file()).collect(),
        remedy: "`leadmend check --list-checks` names all checks, --explain CHECK tells about one"
            .into(),
    })
}

fn read<'t>(reader: &mut Reader<'t>, top: Section<'_, 't>) -> Rules {
    reader.keys(top, "a rule file", TOP);
    if let Some(value) = top.table.get("format")
        && reader.number_value(value, "format", 0).is_some_and(|format| format != 1)
    {
        reader.mistake(value.span().start, "format must be 1; this version knows no other");
    }
    let mut rules = Rules {
        extends: reader.choice(top, "extends", &Preset::NAMED).unwrap_or_default(),
        ..Rules::default()
    };
    if let Some(section) = top.table.get("defaults").and_then(|v| reader.table(v, "defaults")) {
        reader.keys(section, "[defaults]", DEFAULTS);
        rules.severity = reader.choice(section, "severity", SEVERITIES).flatten();
        rules.ignore_rows =
            section.table.get("ignore_rows").and_then(|value| condition(reader, value));
    }
    for section in reader.tables(top, "check").into_iter().take(MOST) {
        if let Some(rule) = rule(reader, section, &rules.rules) {
            rules.rules.push(rule);
        }
    }
    if let Some(section) = top.table.get("suppress").and_then(|v| reader.table(v, "suppress")) {
        let own: Vec<String> = rules.rules.iter().map(|rule| rule.id.clone()).collect();
        for (key, value) in section.table.iter().take(MOST) {
            let at = key.span().start;
            rules.suppressed.extend(suppressed(reader, key.get_ref(), at, value, &own));
        }
    }
    rules
}

fn condition<'t>(reader: &mut Reader<'t>, value: &Value<'t>) -> Option<Condition> {
    conditions::read(reader, value, &Scope { zone: &TimeZone::UTC, components: None })
}

fn rule<'t>(reader: &mut Reader<'t>, section: Section<'_, 't>, earlier: &[Rule]) -> Option<Rule> {
    reader.keys(section, "[[check]]", RULE);
    let Some((id, at)) = reader.text(section, "id") else {
        if !section.table.contains_key("id") {
            reader.mistake(section.at, "[[check]] without an id");
        }
        return None;
    };
    let kind = reader.choice(section, "kind", &[("sql-free", ())]);
    let written = section.table.get("if");
    let own = kind.is_some() || written.is_some();
    if own {
        name_of_own(reader, id, at.start);
    } else if catalog::find(id).is_none() {
        unknown_check(reader, at.start, id, &[]);
    }
    if own && written.is_none() {
        reader.mistake(section.at, format!("\"{id}\" has no condition; write if = {{ ... }}"));
    }
    let severity = reader.choice(section, "severity", SEVERITIES);
    let rule = Rule {
        id: id.to_string(),
        line: reader.place(at.start).line,
        off: severity == Some(None),
        severity: severity.flatten(),
        max_rate: share(reader, section, "max_rate"),
        max_rows: reader.whole(section, "max_rows", 0).and_then(|n| u64::try_from(n).ok()),
        warn_if: limit(reader, section, "warn_if"),
        error_if: limit(reader, section, "error_if"),
        fields: texts(reader, section, "fields"),
        any: reader.flag(section, "any").unwrap_or(false),
        threshold: share(reader, section, "threshold"),
        days: reader.whole(section, "days", 1),
        allowed: texts(reader, section, "allowed"),
        condition: written.and_then(|value| condition(reader, value)),
        message: reader.owned(section, "message"),
    };
    misfits(reader, section, &rule, own);
    if earlier.iter().any(|other| other.id == rule.id && other.fields == rule.fields) {
        reader.mistake(at.start, format!("second [[check]] for \"{id}\" and the same fields"));
    }
    Some(rule)
}

/// Keys that mean nothing for this check: a rule without effect is a mistake nobody sees.
fn misfits<'t>(reader: &mut Reader<'t>, section: Section<'_, 't>, rule: &Rule, own: bool) {
    let mut only_for = |key: &str, fits: bool, whom: &str| {
        if let Some(value) = section.table.get(key)
            && !fits
        {
            reader.mistake(value.span().start, format!("{key} is for {whom} only"));
        }
    };
    let id = rule.id.as_str();
    let compared = ["duplicate-rate", "row-count-change", "null-rate-change", "score-drift"];
    only_for("any", id == "not-null", "not-null");
    only_for("days", ["stale", "retention-exceeded"].contains(&id), "stale and retention-exceeded");
    let listed = ["status-invalid", "owner-inactive"];
    only_for("allowed", listed.contains(&id), "status-invalid and owner-inactive");
    only_for("threshold", compared.contains(&id), &compared.join(", "));
    only_for("message", own, "conditions of your own");
    let lacks = |key: &str| !rule.off && !section.table.contains_key(key);
    if id == "not-null" && lacks("fields") {
        reader.mistake(section.at, "not-null needs fields = [...]");
    }
    if listed.contains(&id) && lacks("allowed") {
        reader.mistake(section.at, format!("{id} needs allowed = [...]"));
    }
    if ["stale", "retention-exceeded"].contains(&id) && lacks("days") {
        reader.mistake(section.at, format!("{id} needs days = N"));
    }
}

fn name_of_own(reader: &mut Reader, id: &str, at: usize) {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.is_empty() || id.len() > 60 || !id.chars().all(plain) {
        reader.mistake(at, "an id has small letters, digits and dashes, at most 60");
    } else if catalog::find(id).is_some() {
        let what = format!("\"{id}\" is a check already; give the condition a name of its own");
        reader.mistake(at, what);
    }
}

fn unknown_check(reader: &mut Reader, at: usize, id: &str, own: &[String]) {
    let known = CHECKS.iter().map(|check| check.id).chain(own.iter().map(String::as_str));
    reader.mistake(at, format!("no check \"{id}\"{}", nearest(id, known)));
}

fn texts<'t>(reader: &mut Reader<'t>, section: Section<'_, 't>, key: &str) -> Vec<String> {
    let Some(value) = section.table.get(key) else { return Vec::new() };
    reader.texts(value, key).into_iter().map(|(text, _)| text.to_string()).collect()
}

fn share<'t>(reader: &mut Reader<'t>, section: Section<'_, 't>, key: &str) -> Option<f64> {
    let value = section.table.get(key)?;
    let share = match value.get_ref() {
        DeValue::String(text) => crate::config::parse_share(text),
        _ => Some(reader.number_value(value, key, SHARE_DECIMALS)? as f64 / 1e6),
    };
    let share = share.filter(|share| (0.0..=1.0).contains(share));
    if share.is_none() {
        reader.mistake(value.span().start, format!("{key} must be a share from 0 to 1, or \"5%\""));
    }
    share
}

fn limit<'t>(reader: &mut Reader<'t>, section: Section<'_, 't>, key: &str) -> Option<Limit> {
    let (text, at) = reader.text(section, key)?;
    let limit = Limit::parse(text);
    if limit.is_none() {
        let what = format!(
            "{key} is no limit: write \"> 0.01\" or \"> 1%\" for a share, \"> 5\" for a number, or \
             \"between 5 and 10\""
        );
        reader.mistake(at.start, what);
    }
    limit
}

fn suppressed<'t>(
    reader: &mut Reader<'t>,
    record: &str,
    at: usize,
    value: &Value<'t>,
    own: &[String],
) -> Option<Suppressed> {
    let section = reader.table(value, "a suppression")?;
    reader.keys(section, "[suppress]", SUPPRESS);
    let mut checks = Vec::new();
    if let Some(value) = section.table.get("checks") {
        for (id, at) in reader.texts(value, "checks") {
            if catalog::find(id).is_none() && !own.iter().any(|own| own == id) {
                unknown_check(reader, at, id, own);
            }
            checks.push(id.to_string());
        }
    }
    let until = section.table.get("until").and_then(|value| last_day(reader, value));
    let why = reader.owned(section, "why");
    let line = reader.place(at).line;
    Some(Suppressed { record: record.to_string(), line, checks, until, why })
}

/// The end of a day.
fn last_day<'t>(reader: &mut Reader<'t>, value: &Value<'t>) -> Option<i64> {
    const DAY: i64 = 86_400_000_000;
    let text = match value.get_ref() {
        DeValue::Datetime(date) => date.to_string(),
        _ => reader.text_value(value, "until")?.to_string(),
    };
    match parse_instant(&text, &TimeZone::UTC) {
        Some(day) => Some(day.saturating_add(DAY)),
        None => {
            reader.mistake(value.span().start, "until must be a day such as \"2027-01-01\"");
            None
        }
    }
}
