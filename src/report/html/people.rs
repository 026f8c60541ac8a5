//! Who is connected without being one person, and who may not be contacted.

use super::svg::bars;
use super::view::{Block, Chart, Section, Table, text};
use crate::cluster::relation::RelationKind;
use crate::merge::consent::{ConsentFact, Decision, FactSource, State};
use crate::pipeline::Outcome;
use crate::report::json::refusals;
use crate::report::summary::count;
use std::collections::BTreeMap;

/// Households, shared mailboxes, switchboards.
pub(super) fn relations(outcome: &Outcome) -> Section {
    let relations = &outcome.matched.relations;
    if relations.is_empty() {
        let none = text("No households, shared mailboxes or switchboards were found.");
        return Section::new("related", "Related, but not one person", vec![none]);
    }
    let mut table = Table::new(
        "People who share something and were not merged",
        &["What they are", "#Groups", "#People", "#Largest", "What follows"],
    );
    let kinds = [
        (RelationKind::Household, "Households", "one letter or call reaches all of them"),
        (
            RelationKind::SharedMailbox,
            "Shared mailboxes",
            "an opt-out of the address binds them all",
        ),
        (
            RelationKind::Switchboard,
            "Switchboards",
            "ask for the person; the number is no direct line",
        ),
    ];
    for (kind, name, follows) in kinds {
        let sizes = || relations.iter().filter(|r| r.kind == kind).map(|r| r.persons.len());
        if sizes().count() > 0 {
            table.row(vec![
                name.into(),
                sizes().count().into(),
                sizes().sum::<usize>().into(),
                sizes().max().unwrap_or(0).into(),
                follows.into(),
            ]);
        }
    }
    let said = "Two people at one address are two people. All groups are in related.csv.";
    Section::new("related", "Related, but not one person", vec![text(said), Block::Table(table)])
}

/// Who may not be contacted, and why.
pub(super) fn consent(outcome: &Outcome) -> Section {
    let consent = &outcome.consent;
    let people = outcome.matched.clusters.len();
    let refused = refusals(outcome);
    let mut said = vec![format!(
        "{} may be mailed, {} may be phoned.",
        count(consent.email.iter().filter(|d| d.may).count(), "person", "people"),
        count(consent.phone.iter().filter(|d| d.may).count(), "person", "people"),
    )];
    if refused.objected > 0 {
        said.push(format!(
            "{} to marketing altogether.",
            count(refused.objected, "person objected", "people objected")
        ));
    }
    if refused.suppressed > 0 {
        said.push(format!(
            "{} on the suppression list.",
            count(refused.suppressed, "person is", "people are")
        ));
    }
    let saved = half_refused(outcome);
    if saved > 0 {
        said.push(format!(
            "{} no on one of their records only: through the others they would have been contacted \
             all the same.",
            count(saved, "person had said", "people had said")
        ));
    }
    let mut table = Table::new(
        "People by permission and reason",
        &["Channel", "May be used", "Why", "#People", "#Share"],
    );
    let mut barred = Vec::new();
    for (channel, decisions) in [("E-mail", &consent.email), ("Phone", &consent.phone)] {
        let mut reasons: BTreeMap<(bool, &'static str), usize> = BTreeMap::new();
        for decision in decisions {
            *reasons.entry((!decision.may, words(decision, channel))).or_default() += 1;
        }
        for ((barring, why), n) in reasons {
            let answer = if barring { "no" } else { "yes" };
            let share = super::view::Cell::share(n, people);
            table.row(vec![channel.into(), answer.into(), why.into(), n.into(), share]);
            if barring {
                barred.push((format!("{channel}: {why}"), n));
            }
        }
    }
    let mut blocks = vec![text(said.join(" "))];
    if barred.is_empty() {
        blocks.push(Block::Table(table));
    } else {
        let (title, about) = (
            "Who may not be contacted",
            "People per channel and reason; addresses are never in a list of people who said no.",
        );
        let svg = bars("consent", title, about, &barred);
        blocks.push(Block::Chart(Chart { title: title.into(), about: about.into(), svg, table }));
    }
    Section::new("consent", "Consent", blocks)
}

fn words(decision: &Decision, channel: &str) -> &'static str {
    match decision.reason() {
        "suppressed" => "suppression list",
        "no-address" if channel == "Phone" => "no number",
        "no-address" => "no address",
        "opted-in" => "opted in",
        "opted-out" => "opted out",
        "bounced" if channel == "Phone" => "number does not work",
        "bounced" => "address does not work",
        "complained" => "complained",
        "objected" => "objected",
        "unknown" if decision.may => "no refusal known",
        "unknown" => "consent not known",
        other => other,
    }
}

/// Whether a person wants it so: a bounce is nobody's will.
fn is_will(state: State) -> bool {
    matches!(state, State::OptedOut | State::Complained | State::Objected)
}

/// People of several records who refused, while one of their records says nothing of it.
fn half_refused(outcome: &Outcome) -> usize {
    let mut refused = vec![false; outcome.table.len()];
    let said = |f: &&ConsentFact| is_will(f.state) && f.source != FactSource::Suppression;
    for fact in outcome.consent_facts.iter().filter(said) {
        if let Some(record) = refused.get_mut(fact.record.index()) {
            *record = true;
        }
    }
    let clusters = &outcome.matched.clusters;
    let barred = |p: usize| {
        let decisions = [&outcome.consent.email, &outcome.consent.phone];
        decisions.iter().any(|d| d.get(p).is_some_and(|d| !d.may && is_will(d.state)))
    };
    let half = |p: &u32| {
        let records = clusters.members(*p);
        let said = records.iter().filter(|r| refused[r.index()]).count();
        said > 0 && said < records.len() && barred(*p as usize)
    };
    (0..clusters.len() as u32).filter(half).count()
}
