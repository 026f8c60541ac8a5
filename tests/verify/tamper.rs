//! Every tampering is refused, with the hashes left out, for the reason it is wrong.

use super::folder::Run;
use crate::cli::workdir::snapshot;
use leadmend::verify::Refusal;

/// What was done, the point of the contract it breaks, and how it is done.
type Case = (&'static str, u8, fn(&Run));

const PEOPLE: &[Case] = &[
    ("a record is dropped from the crosswalk", 1, |run| {
        run.remove("crosswalk.csv", "record_id", "L2");
    }),
    ("a record is dropped everywhere", 1, |run| {
        run.remove("crosswalk.csv", "record_id", "L6");
        for file in ["leads.csv", "scores.csv"] {
            let column = if file == "leads.csv" { "lead_id" } else { "surviving_id" };
            run.remove(file, column, "L6");
        }
        run.certify(|c| {
            c["counts"]["records"] = 6.into();
            c["counts"]["persons"] = 4.into();
        });
    }),
    ("a record is in two persons", 1, |run| {
        let person = run.person("L5");
        run.change("crosswalk.csv", |table| {
            let mut row = table.rows[table.find("record_id", "L2")[0]].clone();
            row[table.column("person_id")] = person;
            table.rows.push(row);
        });
    }),
    ("a record goes to another person", 1, |run| {
        let person = run.person("L5");
        run.set("crosswalk.csv", ("record_id", "L2"), "person_id", &person);
    }),
    ("a surviving id is another person's record", 1, |run| {
        let person = run.person("L1");
        run.set("crosswalk.csv", ("person_id", &person), "surviving_id", "L5");
    }),
    ("an id of the input is another one", 1, |run| {
        run.set("crosswalk.csv", ("record_id", "L6"), "record_id", "L60");
    }),
    ("a lead is dropped", 1, |run| run.remove("leads.csv", "lead_id", "L6")),
    ("a lead is there twice", 1, |run| {
        run.change("leads.csv", |table| {
            let row = table.rows[table.find("lead_id", "L6")[0]].clone();
            table.rows.push(row);
        });
    }),
    ("a lead nobody knows is added", 1, |run| {
        run.change("leads.csv", |table| {
            let mut row = table.rows[table.find("lead_id", "L6")[0]].clone();
            row[table.column("leadmend_person_id")] = "p_0000000000000000".into();
            table.rows.push(row);
        });
    }),
    ("a lead carries another id", 1, |run| {
        run.set("leads.csv", ("lead_id", "L6"), "lead_id", "L5");
    }),
    ("a source record is hidden", 1, |run| {
        let person = run.person("L1");
        run.set("leads.csv", ("leadmend_person_id", &person), "leadmend_sources", "L1");
    }),
    ("two people are made one everywhere", 5, |run| {
        let (david, eva) = (run.person("L6"), run.person("L7"));
        run.set("crosswalk.csv", ("record_id", "L7"), "surviving_id", "L6");
        run.set("crosswalk.csv", ("record_id", "L7"), "person_id", &david);
        run.set("activity_map.csv", ("person_id", &eva), "person_id", &david);
        run.set("activities.csv", ("lead_id", "L7"), "lead_id", "L6");
        run.set("consent.csv", ("person_id", &eva), "person_id", &david);
        run.remove("leads.csv", "lead_id", "L7");
        run.set("leads.csv", ("lead_id", "L6"), "leadmend_sources", "L6; L7");
        run.remove("scores.csv", "person_id", &eva);
        run.certify(|c| c["counts"]["persons"] = 4.into());
    }),
];

const ACTIVITIES: &[Case] = &[
    ("an activity is dropped", 2, |run| run.remove("activities.csv", "event_id", "e5")),
    ("an activity is dropped from the map", 2, |run| {
        run.remove("activity_map.csv", "activity_id", "e5");
    }),
    ("an activity is dropped everywhere", 2, |run| {
        run.remove("activities.csv", "event_id", "e5");
        run.remove("activity_map.csv", "activity_id", "e5");
        run.certify(|c| {
            c["counts"]["activities"] = 7.into();
            c["counts"]["kept"] = 5.into();
        });
    }),
    ("an activity is listed under another lead", 2, |run| {
        run.set("activities.csv", ("event_id", "e5"), "lead_id", "L7");
    }),
    ("an activity moves to another person everywhere", 2, |run| {
        let eva = run.person("L7");
        run.set("activities.csv", ("event_id", "e5"), "lead_id", "L7");
        run.set("activity_map.csv", ("activity_id", "e5"), "person_id", &eva);
    }),
    ("an activity keeps the id of a lead that is gone", 2, |run| {
        run.set("activities.csv", ("event_id", "e3"), "lead_id", "L2");
    }),
    ("an activity is about something else", 2, |run| {
        run.set("activities.csv", ("event_id", "e5"), "campaign", "summer");
    }),
    ("an activity happened at another time", 2, |run| {
        run.set("activities.csv", ("event_id", "e5"), "occurred_at", "2026-06-02T09:00:00Z");
    }),
    ("an activity is counted twice", 2, |run| {
        run.change("activities.csv", |table| {
            let row = table.rows[table.find("event_id", "e5")[0]].clone();
            table.rows.push(row);
        });
    }),
    ("one event of two profiles is kept twice everywhere", 2, |run| {
        run.set("activity_map.csv", ("activity_id", "e2"), "kept_row", "2");
        run.set("activity_map.csv", ("activity_id", "e2"), "reason", "");
        run.set("activity_map.csv", ("activity_id", "e2"), "status", "kept");
        run.change("activities.csv", |table| {
            let mut row = table.rows[table.find("event_id", "e1")[0]].clone();
            row[table.column("event_id")] = "e2".into();
            row[table.column("occurred_at")] = "2026-05-01T10:00:11Z".into();
            table.rows.push(row);
        });
        run.certify(|c| {
            c["counts"]["kept"] = 7.into();
            c["counts"]["duplicates"] = 0.into();
        });
    }),
    ("a genuine visit is called a duplicate everywhere", 2, |run| {
        run.set("activity_map.csv", ("activity_id", "e3"), "kept_row", "1");
        run.set("activity_map.csv", ("activity_id", "e3"), "status", "duplicate");
        run.remove("activities.csv", "event_id", "e3");
        run.certify(|c| {
            c["counts"]["kept"] = 5.into();
            c["counts"]["duplicates"] = 2.into();
        });
    }),
    ("an activity is a duplicate of another person's", 2, |run| {
        run.set("activity_map.csv", ("activity_id", "e4"), "kept_row", "7");
        run.set("activity_map.csv", ("activity_id", "e4"), "status", "duplicate");
        run.remove("activities.csv", "event_id", "e4");
    }),
    ("a duplicate names a row that is not kept", 2, |run| {
        run.set("activity_map.csv", ("activity_id", "e2"), "kept_row", "2");
    }),
    ("an orphan is given to somebody everywhere", 2, |run| {
        let david = run.person("L6");
        run.set("activity_map.csv", ("activity_id", "e6"), "status", "kept");
        run.set("activity_map.csv", ("activity_id", "e6"), "kept_row", "6");
        run.set("activity_map.csv", ("activity_id", "e6"), "person_id", &david);
        run.set("activities.csv", ("event_id", "e6"), "lead_id", "L6");
    }),
    ("an activity is made an orphan everywhere", 2, |run| {
        run.set("activity_map.csv", ("activity_id", "e5"), "status", "orphan");
        run.set("activity_map.csv", ("activity_id", "e5"), "kept_row", "");
        run.set("activity_map.csv", ("activity_id", "e5"), "person_id", "");
    }),
    ("the activities lose a column", 2, |run| {
        run.change("activities.csv", |table| {
            let c = table.column("campaign");
            table.rows.iter_mut().for_each(|row| drop(row.remove(c)));
        });
    }),
];

const CONSENT: &[Case] = &[
    ("one who opted out may be mailed", 3, |run| {
        let bruno = run.person("L3");
        run.set("leads.csv", ("leadmend_person_id", &bruno), "leadmend_may_email", "true");
    }),
    ("an opt-out of a column is gone everywhere", 3, |run| {
        let bruno = run.person("L3");
        run.remove("consent.csv", "person_id", &bruno);
        for (column, value) in [
            ("leadmend_may_email", "true"),
            ("leadmend_may_phone", "true"),
            ("leadmend_consent_reason", "email: unknown; phone: unknown"),
            ("unsubscribed", "false"),
        ] {
            run.set("leads.csv", ("leadmend_person_id", &bruno), column, value);
        }
        run.certify(|c| c["counts"]["suppressed"] = 0.into());
    }),
    ("an opt-out of an activity is gone everywhere", 3, |run| {
        let carla = run.person("L5");
        run.remove("consent.csv", "person_id", &carla);
        for (column, value) in [("leadmend_may_email", "true"), ("unsubscribed", "")] {
            run.set("leads.csv", ("leadmend_person_id", &carla), column, value);
        }
    }),
    ("a later opt-in is invented", 3, |run| {
        let carla = run.person("L5");
        run.set("leads.csv", ("leadmend_person_id", &carla), "leadmend_may_email", "true");
        run.change("consent.csv", |table| {
            let mut row = table.rows[table.find("person_id", &carla)[0]].clone();
            row[table.column("state")] = "opted-in".into();
            row[table.column("at")] = "2026-05-01T09:00:00Z".into();
            table.rows.push(row);
        });
    }),
    ("the column a CRM reads says nothing of the opt-out", 3, |run| {
        let bruno = run.person("L3");
        run.set("leads.csv", ("leadmend_person_id", &bruno), "unsubscribed", "");
    }),
    ("an opt-out is dated back", 3, |run| {
        run.set("consent.csv", ("at", "2026-04-01T09:00:00Z"), "at", "2025-04-01T09:00:00Z");
    }),
    ("an opt-out is called a bounce", 3, |run| {
        run.set("consent.csv", ("state", "opted-out"), "state", "bounced");
    }),
    ("an opt-out is another address's", 3, |run| {
        let carla = run.person("L5");
        run.set("consent.csv", ("person_id", &carla), "address", "other@lima.example");
    }),
    ("a statement is there twice", 3, |run| {
        run.change("consent.csv", |table| table.rows.push(table.rows[1].clone()));
    }),
    ("somebody is kept from contact without a reason", 3, |run| {
        run.set("leads.csv", ("lead_id", "L6"), "leadmend_may_email", "false");
    }),
    ("an answer is neither yes nor no", 3, |run| {
        run.set("leads.csv", ("lead_id", "L6"), "leadmend_may_phone", "");
    }),
];

const VALUES: &[Case] = &[
    ("a number is invented", 4, |run| {
        run.set("leads.csv", ("lead_id", "L6"), "mobile", "+43 1 9999999");
    }),
    ("a value is another person's", 4, |run| {
        run.set("leads.csv", ("lead_id", "L6"), "company", "Oscar");
    }),
    ("a value is lost", 4, |run| run.set("leads.csv", ("lead_id", "L6"), "company", "")),
    ("a name is mended by hand", 4, |run| {
        run.set("leads.csv", ("lead_id", "L7"), "last_name", "Rossini");
    }),
    ("an address is put together", 4, |run| {
        let bruno = run.person("L3");
        run.set("leads.csv", ("leadmend_person_id", &bruno), "street", "Hauptstr. 5");
        run.set("leads.csv", ("leadmend_person_id", &bruno), "city", "Hamburg");
    }),
    ("created is not the earliest", 4, |run| {
        let ana = run.person("L1");
        run.set("leads.csv", ("leadmend_person_id", &ana), "created_at", "2025-03-01");
    }),
    ("an interest is invented", 4, |run| {
        let ana = run.person("L1");
        run.set("leads.csv", ("leadmend_person_id", &ana), "interests", "alpha;beta;delta");
    }),
    ("a column is renamed", 4, |run| {
        run.change("leads.csv", |table| table.rows[0][5] = "firm".into());
    }),
];

/// What only says again what other files say.
const DERIVED: &[Case] = &[
    ("somebody who unsubscribed is on a list of mails", 3, |run| {
        let bruno = run.person("L3");
        for file in lists(run) {
            run.change(&file, |table| {
                let (c, channel) = (table.column("person_id"), table.column("channel"));
                for row in table.rows.iter_mut().skip(1) {
                    row[c] = bruno.clone();
                    row[channel] = "email".into();
                }
            });
        }
    }),
    ("a plan merges another person", 1, |run| {
        run.set("merge_plan/merges.csv", ("survivor_id", "L3"), "merged_id", "L5");
    }),
    ("a plan's first step is gone", 1, |run| {
        run.set("merge_plan/merges.csv", ("survivor_id", "L3"), "step", "0");
    }),
];

/// The lists to act on.
fn lists(run: &Run) -> Vec<String> {
    let entries = std::fs::read_dir(run.work.path("out/actions")).unwrap();
    let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
    let lists = names.filter(|name| name != "not-contactable.csv");
    let lists = lists.map(|name| format!("actions/{name}"));
    // Counts of interests name nobody.
    lists.filter(|name| run.text(name).lines().next().unwrap().contains(",channel,")).collect()
}

#[test]
fn a_hidden_lead_has_the_score_it_has() {
    for (column, value) in [("score", "120"), ("best_part", "80"), ("hidden_points", "11")] {
        let run = Run { work: crate::cli::workdir::Workdir::ana() };
        run.work.succeeds(
            "clean leads.csv --activities activities.csv --model scoring.toml --as-of 2026-06-30 \
             --quiet -o out",
        );
        assert_eq!(run.verify(false).refusals, []);
        run.set("hidden.csv", ("score", "100"), column, value);
        let refusals = run.verify(true).refusals;
        assert!(refusals.iter().any(|r| r.file == "hidden.csv"), "{column}: {refusals:?}");
    }
}

#[test]
fn nobody_suppressed_appears_in_actions() {
    let run = Run::new();
    let mut seen = 0;
    for file in lists(&run) {
        run.change(&file, |table| {
            let person = table.column("person_id");
            let (channel, email, phone) =
                (table.column("channel"), table.column("email"), table.column("phone"));
            for row in &table.rows[1..] {
                let may = |column: &str| {
                    run.cell("leads.csv", ("leadmend_person_id", &row[person]), column) == "true"
                };
                seen += 1;
                assert!(row[email].is_empty() || may("leadmend_may_email"), "{file}: {row:?}");
                assert!(row[phone].is_empty() || may("leadmend_may_phone"), "{file}: {row:?}");
                assert!(may(&format!("leadmend_may_{}", row[channel])), "{file}: {row:?}");
            }
        });
        let bruno = run.person("L3");
        assert!(!run.text(&file).contains(&bruno), "{file}: who refused is on no list");
    }
    assert!(seen > 0, "somebody may be contacted");
}

/// In a run whose cells were repaired.
const REPAIRED: &[Case] = &[
    ("a digit of a repaired number", 4, |run| {
        run.set("leads.csv", ("lead_id", "R1"), "mobile", "+523312345679");
    }),
    ("a letter of a repaired address", 4, |run| {
        run.set("leads.csv", ("lead_id", "R1"), "email", "ana.ruis@acme.example");
    }),
    ("a letter of a repaired address made large", 4, |run| {
        run.set("leads.csv", ("lead_id", "R1"), "email", "aNa.ruiz@acme.example");
    }),
    ("another day of a repaired date", 4, |run| {
        run.set("leads.csv", ("lead_id", "R1"), "created_at", "2025-01-06");
    }),
    ("another country", 4, |run| {
        run.set("leads.csv", ("lead_id", "R1"), "country", "MC");
    }),
    ("a letter of a cleaned text", 4, |run| {
        run.set("leads.csv", ("lead_id", "R1"), "company", "Acme Ltf");
    }),
    ("a repair where nothing was repaired", 4, |run| {
        run.certify(|c| {
            c["settings"].as_object_mut().unwrap().remove("repair");
        });
    }),
];

#[test]
fn repaired_cells_may_be_repaired_and_nothing_else() {
    const LEADS: &str = "\
lead_id,first_name,last_name,email,mobile,company,country,created_at
R1,Ana,Ruiz,Ana.Ruiz@Acme.example,33 1234 5678,Acme   Ltd,Mexico,5 Jan 2025
R2,Bo,Berg,bo.berg@novak.example,+49301234567,Novak,DE,2025-02-01
R3,Cy,Dee,cy.dee@lima.example,+5511912345678,Lima,BR,2025-05-01
R4,Di,Weber,di.weber@tango.example,+4315134567,Tango,AT,2025-06-01
";
    const ACTIVITIES: &str = "\
event_id,email,event_type,occurred_at
e1,ANA.RUIZ@acme.example,email_open,2026-05-01T10:00:10Z
";
    for level in ["safe", "full"] {
        let made = || {
            let run = Run { work: crate::cli::workdir::Workdir::ana() };
            run.work.write("leads.csv", LEADS);
            run.work.write("activities.csv", ACTIVITIES);
            run.work.succeeds(&format!(
                "clean leads.csv --activities activities.csv --model scoring.toml \
                 --as-of 2026-06-30 --quiet -o out --repair {level}"
            ));
            run
        };
        let run = made();
        let shown = ["email", "mobile", "company", "country", "created_at"]
            .map(|c| run.cell("leads.csv", ("lead_id", "R1"), c));
        let wanted = ["ana.ruiz@acme.example", "+523312345678", "Acme Ltd", "MX", "2025-01-05"];
        assert_eq!(shown, wanted, "the run repairs what is tampered with here");
        let by_email = run.cell("activities.csv", ("event_id", "e1"), "email");
        assert_eq!(by_email, wanted[0], "activities name the lead as leads.csv does");
        assert_eq!(made().verify(false).refusals, []);
        for (what, point, tamper) in REPAIRED {
            let run = made();
            tamper(&run);
            let refusals = run.verify(true).refusals;
            assert!(refusals.iter().any(|r| r.point == *point), "{level}: {what}: {refusals:?}");
            no_personal_data(what, &refusals);
        }
    }
}

const SCORES: &[Case] = &[
    ("a score is off by a thousandth in the leads", 5, |run| {
        let ana = run.person("L1");
        run.set("leads.csv", ("leadmend_person_id", &ana), "leadmend_score", "100.001");
    }),
    ("a score is off by a thousandth in the scores", 5, |run| {
        run.set("scores.csv", ("person_id", &run.person("L1")), "score", "100.001");
    }),
    ("a score is off by a thousandth in the ledger", 5, |run| {
        run.set("ledger.csv", ("rule", "mexico"), "points", "90.001");
    }),
    ("a score is off by a thousandth everywhere", 5, |run| {
        let ana = run.person("L1");
        let change = run.cell("scores.csv", ("person_id", &ana), "change");
        run.set("leads.csv", ("leadmend_person_id", &ana), "leadmend_score", "100.001");
        run.set("scores.csv", ("person_id", &ana), "score", "100.001");
        run.set("scores.csv", ("person_id", &ana), "component.score", "100.001");
        run.set("scores.csv", ("person_id", &ana), "change", &format!("{change}.001"));
        run.set("ledger.csv", ("rule", "mexico"), "points", "90.001");
    }),
    ("points are given for nothing everywhere", 5, |run| {
        let eva = run.person("L7");
        run.set("leads.csv", ("lead_id", "L7"), "leadmend_score", "90");
        run.set("leads.csv", ("lead_id", "L7"), "leadmend_band", "offer");
        run.set("leads.csv", ("lead_id", "L7"), "leadmend_action", "send an offer");
        for (column, value) in [
            ("score", "90"),
            ("band", "offer"),
            ("action", "send an offer"),
            ("best_part", "90"),
            ("best_part_band", "offer"),
            ("sum_of_parts", "90"),
            ("component.score", "90"),
        ] {
            run.set("scores.csv", ("person_id", &eva), column, value);
        }
        run.change("ledger.csv", |table| {
            let mut row = table.rows[table.find("rule", "mexico")[0]].clone();
            row[table.column("person_id")] = eva;
            row[table.column("record_id")] = "L7".into();
            table.rows.push(row);
        });
    }),
    ("a line of the ledger is dropped", 5, |run| run.remove("ledger.csv", "rule", "mexico")),
    ("a line of the ledger names another rule", 5, |run| {
        run.set("ledger.csv", ("rule", "mexico"), "rule", "opened");
    }),
    ("a line of the ledger names another fact", 5, |run| {
        run.set("ledger.csv", ("rule", "mexico"), "fact", "country = DE");
    }),
    ("a line of the ledger names another record", 5, |run| {
        run.set("ledger.csv", ("rule", "mexico"), "record_id", "L5");
    }),
    ("points move between the lines of a person", 5, |run| {
        run.set("ledger.csv", ("rule", "mexico"), "points", "80");
        run.set("ledger.csv", ("rule", "opened"), "points", "20");
    }),
    ("a band is not that of the score", 5, |run| {
        let ana = run.person("L1");
        run.set("scores.csv", ("person_id", &ana), "band", "newsletter");
        run.set("leads.csv", ("leadmend_person_id", &ana), "leadmend_band", "newsletter");
    }),
    ("an action is not that of the band", 5, |run| {
        let ana = run.person("L1");
        run.set("scores.csv", ("person_id", &ana), "action", "newsletter");
        run.set("leads.csv", ("leadmend_person_id", &ana), "leadmend_action", "newsletter");
    }),
    ("the best part is another one", 5, |run| {
        let ana = run.person("L1");
        run.set("scores.csv", ("person_id", &ana), "best_part", "99");
        run.set("scores.csv", ("person_id", &ana), "change", "1");
    }),
    ("the sum of the parts is another one", 5, |run| {
        run.set("scores.csv", ("person_id", &run.person("L1")), "sum_of_parts", "120");
    }),
    ("the change is another one", 5, |run| {
        run.set("scores.csv", ("person_id", &run.person("L1")), "change", "11");
    }),
    ("a lead has no score row", 5, |run| run.remove("scores.csv", "surviving_id", "L7")),
    ("a drop is invented", 5, |run| {
        let ana = run.person("L1");
        run.change("drops.csv", |table| {
            let mut row = vec![String::new(); table.rows[0].len()];
            row[table.column("person_id")] = ana;
            row[table.column("model")] = "mexico-expansion".into();
            row[table.column("points")] = "-1".into();
            table.rows.push(row);
        });
    }),
    ("the model is another one", 5, |run| {
        run.certify(|c| {
            let text = c["models"][0]["text"].as_str().unwrap().replace("add = 90", "add = 91");
            c["models"][0]["text"] = text.into();
        });
    }),
];

const FILES: &[Case] = &[
    ("the counts are others", 0, |run| run.certify(|c| c["counts"]["persons"] = 9.into())),
    ("a file is missing", 0, |run| run.drop_file("consent.csv")),
    ("a file is cut off", 0, |run| {
        let text = run.text("scores.csv");
        run.put("scores.csv", &text[..text.len() - 20]);
    }),
    ("a file is empty", 0, |run| run.put("ledger.csv", "")),
    ("a file is not text", 0, |run| run.put("crosswalk.csv", [0xff, 0xfe, b'\n'])),
    ("a column is missing", 0, |run| {
        run.change("leads.csv", |table| {
            table.rows.iter_mut().for_each(|row| drop(row.pop()));
        });
    }),
    ("the input is said to be another one", 0, |run| {
        run.certify(|c| c["inputs"][0]["sha256"] = "00".repeat(32).into());
    }),
];

const JOURNAL: &[Case] = &[
    ("the journal is missing", 6, |run| run.drop_file("journal.jsonl")),
    ("a line of the journal is dropped", 6, |run| {
        let text = run.text("journal.jsonl");
        let lines: Vec<&str> = text.lines().collect();
        run.put("journal.jsonl", [&lines[..3], &lines[4..]].concat().join("\n"));
    }),
    ("two lines of the journal change places", 6, |run| {
        let text = run.text("journal.jsonl");
        let mut lines: Vec<&str> = text.lines().collect();
        lines.swap(3, 4);
        run.put("journal.jsonl", lines.join("\n"));
    }),
    ("a record of the journal is changed", 6, |run| {
        run.put("journal.jsonl", run.text("journal.jsonl").replace("Rossi", "Verdi"));
    }),
    ("the journal ends early", 6, |run| {
        let text = run.text("journal.jsonl");
        let lines: Vec<&str> = text.lines().collect();
        run.put("journal.jsonl", lines[..lines.len() - 1].join("\n"));
    }),
    ("a record is changed and the chain made anew", 6, |run| {
        run.rewrite_journal(|_, payload| Some(payload.replace("Rossi", "Verdi")));
    }),
    ("a merge is gone and the chain made anew", 6, |run| {
        run.rewrite_journal(|kind, payload| (kind != "merge").then(|| payload.to_string()));
    }),
    ("a merge is of others and the chain made anew", 6, |run| {
        run.rewrite_journal(|kind, payload| match kind {
            "merge" => Some(payload.replace("\"L2\"", "\"L5\"")),
            _ => Some(payload.to_string()),
        });
    }),
    ("a record is another person's and the chain made anew", 6, |run| {
        let (david, eva) = (run.person("L6"), run.person("L7"));
        run.rewrite_journal(|_, payload| Some(payload.replace(&david, &eva)));
    }),
    ("a line is erased without a receipt", 6, |run| {
        let text = run.text("journal.jsonl");
        let erase = |line: &str| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            match value["n"] == 3 {
                true => serde_json::json!({
                    "n": 3, "kind": value["kind"], "digest": "00".repeat(32),
                    "tombstone": "receipt-1", "chain": value["chain"],
                })
                .to_string(),
                false => line.to_string(),
            }
        };
        run.put("journal.jsonl", text.lines().map(erase).collect::<Vec<_>>().join("\n"));
    }),
];

#[test]
fn every_tampering_is_refused_without_the_hashes() {
    let groups = [PEOPLE, ACTIVITIES, CONSENT, VALUES, SCORES, DERIVED, FILES, JOURNAL];
    let cases: Vec<&Case> = groups.into_iter().flatten().collect();
    assert!(cases.len() >= 60, "{}", cases.len());
    for (what, point, tamper) in cases {
        let run = Run::new();
        tamper(&run);
        let refusals = run.verify(true).refusals;
        assert!(refusals.iter().any(|r| r.point == *point), "{what}: {refusals:?}");
        no_personal_data(what, &refusals);
    }
}

fn no_personal_data(what: &str, refusals: &[Refusal]) {
    for refusal in refusals {
        let text = refusal.to_string();
        for secret in ["acme", "novak", "Ruiz", "Rossi", "@", "1234"] {
            assert!(!text.contains(secret), "{what}: {text}");
        }
    }
}

#[test]
fn every_changed_byte_is_refused_by_the_hashes() {
    let files: Vec<String> = {
        let run = Run::new();
        let out = run.work.path("out");
        let files = snapshot(&out).into_iter().filter(|(_, bytes)| bytes.is_some());
        let inside = |path: std::path::PathBuf| {
            path.strip_prefix(&out).unwrap().to_string_lossy().into_owned()
        };
        files.map(|(path, _)| inside(path)).filter(|name| name != "certificate.json").collect()
    };
    assert!(files.len() > 10, "{files:?}");
    for file in files {
        let run = Run::new();
        let mut bytes = std::fs::read(run.work.path(&format!("out/{file}"))).unwrap();
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
        run.put(&file, bytes);
        let refusals = run.verify(false).refusals;
        assert!(refusals.iter().any(|r| r.file == file && r.point == 0), "{file}: {refusals:?}");
    }
    let run = Run::new();
    run.put("notes.txt", "added");
    assert!(!run.verify(false).ok && run.verify(true).ok, "a file the run did not write");
}

#[test]
fn a_drop_must_be_itemized() {
    let run = Run::new();
    for name in ["leads.csv", "activities.csv"] {
        let from = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/ana/moved/");
        std::fs::copy(format!("{from}{name}"), run.work.path(name)).unwrap();
    }
    run.work.succeeds(
        "clean leads.csv --activities activities.csv --model scoring.toml --as-of 2026-06-30 \
         --quiet -o out --force",
    );
    assert!(run.verify(false).ok);
    run.remove("drops.csv", "rule", "hq-region");
    let refusals = run.verify(true).refusals;
    assert!(refusals.iter().any(|r| r.file == "drops.csv"), "{refusals:?}");
}
