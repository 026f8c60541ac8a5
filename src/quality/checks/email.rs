//! E-mail addresses: what is none, what is no person's, what is somebody else's.

use crate::compare::feature::NONE;
use crate::merge::consent::State;
use crate::merge::consent::gather::state_of_cell;
use crate::normalize::email;
use crate::normalize::record::{MailDomain, QUALITY_BAD, Records, spelled};
use crate::quality::census::{Census, at_least, sentence};
use crate::quality::checks::text::is_mixed;
use crate::quality::{Collector, Hits};
use crate::schema::{Channel, ConsentRole, Polarity, Role};
use rayon::prelude::*;
use std::borrow::Cow;

/// Runs the group.
pub(super) fn check(census: &Census, out: &mut Collector) {
    let domains = mail_domains(census.material.records);
    let domain = |id: u32| domains.get(id as usize).copied().unwrap_or_default();
    for column in census.columns_of(&[Role::Email]) {
        let take = |check, hits: Hits, out: &mut Collector| {
            out.take(check, Some(column), hits, sentence(check));
        };
        invalid(census, column, out);
        let f = &census.material.records.features;
        let first = |v: usize| first_email(census, column, v).map(|e| &f.emails[e as usize]);
        let typo = census.hits(column, |v| first(v).is_some_and(|e| domain(e.domain).typo));
        take("email-typo-domain", typo, out);
        let role = census.hits(column, |v| first(v).is_some_and(|e| e.role));
        take("email-role", role, out);
        let thrown = census.hits(column, |v| first(v).is_some_and(|e| domain(e.domain).disposable));
        take("email-disposable", thrown, out);
    }
    free_mail(census, &domain, out);
    name_mismatch(census, out);
    bounced_active(census, out);
    missing(census, out);
}

/// The e-mail a value of a column stands for; none where it is no address.
fn first_email(census: &Census, column: usize, value: usize) -> Option<u32> {
    let records = &census.material.records;
    let key = *records.keys[column].get(value)?;
    (key != NONE && (key as usize) < records.features.emails.len()).then_some(key)
}

/// What is known of the domains, by their id.
fn mail_domains(records: &Records) -> Cow<'_, [MailDomain]> {
    let f = &records.features;
    if !records.mail_domains.is_empty() {
        return Cow::Borrowed(&records.mail_domains);
    }
    let mut registrable = vec![NONE; f.domains.len()];
    f.emails.iter().skip(1).for_each(|e| registrable[e.domain as usize] = e.registrable);
    let look = |id: u32| match registrable[id as usize] {
        NONE => MailDomain::default(),
        whole => MailDomain::of(f.domain(id), f.domain(whole)),
    };
    let all = (0..f.domains.len() as u32).into_par_iter().with_min_len(256).map(look);
    Cow::Owned(all.collect())
}

/// What is no address; an address that was typed to get past a form is a test record.
fn invalid(census: &Census, column: usize, out: &mut Collector) {
    let quality = &census.material.records.quality[column];
    let bad = census.judge(column, |_| true);
    let flagged: Vec<u8> = bad
        .iter()
        .enumerate()
        .map(|(v, &filled)| {
            let text = census.text(column, v);
            let mixed = !text.is_ascii() && is_mixed(text);
            match filled && (quality[v] == QUALITY_BAD || mixed) {
                false => 0,
                true if email::parse(text).value.is_some_and(|e| e.placeholder) => 2,
                true => 1,
            }
        })
        .collect();
    let hits = census.hits(column, |v| flagged[v] == 1);
    out.take("email-invalid", Some(column), hits, sentence("email-invalid"));
    let f = &census.material.records.features;
    let documented = |v: usize| {
        first_email(census, column, v).is_some_and(|e| {
            let domain = f.domain(f.emails[e as usize].registrable);
            matches!(domain, "example.com" | "example.org" | "example.net")
        })
    };
    let hits = census.hits(column, |v| flagged[v] == 2 || documented(v));
    out.take("test-record", Some(column), hits, sentence("test-record"));
}

/// A private mailbox where a company is named.
fn free_mail(census: &Census, domain: &(dyn Fn(u32) -> MailDomain + Sync), out: &mut Collector) {
    let f = &census.material.records.features;
    let column = census.material.schema.first(Role::Email);
    let with_company = |r: usize| f.rows[r].company != NONE && f.rows[r].email[0] != NONE;
    let of = (0..f.len()).filter(|&r| with_company(r)).count() as u64;
    let hits = census.hits_of_records(of, |r| {
        let email = &f.emails[f.rows[r].email[0] as usize];
        with_company(r) && email.free && !domain(email.domain).disposable
    });
    out.take("email-free-mail", column, hits, sentence("email-free-mail"));
}

/// A local part that spells out a given and a family name, neither of them the lead's.
fn name_mismatch(census: &Census, out: &mut Collector) {
    let f = &census.material.records.features;
    let spelled: Vec<Option<(usize, usize)>> = (0..f.local_text.len() as u32)
        .into_par_iter()
        .with_min_len(1024)
        .map(|local| spelled(f.local(local)))
        .collect();
    let others = |r: usize| {
        let row = &f.rows[r];
        if row.name == NONE || row.email[0] == NONE {
            return false;
        }
        let email = &f.emails[row.email[0] as usize];
        let local = f.local(email.local);
        let Some((end, start)) = spelled[email.local as usize].filter(|_| !email.role) else {
            return false;
        };
        let (given, family) = (&local[..end], &local[start..]);
        let name = &f.names[row.name as usize];
        // Short forms and initials are not told apart: half a name in common is in common.
        name.given_count > 0
            && name.family_count > 0
            && !name.given().iter().chain(name.family()).any(|&t| {
                let token = f.token(t);
                like(token, given) || like(token, family)
            })
            && !like(f.token(name.given_joined), given)
            && !like(f.token(name.family_joined), family)
    };
    let of = f.rows.iter().filter(|row| row.name != NONE && row.email[0] != NONE).count() as u64;
    let hits = census.hits_of_records(of, others);
    let column = census.material.schema.first(Role::Email);
    out.take("email-name-mismatch", column, hits, sentence("email-name-mismatch"));
}

fn like(a: &str, b: &str) -> bool {
    use crate::normalize::name::same_by_nickname;
    let head = a.chars().next() == b.chars().next();
    (head && (a.len() == 1 || a.starts_with(b) || b.starts_with(a)))
        || same_by_nickname(a, b)
        || crate::compare::similarity::jaro_winkler(a, b) >= 0.84
}

/// A bounce beside a consent that still says yes.
fn bounced_active(census: &Census, out: &mut Collector) {
    let columns = |wanted: &[Polarity]| -> Vec<(usize, Polarity)> {
        (0..census.counts.len())
            .filter_map(|c| match census.role(c) {
                Role::Consent(ConsentRole { channel: Channel::Email | Channel::Any, polarity }) => {
                    wanted.contains(&polarity).then_some((c, polarity))
                }
                _ => None,
            })
            .collect()
    };
    let bounces = columns(&[Polarity::Bounced]);
    let rights = columns(&[Polarity::OptIn, Polarity::Status]);
    let refusals = columns(&[Polarity::OptOut, Polarity::DoNotContact]);
    let (Some(&(column, _)), false) = (bounces.first(), rights.is_empty()) else { return };
    let says = |list: &[(usize, Polarity)], r: usize, test: fn(State) -> bool| {
        list.iter().any(|&(c, polarity)| {
            state_of_cell(census.cell(c, r), polarity, true).is_some_and(test)
        })
    };
    let hits = census.hits_of_records(census.filled[column], |r| {
        says(&bounces, r, |s| s == State::Bounced)
            && says(&rights, r, |s| s == State::OptedIn)
            && !says(&refusals, r, State::is_refusal)
    });
    out.take("email-bounced-active", Some(column), hits, sentence("email-bounced-active"));
}

/// Leads without an address, and those without any way to reach them.
fn missing(census: &Census, out: &mut Collector) {
    let f = &census.material.records.features;
    let emails = census.columns_of(&[Role::Email]);
    let phones = census.columns_of(&[Role::Phone, Role::Mobile]);
    let table = census.material.table;
    let empty =
        |columns: &[usize], r: usize| columns.iter().all(|&c| table.columns[c].ids[r].is_missing());
    let unreachable = |r: usize| f.rows[r].email[0] == NONE && f.rows[r].phone[0] == NONE;
    if !(emails.is_empty() && phones.is_empty()) {
        let hits = census.hits_of_records(census.records(), unreachable);
        // A list that hardly ever says how to reach anyone was not made for reaching them.
        if at_least(hits.count, hits.of) > 0.2 {
            out.suspect("no-channel", None, hits, sentence("no-channel"));
        } else {
            out.take("no-channel", None, hits, sentence("no-channel"));
        }
    }
    if let Some(&column) = emails.first() {
        let hits =
            census.hits_of_records(census.records(), |r| empty(&emails, r) && !unreachable(r));
        out.take("email-missing", Some(column), hits, sentence("email-missing"));
    }
}
