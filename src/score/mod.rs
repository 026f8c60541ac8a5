//! Scoring: points, ladders and bands of a lead from the union of everything that is known of it.
//!
//! Stands after merging: [`leads`] applies [`model::ScoringModel`]s to [`facts::Facts`] and gives
//! numbers with a ledger that adds up to them. Why a ledger: a score that cannot be taken apart
//! into rules, facts and source records cannot be trusted, and a drop must name its cause.

mod apply;
pub mod band;
mod base;
pub mod calibrate;
mod compile;
pub mod component;
pub mod condition;
pub mod decay;
pub mod diff;
mod drops;
pub mod facts;
pub mod gather;
pub mod kind;
mod leads;
pub mod ledger;
pub mod lint;
pub mod model;
mod object;
pub(crate) mod parse;
pub mod quantity;
mod reach;
pub mod rule;
pub mod schema;
pub mod show;
mod template;
mod words;

#[cfg(test)]
pub(crate) mod tests;

pub use drops::{Cause, Drop, Rise, Why};
pub use leads::{ModelScores, NO_BAND, RuleStats, Scored, leads};
pub use template::{template, templates};
