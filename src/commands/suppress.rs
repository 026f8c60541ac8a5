//! `leadmend suppress LIST... -o FILE`: a list of addresses as a keyed list.

use super::failure::Mistakes;
use super::{settings, suppression};
use crate::cli::SuppressArgs;
use anyhow::Result;
use leadmend::error::Error;
use std::io::Write;
use std::path::Path;

/// Runs the command.
pub fn run(args: &SuppressArgs) -> Result<()> {
    let mut mistakes = Mistakes::default();
    let to_stdout = args.output.as_os_str() == "-";
    if !to_stdout && !args.force && args.output.exists() {
        mistakes.usage(
            format!("{} is there already", settings::name_of(&args.output)),
            "give --force to replace it, or another name with -o",
        );
    }
    mistakes.check()?;
    let mut mistakes = Mistakes::default();
    let key = suppression::needed_key(args.key_file.as_deref(), args.new_key)?;
    let list = suppression::read(&args.lists, Some(key), &mut mistakes);
    mistakes.check()?;
    let text = list.to_keyed_text().unwrap_or_default();
    if to_stdout {
        return Ok(super::say(&text)?);
    }
    Ok(replace(&args.output, &text)?)
}

/// Writes beside the goal and moves into place: the list may be one of the inputs.
fn replace(path: &Path, text: &str) -> Result<(), Error> {
    let failed = |cause| Error::Write { file: settings::name_of(path), cause };
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(parent).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.persist(path).map_err(|e| failed(e.error))?;
    Ok(())
}
