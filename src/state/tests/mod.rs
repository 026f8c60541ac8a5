mod audit;
mod people;

use super::*;
use proptest::prelude::*;
use rusqlite::Connection;
use tempfile::TempDir;

/// As one transaction, because each would wait for the disk.
const VERSION_0: &str =
    concat!("BEGIN;", include_str!("../../../fixtures/state/version-0.sql"), "COMMIT;");

fn dir() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn note(state: &State, key: &str) {
    let sql = "INSERT OR REPLACE INTO meta (key, value) VALUES (?1, 'there')";
    state.connection().execute(sql, [key]).unwrap();
}

fn has(state: &State, key: &str) -> bool {
    let sql = "SELECT EXISTS (SELECT 1 FROM meta WHERE key = ?1)";
    state.connection().query_row(sql, [key], |row| row.get(0)).unwrap()
}

/// Tables and columns, to compare states by.
fn shape(connection: &Connection) -> Vec<(String, String)> {
    let sql = "SELECT t.name, group_concat(c.name || ' ' || c.type || ' ' || c.\"notnull\", ', ')
               FROM sqlite_schema t, pragma_table_info(t.name) c
               WHERE t.type = 'table' GROUP BY t.name ORDER BY t.name";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(|row| row.unwrap()).collect()
}

#[test]
fn what_is_committed_is_there_and_what_is_dropped_was_never_there() {
    let dir = dir();
    let path = dir.path().join(FILE);
    let state = State::open(&path, Mode::Write).unwrap();
    note(&state, "first");
    drop(state);
    assert!(!path.exists(), "a first audit that failed leaves no file");
    let state = State::open(&path, Mode::Write).unwrap();
    assert!(!has(&state, "first"));
    note(&state, "second");
    state.commit().unwrap();
    let state = State::open(&path, Mode::Write).unwrap();
    assert!(has(&state, "second"));
    note(&state, "third");
    drop(state);
    let state = State::open(&path, Mode::Read).unwrap();
    assert!(has(&state, "second") && !has(&state, "third"));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing lies beside it");
}

#[cfg(unix)]
#[test]
fn only_its_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let dir = dir();
    let path = dir.path().join(FILE);
    let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    State::open(&path, Mode::Write).unwrap().commit().unwrap();
    assert_eq!(mode(), 0o600);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    State::open(&path, Mode::Write).unwrap().commit().unwrap();
    assert_eq!(mode(), 0o600, "a copy that others could read");
}

#[test]
fn one_writer_and_any_number_of_readers() {
    let dir = dir();
    let path = dir.path().join(FILE);
    State::open(&path, Mode::Write).unwrap().commit().unwrap();
    let writer = State::open(&path, Mode::Write).unwrap();
    note(&writer, "new");
    let reader = State::open(&path, Mode::Read).unwrap();
    assert!(!has(&reader, "new"), "a reader sees what is committed");
    let second = State::open(&path, Mode::Write).unwrap_err();
    assert_eq!(second.exit_code(), 4);
    let said = second.to_string();
    assert_eq!(
        said,
        "leadmend-state.db: another audit is writing this state; wait or use another --state"
    );
    drop(reader);
    writer.commit().unwrap();
    assert!(has(&State::open(&path, Mode::Read).unwrap(), "new"));
}

#[test]
fn a_writer_that_gives_up_a_new_file_takes_nothing_from_the_next() {
    let dir = dir();
    let path = dir.path().join(FILE);
    let first = State::open(&path, Mode::Write).unwrap();
    let next = std::thread::spawn({
        let path = path.clone();
        move || {
            let state = State::open(&path, Mode::Write).unwrap();
            note(&state, "kept");
            state.commit().unwrap();
        }
    });
    std::thread::sleep(Duration::from_millis(300));
    drop(first);
    next.join().unwrap();
    assert!(has(&State::open(&path, Mode::Read).unwrap(), "kept"));
}

#[test]
fn what_is_no_state_is_refused_and_left_alone() {
    let dir = dir();
    let database = |name: &str, sql: &str| {
        let path = dir.path().join(name);
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        path
    };
    let text = dir.path().join("notes.db");
    std::fs::write(&text, "dear diary\n".repeat(500)).unwrap();
    let short = dir.path().join("short.db");
    std::fs::write(&short, "x").unwrap();
    let newer = "PRAGMA application_id = 1282233204; CREATE TABLE meta (key TEXT, value);
                 INSERT INTO meta VALUES ('schema_version', 99)";
    let unnumbered = "PRAGMA application_id = 1282233204; CREATE TABLE meta (key TEXT, value)";
    let cases = [
        (text, "is no state of leadmend"),
        (short, "is no state of leadmend"),
        (database("crm.db", "CREATE TABLE leads (id)"), "is no state of leadmend"),
        (database("newer.db", newer), "newer leadmend (schema 99, this one knows 2)"),
        (database("damaged.db", unnumbered), "is damaged"),
    ];
    for (path, why) in &cases {
        let before = std::fs::read(path).unwrap();
        for mode in [Mode::Read, Mode::Write] {
            let error = State::open(path, mode).unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
            assert_eq!(error.exit_code(), 3, "{error}");
        }
        assert_eq!(std::fs::read(path).unwrap(), before, "{why}");
    }
}

#[test]
fn reading_needs_a_state_that_is_there() {
    let dir = dir();
    let path = dir.path().join(FILE);
    let gone = State::open(&path, Mode::Read).unwrap_err();
    assert!(gone.to_string().contains("no such file"), "{gone}");
    assert!(!path.exists());
    std::fs::write(&path, "").unwrap();
    let empty = State::open(&path, Mode::Read).unwrap_err();
    assert!(empty.to_string().contains("holds no audit yet"), "{empty}");
    let nowhere = dir.path().join("no").join(FILE);
    assert_eq!(State::open(&nowhere, Mode::Write).unwrap_err().exit_code(), 4);
}

#[test]
fn an_older_state_becomes_todays_and_keeps_what_it_knew() {
    for mode in [Mode::Read, Mode::Write] {
        let dir = dir();
        let (old, new) = (dir.path().join("old.db"), dir.path().join("new.db"));
        Connection::open(&old).unwrap().execute_batch(VERSION_0).unwrap();
        let state = State::open(&old, mode).unwrap();
        let made = State::open(&new, Mode::Write).unwrap();
        assert_eq!(shape(state.connection()), shape(made.connection()), "{mode:?}");
        let version = schema::version(state.connection()).unwrap();
        assert_eq!(version, VERSION);
        let sql = "SELECT count(*), sum(content), (SELECT count(*) FROM person) FROM record";
        let kept: (i64, i64, i64) = state
            .connection()
            .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .unwrap();
        assert_eq!(kept, (4, 110, 4));
    }
}

#[test]
fn a_migration_is_part_of_the_audit() {
    let dir = dir();
    let path = dir.path().join("old.db");
    Connection::open(&path).unwrap().execute_batch(VERSION_0).unwrap();
    drop(State::open(&path, Mode::Write).unwrap());
    let version = schema::version(&Connection::open(&path).unwrap()).unwrap();
    assert_eq!(version, 0, "an audit that failed leaves the state as it was");
}

#[test]
fn a_full_disk_leaves_the_state_as_it_was() {
    let dir = dir();
    let path = dir.path().join(FILE);
    let state = State::open(&path, Mode::Write).unwrap();
    note(&state, "before");
    state.commit().unwrap();
    let before = std::fs::read(&path).unwrap();
    let state = State::open(&path, Mode::Write).unwrap();
    let pages: i64 = state.pragma("page_count").unwrap();
    state.connection().pragma_update(None, "max_page_count", pages + 2).unwrap();
    let sql = "INSERT INTO meta (key, value) VALUES (?1, zeroblob(4000))";
    let full = (0..100).find_map(|i| state.connection().execute(sql, [i]).err()).unwrap();
    let error = state.failed(&full);
    assert_eq!(error.exit_code(), 4);
    assert!(error.to_string().contains("leadmend-state.db: could not be written"), "{error}");
    drop(state);
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert!(has(&State::open(&path, Mode::Read).unwrap(), "before"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn damaged_files_are_refused_and_never_a_panic(
        at in 0usize..40_000, bytes in prop::collection::vec(any::<u8>(), 1..60),
        end in 0usize..60_000,
    ) {
        let dir = dir();
        let path = dir.path().join(FILE);
        Connection::open(&path).unwrap().execute_batch(VERSION_0).unwrap();
        let mut file = std::fs::read(&path).unwrap();
        let at = at % file.len();
        for (slot, byte) in file[at..].iter_mut().zip(&bytes) {
            *slot = *byte;
        }
        file.truncate(end);
        std::fs::write(&path, &file).unwrap();
        for mode in [Mode::Read, Mode::Write] {
            if let Err(error) = State::open(&path, mode) {
                prop_assert!([3, 4].contains(&error.exit_code()), "{}", error);
            }
        }
    }
}
