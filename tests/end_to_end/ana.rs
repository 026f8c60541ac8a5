//! Ana: a merged score is the model applied to the united facts. Three scorers that products use,
//! adding the parts, keeping the primary's and taking the maximum, are held against the same runs
//! and must each be wrong somewhere.

use crate::cli::workdir::Workdir;
use std::collections::BTreeMap;
use std::path::Path;

type Row = BTreeMap<String, String>;

struct Run {
    work: Workdir,
    summary: String,
}

/// Cleans a fixture with Ana's model.
fn clean(name: &str) -> Run {
    let fixture = |file: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ana").join(file);
        std::fs::read_to_string(path).unwrap()
    };
    let work = Workdir::with("leads.csv", fixture(&format!("{name}leads.csv")));
    work.write("activities.csv", fixture(&format!("{name}activities.csv")));
    work.write("scoring.toml", fixture("scoring.toml"));
    let summary = work.succeeds(
        "clean leads.csv --activities activities.csv --model scoring.toml --as-of 2026-06-30 -o out",
    );
    Run { work, summary }
}

impl Run {
    fn rows(&self, file: &str) -> Vec<Row> {
        let mut reader = csv::Reader::from_path(self.work.path("out").join(file)).unwrap();
        reader.deserialize().map(|row| row.unwrap()).collect()
    }

    /// Ana's row of scores.csv: the one of two records.
    fn ana(&self) -> Row {
        let merged: Vec<Row> =
            self.rows("scores.csv").into_iter().filter(|r| r["records"] == "2").collect();
        assert_eq!(merged.len(), 1, "Ana's two profiles are one person, and nobody else's");
        merged[0].clone()
    }

    fn score(&self) -> i64 {
        self.ana()["score"].parse().unwrap()
    }

    /// What a scorer that adds the scores of the parts would say.
    fn added(&self) -> i64 {
        self.ana()["sum_of_parts"].parse().unwrap()
    }

    /// What one that takes the maximum would say.
    fn maximum(&self) -> i64 {
        self.ana()["best_part"].parse().unwrap()
    }

    /// What one that keeps the primary's score would say, whichever profile is the primary.
    fn kept(&self) -> [i64; 2] {
        let (sum, best) = (self.added(), self.maximum());
        [best, sum - best]
    }

    fn ledger_sum(&self) -> i64 {
        let ana = self.ana();
        let own =
            self.rows("ledger.csv").into_iter().filter(|r| r["person_id"] == ana["person_id"]);
        own.map(|r| r["points"].parse::<i64>().unwrap()).sum()
    }
}

#[test]
fn ninety_and_ten_are_a_phone_call() {
    let run = clean("");
    let ana = run.ana();
    assert_eq!((ana["score"].as_str(), ana["action"].as_str()), ("100", "phone call"));
    assert_eq!((ana["best_part"].as_str(), ana["best_part_band"].as_str()), ("90", "offer"));
    let calls = run.rows("actions/phone-call.csv");
    assert_eq!(calls[0]["surviving_id"], ana["surviving_id"], "she is on the list of calls");
    assert_eq!((calls[0]["phone"].as_str(), calls[0]["email"].as_str()), ("+523312345678", ""));
    assert_eq!(run.ledger_sum(), 100);
    assert!(
        run.summary
            .contains("90 (send an offer) and 10 (newsletter) were one person: 100 -> phone call"),
        "{}",
        run.summary
    );
    let hidden = run.rows("hidden.csv");
    assert_eq!(hidden.len(), 1);
    assert_eq!((hidden[0]["score"].as_str(), hidden[0]["hidden_points"].as_str()), ("100", "10"));
    let lead = run.rows("leads.csv").into_iter().find(|r| r["id"] == ana["surviving_id"]).unwrap();
    assert_eq!(lead["created_at"], "2026-02-03T09:12:00Z", "created is the earliest");
    assert_eq!(lead["country"], "México");
    assert_eq!(lead["email"], "ana.lopez@aguila.example");
    assert_eq!(lead["phone"], "+52 33 1234 5678");
    // Keeping either profile's score, or the larger one, leaves Ana uncalled.
    assert!(!run.kept().contains(&run.score()));
    assert_ne!(run.maximum(), run.score());
}

#[test]
fn one_opening_on_both_profiles_counts_once() {
    let run = clean("twice/");
    assert_eq!(run.score(), 100, "never 110 or 200");
    assert_eq!(run.ledger_sum(), 100);
    assert_eq!(run.added(), 110, "what a scorer that adds would say");
    assert_ne!(run.added(), run.score());
    let map = run.rows("activity_map.csv");
    let duplicates: Vec<&Row> = map.iter().filter(|r| r["status"] == "duplicate").collect();
    assert_eq!((map.len(), duplicates.len()), (2, 1));
    let kept = map.iter().find(|r| r["status"] == "kept").unwrap();
    assert_eq!(duplicates[0]["kept_row"], kept["row"], "the kept row is named");
}

#[test]
fn a_move_to_the_capital_costs_points_and_says_why() {
    let run = clean("moved/");
    let ana = run.ana();
    assert_eq!((ana["score"].as_str(), ana["best_part"].as_str()), ("73", "100"));
    assert_eq!(ana["band"], "offer");
    assert_eq!(run.ledger_sum(), 73);
    let drops = run.rows("drops.csv");
    let of_region: Vec<&Row> = drops.iter().filter(|r| r["rule"] == "hq-region").collect();
    assert_eq!(of_region.len(), 1, "{drops:?}");
    assert_eq!(of_region[0]["points"], "-27");
    assert!(of_region[0]["fact"].contains("MX-CMX"), "{:?}", of_region[0]);
    let total: i64 = drops.iter().map(|r| r["points"].parse::<i64>().unwrap()).sum();
    assert_eq!(total, 73 - 100, "the causes add up to the drop");
    // Adding says 163, the maximum 100, and so does one of the two profiles.
    assert_eq!((run.added(), run.maximum()), (163, 100));
    assert!(!run.kept().contains(&run.score()));
}

#[test]
fn each_wrong_scorer_fails_somewhere() {
    let runs = [clean(""), clean("twice/"), clean("moved/")];
    assert!(runs.iter().any(|r| r.added() != r.score()), "adding");
    assert!(runs.iter().any(|r| r.maximum() != r.score()), "the maximum");
    for primary in 0..2 {
        assert!(runs.iter().any(|r| r.kept()[primary] != r.score()), "keeping the primary's");
    }
}
