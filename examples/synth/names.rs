//! First and last names of nine countries, frequent ones often and rare ones many.
//!
//! The head of each list is written out in order of frequency and drawn by a flattened Zipf law;
//! the tail is composed from syllables of the language. So the number of different names goes on
//! growing with the number of persons, as in a real population, while Smith stays Smith.

use crate::name_lists::LISTS;
use crate::places::{BR, DE, ES, FR, MX, US};
use crate::random::Rng;

/// A name and how many of a million people of its country carry it.
pub struct Drawn {
    pub text: String,
    pub per_million: f64,
}

/// Splits the lists once.
pub struct Names {
    given: Vec<Vec<&'static str>>,
    family: Vec<Vec<&'static str>>,
    given_parts: Vec<[Vec<&'static str>; 2]>,
    family_parts: Vec<[Vec<&'static str>; 3]>,
}

/// Flattening of the Zipf law of listed names: rank r weighs 1 / (r + flat).
const GIVEN_FLAT: f64 = 14.0;
const FAMILY_FLAT: f64 = 9.0;

impl Names {
    /// The lists as vectors.
    pub fn new() -> Names {
        let words = |text: &'static str| text.split_whitespace().collect::<Vec<_>>();
        Names {
            given: LISTS.iter().map(|list| words(list.given)).collect(),
            family: LISTS.iter().map(|list| words(list.family)).collect(),
            given_parts: LISTS.iter().map(|list| list.given_parts.map(words)).collect(),
            family_parts: LISTS.iter().map(|list| list.family_parts.map(words)).collect(),
        }
    }

    /// A given name of a country.
    pub fn draw_given(&self, rng: &mut Rng, country: usize) -> Drawn {
        let list = &LISTS[country];
        let doubles = match country {
            DE | FR => 0.04,
            ES | MX => 0.09,
            BR => 0.2,
            US => 0.005,
            _ => 0.0,
        };
        if rng.chance(doubles) {
            let one = draw_listed(rng, &self.given[country], GIVEN_FLAT, 1.0);
            let two = draw_listed(rng, &self.given[country], GIVEN_FLAT, 1.0);
            let joint = if matches!(country, DE | FR) && rng.chance(0.6) { '-' } else { ' ' };
            if one.text == two.text {
                return one;
            }
            let per_million = one.per_million * two.per_million * doubles / 1e6;
            return Drawn { text: format!("{}{joint}{}", one.text, two.text), per_million };
        }
        if !rng.chance(list.given_tail) {
            return draw_listed(rng, &self.given[country], GIVEN_FLAT, 1.0 - list.given_tail);
        }
        let [head, end] = &self.given_parts[country];
        let mut text = String::from(*rng.pick(head));
        let mut forms = head.len() * end.len();
        if rng.chance(0.03) {
            text.push_str(&rng.pick(head).to_lowercase());
            forms *= head.len();
        }
        text.push_str(rng.pick::<&str>(end));
        Drawn { text, per_million: list.given_tail * 0.95e6 / forms as f64 }
    }

    /// A single family name of a country.
    pub fn draw_family(&self, rng: &mut Rng, country: usize) -> Drawn {
        let list = &LISTS[country];
        if !rng.chance(list.family_tail) {
            return draw_listed(rng, &self.family[country], FAMILY_FLAT, 1.0 - list.family_tail);
        }
        let [head, middle, end] = &self.family_parts[country];
        let mut text = String::from(*rng.pick(head));
        let mut forms = head.len() * end.len();
        if rng.chance(0.55) {
            text.push_str(rng.pick::<&str>(middle));
            forms *= middle.len();
        }
        text.push_str(rng.pick::<&str>(end));
        Drawn { text, per_million: list.family_tail * 0.5e6 / forms as f64 }
    }
}

/// Draws rank r with probability proportional to 1 / (r + flat), by inverting the continuous law;
/// `listed` is the share of people whose name is on the list at all.
fn draw_listed(rng: &mut Rng, list: &[&'static str], flat: f64, listed: f64) -> Drawn {
    let span = ((list.len() as f64 + flat) / flat).ln();
    let rank = (flat * (rng.unit() * span).exp() - flat) as usize;
    let rank = rank.min(list.len() - 1);
    let share = ((rank as f64 + 1.0 + flat) / (rank as f64 + flat)).ln() / span;
    Drawn { text: list[rank].to_string(), per_million: listed * share * 1e6 }
}
