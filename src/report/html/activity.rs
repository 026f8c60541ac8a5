//! What became of the activities: kept, counted once, or nobody's.

use super::shown::percent;
use super::svg::bars;
use super::view::{Block, Cell, Chart, Section, Table, text};
use crate::merge::history::{History, Reason, Status};
use crate::normalize::activity::ActivityLog;
use crate::report::summary::{count, group};
use std::collections::BTreeMap;

/// Kinds that are listed.
const KINDS: usize = 30;

/// The section, when there are activities; `future` of them are after the day of the run.
pub(super) fn section(log: &ActivityLog, history: &History, future: u64) -> Option<Section> {
    if log.table.sources.is_empty() {
        return None;
    }
    let number = |status| history.count(status);
    let (kept, double, orphans) =
        (number(Status::Kept), number(Status::Duplicate), number(Status::Orphan));
    let mut said = format!(
        "{} are {}; {} had been counted twice.",
        count(log.len(), "row", "rows"),
        count(kept, "event", "events"),
        group(double),
    );
    if orphans > 0 {
        let rows = count(orphans, "row is of a lead", "rows are of leads");
        said += &format!(" {rows} not in the input.");
    }
    if future > 0 {
        said += &format!(
            " {} after the day of the run and did not score.",
            count(future as usize, "event is", "events are")
        );
    }
    let rows = vec![
        ("kept".to_string(), kept),
        ("counted twice".to_string(), double),
        ("of unknown leads".to_string(), orphans),
    ];
    let mut table =
        Table::new("Rows by what became of them", &["Status", "Why", "#Rows", "#Share"]);
    let mut reasons: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for (status, reason) in history.status.iter().zip(&history.reason) {
        *reasons.entry((*status as usize, words(*reason))).or_default() += 1;
    }
    for ((status, why), n) in reasons {
        let status = ["kept", "duplicate", "orphan"][status];
        table.row(vec![status.into(), why.into(), n.into(), Cell::share(n, log.len())]);
    }
    let (title, about) = (
        "Activities",
        "Rows of the activity files: kept as events, repeated, or of leads that are not in the input.",
    );
    let svg = bars("activities", title, about, &rows);
    let chart = Chart { title: title.into(), about: about.into(), svg, table };
    Some(Section::new(
        "activities",
        "Activities",
        vec![text(said), Block::Chart(chart), Block::Table(kinds(log, history))],
    ))
}

fn words(reason: Reason) -> &'static str {
    match reason {
        Reason::Kept => "the only or the earliest row of its event",
        Reason::SameEventId => "same event id",
        Reason::LoggedTwice => "logged twice on one profile",
        Reason::OtherProfile => "logged on another profile of the person",
        Reason::UnknownLead => "its lead is not in the input",
    }
}

fn kinds(log: &ActivityLog, history: &History) -> Table {
    let mut kinds: BTreeMap<u16, [usize; 3]> = BTreeMap::new();
    for (kind, status) in log.activities.kind.iter().zip(&history.status) {
        kinds.entry(*kind).or_default()[*status as usize] += 1;
    }
    let name = |kind: u16| log.kinds.get(kind as usize).map_or("", String::as_str);
    let mut rows: Vec<(&str, [usize; 3])> = kinds.into_iter().map(|(k, n)| (name(k), n)).collect();
    rows.sort_by(|a, b| b.1.iter().sum::<usize>().cmp(&a.1.iter().sum()).then(a.0.cmp(b.0)));
    let mut table = Table::new(
        "Activities by kind",
        &["Kind", "#Rows", "#Kept", "#Twice", "#Unknown lead", "#Counted twice"],
    );
    for (name, [kept, double, orphans]) in rows {
        let all = kept + double + orphans;
        table.row(vec![
            name.into(),
            all.into(),
            kept.into(),
            double.into(),
            orphans.into(),
            percent(double, all).into(),
        ]);
    }
    table.cut(KINDS, "activity_map.csv");
    table
}
