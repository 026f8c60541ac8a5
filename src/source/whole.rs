//! A whole file into memory, with all threads.
//!
//! Most of the time of reading a file that the system has at hand goes into copying it and into the
//! memory it is copied to; both can be shared out.

use std::fs::File;
use std::io;
use std::path::Path;

/// Bytes a thread takes at a time.
const PIECE: usize = 4 << 20;

/// The bytes of a file.
///
/// # Errors
/// Those of reading it.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    match in_pieces(path, PIECE)? {
        Some(bytes) => Ok(bytes),
        None => std::fs::read(path),
    }
}

/// Reads a file of a known length; `None` where that is no gain, or where the length turns out to be
/// another: a pipe, a file that grows.
#[cfg(unix)]
fn in_pieces(path: &Path, piece: usize) -> io::Result<Option<Vec<u8>>> {
    use rayon::prelude::*;
    use std::os::unix::fs::FileExt;
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    let length = usize::try_from(metadata.len()).unwrap_or(0);
    if !metadata.is_file() || length <= piece {
        return Ok(None);
    }
    let mut bytes = vec![0; length];
    let pieces = bytes.par_chunks_mut(piece).enumerate();
    let read: io::Result<()> =
        pieces.map(|(i, place)| file.read_exact_at(place, (i * piece) as u64)).collect();
    let same = match read {
        Ok(()) => file.read_at(&mut [0], length as u64)? == 0,
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => false,
        Err(error) => return Err(error),
    };
    Ok(same.then_some(bytes))
}

#[cfg(not(unix))]
fn in_pieces(_path: &Path, _piece: usize) -> io::Result<Option<Vec<u8>>> {
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_file_and_what_is_small_or_no_file_is_read_as_ever() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("leads.csv");
        let bytes: Vec<u8> = (0..1000u32).map(|i| (i % 251) as u8).collect();
        std::fs::write(&path, &bytes).unwrap();
        for piece in [1, 7, 999] {
            assert_eq!(in_pieces(&path, piece).unwrap().as_ref(), Some(&bytes), "{piece}");
        }
        assert_eq!(in_pieces(&path, 1000).unwrap(), None);
        assert_eq!(read(&path).unwrap(), bytes);
        assert!(read(&folder.path().join("none.csv")).is_err());
        assert!(read(folder.path()).is_err(), "a folder");
    }
}
