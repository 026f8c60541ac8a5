//! How people were found: records per person, how sure the links are, what was compared.

use super::shown::{percent, probability};
use super::svg::{Bins, Mark, Scale, Series, bars, histogram};
use super::view::{Block, Chart, Section, Table, text};
use crate::matching::decide::Verdict;
use crate::pipeline::Outcome;
use crate::report::summary::{count, group};
use std::collections::BTreeMap;

/// Sizes that are drawn; larger ones are put together.
const SIZES: usize = 8;
/// Weights beyond are put together: nothing changes out there.
const FURTHEST: f64 = 30.0;
/// Width of a bin of weights.
const STEP: f64 = 2.0;

/// The section.
pub(super) fn section(outcome: &Outcome) -> Section {
    let wrong = outcome.digest().expected_wrong;
    let links = outcome.digest().links;
    let mut blocks = Vec::new();
    if links > 0 {
        blocks.push(text(format!(
            "{} these people together. By their calibrated probabilities about {} of them may join two \
             people.",
            count(links, "link holds", "links hold"),
            decimal(wrong)
        )));
    }
    blocks.push(Block::Chart(sizes(outcome)));
    if !outcome.matched.decisions.is_empty() {
        blocks.push(Block::Chart(weights(outcome)));
    }
    blocks.extend(blocking(outcome));
    Section::new("matching", "How people were found", blocks)
}

/// A number that may be small: two decimals below ten.
fn decimal(number: f64) -> String {
    match number {
        n if n < 0.005 => "0".into(),
        n if n < 10.0 => format!("{n:.2}"),
        n => group(n.round() as usize),
    }
}

fn sizes(outcome: &Outcome) -> Chart {
    let clusters = &outcome.matched.clusters;
    let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
    for person in 0..clusters.len() as u32 {
        *sizes.entry(clusters.members(person).len()).or_default() += 1;
    }
    let mut table = Table::new("People by number of records", &["#Records", "#People", "#Share"]);
    for (&size, &people) in &sizes {
        table.row(vec![size.into(), people.into(), percent(people, clusters.len()).into()]);
    }
    table.cut(60, "report.json");
    let mut rows: Vec<(String, usize)> = sizes
        .range(..=SIZES)
        .map(|(&size, &people)| (count(size, "record", "records"), people))
        .collect();
    let more: usize = sizes.range(SIZES + 1..).map(|(_, people)| people).sum();
    if more > 0 {
        rows.push((format!("{} and more", SIZES + 1), more));
    }
    let (title, about) =
        ("Records per person", "How many people have one, two, three or more records.");
    let svg = bars("sizes", title, about, &rows);
    Chart { title: title.into(), about: about.into(), svg, table }
}

/// The weights of the pairs that are not plainly distinct, with the thresholds.
fn weights(outcome: &Outcome) -> Chart {
    let model = &outcome.matched.model;
    let person = |record: u32| outcome.matched.clusters.person_of[record as usize];
    let odds = |prob: f64| (prob / (1.0 - prob)).ln();
    let (merge, review) = (odds(model.merge_at), odds(model.review_at));
    let bin = |weight: f64| (weight.clamp(-FURTHEST, FURTHEST - 0.01) / STEP).floor() as i64;
    // Per bin: joined, kept apart although the pair alone would merge, review, related.
    let mut bins: BTreeMap<i64, [usize; 4]> = BTreeMap::new();
    for d in &outcome.matched.decisions {
        let kind = match d.verdict {
            Verdict::Merge if person(d.pair.a) == person(d.pair.b) => 0,
            Verdict::Merge => 1,
            Verdict::Review => 2,
            Verdict::Related | Verdict::Distinct => 3,
        };
        bins.entry(bin(d.log_odds)).or_default()[kind] += 1;
    }
    let first = bins.keys().next().copied().unwrap_or(0);
    let last = bins.keys().next_back().copied().unwrap_or(0);
    let mut table = Table::new(
        "Pairs by weight",
        &["#Weight from", "#Probability from", "#Merged", "#Kept apart", "#To decide", "#Related"],
    );
    let (mut counts, mut classes) = (Vec::new(), Vec::new());
    for bin in first..=last {
        let of = bins.get(&bin).copied().unwrap_or_default();
        let from = bin as f64 * STEP;
        counts.push(of.iter().sum());
        // The color of a bin is that of most of its pairs.
        let most = (0..4).rev().max_by_key(|&kind| of[kind]).unwrap_or(0);
        classes.push(["c2", "c3", "c3", "c0"][most]);
        let mut cells =
            vec![format!("{from}").into(), probability(model.calibration.prob(from)).into()];
        cells.extend(of.map(super::view::Cell::from));
        table.row(cells);
    }
    let title = "How sure the pairs are";
    let about = "Compared pairs by weight of evidence (natural log-odds of being one person); the \
                 height is logarithmic. Green pairs were merged, orange ones wait or were kept \
                 apart, gray ones are related or different people.";
    let series = vec![Series { name: "pairs", class: "c0", counts, classes }];
    let picture = Bins { from: first as f64 * STEP, step: STEP, series };
    let mark = |at, name: &str| Mark { at, name: name.into() };
    let marks = [mark(review, "review"), mark(merge, "merge")];
    let svg =
        histogram("weights", (title, about), &picture, &marks, Scale::Log, "weight (log-odds)");
    Chart { title: title.into(), about: about.into(), svg, table }
}

fn blocking(outcome: &Outcome) -> Vec<Block> {
    let candidates = &outcome.matched.candidates;
    let mut passes: Vec<_> = candidates.report.iter().filter(|p| p.pairs > 0).collect();
    // Stable: equal ones stay in the order of the passes.
    passes.sort_by_key(|p| std::cmp::Reverse(p.pairs));
    if passes.is_empty() {
        return vec![text("No two records have anything in common that is worth comparing.")];
    }
    let mut table = Table::new(
        "Passes that found pairs to compare",
        &[
            "Records that share",
            "#Pairs",
            "#Only here",
            "#Blocks",
            "#Largest block",
            "#Divided",
            "#Cut",
        ],
    );
    for p in &passes {
        table.row(vec![
            p.pass.into(),
            p.pairs.into(),
            p.only_here.into(),
            p.blocks.into(),
            (p.largest_block as usize).into(),
            p.refined_blocks.into(),
            p.cut_blocks.into(),
        ]);
    }
    let rows: Vec<(String, usize)> =
        passes.iter().map(|p| (p.pass.to_string(), p.pairs as usize)).collect();
    let missed = outcome.digest().missed;
    let all = outcome.table.len() * outcome.table.len().saturating_sub(1) / 2;
    let said = format!(
        "{} were compared, {} of all that are possible. By how often the passes agree, about {} of \
         one person were missed.",
        count(outcome.matched.compared, "pair", "pairs"),
        percent(outcome.matched.compared, all),
        match decimal(missed).as_str() {
            "0" => "no pairs".to_string(),
            "1" | "1.00" => "1 pair".to_string(),
            number => format!("{number} pairs"),
        }
    );
    let (title, about) = (
        "What was compared",
        "Pairs of records by what made them worth comparing; a pair may be found by several passes.",
    );
    let svg = bars("passes", title, about, &rows);
    vec![text(said), Block::Chart(Chart { title: title.into(), about: about.into(), svg, table })]
}
