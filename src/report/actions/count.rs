//! The lists in numbers: for `report.json`, and in words for the summary.

use super::Plan;
use super::reach::{By, Standing};
use crate::pipeline::Outcome;
use crate::report::summary::{count, group, printable};
use serde::Serialize;

/// The lists in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ActionCounts {
    /// Per list, in the order of the model's bands.
    pub lists: Vec<ListCount>,
    /// People of the top band who may be contacted.
    pub hand_off: usize,
    /// People below it who are ready.
    pub ready_but_low: usize,
    /// People with an action who may not be contacted.
    pub not_contactable: usize,
    /// People without a score.
    pub without_score: usize,
}

/// A list in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ListCount {
    /// Its file in the output folder.
    pub file: String,
    /// What to do.
    pub action: String,
    /// People to phone.
    pub phone: usize,
    /// People to mail.
    pub email: usize,
}

impl Plan {
    /// The lists in numbers; `None` where no band has an action.
    pub fn counts(&self, outcome: &Outcome) -> Option<ActionCounts> {
        if self.lists.is_empty() {
            return None;
        }
        let standing = |p: &u32| self.places[*p as usize].standing;
        let lists = self.lists.iter().map(|list| {
            let by = |wanted: By| {
                let is = |s: Standing| matches!(s, Standing::Listed { by, .. } if by == wanted);
                list.persons.iter().filter(|p| is(standing(p))).count()
            };
            let band = &outcome.models[list.model].bands[list.band];
            let action = band.action.clone().unwrap_or_default();
            let (phone, email) = (by(By::Phone), by(By::Email));
            ListCount { file: super::file_of(&list.name), action, phone, email }
        });
        let without_score =
            self.barred.iter().filter(|p| standing(p) == Standing::Unscored).count();
        Some(ActionCounts {
            lists: lists.collect(),
            hand_off: self.hand_off.len(),
            ready_but_low: self.ready.len(),
            not_contactable: self.barred.len() - without_score,
            without_score,
        })
    }
}

impl ActionCounts {
    /// The lists in words, at most three lines.
    pub(crate) fn tell(&self, lines: &mut Vec<String>) {
        let told: Vec<String> = self
            .lists
            .iter()
            .filter(|list| list.phone + list.email > 0)
            .map(|list| format!("{} {}", printable(&list.action), group(list.phone + list.email)))
            .collect();
        lines.push(match told.is_empty() {
            true => "Nobody to contact".into(),
            false => format!("To do, one list each in actions/: {}", told.join(", ")),
        });
        if self.ready_but_low > 0 {
            let people = count(self.ready_but_low, "person is", "people are");
            lines.push(format!(
                "  {people} ready though the score is low: see actions/ready-but-low.csv"
            ));
        }
        if self.not_contactable > 0 {
            let people = count(self.not_contactable, "person", "people");
            lines.push(format!(
                "  {people} with an action may not be contacted: see actions/not-contactable.csv"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_in_words() {
        let list = |action: &str, phone, email| ListCount {
            file: String::new(),
            action: action.into(),
            phone,
            email,
        };
        let counts = ActionCounts {
            lists: vec![list("phone call", 1_200, 0), list("offer", 0, 0), list("news", 1, 3)],
            hand_off: 1_204,
            ready_but_low: 1,
            not_contactable: 310,
            without_score: 2,
        };
        let mut lines = Vec::new();
        counts.tell(&mut lines);
        let expected = [
            "To do, one list each in actions/: phone call 1,200, news 4",
            "  1 person is ready though the score is low: see actions/ready-but-low.csv",
            "  310 people with an action may not be contacted: see actions/not-contactable.csv",
        ];
        assert_eq!(lines, expected);
        let mut lines = Vec::new();
        ActionCounts::default().tell(&mut lines);
        assert_eq!(lines, ["Nobody to contact"]);
    }
}
