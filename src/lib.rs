//! leadmend makes a lead database true.
pub mod blocking;
pub mod cluster;
pub mod compare;
pub mod config;
pub mod error;
pub mod evaluate;
pub mod matching;
pub mod merge;
pub mod normalize;
pub mod pipeline;
pub mod record;
pub mod report;
pub mod schema;
pub mod score;
pub mod source;
