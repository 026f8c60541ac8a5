//! What `audit --apply` does with rows that went into others.

use clap::ValueEnum;

/// What becomes of merged rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Losers {
    /// They stay, and a column names the row they went into
    Flag,
    /// They are deleted; the journal in the database keeps them
    Delete,
}

impl From<Losers> for leadmend::writeback::Losers {
    fn from(asked: Losers) -> Self {
        match asked {
            Losers::Flag => Self::Flag,
            Losers::Delete => Self::Delete,
        }
    }
}
