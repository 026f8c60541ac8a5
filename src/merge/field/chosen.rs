//! The reasons a merged cell can have.
//!
//! Why so many: a reader of the journal asks "why this city?", and "newest" and "the others were not
//! valid" are different answers.

/// Why a cell was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Chosen {
    /// The person has one record.
    #[default]
    OnlyRecord,
    /// No record has a value.
    Blank,
    /// Only one record has a value, or all that have one agree.
    Undisputed,
    /// The others are not valid.
    Validity,
    /// Updated last.
    Newest,
    /// As new as others; its record is more complete.
    Completeness,
    /// Created first.
    Oldest,
    /// The surviving record's.
    Survivor,
    /// Fills the surviving record's blank.
    BlankFill,
    /// The newest record's blank counts as cleared.
    Cleared,
    /// Most records agree on it.
    MostFrequent,
    /// The longest.
    Longest,
    /// Its record is the most complete.
    MostComplete,
    /// The largest or latest.
    Max,
    /// The smallest or earliest.
    Min,
    /// Added up.
    Sum,
    /// All items once.
    Union,
    /// The first in canonical order.
    FirstNonEmpty,
    /// Furthest along the stages.
    Furthest,
    /// Permits least.
    MostRestrictive,
    /// Disputed: listed for review.
    Review,
    /// Came along with its block.
    Block,
    /// Moved here from another column, so as not to be lost.
    Moved,
}

impl Chosen {
    /// The stable code written to files.
    pub fn code(self) -> &'static str {
        match self {
            Chosen::OnlyRecord => "only-record",
            Chosen::Blank => "blank",
            Chosen::Undisputed => "undisputed",
            Chosen::Validity => "validity",
            Chosen::Newest => "newest",
            Chosen::Completeness => "completeness",
            Chosen::Oldest => "oldest",
            Chosen::Survivor => "survivor",
            Chosen::BlankFill => "blank-fill",
            Chosen::Cleared => "cleared",
            Chosen::MostFrequent => "most-frequent",
            Chosen::Longest => "longest",
            Chosen::MostComplete => "most-complete",
            Chosen::Max => "max",
            Chosen::Min => "min",
            Chosen::Sum => "sum",
            Chosen::Union => "union",
            Chosen::FirstNonEmpty => "first-non-empty",
            Chosen::Furthest => "furthest",
            Chosen::MostRestrictive => "most-restrictive",
            Chosen::Review => "review",
            Chosen::Block => "block",
            Chosen::Moved => "moved",
        }
    }
}
