//! Canonical order: what makes a result independent of the order of the input's rows.

use super::{Column, Dictionary, RecordId, Table, ValueId};
use rayon::prelude::*;

/// Compares ids as people do: runs of digits by their value, everything else by its bytes.
///
/// `L2` comes before `L10`; ids that differ only in leading zeros fall back to plain order.
pub fn natural_order(a: &str, b: &str) -> std::cmp::Ordering {
    let (x, y) = (a.as_bytes(), b.as_bytes());
    let (mut i, mut j) = (0, 0);
    while i < x.len() && j < y.len() {
        if x[i].is_ascii_digit() && y[j].is_ascii_digit() {
            let (p, q) = (digits(&x[i..]), digits(&y[j..]));
            let (m, n) = (without_zeros(p), without_zeros(q));
            let order = m.len().cmp(&n.len()).then_with(|| m.cmp(n));
            if order.is_ne() {
                return order;
            }
            i += p.len();
            j += q.len();
        } else if x[i] != y[j] {
            return x[i].cmp(&y[j]);
        } else {
            i += 1;
            j += 1;
        }
    }
    (x.len() - i).cmp(&(y.len() - j)).then_with(|| a.cmp(b))
}

fn digits(text: &[u8]) -> &[u8] {
    &text[..text.iter().take_while(|b| b.is_ascii_digit()).count()]
}

fn without_zeros(digits: &[u8]) -> &[u8] {
    &digits[digits.iter().take_while(|&&b| b == b'0').count()..]
}

impl Table {
    /// Puts the records in canonical order: by source, record id in natural order, occurrence.
    ///
    /// Done once after uniting, so that every later stage can break ties by the smaller record and
    /// still give the same result for any order of the input's rows.
    pub fn put_in_canonical_order(&mut self) {
        let before = |x: u32, y: u32| {
            let (i, j) = (x as usize, y as usize);
            self.source[i]
                .cmp(&self.source[j])
                .then_with(|| natural_order(self.id.get(RecordId(x)), self.id.get(RecordId(y))))
                .then(self.occurrence[i].cmp(&self.occurrence[j]))
                .then(self.digest[i].cmp(&self.digest[j]))
        };
        let count = self.len() as u32;
        if (1..count).all(|r| before(r - 1, r).is_lt()) {
            return;
        }
        let mut order: Vec<u32> = (0..count).collect();
        order.par_sort_by(|&x, &y| before(x, y));
        fn apply<T: Copy + Send + Sync>(order: &[u32], values: &mut Vec<T>) {
            *values = order.par_iter().with_min_len(4096).map(|&r| values[r as usize]).collect();
        }
        apply(&order, &mut self.source);
        apply(&order, &mut self.row);
        apply(&order, &mut self.line);
        apply(&order, &mut self.occurrence);
        apply(&order, &mut self.digest);
        apply(&order, &mut self.id.ids);
        self.id.put_in_order_of_use();
        self.columns.par_iter_mut().for_each(|column| {
            apply(&order, &mut column.ids);
            column.put_in_order_of_use();
        });
    }
}

impl Column {
    /// Numbers the values in the order in which the records use them, so that who goes through the
    /// records goes through the text from front to back. Values nobody uses are dropped.
    fn put_in_order_of_use(&mut self) {
        let mut number = vec![ValueId::MISSING; self.dictionary.len()];
        let mut ordered = Dictionary::with_capacity(&self.dictionary);
        for id in &mut self.ids {
            if id.is_missing() {
                continue;
            }
            let new = &mut number[id.index()];
            if new.is_missing() {
                // It fitted before, so it fits again.
                let Some(pushed) = ordered.push(self.dictionary.get(*id)) else { return };
                *new = pushed;
            }
            *id = *new;
        }
        self.dictionary = ordered;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cmp::Ordering;

    #[test]
    fn ids_in_natural_order() {
        let mut ids = ["L10", "L2", "b", "L02", "", "a", "L2x", "00Q5", "00Q10"];
        ids.sort_by(|a, b| natural_order(a, b));
        assert_eq!(ids, ["", "00Q5", "00Q10", "L02", "L2", "L2x", "L10", "a", "b"]);
    }

    proptest! {
        #[test]
        fn natural_order_is_an_order(a in "[a0-9]{0,5}", b in "[a0-9]{0,5}", c in "[a0-9]{0,5}") {
            prop_assert_eq!(natural_order(&a, &b), natural_order(&b, &a).reverse());
            prop_assert_eq!(natural_order(&a, &b) == Ordering::Equal, a == b);
            if natural_order(&a, &b).is_le() && natural_order(&b, &c).is_le() {
                prop_assert!(natural_order(&a, &c).is_le());
            }
        }
    }
}
