//! Activities: of nobody, logged twice, or more than a person makes.

use crate::merge::history::{NO_TIME, ORPHAN, Reason, Status};
use crate::normalize::activity::ActivityLog;
use crate::quality::Collector;
use crate::quality::census::{Census, sentence};
use crate::quality::finding::Sample;

/// Events of one kind of mail in a minute that no reader makes.
const BURST: usize = 10;
/// A minute in microseconds.
const MINUTE: i64 = 60_000_000;

/// Runs the group.
pub(super) fn check(census: &Census, out: &mut Collector) {
    let Some((log, history)) = census.material.activities else { return };
    let mut tell = |check: &'static str, faults: Vec<usize>| {
        let file = log.table.sources.first().map_or("", |s| s.file.as_str());
        let samples = faults.iter().take(out.max_samples).map(|&i| place(log, i)).collect();
        let counts = (faults.len() as u64, log.len() as u64);
        out.take_places(check, file, counts, samples, sentence(check));
    };
    let of_status = |status| (0..log.len()).filter(move |&i| history.status[i] == status);
    tell("orphan-activity", of_status(Status::Orphan).collect());
    // The same event on another profile is what merging is for, and no double tracking.
    let twice = |i: &usize| matches!(history.reason[*i], Reason::LoggedTwice | Reason::SameEventId);
    tell("duplicate-activity", of_status(Status::Duplicate).filter(twice).collect());
    tell("activity-burst", bursts(log));
}

/// An activity as a place.
pub(super) fn place(log: &ActivityLog, activity: usize) -> Sample {
    let (source, row) = (log.activities.source[activity], log.activities.row[activity]);
    let name = log.table.sources.get(source as usize).map_or("", |s| s.name.as_str());
    let line = log.table.line.get(activity).copied().unwrap_or(0);
    Sample { record: format!("{name} row {row}"), line, value: String::new() }
}

/// Activities of a record within a minute of many others of their kind.
fn bursts(log: &ActivityLog) -> Vec<usize> {
    let a = &log.activities;
    let mail: Vec<bool> = log.kinds.iter().map(|k| k.starts_with("email.")).collect();
    let mut order: Vec<usize> = (0..log.len())
        .filter(|&i| a.record[i] != ORPHAN && a.at[i] != NO_TIME && !a.date_only[i])
        .filter(|&i| mail.get(a.kind[i] as usize).copied().unwrap_or(false))
        .collect();
    order.sort_unstable_by_key(|&i| (a.record[i], a.kind[i], a.at[i], i));
    let mut found = Vec::new();
    for group in order.chunk_by(|&i, &j| a.record[i] == a.record[j] && a.kind[i] == a.kind[j]) {
        let mut told = 0;
        for start in 0..group.len() {
            let limit = a.at[group[start]].saturating_add(MINUTE);
            let end = start + group[start..].partition_point(|&i| a.at[i] < limit);
            if end - start >= BURST {
                found.extend_from_slice(&group[told.max(start)..end.max(told.max(start))]);
                told = told.max(end);
            }
        }
    }
    found.sort_unstable();
    found
}
