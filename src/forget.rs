//! Erasing a person from an output folder, or from a state, all or nothing.
//!
//! Every file of the folder is gone through by what its columns are called (`person_id`,
//! `record_id`, `left_id`, ...), so that files which later versions add are covered too. The
//! journal's lines of the person become tombstones that keep its chain checkable; the person's
//! addresses go, keyed, to a suppression list; a receipt without any value tells what was done. The
//! result is built beside the folder and swapped in, so that an interruption leaves the old one.
//!
//! What belongs to somebody else as well (a company, a shared number) stays with them.

mod delimited;
mod html;
mod journal;
mod json;
mod person;
mod state;
mod values;

pub use state::{StateRequest, forget_in_state};

use crate::error::{Error, Result};
use crate::journal::Salts;
use crate::merge::suppress::{Key, Suppression};
use crate::report::folder::OutputFolder;
use delimited::Edit;
use person::Person;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;
use values::Values;

/// The suppression list of a folder.
pub const SUPPRESS: &str = "suppress.txt";
/// The receipts of a folder.
pub const RECEIPTS: &str = "receipts.jsonl";
const CERTIFICATE: &str = "certificate.json";
const JOURNAL: &str = "journal.jsonl";

/// What is to be forgotten.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The output folder.
    pub run: &'a Path,
    /// A person id, a record id, an e-mail address or a phone number.
    pub who: &'a str,
    /// The key under which the addresses are kept suppressed.
    pub key: &'a Key,
    /// A suppression list elsewhere, instead of the folder's own.
    pub list: Option<&'a Path>,
    /// The date of the receipt.
    pub date: &'a str,
}

/// What was done; it holds no value of the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Version of the format.
    pub format: u32,
    /// `receipt-1`, `receipt-2`, ...: what tombstones refer to.
    pub receipt: String,
    /// The date of the request.
    pub date: String,
    /// Version of the program.
    pub leadmend: String,
    /// Lead records erased.
    pub records: usize,
    /// Activities erased.
    pub activities: usize,
    /// Rows erased, per file; in a state, per table.
    pub rows: BTreeMap<String, usize>,
    /// Numbers of the journal lines that are tombstones now.
    pub journal_lines: Vec<u64>,
    /// Addresses added to the suppression list.
    pub suppressed: usize,
    /// Tells which key they are suppressed with.
    pub key: String,
}

/// Erases a person.
///
/// # Errors
/// [`Error::Usage`] when the folder knows no such person or several, [`Error::Output`] when the
/// folder holds what cannot be edited, [`Error::Write`].
pub fn forget(request: &Request) -> Result<Receipt> {
    let folder = OutputFolder::prepare(request.run, true)?;
    let files = list(request.run)?;
    let read = |file: &str| match files.iter().any(|f| f == file) {
        true => read(request.run, file).map(Some),
        false => Ok(None),
    };
    let person = Person::find(request.run, &files, request.who)?;
    let journal = read(JOURNAL)?;
    let values = Values::gather(request.run, &files, &person, journal.as_deref())?;
    let mut receipt = Receipt {
        format: 1,
        receipt: format!("receipt-{}", next_number(read(RECEIPTS)?.as_deref())),
        date: request.date.to_string(),
        leadmend: env!("CARGO_PKG_VERSION").into(),
        records: person.labels.len(),
        activities: person.activities,
        rows: BTreeMap::new(),
        journal_lines: Vec::new(),
        suppressed: values.addresses.len(),
        key: request.key.fingerprint(),
    };
    let mut chain = None;
    for file in &files {
        if [SUPPRESS, RECEIPTS, CERTIFICATE].contains(&file.as_str()) {
            continue;
        }
        let bytes = read(file)?.unwrap_or_default();
        let edited = match extension(file) {
            _ if file == JOURNAL => {
                let salts = Salts::of_key(request.key.as_bytes());
                let id = &receipt.receipt;
                let edited = journal::erase(&bytes, &person, &values, id, salts.as_ref())?;
                receipt.journal_lines = edited.lines;
                chain = Some((edited.count, edited.chain));
                edited.bytes
            }
            "csv" | "tsv" => {
                let kept = person.kept_rows(file);
                let Edit { bytes, dropped } = delimited::erase(&bytes, &person, &values, kept);
                if dropped > 0 {
                    receipt.rows.insert(file.clone(), dropped);
                }
                bytes
            }
            "json" => json::erase(file, &bytes, &person, &values)?,
            "jsonl" => {
                let (bytes, dropped) = {
                    let kept = person.kept_rows(file);
                    json::erase_lines(file, &bytes, &person, &values, kept)?
                };
                if dropped > 0 {
                    receipt.rows.insert(file.clone(), dropped);
                }
                bytes
            }
            "html" if file == crate::report::html::FILE => {
                let (bytes, dropped) = html::erase(&bytes, &person.id, &values);
                if dropped > 0 {
                    receipt.rows.insert(file.clone(), dropped);
                }
                bytes
            }
            "html" | "txt" | "md" | "toml" => values.erase_bytes(&bytes, json::ERASED),
            _ => return Err(cannot_edit(file)),
        };
        write(&folder, file, &edited)?;
    }
    let own = suppression(request, read(SUPPRESS)?, &values)?;
    if let Some(text) = own.1 {
        write(&folder, SUPPRESS, text.as_bytes())?;
    }
    let mut receipts = read(RECEIPTS)?.unwrap_or_default();
    let failed = |cause: std::io::Error| Error::Write { file: RECEIPTS.into(), cause };
    serde_json::to_writer(&mut receipts, &receipt).map_err(|e| failed(e.into()))?;
    receipts.push(b'\n');
    write(&folder, RECEIPTS, &receipts)?;
    if let Some(bytes) = read(CERTIFICATE)? {
        let text = json::certificate(&bytes, folder.staging(), &receipt.receipt, chain)?;
        write(&folder, CERTIFICATE, &text)?;
    }
    // The list is in place before the person is gone: an interruption suppresses too much, not
    // too little.
    if let (Some(elsewhere), Some(path)) = (own.0, request.list) {
        place(elsewhere, path)?;
    }
    folder.publish()?;
    Ok(receipt)
}

type Lists = (Option<NamedTempFile>, Option<String>);

/// The suppression list with the person on it: elsewhere, ready to be moved into place, or the
/// text of the folder's own.
fn suppression(request: &Request, own: Option<Vec<u8>>, values: &Values) -> Result<Lists> {
    let Some(path) = request.list else {
        let own = own.unwrap_or_default();
        return Ok((None, Some(extended(&own, SUPPRESS, request.key, &values.addresses)?)));
    };
    let own = own.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok((Some(staged(path, request.key, &values.addresses)?), own))
}

/// The text of a suppression list with more addresses, all in keyed form.
fn extended(before: &[u8], name: &str, key: &Key, addresses: &BTreeSet<String>) -> Result<String> {
    let mut list = Suppression::new(Some(key.clone()));
    list.add(&String::from_utf8_lossy(before), name)?;
    for address in addresses {
        list.add_plain(address);
    }
    Ok(list.to_keyed_text().unwrap_or_default())
}

/// A suppression list with more addresses, beside the list it is to take the place of.
fn staged(path: &Path, key: &Key, addresses: &BTreeSet<String>) -> Result<NamedTempFile> {
    let name = name_of(path);
    let before = match path.exists() {
        true => fs::read(path).map_err(|cause| Error::Read { file: name.clone(), cause })?,
        false => Vec::new(),
    };
    let text = extended(&before, &name, key, addresses)?;
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |cause| Error::Write { file: name.clone(), cause };
    let mut file = NamedTempFile::new_in(parent).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    Ok(file)
}

/// Puts a staged list in its place.
fn place(list: NamedTempFile, path: &Path) -> Result<()> {
    let failed = |e: tempfile::PersistError| Error::Write { file: name_of(path), cause: e.error };
    list.persist(path).map_err(failed).map(|_| ())
}

/// The files of a folder, by their paths in it, sorted.
fn list(run: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(under) = open.pop() {
        let failed = |cause| Error::Read { file: name_of(run), cause };
        for entry in fs::read_dir(run.join(&under)).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = under.join(entry.file_name());
            let about = entry.file_type().map_err(failed)?;
            let name = path.to_str().map(str::to_string);
            match name {
                Some(_) if about.is_dir() => open.push(path),
                Some(name) if about.is_file() => files.push(name),
                _ => return Err(cannot_edit(&path.to_string_lossy())),
            }
        }
    }
    files.sort();
    Ok(files)
}

fn read(run: &Path, file: &str) -> Result<Vec<u8>> {
    fs::read(run.join(file)).map_err(|cause| Error::Read { file: file.into(), cause })
}

fn write(folder: &OutputFolder, file: &str, bytes: &[u8]) -> Result<()> {
    let failed = |cause| Error::Write { file: file.into(), cause };
    if let Some(parent) = Path::new(file).parent() {
        fs::create_dir_all(folder.staging().join(parent)).map_err(failed)?;
    }
    let mut out = folder.create(file)?;
    out.write_all(bytes).and_then(|()| out.flush()).map_err(failed)
}

fn extension(file: &str) -> &str {
    file.rsplit_once('.').map_or("", |(_, extension)| extension)
}

fn next_number(receipts: Option<&[u8]>) -> usize {
    receipts.map_or(0, |bytes| bytes.split(|&b| b == b'\n').filter(|l| !l.is_empty()).count()) + 1
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn cannot_edit(file: &str) -> Error {
    Error::Output {
        file: file.into(),
        what: "nothing can be erased from a file of this kind; nothing was changed".into(),
        remedy: "remove it, or repeat the run without the person's records".into(),
    }
}

#[cfg(test)]
mod tests;
