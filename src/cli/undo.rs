//! Flags of `undo` and `apply`.

use super::FolderArgs;
use clap::Args;
use std::path::PathBuf;

/// Flags of `undo`.
#[derive(Debug, Args, Clone)]
#[command(after_help = "Examples:\n  \
    leadmend undo leads-leadmend -o restored               the input files, byte for byte\n  \
    leadmend undo leads-leadmend -o fixed --person 1041    these records are different people\n  \
    leadmend undo leads-leadmend -o fixed --record crm:88  this record is somebody else\n  \
    leadmend undo --db crm.db                              list what `audit --apply` wrote\n  \
    leadmend undo --db 'postgres://ana@db.example/crm' --run r_1f2e3d4c5b6a\n\n\
    Without --person and --record the original inputs come back. With them, NEW is a complete\n\
    result: those who part have their own fields, history, consent and score again, and everybody\n\
    else is as before. NEW/decisions.csv keeps them apart in the next run:\n  \
    leadmend clean leads.csv --decisions fixed/decisions.csv\n\n\
    The inputs may be gone: everything is in the run's journal.jsonl. Records that were held\n\
    together only by the record that is taken out part as well, and are named.\n\n\
    With --db the database is what it was before the run, to the last value and type, in one step; it\n\
    is refused when rows that the run wrote to were changed since.")]
pub struct UndoArgs {
    /// Output folder of a run
    #[arg(value_name = "DIR", required_unless_present = "db", conflicts_with = "db")]
    pub folder: Option<PathBuf>,
    /// Folder to write
    #[arg(long, short, value_name = "NEW", required_unless_present = "db", conflicts_with = "db")]
    pub output: Option<PathBuf>,
    /// Undo in a database what `audit --apply` wrote: FILE.db, sqlite://FILE or
    /// postgres://USER@HOST/DATABASE; without --run its runs are listed
    #[arg(long, value_name = "URL")]
    pub db: Option<PathBuf>,
    /// The run to undo
    #[arg(long, value_name = "ID", requires = "db")]
    pub run: Option<String>,
    /// Print as JSON (with --db)
    #[arg(long, requires = "db")]
    pub json: bool,
    /// Split a person, named by its id or by one of its records (repeatable)
    #[arg(long, value_name = "P", conflicts_with = "db")]
    pub person: Vec<String>,
    /// Take a record out of its person (repeatable)
    #[arg(long, value_name = "R", conflicts_with = "db")]
    pub record: Vec<String>,
    /// Replace an output folder of an earlier run
    #[arg(long)]
    pub force: bool,
    /// Print nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// Flags of `apply`.
#[derive(Debug, Args, Clone)]
#[command(after_help = "Examples:\n  \
    leadmend clean leads.csv --dry-run                     writes leads-leadmend-plan\n  \
    leadmend apply leads-leadmend-plan                     writes leads-leadmend\n  \
    leadmend apply plan --input moved/leads.csv -o cleaned\n\n\
    The persons, configuration, models and date are those of the plan. An input that has changed\n\
    since is refused with exit code 3.")]
pub struct ApplyArgs {
    /// A plan, as `clean --dry-run` wrote it
    #[arg(value_name = "DIR")]
    pub plan: PathBuf,
    /// Where the result goes.
    #[command(flatten)]
    pub folder: FolderArgs,
    /// The plan's input files, when they are not where they were
    #[arg(long = "input", value_name = "FILE")]
    pub inputs: Vec<PathBuf>,
    /// Worker threads; 0 for all cores (default: all cores)
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Print nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}
