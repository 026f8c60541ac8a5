//! What a run knows of the audits before it: the records it knows again, decisions that still hold,
//! and the persons' ids.
//!
//! The pipeline asks twice: once the records are read, for what people decided about them, and once
//! the persons are found, for their ids.

use super::lineage::{self, Event, Lineage};
use super::memory::{Memory, NONE};
use super::recognize::{self, Recognized};
use crate::cluster::Clusters;
use crate::compare::Pair;
use crate::merge::person_id::PersonIds;
use crate::pipeline::{UserDecision, input};
use crate::record::{RecordId, Table};
use crate::report::summary::count;
use crate::schema::UnitedSchema;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// A run and the audits before it.
#[derive(Debug, Clone, Default)]
pub struct Past {
    pub(crate) memory: Arc<Memory>,
    pub(crate) recognized: Recognized,
    /// The run's decisions: those given with it, then those remembered.
    pub(crate) decisions: Vec<UserDecision>,
    /// The records each is about.
    pub(crate) pairs: Vec<Option<Pair>>,
    /// Decisions that were given with the run, the first ones of the list.
    pub(crate) given: usize,
    /// The persons among those of all time.
    pub lineage: Lineage,
}

impl Past {
    /// Knows the records again. `pairs` are what the given decisions are about.
    pub(crate) fn new(
        memory: &Arc<Memory>,
        table: &Table,
        schema: &UnitedSchema,
        given: &[UserDecision],
        pairs: Vec<Option<Pair>>,
    ) -> Self {
        let recognized = recognize::recognize(memory, table, schema);
        let memory = Arc::clone(memory);
        let (decisions, given) = (given.to_vec(), given.len());
        let mut past =
            Self { memory, recognized, decisions, pairs, given, lineage: Lineage::default() };
        past.remember(table);
        past
    }

    /// Adds what was decided before about records that are here, unless it was decided anew. Under
    /// the names the records have now: a source may have been renamed.
    fn remember(&mut self, table: &Table) {
        if self.memory.decisions.is_empty() {
            return;
        }
        let mut here = vec![NONE; self.memory.records.len()];
        for (record, &row) in self.recognized.row.iter().enumerate() {
            if let Some(slot) = here.get_mut(row as usize) {
                *slot = record as u32;
            }
        }
        let mut decided: FxHashSet<Pair> = self.pairs.iter().flatten().copied().collect();
        let of = |row: u32| here.get(row as usize).copied().filter(|&r| r != NONE);
        let memory = Arc::clone(&self.memory);
        // Of an early state, or about records that were not there then: names are all there is.
        let unknown: Vec<UserDecision> =
            memory.decisions.iter().map(|row| row.decision.clone()).collect();
        let named = match memory.decisions.iter().any(|row| row.records.0 == NONE) {
            true => input::decided(table, &unknown),
            false => Vec::new(),
        };
        // The last word on a pair counts.
        for (at, row) in memory.decisions.iter().enumerate().rev() {
            let pair = match (of(row.records.0), of(row.records.1)) {
                (Some(left), Some(right)) if left != right => Some(Pair::new(left, right)),
                _ if row.records.0 == NONE => named.get(at).copied().flatten(),
                _ => None,
            };
            let Some(pair) = pair.filter(|&pair| decided.insert(pair)) else { continue };
            let label = |record: u32| table.key(RecordId(record)).to_string();
            let (left, right, same) = (label(pair.a), label(pair.b), row.decision.same);
            self.decisions.push(UserDecision { left, right, same });
            self.pairs.push(Some(pair));
        }
    }

    /// Gives the persons the ids they have had.
    pub(crate) fn name(
        &mut self,
        clusters: &Clusters,
        fresh: PersonIds,
        created: &[i64],
    ) -> PersonIds {
        self.lineage = lineage::name(&self.memory, &self.recognized, clusters, &fresh, created);
        let (lineage, memory) = (&self.lineage, &self.memory);
        fresh.renamed(|person| lineage.id(memory, lineage.person[person as usize]))
    }

    /// Ids that changed: the id, what happened to it, the other id, and how many records went along;
    /// sorted by id.
    pub(crate) fn ids_changed(&self) -> Vec<(&str, Event, &str, u32)> {
        let id = |person| self.lineage.id(&self.memory, person);
        let steps = self.lineage.steps.iter();
        let mut changed: Vec<_> = steps
            .map(|s| {
                (id(s.person), s.event, if s.other == NONE { "" } else { id(s.other) }, s.records)
            })
            .collect();
        changed.sort_unstable();
        changed
    }

    /// True for the first audit of a state.
    pub fn is_first(&self) -> bool {
        self.memory.is_empty()
    }

    /// The ids that changed, in words; of many the first ones.
    pub fn changed_ids_text(&self, most: usize) -> String {
        let changed = self.ids_changed();
        let mut text = match changed.len() {
            0 => "No id changed\n".to_string(),
            n => count(n, "id changed", "ids changed") + ":\n",
        };
        for (person, event, other, records) in changed.iter().take(most) {
            let records = count(*records as usize, "record", "records");
            let what = match (event, other.is_empty()) {
                (Event::Merged, _) => format!("{person} was merged into {other}"),
                (Event::Split, _) => format!("{person} parted from {other}"),
                (Event::Moved, _) => format!("{person} took records of {other}"),
                (Event::Revived, true) => format!("{person} is back"),
                (Event::Revived, false) => format!("{person} is back from {other}"),
            };
            text.push_str(&format!("  {what} ({records})\n"));
        }
        if changed.len() > most {
            text.push_str(&format!("  and {} more in lineage.csv\n", changed.len() - most));
        }
        text
    }
}
