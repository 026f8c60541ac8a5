//! Pairs of records side by side: the surest merges, the most doubtful ones, and what waits.
//!
//! Values are masked, and masks of different values may look alike: so every row says how the two
//! cells compare.

use super::shown::{masked, persons_of, probability, record_name};
use super::view::{Block, Field, PairCard, Section, Table, text};
use crate::compare;
use crate::matching::decide::{Decision, Verdict};
use crate::pipeline::Outcome;
use crate::record::RecordId;
use crate::report::digest;
use crate::report::label::Labels;
use crate::report::reason::Reasons;
use crate::report::summary::count;
use crate::schema::Role;
use std::collections::BTreeMap;

/// Pairs that are shown side by side, of each kind.
const CARDS: usize = 6;
/// Strong pairs of one and the same reason: others have something to show too.
const ALIKE: usize = 2;
/// Probability from which a merge is not doubtful.
const SURE: f64 = 0.995;
/// Pairs of the review list.
const LISTED: usize = 25;

/// What of a record is shown, with its name for people.
const SHOWN: [(Role, &str); 13] = [
    (Role::FullName, "Name"),
    (Role::GivenName, "Given name"),
    (Role::FamilyName, "Family name"),
    (Role::Email, "E-mail"),
    (Role::Phone, "Phone"),
    (Role::Mobile, "Mobile"),
    (Role::Company, "Company"),
    (Role::Title, "Title"),
    (Role::Street, "Street"),
    (Role::Postcode, "Postcode"),
    (Role::City, "City"),
    (Role::Country, "Country"),
    (Role::BirthDate, "Born"),
];

struct Pairs<'a> {
    outcome: &'a Outcome,
    reasons: Reasons,
    labels: Labels<'a>,
    columns: Vec<(usize, &'static str)>,
}

/// The section.
pub(super) fn section(outcome: &Outcome) -> Section {
    let columns = SHOWN
        .iter()
        .filter_map(|&(role, name)| outcome.schema.first(role).map(|column| (column, name)));
    let pairs = Pairs {
        outcome,
        reasons: Reasons::new(&outcome.matched.model),
        labels: Labels::new(&outcome.table),
        columns: columns.collect(),
    };
    let mut links: Vec<&Decision> = digest::links(outcome).collect();
    links.sort_by(|x, y| y.log_odds.total_cmp(&x.log_odds).then(x.pair.cmp(&y.pair)));
    let mut blocks = Vec::new();
    if links.is_empty() {
        blocks.push(text("No two records were merged."));
    } else {
        blocks.push(text(
            "Values are masked here; explain A B shows a pair with everything that speaks for it \
             and against it.",
        ));
        blocks.push(Block::Pairs {
            title: "The surest merges",
            about: "At most two for one and the same reason.",
            pairs: pairs.surest(&links),
        });
        let doubtful = pairs.doubtful(&links);
        if !doubtful.is_empty() {
            blocks.push(Block::Pairs {
                title: "The most doubtful merges",
                about: "Look here first: the weakest links between records that are one person now.",
                pairs: doubtful,
            });
        }
    }
    blocks.extend(pairs.waiting());
    Section::new("pairs", "Merges and open questions", blocks)
}

impl Pairs<'_> {
    fn reason(&self, decision: &Decision) -> String {
        let mut text = String::new();
        let pattern = compare::pattern(&self.outcome.records.features, decision.pair);
        self.reasons.push(pattern, &mut text);
        text
    }

    fn person(&self, decision: &Decision) -> u32 {
        self.outcome.matched.clusters.person_of[decision.pair.a as usize]
    }

    /// The strongest links, one per person, not all for one reason.
    fn surest(&self, links: &[&Decision]) -> Vec<PairCard> {
        let mut persons = Vec::new();
        let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
        let mut cards = Vec::new();
        // Far enough to find other reasons; a file of equal rows has no others.
        for &link in links.iter().take(5_000) {
            if cards.len() == CARDS {
                break;
            }
            let (person, reason) = (self.person(link), self.reason(link));
            let used = reasons.entry(reason).or_default();
            if *used < ALIKE && !persons.contains(&person) {
                *used += 1;
                persons.push(person);
                cards.push(self.card(link));
            }
        }
        cards
    }

    /// The weakest of the links by which a record hangs on its person, one per person. A weak link
    /// between records that stronger ones hold together proves nothing.
    fn doubtful(&self, links: &[&Decision]) -> Vec<PairCard> {
        let mut strongest = vec![f64::NEG_INFINITY; self.outcome.table.len()];
        for link in links {
            for record in [link.pair.a, link.pair.b] {
                let best = &mut strongest[record as usize];
                *best = best.max(link.log_odds);
            }
        }
        let holds = |link: &Decision| {
            [link.pair.a, link.pair.b].iter().any(|&r| strongest[r as usize] == link.log_odds)
        };
        let calibration = self.outcome.matched.model.calibration;
        let mut persons = Vec::new();
        let mut cards = Vec::new();
        for &link in links.iter().rev().filter(|link| holds(link)) {
            if cards.len() == CARDS || calibration.prob(link.log_odds) > SURE {
                break;
            }
            let person = self.person(link);
            if !persons.contains(&person) {
                persons.push(person);
                cards.push(self.card(link));
            }
        }
        cards
    }

    fn card(&self, decision: &Decision) -> PairCard {
        let sides = [RecordId(decision.pair.a), RecordId(decision.pair.b)];
        let [left, right] = sides.map(|r| record_name(&self.labels, r));
        let calibration = self.outcome.matched.model.calibration;
        PairCard {
            of: persons_of(self.outcome, &sides),
            left,
            right,
            probability: probability(calibration.prob(decision.log_odds)),
            reason: self.reason(decision),
            fields: self.fields(sides),
        }
    }

    fn fields(&self, sides: [RecordId; 2]) -> Vec<Field> {
        let (table, schema) = (&self.outcome.table, &self.outcome.schema);
        let field = |&(column, name): &(usize, &str)| {
            let cells = sides.map(|r| table.columns[column].get(r));
            if cells == ["", ""] {
                return None;
            }
            let [left, right] = cells.map(|cell| masked(cell, schema.columns[column].role));
            let verdict = self.verdict(column, sides, cells);
            Some(Field { name: name.to_string(), left, right, verdict })
        };
        self.columns.iter().filter_map(field).collect()
    }

    /// How two cells of a column compare, without saying what they are.
    fn verdict(&self, column: usize, sides: [RecordId; 2], cells: [&str; 2]) -> &'static str {
        let ids = sides.map(|r| self.outcome.table.columns[column].ids[r.index()].index());
        let keys = &self.outcome.records.keys[column];
        match cells {
            ["", _] | [_, ""] => "one side",
            [a, b] if a == b => "same",
            _ if keys.get(ids[0]).is_some_and(|key| Some(key) == keys.get(ids[1])) => {
                "same meaning"
            }
            [a, b] if a.trim().to_lowercase() == b.trim().to_lowercase() => "same meaning",
            _ => "differs",
        }
    }

    /// The pairs that wait for a decision.
    fn waiting(&self) -> Vec<Block> {
        let waiting = &self.outcome.digest().waiting;
        if waiting.is_empty() {
            return vec![text("No pair waits for a decision.")];
        }
        let wait = if waiting.len() == 1 { "waits" } else { "wait" };
        let said = format!(
            "{} {wait} for your decision: write same or different into the last column of review.csv \
             and give the file back with --decisions.",
            count(waiting.len(), "pair", "pairs")
        );
        let mut table = Table::new(
            "Pairs to decide, the likeliest first",
            &["Record", "Record", "#Probability", "What speaks for it, and against it"],
        );
        let calibration = self.outcome.matched.model.calibration;
        for decision in waiting.iter().take(LISTED) {
            let sides = [RecordId(decision.pair.a), RecordId(decision.pair.b)];
            let [left, right] = sides.map(|r| record_name(&self.labels, r));
            let apart = match decision.verdict {
                Verdict::Merge => "kept apart, because other records of the two disagree: ",
                _ => "",
            };
            table.row_of(
                persons_of(self.outcome, &sides),
                vec![
                    left.into(),
                    right.into(),
                    probability(calibration.prob(decision.log_odds)).into(),
                    format!("{apart}{}", self.reason(decision)).into(),
                ],
            );
        }
        table.of_total(waiting.len(), LISTED, "review.csv");
        vec![text(said), Block::Table(table)]
    }
}
