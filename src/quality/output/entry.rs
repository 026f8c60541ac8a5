//! Entries of formats that list places: which records are listed, under which fingerprint.
//!
//! Code scanning and code quality pages keep no more than some thousand entries and follow them over
//! time by a fingerprint. Ours is made of check, column and record, never of the line, since a row
//! added at the top would otherwise make everything new. A plain digest of a record's id could be
//! guessed, so records are fingerprinted under a key or not at all.

use super::Context;
use super::escape::{percent, thousands, visible};
use crate::quality::finding::{Checked, Finding, Sample};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// One place to be listed.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<'a> {
    /// What was found.
    pub finding: &'a Finding,
    /// Where; none where the entry is about all of the finding.
    pub sample: Option<&'a Sample>,
    /// Places of the finding that are not listed; told by its first entry.
    pub more: u64,
    /// What it is recognized by next time; never two alike.
    pub fingerprint: String,
}

/// The entries of all findings, at most `limit`, and how many findings have none.
///
/// With a key every sample is an entry, without one every finding. Where there are too many, every
/// finding keeps one and the rest is shared equally, the graver findings first.
pub fn entries<'a>(
    checked: &'a Checked,
    context: &Context,
    limit: usize,
) -> (Vec<Entry<'a>>, usize) {
    let listed = checked.findings.len().min(limit);
    let wanted: Vec<usize> = checked.findings[..listed]
        .iter()
        .map(|finding| if context.key.is_some() { finding.samples.len().max(1) } else { 1 })
        .collect();
    let shares = share(&wanted, limit);
    let mut seen = BTreeSet::new();
    let mut entries = Vec::with_capacity(shares.iter().sum());
    for (finding, share) in checked.findings.iter().zip(shares) {
        let samples = if context.key.is_some() { &finding.samples[..] } else { &[] };
        let more = finding.count.saturating_sub(share as u64);
        if samples.is_empty() {
            let fingerprint = unique(&mut seen, |n| of_finding(finding, n));
            entries.push(Entry { finding, sample: None, more: 0, fingerprint });
            continue;
        }
        for (at, sample) in samples[..share].iter().enumerate() {
            let fingerprint = unique(&mut seen, |n| of_record(finding, sample, n, context));
            let more = if at == 0 { more } else { 0 };
            entries.push(Entry { finding, sample: Some(sample), more, fingerprint });
        }
    }
    (entries, checked.findings.len() - listed)
}

/// How many of `limit` each gets: all it wants where that fits, else the same as others.
fn share(wanted: &[usize], limit: usize) -> Vec<usize> {
    let mut given = vec![0; wanted.len()];
    let mut left = limit;
    loop {
        let open: Vec<usize> = (0..wanted.len()).filter(|&i| given[i] < wanted[i]).collect();
        if open.is_empty() || left == 0 {
            return given;
        }
        let each = (left / open.len()).max(1);
        for i in open {
            let more = each.min(wanted[i] - given[i]).min(left);
            given[i] += more;
            left -= more;
        }
    }
}

fn unique(seen: &mut BTreeSet<String>, make: impl Fn(u32) -> String) -> String {
    let mut again = 0;
    loop {
        let fingerprint = make(again);
        if seen.insert(fingerprint.clone()) {
            return fingerprint;
        }
        again += 1;
    }
}

fn of_finding(finding: &Finding, again: u32) -> String {
    let message = format!("leadmend-finding-1\0{}\0{again}", key_of(finding));
    Sha256::digest(message.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn of_record(finding: &Finding, sample: &Sample, again: u32, context: &Context) -> String {
    let record = &sample.record;
    let message = format!("leadmend-finding-1\0{}\0{record}\0{again}", key_of(finding));
    context.key.as_ref().map_or_else(String::new, |key| key.hash(&message))
}

fn key_of(finding: &Finding) -> String {
    let column = finding.column.as_deref().unwrap_or("");
    format!("{}\0{column}\0{}", finding.check, finding.file)
}

/// The sentence of a finding with its counts: `email-invalid in «E-mail»: ... (41 of 10,420, 0.39 %)`.
pub fn sentence(finding: &Finding) -> String {
    let place = match &finding.column {
        Some(column) => format!(" in «{}»", visible(column)),
        None => String::new(),
    };
    format!("{}{place}: {} ({})", finding.check, visible(&finding.message), counts(finding))
}

/// `41 of 10,420, 0.39 %`
pub fn counts(finding: &Finding) -> String {
    if finding.of == 0 {
        return thousands(finding.count);
    }
    let (count, of) = (thousands(finding.count), thousands(finding.of));
    format!("{count} of {of}, {}", percent(finding.rate))
}

/// `crm:1041, line 7: m****@a***.example`, as far as it is known.
pub fn place(sample: &Sample) -> String {
    let mut text = visible(&sample.record);
    if sample.line > 0 {
        let comma = if text.is_empty() { "" } else { ", " };
        text = format!("{text}{comma}line {}", sample.line);
    }
    match (text.is_empty(), sample.value.is_empty()) {
        (_, true) => text,
        (true, false) => visible(&sample.value),
        (false, false) => format!("{text}: {}", visible(&sample.value)),
    }
}

impl Entry<'_> {
    /// The sentence of the finding with the entry's own place, and how many others are not listed.
    pub fn text(&self) -> String {
        let mut text = sentence(self.finding);
        if let Some(sample) = self.sample {
            text = format!("{text}; {}", place(sample));
        }
        if self.more > 0 {
            text = format!("{text}, and {} more", thousands(self.more));
        }
        text
    }

    /// The line of the entry's place, at least 1: pages need one.
    pub fn line(&self) -> u32 {
        self.sample.map_or_else(|| first_line(self.finding), |sample| sample.line.max(1))
    }
}

/// The line of the first sample, at least 1: pages need one.
pub fn first_line(finding: &Finding) -> u32 {
    finding.samples.first().map_or(1, |sample| sample.line.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_gets_one_before_anyone_gets_two() {
        let cases: [(&[usize], usize, &[usize]); 5] = [
            (&[3, 3], 10, &[3, 3]),
            (&[100, 1, 1], 5, &[3, 1, 1]),
            (&[9, 9, 9], 10, &[4, 3, 3]),
            (&[1, 1, 1], 2, &[1, 1, 0]),
            (&[], 2, &[]),
        ];
        for (wanted, limit, given) in cases {
            assert_eq!(share(wanted, limit), given, "{wanted:?} of {limit}");
        }
    }
}
