//! What is stored is found and reads back as it was.

use super::*;
use crate::matching::frozen::tests::{Row, job, persons, row};
use crate::pipeline::{self, Job, Outcome};
use crate::record::RecordId;
use crate::source::Source;
use crate::state::Mode;
use proptest::prelude::*;
use std::sync::Arc;

fn frozen_run(job: Job) -> Outcome {
    pipeline::run(&Job { freeze: true, ..job }, &|_| ()).unwrap()
}

fn all(outcome: &Outcome) -> BTreeSet<i64> {
    (1..=outcome.table.len() as i64).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_record_finds_itself_its_party_and_its_cells(
        rows in prop::collection::vec(row(), 3..70),
    ) {
        let which: Vec<usize> = (0..rows.len()).collect();
        let outcome = frozen_run(job(&rows, &which));
        let state = State::of_run(&outcome, Keep::All).unwrap();
        let known = Known::open(&state).unwrap();
        let prepared = known.frozen().prepare(&outcome.records);
        let question = Question::of(&prepared, &known.frozen().snapshot.blocks);
        let found = known.candidates(&question).unwrap();
        for record in outcome.table.records() {
            let keys = keys(&prepared, &known.frozen().snapshot.blocks, record.index());
            let number = i64::from(record.0) + 1;
            prop_assert!(keys.is_empty() || found.contains(&number), "{number}");
        }
        let inputs = known.inputs(&all(&outcome)).unwrap();
        let sources = inputs.iter().map(|i| i.source.clone()).collect();
        let mut again = Job { inputs: sources, ..Job::default() };
        again.config.columns.known = inputs[0].form.roles();
        let (table, ..) = pipeline::read(&again).unwrap();
        prop_assert_eq!(table.len(), outcome.table.len());
        let records = &inputs[0].records;
        for record in table.records() {
            let number = records[table.row[record.index()] as usize - 1];
            let own = RecordId(number as u32 - 1);
            prop_assert_eq!(table.id.get(record), outcome.table.id.get(own));
            for (column, before) in table.columns.iter().zip(&outcome.table.columns) {
                prop_assert_eq!(&column.header, &before.header);
                prop_assert_eq!(column.get(record), before.get(own));
            }
        }
    }
}

#[test]
fn odd_cells_come_back_byte_for_byte() {
    let text = "id,name,email,company\n\
                1,\"Ana \"\"the\"\" López\",ana@acme.com,\"Acme, Inc\nNew York\"\n\
                2,王伟,wei@chen.cn,\n\
                ,Total,,\n\
                4,\" padded \",x@y.example,ACME\n";
    let content = Some(Arc::new(text.as_bytes().to_vec()));
    let inputs = vec![Source { content, ..Source::new("crm.csv") }];
    let outcome = frozen_run(Job { inputs, ..Job::default() });
    let state = State::of_run(&outcome, Keep::All).unwrap();
    let known = Known::open(&state).unwrap();
    let inputs = known.inputs(&all(&outcome)).unwrap();
    let bytes = inputs[0].source.content.as_ref().unwrap();
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let rows: Vec<csv::StringRecord> = reader.records().map(|r| r.unwrap()).collect();
    assert_eq!(rows.len(), outcome.table.len());
    for (row, number) in rows.iter().zip(&inputs[0].records) {
        for (cell, column) in row.iter().zip(&outcome.table.columns) {
            assert_eq!(cell, column.get(RecordId(*number as u32 - 1)), "{}", column.header);
        }
    }
}

#[test]
fn a_run_that_learned_leaves_nothing_known() {
    let rows: [Row; 2] = [[0; 7], [2, 2, 5, 1, 1, 1, 1]];
    let outcome = pipeline::run(&job(&rows, &[0, 1]), &|_| ()).unwrap();
    let state = State::of_run(&outcome, Keep::All).unwrap();
    let error = Known::open(&state).unwrap_err();
    assert_eq!(error.exit_code(), 3);
    assert!(error.to_string().contains("holds no known records"), "{error}");
}

#[test]
fn what_is_damaged_is_refused_or_left_out_and_never_a_panic() {
    let rows: [Row; 3] = [[0; 7], [0, 0, 0, 0, 2, 2, 0], [2, 2, 5, 1, 1, 1, 1]];
    let outcome = frozen_run(job(&rows, &[0, 1, 2]));
    assert_eq!(persons(&outcome).len(), 2);
    for damage in [
        "UPDATE known_record SET cells = x'ff80'",
        "UPDATE known_record SET cells = 'text'",
        "UPDATE known_record SET cells = x'0100'",
        "UPDATE known_meaning SET entries = x'ff80'",
        "UPDATE known_meaning SET entries = x'0002ff7f'",
        "UPDATE known_meaning SET entries = 'text'",
        "UPDATE known_keys SET entries = x'8080808080808080808080'",
        "UPDATE known_party SET records = x'ffffffffffffffffff01'",
        "UPDATE known_source SET form = '{'",
        "DELETE FROM known_source",
    ] {
        let state = State::of_run(&outcome, Keep::All).unwrap();
        state.connection().execute(damage, []).unwrap();
        let known = Known::open(&state).unwrap();
        let new = Job { frozen: Some(known.frozen().clone()), ..job(&rows, &[0]) };
        // Whatever comes of it, it ends.
        let _ = crate::known::compare(&new, &known, &|_| ());
    }
}

#[test]
fn a_state_of_the_version_before_says_the_same_and_is_filled_by_its_next_audit() {
    let rows: [Row; 4] =
        [[0; 7], [0, 0, 0, 0, 2, 2, 0], [2, 2, 5, 1, 1, 1, 1], [3, 2, 5, 1, 1, 1, 1]];
    let outcome = frozen_run(job(&rows, &[0, 1, 2]));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(crate::state::FILE);
    let import = |state: &State| {
        let found = crate::known::compare(&job(&rows, &[3]), &Known::open(state).unwrap(), &|_| ());
        let import = found.unwrap();
        (import.verdicts[0].kind, persons(&import.outcome), import.known_records)
    };
    let state = State::open(&path, Mode::Write).unwrap();
    state.keep_run(&outcome, Keep::Roles).unwrap();
    let before = import(&state);
    let older = "DROP TABLE known_meaning; DROP TABLE receipt;
                 DELETE FROM meta WHERE key = 'known_records';
                 UPDATE meta SET value = 1 WHERE key = 'schema_version'";
    state.connection().execute_batch(older).unwrap();
    state.commit().unwrap();
    let state = State::open(&path, Mode::Read).unwrap();
    assert_eq!(import(&state), before);
    let known = Known::open(&state).unwrap();
    let prepared = known.frozen().prepare(&outcome.records);
    assert!(known.gather(&all(&outcome), &prepared.features).unwrap().is_none());
    drop(state);
    let state = State::open(&path, Mode::Write).unwrap();
    let refused = state.erase("ana.lopez@acme.com").unwrap_err();
    assert!(refused.to_string().contains("cannot be searched by address"), "{refused}");
    assert_eq!(state.erase("L2").unwrap().records, 1);
    let numbers: Vec<i64> = (1..=3).collect();
    fill_again(&state, &outcome, &numbers);
    let known = Known::open(&state).unwrap();
    assert!(known.gather(&all(&outcome), &prepared.features).unwrap().is_some());
}

fn fill_again(state: &State, outcome: &Outcome, numbers: &[i64]) {
    store::store(state.connection(), outcome, Keep::Roles, numbers, 2).unwrap();
}
