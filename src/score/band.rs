//! Bands and matrices: from a number to an action, and from two numbers to a rating.
//!
//! Last step of scoring. Bounds are whole thousandths and inclusive after parsing, so "higher than
//! 90" is simply "at least 90.001" and no comparison depends on rounding.

use super::component::{Component, ComponentKind};
use super::quantity::POINT;

/// Cold or hot, as the model says of a band.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Temperature {
    /// Not interested yet.
    Cold,
    /// Interested.
    Warm,
    /// Ready.
    Hot,
}

impl Temperature {
    /// As a model writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Temperature::Cold => "cold",
            Temperature::Warm => "warm",
            Temperature::Hot => "hot",
        }
    }
}

/// How an action reaches a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// By phone: needs the permission to phone.
    Phone,
    /// By e-mail: needs the permission to mail.
    Email,
    /// Neither: always permitted.
    Other,
}

impl Channel {
    /// As a model writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Phone => "phone",
            Channel::Email => "email",
            Channel::Other => "other",
        }
    }
}

/// A `[[band]]` of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// Index of the component.
    pub of: usize,
    /// Id, unique among the bands of its component.
    pub id: String,
    /// Smallest value in it, thousandths; `i64::MIN` without a lower bound.
    pub min: i64,
    /// Largest value in it, thousandths; `i64::MAX` without an upper bound.
    pub max: i64,
    /// What to do with leads in it.
    pub action: Option<String>,
    /// How the action reaches a lead, where the model says so.
    pub channel: Option<Channel>,
    /// Cold or hot.
    pub temperature: Option<Temperature>,
    /// For people.
    pub description: Option<String>,
    /// Line in the file.
    pub line: u32,
}

impl Band {
    /// True when the value is in the band.
    pub fn contains(&self, value: i64) -> bool {
        (self.min..=self.max).contains(&value)
    }

    /// How the action reaches a lead: as the model says, else as the words of the action do.
    pub fn channel(&self) -> Channel {
        let action = self.action.as_deref().map(super::condition::fold).unwrap_or_default();
        let says = |words: &[&str]| words.iter().any(|word| action.contains(word));
        match self.channel {
            Some(channel) => channel,
            None if says(&["phone", "call", "llama", "anruf", "appel"]) => Channel::Phone,
            None if says(&["mail", "newsletter", "offer", "correo"]) => Channel::Email,
            None => Channel::Other,
        }
    }
}

/// The band whose action is permitted for a lead in `band`: its own, else the next lower one of the
/// component that has an action; with the reason when it is not its own.
pub fn permitted_band(
    bands: &[Band],
    band: usize,
    may_phone: bool,
    may_email: bool,
) -> (Option<usize>, Option<&'static str>) {
    let refusal = |band: &Band| match band.channel() {
        Channel::Phone if !may_phone => Some("may not be phoned"),
        Channel::Email if !may_email => Some("may not be mailed"),
        _ => None,
    };
    let Some(own) = bands.get(band) else { return (None, None) };
    let Some(reason) = refusal(own) else { return (Some(band), None) };
    let lower = |other: &&(usize, &Band)| {
        let below = other.1.of == own.of && other.1.min < own.min;
        below && other.1.action.is_some() && refusal(other.1).is_none()
    };
    let all: Vec<(usize, &Band)> = bands.iter().enumerate().collect();
    let next = all.iter().filter(lower).max_by_key(|other| other.1.min).map(|other| other.0);
    (next, Some(reason))
}

/// Index of the first band of `component` that holds the value.
pub fn find_band(bands: &[Band], component: usize, value: i64) -> Option<usize> {
    bands.iter().position(|band| band.of == component && band.contains(value))
}

/// A `[[matrix]]`: a letter from one component, a number from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    /// Id.
    pub id: String,
    /// Component of the letter.
    pub letter: usize,
    /// Component of the number.
    pub number: usize,
    /// Letters with the smallest value (thousandths) that earns them, best first.
    pub letters: Vec<(String, i64)>,
    /// Numbers likewise.
    pub numbers: Vec<(String, i64)>,
}

impl Matrix {
    /// Indices into `letters` and `numbers`; a value below all thresholds takes the last.
    pub fn rate(&self, letter: i64, number: i64) -> (u8, u8) {
        let class = |steps: &[(String, i64)], value: i64| {
            let at = steps.iter().position(|&(_, least)| value >= least);
            at.unwrap_or(steps.len().saturating_sub(1)) as u8
        };
        (class(&self.letters, letter), class(&self.numbers, number))
    }

    /// The rating as people read it: `A1`.
    pub fn show(&self, rating: (u8, u8)) -> String {
        let name = |steps: &[(String, i64)], at: u8| {
            steps.get(at as usize).map_or(String::new(), |step| step.0.clone())
        };
        name(&self.letters, rating.0) + &name(&self.numbers, rating.1)
    }

    /// Both values added, in whole points, halves up.
    pub fn combine(&self, letter: i64, number: i64) -> i64 {
        letter.saturating_add(number).saturating_add(POINT / 2).div_euclid(POINT)
    }
}

/// A value of a component as people read it: points, or the letter of a ladder.
pub fn show_value(component: &Component, value: i64) -> String {
    match &component.kind {
        ComponentKind::Ladder { steps, .. } => {
            let at = usize::try_from(value / POINT).unwrap_or(0);
            steps.get(at).or(steps.last()).cloned().unwrap_or_default()
        }
        _ => super::quantity::format_points(value),
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::parse;
    use super::*;

    #[test]
    fn who_may_not_be_phoned_gets_the_next_permitted_action() {
        let model = parse(include_str!("../../fixtures/ana/scoring.toml"), "m").unwrap();
        for (band, may_phone, may_email, expected) in [
            (0, true, true, (Some(0), None)),
            (0, false, true, (Some(1), Some("may not be phoned"))),
            (0, false, false, (None, Some("may not be phoned"))),
            (1, true, false, (None, Some("may not be mailed"))),
            (2, false, true, (Some(2), None)),
            (9, true, true, (None, None)),
        ] {
            assert_eq!(permitted_band(&model.bands, band, may_phone, may_email), expected);
        }
    }
}
