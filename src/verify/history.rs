//! Point 2: every activity is in the output once, or a duplicate of a named one, or an orphan.
//!
//! Whose an activity is, and whether two can be one event, is decided here anew from the inputs. A
//! group of activities is plausible when its members hang together by the identity rules; two kept
//! ones that the rules make one event are a refusal as well, since they would be paid twice.

use super::Findings;
use super::certificate::Run;
use super::input::Evidence;
use super::people::People;
use super::sheet::Sheet;
use crate::merge::history::NO_TIME;
use crate::normalize::email;
use crate::record::{RecordId, ValueId};
use crate::schema::Role;
use crate::score::model;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What the map says of an activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Kept,
    Duplicate,
    Orphan,
}

/// The activities as the output has them.
#[derive(Debug, Default)]
pub(super) struct History {
    /// Per activity.
    pub status: Vec<Status>,
    /// Per activity: the kept one of its event.
    pub kept: Vec<u32>,
    /// Per activity: the record it is bound to.
    pub record: Vec<Option<RecordId>>,
    /// Per activity: the first of its event on its record.
    pub in_part: Vec<bool>,
}

const MAP: &str = "activity_map.csv";

/// Checks map and activities.
pub(super) fn check(
    folder: &Path,
    run: &Run,
    evidence: &Evidence,
    people: &People,
    findings: &mut Findings,
) -> History {
    if evidence.log.table.sources.is_empty() {
        return History::default();
    }
    let record = Binder::new(evidence, people).bind_all();
    let mut history = History { record, ..History::default() };
    read_map(folder, evidence, people, &mut history, findings);
    let window = run.models.first().map_or(2_000_000, |m| {
        model::parse(&m.text, "model.toml").map_or(2_000_000, |m| m.merge.event_window)
    });
    check_groups(evidence, people, window, &mut history, findings);
    check_kept_rows(folder, evidence, people, &history, findings);
    history
}

/// What an activity is called: source and row.
fn name(evidence: &Evidence, activity: usize) -> String {
    let table = &evidence.log.table;
    let source = &table.sources[table.source[activity] as usize].name;
    format!("{source} row {}", table.row[activity])
}

fn read_map(
    folder: &Path,
    evidence: &Evidence,
    people: &People,
    history: &mut History,
    findings: &mut Findings,
) {
    let table = &evidence.log.table;
    let count = table.len();
    // Until the map says otherwise; what it does not list is refused below.
    history.status = history
        .record
        .iter()
        .map(|r| if r.is_some() { Status::Kept } else { Status::Orphan })
        .collect();
    history.kept = (0..count as u32).collect();
    let needed = ["source", "row", "activity_id", "status", "kept_row", "person_id"];
    let Some(map) = Sheet::read(folder, MAP, b',', &needed, findings) else { return };
    let mut place: BTreeMap<(&str, u32), usize> = BTreeMap::new();
    for i in 0..count {
        place.insert((&table.sources[table.source[i] as usize].name, table.row[i]), i);
    }
    let id_column = evidence.log.schema.first(Role::ActivityId).map(|c| &table.columns[c]);
    let mut seen = vec![false; count];
    for row in 0..map.len() {
        let cell = |c| map.cell(row, c);
        let key = cell("row").parse().ok().map(|r: u32| (cell("source"), r));
        let called = format!("{} row {}", cell("source"), cell("row"));
        let Some(&i) = key.and_then(|key| place.get(&key)) else {
            findings.refuse(2, MAP, called, "names a row that no input has");
            continue;
        };
        if std::mem::replace(&mut seen[i], true) {
            findings.refuse(2, MAP, called, "is there twice");
            continue;
        }
        let id = id_column.map_or("", |c| c.get(RecordId(i as u32)));
        if id != cell("activity_id") {
            findings.refuse(2, MAP, called.clone(), "is not the activity id of that row");
        }
        let bound = history.record[i].map(|r| people.person_of[r.index()]);
        let said = people.number.get(cell("person_id")).copied();
        history.status[i] = match (cell("status"), bound) {
            ("orphan", None) => Status::Orphan,
            ("orphan", Some(_)) => {
                findings.refuse(2, MAP, called, "is no orphan: its lead is among the records");
                Status::Orphan
            }
            (status @ ("kept" | "duplicate"), bound) => {
                if bound.is_none() {
                    let what = "is bound to a person, but the lead it names is unknown";
                    findings.refuse(2, MAP, called, what);
                } else if bound != said {
                    let what = "is bound to another person than its row names";
                    findings.refuse(2, MAP, called, what);
                }
                if status == "kept" { Status::Kept } else { Status::Duplicate }
            }
            _ => {
                findings.refuse(2, MAP, called, "has a status that is none of the three");
                Status::Orphan
            }
        };
        if history.status[i] == Status::Orphan {
            if !cell("person_id").is_empty() || !cell("kept_row").is_empty() {
                findings.refuse(2, MAP, name(evidence, i), "is an orphan and names a person");
            }
            continue;
        }
        let kept = match cell("kept_row").rsplit_once(':') {
            Some((source, row)) => row.parse().ok().map(|r: u32| (source, r)),
            None => cell("kept_row").parse().ok().map(|r: u32| (cell("source"), r)),
        };
        match kept.and_then(|key| place.get(&key)) {
            Some(&kept) => history.kept[i] = kept as u32,
            None => findings.refuse(2, MAP, name(evidence, i), "names no kept row"),
        }
    }
    for i in (0..count).filter(|&i| !seen[i]) {
        findings.refuse(2, MAP, name(evidence, i), "an activity of the input is missing");
    }
}

/// Whether two activities of one person can be one event (identity rules of the documentation).
fn one_event(evidence: &Evidence, history: &History, window: i64, a: usize, b: usize) -> bool {
    let log = &evidence.log.activities;
    if log.kind[a] != log.kind[b] {
        return false;
    }
    let same_source = log.source[a] == log.source[b];
    let has_id = |i: usize| log.event_id[i] != ValueId::MISSING;
    if same_source && has_id(a) && log.event_id[a] == log.event_id[b] {
        return true;
    }
    let instant = |i: usize| log.at[i] != NO_TIME && !log.date_only[i];
    if !instant(a) || !instant(b) {
        return false;
    }
    let (x, y) = (log.object[a], log.object[b]);
    if history.record[a] == history.record[b] && same_source {
        let with_seconds = log.at[a] % 60_000_000 != 0;
        return log.at[a] == log.at[b] && x == y && (x != 0 || with_seconds);
    }
    let near = log.at[a].abs_diff(log.at[b]) <= window.max(0) as u64;
    let told_apart = same_source && has_id(a) && has_id(b);
    near && (x == y || ((x == 0 || y == 0) && !told_apart))
}

fn check_groups(
    evidence: &Evidence,
    people: &People,
    window: i64,
    history: &mut History,
    findings: &mut Findings,
) {
    let log = &evidence.log.activities;
    let person = |h: &History, i: usize| h.record[i].map(|r| people.person_of[r.index()]);
    let mut groups: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for i in 0..history.status.len() {
        let kept = history.kept[i] as usize;
        match history.status[i] {
            Status::Orphan => continue,
            Status::Kept if kept != i => {
                findings.refuse(2, MAP, name(evidence, i), "is kept and names another row");
            }
            Status::Duplicate if kept == i || history.status[kept] != Status::Kept => {
                let what = "is a duplicate of a row that is not kept";
                findings.refuse(2, MAP, name(evidence, i), what);
            }
            Status::Duplicate if person(history, i) != person(history, kept) => {
                let what = "is a duplicate of another person's activity";
                findings.refuse(2, MAP, name(evidence, i), what);
            }
            Status::Duplicate if log.kind[i] != log.kind[kept] => {
                let what = "is a duplicate of an activity of another kind";
                findings.refuse(2, MAP, name(evidence, i), what);
            }
            _ => {}
        }
        groups.entry(history.kept[i]).or_default().push(i);
    }
    for group in groups.values().filter(|g| g.len() > 1) {
        // Members that hang together with the kept one, step by step.
        let kept = history.kept[group[0]] as usize;
        let (mut joined, mut open) = (BTreeSet::from([kept]), vec![kept]);
        while let Some(a) = open.pop() {
            for &b in group {
                if !joined.contains(&b) && one_event(evidence, history, window, a, b) {
                    joined.insert(b);
                    open.push(b);
                }
            }
        }
        for &i in group.iter().filter(|i| !joined.contains(*i)) {
            let what = "is no duplicate of the row it names: kind, object, time or id differ";
            findings.refuse(2, MAP, name(evidence, i), what);
        }
    }
    check_paid_twice(evidence, people, window, history, &groups, findings);
    mark_parts(evidence, history, &groups);
}

/// Kept activities of one person that are one event beyond doubt.
fn check_paid_twice(
    evidence: &Evidence,
    people: &People,
    window: i64,
    history: &History,
    groups: &BTreeMap<u32, Vec<usize>>,
    findings: &mut Findings,
) {
    let log = &evidence.log.activities;
    let mut by_place: Vec<(u32, u16, i64, u32)> = Vec::new();
    let mut by_id: BTreeMap<(u32, u16, u16, u32), u32> = BTreeMap::new();
    for (i, record) in history.record.iter().enumerate() {
        let Some(person) = record.map(|r| people.person_of[r.index()]) else { continue };
        if history.status[i] == Status::Orphan {
            continue;
        }
        by_place.push((person, log.kind[i], log.at[i], i as u32));
        if log.event_id[i] != ValueId::MISSING {
            let key = (person, log.source[i], log.kind[i], log.event_id[i].0);
            let kept = *by_id.entry(key).or_insert(history.kept[i]);
            if kept != history.kept[i] {
                let what = "has the event id of another kept row: one event is counted twice";
                findings.refuse(2, MAP, name(evidence, i), what);
            }
        }
    }
    by_place.sort_unstable();
    let unit = |i: usize| (history.record[i], log.source[i]);
    for (at, &(person, kind, time, i)) in by_place.iter().enumerate() {
        let near = by_place[at + 1..].iter().take(64).take_while(|n| {
            (n.0, n.1) == (person, kind) && n.2.abs_diff(time) <= window.max(0) as u64
        });
        for &(_, _, _, j) in near {
            let (a, b) = (history.kept[i as usize], history.kept[j as usize]);
            if a == b {
                continue;
            }
            let one = |x: usize, y: usize| one_event(evidence, history, window, x, y);
            let logged_twice = unit(i as usize) == unit(j as usize) && one(i as usize, j as usize);
            // Groups unite when every pair across them may.
            let (Some(left), Some(right)) = (groups.get(&a), groups.get(&b)) else { continue };
            let mut pairs = left.iter().flat_map(|&x| right.iter().map(move |&y| (x, y)));
            let whole = pairs.all(|(x, y)| unit(x) != unit(y) && one(x, y));
            if logged_twice || whole {
                let what = "and another kept row are one event, which is counted twice";
                findings.refuse(2, MAP, name(evidence, j as usize), what);
            }
        }
    }
}

/// Where an activity stands in a history: how vague its time is, time, source, content, row, number.
type Place = (u8, i64, u16, u64, u32, usize);

/// Of each event the first on each record counts for the record alone.
fn mark_parts(evidence: &Evidence, history: &mut History, groups: &BTreeMap<u32, Vec<usize>>) {
    let log = &evidence.log.activities;
    history.in_part = vec![false; history.status.len()];
    for group in groups.values() {
        let mut first: BTreeMap<Option<RecordId>, Place> = BTreeMap::new();
        for &i in group {
            let vague = match (log.at[i], log.date_only[i]) {
                (NO_TIME, _) => 2,
                (_, true) => 1,
                _ => 0,
            };
            let key = (vague, log.at[i], log.source[i], log.digest[i], log.row[i], i);
            let slot = first.entry(history.record[i]).or_insert(key);
            *slot = key.min(*slot);
        }
        for key in first.values() {
            history.in_part[key.5] = true;
        }
    }
}

/// Holds `activities.csv` against the rows that must be in it.
fn check_kept_rows(
    folder: &Path,
    evidence: &Evidence,
    people: &People,
    history: &History,
    findings: &mut Findings,
) {
    let table = &evidence.log.table;
    let Some(sheet) = Sheet::read_table(folder, "activities", evidence.delimiter, &[], findings)
    else {
        return;
    };
    let headers: Vec<&str> = table.columns.iter().map(|c| c.header.as_str()).collect();
    if sheet.headers != headers {
        return findings.refuse(2, &sheet.file, "", "has other columns than the inputs");
    }
    let mut found: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    for (row, cells) in sheet.rows.iter().enumerate() {
        found.entry(cells.iter().map(str::to_string).collect()).or_default().push(row);
    }
    let names = LeadNames::new(evidence, people);
    for i in 0..history.status.len() {
        if history.status[i] == Status::Duplicate {
            continue;
        }
        let cells: Vec<&str> = table.columns.iter().map(|c| c.get(RecordId(i as u32))).collect();
        let wanted = names.rewrite(i, cells, history);
        match found.get_mut(&wanted).and_then(Vec::pop) {
            Some(_) => {}
            None => {
                let what = "is not there once, unchanged, under its person's surviving id";
                findings.refuse(2, &sheet.file, name(evidence, i), what);
            }
        }
    }
    for row in found.values().flatten() {
        let what = "is no activity of the inputs, or one more time than it happened";
        findings.refuse(2, &sheet.file, format!("line {}", row + 2), what);
    }
}

/// What activities call the lead that survived.
struct LeadNames<'a> {
    evidence: &'a Evidence,
    people: &'a People,
    columns: Vec<usize>,
    /// Surviving leads of each id.
    holders: BTreeMap<&'a str, u32>,
    email: Option<usize>,
    id: Option<usize>,
}

impl<'a> LeadNames<'a> {
    fn new(evidence: &'a Evidence, people: &'a People) -> Self {
        let mut holders = BTreeMap::new();
        for survivor in &people.survivor {
            *holders.entry(evidence.table.id.get(*survivor)).or_insert(0) += 1;
        }
        let place = |column: Option<usize>| {
            let header = column.map(|c| evidence.schema.columns[c].header.as_str())?;
            people.leads.headers.iter().position(|h| h == header)
        };
        let email = place(evidence.schema.first(Role::Email));
        let id = place(evidence.schema.id_column);
        let columns = evidence.log.lead_columns();
        Self { evidence, people, columns, holders, email, id }
    }

    /// The row an activity must have in the output.
    fn rewrite(&self, activity: usize, cells: Vec<&str>, history: &History) -> Vec<String> {
        let mut cells: Vec<String> = cells.into_iter().map(str::to_string).collect();
        let filled = self.columns.iter().find(|&&c| !cells[c].is_empty());
        let (Some(record), Some(&first)) =
            (history.record[activity], filled.or(self.columns.first()))
        else {
            return cells;
        };
        if history.status[activity] == Status::Orphan {
            return cells;
        }
        let person = self.people.person_of[record.index()];
        let survivor = self.people.survivor[person as usize];
        let old = cells[first].clone();
        let by_email = old.contains('@') && old != self.evidence.table.id.get(record);
        let shown = |column: Option<usize>| column.map_or("", |c| self.people.at(person, c));
        let plain = self.evidence.table.id.get(survivor);
        let new = match by_email {
            true if shown(self.email).is_empty() => old.clone(),
            true => shown(self.email).to_string(),
            false if self.holders.get(plain).is_some_and(|&n| n > 1) => {
                self.evidence.label(survivor)
            }
            false if shown(self.id).is_empty() => plain.to_string(),
            false => shown(self.id).to_string(),
        };
        for &c in &self.columns {
            if c == first || (!old.is_empty() && cells[c] == old) {
                cells[c] = new.clone();
            }
        }
        cells
    }
}

/// Finds whose an activity is: by id in the sources of its own name, else of its product, else in
/// all of them; else by e-mail. Several persons are nobody.
struct Binder<'a> {
    evidence: &'a Evidence,
    people: &'a People,
    by_id: BTreeMap<(u16, &'a str), RecordId>,
    trail: BTreeMap<(u16, String), String>,
    by_email: BTreeMap<&'a str, Option<RecordId>>,
}

impl<'a> Binder<'a> {
    fn new(evidence: &'a Evidence, people: &'a People) -> Self {
        let (table, schema) = (&evidence.table, &evidence.schema);
        let mut by_id = BTreeMap::new();
        let mut trail = BTreeMap::new();
        let mut by_email: BTreeMap<&str, Option<RecordId>> = BTreeMap::new();
        let merged: Vec<usize> = schema.all(Role::MergedIds).collect();
        for record in table.records() {
            let source = table.source[record.index()];
            let id = table.id.get(record);
            if schema.inputs[source as usize].has(Role::RecordId) && !id.is_empty() {
                by_id.entry((source, short(id))).or_insert(record);
            }
            for cell in merged.iter().map(|&c| evidence.cell(c, record)) {
                for old in cell.split([';', ',', '|', ' ', '[', ']']) {
                    let old = old.split(':').next().unwrap_or("").trim();
                    if !old.is_empty() && old != id {
                        trail.insert((source, short(old).to_string()), short(id).to_string());
                    }
                }
            }
            for e in evidence.records.features.emails_of(record.index()) {
                let key = evidence.records.email_text.get(ValueId(e));
                let known = by_email.entry(key).or_insert(Some(record));
                let person = |r: RecordId| people.person_of[r.index()];
                *known = known.filter(|k| person(*k) == person(record)).map(|k| k.min(record));
            }
        }
        Self { evidence, people, by_id, trail, by_email }
    }

    fn bind_all(&self) -> Vec<Option<RecordId>> {
        let (table, schema) = (&self.evidence.log.table, &self.evidence.log.schema);
        let lead = self.evidence.log.lead_columns();
        let own: Vec<Vec<u16>> = (0..table.sources.len()).map(|s| self.own_sources(s)).collect();
        let mut emails: Vec<usize> = schema.all(Role::Email).collect();
        emails.extend(&lead);
        (0..table.len() as u32)
            .map(|i| {
                let cell = |c: usize| table.columns[c].get(RecordId(i));
                let own = &own[table.source[i as usize] as usize];
                let reference = lead.first().map_or("", |&c| cell(c));
                self.resolve(reference, own).or_else(|| {
                    let keys = emails.iter().filter_map(|&c| {
                        let key = email::parse(cell(c)).value?.identity_key();
                        self.by_email.get_key_value(key.as_str())
                    });
                    let mut keys = keys;
                    keys.next().and_then(|(_, record)| *record)
                })
            })
            .collect()
    }

    fn own_sources(&self, input: usize) -> Vec<u16> {
        let log = &self.evidence.log;
        let name = &log.table.sources[input].name;
        let product = log.schema.inputs[input].product.as_deref();
        let sources = &self.evidence.table.sources;
        let has_id = |s: &usize| self.evidence.schema.inputs[*s].has(Role::RecordId);
        let those = |test: &dyn Fn(usize) -> bool| -> Vec<u16> {
            (0..sources.len()).filter(has_id).filter(|&s| test(s)).map(|s| s as u16).collect()
        };
        let mut own = those(&|s| sources[s].name == *name);
        if own.is_empty() && product.is_some() {
            own = those(&|s| sources[s].preset.as_deref() == product);
        }
        if own.is_empty() { those(&|_| true) } else { own }
    }

    fn resolve(&self, reference: &str, own: &[u16]) -> Option<RecordId> {
        let reference = reference.trim();
        if reference.is_empty() {
            return None;
        }
        self.find(reference, own).or_else(|| {
            let (source, id) = reference.split_once(':')?;
            let sources = self.evidence.table.sources.iter().enumerate();
            let named: Vec<u16> =
                sources.filter(|(_, s)| s.name == source).map(|(i, _)| i as u16).collect();
            self.find(id, &named)
        })
    }

    fn find(&self, id: &str, sources: &[u16]) -> Option<RecordId> {
        let person = |r: &RecordId| self.people.person_of[r.index()];
        let all: Vec<RecordId> = sources.iter().filter_map(|&s| self.follow(id, s)).collect();
        let one = all.iter().all(|r| person(r) == person(&all[0]));
        all.iter().min().copied().filter(|_| one)
    }

    fn follow(&self, id: &str, source: u16) -> Option<RecordId> {
        let mut id = short(id).to_string();
        for _ in 0..=self.trail.len() {
            if let Some(record) = self.by_id.get(&(source, id.as_str())) {
                return Some(*record);
            }
            id = self.trail.get(&(source, id))?.clone();
        }
        None
    }
}

/// Salesforce's 15 characters of an id of 18 whose last three are the checksum of its letter case.
pub(super) fn short(id: &str) -> &str {
    let id = id.trim();
    let bytes = id.as_bytes();
    if bytes.len() != 18 || !bytes.iter().all(u8::is_ascii_alphanumeric) {
        return id;
    }
    let digit = |five: &[u8]| {
        let upper = five.iter().enumerate().filter(|(_, c)| c.is_ascii_uppercase());
        let sum: usize = upper.map(|(i, _)| 1 << i).sum();
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[sum]
    };
    let fits =
        bytes[..15].chunks(5).zip(&bytes[15..]).all(|(f, c)| digit(f) == c.to_ascii_uppercase());
    if fits { &id[..15] } else { id }
}
