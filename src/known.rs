//! New rows against known records.
//!
//! Beside the whole run: of a million known records an import concerns a few thousand. Under a frozen
//! model who is one person follows from the records that links connect (`matching::frozen`), so a run
//! over the new rows and the known records they touch says of them what a run over everything would.
//!
//! Three rounds, each over fewer records: what shares a blocking key with a new row is compared; what
//! a link connects with one is kept, with its whole party; and records that refuse contact at an
//! address that is then in the run are added, because a refusal belongs to the address and whoever
//! holds it. The last round is an ordinary run, with the known records as its first inputs.

mod linked;
pub mod lookup;
#[cfg(test)]
mod tests;
mod verdict;

pub(crate) use verdict::holds_known;
pub use verdict::{RowVerdict, VerdictCounts, VerdictKind};

use crate::error::{Error, Result};
use crate::normalize::record::entity_of;
use crate::pipeline::{self, Job, Outcome, Stage};
use crate::record::Table;
use crate::schema::key;
use crate::schema::{Role, Schema};
use crate::state::known::{Form, Keep, Known, KnownInput, Question};
use crate::state::{Mode, State};
use linked::{Asking, Linked};
use std::collections::{BTreeMap, BTreeSet};

/// A run of new rows against known records.
#[derive(Debug)]
pub struct Import {
    /// The run: the known records that are touched first, then the new rows.
    pub outcome: Outcome,
    /// The job it was, with the known records as inputs.
    pub job: Job,
    /// Inputs at the front that are known records.
    pub known_inputs: usize,
    /// Known records in all.
    pub known_records: u64,
    /// What became of every new row, in canonical order.
    pub verdicts: Vec<RowVerdict>,
}

/// Where known records come from.
#[derive(Debug, Clone)]
pub enum KnownSource {
    /// A state file.
    State(std::path::PathBuf),
    /// Inputs as any: learned on, frozen, and kept in memory as a state would be.
    Inputs(Box<Job>),
}

/// Compares the job's inputs with the known records.
///
/// # Errors
/// As [`pipeline::run`]; a state that cannot be read, or that is of the other kind of records.
pub fn run(job: &Job, source: &KnownSource, progress: &dyn Fn(Stage)) -> Result<Import> {
    let state = open(source, progress)?;
    let known = Known::open(&state)?;
    match source {
        KnownSource::State(_) => compare(job, &known, progress),
        // A database may name the activities of the known records.
        KnownSource::Inputs(learned) => {
            let activities = learned.activities.clone();
            compare(&Job { activities, ..job.clone() }, &known, progress)
        }
    }
}

fn open(source: &KnownSource, progress: &dyn Fn(Stage)) -> Result<State> {
    match source {
        KnownSource::State(path) => State::open(path, Mode::Read),
        KnownSource::Inputs(job) => {
            let learned = Job { freeze: true, ..(**job).clone() };
            let outcome = match pipeline::run(&learned, progress) {
                // The activities may be those of the new rows alone.
                Err(Error::Bind { .. }) => {
                    pipeline::run(&Job { activities: Vec::new(), ..learned }, progress)?
                }
                ran => ran?,
            };
            State::of_run(&outcome, Keep::All)
        }
    }
}

/// Compares the job's inputs with the known records of an open state.
///
/// # Errors
/// As [`run`].
pub fn compare(job: &Job, known: &Known, progress: &dyn Fn(Stage)) -> Result<Import> {
    let frozen = known.frozen();
    progress(Stage::Read);
    let forms = known.forms()?;
    let (job, named) = without_names(Job { frozen: Some(frozen.clone()), ..job.clone() });
    let templates = known.templates()?;
    let (table, schema, records) = pipeline::read(&with_known(&job, &templates, &forms))?;
    let own = &schema.inputs[templates.len()..];
    check_names(&named, own, &forms)?;
    let described = own.first().map_or(frozen.model.entity, |new| entity_of(new.kind));
    pipeline::input::check_frozen(frozen, described)?;
    let first = table.source.iter().filter(|&&s| usize::from(s) < templates.len()).count();
    let asking = Asking { prepared: frozen.prepare(&records), table, schema, first };
    drop(records);
    progress(Stage::Block);
    let new = first..asking.table.len();
    let question = Question::of_records(&asking.prepared, &frozen.snapshot.blocks, new);
    let candidates = known.candidates(&question)?;
    progress(Stage::Match);
    let links = linked::find(&job, known, &asking, &candidates)?;
    drop(asking);
    let touched = closed(&job, known, links)?;
    let inputs = known.inputs(&touched)?;
    let mut job = with_known(&job, &inputs, &forms);
    job.decisions.extend(known.decisions(&touched)?);
    let mut outcome = pipeline::run(&job, progress)?;
    keep_ids(&mut outcome, known, &inputs, &touched)?;
    let known_inputs = inputs.len();
    let verdicts = verdict::of_rows(&outcome, known_inputs);
    Ok(Import { outcome, job, known_inputs, known_records: known.count()?, verdicts })
}

/// The job with known records before its own inputs, their columns read as they were.
fn with_known(job: &Job, known: &[KnownInput], forms: &[Form]) -> Job {
    let mut job = job.clone();
    let inputs = std::mem::take(&mut job.inputs);
    job.inputs = known.iter().map(|k| k.source.clone()).chain(inputs).collect();
    // The first naming of a header counts: what the user says of a column comes before.
    job.config.columns.known.extend(forms.iter().flat_map(|form| form.roles()));
    job
}

/// What the user says of columns, as something known: a header may stand in any of the inputs, and
/// not all of them are read in each round. Gives the headers to check once.
fn without_names(mut job: Job) -> (Job, Vec<String>) {
    let columns = &mut job.config.columns;
    let mut roles = std::mem::take(&mut columns.roles);
    roles.extend(columns.id_column.take().map(|header| (Role::RecordId, header)));
    roles.extend(std::mem::take(&mut columns.ignore).into_iter().map(|h| (Role::Ignored, h)));
    let named = roles.iter().map(|(_, header)| header.clone()).collect();
    columns.known = roles;
    (job, named)
}

fn check_names(named: &[String], new: &[Schema], forms: &[Form]) -> Result<()> {
    let new = new.iter().flat_map(|input| &input.columns).map(|c| &c.header);
    let known = forms.iter().flat_map(|form| &form.columns).map(|c| &c.header);
    let headers: Vec<&String> = new.chain(known).collect();
    let wrong = named.iter().find(|name| !headers.iter().any(|h| key(h) == key(name)));
    match wrong {
        None => Ok(()),
        Some(name) => Err(Error::usage(
            format!("neither the input nor the known records have a column «{name}»"),
            "check the spelling of --column, --ignore-column or --id-column",
        )),
    }
}

/// Fails when a known record was not read back: rows then say something else than their records.
fn check_rows(known: &[KnownInput], table: &Table) -> Result<()> {
    for (input, info) in known.iter().zip(&table.sources) {
        if input.records.len() as u64 != info.records {
            return Err(Error::Format {
                file: "state".into(),
                line: None,
                what: format!("known records of {} cannot be read back", info.name),
                remedy: "run leadmend audit again with it".into(),
            });
        }
    }
    Ok(())
}

/// The number of a known record of a run; none for a new row.
fn number(known: &[KnownInput], table: &Table, record: usize) -> Option<i64> {
    let input = known.get(usize::from(table.source[record]))?;
    input.records.get(table.row[record] as usize - 1).copied()
}

/// What links connect the records with, and what refuses contact at an address of the run, until
/// nothing is added.
fn closed(job: &Job, known: &Known, linked: Linked) -> Result<BTreeSet<i64>> {
    let Linked { records, mut question } = linked;
    let mut touched = known.with_parties(records.clone())?;
    let mut more = &touched - &records;
    loop {
        question.add_addresses(addresses(job, known, &more)?);
        more = &known.refusing(&question)? - &touched;
        if more.is_empty() {
            return Ok(touched);
        }
        touched.extend(&more);
        question = Question::default();
    }
}

/// The question for the addresses of some known records.
fn addresses(job: &Job, known: &Known, records: &BTreeSet<i64>) -> Result<Question> {
    if records.is_empty() {
        return Ok(Question::default());
    }
    let mut question = Question::default();
    if known.ask_addresses(records, &mut question)? {
        return Ok(question);
    }
    let alone = Job { inputs: Vec::new(), ..job.clone() };
    let inputs = known.compared(records)?;
    let (table, _, records) = pipeline::read(&with_known(&alone, &inputs, &known.forms()?))?;
    Ok(Question::of_addresses(&known.frozen().prepare(&records), 0..table.len()))
}

/// Gives every person the id that most of its known records had; the older id where they are equal
/// in number. A person that parted keeps its id where most of its records are.
fn keep_ids(
    outcome: &mut Outcome,
    known: &Known,
    inputs: &[KnownInput],
    touched: &BTreeSet<i64>,
) -> Result<()> {
    let ids = known.persons(touched)?;
    let mut votes: BTreeMap<(u32, i64), u32> = BTreeMap::new();
    for r in 0..outcome.table.len() {
        let of = number(inputs, &outcome.table, r).and_then(|number| ids.get(&number));
        if let Some((no, _)) = of {
            *votes.entry((outcome.matched.clusters.person_of[r], *no)).or_default() += 1;
        }
    }
    let mut ranked: Vec<(u32, i64, u32)> =
        votes.into_iter().map(|((person, no), count)| (count, no, person)).collect();
    ranked.sort_by_key(|&(count, no, person)| (std::cmp::Reverse(count), no, person));
    let texts: BTreeMap<i64, &String> = ids.values().map(|(no, id)| (*no, id)).collect();
    let (mut named, mut given) = (BTreeSet::new(), BTreeSet::new());
    for (_, no, person) in ranked {
        if !named.contains(&person) && given.insert(no) {
            named.insert(person);
            outcome.person_ids.rename(person, texts[&no]);
        }
    }
    Ok(())
}
