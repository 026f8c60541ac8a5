//! A file as it is in a git commit: `git:REF:PATH`, for comparing with data that was accepted.
//!
//! git itself is asked, without a shell in between: it knows packed objects, worktrees and partial
//! clones, and nothing of what a user types is run.

use crate::error::{Error, Result};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// What such a name begins with.
const PREFIX: &str = "git:";

/// A file in a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitFile {
    /// Branch, tag or commit.
    pub reference: String,
    /// Path from the top of the repository.
    pub path: String,
}

impl GitFile {
    /// Reads `git:REF:PATH`; `None` for what does not begin so.
    ///
    /// # Errors
    /// [`Error::Usage`] where a part is missing, or git would take it for an option.
    pub fn parse(given: &str) -> Option<Result<Self>> {
        let rest = given.strip_prefix(PREFIX)?;
        let parts = rest.split_once(':').filter(|(reference, path)| {
            !reference.is_empty() && !path.is_empty() && !reference.starts_with('-')
        });
        let file = parts.map(|(reference, path)| Self {
            reference: reference.to_string(),
            path: path.to_string(),
        });
        Some(file.ok_or_else(|| {
            Error::usage(
                "--previous git:... is not git:REF:PATH",
                "write for example --previous git:origin/main:data/leads.csv",
            )
        }))
    }

    /// The bytes of the file, asked in a folder of the repository.
    ///
    /// # Errors
    /// [`Error::Format`] (an input that cannot be read) that says which part is not there.
    pub fn read(&self, folder: &Path) -> Result<Vec<u8>> {
        let object = format!("{}:{}", self.reference, self.path);
        let shown = self.git(folder, &["show", &object])?;
        if shown.status.success() && self.is_file(folder, &object)? {
            return Ok(shown.stdout);
        }
        Err(self.why_not(folder)?)
    }

    /// git shows folders too, as a list of names.
    fn is_file(&self, folder: &Path, object: &str) -> Result<bool> {
        let kind = self.git(folder, &["cat-file", "-t", object])?;
        Ok(kind.stdout.trim_ascii() == b"blob")
    }

    fn why_not(&self, folder: &Path) -> Result<Error> {
        if !self.git(folder, &["rev-parse", "--git-dir"])?.status.success() {
            let remedy = "run it inside the repository, or give the file itself";
            return Ok(self.failed("this folder is in no git repository", remedy));
        }
        let commit = format!("{}^{{commit}}", self.reference);
        let known = self.git(folder, &["rev-parse", "--verify", "--quiet", &commit])?;
        if !known.status.success() {
            let remedy = "fetch it first; CI services fetch one commit unless told otherwise \
                          (GitHub: fetch-depth: 0, GitLab: GIT_DEPTH: 0)";
            return Ok(self.failed("git knows no such branch, tag or commit here", remedy));
        }
        let remedy = "give the path from the top of the repository; on the first run there is \
                      nothing to compare with, leave --previous out";
        Ok(self.failed("that commit has no such file", remedy))
    }

    fn git(&self, folder: &Path, arguments: &[&str]) -> Result<Output> {
        Command::new("git")
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .env("LC_ALL", "C")
            .env("GIT_TERMINAL_PROMPT", "0")
            .output()
            .map_err(|_| {
                let remedy = "install git, or give the earlier file itself";
                self.failed("git could not be started", remedy)
            })
    }

    fn failed(&self, what: &str, remedy: &str) -> Error {
        let file = format!("{PREFIX}{}:{}", self.reference, self.name());
        Error::Format { file, line: None, what: what.into(), remedy: remedy.into() }
    }

    /// File name without folders.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn git(folder: &Path, arguments: &[&str]) {
        let done = Command::new("git").args(arguments).current_dir(folder).output().unwrap();
        assert!(done.status.success(), "git {arguments:?}: {done:?}");
    }

    #[test]
    fn names_have_a_ref_and_a_path() {
        assert!(GitFile::parse("data/leads.csv").is_none());
        let parsed = GitFile::parse("git:origin/main:data/leads.csv").unwrap().unwrap();
        assert_eq!((parsed.reference.as_str(), parsed.name()), ("origin/main", "leads.csv"));
        for given in ["git:", "git:main", "git:main:", "git::x", "git:--output=x:y"] {
            assert_eq!(GitFile::parse(given).unwrap().unwrap_err().exit_code(), 2, "{given}");
        }
    }

    #[test]
    fn a_file_is_read_from_a_commit_and_what_is_missing_is_said() {
        if Command::new("git").arg("--version").output().is_err() {
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path();
        let read = |reference: &str, path: &str| {
            GitFile { reference: reference.into(), path: path.into() }.read(at)
        };
        // A folder above may be a repository: then the branch is what is missing.
        assert_eq!(read("no-such-branch", "a.csv").unwrap_err().exit_code(), 3);
        git(at, &["init", "--quiet", "--initial-branch=main"]);
        std::fs::create_dir(at.join("data")).unwrap();
        let bytes = b"id\r\n1\r\n\xff";
        std::fs::write(at.join("data/a b;$(x).csv"), bytes).unwrap();
        git(at, &["add", "."]);
        let who = ["-c", "user.name=t", "-c", "user.email=t@x.example"];
        git(
            at,
            &[&who[..], &["-c", "commit.gpgsign=false", "commit", "--quiet", "-m", "x"]].concat(),
        );
        std::fs::write(at.join("data/a b;$(x).csv"), "changed").unwrap();
        assert_eq!(read("main", "data/a b;$(x).csv").unwrap(), bytes, "byte for byte");
        for (reference, path, part) in [
            ("gone", "data/a.csv", "no such branch"),
            ("main", "data/gone.csv", "no such file"),
            ("main", "data", "no such file"),
        ] {
            let error = read(reference, path).unwrap_err();
            assert_eq!(error.exit_code(), 3);
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
