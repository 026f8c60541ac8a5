//! What is kept of a record is what matching read of it.

use super::*;
use crate::compare::Pair;
use crate::compare::pattern;
use crate::matching::frozen::tests::{job, row};
use crate::pipeline::{self, Job};
use crate::source::Source;
use crate::state::State;
use crate::state::known::Keep;
use proptest::prelude::*;
use std::sync::Arc;

/// Gathers the known records of a run anew and holds them against what the run compared.
fn comes_back(job: Job) {
    let outcome = pipeline::run(&Job { freeze: true, ..job }, &|_| ()).unwrap();
    let state = State::of_run(&outcome, Keep::Roles).unwrap();
    let known = Known::open(&state).unwrap();
    let frozen = known.frozen();
    let before = frozen.prepare(&outcome.records);
    let n = before.features.len();
    let all: BTreeSet<i64> = (1..=n as i64).collect();
    let gathered = known.gather(&all, &before.features).unwrap().unwrap();
    let after = frozen.count(gathered);
    assert_eq!(after.features.len(), 2 * n);
    for r in 0..n {
        let said = |record| Meaning::of(&after.features, record);
        assert_eq!(said(r), said(n + r));
        assert_eq!(
            before.ids.record(&before.features, r),
            after.ids.record(&after.features, n + r)
        );
        for other in 0..n {
            if other != r {
                let (pair, again) = (
                    Pair::new(r as u32, other as u32),
                    Pair::new((n + r) as u32, (n + other) as u32),
                );
                let (x, y) = (pattern(&before.features, pair), pattern(&after.features, again));
                assert_eq!(x, y, "{r} {other}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_matching_reads_comes_back(rows in prop::collection::vec(row(), 3..40)) {
        let which: Vec<usize> = (0..rows.len()).collect();
        comes_back(job(&rows, &which));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..80), bucket: i64) {
        let _ = read(&bytes);
        for (_, meaning) in entries(bucket, &bytes) {
            let _ = read(meaning);
        }
    }
}

#[test]
fn every_field_comes_back() {
    let text = "Id,Prefix,First Name,Middle Name,Last Name,Suffix,Email,Email 2,Email 3,Phone,\
        Mobile,Company,Website,Street,Postal Code,City,State,Country,Job Title,Birth Date,SSN,Shoe\n\
        1,Dr,Ana María,José,de la Cruz,Jr.,a.cruz+x@gmail.com,ana@acme.co.uk,info@acme.co.uk,\
        +1 212 555 0101,+44 7400 123456,The Acme Group of York Ltd,www.acme.co.uk,12 High Street,\
        SW1A 1AA,London,,United Kingdom,Head of Sales,1980-02-03,123-45-6789,42\n\
        2,,Test,,Test,,,,,,,,,,,,,,,,,\n\
        3,,O'Neil,,van der Berg,,acruz@googlemail.com,,,212-555-0101,,acme,,,,New York,NY,,,,,41\n\
        4,,王,,伟,,wei@例え.jp,,,,,株式会社,,,,,,,,,,\n";
    let content = Some(Arc::new(text.as_bytes().to_vec()));
    let inputs = vec![Source { content, ..Source::new("crm.csv") }];
    comes_back(Job { inputs, ..Job::default() });
}
