//! Day or month first: the evidence of all cells of a column.

use super::DateOrder;
use crate::normalize::fold::trim;

/// What the cells of a column say about their order, and the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct ColumnOrder {
    /// The decision.
    pub order: DateOrder,
    /// Cells that can only be day first (`14/05/2026`).
    pub day_first: usize,
    /// Cells that can only be month first (`05/14/2026`).
    pub month_first: usize,
    /// Cells that can be both (`3/2/2025`).
    pub either: usize,
    /// Cells that begin with a four-digit year.
    pub year_first: usize,
    /// Two-digit parts where only the first can be the year (`89-12-31`).
    pub short_year_first: usize,
    /// Bare numbers in the range of Excel's dates of 1980 to 2064.
    pub serials: usize,
}

impl ColumnOrder {
    /// Looks at every cell. One cell in fifty against all others is a slip of its own and does not
    /// make the column mixed; the counts tell.
    pub fn decide<'a>(values: impl Iterator<Item = &'a str>) -> ColumnOrder {
        let mut seen = ColumnOrder::default();
        for value in values {
            seen.count(trim(value));
        }
        let (more, fewer, order) = if seen.day_first >= seen.month_first {
            (seen.day_first, seen.month_first, DateOrder::DayFirst)
        } else {
            (seen.month_first, seen.day_first, DateOrder::MonthFirst)
        };
        seen.order = match (more, fewer) {
            (0, _) if seen.short_year_first > 0 => DateOrder::YearFirst,
            (0, _) if seen.either > 0 => DateOrder::Ambiguous,
            (0, _) if seen.year_first > 0 => DateOrder::YearFirst,
            (0, _) => DateOrder::Ambiguous,
            (more, fewer) if fewer * 50 <= more => order,
            _ => DateOrder::Mixed,
        };
        seen
    }

    /// True when bare numbers are the column's dates.
    pub fn has_serials(&self) -> bool {
        let dated = self.day_first + self.month_first + self.either + self.year_first;
        self.serials > 0 && self.serials * 2 > dated
    }

    fn count(&mut self, text: &str) {
        let Some((parts, separator)) = leading_numbers(text) else { return };
        match parts {
            [(29_221..=60_000, 5), (_, 0), _] => self.serials += 1,
            [(_, 4), (_, 1..=2), (_, 1..=2)] => self.year_first += 1,
            [(a, 1..=2), (b, 1..=2), (_, 2 | 4)] => match (a > 12, b > 12) {
                (true, false) if a <= 31 => self.day_first += 1,
                (false, true) if b <= 31 => self.month_first += 1,
                (true, _) if a > 31 && b <= 12 => self.short_year_first += 1,
                (false, false) if a == b || separator == b'.' => {}
                (false, false) => self.either += 1,
                _ => {}
            },
            _ => {}
        }
    }
}

/// Up to three numbers at the start of a cell as (value, digits), and the separator.
fn leading_numbers(text: &str) -> Option<([(u32, usize); 3], u8)> {
    let bytes = text.as_bytes();
    let mut parts = [(0u32, 0usize); 3];
    let mut separator = 0;
    let mut at = 0;
    for (index, part) in parts.iter_mut().enumerate() {
        if index > 0 {
            match bytes.get(at) {
                Some(&byte @ (b'/' | b'-' | b'.')) if separator == 0 || separator == byte => {
                    separator = byte;
                    at += 1;
                }
                _ => break,
            }
        }
        let start = at;
        while let Some(digit) = bytes.get(at).filter(|b| b.is_ascii_digit()) {
            part.0 = part.0.saturating_mul(10).saturating_add(u32::from(digit - b'0'));
            at += 1;
        }
        part.1 = at - start;
    }
    (parts[0].1 > 0).then_some((parts, separator))
}
