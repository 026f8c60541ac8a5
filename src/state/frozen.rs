//! The frozen matching of a state: what the first audit learned, and all later ones decide by.

use super::State;
use super::known::MATCHING;
use crate::error::Result;
use crate::matching::frozen::Frozen;
use rusqlite::OptionalExtension;

/// The frozen matching; none before the first audit.
///
/// # Errors
/// [`crate::error::Error::Format`] for a state that is damaged, or whose matching is of a form that
/// this version does not read.
pub fn frozen(state: &State) -> Result<Option<Frozen>> {
    let sql = "SELECT bytes FROM frozen WHERE part = ?1";
    let found = state.connection().query_row(sql, [MATCHING], |row| row.get(0)).optional();
    let bytes: Option<Vec<u8>> = found.map_err(|cause| state.failed(&cause))?;
    let Some(bytes) = bytes else { return Ok(None) };
    Frozen::from_bytes(&bytes).map(Some).map_err(|why| {
        let what = format!("its matching model {why}");
        state.refused(&what, "run leadmend audit --relearn with it")
    })
}
