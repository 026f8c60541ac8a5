//! Dates: in the future, impossible, in two orders, or in the wrong order of events.

use crate::merge::history::NO_TIME;
use crate::normalize::date::{self, ColumnOrder, DateOrder};
use crate::normalize::record::QUALITY_BAD;
use crate::normalize::text::is_null_word;
use crate::quality::census::{Census, sentence};
use crate::quality::finding::Sample;
use crate::quality::{Collector, Hits};
use crate::record::{RecordId, ValueId};
use crate::schema::Role;

/// A day in microseconds: clocks and zones may be that far apart.
const DAY: i64 = 86_400_000_000;
/// 1990-01-01: no lead database is older.
const EARLIEST: i64 = 631_152_000_000_000;

/// Columns of points in time that are read.
pub(super) const TIMES: [Role; 3] = [Role::Created, Role::Updated, Role::LastActivity];

/// Runs the group.
pub(super) fn check(census: &Census, out: &mut Collector) {
    for column in census.columns_of(&TIMES) {
        points(census, column, out);
        order(census, column, out);
    }
    for column in census.columns_of(&[Role::BirthDate]) {
        births(census, column, out);
        order(census, column, out);
    }
    events(census, out);
    created_after_activity(census, out);
    never_active(census, out);
}

fn points(census: &Census, column: usize, out: &mut Collector) {
    let times = &census.material.records.times[column];
    let latest = census.material.as_of.saturating_add(DAY);
    let hits = census.hits(column, |v| times[v] != NO_TIME && times[v] > latest);
    out.take("future-date", Some(column), hits, sentence("future-date"));
    let hits = census.hits(column, |v| match times[v] {
        NO_TIME => !is_null_word(census.text(column, v)),
        time => time < EARLIEST,
    });
    out.take("impossible-date", Some(column), hits, sentence("impossible-date"));
}

fn births(census: &Census, column: usize, out: &mut Collector) {
    let quality = &census.material.records.quality[column];
    let hits = census.hits(column, |v| {
        let text = census.text(column, v);
        // What says that there is none, and a withheld year, is no impossible day.
        quality[v] == QUALITY_BAD
            && !is_null_word(text)
            && date::birth(text, DateOrder::DayFirst).value.is_none()
            && date::birth(text, DateOrder::MonthFirst).value.is_none()
    });
    out.take("impossible-date", Some(column), hits, sentence("impossible-date"));
}

/// Both orders of day and month in one column of one input.
fn order(census: &Census, column: usize, out: &mut Collector) {
    let cells = &census.material.table.columns[column];
    let seen = ColumnOrder::decide((1..cells.dictionary.len()).map(|v| census.text(column, v)));
    if seen.order != DateOrder::Mixed || census.material.table.sources.len() > 1 {
        return;
    }
    let month_is_rarer = seen.month_first <= seen.day_first;
    let hits = census.hits(column, |v| {
        let one = ColumnOrder::decide(std::iter::once(cells.dictionary.get(ValueId(v as u32))));
        if month_is_rarer { one.month_first > 0 } else { one.day_first > 0 }
    });
    // A single one may be a slip of its own.
    if hits.count > 1 {
        out.take("mixed-date-order", Some(column), hits, sentence("mixed-date-order"));
    } else {
        out.suspect("mixed-date-order", Some(column), hits, sentence("mixed-date-order"));
    }
}

/// Events of the future.
fn events(census: &Census, out: &mut Collector) {
    let Some((log, _)) = census.material.activities else { return };
    let latest = census.material.as_of.saturating_add(DAY);
    let at = &log.activities.at;
    let ahead = |i: &usize| at[*i] != NO_TIME && at[*i] > latest;
    let count = (0..at.len()).filter(ahead).count() as u64;
    let samples: Vec<Sample> = (0..at.len())
        .filter(ahead)
        .take(out.max_samples)
        .map(|i| super::activity::place(log, i))
        .collect();
    let file = log.table.sources.first().map_or("", |s| s.file.as_str());
    out.take_places(
        "future-date",
        file,
        (count, at.len() as u64),
        samples,
        sentence("future-date"),
    );
}

fn created_after_activity(census: &Census, out: &mut Collector) {
    let records = &census.material.records;
    let Some(column) = census.material.schema.first(Role::Created) else { return };
    let both = |r: usize| records.created[r] != NO_TIME && records.last_activity[r] != NO_TIME;
    let of = (0..records.created.len()).filter(|&r| both(r)).count() as u64;
    let hits = census.hits_of_records(of, |r| {
        both(r) && records.created[r] > records.last_activity[r].saturating_add(DAY)
    });
    out.take("created-after-activity", Some(column), hits, sentence("created-after-activity"));
}

/// Leads without a sign of life, where signs of life are recorded.
fn never_active(census: &Census, out: &mut Collector) {
    let column = census.material.schema.first(Role::LastActivity);
    let last = &census.material.records.last_activity;
    let mut active: Vec<bool> = last.iter().map(|&t| t != NO_TIME).collect();
    if let Some((log, _)) = census.material.activities {
        for &record in &log.activities.record {
            if let Some(slot) = active.get_mut(record as usize) {
                *slot = true;
            }
        }
    } else if column.is_none() {
        return;
    }
    let silent: Vec<RecordId> =
        (0..active.len()).filter(|&r| !active[r]).map(|r| RecordId(r as u32)).collect();
    let count = silent.len() as u64;
    let records = silent.into_iter().take(out.max_samples).collect();
    let hits = Hits { count, of: census.records(), records };
    out.take("never-active", column, hits, sentence("never-active"));
}
