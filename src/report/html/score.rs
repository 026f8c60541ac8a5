//! Scores before and after: how they lie, who changes band, what wrong ways of scoring say, and who
//! is worth less than before.

use super::headline::{bands, name_of, primary, what_to_do};
use super::shown::{persons_of, shown};
use super::svg::{Bins, Flow, Mark, Scale, Series, flow, histogram};
use super::view::{Block, Chart, Section, Table, text};
use crate::pipeline::Outcome;
use crate::report::summary::count;
use crate::score::Why;
use crate::score::band::find_band;
use crate::score::model::{NeverWeaker, ScoringModel};
use crate::score::quantity::format_points;
use crate::score::{ModelScores, NO_BAND};
use std::collections::BTreeMap;

/// Times the fullest bin holds what the emptiest does, from which heights are logarithmic.
const UNEVEN: usize = 50;
/// Bins of the histogram at most.
const BINS: i128 = 20;
/// Places of the flow picture at most; beyond, its table says it better.
const PLACES: usize = 12;
/// Leads and causes that are listed.
const LISTED: usize = 15;

/// The section, when there is a score.
pub(super) fn section(outcome: &Outcome) -> Option<Section> {
    let (model, scores) = primary(outcome)?;
    let merged: Vec<usize> = (0..scores.len())
        .filter(|&p| scores.excluded[p].is_none())
        .filter(|&p| outcome.matched.clusters.members(p as u32).len() > 1)
        .collect();
    let mut blocks = Vec::new();
    if merged.is_empty() {
        blocks.push(text("Nobody has more than one record, so every score is what it was."));
    } else {
        let people = count(merged.len(), "person who has", "people who have");
        blocks.push(text(format!(
            "By the model {}. Shown: {people} several records; all other scores are what they were.",
            shown(&model.name)
        )));
        blocks.extend(distribution(model, scores, &merged).map(Block::Chart));
        blocks.push(moves(model, scores, &merged));
        blocks.push(Block::Table(wrong_ways(model, scores, &merged)));
        blocks.extend(drops(outcome, model, scores));
    }
    Some(Section::new("scores", "Scores before and after", blocks))
}

/// A width of bins that people count in, thousandths: 1, 2 or 5 times a power of ten.
fn step_of(range: i128) -> i128 {
    let mut step = 1_000;
    for factor in [2, 5, 2].into_iter().cycle() {
        if range / step < BINS {
            break;
        }
        step = match factor {
            5 => step / 2 * 5,
            factor => step * factor,
        };
    }
    step
}

fn distribution(model: &ScoringModel, scores: &ModelScores, merged: &[usize]) -> Option<Chart> {
    let values = || merged.iter().flat_map(|&p| [scores.best_part[p], scores.score[p]]);
    let (low, high) = (i128::from(values().min()?), i128::from(values().max()?));
    let step = step_of(high - low);
    let from = low.div_euclid(step) * step;
    let bins = usize::try_from((high - from) / step + 1).ok()?;
    let counts = |value: &dyn Fn(usize) -> i64| {
        let mut counts = vec![0usize; bins];
        for &p in merged {
            let bin = ((i128::from(value(p)) - from) / step).clamp(0, bins as i128 - 1);
            counts[bin as usize] += 1;
        }
        counts
    };
    let series = |name, class, counts| Series { name, class, counts, classes: Vec::new() };
    let before = counts(&|p| scores.best_part[p]);
    let after = counts(&|p| scores.score[p]);
    let mut table = Table::new("People per score", &["#Score from", "#Best record", "#One person"]);
    for i in 0..bins {
        let at = i64::try_from(from + step * i as i128).unwrap_or(i64::MAX);
        table.row(vec![format_points(at).into(), before[i].into(), after[i].into()]);
    }
    let bands = model.bands.iter().filter(|b| b.of == model.primary && b.min > i64::MIN);
    let marks: Vec<Mark> =
        bands.map(|b| Mark { at: b.min as f64 / 1000.0, name: shown(&b.id) }).collect();
    let title = "Scores of merged people";
    // The few at the top are what the page is about: they must be seen beside the many below.
    let filled = || before.iter().chain(&after).copied().filter(|n| *n > 0);
    let uneven = filled().max() > filled().min().map(|least| least.saturating_mul(UNEVEN));
    let (scale, told) = match uneven {
        true => (Scale::Log, " The height is logarithmic."),
        false => (Scale::Linear, ""),
    };
    let about = format!(
        "People per score: by their best record alone, and as one person. Lines mark where a band \
         begins.{told}"
    );
    let picture = Bins {
        from: from as f64 / 1000.0,
        step: step as f64 / 1000.0,
        series: vec![series("best record", "c1", before), series("one person", "c2", after)],
    };
    let svg = histogram("score", (title, &about), &picture, &marks, scale, "score");
    Some(Chart { title: title.into(), about, svg, table })
}

/// Who goes from which band to which.
fn moves(model: &ScoringModel, scores: &ModelScores, merged: &[usize]) -> Block {
    let bands = bands(model);
    let place = |band: u16| bands.iter().position(|b| *b == band).unwrap_or(bands.len() - 1);
    let mut counts: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for &p in merged {
        *counts.entry((place(scores.best_part_band[p]), place(scores.band[p]))).or_default() += 1;
    }
    let names: Vec<String> = bands.iter().map(|&b| what_to_do(model, b)).collect();
    let mut table = Table::new("People per move", &["From", "To", "#People"]);
    for (&(from, to), &n) in &counts {
        table.row(vec![names[from].as_str().into(), names[to].as_str().into(), n.into()]);
    }
    if names.len() > PLACES {
        table.cut(100, "scores.csv");
        return Block::Table(table);
    }
    let flows: Vec<Flow> =
        counts.iter().map(|(&(from, to), &count)| Flow { from, to, count }).collect();
    // Places that nobody is in take no room.
    let used: Vec<usize> =
        (0..names.len()).filter(|i| flows.iter().any(|f| f.from == *i || f.to == *i)).collect();
    let at = |place: usize| used.iter().position(|u| *u == place).unwrap_or_default();
    let flows: Vec<Flow> =
        flows.iter().map(|f| Flow { from: at(f.from), to: at(f.to), count: f.count }).collect();
    let names: Vec<String> = used.iter().map(|&i| names[i].clone()).collect();
    let title = "What to do, before and after";
    let about = "How many merged people go from what their best record called for (left) to what \
                 the whole person calls for (right). Green goes up, red goes down.";
    let svg = flow("moves", (title, about), &names, &flows);
    Block::Chart(Chart { title: title.into(), about: about.into(), svg, table })
}

/// What people would have been told to do by simpler rules.
fn wrong_ways(model: &ScoringModel, scores: &ModelScores, merged: &[usize]) -> Table {
    let rank = |band: u16| model.bands.get(band as usize).map(|band| band.min);
    let top = bands(model)[0];
    let added = |p: usize| {
        find_band(&model.bands, model.primary, scores.sum_of_parts[p]).map_or(NO_BAND, |b| b as u16)
    };
    let mut table = Table::new(
        "Why the score is computed again, and not put together",
        &["Way of scoring", "#In the top band", "#Band too high", "#Band too low"],
    );
    let mut row = |name: &str, band: &dyn Fn(usize) -> u16| {
        let count = |test: &dyn Fn(usize) -> bool| merged.iter().filter(|&&p| test(p)).count();
        table.row(vec![
            name.into(),
            count(&|p| band(p) == top && top != NO_BAND).into(),
            count(&|p| rank(band(p)) > rank(scores.band[p])).into(),
            count(&|p| rank(band(p)) < rank(scores.band[p])).into(),
        ]);
    };
    row("everything known, scored once (ours)", &|p| scores.band[p]);
    row("keep the best record's score", &|p| scores.best_part_band[p]);
    row("add the records' scores", &added);
    table
}

/// Leads below their best record, by cause and by lead.
fn drops(outcome: &Outcome, model: &ScoringModel, scores: &ModelScores) -> Vec<Block> {
    if scores.drops.is_empty() {
        return vec![text("No merged lead is worth less than its best record.")];
    }
    let kept = if model.merge.never_weaker == NeverWeaker::Floor {
        "; by the model's rule they keep the score of that record"
    } else {
        ""
    };
    let mut blocks = vec![text(format!(
        "{} worth less than their best record{kept}. Every point has a cause.",
        count(scores.drops.len(), "lead is", "leads are")
    ))];
    let mut causes: BTreeMap<(String, &str), (usize, i64)> = BTreeMap::new();
    for cause in scores.drops.iter().flat_map(|d| &d.causes).filter(|c| c.why != Why::Gain) {
        let title = cause.entry.source.title(model, cause.entry.component);
        let sum = causes.entry((title, cause.why.as_str())).or_default();
        *sum = (sum.0 + 1, sum.1.saturating_add(cause.entry.points));
    }
    let mut causes: Vec<_> = causes.into_iter().collect();
    causes.sort_by_key(|(_, (leads, points))| (std::cmp::Reverse(*leads), *points));
    let mut table = Table::new("Causes of drops", &["Rule", "What happened", "#Leads", "#Points"]);
    for ((title, why), (leads, points)) in causes {
        let why = match why {
            "takes points" => "a fact of another record takes points",
            why => why,
        };
        table.row(vec![title.into(), why.into(), leads.into(), format_points(points).into()]);
    }
    table.cut(LISTED, "drops.csv");
    blocks.push(Block::Table(table));
    let mut largest: Vec<_> = scores.drops.iter().collect();
    // Stable: equal drops stay in the order of persons.
    largest.sort_by_key(|d| d.recomputed.saturating_sub(d.best_part));
    let mut table = Table::new(
        "The largest drops",
        &["Lead", "#Best record", "#One person", "Cause", "What happened"],
    );
    for drop in largest.iter().take(LISTED) {
        let cause =
            drop.causes.iter().filter(|c| c.why != Why::Gain).min_by_key(|c| c.entry.points);
        let (title, why) = cause.map_or((String::new(), ""), |c| {
            (c.entry.source.title(model, c.entry.component), c.why.as_str())
        });
        let records = outcome.matched.clusters.members(drop.person);
        table.row_of(
            persons_of(outcome, records),
            vec![
                name_of(outcome, drop.person).into(),
                format_points(drop.best_part).into(),
                format_points(drop.recomputed).into(),
                title.into(),
                why.into(),
            ],
        );
    }
    table.of_total(scores.drops.len(), LISTED, "drops.csv");
    blocks.push(Block::Table(table));
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_and_few() {
        for (range, step) in
            [(0, 1_000), (19_999, 1_000), (20_000, 2_000), (100_000, 10_000), (200_000, 20_000)]
        {
            assert_eq!(step_of(range), step, "{range}");
        }
        for range in [i128::from(u64::MAX), 777, 123_456_789] {
            assert!(range / step_of(range) < BINS);
        }
    }
}
