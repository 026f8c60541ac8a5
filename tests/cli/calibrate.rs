//! `calibrate`: what outcomes say, refusals, and a suggestion that nothing applies.

use super::workdir::Workdir;
use std::fmt::Write as _;

const MODEL: &str = "[[component]]\nid = \"score\"\n\
    [[rule]]\nid = \"mexico\"\nname = \"In Mexico\"\nif = { field = \"country\", is = \"MX\" }\nadd = 20 # right\n\
    [[rule]]\nid = \"opened\"\nname = \"Opened\"\non = \"email.open\"\nadd = 90 # far too much\ntimes = \"once\"\n\
    [[band]]\nid = \"hot\"\nmin = 50\n[[band]]\nid = \"cold\"\nbelow = 50\n";

/// Leads in four groups with fixed shares won, outcomes and activities: in Mexico the odds are e
/// times higher, for openers the square root of e.
fn world() -> Workdir {
    let work = Workdir::with("model.toml", MODEL);
    let mut leads = String::from("id,name,email,country\n");
    let mut outcomes = String::from("lead,won\n");
    let mut activities = String::from("lead_id,type,date\n");
    let mut id = 0;
    for (mexico, opened, won, of) in [
        (false, false, 76, 400),
        (true, false, 156, 400),
        (false, true, 111, 400),
        (true, true, 205, 400),
    ] {
        for i in 0..of {
            id += 1;
            let country = if mexico { "Mexico" } else { "Germany" };
            writeln!(leads, "{id},Lead N{id},lead{id}@x.example,{country}").unwrap();
            writeln!(outcomes, "{id},{}", if i < won { "yes" } else { "no" }).unwrap();
            if opened {
                writeln!(activities, "{id},email open,2026-01-02").unwrap();
            }
        }
    }
    work.write("leads.csv", leads);
    work.write("won.csv", outcomes);
    work.write("activities.csv", activities);
    work
}

const CALIBRATE: &str = "calibrate --model model.toml --outcomes won.csv --on leads.csv --activities activities.csv --as-of 2026-06-30";

fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

#[test]
fn a_wrong_weight_is_found_and_nothing_is_applied() {
    let work = world();
    let before = super::workdir::snapshot(&work.path(""));
    let said = work.succeeds(CALIBRATE);
    holds(
        &said,
        &[
            "1600 leads with an outcome, 548 won (34.2 %)",
            "Opened: ",
            "Fitted tenths",
            "Nothing was changed; -o FILE writes a suggested model",
        ],
    );
    assert!(super::workdir::snapshot(&work.path("")) == before, "nothing is written unasked");
    assert_eq!(work.succeeds(&format!("{CALIBRATE} --threads 1")), said);
    let json: serde_json::Value =
        serde_json::from_str(&work.succeeds(&format!("{CALIBRATE} --json"))).unwrap();
    let weight = |at: usize| json["rules"][at]["log_odds"].as_f64().unwrap();
    assert!((weight(0) - 1.0).abs() < 0.15 && (weight(1) - 0.5).abs() < 0.15, "{json:#}");

    let said = work.succeeds(&format!("{CALIBRATE} -o suggested.toml"));
    holds(&said, &["The suggested model is in suggested.toml; nothing uses it"]);
    assert_eq!(work.read("model.toml"), MODEL, "the model is left alone");
    let suggested = work.read("suggested.toml");
    assert!(suggested.contains("# far too much") && !suggested.contains("add = 90"), "{suggested}");
    work.succeeds("model lint suggested.toml");
    work.fails(4, &format!("{CALIBRATE} -o suggested.toml"));
}

#[test]
fn outcomes_come_in_several_shapes() {
    let work = world();
    let said = work.succeeds(&format!("{CALIBRATE} --json"));
    let won = work.read("won.csv");
    // Ids of the won ones alone.
    let ids: Vec<&str> = won.lines().filter_map(|line| line.strip_suffix(",yes")).collect();
    work.write("won.csv", format!("lead\n{}\n", ids.join("\n")));
    assert_eq!(work.succeeds(&format!("{CALIBRATE} --json")), said);
    // Words, another header, and rows that say nothing.
    let words = won
        .replace("lead,won", "lead,deal")
        .replace(",yes", ",Closed Won")
        .replace(",no", ",closed_lost");
    work.write("won.csv", format!("{words}77,open\n9999,Closed Won\n"));
    assert_eq!(work.succeeds(&format!("{CALIBRATE} --outcome deal --json")), said);
    let text = work.succeeds(&format!("{CALIBRATE} --outcome deal"));
    holds(&text, &["1 outcomes name nobody", "1 rows say neither"]);
    // The leads carry the outcome themselves.
    let outcome: Vec<&str> = won.lines().map(|line| line.split_once(',').unwrap().1).collect();
    let leads = work.read("leads.csv");
    let joined: Vec<String> =
        leads.lines().zip(outcome).map(|(lead, won)| format!("{lead},{won}")).collect();
    work.write("all.csv", joined.join("\n") + "\n");
    let own = "calibrate --model model.toml --outcomes all.csv --activities activities.csv --as-of 2026-06-30 --json";
    let own: serde_json::Value = serde_json::from_str(&work.succeeds(own)).unwrap();
    assert_eq!(own["won"], 548);
}

#[test]
fn what_does_not_suffice_is_refused_with_the_reason() {
    let work = world();
    let refused = |outcomes: &str| {
        work.write("few.csv", outcomes);
        let output = work.run(&CALIBRATE.replace("won.csv", "few.csv"));
        assert_eq!(output.status.code(), Some(1), "{outcomes}");
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    };
    let some: String = (395..=405).map(|i| format!("{i},{}\n", i % 2)).collect();
    holds(&refused("lead,won\n1,yes\n2,yes\n"), &["all 2 leads with an outcome were won"]);
    holds(&refused("lead,won\n5000,yes\n"), &["no lead has an outcome"]);
    holds(&refused(&format!("lead,won\n{some}")), &["no calibration"]);
    let many: String = (380..=430).map(|i| format!("{i},{}\n", i % 8 / 7)).collect();
    holds(&refused(&format!("lead,won\n{many}")), &["too few outcomes", "need"]);
    work.write("odd.csv", "lead,color\n1,red\n");
    let said = work.fails(2, &CALIBRATE.replace("won.csv", "odd.csv"));
    holds(&said, &["odd.csv: no column says who was won", "--outcome"]);
    holds(&work.fails(2, &format!("{CALIBRATE} --outcome nope")), &["has no column \"nope\""]);
    holds(&work.fails(2, &format!("{CALIBRATE} --ridge -1")), &["--ridge -1"]);
    work.fails(3, &CALIBRATE.replace("won.csv", "gone.csv"));
}
