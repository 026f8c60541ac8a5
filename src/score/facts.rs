//! What a scoring model may ask of a lead: fields by name, events by kind.
//!
//! The columns hold one entry per *distinct* value, so that a condition is decided once per value
//! and scoring a record is array look-ups.

use crate::record::RecordId;

/// A distinct field value as conditions see it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum FactValue {
    /// Not known: every comparison with it is *unknown*.
    #[default]
    Missing,
    /// Text; compared after folding case, accents and white space.
    Text(String),
    /// A number in integer thousandths.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Instant(i64),
}

/// One field over all records and all merged persons.
#[derive(Debug, Clone, Default)]
pub struct FieldColumn {
    /// Name as models write it: `country`, `region`, `title.normalized`, `title.seniority`,
    /// `email.role`, `consent.marketing`, or an input header.
    pub name: String,
    /// Distinct values; index 0 is [`FactValue::Missing`].
    pub values: Vec<FactValue>,
    /// Index into `values`, per record.
    pub of_record: Vec<u32>,
    /// Index into `values`, per person: the value that survived the merge.
    pub of_person: Vec<u32>,
    /// The record whose value survived, per person.
    pub from_record: Vec<RecordId>,
}

/// All events bound to a lead, sorted by person, then time, then content.
#[derive(Debug, Clone, Default)]
pub struct Events {
    /// Start of each person's events; one entry more than there are persons.
    pub start: Vec<u32>,
    /// Microseconds since 1970-01-01T00:00:00Z; `i64::MIN` when the row has no usable date.
    pub at: Vec<i64>,
    /// Index into `kinds`.
    pub kind: Vec<u16>,
    /// Index into `objects`; 0 is no object.
    pub object: Vec<u32>,
    /// The record the event was logged on.
    pub record: Vec<RecordId>,
    /// Index of the activity (its row in the united activity input).
    pub activity: Vec<u32>,
    /// Counts in the union: false for a duplicate of another event of the person.
    pub in_union: Vec<bool>,
    /// Counts for its record alone: false for a duplicate within the same record.
    pub in_part: Vec<bool>,
    /// For `kind="ledger"` components: the points delta in thousandths, where the rows carry one.
    pub delta: Option<Vec<i64>>,
    /// Canonical kind names (spec: activity kinds), e.g. `email.open`, `other:visita guiada`.
    pub kinds: Vec<String>,
    /// Distinct objects; index 0 is empty.
    pub objects: Vec<String>,
}

/// Everything scoring reads.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Fields, in a stable order.
    pub fields: Vec<FieldColumn>,
    /// Events of all persons.
    pub events: Events,
    /// Start of each person's records in `members`; one entry more than there are persons.
    pub member_start: Vec<u32>,
    /// Records by person; within a person from the newest to the oldest (updated, else created,
    /// else unknown; ties by digest).
    pub members: Vec<RecordId>,
    /// Number of records.
    pub record_count: u32,
    /// The record that survives the merge, per person, for models that keep its score; empty when
    /// that is the newest of each.
    pub survivor: Vec<RecordId>,
}

impl Facts {
    /// Number of persons.
    pub fn person_count(&self) -> usize {
        self.member_start.len().saturating_sub(1)
    }

    /// Records of a person, newest first.
    pub fn members_of(&self, person: u32) -> &[RecordId] {
        slice_of(&self.member_start, person).and_then(|r| self.members.get(r)).unwrap_or_default()
    }

    /// Event indices of a person.
    pub fn events_of(&self, person: u32) -> std::ops::Range<u32> {
        let end = self.events.kind.len();
        match slice_of(&self.events.start, person) {
            Some(range) if range.end <= end => range.start as u32..range.end as u32,
            _ => 0..0,
        }
    }

    /// Index of a field by name.
    pub fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }
}

fn slice_of(starts: &[u32], person: u32) -> Option<std::ops::Range<usize>> {
    let start = *starts.get(person as usize)? as usize;
    let end = *starts.get(person as usize + 1)? as usize;
    (start <= end).then_some(start..end)
}

impl FieldColumn {
    /// Index of the value that survived for a person; 0 (missing) when there is none.
    pub fn person_value(&self, person: u32) -> u32 {
        self.of_person.get(person as usize).copied().unwrap_or(0)
    }

    /// Index of the value of a record; 0 (missing) when there is none.
    pub fn record_value(&self, record: RecordId) -> u32 {
        self.of_record.get(record.index()).copied().unwrap_or(0)
    }
}
