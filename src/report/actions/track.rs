//! Segments and tracks: people by what they are interested in.
//!
//! Interests are united when records merge, so that nobody is on one track twice. A track is content
//! by e-mail: it takes whom the action itself reaches by e-mail, in the phase their band says;
//! whoever is phoned is in the hands of sales.

use super::card::{Cards, WHAT};
use super::reach::{self, By, Standing};
use crate::error::Result;
use crate::pipeline::Outcome;
use crate::report::folder::OutputFolder;
use crate::report::table::{COMMA, Lines, write_rows};
use crate::schema::Role;
use crate::score::condition::fold;
use std::collections::BTreeMap;

/// An interest and the people who have it, in order of persons.
struct Segment {
    name: String,
    persons: Vec<u32>,
}

/// Everyone's interests, each once a person; by name.
fn segments(outcome: &Outcome) -> Vec<Segment> {
    let columns: Vec<usize> = outcome.schema.all(Role::Interests).collect();
    let mut found: BTreeMap<String, (BTreeMap<&str, usize>, Vec<u32>)> = BTreeMap::new();
    for person in 0..outcome.matched.clusters.len() as u32 {
        for &c in &columns {
            let separator = outcome.schema.columns[c].separator.as_deref();
            let separator = separator.filter(|s| !s.is_empty()).unwrap_or(";");
            let cell = outcome.fields.text(&outcome.table, c, person);
            let empty = |item: &&str| crate::normalize::text::is_null_word(item);
            for item in cell.split(separator).map(str::trim).filter(|i| !empty(i)) {
                let (spellings, persons) = found.entry(fold(item).into_owned()).or_default();
                *spellings.entry(item).or_default() += 1;
                if persons.last() != Some(&person) {
                    persons.push(person);
                }
            }
        }
    }
    let most = |spellings: BTreeMap<&str, usize>| {
        let best = spellings.into_iter().min_by_key(|&(name, n)| (std::cmp::Reverse(n), name));
        best.map_or(String::new(), |best| best.0.to_string())
    };
    found
        .into_values()
        .map(|(spellings, persons)| Segment { name: most(spellings), persons })
        .collect()
}

/// Writes `segments.csv` and `tracks.csv`, when an input has a column of interests.
pub(super) fn write(outcome: &Outcome, folder: &OutputFolder, cards: &Cards) -> Result<()> {
    let plan = &outcome.digest().plan;
    if outcome.schema.first(Role::Interests).is_none() {
        return Ok(());
    }
    let segments = segments(outcome);
    let head = Lines::head(
        COMMA,
        ["segment", "leads", "phone", "email", "no_action", "not_contactable", "without_score"],
    );
    write_rows(folder, "actions/segments.csv", COMMA, head, segments.len(), |rows, lines| {
        for segment in &segments[rows] {
            lines.guarded(&segment.name);
            lines.number(segment.persons.len() as u64);
            let count = |of: &dyn Fn(Standing) -> bool| {
                let standing = |p: &u32| plan.places[*p as usize].standing;
                segment.persons.iter().filter(|p| of(standing(p))).count() as u64
            };
            let by = |by: By| count(&|s| matches!(s, Standing::Listed { by: b, .. } if b == by));
            lines.number(by(By::Phone));
            lines.number(by(By::Email));
            for standing in [Standing::Idle, Standing::Barred, Standing::Unscored] {
                lines.number(count(&|s| s == standing));
            }
            lines.end();
        }
    })?;
    let mailed = |p: &u32| {
        matches!(plan.places[*p as usize].standing, Standing::Listed { by: By::Email, .. })
    };
    let mut rows: Vec<(usize, u32)> = Vec::new();
    for (s, segment) in segments.iter().enumerate() {
        let mut persons: Vec<u32> = segment.persons.iter().copied().filter(mailed).collect();
        plan.sort(outcome, &mut persons);
        rows.extend(persons.into_iter().map(|p| (s, p)));
    }
    let headers = ["track", "surviving_id", "person_id", "name", "email"];
    let head = Lines::head(COMMA, headers.into_iter().chain(WHAT));
    write_rows(folder, "actions/tracks.csv", COMMA, head, rows.len(), |range, lines| {
        for &(s, person) in &rows[range] {
            lines.guarded(&segments[s].name);
            cards.ids(person, lines);
            lines.guarded(&reach::address(outcome, person as usize, By::Email));
            cards.what(person, plan.places[person as usize], lines);
            lines.end();
        }
    })
}
