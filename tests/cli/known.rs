//! `clean --known` and `lookup`: new rows against known records.

use super::workdir::{SECRET_EMAIL, SECRET_PHONE, Workdir};
use leadmend::pipeline::{self, Job};
use leadmend::source::Source;
use leadmend::state::known::Keep;
use leadmend::state::{Mode, State};

const CRM: &str = "\
Lead Id,First Name,Last Name,Email,Phone,Company,City,Email Opt Out,Shoe Size
1,Ana,López,ana.lopez@acme.com,+1 212 555 0101,Acme,New York,,38
2,Ana,Lopez,ana.lopez@acme.com,,Acme Inc,New York,,39
3,Robert,Smith,bob@rapidline.io,+44 20 7946 0018,Rapid Line,London,true,40
4,Maria,Featherstone,family@featherstone.org,+44 20 7946 0999,,London,true,41
5,Wei,Chen,wei.chen@chen.cn,,,Beijing,,42
";
const FAIR: &str = "\
Badge,Given,Surname,Mail,Tel,Firm,Town
a,Ana,Lopez,ana.lopez@acme.com,+1 212 555 0101,Acme,
b,Bob,Smith,bob@rapidline.io,+44 20 7946 0018,Rapid Line,London
d,Ingrid,Østby,ingrid@ostby.no,+47 22 12 34 56,Østby AS,Oslo
e,Ingrid,Ostby,ingrid@ostby.no,+47 22 12 34 56,Ostby,Oslo
";

fn work() -> Workdir {
    let work = Workdir::with("crm.csv", CRM);
    work.write("fair.csv", FAIR);
    work
}

/// A state as an audit leaves it.
fn with_state() -> Workdir {
    let work = work();
    make_state(&work, "crm.csv", "state.db");
    work
}

fn make_state(work: &Workdir, leads: &str, name: &str) {
    let inputs = vec![Source::new(work.path(leads))];
    let outcome = pipeline::run(&Job { freeze: true, inputs, ..Job::default() }, &|_| ()).unwrap();
    let state = State::open(&work.path(name), Mode::Write).unwrap();
    state.keep_run(&outcome, Keep::Roles).unwrap();
    state.commit().unwrap();
}

fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|r| r.unwrap().iter().map(str::to_string).collect()).collect()
}

#[test]
fn an_import_against_a_file_or_a_state_says_the_same_of_every_row() {
    let work = with_state();
    let clean = "clean fair.csv --id-column Badge --as-of 2026-06-30 --only-new";
    let said = work.succeeds(&format!("{clean} --known crm.csv -o by-file"));
    assert!(said.contains("4 new rows against 5 known records"), "{said}");
    assert!(said.contains("2 are duplicates of known people"), "{said}");
    assert!(said.contains("To load: 1 person in new.csv"), "{said}");
    work.succeeds(&format!("{clean} --known state.db -o by-state"));
    let verdicts = rows(&work.read("by-file/verdicts.csv"));
    assert_eq!(verdicts, rows(&work.read("by-state/verdicts.csv")));
    let told: Vec<[&str; 3]> = verdicts.iter().map(|v| [&*v[2], &*v[3], &*v[5]]).collect();
    assert_eq!(told[0], ["record_id", "verdict", "known_record"]);
    assert_eq!(told[1][..2], ["a", "duplicate"]);
    assert_eq!(told[2], ["b", "duplicate", "crm:3"]);
    assert_eq!(told[3], ["d", "new", ""]);
    assert_eq!(told[4], ["e", "duplicate", ""]);
    assert_eq!(verdicts[3][4], verdicts[4][4], "one new person");
    let new = rows(&work.read("by-file/new.csv"));
    assert_eq!(new, rows(&work.read("by-state/new.csv")));
    assert_eq!(new[0], ["Badge", "Given", "Surname", "Mail", "Tel", "Firm", "Town"]);
    assert_eq!(new.len(), 2);
    let leads = rows(&work.read("by-file/leads.csv"));
    assert_eq!(leads[0][0], "Lead Id", "the known columns lead");
    assert!(leads[0].contains(&"Shoe Size".to_string()));
    assert!(!work.read("by-file/leads.csv").contains("wei.chen"), "untouched persons stay out");
    let bob = leads.iter().find(|row| row.contains(&"bob@rapidline.io".to_string())).unwrap();
    let may = leads[0].iter().position(|h| h == "leadmend_may_email").unwrap();
    assert_eq!(bob[may], "false", "a known no stands");
    let state = rows(&work.read("by-state/leads.csv"));
    assert!(!state[0].contains(&"Shoe Size".to_string()) || !state[0].is_empty());
}

#[test]
fn what_an_import_wrote_can_be_verified_and_is_the_same_again() {
    let work = with_state();
    for known in ["crm.csv", "state.db"] {
        let clean = format!("clean fair.csv --known {known} --as-of 2026-06-30 --quiet");
        for (folder, threads) in [("one", 1), ("two", 2)] {
            work.succeeds(&format!("{clean} --threads {threads} --force -o {folder}"));
            let said = work.succeeds(&format!("verify {folder}"));
            assert!(said.starts_with("Verified: "), "{said}");
        }
        let read = |folder: &str| super::workdir::snapshot(&work.path(folder)).into_values();
        assert!(read("one").eq(read("two")), "{known}: other bytes");
    }
}

#[test]
fn the_summary_as_json_counts_the_verdicts() {
    let work = with_state();
    let said = work.succeeds("clean fair.csv --known state.db --only-new --json");
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let import = &said["import"];
    assert_eq!(import["new_rows"], 4);
    assert_eq!(import["known_records"], 5);
    assert_eq!(import["verdicts"]["known"], 2);
    assert_eq!(import["verdicts"]["repeated"], 1);
    assert_eq!(import["only_new"]["persons"], 1);
}

#[test]
fn lookup_answers_by_words_by_json_and_by_exit_code() {
    let work = with_state();
    let known =
        work.run("lookup email=ana.lopez@acme.com first-name=Ana last-name=Lopez --state state.db");
    let text = String::from_utf8(known.stdout).unwrap();
    assert_eq!(known.status.code(), Some(0), "{text}");
    assert!(text.starts_with("same: p_"), "{text}");
    assert!(text.contains("same e-mail"), "{text}");
    let new = work.run("lookup email=nobody@nowhere.example --state state.db --json");
    assert_eq!(new.status.code(), Some(1));
    assert!(new.stderr.is_empty(), "being new is no failure");
    let answer: serde_json::Value = serde_json::from_slice(&new.stdout).unwrap();
    assert_eq!(answer["verdict"], "new");
    assert_eq!(answer["matches"].as_array().unwrap().len(), 0);
    let header = work.run("lookup First_Name=Ana Email=ana.lopez@acme.com --state state.db -q");
    assert_eq!((header.status.code(), header.stdout.len()), (Some(0), 0));
}

#[test]
fn mistakes_of_lookup_are_told_without_what_was_asked() {
    let work = with_state();
    let wrong = work.fails(2, &format!("lookup e-mial={SECRET_EMAIL} --state state.db"));
    for part in ["there is no field «e-mial»", "email", "birth-date", "Last Name"] {
        assert!(wrong.contains(part), "{part}: {wrong}");
    }
    let wrong = work.fails(2, &format!("lookup {SECRET_PHONE} --state state.db"));
    assert!(wrong.contains("is not FIELD=VALUE"), "{wrong}");
    let wrong = work.fails(2, "lookup email= --state state.db");
    assert!(wrong.contains("there is nothing to look up"), "{wrong}");
    let wrong = work.fails(3, &format!("lookup email={SECRET_EMAIL} --state gone.db"));
    assert!(wrong.contains("gone.db: no such file"), "{wrong}");
    let wrong = work.fails(3, &format!("lookup email={SECRET_EMAIL} --state crm.csv"));
    assert!(wrong.contains("crm.csv: is no state of leadmend"), "{wrong}");
}

#[test]
fn mistakes_of_known_name_the_remedy() {
    let work = with_state();
    let cases: [(i32, &str, &str); 8] = [
        (3, "clean fair.csv --known gone.db", "gone.db: no such file"),
        (2, "clean fair.csv --known fair.csv", "fair.csv is given as known and as new"),
        (2, "clean fair.csv --only-new", "--known"),
        (2, "clean fair.csv --known crm.csv --normalize-only", "--normalize-only"),
        (2, "clean fair.csv --known crm.csv --dry-run", "--dry-run"),
        (2, "clean fair.csv --known state.db --merge-at 0.9", "a state decides by the thresholds"),
        (
            2,
            "clean fair.csv --known state.db --column email=Mial",
            "neither the input nor the known records have a column «Mial»",
        ),
        (3, "clean gone.csv --known state.db", "gone.csv: no such file"),
    ];
    for (code, arguments, part) in cases {
        let said = work.fails(code, arguments);
        assert!(said.contains(part), "{arguments}: {said}");
    }
}

#[test]
fn a_state_of_the_other_kind_is_refused() {
    let work = with_state();
    let mut venues = String::from("id,name,address,city\n");
    for i in 0..30 {
        venues += &format!("{i},Blue Door Cafe {i},{i} High Street,London\n");
    }
    work.write("venues.csv", venues);
    let said = work.fails(2, "clean venues.csv --column company=name --known state.db");
    assert!(said.contains("it is a state of people, and this input holds organizations"), "{said}");
}

#[test]
fn a_state_without_known_records_or_with_a_damaged_model_says_so() {
    let work = with_state();
    let empty = State::open(&work.path("empty.db"), Mode::Write).unwrap();
    empty.commit().unwrap();
    let said = work.fails(3, "lookup email=a@b.example --state empty.db");
    assert!(said.contains("empty.db: holds no known records"), "{said}");
    let connection = rusqlite::Connection::open(work.path("state.db")).unwrap();
    connection.execute("UPDATE frozen SET bytes = x'00'", []).unwrap();
    drop(connection);
    let said = work.fails(3, "lookup email=a@b.example --state state.db");
    assert!(said.contains("state.db: its matching model is damaged"), "{said}");
    assert!(said.contains("audit --relearn"), "{said}");
}

#[test]
fn a_state_forgets_a_person() {
    let work = with_state();
    let said = work.fails(2, "forget 3 --key-file k --new-key");
    assert!(said.contains("--run <DIR>") && said.contains("--state <FILE>"), "{said}");
    work.fails(2, "forget 3 --state state.db --run out --key-file k --new-key");
    work.fails(2, "forget 3 --state crm.csv --key-file k --new-key");
    work.fails(3, "forget 3 --state gone.db --key-file k --new-key");
    assert!(!work.path("gone.db").exists() && !work.path("k").exists());
    let said = work.succeeds("forget bob@rapidline.io --state state.db --key-file k --new-key");
    assert!(said.contains("Forgotten: 1 lead record;"), "{said}");
    assert!(said.contains("Suppressed in suppress.txt: 2 addresses"), "{said}");
    let bytes = std::fs::read(work.path("state.db")).unwrap();
    for value in ["bob@rapidline", "rapidline", "Robert", "7946 0018"] {
        assert!(!bytes.windows(value.len()).any(|w| w == value.as_bytes()), "{value}");
    }
    let lookup = work.command("lookup email=bob@rapidline.io --state state.db --json").output();
    let answer = String::from_utf8(lookup.unwrap().stdout).unwrap();
    assert!(answer.contains("\"verdict\": \"new\""), "{answer}");
    // Whoever imports him again meets the list.
    let clean = "clean fair.csv --id-column Badge --known state.db --as-of 2026-06-30";
    work.succeeds(&format!("{clean} --suppress suppress.txt --key-file k -o out -q"));
    let leads = rows(&work.read("out/leads.csv"));
    let may = leads[0].iter().position(|h| h == "leadmend_may_email").unwrap();
    let bob = leads.iter().find(|row| row.contains(&"bob@rapidline.io".to_string())).unwrap();
    assert_eq!(bob[may], "false");
}
