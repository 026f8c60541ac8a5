//! Point 6: the journal is whole, gives the inputs back, and leads to the persons of the output.
//!
//! Each line's chain is a hash over the one before and the salted digest of its payload, so a line
//! cannot be changed, dropped or put elsewhere without the certificate's last chain being another.
//! A tombstone, what `forget` leaves of a line, keeps digest and chain and must name its receipt.

use super::Findings;
use super::certificate::Certificate;
use super::input::Evidence;
use super::people::People;
use crate::record::RecordId;
use crate::source::fingerprint::hex;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

const FILE: &str = "journal.jsonl";

#[derive(serde::Deserialize)]
struct Line {
    n: u64,
    kind: String,
    #[serde(default)]
    salt: Option<String>,
    /// As it is written, which is what the digest is over.
    #[serde(skip)]
    payload: Option<String>,
    #[serde(default)]
    digest: Option<String>,
    #[serde(default)]
    tombstone: Option<String>,
    chain: String,
}

#[derive(Default, serde::Deserialize)]
struct Piece {
    #[serde(default)]
    file: usize,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    base64: Option<String>,
    #[serde(default)]
    record: Option<String>,
    #[serde(default)]
    person_id: Option<String>,
}

#[derive(serde::Deserialize)]
struct Merge {
    person_id: String,
    winner: String,
    loser: String,
}

/// What the journal says.
#[derive(Debug, Default)]
pub(super) struct Journal {
    /// Bytes of each file; `None` when a piece was erased.
    files: BTreeMap<usize, Option<Vec<u8>>>,
    /// Record and person.
    records: Vec<(String, String)>,
    /// Person, winner, loser, in the order of the steps.
    merges: Vec<(String, String, String)>,
    tombstones: u64,
}

impl Journal {
    /// Whether lines were erased.
    pub fn is_erased_in_part(&self) -> bool {
        self.tombstones > 0
    }

    /// The bytes of an input, when the journal holds all of them.
    pub fn file(&self, index: usize) -> Option<&[u8]> {
        self.files.get(&index)?.as_deref()
    }
}

/// Reads and checks the journal; `None` when the run has none.
pub(super) fn read(
    folder: &Path,
    certificate: &Certificate,
    findings: &mut Findings,
) -> Option<Journal> {
    let bytes = match (std::fs::read(folder.join(FILE)), &certificate.journal) {
        (Ok(bytes), _) => bytes,
        (Err(_), Some(_)) => {
            findings.refuse(6, FILE, "", "is missing or cannot be read");
            return None;
        }
        (Err(_), None) => {
            findings.unchecked.push("the run has no journal: point 6 is not checked".into());
            return None;
        }
    };
    let mut journal = Journal::default();
    let mut chain = [0u8; 32];
    let mut count = 0u64;
    for (at, line) in bytes.split(|&b| b == b'\n').filter(|l| !l.is_empty()).enumerate() {
        let name = format!("line {}", at + 1);
        let Some(line) = parse(line) else {
            findings.refuse(6, FILE, name, "is no line of a journal");
            return Some(journal);
        };
        if line.n != at as u64 {
            findings.refuse(6, FILE, name.clone(), "is out of order: a line is missing or added");
        }
        let Some(digest) = digest(&line, folder, &name, &mut journal, findings) else {
            return Some(journal);
        };
        let mut hasher = Sha256::new();
        hasher.update(chain);
        hasher.update(&line.kind);
        hasher.update([0]);
        hasher.update(digest);
        chain.copy_from_slice(&hasher.finalize());
        if line.chain != hex(&chain) {
            findings.refuse(6, FILE, name, "breaks the chain: this line or one before was changed");
            return Some(journal);
        }
        read_payload(&line, &name, &mut journal, findings);
        count += 1;
    }
    match &certificate.journal {
        Some(end) if end.lines == count && end.chain == hex(&chain) => {}
        _ => findings.refuse(6, FILE, "", "does not end where the certificate says"),
    }
    if journal.tombstones > 0 {
        let what = format!("{} lines were erased with a receipt", journal.tombstones);
        findings.unchecked.push(what);
    }
    Some(journal)
}

/// One line. Its payload is taken as it stands between the keys around it.
fn parse(bytes: &[u8]) -> Option<Line> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut line: Line = serde_json::from_str(text).ok()?;
    let start = text.find("\"payload\":").map(|at| at + "\"payload\":".len());
    let end = text.rfind(",\"chain\":");
    if let (Some(start), Some(end)) = (start, end)
        && line.tombstone.is_none()
    {
        line.payload = text.get(start..end).map(str::to_string);
    }
    Some(line)
}

/// The salted digest of a line's payload, or the one a tombstone kept.
fn digest(
    line: &Line,
    folder: &Path,
    name: &str,
    journal: &mut Journal,
    findings: &mut Findings,
) -> Option<[u8; 32]> {
    if let Some(receipt) = &line.tombstone {
        journal.tombstones += 1;
        if !has_receipt(folder, receipt) {
            findings.refuse(6, FILE, name, "is a tombstone without a receipt");
        }
        let kept = line.digest.as_deref().and_then(unhex).and_then(|d| d.try_into().ok());
        if kept.is_none() {
            findings.refuse(6, FILE, name, "is a tombstone without a digest");
        }
        return kept;
    }
    let (salt, payload) = (line.salt.as_deref().and_then(unhex), line.payload.as_deref());
    let (Some(salt), Some(payload)) = (salt, payload) else {
        findings.refuse(6, FILE, name, "has neither payload nor tombstone");
        return None;
    };
    let mut hasher = Sha256::new();
    hasher.update(salt);
    hasher.update(payload);
    Some(hasher.finalize().into())
}

/// A receipt is a file of the folder that names it.
fn has_receipt(folder: &Path, receipt: &str) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    let named = entries.flatten().filter(|e| {
        let name = e.file_name().to_string_lossy().to_lowercase();
        name.contains("receipt") || name.contains("forget") || name.contains("forgotten")
    });
    !receipt.is_empty()
        && named.into_iter().any(|e| {
            let inside = || std::fs::read_dir(e.path()).into_iter().flatten().flatten();
            let texts = std::iter::once(e.path()).chain(inside().map(|e| e.path()));
            texts
                .into_iter()
                .any(|path| std::fs::read_to_string(path).is_ok_and(|text| text.contains(receipt)))
        })
}

fn read_payload(line: &Line, name: &str, journal: &mut Journal, findings: &mut Findings) {
    let Some(payload) = line.payload.as_deref() else {
        // An erased piece: whose it was is not known any more, so no file is whole.
        if matches!(line.kind.as_str(), "bytes" | "record" | "activity") {
            journal.files.values_mut().for_each(|file| *file = None);
        }
        return;
    };
    match line.kind.as_str() {
        "bytes" | "record" | "activity" => {
            let piece = serde_json::from_str::<Piece>(payload).unwrap_or_default();
            let bytes = match (&piece.text, &piece.base64) {
                (Some(text), _) => Some(text.clone().into_bytes()),
                (None, Some(text)) => STANDARD.decode(text).ok(),
                (None, None) => None,
            };
            let Some(bytes) = bytes else {
                return findings.refuse(6, FILE, name, "holds no piece of a file");
            };
            if let Some(file) = journal.files.entry(piece.file).or_insert_with(|| Some(Vec::new()))
            {
                file.extend_from_slice(&bytes);
            }
            if let (Some(record), Some(person), "record") =
                (piece.record, piece.person_id, line.kind.as_str())
            {
                journal.records.push((record, person));
            }
        }
        "merge" => match serde_json::from_str::<Merge>(payload) {
            Ok(step) => journal.merges.push((step.person_id, step.winner, step.loser)),
            Err(_) => findings.refuse(6, FILE, name, "is no merge step"),
        },
        _ => {}
    }
}

/// The steps must lead from records to exactly the persons of the crosswalk.
pub(super) fn check_people(
    journal: &Journal,
    evidence: &Evidence,
    people: &People,
    findings: &mut Findings,
) {
    let person = |r: &RecordId| people.ids[people.person_of[r.index()] as usize].as_str();
    for (record, said) in &journal.records {
        match people.labels.get(record) {
            Some(r) if person(r) == said => {}
            Some(_) => {
                let what = "its person is not that of crosswalk.csv";
                findings.refuse(6, FILE, record.as_str(), what);
            }
            None => findings.refuse(6, FILE, record.as_str(), "is no record of the inputs"),
        }
    }
    let mut group: Vec<usize> = (0..evidence.table.len()).collect();
    for (said, winner, loser) in &journal.merges {
        let ends = (people.labels.get(winner), people.labels.get(loser));
        let (Some(a), Some(b)) = ends else {
            findings.refuse(6, FILE, winner.as_str(), "a merge step names no record");
            continue;
        };
        if person(a) != said || person(b) != said {
            let what = "was merged, and crosswalk.csv has it in another person";
            findings.refuse(6, FILE, loser.as_str(), what);
        }
        let (a, b) = (root(&mut group, a.index()), root(&mut group, b.index()));
        if a == b {
            findings.refuse(6, FILE, loser.as_str(), "was merged twice");
        }
        group[a.max(b)] = a.min(b);
    }
    if journal.tombstones > 0 {
        return;
    }
    for members in &people.members {
        let first = root(&mut group, members[0].index());
        for record in members.iter().filter(|r| root(&mut group, r.index()) != first) {
            let what = "is in a person that no merge step leads to";
            findings.refuse(6, FILE, evidence.label(*record), what);
        }
    }
}

fn root(group: &mut [usize], mut i: usize) -> usize {
    while group[i] != i {
        group[i] = group[group[i]];
        i = group[i];
    }
    i
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).ok()).collect()
}
