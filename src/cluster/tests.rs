//! Oracles of clustering: connected components, and what the guard and the constraints forbid.

use super::Clusters;
use super::resolve::{Constraints, resolve};
use crate::compare::Pair;
use crate::compare::feature::{Company, Email, Entity, Features, Generic, Phone, Row};
use crate::compare::level::at;
use crate::matching::decide::{Decider, Decision, Verdict};
use crate::matching::model::{Calibration, ComparisonModel, FORMAT, LevelModel, MatchingModel};
use crate::record::{DictionaryBuilder, RecordId};
use proptest::prelude::*;
use std::collections::{BTreeSet, VecDeque};

/// Records that hold nothing but an identifier each; equal tags, equal identifiers.
fn features(tags: &[u32]) -> Features {
    let mut values = DictionaryBuilder::default();
    let ids = tags.iter().map(|tag| values.intern(&format!("{tag:07}")).unwrap().0).collect();
    let values = values.finish();
    let generic = Generic {
        header: "badge".into(),
        external: true,
        ids,
        records: vec![1; values.len()],
        values,
    };
    Features {
        entity: Entity::Person,
        rows: vec![Row::default(); tags.len()],
        emails: vec![Email::default()],
        phones: vec![Phone::default()],
        companies: vec![Company::default()],
        generics: vec![generic],
        ..Features::default()
    }
}

/// A model under which equal identifiers speak for one person and others against it.
fn model(against: f64) -> MatchingModel {
    let silent = ComparisonModel { name: "silent".into(), levels: Vec::new() };
    let level = |same_prob, unrelated_prob| LevelModel {
        label: String::new(),
        same_prob,
        related_prob: unrelated_prob,
        unrelated_prob,
    };
    let mut comparisons = vec![silent; at::GENERIC];
    comparisons.push(ComparisonModel {
        name: "badge".into(),
        levels: vec![level(0.9, 0.1), level(against, 0.5), level(against, 0.5)],
    });
    MatchingModel {
        format: FORMAT,
        entity: Entity::Person,
        records: 0,
        same_share: 0.4,
        related_share: 0.2,
        given_agreement_prob: 0.004,
        family_agreement_prob: 0.001,
        comparisons,
        calibration: Calibration::default(),
        namesakes: None,
        merge_at: 0.85,
        review_at: 0.5,
    }
}

fn links(edges: &[(u32, u32)]) -> Vec<Decision> {
    edges
        .iter()
        .filter(|(a, b)| a != b)
        .enumerate()
        .map(|(i, &(a, b))| Decision {
            pair: Pair::new(a, b),
            verdict: Verdict::Merge,
            // Strengths repeat, so that ties are met.
            log_odds: 2.0 + (i % 3) as f64,
        })
        .collect()
}

/// Connected components the plain way; the label is the smallest record.
fn components(count: usize, edges: &[(u32, u32)]) -> Vec<u32> {
    let mut label = vec![u32::MAX; count];
    for start in 0..count {
        if label[start] != u32::MAX {
            continue;
        }
        let mut queue = VecDeque::from([start]);
        label[start] = start as u32;
        while let Some(at) = queue.pop_front() {
            for &(a, b) in edges {
                let (a, b) = (a as usize, b as usize);
                for (from, to) in [(a, b), (b, a)] {
                    if from == at && label[to] == u32::MAX {
                        label[to] = start as u32;
                        queue.push_back(to);
                    }
                }
            }
        }
    }
    label
}

/// Graphs of up to 40 records, sparse enough to have several components.
fn graph() -> impl Strategy<Value = (usize, Vec<(u32, u32)>)> {
    (1usize..40).prop_flat_map(|n| {
        let edge = (0..n as u32, 0..n as u32);
        (Just(n), prop::collection::vec(edge, 0..n + n / 2))
    })
}

/// Every record once, members ascending, persons numbered by their first record.
fn assert_partition(clusters: &Clusters, count: usize) {
    let mut seen = BTreeSet::new();
    let mut first = None;
    for person in 0..clusters.len() as u32 {
        let members = clusters.members(person);
        assert!(!members.is_empty() && members.windows(2).all(|w| w[0] < w[1]));
        assert!(first < Some(members[0]), "persons go by their smallest record");
        first = Some(members[0]);
        for &record in members {
            assert_eq!(clusters.person_of[record.index()], person);
            assert!(seen.insert(record));
        }
    }
    assert_eq!(seen.len(), count);
}

#[test]
fn crowds_are_asked_for_more_than_persons() {
    let asked: Vec<f64> = [2, 3, 7, 8, 9, 10, 50].map(super::resolve::required).to_vec();
    assert_eq!(asked, [-1.5, -1.5, -1.5, -1.0, -0.5, 0.0, 0.0]);
}

proptest! {
    #[test]
    fn where_the_guard_has_no_objection_clusters_are_components((n, edges) in graph()) {
        let (f, model) = (features(&vec![1; n]), model(1e-6));
        let clusters = resolve(&Decider::new(&f, &model), &links(&edges), &Constraints::default());
        assert_partition(&clusters, n);
        prop_assert_eq!(&clusters.person_of, &Clusters::from_labels(&components(n, &edges)).person_of);
        for (record, p) in clusters.probability.iter().enumerate() {
            let person = clusters.members(clusters.person_of[record]);
            let range = if person.len() == 1 { 1.0..=1.0 } else { 0.5..=0.9999 };
            prop_assert!(range.contains(p), "{} of {}", p, person.len());
        }
    }

    #[test]
    fn any_labels_make_a_partition_that_keeps_them(n in 1usize..60, seed in prop::collection::vec(0u32..60, 60)) {
        let labels: Vec<u32> = seed[..n].iter().map(|l| l % n as u32).collect();
        let clusters = Clusters::from_labels(&labels);
        assert_partition(&clusters, n);
        for (i, p) in labels.iter().enumerate() {
            for (j, q) in labels.iter().enumerate() {
                prop_assert_eq!(p == q, clusters.person_of[i] == clusters.person_of[j]);
            }
        }
    }

    #[test]
    fn the_order_of_the_links_does_not_matter((n, edges) in graph(), tags in prop::collection::vec(0u32..4, 40), seed in any::<u64>()) {
        let (f, model) = (features(&tags[..n]), model(1e-4));
        let decider = Decider::new(&f, &model);
        let forward = links(&edges);
        let mut shuffled = forward.clone();
        shuffled.sort_by_key(|d| (u64::from(d.pair.a) << 32 | u64::from(d.pair.b)).wrapping_mul(seed | 1));
        let none = Constraints::default();
        let (x, y) = (resolve(&decider, &forward, &none), resolve(&decider, &shuffled, &none));
        prop_assert_eq!(x.person_of, y.person_of);
        prop_assert_eq!(x.probability, y.probability);
    }

    #[test]
    fn clusters_only_join_what_links_connect_and_never_what_is_known_to_differ(
        (n, edges) in graph(),
        tags in prop::collection::vec(0u32..4, 40),
        apart in prop::collection::vec((0u32..40, 0u32..40), 0..6),
    ) {
        let (f, model) = (features(&tags[..n]), model(1e-4));
        let different: Vec<Pair> = apart
            .iter()
            .filter(|(a, b)| a != b && (*a as usize) < n && (*b as usize) < n)
            .map(|&(a, b)| Pair::new(a, b))
            .collect();
        let constraints = Constraints { same: Vec::new(), different: different.clone() };
        let clusters = resolve(&Decider::new(&f, &model), &links(&edges), &constraints);
        assert_partition(&clusters, n);
        for pair in different {
            prop_assert_ne!(clusters.person_of[pair.a as usize], clusters.person_of[pair.b as usize]);
        }
        let component = components(n, &edges);
        for person in 0..clusters.len() as u32 {
            let members = clusters.members(person);
            prop_assert!(members.iter().all(|r| component[r.index()] == component[members[0].index()]));
        }
    }
}

#[test]
fn one_link_does_not_fuse_two_groups_that_contradict_each_other() {
    let (f, model) = (features(&[1, 1, 1, 5_555, 5_555, 5_555]), model(1e-6));
    let edges = [(0, 1), (1, 2), (3, 4), (4, 5), (2, 3)];
    let clusters = resolve(&Decider::new(&f, &model), &links(&edges), &Constraints::default());
    assert_eq!(clusters.person_of, [0, 0, 0, 1, 1, 1]);
    assert_eq!(clusters.members(1), [RecordId(3), RecordId(4), RecordId(5)]);
}

#[test]
fn what_is_known_to_be_one_person_is_one_whatever_the_model_says() {
    let (f, model) = (features(&[1, 5_555, 77]), model(1e-6));
    let constraints = Constraints { same: vec![Pair::new(0, 2)], different: Vec::new() };
    let clusters = resolve(&Decider::new(&f, &model), &[], &constraints);
    assert_eq!(clusters.person_of, [0, 1, 0]);
    assert_eq!(clusters.probability, [1.0, 1.0, 1.0]);
}

/// Rows of few people with few values, so that they share e-mails, phones and names by chance.
fn rows() -> impl Strategy<Value = Vec<String>> {
    let given = prop::sample::select(vec!["Ana", "Anna", "Luis", "Bob", "Robert", "A.", ""]);
    let family =
        prop::sample::select(vec!["Lopez", "Lopes", "Smith", "Miller", "Garcia Lopez", ""]);
    let email = prop::sample::select(vec![
        "ana@acme.com",
        "info@acme.com",
        "lopez77@gmail.com",
        "lopez78@gmail.com",
        "bob.smith@north.com",
        "",
    ]);
    let phone = prop::sample::select(vec!["+12127365000", "+12127365001", "+14153918472", ""]);
    let company = prop::sample::select(vec!["Acme", "Acme Ltd", "Northern Harbor", ""]);
    let row = (given, family, email, phone, company)
        .prop_map(|(g, f, e, p, c)| format!("{g},{f},{e},{p},{c}"));
    prop::collection::vec(row, 2..50)
}

/// The persons of a table as sets of record ids, with the probability of each record.
fn persons(rows: &[(usize, &String)]) -> BTreeSet<Vec<(String, u32)>> {
    let mut csv = String::from("id,first name,last name,email,phone,company\n");
    for (id, row) in rows {
        csv.push_str(&format!("{},{row}\n", id + 1));
    }
    let (table, records) = crate::compare::tests::read(&csv);
    let f = &records.features;
    let matched = crate::pipeline::match_pairs(
        f,
        crate::blocking::candidates(f),
        Constraints::default(),
        None,
        &crate::config::Config::default(),
    );
    let clusters = &matched.clusters;
    (0..clusters.len() as u32)
        .map(|person| {
            let of = |r: &RecordId| {
                (table.id.get(*r).to_string(), clusters.probability[r.index()].to_bits())
            };
            clusters.members(person).iter().map(of).collect()
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn neither_the_order_of_rows_nor_the_number_of_threads_matters(rows in rows(), seed in any::<u64>()) {
        let in_order: Vec<(usize, &String)> = rows.iter().enumerate().collect();
        let mut shuffled = in_order.clone();
        shuffled.sort_by_key(|(i, _)| (*i as u64 + 1).wrapping_mul(seed | 1).rotate_left(17));
        let with = |threads: usize, rows: &[(usize, &String)]| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| persons(rows))
        };
        let one = with(1, &in_order);
        prop_assert_eq!(&one, &with(3, &in_order), "threads");
        prop_assert_eq!(&one, &with(2, &shuffled), "order of rows");
    }
}
