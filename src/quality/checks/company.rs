//! Companies: words that stand for none, and web sites of another one.

use crate::compare::feature::NONE;
use crate::normalize::company;
use crate::normalize::record::QUALITY_BAD;
use crate::quality::Collector;
use crate::quality::census::{Census, sentence};
use crate::quality::checks::text::is_formula;
use crate::schema::Role;

/// Runs the group.
pub(super) fn check(census: &Census, out: &mut Collector) {
    for column in census.columns_of(&[Role::Company]) {
        let quality = &census.material.records.quality[column];
        let hits = census.hits(column, |v| {
            let text = census.text(column, v);
            quality[v] == QUALITY_BAD && company::parse(text).value.is_none() && !is_formula(text)
        });
        out.take("company-placeholder", Some(column), hits, sentence("company-placeholder"));
    }
    domain_mismatch(census, out);
}

/// A work address of another domain than the web site; one name under two endings is one company.
fn domain_mismatch(census: &Census, out: &mut Collector) {
    let Some(column) = census.material.schema.first(Role::Website) else { return };
    let f = &census.material.records.features;
    let both = |r: usize| f.rows[r].website != NONE && f.work_domain(r) != NONE;
    let differs = |r: usize| {
        let (site, mail) = (f.rows[r].website, f.work_domain(r));
        if !both(r) || site == mail {
            return false;
        }
        let brand = |id: u32| f.domain(id).split('.').next().unwrap_or("");
        let (a, b) = (brand(site), brand(mail));
        a != b && !a.contains(b) && !b.contains(a)
    };
    let of = (0..f.len()).filter(|&r| both(r)).count() as u64;
    let hits = census.hits_of_records(of, differs);
    out.take("domain-company-mismatch", Some(column), hits, sentence("domain-company-mismatch"));
}
