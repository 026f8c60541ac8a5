//! The frozen matching: what the first audit learned, and all later ones decide by.
//!
//! A part of it is a name and bytes; what the bytes mean is its maker's.

use super::State;
use crate::error::Result;
use crate::matching::model::MatchingModel;
use rusqlite::{OptionalExtension, params};

/// The part that holds the matching model, as JSON.
const MATCHING: &str = "matching";

/// The matching model of a state; none before the first audit.
///
/// # Errors
/// [`crate::error::Error::Format`] for a state that is damaged.
pub fn matching(state: &State) -> Result<Option<MatchingModel>> {
    let Some(bytes) = part(state, MATCHING)? else { return Ok(None) };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|_| state.failed(&rusqlite::Error::QueryReturnedNoRows))
}

/// Keeps the matching model that an audit learned.
///
/// # Errors
/// [`crate::error::Error::Write`] when the disk is full.
pub fn keep_matching(state: &State, model: &MatchingModel, audit: i64) -> Result<()> {
    // A model is numbers and names: it always has a text.
    let bytes = serde_json::to_vec(model).unwrap_or_default();
    keep_part(state, MATCHING, &bytes, audit)
}

/// A part of the frozen matching by its name.
pub(crate) fn part(state: &State, name: &str) -> Result<Option<Vec<u8>>> {
    let sql = "SELECT bytes FROM frozen WHERE part = ?1";
    let found = state.connection().query_row(sql, [name], |row| row.get(0)).optional();
    found.map_err(|cause| state.failed(&cause))
}

/// Writes a part of the frozen matching.
pub(crate) fn keep_part(state: &State, name: &str, bytes: &[u8], audit: i64) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO frozen (part, audit, bytes) VALUES (?1, ?2, ?3)";
    let kept = state.connection().execute(sql, params![name, audit, bytes]);
    kept.map(|_| ()).map_err(|cause| state.failed(&cause))
}
