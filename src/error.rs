//! Errors that stop a run: where it happened, what is wrong, what to do about it.
//!
//! Bad *rows* never come here: they are rejects, counted and written out. Every message names the
//! file (without folders) and, where one is known, the line; none repeats a cell, because messages
//! end up in tickets and CI logs.

use std::io;

/// What a leadmend function returns when it can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a run stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The command line, or a value given on it, makes no sense.
    #[error("{what}; {remedy}")]
    Usage {
        /// What is wrong.
        what: String,
        /// What to do.
        remedy: String,
    },
    /// A configuration or model file is wrong; all its mistakes are listed.
    #[error("{file}: {}; {remedy}", .mistakes.join("; "))]
    Config {
        /// File name.
        file: String,
        /// Every mistake found, each with its line or key.
        mistakes: Vec<String>,
        /// What to do.
        remedy: String,
    },
    /// An input could not be opened or read.
    #[error("{file}: {}; {}", read_failure(.cause), read_remedy(.cause))]
    Read {
        /// File name.
        file: String,
        /// The system's reason.
        cause: io::Error,
    },
    /// The file holds nothing at all.
    #[error("{file}: the file is empty; check that the export finished")]
    Empty {
        /// File name.
        file: String,
    },
    /// The file has a header and no record.
    #[error("{file} line {line}: a header and no record follows; export again with rows selected")]
    NoRecords {
        /// File name.
        file: String,
        /// Line of the header.
        line: u32,
    },
    /// The bytes are not text, or not a text format that is read.
    #[error("{file}{}: {what}; {remedy}", at_line(.line))]
    Format {
        /// File name.
        file: String,
        /// Line, where one is known.
        line: Option<u32>,
        /// What the bytes are.
        what: String,
        /// What to do.
        remedy: String,
    },
    /// The bytes do not fit the encoding they were to be read as.
    #[error("{file}: {what}; {remedy}")]
    Encoding {
        /// File name.
        file: String,
        /// What does not fit.
        what: String,
        /// What to do.
        remedy: String,
    },
    /// A compressed file that is damaged, or that expands beyond all measure.
    #[error("{file}: {what}; {remedy}")]
    Compression {
        /// File name.
        file: String,
        /// What is wrong with it.
        what: String,
        /// What to do.
        remedy: String,
    },
    /// More than 4,294,967,294 records, or more than 4 GiB of distinct text in one column.
    #[error("{file}: {what}; split the file and give the parts as several inputs")]
    TooLarge {
        /// File name.
        file: String,
        /// Which limit.
        what: String,
    },
    /// Activities that cannot be told whose they are.
    #[error("{what}")]
    Bind {
        /// What is wrong and what to do.
        what: String,
    },
    /// More rows were rejected than the user allows.
    #[error(
        "{file}: {rejected} of {rows} rows rejected, the first at line {line} ({reason}); \
         mend these rows, give --delimiter or --encoding, keep them with --flexible, or raise \
         --max-reject-rate"
    )]
    TooManyRejects {
        /// File name.
        file: String,
        /// Rows rejected.
        rejected: u64,
        /// Rows seen.
        rows: u64,
        /// Line of the first rejected row.
        line: u32,
        /// Its reason.
        reason: String,
    },
    /// An output could not be written.
    #[error("{file}: could not be written ({cause}); check the folder, its rights and free space")]
    Write {
        /// File or folder name.
        file: String,
        /// The system's reason.
        cause: io::Error,
    },
    /// An input is not what it was.
    #[error("{file}: {what}; {remedy}")]
    Changed {
        /// File name.
        file: String,
        /// What is another.
        what: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The output folder is there already, or is not ours to replace.
    #[error("{file}: {what}; {remedy}")]
    Output {
        /// Folder name.
        file: String,
        /// What is wrong.
        what: String,
        /// What to do.
        remedy: String,
    },
}

impl Error {
    /// The process exit code: 2 usage, config or model file, 3 input, 4 output.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Usage { .. } | Error::Config { .. } => 2,
            Error::Read { .. }
            | Error::Empty { .. }
            | Error::NoRecords { .. }
            | Error::Format { .. }
            | Error::Encoding { .. }
            | Error::Compression { .. }
            | Error::TooLarge { .. }
            | Error::Bind { .. }
            | Error::Changed { .. }
            | Error::TooManyRejects { .. } => 3,
            Error::Write { .. } | Error::Output { .. } => 4,
        }
    }

    /// A mistake on the command line.
    pub fn usage(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Error::Usage { what: what.into(), remedy: remedy.into() }
    }
}

fn read_failure(cause: &io::Error) -> String {
    match cause.kind() {
        io::ErrorKind::NotFound => "no such file".into(),
        io::ErrorKind::PermissionDenied => "no right to read it".into(),
        io::ErrorKind::IsADirectory => "is a folder".into(),
        _ => format!("could not be read ({cause})"),
    }
}

fn read_remedy(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::NotFound => "check the spelling and the current folder",
        io::ErrorKind::PermissionDenied => "change its rights or copy it",
        io::ErrorKind::IsADirectory => "give the file inside it",
        _ => "copy it to a local disk and try again",
    }
}

fn at_line(line: &Option<u32>) -> String {
    line.map(|line| format!(" line {line}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_has_its_exit_code() {
        let gone = Error::Read { file: "a.csv".into(), cause: io::ErrorKind::NotFound.into() };
        let cases = [
            (Error::usage("no input", "name a file"), 2, "no input; name a file"),
            (gone, 3, "a.csv: no such file; check the spelling and the current folder"),
            (
                Error::NoRecords { file: "a.csv".into(), line: 4 },
                3,
                "a.csv line 4: a header and no record follows; export again with rows selected",
            ),
            (
                Error::Write { file: "out".into(), cause: io::Error::other("disk full") },
                4,
                "out: could not be written (disk full); check the folder, its rights and free space",
            ),
        ];
        for (error, code, text) in cases {
            assert_eq!(error.exit_code(), code, "{error}");
            assert_eq!(error.to_string(), text);
        }
    }
}
