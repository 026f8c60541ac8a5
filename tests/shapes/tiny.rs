//! Files of a dozen rows, where nothing can be learned and every trap is a large part of the file.

use super::{domain, firm, merged, name, persons, phone, run};
use leadmend::matching::decide::{Decision, Verdict};
use leadmend::pipeline::Outcome;
use std::collections::BTreeSet;

/// Twelve people as rows of id, first name, last name, email, phone, company, city.
fn twelve(more: &[&str]) -> String {
    let mut csv = String::from("id,first name,last name,email,phone,company,city\n");
    for i in 0..12 {
        let ((given, family), domain) = (name(i * 7), domain(i));
        let (phone, firm) = (phone(i), firm(i));
        csv.push_str(&format!("{i},{given},{family},{given}@{domain},{phone},{firm},Leeds\n"));
    }
    csv + &more.join("\n") + "\n"
}

/// Pairs that wait for a decision, as record ids.
fn reviewed(outcome: &Outcome) -> BTreeSet<(String, String)> {
    let id = |r: u32| outcome.table.id.get(leadmend::record::RecordId(r)).to_string();
    let matched = &outcome.matched;
    let apart = |a: u32, b: u32| {
        let person = |r: u32| matched.clusters.person_of[r as usize];
        person(a) != person(b)
    };
    let waits = |d: &&Decision| {
        matches!(d.verdict, Verdict::Merge | Verdict::Review) && apart(d.pair.a, d.pair.b)
    };
    matched.decisions.iter().filter(waits).map(|d| (id(d.pair.a), id(d.pair.b))).collect()
}

#[test]
fn father_and_son_with_one_mailbox_are_not_merged() {
    let outcome = run(&twelve(&[
        "50,Edwin,Harker,family.harker@home.org,,Harker & Sons,Dallas",
        "51,Edwin,Harker Jr.,family.harker@home.org,,,Dallas",
    ]));
    assert!(merged(&outcome).is_empty(), "{:?}", merged(&outcome));
    // The mailbox of one of them is his, whatever a form made of his suffix.
    let outcome = run(&twelve(&[
        "50,Edwin,Harker,edwin.harker@home.org,,Harker & Sons,Dallas",
        "51,Edwin,Harker Jr.,edwin.harker@home.org,,,Dallas",
    ]));
    assert_eq!(merged(&outcome).len(), 1, "{:?}", merged(&outcome));
}

#[test]
fn two_namesakes_with_records_of_their_own_stay_two() {
    // Joel Mora of Tela, and another of Norte, one of whose records is so thin that by itself it could
    // be either's.
    let tela = [
        "50,Joel,Mora,joel.mora@tela.mx,+525555550101,Tela,Puebla",
        "51,Joel,Mora,joel.mora@tela.mx,,,",
        "52,Joel,Mora,joel.mora@tela.mx,+525555550101,Tela,",
        "53,Mora,Joel,joel.mora@tela.mx,+525555550101,,Puebla",
        "54,Joel,Mora,joel.mora@tela.mx,,Tela,Puebla",
        "55,Joel,Mora,joel.mora@tela.mx,+525555550101,Tela,",
        "56,Joel,Mora,,+525555550101,Tela,Puebla",
        "57,Joel,Mora,joel.mora@tela.mx,+525555550101,Tela,Puebla",
    ];
    let norte =
        ["60,Joel,Mora,j.mora@norte.mx,+528180000001,Norte,Monterrey", "61,Joel,Mora,,,Norte,"];
    for (one, other) in [(1, 2), (5, 1), (8, 2)] {
        let rows: Vec<&str> = tela[..one].iter().chain(&norte[..other]).copied().collect();
        let person = |rows: &[&str]| rows.iter().map(|r| r[..2].to_string()).collect::<Vec<_>>();
        let persons = [person(&tela[..one]), person(&norte[..other])];
        let expected: BTreeSet<_> = persons.into_iter().filter(|p| p.len() > 1).collect();
        assert_eq!(merged(&run(&twelve(&rows))), expected, "{one} and {other}");
    }
}

#[test]
fn a_lone_duplicate_in_a_small_file_is_merged_or_put_up_for_review() {
    let (given, family) = name(0);
    let (firm, domain, other) = (firm(0), domain(0), phone(300));
    for copy in [
        format!("90,{given},{family},,,{firm},"),
        format!("90,{given},{family},{given}.77@gmail.com,{other},{firm},"),
        format!("90,{given},{family},{given}.{family}@{domain},,{firm},Leeds"),
        format!("90,{}.,{family},,,{firm},Leeds", &given[..1]),
    ] {
        let outcome = run(&twelve(&[copy.as_str()]));
        let pair = ("0".to_string(), "90".to_string());
        let seen = merged(&outcome).contains(&vec![pair.0.clone(), pair.1.clone()])
            || reviewed(&outcome).contains(&pair);
        assert!(seen, "{copy}: {:?}", reviewed(&outcome));
    }
    let rows = format!("1,{given},{family},{firm}\n2,{given},{family},{firm} Ltd\n");
    let outcome = run(&format!("id,first name,last name,company\n{rows}"));
    assert!(persons(&outcome) == 1 || reviewed(&outcome).len() == 1, "two rows");
}
