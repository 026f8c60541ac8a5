//! Flags of `model` and its subcommands.

use super::ReadArgs;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Flags of `model`.
#[derive(Debug, Args, Clone)]
#[command(
    arg_required_else_help = true,
    after_help = "Examples:\n  \
    leadmend model init --template three-axes -o scoring.toml\n  \
    leadmend model lint scoring.toml --strict\n  \
    leadmend model show scoring.toml --format markdown\n  \
    leadmend model diff old.toml new.toml --on leads.csv"
)]
pub struct ModelArgs {
    /// What to do
    #[command(subcommand)]
    pub command: ModelCommand,
}

/// Subcommands of `model`.
#[derive(Debug, Subcommand, Clone)]
pub enum ModelCommand {
    /// Print a model as a table: what marketing and sales agree on
    Show(ModelShowArgs),
    /// Find mistakes and traps: gaps, percentages in an unclear order, dead rules
    Lint(ModelLintArgs),
    /// What changed between two models, and which leads change band
    Diff(Box<ModelDiffArgs>),
    /// Write a complete, commented model to start from
    Init(ModelInitArgs),
    /// Print the JSON Schema of model files, for editors
    Schema,
}

/// Flags of `model show`.
#[derive(Debug, Args, Clone)]
#[command(after_help = "Examples:\n  \
    leadmend model show scoring.toml\n  \
    leadmend model show scoring.toml --format markdown > scoring.md\n  \
    leadmend model show scoring.toml --format html > scoring.html")]
pub struct ModelShowArgs {
    /// A scoring model
    #[arg(value_name = "M")]
    pub model: PathBuf,
    /// How to print it
    #[arg(long, value_enum, default_value_t = ShowFormat::Text)]
    pub format: ShowFormat,
}

/// How a model is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ShowFormat {
    /// Columns for a terminal
    Text,
    /// Markdown tables
    Markdown,
    /// HTML tables
    Html,
}

/// Flags of `model lint`.
#[derive(Debug, Args, Clone)]
#[command(after_help = "Examples:\n  \
    leadmend model lint scoring.toml\n  \
    leadmend model lint scoring.toml --strict      in CI: exit code 1 on a trap\n  \
    leadmend model lint scoring.toml --json\n\n\
    Mistakes that make a model unusable exit with 2, as everywhere. With --strict, errors and\n\
    warnings exit with 1; hints never do.")]
pub struct ModelLintArgs {
    /// A scoring model
    #[arg(value_name = "M")]
    pub model: PathBuf,
    /// Exit with 1 when there is an error or a warning
    #[arg(long)]
    pub strict: bool,
    /// Print as JSON
    #[arg(long)]
    pub json: bool,
}

/// Flags of `model diff`.
#[derive(Debug, Args, Clone)]
#[command(after_help = "Examples:\n  \
    leadmend model diff old.toml new.toml\n  \
    leadmend model diff old.toml new.toml --on leads.csv --activities events.csv\n  \
    leadmend model diff old.toml new.toml --on crm-leadmend/leads.csv -o moves.csv\n\n\
    Leads are scored one by one, not merged: give the leads.csv of a run to see merged leads.")]
pub struct ModelDiffArgs {
    /// The model before
    #[arg(value_name = "A")]
    pub before: PathBuf,
    /// The model after
    #[arg(value_name = "B")]
    pub after: PathBuf,
    /// Lead files to score with both (repeatable)
    #[arg(long, value_name = "leads.csv", num_args = 1..)]
    pub on: Vec<PathBuf>,
    /// Activity files (repeatable)
    #[arg(long, value_name = "F", num_args = 1.., requires = "on")]
    pub activities: Vec<PathBuf>,
    /// Write every lead that changes band to a CSV file
    #[arg(long, short, value_name = "FILE", requires = "on")]
    pub output: Option<PathBuf>,
    /// Replace an existing file
    #[arg(long)]
    pub force: bool,
    /// Reading flags.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// Flags of `model init`.
#[derive(Debug, Args, Clone)]
#[command(after_help = "Examples:\n  \
    leadmend model init --template three-axes -o scoring.toml\n  \
    leadmend model init --template mexico\n\n\
    Templates\n  \
    three-axes       affinity to the persona, interaction, purchase stage\n  \
    four-dimensions  purchases, closeness, journey, networks\n  \
    one-dimensional  one number from 1 to 100\n  \
    pardot           score and grade\n  \
    hubspot          fit and engagement, rated A1 to C3\n  \
    mautic           point actions and a point group\n  \
    mexico           the worked example\n  \
    default          what is used when no model is given")]
pub struct ModelInitArgs {
    /// Which model to start from
    #[arg(long, value_name = "NAME", default_value = "three-axes")]
    pub template: String,
    /// Where to write (default: standard output)
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace an existing file
    #[arg(long)]
    pub force: bool,
}
