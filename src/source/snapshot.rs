//! The databases a run has open: leads and activities of one database are one state of it.
//!
//! Each database is opened once, in a read-only transaction, and everything a run reads of it is
//! read there: a program that writes between two tables cannot tear them apart. Closed as soon as
//! all is read, because a transaction left open keeps others from altering its tables.

use super::sqlite;
use crate::error::Result;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[cfg(feature = "postgres")]
use super::{postgres::Session, server::Server};

/// Open databases; clones share them.
#[derive(Clone, Default)]
pub struct Snapshot(Arc<Mutex<Open>>);

#[derive(Default)]
struct Open {
    files: Vec<(PathBuf, rusqlite::Connection)>,
    #[cfg(feature = "postgres")]
    servers: Vec<(Server, Session)>,
}

impl Snapshot {
    /// Closes them.
    pub fn close(&self) {
        *self.open() = Open::default();
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        // What is open is whole at any time, so a panic elsewhere does not spoil it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads from a database file.
    pub(super) fn with_file<T>(
        &self,
        path: &Path,
        file: &str,
        read: impl FnOnce(&rusqlite::Connection) -> Result<T>,
    ) -> Result<T> {
        let mut open = self.open();
        if let Some((_, database)) = open.files.iter().find(|(known, _)| known == path) {
            return read(database);
        }
        let database = sqlite::open_snapshot(path, file)?;
        let found = read(&database);
        open.files.push((path.to_path_buf(), database));
        found
    }

    /// Reads from a database on a server.
    #[cfg(feature = "postgres")]
    pub(super) fn with_server<T>(
        &self,
        server: &Server,
        read: impl FnOnce(&mut Session) -> Result<T>,
    ) -> Result<T> {
        let mut open = self.open();
        if let Some((_, session)) = open.servers.iter_mut().find(|(known, _)| known == server) {
            return read(session);
        }
        let mut session = Session::open(server)?;
        session.begin_reading()?;
        let found = read(&mut session);
        open.servers.push((server.clone(), session));
        found
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Snapshot")
    }
}
