//! The memory of audits: one SQLite file that knows who was who.
//!
//! Beside the flow: a run without a state needs nothing of this. With one, the pipeline asks it which
//! records were there before and which id their person had, and an audit ends by writing what it
//! learned. Why a database: a killed process must leave the file as it was before or as it is after,
//! and a look-up must not read all of it.
//!
//! An audit holds the writer's lock from its first look at the state to its end, so that two of them
//! never decide from the same past; whoever only reads is not in their way. Everything an audit
//! writes is one transaction. Columns and migrations are in `schema`.

pub mod audit;
pub mod drift;
mod erase;
pub mod frozen;
mod keep;
pub mod known;
pub mod lineage;
mod memory;
mod past;
mod recognize;
mod schema;
mod signature;
mod words;

use crate::error::{Error, Result};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use erase::Erased;
pub use keep::{Kept, keep};
pub use memory::Memory;
pub use past::Past;
pub use schema::VERSION;

/// How the file is called when nobody says otherwise.
pub const FILE: &str = "leadmend-state.db";

/// How long another process' lock is waited for: an audit holds it for minutes, so that waiting
/// longer would only hide the message.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long readers are waited for when everything is ready to be kept.
const LAST_PATIENCE: Duration = Duration::from_secs(60);
const NO_STATE: &str = "is no state of leadmend";
const OTHER_FILE: &str = "name another file with --state; this one is left alone";
/// How often a state is opened that somebody else has just removed.
const TRIES: u32 = 5;

/// What a state is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Looking things up: one snapshot, beside any audit.
    Read,
    /// An audit: nobody else may write until it is committed or dropped.
    Write,
}

/// An open state. Dropped without [`State::commit`], the file is as it was before, or absent.
#[derive(Debug)]
pub struct State {
    connection: Connection,
    path: PathBuf,
    mode: Mode,
    /// The file holds nothing before this transaction.
    is_new: bool,
}

impl State {
    /// Opens a state; for writing it is made where there is none.
    ///
    /// # Errors
    /// [`Error::Output`] when another audit holds it, [`Error::Write`] when it cannot be written,
    /// [`Error::Read`] when there is none to read, and [`Error::Format`] for what is no state, is
    /// damaged, or was written by a newer leadmend.
    pub fn open(path: &Path, mode: Mode) -> Result<Self> {
        for _ in 0..TRIES {
            if let Some(state) = Self::try_open(path, mode)? {
                return Ok(state);
            }
        }
        Err(held(path))
    }

    /// `None` when the file was removed between finding and locking it.
    fn try_open(path: &Path, mode: Mode) -> Result<Option<Self>> {
        match mode {
            Mode::Read => {
                let there = fs::metadata(path);
                there.map_err(|cause| Error::Read { file: name_of(path), cause })?;
            }
            Mode::Write => make(path)?,
        };
        let file = identity(path);
        if is_foreign(path) {
            // Seen without SQLite: somebody else's database is not even locked.
            return Err(refused(path, NO_STATE, OTHER_FILE));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        // Reading may have to roll back what a killed audit left; without the right to write the
        // file, it is read as it is.
        let connection =
            Connection::open_with_flags(path, flags).map_err(|cause| failed(path, mode, &cause))?;
        let mut state = Self { connection, path: path.to_path_buf(), mode, is_new: false };
        let begun = state.begin();
        if mode == Mode::Write && identity(path) != file {
            // Whoever made the file gave up and took it away: what we hold has no name.
            return Ok(None);
        }
        begun?;
        if mode == Mode::Write {
            // Only under the lock: a file that another process made and writes is not ours to remove.
            state.is_new = state.is_blank()?;
        }
        state.check_and_migrate()?;
        Ok(Some(state))
    }

    /// A state in memory, of one run that a frozen model decided: what an audit would have kept.
    ///
    /// # Errors
    /// [`Error::Write`] when memory ends.
    pub fn of_run(outcome: &crate::pipeline::Outcome, keep: known::Keep) -> Result<Self> {
        let path = PathBuf::from("the known records");
        let failed = |cause: &rusqlite::Error| failed(&path, Mode::Write, cause);
        let connection = Connection::open_in_memory().map_err(|cause| failed(&cause))?;
        let state = Self { connection, path: path.clone(), mode: Mode::Read, is_new: false };
        let made = schema::create(&state.connection);
        made.and_then(|()| known::fill(&state.connection, outcome, keep))
            .map_err(|cause| failed(&cause))?;
        Ok(state)
    }

    /// Keeps one run that a frozen model decided, in a state that is new: what an audit would have
    /// kept of it for look-ups and imports.
    ///
    /// # Errors
    /// [`Error::Write`] when the disk is full.
    pub fn keep_run(&self, outcome: &crate::pipeline::Outcome, keep: known::Keep) -> Result<()> {
        known::fill(&self.connection, outcome, keep).map_err(|cause| self.failed(&cause))
    }

    fn begin(&self) -> Result<()> {
        self.connection.busy_timeout(PATIENCE).map_err(|cause| self.failed(&cause))?;
        // The file may come from anywhere: nothing in it may call functions. What is deleted is
        // overwritten, because it may be what somebody asked to be forgotten.
        self.run(
            "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA secure_delete = ON;
             PRAGMA cache_size = -65536; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY",
        )?;
        self.run(if self.mode == Mode::Write { "BEGIN IMMEDIATE" } else { "BEGIN" })
    }

    fn check_and_migrate(&mut self) -> Result<()> {
        if self.is_blank()? {
            if self.mode == Mode::Read {
                return Err(self.refused("holds no audit yet", "run leadmend audit first"));
            }
            return self.create();
        }
        let application: i64 = self.pragma("application_id")?;
        if application != schema::APPLICATION {
            return Err(self.refused(NO_STATE, OTHER_FILE));
        }
        let version = schema::version(&self.connection).map_err(|cause| self.failed(&cause))?;
        if version > VERSION {
            let what = format!(
                "was written by a newer leadmend (schema {version}, this one knows {VERSION})"
            );
            return Err(self.refused(&what, "use that version; the file is left as it is"));
        }
        if version == VERSION {
            return Ok(());
        }
        if self.mode == Mode::Read {
            // An older state is brought up to date once, whoever opens it.
            self.run("ROLLBACK; BEGIN IMMEDIATE")?;
        }
        // Another process may have migrated meanwhile.
        let version = schema::version(&self.connection).map_err(|cause| self.failed(&cause))?;
        schema::migrate(&self.connection, version).map_err(|cause| self.failed(&cause))?;
        if self.mode == Mode::Read {
            self.run("COMMIT; BEGIN")?;
        }
        Ok(())
    }

    fn create(&self) -> Result<()> {
        schema::create(&self.connection).map_err(|cause| self.failed(&cause))
    }

    /// True for a file in which nothing was ever written.
    fn is_blank(&self) -> Result<bool> {
        let sql = "SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)";
        let blank: bool = self
            .connection
            .query_row(sql, [], |row| row.get(0))
            .map_err(|cause| self.failed(&cause))?;
        Ok(blank && self.pragma("application_id")? == 0)
    }

    fn pragma(&self, name: &str) -> Result<i64> {
        self.connection
            .pragma_query_value(None, name, |row| row.get(0))
            .map_err(|cause| self.failed(&cause))
    }

    fn run(&self, sql: &str) -> Result<()> {
        self.connection.execute_batch(sql).map_err(|cause| self.failed(&cause))
    }

    /// Keeps everything that was written since the state was opened.
    ///
    /// # Errors
    /// [`Error::Write`] when the disk is full or readers do not let go; the state is then as before.
    pub fn commit(mut self) -> Result<()> {
        let patient = self.connection.busy_timeout(LAST_PATIENCE);
        patient.map_err(|cause| self.failed(&cause))?;
        self.run("COMMIT")?;
        self.is_new = false;
        Ok(())
    }

    /// True until the first audit is committed: the file holds nothing.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The database, within the transaction.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The sentence for what SQLite says.
    pub(crate) fn failed(&self, cause: &rusqlite::Error) -> Error {
        failed(&self.path, self.mode, cause)
    }

    fn refused(&self, what: &str, remedy: &str) -> Error {
        refused(&self.path, what, remedy)
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if self.is_new {
            // Still under the lock: nobody else can have written the file.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Makes an empty file that only its owner may read, where there is none.
fn make(path: &Path) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
            restrict(path);
            Ok(())
        }
        Err(cause) => Err(Error::Write { file: name_of(path), cause }),
    }
}

/// A state that others could read no longer is; whose it is not cannot change that, and need not.
fn restrict(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let plain =
            fs::metadata(path).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o77 > 0);
        if plain && is_state(path) {
            let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o600));
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// Whether a file is a state, by its first bytes; it is closed before SQLite opens it, because
/// closing a file lets go of all locks this process has on it.
pub fn is_state(path: &Path) -> bool {
    use std::io::Read;
    let mut head = [0; 72];
    let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok()
        && head.starts_with(crate::source::sqlite::MAGIC)
        && head[68..72] == (schema::APPLICATION as u32).to_be_bytes()
}

/// A file that is something else. What a killed audit left beside it may still have to make it what
/// it was, and then only SQLite can say.
fn is_foreign(path: &Path) -> bool {
    let mut journal = path.as_os_str().to_os_string();
    journal.push("-journal");
    let filled = fs::metadata(path).is_ok_and(|file| !file.is_file() || file.len() > 0);
    filled && !is_state(path) && fs::metadata(journal).is_err()
}

/// What tells a file from another one of the same name.
#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

/// Where an open file cannot be removed, it is what it was.
#[cfg(not(unix))]
fn identity(_path: &Path) -> Option<(u64, u64)> {
    None
}

fn held(path: &Path) -> Error {
    Error::Output {
        file: name_of(path),
        what: "another audit is writing this state".into(),
        remedy: "wait or use another --state".into(),
    }
}

fn refused(path: &Path, what: &str, remedy: &str) -> Error {
    Error::Format {
        file: name_of(path),
        line: None,
        what: what.to_string(),
        remedy: remedy.to_string(),
    }
}

/// SQLite's own words may repeat what is in the file: only what kind of failure it was is said.
fn failed(path: &Path, mode: Mode, cause: &rusqlite::Error) -> Error {
    let file = || name_of(path);
    let write = |kind: io::ErrorKind| Error::Write { file: file(), cause: kind.into() };
    match cause.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => held(path),
        Some(ErrorCode::NotADatabase) => refused(path, NO_STATE, OTHER_FILE),
        Some(ErrorCode::DiskFull) => write(io::ErrorKind::StorageFull),
        Some(ErrorCode::OutOfMemory) => write(io::ErrorKind::OutOfMemory),
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly)
            if mode == Mode::Read =>
        {
            Error::Read { file: file(), cause: io::ErrorKind::PermissionDenied.into() }
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            write(io::ErrorKind::PermissionDenied)
        }
        Some(ErrorCode::SystemIoFailure) if mode == Mode::Write => {
            let cause = io::Error::other("the system refuses reading or writing");
            Error::Write { file: file(), cause }
        }
        Some(ErrorCode::SystemIoFailure) => {
            Error::Read { file: file(), cause: io::Error::other("the system refuses reading") }
        }
        _ => refused(
            path,
            "is damaged",
            "take a copy from before, or begin anew with another --state: ids of persons then begin \
             anew, too",
        ),
    }
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests;
