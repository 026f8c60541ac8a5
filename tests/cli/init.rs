//! `init`: what it writes is a configuration that changes nothing.

use super::workdir::{Workdir, snapshot};

#[test]
fn a_run_with_the_written_file_is_the_run_without() {
    let work = Workdir::ana();
    let said = work.succeeds("init leads.csv");
    assert!(said.contains("--config leadmend.toml"), "{said}");
    let text = work.read("leadmend.toml");
    for part in ["format = 1", "given-name = \"first_name\"", "[consent]", "# merge_at = 0.7"] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
    work.succeeds("clean leads.csv --as-of 2026-06-30 --quiet -o plain");
    work.succeeds("clean leads.csv --as-of 2026-06-30 --quiet -o told --config leadmend.toml");
    let files = |name: &str| {
        let all = snapshot(&work.path(name)).into_iter();
        let named = all.map(|(path, bytes)| (path.file_name().unwrap().to_owned(), bytes));
        // The reports say who named the columns, journal and certificate what was configured.
        let tells = ["report.html", "report.json", "certificate.json", "journal.jsonl"];
        named.filter(|(name, _)| !tells.iter().any(|t| name == t)).collect::<Vec<_>>()
    };
    assert!(files("plain") == files("told"), "the same bytes");
}

#[test]
fn an_existing_file_is_replaced_only_with_force() {
    let work = Workdir::ana();
    work.write("leadmend.toml", "format = 1\n");
    let said = work.fails(2, "init leads.csv");
    assert!(said.contains("leadmend.toml is there already; give --force"), "{said}");
    work.succeeds("init leads.csv --force");
    assert!(work.read("leadmend.toml").len() > 100);
    assert!(work.succeeds("init leads.csv -o -").contains("[columns]"));
    work.fails(4, "init leads.csv -o missing/leadmend.toml");
}
