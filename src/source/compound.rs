//! Old Excel files before the library reads them: chains of sectors that come back to themselves.
//!
//! An .xls file is a small file system: a table says of every sector which one follows. The library
//! follows a chain as long as there is a next sector, so that a damaged table without an end fills
//! the memory. Only that is looked for here; everything else is the library's to judge.

/// Length of the header; sector 0 begins behind it, or behind a whole sector of it.
const HEADER: usize = 512;
/// The first number that names no sector: free, end of a chain, or a part of the table itself.
const NO_SECTOR: u32 = 0xffff_fffa;
/// Bytes of an entry of the directory.
const ENTRY: usize = 128;
/// Streams shorter than this have a table of their own, and the library stops at their length.
const SHORT: u64 = 4096;

/// True when a chain of sectors the library would follow has no end.
pub(crate) fn has_endless_chain(bytes: &[u8]) -> bool {
    let Some(table) = Table::read(bytes) else { return false };
    let start = number(bytes, 48).unwrap_or(NO_SECTOR);
    let Some(directory) = table.chain(start) else { return true };
    let entries = directory.iter().flat_map(|&id| table.sector(id).chunks_exact(ENTRY));
    let large = |(i, entry): (usize, &[u8])| {
        let length = u64::from(number(entry, 120)?) | (u64::from(number(entry, 124)?) << 32);
        (i == 0 || length >= SHORT).then(|| number(entry, 116)).flatten()
    };
    let streams = entries.enumerate().filter_map(large);
    let short_table = number(bytes, 60);
    streams.chain(short_table).any(|start| table.chain(start).is_none())
}

/// Which sector follows which.
struct Table<'a> {
    bytes: &'a [u8],
    size: usize,
    next: Vec<u32>,
}

impl<'a> Table<'a> {
    /// `None` when the library would not get as far as following a chain.
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let size = match bytes.get(30..32)? {
            [9, 0] => 512,
            [12, 0] => 4096,
            _ => return None,
        };
        let mut table = Self { bytes, size, next: Vec::new() };
        let mut parts: Vec<u32> = numbers(bytes.get(76..HEADER)?).collect();
        let mut more = number(bytes, 68)?;
        let most = bytes.len() / size + 1;
        for _ in 0..=most {
            if more >= NO_SECTOR {
                break;
            }
            parts.extend(numbers(table.sector(more)));
            more = parts.pop()?;
        }
        for part in parts.into_iter().filter(|&id| id < NO_SECTOR).take(most) {
            let of_part: Vec<u32> = numbers(table.sector(part)).collect();
            table.next.extend(of_part);
        }
        Some(table)
    }

    /// The bytes of a sector; fewer, or none, at the end of the file.
    fn sector(&self, id: u32) -> &'a [u8] {
        let start = (id as usize).saturating_add(1).saturating_mul(self.size);
        let end = start.saturating_add(self.size).min(self.bytes.len());
        self.bytes.get(start..end).unwrap_or(&[])
    }

    /// The sectors of a chain; `None` when it has more than there are.
    fn chain(&self, start: u32) -> Option<Vec<u32>> {
        let mut sectors = Vec::new();
        let mut at = start;
        while at < NO_SECTOR {
            if sectors.len() > self.next.len() {
                return None;
            }
            sectors.push(at);
            // Where the table ends the library gives up.
            let Some(&next) = self.next.get(at as usize) else { break };
            at = next;
        }
        Some(sectors)
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A file of a table, a directory and one stream of two sectors.
    fn file(next: &[u32]) -> Vec<u8> {
        let mut bytes = vec![0xff; HEADER];
        bytes[30..32].copy_from_slice(&[9, 0]);
        bytes[48..52].copy_from_slice(&1u32.to_le_bytes());
        bytes[76..80].copy_from_slice(&0u32.to_le_bytes());
        let mut table: Vec<u8> = next.iter().flat_map(|n| n.to_le_bytes()).collect();
        table.resize(512, 0xff);
        let mut directory = vec![0; 512];
        directory[116..120].copy_from_slice(&u32::MAX.to_le_bytes());
        directory[ENTRY + 116..ENTRY + 120].copy_from_slice(&2u32.to_le_bytes());
        directory[ENTRY + 120..ENTRY + 124].copy_from_slice(&5000u32.to_le_bytes());
        [bytes, table, directory, vec![0; 1024]].concat()
    }

    #[test]
    fn chains_end_or_are_refused() {
        const END: u32 = 0xffff_fffe;
        let cases: [(&[u32], bool, &str); 5] = [
            (&[0xffff_fffd, END, 3, END], false, "a directory and a stream of two sectors"),
            (&[0xffff_fffd, 1, 3, END], true, "the directory is followed by itself"),
            (&[0xffff_fffd, END, 3, 2], true, "the stream goes round"),
            (&[0, 0, 0, 0], true, "a table of zeros"),
            (&[0xffff_fffd, END, 3, 900], false, "a sector that is not there"),
        ];
        for (next, endless, why) in cases {
            assert_eq!(has_endless_chain(&file(next)), endless, "{why}");
        }
        assert!(!has_endless_chain(b""));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(next in prop::collection::vec(any::<u32>(), 0..8), flips in prop::collection::vec((0usize..2560, any::<u8>()), 0..20)) {
            let mut bytes = file(&next);
            for (at, byte) in flips {
                if let Some(slot) = bytes.get_mut(at) {
                    *slot = byte;
                }
            }
            has_endless_chain(&bytes);
        }
    }
}
