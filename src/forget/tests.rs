use super::*;
use crate::pipeline::{self, Job};
use crate::source::Source;
use crate::source::fingerprint::hex;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const LEADS: &str = "id,first name,last name,email,phone,company,city,note\n\
    1,Ximena,Quintanilla,ximena.q@solo.example,+52 33 1234 5678,Shared Firm,Guadalajara,likes kites\n\
    2,Ximena,Quintanilla,ximena.q@solo.example,,Shared Firm,Guadalajara,\n\
    3,Bob,Berg,bob@firm.example,+49 30 9876543,Shared Firm,Berlin,\n\
    4,Carla,Novak,carla@novak.example,,Novak,Prague,met Bob\n";
const EVENTS: &str = "event_id,lead_id,type,timestamp,url\n\
    e1,2,page_view,2026-01-02T10:00:00Z,/for-ximena-only\n\
    e2,3,page_view,2026-01-03T10:00:00Z,/pricing\n\
    e3,1,page_view,2026-01-04T10:00:00Z,/pricing\n";
/// Cells of hers that belong to nobody else.
const HERS: [&str; 7] = [
    "Ximena",
    "Quintanilla",
    "ximena.q@solo.example",
    "+52 33 1234 5678",
    "Guadalajara",
    "likes kites",
    "/for-ximena-only",
];

fn key() -> Key {
    Key::new(b"0123456789abcdef").unwrap()
}

struct World {
    dir: tempfile::TempDir,
}

impl World {
    /// A run of the two files, with a journal and a certificate as other parts write them.
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (leads, events) = (dir.path().join("leads.csv"), dir.path().join("events.csv"));
        fs::write(&leads, LEADS).unwrap();
        fs::write(&events, EVENTS).unwrap();
        let world = Self { dir };
        world.clean(&leads, &events, "out", Suppression::default());
        world
    }

    fn clean(&self, leads: &Path, events: &Path, out: &str, suppression: Suppression) {
        let job = Job {
            inputs: vec![Source::new(leads)],
            activities: vec![Source::new(events)],
            suppression,
            ..Job::default()
        };
        let outcome = pipeline::run(&job, &|_| ()).unwrap();
        assert_eq!(outcome.matched.clusters.len(), 3, "she was there twice");
        let folder = OutputFolder::prepare(&self.dir.path().join(out), false).unwrap();
        crate::report::write(&outcome, &folder).unwrap();
        let staging = folder.staging();
        let person = outcome.person_ids.get(0).to_string();
        let owners = outcome.matched.clusters.person_of.iter();
        let owners: Vec<&str> = owners.map(|&p| outcome.person_ids.get(p)).collect();
        fs::write(staging.join(JOURNAL), journal(&owners)).unwrap();
        let extra = format!("person_id,phone\n{person},+52 33 1234 5678\np_other,+49 30 9876543\n");
        fs::create_dir_all(staging.join("actions")).unwrap();
        fs::write(staging.join("actions/someone.csv"), extra).unwrap();
        let html = "<p>Ximena Quintanilla was hidden, <b>Bob</b> was not</p>";
        fs::write(staging.join("notes.html"), html).unwrap();
        let certificate = json!({
            "format": 1,
            "generator": "leadmend",
            "inputs": [{"file": "leads.csv", "sha256": "aa"}],
            "outputs": [{"file": "leads.csv", "bytes": 1, "sha256": "bb"}],
            "journal": {"lines": 9, "chain": ""},
        });
        fs::write(staging.join(CERTIFICATE), certificate.to_string()).unwrap();
        folder.publish().unwrap();
    }

    fn out(&self) -> PathBuf {
        self.dir.path().join("out")
    }

    fn forget(&self, who: &str) -> Result<Receipt> {
        let key = key();
        let run = self.out();
        forget(&Request { run: &run, who, key: &key, list: None, date: "2026-06-30" })
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.out().join(file)).unwrap()
    }

    /// All files of the folder as one lower-case text.
    fn everything(&self) -> String {
        let files = list(&self.out()).unwrap();
        let texts = files.iter().map(|f| format!("{f}\n{}\n", self.read(f)));
        texts.collect::<String>().to_lowercase()
    }
}

fn journal(owners: &[&str]) -> String {
    let rows: Vec<&str> = LEADS.split_inclusive('\n').collect();
    let mut lines = vec![
        (
            "run",
            json!({"format": 1, "suppressed": ["leads:2"], "files": [{"role": "leads", "source": "leads", "sha256": "aa"}]}),
        ),
        ("bytes", json!({"file": 0, "text": rows[0]})),
    ];
    for (i, owner) in owners.iter().enumerate() {
        let payload = json!({"file": 0, "text": rows[i + 1], "person_id": owner});
        lines.push(("record", payload));
    }
    lines.push(("merge", json!({"person_id": owners[0], "winner": "1", "loser": "2"})));
    lines.push((
        "policy",
        json!({"decisions": "left_id,right_id,decision\n1,2,same\n3,4,different\n"}),
    ));
    let mut text = String::new();
    let mut before = vec![0u8; 32];
    for (n, (kind, payload)) in lines.iter().enumerate() {
        let (salt, payload) = (Sha256::digest([n as u8])[..16].to_vec(), payload.to_string());
        let digest = Sha256::new().chain_update(&salt).chain_update(&payload).finalize();
        let hash = Sha256::new().chain_update(&before).chain_update(kind).chain_update([0]);
        before = hash.chain_update(digest).finalize().to_vec();
        let (salt, chain) = (hex(&salt), hex(&before));
        text += &format!(
            "{{\"n\":{n},\"kind\":\"{kind}\",\"salt\":\"{salt}\",\"payload\":{payload},\"chain\":\"{chain}\"}}\n"
        );
    }
    text
}

#[test]
fn no_trace_of_her_is_left_and_the_others_are_as_they_were() {
    for who in ["ximena.q@solo.example", "leads:1", "2", "+52 33 1234 5678"] {
        let world = World::new();
        let before = world.everything();
        assert!(HERS.iter().all(|v| before.contains(&v.to_lowercase())), "the test sees values");
        let page = world.read("report.html");
        let masked = ["X*****", "x*****.q@s***.example"];
        assert!(masked.iter().all(|m| page.contains(m)), "the page shows her, masked");
        let bob = world.read("leads.csv").lines().find(|l| l.contains("Bob")).unwrap().to_string();
        let receipt = world.forget(who).unwrap();
        let after = world.everything();
        for value in HERS {
            assert!(!after.contains(&value.to_lowercase()), "{who}: {value} in\n{after}");
        }
        let page = world.read("report.html");
        assert!(masked.iter().all(|m| !page.contains(m)), "{who}: masked values are traces too");
        assert!(page.ends_with("</html>") && receipt.rows["report.html"] > 0, "{who}");
        assert_eq!((receipt.records, receipt.activities), (2, 2), "{who}");
        assert_eq!(receipt.journal_lines, [0, 2, 3, 6, 7], "{who}: her rows and their merge");
        assert!(world.read("leads.csv").contains(&bob), "others keep every byte");
        assert!(after.contains("shared firm"), "what others hold too stays");
        assert!(world.read("activities.csv").contains("e2"));
        assert!(!world.read("activities.csv").contains("e1"));
        assert_eq!(world.read("actions/someone.csv"), "person_id,phone\np_other,+49 30 9876543\n");
        let receipts = world.read(RECEIPTS);
        assert!(receipts.contains("\"receipt\":\"receipt-1\"") && receipts.contains("2026-06-30"));
    }
}

#[test]
fn the_chain_stays_and_the_certificate_knows() {
    let world = World::new();
    let chain = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
        lines.map(|l| l["chain"].as_str().unwrap().to_string()).collect()
    };
    let before = chain(&world.read(JOURNAL));
    world.forget("1").unwrap();
    let journal = world.read(JOURNAL);
    assert!(chain(&journal).starts_with(&before));
    assert_eq!(journal.matches("\"tombstone\":\"receipt-1\"").count(), 5);
    let added: Vec<&str> = journal.lines().skip(8).collect();
    assert!(added[1].contains("\\n3,4,different") && !added[1].contains("1,2,same"), "{journal}");
    let run = added[0];
    assert!(run.contains("\"kind\":\"run\"") && !run.contains("\"aa\""), "{run}");
    assert!(run.contains("\"suppressed\":[]") && run.contains("\"withdrawn\":\"receipt-1\""));
    let before = chain(&journal);
    let certificate: Value = serde_json::from_str(&world.read(CERTIFICATE)).unwrap();
    assert_eq!(certificate["inputs"][0]["sha256"], "");
    assert_eq!(certificate["inputs"][0]["withdrawn"], "receipt-1");
    assert_eq!(certificate["journal"]["chain"].as_str(), before.last().map(String::as_str));
    let leads = Sha256::digest(world.read("leads.csv"));
    let outputs = certificate["outputs"].as_array().unwrap();
    assert_eq!(outputs[0]["sha256"].as_str(), Some(hex(&leads).as_str()));
    assert!(outputs.iter().any(|o| o["file"] == SUPPRESS));
    // A second person: the first one's tombstones stay, and so does her suppression.
    let one = world.read(SUPPRESS).matches("hmac:").count();
    let receipt = world.forget("bob@firm.example").unwrap();
    assert_eq!((receipt.receipt.as_str(), receipt.journal_lines.len()), ("receipt-2", 2));
    assert!(chain(&world.read(JOURNAL)).starts_with(&before));
    assert!(world.read(SUPPRESS).matches("hmac:").count() > one);
}

#[test]
fn an_import_does_not_bring_her_back() {
    let world = World::new();
    world.forget("leads:2").unwrap();
    let mut list = Suppression::new(Some(key()));
    list.add(&world.read(SUPPRESS), SUPPRESS).unwrap();
    let (leads, events) = (world.dir.path().join("leads.csv"), world.dir.path().join("events.csv"));
    world.clean(&leads, &events, "again", list);
    let again = fs::read_to_string(world.dir.path().join("again/leads.csv")).unwrap();
    let of = |name: &str| again.lines().find(|l| l.contains(name)).unwrap().to_string();
    assert!(of("Ximena").contains("false,false,email: suppressed; phone: suppressed"), "{again}");
    assert!(of("Carla").contains("true,false,email: unknown"), "{again}");
}

#[test]
fn all_or_nothing() {
    let world = World::new();
    let refused = [
        ("nobody@x.example", "nobody in this run"),
        ("leads:99", "nobody in this run"),
        ("", "nobody in this run"),
    ];
    let before = world.everything();
    for (who, why) in refused {
        let said = world.forget(who).unwrap_err();
        assert_eq!(said.exit_code(), 2);
        assert!(said.to_string().contains(why), "{who}: {said}");
        assert!(!said.to_string().contains("nobody@"));
    }
    fs::write(world.out().join("leads.xlsx"), "PK").unwrap();
    assert!(world.forget("1").unwrap_err().to_string().contains("leads.xlsx"));
    fs::remove_file(world.out().join("leads.xlsx")).unwrap();
    assert_eq!(world.everything(), before);
    let journal = world.read(JOURNAL).replace("Carla", "Karla");
    fs::write(world.out().join(JOURNAL), journal).unwrap();
    assert!(world.forget("1").unwrap_err().to_string().contains("does not fit the chain"));
    assert!(world.read("leads.csv").contains("Ximena"), "nothing was erased");
}

proptest::proptest! {
    #[test]
    fn any_bytes_give_rows_that_hold_them_all(
        bytes in proptest::collection::vec(
            proptest::sample::select(b"a,;\"\r\n \xff".to_vec()), 0..60,
        )
    ) {
        let rows = delimited::rows(&bytes, b',');
        let mut joined: Vec<u8> = Vec::new();
        rows.iter().for_each(|row| joined.extend_from_slice(row.bytes));
        proptest::prop_assert!(bytes.starts_with(&joined));
    }

    #[test]
    fn any_journal_is_edited_or_refused(text in "\\PC{0,80}|[{}\":,a-z0\n]{0,60}") {
        let _ = journal::erase(text.as_bytes(), &Person::default(), &Values::default(), "r", None);
    }
}
