//! One file per subcommand, thin: flags to library types, library results to text.

pub mod apply;
pub mod audit;
pub mod calibrate;
pub mod check;
pub mod clean;
pub mod decisions;
pub mod evaluate;
pub mod explain;
pub mod failure;
pub mod forget;
pub mod init;
pub mod interrupt;
pub mod known;
pub mod lookup;
pub mod model;
pub mod profile;
pub mod progress;
pub mod score;
pub mod settings;
pub mod shell;
pub mod suppress;
pub mod suppression;
pub mod undo;
pub mod verify;

use std::io::{self, Write};

/// Prints to stdout. Unlike `println!`, a closed pipe is an error that `main` can forgive.
pub fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
