//! Who is meant: one person of the run, by id or address.

use super::delimited::{self, Row, delimiter_of};
use super::{JOURNAL, read};
use crate::error::{Error, Result};
use crate::normalize::{email, phone};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A person of a run.
#[derive(Debug, Default)]
pub(super) struct Person {
    /// The person's id.
    pub id: String,
    /// What the run's files call the person's records.
    pub labels: BTreeSet<String>,
    /// The records' keys: `source:id`, with `#occurrence` where the id repeats.
    pub keys: BTreeSet<String>,
    /// The records' sources.
    pub sources: BTreeSet<String>,
    /// Activities of the person.
    pub activities: usize,
    /// Per data row of `activities`: whether it stays.
    kept: Vec<bool>,
}

/// A record of the crosswalk.
struct Record {
    person: String,
    source: String,
    names: Vec<String>,
    label: String,
}

impl Person {
    /// Finds the one who is meant.
    pub fn find(run: &Path, files: &[String], who: &str) -> Result<Self> {
        let records = crosswalk(run)?;
        let who = who.trim();
        let mut found: BTreeSet<&str> = records
            .iter()
            .filter(|r| r.person == who || r.names.iter().any(|name| name == who))
            .map(|r| r.person.as_str())
            .collect();
        let by_address;
        if found.is_empty() {
            by_address = holders(run, files, who)?;
            found = by_address.iter().map(String::as_str).collect();
        }
        let id = match found.len() {
            1 => found.first().copied().unwrap_or_default().to_string(),
            0 => {
                return Err(Error::usage(
                    "nobody in this run has that id or address",
                    "give a person id, a record id (source:id), an e-mail address or a phone number",
                ));
            }
            several => {
                return Err(Error::usage(
                    format!("{several} people of this run have that id or address"),
                    "say which by the person id, or by source:id",
                ));
            }
        };
        let own = || records.iter().filter(|r| r.person == id);
        let mut person = Self {
            labels: own().map(|r| r.label.clone()).collect(),
            keys: own().flat_map(|r| r.names.iter().cloned()).collect(),
            sources: own().map(|r| r.source.clone()).collect(),
            ..Self::default()
        };
        person.id = id;
        if files.iter().any(|f| f == "activity_map.csv") {
            person.read_activities(&read(run, "activity_map.csv")?);
        }
        Ok(person)
    }

    /// `activities.csv` has the rows of the map that are no duplicates, in its order.
    fn read_activities(&mut self, map: &[u8]) {
        let rows = delimited::rows(map, b',');
        let Some(header) = rows.first() else { return };
        let column = |name: &str| header.cells.iter().position(|h| h == name);
        let (Some(status), Some(person)) = (column("status"), column("person_id")) else { return };
        for row in &rows[1..] {
            let cell = |c: usize| row.cells.get(c).map_or("", String::as_str);
            let own = cell(person) == self.id;
            self.activities += usize::from(own);
            if cell(status) != "duplicate" {
                self.kept.push(!own);
            }
        }
    }

    /// Which rows of a file stay, where that is known without its ids.
    pub fn kept_rows(&self, file: &str) -> Option<&[bool]> {
        ["activities.csv", "activities.jsonl"].contains(&file).then_some(self.kept.as_slice())
    }
}

fn crosswalk(run: &Path) -> Result<Vec<Record>> {
    let bytes = read(run, "crosswalk.csv")?;
    let rows = delimited::rows(&bytes, b',');
    let column = |name: &str| {
        let header = rows.first().map(|r| &r.cells);
        header.and_then(|h| h.iter().position(|c| c == name)).ok_or_else(|| Error::Format {
            file: "crosswalk.csv".into(),
            line: Some(1),
            what: format!("no column {name}"),
            remedy: "give the folder of a run".into(),
        })
    };
    let (id, source, person) = (column("record_id")?, column("source")?, column("person_id")?);
    let cell = |row: &Row, c: usize| row.cells.get(c).cloned().unwrap_or_default();
    let mut seen: BTreeMap<(String, String), u32> = BTreeMap::new();
    let mut sources: BTreeSet<String> = BTreeSet::new();
    let mut records = Vec::new();
    for row in rows.iter().skip(1) {
        let (id, source) = (cell(row, id), cell(row, source));
        // Rows are in canonical order: occurrences count up.
        let count = seen.entry((source.clone(), id.clone())).or_insert(0);
        *count += 1;
        let mut names = vec![format!("{source}:{id}#{count}")];
        if *count == 1 {
            names.push(format!("{source}:{id}"));
        }
        names.push(id);
        sources.insert(source.clone());
        records.push(Record { person: cell(row, person), source, names, label: String::new() });
    }
    let repeated = seen.values().any(|&count| count > 1);
    let qualified = sources.len() > 1 || repeated || is_qualified(run);
    for record in &mut records {
        // The names are: with occurrence, without it for the first, and the bare id.
        let shown = if record.names.len() == 3 { 1 } else { 0 };
        let at = if qualified { shown } else { record.names.len() - 1 };
        record.label = record.names[at].clone();
    }
    Ok(records)
}

/// Whether the run's files call records `source:id` although the crosswalk no longer shows why.
fn is_qualified(run: &Path) -> bool {
    let Ok(bytes) = read(run, "crosswalk.csv") else { return false };
    let rows = delimited::rows(&bytes, b',');
    let position = |name: &str| rows.first()?.cells.iter().position(|c| c == name);
    let (Some(source), Some(surviving)) = (position("source"), position("surviving_id")) else {
        return false;
    };
    let names: BTreeSet<&String> =
        rows.iter().skip(1).filter_map(|r| r.cells.get(source)).collect();
    let mut labels = rows.iter().skip(1).filter_map(|r| r.cells.get(surviving));
    let prefixed = |label: &String| {
        names.iter().any(|n| label.strip_prefix(n.as_str()).is_some_and(|r| r.starts_with(':')))
    };
    rows.len() > 1 && labels.all(prefixed)
}

/// The people who hold an address, in any file that names people.
fn holders(run: &Path, files: &[String], who: &str) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let Some(same) = matcher(who) else { return Ok(found) };
    for file in ["leads.csv", "leads.jsonl", "consent.csv"] {
        if !files.iter().any(|f| f == file) {
            continue;
        }
        let bytes = read(run, file)?;
        if file == "leads.jsonl" {
            found.extend(super::json::holders(file, &bytes, &same)?);
            continue;
        }
        let rows = delimited::rows(&bytes, delimiter_of(&bytes));
        let Some(header) = rows.first() else { continue };
        let names = ["person_id", "leadmend_person_id"];
        let column = header.cells.iter().position(|h| names.contains(&h.trim()));
        let Some(column) = column else { continue };
        for row in rows.iter().skip(1).filter(|row| row.cells.iter().any(|cell| same(cell))) {
            found.extend(row.cells.get(column).cloned());
        }
    }
    if found.is_empty() && files.iter().any(|f| f == JOURNAL) {
        let journal = read(run, JOURNAL)?;
        found.extend(super::journal::holders(&journal, &same));
    }
    Ok(found)
}

/// Whether a cell holds a certain address.
type Matcher = Box<dyn Fn(&str) -> bool>;

/// Tells whether a cell holds an address; `None` when there is no address to look for.
fn matcher(who: &str) -> Option<Matcher> {
    if let Some(email) = email::parse(who).value {
        let key = email.identity_key();
        return Some(Box::new(move |cell: &str| {
            cell.contains('@')
                && (email::split(cell).into_iter())
                    .filter_map(|part| email::parse(part).value)
                    .any(|e| e.identity_key() == key)
        }));
    }
    let number = phone::parse(who, None).value.filter(|p| p.country_code != 0)?;
    Some(Box::new(move |cell: &str| match phone::parse(cell, None).value {
        Some(p) if p.country_code == 0 => p.tail_key() == number.tail_key(),
        Some(p) => p.key() == number.key(),
        None => false,
    }))
}
