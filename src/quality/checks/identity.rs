//! Identity: ids, addresses and numbers that several records share, and the duplicates that matching
//! found.

use crate::compare::Pair;
use crate::compare::feature::{Features, NONE};
use crate::compare::similarity::jaro_winkler;
use crate::matching::decide::Verdict;
use crate::pipeline::input::merged_ids;
use crate::quality::census::{Census, sentence};
use crate::quality::checks::phone::is_repeated;
use crate::quality::finding::Sample;
use crate::quality::{Collector, Hits};
use crate::record::RecordId;
use crate::schema::Role;
use rayon::prelude::*;
use rustc_hash::FxHashSet;

/// Runs the group.
pub(super) fn check(census: &Census, out: &mut Collector) {
    duplicate_rate(census, out);
    duplicate_review(census, out);
    shared_email(census, out);
    shared_phone(census, out);
    duplicate_id(census, out);
    known_merge_undone(census, out);
}

/// Records beyond the first of each person.
fn duplicate_rate(census: &Census, out: &mut Collector) {
    let Some(outcome) = census.material.outcome else { return };
    let clusters = &outcome.matched.clusters;
    let further = |r: usize| {
        let members = clusters.members(clusters.person_of[r]);
        let first = members.iter().find(|member| census.material.counts(member.index()));
        census.material.counts(r) && first.is_some_and(|first| first.index() != r)
    };
    let hits = census.hits_of_records(census.records(), further);
    out.take("duplicate-rate", None, hits, sentence("duplicate-rate"));
}

/// Pairs that wait for a person's decision.
fn duplicate_review(census: &Census, out: &mut Collector) {
    let Some(outcome) = census.material.outcome else { return };
    let matched = &outcome.matched;
    let person = |record: u32| matched.clusters.person_of[record as usize];
    let counts = |pair: &Pair| {
        census.material.counts(pair.a as usize) && census.material.counts(pair.b as usize)
    };
    let mut pairs: Vec<_> = matched
        .decisions
        .iter()
        .filter(|d| matches!(d.verdict, Verdict::Review | Verdict::Merge))
        .filter(|d| person(d.pair.a) != person(d.pair.b))
        .filter(|d| counts(&d.pair) && !matched.constraints.different.contains(&d.pair))
        .map(|d| d.pair)
        .collect();
    pairs.sort_unstable();
    let table = census.material.table;
    let samples = pairs.iter().take(out.max_samples).map(|pair| Sample {
        record: format!("{} {}", table.key(RecordId(pair.a)), table.key(RecordId(pair.b))),
        line: table.line[pair.a as usize],
        value: String::new(),
    });
    let file = table.sources.first().map_or("", |s| s.file.as_str());
    let of = matched.candidates.pairs.iter().filter(|pair| counts(pair)).count() as u64;
    let counts = (pairs.len() as u64, of);
    out.take_places(
        "duplicate-review",
        file,
        counts,
        samples.collect(),
        sentence("duplicate-review"),
    );
}

/// Records by what they share, in canonical order within each group.
fn groups(census: &Census, shared: impl Fn(usize) -> Vec<u32> + Sync) -> Vec<(u32, u32)> {
    let mut held: Vec<(u32, u32)> = (0..census.material.table.len())
        .into_par_iter()
        .with_min_len(4096)
        .filter(|&r| census.material.counts(r))
        .flat_map_iter(|r| shared(r).into_iter().map(move |id| (id, r as u32)))
        .collect();
    held.par_sort_unstable();
    held
}

/// Sorted records as hits.
fn hits(census: &Census, mut records: Vec<u32>, of: u64) -> Hits {
    records.sort_unstable();
    records.dedup();
    let first = records.iter().take(census.max_samples).map(|&r| RecordId(r)).collect();
    Hits { count: records.len() as u64, of, records: first }
}

/// One address on several records: of one person a duplicate, of different people a shared mailbox.
fn shared_email(census: &Census, out: &mut Collector) {
    let f = &census.material.records.features;
    let held =
        groups(census, |r| f.emails_of(r).filter(|&e| f.emails[e as usize].records > 1).collect());
    let (mut doubles, mut shared) = (Vec::new(), Vec::new());
    for group in held.chunk_by(|x, y| x.0 == y.0) {
        let mut people: Vec<u32> = Vec::new();
        for &(_, record) in group {
            let name = |r: u32| f.rows[r as usize].name;
            if people.iter().any(|&p| !differ(f, name(p), name(record))) {
                doubles.push(record);
            } else if people.len() < MOST_PEOPLE {
                people.push(record);
            }
        }
        // A mailbox of a role is meant to be shared; `email-role` names it.
        if people.len() > 1 && !f.emails[group[0].0 as usize].role {
            shared.extend(group.iter().map(|g| g.1));
        }
    }
    let of = f.rows.iter().filter(|row| row.email[0] != NONE).count() as u64;
    let column = census.material.schema.first(Role::Email);
    out.take("duplicate-email", column, hits(census, doubles, of), sentence("duplicate-email"));
    out.take("shared-email", column, hits(census, shared, of), sentence("shared-email"));
}

/// People looked at behind one address or number; more make it no more shared.
const MOST_PEOPLE: usize = 16;

/// One number of people who share neither family name nor company.
fn shared_phone(census: &Census, out: &mut Collector) {
    let f = &census.material.records.features;
    let held =
        groups(census, |r| f.phones_of(r).filter(|&p| f.phones[p as usize].names > 1).collect());
    let mut shared = Vec::new();
    for group in held.chunk_by(|x, y| x.0 == y.0) {
        if is_repeated(f.phones[group[0].0 as usize].number & ((1 << 50) - 1)) {
            continue;
        }
        let first = group[0].1;
        let others = group.iter().map(|g| g.1).take(MOST_PEOPLE);
        let at_odds: Vec<u32> = others.filter(|&other| strangers(f, first, other)).collect();
        if !at_odds.is_empty() {
            shared.push(first);
            shared.extend(at_odds);
        }
    }
    let of = f.rows.iter().filter(|row| row.phone[0] != NONE).count() as u64;
    let column = census.columns_of(&[Role::Phone, Role::Mobile]).first().copied();
    out.take("duplicate-phone", column, hits(census, shared, of), sentence("duplicate-phone"));
}

/// Whether two records are of people who share neither name, family, company nor mail domain. A
/// company that is not known may be the same one: then the number is its switchboard.
fn strangers(f: &Features, a: u32, b: u32) -> bool {
    let (x, y) = (&f.rows[a as usize], &f.rows[b as usize]);
    if x.company == NONE || y.company == NONE || x.company == y.company {
        return false;
    }
    let domain = f.work_domain(a as usize);
    let (p, q) = (&f.companies[x.company as usize], &f.companies[y.company as usize]);
    let one_company = (domain != NONE && domain == f.work_domain(b as usize))
        || (p.first != NONE && p.first == q.first)
        || jaro_winkler(f.word(p.core), f.word(q.core)) >= ALIKE;
    !one_company && differ(f, x.name, y.name) && !family(f, x.name, y.name)
}

/// Whether two names are clearly those of different people: their given names have nothing in common.
fn differ(f: &Features, a: u32, b: u32) -> bool {
    if a == b || a == NONE || b == NONE {
        return false;
    }
    let (x, y) = (&f.names[a as usize], &f.names[b as usize]);
    if x.given_count == 0 || y.given_count == 0 {
        return false;
    }
    let any =
        |left: &[u32], right: &[u32]| left.iter().any(|&s| right.iter().any(|&t| alike(f, s, t)));
    let swapped = any(x.given(), y.family()) && any(x.family(), y.given());
    !any(x.given(), y.given()) && !swapped && !alike(f, x.given_joined, y.given_joined)
}

/// Whether two names share a family name.
fn family(f: &Features, a: u32, b: u32) -> bool {
    let (x, y) = (&f.names[a as usize], &f.names[b as usize]);
    x.family().iter().any(|&s| y.family().iter().any(|&t| alike(f, s, t)))
}

/// From this similarity on, two name words may be one that was mistyped.
const ALIKE: f64 = 0.84;

fn alike(f: &Features, s: u32, t: u32) -> bool {
    if s == t || s == NONE || t == NONE {
        return true;
    }
    let (x, y) = (&f.tokens[s as usize], &f.tokens[t as usize]);
    (x.root != 0 && x.root == y.root)
        || (x.phonetic != 0 && x.phonetic == y.phonetic)
        || ((x.length == 1 || y.length == 1) && x.initial == y.initial)
        || jaro_winkler(f.token(s), f.token(t)) >= ALIKE
}

/// Ids that repeat in a source, and Salesforce ids that are there in both their lengths.
fn duplicate_id(census: &Census, out: &mut Collector) {
    let (table, schema) = (census.material.table, census.material.schema);
    let has_id: Vec<bool> = schema.inputs.iter().map(|s| s.has(Role::RecordId)).collect();
    let with_id = |r: usize| has_id.get(table.source[r] as usize).copied().unwrap_or(false);
    if !has_id.iter().any(|&has| has) {
        return;
    }
    let long: FxHashSet<(u16, &str)> = table
        .records()
        .filter_map(|r| {
            let id = table.id.get(r);
            let salesforce = id.len() == 18 && id.bytes().all(|b| b.is_ascii_alphanumeric());
            salesforce.then(|| (table.source[r.index()], &id[..15]))
        })
        .collect();
    let twice = |r: usize| {
        let id = table.id.get(RecordId(r as u32));
        let twin = id.len() == 15 && long.contains(&(table.source[r], id));
        with_id(r) && (table.occurrence[r] > 1 || twin)
    };
    let found = census.hits_of_records(census.records(), twice);
    out.take("duplicate-id", schema.id_column, found, sentence("duplicate-id"));
}

/// Records that are listed as merged into another one.
fn known_merge_undone(census: &Census, out: &mut Collector) {
    let (table, schema) = (census.material.table, census.material.schema);
    let trails = merged_ids(table, schema);
    let gone: FxHashSet<(u16, &str)> = trails
        .iter()
        .flat_map(|(record, ids)| ids.iter().map(|id| (table.source[record.index()], id.as_str())))
        .collect();
    if gone.is_empty() {
        return;
    }
    let alive = |r: usize| gone.contains(&(table.source[r], table.id.get(RecordId(r as u32))));
    let found = census.hits_of_records(census.records(), alive);
    out.take("known-merge-undone", schema.id_column, found, sentence("known-merge-undone"));
}
