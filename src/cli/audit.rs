//! Flags of `audit`.

use super::{FailOn, Losers, RunArgs};
use clap::Args;
use std::path::PathBuf;

/// Flags of `audit`.
#[derive(Debug, Args, Clone)]
#[command(after_help = "Examples:\n  \
    leadmend audit crm.csv --activities events.csv --model scoring.toml\n  \
    leadmend audit 'sqlite://crm.db?leads=leads&activities=events' --state crm-state.db -o audit\n  \
    leadmend audit crm.csv --decisions review.csv --force   what people decided is kept for good\n  \
    leadmend audit crm.csv --relearn --force                learn the matching anew\n  \
    leadmend audit crm.csv --dry-run                        look, and write nothing\n  \
    leadmend audit 'postgres://ana@db.example/crm?leads=crm.leads&activities=crm.events'\n  \
    leadmend audit 'sqlite://crm.db?leads=leads&activities=events' --apply --losers delete\n\n\
    The state remembers who was who: persons keep their id over row order, new columns, a renamed\n\
    export and unrelated records; lineage.csv lists the ids that changed. Without --apply the\n\
    source is never written. With it, all merges go into the database in one step or not at all, and\n\
    `leadmend undo --db URL --run ID` takes them back.\n\
    Passwords of PostgreSQL: PGPASSWORD, ~/.pgpass, or password-file=FILE in the URL.\n\
    Exit codes: 0 passed; 1 a finding fails; 2 usage; 3 input or state could not be read;\n\
    4 output or state could not be written (also: another audit is writing the state).\n\
    On a schedule: examples/audit/ has a crontab line and a systemd timer.")]
pub struct AuditArgs {
    /// What is audited: files as `clean` reads them, FILE.db#TABLE, sqlite://FILE?leads=TABLE,
    /// postgres://USER@HOST/DATABASE?leads=TABLE
    #[arg(required_unless_present = "sources", value_name = "SRC")]
    pub inputs: Vec<PathBuf>,
    /// What earlier audits knew (default: leadmend-state.db beside the output; made when missing)
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Learn the matching anew; ids that change are listed
    #[arg(long)]
    pub relearn: bool,
    /// Look only: neither the output folder nor the state is written
    #[arg(long)]
    pub dry_run: bool,
    /// Write the merges back into the database: survivors, activities and losers, all or nothing;
    /// refused when the data has changed since it was read
    #[arg(long, conflicts_with = "dry_run")]
    pub apply: bool,
    /// What becomes of merged rows and repeated activities: they stay and are flagged in a column
    /// leadmend_merged_into, or are deleted [default: flag]
    #[arg(long, value_name = "HOW", requires = "apply")]
    pub losers: Option<Losers>,
    /// From which severity on the audit fails
    #[arg(long, value_name = "SEVERITY", default_value = "error")]
    pub fail_on: FailOn,
    /// Rule file of the checks: weights, limits, conditions and suppressions of your own
    #[arg(long, value_name = "check.toml")]
    pub rules: Option<PathBuf>,
    /// Run only this check (repeatable)
    #[arg(long, value_name = "CHECK", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Leave a check out (repeatable)
    #[arg(long, value_name = "CHECK", value_delimiter = ',')]
    pub skip: Vec<String>,
    /// The run.
    #[command(flatten)]
    pub run: RunArgs,
}
