//! A finished run whose files can be changed cell by cell.

use crate::cli::workdir::Workdir;
use crate::cli::workdir::snapshot;
use leadmend::verify::{Request, Verdict, verify};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

/// A table of the output folder as text.
pub struct Table {
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Number of a column.
    pub fn column(&self, name: &str) -> usize {
        self.rows[0].iter().rposition(|h| h == name).unwrap_or_else(|| panic!("no column {name}"))
    }

    /// Rows whose cell in a column is a value.
    pub fn find(&self, column: &str, value: &str) -> Vec<usize> {
        let c = self.column(column);
        (1..self.rows.len()).filter(|&r| self.rows[r][c] == value).collect()
    }
}

/// A finished run in a folder of its own.
pub struct Run {
    pub work: Workdir,
}

/// Leads with two pairs of duplicates, refusals by column and by activity, and a person for each
/// kind of tampering.
pub const LEADS: &str = "\
lead_id,first_name,last_name,email,mobile,company,street,city,postal_code,country,interests,created_at,unsubscribed
L1,Ana,Ruiz,ana.ruiz@acme.example,+52 33 1234 5678,Acme,Av. Vallarta 100,Guadalajara,44100,Mexico,beta,2025-01-05,false
L2,Ana,Ruiz,ana.ruiz@acme.example,,Acme,,,,,alpha,2025-03-01,
L3,Bruno,Berg,bruno.berg@novak.example,+49 30 1234567,Novak GmbH,Hauptstr. 5,Berlin,10115,Germany,gamma,2025-02-01,true
L4,Bruno,Berg,bruno.berg@novak.example,+49 30 1234567,Novak,Ringstr. 9,Hamburg,20095,Germany,,2025-04-01,
L5,Carla,Silva,carla.silva@lima.example,+55 11 91234 5678,Lima,Rua Augusta 7,Sao Paulo,01305-000,Brazil,,2025-05-01,
L6,David,Weber,david.weber@tango.example,+43 1 5134567,Tango,Ring 1,Wien,1010,Austria,,2025-06-01,
L7,Eva,Rossi,eva.rossi@oscar.example,+39 06 698 12345,Oscar,Via Roma 3,Roma,00184,Italy,,2025-07-01,
";

/// What they did. The first two rows are one event that both profiles logged.
pub const ACTIVITIES: &str = "\
event_id,lead_id,event_type,occurred_at,campaign
e1,L1,email_open,2026-05-01T10:00:10Z,spring
e2,L2,email_open,2026-05-01T10:00:11Z,spring
e3,L2,email_open,2026-05-03T10:00:00Z,spring
e4,L5,email_unsubscribe,2026-04-01T09:00:00Z,spring
e5,L6,form_submit,2026-04-02T09:00:00Z,trial
e6,L99,email_open,2026-04-03T09:00:00Z,spring
e7,L7,email_unsubscribe,2026-04-01T09:00:00Z,spring
e8,L7,email_resubscribe,2026-04-09T09:00:00Z,spring
";

/// Inputs and result, made once.
static FILES: LazyLock<BTreeMap<PathBuf, Vec<u8>>> = LazyLock::new(|| {
    let work = Workdir::ana();
    work.write("leads.csv", LEADS);
    work.write("activities.csv", ACTIVITIES);
    work.succeeds(
        "clean leads.csv --activities activities.csv --model scoring.toml --as-of 2026-06-30 \
         --quiet -o out",
    );
    let root = work.path("");
    let inside = |path: PathBuf| path.strip_prefix(&root).unwrap().to_path_buf();
    let files = snapshot(&root).into_iter();
    files.filter_map(|(path, bytes)| Some((inside(path), bytes?))).collect()
});

impl Run {
    /// The run of the leads and activities above under the README's model.
    pub fn new() -> Self {
        let work = Workdir::new();
        for (name, bytes) in FILES.iter() {
            let path = work.path("").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        Self { work }
    }

    /// A file of the output folder.
    pub fn text(&self, file: &str) -> String {
        self.work.read(&format!("out/{file}"))
    }

    /// Replaces a file of the output folder.
    pub fn put(&self, file: &str, text: impl AsRef<[u8]>) {
        self.work.write(&format!("out/{file}"), text);
    }

    /// Removes a file of the output folder.
    pub fn drop_file(&self, file: &str) {
        fs::remove_file(self.work.path(&format!("out/{file}"))).unwrap();
    }

    /// Changes a table.
    pub fn change(&self, file: &str, change: impl FnOnce(&mut Table)) {
        let text = self.text(file);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let rows = reader.records().map(|r| r.unwrap().iter().map(String::from).collect());
        let mut table = Table { rows: rows.collect() };
        change(&mut table);
        let mut writer = csv::Writer::from_writer(Vec::new());
        table.rows.iter().for_each(|row| writer.write_record(row).unwrap());
        self.put(file, writer.into_inner().unwrap());
    }

    /// Sets cells: of the rows where `column` is `value`, `target` becomes `new`. There must be one.
    pub fn set(&self, file: &str, (column, value): (&str, &str), target: &str, new: &str) {
        self.change(file, |table| {
            let rows = table.find(column, value);
            assert!(!rows.is_empty(), "{file}: no row with {column} = {value}");
            let c = table.column(target);
            rows.into_iter().for_each(|r| table.rows[r][c] = new.to_string());
        });
    }

    /// Removes the rows where `column` is `value`.
    pub fn remove(&self, file: &str, column: &str, value: &str) {
        self.change(file, |table| {
            let rows = table.find(column, value);
            assert!(!rows.is_empty(), "{file}: no row with {column} = {value}");
            rows.into_iter().rev().for_each(|r| drop(table.rows.remove(r)));
        });
    }

    /// The cell in `target` of the first row where `column` is `value`.
    pub fn cell(&self, file: &str, (column, value): (&str, &str), target: &str) -> String {
        let mut cell = None;
        self.change(file, |table| {
            let row = table.find(column, value)[0];
            cell = Some(table.rows[row][table.column(target)].clone());
        });
        cell.unwrap()
    }

    /// The person of a record.
    pub fn person(&self, record: &str) -> String {
        self.cell("crosswalk.csv", ("record_id", record), "person_id")
    }

    /// Changes the certificate.
    pub fn certify(&self, change: impl FnOnce(&mut serde_json::Value)) {
        let mut certificate = serde_json::from_str(&self.text("certificate.json")).unwrap();
        change(&mut certificate);
        self.put("certificate.json", certificate.to_string());
    }

    /// Changes the payloads of the journal, `None` to drop a line, and makes number, digest, chain
    /// and certificate fit again.
    pub fn rewrite_journal(&self, change: impl Fn(&str, &str) -> Option<String>) {
        let (mut chain, mut text, mut lines) = (vec![0u8; 32], String::new(), 0u64);
        for line in self.text("journal.jsonl").lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            let (kind, salt) = (value["kind"].as_str().unwrap(), value["salt"].as_str().unwrap());
            let start = line.find("\"payload\":").unwrap() + 10;
            let payload = &line[start..line.rfind(",\"chain\":").unwrap()];
            let Some(payload) = change(kind, payload) else { continue };
            let byte = |i: usize| u8::from_str_radix(&salt[i..i + 2], 16).unwrap();
            let salted: Vec<u8> = (0..32).step_by(2).map(byte).chain(payload.bytes()).collect();
            let digest = Sha256::digest(salted);
            let link = [chain.as_slice(), kind.as_bytes(), &[0], &digest].concat();
            chain = Sha256::digest(link).to_vec();
            let hex = hex(&chain);
            text += &format!(
                "{{\"n\":{lines},\"kind\":\"{kind}\",\"salt\":\"{salt}\",\"payload\":{payload},\
                 \"chain\":\"{hex}\"}}\n"
            );
            lines += 1;
        }
        self.put("journal.jsonl", text);
        self.certify(|c| {
            c["journal"] = serde_json::json!({ "lines": lines, "chain": hex(&chain) });
        });
    }

    /// Checks the run.
    pub fn verify(&self, ignore_hashes: bool) -> Verdict {
        let folder = self.work.path("out");
        verify(&Request { folder, ignore_hashes, ..Request::default() }).unwrap()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
