//! Columns that belong together: an address comes from one record, never a street from one and a
//! city from another.
//!
//! A block that is a compatible part of another (the country alone, beside country and city) never
//! beats the fuller one; it confirms it: a part's time counts for the block it is part of. Recency
//! decides between blocks that contradict each other; of blocks that merely overlap the fuller wins.

use super::{Chosen, Lead, Leftover, Merge};
use crate::merge::policy::{BlankFill, Take};
use crate::record::RecordId;
use std::cmp::Reverse;

impl Merge<'_> {
    pub(super) fn block(&self, columns: &[usize], lead: &mut Lead, left: &mut Leftover) {
        if columns.is_empty() {
            return;
        }
        let (record, chosen) = self.choose_block(columns, lead.members, lead.survivor);
        for &column in columns {
            let blank = self.rank(column, record) == 0 && chosen != Chosen::Blank;
            lead.set(column, (record, if blank { Chosen::Block } else { chosen }));
            if chosen == Chosen::Review {
                left.review.push((lead.person, column as u32));
            }
        }
    }

    /// Fills what the chosen block leaves blank, column by column.
    pub(super) fn fill(&self, columns: &[usize], lead: &mut Lead) {
        for &column in columns {
            if self.fields[column].fills() && self.rank(column, lead.choice[column]) == 0 {
                let (record, _) = self.pick(column, lead.members, lead.survivor);
                if self.rank(column, record) > 0 {
                    lead.set(column, (record, Chosen::BlankFill));
                }
            }
        }
    }

    fn choose_block(
        &self,
        columns: &[usize],
        members: &[RecordId],
        survivor: RecordId,
    ) -> (RecordId, Chosen) {
        let size = |m: RecordId| self.block_size(columns, m);
        let most = members.iter().map(|&m| size(m)).max().unwrap_or((0, 0));
        if most == (0, 0) {
            return self.invalid_block(columns, members, survivor);
        }
        let rule = &self.fields[columns[0]].rule;
        if rule.take == Take::Survivor {
            match rule.blank_fill {
                _ if size(survivor).0 > 0 => return (survivor, Chosen::Survivor),
                BlankFill::No => return (survivor, Chosen::Survivor),
                BlankFill::First => {
                    let other = members.iter().copied().find(|&m| m != survivor);
                    return (other.unwrap_or(survivor), Chosen::BlankFill);
                }
                BlankFill::Yes => {}
            }
        }
        let mut usable = members.iter().copied().filter(|&m| size(m).0 > 0);
        if let (Some(only), None) = (usable.next(), usable.next()) {
            let filling = rule.take == Take::Survivor && only != survivor;
            return (only, if filling { Chosen::BlankFill } else { Chosen::Undisputed });
        }
        let filled: Vec<RecordId> = members.iter().copied().filter(|&m| size(m).0 > 0).collect();
        // Blocks that are no part of a fuller one; of equal ones the freshest.
        let whole: Vec<RecordId> = filled
            .iter()
            .copied()
            .filter(|&m| !filled.iter().any(|&o| self.is_beaten(columns, m, o, survivor)))
            .collect();
        let (record, chosen) = match whole[..] {
            [only] => (only, Chosen::Undisputed),
            _ => self.decide_block(columns, &filled, &whole, survivor),
        };
        let filling = rule.take == Take::Survivor && record != survivor;
        (record, if filling { Chosen::BlankFill } else { chosen })
    }

    /// Between whole blocks.
    fn decide_block(
        &self,
        columns: &[usize],
        filled: &[RecordId],
        whole: &[RecordId],
        survivor: RecordId,
    ) -> (RecordId, Chosen) {
        let rule = &self.fields[columns[0]].rule;
        let fresh = |m: RecordId| self.freshness(m, survivor);
        if rule.take == Take::Review && whole.contains(&survivor) {
            return (survivor, Chosen::Review);
        }
        // When a block was last confirmed, by itself or by a part of it.
        let confirmed = |m: RecordId| {
            let parts = filled.iter().filter(|&&o| self.is_part(columns, o, m));
            parts.map(|&o| self.evidence.recency(o)).max().unwrap_or(i64::MIN)
        };
        let newest = whole.iter().copied().max_by_key(|&m| (confirmed(m), fresh(m)));
        let age = |m: RecordId| (self.evidence.age(m), Reverse(fresh(m)));
        let oldest = whole.iter().copied().min_by_key(|&m| age(m));
        let fullest =
            whole.iter().copied().max_by_key(|&m| (self.block_size(columns, m), fresh(m)));
        let anchor = match rule.take {
            Take::Oldest => oldest,
            Take::MostComplete => fullest,
            _ => newest,
        };
        let anchor = anchor.unwrap_or(survivor);
        let compatible = whole.iter().copied().filter(|&m| !self.contradicts(columns, m, anchor));
        let record = compatible
            .max_by_key(|&m| (self.block_size(columns, m), m == anchor, fresh(m)))
            .unwrap_or(anchor);
        let tied = whole.iter().any(|&m| m != record && confirmed(m) == confirmed(record));
        let chosen = match rule.take {
            Take::Review => Chosen::Review,
            Take::Oldest => Chosen::Oldest,
            Take::MostComplete => Chosen::MostComplete,
            _ if record != anchor || tied => Chosen::Completeness,
            _ => Chosen::Newest,
        };
        (record, chosen)
    }

    /// Only invalid cells, if any: the survivor's when it has one, else the freshest.
    fn invalid_block(
        &self,
        columns: &[usize],
        members: &[RecordId],
        survivor: RecordId,
    ) -> (RecordId, Chosen) {
        let any = |m: RecordId| columns.iter().any(|&c| self.rank(c, m) > 0);
        let fills = self.fields[columns[0]].fills();
        if any(survivor) {
            return (survivor, Chosen::Survivor);
        }
        let other = members.iter().copied().filter(|&m| fills && any(m));
        match other.max_by_key(|&m| self.freshness(m, survivor)) {
            Some(record) => (record, Chosen::BlankFill),
            None => (survivor, Chosen::Blank),
        }
    }

    /// Usable cells, and how many of them are known to be valid.
    fn block_size(&self, columns: &[usize], record: RecordId) -> (usize, usize) {
        let count = |least: u8| columns.iter().filter(|&&c| self.rank(c, record) >= least).count();
        (count(2), count(3))
    }

    /// Every usable cell of `part` is also in `whole`, with the same meaning.
    fn is_part(&self, columns: &[usize], part: RecordId, whole: RecordId) -> bool {
        columns.iter().all(|&c| {
            self.rank(c, part) < 2
                || self.rank(c, whole) >= 2 && self.key(c, part) == self.key(c, whole)
        })
    }

    /// Both name a usable value of one column, and not the same.
    fn contradicts(&self, columns: &[usize], a: RecordId, b: RecordId) -> bool {
        columns.iter().any(|&c| {
            self.rank(c, a) >= 2 && self.rank(c, b) >= 2 && self.key(c, a) != self.key(c, b)
        })
    }

    /// `block` is a part of `other`, and the smaller or, where they are equal, the less fresh one.
    fn is_beaten(
        &self,
        columns: &[usize],
        block: RecordId,
        other: RecordId,
        survivor: RecordId,
    ) -> bool {
        block != other
            && self.is_part(columns, block, other)
            && (!self.is_part(columns, other, block)
                || (self.block_size(columns, block), self.freshness(block, survivor))
                    < (self.block_size(columns, other), self.freshness(other, survivor)))
    }
}
