//! When a rule that was seen is a rule.
//!
//! A rule of a column is near-universal: by the Wilson interval at least 97 of 100 rows follow it, and
//! so few break it that they are exceptions. Why an interval and not a share: 99 of 100 rows may be
//! chance, 9,900 of 10,000 are not. Below about 125 rows nothing can be learned.

use crate::quality::census::at_least;

/// Share of rows that must follow, with 95 % certainty.
pub(super) const NEARLY_ALL: f64 = 0.97;
/// Share of rows that may break a rule and still be exceptions.
pub(super) const FEW: f64 = 0.01;

/// Whether so many follow and so few break that the rest are mistakes.
pub(super) fn holds(follow: u64, broken: u64) -> bool {
    let all = follow + broken;
    broken > 0 && broken as f64 <= FEW * all as f64 && at_least(follow, all) >= NEARLY_ALL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_rows_teach_nothing() {
        let cases = [
            (99, 1, false, "a hundred rows may be chance"),
            (299, 1, true, "one of three hundred is an exception"),
            (980, 20, false, "one in fifty is no exception"),
            (9_950, 50, true, "half a percent of many"),
            (500, 0, false, "nothing is broken"),
        ];
        for (follow, broken, rule, why) in cases {
            assert_eq!(holds(follow, broken), rule, "{why}");
        }
    }
}
