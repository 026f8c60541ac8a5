//! What an original consent column carries after a merge.
//!
//! Why it needs a rule of its own: the merged lead goes back into a CRM that reads the column and
//! nothing else, so the column must never say yes where the decision says no. A member's own cell is
//! preferred, so that the column keeps its spelling.

use super::{Decision, State};
use crate::record::{Column, RecordId, ValueId};

/// How the values of a consent column are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnMeaning {
    /// True: refused (`HasOptedOutOfEmail`, `do_not_call`).
    OptOut,
    /// True: agreed (`opt_in`).
    OptIn,
    /// A word (`subscribed`, `unsubscribed`, `cleaned`).
    Status,
}

/// What to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnCell {
    /// The cell of this member.
    Record(RecordId),
    /// A value no member has.
    Text(String),
}

/// A consent column with what each of its values says.
#[derive(Debug, Clone)]
pub struct ConsentColumn<'a> {
    column: &'a Column,
    states: &'a [State],
    meaning: ColumnMeaning,
    /// Of each state the column's own spelling, in the order of [`State`].
    spelled: [Option<&'a str>; 6],
}

const STATES: [State; 6] = [
    State::OptedIn,
    State::Unknown,
    State::Bounced,
    State::OptedOut,
    State::Complained,
    State::Objected,
];

impl<'a> ConsentColumn<'a> {
    /// `states` says per distinct value of the column what that value means by itself.
    pub fn new(column: &'a Column, states: &'a [State], meaning: ColumnMeaning) -> Self {
        let mut spelled = [None; 6];
        for (text, &state) in column.dictionary.iter().zip(states).skip(1) {
            let slot: &mut Option<&str> = &mut spelled[state as usize];
            // The least text: the order of a dictionary is that of the rows.
            *slot = Some(slot.map_or(text, |t| t.min(text)));
        }
        Self { column, states, meaning, spelled }
    }

    fn state(&self, record: RecordId) -> State {
        match self.column.ids[record.index()] {
            ValueId::MISSING => State::Unknown,
            id => self.states.get(id.index()).copied().unwrap_or_default(),
        }
    }

    /// Whether a cell that says `cell` may stand for the merged state `wanted`.
    fn may_stand(&self, cell: State, wanted: State) -> bool {
        match self.meaning {
            // A bounce is no wish: it neither sets nor clears a flag.
            ColumnMeaning::OptOut if wanted == State::Bounced => true,
            ColumnMeaning::OptOut => cell.is_refusal() == wanted.is_refusal(),
            ColumnMeaning::OptIn if wanted.is_refusal() => cell != State::OptedIn,
            ColumnMeaning::OptIn => wanted != State::OptedIn || cell == State::OptedIn,
            ColumnMeaning::Status if wanted == State::Bounced => cell.is_refusal(),
            ColumnMeaning::Status if wanted.is_will() => cell.is_will(),
            ColumnMeaning::Status => cell == wanted || cell == State::Unknown,
        }
    }

    /// The cell of a merged lead: `chosen` (the record the field rules took) when it may stand, else
    /// the member that says most exactly what was decided, else a value in the column's spelling.
    pub fn merged(
        &self,
        decision: &Decision,
        members: &[RecordId],
        chosen: RecordId,
    ) -> ColumnCell {
        let wanted = decision.column_state;
        let stands = |r: &RecordId| self.may_stand(self.state(*r), wanted);
        let exact = |r: &RecordId| self.state(*r) == wanted;
        if stands(&chosen) && (exact(&chosen) || !members.iter().any(exact)) {
            return ColumnCell::Record(chosen);
        }
        let member = members.iter().copied().find(|r| stands(r) && exact(r));
        match member.or_else(|| members.iter().copied().find(stands)) {
            Some(record) => ColumnCell::Record(record),
            None => ColumnCell::Text(self.spell(wanted)),
        }
    }

    fn spell(&self, wanted: State) -> String {
        let own = |state: State| self.spelled[state as usize];
        let fitting = STATES.iter().rev().filter(|&&s| self.may_stand(s, wanted));
        let text = own(wanted)
            .filter(|_| self.may_stand(wanted, wanted))
            .or_else(|| fitting.filter_map(|&s| own(s)).next());
        let default = match (self.meaning, wanted.is_refusal()) {
            (ColumnMeaning::OptOut, refused) => {
                if refused {
                    "true"
                } else {
                    "false"
                }
            }
            (ColumnMeaning::OptIn, refused) => {
                if refused {
                    "false"
                } else {
                    "true"
                }
            }
            (ColumnMeaning::Status, true) => "unsubscribed",
            (ColumnMeaning::Status, false) if wanted == State::OptedIn => "subscribed",
            (ColumnMeaning::Status, false) => "",
        };
        text.unwrap_or(default).to_string()
    }
}
