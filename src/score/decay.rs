//! How points of an event fade with its age, in integers.
//!
//! Used by event rules. Why not `powf`: its last bits differ between platforms, and a score must be
//! the same on all of them.

use super::quantity::{divide_rounded, multiply_ratio};

/// The `decay` table of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decay {
    /// Loses `percent` (in thousandths of a percent) of the points each `every`, down to none.
    Linear {
        /// Thousandths of a percent lost in one `every`.
        percent: i64,
        /// Microseconds.
        every: i64,
        /// Only whole `every`s count.
        step: bool,
    },
    /// Half of the points after each `half_life`.
    HalfLife {
        /// Microseconds.
        half_life: i64,
    },
}

/// Fixed-point one of the half-life factor.
const ONE: u64 = 1 << 62;
/// Binary digits of the fraction of a half-life that are looked at: finer than a microsecond share
/// could ever show in a thousandth of a point.
const DIGITS: usize = 40;
/// `2^-1/2`, `2^-1/4`, ... in units of 2^-62, by repeated integer square roots.
const ROOTS: [u64; DIGITS] = roots();

impl Decay {
    /// Points left of `points` (thousandths) at `age` microseconds; half-thousandths round away
    /// from zero. A negative age counts as none.
    pub fn apply(&self, points: i64, age: i64) -> i64 {
        let age = age.max(0);
        match *self {
            Decay::Linear { percent, every, step } => {
                let age = if step { age - age % every } else { age };
                let whole = 100_000_i128 * i128::from(every);
                let left = (whole - i128::from(percent) * i128::from(age)).max(0);
                multiply_ratio(points, left, whole)
            }
            Decay::HalfLife { half_life } => {
                let halvings = age / half_life;
                if halvings >= 100 {
                    return 0;
                }
                let factor = half_power(age % half_life, half_life);
                let denominator = i128::from(ONE) << halvings.min(60);
                let value = i128::from(points) * i128::from(factor);
                let value = divide_rounded(value, denominator);
                // Beyond 60 halvings nothing of an i64 is left but rounding.
                if halvings > 60 { 0 } else { i64::try_from(value).unwrap_or(0) }
            }
        }
    }
}

const fn roots() -> [u64; DIGITS] {
    let mut roots = [0; DIGITS];
    let (mut root, mut i) = (ONE / 2, 0);
    while i < DIGITS {
        root = (root as u128 * ONE as u128).isqrt() as u64;
        roots[i] = root;
        i += 1;
    }
    roots
}

/// `2^-(part/whole)` for `0 <= part < whole`, in units of 2^-62.
///
/// The exponent is written in binary; each digit that is set multiplies by the matching root of a
/// half.
fn half_power(part: i64, whole: i64) -> u64 {
    // Both are below 2^63, so doubling a rest below `whole` fits.
    let (mut rest, whole) = (part.unsigned_abs(), whole.unsigned_abs());
    let mut factor = ONE;
    for root in ROOTS {
        if rest == 0 {
            break;
        }
        rest *= 2;
        if rest >= whole {
            rest -= whole;
            factor = ((u128::from(factor) * u128::from(root)) >> 62) as u64;
        }
    }
    factor
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::quantity::DAY;

    #[test]
    fn linear_fades_in_proportion_or_in_steps() {
        let linear = |step| Decay::Linear { percent: 50_000, every: 30 * DAY, step };
        for (days, smooth, stepped) in
            [(0, 10_000, 10_000), (15, 7_500, 10_000), (30, 5_000, 5_000), (60, 0, 0), (90, 0, 0)]
        {
            assert_eq!(linear(false).apply(10_000, days * DAY), smooth, "{days} days");
            assert_eq!(linear(true).apply(10_000, days * DAY), stepped, "{days} days in steps");
        }
        assert_eq!(linear(false).apply(-10_000, 30 * DAY), -5_000);
    }

    #[test]
    fn half_life_agrees_with_real_arithmetic() {
        let decay = Decay::HalfLife { half_life: 30 * DAY };
        for days in [0, 1, 7, 15, 30, 31, 45, 60, 300, 1000, 100_000] {
            let exact = 100_000.0 * 0.5_f64.powf(days as f64 / 30.0);
            let got = decay.apply(100_000, days * DAY);
            assert!((got as f64 - exact).abs() <= 0.5 + 1e-6, "{days}: {got} against {exact}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_grows_with_age(points in 0_i64..1_000_000_000, a in 0_i64..i64::MAX, b in 0_i64..i64::MAX, unit in 1_i64..i64::MAX / 4) {
            let (young, old) = (a.min(b), a.max(b));
            for decay in [Decay::HalfLife { half_life: unit }, Decay::Linear { percent: 30_000, every: unit, step: false }] {
                assert!(decay.apply(points, old) <= decay.apply(points, young));
                assert_eq!(decay.apply(points, 0), points);
            }
        }
    }
}
