//! Many records that share what usually tells people apart, and files that lack it.

use super::{
    FAMILY, GIVEN, domain, firm, largest, merged, name, pairs_per_record, persons, phone, run,
};

/// Ordinary people, so that there is something to learn from; ids from 1,000 on.
fn ordinary(columns: fn(usize, &str, &str) -> String) -> String {
    (0..200)
        .map(|i| {
            let (given, family) = name(i);
            format!("{},{}\n", i + 1000, columns(i, given, family))
        })
        .collect()
}

#[test]
fn a_whole_file_twice() {
    let mut csv = String::from("first name,last name,email,phone,company\n");
    for i in (0..800).map(|i| i / 2) {
        let ((given, family), firm, domain) = (name(i), firm(i), domain(i));
        let phone = phone(i);
        csv.push_str(&format!("{given},{family},{given}.{family}@{domain},{phone},{firm}\n"));
    }
    assert_eq!(persons(&run(&csv)), 400);
}

#[test]
fn three_hundred_namesakes() {
    let mut csv = String::from("id,first name,last name,email,phone,company\n");
    for i in 0..300 {
        let (a, b) = (GIVEN[i % 25], FAMILY[i / 25]);
        csv.push_str(&format!(
            "{i},John,Smith,{a}{b}@{b}{a}.com,+1415{:07},{b} {a}\n",
            2370000 + 7919 * i
        ));
    }
    csv.push_str(&ordinary(|i, given, family| {
        format!("{given},{family},{given}.{family}@house{i}.com,+1212736{i:04},House {i}")
    }));
    let outcome = run(&csv);
    assert!(largest(&outcome) <= 2, "{:?}", merged(&outcome));
}

#[test]
fn two_thousand_rows_with_one_email() {
    let mut csv = String::from("id,first name,last name,email,company\n");
    for i in 0..2000 {
        let (given, family) = (GIVEN[i % 25], FAMILY[i / 25 % 20]);
        csv.push_str(&format!("{i},{given},{family}{},sent@form.com,House {}\n", i / 500, i % 97));
    }
    let outcome = run(&csv);
    let found = merged(&outcome);
    assert!(found.is_empty(), "{} persons, e.g. {:?}", found.len(), found.iter().next());
    assert!(pairs_per_record(&outcome) < 120.0, "{}", pairs_per_record(&outcome));
}

#[test]
fn families_that_share_everything_but_the_given_name() {
    // 200 couples, of whom none, few or many of the first partners are there twice.
    for copies in [0, 20, 60, 100, 200] {
        let mut csv = String::from("id,first name,last name,email,phone,street,city\n");
        let mut row = |id: usize, home: usize, partner: usize| {
            let (given, family) = (GIVEN[(home + 7 * partner) % 25], FAMILY[home % 20]);
            let branch = (b'a' + (home / 20) as u8) as char;
            csv.push_str(&format!(
                "{id},{given},{family}{branch},{family}{home}@mail.com,{},{} Oak Street,Leeds\n",
                phone(home),
                home + 1
            ));
        };
        for i in 0..400 {
            row(i, i / 2, i % 2);
        }
        for i in 0..copies {
            row(1000 + i, i, 0);
        }
        let found = merged(&run(&csv));
        let right = (0..copies).map(|i| vec![(2 * i).to_string(), (1000 + i).to_string()]);
        assert_eq!(found, right.collect(), "{copies} copies");
    }
}

#[test]
fn a_chain_of_given_names_with_nothing_else_against_it() {
    // Each is alike to the next; the firm is the same, and nothing else is known.
    let chain = ["Jan", "Jana", "Janina", "Nina", "Tina", "Tim"];
    let mut csv = String::from("id,first name,last name,company\n");
    for (i, given) in chain.iter().enumerate() {
        csv.push_str(&format!("{i},{given},Keller,Rapid Line\n"));
    }
    csv.push_str(&ordinary(|i, given, family| format!("{given},{family},{}", firm(i))));
    let outcome = run(&csv);
    assert!(largest(&outcome) <= 3, "{:?}", merged(&outcome));
}

#[test]
fn contact_data_without_any_name() {
    let mut csv = String::from("id,email,phone\n");
    for i in 0..200 {
        csv.push_str(&format!(
            "{i},person{i}x@firm{}.com,+1212{:07}\n",
            i % 50,
            7360000 + 7919 * i
        ));
    }
    csv.push_str("500,person3x@firm3.com,+12127383757\n");
    let outcome = run(&csv);
    let ids = |a: &str, b: &str| vec![a.to_string(), b.to_string()];
    assert!(merged(&outcome).contains(&ids("3", "500")), "{:?}", merged(&outcome));
    assert_eq!(persons(&outcome), 200, "{:?}", merged(&outcome));
}

#[test]
fn a_name_and_a_firm_and_nothing_else() {
    let mut csv = String::from("id,first name,last name,company\n");
    csv.push_str(&ordinary(|i, given, family| format!("{given},{family},{}", firm(i % 20))));
    for i in 0..40 {
        let (given, family) = name(i);
        csv.push_str(&format!("{i},{given},{family},{} Ltd\n", firm(i % 20)));
    }
    let found = merged(&run(&csv));
    let right = |ids: &&Vec<String>| ids.len() == 2 && ids[1] == format!("1{:0>3}", ids[0]);
    assert_eq!(found.iter().filter(right).count(), found.len(), "{found:?}");
    assert!(found.len() >= 30, "{} of 40 found", found.len());
}

#[test]
fn rows_that_only_say_where() {
    let mut csv = String::from("id,first name,last name,company,city,country\n");
    for i in 0..100 {
        csv.push_str(&format!("{i},,,Rapid Line,{},DE\n", ["Berlin", "Hamburg", ""][i % 3]));
    }
    csv.push_str(&ordinary(|i, given, family| format!("{given},{family},House {i},Berlin,DE")));
    let found = merged(&run(&csv));
    assert!(found.is_empty(), "{} persons, e.g. {:?}", found.len(), found.iter().next());
}
