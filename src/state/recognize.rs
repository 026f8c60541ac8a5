//! Which records were there before.
//!
//! From the surest sign to the weakest, each record of now taking one of before: the same id in the
//! same source, the same id and content in a source of another name, the same content, and last the
//! same name and address. Why the id alone does not do: exports that count their rows anew give
//! everybody somebody else's id, which is noticed by the content that moved.

use super::memory::{Memory, NONE, RecordRow};
use super::signature::Signatures;
use crate::record::{RecordId, Table};
use crate::schema::{Role, UnitedSchema};
use rustc_hash::{FxHashMap, FxHashSet};
use std::hash::Hash;

/// Records of a run, as far as they were there before.
#[derive(Debug, Clone, Default)]
pub struct Recognized {
    /// Per record: the row of the state, or [`NONE`].
    pub(crate) row: Vec<u32>,
    /// What the records say.
    pub(crate) signatures: Signatures,
    /// Per source of the run: whether its ids come from a column.
    pub(crate) has_id: Vec<bool>,
    /// Sources whose ids were given anew.
    pub(crate) renumbered: Vec<String>,
}

/// Finds every record of a run in the memory.
pub(crate) fn recognize(memory: &Memory, table: &Table, schema: &UnitedSchema) -> Recognized {
    let has_id: Vec<bool> = schema.inputs.iter().map(|s| s.has(Role::RecordId)).collect();
    let signatures = Signatures::of(table, schema);
    let mut finder = Finder {
        memory,
        row: vec![NONE; table.len()],
        taken: vec![false; memory.records.len()],
        open: ordered(table, &has_id),
    };
    let renumbered = find(&mut finder, table, &has_id, &signatures);
    let row = finder.row;
    Recognized { row, signatures, has_id, renumbered }
}

/// Records in an order that rows do not enter: where there are no ids, by what they say.
pub(crate) fn ordered(table: &Table, has_id: &[bool]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..table.len() as u32).collect();
    if has_id.iter().any(|has| !has) {
        order.sort_by_key(|&r| {
            let source = table.source[r as usize];
            let has_id = has_id.get(usize::from(source)).copied().unwrap_or(true);
            (source, if has_id { 0 } else { table.digest[r as usize] }, r)
        });
    }
    order
}

fn find(
    finder: &mut Finder<'_>,
    table: &Table,
    has_id: &[bool],
    signatures: &Signatures,
) -> Vec<String> {
    let memory = finder.memory;
    let names: FxHashMap<&str, u32> =
        memory.sources.iter().zip(0u32..).map(|(s, i)| (s.name.as_str(), i)).collect();
    let source: Vec<Option<u32>> =
        table.sources.iter().map(|s| names.get(s.name.as_str()).copied()).collect();
    let of = |r: usize| usize::from(table.source[r]);
    let old_id = |old: &RecordRow| Some(memory.id(old)).filter(|id| !id.is_empty());
    let id = |r: usize| has_id[of(r)].then(|| table.id.get(RecordId(r as u32)));
    let old_key = |old: &RecordRow| Some((old.source, old_id(old)?));
    let key = |r: usize| Some((source[of(r)]?, id(r)?));
    let (content, core) = (&signatures.content, &signatures.core);

    finder.join(|old| Some((old_key(old)?, old.content)), |r| Some((key(r)?, content[r])));
    finder.join(
        |old| Some((old_key(old)?, filled(old.core)?)),
        |r| Some((key(r)?, filled(core[r])?)),
    );
    let renumbered = finder.renumbered(&key, &old_key, core);
    let kept = |at: u32| !renumbered.contains(&at);
    finder.join(|old| old_key(old).filter(|k| kept(k.0)), |r| key(r).filter(|k| kept(k.0)));
    finder.join(
        |old| Some((old_id(old)?, filled(old.content)?)),
        |r| Some((id(r)?, filled(content[r])?)),
    );
    finder
        .join(|old| Some((old_id(old)?, filled(old.core)?)), |r| Some((id(r)?, filled(core[r])?)));
    // A source whose records were known again in one that is not there any more is that one.
    let source = finder.renamed(table, &source);
    let key = |r: usize| Some((source[of(r)]?, id(r)?));
    let counted_anew = finder.renumbered(&key, &old_key, core);
    let kept = |at: u32| !renumbered.contains(&at) && !counted_anew.contains(&at);
    finder.join(|old| old_key(old).filter(|k| kept(k.0)), |r| key(r).filter(|k| kept(k.0)));
    finder.join_contents(table, signatures);
    finder.join(|old| filled(old.core), |r| filled(core[r]));
    let both = memory.sources.iter().zip(0u32..);
    both.filter(|(_, at)| renumbered.contains(at) || counted_anew.contains(at))
        .map(|(source, _)| source.name.clone())
        .collect()
}

/// What a record that says nothing says is no sign.
fn filled(signature: u64) -> Option<u64> {
    (signature != 0).then_some(signature)
}

struct Finder<'a> {
    memory: &'a Memory,
    row: Vec<u32>,
    taken: Vec<bool>,
    /// Records that are not found yet.
    open: Vec<u32>,
}

impl Finder<'_> {
    /// Gives open records the rows of the same key that nobody has, both in their order.
    fn join<K: Eq + Hash>(
        &mut self,
        old_key: impl Fn(&RecordRow) -> Option<K>,
        key: impl Fn(usize) -> Option<K>,
    ) {
        if self.open.is_empty() {
            return;
        }
        // Rows of one key are a chain, the earliest first.
        let mut first: FxHashMap<K, u32> = FxHashMap::default();
        let mut next: Vec<u32> = vec![NONE; self.memory.records.len()];
        for (at, old) in self.memory.records.iter().enumerate().rev() {
            if self.taken[at] {
                continue;
            }
            if let Some(key) = old_key(old)
                && let Some(later) = first.insert(key, at as u32)
            {
                next[at] = later;
            }
        }
        if first.is_empty() {
            return;
        }
        let (row, taken) = (&mut self.row, &mut self.taken);
        self.open.retain(|&r| {
            let Some(key) = key(r as usize) else { return true };
            let Some(at) = first.get_mut(&key).filter(|at| **at != NONE) else { return true };
            row[r as usize] = *at;
            taken[*at as usize] = true;
            *at = next[*at as usize];
            false
        });
    }

    /// Per source of the run: the state's source it is, by its name, or by where most of its records
    /// come from.
    fn renamed(&self, table: &Table, by_name: &[Option<u32>]) -> Vec<Option<u32>> {
        let mut from: FxHashMap<(u16, u32), usize> = FxHashMap::default();
        let mut records = vec![0usize; by_name.len()];
        for (record, &row) in self.row.iter().enumerate() {
            let source = table.source[record];
            records[usize::from(source)] += 1;
            if let Some(old) = self.memory.records.get(row as usize) {
                *from.entry((source, old.source)).or_default() += 1;
            }
        }
        let of = |(source, name): (usize, &Option<u32>)| {
            let found = (0..self.memory.sources.len() as u32)
                .filter(|old| !by_name.contains(&Some(*old)))
                .find(|&old| {
                    let count = from.get(&(source as u16, old)).copied().unwrap_or(0);
                    count * 2 > records[source]
                });
            name.or(found)
        };
        by_name.iter().enumerate().map(of).collect()
    }

    /// Content alone. A role that a source did not have before says nothing about its records.
    fn join_contents(&mut self, table: &Table, signatures: &Signatures) {
        let now = signatures.roles();
        for (source, at) in self.memory.sources.iter().zip(0u32..) {
            if self.open.is_empty() {
                return;
            }
            let within;
            let content = if source.roles.is_empty() || source.roles == now {
                &signatures.content
            } else {
                within = signatures.content_in(table, &source.roles);
                &within
            };
            self.join(
                |old| filled(old.content).filter(|_| old.source == at),
                |r| filled(content[r]),
            );
        }
    }

    /// Sources in which most of what would be joined by the id alone is found under another id:
    /// somebody counted the rows anew.
    fn renumbered<'k>(
        &self,
        key: &impl Fn(usize) -> Option<(u32, &'k str)>,
        old_key: &impl Fn(&RecordRow) -> Option<(u32, &'k str)>,
        core: &[u64],
    ) -> FxHashSet<u32> {
        let (mut ids, mut cores) = (FxHashSet::default(), FxHashSet::default());
        for (at, old) in self.memory.records.iter().enumerate() {
            if let Some(key) = old_key(old).filter(|_| !self.taken[at]) {
                cores.extend(filled(old.core).map(|core| (key.0, core)));
                ids.insert(key);
            }
        }
        // Per source: records whose id is there, and those whose name and address are.
        let mut counts: FxHashMap<u32, (usize, usize)> = FxHashMap::default();
        for &r in &self.open {
            let Some(key) = key(r as usize) else { continue };
            let count = counts.entry(key.0).or_default();
            count.0 += usize::from(ids.contains(&key));
            count.1 += usize::from(cores.contains(&(key.0, core[r as usize])));
        }
        counts.into_iter().filter(|(_, (id, core))| core * 2 > *id).map(|(at, _)| at).collect()
    }
}
