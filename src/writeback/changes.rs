//! What merging changes in a database, told by records and columns and not yet by rows.
//!
//! Cells are taken over from other rows wherever the merged lead shows another record's cell: the
//! database copies its own value then, and no type is lost on the way through text. Only what no
//! record holds as it stands (a united list, a state of consent) is text. Repairs of spelling are
//! not written back: they are the report's, and the database keeps its own.

use crate::merge::field::Value;
use crate::merge::history::{ORPHAN, Status};
use crate::pipeline::Outcome;
use crate::record::RecordId;
use crate::report::label::Labels;
use crate::schema::Role;
use crate::schema::earlier::is_earlier;

/// A lead that gets other cells.
#[derive(Debug)]
pub(crate) struct LeadChange<'a> {
    /// Its record.
    pub survivor: RecordId,
    /// By column.
    pub cells: Vec<(usize, New<'a>)>,
}

/// What a cell becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum New<'a> {
    /// The cell of this column and record.
    Cell(usize, RecordId),
    /// A text.
    Text(&'a str),
}

/// A lead that went into another.
#[derive(Debug)]
pub(crate) struct Loser {
    /// Its record.
    pub record: RecordId,
    /// The record it went into.
    pub survivor: RecordId,
}

/// An activity that names another lead now.
#[derive(Debug)]
pub(crate) struct Move {
    /// The activity.
    pub activity: RecordId,
    /// The columns that name the lead.
    pub columns: Vec<usize>,
    /// What they say now.
    pub text: String,
}

/// An activity that is the same event as another.
#[derive(Debug)]
pub(crate) struct Duplicate {
    /// The activity.
    pub activity: RecordId,
    /// The one that stands for the event.
    pub kept: RecordId,
}

/// A line of the crosswalk.
#[derive(Debug)]
pub(crate) struct Went {
    /// The record.
    pub record: RecordId,
    /// Its person.
    pub person: u32,
}

/// Everything that changes; each list in canonical order.
#[derive(Debug, Default)]
pub(crate) struct Changes<'a> {
    pub leads: Vec<LeadChange<'a>>,
    pub losers: Vec<Loser>,
    pub moves: Vec<Move>,
    pub duplicates: Vec<Duplicate>,
    /// The records of persons that were several leads; everybody else survives as it is.
    pub crosswalk: Vec<Went>,
    /// Persons that were several leads.
    pub persons: u64,
}

impl<'a> Changes<'a> {
    /// What an outcome changes.
    pub fn of(outcome: &'a Outcome) -> Self {
        let mut changes = Self::default();
        let clusters = &outcome.matched.clusters;
        let mut overrides = outcome.fields.overrides();
        for person in 0..clusters.len() as u32 {
            let own = overrides.iter().take_while(|o| o.person == person).count();
            let (of_person, rest) = overrides.split_at(own);
            overrides = rest;
            let members = clusters.members(person);
            if members.len() < 2 && of_person.is_empty() {
                continue;
            }
            let survivor = outcome.fields.survivor[person as usize];
            let cells = cells_of(outcome, person, survivor);
            if !cells.is_empty() {
                changes.leads.push(LeadChange { survivor, cells });
            }
            if members.len() > 1 {
                changes.persons += 1;
                let of = |&record: &RecordId| Went { record, person };
                changes.crosswalk.extend(members.iter().map(of));
                let losers = members.iter().filter(|&&record| record != survivor);
                changes.losers.extend(losers.map(|&record| Loser { record, survivor }));
            }
        }
        changes.activities(outcome);
        changes
    }

    fn activities(&mut self, outcome: &Outcome) {
        let (log, history) = (&outcome.activities, &outcome.history);
        let (columns, email) = (log.lead_columns(), outcome.schema.first(Role::Email));
        let labels = Labels::new(&outcome.table);
        for activity in log.table.records() {
            let i = activity.index();
            if history.status[i] == Status::Duplicate {
                let kept = RecordId(history.kept[i]);
                self.duplicates.push(Duplicate { activity, kept });
            }
            let record = match log.activities.record[i] {
                ORPHAN => continue,
                record => RecordId(record),
            };
            let Some(&person) = outcome.matched.clusters.person_of.get(record.index()) else {
                continue;
            };
            let survivor = outcome.fields.survivor[person as usize];
            if record == survivor {
                continue;
            }
            let filled = |&&c: &&usize| !log.table.columns[c].ids[i].is_missing();
            let Some(&first) = columns.iter().find(filled) else { continue };
            let cell = log.table.columns[first].get(activity);
            let mut text = String::new();
            if cell.contains('@') && cell != outcome.table.id.get(record) {
                // A lead that lost its e-mail to the merge does not exist; without a column all stays.
                let shown = email.map_or("", |c| outcome.fields.text(&outcome.table, c, person));
                text.push_str(if shown.is_empty() { cell } else { shown });
            } else {
                let shown = outcome.schema.id_column;
                let shown = shown.map_or("", |c| outcome.fields.text(&outcome.table, c, person));
                match shown {
                    "" => labels.push(survivor, &mut text),
                    shown => text.push_str(shown),
                }
            }
            let says_so = |&&c: &&usize| log.table.columns[c].get(activity) == cell;
            let columns: Vec<usize> = columns.iter().filter(says_so).copied().collect();
            if text != cell {
                self.moves.push(Move { activity, columns, text });
            }
        }
    }
}

/// The cells of a lead that are to be others.
fn cells_of(outcome: &Outcome, person: u32, survivor: RecordId) -> Vec<(usize, New<'_>)> {
    let (table, fields) = (&outcome.table, &outcome.fields);
    let mut cells = Vec::new();
    for (c, column) in table.columns.iter().enumerate() {
        if is_earlier(&column.header) {
            continue;
        }
        let now = column.get(survivor);
        if fields.text(table, c, person) == now {
            continue;
        }
        let new = match fields.override_of(c, person) {
            None => New::Cell(c, fields.choice(c, person)),
            Some(Value::Cell { column, record }) => New::Cell(*column as usize, *record),
            Some(Value::Text(text)) => New::Text(text),
        };
        cells.push((c, new));
    }
    cells
}
