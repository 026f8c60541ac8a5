//! A job is one fact: a title belongs to an employer.
//!
//! The company is chosen like any field; a title is taken only from records that do not name another
//! company. Why not a block as addresses are: a form that asks for the title alone says something
//! about the job one has, and would lose either the company or the title.

use super::{Chosen, Lead, Leftover, Merge};
use crate::merge::policy::Take;
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
            if matches!(self.fields[column].rule.take, Take::Sum | Take::Union) {
                // Asked to hold several: then of several employers, too.
                self.single(column, lead, left);
                continue;
            }
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

#[cfg(test)]
mod tests {
    use crate::cluster::Clusters;
    use crate::merge::field::{Evidence, Field, FieldClass, count_filled, merge_fields};
    use crate::merge::sample::table;
    use crate::record::RecordId;

    #[test]
    fn a_title_follows_its_employer() {
        type Rows<'a> = &'a [&'a [&'a str]];
        let cases: [(Rows, [&str; 2], &str); 6] = [
            (
                &[&["1", "Acme", "CTO"], &["2", "Globex", ""]],
                ["Globex", ""],
                "nobody says that she is CTO there",
            ),
            (
                &[&["1", "Acme", "CTO"], &["2", "Globex", "Advisor"]],
                ["Globex", "Advisor"],
                "the newest job",
            ),
            (&[&["1", "Acme", "CTO"], &["2", "Acme", ""]], ["Acme", "CTO"], "the same employer"),
            (&[&["1", "Acme", ""], &["2", "", "CTO"]], ["Acme", "CTO"], "a form without company"),
            (
                &[&["1", "Acme", "Manager"], &["2", "", "CTO"]],
                ["Acme", "CTO"],
                "the newer title names no other employer",
            ),
            (&[&["1", "", ""], &["2", "", ""]], ["", ""], "nothing"),
        ];
        for (rows, expected, why) in cases {
            let t = table("crm", &["id", "company", "title"], rows);
            let classes = [FieldClass::Plain, FieldClass::Company, FieldClass::Title];
            let fields = classes.map(|class| Field { class, ..Field::default() });
            let filled = count_filled(&t, &fields);
            let (updated, none) = ([1, 2], &[]);
            let evidence = Evidence {
                table: &t,
                created: none,
                updated: &updated,
                filled: &filled,
                activities: &[],
                known: &[],
            };
            for survivor in [0, 1] {
                let clusters = Clusters::from_labels(&[0, 0]);
                let merged = merge_fields(&clusters, &evidence, vec![RecordId(survivor)], &fields);
                let got = [1, 2].map(|c| merged.text(&t, c, 0));
                assert_eq!(got, expected, "{why}");
            }
        }
    }
}
