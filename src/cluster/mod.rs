//! Clusters: which records are one person.

pub mod relation;
pub mod resolve;
pub(crate) mod union;

use crate::record::RecordId;

#[cfg(test)]
mod tests;

/// The outcome of clustering: every record is in exactly one person.
#[derive(Debug, Clone, Default)]
pub struct Clusters {
    /// Person index, per record. Persons are numbered by their smallest `RecordId`.
    pub person_of: Vec<u32>,
    /// Start of each person's records in `members`; one entry more than there are persons.
    pub start: Vec<u32>,
    /// Records by person, ascending within a person.
    pub members: Vec<RecordId>,
    /// Per record: the calibrated probability of the strongest link that holds it in its person;
    /// 1.0 for a record alone.
    pub probability: Vec<f32>,
}

impl Clusters {
    /// Number of persons.
    pub fn len(&self) -> usize {
        self.start.len().saturating_sub(1)
    }

    /// True when there is no person.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The records of a person.
    pub fn members(&self, person: u32) -> &[RecordId] {
        let p = person as usize;
        &self.members[self.start[p] as usize..self.start[p + 1] as usize]
    }

    /// Groups records by a representative each (any labelling; equal label = same person).
    pub fn from_labels(label: &[u32]) -> Self {
        let n = label.len();
        let mut first = vec![u32::MAX; n];
        let mut person_of = Vec::with_capacity(n);
        let mut count: Vec<u32> = Vec::new();
        for &l in label {
            let person = &mut first[l as usize];
            if *person == u32::MAX {
                *person = count.len() as u32;
                count.push(0);
            }
            count[*person as usize] += 1;
            person_of.push(*person);
        }
        let mut start = Vec::with_capacity(count.len() + 1);
        let mut sum = 0;
        start.push(0);
        for c in &count {
            sum += c;
            start.push(sum);
        }
        let mut next: Vec<u32> = start.clone();
        let mut members = vec![RecordId(0); n];
        for (record, &person) in person_of.iter().enumerate() {
            let slot = &mut next[person as usize];
            members[*slot as usize] = RecordId(record as u32);
            *slot += 1;
        }
        Self { person_of, start, members, probability: vec![1.0; n] }
    }
}
