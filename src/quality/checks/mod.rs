//! The checks, one module a subject.
//!
//! Each is a function from the [`Census`] to hits in a [`Collector`]. They know no rules and no limits:
//! `settle` does.

mod activity;
mod company;
mod consent;
mod email;
mod identity;
mod name;
mod phone;
mod place;
mod process;
mod score;
mod shape;
mod text;
mod time;
mod title;

pub(super) use name::NAMES;

use super::census::Census;
use super::selection::Selection;
use super::{Collector, Material, Raw, learned, wrong_column};
use crate::schema::Role;
use rayon::prelude::*;

/// Runs the checks and gives what they found, in a fixed order.
pub fn examine(material: Material, selection: &Selection, max_samples: usize) -> Vec<Raw> {
    type Group = fn(&Census, &mut Collector);
    const GROUPS: &[Group] = &[
        identity::check,
        email::check,
        phone::check,
        place::check,
        company::check,
        title::check,
        name::check,
        text::check,
        time::check,
        consent::check,
        process::check,
        activity::check,
        score::check,
        shape::check,
        learned::check,
        learned::orders,
        learned::dependencies,
        learned::neighbors,
    ];
    let census = Census::of(material, max_samples);
    let found: Vec<Vec<Raw>> = GROUPS
        .par_iter()
        .with_max_len(1)
        .map(|group| {
            let mut own = Collector::new(max_samples);
            group(&census, &mut own);
            own.found
        })
        .collect();
    let mut found: Vec<Raw> = found.into_iter().flatten().collect();
    found.retain(|raw| selection.has(raw.check));
    wrong_column::fold(&census, &mut found);
    found.retain(|raw| {
        selection.only.is_empty() || raw.check == "wrong-column" || selection.has(raw.check)
    });
    found.retain(|raw| {
        raw.check != "wrong-column" || !selection.skip.iter().any(|s| s == raw.check)
    });
    found
}

/// Whether a column of this role holds points in time.
pub(super) fn is_time_role(role: Role) -> bool {
    time::TIMES.contains(&role) || role == Role::BirthDate
}
