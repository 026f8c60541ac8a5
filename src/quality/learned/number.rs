//! Numbers: negative ones where none are, and those far outside the bell of the others.

use super::rule;
use crate::quality::Collector;
use crate::quality::census::{Census, at_least, sentence};
use crate::quality::checks::is_time_role;
use crate::schema::Role;
use rayon::prelude::*;

/// Robust standard deviations: a bell of a million rows has none beyond five.
const FAR: f64 = 8.0;
/// Rows from which on a bell can be told.
const ROWS: usize = 200;

/// Learns what the numbers of a column are like.
pub(super) fn check(census: &Census, column: usize, out: &mut Collector) {
    use Role::{Email, ExternalId, FreeText, Mobile, Phone, Postcode, RecordId};
    let role = census.role(column);
    let named =
        matches!(role, Email | ExternalId | FreeText | Mobile | Phone | Postcode | RecordId);
    let filled = census.filled[column];
    if named || is_time_role(role) || filled < ROWS as u64 {
        return;
    }
    let counts = &census.counts[column];
    let present = || (1..counts.len()).filter(|&v| counts[v] > 0);
    // A look at a few cells spares the others of a column of words.
    let (numeric, looked) = census.some_cells(column).fold((0, 0), |(numeric, looked), text| {
        (numeric + usize::from(number(text).is_some()), looked + 1)
    });
    if numeric * 2 <= looked {
        return;
    }
    let numbers: Vec<Option<f64>> = (0..counts.len())
        .into_par_iter()
        .with_min_len(2048)
        .map(|v| number(census.text(column, v)))
        .collect();
    let rows = |test: &dyn Fn(f64) -> bool| -> u64 {
        present().filter(|&v| numbers[v].is_some_and(test)).map(|v| u64::from(counts[v])).sum()
    };
    let (negative, other) = (rows(&|n| n < 0.0), rows(&|n| n >= 0.0));
    if at_least(negative + other, filled) < rule::NEARLY_ALL {
        return;
    }
    if rule::holds(other, negative) {
        let hits = census.hits(column, |v| numbers[v].is_some_and(|n| n < 0.0));
        out.take("rarely-negative", Some(column), hits, sentence("rarely-negative"));
    }
    let mut sorted: Vec<(f64, u32)> =
        present().filter_map(|v| numbers[v].map(|n| (n, counts[v]))).collect();
    sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((middle, deviation)) = bell(&sorted) {
        let hits = census
            .hits(column, |v| numbers[v].is_some_and(|n| (n - middle).abs() > FAR * deviation));
        if rule::holds(filled - hits.count, hits.count) {
            out.take("outlier", Some(column), hits, sentence("outlier"));
        }
    }
}

/// A number as people write it; a leading zero makes it a code.
pub(super) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = text.trim_start_matches(['-', '+', '$', '\u{20ac}', ' ']);
    let first = digits.bytes().next()?;
    let code = first == b'0' && digits.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    if code || text.len() > 24 || !(first.is_ascii_digit() || first == b'.') {
        return None;
    }
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    let plain: String = digits.chars().filter(|c| *c != ',' && *c != ' ').collect();
    plain.parse::<f64>().ok().filter(|n| n.is_finite()).map(|n| n * sign)
}

/// Median and robust deviation of numbers that lie like a bell: as far to the left as to the right,
/// with the tails of one. Amounts and counts lie otherwise and have no outliers by this rule.
fn bell(sorted: &[(f64, u32)]) -> Option<(f64, f64)> {
    let rows: u64 = sorted.iter().map(|s| u64::from(s.1)).sum();
    if sorted.len() < 20 || rows < ROWS as u64 {
        return None;
    }
    let quantile = |share: f64| {
        let wanted = (share * rows as f64) as u64;
        let mut seen = 0;
        sorted
            .iter()
            .find(|(_, count)| {
                seen += u64::from(*count);
                seen > wanted
            })
            .map_or(0.0, |s| s.0)
    };
    let [low, left, middle, right, high] = [0.05, 0.25, 0.5, 0.75, 0.95].map(quantile);
    let (quarters, ends) = (right - left, high - low);
    if quarters <= 0.0 || high <= middle || middle <= low {
        return None;
    }
    let lean = (high - middle) / (middle - low);
    // 2.44 for a bell, 1.8 for a uniform spread.
    let tails = ends / quarters;
    let bell = (0.7..=1.43).contains(&lean) && (2.1..=3.2).contains(&tails);
    bell.then_some((middle, quarters / 1.349))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_write_them() {
        let cases = [
            ("-5", Some(-5.0)),
            ("1,234.5", Some(1234.5)),
            ("$ 20", Some(20.0)),
            ("007", None),
            ("0", Some(0.0)),
            ("0.5", Some(0.5)),
            ("12 Main St", None),
            ("", None),
        ];
        for (text, read) in cases {
            assert_eq!(number(text), read, "{text}");
        }
    }

    #[test]
    fn a_bell_is_told_from_a_box_and_from_a_slope() {
        // Sums of twelve uniform numbers are nearly normal (Irwin-Hall).
        let mut state = 7u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as f64 / (1u64 << 24) as f64
        };
        let mut of = |draw: &mut dyn FnMut(&mut dyn FnMut() -> f64) -> f64| {
            let mut all: Vec<(f64, u32)> = (0..4000).map(|_| (draw(&mut next), 1)).collect();
            all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
            bell(&all)
        };
        assert!(of(&mut |n| (0..12).map(|_| n()).sum()).is_some());
        assert!(of(&mut |n| n()).is_none(), "a box");
        assert!(of(&mut |n| (3.0 * n()).exp().exp()).is_none(), "a slope");
    }
}
