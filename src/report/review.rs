//! `review.csv`: pairs a human should decide, in a form that is read back with `--decisions`.

use super::crosswalk::push_prob;
use super::folder::OutputFolder;
use super::label::{Contact, Labels};
use super::reason::Reasons;
use super::table::{COMMA, Lines, write_rows};
use crate::compare;
use crate::error::Result;
use crate::matching::decide::Verdict;
use crate::pipeline::Outcome;
use crate::record::RecordId;

/// The columns of the file.
pub const HEADERS: [&str; 13] = [
    "left_id",
    "right_id",
    "probability",
    "reason",
    "left_name",
    "right_name",
    "left_email",
    "right_email",
    "left_phone",
    "right_phone",
    "left_company",
    "right_company",
    "decision",
];

/// Writes the file.
pub(crate) fn write(outcome: &Outcome, folder: &OutputFolder, reasons: &Reasons) -> Result<()> {
    let (labels, contact) = (Labels::new(&outcome.table), Contact::new(&outcome.schema));
    let waiting = &outcome.digest().waiting;
    let head = Lines::head(COMMA, HEADERS);
    let calibration = outcome.matched.model.calibration;
    write_rows(folder, "review.csv", COMMA, head, waiting.len(), |rows, lines| {
        let mut text = String::new();
        for decision in &waiting[rows] {
            let pair = decision.pair;
            let sides = [RecordId(pair.a), RecordId(pair.b)];
            for side in sides {
                text.clear();
                labels.push(side, &mut text);
                lines.guarded(&text);
            }
            lines.joined(|text| push_prob(calibration.prob(decision.log_odds), text));
            lines.joined(|text| {
                if decision.verdict == Verdict::Merge {
                    text.push_str("kept apart, because other records of the two disagree: ");
                }
                reasons.push(compare::pattern(&outcome.records.features, pair), text);
            });
            let [left, right] = sides.map(|side| contact.of_record(&outcome.table, side));
            for (left, right) in left.into_iter().zip(right) {
                lines.guarded(&left.to_text());
                lines.guarded(&right.to_text());
            }
            lines.empty();
            lines.end();
        }
    })
}
