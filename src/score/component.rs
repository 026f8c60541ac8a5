//! Components: the numbers and ladders a model gives, and the lines that lead to each.
//!
//! The types of `[[component]]` and `[[persona]]`. `Component` says what a number is; its lines are
//! made in `apply`, always in the same five steps, because percent rules make order matter.

use super::condition::Condition;
use super::model::OnMerge;
use super::quantity::{POINT, divide_rounded};
use super::rule::EventMatch;

/// A `[[component]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Id.
    pub id: String,
    /// For people.
    pub name: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// What the number is.
    pub kind: ComponentKind,
    /// Smallest and largest value, thousandths; applied last.
    pub range: Option<(Option<i64>, Option<i64>)>,
    /// Rounding of the final number to whole points.
    pub round: Option<Rounding>,
    /// Groups of rules.
    pub groups: Vec<Group>,
    /// Line in the file.
    pub line: u32,
}

/// What a component is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComponentKind {
    /// A sum of rules.
    Points,
    /// A letter on a ladder.
    Ladder {
        /// Letters, lowest first.
        steps: Vec<String>,
        /// Index of the letter one starts on.
        start: usize,
    },
    /// Criteria from 0 to 100, the best row of each counts by the weight of its group.
    Weighted,
    /// How well the best persona fits, 0 to 100.
    Persona,
    /// The sum of the points in a points log.
    Ledger {
        /// Actions that count once however often they were logged.
        once: Vec<EventMatch>,
    },
    /// A number that another product computed; it cannot be recomputed.
    Field {
        /// Field name.
        field: String,
        /// How the numbers of merged records become one: never `Recompute`.
        on_merge: OnMerge,
    },
    /// The sum, or the mean, of other components.
    Total {
        /// Indices of the components.
        of: Vec<usize>,
        /// The mean instead of the sum.
        mean: bool,
    },
}

impl ComponentKind {
    /// As a model writes it.
    pub fn as_str(&self) -> &'static str {
        match self {
            ComponentKind::Points => "points",
            ComponentKind::Ladder { .. } => "ladder",
            ComponentKind::Weighted => "weighted",
            ComponentKind::Persona => "persona",
            ComponentKind::Ledger { .. } => "ledger",
            ComponentKind::Field { .. } => "field",
            ComponentKind::Total { .. } => "total",
        }
    }
}

/// A `[[component.group]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Id, unique in the component.
    pub id: String,
    /// Smallest sum of its rules, thousandths.
    pub min: Option<i64>,
    /// Largest sum of its rules, thousandths.
    pub max: Option<i64>,
    /// In a weighted component: its percent of the whole, in thousandths of a percent.
    pub weight: Option<i64>,
}

impl Group {
    /// True when the sum of its rules is held in bounds.
    pub fn is_capped(&self) -> bool {
        self.min.is_some() || self.max.is_some()
    }
}

/// Rounding to whole points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest; halves away from zero.
    HalfUp,
    /// To the nearest; halves to the even neighbor.
    HalfEven,
    /// Up.
    Up,
    /// Down.
    Down,
}

impl Rounding {
    /// Rounds thousandths to whole points.
    pub fn apply(self, value: i64) -> i64 {
        let whole = match self {
            Rounding::HalfUp => divide_rounded(i128::from(value), i128::from(POINT)) as i64,
            Rounding::Up => value.div_euclid(POINT) + i64::from(value.rem_euclid(POINT) > 0),
            Rounding::Down => value.div_euclid(POINT),
            Rounding::HalfEven => {
                let (down, rest) = (value.div_euclid(POINT), value.rem_euclid(POINT));
                down + i64::from(rest > POINT / 2 || (rest == POINT / 2 && down % 2 != 0))
            }
        };
        whole.saturating_mul(POINT)
    }
}

/// A `[[persona]]`: an ideal customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Persona {
    /// Id.
    pub id: String,
    /// For people.
    pub name: Option<String>,
    /// What such a customer is like.
    pub traits: Vec<Trait>,
}

/// One trait of a persona.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trait {
    /// For people.
    pub name: Option<String>,
    /// When it is met.
    pub condition: Condition,
    /// Its weight, thousandths.
    pub weight: i64,
}

impl Component {
    /// Name for people: the name, else the id.
    pub fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }

    /// True for letters.
    pub fn is_ladder(&self) -> bool {
        matches!(self.kind, ComponentKind::Ladder { .. })
    }

    /// Holds a value in the range; a ladder's range is the ladder.
    pub fn clamp(&self, value: i64) -> i64 {
        if let ComponentKind::Ladder { steps, .. } = &self.kind {
            let top = (steps.len().saturating_sub(1)) as i64 * POINT;
            return value.clamp(0, top);
        }
        let (min, max) = self.range.unwrap_or((None, None));
        let value = max.map_or(value, |max| value.min(max));
        min.map_or(value, |min| value.max(min))
    }
}

#[cfg(test)]
mod tests {
    use super::Rounding::*;

    #[test]
    fn rounding_is_exact_on_both_sides_of_zero() {
        for (value, rounding, expected) in [
            (92_500, HalfUp, 93_000),
            (-92_500, HalfUp, -93_000),
            (92_500, HalfEven, 92_000),
            (93_500, HalfEven, 94_000),
            (92_001, Up, 93_000),
            (-92_001, Up, -92_000),
            (92_999, Down, 92_000),
            (-92_001, Down, -93_000),
        ] {
            assert_eq!(rounding.apply(value), expected, "{value} {rounding:?}");
        }
    }
}
