//! Suppression lists and their keys, from files.

use super::failure::Mistakes;
use super::settings::{name_of, unreadable};
use anyhow::Result;
use leadmend::config::Config;
use leadmend::error::Error;
use leadmend::merge::suppress::{Key, Suppression};
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// The variable that holds a key.
const VARIABLE: &str = "LEADMEND_KEY";

/// The key of a file, else that of the environment, if there is one.
pub fn key(file: Option<&Path>) -> Result<Option<Key>, Error> {
    let (bytes, name) = match file {
        Some(path) => {
            let bytes = std::fs::read(path).map_err(|cause| unreadable(path, &cause))?;
            (bytes, name_of(path))
        }
        None => match std::env::var_os(VARIABLE).filter(|key| !key.is_empty()) {
            Some(key) => (key.into_encoded_bytes(), VARIABLE.to_string()),
            None => return Ok(None),
        },
    };
    Key::new(&bytes).map(Some).ok_or_else(|| Error::Config {
        file: name,
        mistakes: vec!["a key has at least 16 bytes".into()],
        remedy: "have one made: leadmend suppress LIST -o FILE --key-file FILE --new-key".into(),
    })
}

/// The suppression lists of the command line and of the configuration: none is left out.
pub fn lists(
    given: &[PathBuf],
    key_file: Option<&Path>,
    config: &Config,
    mistakes: &mut Mistakes,
) -> Suppression {
    let named = config.key_file.as_ref().map(PathBuf::from);
    let mut files: Vec<PathBuf> = config.suppress.iter().map(PathBuf::from).collect();
    files.extend(given.iter().cloned());
    match mistakes.take(key(key_file.or(named.as_deref()))) {
        // Without its key a list cannot be read, and the mistake is noted already.
        None => Suppression::default(),
        Some(key) => read(&files, key, mistakes),
    }
}

/// Reads lists; what is wrong in any of them is noted.
pub fn read(files: &[PathBuf], key: Option<Key>, mistakes: &mut Mistakes) -> Suppression {
    let mut list = Suppression::new(key);
    for path in files {
        let text = std::fs::read_to_string(path).map_err(|cause| unreadable(path, &cause));
        if let Some(text) = mistakes.take(text) {
            mistakes.take(list.add(&text, &name_of(path)));
        }
    }
    list
}

/// Makes a key file that only its owner can read; one that is there stays.
pub fn create_key(path: &Path) -> Result<Key, Error> {
    let failed = |cause| Error::Write { file: name_of(path), cause };
    let mut random = [0u8; 32];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut f| f.read_exact(&mut random))
        .map_err(failed)?;
    let text: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n")).map_err(failed)?;
    // 64 digits are long enough.
    Key::new(text.as_bytes()).ok_or_else(|| failed(std::io::ErrorKind::InvalidData.into()))
}

/// The key that is needed to go on: read, or made when that was asked for.
pub fn needed_key(file: Option<&Path>, make: bool) -> Result<Key, Error> {
    if let Some(path) = file.filter(|path| make && !path.exists()) {
        return create_key(path);
    }
    key(file)?.ok_or_else(|| {
        Error::usage(
            "a key is needed to keep addresses suppressed without keeping them",
            "give --key-file FILE (with --new-key to make one) or set LEADMEND_KEY",
        )
    })
}
