//! Which known records an import has to do with.
//!
//! Most candidates share a key with a new row and nothing else. They are compared as the state keeps
//! them, in the words that matching reads; only those that a link connects with a new row become
//! rows of an input again. Where that is not enough (a state of an earlier version, decisions that
//! name records by label), the candidates are read from their cells: the same answer, later.

use super::{check_rows, number, with_known};
use crate::cluster::resolve::Constraints;
use crate::cluster::union::Union;
use crate::compare::Pair;
use crate::compare::feature::Features;
use crate::error::Result;
use crate::matching::frozen::{Prepared, stable_order};
use crate::pipeline::{self, Job};
use crate::record::Table;
use crate::schema::UnitedSchema;
use crate::state::known::{Known, KnownInput, Question};
use std::collections::BTreeSet;

/// The new rows as they are read beside known records: a row per source of theirs that says
/// nothing, then the new ones.
pub(super) struct Asking {
    pub(super) table: Table,
    pub(super) schema: UnitedSchema,
    pub(super) prepared: Prepared,
    /// Rows of known sources at the front.
    pub(super) first: usize,
}

/// Known records that links connect with new rows, and the question for the addresses of both.
pub(super) struct Linked {
    pub(super) records: BTreeSet<i64>,
    pub(super) question: Question,
}

/// The known records that links connect with new rows.
pub(super) fn find(
    job: &Job,
    known: &Known,
    asking: &Asking,
    candidates: &BTreeSet<i64>,
) -> Result<Linked> {
    let features = match job.decisions.is_empty() {
        true => known.gather(candidates, &asking.prepared.features)?,
        false => None,
    };
    match features {
        Some(features) => by_meaning(known, asking, candidates, features),
        None => by_cells(job, known, &known.compared(candidates)?),
    }
}

fn by_meaning(
    known: &Known,
    asking: &Asking,
    candidates: &BTreeSet<i64>,
    features: Features,
) -> Result<Linked> {
    let numbers: Vec<i64> = candidates.iter().copied().collect();
    let own = asking.table.len();
    let prepared = known.frozen().count(features);
    // A merge that an export knows of is within one source, so that none is between known and new;
    // those between known records are in their parties.
    let mut constraints = pipeline::input::known_merges(&asking.table, &asking.schema);
    let index = |no: i64| numbers.binary_search(&no).ok().map(|at| (own + at) as u32);
    for (decision, [left, right]) in known.decided(candidates)? {
        let (Some(left), Some(right)) = (index(left), index(right)) else { continue };
        let pairs = if decision.same { &mut constraints.same } else { &mut constraints.different };
        pairs.extend((left != right).then(|| Pair::new(left, right)));
    }
    // Which of equal records stands for all of them makes no difference to who is linked.
    let order = vec![0; prepared.features.len()];
    let is_new = |r: u32| (asking.first..own).contains(&(r as usize));
    let kept = connected(known, prepared, &order, &constraints, is_new);
    let number = |&r: &usize| numbers.get(r.checked_sub(own)?).copied();
    let records: BTreeSet<i64> = kept.iter().filter_map(number).collect();
    let mut question = Question::of_addresses(&asking.prepared, asking.first..own);
    known.ask_addresses(&records, &mut question)?;
    Ok(Linked { records, question })
}

fn by_cells(job: &Job, known: &Known, inputs: &[KnownInput]) -> Result<Linked> {
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
    let order = stable_order(&table);
    let kept = connected(known, prepared.clone(), &order, &constraints, is_new);
    Ok(Linked {
        records: kept.iter().filter_map(|&r| number(inputs, &table, r)).collect(),
        question: Question::of_addresses(&prepared, kept.into_iter()),
    })
}

/// The records that links connect with new rows, and these.
fn connected(
    known: &Known,
    prepared: Prepared,
    order: &[u64],
    constraints: &Constraints,
    is_new: impl Fn(u32) -> bool,
) -> Vec<usize> {
    let records = prepared.features.len();
    let links = known.frozen().links(prepared, order, constraints, &is_new);
    let mut groups = Union::new(records);
    for pair in links.into_iter().chain(constraints.same.iter().copied()) {
        groups.join(pair.a, pair.b);
    }
    let mut concerned = vec![false; records];
    for r in (0..records as u32).filter(|&r| is_new(r)) {
        concerned[groups.root(r) as usize] = true;
    }
    (0..records).filter(|&r| concerned[groups.root(r as u32) as usize]).collect()
}
