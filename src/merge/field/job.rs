//! A job is one fact: a title belongs to an employer.
//!
//! The company is chosen like any field; a title is taken only from records that do not name another
//! company. Why not a block as addresses are: a form that asks for the title alone says something
//! about the job one has, and would lose either the company or the title.

use super::{Chosen, Lead, Leftover, Merge};
use crate::record::RecordId;

impl Merge<'_> {
    /// Chooses the titles; the companies are chosen already.
    pub(super) fn titles(&self, lead: &mut Lead, left: &mut Leftover) {
        if self.titles.is_empty() {
            return;
        }
        let same: Vec<RecordId> =
            lead.members.iter().copied().filter(|&m| !self.is_elsewhere(m, lead)).collect();
        // A survivor who works elsewhere by now settles nothing here.
        let survivor = same.iter().find(|&&m| m == lead.survivor).or(same.first());
        let Some(&survivor) = survivor else {
            // Two company columns that no record agrees with: titles stand on their own.
            let columns = self.titles.iter();
            return columns.for_each(|&column| self.single(column, lead, left));
        };
        for &column in &self.titles {
            let (record, chosen) = self.pick(column, &same, survivor);
            let dropped =
                chosen == Chosen::Blank && lead.members.iter().any(|&m| self.rank(column, m) > 0);
            lead.set(column, (record, if dropped { Chosen::Block } else { chosen }));
            if chosen == Chosen::Review {
                left.review.push((lead.person, column as u32));
            }
        }
    }

    /// Names another company than the lead shows.
    fn is_elsewhere(&self, record: RecordId, lead: &Lead) -> bool {
        self.companies.iter().any(|&c| {
            let shown = lead.choice[c];
            self.rank(c, record) >= 2
                && self.rank(c, shown) >= 2
                && self.key(c, record) != self.key(c, shown)
        })
    }
}
