//! The files that only say again what others say: lists to act on, hidden leads, merge plans.
//!
//! Nobody who refused may be on a list as somebody to contact (point 3), a hidden lead must have the
//! score that `scores.csv` gives it (point 5), and a merge plan must name records of one person in
//! the order of its steps (point 1). A file that is absent is not asked for.

use super::Findings;
use super::input::Evidence;
use super::people::People;
use super::sheet::{Sheet, points};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const HIDDEN: &str = "hidden.csv";
/// Who is told apart from those to contact.
const REFUSED: &str = "actions/not-contactable.csv";

/// Checks them all.
pub(super) fn check(folder: &Path, evidence: &Evidence, people: &People, findings: &mut Findings) {
    for file in tables(folder, "actions") {
        check_list(folder, &file, people, findings);
    }
    check_hidden(folder, people, findings);
    for file in tables(folder, "merge_plan") {
        check_plan(folder, &file, evidence, people, findings);
    }
}

/// The tables of a folder within, sorted.
fn tables(folder: &Path, within: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder.join(within)).into_iter().flatten().flatten();
    let names = entries.map(|e| format!("{within}/{}", e.file_name().to_string_lossy()));
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".csv")).collect();
    names.sort();
    names
}

/// A list to act on shows nobody, and no address, that may not be used.
fn check_list(folder: &Path, file: &str, people: &People, findings: &mut Findings) {
    let Some(sheet) = Sheet::read(folder, file, b',', &[], findings) else { return };
    if !sheet.headers.iter().any(|h| h == "person_id") {
        // Counts of interests name nobody; a list of people must not pass for them.
        if (0..sheet.len()).any(|row| sheet.rows[row].iter().any(|cell| cell.contains('@'))) {
            findings.refuse(3, file, "", "shows addresses, and not whose they are");
        }
        return;
    }
    for row in 0..sheet.len() {
        let cell = |c| sheet.cell(row, c);
        let Some(&person) = people.number.get(cell("person_id")) else {
            findings.refuse(3, file, format!("line {}", row + 2), "names a person nobody knows");
            continue;
        };
        let id = people.ids[person as usize].as_str();
        for (channel, column) in [("email", "leadmend_may_email"), ("phone", "leadmend_may_phone")]
        {
            if people.cell(person, column) == "true" {
                continue;
            }
            if !cell(channel).is_empty() || file != REFUSED && cell("channel") == channel {
                let what = format!("is listed with {channel}, which {column} does not permit");
                findings.refuse(3, file, id, what);
            }
        }
    }
}

/// Hidden leads have the score and the band of `scores.csv`.
fn check_hidden(folder: &Path, people: &People, findings: &mut Findings) {
    if !folder.join(HIDDEN).exists() {
        return;
    }
    let same = ["score", "band", "best_part", "best_part_band"];
    let needed = ["person_id", "model", "hidden_points"];
    let Some(hidden) = Sheet::read(folder, HIDDEN, b',', &needed, findings) else { return };
    let needed = ["person_id", "model", "score", "band", "best_part", "best_part_band"];
    let Some(scores) = Sheet::read(folder, "scores.csv", b',', &needed, findings) else { return };
    let key = |sheet: &Sheet, row| {
        (sheet.cell(row, "person_id").to_string(), sheet.cell(row, "model").to_string())
    };
    let of: BTreeMap<_, usize> = (0..scores.len()).map(|row| (key(&scores, row), row)).collect();
    let mut seen = BTreeSet::new();
    for row in 0..hidden.len() {
        let key = key(&hidden, row);
        let Some(&at) = of.get(&key).filter(|_| people.number.contains_key(&key.0)) else {
            let what = "names a person and model that scores.csv does not";
            findings.refuse(5, HIDDEN, format!("line {}", row + 2), what);
            continue;
        };
        for column in same.into_iter().filter(|c| hidden.cell(row, c) != scores.cell(at, c)) {
            let what = format!("{column} is not that of scores.csv");
            findings.refuse(5, HIDDEN, key.0.clone(), what);
        }
        let number = |column| points(hidden.cell(row, column));
        let gained = number("score").zip(number("best_part")).map(|(all, part)| all - part);
        if gained.is_none_or(|gained| gained <= 0 || number("hidden_points") != Some(gained)) {
            let what = "hidden_points is not what the merge gave";
            findings.refuse(5, HIDDEN, key.0.clone(), what);
        }
        if !seen.insert(key.clone()) {
            findings.refuse(5, HIDDEN, key.0, "is there twice");
        }
    }
}

/// A plan names records of the person, and its steps count up from 1.
fn check_plan(
    folder: &Path,
    file: &str,
    evidence: &Evidence,
    people: &People,
    findings: &mut Findings,
) {
    let Some(sheet) = Sheet::read(folder, file, b',', &["person_id"], findings) else { return };
    let is_id =
        |h: &&String| h.as_str() != "person_id" && (h.contains("_id") || h.as_str() == "id");
    let columns: Vec<&String> = sheet.headers.iter().filter(is_id).collect();
    let counted = sheet.headers.iter().any(|h| h == "step");
    let mut last: BTreeMap<(u32, String), u64> = BTreeMap::new();
    for row in 0..sheet.len() {
        let Some(&person) = people.number.get(sheet.cell(row, "person_id")) else {
            findings.refuse(1, file, format!("line {}", row + 2), "names a person nobody knows");
            continue;
        };
        let id = people.ids[person as usize].as_str();
        let mut names: BTreeSet<String> = BTreeSet::new();
        for &record in &people.members[person as usize] {
            names.insert(evidence.label(record));
            names.insert(super::history::short(evidence.table.id.get(record)).to_string());
        }
        let cells = columns.iter().flat_map(|c| sheet.cell(row, c).split([';', ',', ' ']));
        for cell in cells.map(str::trim).filter(|cell| !cell.is_empty()) {
            let known = names.contains(cell) || names.contains(super::history::short(cell));
            if !known {
                findings.refuse(1, file, id, "merges what is no record of the person");
            }
        }
        if !counted {
            continue;
        }
        let first = columns.first().map_or("", |c| sheet.cell(row, c)).to_string();
        let step = sheet.cell(row, "step").parse::<u64>().unwrap_or(0);
        let before = last.insert((person, first), step).unwrap_or(0);
        if step <= before {
            findings.refuse(1, file, id, "its steps are not in order");
        }
    }
}
