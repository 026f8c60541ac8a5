//! Which row holds which record of which person.
//!
//! Records are numbered person by person; a permutation sends each to its row. Only the number of
//! the first record of every 64th person is kept, so ten million records cost under a megabyte.

use crate::random::{Permutation, Rng, Stream};

/// Persons between two kept sums.
const STEP: u64 = 64;
/// Persons in ten thousand that have 1, 2, 3, 4, 5 records.
const SIZES: [u32; 5] = [7976, 1269, 456, 204, 95];
/// Share of persons who are nobody: a form filled in to get past it.
const JUNK: f64 = 0.0047;

/// The plan of a database.
pub struct Plan {
    seed: u64,
    /// Number of the first record of persons 0, 64, 128, ...
    starts: Vec<u64>,
    pub persons: u64,
    pub records: u64,
    order: Permutation,
}

/// A record: whose, and which of theirs.
pub struct Slot {
    pub person: u64,
    pub record: u64,
}

impl Plan {
    /// Plans `records` rows.
    pub fn new(seed: u64, records: u64) -> Plan {
        let mut starts = Vec::new();
        let (mut total, mut persons) = (0u64, 0u64);
        while total < records {
            if persons % STEP == 0 {
                starts.push(total);
            }
            total += draw_size(seed, persons);
            persons += 1;
        }
        Plan { seed, starts, persons, records, order: Permutation::new(records, seed, 1) }
    }

    /// How many records a person has; the last one is cut to fit.
    pub fn size(&self, person: u64) -> u64 {
        let size = draw_size(self.seed, person);
        if person + 1 < self.persons { size } else { size.min(self.records - self.start(person)) }
    }

    /// Whether a person is nobody.
    pub fn is_junk(&self, person: u64) -> bool {
        is_junk(self.seed, person)
    }

    fn start(&self, person: u64) -> u64 {
        let mut at = self.starts[(person / STEP) as usize];
        for before in (person / STEP * STEP)..person {
            at += draw_size(self.seed, before);
        }
        at
    }

    /// What stands in a row (rows count from 0).
    pub fn slot(&self, row: u64) -> Slot {
        let number = self.order.inverse(row);
        let block = self.starts.partition_point(|start| *start <= number) - 1;
        let (mut person, mut at) = (block as u64 * STEP, self.starts[block]);
        loop {
            let size = draw_size(self.seed, person);
            if number < at + size {
                return Slot { person, record: number - at };
            }
            at += size;
            person += 1;
        }
    }

    /// Calls `visit` with every person's number and the number of their first record.
    pub fn each_person<E>(
        &self,
        mut visit: impl FnMut(u64, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut at = 0;
        for person in 0..self.persons {
            visit(person, at)?;
            at += draw_size(self.seed, person);
        }
        Ok(())
    }

    /// The row (from 0) of the record with this number.
    pub fn row(&self, number: u64) -> u64 {
        self.order.forward(number)
    }
}

fn is_junk(seed: u64, person: u64) -> bool {
    Rng::keyed(seed, Stream::Size, person).chance(JUNK)
}

fn draw_size(seed: u64, person: u64) -> u64 {
    let mut rng = Rng::keyed(seed, Stream::Size, person);
    if rng.chance(JUNK) { 1 } else { rng.weighted(&SIZES) as u64 + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_holds_one_record_and_knows_it() {
        for records in [1, 2, 63, 1000] {
            let plan = Plan::new(5, records);
            let mut rows = vec![0; records as usize];
            let visited: Result<(), ()> = plan.each_person(|person, first| {
                for record in 0..plan.size(person) {
                    let row = plan.row(first + record);
                    rows[row as usize] += 1;
                    let slot = plan.slot(row);
                    assert_eq!((slot.person, slot.record), (person, record));
                }
                Ok(())
            });
            assert!(visited.is_ok());
            assert!(rows.iter().all(|count| *count == 1), "{records} records");
        }
    }
}
