//! Scoring.
pub mod facts;
