//! Job titles: none, or a word for none.

use crate::normalize::record::QUALITY_BAD;
use crate::normalize::title;
use crate::quality::Collector;
use crate::quality::census::{Census, sentence};
use crate::quality::checks::text::is_formula;
use crate::schema::Role;

/// Runs the group.
pub(super) fn check(census: &Census, out: &mut Collector) {
    for column in census.columns_of(&[Role::Title]) {
        let quality = &census.material.records.quality[column];
        let hits = census.hits(column, |v| {
            let text = census.text(column, v);
            quality[v] == QUALITY_BAD && title::parse(text).value.is_none() && !is_formula(text)
        });
        out.take("title-placeholder", Some(column), hits, sentence("title-placeholder"));
    }
    if let Some(column) = census.material.schema.first(Role::Title) {
        out.take("title-missing", Some(column), census.empty(column), sentence("title-missing"));
    }
}
