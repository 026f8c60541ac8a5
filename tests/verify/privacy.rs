//! What goes wrong is told without personal data: not in messages, not in names of files.

use crate::cli::workdir::{Workdir, snapshot};

/// Parts of the person that no message may hold.
const CANARY: [&str; 5] = ["Zyxwanda", "Quixotimo", "canary.person", "998877", "Falkenhorst"];

fn row(id: &str) -> String {
    format!(
        "{id},Zyxwanda,Quixotimo,canary.person@private.example,+49 555 010 998877,Falkenhorst 7\n"
    )
}

const HEADER: &str = "id,first name,last name,email,phone,street\n";

/// Files that are wrong in some way, all full of the person.
fn bad_leads() -> Vec<(&'static str, Vec<u8>)> {
    let good = format!("{HEADER}{}{}", row("1"), row("2"));
    let text = |text: String| text.into_bytes();
    vec![
        ("short rows", text(format!("{good}3,Zyxwanda\n4,Quixotimo,canary.person\n"))),
        ("long rows", text(format!("{good}{},,Zyxwanda,Quixotimo\n", row("3").trim_end()))),
        ("an open quote", text(format!("{good}3,\"Zyxwanda,Quixotimo\n{}", row("4")))),
        ("no header", text(format!("{}{}", row("1"), row("2")))),
        ("a header of the person", text(format!("id,Zyxwanda,Zyxwanda,Quixotimo,,\n{}", row("1")))),
        ("zero bytes", [good.as_bytes(), b"\0\0Zyxwanda\0"].concat()),
        ("not UTF-8", [good.as_bytes(), b"3,Zyxwanda \xff\xfe\xe9,Quixotimo,,,\n"].concat()),
        ("half of UTF-16", [b"\xff\xfe".as_slice(), good.as_bytes(), b"x"].concat()),
        ("gzip that is none", [b"\x1f\x8b\x08".as_slice(), good.as_bytes()].concat()),
        ("JSON", text(format!("[{{\"name\": \"Zyxwanda Quixotimo\"}}]\n{good}"))),
        ("JSON Lines", text(format!(
            "{{\"id\":1,\"name\":\"Zyxwanda\"}}\n{{\"id\":2,\"name\":\"Quixotimo\n{good}"
        ))),
        ("an activity file", text(
            "event_id,lead_id,event_type,occurred_at\nZyxwanda,canary.person,Quixotimo,998877\n"
                .into(),
        )),
        ("only a header", text(HEADER.into())),
        ("dates and numbers that are none", text(format!(
            "id,email,created_at,updated_at,unsubscribed\n1,canary.person,Quixotimo,Zyxwanda,998877\n{good}"
        ))),
    ]
}

/// Runs the program and looks through all it says and leaves; what it said on stderr.
fn silent(work: &Workdir, what: &str, arguments: &str) -> String {
    let output = work.run(arguments);
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    let code = output.status.code();
    assert!(matches!(code, Some(0..=4)), "{what}, {arguments}: {code:?} {err}");
    assert!(!err.contains("panicked"), "{what}, {arguments}: {err}");
    for secret in CANARY {
        assert!(!err.contains(secret), "{what}, {arguments}: {secret} in {err}");
        for path in snapshot(&work.path("")).into_keys() {
            assert!(!path.to_string_lossy().contains(secret), "{what}: {}", path.display());
        }
    }
    err
}

#[test]
fn bad_leads_are_told_without_personal_data() {
    for (what, bytes) in bad_leads() {
        for flags in [
            "",
            "--flexible",
            "--max-reject-rate 90%",
            "--encoding utf-16le --delimiter tab",
            "--column email=nothing",
            "--id-column phone --column created=email",
        ] {
            let work = Workdir::with("leads.csv", &bytes);
            silent(&work, what, &format!("clean leads.csv -o out {flags}"));
            silent(&work, what, "init leads.csv --output -");
            silent(&work, what, "verify out");
        }
    }
}

#[test]
fn bad_activities_decisions_and_models_are_told_without_personal_data() {
    let leads = format!("{HEADER}{}{}", row("1"), row("2"));
    let other = format!("{HEADER}{}", row("1").replace("canary.person", "else"));
    let files = [
        "event_id,lead_id,event_type,occurred_at\ne1,1,email_open,998877\n",
        "event_id,lead_id,event_type,occurred_at\ne1,canary.person@private.example,Quixotimo,\n",
        "Zyxwanda,Quixotimo\n1,2\n",
        "left_id,right_id,decision\nZyxwanda,Quixotimo,canary.person\n",
        "left_id,right_id,decision\n1,2,Zyxwanda Quixotimo\n",
        "format = 1\n[[component]]\nid = \"s\"\nkind = \"points\"\n[[rule]]\nid = \"r\"\nadd = 998877\n",
        "{\"format\": \"Zyxwanda Quixotimo\"}",
        "\0\0Zyxwanda",
    ];
    for text in files {
        let work = Workdir::with("leads.csv", &leads);
        work.write("other.csv", &other);
        work.write("file", text);
        for flags in [
            "--activities file",
            "other.csv --activities file",
            "--decisions file",
            "--model file",
            "--config file",
            "--load-matching file",
        ] {
            silent(&work, text, &format!("clean leads.csv {flags} -o out --force"));
            silent(&work, text, "verify out --ignore-hashes");
        }
    }
}

#[test]
fn a_damaged_run_is_refused_without_personal_data() {
    let work =
        Workdir::with("leads.csv", format!("{HEADER}{}{}", row("1"), row("canary.person@x")));
    work.succeeds("clean leads.csv --as-of 2026-06-30 --quiet -o out");
    for file in ["leads.csv", "crosswalk.csv", "consent.csv", "scores.csv", "ledger.csv"] {
        let text = work.read(&format!("out/{file}"));
        let damaged = [
            text.replace("Quixotimo", "Quixotimo-Zyxwanda"),
            text.replace("true", "false"),
            text.lines().rev().collect::<Vec<_>>().join("\n"),
            text.lines().take(1).collect::<String>(),
            text.replace(',', ";"),
            text.replace('7', "8"),
        ];
        for damaged in damaged {
            work.write(&format!("out/{file}"), damaged);
            silent(&work, file, "verify out");
            silent(&work, file, "verify out --ignore-hashes --json");
        }
        work.write(&format!("out/{file}"), text);
    }
}
