//! The data against an earlier state of it: columns, rows, and what became of the records.
//!
//! A gate on a growing file asks two questions: is it good, and did it get worse. This is the second.
//! Both states went through the same reading, matching and scoring at the same clock, so that what
//! differs is the data.

mod follow;
pub mod shape;

use super::rules::Rules;
use super::{Collector, Hits, Material};
use shape::Shape;

/// Rows below which shares of a column are chance.
const FEWEST_ROWS: u64 = 20;

/// Compares with earlier data. Gives sentences on what could not be compared.
pub fn compare(
    now: &Material,
    before: &Material,
    rules: &Rules,
    with_model: bool,
    out: &mut Collector,
) -> Vec<String> {
    let of = |material: &Material| Shape::of(material.table, material.schema);
    shape::compare(&of(now), &of(before), rules, out);
    follow::compare(now, before, with_model, out)
}

/// Takes what is about the data as a whole.
fn take(out: &mut Collector, check: &'static str, count: u64, of: u64, message: String) {
    out.take(check, None, Hits { count, of, records: Vec::new() }, message);
}

#[cfg(test)]
mod tests;
