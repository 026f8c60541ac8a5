//! What each part of the matching model is worth: takes out one at a time and scores the rest.
//!
//! ```text
//! cargo run --release --example ablation -- leads.csv=truth.csv people.csv ...
//! ```
//!
//! A set is `LEADS.csv=TRUTH.csv` (the first two columns of the truth are record id and person), or a
//! file with a `true_cluster` column, which is taken out before anything else reads it. The truth is
//! only looked at when a finished result is scored. Prints a Markdown table: pairwise F1, with
//! precision and recall behind it.

use anyhow::{Context, Result, bail};
use leadmend::blocking::{self, Candidates};
use leadmend::cluster::Clusters;
use leadmend::cluster::resolve::{Constraints, resolve};
use leadmend::compare::level::{ComparisonSpec, LevelRule, LevelSpec, at, email};
use leadmend::compare::{self, feature::Entity};
use leadmend::config::Config;
use leadmend::evaluate::{Quality, evaluate};
use leadmend::matching::decide::{Decider, Decision, Verdict};
use leadmend::matching::em;
use leadmend::matching::evidence::Evidence;
use leadmend::matching::model::MatchingModel;
use leadmend::normalize::record::Records;
use leadmend::pipeline::{self, Job};
use leadmend::record::Table;
use leadmend::source::Source;
use std::path::Path;

mod sets;

/// Prior strength that no data moves, and one that any data moves.
const FIXED: f64 = 1e12;
const WEIGHTLESS: f64 = 1e-6;
/// Strength of the related prior of comparisons that are no anchor.
const ORDINARY_RELATED: f64 = 1_000.0;

/// What is taken out.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    Nothing,
    ThirdClass,
    PriorStrength,
    Anchor,
    Learning,
    EmailContradiction,
    NameDictionaries,
    NameFrequency,
    Guard,
    Namesakes,
}

const PARTS: [(Part, &str); 10] = [
    (Part::Nothing, "(all parts)"),
    (Part::ThirdClass, "third class"),
    (Part::PriorStrength, "strength of the same-person prior"),
    (Part::Anchor, "strong anchor of related"),
    (Part::Learning, "learning of m and r"),
    (Part::EmailContradiction, "e-mail contradiction rule"),
    (Part::NameDictionaries, "u of names from dictionaries"),
    (Part::NameFrequency, "name frequency"),
    (Part::Guard, "cluster guard"),
    (Part::Namesakes, "namesakes in one firm"),
];

/// A file to match, read and blocked once.
struct Set {
    name: String,
    table: Table,
    records: Records,
    candidates: Candidates,
    patterns: Vec<u64>,
    evidence: Evidence,
    truth: Vec<(String, String)>,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.is_empty() {
        bail!("give sets: LEADS.csv=TRUTH.csv, or a file with a true_cluster column");
    }
    let mut rows: Vec<String> = PARTS.iter().map(|(_, label)| format!("| {label} |")).collect();
    let mut header = String::from("| without |");
    for argument in &arguments {
        let set = load(argument).with_context(|| format!("set {argument}"))?;
        header.push_str(&format!(" {} |", set.name));
        for (row, &(part, _)) in rows.iter_mut().zip(&PARTS) {
            let q = score(&set, &persons(&set, part));
            let cell = format!(" {:.3} ({:.3} / {:.3}) |", q.f1, q.precision, q.recall);
            eprintln!("{} without {part:?}:{cell}", set.name);
            row.push_str(&cell);
        }
    }
    println!("{header}\n|---|{}\n{}", "---|".repeat(arguments.len()), rows.join("\n"));
    Ok(())
}

fn load(argument: &str) -> Result<Set> {
    let files = sets::find(argument)?;
    let (table, _, records) =
        pipeline::read(&Job { inputs: vec![Source::new(files.read.clone())], ..Job::default() })?;
    let f = &records.features;
    let candidates = blocking::candidates(f);
    let patterns = compare::patterns(f, &candidates.pairs);
    let evidence = Evidence::gather(f, &candidates, &patterns);
    let leads = Path::new(argument.split('=').next().unwrap_or_default());
    let folder = leads.parent().and_then(Path::file_name).unwrap_or_default();
    let stem = leads.file_stem().unwrap_or_default();
    let name = format!("{}/{}", folder.to_string_lossy(), stem.to_string_lossy());
    Ok(Set { name, table, records, candidates, patterns, evidence, truth: files.truth })
}

fn score(set: &Set, clusters: &Clusters) -> Quality {
    let person: Vec<String> = clusters.person_of.iter().map(ToString::to_string).collect();
    let result = set.table.records().map(|r| (set.table.id.get(r), person[r.index()].as_str()));
    let truth = set.truth.iter().map(|(record, person)| (record.as_str(), person.as_str()));
    evaluate(result, truth).pairwise
}

/// Matches a set with one part taken out.
fn persons(set: &Set, without: Part) -> Clusters {
    let f = &set.records.features;
    if without == Part::Nothing {
        // The product itself, so that every other row is held against what users get.
        let none = Constraints::default();
        return pipeline::match_pairs(f, set.candidates.clone(), none, None, &Config::default())
            .clusters;
    }
    let mut specs = compare::specs(f);
    weaken(&mut specs, without, f.entity);
    let mut prior = MatchingModel::prior(f, &specs);
    if without == Part::Namesakes {
        prior.namesakes = None;
    }
    let agreement = (prior.given_agreement_prob, prior.family_agreement_prob);
    if without == Part::NameDictionaries {
        (prior.given_agreement_prob, prior.family_agreement_prob) = (0.0, 0.0);
    }
    let mut model = em::fit_from(prior, &specs, &set.evidence);
    if without == Part::ThirdClass {
        // Related pairs shall look as unrelated ones do look in this file, not as is usual.
        for _ in 0..2 {
            copy_unrelated(&mut specs, &model);
            model = em::fit(f, &specs, &set.evidence);
        }
    }
    (model.given_agreement_prob, model.family_agreement_prob) = agreement;
    let mut decider = Decider::new(f, &model);
    if without == Part::NameFrequency {
        decider.frequencies = decider.frequencies.without_names();
    }
    let decisions = decider.decide_all(&set.candidates.pairs, &set.patterns);
    if without == Part::Guard {
        return components(f.len(), &decisions);
    }
    resolve(&decider, &decisions, &Constraints::default())
}

/// Changes the priors so that a part of the model has no say.
fn weaken(specs: &mut [ComparisonSpec], without: Part, entity: Entity) {
    match without {
        Part::ThirdClass => {
            for spec in specs {
                spec.related_strength = FIXED;
                spec.levels.iter_mut().for_each(|l| l.related = l.unrelated);
            }
        }
        Part::PriorStrength => specs.iter_mut().for_each(|s| s.same_strength = WEIGHTLESS),
        Part::Anchor => {
            specs[at::NAME].related_strength = ORDINARY_RELATED;
            if entity == Entity::Organization {
                specs[at::PLACE].related_strength = ORDINARY_RELATED;
            }
        }
        Part::Learning => {
            for spec in specs {
                (spec.same_strength, spec.related_strength) = (FIXED, FIXED);
            }
        }
        Part::EmailContradiction => {
            let levels = &mut specs[at::EMAIL].levels;
            let neighbor = levels[usize::from(email::TWO_WORK) - 1].clone();
            for level in [email::COLLEAGUE, email::OTHER_DIGITS] {
                let slot = &mut levels[usize::from(level) - 1];
                let (label, unrelated) = (slot.label, slot.unrelated);
                *slot = LevelSpec { label, unrelated, rule: LevelRule::Free, ..neighbor.clone() };
            }
        }
        Part::Nothing
        | Part::NameDictionaries
        | Part::NameFrequency
        | Part::Guard
        | Part::Namesakes => {}
    }
}

/// Makes the fitted shares of unrelated pairs the fixed ones of related pairs.
fn copy_unrelated(specs: &mut [ComparisonSpec], model: &MatchingModel) {
    for (spec, fitted) in specs.iter_mut().zip(&model.comparisons) {
        for (level, fitted) in spec.levels.iter_mut().zip(&fitted.levels) {
            level.related = fitted.unrelated_prob;
        }
    }
}

/// Connected components of the merge links: what is left of clustering without its guard.
fn components(count: usize, decisions: &[Decision]) -> Clusters {
    let mut parent: Vec<u32> = (0..count as u32).collect();
    fn root(parent: &mut [u32], mut record: u32) -> u32 {
        while parent[record as usize] != record {
            let next = parent[parent[record as usize] as usize];
            parent[record as usize] = next;
            record = next;
        }
        record
    }
    for decision in decisions.iter().filter(|d| d.verdict == Verdict::Merge) {
        let (a, b) = (root(&mut parent, decision.pair.a), root(&mut parent, decision.pair.b));
        parent[a.max(b) as usize] = a.min(b);
    }
    let labels: Vec<u32> = (0..count as u32).map(|r| root(&mut parent, r)).collect();
    Clusters::from_labels(&labels)
}
