//! How a failure is told, and which exit code it has.
//!
//! A user fixes a command or a file in one go, so mistakes that were found together are printed
//! together, one a line.

use leadmend::error::Error;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

/// Exit code of failures that have none of their own: something in the surroundings.
const OTHER: u8 = 4;
/// Exit code of a wrong command line.
const USAGE: u8 = 2;

/// Exit code of a verdict.
const VERDICT: u8 = 1;

/// The run went well and says no: each sentence is a reason.
#[derive(Debug)]
pub struct Verdict(pub Vec<String>);

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Verdict {}

/// Several mistakes found together.
#[derive(Debug, Default)]
pub struct Mistakes(Vec<Error>);

impl Mistakes {
    /// Notes a wrong use of the command line.
    pub fn usage(&mut self, what: impl Into<String>, remedy: impl Into<String>) {
        self.0.push(Error::usage(what, remedy));
    }

    /// Takes a value, or notes why there is none.
    pub fn take<T>(&mut self, result: Result<T, Error>) -> Option<T> {
        result.map_err(|error| self.0.push(error)).ok()
    }

    /// Fails when there is a mistake.
    pub fn check(self) -> anyhow::Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into()) }
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&all.join("\n"))
    }
}

impl std::error::Error for Mistakes {}

/// Prints what clap says: help and version go to stdout and are no failure.
pub fn explain_usage(asked: &clap::Error) -> ExitCode {
    let code = if asked.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS };
    match asked.print() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(OTHER),
        _ => code,
    }
}

/// Prints an error and gives its exit code.
pub fn print(error: &anyhow::Error) -> ExitCode {
    if is_broken_pipe(error) {
        return ExitCode::SUCCESS;
    }
    let (lines, code) = describe(error);
    let mut err = io::stderr().lock();
    for line in lines {
        // Names of files and headers may hold anything; a message is one line.
        let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        // Nobody is left to tell when stderr is closed; the exit code still says it.
        let _ = writeln!(err, "{line}");
    }
    ExitCode::from(code)
}

fn describe(error: &anyhow::Error) -> (Vec<String>, u8) {
    if let Some(Mistakes(all)) = error.downcast_ref::<Mistakes>() {
        let code = all.iter().map(Error::exit_code).min().unwrap_or(USAGE);
        return (all.iter().flat_map(lines_of).collect(), code);
    }
    if let Some(Verdict(sentences)) = error.downcast_ref::<Verdict>() {
        return (sentences.iter().map(|s| format!("failed: {s}")).collect(), VERDICT);
    }
    match error.downcast_ref::<Error>() {
        Some(error) => (lines_of(error), error.exit_code()),
        None => (vec![format!("error: {error:#}")], OTHER),
    }
}

/// One line, except for files with several mistakes: one line for each.
fn lines_of(error: &Error) -> Vec<String> {
    match error {
        Error::Config { file, mistakes, remedy } if mistakes.len() > 1 => {
            let mut lines = vec![format!("error: {file}: {} mistakes", mistakes.len())];
            lines.extend(mistakes.iter().map(|mistake| format!("  {mistake}")));
            lines.push(format!("  {remedy}"));
            lines
        }
        _ => vec![format!("error: {error}")],
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
            || cause
                .downcast_ref::<serde_json::Error>()
                .is_some_and(|e| e.io_error_kind() == Some(io::ErrorKind::BrokenPipe))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_told_together_and_the_worst_is_the_users() {
        let mut mistakes = Mistakes::default();
        mistakes.take::<()>(Err(Error::Empty { file: "a.csv".into() }));
        mistakes.usage("--merge-at 7 is no share", "give 0.7");
        let (lines, code) = describe(&mistakes.check().unwrap_err());
        assert_eq!(code, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.starts_with("error: ")));
    }

    #[test]
    fn each_mistake_of_a_file_has_its_line() {
        let error = Error::Config {
            file: "leadmend.toml".into(),
            mistakes: vec!["line 1: a".into(), "line 2: b".into()],
            remedy: "fix them".into(),
        };
        let (lines, code) = describe(&error.into());
        assert_eq!(code, 2);
        let wanted =
            ["error: leadmend.toml: 2 mistakes", "  line 1: a", "  line 2: b", "  fix them"];
        assert_eq!(lines, wanted);
    }

    #[test]
    fn a_closed_pipe_is_found_in_the_chain() {
        let closed = anyhow::Error::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert!(is_broken_pipe(&closed.context("printing")));
        assert!(!is_broken_pipe(&anyhow::anyhow!("something else")));
    }
}
