//! Merging: from clusters of records to persons.
//!
//! Stands between `cluster` (who is one person) and `score` (what the person is worth). Each part is
//! a function over arrays: [`person_id`] names a person, [`survivor`] and [`field`] choose the cell
//! that every column keeps, [`bind`] finds the record an activity belongs to, [`history`] decides
//! which activities are one event, [`consent`] who may be contacted, [`suppress`] who never. Why none of them builds merged
//! rows: a choice (record and rule) can be explained, checked and undone, a finished value cannot.

pub mod bind;
pub mod consent;
pub mod field;
pub mod history;
pub mod lead;
pub mod person_id;
pub mod policy;
#[cfg(test)]
mod sample;
pub mod suppress;
pub mod survivor;
