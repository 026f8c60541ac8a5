//! Sketches: eight bytes of a text that often tell that two texts cannot be alike.
//!
//! A pair of records jumps to places all over memory, and fetching two texts only to find that they
//! differ costs more than comparing them. A sketch lies beside what a comparison reads anyway. It
//! only ever says no: what passes is compared as text, so that no result depends on it.

/// What is known of a text without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sketch {
    /// The bytes that occur, as a set of their lowest five bits; 0 where nothing is known.
    letters: u32,
    /// Its bytes, at most 255.
    length: u8,
    /// Its first byte.
    initial: u8,
}

impl Sketch {
    /// The sketch of a text; one that says nothing when it is not plain ASCII of up to 254 bytes.
    pub fn of(text: &str) -> Self {
        if !text.is_ascii() || text.len() > 254 {
            return Self::default();
        }
        Self {
            letters: text.bytes().fold(0, |set, byte| set | 1 << (byte & 31)),
            length: text.len() as u8,
            initial: text.bytes().next().unwrap_or(0),
        }
    }

    /// Kinds of letters of each that the other lacks; `None` where nothing is known.
    fn lacking(self, other: Self) -> Option<(u32, u32)> {
        (self.letters != 0 && other.letters != 0).then(|| {
            (
                (self.letters & !other.letters).count_ones(),
                (other.letters & !self.letters).count_ones(),
            )
        })
    }

    /// False when more than one edit (a letter added, dropped or replaced, or two neighbors swapped)
    /// is needed to turn one text into the other.
    pub fn may_be_one_edit(self, other: Self) -> bool {
        self.lacking(other)
            .is_none_or(|(x, y)| x <= 1 && y <= 1 && self.length.abs_diff(other.length) <= 1)
    }

    /// False when the first letters differ or Jaro-Winkler stays below `least`.
    ///
    /// With `m` letters matched, Jaro is at most a third of `m/|a| + m/|b| + 1`; a letter the other
    /// text lacks is not matched. Winkler adds at most .4 of what is missing to 1.
    pub fn may_be_alike(self, other: Self, least: f64) -> bool {
        self.lacking(other).is_none_or(|(x, y)| {
            let matched = |length: u8, lacking: u32| 1.0 - f64::from(lacking) / f64::from(length);
            let jaro = (matched(self.length, x) + matched(other.length, y) + 1.0) / 3.0;
            self.initial == other.initial && jaro + 0.4 * (1.0 - jaro) > least - 1e-9
        })
    }

    /// False when neither text begins with the other.
    pub fn may_begin(self, other: Self) -> bool {
        self.lacking(other).is_none_or(|(x, y)| (x == 0 || y == 0) && self.initial == other.initial)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::similarity::{jaro_winkler, within_one_edit};
    use proptest::prelude::*;

    proptest! {
        /// A sketch never says no where the texts say yes.
        #[test]
        fn says_no_only_where_it_is_so(a in "[a-e\u{e9} 1]{0,9}", b in "[a-e\u{e9} 1]{0,9}") {
            let (x, y) = (Sketch::of(&a), Sketch::of(&b));
            prop_assert!(!within_one_edit(&a, &b) || x.may_be_one_edit(y));
            prop_assert!(!(a.starts_with(&b) || b.starts_with(&a)) || b.is_empty() || a.is_empty() || x.may_begin(y));
            for least in [0.8, 0.9, 0.92] {
                let alike = jaro_winkler(&a, &b) >= least && a.as_bytes()[0] == b.as_bytes()[0];
                prop_assert!(!alike || x.may_be_alike(y, least));
            }
        }
    }

    #[test]
    fn says_no_where_it_can() {
        let (smith, jones, smyth) = (Sketch::of("smith"), Sketch::of("jones"), Sketch::of("smyth"));
        assert!(!smith.may_be_one_edit(jones) && !smith.may_be_alike(jones, 0.9));
        assert!(smith.may_be_one_edit(smyth) && smith.may_be_alike(smyth, 0.9));
        assert!(!smith.may_begin(smyth));
        assert!(Sketch::of("Ünal").may_be_alike(jones, 0.9), "nothing is known of it");
    }
}
