//! What became of the records of before: stages, duplicates, bands.

use crate::quality::{Collector, Hits, Material};
use crate::record::{RecordId, Table};
use crate::schema::{Role, UnitedSchema};
use crate::score::condition::fold;
use rustc_hash::FxHashMap;

/// How far somebody has come, by the word for it.
const STAGES: &[(u8, &[&str])] = &[
    (1, &["subscriber", "suscriptor", "abonnent"]),
    (2, &["lead", "prospect", "prospecto", "interessent"]),
    (3, &["mql", "marketing qualified lead", "marketingqualifiedlead", "marketing qualified"]),
    (
        4,
        &[
            "sql",
            "sales qualified lead",
            "salesqualifiedlead",
            "sales qualified",
            "sal",
            "sales accepted lead",
        ],
    ),
    (5, &["opportunity", "oportunidad", "opportunite", "verkaufschance"]),
    (6, &["customer", "client", "cliente", "kunde", "closed won", "won"]),
    (7, &["evangelist"]),
];

/// Compares records that are in both, by id.
pub(super) fn compare(
    now: &Material,
    before: &Material,
    with_model: bool,
    out: &mut Collector,
) -> Vec<String> {
    let earlier = Earlier::of(now, before);
    let mut notes = Vec::new();
    if !earlier.by_id {
        notes.push(
            "The data has no id column: records are recognized by their content, and stages and \
             bands are not followed."
                .to_string(),
        );
    }
    if now.outcome.is_some() && before.outcome.is_some() {
        duplicates(now, before, &earlier, out);
        if with_model && earlier.by_id {
            bands(now, before, &earlier, out);
        }
    }
    if earlier.by_id {
        stages(now, before, &earlier, out);
    }
    notes
}

/// The records of before, by those of now.
struct Earlier {
    /// Whether ids tell who is who; else contents do.
    by_id: bool,
    /// The record of before, per record of now.
    of: Vec<Option<RecordId>>,
}

impl Earlier {
    fn of(now: &Material, before: &Material) -> Self {
        let has_ids = |schema: &UnitedSchema| {
            !schema.inputs.is_empty() && schema.inputs.iter().all(|s| s.has(Role::RecordId))
        };
        let by_id = has_ids(now.schema) && has_ids(before.schema);
        // A file may have been renamed: its name counts only where there are several.
        let single = now.table.sources.len() == 1 && before.table.sources.len() == 1;
        let name = |table: &Table, record: RecordId| {
            let key = table.key(record);
            match (by_id, single) {
                (false, _) => format!("{:016x}", table.digest[record.index()]),
                (true, true) => format!("{}#{}", key.id, key.occurrence),
                (true, false) => key.to_string(),
            }
        };
        let mut known: FxHashMap<String, RecordId> = FxHashMap::default();
        for record in before.table.records() {
            known.entry(name(before.table, record)).or_insert(record);
        }
        let find = |record| known.get(&name(now.table, record)).copied();
        Self { by_id, of: now.table.records().map(find).collect() }
    }
}

/// Records that are one person now and were not before.
fn duplicates(now: &Material, before: &Material, earlier: &Earlier, out: &mut Collector) {
    let (Some(outcome), Some(old)) = (now.outcome, before.outcome) else { return };
    let (clusters, old) = (&outcome.matched.clusters, &old.matched.clusters);
    let mut records = Vec::new();
    for person in 0..clusters.len() as u32 {
        let members = clusters.members(person);
        if members.len() < 2 {
            continue;
        }
        let mut seen: Vec<u32> = Vec::new();
        let mut new = Vec::new();
        for &record in members {
            match earlier.of[record.index()].map(|r| old.person_of[r.index()]) {
                Some(person) if seen.contains(&person) => {}
                Some(person) if seen.is_empty() => seen.push(person),
                Some(person) => {
                    seen.push(person);
                    new.push(record);
                }
                None => new.push(record),
            }
        }
        // Were none of them here before, one of them is the person and the others are its doubles.
        if seen.is_empty() {
            new.remove(0);
        }
        records.extend(new);
    }
    records.sort_unstable();
    let hits = hits(records, now.table.len() as u64, out.max_samples);
    let message = "records that are duplicates now and were not before; look at the import that \
                   brought them";
    out.take("duplicate-new", None, hits, message.into());
}

/// Leads in another band than before.
fn bands(now: &Material, before: &Material, earlier: &Earlier, out: &mut Collector) {
    let (Some(outcome), Some(old)) = (now.outcome, before.outcome) else { return };
    let scores = |o: &crate::pipeline::Outcome| o.scored.models.first().cloned();
    let (Some(scored), Some(before)) = (scores(outcome), scores(old)) else { return };
    let (mut records, mut of) = (Vec::new(), 0);
    for (record, earlier) in now.table.records().zip(&earlier.of) {
        let Some(earlier) = earlier else { continue };
        of += 1;
        let band = scored.band[outcome.matched.clusters.person_of[record.index()] as usize];
        let other = before.band[old.matched.clusters.person_of[earlier.index()] as usize];
        if band != other {
            records.push(record);
        }
    }
    let hits = hits(records, of, out.max_samples);
    let message = "leads that are in another band than before; find out which facts or rules \
                   changed";
    out.take("score-drift", None, hits, message.into());
}

/// Stages that went backwards.
fn stages(now: &Material, before: &Material, earlier: &Earlier, out: &mut Collector) {
    let first = |material: &Material| material.schema.first(Role::Stage);
    let (Some(column), Some(old)) = (first(now), first(before)) else { return };
    let ranks = |material: &Material, column: usize| -> Vec<Option<u8>> {
        material.table.columns[column].dictionary.iter().map(rank).collect()
    };
    let (rank_now, rank_before) = (ranks(now, column), ranks(before, old));
    let (mut records, mut of) = (Vec::new(), 0);
    for (record, earlier) in now.table.records().zip(&earlier.of) {
        let Some(earlier) = earlier else { continue };
        let stage = rank_now[now.table.columns[column].ids[record.index()].index()];
        let other = rank_before[before.table.columns[old].ids[earlier.index()].index()];
        let (Some(stage), Some(other)) = (stage, other) else { continue };
        of += 1;
        if stage < other {
            records.push(record);
        }
    }
    let hits = hits(records, of, out.max_samples);
    let message = "a stage further back than before; check which system overwrote it";
    out.take("lifecycle-regression", Some(column), hits, message.into());
}

fn rank(word: &str) -> Option<u8> {
    let word = fold(word);
    let word = word.replace(['-', '_'], " ");
    STAGES.iter().find(|(_, words)| words.contains(&word.as_str())).map(|(rank, _)| *rank)
}

fn hits(mut records: Vec<RecordId>, of: u64, keep: usize) -> Hits {
    let count = records.len() as u64;
    records.truncate(keep);
    Hits { count, of, records }
}
