//! Files of a shape that breaks matchers: too few columns, too few rows, one value everywhere, names
//! that chain. Each goes through the whole pipeline; what must not happen is said in the test.

mod crowd;
mod tiny;

use leadmend::pipeline::{self, Job, Outcome};
use leadmend::source::Source;
use std::collections::BTreeSet;

/// Runs the pipeline on the text of a file.
fn run(csv: &str) -> Outcome {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("leads.csv");
    std::fs::write(&path, csv).unwrap();
    let mut job = Job { inputs: vec![Source::new(path)], ..Job::default() };
    job.config.as_of = 1_782_777_600_000_000;
    let outcome = pipeline::run(&job, &|_| ()).unwrap();
    let clusters = &outcome.matched.clusters;
    assert_eq!(clusters.person_of.len(), outcome.table.len());
    assert_eq!(clusters.members.len(), outcome.table.len(), "every record is in one person");
    for p in &clusters.probability {
        assert!((0.0..=1.0).contains(p), "a probability of {p}");
    }
    let model = &outcome.matched.model;
    for level in model.comparisons.iter().flat_map(|c| &c.levels) {
        let shares = [level.same_prob, level.related_prob, level.unrelated_prob];
        assert!(shares.iter().all(|p| p.is_finite() && *p > 0.0), "{level:?}");
    }
    outcome
}

/// The persons of two records and more, as record ids.
fn merged(outcome: &Outcome) -> BTreeSet<Vec<String>> {
    let clusters = &outcome.matched.clusters;
    (0..clusters.len() as u32)
        .map(|person| {
            clusters.members(person).iter().map(|&r| outcome.table.id.get(r).to_string()).collect()
        })
        .filter(|ids: &Vec<String>| ids.len() > 1)
        .collect()
}

/// Records of the largest person.
fn largest(outcome: &Outcome) -> u32 {
    outcome.matched.clusters.start.windows(2).map(|w| w[1] - w[0]).max().unwrap_or(0)
}

fn persons(outcome: &Outcome) -> usize {
    outcome.matched.clusters.len()
}

/// Most candidate pairs per record; a full comparison of 2,000 records would be 1,000.
fn pairs_per_record(outcome: &Outcome) -> f64 {
    outcome.matched.candidates.pairs.len() as f64 / outcome.table.len() as f64
}

const GIVEN: [&str; 25] = [
    "Anna", "Bernd", "Clara", "David", "Elena", "Felix", "Greta", "Hugo", "Irene", "Jonas",
    "Karin", "Lukas", "Marta", "Nils", "Olga", "Paul", "Rosa", "Stefan", "Tilda", "Ulrich", "Vera",
    "Walter", "Xenia", "Yvonne", "Zoran",
];
const FAMILY: [&str; 20] = [
    "Albrecht", "Bauer", "Conrad", "Dietrich", "Engel", "Fuchs", "Graf", "Huber", "Ivanov",
    "Jansen", "Keller", "Lorenz", "Maurer", "Neumann", "Otto", "Pohl", "Richter", "Seidel",
    "Thiel", "Vogt",
];

/// One of 500 different people.
fn name(i: usize) -> (&'static str, &'static str) {
    (GIVEN[i % GIVEN.len()], FAMILY[(i / GIVEN.len() + 2 * i) % FAMILY.len()])
}

/// One of 400 firms whose names are nothing like each other.
fn firm(i: usize) -> String {
    const FIRST: [&str; 20] = [
        "Amber", "Blue", "Cedar", "Delta", "Eagle", "Forge", "Grand", "Hazel", "Indigo", "Jasper",
        "Krypton", "Lotus", "Mosaic", "Noble", "Orbit", "Prime", "Quartz", "Rapid", "Silver",
        "Titan",
    ];
    const SECOND: [&str; 20] = [
        "Academy",
        "Bakery",
        "Clinic",
        "Dental",
        "Energy",
        "Foods",
        "Garage",
        "Hotels",
        "Institute",
        "Journal",
        "Kitchens",
        "Logistics",
        "Media",
        "Nursery",
        "Optics",
        "Pharma",
        "Quarry",
        "Robotics",
        "Shipping",
        "Textiles",
    ];
    format!("{} {}", FIRST[i % 20], SECOND[(i / 20 + 3 * i) % 20])
}

/// Its domain.
fn domain(i: usize) -> String {
    format!("{}.com", firm(i).replace(' ', "").to_lowercase())
}

/// A number of ten digits, far from its neighbors.
fn phone(i: usize) -> String {
    format!("+1212{}", 2_370_000 + 7_919 * (i % 900))
}

#[test]
fn headers_that_mislead() {
    // Phones under "email", e-mails under "phone", family names under "first name".
    let mut csv = String::from("id,last name,first name,phone,email\n");
    for i in 0..40 {
        let (given, family) = name(i);
        csv.push_str(&format!(
            "{i},{given},{family},{given}.{family}@firm{i}.com,+1212736{i:04}\n"
        ));
    }
    csv.push_str("90,Anna,Albrecht,anna.albrecht@firm0.com,+12127360000\n");
    csv.push_str("91,Clara,Engel,clara.engel@firm2.com,\n");
    let outcome = run(&csv);
    let found = merged(&outcome);
    assert!(found.contains(&vec!["0".to_string(), "90".to_string()]), "{found:?}");
    assert!(found.contains(&vec!["2".to_string(), "91".to_string()]), "{found:?}");
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn headers_that_say_nothing() {
    let mut csv = String::from("col1,col2,col3,col4\n");
    for i in 0..40 {
        let (given, family) = name(i);
        csv.push_str(&format!("{given},{family},{given}.{family}@firm{i}.com,+1212736{i:04}\n"));
    }
    csv.push_str("Anna,Albrecht,anna.albrecht@firm0.com,+12127360000\n");
    let outcome = run(&csv);
    assert_eq!(merged(&outcome).len(), 1, "{:?}", merged(&outcome));
    assert_eq!(persons(&outcome), 40);
}

#[test]
fn names_alone_are_reviewed_at_most_when_they_are_common() {
    // No e-mail, phone or company at all: equal names may merge, different ones never.
    let mut csv = String::from("id,first name,last name\n");
    for i in 0..300 {
        let (given, family) = name(i);
        csv.push_str(&format!("{i},{given},{family}\n"));
    }
    let outcome = run(&csv);
    assert_eq!(persons(&outcome), 300, "{:?}", merged(&outcome));
}

#[test]
fn one_column_only() {
    let mut emails = String::from("email\n");
    for i in 0..60 {
        emails.push_str(&format!("person{}@firm{}.com\n", (b'a' + (i % 20) as u8) as char, i % 20));
    }
    assert_eq!(persons(&run(&emails)), 20, "each address three times");
    let mut names = String::from("name\n");
    for i in 0..60 {
        let (given, family) = name(i);
        names.push_str(&format!("{given} {family}\n"));
    }
    assert_eq!(persons(&run(&names)), 60, "all names differ");
    let phones: String = (0..30).map(|i| format!("+1212736{:04}\n", 137 * (i % 15))).collect();
    let outcome = run(&format!("phone\n{phones}"));
    assert!(persons(&outcome) >= 15, "different numbers never merge: {}", persons(&outcome));
    let notes: String = (0..30).map(|i| format!("note {}\n", i % 7)).collect();
    run(&format!("remark\n{notes}"));
}

#[test]
fn twelve_rows() {
    let mut csv = String::from("id,first name,last name,email,phone,company\n");
    for i in 0..10 {
        let (given, family) = name(i * 7);
        csv.push_str(&format!(
            "{i},{given},{family},{given}.{family}@firm{i}.com,+1212736{:04},Firm {i}\n",
            i * 311
        ));
    }
    let (given, family) = name(0);
    csv.push_str(&format!("10,{given},{family},{given}.{family}@firm0.com,,\n"));
    let (given, family) = name(21);
    csv.push_str(&format!("11,{}.,{family},{given}.{family}@firm3.com,,Firm 3\n", &given[..1]));
    let found = merged(&run(&csv));
    let expected: BTreeSet<Vec<String>> =
        [["0", "10"], ["3", "11"]].map(|pair| pair.map(String::from).to_vec()).into();
    assert_eq!(found, expected);
}

#[test]
fn one_row() {
    let outcome = run("first name,last name,email\nAnna,Albrecht,anna@firm.com\n");
    assert_eq!(persons(&outcome), 1);
    assert!(outcome.matched.candidates.pairs.is_empty());
    assert_eq!(persons(&run("email\nanna@firm.com\n")), 1);
}

#[test]
fn many_copies_of_some_people() {
    // A form that a robot sent: three people 100 times each among 200 ordinary ones.
    let mut csv = String::from("first name,last name,email,phone,company\n");
    for i in 0..200 {
        let (given, family) = name(i);
        csv.push_str(&format!(
            "{given},{family},{given}.{family}@house{i}.com,+1415391{i:04},House {i}\n"
        ));
    }
    for i in 0..300 {
        let (given, family) = name(300 + i % 3);
        csv.push_str(&format!(
            "{given},{family},{given}.{family}@copy.com,+1212736{:04},Copy\n",
            i % 3
        ));
    }
    assert_eq!(persons(&run(&csv)), 203);
}

#[test]
fn all_rows_identical() {
    let row = "Anna,Albrecht,anna.albrecht@firm.com,+12127365000,Firm,Leeds\n";
    let csv = format!("first name,last name,email,phone,company,city\n{}", row.repeat(500));
    let outcome = run(&csv);
    assert_eq!(persons(&outcome), 1);
    assert!(pairs_per_record(&outcome) < 60.0, "{}", pairs_per_record(&outcome));
}

#[test]
fn constant_columns_prove_nothing() {
    // One firm's own staff list: company, website, city, street and title are the same everywhere.
    let mut csv = String::from("id,first name,last name,company,website,street,city,job title\n");
    for i in 0..400 {
        let (given, family) = name(i);
        csv.push_str(&format!(
            "{i},{given},{family},Rapid Line,rapidline.com,12 Oak Street,Leeds,Manager\n"
        ));
    }
    let outcome = run(&csv);
    let found = merged(&outcome);
    assert!(found.is_empty(), "{} wrong persons: {:?}", found.len(), found.iter().next());
}

#[test]
fn two_thousand_rows_with_one_phone() {
    let mut csv = String::from("id,first name,last name,email,phone\n");
    for i in 0..2000 {
        let (given, family) = (GIVEN[i % 25], FAMILY[i / 25 % 20]);
        let firm = i / 500;
        csv.push_str(&format!(
            "{i},{given},{family}{firm},{given}.{family}{firm}@firm{}.com,+12127365000\n",
            i % 97
        ));
    }
    let outcome = run(&csv);
    let found = merged(&outcome);
    assert!(found.is_empty(), "{} persons, e.g. {:?}", found.len(), found.iter().next());
    assert!(pairs_per_record(&outcome) < 120.0, "{}", pairs_per_record(&outcome));
}

#[test]
fn a_chain_of_near_namesakes_does_not_collapse() {
    // Each name is one letter from the next, the last is another name altogether.
    let chain = ["Marian", "Mariana", "Mariane", "Marine", "Marie", "Maria"];
    let mut csv = String::from("id,first name,last name,email,company,city\n");
    for (i, given) in chain.iter().enumerate() {
        csv.push_str(&format!("{i},{given},Keller,{given}.keller@firm{i}.com,Firm {i},Town{i}\n"));
    }
    for i in 0..200 {
        let (given, family) = name(i);
        csv.push_str(&format!(
            "{},{given},{family},{given}.{family}@house{i}.com,House {i},Leeds\n",
            i + 100
        ));
    }
    let outcome = run(&csv);
    assert!(largest(&outcome) <= 2, "{:?}", merged(&outcome));
}

#[test]
fn a_chain_inside_one_firm_does_not_collapse() {
    // Colleagues, each alike to the next in name, all at one firm with one switchboard.
    let chain = ["Jan", "Jana", "Janina", "Nina", "Tina", "Tim"];
    let mut csv = String::from("id,first name,last name,email,phone,company\n");
    for (i, given) in chain.iter().enumerate() {
        csv.push_str(&format!(
            "{i},{given},Keller,{given}.keller@rapidline.com,+12127365000,Rapid Line\n"
        ));
    }
    for i in 0..200 {
        let (given, family) = name(i);
        csv.push_str(&format!(
            "{},{given},{family},{given}.{family}@house{i}.com,+1415391{i:04},House {i}\n",
            i + 100
        ));
    }
    let outcome = run(&csv);
    assert!(largest(&outcome) <= 2, "{:?}", merged(&outcome));
}

#[test]
fn placeholder_people_are_not_one_person() {
    let mut csv = String::from("id,first name,last name,email,phone,company\n");
    for i in 0..200 {
        let (given, family) = name(i);
        csv.push_str(&format!(
            "{},{given},{family},{given}.{family}@house{i}.com,+1415391{i:04},House {i}\n",
            i + 100
        ));
    }
    let junk = [
        "Test,Test,test@test.com,,",
        "Test,Test,test@test.com,0000000000,",
        "Test,Test,,,House 3",
        "asdf,asdf,asdf@asdf.com,,",
        "asdf,asdf,asdf@asdf.com,1111111111,",
        "N/A,N/A,n/a,n/a,n/a",
        "N/A,N/A,n/a,n/a,n/a",
        "-,-,-,-,-",
        "-,-,-,-,-",
        "unknown,unknown,noemail@noemail.com,,Unknown",
        "unknown,unknown,noemail@noemail.com,,Unknown",
        ",,,,",
        ",,,,",
    ];
    for (i, row) in junk.iter().enumerate() {
        csv.push_str(&format!("{i},{row}\n"));
    }
    let found = merged(&run(&csv));
    assert!(found.is_empty(), "{found:?}");
}
