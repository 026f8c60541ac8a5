//! `verdicts.csv` and `new.csv`: what became of every new row, and who is only now there.
//!
//! Written by `clean --known`, beside the files of any run. A row of `new.csv` has exactly the columns
//! of its input, so that the file can be loaded where the input would have been.

use super::crosswalk::push_prob;
use super::folder::OutputFolder;
use super::label::Labels;
use super::leads;
use super::reason::Reasons;
use super::table::{COMMA, Format, Lines, write_rows};
use crate::compare::{self, Pair};
use crate::error::Result;
use crate::known::{Import, RowVerdict, VerdictKind, holds_known};
use crate::merge::consent::Decision;
use crate::record::RecordId;
use crate::schema::{Channel, Role};
use rustc_hash::FxHashSet;

/// The columns of `verdicts.csv`.
pub const HEADERS: [&str; 8] =
    ["source", "row", "record_id", "verdict", "person_id", "known_record", "probability", "reason"];

/// Writes `verdicts.csv`.
///
/// # Errors
/// [`crate::error::Error::Write`].
pub fn write(import: &Import, folder: &OutputFolder) -> Result<()> {
    let outcome = &import.outcome;
    let reasons = Reasons::new(&outcome.matched.model);
    let (table, labels) = (&outcome.table, Labels::new(&outcome.table));
    let calibration = outcome.matched.model.calibration;
    let head = Lines::head(COMMA, HEADERS);
    write_rows(folder, "verdicts.csv", COMMA, head, import.verdicts.len(), |rows, lines| {
        for verdict in &import.verdicts[rows] {
            let r = verdict.record.index();
            lines.cell(&table.sources[usize::from(table.source[r])].name);
            lines.number(table.row[r].into());
            lines.cell(table.id.get(verdict.record));
            lines.plain(verdict.kind.as_str());
            lines.plain(outcome.person_ids.get(verdict.person));
            let known = verdict.other.filter(|other| import.is_known(*other));
            match known {
                Some(other) => lines.joined(|text| labels.push(other, text)),
                None => lines.empty(),
            }
            match (verdict.kind, verdict.log_odds) {
                (VerdictKind::New, _) => lines.empty(),
                (_, Some(odds)) => lines.joined(|text| push_prob(calibration.prob(odds), text)),
                (_, None) => {
                    let prob = f64::from(outcome.matched.clusters.probability[r]);
                    lines.joined(|text| push_prob(prob, text));
                }
            }
            lines.joined(|text| push_reason(import, verdict, &labels, &reasons, text));
            lines.end();
        }
    })
}

fn push_reason(
    import: &Import,
    verdict: &RowVerdict,
    labels: &Labels,
    reasons: &Reasons,
    text: &mut String,
) {
    let Some(other) = verdict.other else { return text.push_str("nobody known is like it") };
    if !import.is_known(other) {
        let word = if verdict.kind == VerdictKind::Review { "may repeat " } else { "repeats " };
        text.push_str(word);
        labels.push(other, text);
        text.push_str(", which is new too");
    }
    if verdict.log_odds.is_some() {
        if !text.is_empty() {
            text.push_str(": ");
        }
        let pair = Pair::new(verdict.record.0, other.0);
        reasons.push(compare::pattern(&import.outcome.records.features, pair), text);
    } else if import.is_known(other) {
        text.push_str("other records connect it with the person");
    }
}

/// What `new.csv` holds and what it leaves out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct OnlyNew {
    /// Persons written.
    pub persons: usize,
    /// New persons left out because they wait for a decision.
    pub waiting: usize,
    /// New persons left out because contact was refused at their address, and the input has no column
    /// to say so: loaded without it, they would be contactable.
    pub refused: usize,
}

/// Writes the persons that are only new, as rows of the input their first record came from:
/// `new.csv`, or `new-<source>.csv` for each of several inputs.
///
/// # Errors
/// [`crate::error::Error::Write`].
pub fn write_only_new(import: &Import, folder: &OutputFolder) -> Result<OnlyNew> {
    let outcome = &import.outcome;
    let clusters = &outcome.matched.clusters;
    let waiting: FxHashSet<u32> = import
        .verdicts
        .iter()
        .filter(|v| v.kind == VerdictKind::Review)
        .map(|v| v.person)
        .collect();
    let mut told = OnlyNew::default();
    let mut of_input: Vec<Vec<u32>> = vec![Vec::new(); outcome.table.sources.len()];
    for person in 0..clusters.len() as u32 {
        if holds_known(outcome, person, import.known_inputs) {
            continue;
        }
        let input = usize::from(outcome.table.source[clusters.members(person)[0].index()]);
        if waiting.contains(&person) {
            told.waiting += 1;
        } else if is_silenced(import, person, input) {
            told.refused += 1;
        } else {
            told.persons += 1;
            of_input[input].push(person);
        }
    }
    let new = import.known_inputs..outcome.table.sources.len();
    let names = super::normalized::file_names("new", &outcome.table.sources[new.clone()]);
    for (input, file) in new.zip(names) {
        let columns = outcome.schema.placed.get(input).cloned().unwrap_or_default();
        let headers = outcome.schema.inputs[input].columns.iter().map(|c| c.header.as_str());
        let format = Format::of_source(&outcome.table.sources[input]);
        let head = Lines::head(format, headers);
        let writer = leads::Writer::of_columns(outcome, columns, format.delimiter);
        let persons = &of_input[input];
        write_rows(folder, &file, format, head, persons.len(), |rows, lines| {
            for &person in &persons[rows] {
                writer.write_row(person, lines);
            }
        })?;
    }
    Ok(told)
}

/// True when contact is refused by a channel of which the input has no column.
fn is_silenced(import: &Import, person: u32, input: usize) -> bool {
    let consent = &import.outcome.consent;
    let refused = |of: &[Decision]| of.get(person as usize).is_some_and(|d| d.state.is_refusal());
    let says = |channels: &[Channel]| {
        import.outcome.schema.inputs[input]
            .columns
            .iter()
            .any(|c| matches!(c.role, Role::Consent(role) if channels.contains(&role.channel)))
    };
    refused(&consent.email) && !says(&[Channel::Email, Channel::Any])
        || refused(&consent.phone) && !says(&[Channel::Phone])
}

impl Import {
    /// Whether a record was known before.
    pub fn is_known(&self, record: RecordId) -> bool {
        usize::from(self.outcome.table.source[record.index()]) < self.known_inputs
    }
}
