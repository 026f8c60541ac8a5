//! The folder of a finished run: finding it, its tables, and the records it speaks of.

use crate::commands::settings::name_of;
use leadmend::error::{Error, Result};
use leadmend::record::RecordId;
use leadmend::report::folder::is_ours;
use leadmend::report::format::TableFormat;
use leadmend::source::{self, Source};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// How the folders of runs end.
const ENDING: &str = "-leadmend";

/// What `report.json` says that explaining needs.
#[derive(Debug, Deserialize)]
pub struct Report {
    /// The lead inputs.
    pub sources: Vec<SourceReport>,
    /// The columns of the leads.
    pub columns: Vec<ColumnReport>,
    /// How it was matched.
    #[serde(default)]
    pub matching: MatchingReport,
    /// What the models call things; absent in the folder of an older version.
    #[serde(default)]
    pub scores: Vec<ModelReport>,
}

/// How a run was matched.
#[derive(Debug, Default, Deserialize)]
pub struct MatchingReport {
    /// The frozen matching that decided, where one did.
    #[serde(default)]
    pub frozen: Option<String>,
}

/// What a model calls its components and rules.
#[derive(Debug, Default, Deserialize)]
pub struct ModelReport {
    /// The model.
    pub model: String,
    /// The component that is the score.
    #[serde(default)]
    pub primary: Option<String>,
    /// Its bands.
    #[serde(default)]
    pub bands: Vec<BandReport>,
    /// Its components.
    #[serde(default)]
    pub components: Vec<TitledComponent>,
    /// Its rules.
    #[serde(default)]
    pub rules: Vec<TitledRule>,
}

/// A band and how its action reaches a lead.
#[derive(Debug, Deserialize)]
pub struct BandReport {
    /// Id; empty for none.
    pub band: String,
    /// `phone`, `email` or `other`.
    #[serde(default)]
    pub channel: String,
}

/// A component and what people call it.
#[derive(Debug, Deserialize)]
pub struct TitledComponent {
    /// Id.
    pub component: String,
    /// For people.
    pub title: String,
    /// Whether its ledger lines are those of the lead's score.
    pub in_score: bool,
}

/// A rule and what people call it.
#[derive(Debug, Deserialize)]
pub struct TitledRule {
    /// Id.
    pub rule: String,
    /// For people.
    pub title: String,
}

impl ModelReport {
    /// What people call the source of a ledger line: the title of a rule, words for the rest.
    pub fn title(&self, source: &str) -> String {
        if let Some(rule) = self.rules.iter().find(|r| r.rule == source) {
            return rule.title.clone();
        }
        let Some(inner) = source.strip_prefix('(').and_then(|s| s.strip_suffix(')')) else {
            return source.to_string();
        };
        match inner.split_once(' ') {
            _ if inner == "range" => "limit of the score".into(),
            _ if inner == "floor" => "kept at the score of the best record".into(),
            _ if inner == "part" => "score of a record".into(),
            _ if inner == "field" => "score another product gave".into(),
            _ if inner == "start" => "where everybody starts".into(),
            Some(("group", group)) => format!("limit of {group}"),
            Some(("component", id)) => {
                let of = self.components.iter().find(|c| c.component == id);
                of.map_or(id, |c| c.title.as_str()).to_string()
            }
            Some(("persona", persona)) => format!("like a {persona}"),
            _ => inner.to_string(),
        }
    }

    /// Whether the lines of a component are those of the score; all are when nothing is known.
    pub fn in_score(&self, component: &str) -> bool {
        self.components.iter().find(|c| c.component == component).is_none_or(|c| c.in_score)
    }
}

/// One input.
#[derive(Debug, Deserialize)]
pub struct SourceReport {
    /// Source name.
    pub name: String,
    /// File name.
    pub file: String,
    /// Preset it was read as.
    pub preset: Option<String>,
    /// Sheet or table it was read from.
    #[serde(default)]
    pub table: Option<String>,
    /// Encoding it was read as.
    pub encoding: String,
    /// Delimiter it was read with.
    pub delimiter: Option<char>,
    /// Records read.
    pub records: u64,
    /// Rows rejected.
    pub rejected: u64,
    /// What its content was.
    pub fingerprint: String,
}

/// One column.
#[derive(Debug, Deserialize)]
pub struct ColumnReport {
    /// Its header.
    pub header: String,
    /// Its role.
    pub role: String,
    /// Why.
    pub why: String,
}

/// A row of `crosswalk.csv`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Crossing {
    /// Record id.
    pub record_id: String,
    /// Source name.
    pub source: String,
    /// The person it went to.
    pub person_id: String,
    /// The record that survives.
    pub surviving_id: String,
    /// Probability of the strongest link.
    pub probability: f64,
    /// Why.
    pub reason: String,
    /// Which of the records with this id in this source, from 1.
    #[serde(skip)]
    pub occurrence: u32,
    /// What the run's tables call it: the plain id where that is enough.
    #[serde(skip)]
    pub label: String,
}

impl Crossing {
    /// `source:id`, with the occurrence where the id repeats.
    pub fn key(&self) -> String {
        match self.occurrence {
            0 | 1 => format!("{}:{}", self.source, self.record_id),
            n => format!("{}:{}#{n}", self.source, self.record_id),
        }
    }

    fn is_called(&self, name: &str) -> bool {
        self.person_id == name || self.surviving_id == name || self.is_record(name)
    }

    /// Whether the record itself is called so: `id`, `source:id`, `source:id#2`.
    pub fn is_record(&self, name: &str) -> bool {
        if self.record_id == name {
            return true;
        }
        let rest = name.strip_prefix(self.source.as_str()).and_then(|r| r.strip_prefix(':'));
        rest.and_then(|r| r.strip_prefix(self.record_id.as_str())).is_some_and(|rest| {
            match rest.strip_prefix('#') {
                Some(number) => number.parse() == Ok(self.occurrence),
                None => rest.is_empty(),
            }
        })
    }
}

/// The folder of a run.
#[derive(Debug)]
pub struct RunFolder {
    /// Where it is.
    pub path: PathBuf,
    /// What `report.json` says.
    pub report: Report,
}

impl RunFolder {
    /// The folder given, else the newest of the current folder.
    pub fn find(given: Option<&Path>) -> Result<Self> {
        let path = match given {
            Some(path) => path.to_path_buf(),
            None => newest(Path::new("."))?,
        };
        if !is_ours(&path) {
            let what = match path.is_dir() {
                true => "holds no finished run (no certificate.json of leadmend)",
                false => "no such folder",
            };
            return Err(damaged(&name_of(&path), what, "give the folder of a run with --run"));
        }
        let report = read_json(&path, "report.json")?;
        Ok(Self { path, report })
    }

    /// The records one of which `name` calls, or all of the person it calls.
    pub fn look_up(&self, name: &str) -> Result<Vec<Crossing>> {
        let all = self.crosswalk()?;
        let called: Vec<&Crossing> = all.iter().filter(|c| c.is_called(name)).collect();
        let Some(first) = called.first() else {
            return Err(Error::usage(
                format!("{}: no record or person is called {name:?}", name_of(&self.path)),
                "ids are in crosswalk.csv; give id, source:id or a person id",
            ));
        };
        if let Some(other) = called.iter().find(|c| c.person_id != first.person_id) {
            let keys = [first.key(), other.key()].join(" or ");
            let what = format!("{name:?} calls records of several people");
            return Err(Error::usage(what, format!("say which, for example {keys}")));
        }
        let person = first.person_id.clone();
        Ok(all.into_iter().filter(|c| c.person_id == person).collect())
    }

    /// The one record that `name` calls; of a person, the record that survives.
    pub fn record(&self, name: &str) -> Result<Crossing> {
        let mut called: Vec<Crossing> = self.crosswalk()?;
        called
            .retain(|c| c.is_record(name) || (c.person_id == name && c.is_record(&c.surviving_id)));
        match called.len() {
            1 => Ok(called.remove(0)),
            0 => Err(Error::usage(
                format!("{}: no record is called {name:?}", name_of(&self.path)),
                "ids are in crosswalk.csv; give id or source:id",
            )),
            n => {
                let keys: Vec<String> = called.iter().take(3).map(Crossing::key).collect();
                let remedy = format!("say which, for example {}", keys.join(" or "));
                Err(Error::usage(format!("{name:?} calls {n} records"), remedy))
            }
        }
    }

    /// All records, with the numbers of those whose id repeats: rows are in canonical order.
    fn crosswalk(&self) -> Result<Vec<Crossing>> {
        let mut rows: Vec<Crossing> = Vec::new();
        let file = "crosswalk.csv";
        let mut reader = self.open(file, b',')?;
        for row in reader.deserialize() {
            let mut row: Crossing = row.map_err(|_| unreadable(file))?;
            let repeats = rows
                .last()
                .filter(|last| last.source == row.source && last.record_id == row.record_id);
            row.occurrence = repeats.map_or(1, |last| last.occurrence + 1);
            rows.push(row);
        }
        let qualified = self.report.sources.len() > 1 || rows.iter().any(|r| r.occurrence > 1);
        for row in &mut rows {
            row.label = if qualified { row.key() } else { row.record_id.clone() };
        }
        Ok(rows)
    }

    /// The rows of a table whose cell in `column` is `value`, by header. No file, no rows.
    pub fn rows(
        &self,
        file: &str,
        delimiter: u8,
        column: &str,
        value: &str,
    ) -> Result<Vec<BTreeMap<String, String>>> {
        if !self.path.join(file).exists() {
            return Ok(Vec::new());
        }
        let mut reader = self.open(file, delimiter)?;
        let headers = reader.headers().map_err(|_| unreadable(file))?.clone();
        let Some(at) = headers.iter().position(|h| h == column) else { return Ok(Vec::new()) };
        let mut rows = Vec::new();
        let mut row = csv::StringRecord::new();
        while reader.read_record(&mut row).map_err(|_| unreadable(file))? {
            if row.get(at) == Some(value) {
                let cells = headers.iter().zip(&row);
                rows.push(cells.map(|(h, c)| (h.to_string(), c.to_string())).collect());
            }
        }
        Ok(rows)
    }

    /// The lead of a person, by header, in whatever format the run wrote its leads.
    pub fn lead(&self, person_id: &str) -> Result<BTreeMap<String, String>> {
        const PERSON: &str = "leadmend_person_id";
        for format in [TableFormat::JsonLines, TableFormat::Parquet] {
            let path = self.path.join(format!("leads.{}", format.ending()));
            if !path.exists() {
                continue;
            }
            let preset = Some("none".to_string());
            let table = source::read(&Source { preset, ..Source::new(path) })?;
            let people = table.columns.iter().find(|column| column.header == PERSON);
            let record = people.and_then(|people| {
                (0..table.row_count as u32).map(RecordId).find(|&r| people.get(r) == person_id)
            });
            let Some(record) = record else { return Ok(BTreeMap::new()) };
            let cells = table.columns.iter().map(|c| (c.header.clone(), c.get(record).to_string()));
            return Ok(cells.collect());
        }
        let delimiter = self.report.sources.first().and_then(|s| s.delimiter).unwrap_or(',');
        let delimiter = u8::try_from(delimiter).unwrap_or(b',');
        let rows = self.rows("leads.csv", delimiter, PERSON, person_id)?;
        Ok(rows.into_iter().next().unwrap_or_default())
    }

    fn open(&self, file: &str, delimiter: u8) -> Result<csv::Reader<fs::File>> {
        let opened = fs::File::open(self.path.join(file));
        let opened = opened.map_err(|cause| Error::Read { file: file.into(), cause })?;
        Ok(csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(opened))
    }
}

/// Reads a JSON file of a run.
pub fn read_json<T: serde::de::DeserializeOwned>(folder: &Path, file: &str) -> Result<T> {
    let text = fs::read_to_string(folder.join(file))
        .map_err(|cause| Error::Read { file: file.into(), cause })?;
    serde_json::from_str(&text).map_err(|_| unreadable(file))
}

fn unreadable(file: &str) -> Error {
    damaged(file, "is not as leadmend wrote it", "run `leadmend clean` again")
}

/// Something of a run that cannot be used.
pub fn damaged(file: &str, what: &str, remedy: &str) -> Error {
    Error::Format { file: file.into(), line: None, what: what.into(), remedy: remedy.into() }
}

/// The newest run in a folder, by modification time, then by name.
fn newest(folder: &Path) -> Result<PathBuf> {
    let read = fs::read_dir(folder);
    let entries = read.map_err(|cause| Error::Read { file: name_of(folder), cause })?;
    let runs = entries.flatten().filter(|entry| {
        entry.file_name().to_string_lossy().ends_with(ENDING) && is_ours(&entry.path())
    });
    let newest = runs.max_by_key(|entry| {
        let modified = entry.metadata().and_then(|m| m.modified()).ok();
        (modified, entry.file_name())
    });
    newest.map(|entry| PathBuf::from(entry.file_name())).ok_or_else(|| {
        Error::usage(
            "there is no *-leadmend folder here",
            "give the folder of a run with --run DIR, or run `leadmend clean` first",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_called_by_id_source_and_occurrence() {
        let record = Crossing {
            record_id: "7:b".into(),
            source: "crm".into(),
            person_id: "p1".into(),
            surviving_id: "8".into(),
            probability: 1.0,
            reason: String::new(),
            occurrence: 2,
            label: String::new(),
        };
        for (name, called) in [
            ("7:b", true),
            ("crm:7:b", true),
            ("crm:7:b#2", true),
            ("crm:7:b#1", false),
            ("7", false),
        ] {
            assert_eq!(record.is_record(name), called, "{name}");
        }
        assert!(record.is_called("p1") && record.is_called("8") && !record.is_record("p1"));
        assert_eq!(record.key(), "crm:7:b#2");
    }
}
