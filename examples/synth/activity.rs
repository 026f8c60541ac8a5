//! Activities, in order of time, and which of them are one event told twice.
//!
//! Persons are visited one after the other, but the file is sorted by time: activities go to a
//! file per span of time first, then each span is sorted and written. Memory holds one span.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use crate::clock::{END, write_time};
use crate::random::{Rng, Stream, mix};

static KINDS: [(&str, u32); 11] = [
    ("page_view", 3812),
    ("email_open", 3021),
    ("email_click", 981),
    ("download", 507),
    ("form_submit", 502),
    ("pricing_view", 401),
    ("webinar", 286),
    ("bounce", 195),
    ("demo_request", 150),
    ("unsubscribe", 80),
    ("purchase", 63),
];

/// Shape of the negative binomial law of activities per record: many have none, a few dozens.
const SHAPE: f64 = 0.43;
/// The most activities one record starts with, at the usual mean.
const MOST: f64 = 40.0;
/// The usual mean.
const USUAL: f64 = 4.5;
/// Share of the mean that is drawn; copies of events bring the rest.
const DRAWN: f64 = 0.985;
/// Probability that an event told so many times more is told once more still.
const AGAIN: [f64; 6] = [1.0, 1.0, 0.235, 0.42, 0.45, 0.65];
/// Bytes of one activity in a span file.
const WIDTH: usize = 30;
/// About how many activities one span holds.
const SPAN: u64 = 1_500_000;

struct Activity {
    at: u32,
    kind: u8,
    campaign: u8,
    lead: u32,
    id: u64,
    event: u64,
}

impl Activity {
    fn pack(&self) -> [u8; WIDTH] {
        let mut bytes = [0u8; WIDTH];
        bytes[0..4].copy_from_slice(&self.at.to_le_bytes());
        bytes[4] = self.kind;
        bytes[5] = self.campaign;
        bytes[6..10].copy_from_slice(&self.lead.to_le_bytes());
        bytes[10..18].copy_from_slice(&self.id.to_le_bytes());
        bytes[18..26].copy_from_slice(&self.event.to_le_bytes());
        bytes
    }

    fn unpack(bytes: &[u8]) -> Activity {
        let number = |from: usize, to: usize| {
            bytes[from..to].iter().rev().fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte))
        };
        Activity {
            at: number(0, 4) as u32,
            kind: bytes[4],
            campaign: bytes[5],
            lead: number(6, 10) as u32,
            id: number(10, 18),
            event: number(18, 26),
        }
    }
}

/// Where span files stand while activities are collected.
fn span_folder(out: &Path) -> PathBuf {
    out.join(".synth-spans")
}

/// Takes away the span files of a run that failed; there is nothing to say if that fails too.
pub fn discard_spans(out: &Path) {
    let _ = std::fs::remove_dir_all(span_folder(out));
}

/// Collects activities person by person.
pub struct Activities {
    seed: u64,
    /// Probability of no activity, and the law's step from one count to the next.
    none: f64,
    ratio: f64,
    most: u32,
    spans: Vec<BufWriter<File>>,
    folder: PathBuf,
    events: u64,
}

impl Activities {
    /// Opens the span files below `out`.
    pub fn new(out: &Path, seed: u64, records: u64, per_record: f64) -> io::Result<Activities> {
        let folder = span_folder(out);
        std::fs::create_dir_all(&folder)?;
        let count = ((records as f64 * per_record) as u64 / SPAN + 1).min(200);
        let mut spans = Vec::new();
        for number in 0..count {
            let file = File::create(folder.join(number.to_string()))?;
            spans.push(BufWriter::with_capacity(1 << 15, file));
        }
        let odds = per_record * DRAWN / SHAPE;
        let none = (1.0 + odds).powf(-SHAPE);
        let ratio = odds / (1.0 + odds);
        let most = (MOST * (per_record / USUAL).max(1.0)) as u32;
        Ok(Activities { seed, none, ratio, most, spans, folder, events: 0 })
    }

    /// How many activities a record starts with, by walking up the cumulated law.
    fn draw_count(&self, rng: &mut Rng) -> u32 {
        let mut left = rng.unit();
        let (mut count, mut share) = (0u32, self.none);
        while left >= share && count < self.most {
            left -= share;
            share *= (f64::from(count) + SHAPE) / f64::from(count + 1) * self.ratio;
            count += 1;
        }
        count
    }

    /// Adds the activities of one person: `rows` are the lead numbers of their records,
    /// `created` when each was made.
    pub fn add_person(&mut self, number: u64, rows: &[u32], created: &[u32]) -> io::Result<()> {
        let mut rng = Rng::keyed(self.seed, Stream::Activity, number);
        let rng = &mut rng;
        for (row, created) in rows.iter().zip(created) {
            for _ in 0..self.draw_count(rng) {
                let share = rng.unit().powf(1.6);
                let at = created + ((END - created) as f64 * share) as u32;
                let kind = rng.weighted(&KINDS.map(|(_, weight)| weight)) as u8;
                let campaign = rng.below(40) as u8;
                let event = self.events;
                self.events += 1;
                let id = self.id(event, 0);
                let first = Activity { at, kind, campaign, lead: *row, id, event };
                self.put(&first)?;
                if rows.len() > 1 && rng.chance(0.0475) {
                    self.put_copies(rng, first, rows)?;
                }
            }
        }
        Ok(())
    }

    /// The same event again: first under another of the person's records, then perhaps more.
    fn put_copies(&mut self, rng: &mut Rng, mut copy: Activity, rows: &[u32]) -> io::Result<()> {
        let (original_row, original_id) = (copy.lead, copy.id);
        let others: Vec<u32> = rows.iter().copied().filter(|row| *row != original_row).collect();
        copy.lead = *rng.pick(&others);
        let mut copies = 1;
        while copies < 12 && (copies == 1 || rng.chance(AGAIN[copies.min(5) as usize])) {
            copy.id = if rng.chance(0.6) { original_id } else { self.id(copy.event, copies) };
            if copies > 1 && rng.chance(0.4) {
                copy.lead = *rng.pick(rows);
            }
            self.put(&copy)?;
            copies += 1;
        }
        Ok(())
    }

    fn id(&self, event: u64, copy: u64) -> u64 {
        mix(mix(self.seed ^ 0x00ac_7101) ^ mix(event * 16 + copy)) >> 4
    }

    fn put(&mut self, activity: &Activity) -> io::Result<()> {
        let count = self.spans.len();
        // Later years are busier; the square spreads them evenly enough over the spans.
        let share = f64::from(activity.at) / f64::from(END + 1);
        let span = ((share * share) * count as f64) as usize;
        self.spans[span.min(count - 1)].write_all(&activity.pack())
    }

    /// Sorts the spans into `activities.csv` and `events_truth.csv`; returns the number of rows.
    pub fn finish(self, out: &Path) -> io::Result<u64> {
        let mut file = BufWriter::new(File::create(out.join("activities.csv"))?);
        let mut truth = BufWriter::new(File::create(out.join("events_truth.csv"))?);
        writeln!(file, "event_id,lead_id,event_type,occurred_at,campaign")?;
        writeln!(truth, "row,event")?;
        let mut row = 0u64;
        let count = self.spans.len();
        for span in self.spans {
            span.into_inner().map_err(io::IntoInnerError::into_error)?;
        }
        let mut line = Vec::new();
        for number in 0..count {
            let path = self.folder.join(number.to_string());
            let mut bytes = Vec::new();
            BufReader::new(File::open(&path)?).read_to_end(&mut bytes)?;
            std::fs::remove_file(&path)?;
            let mut list: Vec<Activity> = bytes.chunks_exact(WIDTH).map(Activity::unpack).collect();
            drop(bytes);
            // Ids order what happened in one second, so that order tells nothing about the person.
            list.sort_unstable_by_key(|one| (one.at, mix(one.event), one.id, one.lead));
            for one in &list {
                row += 1;
                line.clear();
                write!(line, "E{:015x},L{:08},{},", one.id, one.lead, KINDS[one.kind as usize].0)?;
                write_time(&mut line, one.at);
                writeln!(line, ",c{:02}", one.campaign)?;
                file.write_all(&line)?;
                writeln!(truth, "{row},0-{}", one.event)?;
            }
        }
        file.flush()?;
        truth.flush()?;
        std::fs::remove_dir(&self.folder)?;
        Ok(row)
    }
}
