//! Erasing a person from a state.
//!
//! One transaction, under the lock that audits hold. The suppression list is in place before it is
//! committed: an interruption suppresses too much, not too little.

use super::{Receipt, place, staged, values};
use crate::error::{Error, Result};
use crate::merge::suppress::Key;
use crate::state::{Mode, State};
use std::io;
use std::path::Path;

/// Who is to be forgotten by a state.
#[derive(Debug, Clone, Copy)]
pub struct StateRequest<'a> {
    /// The state.
    pub state: &'a Path,
    /// A person id, a record id, an e-mail address or a phone number.
    pub who: &'a str,
    /// The key under which the addresses are kept suppressed.
    pub key: &'a Key,
    /// The suppression list.
    pub list: &'a Path,
    /// The date of the receipt.
    pub date: &'a str,
}

/// Erases a person from a state.
///
/// # Errors
/// [`Error::Usage`] when the state knows no such person or several, [`Error::Output`] while an audit
/// holds it, [`Error::Read`] and [`Error::Format`] for what is no state, [`Error::Write`].
pub fn forget_in_state(request: &StateRequest) -> Result<Receipt> {
    // Opening for writing would make one.
    if let Err(cause) = std::fs::metadata(request.state) {
        return Err(Error::Read { file: super::name_of(request.state), cause });
    }
    State::finish_erasing(request.state)?;
    let state = State::open(request.state, Mode::Write)?;
    let erased = state.erase(request.who)?;
    let addresses = values::addresses(&erased.cells);
    let number = state.next_receipt()?;
    let receipt = Receipt {
        format: 1,
        receipt: format!("receipt-{number}"),
        date: request.date.to_string(),
        leadmend: env!("CARGO_PKG_VERSION").into(),
        records: erased.records,
        activities: 0,
        rows: erased.rows,
        journal_lines: Vec::new(),
        suppressed: addresses.len(),
        key: request.key.fingerprint(),
    };
    let failed = |e: serde_json::Error| io::Error::from(e);
    let text = serde_json::to_string(&receipt)
        .map_err(|e| Error::Write { file: super::name_of(request.state), cause: failed(e) })?;
    state.keep_receipt(number, &text)?;
    place(staged(request.list, request.key, &addresses)?, request.list)?;
    state.commit_erased()?;
    Ok(receipt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known;
    use crate::pipeline::{self, Job};
    use crate::source::Source;
    use crate::state::Memory;
    use crate::state::known::Known;
    use crate::state::{frozen, keep};
    use rusqlite::Connection;
    use std::path::PathBuf;
    use std::sync::Arc;

    const KEY: &[u8] = b"0123456789abcdef";

    /// Sixty people, so that pages are divided and moved; the first two rows are one of them.
    fn leads(extra: &str) -> String {
        let mut text = String::from("Lead Id,First Name,Last Name,Email,Phone,Company,City\n");
        text +=
            "ZQX0001,Zebulon,Quartermain,zeb.quartermain@acme.com,+44 20 7946 0018,Acme,London\n";
        text += "ZQX0002,Zebulon,Quartermain,zeb.quartermain@acme.com,,Acme Inc,London\n";
        for i in 0..60 {
            let (given, family) =
                (["Ana", "Robert", "Wei"][i % 3], ["Lopez", "Smith", "Chen"][i / 3 % 3]);
            text +=
                &format!("L{i},{given},{family}{i},{given}{i}@rapid{i}.io,,Rapid {i} Line,York\n");
        }
        text + extra
    }

    fn job(text: &str) -> Job {
        let content = Some(Arc::new(text.as_bytes().to_vec()));
        Job { inputs: vec![Source { content, ..Source::new("crm.csv") }], ..Job::default() }
    }

    fn audit(path: &Path, text: &str) {
        let state = State::open(path, Mode::Write).unwrap();
        let frozen = frozen::frozen(&state).unwrap();
        let memory = Some(Arc::new(Memory::load(&state).unwrap()));
        let job = Job { freeze: frozen.is_none(), frozen, memory, ..job(text) };
        let mut outcome = pipeline::run(&job, &|_| ()).unwrap();
        outcome.audit = None;
        keep(&state, &outcome, "{}").unwrap();
        state.commit().unwrap();
    }

    fn place() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let (state, list) = (dir.path().join("state.db"), dir.path().join("suppress.txt"));
        (dir, state, list)
    }

    fn forget(state: &Path, list: &Path, who: &str) -> Result<Receipt> {
        let key = Key::new(KEY).unwrap();
        forget_in_state(&StateRequest { state, who, key: &key, list, date: "2026-11-23" })
    }

    /// Whether any spelling of a value stands anywhere in a file.
    fn holds(path: &Path, value: &str) -> bool {
        let bytes = std::fs::read(path).unwrap().to_ascii_lowercase();
        bytes.windows(value.len()).any(|w| w == value.as_bytes())
    }

    const VALUES: [&str; 4] = ["zebulon", "quartermain", "7946 0018", "zqx000"];

    #[test]
    fn nothing_of_the_person_stays_in_the_file() {
        for who in ["crm:ZQX0001", "zeb.quartermain@acme.com", "+44 20 7946 0018", "ZQX0002"] {
            let (dir, state, list) = place();
            audit(&state, &leads(""));
            // A second audit moves and rewrites rows: their like may stand in unused space.
            audit(&state, &leads("L90,Peter,Moss,peter@moss.org,,Moss,Oslo\n"));
            VALUES.iter().for_each(|value| assert!(holds(&state, value), "{value}"));
            let receipt = forget(&state, &list, who).unwrap();
            assert_eq!((receipt.records, receipt.suppressed), (2, 2), "{who}");
            assert_eq!(receipt.rows["record"], 2);
            assert_eq!(receipt.rows["known_meaning"], 2);
            assert!(receipt.rows["known_keys"] > 2);
            VALUES.iter().for_each(|value| assert!(!holds(&state, value), "{who}: {value}"));
            assert!(holds(&state, "moss"), "others stay");
            let others: Vec<_> = std::fs::read_dir(dir.path()).unwrap().collect();
            assert_eq!(others.len(), 2, "no journal is left: {others:?}");
            let again = forget(&state, &list, who).unwrap_err();
            assert_eq!(again.exit_code(), 2, "{again}");
            assert!(!again.to_string().to_lowercase().contains("zeb"), "{again}");
        }
    }

    #[test]
    fn the_id_is_a_tombstone_and_audits_and_imports_go_on() {
        let (_dir, state, list) = place();
        audit(&state, &leads(""));
        let query = |sql: &str| -> Vec<String> {
            let db = Connection::open(&state).unwrap();
            let mut statement = db.prepare(sql).unwrap();
            let found = statement.query_map([], |row| row.get(0)).unwrap();
            found.collect::<rusqlite::Result<Vec<String>>>().unwrap()
        };
        let sql =
            "SELECT p.id FROM person p JOIN record r ON r.person = p.no WHERE r.id = 'ZQX0001'";
        let id = query(sql).remove(0);
        forget(&state, &list, &id).unwrap();
        let left = query("SELECT id FROM person WHERE score IS NULL AND band IS NULL AND gone = 1");
        assert_eq!(left, std::slice::from_ref(&id));
        assert_eq!(query("SELECT text FROM receipt").len(), 1);
        let new = "Lead Id,First Name,Last Name,Email\nn,Zebulon,Quartermain,zeb.quartermain@acme.com\n\
                   m,Ana,Lopez0,ana0@rapid0.io\n";
        let read = State::open(&state, Mode::Read).unwrap();
        let import = known::compare(&job(new), &Known::open(&read).unwrap(), &|_| ()).unwrap();
        assert_eq!(import.known_records, 60, "62 without two");
        let kinds: Vec<_> = import.verdicts.iter().map(|v| v.kind).collect();
        assert_eq!(kinds, [known::VerdictKind::Duplicate, known::VerdictKind::New], "{kinds:?}");
        drop(read);
        // Who was not taken out of the database, too, comes back, as somebody else.
        audit(&state, &leads(""));
        assert_ne!(query(sql), std::slice::from_ref(&id));
        assert!(list.exists() && !holds(&list, "quartermain"));
    }

    #[test]
    fn what_cannot_be_forgotten_changes_nothing() {
        let (_dir, state, list) = place();
        assert_eq!(forget(&state, &list, "x").unwrap_err().exit_code(), 3);
        audit(&state, &leads(""));
        let before = std::fs::read(&state).unwrap();
        for (who, why) in
            [("nobody@nowhere.example", "nobody in this state"), ("p_0000000000000000", "nobody")]
        {
            let error = forget(&state, &list, who).unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
        }
        std::fs::write(&list, "what is this\n").unwrap();
        assert!(forget(&state, &list, "ZQX0001").is_err(), "a list that is none");
        assert_eq!(std::fs::read(&state).unwrap(), before);
        let held = State::open(&state, Mode::Write).unwrap();
        std::fs::remove_file(&list).unwrap();
        let error = forget(&state, &list, "ZQX0001").unwrap_err();
        assert_eq!(error.exit_code(), 4, "{error}");
        drop(held);
        assert!(forget(&state, &list, "ZQX0001").is_ok());
    }

    #[test]
    fn decisions_about_the_person_go_with_it() {
        let (_dir, state, list) = place();
        audit(&state, &leads(""));
        let db = Connection::open(&state).unwrap();
        db.execute_batch(
            "INSERT INTO decision (left_label, right_label, same, audit, left_record, right_record)
             SELECT 'crm:ZQX0001', 'crm:L0', 0, 1, a.no, b.no FROM record a, record b
             WHERE a.id = 'ZQX0001' AND b.id = 'L0';
             INSERT INTO decision (left_label, right_label, same, audit) VALUES ('gone', 'ZQX0002', 0, 1);
             INSERT INTO decision (left_label, right_label, same, audit) VALUES ('L1', 'L2', 0, 1)",
        )
        .unwrap();
        let receipt = forget(&state, &list, "ZQX0001").unwrap();
        assert_eq!(receipt.rows["decision"], 2);
        let left: i64 = db.query_row("SELECT count(*) FROM decision", [], |r| r.get(0)).unwrap();
        assert_eq!(left, 1);
    }
}
