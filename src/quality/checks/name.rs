//! Names: in the wrong column, not names at all, or nobody's.

use crate::compare::feature::FLAG_PLACEHOLDER;
use crate::normalize::company::legal_form_of;
use crate::normalize::email;
use crate::normalize::name::{family_frequency, given_frequency};
use crate::normalize::text::fold;
use crate::quality::Collector;
use crate::quality::census::{Census, sentence};
use crate::record::ValueId;
use crate::schema::Role;
use rayon::prelude::*;

/// The columns of a name.
pub(in crate::quality) const NAMES: [Role; 4] =
    [Role::GivenName, Role::MiddleName, Role::FamilyName, Role::FullName];

/// Runs the group.
pub(super) fn check(census: &Census, out: &mut Collector) {
    for column in census.columns_of(&NAMES) {
        let contact = census.judge(column, is_contact);
        let hits = census.hits(column, |v| contact[v]);
        out.take("name-email-in-field", Some(column), hits, sentence("name-email-in-field"));
    }
    wrong_column(census, out);
    test_names(census, out);
}

/// An e-mail address or a phone number.
fn is_contact(text: &str) -> bool {
    if text.contains('@') {
        return email::split(text).into_iter().any(|part| email::parse(part).value.is_some());
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    digits >= 7 && !text.chars().any(char::is_alphabetic)
}

/// A name that ends in a legal form (`Acorn Logistics Ltd`); shorter forms are surnames too.
fn is_company(text: &str) -> bool {
    let last = text.rsplit_once(' ').map(|(_, last)| last);
    last.is_some_and(|last| last.len() >= 3 && legal_form_of(last).is_some())
}

/// What can be said of a pair of given and family name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Right,
    Wrong,
    Swapped,
}

/// Companies as given names, whole names in one cell, and names that changed places.
fn wrong_column(census: &Census, out: &mut Collector) {
    let schema = census.material.schema;
    let (Some(given), Some(family)) =
        (schema.first(Role::GivenName), schema.first(Role::FamilyName))
    else {
        return;
    };
    let table = census.material.table;
    let (g, f) = (&table.columns[given].ids, &table.columns[family].ids);
    let company = census.judge(given, is_company);
    let halves = |column: usize, other_kind: fn(&str) -> bool| -> Vec<Half> {
        let dictionary = &table.columns[column].dictionary;
        (0..dictionary.len() as u32)
            .into_par_iter()
            .with_min_len(1024)
            .map(|v| Half::of(&fold(dictionary.get(ValueId(v))), other_kind))
            .collect()
    };
    let (givens, families) = (halves(given, is_family), halves(family, is_given));
    let text = |column: usize, value: ValueId| fold(table.columns[column].dictionary.get(value));
    let places: Vec<Place> = g
        .par_iter()
        .zip(f)
        .with_min_len(4096)
        .map(|(&a, &b)| match (givens[a.index()], families[b.index()]) {
            _ if company[a.index()] => Place::Wrong,
            // Only now are both cells needed.
            (Half::Spaced, _) | (_, Half::Spaced) => judge(&text(given, a), &text(family, b)),
            (Half::OtherKind, Half::OtherKind) => Place::Swapped,
            _ => Place::Right,
        })
        .collect();
    let of = census.filled[given].max(census.filled[family]);
    let wrong = census.hits_of_records(of, |r| places[r] == Place::Wrong);
    out.take("name-in-wrong-column", Some(given), wrong, sentence("name-in-wrong-column"));
    let swapped = census.hits_of_records(of, |r| places[r] == Place::Swapped);
    out.suspect(
        "name-in-wrong-column",
        Some(family),
        swapped,
        "given and family name may have changed places; look at them".into(),
    );
}

/// How many times more frequent as the other kind a name must be to count as swapped.
const PLAINLY: f32 = 50.0;

fn judge(given: &str, family: &str) -> Place {
    let whole = |cell: &str, other: &str, first: bool| {
        let mut words = cell.split(' ');
        let shared = if first { words.next() } else { words.next_back() };
        other.len() >= 2 && shared == Some(other) && cell.len() > other.len()
    };
    // The other cell's words must begin a whole name or end it: "Maria Jose" beside "Jose" is one,
    // "Ana Ana" is not looked for.
    if (given.contains(' ') && whole(given, family, false))
        || (family.contains(' ') && whole(family, given, true))
    {
        return Place::Wrong;
    }
    if given.contains([' ', '-']) || family.contains([' ', '-']) {
        return Place::Right;
    }
    if is_family(given) && is_given(family) { Place::Swapped } else { Place::Right }
}

fn plainly(yes: f32, no: f32) -> bool {
    yes > 0.0 && yes > no * PLAINLY
}

fn is_family(word: &str) -> bool {
    plainly(family_frequency(word), given_frequency(word))
}

fn is_given(word: &str) -> bool {
    plainly(given_frequency(word), family_frequency(word))
}

/// What can be said of one cell of a name without the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    /// Several words.
    Spaced,
    /// One word, or an empty cell.
    Usual,
    /// One word that is plainly of the other kind.
    OtherKind,
}

impl Half {
    fn of(folded: &str, other_kind: fn(&str) -> bool) -> Self {
        match folded {
            text if text.contains(' ') => Self::Spaced,
            text if !text.contains('-') && other_kind(text) => Self::OtherKind,
            _ => Self::Usual,
        }
    }
}

/// Names typed to get past a form.
fn test_names(census: &Census, out: &mut Collector) {
    let rows = &census.material.records.features.rows;
    let Some(&column) = census.columns_of(&NAMES).first() else { return };
    let hits = census.hits_of_records(census.records(), |r| rows[r].flags & FLAG_PLACEHOLDER != 0);
    out.take("test-record", Some(column), hits, sentence("test-record"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_out_of_place() {
        let cases = [
            ("ana", "lopez", Place::Right),
            ("ana lopez", "lopez", Place::Wrong),
            ("ana", "ana lopez", Place::Wrong),
            ("maria jose", "jose garcia", Place::Right),
            ("", "lopez", Place::Right),
            ("garcia", "maria", Place::Swapped),
            ("james", "thomas", Place::Right),
        ];
        for (given, family, place) in cases {
            assert_eq!(judge(given, family), place, "{given} / {family}");
        }
        assert!(is_contact("ana@aguila.example") && is_contact("+52 33 1234 5678"));
        assert!(is_company("Acorn Logistics Ltd") && is_company("Acorn GmbH"));
        assert!(!is_company("Maria") && !is_company("Ana Sa") && !is_company("GmbH"));
        assert!(!is_contact("Ana") && !is_contact("@ana") && !is_contact("Henry VIII 1547"));
    }
}
