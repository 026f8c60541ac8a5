//! Ctrl-C: the run stops at once, nothing half-written stays behind, exit code 130.
//!
//! The handler runs on a thread of its own and removes the hidden folder itself, because the work
//! may be in the middle of a long computation that looks at no flag.

use leadmend::error::Result;
use leadmend::report::folder::OutputFolder;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Exit code after Ctrl-C, as shells expect it.
pub const EXIT_CODE: i32 = 130;

/// What an interrupt may still undo.
#[derive(Debug)]
enum State {
    /// Nothing has been published; this hidden folder is to be removed.
    Working(Option<PathBuf>),
    /// The result is being moved to its place, a matter of microseconds: too late to stop.
    Publishing,
    /// The result stands.
    Published(String),
    /// The handler is at work.
    Interrupted,
}

/// Files that an interrupt removes too, while nothing has been published.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

static STATE: Mutex<State> = Mutex::new(State::Working(None));

fn state() -> MutexGuard<'static, State> {
    // The state is whole at any time, so a panic elsewhere does not spoil it.
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Handles Ctrl-C from now on; `prepare` makes the hidden folder that is then to be removed.
pub fn watch(
    prepare: impl FnOnce() -> Result<Option<OutputFolder>>,
) -> Result<Option<OutputFolder>> {
    // Locked until the folder is known: an interrupt in between waits and then removes it.
    let mut now = state();
    // Without a handler (a host that allows none) Ctrl-C ends the process as it always does.
    let _ = ctrlc::set_handler(stop);
    let folder = prepare()?;
    *now = State::Working(folder.as_ref().map(|f| f.staging().to_path_buf()));
    Ok(folder)
}

/// A file that was made for this run and holds nothing yet.
pub fn unfinished(file: &Path) {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).push(file.to_path_buf());
}

/// From here on the result is being moved to its place.
pub fn begin_publishing() {
    loop {
        // Checked and set under one lock: after this, no interrupt takes the folder away.
        let mut now = state();
        if !matches!(*now, State::Interrupted) {
            *now = State::Publishing;
            return;
        }
        drop(now);
        give_way();
    }
}

/// The result stands in this folder.
pub fn published(folder: &str) {
    *state() = State::Published(folder.to_string());
}

/// Lets an interrupt that is being handled end the process: what goes wrong while the ground is
/// taken away is not worth a message.
pub fn give_way() {
    while matches!(*state(), State::Interrupted) {
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn stop() {
    let before = {
        let mut now = state();
        if matches!(*now, State::Publishing) {
            return;
        }
        std::mem::replace(&mut *now, State::Interrupted)
    };
    match before {
        State::Working(staging) => {
            if let Some(staging) = staging {
                remove(&staging);
            }
            for file in UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                // What cannot be removed holds nothing.
                let _ = std::fs::remove_file(file);
            }
            tell("interrupted; nothing was written");
        }
        State::Published(folder) => {
            tell(&format!("interrupted; the result is complete in {folder}"));
        }
        State::Publishing | State::Interrupted => {}
    }
    process::exit(EXIT_CODE);
}

fn tell(what: &str) {
    let mut err = std::io::stderr();
    // The line of progress, where there is one, gives way to the message.
    let clear = if err.is_terminal() { "\r\u{1b}[2K" } else { "" };
    // Nobody is left to tell when stderr is closed; the exit code still says it.
    let _ = writeln!(err, "{clear}{what}");
}

/// Removes a folder that other threads may still be writing to.
fn remove(folder: &Path) {
    for _ in 0..100 {
        if std::fs::remove_dir_all(folder).is_ok() || !folder.exists() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
