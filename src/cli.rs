//! The command line: clap types only. What the flags mean is decided in `commands`.
//!
//! Help, completions and the man page come from these definitions.

mod audit;
mod calibrate;
mod check;
mod forget;
mod lookup;
mod model;
mod profile;
mod repair;
mod run;
mod score;
mod undo;
mod verify;
mod writeback;

pub use audit::AuditArgs;
pub use calibrate::CalibrateArgs;
pub use check::{CheckArgs, FailOn, ReportFormat};
pub use forget::{ForgetArgs, SuppressArgs};
pub use lookup::LookupArgs;
pub use model::{
    ModelArgs, ModelCommand, ModelDiffArgs, ModelInitArgs, ModelLintArgs, ModelShowArgs, ShowFormat,
};
pub use profile::ProfileArgs;
pub use repair::{CountryFormat, Level, PhoneFormat, PostcodeFormat, RepairArgs};
pub use run::{FolderArgs, RunArgs};
pub use score::ScoreArgs;
pub use undo::{ApplyArgs, UndoArgs};
pub use verify::VerifyArgs;
pub use writeback::Losers;

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Makes a lead database true: one profile per person, every activity on it, and a score that is
/// neither too low nor too high.
#[derive(Debug, Parser)]
#[command(
    name = "leadmend",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "Examples:\n  \
        leadmend clean leads.csv\n  \
        leadmend clean leads.csv --activities activities.csv --model scoring.toml\n  \
        leadmend explain crm:1041 crm:2210\n\n\
        Exit codes: 0 done; 1 the verdict; 2 usage, config or model file;\n\
        3 input could not be read; 4 output could not be written.\n\
        Ctrl-C: 130, and nothing is written. A broken pipe is 0."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read, normalize, match, merge, rescore and write: the main job
    Clean(Box<CleanArgs>),
    /// Find what is wrong with the data; fail when it is too much
    Check(CheckArgs),
    /// Clean and check again and again: stable people, what changed, and the trend
    Audit(Box<AuditArgs>),
    /// Carry out a plan that `clean --dry-run` made
    Apply(ApplyArgs),
    /// Reverse a run, a merge, or one record of it
    Undo(UndoArgs),
    /// Is this one record already known?
    Lookup(LookupArgs),
    /// Why two records match or not, or why a lead has its score
    Explain(ExplainArgs),
    /// Score records without merging them
    Score(ScoreArgs),
    /// Show, check, compare and start scoring models
    Model(ModelArgs),
    /// Suggest weights of a scoring model from won and lost leads
    Calibrate(CalibrateArgs),
    /// Compare a result with the truth: precision, recall, F1
    Evaluate(EvaluateArgs),
    /// Check a finished run against its inputs, independently
    Verify(VerifyArgs),
    /// Erase a person from a run, keep the suppression entry, give a receipt
    Forget(ForgetArgs),
    /// Turn a list of addresses into a keyed suppression list
    Suppress(SuppressArgs),
    /// How good the data is: roles, completeness, validity, formats, a hygiene score
    Profile(ProfileArgs),
    /// Write a commented leadmend.toml with everything that was detected
    Init(Box<InitArgs>),
    /// Print shell completions
    Completions(CompletionsArgs),
    /// Print the manual page
    Man,
}

/// Flags of every command that reads leads.
#[derive(Debug, Args, Clone, Default)]
pub struct ReadArgs {
    /// Name a source: crm=export.csv (default: the product, else the file's name)
    #[arg(long = "source", value_name = "NAME=FILE")]
    pub sources: Vec<String>,
    /// Read as this product's export, or `none` (default: found by the headers); P for the lead
    /// files, FILE=P or SOURCE=P for one input, also of activities (repeatable)
    #[arg(long, value_name = "P")]
    pub preset: Vec<String>,
    /// Say what a column means: email=Contact (repeatable)
    #[arg(long = "column", value_name = "ROLE=HEADER")]
    pub columns: Vec<String>,
    /// Leave a column out of matching; it is still written (repeatable)
    #[arg(long = "ignore-column", value_name = "HEADER")]
    pub ignore_columns: Vec<String>,
    /// The column with the record id (default: found; else the row number)
    #[arg(long, value_name = "HEADER")]
    pub id_column: Option<String>,
    /// Encoding of the lead files, e.g. windows-1252, or of one input: events.csv=shift_jis
    /// (default: detected; repeatable)
    #[arg(long, value_name = "E")]
    pub encoding: Vec<String>,
    /// Field delimiter of the lead files: comma, semicolon, tab, pipe or the character; or of one
    /// input: events.csv=tab (default: detected; repeatable)
    #[arg(long, value_name = "D")]
    pub delimiter: Vec<String>,
    /// The date the run is made for: 2026-06-30 or an instant (default: now)
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// Worker threads; 0 for all cores (default: all cores)
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Refuse work that is estimated to take more memory than this: 2GB, 512MiB
    #[arg(long, value_name = "SIZE")]
    pub memory_limit: Option<String>,
    /// Print nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
    /// Stop when more rows than this are rejected [default: 5%]
    #[arg(long, value_name = "SHARE")]
    pub max_reject_rate: Option<String>,
    /// Keep rows with too many or too few fields instead of rejecting them
    #[arg(long)]
    pub flexible: bool,
    /// Folder of own reference lists, which extend the shipped ones: nicknames.txt, countries.txt,
    /// presets/*.toml and so on
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Configuration file; the command line wins over it
    #[arg(long, value_name = "leadmend.toml")]
    pub config: Option<PathBuf>,
}

/// Flags of `clean`.
#[derive(Debug, Args, Clone)]
#[command(after_help = "Examples:\n  \
    leadmend clean leads.csv\n  \
    leadmend clean crm.csv webinar.csv --activities events.csv --model scoring.toml -o cleaned\n  \
    leadmend clean leads.csv --column email=Contact --as-of 2026-06-30 --json\n  \
    leadmend clean leads.csv --policy hubspot --suppress suppress.txt\n\n\
    leadmend clean leads.csv --dry-run        look at the plan first, then leadmend apply\n\n\
    leadmend clean contacts.vcf                     address cards\n  \
    leadmend clean crm.db#leads --activities crm.db#events   tables of a SQLite database\n  \
    leadmend clean 'sqlite://crm.db?leads=leads&activities=events'\n  \
    leadmend clean 'postgres://ana@db.example/crm?leads=crm.leads&activities=crm.events'\n  \
    leadmend clean fair.xlsx#May --format jsonl     a sheet of a workbook\n\n\
    leadmend clean leads.csv --repair full --phone-format e164 --date-format %d/%m/%Y\n  \
    leadmend clean leads.csv --normalize-only\n\n\
    leadmend clean fair.csv --known leadmend-state.db --only-new   new rows against a database\n  \
    leadmend clean fair.csv --known crm.csv\n\n\
    The input files are never changed. The output folder is complete or absent.")]
pub struct CleanArgs {
    /// Lead files: CSV, TSV, JSON Lines, vCard, LDIF, gzipped or not; FILE.db#TABLE of SQLite,
    /// FILE.xlsx#SHEET, FILE.parquet; `-` for standard input
    #[arg(required_unless_present = "sources", value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// Write the plan only (default: <first input>-leadmend-plan); see `leadmend apply`
    #[arg(long)]
    pub dry_run: bool,
    /// Known records: a state file of `leadmend audit`, or an input of any kind. Only the new rows are
    /// compared, and verdicts.csv says what became of each
    #[arg(long, value_name = "SRC", conflicts_with_all = ["normalize_only", "dry_run", "load_matching", "save_matching"])]
    pub known: Option<PathBuf>,
    /// With --known: also write new.csv, the persons that are only new, in the columns of the input
    #[arg(long, requires = "known")]
    pub only_new: bool,
    /// Save the fitted matching model
    #[arg(long, value_name = "FILE")]
    pub save_matching: Option<PathBuf>,
    /// Match by a saved model instead of fitting one
    #[arg(long, value_name = "FILE")]
    pub load_matching: Option<PathBuf>,
    /// Merge nothing: write normalized.csv, the same rows, order and columns with cells repaired
    #[arg(long, conflicts_with_all = ["activities", "model", "dry_run", "merge_at", "review_at", "max_wrong_merges", "decisions", "save_matching", "load_matching"])]
    pub normalize_only: bool,
    /// The run.
    #[command(flatten)]
    pub run: RunArgs,
}

/// Flags of `explain`.
#[derive(Debug, Args, Clone)]
#[command(after_help = "Examples:\n  \
    leadmend explain 1041 2210        why two records are, or are not, one person\n  \
    leadmend explain 1041             why the lead has its score\n  \
    leadmend explain crm:1041 --run crm-leadmend\n  \
    leadmend explain 1041 fair:7 --state leadmend-state.db   a pair of an audit or an import\n\n\
    Audits and imports decide by the counts that the state was frozen with: a pair of theirs is explained\n\
    by these, and the state is needed.")]
pub struct ExplainArgs {
    /// A record (id or source:id) or a person id
    #[arg(value_name = "A")]
    pub left: String,
    /// A second record
    #[arg(value_name = "B")]
    pub right: Option<String>,
    /// Output folder of the run (default: the newest *-leadmend folder here)
    #[arg(long, value_name = "DIR")]
    pub run: Option<PathBuf>,
    /// The run's input files, when they are not beside its folder
    #[arg(long = "input", value_name = "FILE")]
    pub inputs: Vec<PathBuf>,
    /// The state that decided a pair of an audit or an import (default: leadmend-state.db beside the
    /// run's folder or here)
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    pub json: bool,
    /// Print at most six plain lines
    #[arg(long)]
    pub plain: bool,
}

/// Flags of `evaluate`.
#[derive(Debug, Args, Clone)]
#[command(after_help = "Examples:\n  \
    leadmend evaluate leads-leadmend truth.csv\n  \
    leadmend evaluate predicted.csv truth.csv --json")]
pub struct EvaluateArgs {
    /// An output folder, its crosswalk.csv, or a CSV of record id and cluster
    #[arg(value_name = "RESULT")]
    pub result: PathBuf,
    /// A CSV of record id and true person (an `id` and a last column)
    #[arg(value_name = "TRUTH")]
    pub truth: PathBuf,
    /// Column of the truth that holds the record id
    #[arg(long, value_name = "HEADER")]
    pub id: Option<String>,
    /// Column of the truth that holds the person
    #[arg(long, value_name = "HEADER")]
    pub cluster: Option<String>,
    /// Print as JSON
    #[arg(long)]
    pub json: bool,
}

/// Flags of `init`.
#[derive(Debug, Args, Clone)]
pub struct InitArgs {
    /// A lead file
    #[arg(value_name = "INPUT")]
    pub input: PathBuf,
    /// Where to write [default: leadmend.toml]; `-` for standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace an existing file
    #[arg(long)]
    pub force: bool,
    /// Reading flags.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// Flags of `completions`.
#[derive(Debug, Args, Clone)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

/// Shells with completions.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Shell {
    /// Bash
    Bash,
    /// Elvish
    Elvish,
    /// Fish
    Fish,
    /// PowerShell
    Powershell,
    /// Zsh
    Zsh,
}

/// How much of a value is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Reveal {
    /// Nothing
    None,
    /// First letters and punctuation
    #[default]
    Masked,
    /// Everything
    Full,
}

impl From<Reveal> for leadmend::quality::mask::Reveal {
    fn from(asked: Reveal) -> Self {
        match asked {
            Reveal::None => Self::None,
            Reveal::Masked => Self::Masked,
            Reveal::Full => Self::Full,
        }
    }
}
