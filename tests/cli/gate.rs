//! `check` as a gate: reports for programs, rule files, baselines, earlier data, CI.

use super::workdir::{SECRET_EMAIL, Workdir};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// Faults: an address twice at fault, a formula; the secret is in a sound cell and in a faulty one.
const FAULTY: &str = "id,first_name,last_name,email,phone,city,lead_source,owner\n\
    1,Nora,Miller,nora@acorn.example,+1 312 555 0143,Chicago,web,Bo\n\
    2,Peter,Garcia,secret.person@private.example,+1 212 555 0188,=1+1,web,Bo\n\
    3,Maria,Wilson,secret.person@@private.example,+1 713 555 0188,Houston,seed-data,Bo\n\
    4,Ida,Blum,ida@elm.example,+1 713 555 0123,Houston,web,\n";
const SOUND: &str = "id,first_name,last_name,email,phone,city,lead_source,owner\n\
    1,Nora,Miller,nora@acorn.example,+1 312 555 0143,Chicago,web,Bo\n";
const AT: &str = "--skip duplicates --as-of 2026-06-30";
const FORMATS: [&str; 9] =
    ["text", "json", "jsonl", "sarif", "junit", "github", "gitlab", "markdown", "html"];

/// The program without what a CI service says about itself.
fn command(work: &Workdir, arguments: &str) -> assert_cmd::Command {
    let mut command = work.command(arguments);
    for name in ["GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "LEADMEND_KEY", "CI"] {
        command.env_remove(name);
    }
    command
}

fn ends(work: &Workdir, code: i32, arguments: &str) -> (String, String) {
    told(code, arguments, command(work, arguments).output().unwrap())
}

fn told(code: i32, arguments: &str, output: Output) -> (String, String) {
    let out = String::from_utf8(output.stdout).unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments}\n{out}\n{err}");
    (out, err)
}

#[test]
fn all_formats_at_once_the_same_for_any_threads_and_without_personal_data() {
    let work = Workdir::with("leads.csv", FAULTY);
    let outs: Vec<String> = FORMATS.iter().map(|f| format!("--out {f}=out.{f}")).collect();
    let mut before: Vec<String> = Vec::new();
    for threads in [1, 2, 5] {
        let arguments = format!("check leads.csv {AT} --threads {threads} {}", outs.join(" "));
        let (said, _) = ends(&work, 1, &arguments);
        assert_eq!(said.matches("LEADMEND_KEY").count(), 1, "said once: {said}");
        let reports: Vec<String> =
            FORMATS.iter().map(|format| work.read(&format!("out.{format}"))).collect();
        for (report, format) in reports.iter().zip(FORMATS) {
            assert!(
                !report.contains("secret.person") && !report.contains(SECRET_EMAIL),
                "{format}"
            );
            assert!(report.contains("email-invalid"), "{format}: {report}");
        }
        assert!(before.is_empty() || before == reports, "{threads} threads");
        before = reports;
    }
    for (format, report) in FORMATS.iter().zip(&before) {
        let (printed, _) = ends(&work, 1, &format!("check leads.csv {AT} --report {format}"));
        assert_eq!(&printed, report, "{format}: printed as written");
    }
}

#[test]
fn a_key_follows_records_when_lines_move() {
    let work = Workdir::with("leads.csv", FAULTY);
    work.write("key", "0123456789abcdef0123");
    let prints = || -> Vec<String> {
        let arguments = format!("check leads.csv {AT} --key-file key --out sarif=s.json --quiet");
        ends(&work, 1, &arguments);
        let log: Value = serde_json::from_str(&work.read("s.json")).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        let of =
            |r: &Value| r["partialFingerprints"]["leadmendFinding/v1"].as_str().map(String::from);
        let wrong =
            |r: &&Value| r["ruleId"] == "email-invalid" || r["ruleId"] == "formula-injection";
        results.iter().filter(wrong).filter_map(of).collect()
    };
    let first = prints();
    assert_eq!(first.len(), 2);
    let (header, body) = FAULTY.split_once('\n').unwrap();
    work.write("leads.csv", format!("{header}\n9,Eva,Roth,eva@oak.example,,Rome,web,Bo\n{body}"));
    assert_eq!(prints(), first);
    work.write("key", "short");
    let (_, err) = ends(&work, 2, &format!("check leads.csv {AT} --key-file key"));
    assert!(err.contains("at least 16 bytes"), "{err}");
}

#[test]
fn github_gets_annotations_and_a_summary_by_itself() {
    let work = Workdir::with("leads.csv", FAULTY);
    std::fs::create_dir(work.path("data")).unwrap();
    work.write("data/leads.csv", FAULTY);
    work.write("summary.md", "earlier step\n");
    let run = |arguments: &str| {
        let mut command = command(&work, arguments);
        command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", work.path("summary.md"));
        told(1, arguments, command.output().unwrap()).0
    };
    let said = run(&format!("check ./data/leads.csv {AT}"));
    assert!(said.contains("\n::error file=data/leads.csv,line=4,title=email-invalid::"), "{said}");
    let summary = work.read("summary.md");
    assert!(summary.starts_with("earlier step\n## leadmend check: failed"), "{summary}");
    let json = run(&format!("check leads.csv {AT} --json"));
    assert!(serde_json::from_str::<Value>(&json).is_ok(), "nothing beside a program's format");
    let full = command(&work, "check leads.csv --reveal full").env("CI", "true").output().unwrap();
    told(2, "--reveal full", full);
    let knowing = format!("check leads.csv {AT} --reveal full --i-know --report jsonl");
    let shown = command(&work, &knowing).env("CI", "true").output().unwrap();
    assert!(told(1, &knowing, shown).0.contains("secret.person@@private.example"));
}

#[test]
fn wrong_outputs_are_told_before_any_work() {
    let work = Workdir::with("leads.csv", FAULTY);
    work.write("b.toml", "format = 9\n");
    let cases = [
        ("--out sarif", 2, "is not FORMAT=FILE"),
        ("--out serif=x", 2, "did you mean \"sarif\""),
        ("--out sarif=leads.csv", 2, "leads.csv is an input"),
        ("--out sarif=x --out junit=x", 2, "names x twice"),
        ("--out sarif=gone/x", 4, "could not be written"),
        ("--report sarif --json", 2, "name two formats"),
        ("--update-baseline", 2, "--baseline"),
        ("--baseline gone.toml", 2, "make it with --update-baseline"),
        ("--baseline b.toml", 2, "leadmend"),
        ("--rules gone.toml", 2, "no such file"),
        ("--previous gone.csv", 3, "no such file"),
        ("--previous git:main", 2, "git:REF:PATH"),
        ("--previous -", 2, "cannot be standard input"),
    ];
    for (arguments, code, part) in cases {
        let (_, err) = ends(&work, code, &format!("check leads.csv {AT} {arguments}"));
        assert!(err.contains(part), "{arguments}: {err}");
    }
}

#[test]
fn a_rule_file_decides_and_its_mistakes_are_told_together() {
    let work = Workdir::with("leads.csv", FAULTY);
    work.write(
        "check.toml",
        "[defaults]\nignore_rows = { field = \"lead_source\", in = [\"seed-data\"] }\n\
         [[check]]\nid = \"formula-injection\"\nseverity = \"warning\"\n\
         [[check]]\nid = \"nobodys\"\nkind = \"sql-free\"\nif = { field = \"owner\", unknown = true }\nseverity = \"error\"\n\
         [suppress]\n\"4\" = { checks = [\"nobodys\"], until = \"2026-07-01\" }\n",
    );
    let rules = "--rules check.toml --skip duplicates";
    let (said, _) = ends(&work, 0, &format!("check leads.csv {rules} --as-of 2026-06-30"));
    assert!(
        said.contains("warning formula-injection") && !said.contains("email-invalid"),
        "{said}"
    );
    assert!(said.contains("1 row is left out") && said.contains("is suppressed by check.toml"));
    let (said, _) = ends(&work, 1, &format!("check leads.csv {rules} --as-of 2026-07-02"));
    assert!(said.contains("error   nobodys: 1 of") && said.contains("has ended"), "{said}");
    let (said, _) =
        ends(&work, 0, "check leads.csv --rules check.toml --only bom --as-of 2026-07-02");
    assert!(!said.contains("nobodys"), "{said}");
    work.write("check.toml", "extends = \"stric\"\n[[check]]\nid = \"bomb\"\nmax_rows = -1\n");
    let (_, err) = ends(&work, 2, &format!("check leads.csv {rules}"));
    assert!(err.contains("3 mistakes") && err.contains("did you mean \"bom\"?"), "{err}");
}

#[test]
fn a_baseline_lets_through_what_was_there_and_shrinks() {
    let work = Workdir::with("leads.csv", FAULTY);
    let check = format!("check leads.csv {AT} --baseline base.toml");
    let (said, _) = ends(&work, 0, &format!("{check} --update-baseline"));
    assert!(said.contains("accepted by base.toml"), "{said}");
    let base = work.read("base.toml");
    assert!(base.contains("\"email-invalid: email\"") && !base.contains("secret"), "{base}");
    ends(&work, 0, &check);
    work.write("leads.csv", format!("{FAULTY}5,Jon,Dow,jon@@x.example,,Rome,web,Bo\n"));
    let (said, _) = ends(&work, 1, &check);
    assert!(said.contains("1 beyond the baseline"), "{said}");
    ends(&work, 1, &format!("{check} --update-baseline"));
    assert_eq!(work.read("base.toml"), base, "it does not grow by itself");
    work.write("leads.csv", SOUND);
    let (said, _) = ends(&work, 0, &check);
    assert!(said.contains("look fixed") || said.contains("looks fixed"), "{said}");
    let (_, err) = ends(&work, 1, &format!("{check} --strict-baseline"));
    assert!(err.contains("look fixed"), "{err}");
    ends(&work, 0, &format!("{check} --update-baseline"));
    assert!(!work.read("base.toml").contains("email-invalid"));
    work.write("leads.csv", FAULTY);
    ends(&work, 0, &format!("{check} --update-baseline --allow-growth"));
    assert_eq!(work.read("base.toml"), base);
}

fn git(work: &Workdir, arguments: &[&str]) -> bool {
    let mut command = Command::new("git");
    command.args([
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@x.example",
        "-c",
        "commit.gpgsign=false",
    ]);
    command.args(arguments).current_dir(work.path(""));
    command.output().is_ok_and(|done| done.status.success())
}

/// A repository whose `origin/main` holds the sound leads; false without git.
fn repository(work: &Workdir) -> bool {
    std::fs::create_dir_all(work.path("data")).unwrap();
    work.write("data/leads.csv", SOUND);
    git(work, &["init", "--quiet"])
        && git(work, &["add", "."])
        && git(work, &["commit", "--quiet", "-m", "leads"])
        && git(work, &["update-ref", "refs/remotes/origin/main", "HEAD"])
}

#[test]
fn earlier_data_comes_from_a_file_or_from_git() {
    let work = Workdir::new();
    let with_git = repository(&work);
    work.write("old.csv", SOUND);
    work.write("data/leads.csv", SOUND.replace("phone", "Telephone"));
    let mut sources = vec!["old.csv"];
    if with_git {
        sources.push("git:origin/main:data/leads.csv");
    }
    for source in sources {
        let arguments = format!("check data/leads.csv {AT} --previous {source}");
        let (said, _) = ends(&work, 1, &arguments);
        assert!(said.contains("«phone» is now «Telephone»"), "{said}");
    }
    if with_git {
        for (given, part) in
            [("git:gone:data/leads.csv", "no such branch"), ("git:HEAD:gone.csv", "no such file")]
        {
            let (_, err) = ends(&work, 3, &format!("check data/leads.csv {AT} --previous {given}"));
            assert!(err.contains(part), "{err}");
        }
    }
}

fn shipped(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The command lines of our CI pieces, as they stand there.
fn commands(name: &str) -> Vec<String> {
    let text = shipped(name);
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let found: Vec<String> = lines
        .filter_map(|line| {
            line.split_once("leadmend check ").map(|(_, rest)| format!("check {rest}"))
        })
        .collect();
    assert!(!found.is_empty(), "{name} has no command");
    found
}

#[test]
fn the_commands_of_our_ci_pieces_run() {
    let work = Workdir::new();
    if !repository(&work) {
        return;
    }
    work.write("check.toml", shipped("ci/check.toml"));
    for name in ["ci/github.yml", "ci/gitlab.yml"] {
        for line in commands(name) {
            work.write("data/leads.csv", SOUND);
            ends(&work, 0, &line);
            work.write("data/leads.csv", FAULTY);
            ends(&work, 1, &line);
        }
    }
    assert!(work.read("dq.xml").contains("<testsuites") && work.read("dq.sarif").contains("2.1.0"));
    assert!(serde_json::from_str::<Value>(&work.read("gl.json")).unwrap().is_array());
    for line in commands(".pre-commit-hooks.yaml") {
        ends(&work, 1, &format!("{line} data/leads.csv"));
    }
}

#[test]
fn the_action_passes_its_inputs_on_and_runs_none_of_them() {
    let work = Workdir::with("sound leads.csv", SOUND);
    work.write("check.toml", shipped("ci/check.toml"));
    let text = shipped("action.yml");
    let (_, script) = text.rsplit_once("run: |\n").unwrap();
    assert!(!script.contains("${{"), "inputs reach the script through the environment only");
    let bin = Path::new(env!("CARGO_BIN_EXE_leadmend")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let run = |files: &str, rules: &str| {
        let mut command = Command::new("bash");
        command.args(["-e", "-c", script]).current_dir(work.path("")).env("PATH", &path);
        command.env("FILES", files).env("RULES", rules).env("PREVIOUS", "").env("BASELINE", "");
        command.env("FAIL_ON", "error").env("SARIF", "a b.sarif").env("JUNIT", "j.xml");
        command.env("LEADMEND_KEY", "").env("GITHUB_ACTIONS", "true");
        command.env_remove("GITHUB_STEP_SUMMARY").output().unwrap()
    };
    told(0, "sound", run("sound leads.csv\n", "check.toml"));
    assert!(work.read("a b.sarif").contains("2.1.0"));
    work.write("faulty.csv", FAULTY);
    let (said, _) = told(1, "faulty", run("sound leads.csv\nfaulty.csv", ""));
    assert!(said.contains("::error file=faulty.csv") || said.contains("::error file="), "{said}");
    told(3, "hostile", run("$(touch owned); `touch owned`", ""));
    assert!(!work.path("owned").exists());
}

#[test]
fn hostile_cells_and_headers_do_no_harm_in_any_format() {
    let work = Workdir::new();
    let long = "x".repeat(100_000);
    work.write(
        "leads.csv",
        format!(
            "id,email,\"city<script>]]>\n::error::h\u{202e}\",phone\n\
             \"1\n::error::id\",\"a@@b]]><script>\n::error::cell\",=cmd|x,1\n\
             2,\u{202e}x@@y.example,\"=<script>]]>\n::warning::x\",2\n3,{long}@@x,=a,3\n"
        ),
    );
    for format in FORMATS {
        let output = command(&work, &format!("check leads.csv {AT} --report {format}")).output();
        let output = output.unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{format}: {output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.contains("<script>]]>\n") && !text.contains('\u{202e}'), "{format}: {text}");
        assert!(text.len() < 200_000, "{format}: {}", text.len());
        let commands = text.lines().filter(|line| line.trim_start().starts_with("::"));
        let ours = |line: &&str| line.contains(" file=leads.csv,line=");
        assert_eq!(
            commands.filter(|line| format != "github" || !ours(line)).count(),
            0,
            "{format}"
        );
        match format {
            "json" | "sarif" | "gitlab" => _ = serde_json::from_str::<Value>(&text).unwrap(),
            "junit" => _ = quick_junit::Report::deserialize_from_str(&text).unwrap(),
            _ => {}
        }
    }
}

#[test]
fn who_is_on_a_suppression_list_and_may_be_contacted_is_found() {
    let work = Workdir::with("leads.csv", SOUND);
    work.write("suppress.txt", "nora@acorn.example\n");
    let (out, _) = ends(&work, 0, &format!("check leads.csv {AT}"));
    assert!(!out.contains("suppressed-present"), "{out}");
    let (out, _) = ends(&work, 1, &format!("check leads.csv {AT} --suppress suppress.txt"));
    assert!(out.contains("suppressed-present") && !out.contains("nora@acorn"), "{out}");
    work.write("suppress.txt", "not an address\n");
    let (_, err) = ends(&work, 2, &format!("check leads.csv {AT} --suppress suppress.txt"));
    assert!(err.contains("suppress.txt") && err.contains("line 1"), "{err}");
}

#[test]
fn the_page_says_whether_the_data_passes() {
    let work = Workdir::with("leads.csv", FAULTY);
    for (flags, code) in [(AT, 1), ("--as-of 2026-06-30", 1)] {
        let (out, _) = ends(&work, code, &format!("check leads.csv {flags} --out html=dq.html"));
        assert!(out.contains("Failed"), "{out}");
        let page = work.read("dq.html");
        assert!(page.contains("<h1>4 records: the data does not pass</h1>"), "{page}");
        assert!(page.contains("email-invalid") && page.contains("id=\"columns\""), "{flags}");
    }
    let sound = Workdir::with("leads.csv", SOUND);
    ends(&sound, 0, &format!("check leads.csv {AT} --out html=dq.html"));
    assert!(sound.read("dq.html").contains("<h1>1 record: the data passes</h1>"));
}
