//! leadmend makes a lead database true.
pub mod blocking;
pub mod cluster;
pub mod compare;
pub mod evaluate;
pub mod matching;
pub mod merge;
pub mod normalize;
pub mod record;
pub mod score;
