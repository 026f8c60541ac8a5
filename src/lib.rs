//! leadmend makes a lead database true.
pub mod cluster;
pub mod normalize;
pub mod record;
pub mod score;
