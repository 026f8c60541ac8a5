//! What an earlier run decided, read back from its `leads.csv`.
//!
//! Restrictive only: a `no` is a fact, a `yes` says nothing, since it was a conclusion and not an
//! act of the person. A `no` for want of an address was no refusal. Anything that is not a plain
//! yes counts as no: a spreadsheet may have translated the word.

use super::{Channel, State};
use crate::normalize::flag;
use crate::record::{Column, RecordId, Table};
use crate::schema::earlier::{CONSENT_REASON, MAY_EMAIL, MAY_PHONE, is};

/// The refusals of an earlier run: record, channel and state.
pub(super) fn refusals(table: &Table) -> Vec<(RecordId, Channel, State)> {
    let find = |ours: &str| table.columns.iter().find(|c| is(&c.header, ours));
    let reasons = find(CONSENT_REASON);
    let mut found = Vec::new();
    for (header, channel, name) in
        [(MAY_EMAIL, Channel::Email, "email:"), (MAY_PHONE, Channel::Phone, "phone:")]
    {
        let Some(column) = find(header) else { continue };
        let refused: Vec<bool> = column.dictionary.iter().map(says_no).collect();
        for record in table.records().filter(|r| refused[column.ids[r.index()].index()]) {
            let reason = reasons.map_or("", |c: &Column| reason_of(c.get(record), name));
            if let Some(state) = state_of(reason) {
                found.push((record, channel, state));
            }
        }
    }
    found
}

fn says_no(cell: &str) -> bool {
    !cell.trim().is_empty() && flag::parse(cell).value != Some(true)
}

/// The reason of one channel in `email: opted-out; phone: no-address`.
fn reason_of<'a>(reasons: &'a str, name: &str) -> &'a str {
    let mut parts = reasons.split(';').map(str::trim);
    parts.find_map(|part| part.strip_prefix(name)).map_or("", str::trim)
}

fn state_of(reason: &str) -> Option<State> {
    match reason {
        "no-address" => None,
        "objected" | "suppressed" => Some(State::Objected),
        "complained" => Some(State::Complained),
        "bounced" => Some(State::Bounced),
        // Also for an unknown consent that the earlier run did not take for a yes.
        _ => Some(State::OptedOut),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::sample::table;

    #[test]
    fn only_what_restricts_is_read() {
        let cases = [
            ("true", "email: opted-in; phone: no-address", None, "a yes frees nobody"),
            ("TRUE", "", None, "a yes in capitals"),
            ("", "", None, "nothing was said"),
            ("false", "email: opted-out; phone: unknown", Some(State::OptedOut), "a refusal"),
            ("FALSCH", "email: bounced; phone: x", Some(State::Bounced), "translated"),
            ("?", "", Some(State::OptedOut), "unreadable restricts"),
            ("no", "phone: unknown; email: objected", Some(State::Objected), "by any order"),
            ("false", "email: suppressed", Some(State::Objected), "the list's word stays"),
            ("false", "email: unknown", Some(State::OptedOut), "was not contactable then"),
            ("false", "email: no-address", None, "only the address was missing"),
        ];
        for (may, reason, expected, why) in cases {
            let t = table(
                "crm",
                &["id", "Leadmend_May_Email", "leadmend_consent_reason"],
                &[&["1", may, reason]],
            );
            let found: Vec<State> = refusals(&t).into_iter().map(|f| f.2).collect();
            assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{why}");
        }
    }
}
