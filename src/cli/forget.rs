//! Flags of `forget` and `suppress`.

use clap::{ArgGroup, Args};
use std::path::PathBuf;

/// Flags of `forget`.
#[derive(Debug, Args, Clone)]
#[command(after_help = "Examples:\n  \
    leadmend forget p_4f6k2m9q1x7c8d3e --run leads-leadmend --key-file leadmend.key\n  \
    leadmend forget crm:1041 --run leads-leadmend --key-file leadmend.key --new-key\n  \
    leadmend forget ana@acme.com --state leadmend-state.db --key-file leadmend.key\n\n\
    Every file of the folder is gone through, all or nothing. The person's addresses stay on a\n\
    suppression list in keyed form, so that a later import does not bring them back; a receipt\n\
    without any value is added to receipts.jsonl. Inputs and other copies are yours to clear.\n\n\
    With --state, every table of the state is gone through in one step, and the file is written anew,\n\
    so that nothing stands on in space it no longer uses. The person's id stays, and is never given\n\
    again. Take the person out of the database, too, before the next audit.")]
#[command(group = ArgGroup::new("place").required(true).args(["run", "state"]))]
pub struct ForgetArgs {
    /// A person id, a record (id or source:id), an e-mail address or a phone number
    #[arg(value_name = "ID_OR_EMAIL")]
    pub who: String,
    /// Output folder of the run
    #[arg(long, value_name = "DIR")]
    pub run: Option<PathBuf>,
    /// State file of `leadmend audit`
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// The suppression list to add to [default: suppress.txt in the folder, or beside the state]
    #[arg(long, value_name = "FILE")]
    pub suppress: Option<PathBuf>,
    /// The key of the suppression list [default: the variable LEADMEND_KEY]
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Make the key file, readable by you alone
    #[arg(long, requires = "key_file")]
    pub new_key: bool,
    /// The date of the receipt (default: today)
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// Print nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
    /// Print the receipt as JSON
    #[arg(long)]
    pub json: bool,
}

/// Flags of `suppress`.
#[derive(Debug, Args, Clone)]
#[command(after_help = "Examples:\n  \
    leadmend suppress optouts.txt -o suppress.txt --key-file leadmend.key --new-key\n  \
    leadmend suppress suppress.txt more.txt -o suppress.txt --key-file leadmend.key --force\n  \
    leadmend clean leads.csv --suppress suppress.txt --key-file leadmend.key\n\n\
    A line is an e-mail address, a phone number with country code, or hmac: and 64 digits.")]
pub struct SuppressArgs {
    /// Lists of addresses, plain or keyed
    #[arg(required = true, value_name = "LIST")]
    pub lists: Vec<PathBuf>,
    /// Where to write the keyed list; `-` for standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,
    /// The key [default: the variable LEADMEND_KEY]
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Make the key file, readable by you alone
    #[arg(long, requires = "key_file")]
    pub new_key: bool,
    /// Replace an existing file
    #[arg(long)]
    pub force: bool,
}
