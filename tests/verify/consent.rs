//! Consent end to end: from files through a merge to who may be contacted, and back in again.

use super::folder::Run;
use crate::cli::workdir::Workdir;
use std::collections::BTreeMap;

const STATES: [&str; 6] = ["opted-in", "unknown", "bounced", "opted-out", "complained", "objected"];
const AT: &str = "2026-03-10T10:00:00Z";

/// Where the second statement stands and when: same address?, time, and what must come out for
/// every first (row) and second (column) state in the order above. An objection has no time in
/// files, so its row and column say no throughout.
const TABLES: [(&str, bool, &str, [&str; 6]); 6] = [
    (
        "same address, earlier",
        true,
        "2026-03-05T10:00:00Z",
        [
            "yes yes yes yes yes no", // a later yes lifts what came before
            "yes yes no no no no",
            "no no no no no no",
            "no no no no no no",
            "no no no no no no",
            "no no no no no no",
        ],
    ),
    (
        "same address, later",
        true,
        "2026-03-15T10:00:00Z",
        [
            "yes yes no no no no",
            "yes yes no no no no",
            "yes no no no no no",
            "yes no no no no no",
            "yes no no no no no",
            "no no no no no no",
        ],
    ),
    (
        "same address, no time",
        true,
        "",
        [
            "yes yes no no no no",
            "yes yes no no no no",
            "no no no no no no",
            "no no no no no no",
            "no no no no no no",
            "no no no no no no",
        ],
    ),
    (
        "other address, earlier",
        false,
        "2026-03-05T10:00:00Z",
        [
            "yes yes yes yes no no", // an opt-out is outgrown, a complaint and an objection are not
            "yes yes yes no no no",
            "no no no no no no",
            "no no no no no no",
            "no no no no no no",
            "no no no no no no",
        ],
    ),
    (
        "other address, later",
        false,
        "2026-03-15T10:00:00Z",
        [
            "yes yes yes no no no",
            "yes yes yes no no no",
            "no no no no no no",
            "no no no no no no", // the primary address stays refused
            "no no no no no no",
            "no no no no no no",
        ],
    ),
    (
        "other address, no time",
        false,
        "",
        [
            "yes yes yes no no no",
            "yes yes yes no no no",
            "no no no no no no",
            "no no no no no no",
            "no no no no no no",
            "no no no no no no",
        ],
    ),
];

/// One case: its number, what it is, and whether the person may be mailed.
struct Case {
    name: String,
    may: bool,
    has_bounce: bool,
}

/// Every case as two records that a decision joins, and the activities that speak of them.
fn world() -> (Workdir, Vec<Case>) {
    let mut leads =
        String::from("id,first name,last name,email,updated,unsubscribed,email status\n");
    let mut activities = String::from("id,lead_id,event_type,occurred_at\n");
    let mut decisions = String::from("left_id,right_id,decision\n");
    let mut cases = Vec::new();
    for (table, same, time, rows) in TABLES {
        for (first, row) in STATES.into_iter().zip(rows) {
            for (second, expected) in STATES.into_iter().zip(row.split(' ')) {
                let n = cases.len();
                let mut record = |id: String, mailbox: &str, year: u16, state: &str, at: &str| {
                    let status = if state == "objected" { "objected" } else { "" };
                    let (given, family) = (letters(n), letters(n * 7 + 3));
                    leads += &format!(
                        "{id},{given},{family},{mailbox}{n}@{given}{n}.example,{year}-01-01,,{status}\n"
                    );
                    let kind = match state {
                        "opted-in" => "email_resubscribe",
                        "bounced" => "email_bounce",
                        "opted-out" => "email_unsubscribe",
                        "complained" => "email_complaint",
                        _ => return,
                    };
                    activities += &format!("e{id},{id},{kind},{at}\n");
                };
                record(format!("A{n}"), "a", 2026, first, AT);
                let mailbox = if same { "a" } else { "b" };
                record(format!("B{n}"), mailbox, 2025, second, time);
                decisions += &format!("A{n},B{n},same\n");
                let has_bounce = first == "bounced" || second == "bounced";
                let name = format!("{first}, then {second}: {table}");
                cases.push(Case { name, may: expected == "yes", has_bounce });
            }
        }
    }
    let work = Workdir::with("leads.csv", leads);
    work.write("activities.csv", activities);
    work.write("decisions.csv", decisions);
    (work, cases)
}

/// A word of letters for a number, no two alike.
fn letters(mut n: usize) -> String {
    let mut word = String::from("Q");
    n = n.wrapping_mul(2_654_435_761) % 308_915_776;
    for _ in 0..6 {
        word.push(char::from(b'a' + (n % 26) as u8));
        n /= 26;
    }
    word
}

/// Per record: may be mailed, may be phoned.
fn answers(work: &Workdir, folder: &str) -> BTreeMap<String, (String, String, String)> {
    let text = work.read(&format!("{folder}/leads.csv"));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let place = |name: &str| headers.iter().position(|h| h == name).unwrap();
    let columns = ["leadmend_sources", "leadmend_may_email", "leadmend_may_phone", "email"];
    let columns = columns.map(place);
    let mut all = BTreeMap::new();
    for row in reader.records() {
        let row = row.unwrap();
        let [sources, email, phone, address] = columns.map(|c| row[c].to_string());
        for record in sources.split("; ") {
            all.insert(record.to_string(), (email.clone(), phone.clone(), address.clone()));
        }
    }
    all
}

const CLEAN: &str = "clean leads.csv --activities activities.csv --decisions decisions.csv \
                     --as-of 2026-06-30 --quiet -o out";

#[test]
fn every_pair_of_states_at_every_address_and_time() {
    let (work, cases) = world();
    work.succeeds(CLEAN);
    let answers = answers(&work, "out");
    assert_eq!(cases.len(), 216);
    let mut wrong = Vec::new();
    for (n, case) in cases.iter().enumerate() {
        let (first, second) = (&answers[&format!("A{n}")], &answers[&format!("B{n}")]);
        assert_eq!(first, second, "{}: one person", case.name);
        assert!(first.2.starts_with("a"), "{}: the newer address is shown", case.name);
        if first.0 != case.may.to_string() {
            wrong.push(format!("{}: may_email is {}", case.name, first.0));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    work.succeeds("verify out --quiet");
}

#[test]
fn importing_the_result_frees_nobody() {
    let (work, cases) = world();
    work.succeeds(CLEAN);
    let before = answers(&work, "out");
    std::fs::create_dir(work.path("again")).unwrap();
    std::fs::copy(work.path("out/leads.csv"), work.path("again/leads.csv")).unwrap();
    work.succeeds("clean again/leads.csv --as-of 2026-06-30 --quiet -o again/out");
    let after = answers(&work, "again/out");
    for (n, case) in cases.iter().enumerate() {
        let old = &before[&format!("A{n}")];
        let id = [format!("A{n}"), format!("B{n}")].into_iter().find(|id| after.contains_key(id));
        let new = &after[&id.unwrap()];
        // These columns have no word for a bounce alone, which is no wish of the person.
        if case.has_bounce {
            continue;
        }
        assert!(old.0 == "true" || new.0 == "false", "{}: freed", case.name);
        // The columns carry the opt-out of the other address, which would else be free again.
        let outgrown = case.name == "opted-in, then opted-out: other address, earlier";
        assert_eq!(new.0, (case.may && !outgrown).to_string(), "{}", case.name);
        assert_eq!(old.1, new.1, "{}: by phone", case.name);
    }
    work.succeeds("verify again/out --quiet");
}

/// Two records of one person; the second may be contacted, the first may not.
fn one_person(first: &str, second: &str, activities: &str) -> Workdir {
    let work = Workdir::with(
        "leads.csv",
        format!(
            "id,first name,last name,email,phone,do not contact,do not call\n\
             1,Ana,Ruiz,ana@acme.example,+52 33 1234 5678,{first}\n\
             2,Ana,Ruiz,ana@acme.example,+52 33 1234 5678,{second}\n"
        ),
    );
    let mut arguments = String::from("clean leads.csv --as-of 2026-06-30 --quiet -o out");
    if !activities.is_empty() {
        work.write("activities.csv", format!("id,lead_id,event_type,occurred_at\n{activities}"));
        arguments += " --activities activities.csv";
    }
    work.succeeds(&arguments);
    work.succeeds("verify out --quiet");
    work
}

fn may(work: &Workdir) -> (String, String) {
    let answers = answers(work, "out");
    let (email, phone, _) = answers["1"].clone();
    assert_eq!(answers["1"], answers["2"], "one person");
    (email, phone)
}

#[test]
fn a_suppressed_profile_merged_into_a_contactable_one_stays_suppressed() {
    let yes = || ("true".to_string(), "true".to_string());
    let no = |email: bool, phone: bool| (email.to_string(), phone.to_string());
    assert_eq!(may(&one_person(",", "no,no", "")), yes(), "nothing was said");
    assert_eq!(may(&one_person("yes,", "no,no", "")), no(false, false), "by a column, for all");
    assert_eq!(may(&one_person("no,no", "yes,", "")), no(false, false), "whichever is first");
    assert_eq!(may(&one_person(",yes", ",no", "")), no(true, false), "by a column, for calls");
    let only = "e1,2,email_unsubscribe,2026-01-01T00:00:00Z\n";
    assert_eq!(may(&one_person(",", ",", only)), no(false, true), "by an activity alone");
    let complained = "e1,1,spam_complaint,2026-01-01T00:00:00Z\n";
    assert_eq!(may(&one_person(",", ",", complained)).0, "false", "by a complaint");
}

#[test]
fn a_dated_resubscribe_counts_and_an_undated_one_does_not() {
    let out = "e1,1,email_unsubscribe,2026-01-01T00:00:00Z\n";
    let cases = [
        ("e2,2,email_resubscribe,2026-02-01T00:00:00Z\n", "true", "later"),
        ("e2,2,email_resubscribe,2025-12-01T00:00:00Z\n", "false", "earlier"),
        ("e2,2,email_resubscribe,2026-01-01T00:00:00Z\n", "false", "at the same instant"),
        ("e2,2,email_resubscribe,\n", "false", "without a date"),
    ];
    for (back, expected, when) in cases {
        assert_eq!(may(&one_person(",", ",", &format!("{out}{back}"))).0, expected, "{when}");
    }
}

#[test]
fn consent_csv_lists_every_statement_and_names_the_one_that_decides() {
    let run = Run::new();
    let carla = run.person("L5");
    let decides = run.cell("consent.csv", ("person_id", &carla), "decides");
    assert_eq!(decides, "email");
    run.change("consent.csv", |table| {
        let wanted = [
            "person_id",
            "record_id",
            "address",
            "channel",
            "purpose",
            "state",
            "at",
            "source",
            "decides",
        ];
        assert_eq!(table.rows[0], wanted);
        let records: Vec<&str> = table.rows[1..].iter().map(|row| row[1].as_str()).collect();
        assert_eq!(records, ["L3", "L5", "L7", "L7"], "by person, then record");
        assert_eq!(table.rows[3][6..], ["2026-04-09T09:00:00Z", "activity", "email"]);
    });
}
