//! Whole runs: who is on which list, and that nobody who said no is on any.

use crate::report::tests::{rows, run_all};
use std::collections::BTreeMap;

type Row = BTreeMap<String, String>;

/// Ana may be phoned; Bea's mail is refused; Carl has no phone; Dora objected to calls and mail.
const LEADS: &str = "\
Id,First Name,Last Name,Email,Phone,Country,Title,Company,Owner,Email Opt Out,Do Not Call,Interests
1,Ana,López,ana.lopez@acme.mx,+52 33 1234 5678,Mexico,Directora,Acme,Eva,false,false,Robots; Drones
2,Ana,López,ana.lopez@acme.mx,,,,,,true,,drones;Sensors
3,Bea,Ruiz,bea.ruiz@norte.mx,,Mexico,=1+1,Norte,,true,,Robots
4,Carl,Vega,carl.vega@sur.mx,+52 81 8000 0044,Mexico,CTO,@Sur,Eva,false,true,Robots
5,Dora,Paz,dora.paz@este.mx,+52 55 5555 0101,Mexico,CEO,Este,,true,true,Robots
6,Emil,Roth,emil.roth@west.example,,Germany,,West,,false,,Sensors
";

const EVENTS: &str = "\
Activity Id,Lead Id,Type,Object,Date
a1,2,Opened Email,Mexico campaign,2026-05-01T10:00:00Z
a2,1,Visited page,/pricing,2026-05-03T10:00:00Z
a3,4,Opened Email,Mexico campaign,2026-05-01T10:00:00Z
a4,5,Opened Email,Mexico campaign,2026-05-01T10:00:00Z
a5,6,Opened Email,Mexico campaign,2026-05-01T10:00:00Z
a6,6,Purchase,Order 7,2026-05-02T10:00:00Z
a7,3,Opened Email,Mexico campaign,2026-05-01T10:00:00Z
";

fn files() -> BTreeMap<String, String> {
    run_all(&[("leads.csv", LEADS)], &[("events.csv", EVENTS)]).1
}

fn list(files: &BTreeMap<String, String>, name: &str) -> Vec<Row> {
    rows(&files[&format!("actions/{name}.csv")])
}

fn column(rows: &[Row], name: &str) -> Vec<String> {
    rows.iter().map(|row| row[name].clone()).collect()
}

#[test]
fn consent_decides_the_list_and_the_channel() {
    let files = files();
    let phone = list(&files, "phone-call");
    assert_eq!(column(&phone, "surviving_id"), ["1"], "{phone:?}");
    let ana = &phone[0];
    assert_eq!((ana["rank"].as_str(), ana["channel"].as_str()), ("1", "phone"));
    assert_eq!((ana["phone"].as_str(), ana["email"].as_str()), ("+523312345678", ""));
    assert_eq!(ana["why"], "In Mexico +90; Opened the campaign +10");
    assert_eq!((ana["score"].as_str(), ana["records"].as_str()), ("100", "2"));
    assert_eq!(ana["channel_reason"], "may be phoned: no refusal known");
    let offer = list(&files, "send-an-offer");
    assert_eq!(column(&offer, "surviving_id"), ["4"], "who may not be phoned gets the offer");
    let carl = &offer[0];
    assert_eq!((carl["band"].as_str(), carl["action"].as_str()), ("phone", "send an offer"));
    assert_eq!((carl["phone"].as_str(), carl["email"].as_str()), ("", "carl.vega@sur.mx"));
    assert!(carl["channel_reason"].starts_with("may not be phoned: opted out; may be mailed"));
    assert_eq!(column(&list(&files, "newsletter"), "surviving_id"), ["6"]);
}

#[test]
fn who_said_no_is_nowhere_but_among_those_not_to_be_contacted() {
    let files = files();
    let barred = list(&files, "not-contactable");
    assert_eq!(column(&barred, "surviving_id"), ["3", "5"]);
    assert_eq!(barred[0]["reason"], "may not be phoned: no number; may not be mailed: opted out");
    let actions = files.iter().filter(|(name, _)| name.starts_with("actions/"));
    for (name, text) in actions {
        for address in ["dora.paz@", "bea.ruiz@", "ana.lopez@", "55550101", "80000044"] {
            assert!(!text.contains(address), "{address} in {name}");
        }
    }
}

#[test]
fn everyone_is_on_one_list() {
    let files = files();
    let mut seen: Vec<String> = Vec::new();
    for name in ["phone-call", "send-an-offer", "newsletter", "not-contactable"] {
        seen.extend(column(&list(&files, name), "person_id"));
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((count, seen.len()), (5, 5), "six records, five people, each once");
}

#[test]
fn sales_gets_what_it_needs() {
    let files = files();
    let top = list(&files, "hand-off");
    assert_eq!(column(&top, "surviving_id"), ["1", "4"], "the top band, however it is reached");
    assert_eq!(top[0]["history"], "email open; page view");
    assert_eq!(top[0]["last_activity"], "2026-05-03 page view: /pricing");
    assert_eq!(top[0]["owner"], "Eva");
    assert_eq!(top[0]["title"], "Directora");
    let ready = list(&files, "ready-but-low");
    assert_eq!(column(&ready, "surviving_id"), ["6"]);
    assert_eq!(ready[0]["ready_because"], "bought before: purchase 2026-05-02");
}

#[test]
fn tracks_hold_everyone_once_and_segments_count_all() {
    let files = files();
    let tracks = list(&files, "tracks");
    let pairs: Vec<(String, String)> =
        tracks.iter().map(|r| (r["track"].clone(), r["surviving_id"].clone())).collect();
    let expected = [("Robots", "4"), ("Sensors", "6")].map(|(t, i)| (t.to_string(), i.to_string()));
    assert_eq!(pairs, expected, "only whom the action reaches by e-mail");
    let segments = list(&files, "segments");
    assert_eq!(column(&segments, "segment"), ["Drones", "Robots", "Sensors"]);
    assert_eq!(column(&segments, "leads"), ["1", "4", "2"], "Ana's interests are united");
    assert_eq!(column(&segments, "not_contactable"), ["0", "2", "0"]);
}

#[test]
fn spreadsheets_see_text_and_no_formula() {
    let files = files();
    let offer = list(&files, "send-an-offer");
    assert_eq!(offer[0]["company"], "'@Sur");
    let hostile = LEADS.replace("Ana,López", "=HYPERLINK(1),López");
    let (_, files) = run_all(&[("leads.csv", &hostile)], &[("events.csv", EVENTS)]);
    let phone = list(&files, "phone-call");
    assert!(phone.iter().all(|row| row.values().all(|cell| !cell.starts_with('='))), "{phone:?}");
}

#[test]
fn the_order_of_rows_changes_nothing() {
    let mut lines: Vec<&str> = LEADS.lines().collect();
    lines[1..].reverse();
    let turned = lines.join("\n") + "\n";
    let (_, other) = run_all(&[("leads.csv", &turned)], &[("events.csv", EVENTS)]);
    let of = |files: &BTreeMap<String, String>| -> BTreeMap<String, String> {
        let actions = files.iter().filter(|(name, _)| name.starts_with("actions/"));
        actions.map(|(n, t)| (n.clone(), t.clone())).collect()
    };
    let (one, other) = (of(&files()), of(&other));
    assert!(one.len() == 8, "{:?}", one.keys());
    assert_eq!(one, other);
}

#[test]
fn a_soft_bounce_bars_nobody() {
    let bounced = |kind: &str| {
        let events = EVENTS.replace("a6,6,Purchase,Order 7", &format!("a6,6,{kind},May mail"));
        let (_, files) = run_all(&[("leads.csv", LEADS)], &[("events.csv", &events)]);
        column(&list(&files, "not-contactable"), "surviving_id")
    };
    assert_eq!(bounced("Soft Bounce"), ["3", "5"], "a full mailbox is emptied some day");
    assert_eq!(bounced("Hard Bounce"), ["3", "5", "6"], "an address that is none");
}
