//! Flags of `audit`.

use super::{CleanArgs, FailOn, Losers, ReadArgs, RepairArgs};
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
    /// Activity files (repeatable)
    #[arg(long, value_name = "F", num_args = 1..)]
    pub activities: Vec<PathBuf>,
    /// Scoring model (default: a built-in one; repeatable, the first scores the lead)
    #[arg(long, value_name = "scoring.toml")]
    pub model: Vec<PathBuf>,
    /// Output folder (default: <first input>-leadmend beside it)
    #[arg(long, short, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Container of leads and activities: csv, jsonl or parquet (default: as the first input)
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Replace an output folder of an earlier run
    #[arg(long)]
    pub force: bool,
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
    /// Probability from which two records merge [default: 0.85]
    #[arg(long, value_name = "P")]
    pub merge_at: Option<String>,
    /// Probability from which two records are put up for review [default: 0.5]
    #[arg(long, value_name = "P")]
    pub review_at: Option<String>,
    /// Choose the merge threshold by expected wrong merged pairs, e.g. 1/1000
    #[arg(long, value_name = "SHARE", conflicts_with = "merge_at")]
    pub max_wrong_merges: Option<String>,
    /// Merge fields as this product does: salesforce, hubspot, marketo, pardot, mautic or dynamics
    #[arg(long, value_name = "PRODUCT")]
    pub policy: Option<String>,
    /// Addresses nobody may use: e-mails, phones and hmac: lines (repeatable)
    #[arg(long, value_name = "FILE")]
    pub suppress: Vec<PathBuf>,
    /// The key of hmac: lines [default: the variable LEADMEND_KEY]
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// An edited review.csv: `same` and `different` in its decision column hold from now on, in all
    /// audits of this state (repeatable)
    #[arg(long, value_name = "FILE")]
    pub decisions: Vec<PathBuf>,
    /// Repair flags.
    #[command(flatten)]
    pub repair: RepairArgs,
    /// Reading flags.
    #[command(flatten)]
    pub read: ReadArgs,
}

impl AuditArgs {
    /// The run that an audit is.
    pub fn clean(&self) -> CleanArgs {
        CleanArgs {
            inputs: self.inputs.clone(),
            activities: self.activities.clone(),
            model: self.model.clone(),
            output: self.output.clone(),
            format: self.format.clone(),
            force: self.force,
            dry_run: false,
            merge_at: self.merge_at.clone(),
            review_at: self.review_at.clone(),
            max_wrong_merges: self.max_wrong_merges.clone(),
            policy: self.policy.clone(),
            suppress: self.suppress.clone(),
            key_file: self.key_file.clone(),
            decisions: self.decisions.clone(),
            known: None,
            only_new: false,
            save_matching: None,
            load_matching: None,
            normalize_only: false,
            repair: self.repair.clone(),
            read: self.read.clone(),
        }
    }
}
