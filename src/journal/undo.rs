//! Undoing: the inputs back as they were, one person split again, or one record taken out.
//!
//! Everything comes from the journal; the inputs may be gone. A partial undo is the same run once
//! more over the same bytes with *prescribed* persons, so that everybody else comes out as before
//! and those who part have their own fields, histories, consents and scores again.

use super::read::{Journal, RecordEntry};
use crate::error::{Error, Result};
use crate::pipeline::{Job, Prescribed, UserDecision};
use crate::report::folder::OutputFolder;
use rustc_hash::{FxHashMap, FxHashSet};
use std::io::Write;
use std::path::Path;

/// What a whole undo gave back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Name in the folder, and whether it is byte for byte what was read.
    pub files: Vec<(String, bool)>,
}

/// Writes the inputs under their names.
///
/// # Errors
/// [`Error::Write`].
pub fn restore(journal: &Journal, folder: &OutputFolder) -> Result<Restored> {
    let mut files: Vec<(String, bool)> = Vec::new();
    for ((entry, content), &whole) in
        journal.setup.files.iter().zip(&journal.contents).zip(&journal.whole)
    {
        let name = free_name(&entry.file, &files);
        let failed = |cause| Error::Write { file: name.clone(), cause };
        let mut file = folder.create(&name)?;
        file.write_all(content).and_then(|()| file.flush()).map_err(failed)?;
        files.push((name, whole));
    }
    Ok(Restored { files })
}

/// The name, or with a number when another input has it; some systems do not tell case apart.
fn free_name(file: &str, taken: &[(String, bool)]) -> String {
    let name = Path::new(file).file_name().map_or("input".into(), |n| n.to_string_lossy());
    let is_free = |name: &str| taken.iter().all(|(t, _)| t.to_lowercase() != name.to_lowercase());
    let (stem, end) = match name.split_once('.') {
        Some((stem, end)) if !stem.is_empty() => (stem, format!(".{end}")),
        _ => (name.as_ref(), String::new()),
    };
    let numbered = (2u32..).map(|n| format!("{stem}-{n}{end}"));
    let mut names = std::iter::once(name.to_string()).chain(numbered);
    names.find(|name| is_free(name)).unwrap_or_default()
}

/// What is to be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undo {
    /// A person, by its id or one of its records: all its records part.
    Person(String),
    /// A record: it alone leaves its person.
    Record(String),
}

/// A partial undo, ready to run.
#[derive(Debug)]
pub struct Plan {
    /// The run with the persons as they are to be.
    pub job: Job,
    /// What happens, for people.
    pub said: Vec<String>,
}

/// Plans a partial undo.
///
/// # Errors
/// [`Error::Usage`] for names that call nobody, several, or somebody who was never merged.
pub fn plan(journal: &Journal, wanted: &[Undo]) -> Result<Plan> {
    let mut work = Work::new(journal);
    for undo in wanted {
        match undo {
            Undo::Person(name) => work.split(name)?,
            Undo::Record(name) => work.take_out(name)?,
        }
    }
    if journal.forgotten > 0 {
        work.said.push("Forgotten persons stay forgotten: their rows are left out".into());
    }
    let rows = journal.records.iter().zip(&work.label);
    let person = rows.map(|(r, &label)| ((journal.source_of(r), r.row), label)).collect();
    let decisions = work.decisions();
    let mut job = journal.setup.job(journal.contents.clone(), decisions)?;
    job.prescribed = Some(Prescribed { person, ids: work.ids() });
    Ok(Plan { job, said: work.said })
}

/// Persons in the making: indexes into the journal's records.
struct Work<'a> {
    journal: &'a Journal,
    /// What a record may be called; `None` where several are.
    names: FxHashMap<String, Option<usize>>,
    members: FxHashMap<&'a str, Vec<usize>>,
    /// Per record: equal label, same person.
    label: Vec<u32>,
    apart: Vec<(usize, usize)>,
    said: Vec<String>,
}

impl<'a> Work<'a> {
    fn new(journal: &'a Journal) -> Self {
        let mut names: FxHashMap<String, Option<usize>> = FxHashMap::default();
        let mut members: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
        let mut label = Vec::with_capacity(journal.records.len());
        for (i, record) in journal.records.iter().enumerate() {
            for name in names_of(record) {
                let slot = names.entry(name).or_insert(Some(i));
                *slot = slot.filter(|&other| other == i);
            }
            let group = members.entry(record.person_id.as_str()).or_default();
            group.push(i);
            label.push(group[0] as u32);
        }
        Self { journal, names, members, label, apart: Vec::new(), said: Vec::new() }
    }

    fn find(&self, name: &str) -> Result<usize> {
        match self.names.get(name) {
            Some(Some(record)) => Ok(*record),
            Some(None) => Err(Error::usage(
                "the id calls several records",
                "write it as source:id, or source:id#2 where it repeats (see crosswalk.csv)",
            )),
            None => Err(Error::usage(
                "no record and no person of the run is called that",
                "take an id from crosswalk.csv",
            )),
        }
    }

    /// The records of a person as it is by now.
    fn together(&self, record: usize) -> Vec<usize> {
        let all = &self.members[self.journal.records[record].person_id.as_str()];
        all.iter().copied().filter(|&other| self.label[other] == self.label[record]).collect()
    }

    fn names(&self, records: &[usize]) -> String {
        let names: Vec<&str> =
            records.iter().map(|&r| self.journal.records[r].label.as_str()).collect();
        match names.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            _ => names.join(""),
        }
    }

    fn split(&mut self, name: &str) -> Result<()> {
        let first = match self.members.get(name) {
            Some(records) => records[0],
            None => self.find(name)?,
        };
        let records = self.together(first);
        self.must_be_merged(&records)?;
        for (i, &a) in records.iter().enumerate() {
            self.label[a] = a as u32;
            self.apart.extend(records[i + 1..].iter().map(|&b| (a, b)));
        }
        let said = format!("Split: {} are {} persons again", self.names(&records), records.len());
        self.said.push(said);
        Ok(())
    }

    fn must_be_merged(&self, records: &[usize]) -> Result<()> {
        if records.len() > 1 {
            return Ok(());
        }
        let what = format!("{} was merged with nobody", self.names(records));
        Err(Error::usage(what, "there is nothing to undo"))
    }

    fn take_out(&mut self, name: &str) -> Result<()> {
        let out = self.find(name)?;
        let records = self.together(out);
        self.must_be_merged(&records)?;
        let rest: Vec<usize> = records.iter().copied().filter(|&r| r != out).collect();
        self.label[out] = out as u32;
        self.apart.extend(rest.iter().map(|&other| (out, other)));
        let groups = self.hold_without(out, &rest);
        self.said.push(format!("Taken out: {} is a person of its own again", self.names(&[out])));
        for group in &groups {
            for &record in group {
                self.label[record] = group[0] as u32;
            }
        }
        if groups.len() == 1 {
            if rest.len() > 1 {
                self.said.push(format!("{} stay one person", self.names(&rest)));
            }
            return Ok(());
        }
        for step in self.rested_on(out) {
            self.said.push(step);
        }
        let parts: Vec<String> = groups.iter().map(|group| self.names(group)).collect();
        self.said.push(format!(
            "Only {} held the others together, so they part as well: {}",
            self.names(&[out]),
            parts.join(" | ")
        ));
        Ok(())
    }

    /// The groups that the rest forms by links of its own.
    fn hold_without(&self, out: usize, rest: &[usize]) -> Vec<Vec<usize>> {
        let mut group: FxHashMap<usize, usize> = rest.iter().map(|&r| (r, r)).collect();
        for (a, b, _) in self.links(out) {
            let (Some(&x), Some(&y)) = (group.get(&a), group.get(&b)) else { continue };
            let (keep, lose) = (x.min(y), x.max(y));
            group.values_mut().filter(|g| **g == lose).for_each(|g| *g = keep);
        }
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for &record in rest {
            match groups.iter_mut().find(|g| group[&g[0]] == group[&record]) {
                Some(found) => found.push(record),
                None => groups.push(vec![record]),
            }
        }
        groups
    }

    /// The links of a record's person as pairs of records, with their step.
    fn links(&self, record: usize) -> Vec<(usize, usize, u32)> {
        let person = &self.journal.records[record].person_id;
        let steps = self.journal.steps.iter().filter(|step| step.person_id == *person);
        let found = |name: &String| self.names.get(name).copied().flatten();
        let mut links = Vec::new();
        for step in steps {
            let pairs = step.links.iter().map(|(a, b, _)| (a, b));
            // A step without links was given: what it joined holds by itself.
            let given = step.links.is_empty().then_some((&step.winner, &step.loser));
            for (a, b) in pairs.chain(given) {
                links.extend(found(a).zip(found(b)).map(|(a, b)| (a, b, step.step)));
            }
        }
        links
    }

    /// Merges that were made after the record had joined and rest on it alone.
    fn rested_on(&self, out: usize) -> Vec<String> {
        let links = self.links(out);
        let joined = links.iter().filter(|l| l.0 == out || l.1 == out).map(|l| l.2).min();
        let person = &self.journal.records[out].person_id;
        let steps = self.journal.steps.iter().filter(|step| step.person_id == *person);
        let later = steps.filter(|step| Some(step.step) > joined);
        let alone = later.filter(|step| {
            let mut own = links.iter().filter(|l| l.2 == step.step).peekable();
            own.peek().is_some() && own.all(|l| l.0 == out || l.1 == out)
        });
        alone
            .map(|s| {
                format!("Conflict: the later merge of {} into {} rests on it", s.loser, s.winner)
            })
            .collect()
    }

    /// The id of every person as it was, by the label of its part with the first record. An audit's
    /// ids come from its state and not from the records: nobody else could say them again.
    fn ids(&self) -> FxHashMap<u32, String> {
        let label = |records: &Vec<usize>| self.label[records[0]];
        self.members.iter().map(|(id, records)| (label(records), id.to_string())).collect()
    }

    /// What people decided before, and what this undo decides; the later word counts.
    fn decisions(&self) -> Vec<UserDecision> {
        let pair = |a: usize, b: usize| (a.min(b), a.max(b));
        let now: FxHashSet<(usize, usize)> = self.apart.iter().map(|&(a, b)| pair(a, b)).collect();
        let found = |name: &str| self.names.get(name).copied().flatten();
        let holds = |d: &&UserDecision| match (found(&d.left), found(&d.right)) {
            (Some(a), Some(b)) => !now.contains(&pair(a, b)),
            _ => true,
        };
        let label = |r: usize| self.journal.records[r].label.clone();
        let before = self.journal.decisions.iter().filter(holds).cloned();
        let apart = self.apart.iter().map(|&(a, b)| UserDecision {
            left: label(a),
            right: label(b),
            same: false,
        });
        before.chain(apart).collect()
    }
}

/// Everything a record may be called: its label, its id, its id with its source.
fn names_of(record: &RecordEntry) -> Vec<String> {
    let prefix = format!("{}:", record.source);
    let id = record.label.strip_prefix(&prefix).unwrap_or(&record.label);
    let number = format!("#{}", record.occurrence);
    let bare = match record.occurrence {
        0 | 1 => id,
        _ => id.strip_suffix(&number).unwrap_or(id),
    };
    let mut names =
        vec![record.label.clone(), id.to_string(), bare.to_string(), format!("{prefix}{id}")];
    if record.occurrence == 1 {
        names.push(format!("{prefix}{id}#1"));
    }
    names.sort_unstable();
    names.dedup();
    names
}
