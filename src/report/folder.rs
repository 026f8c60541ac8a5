//! The output folder: complete or absent, never half.
//!
//! Everything is written into a hidden folder beside the goal and moved there in one step at the
//! end. The hidden folder is made *before* the work, so that a path that cannot be written fails
//! in the first second and not in the last.

use crate::error::{Error, Result};
use crate::verify::certificate::{self, Certificate};
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The file by which a folder is recognized as one of ours.
const MARK: &str = certificate::FILE;
/// The file by which a folder is recognized as a plan.
pub const PLAN_FILE: &str = "plan.json";
/// What `report.json`, `plan.json` and `certificate.json` say of their maker.
pub const GENERATOR: &str = certificate::GENERATOR;

/// How the hidden folders are called, before a random end.
const STAGING: &str = ".leadmend-run-";
/// How often, and how long in between, the parent's lock is tried.
const LOCK_TRIES: u32 = 100;
const LOCK_WAIT: std::time::Duration = std::time::Duration::from_millis(10);

/// An output folder in the making. Dropped without [`OutputFolder::publish`], it leaves nothing.
#[derive(Debug)]
pub struct OutputFolder {
    goal: PathBuf,
    staging: TempDir,
    replace: bool,
    /// Held locked while the folder is written: a killed process lets go of it.
    _lock: Option<File>,
}

/// The folder a run writes to when none is given: `<first input>-leadmend` beside the input.
pub fn default_path(input: &Path) -> PathBuf {
    let name = input.file_name().map_or("leads".into(), |n| n.to_string_lossy().into_owned());
    let name = if name == "-" { "stdin".to_string() } else { name };
    let stem = name.strip_suffix(".gz").unwrap_or(&name);
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    let stem = if stem.is_empty() { &name } else { stem };
    input.with_file_name(format!("{stem}-leadmend"))
}

/// The folder a plan goes to when none is given: `<first input>-leadmend-plan` beside the input.
pub fn default_plan_path(input: &Path) -> PathBuf {
    let mut path = default_path(input).into_os_string();
    path.push("-plan");
    path.into()
}

/// True for a folder that an earlier run wrote.
pub fn is_ours(path: &Path) -> bool {
    [MARK, PLAN_FILE].iter().any(|mark| says_ours(&path.join(mark)))
}

fn says_ours(mark: &Path) -> bool {
    let Ok(text) = fs::read_to_string(mark) else { return false };
    let Ok(mark) = serde_json::from_str::<serde_json::Value>(&text) else { return false };
    mark.get("generator").and_then(|g| g.as_str()).is_some_and(|g| g == GENERATOR)
}

impl OutputFolder {
    /// Prepares writing to `goal`. `force` allows replacing a folder of an earlier run, and only
    /// such a folder.
    ///
    /// # Errors
    /// [`Error::Output`] when the goal exists and may not be replaced, [`Error::Write`] when nothing
    /// can be written there.
    pub fn prepare(goal: &Path, force: bool) -> Result<Self> {
        let file = name_of(goal);
        let exists = fs::symlink_metadata(goal).is_ok();
        if exists {
            let empty = fs::read_dir(goal).is_ok_and(|mut entries| entries.next().is_none());
            if !empty && !is_ours(goal) {
                return Err(Error::Output {
                    file,
                    what: "is there already and was not written by leadmend; it is left alone"
                        .into(),
                    remedy: "choose another folder with -o".into(),
                });
            }
            if !empty && !force {
                return Err(Error::Output {
                    file,
                    what: "holds the result of an earlier run".into(),
                    remedy: "give --force to replace it, or another folder with -o".into(),
                });
            }
        }
        let parent = match goal.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let parent_lock = lock_parent(parent);
        if parent_lock.is_some() {
            remove_abandoned(parent);
        }
        let staging = tempfile::Builder::new()
            .prefix(STAGING)
            .tempdir_in(parent)
            .map_err(|cause| Error::Write { file: file.clone(), cause })?;
        restrict(staging.path()).map_err(|cause| Error::Write { file, cause })?;
        let lock = File::open(staging.path()).ok().filter(|folder| folder.try_lock().is_ok());
        drop(parent_lock);
        Ok(Self { goal: goal.to_path_buf(), staging, replace: exists, _lock: lock })
    }

    /// Where the files are being written.
    pub fn staging(&self) -> &Path {
        self.staging.path()
    }

    /// Creates a file of the folder, and the folder within it that the name says (`actions/x.csv`).
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn create(&self, name: &str) -> Result<BufWriter<File>> {
        let path = self.staging.path().join(name);
        let failed = |cause| Error::Write { file: name.to_string(), cause };
        if let Some(within) = path.parent() {
            fs::create_dir_all(within).map_err(failed)?;
        }
        Ok(BufWriter::with_capacity(1 << 20, File::create(path).map_err(failed)?))
    }

    /// Writes the certificate: the hashes of all files written so far, and what is known of how they
    /// came about. Call it last.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn seal(&self, mut certificate: Certificate) -> Result<()> {
        let failed = |cause: io::Error| Error::Write { file: MARK.into(), cause };
        certificate.outputs = certificate::outputs(self.staging()).map_err(failed)?;
        certificate.journal = certificate::journal_end(self.staging()).map_err(failed)?;
        let text = serde_json::to_string_pretty(&certificate).map_err(|e| failed(e.into()))?;
        fs::write(self.staging().join(MARK), text + "\n").map_err(failed)
    }

    /// Moves the finished folder to its place. A folder that nobody sealed gets a certificate that
    /// holds the hashes of its files, by which a later run knows it as ours.
    ///
    /// # Errors
    /// [`Error::Write`]; the earlier folder is then still there.
    pub fn publish(self) -> Result<PathBuf> {
        if [MARK, PLAN_FILE].iter().all(|mark| !self.staging().join(mark).exists()) {
            self.seal(Certificate::default())?;
        }
        let Self { goal, staging, replace, _lock } = self;
        let failed = |cause: io::Error| Error::Write { file: name_of(&goal), cause };
        if replace {
            exchange(staging.path(), &goal).map_err(failed)?;
            // What is now in the hidden place is the earlier result.
            staging.close().or_else(allow_gone).map_err(failed)?;
        } else {
            fs::rename(staging.path(), &goal).map_err(failed)?;
            // The folder has moved: there is nothing left to remove.
            let _moved = staging.keep();
        }
        Ok(goal)
    }
}

/// Another run may have found the earlier result in the hidden place and removed it.
fn allow_gone(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

/// Locks a folder against other runs that prepare their output in it; a moment's matter. `None` where
/// the system locks no folders, or somebody else does not let go.
fn lock_parent(parent: &Path) -> Option<File> {
    let folder = File::open(parent).ok()?;
    for _ in 0..LOCK_TRIES {
        match folder.try_lock() {
            Ok(()) => return Some(folder),
            Err(fs::TryLockError::WouldBlock) => std::thread::sleep(LOCK_WAIT),
            Err(fs::TryLockError::Error(_)) => return None,
        }
    }
    None
}

/// Removes the hidden folders of runs that were killed: one that is being written is locked by its
/// process. Needs the parent's lock, or a folder that was just made might not be locked yet.
fn remove_abandoned(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(STAGING);
        if !ours || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        let path = entry.path();
        if File::open(&path).is_ok_and(|folder| folder.try_lock().is_ok()) {
            // What cannot be removed now is tried again by the next run.
            let _ = fs::remove_dir_all(&path);
        }
    }
}

/// Swaps two folders in one step where the system can, else in two.
fn exchange(new: &Path, old: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        match renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE) {
            Ok(()) => return Ok(()),
            Err(rustix::io::Errno::NOSYS | rustix::io::Errno::INVAL) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let aside = new.with_extension("old");
    fs::rename(old, &aside)?;
    if let Err(error) = fs::rename(new, old) {
        fs::rename(&aside, old)?;
        return Err(error);
    }
    fs::rename(&aside, new)
}

#[cfg(unix)]
fn restrict(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn restrict(_path: &Path) -> io::Result<()> {
    Ok(())
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn write_run(folder: &OutputFolder, text: &str) {
        writeln!(folder.create("leads.csv").unwrap(), "{text}").unwrap();
    }

    #[test]
    fn default_names() {
        let cases = [
            ("a/leads.csv", "a/leads-leadmend"),
            ("leads.csv.gz", "leads-leadmend"),
            ("-", "stdin-leadmend"),
            (".csv", ".csv-leadmend"),
        ];
        for (input, folder) in cases {
            assert_eq!(default_path(Path::new(input)), Path::new(folder), "{input}");
        }
    }

    #[test]
    fn complete_or_absent() {
        let dir = tempfile::tempdir().unwrap();
        let goal = dir.path().join("out");
        let folder = OutputFolder::prepare(&goal, false).unwrap();
        write_run(&folder, "half");
        drop(folder);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is left behind");
        let folder = OutputFolder::prepare(&goal, false).unwrap();
        write_run(&folder, "whole");
        folder.publish().unwrap();
        assert!(is_ours(&goal));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_killed_run_is_cleaned_up_and_a_living_one_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let living = OutputFolder::prepare(&dir.path().join("one"), false).unwrap();
        let dead = dir.path().join(".leadmend-run-dead00");
        let foreign = dir.path().join(".leadmend-notes");
        for folder in [&dead, &foreign] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("leads.csv"), "half").unwrap();
        }
        let next = OutputFolder::prepare(&dir.path().join("two"), false).unwrap();
        assert!(living.staging().exists() && next.staging().exists());
        assert!(foreign.exists(), "not ours");
        assert_eq!(dead.exists(), !cfg!(unix));
    }

    #[test]
    fn only_our_own_folder_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let goal = dir.path().join("out");
        let folder = OutputFolder::prepare(&goal, false).unwrap();
        write_run(&folder, "first");
        folder.publish().unwrap();
        assert!(OutputFolder::prepare(&goal, false).is_err(), "not without --force");
        let folder = OutputFolder::prepare(&goal, true).unwrap();
        write_run(&folder, "second");
        folder.publish().unwrap();
        assert_eq!(fs::read_to_string(goal.join("leads.csv")).unwrap(), "second\n");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        let foreign = dir.path().join("foreign");
        fs::create_dir(&foreign).unwrap();
        fs::write(foreign.join("thesis.txt"), "years of work").unwrap();
        assert!(OutputFolder::prepare(&foreign, true).is_err(), "never a foreign folder");
        assert!(foreign.join("thesis.txt").exists());
    }
}
