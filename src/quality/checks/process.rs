//! The sales process: leads without an owner or a source.

use crate::quality::Collector;
use crate::quality::census::{Census, sentence};
use crate::schema::Role;

/// Runs the group.
pub(super) fn check(census: &Census, out: &mut Collector) {
    let roles = [(Role::Owner, "owner-missing"), (Role::LeadSource, "lead-source-missing")];
    for (role, check) in roles {
        // A column that nobody fills is no process.
        let first = census.material.schema.first(role).filter(|&c| census.filled[c] > 0);
        if let Some(column) = first {
            out.take(check, Some(column), census.empty(column), sentence(check));
        }
    }
}
