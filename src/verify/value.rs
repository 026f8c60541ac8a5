//! Point 4: every cell of a lead is a cell of one of its records, or a documented union of them.
//!
//! Consent columns are the matter of point 3. Columns of one kind share their values: a second
//! number may move into a free column. An address comes from one record.

use super::Findings;
use super::input::Evidence;
use super::people::People;
use crate::record::RecordId;
use crate::schema::Role;
use crate::schema::earlier::{ADDED, is_earlier};
use std::collections::BTreeSet;

/// How the cells of a column come about.
enum Kind {
    /// A cell of a record.
    Plain,
    /// A cell of a record in one of these columns.
    Shared(Vec<usize>),
    /// Parts of the records' lists.
    List(String),
    /// Judged elsewhere.
    Consent,
}

/// Checks all cells.
pub(super) fn check(evidence: &Evidence, people: &People, findings: &mut Findings) {
    let columns: Vec<usize> = (0..evidence.schema.columns.len())
        .filter(|&c| !is_earlier(&evidence.schema.columns[c].header))
        .collect();
    let headers: Vec<&str> =
        columns.iter().map(|&c| evidence.table.columns[c].header.as_str()).collect();
    let expected: Vec<&str> = headers.into_iter().chain(ADDED).collect();
    if people.leads.headers != expected {
        return findings.refuse(
            4,
            &people.leads.file,
            "",
            "its columns are not those of the inputs",
        );
    }
    let kinds: Vec<Kind> = columns.iter().map(|&c| kind(evidence, c)).collect();
    let blocks = blocks(evidence, &columns);
    for person in 0..people.len() as u32 {
        for ((place, &c), kind) in columns.iter().enumerate().zip(&kinds) {
            let cell = people.at(person, place);
            let members = &people.members[person as usize];
            if let Some(what) = fault(evidence, c, kind, members, cell) {
                let what = format!("column {}: {what}", evidence.table.columns[c].header);
                findings.refuse(4, &people.leads.file, people.ids[person as usize].clone(), what);
            }
        }
        check_times(evidence, people, person, &columns, findings);
        for block in &blocks {
            check_block(evidence, people, person, block, findings);
        }
    }
}

fn kind(evidence: &Evidence, column: usize) -> Kind {
    let schema = &evidence.schema;
    let all = |roles: &[Role]| roles.iter().flat_map(|&r| schema.all(r)).collect();
    match schema.columns[column].role {
        Role::Email => Kind::Shared(all(&[Role::Email])),
        Role::Phone | Role::Mobile => Kind::Shared(all(&[Role::Phone, Role::Mobile])),
        Role::Interests | Role::MergedIds => {
            let separator = schema.columns[column].separator.clone();
            Kind::List(separator.unwrap_or_else(|| ";".into()))
        }
        Role::Consent(_) => Kind::Consent,
        _ => Kind::Plain,
    }
}

/// What is wrong with a cell; `None` when nothing is.
fn fault(
    evidence: &Evidence,
    column: usize,
    kind: &Kind,
    members: &[RecordId],
    cell: &str,
) -> Option<&'static str> {
    let of = |c: usize| members.iter().map(move |&r| evidence.cell(c, r));
    let shows = |c: usize| members.iter().any(|&r| evidence.shows(column, c, r, cell));
    if matches!(kind, Kind::Consent) || of(column).any(|c| c == cell) || shows(column) {
        return None;
    }
    match kind {
        _ if cell.is_empty() => Some("every record of the person has a value, and the lead none"),
        Kind::Shared(columns) if columns.iter().any(|&c| shows(c)) => None,
        Kind::List(separator) => {
            let parts = |text: &'_ str| -> BTreeSet<String> {
                let parts = text.split(separator.as_str()).map(|p| p.trim().to_string());
                parts.filter(|p| !p.is_empty()).collect()
            };
            let known: BTreeSet<String> = of(column).flat_map(parts).collect();
            (!parts(cell).is_subset(&known))
                .then_some("a part of the list is in none of its records")
        }
        _ if is_sum(cell, of(column)) => None,
        _ => Some("the value is in none of the person's records"),
    }
}

/// Numbers may be added up where the configuration says so.
fn is_sum<'a>(cell: &str, cells: impl Iterator<Item = &'a str>) -> bool {
    let number = |text: &str| crate::score::quantity::parse_decimal(text.trim(), 3).ok();
    let filled: Vec<&str> = cells.filter(|c| !c.trim().is_empty()).collect();
    let numbers: Option<Vec<i64>> = filled.iter().map(|c| number(c)).collect();
    let sum = numbers.map(|all| all.iter().fold(0i64, |sum, n| sum.saturating_add(*n)));
    filled.len() > 1 && sum.is_some() && sum == number(cell)
}

/// Created is the earliest of the records, last activity the latest.
fn check_times(
    evidence: &Evidence,
    people: &People,
    person: u32,
    columns: &[usize],
    findings: &mut Findings,
) {
    let members = &people.members[person as usize];
    for (place, &c) in columns.iter().enumerate() {
        let role = evidence.schema.columns[c].role;
        if !matches!(role, Role::Created | Role::LastActivity) {
            continue;
        }
        let time = |r: &RecordId| {
            let id = evidence.table.columns[c].ids[r.index()];
            evidence.records.times[c].get(id.index()).copied().filter(|&t| t != i64::MIN)
        };
        let times = members.iter().filter_map(time);
        let best = if role == Role::Created { times.min() } else { times.max() };
        let cell = people.at(person, place);
        let shown = members.iter().find(|&&r| evidence.shows(c, c, r, cell)).and_then(time);
        if best.is_some() && shown != best {
            let which = if role == Role::Created { "earliest" } else { "latest" };
            let header = &evidence.table.columns[c].header;
            let what = format!("column {header} is not the {which} of its records");
            findings.refuse(4, &people.leads.file, people.ids[person as usize].clone(), what);
        }
    }
}

/// Columns of one address each, as places in the file and in the table.
fn blocks(evidence: &Evidence, columns: &[usize]) -> Vec<Vec<(usize, usize)>> {
    let mut slots: std::collections::BTreeMap<&str, Vec<(usize, usize)>> = Default::default();
    for (place, &c) in columns.iter().enumerate() {
        let column = &evidence.schema.columns[c];
        if matches!(column.role, Role::Street | Role::HouseNumber | Role::City | Role::Postcode) {
            slots.entry(&column.slot).or_default().push((place, c));
        }
    }
    slots.into_values().filter(|b| b.len() > 1).collect()
}

/// Street, number, city and postcode stand together on one record.
fn check_block(
    evidence: &Evidence,
    people: &People,
    person: u32,
    block: &[(usize, usize)],
    findings: &mut Findings,
) {
    let together = |record: &RecordId| {
        block.iter().all(|&(place, c)| {
            let own = evidence.cell(c, *record);
            own.is_empty() || evidence.shows(c, c, *record, people.at(person, place))
        }) && block.iter().any(|&(_, c)| !evidence.cell(c, *record).is_empty())
    };
    let shown = block.iter().filter(|(place, _)| !people.at(person, *place).is_empty()).count();
    if shown > 1 && !people.members[person as usize].iter().any(together) {
        let what = "its address is put together from several records";
        findings.refuse(4, &people.leads.file, people.ids[person as usize].clone(), what);
    }
}
