//! Relations that are not identity: households, shared mailboxes, switchboards.
//!
//! What a matcher must not merge is worth knowing all the same: one phone call reaches the whole
//! household, and a score must not be read as one person's interest. Found on the finished persons,
//! from the values they share.

use super::Clusters;
use super::union::Union;
use crate::blocking::shared;
use crate::compare::feature::{FLAG_PLACEHOLDER, Features, NONE};
use rustc_hash::FxHashMap;

/// Persons on an address or number that still are one family's.
const HOUSEHOLD_PERSONS: usize = 12;
/// Names on a number that can still be a home's.
const PRIVATE_PHONE_NAMES: u32 = 4;
/// Persons from which a mailbox that names no role counts as shared.
const MAILBOX_PERSONS: usize = 2;
/// Persons, of as many family names, from which a number counts as a switchboard.
const SWITCHBOARD_PERSONS: usize = 3;

/// How persons are connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RelationKind {
    /// One family name on one address, number or mailbox.
    Household,
    /// A mailbox of several people.
    SharedMailbox,
    /// A number of several people of different names.
    Switchboard,
}

impl RelationKind {
    /// The word in `related.csv`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Household => "household",
            Self::SharedMailbox => "shared-mailbox",
            Self::Switchboard => "switchboard",
        }
    }
}

/// What the persons of a relation share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shared {
    /// Family name with street and number.
    Address,
    /// Family name with phone.
    Phone,
    /// Family name with e-mail, or the e-mail alone.
    Email,
    /// The phone alone.
    Number,
}

impl Shared {
    /// For people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Address => "same family name and address",
            Self::Phone => "same family name and phone",
            Self::Email => "same e-mail",
            Self::Number => "same phone, different names",
        }
    }
}

/// A group of different persons that share something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// How they are connected.
    pub kind: RelationKind,
    /// What they share.
    pub shared: Vec<Shared>,
    /// Persons, ascending.
    pub persons: Vec<u32>,
}

/// All relations between the persons, sorted by kind and first person.
pub fn find(f: &Features, clusters: &Clusters) -> Vec<Relation> {
    let ((mut relations, boards), households) = rayon::join(
        || rayon::join(|| shared_mailboxes(f, clusters), || switchboards(f, clusters)),
        || households(f, clusters),
    );
    let known: FxHashMap<Vec<u32>, usize> =
        relations.iter().enumerate().map(|(i, r)| (r.persons.clone(), i)).collect();
    for board in boards {
        // The same people behind one mailbox and one number are one group, not two.
        match known.get(&board.persons) {
            Some(&same) => relations[same].shared.extend(board.shared),
            None => relations.push(board),
        }
    }
    relations.extend(households);
    relations.sort_by(|x, y| (x.kind, &x.persons, &x.shared).cmp(&(y.kind, &y.persons, &y.shared)));
    relations
}

/// The values of all records that several persons have, with these persons; `values` appends those of
/// a record.
fn groups(
    f: &Features,
    clusters: &Clusters,
    values: impl Fn(usize, &mut Vec<u64>) + Sync,
) -> Vec<(u64, Vec<u32>)> {
    let of_record = |record: u32, out: &mut Vec<u64>| {
        if f.rows[record as usize].flags & FLAG_PLACEHOLDER == 0 {
            values(record as usize, out);
        }
    };
    let person_of = |record: u32| clusters.person_of[record as usize];
    shared::entries(f.len() as u32, of_record, person_of)
        .chunk_by(|x, y| x.0 == y.0)
        .filter(|g| g.len() > 1)
        .map(|g| (g[0].0, g.iter().map(|e| e.1).collect()))
        .collect()
}

/// The family names of a person's records.
fn families(f: &Features, clusters: &Clusters, person: u32) -> Vec<u32> {
    let mut all: Vec<u32> = clusters
        .members(person)
        .iter()
        .map(|r| f.names[f.rows[r.index()].name as usize].family_joined)
        .filter(|&t| t != NONE)
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Number of different family names over persons.
fn family_count(f: &Features, clusters: &Clusters, persons: &[u32]) -> usize {
    let mut all: Vec<u32> = persons.iter().flat_map(|&p| families(f, clusters, p)).collect();
    all.sort_unstable();
    all.dedup();
    all.len()
}

fn shared_mailboxes(f: &Features, clusters: &Clusters) -> Vec<Relation> {
    groups(f, clusters, |r, out| out.extend(f.emails_of(r).map(u64::from)))
        .into_iter()
        .filter(|(email, persons)| {
            let role = f.emails[*email as usize].role;
            role || (persons.len() >= MAILBOX_PERSONS && family_count(f, clusters, persons) > 1)
        })
        .map(|(_, persons)| Relation {
            kind: RelationKind::SharedMailbox,
            shared: vec![Shared::Email],
            persons,
        })
        .collect()
}

fn switchboards(f: &Features, clusters: &Clusters) -> Vec<Relation> {
    let tail = |p: u32| f.phones[p as usize].tail;
    groups(f, clusters, |r, out| out.extend(f.phones_of(r).map(tail)))
        .into_iter()
        .filter(|(_, persons)| {
            persons.len() >= SWITCHBOARD_PERSONS
                && family_count(f, clusters, persons) >= SWITCHBOARD_PERSONS
        })
        .map(|(_, persons)| Relation {
            kind: RelationKind::Switchboard,
            shared: vec![Shared::Number],
            persons,
        })
        .collect()
}

/// Families: persons linked by family name and address, phone or mailbox, chained into groups.
fn households(f: &Features, clusters: &Clusters) -> Vec<Relation> {
    let mut groups_of = Union::new(clusters.len());
    let mut links: Vec<(u32, u32, Shared)> = Vec::new();
    let key = |family: u32, value: u64| {
        (u64::from(family) << 32) ^ value.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    };
    let family = |r: usize| f.names[f.rows[r].name as usize].family_joined;
    let mut link = |shared: Shared, groups: Vec<(u64, Vec<u32>)>| {
        for (_, persons) in groups.into_iter().filter(|g| g.1.len() <= HOUSEHOLD_PERSONS) {
            links.extend(persons.windows(2).map(|w| (w[0], w[1], shared)));
        }
    };
    let offices = offices(f, clusters);
    let homes = groups(f, clusters, |r, out| {
        let place = address(f, r);
        let home = family(r) != NONE && place != 0 && offices.binary_search(&place).is_err();
        out.extend(home.then(|| key(family(r), place)));
    });
    link(Shared::Address, homes);
    let phones = groups(f, clusters, |r, out| {
        let family = family(r);
        // Family members on a company's number are colleagues: the switchboard says it.
        let private = f.phones_of(r).map(|p| &f.phones[p as usize]);
        let private = private.filter(|p| family != NONE && p.names <= PRIVATE_PHONE_NAMES);
        out.extend(private.map(|p| key(family, p.tail)));
    });
    link(Shared::Phone, phones);
    let mailboxes = groups(f, clusters, |r, out| {
        let family = family(r);
        let personal = f.emails_of(r).filter(|&e| family != NONE && !f.emails[e as usize].role);
        out.extend(personal.map(|e| key(family, e.into())));
    });
    link(Shared::Email, mailboxes);
    for &(a, b, _) in &links {
        groups_of.join(a, b);
    }
    let mut members: Vec<(u32, u32, Option<Shared>)> = Vec::new();
    for &(a, b, shared) in &links {
        let top = groups_of.root(a);
        members.push((top, a, Some(shared)));
        members.push((top, b, Some(shared)));
    }
    members.sort_unstable();
    members
        .chunk_by(|x, y| x.0 == y.0)
        .map(|group| {
            let mut persons: Vec<u32> = group.iter().map(|m| m.1).collect();
            let mut shared: Vec<Shared> = group.iter().filter_map(|m| m.2).collect();
            persons.dedup();
            shared.sort_unstable();
            shared.dedup();
            Relation { kind: RelationKind::Household, shared, persons }
        })
        .collect()
}

/// Street and number with the town, as one value; 0 when there is no house number.
fn address(f: &Features, r: usize) -> u64 {
    let row = &f.rows[r];
    if f.streets[row.street as usize].number == NONE {
        return 0;
    }
    let town = if row.postcode != NONE { row.postcode } else { row.city };
    u64::from(row.street) << 32 | u64::from(town)
}

/// Addresses of people of three family names or more, sorted: who shares a name there is a
/// colleague before a relative.
fn offices(f: &Features, clusters: &Clusters) -> Vec<u64> {
    groups(f, clusters, |r, out| out.extend(Some(address(f, r)).filter(|&place| place != 0)))
        .into_iter()
        .filter(|(_, persons)| family_count(f, clusters, persons) >= SWITCHBOARD_PERSONS)
        .map(|(place, _)| place)
        .collect()
}
