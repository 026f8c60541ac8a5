//! Scoring all leads: every part alone, the union, what differs, band and stages.
//!
//! The entry of the stage. Persons are independent, so they are cut into chunks that run in
//! parallel and are joined in order: any number of threads gives the same bytes.

use super::apply::{Scratch, apply};
use super::band::find_band;
use super::compile::{Compiled, Subject, View};
use super::condition::Truth;
use super::drops::{self, Cause, Drop, Rise, Why};
use super::facts::Facts;
use super::ledger::{Entry, Fact, NO_RECORD, Source};
use super::model::{ComponentKind, NeverWeaker, OnMerge, ScoringModel};
use crate::record::RecordId;
use rayon::prelude::*;
use std::ops::Range;

/// Stands for "in no band".
pub const NO_BAND: u16 = u16::MAX;
/// Persons in a chunk: large enough to be worth a task, small enough to share out evenly.
const CHUNK: u32 = 4096;

/// Persons that are scored before what is known of them is joined.
const WAVE: u32 = CHUNK * 16;

/// The outcome of scoring.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scored {
    /// One entry per model, in the order given.
    pub models: Vec<ModelScores>,
    /// Events after the clock: they do not score.
    pub future_events: u64,
    /// Events without a date: they do not count where age matters.
    pub undated_events: u64,
}

/// Scores under one model, as columns over persons. A lead that is excluded has zeros, no band and
/// no ledger; [`ModelScores::score_of`] tells it from a lead worth nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelScores {
    /// Number of components, the width of `values`.
    pub width: usize,
    /// Values of all components, person by person, thousandths (a ladder: index of its letter
    /// times 1000).
    pub values: Vec<i64>,
    /// The score before range, rounding and floor, thousandths.
    pub raw: Vec<i64>,
    /// The model applied to the union, thousandths; below the score only where a floor holds it.
    pub recomputed: Vec<i64>,
    /// The score: value of the primary component, thousandths.
    pub score: Vec<i64>,
    /// Index of the band, or [`NO_BAND`].
    pub band: Vec<u16>,
    /// Value of the best part, thousandths.
    pub best_part: Vec<i64>,
    /// The best part's record.
    pub best_record: Vec<RecordId>,
    /// Band of the best part, or [`NO_BAND`].
    pub best_part_band: Vec<u16>,
    /// Sum of the parts' values, thousandths.
    pub sum_of_parts: Vec<i64>,
    /// The fact that excludes a lead from scoring, and its record.
    pub excluded: Vec<Option<(Fact, RecordId)>>,
    /// Stages, a bit each.
    pub stages: Vec<u64>,
    /// Ratings of the matrices, person by person: indices of letter and number.
    pub ratings: Vec<(u8, u8)>,
    /// The persona that fits best.
    pub persona: Vec<Option<u16>>,
    /// Start of each person's lines in `entries`; one more than there are persons.
    pub entry_start: Vec<u64>,
    /// The ledger of all components.
    pub entries: Vec<Entry>,
    /// Leads below their best part, in order of persons; empty when `never_weaker` is off.
    pub drops: Vec<Drop>,
    /// Other components of leads that are below the best part of that component, in order of persons
    /// and components: a letter can fall while the score rises.
    pub component_drops: Vec<Drop>,
    /// What lifted each lead above its best part, in order of persons.
    pub rises: Vec<Rise>,
    /// True when `never_weaker = "fail"` and there is a drop.
    pub failed: bool,
    /// What each rule did.
    pub rules: Vec<RuleStats>,
}

/// What a rule did over all leads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RuleStats {
    /// Times it fired.
    pub fired: u64,
    /// Leads it fired for.
    pub leads: u64,
    /// Thousandths it gave or took: the sum of its ledger lines.
    pub points: i64,
}

impl Scored {
    /// Appends chunks of all models, with room for what is still to come of the persons.
    fn append(&mut self, chunks: Vec<Vec<ModelScores>>, persons: usize) {
        for (m, whole) in self.models.iter_mut().enumerate() {
            let parts = || chunks.iter().filter_map(|chunk| chunk.get(m));
            whole.reserve(parts(), persons);
        }
        for chunk in chunks {
            for (whole, part) in self.models.iter_mut().zip(chunk) {
                whole.append(part);
            }
        }
    }
}

impl ModelScores {
    /// Number of persons.
    pub fn len(&self) -> usize {
        self.score.len()
    }

    /// True without persons.
    pub fn is_empty(&self) -> bool {
        self.score.is_empty()
    }

    /// Score of a person; `None` for one who is excluded from scoring.
    pub fn score_of(&self, person: usize) -> Option<i64> {
        self.excluded[person].is_none().then(|| self.score[person])
    }

    /// Values of a person's components.
    pub fn values_of(&self, person: usize) -> &[i64] {
        &self.values[person * self.width..(person + 1) * self.width]
    }

    /// Ledger of a person.
    pub fn ledger_of(&self, person: usize) -> &[Entry] {
        &self.entries[self.entry_start[person] as usize..self.entry_start[person + 1] as usize]
    }

    /// What the merge changed: the score less the best part, thousandths.
    pub fn change_of(&self, person: usize) -> i64 {
        self.score[person].saturating_sub(self.best_part[person])
    }

    /// True when the lead is in a better band than its best part was.
    pub fn band_rose(&self, person: usize, model: &ScoringModel) -> bool {
        let rank = |band: u16| model.bands.get(band as usize).map(|band| band.min);
        self.excluded[person].is_none()
            && rank(self.band[person]) > rank(self.best_part_band[person])
    }

    /// Makes room for all persons at once, so that nothing is moved while it grows.
    fn reserve<'a>(&mut self, next: impl Iterator<Item = &'a ModelScores> + Clone, persons: usize) {
        let lines: usize = next.clone().map(|part| part.entries.len()).sum();
        if self.score.is_empty() {
            let first: usize = next.map(ModelScores::len).sum();
            // The ledger is as long as that of the first ones lets expect, and a little.
            let all = lines as f64 / first.max(1) as f64 * persons as f64 * 1.02;
            self.entries.reserve_exact((all as usize).max(lines));
            self.entry_start.reserve_exact(persons);
            self.values.reserve_exact(persons * self.width);
            for column in [
                &mut self.raw,
                &mut self.recomputed,
                &mut self.score,
                &mut self.best_part,
                &mut self.sum_of_parts,
            ] {
                column.reserve_exact(persons);
            }
            self.band.reserve_exact(persons);
            self.best_part_band.reserve_exact(persons);
            self.best_record.reserve_exact(persons);
            self.excluded.reserve_exact(persons);
            self.stages.reserve_exact(persons);
            self.persona.reserve_exact(persons);
        }
    }

    fn append(&mut self, mut chunk: ModelScores) {
        let offset = self.entries.len() as u64;
        self.values.append(&mut chunk.values);
        self.raw.append(&mut chunk.raw);
        self.recomputed.append(&mut chunk.recomputed);
        self.score.append(&mut chunk.score);
        self.band.append(&mut chunk.band);
        self.best_part.append(&mut chunk.best_part);
        self.best_record.append(&mut chunk.best_record);
        self.best_part_band.append(&mut chunk.best_part_band);
        self.sum_of_parts.append(&mut chunk.sum_of_parts);
        self.excluded.append(&mut chunk.excluded);
        self.stages.append(&mut chunk.stages);
        self.ratings.append(&mut chunk.ratings);
        self.persona.append(&mut chunk.persona);
        self.entry_start.extend(chunk.entry_start.iter().skip(1).map(|start| start + offset));
        self.entries.append(&mut chunk.entries);
        self.drops.append(&mut chunk.drops);
        self.component_drops.append(&mut chunk.component_drops);
        self.rises.append(&mut chunk.rises);
        self.failed |= chunk.failed;
        for (sum, part) in self.rules.iter_mut().zip(&chunk.rules) {
            sum.fired += part.fired;
            sum.leads += part.leads;
            sum.points = sum.points.saturating_add(part.points);
        }
    }

    fn empty(model: &ScoringModel) -> Self {
        let rules = vec![RuleStats::default(); model.rules.len()];
        Self { width: model.components.len(), entry_start: vec![0], rules, ..Self::default() }
    }
}

/// Scores every lead under every model, as of an instant (microseconds since 1970).
///
/// A model's own `as_of` is the caller's to honor: several models run on one clock.
pub fn leads(models: &[ScoringModel], facts: &Facts, as_of_micros: i64) -> Scored {
    let compiled: Vec<_> = models.iter().map(|m| Compiled::new(m, facts, as_of_micros)).collect();
    let persons = facts.person_count() as u32;
    let mut scored =
        Scored { models: models.iter().map(ModelScores::empty).collect(), ..Scored::default() };
    let score = |from: u32| -> Vec<Vec<ModelScores>> {
        let chunks = (from..persons.min(from.saturating_add(WAVE))).step_by(CHUNK as usize);
        let chunks: Vec<_> =
            chunks.map(|start| start..persons.min(start.saturating_add(CHUNK))).collect();
        let run = |persons: Range<u32>| {
            compiled.iter().map(|compiled| Chunk::new(compiled).run(persons.clone())).collect()
        };
        chunks.into_par_iter().map(run).collect()
    };
    // One wave is joined while the next is scored: the whole is never there twice.
    let mut ready = Vec::new();
    let mut from = 0;
    while from < persons || !ready.is_empty() {
        let (_, next) = rayon::join(
            || scored.append(std::mem::take(&mut ready), persons as usize),
            || score(from.min(persons)),
        );
        ready = next;
        from = from.saturating_add(WAVE);
    }
    let at = &facts.events.at;
    scored.future_events = at.iter().filter(|&&at| at > as_of_micros).count() as u64;
    scored.undated_events = at.iter().filter(|&&at| at == i64::MIN).count() as u64;
    scored
}

/// The values of one part of a lead.
struct Part {
    record: RecordId,
    values: Vec<i64>,
}

/// Works through a run of persons.
struct Chunk<'a> {
    compiled: &'a Compiled<'a>,
    scratch: Scratch,
    out: ModelScores,
    events: Vec<u32>,
    /// Events of all parts, by record.
    part_events: Vec<u32>,
    /// The parts of the lead at hand that may be scored.
    parts: Vec<Part>,
    best: usize,
    best_lines: Vec<Entry>,
    /// Per component but the primary: its best part, and the lines of that part.
    best_of: Vec<(usize, Vec<Entry>)>,
    /// Rules that fired for the lead at hand.
    fired: Vec<u16>,
}

impl<'a> Chunk<'a> {
    fn new(compiled: &'a Compiled<'a>) -> Self {
        Self {
            compiled,
            scratch: Scratch::new(compiled),
            out: ModelScores::empty(compiled.model),
            events: Vec::new(),
            part_events: Vec::new(),
            parts: Vec::new(),
            best: 0,
            best_lines: Vec::new(),
            best_of: vec![(0, Vec::new()); compiled.model.components.len()],
            fired: Vec::new(),
        }
    }

    fn run(mut self, persons: Range<u32>) -> ModelScores {
        for person in persons {
            let members = self.compiled.facts.members_of(person);
            match self.exclusion(Subject::Person(person), members) {
                Some(reason) => self.write_excluded(reason),
                None => self.score_person(person, members),
            }
        }
        self.out
    }

    /// The fact that excludes a lead or part.
    fn exclusion(&self, subject: Subject, members: &[RecordId]) -> Option<(Fact, RecordId)> {
        let node = self.compiled.exclude.as_ref()?;
        let over = self.compiled.model.exclude.as_ref()?.over;
        let view = View { subject, members, last_active: None, values: &[] };
        let (truth, subject) = self.compiled.truth(node, over, &view);
        (truth == Truth::True).then(|| {
            let fact = self.compiled.witness(node, Truth::True, subject, &view);
            fact.unwrap_or((Fact::None, NO_RECORD))
        })
    }

    fn write_excluded(&mut self, reason: (Fact, RecordId)) {
        let out = &mut self.out;
        out.values.extend(std::iter::repeat_n(0, self.compiled.model.components.len()));
        for column in [
            &mut out.raw,
            &mut out.recomputed,
            &mut out.score,
            &mut out.best_part,
            &mut out.sum_of_parts,
        ] {
            column.push(0);
        }
        out.band.push(NO_BAND);
        out.best_part_band.push(NO_BAND);
        out.best_record.push(NO_RECORD);
        out.excluded.push(Some(reason));
        out.stages.push(0);
        out.ratings
            .extend(std::iter::repeat_n((u8::MAX, u8::MAX), self.compiled.model.matrices.len()));
        out.persona.push(None);
        out.entry_start.push(out.entries.len() as u64);
    }

    fn score_person(&mut self, person: u32, members: &[RecordId]) {
        self.parts.clear();
        self.best = 0;
        if members.len() > 1 {
            self.score_parts(person, members);
        }
        self.events.clear();
        let (columns, as_of) = (&self.compiled.facts.events, self.compiled.as_of);
        let counts = |&e: &u32| columns.in_union[e as usize] && columns.at[e as usize] <= as_of;
        self.events.extend(self.compiled.facts.events_of(person).filter(counts));
        let subject = Subject::Person(person);
        let last_active = apply(self.compiled, subject, members, &self.events, &mut self.scratch);
        if self.compiled.model.merge.on_merge != OnMerge::Recompute && self.parts.len() > 1 {
            self.merge_parts(person, members);
        }
        self.count_rules();
        self.finish_person(person, members, last_active);
    }

    /// Scores each record alone, on its own values and events.
    fn score_parts(&mut self, person: u32, members: &[RecordId]) {
        let (columns, as_of) = (&self.compiled.facts.events, self.compiled.as_of);
        let counts = |&e: &u32| columns.in_part[e as usize] && columns.at[e as usize] <= as_of;
        self.part_events.clear();
        self.part_events.extend(self.compiled.facts.events_of(person).filter(counts));
        // Indices are in time order: the sort keeps that within each record.
        self.part_events.sort_unstable_by_key(|&e| (columns.record[e as usize], e));
        for &record in members {
            let subject = Subject::Record(record);
            if self.exclusion(subject, &[record]).is_some() {
                continue;
            }
            let start = self.part_events.partition_point(|&e| columns.record[e as usize] < record);
            let end = self.part_events.partition_point(|&e| columns.record[e as usize] <= record);
            apply(
                self.compiled,
                subject,
                &[record],
                &self.part_events[start..end],
                &mut self.scratch,
            );
            self.note_best_components();
            let primary = self.compiled.model.primary;
            let value = self.scratch.values[primary];
            if self.parts.get(self.best).is_none_or(|best| value > best.values[primary]) {
                self.best = self.parts.len();
                std::mem::swap(&mut self.best_lines, &mut self.scratch.lines);
            }
            self.parts.push(Part { record, values: self.scratch.values.clone() });
        }
    }

    /// Keeps the lines of the part at hand for the components that no earlier part has more of.
    fn note_best_components(&mut self) {
        let model = self.compiled.model;
        if model.merge.never_weaker == NeverWeaker::Off {
            return;
        }
        for (component, (best, lines)) in self.best_of.iter_mut().enumerate() {
            let value = self.scratch.values[component];
            let better = self.parts.get(*best).is_none_or(|part| value > part.values[component]);
            if component != model.primary && (self.parts.is_empty() || better) {
                *best = self.parts.len();
                lines.clone_from(&self.scratch.lines);
            }
        }
    }

    /// Components other than the score that are worth less than in some part.
    fn write_component_drops(&mut self, view: &View<'_>, person: u32) {
        let model = self.compiled.model;
        if self.parts.is_empty()
            || model.merge.never_weaker == NeverWeaker::Off
            || model.merge.on_merge != OnMerge::Recompute
        {
            return;
        }
        for (component, (best, lines)) in self.best_of.iter().enumerate() {
            let part = &self.parts[*best];
            let (best_part, recomputed) = (part.values[component], self.scratch.values[component]);
            if component == model.primary || recomputed >= best_part {
                continue;
            }
            let counted = |rule| self.scratch.counted(rule).len() as u32;
            let (compiled, union) = (self.compiled, &self.scratch.lines);
            let causes = drops::explain(compiled, component, lines, union, view, counted);
            let (component, best_record) = (component as u16, part.record);
            let drop = Drop { person, component, best_record, best_part, recomputed, causes };
            self.out.component_drops.push(drop);
        }
    }

    fn count_rules(&mut self) {
        self.fired.clear();
        for line in &self.scratch.lines {
            let Source::Rule(rule) = line.source else { continue };
            let stats = &mut self.out.rules[rule as usize];
            stats.fired += match line.fact {
                Fact::Events { count, .. } => u64::from(count),
                _ => 1,
            };
            stats.points = stats.points.saturating_add(line.points);
            // The lines of a rule stand together.
            if self.fired.last() != Some(&rule) {
                stats.leads += 1;
                self.fired.push(rule);
            }
        }
    }

    /// What CRMs do instead of recomputing: replaces the lines by one per part that counts.
    fn merge_parts(&mut self, person: u32, members: &[RecordId]) {
        let model = self.compiled.model;
        let survivor =
            self.compiled.facts.survivor.get(person as usize).or(members.first()).copied();
        self.scratch.lines.clear();
        for (index, component) in model.components.iter().enumerate() {
            let rule = match (&component.kind, model.merge.on_merge) {
                // Letters cannot be added.
                (ComponentKind::Ladder { .. }, OnMerge::Sum) => OnMerge::Max,
                (_, rule) => rule,
            };
            let most = self.parts.iter().map(|part| part.values[index]).max();
            let mut value = 0_i64;
            for part in &self.parts {
                let points = part.values[index];
                let counts = match rule {
                    OnMerge::Survivor => Some(part.record) == survivor,
                    OnMerge::Max => Some(points) == most,
                    OnMerge::Sum | OnMerge::Recompute => true,
                };
                if counts {
                    value = value.saturating_add(points);
                    let component = index as u16;
                    let (source, fact, record) = (Source::Merged, Fact::None, part.record);
                    self.scratch.lines.push(Entry { component, source, fact, record, points });
                    if rule != OnMerge::Sum {
                        break;
                    }
                }
            }
            self.scratch.values[index] = value;
            self.scratch.raw[index] = value;
        }
    }

    fn finish_person(&mut self, person: u32, members: &[RecordId], last_active: Option<i64>) {
        let model = self.compiled.model;
        let primary = model.primary;
        let recomputed = self.scratch.values[primary];
        let best = self.parts.get(self.best);
        let best_part = best.map_or(recomputed, |part| part.values[primary]);
        let best_record =
            best.map_or_else(|| members.first().copied().unwrap_or(NO_RECORD), |part| part.record);
        let sum = match self.parts.is_empty() {
            true => recomputed,
            false => {
                self.parts.iter().fold(0, |sum: i64, part| sum.saturating_add(part.values[primary]))
            }
        };
        let view = View { subject: Subject::Person(person), members, last_active, values: &[] };
        self.write_component_drops(&view, person);
        if recomputed < best_part && model.merge.never_weaker != NeverWeaker::Off {
            self.write_drop(person, members, last_active, best_record, best_part, recomputed);
            if model.merge.never_weaker == NeverWeaker::Floor {
                self.scratch.values[primary] = best_part;
                let points = best_part.saturating_sub(recomputed);
                let (component, source, fact) = (primary as u16, Source::Floor, Fact::None);
                self.scratch.lines.push(Entry {
                    component,
                    source,
                    fact,
                    record: best_record,
                    points,
                });
            }
            self.out.failed |= model.merge.never_weaker == NeverWeaker::Fail;
        }
        if recomputed > best_part && model.merge.on_merge == OnMerge::Recompute {
            self.write_rise(person, members, last_active);
        }
        let score = self.scratch.values[primary];
        let band =
            |value| find_band(&model.bands, primary, value).map_or(NO_BAND, |band| band as u16);
        let out = &mut self.out;
        out.raw.push(self.scratch.raw[primary]);
        out.recomputed.push(recomputed);
        out.score.push(score);
        out.band.push(band(score));
        out.best_part.push(best_part);
        out.best_record.push(best_record);
        out.best_part_band.push(band(best_part));
        out.sum_of_parts.push(sum);
        out.excluded.push(None);
        out.persona.push(self.scratch.persona);
        let values = &self.scratch.values;
        out.ratings
            .extend(model.matrices.iter().map(|m| m.rate(values[m.letter], values[m.number])));
        let view = View { subject: Subject::Person(person), members, last_active, values };
        let holds =
            |node| self.compiled.truth(node, super::model::Over::Survivor, &view).0 == Truth::True;
        let stages = self.compiled.stages.iter().enumerate().filter(|(_, node)| holds(node));
        out.stages.push(stages.fold(0, |bits, (i, _)| bits | 1 << i));
        out.values.extend_from_slice(values);
        out.entries.extend_from_slice(&self.scratch.lines);
        out.entry_start.push(out.entries.len() as u64);
    }

    fn write_rise(&mut self, person: u32, members: &[RecordId], last_active: Option<i64>) {
        let view = View { subject: Subject::Person(person), members, last_active, values: &[] };
        let counted = |rule| self.scratch.counted(rule).len() as u32;
        let (primary, part) = (self.compiled.model.primary, &self.best_lines);
        let union = &self.scratch.lines;
        let mut causes = drops::explain(self.compiled, primary, part, union, &view, counted);
        // Rounding follows from the others.
        causes.retain(|cause| cause.entry.source != Source::Rounding);
        causes.sort_by_key(|cause| std::cmp::Reverse(cause.entry.points.unsigned_abs()));
        causes.truncate(drops::TOLD);
        self.out.rises.push(Rise { person, causes });
    }

    fn write_drop(
        &mut self,
        person: u32,
        members: &[RecordId],
        last_active: Option<i64>,
        best_record: RecordId,
        best_part: i64,
        recomputed: i64,
    ) {
        let view = View { subject: Subject::Person(person), members, last_active, values: &[] };
        let causes = if self.compiled.model.merge.on_merge == OnMerge::Recompute {
            let counted = |rule| self.scratch.counted(rule).len() as u32;
            let (part, union) = (&self.best_lines, &self.scratch.lines);
            drops::explain(self.compiled, self.compiled.model.primary, part, union, &view, counted)
        } else {
            // The policy itself is the cause: it did not look at the facts.
            let points = recomputed.saturating_sub(best_part);
            let component = self.compiled.model.primary as u16;
            let (source, fact) = (Source::Merged, Fact::None);
            let entry = Entry { component, source, fact, record: best_record, points };
            vec![Cause { entry, why: Why::GivesLess }]
        };
        let component = self.compiled.model.primary as u16;
        let drop = Drop { person, component, best_record, best_part, recomputed, causes };
        self.out.drops.push(drop);
    }
}
