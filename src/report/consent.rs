//! `consent.csv`: every statement about contacting someone, and which of them decides.
//!
//! A merge keeps all of them: what a person may be contacted by is only as good as the list of what
//! was said, when, and on which record.

use super::folder::OutputFolder;
use super::json::show_instant;
use super::label::Labels;
use super::table::{COMMA, Lines, write_rows};
use crate::error::Result;
use crate::merge::consent::gather::Addresses;
use crate::merge::consent::{Channel, ConsentFact, Decision, FactSource};
use crate::pipeline::Outcome;

/// The one purpose that files tell apart so far.
const MARKETING: &str = "marketing";

/// Writes the file: by person, then record, channel, address, state and time.
pub(crate) fn write(outcome: &Outcome, folder: &OutputFolder) -> Result<()> {
    let (facts, clusters) = (&outcome.consent_facts, &outcome.matched.clusters);
    let addresses = Addresses::of(&outcome.records);
    let address = |f: &ConsentFact| addresses.text(&outcome.records, f.address);
    let of_record = by_record(facts, outcome.table.len());
    let headers =
        ["person_id", "record_id", "address", "channel", "purpose", "state", "at", "source"];
    let head = Lines::head(COMMA, headers.into_iter().chain(["decides"]));
    let labels = Labels::new(&outcome.table);
    write_rows(folder, "consent.csv", COMMA, head, clusters.len(), |persons, lines| {
        let mut order: Vec<u32> = Vec::new();
        for person in persons {
            order.clear();
            for record in clusters.members(person as u32) {
                order.extend(of_record[record.index()]..of_record[record.index() + 1]);
            }
            if order.len() > 1 {
                // Numbers of addresses follow the rows of the input; their texts do not.
                order.sort_by_cached_key(|&i| {
                    let f = &facts[i as usize];
                    let said = (f.channel, address(f), f.purpose, f.state, f.at, f.source);
                    (f.record, said, f.explicit)
                });
            }
            for &i in &order {
                let fact = &facts[i as usize];
                lines.plain(outcome.person_ids.get(person as u32));
                lines.joined(|text| labels.push(fact.record, text));
                lines.cell(&address(fact));
                lines.plain(channel(fact.channel));
                lines.plain(MARKETING);
                lines.plain(fact.state.code());
                lines.plain(&fact.at.map(show_instant).unwrap_or_default());
                lines.plain(source(fact.source));
                let decides = |d: &Decision| d.fact == Some(i);
                let email = outcome.consent.email.get(person).is_some_and(decides);
                let phone = outcome.consent.phone.get(person).is_some_and(decides);
                lines.plain(match (email, phone) {
                    (true, true) => "email; phone",
                    (true, false) => "email",
                    (false, true) => "phone",
                    (false, false) => "",
                });
                lines.end();
            }
        }
    })
}

/// Where the facts of each record start; they are in order of the records.
fn by_record(facts: &[ConsentFact], records: usize) -> Vec<u32> {
    let mut start = vec![0u32; records + 1];
    for fact in facts {
        start[fact.record.index() + 1] += 1;
    }
    for record in 0..records {
        start[record + 1] += start[record];
    }
    start
}

fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "email",
        Channel::Phone => "phone",
        Channel::Sms => "sms",
        Channel::Post => "post",
        Channel::Any => "any",
    }
}

fn source(source: FactSource) -> &'static str {
    match source {
        FactSource::Column => "column",
        FactSource::File => "file",
        FactSource::Activity => "activity",
        FactSource::EarlierRun => "earlier-run",
        FactSource::Suppression => "suppression",
    }
}
