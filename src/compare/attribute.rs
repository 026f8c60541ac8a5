//! Job title, birth date, identifiers and columns without a role of their own.

use super::feature::{Features, Generic, NONE, unpack_date};
use super::level::{birth, three};
use super::similarity::{edits, jaro_winkler, within_one_edit};
use crate::record::ValueId;

/// Level of two job titles.
pub fn title_level(f: &Features, a: u32, b: u32) -> u8 {
    if a == NONE || b == NONE {
        return 0;
    }
    let (x, y) = (&f.titles[a as usize], &f.titles[b as usize]);
    if x.canonical == y.canonical {
        three::SAME
    } else if x.words & y.words != 0 {
        three::NEAR
    } else {
        three::DIFFERENT
    }
}

/// Level of two (partial) birth dates.
pub fn birth_level(a: u32, b: u32) -> u8 {
    if a == 0 || b == 0 {
        return 0;
    }
    if a == b {
        return birth::SAME;
    }
    let ((y1, m1, d1), (y2, m2, d2)) = (unpack_date(a), unpack_date(b));
    let compatible = |p: u16, q: u16| p == 0 || q == 0 || p == q;
    if compatible(y1, y2) && compatible(m1.into(), m2.into()) && compatible(d1.into(), d2.into()) {
        return birth::TWO_PARTS;
    }
    if y1 == y2 && m1 == d2 && d1 == m2 {
        return birth::TYPO;
    }
    let (p, q) = (digits(y1, m1, d1), digits(y2, m2, d2));
    let different = (0..8).filter(|&i| p[i] != q[i]).count();
    let neighbors_swapped =
        (0..7).any(|i| different == 2 && p[i] == q[i + 1] && p[i + 1] == q[i] && p[i] != p[i + 1]);
    if different == 1 || neighbors_swapped {
        return birth::TYPO;
    }
    let equal = usize::from(y1 == y2) + usize::from(m1 == m2) + usize::from(d1 == d2);
    if equal == 2 {
        birth::TWO_PARTS
    } else if y1.abs_diff(y2) <= 1 {
        birth::YEAR
    } else {
        birth::DIFFERENT
    }
}

fn digits(year: u16, month: u8, day: u8) -> [u8; 8] {
    let mut all = [0; 8];
    let mut rest = u32::from(year) * 10_000 + u32::from(month) * 100 + u32::from(day);
    for slot in all.iter_mut().rev() {
        *slot = (rest % 10) as u8;
        rest /= 10;
    }
    all
}

/// Level of a column without a role of its own, or of an identifier.
pub fn generic_level(g: &Generic, a: usize, b: usize) -> u8 {
    let (x, y) = (g.ids[a], g.ids[b]);
    if x == NONE || y == NONE {
        return 0;
    }
    if x == y {
        return three::SAME;
    }
    let (p, q) = (g.values.get(ValueId(x)), g.values.get(ValueId(y)));
    let alike = if g.external { p.len() >= 5 && edits(p, q, 2) <= 2 } else { near_value(p, q) };
    if alike { three::NEAR } else { three::DIFFERENT }
}

fn near_value(p: &str, q: &str) -> bool {
    let numeric = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if numeric(p) && numeric(q) {
        return p.len() >= 4 && p.len() == q.len() && within_one_edit(p, q);
    }
    p.as_bytes().first() == q.as_bytes().first() && jaro_winkler(p, q) >= 0.9
        || p.len() >= 4 && within_one_edit(p, q)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::feature::pack_date;

    #[test]
    fn birth_dates() {
        let d = pack_date;
        let cases = [
            (d(1980, 5, 17), d(1980, 5, 17), birth::SAME, "equal"),
            (d(1980, 5, 7), d(1980, 7, 5), birth::TYPO, "day and month swapped"),
            (d(1980, 5, 17), d(1981, 5, 17), birth::TYPO, "one digit"),
            (d(1980, 5, 17), d(1980, 5, 28), birth::TWO_PARTS, "two parts equal"),
            (d(1980, 5, 17), d(1980, 8, 28), birth::YEAR, "same year"),
            (d(1980, 5, 17), d(1963, 8, 28), birth::DIFFERENT, "nothing in common"),
            (d(0, 5, 17), d(1963, 5, 17), birth::TWO_PARTS, "year unknown"),
            (0, d(1963, 5, 17), 0, "missing"),
        ];
        for (a, b, level, why) in cases {
            assert_eq!(birth_level(a, b), level, "{why}");
            assert_eq!(birth_level(b, a), level, "{why}, other way round");
        }
    }
}
