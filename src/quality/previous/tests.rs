use super::super::rules::parse;
use super::*;
use crate::pipeline::{self, Job, Outcome};
use crate::quality::Raw;
use crate::source::Source;
use std::sync::Arc;

const MODEL: &str = "[[component]]\nid = \"s\"\n[[rule]]\nid = \"mx\"\nif = { field = \"country\", is = \"MX\" }\nadd = 50\n\
                     [[band]]\nid = \"hot\"\nmin = 50\n";

fn outcome(csv: &str) -> Outcome {
    let content = Some(Arc::new(csv.as_bytes().to_vec()));
    let inputs = vec![Source { content, ..Source::new("leads.csv") }];
    let models = vec![crate::score::parse::parse(MODEL, "m.toml").unwrap()];
    pipeline::run(&Job { inputs, models, ..Job::default() }, &|_| ()).unwrap()
}

fn compared(now: &str, before: &str, rules: &str) -> (Vec<Raw>, Vec<String>) {
    let (now, before) = (outcome(now), outcome(before));
    let rules = parse(rules, "check.toml").unwrap();
    let mut out = Collector::new(10);
    let notes = compare(&now.material(), &before.material(), &rules, true, &mut out);
    (out.found, notes)
}

fn ids(found: &[Raw]) -> Vec<(&str, u64, u64)> {
    found.iter().map(|raw| (raw.check, raw.hits.count, raw.hits.of)).collect()
}

/// Leads that have nothing to do with each other.
fn leads(count: usize, more: &str) -> String {
    const GIVEN: [&str; 10] =
        ["Ana", "Bruno", "Carla", "Dario", "Elena", "Fabio", "Greta", "Hugo", "Ines", "Jonas"];
    const FAMILY: [&str; 10] = [
        "Abbott", "Brandt", "Castillo", "Dvorak", "Eriksen", "Fontaine", "Gruber", "Hidalgo",
        "Ivanov", "Jimenez",
    ];
    let mut text = String::from("id,first name,last name,email,country,lifecycle stage\n");
    for i in 0..count {
        let (given, family) = (GIVEN[i % 10], FAMILY[(i / 10 + i) % 10]);
        let mail = format!("{}.{}{i}@firm{i}.example", given.to_lowercase(), family.to_lowercase());
        text += &format!("L{i},{given},{family},{mail},US,lead\n");
    }
    text + more
}

#[test]
fn nothing_changed_is_nothing_found() {
    let same = leads(30, "");
    let (found, notes) = compared(&same, &same, "");
    assert_eq!((ids(&found), notes.len()), (vec![], 0));
}

#[test]
fn columns_that_went_came_or_were_renamed() {
    let before = leads(30, "");
    let renamed = before.replacen("email", "E-Mail Address", 1);
    let (found, _) = compared(&renamed, &before, "");
    assert_eq!(ids(&found), [("schema-drift", 1, 6)]);
    assert!(found[0].message.contains("«email» is now «E-Mail Address»"), "{}", found[0].message);
    let gone: String =
        before.lines().map(|line| line.rsplit_once(',').unwrap().0.to_string() + "\n").collect();
    let (found, _) = compared(&gone, &before, "");
    assert!(found[0].message.starts_with("columns are gone: «lifecycle stage»"), "{found:#?}");
    let (found, _) = compared(&before, &gone, "");
    assert!(found[0].message.starts_with("columns are new: «lifecycle stage»"), "{found:#?}");
}

#[test]
fn another_kind_of_values_and_emptier_columns() {
    let before = leads(40, "");
    let numbers: String = before
        .lines()
        .enumerate()
        .map(|(i, line)| match line.rsplit_once(',') {
            Some((rest, _)) if i > 0 => format!("{rest},{i}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let (found, _) = compared(&numbers, &before, "");
    let drift: Vec<&Raw> = found.iter().filter(|raw| raw.check == "schema-drift").collect();
    assert_eq!(drift.len(), 1, "{found:#?}");
    assert!(drift[0].message.starts_with("100.00 % of the filled cells are numbers, 0.00 %"));
    let emptier = before.replacen(",US,", ",,", 10);
    let (found, _) = compared(&emptier, &before, "");
    assert_eq!(ids(&found), [("null-rate-change", 10, 40)]);
    assert_eq!(found[0].column, Some(4));
    assert!(found[0].message.starts_with("filled in 75.00 % of the rows, 100.00 % before"));
    let wide = "[[check]]\nid = \"null-rate-change\"\nthreshold = \"30%\"\n";
    assert_eq!(compared(&emptier, &before, wide).0.len(), 0, "the rule's threshold");
}

#[test]
fn rows_more_or_fewer_than_a_rule_allows() {
    let (many, few) = (leads(30, ""), leads(25, ""));
    assert_eq!(ids(&compared(&few, &many, "").0), [], "17 % are usual");
    let rule = "[[check]]\nid = \"row-count-change\"\nmax_rate = 0.1\n";
    let (found, _) = compared(&few, &many, rule);
    assert_eq!(ids(&found), [("row-count-change", 5, 30)]);
    assert!(found[0].message.starts_with("25 rows, 30 before: 16.67 % fewer"));
    let any = "[[check]]\nid = \"row-count-change\"\nwarn_if = \"> 0\"\n";
    assert_eq!(ids(&compared(&many, &few, any).0), [("row-count-change", 5, 25)]);
}

#[test]
fn only_new_duplicates_are_new() {
    let double = "X1,Ana,Abbott,ana.abbott0@firm0.example,US,lead\n";
    let third = "X2,Ana,Abbott,ana.abbott0@firm0.example,US,lead\n";
    let pair =
        "Y1,Zoe,Zimmer,zoe@zimmer.example,US,lead\nY2,Zoe,Zimmer,zoe@zimmer.example,US,lead\n";
    let new = |now: &str, before: &str| {
        let (found, _) = compared(now, before, "");
        let found: Vec<Raw> = found.into_iter().filter(|r| r.check == "duplicate-new").collect();
        found.first().map_or(0, |raw| raw.hits.count)
    };
    let (none, one) = (leads(30, ""), leads(30, double));
    assert_eq!(new(&one, &none), 1);
    assert_eq!(new(&one, &one), 0, "known already");
    assert_eq!(new(&none, &one), 0, "fewer");
    assert_eq!(new(&leads(30, &format!("{double}{third}")), &one), 1, "a third of two known ones");
    assert_eq!(new(&leads(30, pair), &none), 1, "two new rows of one new person");
}

#[test]
fn stages_and_bands_are_followed_by_id() {
    let before = leads(30, "K1,Ken,Kowalski,ken@kowalski.example,MX,Customer\n");
    let now = leads(30, "K1,Ken,Kowalski,ken@kowalski.example,US,Marketing-Qualified Lead\n");
    let (found, _) = compared(&now, &before, "");
    assert_eq!(ids(&found), [("score-drift", 1, 31), ("lifecycle-regression", 1, 31)]);
    assert_eq!(ids(&compared(&before, &now, "").0), [("score-drift", 1, 31)], "forward is fine");
    let without_id = |text: &str| -> String {
        text.lines().map(|line| line.split_once(',').unwrap().1.to_string() + "\n").collect()
    };
    let (found, notes) = compared(&without_id(&now), &without_id(&before), "");
    assert_eq!(found.len(), 0, "{found:#?}");
    assert!(notes[0].contains("no id column"));
}
