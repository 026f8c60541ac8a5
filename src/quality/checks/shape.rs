//! The files themselves: rows of another length, bytes of another encoding, marks.

use crate::quality::Collector;
use crate::quality::census::{Census, sentence};
use crate::quality::finding::Sample;

/// Runs the group.
pub(super) fn check(census: &Census, out: &mut Collector) {
    let table = census.material.table;
    let leads = table.sources.iter();
    let activities = census.material.activities.map_or(&[][..], |(log, _)| &log.table.sources);
    for source in leads.chain(activities) {
        let rows = source.records + source.rejected;
        let mut places: Vec<Sample> = census
            .material
            .rejects
            .iter()
            .filter(|(name, _)| *name == source.name)
            .map(|(_, reject)| Sample {
                record: String::new(),
                line: reject.line,
                value: reject.reason.clone(),
            })
            .collect();
        places.sort_by_key(|place| place.line);
        let count = places.len() as u64;
        places.truncate(out.max_samples);
        out.take_places("ragged-row", &source.file, (count, rows), places, sentence("ragged-row"));
        // The reader notes bytes that do not fit; which ones is seen by `mojibake`.
        let misfit =
            |note: &String| note.contains('\u{fffd}') || note.contains("in another encoding");
        let broken = u64::from(source.notes.iter().any(misfit));
        let message = sentence("encoding");
        out.take_places("encoding", &source.file, (broken, 1), Vec::new(), message);
        let bom = u64::from(source.bom);
        out.take_places("bom", &source.file, (bom, 1), Vec::new(), sentence("bom"));
    }
}
