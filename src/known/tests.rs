//! Known records and new rows: the same persons, whatever came when.

use super::*;
use crate::matching::frozen::tests::{job, persons, row};
use crate::source::Source;
use proptest::prelude::*;
use std::sync::Arc;

type Persons = BTreeSet<BTreeSet<String>>;

fn state_of(outcome: &Outcome) -> State {
    State::of_run(outcome, Keep::Roles).unwrap()
}

fn import(new: &Job, state: &State) -> Import {
    compare(new, &Known::open(state).unwrap(), &|_| ()).unwrap()
}

fn run(job: &Job) -> Outcome {
    pipeline::run(job, &|_| ()).unwrap()
}

/// As a state of an earlier version is read: candidates from their cells.
fn by_cells(new: &Job, state: &State) -> Import {
    state.connection().execute_batch("SAVEPOINT s; DELETE FROM known_meaning").unwrap();
    let import = import(new, state);
    state.connection().execute_batch("ROLLBACK TO s; RELEASE s").unwrap();
    import
}

/// Whom an import touched, and what it said of them.
fn said(import: &Import) -> (Vec<String>, Persons, Vec<VerdictKind>) {
    let table = &import.outcome.table;
    let ids = table.records().map(|r| table.id.get(r).to_string()).collect();
    let kinds = import.verdicts.iter().map(|v| v.kind).collect();
    (ids, persons(&import.outcome), kinds)
}

/// Puts the persons of an import in place of those its records were in.
fn replace(people: &mut Persons, import: &Import) {
    let found = persons(&import.outcome);
    let touched: BTreeSet<&String> = found.iter().flatten().collect();
    people.retain(|person| !person.iter().any(|id| touched.contains(id)));
    people.extend(found);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// The promise of the frozen model: one go, ten imports, any order, the same people.
    #[test]
    fn ten_imports_in_any_order_are_one_go(
        rows in prop::collection::vec(row(), 30..90),
        first in 4usize..70,
        order in Just((0usize..90).collect::<Vec<_>>()).prop_shuffle(),
        cuts in prop::collection::vec(0usize..90, 9),
    ) {
        let first = first.min(rows.len() - 1);
        let known: Vec<usize> = (0..first).collect();
        let learned = run(&Job { freeze: true, ..job(&rows, &known) });
        let frozen = learned.matched.frozen.clone();
        let rest: Vec<usize> =
            order.into_iter().filter(|&i| i >= first && i < rows.len()).collect();
        let mut bounds: Vec<usize> = cuts.into_iter().map(|c| c % rest.len()).collect();
        bounds.extend([0, rest.len()]);
        bounds.sort_unstable();
        bounds.dedup();
        let mut here = known;
        let mut people = persons(&learned);
        let mut state = state_of(&learned);
        for cut in bounds.windows(2) {
            let new = &rest[cut[0]..cut[1]];
            let import = import(&job(&rows, new), &state);
            prop_assert_eq!(import.verdicts.len(), new.len());
            prop_assert_eq!(said(&import), said(&by_cells(&job(&rows, new), &state)));
            replace(&mut people, &import);
            here.extend(new);
            let batch = run(&Job { frozen: frozen.clone(), ..job(&rows, &here) });
            prop_assert_eq!(&people, &persons(&batch));
            state = state_of(&batch);
        }
        let all: Vec<usize> = (0..rows.len()).collect();
        prop_assert_eq!(people, persons(&run(&Job { frozen, ..job(&rows, &all) })));
    }
}

fn source(name: &str, text: &str) -> Source {
    Source { content: Some(Arc::new(text.as_bytes().to_vec())), ..Source::new(name) }
}

fn of(name: &str, text: &str) -> Job {
    Job { inputs: vec![source(name, text)], ..Job::default() }
}

const KNOWN: &str = "\
Lead Id,First Name,Last Name,Email,Phone,Company,City,Email Opt Out,Shoe
1,Ana,López,ana.lopez@acme.com,+1 212 555 0101,Acme,New York,,38
2,Ana,Lopez,ana.lopez@acme.com,,Acme Inc,New York,,39
3,Robert,Smith,bob@rapidline.io,+44 20 7946 0018,Rapid Line,London,true,40
4,Maria,Featherstone,family@featherstone.org,+44 20 7946 0999,,London,true,41
5,Wei,Chen,wei.chen@chen.cn,,,Beijing,,42
";
const NEW: &str = "\
Lead Id,First Name,Last Name,Email,Phone,Company,City
a,Ana,Lopez,ana.lopez@acme.com,+1 212 555 0101,Acme,
b,Bob,Smith,bob@rapidline.io,+44 20 7946 0018,Rapid Line,London
c,Peter,Featherstone,family@featherstone.org,,,London
d,Ingrid,Østby,ingrid@ostby.no,+47 22 12 34 56,Østby AS,Oslo
e,Ingrid,Ostby,ingrid@ostby.no,+47 22 12 34 56,Ostby,Oslo
";

fn known_and_new(keep: Keep) -> Import {
    let learned = run(&Job { freeze: true, ..of("crm.csv", KNOWN) });
    let state = State::of_run(&learned, keep).unwrap();
    import(&of("fair.csv", NEW), &state)
}

fn verdict_of<'a>(import: &'a Import, id: &str) -> &'a RowVerdict {
    let mut rows = import.verdicts.iter();
    rows.find(|v| import.outcome.table.id.get(v.record) == id).unwrap()
}

#[test]
fn every_new_row_has_its_verdict_and_persons_keep_their_ids() {
    let learned = run(&Job { freeze: true, ..of("crm.csv", KNOWN) });
    let import = known_and_new(Keep::All);
    let ids = ["a", "b", "d", "e"].map(|id| verdict_of(&import, id).kind);
    use VerdictKind::{Duplicate, New};
    assert_eq!(ids, [Duplicate, Duplicate, New, Duplicate]);
    let ana = verdict_of(&import, "a");
    let before = learned.matched.clusters.person_of[0];
    assert_eq!(import.outcome.person_ids.get(ana.person), learned.person_ids.get(before));
    let counts = VerdictCounts::of(&import.verdicts, &import.outcome, import.known_inputs);
    assert_eq!((counts.known, counts.repeated), (2, 1));
    assert_eq!(counts.new + counts.review, 2);
    let ids: BTreeSet<&str> =
        import.outcome.table.records().map(|r| import.outcome.table.id.get(r)).collect();
    assert!(!ids.contains("5"), "who has nothing to do with the import is not read");
    let headers: Vec<&str> =
        import.outcome.table.columns.iter().map(|c| c.header.as_str()).collect();
    assert!(headers.starts_with(&["Lead Id", "First Name"]), "the known columns lead: {headers:?}");
    assert!(headers.contains(&"Shoe"));
}

#[test]
fn nobody_becomes_contactable_who_was_not() {
    for keep in [Keep::Roles, Keep::All] {
        let import = known_and_new(keep);
        let email = |id: &str| {
            let person = verdict_of(&import, id).person as usize;
            import.outcome.consent.email[person]
        };
        assert!(!email("b").may, "he said no as a known record");
        assert!(!email("c").may, "another person refused at this very address");
        assert!(email("d").may && email("a").may);
    }
}

#[test]
fn a_refusal_read_from_activities_is_kept_without_them() {
    let events = "Lead Id,Activity,Date\n1,unsubscribe,2026-01-05T10:00:00Z\n";
    let mut first = of("crm.csv", KNOWN);
    first.activities = vec![source("events.csv", events)];
    let learned = run(&Job { freeze: true, ..first });
    let ana = learned.matched.clusters.person_of[0] as usize;
    assert!(!learned.consent.email[ana].may);
    let import = import(&of("fair.csv", NEW), &state_of(&learned));
    let person = verdict_of(&import, "a").person as usize;
    assert!(!import.outcome.consent.email[person].may);
}

#[test]
fn a_state_of_people_knows_no_organizations() {
    let learned = run(&Job { freeze: true, ..of("crm.csv", KNOWN) });
    let state = state_of(&learned);
    let venues = "name,address,city\nBlue Door Cafe,1 High St,London\n";
    let mut job = of("venues.csv", venues);
    job.config.columns.roles = vec![(crate::schema::Role::Company, "name".into())];
    let error = compare(&job, &Known::open(&state).unwrap(), &|_| ()).unwrap_err();
    assert_eq!(error.exit_code(), 2, "{error}");
    assert!(error.to_string().contains("it is a state of people"), "{error}");
}

#[test]
fn records_without_ids_are_known_by_their_rows() {
    let known = "First Name,Last Name,Email\nAna,López,ana@acme.com\nWei,Chen,wei@chen.cn\n";
    let new = "First Name,Last Name,Email\nAnna,Lopez,ana@acme.com\n";
    let learned = run(&Job { freeze: true, ..of("crm.csv", known) });
    let import = import(&of("fair.csv", new), &state_of(&learned));
    let verdict = &import.verdicts[0];
    assert_eq!(verdict.kind, VerdictKind::Duplicate);
    assert_eq!(import.outcome.table.id.get(verdict.other.unwrap()), "1");
}
