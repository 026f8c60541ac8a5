//! A fresh folder for each test, with the program to run in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

/// An e-mail address that no message may repeat.
pub const SECRET_EMAIL: &str = "secret.person@private.example";
/// A phone number that no message may repeat.
pub const SECRET_PHONE: &str = "555010998877";

/// A folder with inputs; gone at the end of the test.
pub struct Workdir {
    dir: tempfile::TempDir,
}

impl Workdir {
    /// An empty folder.
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// A folder with the example of the README.
    pub fn ana() -> Self {
        let work = Self::new();
        for name in ["leads.csv", "activities.csv", "scoring.toml"] {
            let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ana").join(name);
            fs::copy(from, work.path(name)).unwrap();
        }
        work
    }

    /// A folder with one file.
    pub fn with(name: &str, content: impl AsRef<[u8]>) -> Self {
        let work = Self::new();
        work.write(name, content);
        work
    }

    /// Writes a file.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    /// A path inside.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The text of a file.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The program, ready to run here; arguments are separated by spaces.
    pub fn command(&self, arguments: &str) -> assert_cmd::Command {
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_leadmend"));
        command.current_dir(self.dir.path()).args(arguments.split_whitespace());
        command.env_remove("NO_COLOR").timeout(std::time::Duration::from_secs(120));
        command
    }

    /// Runs the program.
    pub fn run(&self, arguments: &str) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs the program, which must succeed and say nothing on stderr; what it prints.
    pub fn succeeds(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && err.is_empty(), "leadmend {arguments}\n{err}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs the program, which must fail with this exit code, say why on stderr without personal
    /// data, and leave the folder as it was; what it says.
    pub fn fails(&self, code: i32, arguments: &str) -> String {
        let before = snapshot(self.dir.path());
        let output = self.run(arguments);
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "leadmend {arguments}\n{err}");
        assert!(output.stdout.is_empty(), "leadmend {arguments}: a failure prints no result");
        for secret in [SECRET_EMAIL, SECRET_PHONE, "secret.person", "998877"] {
            assert!(!err.contains(secret), "leadmend {arguments}: personal data in {err}");
        }
        assert!(err.starts_with("error: "), "leadmend {arguments}\n{err}");
        assert!(snapshot(self.dir.path()) == before, "leadmend {arguments}: something was left");
        err
    }
}

/// Every file below a folder with its bytes; folders with none.
pub fn snapshot(folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut all = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                all.insert(path.clone(), None);
                open.push(path);
            } else {
                all.insert(path.clone(), Some(fs::read(&path).unwrap()));
            }
        }
    }
    all
}

/// Lead records with duplicates, always the same for a seed: every third person comes twice, spelled
/// a little differently.
pub fn leads(persons: usize) -> Vec<String> {
    const GIVEN: [&str; 10] =
        ["Ana", "Bruno", "Carla", "David", "Eva", "Felix", "Greta", "Hugo", "Ines", "Jonas"];
    const FAMILY: [&str; 12] = [
        "Ruiz",
        "Berg",
        "Novak",
        "Silva",
        "Weber",
        "Rossi",
        "Dubois",
        "Jansen",
        "Kowalski",
        "Popescu",
        "Andersson",
        "Murphy",
    ];
    let mut rows = Vec::new();
    for i in 0..persons {
        let mixed = i.wrapping_mul(2_654_435_761) >> 5;
        let (given, family) = (GIVEN[mixed % 10], FAMILY[(mixed / 10) % 12]);
        let mailbox = format!("{}.{}{i}", given.to_lowercase(), family.to_lowercase());
        let (company, city) = (mixed / 120 % 40, mixed / 4800 % 25);
        rows.push(format!(
            "{i},{given},{family},{mailbox}@firm{company}.example,+49 30 {:07},Firm {company} GmbH,City {city}",
            1_000_000 + i
        ));
        if i % 3 == 0 {
            rows.push(format!(
                "{},{},{family},{mailbox}@firm{company}.example,,Firm {company},City {city}",
                persons + i,
                given.to_uppercase()
            ));
        }
    }
    rows
}

/// A CSV file of such rows.
pub fn csv(rows: &[String]) -> String {
    format!("id,first name,last name,email,phone,company,city\n{}\n", rows.join("\n"))
}
