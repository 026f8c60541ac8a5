//! Point 5: the ledger adds up, and every score is what the model gives for the union of facts.
//!
//! First by arithmetic on the files alone, then by the scoring engine on facts gathered anew. Every
//! number of `scores.csv`, every line of `ledger.csv` and `drops.csv` and the score in `leads.csv`
//! must be the recomputed one, to the thousandth.

use super::Findings;
use super::certificate::Run;
use super::consent::Consent;
use super::fact::Gathered;
use super::history::History;
use super::input::Evidence;
use super::people::People;
use super::sheet::{Sheet, points};
use crate::score::band::show_value;
use crate::score::facts::Facts;
use crate::score::ledger::{Fact, NO_RECORD};
use crate::score::model::{self, ComponentKind, ScoringModel};
use crate::score::quantity::format_points;
use crate::score::{ModelScores, NO_BAND};
use crate::source::fingerprint::sha256_hex;
use std::collections::BTreeMap;
use std::path::Path;

const SCORES: &str = "scores.csv";
const LEDGER: &str = "ledger.csv";
const DROPS: &str = "drops.csv";
/// Ways to read a lead's fields that are tried before a score is refused.
const WAYS: usize = 64;

/// Something that is wrong with one person's scores: file and what.
type Fault = (String, String);

/// Checks all scores; how many there are.
pub(super) fn check(
    folder: &Path,
    run: &Run,
    evidence: &Evidence,
    people: &People,
    history: &History,
    consent: &Consent,
    findings: &mut Findings,
) -> usize {
    let Some(models) = models(run, findings) else { return 0 };
    if models.is_empty() {
        return 0;
    }
    let needed = [
        "person_id",
        "surviving_id",
        "records",
        "model",
        "score",
        "band",
        "action",
        "best_part",
        "best_part_band",
        "sum_of_parts",
        "change",
        "reason",
    ];
    let of_ledger = ["person_id", "model", "component", "rule", "fact", "record_id", "points"];
    let of_drops = ["person_id", "surviving_id", "model", "score", "best_part", "cause", "rule"];
    let scores = Sheet::read(folder, SCORES, b',', &needed, findings);
    let ledger = Sheet::read(folder, LEDGER, b',', &of_ledger, findings);
    let drops = Sheet::read(folder, DROPS, b',', &of_drops, findings);
    let (Some(scores), Some(ledger), Some(drops)) = (scores, ledger, drops) else { return 0 };
    let files = Files {
        score_row: index(&scores, people, &models, findings),
        ledger_rows: rows_of(&ledger, people, &models, findings),
        drop_rows: rows_of(&drops, people, &models, findings),
        scores,
        ledger,
        drops,
    };
    check_sums(&files, people, &models, findings);
    let as_of = run.as_of.parse::<jiff::Timestamp>().map(|t| t.as_microsecond());
    let Ok(as_of) = as_of else {
        findings.refuse(0, super::certificate::FILE, "", "as_of is no instant");
        return 0;
    };
    let mut names: Vec<&str> = models.iter().flat_map(ScoringModel::needed_fields).collect();
    names.sort_unstable();
    names.dedup();
    let gathered = Gathered::new(evidence, people, history, consent, &names);
    recompute(&files, evidence, people, &gathered, &models, as_of, findings);
    people.len() * models.len()
}

/// The models as the run had them.
fn models(run: &Run, findings: &mut Findings) -> Option<Vec<ScoringModel>> {
    let mut models = Vec::new();
    for kept in &run.models {
        let parsed = model::parse(&kept.text, &format!("{}.toml", kept.name));
        match parsed {
            Ok(model) if sha256_hex(kept.text.as_bytes()) == kept.sha256 => {
                models.push(ScoringModel { name: kept.name.clone(), ..model });
            }
            _ => {
                let what = format!("the text of model {} is not what was used", kept.name);
                findings.refuse(5, super::certificate::FILE, "", what);
                return None;
            }
        }
    }
    Some(models)
}

struct Files {
    scores: Sheet,
    ledger: Sheet,
    drops: Sheet,
    /// Per person and model.
    score_row: BTreeMap<(u32, usize), usize>,
    ledger_rows: BTreeMap<(u32, usize), Vec<usize>>,
    drop_rows: BTreeMap<(u32, usize), Vec<usize>>,
}

fn key(
    sheet: &Sheet,
    row: usize,
    people: &People,
    models: &[ScoringModel],
    findings: &mut Findings,
) -> Option<(u32, usize)> {
    let person = people.number.get(sheet.cell(row, "person_id"));
    let model = models.iter().position(|m| m.name == sheet.cell(row, "model"));
    if person.is_none() || model.is_none() {
        let what = "names a person or model that the run does not have";
        findings.refuse(5, &sheet.file, format!("line {}", row + 2), what);
    }
    Some((*person?, model?))
}

fn rows_of(
    sheet: &Sheet,
    people: &People,
    models: &[ScoringModel],
    findings: &mut Findings,
) -> BTreeMap<(u32, usize), Vec<usize>> {
    let mut rows: BTreeMap<(u32, usize), Vec<usize>> = BTreeMap::new();
    for row in 0..sheet.len() {
        if let Some(key) = key(sheet, row, people, models, findings) {
            rows.entry(key).or_default().push(row);
        }
    }
    rows
}

fn index(
    scores: &Sheet,
    people: &People,
    models: &[ScoringModel],
    findings: &mut Findings,
) -> BTreeMap<(u32, usize), usize> {
    let mut place = BTreeMap::new();
    for (key, rows) in rows_of(scores, people, models, findings) {
        if rows.len() > 1 {
            let id = people.ids[key.0 as usize].clone();
            findings.refuse(5, SCORES, id, "has two rows of one model");
        }
        place.insert(key, rows[0]);
    }
    for person in 0..people.len() as u32 {
        if (0..models.len()).any(|m| !place.contains_key(&(person, m))) {
            findings.refuse(5, SCORES, people.ids[person as usize].clone(), "has no row");
        }
    }
    place
}

/// The arithmetic: lines add up to components, and the change is what it says.
fn check_sums(files: &Files, people: &People, models: &[ScoringModel], findings: &mut Findings) {
    for (&(person, m), &row) in &files.score_row {
        let id = &people.ids[person as usize];
        let cell = |c| files.scores.cell(row, c);
        let mut refuse = |file: &str, what: String| findings.refuse(5, file, id.as_str(), what);
        let (score, best) = (points(cell("score")), points(cell("best_part")));
        if let (Some(score), Some(best)) = (score, best)
            && points(cell("change")) != Some(score - best)
        {
            refuse(SCORES, "change is not score less best_part".into());
        }
        let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
        for &line in files.ledger_rows.get(&(person, m)).into_iter().flatten() {
            let of = sums.entry(files.ledger.cell(line, "component")).or_insert(0);
            match points(files.ledger.cell(line, "points")) {
                Some(points) => *of = of.saturating_add(points),
                None => refuse(LEDGER, format!("line {} has no points", line + 2)),
            }
        }
        for component in &models[m].components {
            let id = component.id.as_str();
            let said = points(files.scores.cell(row, &format!("component.{id}")));
            let sum = sums.remove(id).unwrap_or(0);
            let is_ladder = matches!(component.kind, ComponentKind::Ladder { .. });
            if let Some(said) = said.filter(|&said| !is_ladder && said != sum) {
                let (said, sum) = (format_points(said), format_points(sum));
                refuse(LEDGER, format!("component {id}: the lines give {sum}, scores.csv {said}"));
            }
        }
        if let Some(component) = sums.keys().next() {
            refuse(LEDGER, format!("component {component} is none of the model"));
        }
        let Some(primary) = models[m].components.get(models[m].primary) else { continue };
        let value = files.scores.cell(row, &format!("component.{}", primary.id));
        if points(value).is_some() && points(value) != score {
            refuse(SCORES, "the score is not its component's value".into());
        }
    }
}

fn recompute(
    files: &Files,
    evidence: &Evidence,
    people: &People,
    gathered: &Gathered,
    models: &[ScoringModel],
    as_of: i64,
    findings: &mut Findings,
) {
    let mut open: Vec<u32> = (0..people.len() as u32).collect();
    let mut first: BTreeMap<u32, Vec<Fault>> = BTreeMap::new();
    let mut way = 0;
    while !open.is_empty() && way < WAYS {
        let facts = gathered.facts(&open, way);
        let scored = crate::score::leads(models, &facts, as_of);
        let mut left = Vec::new();
        for (at, &person) in open.iter().enumerate() {
            let mut faults = Vec::new();
            for (m, (model, scores)) in models.iter().zip(&scored.models).enumerate() {
                let lead = Lead { person, at, m, model, scores, facts: &facts };
                lead.compare(files, evidence, people, gathered, &mut faults);
            }
            if faults.is_empty() {
                first.remove(&person);
                continue;
            }
            first.entry(person).or_insert(faults);
            if way + 1 < gathered.ways(person) {
                left.push(person);
            }
        }
        open = left;
        way += 1;
    }
    for (person, faults) in first {
        for (file, what) in faults {
            findings.refuse(5, &file, people.ids[person as usize].clone(), what);
        }
    }
}

/// A recomputed lead.
struct Lead<'a> {
    person: u32,
    /// Its place among the recomputed ones.
    at: usize,
    m: usize,
    model: &'a ScoringModel,
    scores: &'a ModelScores,
    facts: &'a Facts,
}

impl Lead<'_> {
    fn compare(
        &self,
        files: &Files,
        evidence: &Evidence,
        people: &People,
        gathered: &Gathered,
        faults: &mut Vec<Fault>,
    ) {
        let Some(&row) = files.score_row.get(&(self.person, self.m)) else { return };
        let (scores, at, model) = (self.scores, self.at, self.model);
        let is_excluded = scores.excluded[at].is_some();
        let shown = |points: i64| match is_excluded {
            true => String::new(),
            false => format_points(points),
        };
        let band = |b: u16| (b != NO_BAND).then(|| model.bands.get(b as usize)).flatten();
        let band_id = |b: u16| band(b).map_or(String::new(), |b| b.id.clone());
        let action = band(scores.band[at]).and_then(|b| b.action.clone()).unwrap_or_default();
        let best_band = if is_excluded { NO_BAND } else { scores.best_part_band[at] };
        let members = people.members[self.person as usize].len();
        let wanted = [
            ("surviving_id", evidence.label(people.survivor[self.person as usize])),
            ("records", members.to_string()),
            ("score", shown(scores.score[at])),
            ("band", band_id(scores.band[at])),
            ("action", action.clone()),
            ("best_part", shown(scores.best_part[at])),
            ("best_part_band", band_id(best_band)),
            ("sum_of_parts", shown(scores.sum_of_parts[at])),
            ("change", shown(scores.change_of(at))),
        ];
        for (column, wanted) in &wanted {
            let said = files.scores.cell(row, column);
            if said != wanted {
                let what = format!("{column} of model {} is {said}, not {wanted}", model.name);
                faults.push((SCORES.into(), what));
            }
        }
        for (c, component) in model.components.iter().enumerate() {
            let value = scores.values_of(at)[c];
            let wanted = match component.kind {
                _ if is_excluded => String::new(),
                ComponentKind::Ladder { .. } => show_value(component, value),
                _ => format_points(value),
            };
            let said = files.scores.cell(row, &format!("component.{}", component.id));
            if said != wanted {
                let what = format!("component.{} is {said}, not {wanted}", component.id);
                faults.push((SCORES.into(), what));
            }
        }
        if self.m == 0 {
            let wanted = [
                ("leadmend_score", shown(scores.score[at])),
                ("leadmend_band", band_id(scores.band[at])),
                ("leadmend_action", action),
            ];
            for (column, wanted) in wanted {
                if people.cell(self.person, column) != wanted {
                    faults.push((
                        people.leads.file.clone(),
                        format!("{column} is not what the model gives"),
                    ));
                }
            }
        }
        self.compare_ledger(files, evidence, people, gathered, faults);
        self.compare_drops(files, faults);
    }

    fn compare_ledger(
        &self,
        files: &Files,
        evidence: &Evidence,
        people: &People,
        gathered: &Gathered,
        faults: &mut Vec<Fault>,
    ) {
        let nothing = Vec::new();
        let rows = files.ledger_rows.get(&(self.person, self.m)).unwrap_or(&nothing);
        let entries = self.scores.ledger_of(self.at);
        if rows.len() != entries.len() {
            let what = format!("has {} lines and should have {}", rows.len(), entries.len());
            faults.push((LEDGER.into(), what));
            return;
        }
        for (&row, entry) in rows.iter().zip(entries) {
            let cell = |c| files.ledger.cell(row, c);
            let component = &self.model.components[entry.component as usize].id;
            let rule = entry.source.id(self.model, entry.component);
            let same = cell("component") == component
                && cell("rule") == rule
                && points(cell("points")) == Some(entry.points)
                && cell("fact") == entry.fact_text(self.facts);
            if !same {
                let what = format!("line {} is not what rule {rule} gives", row + 2);
                faults.push((LEDGER.into(), what));
                continue;
            }
            let wanted = match entry.record {
                NO_RECORD => String::new(),
                record => evidence.label(record),
            };
            // Of several records that say the same any may be named.
            let said = people.labels.get(cell("record_id")).copied();
            let may_stand = |r: crate::record::RecordId| {
                let own = people.person_of[r.index()] == self.person;
                let Fact::Value { field, value } = entry.fact else { return false };
                own && gathered.carries(field, value, r)
            };
            if cell("record_id") != wanted && !said.is_some_and(may_stand) {
                let what = format!("line {} names a record that does not say so", row + 2);
                faults.push((LEDGER.into(), what));
            }
        }
    }

    fn compare_drops(&self, files: &Files, faults: &mut Vec<Fault>) {
        let nothing = Vec::new();
        let rows = files.drop_rows.get(&(self.person, self.m)).unwrap_or(&nothing);
        let mut said: Vec<(String, String, Option<i64>)> = rows
            .iter()
            .map(|&row| {
                let cell = |c| files.drops.cell(row, c).to_string();
                (cell("cause"), cell("rule"), points(&cell("points")))
            })
            .collect();
        let all = self.scores.drops.iter().chain(&self.scores.component_drops);
        let mut wanted: Vec<(String, String, Option<i64>)> = all
            .filter(|drop| drop.person as usize == self.at)
            .flat_map(|drop| &drop.causes)
            .map(|cause| {
                let rule = cause.entry.source.id(self.model, cause.entry.component);
                (cause.why.as_str().to_string(), rule, Some(cause.entry.points))
            })
            .collect();
        said.sort();
        wanted.sort();
        if said != wanted {
            faults.push((DROPS.into(), "does not itemize what the merge cost the lead".into()));
        }
    }
}
