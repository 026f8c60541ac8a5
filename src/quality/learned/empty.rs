//! Empty cells where nearly none are.

use super::rule;
use crate::quality::Collector;
use crate::quality::census::{Census, sentence};
use crate::schema::Role;

/// Empty cells of a thousand that are an exception still; more are a habit.
const PER_THOUSAND: u64 = 2;

/// Learns whether a column is always filled. Columns whose emptiness has a check of its own are left
/// to that, and prose is never owed.
pub(super) fn check(census: &Census, column: usize, out: &mut Collector) {
    use Role::{Email, FreeText, LeadSource, Owner, Title};
    use Role::{Ignored, LastActivity, MergedIds, Score};
    let role = census.role(column);
    let own = matches!(role, Email | FreeText | LeadSource | Owner | Title);
    if own || matches!(role, Ignored | LastActivity | MergedIds | Score | Role::Consent(_)) {
        return;
    }
    let (filled, all) = (census.filled[column], census.records());
    let empty = all - filled;
    if rule::holds(filled, empty) && empty <= (all * PER_THOUSAND / 1000).max(1) {
        out.take("rarely-empty", Some(column), census.empty(column), sentence("rarely-empty"));
    }
}
