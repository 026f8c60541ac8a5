//! E-mails and phones: a person has several, and a merge loses none of them.
//!
//! Each column takes its best value that no earlier column shows yet. What is left goes into the
//! columns that stayed free (a second phone into a blank `mobile`); what finds none is listed, for
//! the journal and the reports.

use super::{Chosen, Extra, Lead, Leftover, Merge, Override, Value};
use crate::record::RecordId;

impl Merge<'_> {
    pub(super) fn multi(&self, columns: &[usize], lead: &mut Lead, left: &mut Leftover) {
        let filled = |m: RecordId| columns.iter().any(|&c| !self.id(c, m).is_missing());
        if !lead.members.iter().any(|&m| filled(m)) {
            columns.iter().for_each(|&c| lead.set(c, (lead.survivor, Chosen::Blank)));
            return;
        }
        let mut shown: Vec<Contact> = Vec::with_capacity(columns.len());
        let mut free: Vec<usize> = Vec::new();
        let mut members: Vec<RecordId> = Vec::with_capacity(lead.members.len());
        for &column in columns {
            members.clear();
            members.extend(
                lead.members
                    .iter()
                    .copied()
                    .filter(|&m| self.rank(column, m) >= 2 && !self.is_shown(&shown, column, m)),
            );
            let (record, chosen) = if members.is_empty() {
                // Nothing new: as it would be for any column, and free for what is left over.
                self.pick(column, lead.members, lead.survivor)
            } else {
                self.pick_new(column, &members, lead)
            };
            lead.set(column, (record, chosen));
            if chosen == Chosen::Review {
                left.review.push((lead.person, column as u32));
            }
            if self.rank(column, record) < 2 || self.is_shown(&shown, column, record) {
                free.push(column);
            } else {
                shown.push(self.contact(column, record));
            }
        }
        self.place_rest(columns, shown, free, lead, left);
    }

    /// The pick among records whose value is not shown yet.
    fn pick_new(&self, column: usize, new: &[RecordId], lead: &Lead) -> (RecordId, Chosen) {
        let (record, chosen) = self.pick(column, lead.members, lead.survivor);
        if new.contains(&record) || !self.fills(column) {
            return (record, chosen);
        }
        let survivor = if new.contains(&lead.survivor) { lead.survivor } else { new[0] };
        self.pick(column, new, survivor)
    }

    /// Values no column shows go to free columns, best first.
    fn place_rest(
        &self,
        columns: &[usize],
        mut shown: Vec<Contact>,
        free: Vec<usize>,
        lead: &mut Lead,
        left: &mut Leftover,
    ) {
        let mut rest: Vec<(usize, RecordId)> = Vec::new();
        for &column in columns {
            for &record in lead.members {
                if self.rank(column, record) >= 2 && !self.is_shown(&shown, column, record) {
                    rest.push((column, record));
                }
            }
        }
        if rest.is_empty() {
            return;
        }
        let survivor = lead.survivor;
        rest.sort_by(|&(ca, a), &(cb, b)| {
            let key = |c, m| (self.rank(c, m), self.freshness(m, survivor));
            key(cb, b).cmp(&key(ca, a)).then(ca.cmp(&cb))
        });
        let mut free = free.into_iter().filter(|&c| self.fills(c));
        for (column, record) in rest {
            if self.is_shown(&shown, column, record) {
                continue;
            }
            shown.push(self.contact(column, record));
            let (person, from) = (lead.person, column as u32);
            match free.next() {
                Some(into) if into == column => lead.set(into, (record, Chosen::Moved)),
                Some(into) => {
                    lead.set(into, (record, Chosen::Moved));
                    let value = Value::Cell { column: from, record };
                    left.overrides.push(Override { person, column: into as u32, value });
                }
                None => left.extra.push(Extra { person, column: from, record }),
            }
        }
    }

    fn fills(&self, column: usize) -> bool {
        self.fields[column].fills()
    }

    fn contact(&self, column: usize, record: RecordId) -> Contact {
        Contact { column, record }
    }

    fn is_shown(&self, shown: &[Contact], column: usize, record: RecordId) -> bool {
        shown.iter().any(|s| self.same_contact(s.column, s.record, column, record))
    }

    /// Columns of one class number their meanings alike; raw columns compare their texts.
    fn same_contact(&self, ca: usize, a: RecordId, cb: usize, b: RecordId) -> bool {
        let numbered = |c: usize| !self.fields[c].key.is_empty();
        if ca == cb || numbered(ca) && numbered(cb) {
            return self.key(ca, a) == self.key(cb, b);
        }
        self.text(ca, a).trim().eq_ignore_ascii_case(self.text(cb, b).trim())
    }
}

/// A value that a column shows.
#[derive(Clone, Copy)]
struct Contact {
    column: usize,
    record: RecordId,
}
