//! Checks that know nothing of a column but the column itself: what nearly all of its values have in
//! common, and the few that break it.
//!
//! They run on every column, whatever its role; a role whose kind has a check of its own is left to
//! that. Each asks for so many rows that follow a rule, and so few that break it, that chance is no
//! explanation (see [`rule`]).

mod category;
mod checksum;
mod code;
mod dependency;
mod empty;
mod neighbor;
mod number;
mod order;
mod rule;

pub(in crate::quality) use dependency::check as dependencies;
pub(in crate::quality) use neighbor::check as neighbors;
pub(in crate::quality) use order::check as orders;

use super::census::Census;
use super::{Collector, Raw};
use rayon::prelude::*;

/// Runs the learned checks of single columns.
pub(super) fn check(census: &Census, out: &mut Collector) {
    type OfColumn = fn(&Census, usize, &mut Collector);
    const CHECKS: [OfColumn; 5] =
        [code::check, checksum::check, category::check, number::check, empty::check];
    let found: Vec<Vec<Raw>> = (0..census.counts.len())
        .into_par_iter()
        .map(|column| {
            let mut own = Collector::new(out.max_samples);
            CHECKS.iter().for_each(|check| check(census, column, &mut own));
            own.found
        })
        .collect();
    out.found.extend(found.into_iter().flatten());
}
