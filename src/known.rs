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

pub mod lookup;
#[cfg(test)]
mod tests;
mod verdict;

pub(crate) use verdict::holds_known;
pub use verdict::{RowVerdict, VerdictCounts, VerdictKind};

use crate::cluster::union::Union;
use crate::error::{Error, Result};
use crate::matching::frozen::stable_order;
use crate::pipeline::{self, Job, Outcome, Stage};
use crate::record::Table;
use crate::schema::Role;
use crate::schema::key;
use crate::state::known::{Form, Keep, Known, KnownInput, Question};
use crate::state::{Mode, State};
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
    let (table, _, new) = pipeline::read(&with_known(&job, &[], &forms))?;
    check_names(&named, &table, &forms)?;
    drop(table);
    pipeline::input::check_frozen(frozen, &new)?;
    progress(Stage::Block);
    let question = Question::of(&frozen.prepare(&new), &frozen.snapshot.blocks);
    let candidates = known.compared(&known.candidates(&question)?)?;
    progress(Stage::Match);
    let (links, question) = linked(&job, known, &candidates)?;
    drop(candidates);
    let touched = closed(&job, known, links, question)?;
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

fn check_names(named: &[String], table: &Table, forms: &[Form]) -> Result<()> {
    let new = table.columns.iter().map(|c| &c.header);
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

/// The known records that links connect with new rows, and the question for the addresses of both.
fn linked(job: &Job, known: &Known, inputs: &[KnownInput]) -> Result<(BTreeSet<i64>, Question)> {
    let frozen = known.frozen();
    let (table, schema, records) = pipeline::read(&with_known(job, inputs, &known.forms()?))?;
    check_rows(inputs, &table)?;
    let all: BTreeSet<i64> = inputs.iter().flat_map(|i| i.records.iter().copied()).collect();
    let mut constraints = pipeline::input::known_merges(&table, &schema);
    let mut decisions = job.decisions.clone();
    decisions.extend(known.decisions(&all)?);
    pipeline::input::decisions(&table, &decisions, &mut constraints);
    let is_new = |r: u32| usize::from(table.source[r as usize]) >= inputs.len();
    let prepared = frozen.prepare(&records);
    let links = frozen.links(prepared.clone(), &stable_order(&table), &constraints, is_new);
    let mut groups = Union::new(table.len());
    for pair in links.into_iter().chain(constraints.same.iter().copied()) {
        groups.join(pair.a, pair.b);
    }
    let mut concerned = vec![false; table.len()];
    for r in (0..table.len() as u32).filter(|&r| is_new(r)) {
        concerned[groups.root(r) as usize] = true;
    }
    let kept: Vec<usize> =
        (0..table.len()).filter(|&r| concerned[groups.root(r as u32) as usize]).collect();
    let linked = kept.iter().filter_map(|&r| number(inputs, &table, r)).collect();
    Ok((linked, Question::of_addresses(&prepared, kept.into_iter())))
}

/// What links connect the records with, and what refuses contact at an address of the run, until
/// nothing is added.
fn closed(
    job: &Job,
    known: &Known,
    linked: BTreeSet<i64>,
    mut question: Question,
) -> Result<BTreeSet<i64>> {
    let mut touched = known.with_parties(linked.clone())?;
    let mut more = &touched - &linked;
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
