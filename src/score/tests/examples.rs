//! The five worked examples, and three wrong scorers that each must fail the merged ones.

use super::world::{Record, clock, facts, instant, record};
use crate::record::RecordId;
use crate::score::band::show_value;
use crate::score::ledger::Source;
use crate::score::model::{NeverWeaker, OnMerge, Over, ScoringModel, parse};
use crate::score::{ModelScores, NO_BAND, leads};

fn fixture(name: &str) -> ScoringModel {
    let text = std::fs::read_to_string(format!("fixtures/scoring/{name}.toml")).unwrap();
    parse(&text, name).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

fn run(model: &ScoringModel, records: &[Record], persons: &[Vec<usize>]) -> ModelScores {
    run_at(model, records, persons, clock())
}

fn run_at(
    model: &ScoringModel,
    records: &[Record],
    persons: &[Vec<usize>],
    at: i64,
) -> ModelScores {
    leads(std::slice::from_ref(model), &facts(records, persons), at).models.remove(0)
}

fn alone(records: &[Record]) -> Vec<Vec<usize>> {
    (0..records.len()).map(|r| vec![r]).collect()
}

fn band<'m>(model: &'m ScoringModel, scores: &ModelScores, person: usize) -> &'m str {
    match scores.band[person] {
        NO_BAND => "",
        band => &model.bands[band as usize].id,
    }
}

fn value(model: &ScoringModel, scores: &ModelScores, person: usize, id: &str) -> String {
    let component = model.components.iter().position(|c| c.id == id).unwrap();
    show_value(&model.components[component], scores.values_of(person)[component])
}

fn mexico(region: &str, updated: &str) -> Record {
    record(updated).text("country", "MX").text("region", region)
}

fn opened(lead: Record) -> Record {
    lead.event("email.open", "spring", "2026-05-14T18:40:00Z")
}

#[test]
fn mexico_alone() {
    let model = fixture("mexico");
    let nowhere = || record("2026-01-01");
    let records = [
        opened(mexico("MX-JAL", "2026-01-01")),
        mexico("MX-JAL", "2026-01-01"),
        opened(mexico("MX-CMX", "2026-01-01")),
        mexico("MX-CMX", "2026-01-01"),
        opened(nowhere()),
        nowhere(),
    ];
    let scores = run(&model, &records, &alone(&records));
    let expected =
        [(100, "phone"), (90, "offer"), (73, "offer"), (63, "offer"), (10, "nurturing"), (0, "")];
    for (person, (points, id)) in expected.into_iter().enumerate() {
        assert_eq!((scores.score[person], band(&model, &scores, person)), (points * 1000, id));
        assert_eq!(scores.change_of(person), 0);
    }
}

#[test]
fn mexico_by_total_is_70() {
    let text = std::fs::read_to_string("fixtures/scoring/mexico.toml").unwrap();
    let model = parse(&text.replace("of = \"before\"", "of = \"total\""), "m").unwrap();
    let records = [opened(mexico("MX-CMX", "2026-01-01"))];
    let scores = run(&model, &records, &alone(&records));
    assert_eq!((scores.score[0], band(&model, &scores, 0)), (70_000, "offer"));
}

/// The four merges of the Mexico example: records, best part, sum of parts, score and band.
fn mexico_merges() -> Vec<([Record; 2], i64, i64, i64, &'static str)> {
    let nowhere = || record("2026-01-01");
    let unknown_region = record("2025-01-01").text("country", "MX");
    vec![
        ([mexico("MX-JAL", "2026-01-01"), opened(nowhere())], 90, 100, 100, "phone"),
        ([opened(mexico("MX-JAL", "2026-01-01")), opened(nowhere())], 100, 110, 100, "phone"),
        (
            [mexico("MX-JAL", "2020-01-01"), opened(mexico("MX-CMX", "2026-01-01"))],
            90,
            163,
            73,
            "offer",
        ),
        ([unknown_region, mexico("MX-CMX", "2026-01-01")], 90, 153, 63, "offer"),
    ]
}

#[test]
fn mexico_merged() {
    let model = fixture("mexico");
    for (records, best, sum, score, id) in mexico_merges() {
        let scores = run(&model, &records, &[vec![0, 1]]);
        let got = (scores.best_part[0], scores.sum_of_parts[0], scores.score[0]);
        assert_eq!(got, (best * 1000, sum * 1000, score * 1000));
        assert_eq!(band(&model, &scores, 0), id);
        assert_eq!(scores.drops.len(), usize::from(score < best));
        assert_eq!(scores.band_rose(0, &model), best == 90 && score == 100);
    }
}

#[test]
fn a_drop_names_rule_fact_and_record() {
    let model = fixture("mexico");
    let records = &mexico_merges()[2].0;
    let facts = facts(records, &[vec![0, 1]]);
    let scores = leads(std::slice::from_ref(&model), &facts, clock()).models.remove(0);
    let cause = scores.drops[0].causes[0];
    assert_eq!(cause.entry.source.id(&model, 0), "hq-region");
    assert_eq!(cause.entry.fact_text(&facts), "region = MX-CMX");
    assert_eq!((cause.entry.record, cause.entry.points), (RecordId(1), -27_000));
    let total: i64 = scores.drops[0].causes.iter().map(|c| c.entry.points).sum();
    assert_eq!(total, -17_000);
}

#[test]
fn floor_and_over_all_keep_the_better_part() {
    let mut model = fixture("mexico");
    let records = &mexico_merges()[2].0;
    model.merge.never_weaker = NeverWeaker::Floor;
    let scores = run(&model, records, &[vec![0, 1]]);
    assert_eq!((scores.score[0], scores.recomputed[0]), (90_000, 73_000));
    assert_eq!(scores.ledger_of(0).last().unwrap().source, Source::Floor);

    let mut model = fixture("mexico");
    model.rules[1].over = Over::All;
    let scores = run(&model, records, &[vec![0, 1]]);
    assert_eq!((scores.score[0], band(&model, &scores, 0)), (100_000, "phone"));

    model.merge.never_weaker = NeverWeaker::Fail;
    model.rules[1].over = Over::Survivor;
    assert!(run(&model, records, &[vec![0, 1]]).failed);
    model.merge.never_weaker = NeverWeaker::Off;
    assert!(run(&model, records, &[vec![0, 1]]).drops.is_empty());
}

#[test]
fn wrong_scorers_fail_the_merges() {
    for wrong in [OnMerge::Sum, OnMerge::Max, OnMerge::Survivor] {
        let mut model = fixture("mexico");
        model.merge.on_merge = wrong;
        let misses = mexico_merges()
            .iter()
            .filter(|(records, _, _, right, _)| {
                run(&model, records, &[vec![0, 1]]).score[0] != right * 1000
            })
            .count();
        assert!(misses > 0, "{wrong:?} passes for right");
    }
}

#[test]
fn titles_and_visits() {
    let model = fixture("cso_student");
    let cso = record("2026-01-01").text("title.normalized", "CSO");
    let visitor = record("2026-02-01")
        .events("page.view", 8, "2026-03-01")
        .event("asset.download", "a", "2026-04-01T10:00:00Z")
        .event("asset.download", "b", "2026-04-02T10:00:00Z")
        .event("asset.download", "b", "2026-04-03T10:00:00Z");
    let student = record("2019-01-01").text("title.normalized", "Étudiant");
    let records = [
        cso.clone(),
        visitor.clone(),
        student.clone().events("page.view", 3, "2026-03-01"),
        cso.clone().event("asset.download", "a", "2026-04-01T10:00:00Z"),
        student,
    ];
    let scores = run(&model, &records, &alone(&records));
    assert_eq!(scores.score, [50_000, 38_000, -47_000, 65_000, -50_000]);
    let persons = [vec![0, 1], vec![3, 1], vec![4, 0]];
    assert_eq!(run(&model, &records, &persons).score, [88_000, 88_000, 50_000]);
}

#[test]
fn pardot_score_and_grade() {
    let model = fixture("pardot");
    let a = record("2026-01-01")
        .text("industry", "Healthcare")
        .event("form.success", "demo", "2026-01-02T00:00:00Z")
        .events("page.view", 12, "2026-01-03")
        .events("file.access", 2, "2026-01-03")
        .event("form.error", "demo", "2026-01-01T23:00:00Z");
    let b = record("2026-02-01")
        .text("title.normalized", "Senior Marketing Manager")
        .event("opportunity.created", "1", "2026-02-02T00:00:00Z")
        .events("page.view", 4, "2026-02-03");
    let records = [a, b.clone().number("employees", 300), b.number("employees", 50)];
    let scores = run(&model, &records, &alone(&records));
    for (person, score, grade) in [(0, "63", "C-"), (1, "54", "C+")] {
        let got =
            (value(&model, &scores, person, "score"), value(&model, &scores, person, "grade"));
        assert_eq!((got.0.as_str(), got.1.as_str(), scores.stages[person]), (score, grade, 0));
    }
    let merged = run(&model, &records, &[vec![0, 1], vec![0, 2]]);
    assert_eq!(
        (value(&model, &merged, 0, "score"), value(&model, &merged, 0, "grade")),
        ("117".into(), "B".into())
    );
    assert_eq!(
        (value(&model, &merged, 1, "score"), value(&model, &merged, 1, "grade")),
        ("117".into(), "C-".into())
    );
    assert_eq!(merged.stages, [1, 0], "mql only with the fitting size");
}

#[test]
fn hubspot_fit_and_engagement() {
    let model = fixture("hubspot");
    let forms = record("2026-01-01")
        .text("title.seniority", "VP")
        .number("employees", 400)
        .event("form.success", "a", "2026-06-30")
        .event("form.success", "a", "2026-05-31")
        .event("form.success", "a", "2026-05-01");
    let clicks = record("2026-02-01")
        .text("country", "US")
        .event("email.click", "x", "2026-06-15")
        .event("email.click", "y", "2026-06-15")
        .event("meeting.booked", "z", "2026-06-15");
    let records = [forms, clicks];
    let check =
        |model: &ScoringModel, at: &str, persons: &[Vec<usize>], expected: &[(&str, &str)]| {
            let scores = run_at(model, &records, persons, instant(at));
            for (person, (engagement, rating)) in expected.iter().enumerate() {
                assert_eq!(value(model, &scores, person, "engagement"), *engagement, "{at}");
                assert!(model.matrices[0].show(scores.ratings[person]).ends_with(rating), "{at}");
            }
            scores
        };
    let merged = [vec![0, 1]];
    let scores = check(&model, "2026-06-30", &merged, &[("42.5", "A1")]);
    assert_eq!(value(&model, &scores, 0, "fit"), "50");
    let both = scores.values_of(0);
    assert_eq!(model.matrices[0].combine(both[0], both[1]), 93);
    check(&model, "2026-07-30", &merged, &[("27.5", "A2")]);
    check(&model, "2026-06-30", &[vec![0], vec![1]], &[("15", "3"), ("27.5", "2")]);
    let text = std::fs::read_to_string("fixtures/scoring/hubspot.toml").unwrap();
    let stepped =
        parse(&text.replace("every = \"30d\"", "every = \"30d\", step = true"), "h").unwrap();
    check(&stepped, "2026-06-30", &merged, &[("45", "A1")]);
}

#[test]
fn mautic_points_and_log() {
    let model = fixture("mautic");
    let a = record("2026-01-01")
        .logged("asset.download", "12", "2026-05-01T10:00:00Z", 20)
        .logged("url.hit", "4", "2026-05-02T10:00:00Z", 5)
        .logged("url.hit", "4", "2026-05-03T10:00:00Z", 5);
    let b = record("2026-02-01").logged("asset.download", "12", "2026-05-04T10:00:00Z", 20).logged(
        "form.submit",
        "3",
        "2026-05-05T10:00:00Z",
        50,
    );
    let records = [a, b];
    let scores = run(&model, &records, &alone(&records));
    assert_eq!(scores.score, [30_000, 70_000]);
    let merged = run(&model, &records, &[vec![0, 1]]);
    assert_eq!(merged.values_of(0), [80_000, 50_000]);
    assert_eq!((merged.sum_of_parts[0], merged.stages[0]), (100_000, 0), "no false alarm at 90");
    let log = fixture("mautic_ledger");
    let merged = run(&log, &records, &[vec![0, 1]]);
    assert_eq!((merged.score[0], merged.sum_of_parts[0]), (80_000, 100_000));
}

#[test]
fn objectors_get_no_score_but_the_reason() {
    let model = fixture("mexico");
    let lead = opened(mexico("MX-JAL", "2026-01-01")).text("consent.marketing", "Objected");
    let records = [lead];
    let facts = facts(&records, &[vec![0]]);
    let scores = leads(std::slice::from_ref(&model), &facts, clock()).models.remove(0);
    assert_eq!((scores.score_of(0), scores.band[0], scores.ledger_of(0).len()), (None, NO_BAND, 0));
    let (fact, record) = scores.excluded[0].unwrap();
    assert_eq!(
        (fact.text(&facts), record),
        ("consent.marketing = Objected".to_string(), RecordId(0))
    );
}

#[test]
fn range_keeps_the_raw_number_beside_it() {
    let rules = "[[component]]\nid = \"s\"\nrange = { min = 1, max = 100 }\n";
    for (add, score) in [(200, 100), (-50, 1), (42, 42)] {
        let text = format!(
            "{rules}[[rule]]\nid = \"a\"\nif = {{ field = \"country\", is = \"MX\" }}\nadd = {add}\n"
        );
        let model = parse(&text, "m").unwrap();
        let scores = run(&model, &[mexico("MX-JAL", "2026-01-01")], &[vec![0]]);
        assert_eq!((scores.raw[0], scores.score[0]), (add * 1000, score * 1000));
    }
}

#[test]
fn events_after_the_clock_wait() {
    let model = fixture("mexico");
    let records = [opened(mexico("MX-JAL", "2026-01-01"))];
    let facts = facts(&records, &[vec![0]]);
    let before = leads(std::slice::from_ref(&model), &facts, instant("2026-05-14T18:39:59Z"));
    assert_eq!((before.models[0].score[0], before.future_events), (90_000, 1));
    let at = leads(std::slice::from_ref(&model), &facts, instant("2026-05-14T18:40:00Z"));
    assert_eq!((at.models[0].score[0], at.future_events), (100_000, 0));
}

/// The other kinds of the format: weighted criteria, personas, inactivity, expiry and windows.
#[test]
fn the_rest_of_the_market() {
    let weighted = r#"
[[component]]
id = "fit"
kind = "weighted"
[[component.group]]
id = "clicks"
weight = 60
[[component.group]]
id = "country"
weight = 40
[[rule]]
id = "many"
group = "clicks"
on = "email.click"
add = 100
times = { at_least = 3 }
within = "7d"
[[rule]]
id = "some"
group = "clicks"
on = "email.click"
add = 75
times = { at_least = 3 }
within = "30d"
[[rule]]
id = "one"
group = "clicks"
on = "email.click"
add = 50
times = { exactly = 1 }
within = "14d"
[[rule]]
id = "mx"
group = "country"
if = { field = "country", is = "MX" }
add = 50
"#;
    let model = parse(weighted, "eloqua").unwrap();
    let week = record("2026-01-01").events("email.click", 3, "2026-06-25");
    let month = record("2026-01-01").events("email.click", 3, "2026-06-10");
    let single = mexico("MX-JAL", "2026-01-01").events("email.click", 1, "2026-06-20");
    let records = [week, month, single];
    assert_eq!(run(&model, &records, &alone(&records)).score, [60_000, 45_000, 50_000]);

    let personas = r#"
[[component]]
id = "affinity"
kind = "persona"
[[persona]]
id = "security"
traits = [ { if = { field = "title.seniority", in = ["c-level", "vp"] }, weight = 2 }, { if = { field = "industry", is = "finance" }, weight = 1 } ]
[[persona]]
id = "finance"
traits = [ { if = { field = "industry", is = "finance" } }, { if = { field = "country", is = "MX" } } ]
"#;
    let model = parse(personas, "personas").unwrap();
    let records = [
        record("2026-01-01").text("title.seniority", "VP"),
        mexico("MX-JAL", "2026-01-01").text("industry", "Finance"),
        record("2026-01-01"),
    ];
    let scores = run(&model, &records, &alone(&records));
    assert_eq!(scores.score, [66_667, 100_000, 0]);
    assert_eq!(scores.persona, [Some(0), Some(1), None]);

    let marketo = r#"
[[component]]
id = "s"
[[rule]]
id = "form"
on = "form.submit"
add = 80
expire = "100d"
[[rule]]
id = "asleep"
if = { inactive = "45d" }
cap = 50
[[rule]]
id = "gone"
if = { inactive = "90d" }
set = 0
"#;
    let model = parse(marketo, "marketo").unwrap();
    let records = [record("2026-01-01").event("form.submit", "a", "2026-01-01")];
    for (at, score) in
        [("2026-01-31", 80), ("2026-02-15", 50), ("2026-04-01", 0), ("2026-04-11", 0)]
    {
        assert_eq!(run_at(&model, &records, &[vec![0]], instant(at)).score, [score * 1000], "{at}");
    }
}

#[test]
fn a_foreign_number_is_never_recomputed() {
    let text = "[[component]]\nid = \"einstein\"\nkind = \"field\"\nfield = \"Einstein Score\"\n";
    let records = [
        record("2026-01-01").number("Einstein Score", 70),
        record("2026-02-01").text("Einstein Score", "55"),
    ];
    for (rule, score) in [("", 70), ("on_merge = \"sum\"", 125), ("on_merge = \"survivor\"", 55)] {
        let model = parse(&format!("{text}{rule}\n"), "m").unwrap();
        assert_eq!(run(&model, &records, &[vec![0, 1]]).score, [score * 1000], "{rule}");
    }
}

#[test]
fn an_event_logged_on_both_profiles_pays_once() {
    let model = fixture("pardot");
    let shared = |lead: Record| lead.event("page.view", "home", "2026-05-01T10:00:00Z");
    let a = shared(record("2026-01-01")).event("page.view", "home", "2026-05-02T10:00:00Z");
    // Logged twice on one profile as well: neither the part nor the union pays that.
    let b = shared(shared(record("2026-02-01")));
    let scores = run(&model, &[a, b], &[vec![0, 1]]);
    let got = (scores.score[0], scores.best_part[0], scores.sum_of_parts[0]);
    assert_eq!(got, (2_000, 2_000, 3_000));
    let ledger: Vec<_> = scores.ledger_of(0).iter().filter(|l| l.component == 0).collect();
    assert_eq!(ledger.len(), 1, "one line for the record whose logging was kept");
    assert_eq!((ledger[0].record, ledger[0].points), (RecordId(0), 2_000));
}

#[test]
fn groups_hold_and_percentages_see_what_they_name() {
    let hubspot = fixture("hubspot");
    let records = [record("2026-01-01").number("employees", 400).text("country", "US")];
    let scores = run(&hubspot, &records, &[vec![0]]);
    assert_eq!(value(&hubspot, &scores, 0, "fit"), "30", "20 + 15, held at 30");

    let text = r#"
[[component]]
id = "s"
[[component.group]]
id = "web"
max = 40
[[rule]]
id = "mx"
if = { field = "country", is = "MX" }
add = 10
[[rule]]
id = "views"
group = "web"
on = "page.view"
add = 30
[[rule]]
id = "share"
if = { field = "country", known = true }
scale = 0.5
of = OF
"#;
    let records = [mexico("MX-JAL", "2026-01-01").events("page.view", 2, "2026-05-01")];
    for (of, score) in
        [("\"total\"", 75), ("[\"mx\"]", 55), ("[\"web\"]", 70), ("[\"mx\", \"web\"]", 75)]
    {
        let model = parse(&text.replace("OF", of), "m").unwrap();
        assert_eq!(run(&model, &records, &[vec![0]]).score, [score * 1000], "{of}");
    }
}

#[test]
fn unknown_is_neither_yes_nor_no() {
    let text = r#"
[[component]]
id = "grade"
kind = "ladder"
ladder = ["C", "B", "A"]
start = "B"
[[rule]]
id = "fit"
if = CONDITION
step = 1
step_if_false = -1
"#;
    let both = r#"{ all = [ { field = "country", is = "MX" }, { field = "title", is = "CEO" } ] }"#;
    let either =
        r#"{ any = [ { field = "country", is = "MX" }, { field = "title", is = "CEO" } ] }"#;
    let not = r#"{ not = { field = "title", is = "CEO" } }"#;
    let known = r#"{ field = "title", known = true }"#;
    let (mx, us) =
        (record("2026-01-01").text("country", "MX"), record("2026-01-01").text("country", "US"));
    let records = [mx, us];
    for (condition, grades) in
        [(both, ["B", "C"]), (either, ["A", "B"]), (not, ["B", "B"]), (known, ["C", "C"])]
    {
        let model = parse(&text.replace("CONDITION", condition), "m").unwrap();
        // A column of titles exists, but neither lead has one.
        let other = record("2026-01-01").text("title", "CEO");
        let all = [records[0].clone(), records[1].clone(), other];
        let scores = run(&model, &all, &alone(&all));
        let got = [0, 1].map(|person| value(&model, &scores, person, "grade"));
        assert_eq!(got, grades, "{condition}");
        assert_eq!(
            run(&model, &records, &alone(&records)).score,
            scores.score[..2],
            "without the column"
        );
    }
}
