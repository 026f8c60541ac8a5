//! Matching: from patterns to verdicts.
//!
//! Stands between comparison and clustering: the model is fitted on the counts of the patterns,
//! without labels or settings, and each candidate pair gets a verdict with a probability.

pub mod budget;
pub mod decide;
pub mod em;
pub mod evidence;
pub mod explain;
pub mod frequency;
pub mod frozen;
pub mod joint;
pub mod model;
pub mod namesake;

#[cfg(test)]
mod tests;
