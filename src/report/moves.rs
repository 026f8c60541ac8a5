//! Who changes band when a model changes: the leads of one scoring under two models.
//!
//! For `model diff`. A model is changed with one question in mind: whom will it make us phone, and
//! whom no longer.

use super::label::Labels;
use super::scores::band_id;
use super::table::{COMMA, Lines, write_to};
use crate::pipeline::alone::Alone;
use crate::record::RecordId;
use crate::score::NO_BAND;
use crate::score::quantity::format_points;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The leads that change band, by record index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moves {
    /// To a better band, the largest gain of points first.
    pub up: Vec<usize>,
    /// To a worse band, the largest loss first.
    pub down: Vec<usize>,
    /// Leads that lose their score to the exclusion of the second model.
    pub gone: usize,
    /// Leads that the first model excluded and the second scores.
    pub come: usize,
    /// How many go from which band to which.
    pub counts: Vec<MoveCount>,
}

/// How many leads go from one band to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveCount {
    /// Band before; `no band` for none.
    pub from: String,
    /// Band after.
    pub to: String,
    /// How many.
    pub leads: usize,
}

impl Moves {
    /// Number of leads that change band.
    pub fn count(&self) -> usize {
        self.up.len() + self.down.len()
    }
}

/// Who changes band between the first and the second model.
///
/// Two bands are the same when they have the same id, so that a band that was only widened moves
/// those who come into it and nobody else. Up or down is told by the order of the second model's
/// bands, or of the first's where the second has no such band.
pub fn moves(alone: &Alone) -> Moves {
    let mut moves = Moves::default();
    let ([before, after], [old, new]) = (&alone.scored.models[..], &alone.models[..]) else {
        return moves;
    };
    let mut counts: BTreeMap<(i64, i64, &str, &str), usize> = BTreeMap::new();
    let rank = |id: &str| {
        let least = |m: &crate::score::model::ScoringModel| {
            m.bands.iter().find(|b| b.of == m.primary && b.id == id).map(|b| b.min)
        };
        // No band stands below every band.
        least(new).or_else(|| least(old)).map_or((false, 0), |min| (true, min))
    };
    for i in 0..alone.table.len() {
        match (before.score_of(i), after.score_of(i)) {
            (Some(_), None) => moves.gone += 1,
            (None, Some(_)) => moves.come += 1,
            (Some(was), Some(is)) => {
                let (from, to) = (band_id(old, before.band[i]), band_id(new, after.band[i]));
                if from == to {
                    continue;
                }
                let is_up = (rank(to), is) > (rank(from), was);
                if is_up {
                    moves.up.push(i)
                } else {
                    moves.down.push(i)
                }
                let order = |id: &str| rank(id).1.saturating_neg();
                *counts.entry((order(from), order(to), from, to)).or_default() += 1;
            }
            (None, None) => {}
        }
    }
    let change = |&i: &usize| after.score[i].saturating_sub(before.score[i]);
    // Stable: equal changes stay in canonical order.
    moves.up.sort_by_key(|i| std::cmp::Reverse(change(i)));
    moves.down.sort_by_key(change);
    let name = |id: &str| if id.is_empty() { "no band".to_string() } else { id.to_string() };
    moves.counts = counts
        .into_iter()
        .map(|((_, _, from, to), leads)| MoveCount { from: name(from), to: name(to), leads })
        .collect();
    moves
}

/// One move in words: `1041: offer 90 -> phone 100`.
pub fn line(alone: &Alone, record: usize) -> String {
    let side = |m: usize| {
        let scores = &alone.scored.models[m];
        let band = match scores.band[record] {
            NO_BAND => "no band",
            number => band_id(&alone.models[m], number),
        };
        format!("{band} {}", format_points(scores.score[record]))
    };
    let label = super::record_label(&alone.table, RecordId(record as u32));
    format!("{label}: {} -> {}", side(0), side(1))
}

/// Writes every move as CSV.
///
/// # Errors
/// When the writer fails.
pub fn write(alone: &Alone, moves: &Moves, out: &mut (dyn Write + Send)) -> io::Result<()> {
    let headers =
        ["record_id", "direction", "band_before", "band_after", "score_before", "score_after"];
    let labels = Labels::new(&alone.table);
    let head = Lines::head(COMMA, headers);
    let all: Vec<(usize, &str)> = moves
        .up
        .iter()
        .map(|&i| (i, "up"))
        .chain(moves.down.iter().map(|&i| (i, "down")))
        .collect();
    write_to(
        out,
        head,
        || Lines::new(COMMA),
        all.len(),
        |rows, lines| {
            for &(i, direction) in &all[rows] {
                lines.joined(|text| labels.push(RecordId(i as u32), text));
                lines.plain(direction);
                for m in 0..2 {
                    lines.cell(band_id(&alone.models[m], alone.scored.models[m].band[i]));
                }
                for m in 0..2 {
                    lines.points(alone.scored.models[m].score[i]);
                }
                lines.end();
            }
        },
    )
}

/// All moves as JSON.
pub fn to_json(alone: &Alone, moves: &Moves) -> Value {
    let list = |records: &[usize]| -> Vec<Value> {
        let one = |&i: &usize| {
            let side = |m: usize| {
                let scores = &alone.scored.models[m];
                json!({
                    "band": band_id(&alone.models[m], scores.band[i]),
                    "score": scores.score[i] as f64 / 1000.0,
                })
            };
            let label = super::record_label(&alone.table, RecordId(i as u32));
            json!({ "record": label, "before": side(0), "after": side(1) })
        };
        records.iter().map(one).collect()
    };
    let counts: Vec<Value> = moves
        .counts
        .iter()
        .map(|c| json!({ "from": c.from, "to": c.to, "leads": c.leads }))
        .collect();
    json!({
        "leads": alone.table.len(), "changed": moves.count(), "counts": counts,
        "lost_score": moves.gone, "gained_score": moves.come,
        "up": list(&moves.up), "down": list(&moves.down),
    })
}
