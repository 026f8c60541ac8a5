//! How much memory a piece of work will take, said before it starts.
//!
//! Inputs are read into memory, so that what a run takes follows from their size. Being told so in
//! the first second is better than being killed in the last one.

use crate::error::{Error, Result};
use crate::source::Source;
use std::io::Read;
use std::path::Path;

/// What is done with the inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Matching, merging, scoring and writing.
    Clean,
    /// That, with checks and the state.
    Audit,
    /// Checks with matching, which write no folder.
    Check,
    /// Reading and normalizing.
    Read,
}

impl Work {
    /// Bytes of memory per byte of lead and of activity files, beyond [`BASE`] and [`BUFFERS`]: the
    /// peaks measured from a thousand leads to a million (see `benches/runs`), rounded up.
    fn factors(self) -> (f64, f64) {
        match self {
            Self::Clean => (6.2, 4.2),
            Self::Audit => (13.5, 4.2),
            Self::Check => (6.0, 4.2),
            Self::Read => (4.0, 4.2),
        }
    }
}

/// What a process takes without any input: lists of names and domains, number plans, threads.
const BASE: f64 = 165e6;
/// What it takes for work in progress: so much per byte of input, until there is as much as is ever
/// worked on at a time.
const BUFFERS: (f64, f64) = (20.0, 130e6);
/// How many bytes a compressed one stands for, where the file does not say.
const PACKED: f64 = 10.0;

/// An estimate of the memory that work on these inputs takes at its peak, in bytes. What cannot be
/// measured beforehand (standard input, a database server) counts as nothing.
pub fn estimate(work: Work, leads: &[Source], activities: &[Source]) -> u64 {
    let (of_leads, of_activities) = work.factors();
    let size = |sources: &[Source]| sources.iter().map(|source| size(&source.path)).sum::<f64>();
    let (leads, activities) = (size(leads), size(activities));
    let buffers = (BUFFERS.0 * (leads + activities)).min(BUFFERS.1);
    (BASE + buffers + of_leads * leads + of_activities * activities) as u64
}

/// Bytes of text in a file.
fn size(path: &Path) -> f64 {
    let Ok(mut file) = std::fs::File::open(path) else { return 0.0 };
    let Some(length) = file.metadata().ok().filter(|meta| meta.is_file()).map(|meta| meta.len())
    else {
        return 0.0;
    };
    let mut start = [0; 4];
    let magics: [&[u8]; 3] = [&[0x1f, 0x8b], b"PK\x03\x04", b"PAR1"];
    let packed = file.read(&mut start).is_ok() && magics.iter().any(|m| start.starts_with(m));
    if packed { length as f64 * PACKED } else { length as f64 }
}

/// Refuses work that is expected to need more than `limit` bytes.
///
/// # Errors
/// [`Error::Usage`] with the estimate and what to do.
pub fn check(limit: u64, work: Work, leads: &[Source], activities: &[Source]) -> Result<()> {
    let needed = estimate(work, leads, activities);
    if needed <= limit {
        return Ok(());
    }
    let what = format!(
        "this takes about {} of memory, and --memory-limit allows {}",
        show(needed),
        show(limit)
    );
    let remedy = match work {
        Work::Clean | Work::Audit => {
            "allow more, work where there is more, or clean a part of the file first and the rest \
             with --known"
        }
        Work::Check | Work::Read => {
            "allow more, work where there is more, or give a part of the file"
        }
    };
    Err(Error::usage(what, remedy))
}

/// A size as people write it: `512MB`, `2 GiB`, `1.5G`, bytes without a unit.
pub fn parse(text: &str) -> Option<u64> {
    let text = text.trim();
    let unit_at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "t" | "tb" => 1e12,
        "kib" => 1024.0,
        "mib" => 1024.0 * 1024.0,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        "tib" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    let bytes = number.parse::<f64>().ok()? * factor;
    (1.0..1e18).contains(&bytes).then_some(bytes as u64)
}

/// A size for people, with one decimal.
fn show(bytes: u64) -> String {
    match bytes as f64 {
        b if b >= 1e9 => format!("{:.1} GB", b / 1e9),
        b => format!("{:.0} MB", (b / 1e6).ceil()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_people_write_them() {
        let cases = [
            ("512MB", Some(512_000_000)),
            ("2 GiB", Some(2_147_483_648)),
            ("1.5g", Some(1_500_000_000)),
            ("4096", Some(4_096)),
            ("0", None),
            ("much", None),
            ("-1G", None),
            ("3 apples", None),
            ("1e3", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_with_the_estimate() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("leads.csv");
        std::fs::write(&path, vec![b'x'; 1_000_000]).unwrap();
        let leads = [Source::new(&path)];
        assert!(check(200_000_000, Work::Clean, &leads, &[]).is_ok());
        let refused = check(100_000_000, Work::Clean, &leads, &[]).unwrap_err();
        assert_eq!(refused.exit_code(), 2);
        let said = refused.to_string();
        assert!(
            said.contains("192 MB") && said.contains("100 MB") && said.contains("--known"),
            "{said}"
        );
        std::fs::write(&path, [vec![0x1f, 0x8b], vec![0; 999_998]].concat()).unwrap();
        assert!(
            check(200_000_000, Work::Clean, &leads, &[]).is_err(),
            "compressed: ten times that"
        );
    }

    #[test]
    fn estimates_are_no_less_than_what_was_measured() {
        // Megabytes of leads, and peak megabytes of cleaning, checking and reading.
        let measured = [
            (0.22, [148, 171, 149]),
            (6.6, [296, 253, 233]),
            (21.8, [393, 355, 298]),
            (66.4, [685, 649, 480]),
            (221.2, [1504, 1509, 1066]),
        ];
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("leads.csv");
        for (size, peaks) in measured {
            // A file of that size that takes no room.
            std::fs::File::create(&path).unwrap().set_len((size * 1e6) as u64).unwrap();
            for (work, peak) in [Work::Clean, Work::Check, Work::Read].into_iter().zip(peaks) {
                let estimate = estimate(work, &[Source::new(&path)], &[]) / 1_000_000;
                assert!(estimate * 20 >= peak * 19, "{size} {work:?}: {estimate}, not {peak}");
                assert!(estimate < peak * 2, "{size} {work:?}: {estimate}, not {peak}");
            }
        }
    }
}
