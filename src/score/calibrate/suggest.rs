//! The text of a model with other points: the numbers are exchanged where they stand, so that
//! comments, order and everything else stay as someone wrote them.

use super::Calibration;
use crate::score::model::{Effect, ScoringModel};
use crate::score::quantity::{POINT, format_points};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The model's text with the suggested points; `text` is what `model` was read from. `None` when the
/// two do not belong together.
pub fn suggest(text: &str, model: &ScoringModel, calibration: &Calibration) -> Option<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document = DeTable::parse(text).ok()?;
    let rules = document.get_ref().get("rule")?.get_ref().as_array()?;
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for fit in &calibration.rules {
        let rule = model.rules.get(fit.index)?;
        let table = rules.get(fit.index)?.get_ref().as_table()?;
        if table.get("id").and_then(|id| id.get_ref().as_str()) != Some(rule.id.as_str()) {
            return None;
        }
        let points = (fit.suggested_points * POINT as f64).round() as i64;
        if rule.effect != Effect::Add(points) {
            edits.extend(edit(table, rule.subtracts, points)?);
        }
    }
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut out = text.to_string();
    for (range, new) in edits {
        out.replace_range(range, &new);
    }
    Some(head(calibration) + &out)
}

/// Exchanges the number, and the key too where `add` becomes `subtract` or the other way round.
fn edit(table: &DeTable<'_>, subtracts: bool, points: i64) -> Option<Vec<(Range<usize>, String)>> {
    let name = if subtracts { "subtract" } else { "add" };
    let (key, value): (_, &Spanned<DeValue<'_>>) =
        table.iter().find(|(key, _)| key.get_ref().as_ref() == name)?;
    let (new_key, number) = match (subtracts, points < 0) {
        (true, true) => (None, -points),
        (true, false) => (Some("add"), points),
        (false, _) => (None, points),
    };
    let mut edits = vec![(value.span(), format_points(number))];
    edits.extend(new_key.map(|new| (key.span(), new.to_string())));
    Some(edits)
}

fn head(calibration: &Calibration) -> String {
    format!(
        "# Points suggested by `leadmend calibrate` from {} won and {} lost leads.\n\
         # Nothing uses this file until someone names it. Bands and percentages are as they were:\n\
         # look at `leadmend model diff OLD THIS --on leads.csv` before using it.\n",
        calibration.won,
        calibration.leads - calibration.won
    )
}
