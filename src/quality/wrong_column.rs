//! Columns that are something else than was thought.
//!
//! Where a good part of a column fails a test of its kind, thousands of errors would say one thing:
//! the column has another meaning. One information says so. A column that the user named stands: then
//! its cells are wrong.

use super::census::{Census, at_least};
use super::{Hits, Raw};

/// From this share on, with 95 % certainty, a column is not what it was taken for.
const SHARE: f64 = 0.2;

/// Checks that hold a cell against the kind of its column.
const OF_KIND: &[&str] = &[
    "email-invalid",
    "phone-invalid",
    "phone-country-mismatch",
    "country-unknown",
    "state-country-mismatch",
    "postcode-invalid",
    "address-invalid",
    "company-placeholder",
    "name-in-wrong-column",
    "name-email-in-field",
    "impossible-date",
];

/// Replaces the findings of such columns.
pub(super) fn fold(census: &Census, found: &mut Vec<Raw>) {
    let mut columns: Vec<(usize, Hits)> = Vec::new();
    found.retain(|raw| {
        let Some(column) = raw.column.filter(|_| OF_KIND.contains(&raw.check)) else {
            return true;
        };
        let named = census.material.schema.columns[column].why.starts_with("named by");
        if named || at_least(raw.hits.count, raw.hits.of) < SHARE {
            return true;
        }
        match columns.iter_mut().find(|(c, _)| *c == column) {
            Some((_, hits)) if hits.count >= raw.hits.count => {}
            Some((_, hits)) => *hits = raw.hits.clone(),
            None => columns.push((column, raw.hits.clone())),
        }
        false
    });
    for (column, hits) in columns {
        let role = census.role(column);
        found.push(Raw {
            check: "wrong-column",
            column: Some(column),
            file: None,
            hits,
            samples: Vec::new(),
            message: format!(
                "read as {role}, but so many cells are none that it is probably something else; \
                 say what the column is with --column ROLE=HEADER"
            ),
            uncertain: true,
        });
    }
}
