//! Rules: what a fact or an activity does to a component.
//!
//! The types of `[[rule]]`, and which of a lead's matching events count (`times`). Rules do not know
//! of each other; `component` applies them in the order of the file.

use super::condition::{Condition, Test};
use super::decay::Decay;
use super::facts::Events;
use super::model::Place;
use super::quantity::DAY;
use jiff::tz::TimeZone;

/// A `[[rule]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Id, unique in the model.
    pub id: String,
    /// For people.
    pub name: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// Index of its component.
    pub component: usize,
    /// Index of its group in the component.
    pub group: Option<usize>,
    /// Property condition.
    pub condition: Option<Condition>,
    /// Events that it counts.
    pub on: Option<EventMatch>,
    /// What it does.
    pub effect: Effect,
    /// True when the file says `subtract`: its number is an importance, its direction is down.
    pub subtracts: bool,
    /// Which of the matching events count.
    pub times: Times,
    /// Only events at most this old, microseconds.
    pub within: Option<i64>,
    /// Points vanish at this age, microseconds.
    pub expire: Option<i64>,
    /// Points fade with age.
    pub decay: Option<Decay>,
    /// Which values of a merged lead decide.
    pub over: Over,
    /// Where the rule starts in the file.
    pub place: Place,
}

/// What a rule does to its component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Adds thousandths.
    Add(i64),
    /// Adds this share (millionths) of a sum.
    Scale(i64, ScaleOf),
    /// Moves on a ladder; the second number is for a condition that is false.
    Step(i64, Option<i64>),
    /// Makes the component this many thousandths.
    Set(i64),
    /// Takes what is above this many thousandths.
    Cap(i64),
}

/// What `scale` is a share of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScaleOf {
    /// The rules above it in the component.
    Before,
    /// The component, groups clamped.
    Total,
    /// Rules and groups by index.
    List {
        /// Indices of rules.
        rules: Vec<usize>,
        /// Indices of groups of the component.
        groups: Vec<usize>,
    },
}

/// Which of the matching events count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Times {
    /// Every one.
    #[default]
    Each,
    /// One.
    Once,
    /// One per object.
    PerObject,
    /// One per day.
    PerDay,
    /// At most so many.
    Max(u32),
    /// One, when there are at least so many.
    AtLeast(u32),
    /// One, when there are exactly so many.
    Exactly(u32),
}

/// Which values of a merged lead a condition sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Over {
    /// The values that survived.
    #[default]
    Survivor,
    /// True when it is true of any record.
    Any,
    /// True when it is true of all records that know.
    All,
    /// What the newest record that knows says.
    Newest,
}

/// The events a rule counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventMatch {
    /// Canonical kinds.
    pub kinds: Vec<String>,
    /// Test of the object's name.
    pub object: Option<Test>,
}

impl Rule {
    /// Name for people: the name, else the id.
    pub fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }

    /// True when the points of an event depend on its age.
    pub fn is_dated(&self) -> bool {
        self.within.is_some() || self.expire.is_some() || self.decay.is_some()
    }

    /// True when an event of this age counts; `None` is an event without a date.
    pub fn accepts_age(&self, age: Option<i64>) -> bool {
        let Some(age) = age else { return !self.is_dated() };
        self.within.is_none_or(|span| age <= span) && self.expire.is_none_or(|span| age < span)
    }

    /// Points of `add` for an event of this age.
    pub fn points_at(&self, points: i64, age: Option<i64>) -> i64 {
        match (&self.decay, age) {
            (Some(decay), Some(age)) => decay.apply(points, age),
            (Some(_), None) => 0,
            (None, _) => points,
        }
    }

    /// Leaves in `matching` (event indices, oldest first) only those that count.
    ///
    /// Where one of several counts, it is the first, or the newest when points depend on age: an
    /// older copy of an event never takes points from a lead.
    pub(crate) fn choose(&self, matching: &mut Vec<u32>, events: &Events, zone: &TimeZone) {
        let newest = self.is_dated();
        match self.times {
            Times::Each => {}
            Times::Once => keep_some(matching, 1, newest),
            Times::Max(n) => keep_some(matching, n as usize, newest),
            Times::AtLeast(n) if matching.len() >= n as usize => keep_some(matching, 1, true),
            Times::Exactly(n) if matching.len() == n as usize => keep_some(matching, 1, true),
            Times::AtLeast(_) | Times::Exactly(_) => matching.clear(),
            Times::PerObject => {
                keep_one_each(matching, newest, |i| i64::from(events.object[i as usize]));
            }
            Times::PerDay => keep_one_each(matching, newest, |i| day(events.at[i as usize], zone)),
        }
    }
}

fn keep_some(matching: &mut Vec<u32>, count: usize, newest: bool) {
    if newest && matching.len() > count {
        matching.drain(..matching.len() - count);
    } else {
        matching.truncate(count);
    }
}

fn keep_one_each(matching: &mut Vec<u32>, newest: bool, key: impl Fn(u32) -> i64) {
    if matching.len() < 2 {
        return;
    }
    // Indices are in time order, so the index itself breaks ties between events of one key.
    let mut keyed: Vec<(i64, u32)> = matching.iter().map(|&i| (key(i), i)).collect();
    keyed.sort_unstable_by_key(|&(key, i)| (key, if newest { u32::MAX - i } else { i }));
    keyed.dedup_by_key(|pair| pair.0);
    matching.clear();
    matching.extend(keyed.iter().map(|&(_, i)| i));
    matching.sort_unstable();
}

/// Number of the local day of an instant; all events without a date share one.
fn day(at: i64, zone: &TimeZone) -> i64 {
    if *zone == TimeZone::UTC {
        return at.div_euclid(DAY);
    }
    let Ok(instant) = jiff::Timestamp::from_microsecond(at) else { return at.div_euclid(DAY) };
    let offset = i64::from(zone.to_offset(instant).seconds());
    at.saturating_add(offset * super::quantity::SECOND).div_euclid(DAY)
}
