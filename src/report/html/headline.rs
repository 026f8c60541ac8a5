//! The top of the page: what was found, whom the duplicates had hidden, what it is worth.
//!
//! Written for somebody who has a minute: numbers first, one story of two profiles, one table.

use super::shown::{masked_name, persons_of, shown};
use super::view::{Block, Cell, Section, Table, text};
use crate::pipeline::Outcome;
use crate::record::RecordId;
use crate::report::actions::ActionCounts;
use crate::report::label::Contact;
use crate::report::scores::{action, band_id, change_reason};
use crate::report::summary::{count, group};
use crate::score::band::find_band;
use crate::score::model::ScoringModel;
use crate::score::quantity::format_points;
use crate::score::{ModelScores, NO_BAND};
use serde::Serialize;

/// Hidden leads that are listed.
const HIDDEN: usize = 15;

/// A number with its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Figure {
    pub number: String,
    pub words: String,
}

impl Figure {
    pub(super) fn new(number: usize, one: &str, many: &str) -> Self {
        Self { number: group(number), words: if number == 1 { one } else { many }.into() }
    }
}

/// The scores people act on: those of the first model.
pub(super) fn primary(outcome: &Outcome) -> Option<(&ScoringModel, &ModelScores)> {
    outcome.models.first().zip(outcome.scored.models.first())
}

/// Whom the duplicates had hidden, by those scores.
fn risen(outcome: &Outcome) -> &[u32] {
    outcome.digest().hidden.first().map_or(&[], |risen| risen)
}

/// The numbers of the run at a glance.
pub(super) fn figures(outcome: &Outcome) -> Vec<Figure> {
    let (records, people) = (outcome.table.len(), outcome.matched.clusters.len());
    let mut figures = vec![
        Figure::new(records, "record", "records"),
        Figure::new(people, "person", "people"),
        Figure::new(records - people, "duplicate", "duplicates"),
    ];
    if primary(outcome).is_some() {
        let risen = risen(outcome).len();
        figures.push(Figure::new(risen, "hidden lead found", "hidden leads found"));
    }
    let waiting = outcome.digest().waiting.len();
    figures.push(Figure::new(waiting, "pair to decide", "pairs to decide"));
    figures
}

/// What the clean-up is worth.
pub(super) fn section(outcome: &Outcome, actions: Option<&ActionCounts>) -> Section {
    let mut blocks = vec![text(sentence(outcome))];
    if let Some((model, scores)) = primary(outcome) {
        let risen = risen(outcome);
        if let Some(story) = story(outcome, model, scores, risen) {
            blocks.push(story);
        }
        blocks.push(Block::Table(worth(model, scores)));
        if !risen.is_empty() {
            blocks.push(Block::Table(hidden_table(outcome, model, scores, risen)));
        }
    }
    if let Some(actions) = actions {
        blocks.extend(to_do(actions));
    }
    Section::new("worth", "What the clean-up is worth", blocks)
}

fn sentence(outcome: &Outcome) -> String {
    let (records, people) = (outcome.table.len(), outcome.matched.clusters.len());
    if records == people {
        return format!(
            "{} in the input, and no duplicates among them.",
            count(records, "record is", "records are")
        );
    }
    let several = (0..people as u32).filter(|&p| outcome.matched.clusters.members(p).len() > 1);
    let several = several.count();
    format!(
        "{} in the input are {}: {} had more than one profile. Nobody gets the same message twice, \
         and every history is in one place.",
        count(records, "record", "records"),
        count(people, "person", "people"),
        count(several, "of them", "of them")
    )
}

/// Two profiles, one buyer.
fn story(
    outcome: &Outcome,
    model: &ScoringModel,
    scores: &ModelScores,
    risen: &[u32],
) -> Option<Block> {
    let two = |p: &&u32| outcome.matched.clusters.members(**p).len() == 2;
    let person = *risen.iter().find(two).or(risen.first())?;
    let p = person as usize;
    let records = outcome.matched.clusters.members(person);
    let name = name_of(outcome, person);
    let (best, now) = (format_points(scores.best_part[p]), format_points(scores.score[p]));
    let before = what_to_do(model, scores.best_part_band[p]);
    let after = what_to_do(model, scores.band[p]);
    let others = scores.sum_of_parts[p].saturating_sub(scores.best_part[p]);
    let parts = if records.len() == 2 {
        let band = find_band(&model.bands, model.primary, others).map_or(NO_BAND, |b| b as u16);
        let (others, other) = (format_points(others), what_to_do(model, band));
        format!("One profile was worth {best} ({before}), the other {others} ({other}).")
    } else {
        let n = group(records.len());
        format!("Of {n} profiles the best was worth {best} ({before}).")
    };
    let (profiles, alone) = match records.len() {
        2 => ("Two profiles".to_string(), "neither"),
        n => (format!("{} profiles", group(n)), "none of them"),
    };
    let text = format!(
        "{profiles}, one buyer: {name}. {parts} As one person: {now}, {after}; {alone} would have led \
         there alone."
    );
    Some(Block::Text { text, of: persons_of(outcome, records) })
}

/// A masked name, else the person's id.
pub(super) fn name_of(outcome: &Outcome, person: u32) -> String {
    let contact = Contact::new(&outcome.schema);
    match contact.of_lead(&outcome.table, &outcome.fields, person) {
        name if name.trim().is_empty() => outcome.person_ids.get(person).to_string(),
        name => masked_name(&name),
    }
}

/// What leads of a band call for: its action, else its id.
pub(super) fn what_to_do(model: &ScoringModel, band: u16) -> String {
    let word = match action(model, band) {
        "" => band_id(model, band),
        action => action,
    };
    if word.is_empty() { "no action".into() } else { shown(word) }
}

/// The bands of the score, the best first, and no band at last.
pub(super) fn bands(model: &ScoringModel) -> Vec<u16> {
    let own = (0..model.bands.len() as u16).filter(|&b| {
        let band = &model.bands[b as usize];
        band.of == model.primary
    });
    let mut bands: Vec<u16> = own.collect();
    bands.sort_by_key(|&b| std::cmp::Reverse(model.bands[b as usize].min));
    bands.push(NO_BAND);
    bands
}

/// Per action: people before, people now, and those whom only the merge brought there.
fn worth(model: &ScoringModel, scores: &ModelScores) -> Table {
    let mut table = Table::new(
        "People per action, by their best record alone and as one person",
        &["Action", "#Before", "#Now", "#Hidden before"],
    );
    let scored = || (0..scores.len()).filter(|&p| scores.excluded[p].is_none());
    for band in bands(model) {
        let before = scored().filter(|&p| scores.best_part_band[p] == band).count();
        let now = scored().filter(|&p| scores.band[p] == band).count();
        let hidden =
            scored().filter(|&p| scores.band[p] == band && scores.band_rose(p, model)).count();
        if band != NO_BAND || before + now > 0 {
            let name = what_to_do(model, band);
            table.row(vec![name.into(), before.into(), now.into(), hidden.into()]);
        }
    }
    let excluded = scores.excluded.iter().filter(|e| e.is_some()).count();
    if excluded > 0 {
        table.row(vec!["not scored".into(), excluded.into(), excluded.into(), 0usize.into()]);
    }
    table
}

fn hidden_table(
    outcome: &Outcome,
    model: &ScoringModel,
    scores: &ModelScores,
    risen: &[u32],
) -> Table {
    let mut table = Table::new(
        "Hidden leads: people whose band rose through the merge",
        &["Lead", "#Records", "#Best record", "Called for", "#Now", "Calls for", "Why"],
    );
    for &person in risen.iter().take(HIDDEN) {
        let p = person as usize;
        let records: &[RecordId] = outcome.matched.clusters.members(person);
        let cells: Vec<Cell> = vec![
            name_of(outcome, person).into(),
            records.len().into(),
            format_points(scores.best_part[p]).into(),
            what_to_do(model, scores.best_part_band[p]).into(),
            format_points(scores.score[p]).into(),
            what_to_do(model, scores.band[p]).into(),
            change_reason(p, model, scores).into(),
        ];
        table.row_of(persons_of(outcome, records), cells);
    }
    table.of_total(risen.len(), HIDDEN, "hidden.csv");
    table
}

/// The lists that are ready to be worked on.
fn to_do(actions: &ActionCounts) -> Vec<Block> {
    let mut table =
        Table::new("Lists that are ready", &["To do", "File", "#By phone", "#By e-mail"]);
    for list in &actions.lists {
        table.row(vec![
            list.action.as_str().into(),
            list.file.as_str().into(),
            list.phone.into(),
            list.email.into(),
        ]);
    }
    let mut blocks = vec![Block::Table(table)];
    let mut said = Vec::new();
    if actions.ready_but_low > 0 {
        let people = count(actions.ready_but_low, "person is", "people are");
        said.push(format!("{people} ready though the score is low (actions/ready-but-low.csv)."));
    }
    if actions.not_contactable > 0 {
        let people = count(actions.not_contactable, "person", "people");
        said.push(format!(
            "{people} with an action may not be contacted (actions/not-contactable.csv)."
        ));
    }
    if !said.is_empty() {
        blocks.push(text(said.join(" ")));
    }
    blocks
}
