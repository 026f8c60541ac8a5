//! Tests of scoring as a whole: the worked examples with exactly their numbers, wrong scorers that
//! must fail them, and properties over random leads.

mod acceptance;
mod examples;
mod merging;
mod properties;
pub(crate) mod world;
