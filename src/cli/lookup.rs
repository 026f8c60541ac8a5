//! Flags of `lookup`.

use clap::Args;
use std::path::PathBuf;

/// Flags of `lookup`.
#[derive(Debug, Args, Clone)]
#[command(after_help = "Examples:\n  \
    leadmend lookup email=ana.lopez@acme.com --state leadmend-state.db\n  \
    leadmend lookup first-name=Ana last-name=Lopez company=Acme --state leadmend-state.db --json\n\n\
    Says `same` (a known person), `maybe` (perhaps one: a human decides) or `new`, with person, record,\n\
    probability and reason. A field is a usual name (email, phone, first-name, ...) or a header of the\n\
    known records. Exit code 0: known; 1: new, or only perhaps known; 2: a field that is not known;\n\
    3: the state cannot be read.")]
pub struct LookupArgs {
    /// What is known of the record
    #[arg(required = true, value_name = "FIELD=VALUE")]
    pub fields: Vec<String>,
    /// State file of `leadmend audit`
    #[arg(long, value_name = "FILE", default_value = leadmend::state::FILE)]
    pub state: PathBuf,
    /// Print as JSON
    #[arg(long)]
    pub json: bool,
    /// Print nothing: the exit code says it
    #[arg(long, short)]
    pub quiet: bool,
}
