//! Checks that have no opinion of their own until a rule gives them one: what must be filled, which
//! values are allowed, how old is too old.

use super::custom::by_role;
use super::{Rule, Rules};
use crate::quality::catalog;
use crate::quality::{Hits, Material, Raw};
use crate::record::RecordId;
use crate::schema::Role;
use crate::score::condition::fold;
use std::collections::BTreeSet;

const DAY: i64 = 86_400_000_000;

impl Rules {
    /// What these checks find, with all places.
    pub(super) fn asked(&self, material: &Material) -> Vec<Raw> {
        let mut found = Vec::new();
        for rule in self.rules.iter().filter(|rule| !rule.off) {
            match rule.id.as_str() {
                "not-null" => found.extend(not_null(material, rule)),
                "status-invalid" => {
                    found.extend(not_allowed(material, rule, "status-invalid", Role::Stage));
                }
                "owner-inactive" => {
                    found.extend(not_allowed(material, rule, "owner-inactive", Role::Owner));
                }
                "stale" => found.push(old(material, rule, "stale", false)),
                "retention-exceeded" => found.push(old(material, rule, "retention-exceeded", true)),
                _ => {}
            }
        }
        found
    }
}

/// Empty cells where a value must be.
fn not_null(material: &Material, rule: &Rule) -> Vec<Raw> {
    let columns: Vec<Option<usize>> =
        rule.fields.iter().map(|field| by_role(field, material.schema)).collect();
    let is_empty = |column: Option<usize>, record: RecordId| {
        // A column that is not there is empty everywhere.
        column.is_none_or(|c| material.table.columns[c].ids[record.index()].is_missing())
    };
    if rule.any {
        let all = |r: &RecordId| columns.iter().all(|&column| is_empty(column, *r));
        let records: Vec<RecordId> = material.table.records().filter(all).collect();
        let fields = rule.fields.join(" and ");
        let message = format!("none of {fields} is filled; complete one of them");
        return vec![raw("not-null", None, records, material.table.len(), message)];
    }
    let one = |(field, &column): (&String, &Option<usize>)| {
        let records: Vec<RecordId> =
            material.table.records().filter(|&r| is_empty(column, r)).collect();
        let message = match column {
            Some(_) => "empty where a rule asks for a value; complete the cell".to_string(),
            None => format!("a rule asks for {field}, and no column has it"),
        };
        raw("not-null", column, records, material.table.len(), message)
    };
    rule.fields.iter().zip(&columns).map(one).collect()
}

/// Filled cells with another value than the allowed ones, whatever their letter case.
fn not_allowed(material: &Material, rule: &Rule, check: &'static str, role: Role) -> Vec<Raw> {
    let named = rule.fields.iter().filter_map(|field| by_role(field, material.schema));
    let columns: BTreeSet<usize> = match rule.fields.is_empty() {
        true => material.schema.all(role).collect(),
        false => named.collect(),
    };
    let allowed: BTreeSet<String> =
        rule.allowed.iter().map(|value| fold(value).into_owned()).collect();
    let one = |column: usize| {
        let bad: Vec<bool> = material.table.columns[column]
            .dictionary
            .iter()
            .map(|value| !value.is_empty() && !allowed.contains(fold(value).as_ref()))
            .collect();
        let hits = material.hits_of_values(column, &bad, usize::MAX);
        Raw { column: Some(column), hits, message: sentence(check), ..Raw::of(check) }
    };
    columns.into_iter().map(one).collect()
}

/// Leads without activity for longer than the rule allows; `created`: which are that old, too.
fn old(material: &Material, rule: &Rule, check: &'static str, created: bool) -> Raw {
    let limit = rule.days.unwrap_or(i64::MAX).saturating_mul(DAY);
    let before = material.as_of.saturating_sub(limit);
    let mut last = material.records.last_activity.clone();
    last.resize(material.table.len(), i64::MIN);
    if let Some((log, _)) = material.activities {
        let activities = &log.activities;
        for (&at, &record) in activities.at.iter().zip(&activities.record) {
            if let Some(slot) = last.get_mut(record as usize).filter(|_| at <= material.as_of) {
                *slot = (*slot).max(at);
            }
        }
    }
    let made = |record: RecordId| material.records.created.get(record.index()).copied();
    // Who never did anything is as old as the record; without a date nothing is known.
    let is_old = |record: &RecordId| {
        let made = made(*record).filter(|&at| at != i64::MIN);
        let active = Some(last[record.index()]).filter(|&at| at != i64::MIN);
        let newest = if created { made.max(active) } else { active.or(made) };
        newest.is_some_and(|at| at < before) && (!created || made.is_some())
    };
    let records: Vec<RecordId> = material.table.records().filter(is_old).collect();
    raw(check, None, records, material.table.len(), sentence(check))
}

fn raw(
    check: &'static str,
    column: Option<usize>,
    records: Vec<RecordId>,
    of: usize,
    message: String,
) -> Raw {
    let hits = Hits { count: records.len() as u64, of: of as u64, records };
    Raw { column, hits, message, ..Raw::of(check) }
}

/// What is wrong and what to do, from the catalog.
fn sentence(check: &str) -> String {
    catalog::find(check).map_or_else(String::new, |c| format!("{}; {}", c.fires, c.remedy))
}
