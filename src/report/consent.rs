//! `consent.csv`: every statement about contacting someone, and which of them decides.
//!
//! A merge keeps all of them: what a person may be contacted by is only as good as the list of what
//! was said, when, and on which record.

use super::folder::OutputFolder;
use super::json::show_instant;
use super::label::Labels;
use super::table::{COMMA, Lines, write_rows};
use crate::error::Result;
use crate::merge::consent::{Channel, ConsentFact, FactSource};
use crate::pipeline::Outcome;

/// The one purpose that files tell apart so far.
const MARKETING: &str = "marketing";

/// Writes the file: by person, then record, channel, address, state and time.
pub(crate) fn write(outcome: &Outcome, folder: &OutputFolder) -> Result<()> {
    let facts = &outcome.consent_facts;
    let person_of = |f: &ConsentFact| outcome.matched.clusters.person_of[f.record.index()];
    let address = |f: &ConsentFact| match f.address {
        0 => "",
        a => outcome.addresses.get(a as usize).map_or("", String::as_str),
    };
    let mut order: Vec<u32> = (0..facts.len() as u32).collect();
    // Numbers of addresses follow the rows of the input; their texts do not.
    order.sort_by_cached_key(|&i| {
        let f = &facts[i as usize];
        let said = (f.channel, address(f), f.purpose, f.state, f.at, f.source);
        (person_of(f), f.record, said, f.explicit)
    });
    let headers =
        ["person_id", "record_id", "address", "channel", "purpose", "state", "at", "source"];
    let head = Lines::head(COMMA, headers.into_iter().chain(["decides"]));
    let labels = Labels::new(&outcome.table);
    write_rows(folder, "consent.csv", COMMA, head, order.len(), |rows, lines| {
        for &i in &order[rows] {
            let fact = &facts[i as usize];
            let person = person_of(fact);
            lines.plain(outcome.person_ids.get(person));
            lines.joined(|text| labels.push(fact.record, text));
            lines.cell(address(fact));
            lines.plain(channel(fact.channel));
            lines.plain(MARKETING);
            lines.plain(fact.state.code());
            lines.plain(&fact.at.map(show_instant).unwrap_or_default());
            lines.plain(source(fact.source));
            let decides = |d: &crate::merge::consent::Decision| d.fact == Some(i);
            let email = outcome.consent.email.get(person as usize).is_some_and(decides);
            let phone = outcome.consent.phone.get(person as usize).is_some_and(decides);
            lines.plain(match (email, phone) {
                (true, true) => "email; phone",
                (true, false) => "email",
                (false, true) => "phone",
                (false, false) => "",
            });
            lines.end();
        }
    })
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
