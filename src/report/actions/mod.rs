//! `actions/`: whom to phone and whom to mail, one list a band, ready for a spreadsheet.
//!
//! Takes scores and consent, after both are final. Everyone is on one list at most: that of their
//! band, or of the next lower band whose action is permitted. Who may not be contacted is on none of
//! them, and `not-contactable.csv`, which holds no address, says why. `hand-off.csv` tells sales
//! more about the top band; `ready-but-low.csv` points at leads whose score does them no justice.
//! Why a list a band and not a column to filter by: what is not in the file cannot be dialed.

mod card;
mod count;
mod file;
mod reach;
mod ready;
mod track;

use super::folder::OutputFolder;
use super::table::{COMMA, Lines, write_rows};
use crate::error::Result;
use crate::pipeline::Outcome;
use card::{Cards, HOW, WHAT, WHO};
pub use count::{ActionCounts, ListCount};
use rayon::prelude::*;
use reach::{Place, Standing, Ways};

/// Who is on which list.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Per model and band: how its action reaches a lead.
    ways: Ways,
    /// Per person.
    places: Vec<Place>,
    lists: Vec<List>,
    /// People of the top band who may be contacted.
    hand_off: Vec<u32>,
    /// People below the top band who are ready, and why.
    ready: Vec<(u32, String)>,
    /// People with an action or a reason against a score, who may not be contacted.
    barred: Vec<u32>,
}

/// The list of a band.
#[derive(Debug)]
struct List {
    model: usize,
    band: usize,
    name: String,
    /// The highest score first.
    persons: Vec<u32>,
}

impl Plan {
    /// Puts everyone in their place.
    pub fn new(outcome: &Outcome) -> Self {
        let persons = outcome.matched.clusters.len();
        let ways = Ways::new(outcome);
        let places: Vec<Place> = (0..persons)
            .into_par_iter()
            .with_min_len(1024)
            .map(|person| ways.place(outcome, person))
            .collect();
        let lists: Vec<List> = file::names(&outcome.models)
            .into_iter()
            .map(|(model, band, name)| List { model, band, name, persons: Vec::new() })
            .collect();
        let mut plan = Self {
            ways,
            places,
            lists,
            hand_off: Vec::new(),
            ready: Vec::new(),
            barred: Vec::new(),
        };
        plan.fill(outcome);
        plan
    }

    fn fill(&mut self, outcome: &Outcome) {
        let top: Vec<Option<usize>> =
            (0..outcome.models.len()).map(|m| self.top(outcome, m)).collect();
        let mut below: Vec<u32> = Vec::new();
        for (person, place) in self.places.iter().enumerate() {
            let model = place.model as usize;
            match place.standing {
                Standing::Listed { band, .. } => {
                    let own = outcome.scored.models[model].band[person] as usize;
                    let here = |l: &&mut List| (l.model, l.band) == (model, band as usize);
                    if let Some(list) = self.lists.iter_mut().find(here) {
                        list.persons.push(person as u32);
                    }
                    let is_top = top[model] == Some(own);
                    if is_top { &mut self.hand_off } else { &mut below }.push(person as u32);
                }
                Standing::Barred | Standing::Unscored => self.barred.push(person as u32),
                Standing::Idle => {}
            }
        }
        self.ready = self.find_ready(outcome, &below);
        let mut lists = std::mem::take(&mut self.lists);
        lists.iter_mut().for_each(|list| self.sort(outcome, &mut list.persons));
        self.lists = lists;
        let mut hand_off = std::mem::take(&mut self.hand_off);
        self.sort(outcome, &mut hand_off);
        self.hand_off = hand_off;
        let mut barred = std::mem::take(&mut self.barred);
        self.sort(outcome, &mut barred);
        self.barred = barred;
    }

    /// The band with the highest scores that has an action.
    fn top(&self, outcome: &Outcome, model: usize) -> Option<usize> {
        let lists = self.lists.iter().filter(|list| list.model == model);
        lists.map(|list| list.band).max_by_key(|&b| outcome.models[model].bands[b].min)
    }

    fn find_ready(&self, outcome: &Outcome, below: &[u32]) -> Vec<(u32, String)> {
        let models = 0..outcome.models.len();
        let judges: Vec<_> = models.map(|m| ready::Ready::new(outcome, m)).collect();
        let mut persons = below.to_vec();
        self.sort(outcome, &mut persons);
        persons
            .into_par_iter()
            .map(|p| (p, judges[self.places[p as usize].model as usize].why(p)))
            .filter(|(_, why)| !why.is_empty())
            .collect()
    }

    /// Sorts persons by score, the highest first; equal ones stay in the order of persons.
    fn sort(&self, outcome: &Outcome, persons: &mut [u32]) {
        let score = |p: u32| {
            let model = self.places[p as usize].model as usize;
            outcome.scored.models[model].score_of(p as usize)
        };
        persons.sort_by_key(|&p| std::cmp::Reverse(score(p)));
    }
}

fn file_of(name: &str) -> String {
    format!("actions/{name}.csv")
}

/// Writes the folder; nothing where no band has an action.
pub(crate) fn write(outcome: &Outcome, folder: &OutputFolder) -> Result<()> {
    let plan = &outcome.digest().plan;
    if plan.lists.is_empty() {
        return Ok(());
    }
    let cards = Cards::new(outcome);
    for list in &plan.lists {
        let name = file_of(&list.name);
        write_list(plan, &cards, folder, &name, &list.persons, &[], &|_, _| {})?;
    }
    let more = ["history", "last_activity", "owner"];
    write_list(
        plan,
        &cards,
        folder,
        "actions/hand-off.csv",
        &plan.hand_off,
        &more,
        &|row, lines| {
            let person = plan.hand_off[row];
            cards.history(person, lines);
            cards.last_activity(person, lines);
            cards.owner(person, lines);
        },
    )?;
    let ready: Vec<u32> = plan.ready.iter().map(|r| r.0).collect();
    let more = ["ready_because", "last_activity", "owner"];
    write_list(plan, &cards, folder, "actions/ready-but-low.csv", &ready, &more, &|row, lines| {
        lines.guarded(&plan.ready[row].1);
        cards.last_activity(ready[row], lines);
        cards.owner(ready[row], lines);
    })?;
    write_barred(outcome, &cards, folder)?;
    track::write(outcome, folder, &cards)
}

/// Writes a list of people who may be contacted; `fill` adds the columns named by `more`.
fn write_list(
    plan: &Plan,
    cards: &Cards,
    folder: &OutputFolder,
    name: &str,
    persons: &[u32],
    more: &[&str],
    fill: &(dyn Fn(usize, &mut Lines) + Sync),
) -> Result<()> {
    let columns = ["rank"].into_iter().chain(WHO).chain(HOW).chain(WHAT);
    let head = columns.chain(["why", "records"]).chain(more.iter().copied());
    write_rows(folder, name, COMMA, Lines::head(COMMA, head), persons.len(), |rows, lines| {
        for row in rows {
            let person = persons[row];
            let place = plan.places[person as usize];
            lines.number(row as u64 + 1);
            cards.who(person, lines);
            cards.how(person, place, &plan.ways, lines);
            cards.what(person, place, lines);
            cards.why(person, place, lines);
            cards.records(person, lines);
            fill(row, lines);
            lines.end();
        }
    })
}

/// Writes who may not be contacted and why, without any address.
fn write_barred(outcome: &Outcome, cards: &Cards, folder: &OutputFolder) -> Result<()> {
    let who = ["surviving_id", "person_id", "name"].into_iter().chain(WHAT);
    let head = Lines::head(COMMA, who.chain(["reason", "records"]));
    let (name, plan) = ("actions/not-contactable.csv", &outcome.digest().plan);
    write_rows(folder, name, COMMA, head, plan.barred.len(), |rows, lines| {
        for &person in &plan.barred[rows] {
            let place = plan.places[person as usize];
            cards.ids(person, lines);
            cards.what(person, place, lines);
            let mut reason = String::new();
            plan.ways.push_bar(outcome, person as usize, place, &mut reason);
            lines.guarded(&reason);
            cards.records(person, lines);
            lines.end();
        }
    })
}

#[cfg(test)]
mod tests;
