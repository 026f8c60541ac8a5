//! Checks that know nothing of a column but the column itself: what nearly all of its values have in
//! common, and the few that break it.
//!
//! They run on every column, whatever its role. Each asks for so many rows that follow a rule, and so
//! few that break it, that chance is no explanation (see [`rule`]).

use super::Collector;
use super::census::Census;

/// Runs the learned checks.
pub(super) fn check(_census: &Census, _out: &mut Collector) {}
