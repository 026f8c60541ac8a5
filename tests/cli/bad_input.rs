//! Everything a user can get wrong: a sentence that names the file and the remedy, the documented
//! exit code, nothing half-written, inputs untouched.

use super::workdir::{SECRET_EMAIL, SECRET_PHONE, Workdir};

fn good_leads() -> String {
    format!(
        "id,first name,last name,email,phone\n1,Ana,Ruiz,{SECRET_EMAIL},{SECRET_PHONE}\n2,Bo,Berg,b@y.example,\n"
    )
}

fn work() -> Workdir {
    Workdir::with("leads.csv", good_leads())
}

fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

#[test]
fn inputs_that_cannot_be_read_exit_with_3() {
    let ragged = format!(
        "id,name,email,phone\n1,Ana,{SECRET_EMAIL},{SECRET_PHONE}\n2,Bo,b@y.example,1,2,3,4\n3,Eva,{SECRET_EMAIL},{SECRET_PHONE},extra,more\n"
    );
    let binary: Vec<u8> = (0..2000u32).map(|i| (i * 37 % 251) as u8).collect();
    let list = format!("[{{\"email\": \"{SECRET_EMAIL}\"}}]");
    /// File, content, and what the message holds.
    type Case<'a> = (&'a str, Option<&'a [u8]>, &'a [&'a str]);
    let cases: [Case; 6] = [
        ("gone.csv", None, &["gone.csv: no such file", "check the spelling"]),
        ("empty.csv", Some(b""), &["empty.csv: the file is empty", "check that the export"]),
        (
            "header.csv",
            Some(b"id,email,phone\n"),
            &["header.csv line 1: a header and no record", "export again"],
        ),
        ("picture.csv", Some(&binary), &["picture.csv", ";"]),
        (
            "ragged.csv",
            Some(ragged.as_bytes()),
            &["ragged.csv: 2 of 3 rows rejected, the first at line 3", "--max-reject-rate"],
        ),
        ("list.json", Some(list.as_bytes()), &["list.json line 1", "jq"]),
    ];
    for (file, content, parts) in cases {
        let work = Workdir::new();
        if let Some(content) = content {
            work.write(file, content);
        }
        let said = work.fails(3, &format!("clean {file}"));
        holds(&said, parts);
        assert_eq!(said.lines().count(), 1, "one sentence: {said}");
        // What the columns mean can be told of a file that is too ragged to be cleaned.
        if file != "ragged.csv" {
            holds(&work.fails(3, &format!("init {file}")), parts);
        }
    }
}

#[test]
fn a_folder_as_input_and_missing_activities_are_found_before_the_work() {
    let work = work();
    std::fs::create_dir(work.path("folder")).unwrap();
    holds(&work.fails(3, "clean folder"), &["folder: is a folder", "give the file inside it"]);
    let said = work.fails(3, "clean leads.csv --activities gone.csv");
    holds(&said, &["gone.csv: no such file"]);
}

#[test]
fn output_that_cannot_be_written_exits_with_4() {
    let work = work();
    let said = work.fails(4, "clean leads.csv -o missing/out");
    holds(&said, &["out: could not be written", "check the folder"]);
    let said = work.fails(4, "clean leads.csv -o leads.csv/out");
    holds(&said, &["out: could not be written"]);
    std::fs::create_dir(work.path("thesis")).unwrap();
    work.write("thesis/chapter.txt", "years of work");
    for force in ["", " --force"] {
        let said = work.fails(4, &format!("clean leads.csv -o thesis{force}"));
        holds(&said, &["thesis: is there already and was not written by leadmend", "-o"]);
    }
    work.succeeds("clean leads.csv --quiet");
    let said = work.fails(4, "clean leads.csv");
    holds(&said, &["leads-leadmend: holds the result of an earlier run", "--force"]);
    work.succeeds("clean leads.csv --quiet --force");
}

#[test]
fn all_mistakes_of_a_configuration_file_are_told_at_once() {
    let work = work();
    let config = "format = 1\nmax_rejects = 3\n[matching]\nmerge_att = 0.9\nreview_at = 7\n\
                  [columns]\nemial = \"email\"\n";
    work.write("leadmend.toml", config);
    let said = work.fails(2, "clean leads.csv --config leadmend.toml");
    holds(
        &said,
        &[
            "leadmend.toml: 4 mistakes",
            "line 2: no key \"max_rejects\"; did you mean \"max_reject_rate\"?",
            "line 4: [matching] no key \"merge_att\"; did you mean \"merge_at\"?",
            "line 5: review_at must be a share",
            "line 7: [columns] no role \"emial\"; did you mean \"email\"?",
            "leadmend init",
        ],
    );
    let said = work.fails(2, "clean leads.csv --config gone.toml");
    holds(&said, &["gone.toml: no such file"]);
}

#[test]
fn all_mistakes_of_a_model_are_told_with_line_and_column() {
    let work = work();
    let model = "format = 1\nname = \"m\"\n[[component]]\nid = \"score\"\nkind = \"points\"\n\
                 [[rule]]\nid = \"a\"\ncomponent = \"scoer\"\nad = 5\n\
                 [[bnad]]\nid = \"b\"\n";
    work.write("model.toml", model);
    let said = work.fails(2, "clean leads.csv --model model.toml");
    holds(
        &said,
        &[
            "error: model.toml: ",
            "\n  line 8 column 13: unknown component \"scoer\"; did you mean \"score\"?\n",
            "\n  line 9 column 1: unknown key in [[rule]] \"ad\"; did you mean \"add\"?\n",
            "\n  line 10 column ",
            "did you mean \"band\"?",
        ],
    );
    let said = work.fails(2, "clean leads.csv --model gone.toml");
    holds(&said, &["gone.toml: no such file"]);
}

#[test]
fn all_mistakes_of_the_command_line_are_told_at_once() {
    let work = work();
    let said = work.fails(
        2,
        "clean leads.csv --column emial=E --delimiter comma,comma --merge-at 7 --review-at x \
         --as-of someday --source crm --preset hubspott --max-reject-rate 500% --threads 99999 \
         --memory-limit much",
    );
    holds(
        &said,
        &[
            "no role \"emial\"; did you mean \"email\"?",
            "--delimiter comma,comma is not a delimiter; give comma, semicolon, tab, pipe",
            "--merge-at 7 is not a share; give a number from 0 to 1",
            "--review-at x is not a share",
            "--as-of someday is not a date; write 2026-06-30",
            "--source crm is not NAME=FILE; write for example",
            "hubspott",
            "--max-reject-rate 500% is not a share",
            "--threads 99999 is too many",
            "--memory-limit much is not a size; write for example 2GB",
        ],
    );
    assert!(said.lines().all(|line| line.starts_with("error: ")), "{said}");
    for command in ["clean leads.csv", "check leads.csv", "profile leads.csv"] {
        let said = work.fails(2, &format!("{command} --memory-limit 20MB"));
        holds(
            &said,
            &["this takes about 166 MB of memory, and --memory-limit allows 20 MB; allow"],
        );
    }
    let said = work.fails(2, "clean leads.csv --merge-at 0.4");
    holds(&said, &["review starts at 0.5, above merging at 0.4", "--review-at 0.4"]);
    let said = work.fails(2, "clean leads.csv --column email=Contact");
    holds(&said, &["no input has a column «Contact»"]);
    work.fails(2, "clean");
    work.fails(2, "clean leads.csv --no-such-flag");
    let said = work.fails(2, "clean - --source crm=- --source web=-");
    holds(&said, &["--source names - twice"]);
    let said = work.fails(2, "clean leads.csv ./leads.csv --activities leads.csv");
    holds(&said, &["leads.csv is given twice; give it once"]);
    let said = work.fails(2, "clean --source a:b=leads.csv");
    holds(&said, &["a name has no `:`"]);
}

#[test]
fn activities_given_as_leads_are_told_from_them() {
    let work = Workdir::ana();
    let said = work.fails(2, "clean activities.csv");
    holds(&said, &["activities.csv holds activities, not leads", "--activities activities.csv"]);
}
