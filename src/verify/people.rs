//! Point 1: every record is in exactly one person, every person has exactly one lead.

use super::Findings;
use super::input::Evidence;
use super::sheet::Sheet;
use crate::record::RecordId;
use crate::schema::earlier::ADDED;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The persons as the output has them, in the order of their first record.
#[derive(Debug)]
pub(super) struct People {
    pub ids: Vec<String>,
    pub members: Vec<Vec<RecordId>>,
    pub survivor: Vec<RecordId>,
    /// Per record.
    pub person_of: Vec<u32>,
    pub leads: Sheet,
    /// Per person: its row in `leads`.
    pub lead_row: Vec<usize>,
    /// Number of each person id.
    pub number: BTreeMap<String, u32>,
    /// Records by what they are called.
    pub labels: BTreeMap<String, RecordId>,
    /// Persons cannot be told: the other points cannot be checked.
    pub is_broken: bool,
}

impl People {
    /// Number of persons.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// A cell of a person's lead.
    pub fn cell(&self, person: u32, column: &str) -> &str {
        self.leads.cell(self.lead_row[person as usize], column)
    }

    /// A cell of a person's lead by the number of its column.
    pub fn at(&self, person: u32, column: usize) -> &str {
        self.leads.at(self.lead_row[person as usize], column)
    }
}

const CROSSWALK: &str = "crosswalk.csv";

/// Reads crosswalk and leads.
pub(super) fn check(folder: &Path, evidence: &Evidence, findings: &mut Findings) -> Option<People> {
    let needed = ["record_id", "source", "row", "person_id", "surviving_id"];
    let crosswalk = Sheet::read(folder, CROSSWALK, b',', &needed, findings);
    let leads = Sheet::read_table(folder, "leads", evidence.delimiter, &ADDED, findings);
    let (crosswalk, leads) = (crosswalk?, leads?);
    let labels: BTreeMap<String, RecordId> =
        evidence.table.records().map(|r| (evidence.label(r), r)).collect();
    let walk = walk(&crosswalk, evidence, findings)?;
    let mut people = group(&walk, leads, labels);
    survivors(&crosswalk, &walk, evidence, &mut people, findings);
    check_leads(evidence, &mut people, findings);
    Some(people)
}

/// Per record its row in the crosswalk and its person.
struct Walk {
    row: Vec<usize>,
    person: Vec<String>,
    broken: bool,
}

fn walk(crosswalk: &Sheet, evidence: &Evidence, findings: &mut Findings) -> Option<Walk> {
    let table = &evidence.table;
    let mut place: BTreeMap<(&str, u32), RecordId> = BTreeMap::new();
    for record in table.records() {
        let source = &table.sources[table.source[record.index()] as usize].name;
        place.insert((source, table.row[record.index()]), record);
    }
    let mut row: Vec<Option<usize>> = vec![None; table.len()];
    let mut broken = false;
    for i in 0..crosswalk.len() {
        let cell = |c| crosswalk.cell(i, c);
        let key = cell("row").parse().ok().map(|row: u32| (cell("source"), row));
        let Some(&record) = key.and_then(|key| place.get(&key)) else {
            let what = "names a row that no input has";
            findings.refuse(1, CROSSWALK, cell("record_id"), what);
            broken = true;
            continue;
        };
        if table.id.get(record) != cell("record_id") {
            let what = "is not the id its row has in the input";
            findings.refuse(1, CROSSWALK, cell("record_id"), what);
        }
        if row[record.index()].replace(i).is_some() {
            findings.refuse(1, CROSSWALK, evidence.label(record), "is there twice");
            broken = true;
        }
    }
    for record in table.records().filter(|r| row[r.index()].is_none()) {
        findings.refuse(1, CROSSWALK, evidence.label(record), "a record of the input is missing");
        broken = true;
    }
    if row.iter().any(Option::is_none) {
        findings.unchecked.push("not every record has a person: the rest is not checked".into());
        return None;
    }
    let row: Vec<usize> = row.into_iter().flatten().collect();
    let person = row.iter().map(|&i| crosswalk.cell(i, "person_id").to_string()).collect();
    Some(Walk { row, person, broken })
}

fn group(walk: &Walk, leads: Sheet, labels: BTreeMap<String, RecordId>) -> People {
    let mut number: BTreeMap<String, u32> = BTreeMap::new();
    let (mut ids, mut members): (Vec<String>, Vec<Vec<RecordId>>) = (Vec::new(), Vec::new());
    let mut person_of = Vec::with_capacity(walk.person.len());
    for (id, record) in walk.person.iter().zip(0u32..) {
        let person = *number.entry(id.clone()).or_insert_with(|| {
            ids.push(id.clone());
            members.push(Vec::new());
            (ids.len() - 1) as u32
        });
        members[person as usize].push(RecordId(record));
        person_of.push(person);
    }
    let survivor = members.iter().map(|m| m[0]).collect();
    let lead_row = vec![0; ids.len()];
    let is_broken = walk.broken;
    People { ids, members, survivor, person_of, leads, lead_row, number, labels, is_broken }
}

fn survivors(
    crosswalk: &Sheet,
    walk: &Walk,
    evidence: &Evidence,
    people: &mut People,
    findings: &mut Findings,
) {
    for person in 0..people.len() {
        let said: BTreeSet<&str> = people.members[person]
            .iter()
            .map(|r| crosswalk.cell(walk.row[r.index()], "surviving_id"))
            .collect();
        let survivor = said.first().and_then(|s| people.labels.get(*s)).copied();
        match survivor.filter(|r| said.len() == 1 && people.members[person].contains(r)) {
            Some(record) => people.survivor[person] = record,
            None => {
                let first = evidence.label(people.members[person][0]);
                let what = match said.len() {
                    1 => "its surviving id is none of the person's records",
                    _ => "the records of one person name several surviving ids",
                };
                findings.refuse(1, CROSSWALK, first, what);
                people.is_broken = true;
            }
        }
    }
}

fn check_leads(evidence: &Evidence, people: &mut People, findings: &mut Findings) {
    let mut row_of: Vec<Option<usize>> = vec![None; people.len()];
    let id_column = evidence.schema.id_column.map(|c| &evidence.table.columns[c].header);
    for row in 0..people.leads.len() {
        let id = people.leads.cell(row, ADDED[0]);
        let Some(&person) = people.number.get(id) else {
            let what = "is a lead of a person that crosswalk.csv does not know";
            findings.refuse(1, &people.leads.file, id, what);
            people.is_broken = true;
            continue;
        };
        let person = person as usize;
        if row_of[person].replace(row).is_some() {
            findings.refuse(1, &people.leads.file, id, "has two rows");
            people.is_broken = true;
        }
        let survivor = people.survivor[person];
        if let Some(header) = id_column
            && let Some(column) = people.leads.headers.iter().position(|h| h == header)
            && let Some(c) = evidence.schema.id_column
            && people.leads.at(row, column) != evidence.cell(c, survivor)
        {
            findings.refuse(
                1,
                &people.leads.file,
                id,
                "does not carry the id of its surviving record",
            );
        }
        let labels: Vec<String> =
            people.members[person].iter().map(|&r| evidence.label(r)).collect();
        if people.leads.cell(row, ADDED[7]) != labels.join("; ") {
            findings.refuse(
                1,
                &people.leads.file,
                id,
                "leadmend_sources is not the list of its records",
            );
        }
    }
    for (person, row) in row_of.iter().enumerate() {
        match row {
            Some(row) => people.lead_row[person] = *row,
            None => {
                findings.refuse(
                    1,
                    &people.leads.file,
                    people.ids[person].clone(),
                    "the person has no row",
                );
                people.is_broken = true;
            }
        }
    }
}
