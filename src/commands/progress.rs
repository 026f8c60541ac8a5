//! Progress on stderr: one line that names the stage, only for people and only when it takes long.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use leadmend::pipeline::Stage;
use std::io::IsTerminal;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

/// Runs shorter than this show nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// A line of progress; dropped, it is gone.
pub struct Progress {
    bar: ProgressBar,
    waiting: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Progress for a run; `silent` for none.
    pub fn start(silent: bool) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if silent || !std::io::stderr().is_terminal() {
            return Self { bar, waiting: None };
        }
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            bar.set_style(style);
        }
        let (sender, receiver) = mpsc::channel();
        let shown = bar.clone();
        let waiter = std::thread::spawn(move || {
            if receiver.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                shown.set_draw_target(ProgressDrawTarget::stderr());
                shown.enable_steady_tick(Duration::from_millis(100));
            }
        });
        Self { bar, waiting: Some((sender, waiter)) }
    }

    /// A stage begins.
    pub fn stage(&self, stage: Stage) {
        self.bar.set_message(stage.label());
    }

    /// Something that is no stage of the run begins.
    pub fn say(&self, what: &'static str) {
        self.bar.set_message(what);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((sender, waiter)) = self.waiting.take() {
            drop(sender);
            // The waiter only waits; it cannot fail.
            let _ = waiter.join();
        }
        self.bar.finish_and_clear();
    }
}
