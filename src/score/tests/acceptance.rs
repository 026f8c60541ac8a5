//! What is asked of scoring, row by row: the asks of the source articles, and every kind of activity.
//!
//! Rows that are about lists of leads (segments, tracks, hand-off) belong to `actions`; what those are
//! made of (stages, bands, permitted bands, risen bands) is proven here.

use super::world::{Record, clock, facts, record};
use crate::score::band::permitted_band;
use crate::score::ledger::Source;
use crate::score::lint::lint;
use crate::score::model::{ComponentKind, ScoringModel, Temperature, parse};
use crate::score::{ModelScores, NO_BAND, kind, leads, template};

fn model(text: &str) -> ScoringModel {
    parse(text, "m.toml").unwrap_or_else(|mistakes| panic!("{mistakes:#?}\n{text}"))
}

fn from_template(name: &str) -> ScoringModel {
    model(template(name).unwrap())
}

fn run(model: &ScoringModel, records: &[Record], persons: &[Vec<usize>]) -> ModelScores {
    leads(std::slice::from_ref(model), &facts(records, persons), clock()).models.remove(0)
}

fn alone(model: &ScoringModel, records: &[Record]) -> ModelScores {
    let persons: Vec<Vec<usize>> = (0..records.len()).map(|r| vec![r]).collect();
    run(model, records, &persons)
}

fn lead() -> Record {
    record("2026-01-01")
}

/// A model of one component with these lines after it.
fn one(text: &str) -> ScoringModel {
    model(&format!("[[component]]\nid = \"s\"\n{text}"))
}

fn rule(id: &str, text: &str) -> String {
    format!("[[rule]]\nid = \"{id}\"\n{text}\n")
}

const MX: &str = "if = { field = \"country\", is = \"MX\" }";

fn one_dimensional_score() {
    for (add, score) in [(200, 100), (-50, 1), (42, 42)] {
        let text = format!(
            "range = {{ min = 1, max = 100 }}\n{}",
            rule("a", &format!("{MX}\nadd = {add}"))
        );
        let scores = alone(&one(&text), &[lead().text("country", "MX")]);
        assert_eq!((scores.raw[0], scores.score[0]), (add * 1000, score * 1000));
    }
    let shipped = from_template("one-dimensional");
    assert_eq!(shipped.primary_component().range, Some((Some(1_000), Some(100_000))));
}

fn ready_but_low() {
    // Low in total, but in the decision stage: the stage says it whatever the number.
    let model = from_template("three-axes");
    let at = model.stages.iter().position(|s| s.id == "ready-but-low").unwrap();
    let demo = lead().event("demo.request", "demo", "2026-06-20");
    let scores = alone(&model, &[demo, lead()]);
    assert_eq!(scores.stages.iter().map(|s| s >> at & 1).collect::<Vec<_>>(), [1, 0]);
    assert!(scores.score[0] < model.bands.iter().map(|b| b.min).max().unwrap());
}

fn four_dimensions() {
    let whole = from_template("four-dimensions");
    let ids: Vec<&str> = whole.components.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(ids, ["purchased", "closeness", "journey", "networks", "total"]);
    let busy = lead()
        .event("purchase", "order", "2026-05-01")
        .event("email.open", "a", "2026-06-01")
        .event("demo.request", "d", "2026-06-02")
        .event("social.interaction", "n", "2026-06-03");
    let records = [busy];
    let before = alone(&whole, &records);
    assert!(before.values_of(0).iter().all(|v| *v > 0), "{:?}", before.values_of(0));
    for dropped in 0..4 {
        let mut less = whole.clone();
        less.rules.retain(|r| r.component != dropped);
        let after = alone(&less, &records);
        for (i, (was, is)) in before.values_of(0).iter().zip(after.values_of(0)).enumerate() {
            let gone = match i {
                i if i == dropped => *was,
                4 => before.values_of(0)[dropped],
                _ => 0,
            };
            assert_eq!(was - is, gone, "without {} the column {} changes so", ids[dropped], ids[i]);
        }
    }
}

fn capturing_and_engagement() {
    let text = |name: &str, customer: bool| {
        format!(
            "name = \"{name}\"\n[exclude]\nif = {{ field = \"customer\", is = {customer} }}\n[[component]]\nid = \"s\"\n{}",
            rule("a", "on = \"email.open\"\nadd = 5")
        )
    };
    let models = [model(&text("capture", true)), model(&text("engage", false))];
    let open =
        |customer: &str| lead().text("customer", customer).event("email.open", "a", "2026-06-01");
    let records = [open("yes"), open("no")];
    let scored = leads(&models, &facts(&records, &[vec![0], vec![1]]), clock());
    let of = |m: usize, p: usize| scored.models[m].score_of(p);
    assert_eq!([of(0, 0), of(0, 1), of(1, 0), of(1, 1)], [None, Some(5_000), Some(5_000), None]);
}

fn three_axes() {
    let model = from_template("three-axes");
    let axes: Vec<_> = model.components.iter().take(3).map(|c| (c.id.as_str(), c.range)).collect();
    let full = Some((Some(0), Some(100_000)));
    assert_eq!(axes, [("affinity", full), ("interaction", full), ("stage", full)]);
    assert!(model.personas.len() > 1, "several personas");
    let chief = lead().text("title.seniority", "c-level").text("email.free_mail", "no");
    let scores = alone(&model, &[chief, lead()]);
    let best = scores.persona[0].map(|p| model.personas[p as usize].id.as_str());
    assert_eq!((best, scores.persona[1]), (Some("decision-maker"), None));
    let shown = scores.ledger_of(0).iter().find(|l| matches!(l.source, Source::Trait(..))).unwrap();
    assert!(
        shown
            .source
            .title(&model, shown.component)
            .contains(model.personas[0].name.as_deref().unwrap())
    );
}

fn kinds_of_action() {
    let words = [
        ("web visit", "page.view"),
        ("visita web", "page.view"),
        ("descarga", "asset.download"),
        ("envío de formulario", "form.submit"),
        ("consulta web", "web.query"),
        ("apertura de correo", "email.open"),
        ("clic", "email.click"),
        ("chat", "chat"),
        ("network ads", "ad.click"),
        ("suscripción", "email.resubscribe"),
    ];
    for (word, kind) in words {
        assert_eq!(kind::canonical(word), kind, "{word}");
    }
    let unknown = lead().event("visita guiada", "a", "2026-06-01");
    let scores = alone(&one(&rule("a", "on = \"email.open\"\nadd = 5")), &[unknown]);
    assert_eq!(scores.score, [0], "an unknown kind is nothing, and no crash");
}

fn importance() {
    let with = |add: &str| {
        let text = format!("name = \"n\"\ndescription = \"d\"\n{MX}\n{add}");
        lint(&format!("scale = \"1-100\"\n[[component]]\nid = \"s\"\n{}", rule("a", &text)), "m")
    };
    for (add, fine) in [
        ("add = 0", false),
        ("add = 101", false),
        ("add = -5", false),
        ("subtract = 5", true),
        ("add = 1", true),
        ("add = 100", true),
    ] {
        assert_eq!(!with(add).iter().any(|f| f.code == "importance"), fine, "{add}");
    }
}

fn type_of_operation() {
    let two = |second: &str| {
        let first = rule("a", &format!("{MX}\nadd = 80"));
        one(&(first + &rule("b", &format!("{MX}\n{second}"))))
    };
    for (second, score) in [
        ("add = 15", 95),
        ("add = -15", 65),
        ("subtract = 15", 65),
        ("scale = -0.30", 56),
        ("scale = 0.25", 100),
        ("set = 7", 7),
        ("cap = 50", 50),
    ] {
        assert_eq!(
            alone(&two(second), &[lead().text("country", "MX")]).score,
            [score * 1000],
            "{second}"
        );
    }
    let ladder = "kind = \"ladder\"\nladder = [\"C\", \"B\", \"A\"]\nstart = \"C\"\n";
    let ladder = one(&format!("{ladder}{}", rule("a", &format!("{MX}\nstep = 2"))));
    assert_eq!(alone(&ladder, &[lead().text("country", "MX")]).score, [2_000]);
    let bare = format!("[[component]]\nid = \"s\"\n{}", rule("a", &format!("{MX}\nadd = 1")));
    assert!(lint(&bare, "m").iter().any(|f| f.code == "no-description"));
}

fn points_lead_to_actions() {
    let model = from_template("mexico");
    let name = |at: Option<usize>| at.map(|b| model.bands[b].id.as_str());
    let phone = model.bands.iter().position(|b| b.id == "phone").unwrap();
    for (may_phone, may_email, band, reason) in [
        (true, true, Some("phone"), None),
        (false, true, Some("offer"), Some("may not be phoned")),
        (false, false, None, Some("may not be phoned")),
    ] {
        let (at, why) = permitted_band(&model.bands, phone, may_phone, may_email);
        assert_eq!((name(at), why), (band, reason));
    }
}

fn cold_or_hot() {
    let model = from_template("mexico");
    let temperatures: Vec<_> = model.bands.iter().map(|b| b.temperature).collect();
    assert_eq!(temperatures, [Temperature::Hot, Temperature::Warm, Temperature::Cold].map(Some));
}

fn insights() {
    let model = from_template("three-axes");
    let busy = lead()
        .events("page.view", 7, "2026-05-01")
        .events("email.open", 3, "2026-04-01")
        .event("asset.download", "a", "2026-06-02");
    let records = [busy.clone(), busy.event("form.submit", "f", "2026-06-03"), lead()];
    let scores = run(&model, &records, &[vec![0, 1], vec![2]]);
    for (index, stats) in scores.rules.iter().enumerate() {
        let own = |l: &&crate::score::ledger::Entry| l.source == Source::Rule(index as u16);
        let sum: i64 = scores.entries.iter().filter(own).map(|l| l.points).sum();
        assert_eq!(stats.points, sum, "{}", model.rules[index].id);
        assert!(stats.leads <= stats.fired);
    }
    assert!(scores.rules.iter().any(|stats| stats.fired > 1));
}

fn conflicting_titles() {
    let fixture = std::fs::read_to_string("fixtures/scoring/cso_student.toml").unwrap();
    let model = model(&fixture);
    let student = record("2019-01-01").text("title.normalized", "student");
    let chief = record("2026-01-01").text("title.normalized", "cso");
    let scores = run(&model, &[student, chief], &[vec![0, 1]]);
    assert_eq!(scores.score, [50_000], "the newest title decides: neither 0 nor -50");
}

fn newly_ready() {
    let model = from_template("mexico");
    let here = lead().text("country", "MX").text("region", "MX-JAL");
    let opened = record("2026-02-01").event("email.open", "a", "2026-06-01");
    let records = [here.clone(), opened.clone(), here, opened];
    let scores = run(&model, &records, &[vec![0, 1], vec![2], vec![3]]);
    let risen: Vec<bool> = (0..3).map(|p| scores.band_rose(p, &model)).collect();
    assert_eq!(risen, [true, false, false]);
    assert_eq!(scores.change_of(0), 10_000, "what the duplicates had hidden");
}

fn values_table() {
    let model = from_template("mexico");
    for text in [
        crate::score::show::text(&model),
        crate::score::show::markdown(&model),
        crate::score::show::html(&model),
    ] {
        for rule in &model.rules {
            assert!(text.contains(rule.title()), "{} in {text}", rule.id);
        }
    }
}

fn traps_of_the_text() {
    let codes = |text: &str| lint(text, "m").iter().map(|f| f.code).collect::<Vec<_>>();
    let mexico = codes(template("mexico").unwrap());
    assert!(mexico.contains(&"gap") && mexico.contains(&"order-sensitive"), "{mexico:?}");
    let head = "[[component]]\nid = \"s\"\n";
    let bands = "[[band]]\nid = \"a\"\nmin = 60\n[[band]]\nid = \"b\"\nmin = 10\nmax = 60\n";
    let overlap = lint(&format!("{head}{}{bands}", rule("a", &format!("{MX}\nadd = 90"))), "m");
    assert!(overlap.iter().any(|f| f.message.contains("overlap at 60")), "{overlap:?}");
    let dead = rule("a", &format!("{MX}\nadd = 0"));
    assert!(codes(&format!("{head}{dead}")).contains(&"dead-rule"));
    let cso = rule("a", "if = { field = \"title.normalized\", is = \"CSO\" }\nadd = 50");
    assert!(codes(&format!("{head}{cso}")).contains(&"ambiguous"));
}

fn matrix_stages_and_exclusion() {
    let hubspot = from_template("hubspot");
    assert!(!hubspot.matrices.is_empty());
    let records = [lead().text("consent.marketing", "objected"), lead()];
    let scores = alone(&hubspot, &records);
    assert_eq!((scores.score_of(0), scores.band[0]), (None, NO_BAND), "no score, not zero");
    assert!(scores.excluded[0].is_some() && scores.score_of(1).is_some());
    assert_eq!(scores.ratings.len(), 2 * hubspot.matrices.len());
    let pardot = from_template("pardot");
    assert!(!pardot.stages.is_empty());
    assert!(pardot.components.iter().any(|c| matches!(c.kind, ComponentKind::Ladder { .. })));
}

#[test]
fn every_ask_holds() {
    let rows: [(&str, fn()); 17] = [
        ("one-dimensional score, 1 to 100", one_dimensional_score),
        ("leads that were ready and low", ready_but_low),
        ("four dimensions; dropping one changes its column and the total", four_dimensions),
        ("capturing score and engagement score", capturing_and_engagement),
        ("affinity, interaction, purchase stage", three_axes),
        ("kinds of action", kinds_of_action),
        ("importance of an action 1 to 100", importance),
        ("type of operation, name and description", type_of_operation),
        ("points lead to actions", points_lead_to_actions),
        ("cold or hot", cold_or_hot),
        ("insights per rule", insights),
        ("profile: conflicting titles over time", conflicting_titles),
        ("already ready and not identified", newly_ready),
        ("values table", values_table),
        ("traps of the text", traps_of_the_text),
        ("matrix, stages, exclusion with the reason", matrix_stages_and_exclusion),
        ("objects by number and by name", objects),
    ];
    for (row, holds) in rows {
        // Named before it runs: a failing row is the last one printed.
        println!("{row}");
        holds();
    }
}

fn objects() {
    let model = one(&rule(
        "a",
        "on = { event = \"asset.download\", where = { object = \"12\" } }\nadd = 20",
    ));
    let load = |object: &str| lead().event("asset.download", object, "2026-06-01");
    let records = [load("12: Whitepaper"), load("12"), load("112: Other"), load("Whitepaper")];
    assert_eq!(alone(&model, &records).score, [20_000, 20_000, 0, 0]);
    let named = one(&rule(
        "a",
        "on = { event = \"asset.download\", where = { object = \"whitepaper\" } }\nadd = 20",
    ));
    assert_eq!(alone(&named, &records).score, [20_000, 0, 0, 20_000]);
}

/// Every kind with the names that the products and languages have for it.
const KINDS: &[(&str, &[&str])] = &[
    (
        "page.view",
        &[
            "page_view",
            "web visit",
            "page.hit",
            "visit web page",
            "visita web",
            "pardot#2",
            "pardot#20",
            "marketo#1",
        ],
    ),
    ("email.sent", &["email_sent", "send email", "correo enviado", "pardot#6"]),
    ("email.delivered", &["email delivered", "delivered"]),
    (
        "email.open",
        &[
            "email_open",
            "apertura de correo",
            "open email",
            "Email Open",
            "pardot#11",
            "marketo#10",
        ],
    ),
    ("email.click", &["email_click", "click email", "klick", "pardot#1", "marketo#11"]),
    ("email.reply", &["email_reply", "antwort"]),
    ("email.bounce", &["hard bounce", "rebote", "pardot#13"]),
    ("email.soft-bounce", &["soft bounce"]),
    ("email.complaint", &["spam report", "spam complaint", "pardot#14"]),
    ("email.unsubscribe", &["unsubscribe", "abmeldung", "pardot#12", "marketo#9"]),
    ("email.resubscribe", &["resubscribe", "opt in", "pardot#16"]),
    (
        "form.submit",
        &[
            "form_submit",
            "Form Success",
            "form.success",
            "fill out form",
            "contact_form_submission",
            "envio de formulario",
            "formulaire envoye",
            "pardot#4",
            "marketo#2",
        ],
    ),
    ("form.error", &["form_error", "form failed", "pardot#3"]),
    ("asset.download", &["download", "file.access", "descarga", "telechargement"]),
    ("site.search", &["site search", "busca no site", "pardot#7"]),
    ("web.query", &["web query", "consulta web", "anfrage"]),
    ("webinar.invite", &["webinar invited", "pardot#23"]),
    ("webinar.register", &["webinar registered", "pardot#25"]),
    ("webinar.attend", &["webinar attended", "pardot#24"]),
    ("event.register", &["event registered", "pardot#28"]),
    ("event.attend", &["event checked in", "pardot#29"]),
    ("demo.request", &["demo_request", "demande de demo", "solicitud de demo"]),
    ("pricing.view", &["pricing_view", "preisseite"]),
    ("trial.start", &["trial started", "essai gratuit"]),
    ("quote.request", &["request for quote", "cotizacion"]),
    ("call.inbound", &["inbound call", "llamada entrante"]),
    ("call.outbound", &["CALL", "anruf"]),
    ("meeting.booked", &["meeting_booked", "termin"]),
    ("meeting.held", &["MEETING", "reunion"]),
    ("chat", &["live chat", "charla"]),
    ("sms", &["text message", "sms sent"]),
    ("social.interaction", &["social media", "redes sociales"]),
    ("ad.click", &["network ads", "anuncio", "anzeigenklick"]),
    ("video.view", &["video watched", "pardot#27", "pardot#34"]),
    ("opportunity.created", &["deal created", "pardot#8"]),
    ("opportunity.won", &["deal won", "pardot#9"]),
    ("opportunity.lost", &["deal lost", "pardot#10"]),
    ("purchase", &["order placed", "compra", "kauf"]),
    ("score.change", &["change score", "marketo#22"]),
    ("status.change", &["change status in progression", "marketo#104"]),
    ("merge", &["merge leads", "marketo#32"]),
    ("other:visita guiada", &["Visita Guiada", "other:visita guiada"]),
];

#[test]
fn every_kind_is_counted_under_all_its_names() {
    for name in kind::all() {
        assert!(KINDS.iter().any(|(kind, _)| *kind == name), "{name} has no row here");
    }
    for (kind, names) in KINDS {
        let in_model = if kind.starts_with("other:") { kind } else { names[0] };
        // The model may use any name too.
        let model = one(&rule("a", &format!("on = \"{in_model}\"\nadd = 5")));
        for name in *names {
            let number =
                name.split_once('#').map(|(product, number)| (product, number.parse().unwrap()));
            let found = match number {
                Some((product, number)) => {
                    kind::canonical_number(product, number).unwrap().to_string()
                }
                None => kind::canonical(name),
            };
            assert_eq!(found, *kind, "{name}");
            let records = [
                lead().event(&found, "object", "2026-06-01"),
                lead().event("sms reply", "o", "2026-06-01"),
            ];
            let others = if *kind == "sms" { 5_000 } else { 0 };
            assert_eq!(alone(&model, &records).score, [5_000, others], "{kind} as {name}");
        }
    }
}
