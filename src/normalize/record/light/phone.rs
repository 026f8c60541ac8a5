//! Phone numbers for checks: as for a whole run, but for how sure each is and what line it is.

use super::super::QUALITY_FAIR;
use super::super::phone::Numbers;
use crate::normalize::country::Country;
use crate::normalize::phone;

/// The numbers of a cell.
pub(super) fn numbers(cell: &str, country: Option<Country>) -> Numbers {
    if cell.is_empty() {
        return Numbers::None;
    }
    if let Some(one) = phone::key(cell, country) {
        return one_number(one);
    }
    let parts = phone::split(cell);
    if parts.len() < 2 {
        return Numbers::None;
    }
    let mut numbers: Vec<u64> =
        parts.into_iter().filter_map(|part| phone::key(part, country)).collect();
    match numbers.len() {
        0 | 1 => numbers.pop().map_or(Numbers::None, one_number),
        _ => {
            let numbers = numbers.into_iter().map(|number| (number, false)).collect();
            Numbers::Several(numbers, QUALITY_FAIR)
        }
    }
}

fn one_number(number: u64) -> Numbers {
    Numbers::One { number, mobile: false, quality: QUALITY_FAIR }
}
