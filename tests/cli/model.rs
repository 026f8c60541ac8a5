//! `model show, lint, diff, init, schema`, and everything a model file can get wrong.

use super::workdir::Workdir;
use std::path::{Path, PathBuf};

fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

/// Every model file that is shipped: fixtures and templates.
fn shipped() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = vec![root.join("fixtures/ana/scoring.toml")];
    for folder in ["fixtures/scoring", "data/models"] {
        let entries = std::fs::read_dir(root.join(folder)).unwrap();
        all.extend(
            entries
                .map(|e| e.unwrap().path())
                .filter(|p| p.extension().is_some_and(|e| e == "toml")),
        );
    }
    all.sort();
    assert!(all.len() > 12, "{all:?}");
    all
}

/// A TOML value as JSON.
fn json_of(value: &toml::Value) -> serde_json::Value {
    match value {
        toml::Value::String(text) => text.clone().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => (*number).into(),
        toml::Value::Boolean(flag) => (*flag).into(),
        toml::Value::Datetime(at) => at.to_string().into(),
        toml::Value::Array(values) => values.iter().map(json_of).collect(),
        toml::Value::Table(table) => {
            table.iter().map(|(key, value)| (key.clone(), json_of(value))).collect()
        }
    }
}

#[test]
fn the_schema_accepts_every_shipped_model_and_refuses_mistakes() {
    let schema: serde_json::Value =
        serde_json::from_str(&Workdir::new().succeeds("model schema")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let check = |text: &str| {
        let document: toml::Table = toml::from_str(text).unwrap();
        let json = json_of(&toml::Value::Table(document));
        validator.iter_errors(&json).map(|e| e.to_string()).collect::<Vec<_>>()
    };
    for path in shipped() {
        let errors = check(&std::fs::read_to_string(&path).unwrap());
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
    }
    let head = "[[component]]\nid = \"s\"\n";
    let mx = "if = { field = \"country\", is = \"MX\" }";
    for wrong in [
        "nmae = \"x\"\n".to_string(),
        format!("{head}[[rule]]\nid = \"a\"\n{mx}\n"),
        format!("{head}[[rule]]\nid = \"a\"\n{mx}\nadd = \"ten\"\n"),
        format!("{head}[[rule]]\nid = \"a\"\nadd = 1\n"),
        format!("{head}[[rule]]\nid = \"a\"\n{mx}\nscale = -30\n"),
        format!("{head}[[rule]]\nid = \"a\"\n{mx}\nadd = 1\nset = 2\n"),
        format!("{head}[[rule]]\nid = \"a\"\non = \"email.open\"\nadd = 1\ntimes = \"twice\"\n"),
        format!("{head}[[rule]]\nid = \"a\"\non = \"email.open\"\nadd = 1\nwithin = \"soon\"\n"),
    ] {
        assert!(!check(&wrong).is_empty(), "accepted:\n{wrong}");
    }
}

#[test]
fn shipped_models_pass_and_only_the_example_has_traps() {
    let work = Workdir::new();
    for path in shipped() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let template = path.parent().unwrap().ends_with("models");
        work.write("model.toml", std::fs::read(&path).unwrap());
        work.succeeds("model lint model.toml");
        let strict = work.run("model lint model.toml --strict").status.code();
        if template {
            assert_eq!(strict, Some(i32::from(name == "mexico")), "{}", path.display());
        }
    }
}

#[test]
fn traps_are_found_and_strict_fails() {
    let work = Workdir::ana();
    let said = work.succeeds("model lint scoring.toml");
    holds(
        &said,
        &["line 24: warning [order-sensitive]", "73; of = \"total\" would give 70", "[gap]"],
    );
    let output = work.run("model lint scoring.toml --strict");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), said);
    holds(&String::from_utf8(output.stderr).unwrap(), &["scoring.toml: 2 findings"]);
    let json: serde_json::Value =
        serde_json::from_str(&work.succeeds("model lint scoring.toml --json")).unwrap();
    assert_eq!(json[0]["code"], "order-sensitive");
    assert_eq!(json[0]["line"], 24);
}

#[test]
fn a_model_is_shown_as_a_table() {
    let work = Workdir::ana();
    let text = work.succeeds("model show scoring.toml");
    holds(
        &text,
        &["In Mexico", "country is MX", "+90", "-30 % of what stands above", "phone call"],
    );
    let markdown = work.succeeds("model show scoring.toml --format markdown");
    holds(&markdown, &["# mexico-expansion", "| In Mexico | country is MX | +90 |", "## Bands"]);
    let html = work.succeeds("model show scoring.toml --format html");
    holds(&html, &["<h1>mexico-expansion</h1>", "<td>In Mexico</td>"]);
}

#[test]
fn every_template_is_written_and_usable() {
    let work = Workdir::new();
    work.write("leads.csv", "id,name,email,country\n1,Ana Ruiz,ana@x.example,Mexico\n");
    for name in [
        "three-axes",
        "four-dimensions",
        "one-dimensional",
        "pardot",
        "hubspot",
        "mautic",
        "mexico",
    ] {
        let said = work.succeeds(&format!("model init --template {name} -o {name}.toml"));
        holds(&said, &[&format!("--model {name}.toml")]);
        assert_eq!(
            work.succeeds(&format!("model init --template {name}")),
            work.read(&format!("{name}.toml"))
        );
        work.succeeds(&format!(
            "score leads.csv --model {name}.toml --as-of 2026-06-30 -o {name}.csv"
        ));
        let there = work.fails(4, &format!("model init --template {name} -o {name}.toml"));
        holds(&there, &["is there already", "--force"]);
    }
    holds(&work.fails(2, "model init --template three-axis"), &["did you mean three-axes?"]);
    holds(&work.fails(2, "model init --template zzz"), &["there are default, three-axes"]);
    work.fails(4, "model init -o gone/m.toml");
}

#[test]
fn a_diff_tells_who_changes_band_both_ways() {
    let work = Workdir::ana();
    let old = work.read("scoring.toml");
    work.write("same.toml", &old);
    assert_eq!(work.succeeds("model diff scoring.toml same.toml"), "The two models score alike\n");
    // Openers come up by 70, leads in Mexico alone go down by 40.
    work.write("new.toml", old.replace("add = 10", "add = 80").replace("add = 90", "add = 50"));
    let on = "model diff scoring.toml new.toml --on leads.csv --activities activities.csv --as-of 2026-06-30";
    let said = work.succeeds(on);
    holds(
        &said,
        &[
            "~ rule mexico: points +90 -> +50",
            "~ rule opened: points +10 -> +80",
            "4 of 6 leads change band: 2 up, 2 down",
            "2  newsletter -> offer",
            "2  offer -> newsletter",
            "Up\n  1007: newsletter 10 -> offer 80",
            "Down\n  1041: offer 90 -> newsletter 50",
        ],
    );
    let json: serde_json::Value =
        serde_json::from_str(&work.succeeds(&format!("{on} --json"))).unwrap();
    assert_eq!(json["moves"]["up"].as_array().unwrap().len(), 2);
    assert_eq!(json["moves"]["down"][0]["before"]["band"], "offer");
    work.succeeds(&format!("{on} -o moves.csv --quiet"));
    let moves = work.read("moves.csv");
    holds(&moves, &["1007,up,newsletter,offer,10,80", "1041,down,offer,newsletter,90,50"]);
    assert_eq!(moves.lines().count(), 5);
    work.fails(4, &format!("{on} -o moves.csv"));
    holds(&work.fails(2, "model diff gone.toml new.toml"), &["gone.toml: no such file"]);
}

/// Every mistake with line, column and the nearest valid name; exit code 2 from every command.
#[test]
fn bad_models_are_told_with_place_and_nearest_name() {
    let head = "format = 1\n[[component]]\nid = \"score\"\n";
    let mx = "if = { field = \"country\", is = \"MX\" }";
    let rule = |body: &str| format!("{head}[[rule]]\nid = \"a\"\n{body}\n").into_bytes();
    let mut latin = rule(&format!("{mx}\nadd = 1\nname = \"x\""));
    let at = latin.iter().rposition(|&b| b == b'x').unwrap();
    latin[at] = 0xe9;
    /// Content, and what the message holds.
    type Case<'a> = (Vec<u8>, &'a [&'a str]);
    let cases: Vec<Case> = vec![
        (Vec::new(), &["line 1 column 1", "empty file"]),
        (b"\xff\xfe\x00".to_vec(), &["line 1 column 1", "is not UTF-8 text"]),
        (latin, &["line 8 column 9", "is not UTF-8 text"]),
        (b"[[component".to_vec(), &["line 1", "not TOML"]),
        (rule(&format!("{mx}\nad = 5")), &["line 7 column 1", "did you mean \"add\"?"]),
        (rule(&format!("{mx}\nadd = \"ten\"")), &["line 7 column 7", "not string"]),
        (rule(&format!("{mx}\nadd = true")), &["line 7 column 7", "not boolean"]),
        (rule(&format!("{mx}\nscale = 1.5")), &["line 7 column 9", "over 100 percent"]),
        (
            rule("on = \"email.opne\"\nadd = 1"),
            &["line 6 column 6", "did you mean \"email.open\"?"],
        ),
        (
            rule("if = { field = \"country\", iss = \"MX\" }\nadd = 1"),
            &["line 6 column 27", "did you mean \"is\"?"],
        ),
        (
            rule(&format!("component = \"scroe\"\n{mx}\nadd = 1")),
            &["line 6 column 13", "did you mean \"score\"?"],
        ),
        (rule(&format!("{mx}\nadd = 1\ntimes = \"onse\"")), &["line 8", "did you mean \"once\"?"]),
        (
            rule(&format!("{mx}\nadd = 1\nover = \"newset\"")),
            &["line 8 column 8", "did you mean \"newest\"?"],
        ),
        (
            rule(&format!(
                "{mx}\nadd = 1\n[[band]]\nid = \"hi\"\nmin = 60\n[[band]]\nid = \"lo\"\nmax = 60"
            )),
            &["line 11", "overlap at 60"],
        ),
        (
            rule(&format!("{mx}\nadd = 1\n[merge]\nnever_weaker = \"flor\"")),
            &["line 9 column 16", "did you mean \"floor\"?"],
        ),
        (
            rule(&format!("{mx}\nadd = 1\n[[bnad]]\nid = \"x\"")),
            &["line 8", "did you mean \"band\"?"],
        ),
        (rule(&format!("{mx}\nadd = 99999999")), &["line 7 column 7", "beyond a million points"]),
    ];
    for (content, parts) in cases {
        let work = Workdir::ana();
        let shown = String::from_utf8_lossy(&content).into_owned();
        work.write("bad.toml", &content);
        for command in [
            "score leads.csv --model bad.toml",
            "clean leads.csv --model bad.toml",
            "model lint bad.toml",
            "model show bad.toml",
            "model diff bad.toml scoring.toml",
            "calibrate --model bad.toml --outcomes leads.csv",
        ] {
            let said = work.fails(2, command);
            assert!(said.contains("bad.toml"), "{command} of\n{shown}\n{said}");
            for part in parts {
                assert!(said.contains(part), "{command}: {part:?} is missing for\n{shown}\n{said}");
            }
        }
    }
}

#[test]
fn a_field_nobody_has_is_told_with_the_nearest_header() {
    let work = Workdir::ana();
    let model = work.read("scoring.toml").replace("field = \"country\"", "field = \"contry\"");
    work.write("scoring.toml", model);
    let said = work.fails(2, "score leads.csv --model scoring.toml");
    holds(
        &said,
        &[
            "model mexico-expansion: line 21 column 16",
            "no field \"contry\" in the input",
            "did you mean \"country\"?",
        ],
    );
}

#[test]
fn help_has_examples() {
    let work = Workdir::new();
    for command in
        ["score", "model", "model show", "model lint", "model diff", "model init", "calibrate"]
    {
        let said = work.succeeds(&format!("{command} --help"));
        holds(&said, &["Examples:", &format!("leadmend {}", command.split(' ').next().unwrap())]);
    }
}
