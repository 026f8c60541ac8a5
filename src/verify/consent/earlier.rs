//! Statements that are no consent column or activity: the answers of an earlier run whose `leads.csv` is
//! an input again, and the suppression list, of which `consent.csv` alone tells.

use super::{FILE, PHONE, Said, Statement, state};
use crate::normalize::flag;
use crate::normalize::phone::Phone;
use crate::record::ValueId;
use crate::schema::Channel;
use crate::verify::Findings;
use crate::verify::input::Evidence;
use crate::verify::people::People;
use crate::verify::sheet::Sheet;
use std::path::Path;

/// An earlier run's no is kept; its yes says nothing, and neither does a missing address.
pub(super) fn read(evidence: &Evidence, all: &mut Vec<Statement>) {
    let table = &evidence.table;
    let column =
        |name: &str| table.columns.iter().position(|c| c.header.trim().eq_ignore_ascii_case(name));
    let reasons = column("leadmend_consent_reason");
    let answers = [
        ("leadmend_may_email", Channel::Email, "email: "),
        ("leadmend_may_phone", Channel::Phone, "phone: "),
    ];
    for (name, channel, start) in answers {
        let Some(answer) = column(name) else { continue };
        for record in table.records() {
            let cell = evidence.cell(answer, record).trim();
            if cell.is_empty() || flag::parse(cell).value == Some(true) {
                continue;
            }
            let reason = reasons.map_or("", |c| evidence.cell(c, record));
            let reason = reason.split(';').find_map(|r| r.trim().strip_prefix(start));
            let said = match reason.unwrap_or_default().trim() {
                "no-address" => continue,
                "objected" | "suppressed" => Said::Objected,
                "complained" => Said::Complained,
                "bounced" => Said::Bounced,
                _ => Said::No,
            };
            state(evidence, record, channel, said, None, "earlier-run", all);
        }
    }
}

/// The list itself is no input of the run; what it found is taken as it is told, for it only ever
/// restricts.
pub(super) fn read_suppressed(
    folder: &Path,
    evidence: &Evidence,
    people: &People,
    all: &mut Vec<Statement>,
    findings: &mut Findings,
) {
    let needed = ["record_id", "address", "channel", "state", "at", "source"];
    let Some(sheet) = Sheet::read(folder, FILE, b',', &needed, findings) else { return };
    let features = &evidence.records.features;
    for row in (0..sheet.len()).filter(|&row| sheet.cell(row, "source") == "suppression") {
        let plain = ["channel", "state", "at"].map(|c| sheet.cell(row, c));
        let Some(&record) = people.labels.get(sheet.cell(row, "record_id")) else { continue };
        let text = sheet.cell(row, "address");
        let email = |e: &u32| evidence.records.email_text.get(ValueId(*e)) == text;
        let phone = |p: &u32| Phone::e164_of_key(features.phones[*p as usize].number) == text;
        let address = features
            .emails_of(record.index())
            .find(email)
            .or_else(|| features.phones_of(record.index()).find(phone).map(|p| p | PHONE));
        if plain != ["any", "objected", ""] || address.is_none() && !text.is_empty() {
            findings.refuse(3, FILE, format!("line {}", row + 2), "is no suppression");
            continue;
        }
        let (channel, said) = (Channel::Any, Said::Objected);
        let source = "suppression";
        all.push(Statement { record, address, channel, said, at: None, source, act: true });
    }
}
