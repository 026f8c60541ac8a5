//! Columns merged one by one.

use super::{Chosen, FieldClass, Lead, Leftover, Merge, Override, Value};
use crate::merge::policy::{BlankFill, Take};
use crate::record::RecordId;
use std::cmp::Reverse;

impl Merge<'_> {
    pub(super) fn single(&self, column: usize, lead: &mut Lead, left: &mut Leftover) {
        let members = lead.members;
        let pick = self.pick(column, members, lead.survivor);
        lead.set(column, pick);
        let text = match pick.1 {
            Chosen::Union => self.unite(column, lead),
            Chosen::Sum => self.sum(column, members),
            Chosen::Review => {
                left.review.push((lead.person, column as u32));
                None
            }
            _ => None,
        };
        if let Some(text) = text {
            let (person, column) = (lead.person, column as u32);
            left.overrides.push(Override { person, column, value: Value::Text(text) });
        }
    }

    /// The record whose value a column takes, and why.
    pub(super) fn pick(
        &self,
        column: usize,
        members: &[RecordId],
        survivor: RecordId,
    ) -> (RecordId, Chosen) {
        let field = &self.fields[column];
        let take = match field.class {
            FieldClass::Created => Take::Min,
            FieldClass::LastActivity => Take::Max,
            FieldClass::List(_) => Take::Union,
            FieldClass::Consent => Take::MostRestrictive,
            FieldClass::FirstTouch => Take::Oldest,
            _ => field.rule.take,
        };
        let own = self.id(column, survivor);
        if own.is_missing() && members.iter().all(|&m| self.id(column, m) == own) {
            return (survivor, Chosen::Blank);
        }
        let best = members.iter().map(|&m| self.rank(column, m)).max().unwrap_or(0);
        if best == 0 {
            return (survivor, Chosen::Blank);
        }
        if take == Take::Survivor {
            return self.survivors(column, members, survivor);
        }
        // Consent looks at all values, lists and sums at all but placeholders, the rest at the best.
        let floor = match take {
            Take::MostRestrictive => 1,
            Take::Union | Take::Sum => best.min(2),
            _ => best,
        };
        let usable = |m: &RecordId| self.rank(column, *m) >= floor;
        if field.rule.cleared_counts && take == Take::Newest {
            let newest = members.iter().copied().max_by_key(|&m| self.freshness(m, survivor));
            let cleared = |m: &RecordId| self.is_newest(*m, members) && self.rank(column, *m) == 0;
            if let Some(newest) = newest.filter(cleared) {
                return (newest, Chosen::Cleared);
            }
        }
        let mut usable = members.iter().copied().filter(usable);
        let Some(first) = usable.next() else { return (survivor, Chosen::Blank) };
        let undisputed = usable.clone().all(|m| self.key(column, m) == self.key(column, first));
        let (record, mut chosen) = self.take(take, column, first, usable, survivor);
        if undisputed && take != Take::Sum {
            let invalid = |m: &RecordId| (1..floor).contains(&self.rank(column, *m));
            let others = members.iter().any(invalid);
            chosen = if others { Chosen::Validity } else { Chosen::Undisputed };
        }
        // The same raw text on the surviving record: nothing has to be carried over.
        if self.id(column, survivor) == self.id(column, record) {
            return (survivor, chosen);
        }
        (record, chosen)
    }

    /// The surviving record's value, or what fills its blank.
    fn survivors(
        &self,
        column: usize,
        members: &[RecordId],
        survivor: RecordId,
    ) -> (RecordId, Chosen) {
        let own = self.rank(column, survivor);
        match self.fields[column].rule.blank_fill {
            BlankFill::First if own == 0 => {
                let other = members.iter().copied().find(|&m| m != survivor);
                (other.unwrap_or(survivor), Chosen::BlankFill)
            }
            // A placeholder counts as blank.
            BlankFill::Yes if own < 2 => {
                let better = members.iter().copied().filter(|&m| self.rank(column, m) > own);
                let key = |m: &RecordId| (self.rank(column, *m), self.freshness(*m, survivor));
                match better.max_by_key(key) {
                    Some(record) => (record, Chosen::BlankFill),
                    None => (survivor, Chosen::Survivor),
                }
            }
            _ => (survivor, Chosen::Survivor),
        }
    }

    /// Applies a rule to the usable members: `first` and `rest`.
    fn take(
        &self,
        take: Take,
        column: usize,
        first: RecordId,
        rest: impl Iterator<Item = RecordId> + Clone,
        survivor: RecordId,
    ) -> (RecordId, Chosen) {
        let all = || std::iter::once(first).chain(rest.clone());
        let fresh = |m: RecordId| self.freshness(m, survivor);
        let freshest = || all().max_by_key(|&m| fresh(m));
        let (record, chosen) = match take {
            Take::Newest | Take::Survivor => {
                let record = freshest().unwrap_or(first);
                let recency = |m| self.evidence.recency(m);
                let tied = all().any(|m| {
                    recency(m) == recency(record) && self.key(column, m) != self.key(column, record)
                });
                return (record, if tied { Chosen::Completeness } else { Chosen::Newest });
            }
            Take::Oldest => {
                let age = |m: RecordId| (self.evidence.age(m), Reverse(fresh(m)));
                (all().min_by_key(|&m| age(m)), Chosen::Oldest)
            }
            Take::MostFrequent => {
                let votes = |m: RecordId| {
                    all().filter(|&o| self.key(column, o) == self.key(column, m)).count()
                };
                (all().max_by_key(|&m| (votes(m), fresh(m))), Chosen::MostFrequent)
            }
            Take::Longest => {
                let length = |m: RecordId| self.text(column, m).chars().count();
                (all().max_by_key(|&m| (length(m), fresh(m))), Chosen::Longest)
            }
            Take::MostComplete => {
                let filled = |m: RecordId| self.evidence.filled(m);
                (all().max_by_key(|&m| (filled(m), fresh(m))), Chosen::MostComplete)
            }
            Take::Max => {
                let measured = all().filter_map(|m| Some((self.measure(column, m)?, m)));
                let most = measured.max_by_key(|&(n, m)| (n, fresh(m)));
                (most.map(|(_, m)| m).or_else(freshest), Chosen::Max)
            }
            Take::Min => {
                let measured = all().filter_map(|m| Some((self.measure(column, m)?, m)));
                let least = measured.min_by_key(|&(n, m)| (n, Reverse(fresh(m))));
                (least.map(|(_, m)| m).or_else(freshest), Chosen::Min)
            }
            Take::MostRestrictive => {
                let rank = |m: RecordId| self.measure(column, m).unwrap_or(i64::MIN);
                (all().max_by_key(|&m| (rank(m), fresh(m))), Chosen::MostRestrictive)
            }
            Take::Furthest => {
                let order = &self.fields[column].rule.order;
                let place = |m: RecordId| {
                    let text = fold(self.text(column, m));
                    order.iter().position(|stage| fold(stage) == text)
                };
                (all().max_by_key(|&m| (place(m), fresh(m))), Chosen::Furthest)
            }
            Take::FirstNonEmpty => (Some(first), Chosen::FirstNonEmpty),
            Take::Review => (all().find(|&m| m == survivor).or_else(freshest), Chosen::Review),
            Take::Union | Take::Sum => {
                let chosen = if take == Take::Sum { Chosen::Sum } else { Chosen::Union };
                (all().find(|&m| m == survivor).or_else(freshest), chosen)
            }
        };
        (record.unwrap_or(first), chosen)
    }

    /// True when no other member is as new.
    fn is_newest(&self, record: RecordId, members: &[RecordId]) -> bool {
        let recency = |m| self.evidence.recency(m);
        members.iter().all(|&m| m == record || recency(m) < recency(record))
    }

    /// The number, time or rank of a cell.
    fn measure(&self, column: usize, record: RecordId) -> Option<i64> {
        let measure = self.fields[column].measure;
        match measure.get(self.id(column, record).index()) {
            Some(&i64::MIN) => None,
            Some(&number) => Some(number),
            None if measure.is_empty() => parse_millionths(self.text(column, record)),
            None => None,
        }
    }

    /// The united list, unless the chosen cell holds all of it.
    fn unite(&self, column: usize, lead: &mut Lead) -> Option<String> {
        let separator = match &self.fields[column].class {
            FieldClass::List(separator) if !separator.is_empty() => separator.as_str(),
            _ => ";",
        };
        let mut items: Vec<&str> = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        let (mut fullest, mut of_fullest) = (lead.choice[column], 0);
        let first = std::iter::once(lead.survivor);
        let best = lead.members.iter().map(|&m| self.rank(column, m)).max().unwrap_or(0);
        for record in first.chain(lead.members.iter().copied().filter(|&m| m != lead.survivor)) {
            if self.rank(column, record) < best.min(2) {
                continue;
            }
            let mut own: Vec<String> = Vec::new();
            for item in self.text(column, record).split(separator).map(str::trim) {
                let folded = fold(item);
                if item.is_empty() || own.contains(&folded) {
                    continue;
                }
                if !seen.contains(&folded) {
                    seen.push(folded.clone());
                    items.push(item);
                }
                own.push(folded);
            }
            if own.len() > of_fullest {
                (fullest, of_fullest) = (record, own.len());
            }
        }
        lead.choice[column] = fullest;
        if of_fullest == items.len() {
            return None;
        }
        let spaced = format!("{separator} ");
        let has_space = lead.members.iter().any(|&m| self.text(column, m).contains(&spaced));
        Some(items.join(if has_space && separator != " " { &spaced } else { separator }))
    }

    /// The sum of all cells that are numbers, unless the chosen cell shows it.
    fn sum(&self, column: usize, members: &[RecordId]) -> Option<String> {
        let numbers = members.iter().filter_map(|&m| parse_millionths(self.text(column, m)));
        let (count, sum) =
            numbers.fold((0, 0i128), |(count, sum), n| (count + 1, sum + i128::from(n)));
        (count > 1).then(|| format_millionths(sum))
    }
}

/// Letter case and outer white space do not tell list items or stages apart.
fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

/// A plain decimal number in millionths.
pub(super) fn parse_millionths(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let size = 1..=12;
    if !size.contains(&whole.len()) || fraction.len() > 6 || !plain(whole) || !plain(fraction) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let fraction: i64 = format!("{fraction:0<6}").parse().ok()?;
    let number = whole * 1_000_000 + fraction;
    Some(if negative { -number } else { number })
}

fn format_millionths(number: i128) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let number = number.unsigned_abs();
    let fraction = format!("{:06}", number % 1_000_000);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}", number / 1_000_000)
}
